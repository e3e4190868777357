//! The releases of a team's CI pipeline.
use chrono::TimeDelta;

use super::ecs::update_service::{ServiceChange, update_service};
use crate::world::World;
use crate::world::ecr::Image;
use crate::world::script::ReleaseImage;

/// Pushes an image, registers a revision with it and updates the service.
pub(crate) fn release_service(world: &mut World, service: &str, image: ReleaseImage) {
    let now = world.now;
    let family = format!("party-box-{service}");
    let Some(mut definition) = world.ecs.task_definition(&family).cloned() else { return };
    definition.revision += 1;
    definition.arn = world.account.arn("ecs", &format!("task-definition/{family}:{}", definition.revision));
    definition.registered_at = now;
    let tag = format!("1.{}.0", definition.revision);
    let digest = format!("sha256:{}", world.rng.hex(64));
    let Some(repository) =
        world.ecr.repositories.iter_mut().find(|each| each.name == format!("party-box/{service}"))
    else {
        return;
    };
    definition.container.image = format!("{}:{tag}", repository.uri);
    let newest = repository.images.iter().rev().find(|each| !each.tags.is_empty());
    let (size_bytes, findings) = newest.map(|it| (it.size_bytes, it.findings.clone())).unwrap_or_default();
    if let ReleaseImage::Pushed(fault) = image {
        repository.images.push(Image {
            digest,
            tags: vec![tag],
            pushed_at: now - TimeDelta::seconds(75),
            last_pulled_at: None,
            size_bytes: size_bytes + 318_204,
            scanned_at: Some(now - TimeDelta::seconds(40)),
            findings,
            fault,
        });
    }
    let change = ServiceChange { task_definition: Some(definition.arn.clone()), ..ServiceChange::default() };
    world.ecs.task_definitions.push(definition);
    update_in_any_cluster(world, service, &change);
}

/// Updates the service of this name, in whichever cluster it is.
pub(crate) fn update_in_any_cluster(world: &mut World, service: &str, change: &ServiceChange) {
    let clusters: Vec<String> = world.ecs.clusters.iter().map(|cluster| cluster.arn.clone()).collect();
    for cluster in clusters {
        // A cluster that has no such service refuses, which changes nothing.
        if update_service(world, &cluster, service, change).is_ok() {
            return;
        }
    }
}
