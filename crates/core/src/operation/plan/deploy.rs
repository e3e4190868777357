//! The plan to deploy another image: a copy of the task definition, with the image pinned by digest.

use super::{
    PlanContext, age, blank, block, common, containers, node, pass, refused, replaceable, replaced,
    rollout_checks, warn,
};
use crate::diagnosis::{format_span, plural};
use crate::domain::{EcrImage, FieldChange, ImageReference, Scan, Topic, short};
use crate::operation::{Action, Check, Plan};

/// A plan to deploy an image to a container of a service. `image` is pinned:
/// `<registry>/<repository>@sha256:...`.
pub fn deploy(ctx: PlanContext<'_>, service: &str, container: &str, image: &str) -> Result<Plan, String> {
    let it = node(ctx, service)?.service();
    let (primary, from) = replaceable(it)?;
    let action = Action::Deploy {
        cluster: ctx.cluster.into(),
        service: service.into(),
        primary: primary.clone(),
        from: from.clone(),
        container: container.into(),
        image: image.into(),
    };
    if let Some(why) = it.deployed_elsewhere() {
        return Ok(refused(ctx, it, format!("Deploy to {service}"), action, why));
    }
    let ImageReference { repository, digest, ecr, .. } = ImageReference::parse(image);
    let digest = digest.ok_or_else(|| format!("{image} is not pinned by its digest"))?;
    let registry = ecr.ok_or_else(|| format!("{image} is not in an ECR repository"))?.account;
    let topic = Topic::Candidates(registry.clone(), repository.clone());
    let candidates = ctx.store.candidates(&registry, &repository).unwrap_or_default();
    let candidate = candidates.iter().find(|c| c.digest == digest);
    let mut plan = blank(ctx, it, format!("Deploy to {service}"), action);
    plan.checks = common(ctx, &Topic::Services, "ecs:UpdateService");
    let definition = ctx.store.task_definition(&from);
    let present = definition.and_then(|d| d.containers.iter().find(|c| c.name == container));
    plan.checks.push(containers::is_the_services(it, definition, &from, container));
    plan.checks.extend(rollout_checks(ctx, it));
    if let Some(why) = candidate.and_then(EcrImage::pull_block) {
        plan.checks.push(block(format!("this image is {}{}", why.words(), age(ctx, &topic))));
    }
    plan.checks.push(scanned(ctx, candidate, &age(ctx, &topic)));
    let of_container = |i: &&crate::domain::ImageNode| i.containers.contains(container);
    let runs = ctx.party_box.images_of(service).filter(of_container).find(|i| i.id.repository == repository);
    if runs.is_some_and(|i| i.id.digest == digest) {
        plan.checks.push(warn("this digest runs already: the rollout changes nothing but the tasks"));
    }
    let tags = candidate.map(|c| c.tags.join(", ")).filter(|t| !t.is_empty());
    let named = |tag: Option<&str>, digest: &str| {
        format!("{} {}", tag.unwrap_or("untagged"), digest.get(7..19).unwrap_or(digest))
    };
    let before = runs.map_or_else(
        || present.map_or("unknown".to_owned(), |c| short(&c.image).to_owned()),
        |i| named(i.tag.as_deref(), &i.id.digest),
    );
    plan.changes = vec![
        FieldChange::new(format!("image of {container}"), before, named(tags.as_deref(), &digest)),
        FieldChange::new("revision", short(&from), "a copy of it with this image alone changed"),
        FieldChange::new("deployment", primary, "a new one"),
    ];
    plan.request = format!(
        "ecs:RegisterTaskDefinition family={} containerDefinitions[{container}].image={image}, all else copied; \
         then ecs:UpdateService cluster={} service={service} taskDefinition=<the new revision>",
        short(&from).split(':').next().unwrap_or_default(),
        ctx.cluster
    );
    plan.consequences = vec![replaced(it), format!("the way back is {}: b", short(&from))];
    Ok(plan)
}

/// What the image's scan says.
fn scanned(ctx: PlanContext<'_>, candidate: Option<&EcrImage>, age: &str) -> Check {
    let Some(candidate) = candidate else {
        return warn(format!("this digest is not among the images that were read{age}"));
    };
    let scan = &candidate.scan;
    match scan {
        Scan::Never => warn(format!("this digest was never scanned{age}")),
        Scan::Unreadable(why) => warn(format!("its scan cannot be read: {why}{age}")),
        Scan::Index(why) => warn(format!("it is an index: its images are scanned, not it, and {why}{age}")),
        Scan::NotAsked(why) => warn(format!("its scan is not looked up: {why}{age}")),
        Scan::Done { status, at, .. } => {
            let (critical, high) = (scan.count("CRITICAL"), scan.count("HIGH"));
            let when =
                at.map(|at| format!(", scanned {} ago", format_span(ctx.now - at))).unwrap_or_default();
            let open = if scan.is_complete() { String::new() } else { format!("; it is {status}") };
            if critical > 0 {
                let findings = plural(critical as usize, "critical finding");
                warn(format!("its scan has {findings}, {high} high{when}{open}{age}"))
            } else if scan.is_complete() {
                pass(format!("its scan has no critical finding, {high} high{when}{age}"))
            } else {
                warn(format!("its scan is {status}: what it has is not known{age}"))
            }
        }
    }
}
