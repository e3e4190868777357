//! A deployment whose image was never pushed.
use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "bad-image",
    summary: "the new image cannot be pulled; the circuit breaker rolls back",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(20, &[Step::Release { service: Role::Main, image: ReleaseImage::Missing }]),
};
