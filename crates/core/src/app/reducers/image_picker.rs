//! The choice of what to deploy to a service.

use crate::app::state::{ImageChoice, ImageSource, State};
use crate::domain::EcrReference;

/// The choice of what to deploy to a service.
pub(crate) fn image_choice(state: &State, service: &str) -> ImageChoice {
    ImageChoice { service: service.to_owned(), source: source(state, service), chosen: None }
}

/// The first container with an ECR image, as the revision that runs now has it.
fn source(state: &State, service: &str) -> Option<ImageSource> {
    let node = state.account.party_box.service(service)?;
    let arn = &node.service().primary()?.task_definition;
    let definition = state.account.store.task_definition(arn)?;
    definition.containers.iter().find_map(|container| {
        let EcrReference { registry, repository, .. } = EcrReference::parse(&container.image)?;
        let host = container.image.split_once('/')?.0;
        let reference = format!("{host}/{repository}");
        Some(ImageSource { container: container.name.clone(), registry, repository, reference })
    })
}

/// The digest `by` rows away from the chosen one; `None` is the first row.
pub(crate) fn moved(state: &State, choice: &ImageChoice, by: isize) -> Option<String> {
    let images = state.choices(choice);
    let at = choice.chosen.as_ref().and_then(|d| images.iter().position(|c| c.digest == *d));
    let row = at.map_or(0, |at| at + 1).saturating_add_signed(by).min(images.len());
    row.checked_sub(1).map(|at| images[at].digest.clone())
}
