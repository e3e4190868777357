//! The timeline of an account: its steps, and its position.
use chrono::TimeDelta;

use super::Time;
use super::ecs::ImageFault;

/// The events of an account that no request causes, in order.
#[derive(Debug, Clone, Copy)]
pub struct Timeline {
    /// Seconds from the beginning to the first step.
    pub begins_after: i64,
    /// Taken one after the other, in the same second unless one waits.
    pub steps: &'static [Step],
    /// Whether it begins anew after the last step; then at least one step must wait.
    pub repeats: bool,
}

impl Timeline {
    /// Nothing happens by itself.
    pub const EMPTY: Self = Self { begins_after: 0, steps: &[], repeats: false };

    /// These steps, once.
    pub const fn once(begins_after: i64, steps: &'static [Step]) -> Self {
        Self { begins_after, steps, repeats: false }
    }
}

/// The part that a service plays in a timeline; the estate says which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one that is deployed and drilled.
    Main,
    /// Another one.
    Other,
}

/// One step of a timeline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// The next step comes after this many seconds.
    Wait(i64),
    /// The next step comes after a random number of seconds from the first to the second.
    WaitBetween(i64, i64),
    /// The next step comes when no service rolls; looks again every 30 s.
    AwaitNoRollout,
    /// The team's pipeline releases a service with such an image.
    Release {
        /// Which service.
        service: Role,
        /// What became of the image.
        image: ReleaseImage,
    },
    /// The same, unless a deployment of the service is already under way.
    ReleaseUnlessRolling {
        /// Which service.
        service: Role,
        /// What became of the image.
        image: ReleaseImage,
    },
    /// The load rises until a service gets this many requests a second.
    RaiseLoad {
        /// Which service.
        service: Role,
        /// Requests a second.
        requests: f64,
    },
    /// A colleague sets a service's desired count by hand.
    Scale {
        /// Which service.
        service: Role,
        /// Tasks wanted.
        desired_count: u32,
    },
    /// Fargate has no capacity for a while: the seconds are drawn from one of these spans.
    ExhaustCapacity {
        /// Each from and to, in seconds.
        spans: &'static [(i64, i64)],
    },
    /// The host of the Multi-AZ instance fails, and the instance fails over by itself.
    FailDatabaseHost,
    /// The account's first zone is lost.
    LoseZone,
}

/// The fault of a release's image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseImage {
    /// It is in the repository, with this wrong with it.
    Pushed(ImageFault),
    /// It was never pushed under the tag that the task definition names.
    Missing,
}

/// The position in a timeline.
#[derive(Debug, Clone)]
pub struct Script {
    /// What happens.
    pub timeline: Timeline,
    /// The place of the next step in it.
    pub position: usize,
    /// When the next step is due; `None` when nothing more happens.
    pub next_at: Option<Time>,
}

impl Script {
    /// A timeline at its beginning.
    pub fn new(timeline: Timeline, began: Time) -> Self {
        let due = !timeline.steps.is_empty();
        Self {
            timeline,
            position: 0,
            next_at: due.then(|| began + TimeDelta::seconds(timeline.begins_after)),
        }
    }

    /// The next step, and moves on behind it; `None` at the end, which a repeating timeline never reaches.
    pub(crate) fn next_step(&mut self) -> Option<Step> {
        if self.timeline.repeats && self.position >= self.timeline.steps.len() {
            self.position = 0;
        }
        let step = self.timeline.steps.get(self.position).copied()?;
        self.position += 1;
        Some(step)
    }
}
