//! A deployment that a colleague's deployment supersedes.
use super::Definition;
use crate::world::ecs::ImageFault;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "superseded",
    summary: "a colleague's deployment takes over half a minute after the first",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(
        20,
        &[
            Step::ReleaseUnlessRolling { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) },
            Step::WaitBetween(25, 45),
            Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) },
        ],
    ),
};
