//! A rolling deployment of `backend` begins after some seconds, and others follow.
use super::Definition;
use crate::world::ecs::ImageFault;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "deploy",
    summary: "a rolling deployment starts after 20 s; more follow every few minutes",
    rules: Rules::DEFAULT,
    timeline: Timeline {
        begins_after: 20,
        steps: &[
            Step::AwaitNoRollout,
            Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) },
            Step::WaitBetween(360, 480),
            Step::AwaitNoRollout,
            Step::Release { service: Role::Other, image: ReleaseImage::Pushed(ImageFault::None) },
            Step::WaitBetween(360, 480),
        ],
        repeats: true,
    },
};
