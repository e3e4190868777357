//! The plan to force a new deployment: the same task definition, its tags resolved again.

use super::{PlanContext, account, block, common, node, refused, replaceable, replaced, rollout_checks};
use crate::domain::{FieldChange, Topic, short};
use crate::operation::{Action, Confirm, Plan};

/// A plan to force a new deployment of a service.
pub fn redeploy(ctx: PlanContext<'_>, service: &str) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let it = node.service();
    let (primary, definition) = replaceable(it)?;
    let action =
        Action::Redeploy { cluster: ctx.cluster.into(), service: service.into(), primary: primary.clone() };
    if let Some(why) = it.deployed_elsewhere() {
        return Ok(refused(ctx, it, format!("Redeploy {service}"), action, why));
    }
    let mut checks = common(ctx, &Topic::Services, "ecs:UpdateService");
    checks.extend(rollout_checks(ctx, it));
    let revision = short(&definition).to_owned();
    let images: Vec<_> = ctx.party_box.images_of(service).collect();
    for image in images.iter().filter(|image| !image.injected) {
        if let Some(why) = image.pull_block {
            checks.push(block(format!("the image {} is {}", image.name(), why.words())));
        }
    }
    // Of several containers' images, the one of the container that serves.
    let own = node.container.name();
    let image = match own {
        Some(name) => images.iter().find(|image| image.containers.contains(name)),
        None => images.first().filter(|_| images.len() == 1),
    };
    let image = image.map_or("image unknown".to_owned(), |i| {
        format!(
            "{} {}",
            i.tag.as_deref().unwrap_or("untagged"),
            i.id.digest.get(7..19).unwrap_or(&i.id.digest)
        )
    });
    Ok(Plan {
        title: format!("Redeploy {service}"),
        account: account(ctx),
        region: ctx.region.to_owned(),
        resource: it.arn.clone(),
        changes: vec![
            FieldChange::new("deployment", primary, "a new one"),
            FieldChange::new("revision", revision.clone(), format!("{revision} (unchanged)")),
            FieldChange::new("image", image, "its tag, resolved anew"),
        ],
        request: format!(
            "ecs:UpdateService cluster={} service={service} forceNewDeployment=true",
            ctx.cluster
        ),
        consequences: vec![
            replaced(it),
            "its way back is another image: the task definition stays the same".to_owned(),
        ],
        checks,
        confirm: Confirm::Yes,
        action,
    })
}
