//! A blue/green deployment that waits for somebody to continue it.
use super::Definition;
use crate::world::ecs::{ImageFault, Strategy};
use crate::world::rules::{RolloutRules, Rules};
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "blue-green",
    summary: "a blue/green deployment pauses until you continue it or roll it back",
    rules: Rules {
        rollout: RolloutRules {
            strategy: Strategy::BlueGreen,
            steps: None,
            bake_minutes: 5,
            pause_minutes: Some(15),
        },
        ..Rules::DEFAULT
    },
    timeline: Timeline::once(
        20,
        &[Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) }],
    ),
};
