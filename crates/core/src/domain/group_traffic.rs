//! Which of the target groups of one registration get its requests: of the pair of a blue/green service, of those of
//! several task sets.

use super::{Listener, RuleAction, Service, Store, TargetLink};
use std::collections::BTreeSet;

/// One registration of a service, by its place in the list of them.
#[derive(Clone, Copy)]
pub(super) struct Registration<'a> {
    pub(super) service: &'a Service,
    pub(super) place: usize,
    pub(super) link: &'a TargetLink,
}

/// A rule with the listener that it is of: the groups that it sends requests to.
struct Way<'a> {
    listener: &'a str,
    rule: &'a str,
    /// Groups with a weight; one of weight 0 gets none.
    to: BTreeSet<&'a str>,
}

impl<'a> Registration<'a> {
    /// All its groups: its own, its alternate, and those that the service's task sets have in its place.
    pub(super) fn arns(&self) -> Vec<&'a str> {
        let own = self.link.groups();
        let sets = self.service.task_sets.iter().filter_map(|set| set.links.get(self.place));
        let mut found: Vec<&str> = Vec::new();
        for arn in own.chain(sets.map(|link| link.target_group_arn.as_str())) {
            if !found.contains(&arn) {
                found.push(arn);
            }
        }
        found
    }

    /// The groups that get requests: by the listeners' rules; where those do not tell, that of the PRIMARY task
    /// set; else all that have targets beyond their first checks, as any of them may be the one.
    pub(super) fn serving(&self, store: &Store) -> Vec<&'a str> {
        let all = self.arns();
        if all.len() < 2 {
            return all;
        }
        self.by_rules(&all, store).or_else(|| Some(vec![self.primary()?])).unwrap_or_else(|| {
            let counts = |arn: &str| {
                let Some(targets) = store.target_health(arn) else { return true };
                targets.iter().any(|t| !t.drains() && t.state != "initial")
            };
            let used: Vec<&str> = all.into_iter().filter(|arn| counts(arn)).collect();
            if used.is_empty() { vec![&self.link.target_group_arn] } else { used }
        })
    }

    /// The group of the task set that serves production traffic.
    fn primary(&self) -> Option<&'a str> {
        Some(self.service.primary_set()?.links.get(self.place)?.target_group_arn.as_str())
    }

    /// By the rules that send production traffic: the one that the service names; else those that send to the
    /// PRIMARY task set; else all but the one that it names for tests. `None`: they do not tell.
    fn by_rules(&self, all: &[&'a str], store: &Store) -> Option<Vec<&'a str>> {
        let groups = store.target_groups().iter().filter(|group| all.contains(&group.arn.as_str()));
        let balancers: BTreeSet<&str> =
            groups.flat_map(|g| g.load_balancers.iter().map(String::as_str)).collect();
        let read: Vec<Option<&[Listener]>> = balancers.iter().map(|arn| store.listeners(arn)).collect();
        let ways: Vec<Way<'_>> = read.iter().flatten().copied().flatten().flat_map(ways).collect();
        let by = |way: &&Way<'_>, name: &str| way.rule == name || way.listener == name;
        let of = |chosen: Vec<&Way<'_>>| -> Option<Vec<&'a str>> {
            let sent = |arn: &&'a str| chosen.iter().any(|way| way.to.contains(*arn));
            let found: Vec<&str> = all.iter().copied().filter(sent).collect();
            (!found.is_empty()).then_some(found)
        };
        let production = self.link.production_rule.as_deref();
        let named = production.and_then(|rule| of(ways.iter().filter(|way| by(way, rule)).collect()));
        if named.is_some() {
            return named;
        }
        if read.iter().any(Option::is_none) {
            return None;
        }
        let primary = self.primary();
        let theirs = primary.and_then(|arn| of(ways.iter().filter(|way| way.to.contains(arn)).collect()));
        let tests = self.link.test_rule.as_deref();
        theirs.or_else(|| of(ways.iter().filter(|way| !tests.is_some_and(|rule| by(way, rule))).collect()))
    }
}

/// What the rules of a listener send, and where.
fn ways(listener: &Listener) -> impl Iterator<Item = Way<'_>> {
    listener.rules.iter().map(|rule| {
        let sent = rule.actions.iter().filter_map(|action| match action {
            RuleAction::Forward(groups) => Some(groups),
            RuleAction::Redirect(_) | RuleAction::Other(_) => None,
        });
        let to = sent.flatten().filter(|(_, weight)| *weight > 0).map(|(arn, _)| arn.as_str()).collect();
        Way { listener: &listener.arn, rule: &rule.arn, to }
    })
}
