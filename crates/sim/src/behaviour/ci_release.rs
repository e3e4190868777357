//! The releases of a team's CI pipeline.
use chrono::TimeDelta;

use super::ecs::release_definition;
use crate::world::World;
use crate::world::ecr::Image;
use crate::world::script::{ReleaseImage, Role};

/// Pushes an image, registers a revision with it and deploys the service that plays this part.
pub(crate) fn release_service(world: &mut World, role: Role, image: ReleaseImage) {
    let now = world.now;
    let Some(service_id) = world.roles.player(role) else { return };
    let current = world.service(service_id).task_definition.clone();
    let Some(family) = world.ecs.task_definition(&current).map(|it| it.family.clone()) else { return };
    let Some(mut definition) = world.ecs.task_definition(&family).cloned() else { return };
    definition.revision += 1;
    definition.arn = world.account.arn("ecs", &format!("task-definition/{family}:{}", definition.revision));
    definition.registered_at = now;
    let tag = format!("1.{}.0", definition.revision);
    let digest = format!("sha256:{}", world.rng.hex(64));
    let Some(repository) = world.ecr.repository_of(&definition.container.image) else { return };
    definition.set_image(format!("{}:{tag}", repository.uri));
    let newest = repository.images.iter().rev().find(|each| !each.tags.is_empty());
    let (size_bytes, findings) = newest.map(|it| (it.size_bytes, it.findings.clone())).unwrap_or_default();
    let scanned_at = repository.scan_on_push.then(|| now - TimeDelta::seconds(40));
    if let ReleaseImage::Pushed(fault) = image {
        repository.images.push(Image {
            digest,
            tags: vec![tag],
            pushed_at: now - TimeDelta::seconds(75),
            last_pulled_at: None,
            size_bytes: size_bytes + 318_204,
            scanned_at,
            findings,
            fault,
            ..Image::default()
        });
    }
    let arn = definition.arn.clone();
    world.ecs.task_definitions.push(definition);
    release_definition(world, service_id, &arn);
}
