//! The statuses of DB instances and clusters: how serious each is, and whether the database serves meanwhile.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html>

use super::Level;

/// Whether a database answers requests while it has a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It may be away for a while, or the documentation does not say.
    Perhaps,
}

/// What a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DbStatus {
    /// RDS's word. One that ends in `-` stands for all that begin so.
    pub word: &'static str,
    /// How serious it is.
    pub level: Level,
    /// Whether the database answers meanwhile.
    pub serves: Serves,
    /// What follows the word in a sentence.
    pub means: &'static str,
}

const fn status(word: &'static str, level: Level, serves: Serves, means: &'static str) -> DbStatus {
    DbStatus { word, level, serves, means }
}

const SERVES: &str = "it serves meanwhile";
const NOTHING: &str = "nothing can log in";

/// Every status that RDS documents, by word. A family (`configuring-`) stands behind its members.
pub const DB_STATUSES: &[DbStatus] = {
    use Level::{Bad, Busy, Good, Warn};
    use Serves::{No, Perhaps, Yes};
    &[
        status("available", Good, Yes, "it serves"),
        status("backing-up", Busy, Yes, SERVES),
        status("backtracking", Bad, No, "it is away until it has gone back in time"),
        status("cloning-failed", Bad, No, "it could not be cloned"),
        status("configuring-", Busy, Yes, SERVES),
        status("converting-to-vpc", Busy, Yes, SERVES),
        status("creating", Warn, No, "nothing can log in until it is made"),
        status(
            "delete-precheck",
            Warn,
            Yes,
            "RDS looks whether its replicas let it be deleted; it serves meanwhile",
        ),
        status("deleting", Bad, No, NOTHING),
        status("failed", Bad, No, "it has failed and RDS cannot recover it: restore it"),
        status("failing-over", Bad, No, "nothing writes until another takes over"),
        status(
            "inaccessible-encryption-credentials",
            Bad,
            No,
            "its KMS key cannot be used: restore it from a backup",
        ),
        status(
            "inaccessible-encryption-credentials-recoverable",
            Bad,
            No,
            "its KMS key cannot be used: enable the key, then start it",
        ),
        status("inaccessible-", Bad, No, "RDS cannot reach what it needs"),
        status("incompatible-create", Bad, No, "its resources do not fit together"),
        status("incompatible-credentials", Bad, No, "RDS cannot use the credentials given"),
        status("incompatible-network", Bad, No, "its subnets have no address left, or its network is gone"),
        status("incompatible-option-group", Bad, Perhaps, "its option group cannot be applied"),
        status("incompatible-parameters", Bad, No, "it cannot start with its parameter group"),
        status("incompatible-restore", Bad, No, "RDS cannot restore to this point in time"),
        status("incompatible-", Bad, No, "what it needs does not fit it"),
        status("insufficient-capacity", Bad, No, "AWS has no capacity to make it here"),
        status("maintenance", Busy, Perhaps, "it may be away for moments"),
        status("migrating", Warn, No, "a snapshot is being migrated into it"),
        status("migration-failed", Bad, No, "the snapshot could not be migrated"),
        status("modifying", Busy, Yes, SERVES),
        status("moving-to-vpc", Busy, Yes, SERVES),
        status("preparing-data-migration", Busy, Yes, SERVES),
        status("promoting", Warn, Perhaps, "it becomes a database of its own and restarts"),
        status("rebooting", Bad, No, "nothing can log in until it is back"),
        status("renaming", Warn, Perhaps, "its endpoint gets another name"),
        status("resetting-master-credentials", Warn, Yes, "it serves, and the master password changes"),
        status("restore-error", Bad, No, "it could not be restored"),
        status("scaling-compute", Busy, Yes, SERVES),
        status("starting", Bad, No, "nothing can log in until it has started"),
        status("stopped", Bad, No, NOTHING),
        status("stopping", Bad, No, NOTHING),
        status("storage-config-upgrade", Busy, Yes, SERVES),
        status("storage-full", Bad, No, "nothing can be written: give it more storage"),
        status("storage-initialization", Busy, Yes, "it serves, more slowly until its blocks are loaded"),
        status("storage-optimization", Busy, Yes, SERVES),
        status("update-iam-db-auth", Busy, Yes, SERVES),
        status("upgrade-failed", Warn, Perhaps, "the upgrade was not carried out: look at its events"),
        status("upgrading", Warn, Perhaps, "it is away for a part of it"),
    ]
};

/// What a status means; `None` for a word that is not documented.
pub fn db_status(word: &str) -> Option<&'static DbStatus> {
    let exact = DB_STATUSES.iter().find(|known| known.word == word);
    exact.or_else(|| {
        DB_STATUSES.iter().find(|known| known.word.ends_with('-') && word.starts_with(known.word))
    })
}

/// The severity of an RDS `DBInstanceStatus`, or of a cluster's `Status`: free strings. One that does not answer, or
/// will not in a moment, is bad also where somebody wants it so: the requests that need it fail all the same. A word
/// that is not known is one to look at.
pub fn database_level(status: &str) -> Level {
    db_status(status).map_or(Level::Warn, |known| known.level)
}

/// What a status means, in words that follow it.
pub fn database_status_means(status: &str) -> &'static str {
    db_status(status).map_or("a status that is not known here: look at it in RDS", |known| known.means)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_log_in_to_is_bad_and_what_serves_is_not() {
        for known in DB_STATUSES {
            match known.serves {
                Serves::Yes => assert!(known.level < Level::Bad, "{}", known.word),
                Serves::No => assert!(known.level >= Level::Warn, "{}", known.word),
                Serves::Perhaps => {}
            }
        }
        for word in ["stopped", "stopping", "starting", "storage-full", "rebooting", "incompatible-anything"]
        {
            assert_eq!(database_level(word), Level::Bad, "{word}");
        }
        for word in ["backing-up", "storage-optimization", "configuring-log-exports", "modifying"] {
            assert_eq!(
                db_status(word).map(|known| (known.level, known.serves)),
                Some((Level::Busy, Serves::Yes)),
                "{word}"
            );
        }
    }

    #[test]
    fn the_table_is_in_order_and_a_word_means_one_thing() {
        assert!(DB_STATUSES.windows(2).all(|two| two[0].word != two[1].word));
        let recoverable = database_status_means("inaccessible-encryption-credentials-recoverable");
        assert!(recoverable.contains("enable the key"), "the longer word has its own row: {recoverable}");
    }

    #[test]
    fn an_unknown_word_is_to_be_looked_at() {
        assert_eq!((db_status("pondering"), database_level("pondering")), (None, Level::Warn));
    }
}
