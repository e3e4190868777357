//! Secrets: rotations come to their end.
use chrono::TimeDelta;

use crate::world::World;

/// Advances every secret by one second: the pending version of a finished rotation is the current one then, and
/// the one before it the previous one.
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    for secret in world.secrets.iter_mut().filter(|each| each.rotates_at.is_some_and(|at| at <= now)) {
        secret.rotates_at = None;
        secret.versions.retain(|(_, stages)| *stages != ["AWSPREVIOUS"]);
        for (_, stages) in &mut secret.versions {
            *stages = match stages.first() {
                Some(&"AWSCURRENT") => vec!["AWSPREVIOUS"],
                Some(&"AWSPENDING") => vec!["AWSCURRENT", "AWSPENDING"],
                _ => stages.clone(),
            };
        }
        secret.last_rotated = now;
        secret.last_changed = now;
        secret.next_rotation = now + TimeDelta::days(i64::from(secret.rotation_days));
    }
}
