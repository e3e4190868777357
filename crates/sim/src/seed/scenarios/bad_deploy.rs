//! A deployment whose tasks fail their health check; the circuit breaker rolls it back.
use super::Definition;
use crate::world::ecs::ImageFault;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "bad-deploy",
    summary: "new tasks fail their health check; the circuit breaker rolls them back",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(
        20,
        &[Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::Unhealthy) }],
    ),
};
