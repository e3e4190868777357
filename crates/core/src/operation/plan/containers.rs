//! Checks of what plans about images need: which container it is, and whether its image can be pulled.

use super::{PlanContext, block, pass, warn};
use crate::domain::{
    ErrorKind, ImageId, ImageReference, PullBlock, Service, ServiceContainer, Store, TaskDefinition, Topic,
    short,
};
use crate::operation::Check;

/// Whether a container of a revision is the one that is meant by the service.
pub(super) fn is_the_services(
    service: &Service,
    definition: Option<&TaskDefinition>,
    revision: &str,
    name: &str,
) -> Check {
    let revision = short(revision);
    let Some(read) = definition else { return block(format!("{revision} was not read yet")) };
    if !read.containers.iter().any(|c| c.name == name) {
        let all: Vec<&str> = read.containers.iter().map(|c| c.name.as_str()).collect();
        return block(format!("{revision} has no container {name}, only {}", all.join(", ")));
    }
    match ServiceContainer::of(service, definition) {
        ServiceContainer::Known { name: own, why } if own == name => {
            pass(format!("container {name}: {}", why.words()))
        }
        ServiceContainer::Known { name: own, why } => {
            warn(format!("{name} is chosen, and the service's container is {own}: {}", why.words()))
        }
        ServiceContainer::Unclear(names) => pass(format!("container {name}: chosen of {}", names.join(", "))),
        ServiceContainer::Unread => pass(format!("{revision} has a container {name}")),
    }
}

/// The images in ECR that a revision of a service ran, as far as its records name their digests.
pub fn images_of_revision(store: &Store, service: &str, task_definition: &str) -> Vec<ImageId> {
    let records = store.deployments(service).unwrap_or_default();
    let ran = records
        .iter()
        .filter_map(|record| store.revision(service, &record.target.as_ref()?.arn))
        .find(|revision| revision.task_definition == task_definition);
    let images = ran.map(|revision| revision.images.as_slice()).unwrap_or_default();
    let region = service_region(task_definition);
    let in_ecr = images.iter().filter_map(|image| {
        let ImageReference { repository, ecr, digest, .. } = ImageReference::parse(&image.reference);
        let ecr = ecr.filter(|ecr| region.is_empty() || ecr.region == region)?;
        let digest = image.digest.clone().or(digest)?;
        Some(ImageId { registry: ecr.account, repository, digest })
    });
    in_ecr.collect()
}

/// The Region of an ARN: `arn:aws:ecs:REGION:...`.
fn service_region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// Whether the images of a revision to go back to can still be pulled. Nothing where no record names them.
pub(super) fn can_be_pulled(ctx: PlanContext<'_>, service: &str, to: &str) -> Vec<Check> {
    let checked = images_of_revision(ctx.store, service, to).into_iter().map(|id| {
        let name = format!("the image {} {}", id.repository, id.digest.get(7..19).unwrap_or(&id.digest));
        if let Some(image) = ctx.store.image(&id) {
            return match image.pull_block() {
                Some(why) => block(format!("{name} is {}", why.words())),
                None => pass(format!("{name} is in its repository")),
            };
        }
        match ctx.store.failure(&Topic::Image(id)).map(|failure| &failure.error) {
            Some(error) if error.kind == ErrorKind::NotFound => {
                block(format!("{name} is {}", PullBlock::Gone.words()))
            }
            Some(error) => warn(format!("whether {name} can be pulled is not known: {}", error.message)),
            None => warn(format!("whether {name} can be pulled was not read yet")),
        }
    });
    checked.collect()
}
