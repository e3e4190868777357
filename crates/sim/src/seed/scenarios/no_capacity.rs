//! A deployment for which Fargate has no capacity, for a while or for too long.
use super::Definition;
use crate::world::ecs::ImageFault;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "no-capacity",
    summary: "Fargate has no room for new tasks: for a minute, or for too long",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(
        20,
        &[
            // Either is over soon, or lasts longer than the circuit breaker waits.
            Step::ExhaustCapacity { spans: &[(50, 75), (240, 420)] },
            Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) },
        ],
    ),
};
