//! What ECS says in a service's events and of a stopped task: parsed into where it happened, what happened
//! and, where something is wrong, of which kind it is.
//!
//! The sentences are collected in `corpus.json`, each with where it was seen.

use crate::domain::Level;

/// A service's event taken apart: what stands in its leading brackets, and the sentence after them.
///
/// ECS writes `(service S) `, `(service S, taskSet ecs-svc/D) `, `(service S) (deployment ecs-svc/D) `,
/// `(service S) (instance i-..) `, `(service S) (task T) (port P) `; its console and documentation write
/// `service S ` and `service (S) `.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventParts<'a> {
    /// The service.
    pub service: Option<&'a str>,
    /// The task set, or the deployment as a task set: `ecs-svc/...`.
    pub task_set: Option<&'a str>,
    /// The deployment: `ecs-svc/...`.
    pub deployment: Option<&'a str>,
    /// The EC2 instance.
    pub instance: Option<&'a str>,
    /// The task.
    pub task: Option<&'a str>,
    /// The port of the task.
    pub port: Option<&'a str>,
    /// The sentence.
    pub says: &'a str,
}

/// Takes an event apart.
pub fn parts(event: &str) -> EventParts<'_> {
    let mut parts = EventParts { says: event.trim(), ..EventParts::default() };
    if let Some(rest) = parts.says.strip_prefix("service ") {
        let named = match rest.strip_prefix('(') {
            Some(inner) => inner.split_once(')'),
            None => rest.split_once(' '),
        };
        if let Some((service, rest)) = named {
            parts.service = Some(service.trim());
            parts.says = rest.trim_start();
        }
    }
    while let Some((inner, rest)) = parts.says.strip_prefix('(').and_then(|it| it.split_once(')')) {
        let mut known = true;
        for field in inner.split(',') {
            let Some((key, value)) = field.trim().rsplit_once(' ') else {
                known = false;
                continue;
            };
            match key {
                "service" => parts.service = Some(value),
                "taskSet" | "task set" => parts.task_set = Some(value),
                "deployment" => parts.deployment = Some(value),
                "instance" => parts.instance = Some(value),
                "task" => parts.task = Some(value),
                "port" => parts.port = Some(value),
                _ => known = false,
            }
        }
        if !known {
            break;
        }
        parts.says = rest.trim_start();
    }
    parts
}

/// What a service's event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceEventKind {
    /// All tasks that are wanted run.
    Steady,
    /// A task set, or a capacity provider, reached its state.
    SetSteady,
    /// A deployment goes on.
    DeploymentUnderWay,
    /// A deployment has completed.
    DeploymentCompleted,
    /// A deployment failed.
    DeploymentFailed,
    /// ECS goes back to an earlier deployment.
    RollingBack,
    /// Tasks were started.
    Started,
    /// Tasks were started in the place of unhealthy ones.
    Replaced,
    /// Running tasks were stopped.
    Stopped,
    /// Tasks were stopped that never ran.
    StoppedPending,
    /// Targets were registered.
    Registered,
    /// Targets were deregistered.
    Deregistered,
    /// Targets keep their connections for a while.
    Draining,
    /// The number of tasks was computed anew.
    Counted,
    /// Tasks move between zones until these are even.
    Rebalancing,
    /// The zones are even.
    Rebalanced,
    /// Something is wrong.
    Wrong(TroubleKind),
    /// A sentence that is not known here.
    Unknown,
}

impl ServiceEventKind {
    /// How serious it is. One that is not known is a note.
    pub fn level(self) -> Level {
        match self {
            Self::Steady | Self::SetSteady | Self::DeploymentCompleted | Self::Rebalanced => Level::Good,
            Self::DeploymentFailed | Self::RollingBack => Level::Bad,
            Self::Replaced => Level::Warn,
            Self::DeploymentUnderWay
            | Self::Started
            | Self::Stopped
            | Self::StoppedPending
            | Self::Registered
            | Self::Deregistered
            | Self::Draining
            | Self::Counted
            | Self::Rebalancing => Level::Busy,
            Self::Wrong(kind) => kind.level(),
            Self::Unknown => Level::Idle,
        }
    }

    /// Whether what was wrong before it is over.
    pub fn settles(self) -> bool {
        matches!(self, Self::Steady | Self::DeploymentCompleted)
    }
}

/// Why tasks do not start, do not stay up or get no requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// A target group is named that does not exist.
    GroupGone,
    /// A subnet or security group is named that does not exist.
    NetworkGone,
    /// The task definition does not exist, or not any more.
    DefinitionGone,
    /// A role cannot be assumed or passed, or lacks a permission.
    Role,
    /// AWS took Spot capacity back.
    SpotTaken,
    /// The image is for another kind of processor.
    Platform,
    /// The image, or its tag, does not exist.
    ImageGone,
    /// The registry's limit of pulls.
    ImageLimit,
    /// The image cannot be pulled for another reason.
    Image,
    /// A secret or parameter cannot be read.
    Secret,
    /// The log group does not exist or cannot be written.
    Logs,
    /// A file system or volume cannot be mounted.
    Volume,
    /// No network interface: addresses, interfaces or permissions lack.
    Network,
    /// A quota of the account.
    Quota,
    /// AWS limits the calls of the scheduler.
    Throttled,
    /// There are no machines, or AWS has none to give.
    Capacity,
    /// The agent of an instance.
    Agent,
    /// A machine ended or fails.
    Machine,
    /// No instance has room or fits.
    Placement,
    /// Tasks are protected from being stopped.
    Protection,
    /// The bounds of the deployment leave no room to start or stop a task.
    Bounds,
    /// A container used more memory than it has.
    Memory,
    /// A health check fails.
    HealthCheck,
    /// Targets cannot be registered.
    Registration,
    /// A container cannot be made or started.
    Start,
    /// A container ended by itself.
    Exit,
    /// A task cannot be launched, for another reason.
    Launch,
    /// Tasks fail to start again and again: the reason stands with the stopped tasks.
    Inconsistent,
    /// It fails for a reason that is not known here.
    Other,
}

impl TroubleKind {
    /// How serious it is.
    pub fn level(self) -> Level {
        match self {
            Self::SpotTaken | Self::Machine | Self::Throttled | Self::Protection | Self::Bounds => {
                Level::Warn
            }
            _ => Level::Bad,
        }
    }

    /// Whether it does not tell why by itself.
    pub fn is_vague(self) -> bool {
        matches!(self, Self::Inconsistent | Self::Other | Self::Exit | Self::Launch | Self::Throttled)
    }

    /// Whether ECS cannot start, place or register tasks because of it, so that waiting may not help.
    pub fn keeps_from_starting(self) -> bool {
        !matches!(
            self,
            Self::HealthCheck
                | Self::Protection
                | Self::Throttled
                | Self::Other
                | Self::SpotTaken
                | Self::Machine
        )
    }

    /// Whether a rollout stands still because of it while its tasks run and none of them fails.
    pub fn shows_in_events_alone(self) -> bool {
        matches!(self, Self::GroupGone | Self::Registration | Self::DefinitionGone | Self::Bounds)
    }

    /// Whether ECS finds no place for a task, or cannot start it there: no task of it is listed, and the event
    /// alone tells.
    pub fn is_of_placement(self) -> bool {
        matches!(
            self,
            Self::Placement
                | Self::Capacity
                | Self::Quota
                | Self::Inconsistent
                | Self::Network
                | Self::NetworkGone
                | Self::Role
                | Self::Launch
                | Self::Agent
        )
    }

    /// What to do about it, where something can be said.
    pub fn advice(self) -> &'static str {
        match self {
            Self::GroupGone => "point the service at a target group that exists",
            Self::NetworkGone => "point the service at subnets and security groups that exist",
            Self::DefinitionGone => "deploy a task definition that exists: r",
            Self::Role => "look at the role's trust relationship and at iam:PassRole",
            Self::SpotTaken => "ECS replaces it when there is capacity; a share of FARGATE would stay",
            Self::Platform => "build the image for the task's processor, or set runtimePlatform",
            Self::ImageGone => "push the image, or choose another: r",
            Self::ImageLimit => "pull through ECR, or with credentials",
            Self::Image => "look at the way to the registry and at the execution role",
            Self::Secret => "look at the secret, its key, and the execution role's permission to read it",
            Self::Logs => "make the log group, or allow the execution role to write to it",
            Self::Volume => "look at the file system, its mount targets and security groups",
            Self::Network => "look at free addresses and interfaces: 6 shows the subnets",
            Self::Quota => "ask for a higher quota, or run fewer tasks",
            Self::Throttled => "ECS tries again by itself",
            Self::Capacity => "wait, or allow another zone or capacity provider",
            Self::Agent | Self::Machine => "look at the instance and its agent",
            Self::Placement => "add instances, or ask for less: what they have left is not read",
            Self::Protection => "a task ends its protection by itself, or when it expires",
            Self::Bounds => "change the minimum or maximum percent of the service",
            Self::Memory => "give the task more memory, or find what takes it",
            Self::HealthCheck => "2 shows what the check was answered",
            Self::Registration => "look at the target group's type, VPC and port",
            Self::Start | Self::Exit => "2 shows why tasks stop, and its log",
            Self::Launch | Self::Inconsistent | Self::Other => "2 shows why tasks stop",
        }
    }
}

/// Words, and the kind of trouble that they tell; the first that holds counts, so that the more telling ones
/// stand first. All of a row's words must be there, in small letters.
const TROUBLES: &[(&[&str], TroubleKind)] = {
    use TroubleKind as K;
    &[
        (&["targetgroupnotfound"], K::GroupGone),
        (&["target group is not found"], K::GroupGone),
        (&["target groups not found"], K::GroupGone),
        (&["target group", "does not exist"], K::GroupGone),
        (&["invalidsubnetid.notfound"], K::NetworkGone),
        (&["subnet id", "does not exist"], K::NetworkGone),
        (&["invalidgroup.notfound"], K::NetworkGone),
        (&["security group", "does not exist"], K::NetworkGone),
        (&["task definition", "does not exist"], K::DefinitionGone),
        (&["task definition", "not found"], K::DefinitionGone),
        (&["task definition is inactive"], K::DefinitionGone),
        (&["unable to describe task definition"], K::DefinitionGone),
        (&["unable to assume"], K::Role),
        (&["iam trust relationship"], K::Role),
        (&["iam permissions policies"], K::Role),
        (&["iam:passrole"], K::Role),
        (&["spot task was interrupted"], K::SpotTaken),
        (&["spot interruption"], K::SpotTaken),
        (&["exec format error"], K::Platform),
        (&["descriptor matching platform"], K::Platform),
        (&["cannotpull", "toomanyrequests"], K::ImageLimit),
        (&["cannotpull", "rate limit"], K::ImageLimit),
        (&["cannotpull", "manifest unknown"], K::ImageGone),
        (&["cannotpull", "not found"], K::ImageGone),
        (&["cannotpull", "name unknown"], K::ImageGone),
        (&["cannotpull", "does not exist"], K::ImageGone),
        (&["cannotpull"], K::Image),
        (&["ecr registry auth"], K::Image),
        (&["registry auth from amazon ecr"], K::Image),
        (&["image", "pull has been retried"], K::Image),
        (&["pull secrets or registry auth"], K::Secret),
        (&["pull secrets"], K::Secret),
        (&["retrieve secret"], K::Secret),
        (&["json key"], K::Secret),
        (&["log group"], K::Logs),
        (&["logger args"], K::Logs),
        (&["logging driver"], K::Logs),
        (&["log stream"], K::Logs),
        (&["efs"], K::Volume),
        (&["mount.nfs"], K::Volume),
        (&["cannotcreatevolume"], K::Volume),
        (&["ebs volume"], K::Volume),
        (&["freeaddresses"], K::Network),
        (&["free addresses"], K::Network),
        (&["network interface"], K::Network),
        (&["configure eni"], K::Network),
        (&["resource:eni"], K::Network),
        (&["reached the limit"], K::Quota),
        (&["above your limit"], K::Quota),
        (&["provisioning capacity limit"], K::Quota),
        (&["limitexceeded"], K::Quota),
        (&["instancecountexceeded"], K::Quota),
        (&["being throttled"], K::Throttled),
        (&["rate exceeded"], K::Throttled),
        (&["capacity is unavailable"], K::Capacity),
        (&["no container instances were found"], K::Capacity),
        (&["unable to launch instance"], K::Capacity),
        (&["unfulfillablecapacity"], K::Capacity),
        (&["insufficientinstancecapacity"], K::Capacity),
        (&["resource:fargate"], K::Capacity),
        (&["error \"agent\""], K::Agent),
        (&["ecs agent"], K::Agent),
        (&["agent is disconnected"], K::Agent),
        (&["under protection"], K::Protection),
        (&["protected tasks"], K::Protection),
        (&["service deployment configuration"], K::Bounds),
        (&["no container instance met"], K::Placement),
        (&["unable to place"], K::Placement),
        (&["resource:"], K::Placement),
        (&["placement constraint"], K::Placement),
        (&["outofmemory"], K::Memory),
        (&["failed to register targets"], K::Registration),
        (&["failed to deregister targets"], K::Registration),
        (&["health check"], K::HealthCheck),
        (&["is unhealthy"], K::HealthCheck),
        (&["not healthy in"], K::HealthCheck),
        (&["cannotstartcontainer"], K::Start),
        (&["cannotcreatecontainer"], K::Start),
        (&["containerruntime"], K::Start),
        (&["oci runtime"], K::Start),
        (&["dockertimeout"], K::Start),
        (&["host ec2"], K::Machine),
        (&["infrastructure"], K::Machine),
        (&["maintenance"], K::Machine),
        (&["unable to consistently start"], K::Inconsistent),
        (&["essential container in task exited"], K::Exit),
        (&["failed to launch"], K::Launch),
        (&["could not launch"], K::Launch),
        (&["resourceinitializationerror"], K::Launch),
        (&["task failed to start"], K::Launch),
        (&["unable to"], K::Other),
        (&["failed"], K::Other),
        (&["timed out"], K::Other),
    ]
};

/// Beginnings of a stopped task's reason with which nothing is wrong: somebody or something wanted it so.
const WANTED: [&str; 6] = [
    "Scaling activity initiated by",
    "Availability-zone rebalancing initiated by",
    "Availability Zone rebalancing initiated by",
    "Task stopped by",
    "ECS service deployment",
    "Service deployment",
];

/// Of which kind what is told is, if it is trouble.
pub fn trouble(text: &str) -> Option<TroubleKind> {
    let small = text.to_lowercase();
    TROUBLES.iter().find(|(words, _)| words.iter().all(|word| small.contains(word))).map(|(_, kind)| *kind)
}

/// Of which kind the trouble of a stopped task is, from its `stoppedReason` and its containers' reasons.
pub fn stop_trouble<'a>(
    stopped_reason: &str,
    containers: impl IntoIterator<Item = &'a str>,
) -> Option<TroubleKind> {
    if WANTED.iter().any(|words| stopped_reason.starts_with(words)) {
        return None;
    }
    let own = trouble(stopped_reason);
    // `Essential container in task exited`: the container's own reason says more.
    let told = || containers.into_iter().find_map(trouble);
    own.filter(|kind| !kind.is_vague()).or_else(told).or(own)
}

/// What a service's event tells.
pub fn service_event_kind(event: &str) -> ServiceEventKind {
    use ServiceEventKind as Kind;
    let says = parts(event).says;
    let small = says.to_lowercase();
    let begins = |words: &str| small.starts_with(words);
    if begins("has reached a steady state") {
        Kind::Steady
    } else if begins("updated state to steady_state") || begins("has reached a steady") {
        Kind::SetSteady
    } else if begins("deployment completed") {
        Kind::DeploymentCompleted
    } else if begins("deployment failed") {
        Kind::DeploymentFailed
    } else if small.contains("rolling back") {
        Kind::RollingBack
    } else if begins("deployment in progress") || begins("updated state to") {
        Kind::DeploymentUnderWay
    } else if begins("has started") {
        if small.contains("unhealthy status") { Kind::Replaced } else { Kind::Started }
    } else if begins("has stopped") {
        if small.contains("pending task") { Kind::StoppedPending } else { Kind::Stopped }
    } else if begins("stopped") && small.contains("pending task") {
        Kind::StoppedPending
    } else if begins("registered") {
        Kind::Registered
    } else if begins("deregistered") {
        Kind::Deregistered
    } else if begins("has begun draining") {
        Kind::Draining
    } else if begins("updated computeddesiredcount") || begins("updated desiredcount") {
        Kind::Counted
    } else if begins("is not az balanced") || begins("stopped az rebalancing") {
        Kind::Rebalancing
    } else if begins("is az balanced") {
        Kind::Rebalanced
    } else {
        trouble(says).map_or(Kind::Unknown, Kind::Wrong)
    }
}

/// Longest cause that is told in a finding, in characters.
const LONGEST: usize = 220;

/// AWS's sentence in short: without its brackets and its advice, with the inner reason in place of the frame
/// around it. `(service web) failed to launch a task with (error ECS was unable to assume the role 'R' that was
/// provided for this task. Please verify ...).` gives `failed to launch a task: ECS was unable to assume the role
/// 'R' that was provided for this task`.
pub fn cause(text: &str) -> String {
    let says = parts(text).says;
    let (frame, inner) = match says.split_once("(error ") {
        Some((frame, inner)) => (frame, Some(inner)),
        None => match says.split_once("(reason ") {
            Some((frame, inner)) if frame.contains("unhealthy in") => ("unhealthy", Some(inner)),
            Some((frame, inner)) => (frame, Some(inner)),
            None => (says, None),
        },
    };
    let frame = frame.split(" in (target-group ").next().unwrap_or(frame);
    let frame = frame.trim().trim_end_matches("with").trim_end_matches("due to").trim();
    let told = match inner {
        Some(inner) if frame.is_empty() => end(inner).to_owned(),
        Some(inner) => format!("{frame}: {}", end(inner)),
        None => end(frame).to_owned(),
    };
    match told.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", told[..at].trim_end()),
        None => told,
    }
}

/// The text without what AWS advises at its end, its last full stop and the bracket that closes its frame.
fn end(text: &str) -> &str {
    const ADVICE: [&str; 8] = [
        " For more information",
        " Please verify",
        " Please try again",
        " Please check",
        " Check your",
        " Try again",
        " Update the ",
        " operation error ",
    ];
    let cut = ADVICE.iter().filter_map(|words| text.find(words)).min().unwrap_or(text.len());
    let mut text = text[..cut].trim_end();
    // A bracket of the sentence's own is kept.
    loop {
        let shorter = text.trim_end_matches('.');
        let opened = shorter.matches('(').count();
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if shorter.matches(')').count() > opened => inner,
            _ => shorter,
        };
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    /// A sentence of a real account (ids replaced), and what is read from it.
    #[derive(Deserialize)]
    struct Told {
        /// `event` or `stop`.
        of: String,
        text: String,
        /// The kind, as `Debug` writes it; empty: nothing is wrong.
        kind: String,
        /// The cause in short, where it is trouble.
        #[serde(default)]
        cause: String,
        source: String,
    }

    fn corpus() -> Vec<Told> {
        serde_json::from_str(include_str!("corpus.json")).expect("the corpus is JSON")
    }

    #[test]
    fn each_sentence_of_the_corpus_is_read_as_what_it_is() {
        let all = corpus();
        assert!(all.len() >= 60, "{}", all.len());
        let mut wrong = Vec::new();
        for told in &all {
            assert!(!told.source.is_empty(), "{}", told.text);
            let kind = match told.of.as_str() {
                "event" => match service_event_kind(&told.text) {
                    ServiceEventKind::Wrong(kind) => format!("{kind:?}"),
                    other => format!("{other:?}"),
                },
                _ => stop_trouble(&told.text, []).map_or_else(String::new, |kind| format!("{kind:?}")),
            };
            if kind != told.kind {
                wrong.push(format!("{} is {kind}, not {}", told.text, told.kind));
            }
            let short = cause(&told.text);
            if !told.cause.is_empty() && short != told.cause {
                wrong.push(format!("{} gives {short:?}, not {:?}", told.text, told.cause));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_form_of_the_brackets_is_taken_off() {
        let says = |event| parts(event).says;
        assert_eq!(says("(service web) has reached a steady state."), "has reached a steady state.");
        let set = parts("(service web, taskSet ecs-svc/12) has begun draining connections on 1 tasks.");
        assert_eq!((set.service, set.task_set), (Some("web"), Some("ecs-svc/12")));
        assert_eq!(set.says, "has begun draining connections on 1 tasks.");
        let done = parts("(service web) (deployment ecs-svc/12) deployment completed.");
        assert_eq!((done.deployment, done.says), (Some("ecs-svc/12"), "deployment completed."));
        let sick = parts(
            "(service web) (task 9d85) (port 8080) is unhealthy in (target-group arn:x) due to (reason Request timed out).",
        );
        assert_eq!((sick.task, sick.port), (Some("9d85"), Some("8080")));
        assert!(sick.says.starts_with("is unhealthy in (target-group"));
        let host =
            parts("(service web) (instance i-0abc) (port 32768) is unhealthy in (elb lb) due to (reason x).");
        assert_eq!(host.instance, Some("i-0abc"));
        assert_eq!(says("service web has started 1 tasks: (task a)."), "has started 1 tasks: (task a).");
        assert_eq!(
            says("service (web) deployment failed: tasks failed to start."),
            "deployment failed: tasks failed to start."
        );
        assert_eq!(says("(something else) happened."), "(something else) happened.");
    }

    #[test]
    fn a_task_that_exited_is_explained_by_its_container() {
        let reason = "OutOfMemoryError: Container killed due to memory usage";
        assert_eq!(stop_trouble("Essential container in task exited", [reason]), Some(TroubleKind::Memory));
        assert_eq!(stop_trouble("Essential container in task exited", []), Some(TroubleKind::Exit));
        assert_eq!(stop_trouble("Scaling activity initiated by (deployment ecs-svc/1)", [reason]), None);
    }
}
