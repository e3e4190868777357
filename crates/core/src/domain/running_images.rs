//! The images that run, whatever registry they are from.

use super::{
    EcrRegistry, ErrorKind, ImageId, ImageReference, PullBlock, Scan, ServiceNode, Store, Task, Topic,
    is_injected,
};
use std::collections::{BTreeMap, BTreeSet};

/// A running image.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImageNode {
    /// Registry (an account of ECR, else its host), repository, digest. The digest is empty where ECS tells none.
    pub id: ImageId,
    /// The registry's host, as the task definition has it.
    pub host: String,
    /// Whose ECR it is in, and where; `None` for another registry.
    pub ecr: Option<EcrRegistry>,
    /// Tag under which the task definition names it.
    pub tag: Option<String>,
    /// Names of the containers that run it.
    pub containers: BTreeSet<String>,
    /// CPU architecture that it runs on, when ECS tells it.
    pub architecture: Option<String>,
    /// Services that run it, and how many of their tasks do.
    pub used_by: BTreeMap<String, u32>,
    /// Its scan, when read; why there is none, when none will be.
    pub scan: Option<Scan>,
    /// Whether AWS put its container into the tasks.
    pub injected: bool,
    /// Why a task that needs it would not start now, if that is so.
    pub pull_block: Option<PullBlock>,
}

impl ImageNode {
    /// Whether ECR is asked for it.
    pub fn is_asked(&self) -> bool {
        !matches!(self.scan, Some(Scan::NotAsked(_)))
    }

    /// Its repository, with the registry where that is not this Region's ECR.
    pub fn place(&self) -> String {
        match &self.ecr {
            Some(_) if self.is_asked() => self.id.repository.clone(),
            _ => format!("{}/{}", self.host, self.id.repository),
        }
    }

    /// Its place and tag, e.g. `party-box/backend:v1`.
    pub fn name(&self) -> String {
        match &self.tag {
            Some(tag) => format!("{}:{tag}", self.place()),
            None => self.place(),
        }
    }
}

/// An image that containers of a service run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunningImage {
    reference: ImageReference,
    digest: String,
    names: BTreeSet<String>,
    architecture: Option<String>,
    /// AWS put its container in at run time.
    injected: bool,
    /// How many containers run it.
    containers: u32,
}

/// The distinct images of the tasks that are not stopped. A container that has ended, as one that others wait
/// for does, runs nothing.
pub(super) fn running_images(store: &Store, tasks: &[Task]) -> Vec<RunningImage> {
    let mut seen: BTreeMap<(&str, &str), RunningImage> = BTreeMap::new();
    for task in tasks.iter().filter(|task| !task.is_over()) {
        let definition = store.task_definition(&task.task_definition);
        for container in task.containers.iter().filter(|c| c.last_status != "STOPPED" && !c.image.is_empty())
        {
            let reference = ImageReference::parse(&container.image);
            let digest = container.digest.clone().or(reference.digest.clone()).unwrap_or_default();
            let key = (container.image.as_str(), container.digest.as_deref().unwrap_or_default());
            let defined = definition.is_some_and(|d| d.containers.iter().any(|c| c.name == container.name));
            let image = seen.entry(key).or_insert_with(|| RunningImage {
                reference,
                digest,
                names: BTreeSet::new(),
                architecture: task.architecture.clone().or_else(|| definition?.architecture.clone()),
                injected: !defined && is_injected(&container.name),
                containers: 0,
            });
            image.containers += 1;
            if !image.names.contains(&container.name) {
                image.names.insert(container.name.clone());
            }
        }
    }
    seen.into_values().collect()
}

/// Joins the images of all services with what ECR tells of them.
pub(super) fn join_images(store: &Store, services: &[ServiceNode]) -> Vec<ImageNode> {
    // The Region of an ARN: `arn:aws:ecs:REGION:...`.
    let region = services.iter().find_map(|n| n.service().arn.split(':').nth(3)).unwrap_or_default();
    let mut nodes: BTreeMap<(ImageId, Option<String>, Option<String>), ImageNode> = BTreeMap::new();
    for node in services {
        for image in &node.images {
            let ImageReference { host, repository, tag, ecr, .. } = &image.reference;
            let registry = ecr.as_ref().map_or(host, |it| &it.account).clone();
            let id = ImageId { registry, repository: repository.clone(), digest: image.digest.clone() };
            let elsewhere = ecr.as_ref().map(|it| it.region.clone()).filter(|it| it != region);
            let named = tag.clone().filter(|_| image.digest.is_empty());
            let entry = nodes
                .entry((id.clone(), elsewhere, named))
                .or_insert_with(|| joined(store, region, image, id));
            entry.containers.extend(image.names.iter().cloned());
            *entry.used_by.entry(node.service().name.clone()).or_default() += image.containers;
        }
    }
    nodes.into_values().collect()
}

fn joined(store: &Store, region: &str, image: &RunningImage, id: ImageId) -> ImageNode {
    let ImageReference { host, tag, ecr, .. } = image.reference.clone();
    let (architecture, injected) = (image.architecture.clone(), image.injected);
    let mut node = ImageNode { id, host, ecr, tag, architecture, injected, ..ImageNode::default() };
    let not_asked = match &node.ecr {
        None => Some(format!("{} is not ECR", node.host)),
        Some(_) if image.injected => Some("AWS puts its container in at run time".to_owned()),
        Some(ecr) if !region.is_empty() && ecr.region != region => {
            Some(format!("it is in Region {}", ecr.region))
        }
        Some(_) if node.id.digest.is_empty() => Some("ECS tells no digest".to_owned()),
        Some(_) => None,
    };
    if let Some(why) = not_asked {
        node.scan = Some(Scan::NotAsked(why));
        return node;
    }
    if let Some(read) = store.image(&node.id) {
        node.scan = Some(read.scan.clone());
        node.pull_block = read.pull_block();
    }
    if let Some(failure) = store.failure(&Topic::Image(node.id.clone())) {
        if failure.error.kind == ErrorKind::NotFound {
            node.pull_block = Some(PullBlock::Gone);
        }
        // The last good reading stays, with its age; without one there will be no scan.
        node.scan = node.scan.or_else(|| Some(Scan::Unreadable(failure.error.message.clone())));
    }
    node
}
