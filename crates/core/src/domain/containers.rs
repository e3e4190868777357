//! Which of a service's containers is meant when one speaks of the service: the one that serves its requests.

use super::{Container, ContainerDefinition, Service, Task, TaskDefinition};
use serde::{Deserialize, Serialize};

/// The container that a service's tag, digest and deployments are about. A task may have others beside it:
/// some that end before it starts, some that help it, some that AWS puts in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServiceContainer {
    /// Its task definition was not read, and nothing else tells.
    #[default]
    Unread,
    /// It is known.
    Known {
        /// Its name.
        name: String,
        /// What tells.
        why: ContainerReason,
    },
    /// Any of these may be meant: somebody has to choose.
    Unclear(Vec<String>),
}

/// What tells which container is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerReason {
    /// The service's load balancer sends to it.
    LoadBalancer,
    /// It alone is essential and has a port.
    Port,
    /// It alone is essential.
    Essential,
    /// There is no other.
    Only,
}

impl ContainerReason {
    /// The reason in words that follow a container's name.
    pub fn words(self) -> &'static str {
        match self {
            Self::LoadBalancer => "it gets the requests",
            Self::Port => "it alone is essential and has a port",
            Self::Essential => "it alone is essential",
            Self::Only => "there is no other",
        }
    }
}

impl ServiceContainer {
    /// The container that is meant by a service whose tasks run this definition.
    pub fn of(service: &Service, definition: Option<&TaskDefinition>) -> Self {
        let own = definition.map(|d| d.containers.as_slice()).unwrap_or_default();
        let present = |name: &str| definition.is_none() || own.iter().any(|c| c.name == name);
        let mut served: Vec<&str> = Vec::new();
        for link in &service.target_links {
            let name = link.container.as_str();
            if !name.is_empty() && present(name) && !served.contains(&name) {
                served.push(name);
            }
        }
        if let Some(decided) = Self::among(&served, ContainerReason::LoadBalancer) {
            return decided;
        }
        let named = |fits: &dyn Fn(&ContainerDefinition) -> bool| -> Vec<&str> {
            own.iter().filter(|c| fits(c)).map(|c| c.name.as_str()).collect()
        };
        let all = named(&|_| true);
        let essential = named(&ContainerDefinition::is_essential);
        let ports = named(&|c| c.is_essential() && c.port.is_some());
        if let [only] = all[..] {
            return Self::Known { name: only.to_owned(), why: ContainerReason::Only };
        }
        Self::among(&ports, ContainerReason::Port)
            .or_else(|| Self::among(&essential, ContainerReason::Essential))
            .or_else(|| Self::among(&all, ContainerReason::Only))
            .unwrap_or_default()
    }

    /// One name decides, several leave the choice, none says nothing.
    fn among(names: &[&str], why: ContainerReason) -> Option<Self> {
        match names {
            [] => None,
            [name] => Some(Self::Known { name: (*name).to_owned(), why }),
            _ => Some(Self::Unclear(names.iter().map(|name| (*name).to_owned()).collect())),
        }
    }

    /// Its name, when it is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Known { name, .. } => Some(name),
            Self::Unread | Self::Unclear(_) => None,
        }
    }

    /// Which of a list it is, by name. Where that is not known, the only one that AWS has not put in.
    pub fn find<'a, T>(&self, all: &'a [T], name_of: impl Fn(&T) -> &str) -> Option<&'a T> {
        if let Some(name) = self.name() {
            return all.iter().find(|it| name_of(it) == name);
        }
        let mut own = all.iter().filter(|it| !is_injected(name_of(it)));
        match (self, own.next(), own.next()) {
            (Self::Unread, Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The container of a task.
    pub fn of_task<'a>(&self, task: &'a Task) -> Option<&'a Container> {
        self.find(&task.containers, |c| &c.name)
    }
}

/// Whether AWS puts a container of this name into a task at run time. No task definition has it:
/// `GuardDuty`'s agent (its name ends in six random letters) and Service Connect's proxy.
/// <https://docs.aws.amazon.com/guardduty/latest/ug/how-runtime-monitoring-works-ecs-fargate.html>,
/// <https://github.com/aws/aws-cdk/issues/32877> (an answer of a real account)
pub fn is_injected(name: &str) -> bool {
    name.starts_with("aws-guardduty-agent") || name.starts_with("ecs-service-connect-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TargetLink;

    fn container(name: &str, essential: bool, port: Option<u32>) -> ContainerDefinition {
        ContainerDefinition { name: name.into(), essential: Some(essential), port, ..Default::default() }
    }

    fn chosen(links: &[&str], containers: Vec<ContainerDefinition>) -> ServiceContainer {
        let link = |name: &&str| TargetLink { container: (*name).into(), ..TargetLink::default() };
        let service = Service { target_links: links.iter().map(link).collect(), ..Service::default() };
        ServiceContainer::of(&service, Some(&TaskDefinition { containers, ..TaskDefinition::default() }))
    }

    fn known(name: &str, why: ContainerReason) -> ServiceContainer {
        ServiceContainer::Known { name: name.into(), why }
    }

    #[test]
    fn the_container_is_the_one_that_serves_and_else_somebody_chooses() {
        let init = || container("migrate", false, None);
        let app = || container("app", true, Some(3000));
        let proxy = || container("envoy", true, Some(9901));
        let agent = || container("agent", true, None);
        let unclear = |names: &[&str]| ServiceContainer::Unclear(names.iter().map(|n| (*n).into()).collect());
        let table = [
            (chosen(&["app"], vec![init(), proxy(), app()]), known("app", ContainerReason::LoadBalancer)),
            (chosen(&["app", "app"], vec![app(), proxy()]), known("app", ContainerReason::LoadBalancer)),
            (chosen(&["app", "envoy"], vec![app(), proxy()]), unclear(&["app", "envoy"])),
            (chosen(&["gone"], vec![agent(), app()]), known("app", ContainerReason::Port)),
            (chosen(&[], vec![init(), agent(), app()]), known("app", ContainerReason::Port)),
            (chosen(&[], vec![proxy(), app()]), unclear(&["envoy", "app"])),
            (chosen(&[], vec![init(), agent()]), known("agent", ContainerReason::Essential)),
            (chosen(&[], vec![agent(), container("worker", true, None)]), unclear(&["agent", "worker"])),
            (chosen(&[], vec![app()]), known("app", ContainerReason::Only)),
            (chosen(&[], vec![]), ServiceContainer::Unread),
        ];
        for (found, meant) in table {
            assert_eq!(found, meant);
        }
        let link = TargetLink { container: "app".into(), ..TargetLink::default() };
        let service = Service { target_links: vec![link], ..Service::default() };
        let unread = ServiceContainer::of(&service, None);
        assert_eq!(unread, known("app", ContainerReason::LoadBalancer), "the service names it by itself");
    }

    #[test]
    fn what_aws_puts_into_a_task_is_passed_over() {
        let of = |names: &[&str]| Task {
            containers: names
                .iter()
                .map(|n| Container { name: (*n).into(), ..Container::default() })
                .collect(),
            ..Task::default()
        };
        let task = of(&["aws-guardduty-agent-mfjGLB", "app", "ecs-service-connect-1"]);
        let name = |choice: ServiceContainer| choice.of_task(&task).map(|c| c.name.clone());
        assert_eq!(name(ServiceContainer::Unread).as_deref(), Some("app"));
        assert_eq!(name(known("app", ContainerReason::Only)).as_deref(), Some("app"));
        assert_eq!(name(known("gone", ContainerReason::Only)), None);
        assert_eq!(name(ServiceContainer::Unclear(vec!["app".into(), "b".into()])), None);
        assert_eq!(ServiceContainer::Unread.of_task(&of(&["a", "b"])), None, "never the first");
    }
}
