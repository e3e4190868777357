//! The choice of what to deploy to a service.

use crate::app::state::{ImageChoice, ImageSource, Overlay, State};
use crate::domain::{ImageReference, ServiceContainer, TaskDefinition, short};
use crate::operation::Draft;

/// The choice of what to deploy to a service, to the container of this name or else to the service's own.
pub(crate) fn image_choice(state: &State, service: &str, container: Option<&str>) -> ImageChoice {
    let choice = ImageChoice { service: service.to_owned(), ..ImageChoice::default() };
    match source(state, service, container) {
        Ok(source) => ImageChoice { source: Some(source), ..choice },
        Err(NoSource::Unclear(containers)) => ImageChoice { containers, ..choice },
        Err(NoSource::Problem(why)) => ImageChoice { problem: Some(why), ..choice },
    }
}

/// Why it is not known where a service's images come from.
enum NoSource {
    /// One of these containers has to be chosen.
    Unclear(Vec<String>),
    /// Why, as a sentence.
    Problem(String),
}

fn source(state: &State, service: &str, container: Option<&str>) -> Result<ImageSource, NoSource> {
    let problem = |why: String| NoSource::Problem(why);
    let party_box = &state.account.party_box;
    let node = party_box.service(service).ok_or_else(|| problem(format!("there is no service {service}")))?;
    let it = node.service();
    let arn = it.primary().map_or(it.task_definition.as_str(), |primary| primary.task_definition.as_str());
    let unread = || problem(format!("the task definition of {service} could not be read"));
    let definition = state.account.store.task_definition(arn).ok_or_else(unread)?;
    let name = match (container, ServiceContainer::of(it, Some(definition))) {
        (Some(name), _) => name.to_owned(),
        (None, ServiceContainer::Known { name, .. }) => name,
        (None, ServiceContainer::Unclear(names)) => return Err(NoSource::Unclear(names)),
        (None, ServiceContainer::Unread) => return Err(problem(format!("{} has no container", short(arn)))),
    };
    source_of(definition, &name, state_region(&it.arn)).map_err(problem)
}

/// The Region of an ARN: `arn:aws:ecs:REGION:...`.
fn state_region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// Where the images of a container of a task definition come from, or why they cannot be listed.
fn source_of(definition: &TaskDefinition, name: &str, region: &str) -> Result<ImageSource, String> {
    let found = definition.containers.iter().find(|c| c.name == name);
    let Some(container) = found else {
        let names: Vec<&str> = definition.containers.iter().map(|c| c.name.as_str()).collect();
        return Err(format!("{} has no container {name}, only {}", short(&definition.arn), names.join(", ")));
    };
    let image = ImageReference::parse(&container.image);
    let by_hand = "register a revision with the image that is wanted, and deploy that";
    let Some(ecr) = image.ecr else {
        return Err(format!("{name} runs {}, which is not in ECR: {by_hand}", container.image));
    };
    if !region.is_empty() && ecr.region != region {
        let place = &ecr.region;
        return Err(format!(
            "{name} runs {} of Region {place}, which is not asked: {by_hand}",
            image.repository
        ));
    }
    Ok(ImageSource {
        container: name.to_owned(),
        registry: ecr.account,
        reference: format!("{}/{}", image.host, image.repository),
        repository: image.repository,
        architecture: definition.architecture.clone(),
    })
}

impl State {
    /// The draft to deploy the image of a tag or digest, by the choice that is open. The error says why there
    /// is none.
    pub fn draft_of_image(&self, image: &str) -> Result<Draft, String> {
        let Overlay::Choose(choice) = &self.screen.overlay else {
            return Err("no image is being chosen".to_owned());
        };
        let ImageChoice { service, containers, problem, .. } = choice.as_ref();
        let Some(source) = &choice.source else {
            let several = format!(
                "which container of {service} is meant is not clear: name one with --container ({})",
                containers.join(", ")
            );
            return Err(problem.clone().unwrap_or(several));
        };
        let repository = &source.repository;
        let all = self.account.store.candidates(&source.registry, repository).unwrap_or_default();
        let digest = if image.starts_with("sha256:") {
            image.to_owned()
        } else {
            let tagged = all.iter().find(|c| c.tags.iter().any(|tag| tag == image));
            tagged.map(|c| c.digest.clone()).ok_or_else(|| {
                format!("{repository} has no image tagged {image} among its newest 20; name its digest")
            })?
        };
        Ok(deploy(service, source, &digest))
    }
}

/// The draft to deploy an image of a source.
pub(crate) fn deploy(service: &str, source: &ImageSource, digest: &str) -> Draft {
    Draft::Deploy {
        service: service.to_owned(),
        container: source.container.clone(),
        image: format!("{}@{digest}", source.reference),
    }
}

/// The row `by` rows away from the chosen one: its digest, or its container's name. `None` is the first row.
pub(crate) fn moved(state: &State, choice: &ImageChoice, by: isize) -> Option<String> {
    let rows: Vec<&str> = match choice.source {
        Some(_) => state.choices(choice).into_iter().map(|image| image.digest.as_str()).collect(),
        None => choice.containers.iter().map(String::as_str).collect(),
    };
    let at = choice.chosen.as_ref().and_then(|chosen| rows.iter().position(|row| row == chosen));
    let row = at.map_or(0, |at| at + 1).saturating_add_signed(by).min(rows.len());
    row.checked_sub(1).map(|at| rows[at].to_owned())
}
