//! A deployment that shifts a tenth of the traffic first.
use super::Definition;
use crate::world::ecs::{ImageFault, Steps, Strategy};
use crate::world::rules::{RolloutRules, Rules};
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "canary",
    summary: "a deployment shifts a tenth of the traffic, and the rest 4 minutes later",
    rules: Rules {
        rollout: RolloutRules {
            strategy: Strategy::Canary,
            steps: Some(Steps { percent: 10, bake_minutes: 4 }),
            bake_minutes: 2,
            pause_minutes: None,
        },
        ..Rules::DEFAULT
    },
    timeline: Timeline::once(
        20,
        &[Step::Release { service: Role::Main, image: ReleaseImage::Pushed(ImageFault::None) }],
    ),
};
