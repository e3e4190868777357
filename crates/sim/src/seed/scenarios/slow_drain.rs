//! A deployment whose old tasks drain for five minutes, with their players' sockets open.
use super::Definition;
use crate::world::ecs::ImageFault;
use crate::world::rules::Rules;
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "slow-drain",
    summary: "a deployment whose old tasks drain for 300 s, WebSockets open",
    rules: Rules { drain_seconds: Some(300), sockets_linger: true, waits_for_drain: true, ..Rules::DEFAULT },
    timeline: Timeline::once(
        20,
        &[Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) }],
    ),
};
