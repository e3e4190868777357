//! Databases in each zone: the writer, and who would take over.

use super::{Loss, Part, PartKind, Zone};
use crate::diagnosis::zone_letter;
use crate::domain::{Database, Level, PartyBox, USUAL_FAILOVER};

/// Adds writers, standbys, readers and replicas.
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
                role: Some(role.to_owned()),
                here,
                loss: Some(loss),
            });
        }
    }
}

/// The loss if the zone of an instance is lost.
fn instance_loss(party_box: &PartyBox, db: &Database) -> Loss {
    let id = &db.id;
    let warn = |short: String, detail: String| Loss::new(Level::Warn, short, detail);
    let writer = format!("the writer {id}");
    match db.role() {
        "replica" => warn(format!("the read replica {id}"), String::new()),
        "reader" => warn(format!("the reader {id}"), " (the writer goes on)".to_owned()),
        // Until its cluster is read.
        "member" => warn(format!("the member {id} of its cluster"), String::new()),
        _ => match (party_box.cluster(id), &db.secondary_zone) {
            (Some(node), _) => {
                let elsewhere = node.readers().find(|m| m.zone.is_some() && m.zone != db.zone);
                match elsewhere {
                    Some(reader) => {
                        let zone = reader.zone.as_deref().map_or("?", zone_letter);
                        let (reader, usual) = (&reader.id, node.usual());
                        warn(
                            writer,
                            format!(" (the reader {reader} in {zone} takes over, usually in {usual})"),
                        )
                    }
                    None => Loss::new(Level::Bad, writer, ": no reader elsewhere takes over"),
                }
            }
            (None, Some(standby)) => warn(
                writer,
                format!(" (the standby in {} takes over, usually in {USUAL_FAILOVER})", zone_letter(standby)),
            ),
            (None, None) if db.multi_az => {
                warn(writer, " (its standby takes over; RDS does not name the zone)".to_owned())
            }
            (None, None) => Loss::new(Level::Bad, writer, ": no standby takes over"),
        },
    }
}

fn standby_loss(db: &Database) -> Loss {
    Loss::new(Level::Idle, format!("the standby of {}", db.id), " (the writer goes on, without one)")
}
