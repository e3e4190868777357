//! Databases, zone by zone: who writes, who would take over.

use super::{Loss, Part, PartKind, Zone};
use crate::diagnosis::zone_letter;
use crate::domain::{Database, Level, PartyBox};

/// Writers, standbys, readers and replicas.
pub(super) fn add_databases(party_box: &PartyBox, zones: &mut [Zone]) {
    for db in &party_box.databases {
        let level = db.level();
        for zone in zones.iter_mut() {
            let lives = db.zone.as_deref() == Some(zone.name.as_str());
            let stands_by = db.secondary_zone.as_deref() == Some(zone.name.as_str());
            let (role, loss) = match (lives, stands_by) {
                (true, _) => (db.role(), instance_loss(party_box, db)),
                (false, true) => ("standby", standby_loss(db)),
                (false, false) => continue,
            };
            // The status is the writer's: of the standby itself RDS tells nothing.
            let (level, here) = if lives {
                (level, format!("{role}, {}", db.status))
            } else {
                (Level::Good, role.to_owned())
            };
            zone.parts.push(Part {
                kind: PartKind::Database,
                name: db.id.clone(),
                level,
                here,
                loss: Some(loss),
            });
        }
    }
}

/// What is lost with the zone in which an instance lives.
fn instance_loss(party_box: &PartyBox, db: &Database) -> Loss {
    let id = &db.id;
    let warn = |text: String| Loss { level: Level::Warn, text };
    match db.role() {
        "replica" => warn(format!("the read replica {id}")),
        "reader" => warn(format!("the reader {id} (the writer goes on)")),
        // As long as its cluster is not read.
        "member" => warn(format!("the member {id} of its cluster")),
        _ => match (party_box.cluster(id), &db.secondary_zone) {
            (Some(node), _) => {
                let elsewhere = node.readers().find(|m| m.zone.is_some() && m.zone != db.zone);
                match elsewhere {
                    Some(reader) => warn(format!(
                        "the writer {id} (the reader {} in {} takes over, usually in {})",
                        reader.id,
                        reader.zone.as_deref().map_or("?", zone_letter),
                        node.usual()
                    )),
                    None => Loss {
                        level: Level::Bad,
                        text: format!("the writer {id}: no reader elsewhere takes over"),
                    },
                }
            }
            (None, Some(standby)) => warn(format!(
                "the writer {id} (the standby in {} takes over in 60-120 s)",
                zone_letter(standby)
            )),
            (None, None) if db.multi_az => {
                warn(format!("the writer {id} (its standby takes over; RDS does not name the zone)"))
            }
            (None, None) => {
                Loss { level: Level::Bad, text: format!("the writer {id}: no standby takes over") }
            }
        },
    }
}

fn standby_loss(db: &Database) -> Loss {
    Loss { level: Level::Idle, text: format!("the standby of {} (the writer goes on, without one)", db.id) }
}
