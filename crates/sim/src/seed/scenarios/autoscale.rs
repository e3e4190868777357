//! The load rises, and target tracking undoes what is scaled by hand.
use super::Definition;
use crate::world::rules::Rules;
use crate::world::script::{Role, Step, Timeline};

pub(super) const SCENARIO: Definition = Definition {
    name: "autoscale",
    summary: "the load rises; target tracking undoes a scale by hand",
    rules: Rules::DEFAULT,
    timeline: Timeline::once(
        20,
        &[
            // Four tasks' work: target tracking doubles the service.
            Step::RaiseLoad { service: Role::Main, requests: 140.0 },
            Step::Wait(600),
            // A colleague scales in against it.
            Step::Scale { service: Role::Main, desired_count: 2 },
        ],
    ),
};
