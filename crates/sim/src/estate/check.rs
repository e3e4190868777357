//! Whether an estate makes sense: names that refer to something, and what AWS would refuse.
use std::collections::BTreeSet;

use super::Estate;
use super::error::{Wrong, nearest};
use super::parts::{BalancerKind, ControllerPart, LaunchPart, ModePart, Name, To};

type Checked = Result<(), Wrong>;

fn wrong(name: Option<&Name>, what: String) -> Wrong {
    Wrong { span: name.map(toml::Spanned::span), what }
}

/// A name must be one of these.
fn known<'a>(what: &str, name: &Name, all: impl Iterator<Item = &'a str> + Clone) -> Checked {
    if all.clone().any(|each| each == name.get_ref()) {
        return Ok(());
    }
    let help = match nearest(name.get_ref(), all.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", all.collect::<Vec<_>>().join(", ")),
    };
    Err(wrong(Some(name), format!("no {what} is called `{}`: {help}", name.get_ref())))
}

/// No two things of a kind share a name.
fn different<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Checked {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(wrong(None, format!("two {what}s are called `{name}`")));
        }
    }
    Ok(())
}

/// Checks everything that the types do not.
pub(super) fn check(estate: &Estate) -> Checked {
    for letter in &estate.zones {
        if !["a", "c", "d"].contains(&letter.as_str()) {
            return Err(wrong(None, format!("`zones` are a, c and d here, not `{letter}`")));
        }
    }
    if estate.zones.is_empty() || estate.cluster.is_empty() || estate.service.is_empty() {
        return Err(wrong(
            None,
            "an estate has at least one zone, one [[cluster]] and one [[service]]".to_owned(),
        ));
    }
    different("group", estate.group.iter().map(|each| each.name.as_str()))?;
    different("target-group", estate.target_group.iter().map(|each| each.name.as_str()))?;
    different("cluster", estate.cluster.iter().map(|each| each.name.as_str()))?;
    different("database", estate.database.iter().map(|each| each.name.as_str()))?;
    network(estate)?;
    edge(estate)?;
    services(estate)?;
    rest(estate)
}

fn groups(estate: &Estate, names: &[Name]) -> Checked {
    let all = estate.group.iter().map(|each| each.name.as_str());
    names.iter().try_for_each(|name| known("[[group]]", name, all.clone()))
}

fn zones(estate: &Estate, names: &[Name]) -> Checked {
    let all = estate.zones.iter().map(String::as_str);
    names.iter().try_for_each(|name| known("zone of `zones`", name, all.clone()))
}

fn network(estate: &Estate) -> Checked {
    for subnet in &estate.network.subnet {
        zones(estate, std::slice::from_ref(&subnet.zone))?;
    }
    groups(estate, &estate.network.endpoint_groups)?;
    for admit in estate.group.iter().flat_map(|each| &each.ingress) {
        let from = admit.from.get_ref();
        if from != "anywhere" && !from.contains('/') && !from.starts_with("pl-") {
            groups(estate, std::slice::from_ref(&admit.from))?;
        }
    }
    Ok(())
}

fn edge(estate: &Estate) -> Checked {
    let targets = estate.target_group.iter().map(|each| each.name.as_str());
    let to = |to: &toml::Spanned<To>| match to.get_ref() {
        To::One(name) if name == "redirect-https" => Ok(()),
        To::One(name) => {
            known("[[target-group]]", &toml::Spanned::new(to.span(), name.clone()), targets.clone())
        }
        To::Status(_) => Ok(()),
        To::Split(shares) => match shares.keys().find(|name| !targets.clone().any(|each| each == *name)) {
            Some(name) => {
                Err(Wrong { span: Some(to.span()), what: format!("no [[target-group]] is called `{name}`") })
            }
            None => Ok(()),
        },
    };
    let certificates = estate.certificate.iter().map(|each| each.name.as_str());
    for balancer in &estate.load_balancer {
        groups(estate, &balancer.groups)?;
        zones(estate, &balancer.zones)?;
        for listener in &balancer.listener {
            let secure = matches!(listener.protocol.as_str(), "HTTPS" | "TLS");
            if secure && estate.certificate.is_empty() {
                return Err(wrong(None, format!("port {} is secure: add a [[certificate]]", listener.port)));
            }
            let network = balancer.kind == BalancerKind::Network;
            if network != matches!(listener.protocol.as_str(), "TCP" | "TLS") {
                return Err(wrong(
                    None,
                    format!("`{}` cannot listen on {}", balancer.name, listener.protocol.as_str()),
                ));
            }
            listener
                .certificate
                .iter()
                .try_for_each(|it| known("[[certificate]]", it, certificates.clone()))?;
            to(&listener.to)?;
            listener.rule.iter().try_for_each(|rule| to(&rule.to))?;
        }
    }
    Ok(())
}

fn services(estate: &Estate) -> Checked {
    let clusters = estate.cluster.iter().map(|each| each.name.as_str());
    let targets = estate.target_group.iter().map(|each| each.name.as_str());
    let databases = estate.database.iter().map(|each| each.name.as_str());
    let repositories = estate.repository.iter().map(|each| each.name.as_str());
    let secrets = estate.secret.iter().map(|each| each.name.as_str());
    for instance in &estate.instance {
        known("[[cluster]]", &instance.cluster, clusters.clone())?;
    }
    for service in &estate.service {
        let refuse = |why: &str| Err(wrong(None, format!("service `{}`: {why}", service.name)));
        service.cluster.iter().try_for_each(|it| known("[[cluster]]", it, clusters.clone()))?;
        service.target_groups.iter().try_for_each(|it| known("[[target-group]]", it, targets.clone()))?;
        service.database.iter().try_for_each(|it| known("[[database]]", it, databases.clone()))?;
        groups(estate, &service.groups)?;
        zones(estate, &service.zones)?;
        let shares =
            service.providers.keys().find(|name| !["FARGATE", "FARGATE_SPOT"].contains(&name.as_str()));
        if let Some(name) = shares {
            return refuse(&format!("`providers` are FARGATE and FARGATE_SPOT here, not `{name}`"));
        }
        let instances = service.launch == LaunchPart::Ec2;
        if instances && estate.instance.is_empty() {
            return refuse("launch type EC2 needs an [[instance]]");
        }
        if !instances && (service.daemon || service.network_mode != ModePart::Awsvpc) {
            return refuse("DAEMON and the modes bridge and host need launch = \"ec2\"");
        }
        let awsvpc = service.network_mode == ModePart::Awsvpc;
        for name in &service.target_groups {
            let group = estate.target_group.iter().find(|each| each.name == *name.get_ref());
            if group.is_some_and(|group| group.instances == awsvpc) {
                let kind = if awsvpc { "addresses, not instances" } else { "instances: instances = true" };
                return Err(wrong(Some(name), format!("a target group of `{}` has {kind}", service.name)));
            }
        }
        if service.deploy.controller == ControllerPart::CodeDeploy && service.target_groups.is_empty() {
            return refuse("CodeDeploy shifts traffic: it needs a target group");
        }
        for container in &service.container {
            container
                .repository
                .iter()
                .try_for_each(|it| known("[[repository]]", it, repositories.clone()))?;
            let beside = service.container.iter().map(|each| each.name.as_str());
            container.after.iter().try_for_each(|it| known("container", it, beside.clone()))?;
            for from in container.secrets.values() {
                let name = from.get_ref().split(':').next().unwrap_or_default().to_owned();
                known("[[secret]]", &toml::Spanned::new(from.span(), name), secrets.clone())?;
            }
        }
    }
    Ok(())
}

fn rest(estate: &Estate) -> Checked {
    estate.database.iter().try_for_each(|each| groups(estate, &each.groups))?;
    let databases = estate.database.iter().map(|each| each.name.as_str());
    let secrets = estate.secret.iter().map(|each| each.name.as_str());
    for proxy in &estate.proxy {
        groups(estate, &proxy.groups)?;
        known("[[database]]", &proxy.database, databases.clone())?;
        known("[[secret]]", &proxy.secret, secrets.clone())?;
    }
    for alarm in &estate.alarm {
        let (kind, name) = alarm.of.get_ref().split_once('/').unwrap_or_default();
        let all: Vec<&str> = match kind {
            "service" => estate.service.iter().map(|each| each.name.as_str()).collect(),
            "load-balancer" => estate.load_balancer.iter().map(|each| each.name.as_str()).collect(),
            "target-group" => estate.target_group.iter().map(|each| each.name.as_str()).collect(),
            "database" => databases.clone().collect(),
            "elsewhere" => continue,
            _ => {
                let what =
                    "`of` is service/, load-balancer/, target-group/, database/ or elsewhere/ and a name";
                return Err(wrong(Some(&alarm.of), what.to_owned()));
            }
        };
        known(kind, &toml::Spanned::new(alarm.of.span(), name.to_owned()), all.into_iter())?;
    }
    Ok(())
}
