//! What is selected on the screen.

use crate::app::state::{ChainItem, ImageChoice, Pane, StartPhase, State, View};
use crate::diagnosis::Zone;
use crate::domain::{Database, EcrImage, ServiceNode};

impl State {
    /// The cursor of a pane. The overview starts on the first service: the part that is acted on most.
    pub fn cursor(&self, view: View, pane: Pane) -> usize {
        match self.screen.cursors.get(&(view, pane)) {
            Some(cursor) => cursor.row,
            None if (view, pane) == (View::Overview, Pane::Main)
                && self.session.phase == StartPhase::Watching =>
            {
                self.screen.rows.chain.iter().position(|t| matches!(t, ChainItem::Service(_))).unwrap_or(0)
            }
            None => 0,
        }
    }

    /// How many rows can be selected in a pane. While a cluster is being chosen, the overview lists the
    /// clusters.
    pub fn rows(&self, view: View, pane: Pane) -> usize {
        match (view, pane) {
            (View::Overview, Pane::Main) if self.session.phase == StartPhase::Choosing => {
                self.account.store.clusters().len()
            }
            _ => self.screen.rows.len(view, pane),
        }
    }

    /// The part of the chain selected in the overview.
    pub fn selected_item(&self) -> Option<&ChainItem> {
        self.screen.rows.chain.get(self.cursor(View::Overview, Pane::Main))
    }

    /// The images to choose from, newest first, without those that cannot be pulled; empty while they are being
    /// read.
    pub fn choices(&self, choice: &ImageChoice) -> Vec<&EcrImage> {
        let source = choice.source.as_ref();
        let all = source.and_then(|s| self.account.store.candidates(&s.registry, &s.repository));
        all.unwrap_or_default().iter().filter(|image| image.pull_block().is_none()).collect()
    }

    /// The service that is selected in the view on the screen.
    pub fn selected_node(&self) -> Option<&ServiceNode> {
        let index = match self.screen.view {
            View::Overview => match self.selected_item()? {
                ChainItem::Service(index) => *index,
                _ => return None,
            },
            View::Services => *self.screen.rows.services.get(self.cursor(View::Services, Pane::Main))?,
            _ => return None,
        };
        self.account.party_box.services.get(index)
    }

    /// The service selected in the services view, whichever view is on the screen.
    pub fn services_view_node(&self) -> Option<&ServiceNode> {
        let index = *self.screen.rows.services.get(self.cursor(View::Services, Pane::Main))?;
        self.account.party_box.services.get(index)
    }

    /// The name of [`State::selected_node`].
    pub fn selected_service(&self) -> Option<&str> {
        self.selected_node().map(|n| n.service().name.as_str())
    }

    /// The database that is selected in the view on the screen.
    pub fn selected_database(&self) -> Option<&Database> {
        let index = match self.screen.view {
            View::Overview => match self.selected_item()? {
                ChainItem::Database(index) => *index,
                _ => return None,
            },
            View::Database => *self.screen.rows.databases.get(self.cursor(View::Database, Pane::Main))?,
            View::Drill => return self.account.party_box.database(self.drilled()?),
            _ => return None,
        };
        self.account.party_box.databases.get(index)
    }

    /// The zone selected in the zones view.
    pub fn selected_zone(&self) -> Option<&Zone> {
        self.account.zones.get(*self.screen.rows.zones.get(self.cursor(View::Zones, Pane::Main))?)
    }

    /// The database that the drill view is about: the one of the drill, or of the selected earlier one.
    pub fn drilled(&self) -> Option<&str> {
        match &self.drill.current {
            Some(drill) => Some(drill.database.as_str()),
            None => self.drill.history.get(self.cursor(View::Drill, Pane::Main)).map(|p| p.database.as_str()),
        }
    }
}
