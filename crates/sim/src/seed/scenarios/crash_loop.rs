//! A deployment whose containers exit some seconds after their start.
use super::Definition;
use crate::world::ecs::ImageFault;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "crash-loop",
    summary: "new containers exit with 1 and say why in their logs; rolled back",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(
        20,
        &[Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::Crashes) }],
    ),
};
