//! A deployment that shifts the traffic in equal steps.
use super::Definition;
use crate::world::ecs::{ImageFault, Steps, Strategy};
use crate::world::rules::{RolloutRules, Rules};
use crate::world::script::{ReleaseImage, Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "linear",
    summary: "a deployment shifts the traffic by a quarter each minute",
    rules: Rules {
        rollout: RolloutRules {
            strategy: Strategy::Linear,
            steps: Some(Steps { percent: 25, bake_minutes: 1 }),
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
