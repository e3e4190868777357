//! The rows of each pane after filter and selection. They are made when something changes, not per frame.

use crate::app::state::{ChainItem, Cursor, Pane, RulePosition, StartPhase, State, View};
use crate::diagnosis::{Part, Zone, attached_groups};
use crate::domain::{GroupNode, Network, RuleAction, Scan, TaskRow};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// The drill view lists events from this long before the drill began.
const EVENTS_BEFORE_DRILL: TimeDelta = TimeDelta::seconds(10);

/// The item that each cursor is on.
pub(crate) type Anchors = BTreeMap<(View, Pane), String>;

/// Notes the item that each cursor is on, before anything changes. A main list has a selection from the
/// start; a detail list stays at its top until somebody moves in it.
pub(crate) fn anchors(state: &State) -> Anchors {
    let mains = View::ALL.into_iter().map(|view| (view, Pane::Main));
    let details = state.screen.cursors.keys().copied().filter(|(_, pane)| *pane == Pane::Detail);
    mains.chain(details).filter_map(|at| Some((at, row_id(state, at, state.cursor(at.0, at.1))?))).collect()
}

/// Resets the detail lists after a key moved the selection that they belong to: they start at their top.
pub(crate) fn moved(state: &State, before: &BTreeMap<(View, Pane), Cursor>, anchors: &mut Anchors) {
    for view in View::ALL {
        for pane in [Pane::Main, Pane::Detail] {
            let at = (view, pane);
            if state.screen.cursors.get(&at) == before.get(&at) {
                continue;
            }
            anchors.remove(&at);
            if let Some(id) = state.screen.cursors.get(&at).and_then(|cursor| row_id(state, at, cursor.row)) {
                anchors.insert(at, id);
            }
        }
    }
}

/// Makes all rows again. Each selection stays on its item, also when rows come and go.
pub(crate) fn rebuild(state: &mut State, anchors: &Anchors) {
    let filter = Filter(state.screen.filter.text.to_lowercase());
    mains(state, &filter);
    follow(state, anchors, Pane::Main);
    details(state, &filter);
    follow(state, anchors, Pane::Detail);
}

/// Puts the cursors of one kind of pane back on their items, or else within bounds.
fn follow(state: &mut State, anchors: &Anchors, pane: Pane) {
    for view in View::ALL {
        let at = (view, pane);
        let id = anchors.get(&at);
        if id.is_none() && !state.screen.cursors.contains_key(&at) {
            continue;
        }
        let len = state.rows(view, pane);
        let now = state.cursor(view, pane);
        let old = now.min(len.saturating_sub(1));
        let same = |row: usize| row_id(state, at, row).as_ref() == id;
        let row = match id {
            Some(_) if !same(old) => (0..len).find(|row| same(*row)).unwrap_or(old),
            _ => old,
        };
        if row != now {
            state.screen.cursors.insert(at, Cursor { row });
        }
    }
}

/// What a row is about, so that a selection can follow it.
fn row_id(state: &State, at: (View, Pane), row: usize) -> Option<String> {
    let (lists, it) = (&state.screen.rows, &state.account.party_box);
    Some(match at {
        (View::Overview, Pane::Main) if state.session.phase == StartPhase::Choosing => {
            state.account.store.clusters().get(row)?.name.clone()
        }
        (View::Overview, Pane::Main) => match lists.chain.get(row)? {
            ChainItem::Balancer(i) => it.balancers.get(*i)?.name.clone(),
            ChainItem::Service(i) => it.services.get(*i)?.service().name.clone(),
            ChainItem::Database(i) => it.databases.get(*i)?.id.clone(),
        },
        (View::Services, Pane::Main) => it.services.get(*lists.services.get(row)?)?.service().name.clone(),
        (View::Services, Pane::Detail) => {
            let node = state.services_view_node()?;
            node.task(node.rows.get(*lists.tasks.get(row)?)?).id.clone()
        }
        (View::Database, Pane::Main) => it.databases.get(*lists.databases.get(row)?)?.id.clone(),
        (View::Images, Pane::Main) => {
            let image = it.images.get(*lists.images.get(row)?)?;
            format!("{} {}", image.name(), image.id.digest)
        }
        (View::Zones, Pane::Main) => state.account.zones.get(*lists.zones.get(row)?)?.name.clone(),
        (View::Zones, Pane::Detail) => {
            let part = state.selected_zone()?.parts.get(*lists.parts.get(row)?)?;
            format!("{} {}", part.kind.name(), part.name)
        }
        (View::Traffic, Pane::Detail) => {
            let (group, target) = lists.targets.get(row)?;
            it.groups.get(*group)?.targets.get(*target)?.id.clone()
        }
        _ => return None,
    })
}

/// The text to look for, in lower case; empty lets everything pass.
struct Filter(String);

impl Filter {
    fn passes(&self, text: impl FnOnce() -> String) -> bool {
        self.0.is_empty() || text().to_lowercase().contains(&self.0)
    }
}

fn mains(state: &mut State, filter: &Filter) {
    let it = &state.account.party_box;
    let balancers = (0..it.balancers.len()).filter(|i| filter.passes(|| it.balancers[*i].name.clone()));
    let services: Vec<usize> = (0..it.services.len())
        .filter(|i| {
            filter.passes(|| {
                let service = it.services[*i].service();
                format!("{} {} {}", service.name, service.status, service.task_definition)
            })
        })
        .collect();
    let databases: Vec<usize> = (0..it.databases.len())
        .filter(|i| {
            let db = &it.databases[*i];
            filter.passes(|| format!("{} {} {} {}", db.id, db.status, db.engine, db.role()))
        })
        .collect();
    let chain = balancers
        .map(ChainItem::Balancer)
        .chain(services.iter().copied().map(ChainItem::Service))
        .chain(databases.iter().copied().map(ChainItem::Database))
        .collect();
    let images = (0..it.images.len())
        .filter(|i| {
            let image = &it.images[*i];
            filter.passes(|| format!("{} {}", image.name(), image.id.digest))
        })
        .collect();
    let subnets = state.account.store.network().map(|network| subnets(network, filter)).unwrap_or_default();
    let rules = rules(state, filter);
    let zones = (0..state.account.zones.len())
        .filter(|i| filter.passes(|| zone_text(&state.account.zones[*i])))
        .collect();
    let events: Vec<usize> = (0..state.timeline.entries().len())
        .filter(|i| !state.timeline.is_repeat(*i))
        .filter(|i| {
            let entry = &state.timeline.entries()[*i];
            filter.passes(|| format!("{} {}", entry.subject.name(), entry.text))
        })
        .collect();
    let began = state.drill.current.as_ref().and_then(|drill| state.polling.clock.moment(drill.began));
    let drill_events = match (&state.drill.current, began) {
        (Some(_), Some(began)) => {
            let since = |i: &&usize| {
                state.timeline.entries().get(**i).is_some_and(|e| e.at >= began - EVENTS_BEFORE_DRILL)
            };
            events.iter().take_while(since).copied().collect()
        }
        _ => Vec::new(),
    };
    let lists = &mut state.screen.rows;
    lists.drill_events = drill_events;
    lists.past_drills = if state.drill.current.is_some() { 0 } else { state.drill.history.len() };
    lists.chain = chain;
    lists.services = services;
    lists.databases = databases;
    lists.images = images;
    lists.subnets = subnets;
    lists.rules = rules;
    lists.zones = zones;
    lists.events = events;
}

/// A zone with everything in it: the filter finds the zones in which a service or a database stands.
fn zone_text(zone: &Zone) -> String {
    let parts = zone.parts.iter().map(|p| format!("{} {} {}", p.kind.name(), p.name, p.here));
    std::iter::once(zone.name.clone()).chain(parts).collect::<Vec<_>>().join(" ")
}

fn subnets(network: &Network, filter: &Filter) -> Vec<usize> {
    let mut list: Vec<usize> = (0..network.subnets.len())
        .filter(|i| {
            let s = &network.subnets[*i];
            filter.passes(|| format!("{} {} {} {}", s.id, s.name.as_deref().unwrap_or(""), s.cidr, s.zone))
        })
        .collect();
    list.sort_by_key(|i| {
        let s = &network.subnets[*i];
        (!network.is_public(&s.id), s.zone.clone(), s.cidr.clone())
    });
    list
}

fn rules(state: &State, filter: &Filter) -> Vec<RulePosition> {
    let mut list = Vec::new();
    for (b, balancer) in state.account.party_box.balancers.iter().enumerate() {
        let Some(listeners) = state.account.store.listeners(&balancer.arn) else { continue };
        let mut order: Vec<usize> = (0..listeners.len()).collect();
        order.sort_by_key(|l| (listeners[*l].protocol != "HTTPS", listeners[*l].port));
        for l in order {
            for (r, rule) in listeners[l].rules.iter().enumerate() {
                let text = || format!("{} {:?} {:?}", listeners[l].port, rule.conditions, rule.actions);
                if filter.passes(text) {
                    list.push(RulePosition { balancer: b, listener: l, rule: r });
                }
            }
        }
    }
    list
}

fn details(state: &mut State, filter: &Filter) {
    let tasks = match state.services_view_node() {
        Some(node) => {
            let text = |row: &TaskRow| {
                let task = node.task(row);
                let target = row.target.as_ref().map_or("", |t| t.state.as_str());
                format!(
                    "{} {} {} {} {target} {} {}",
                    task.id,
                    task.last_status,
                    task.ip.as_deref().unwrap_or(""),
                    task.zone.as_deref().unwrap_or(""),
                    task.task_definition,
                    task.stopped_reason.as_deref().unwrap_or("")
                )
            };
            // The filter names services or tasks: a service that passes by its name shows all its tasks.
            let by_name = filter.passes(|| node.service().name.clone());
            (0..node.rows.len()).filter(|i| by_name || filter.passes(|| text(&node.rows[*i]))).collect()
        }
        None => Vec::new(),
    };
    let targets = targets(state);
    let db_events = match state.screen.rows.databases.get(state.cursor(View::Database, Pane::Main)) {
        Some(i) => {
            let db = &state.account.party_box.databases[*i];
            let events = state.account.store.db_events();
            (0..events.len()).rev().filter(|e| db.is_told_of(&events[*e])).collect()
        }
        None => Vec::new(),
    };
    let vulnerabilities = state
        .screen
        .rows
        .images
        .get(state.cursor(View::Images, Pane::Main))
        .and_then(|i| state.account.party_box.images[*i].scan.as_ref())
        .map(|scan| match scan {
            Scan::Done { findings, .. } => (0..findings.len()).collect(),
            _ => Vec::new(),
        })
        .unwrap_or_default();
    let parts = state.selected_zone().map(|zone| {
        // As with services: a zone that passes by its name shows all its parts.
        let by_name = filter.passes(|| zone.name.clone());
        let passes =
            |part: &Part| filter.passes(|| format!("{} {} {}", part.kind.name(), part.name, part.here));
        (0..zone.parts.len()).filter(|i| by_name || passes(&zone.parts[*i])).collect()
    });
    let parts = parts.unwrap_or_default();
    let group_rules = group_rules(state);
    let lists = &mut state.screen.rows;
    lists.tasks = tasks;
    lists.targets = targets;
    lists.db_events = db_events;
    lists.vulnerabilities = vulnerabilities;
    lists.group_rules = group_rules;
    lists.parts = parts;
}

/// All groups' targets; those of the selected rule's groups first.
fn targets(state: &State) -> Vec<(usize, usize)> {
    let chosen: Vec<&str> = state
        .screen
        .rows
        .rules
        .get(state.cursor(View::Traffic, Pane::Main))
        .and_then(|at| {
            let balancer = state.account.party_box.balancers.get(at.balancer)?;
            state.account.store.listeners(&balancer.arn)?.get(at.listener)?.rules.get(at.rule)
        })
        .map(|rule| {
            rule.actions
                .iter()
                .flat_map(|a| match a {
                    RuleAction::Forward(groups) => groups.iter().map(|g| g.0.as_str()).collect(),
                    _ => Vec::new(),
                })
                .collect()
        })
        .unwrap_or_default();
    let groups: &[GroupNode] = &state.account.party_box.groups;
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|g| !chosen.contains(&groups[*g].group.arn.as_str()));
    order.into_iter().flat_map(|g| (0..groups[g].targets.len()).map(move |t| (g, t))).collect()
}

fn group_rules(state: &State) -> Vec<(usize, Option<usize>)> {
    let Some(network) = state.account.store.network() else { return Vec::new() };
    let mut list = Vec::new();
    for (id, _) in attached_groups(&state.account.store, &state.account.party_box) {
        let Some(index) = network.security_groups.iter().position(|g| g.id == id) else { continue };
        if list.iter().any(|(known, _)| *known == index) {
            continue;
        }
        let rules = network.security_groups[index].inbound.len();
        if rules == 0 {
            list.push((index, None));
        }
        list.extend((0..rules).map(|r| (index, Some(r))));
    }
    list
}
