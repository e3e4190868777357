//! Small hands for the cases: find things in the account's answers, change them, and look at what the program says.

use partybox_core::app::{Msg, Overlay, StartPhase};
use partybox_core::domain::DatabaseChoice;
use partybox_core::operation::{Draft, Plan};
use partybox_core::report::status::{self, Status};
use partybox_sim::Scenario;
use partybox_testkit::rig::{Account, Rewrites, Rig};
use serde_json::Value;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-northeast-1";
/// The target groups of the simulated account.
pub(crate) const BACKEND_GROUP: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/party-box-backend/2b3aaf61eba76ff3";

/// How long the program looks at an account before it is asked, milliseconds: every reading has come by then.
const LOOK: u64 = 90_000;

/// A program that watches an account.
pub(crate) struct Seen {
    pub(crate) rig: Rig,
}

impl Seen {
    /// Looks at a quiet account whose answers are rewritten, until everything was read.
    pub(crate) fn of(rewrites: Rewrites) -> Self {
        Self::at(Scenario::Steady, rewrites, 0)
    }

    /// The same of a scenario that has been going on for so many milliseconds when the program is started.
    pub(crate) fn at(scenario: Scenario, rewrites: Rewrites, began: u64) -> Self {
        let mut rig = Rig::before(Account::rewritten(scenario, 1, rewrites), 1);
        rig.connect(began);
        let mut seen = Self { rig };
        seen.wait(LOOK);
        assert_eq!(seen.rig.state.session.phase, StartPhase::Watching, "{:?}", seen.rig.state.session);
        seen
    }

    /// Looks at a quiet account with settings that name its databases.
    pub(crate) fn chosen(rewrites: Rewrites, choice: DatabaseChoice) -> Self {
        let mut rig = Rig::before(Account::rewritten(Scenario::Steady, 1, rewrites), 1);
        rig.state.session.databases = choice;
        rig.connect(0);
        let mut seen = Self { rig };
        seen.wait(LOOK);
        seen
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn wait(&mut self, span: u64) {
        let end = self.rig.at() + span;
        while self.rig.at() < end {
            self.rig.step(end);
        }
    }

    fn status(&self) -> Status {
        let complete = self.rig.state.all_answered();
        Status::new(&self.rig.state, self.rig.now(), None, !complete)
    }

    /// What `status --json` prints.
    pub(crate) fn json(&self) -> Value {
        serde_json::to_value(self.status()).expect("a status is data")
    }

    /// What `status` prints.
    pub(crate) fn text(&self) -> String {
        status::text(&self.status())
    }

    /// The exit code of `status`.
    pub(crate) fn code(&self) -> u8 {
        self.status().exit_status().code()
    }

    /// The health word and the headline.
    pub(crate) fn headline(&self) -> (String, String) {
        let json = self.json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        (text("health"), text("headline"))
    }

    /// Whether `status` prints this text.
    #[track_caller]
    pub(crate) fn says(&self, what: &str) -> &Self {
        let text = self.text();
        assert!(text.contains(what), "no {what:?} in:\n{text}");
        self
    }

    /// Whether `status` does not print this text.
    #[track_caller]
    pub(crate) fn does_not_say(&self, what: &str) -> &Self {
        let text = self.text();
        assert!(!text.contains(what), "{what:?} in:\n{text}");
        self
    }

    /// What the screen shows in a view, by its number key, at 120x40 (or as `rig.state.screen.size` says).
    pub(crate) fn screen(&mut self, keys: &str) -> String {
        self.rig.keys(keys);
        self.wait(3000);
        let (width, height) = self.rig.state.screen.size;
        let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(width, height))
            .expect("a test backend");
        let theme = partybox_tui::Theme::default();
        let (state, now) = (&self.rig.state, self.rig.now());
        terminal.draw(|frame| partybox_tui::draw(frame, state, now, &theme)).expect("into memory");
        let cells = &terminal.backend().buffer().content;
        let rows = cells.chunks(usize::from(width));
        let row = |cells: &[ratatui::buffer::Cell]| cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        rows.map(row).collect::<Vec<String>>().join("\n")
    }

    /// The plan that is made of an operation, or why there is none.
    pub(crate) fn plan(&mut self, draft: Draft) -> Result<Plan, String> {
        self.rig.tell(Msg::Draft(Box::new(draft)));
        match &self.rig.state.screen.overlay {
            Overlay::Plan(panel) => panel.plan.clone(),
            _ => Err("no plan is open".into()),
        }
    }
}

impl Seen {
    /// The plan to deploy an image to a service, or to one of its containers, or why there is none.
    pub(crate) fn deploy(
        &mut self,
        service: &str,
        container: Option<&str>,
        image: &str,
    ) -> Result<Plan, String> {
        let service = service.to_owned();
        self.rig.tell(match container.map(str::to_owned) {
            Some(container) => Msg::ChooseFor { service, container },
            None => Msg::Choose(service),
        });
        self.wait(10_000);
        let draft = self.rig.state.draft_of_image(image)?;
        self.plan(draft)
    }
}

/// The services of an answer of `DescribeServices` that have this name.
pub(crate) fn services<'a>(answer: &'a mut Value, name: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let all = answer["services"].as_array_mut().expect("services");
    all.iter_mut().filter(move |service| service["serviceName"] == name)
}

/// The tasks of an answer of `DescribeTasks` that are of this service.
pub(crate) fn tasks<'a>(answer: &'a mut Value, service: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let all = answer["tasks"].as_array_mut().expect("tasks");
    all.iter_mut().filter(move |task| task["group"] == format!("service:{service}"))
}

/// The answer with the innermost balanced `<tag>` element around a text made another.
pub(crate) fn edit(xml: &str, tag: &str, around: &str, f: impl FnOnce(&str) -> String) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let Some(at) = xml.find(around) else { return xml.to_owned() };
    let mut opened = Vec::new();
    let mut place = 0;
    while place < xml.len() {
        if xml[place..].starts_with(&open) {
            opened.push(place);
        } else if xml[place..].starts_with(&close) {
            let (start, end) = (opened.pop().expect("balanced"), place + close.len());
            if start < at && at < end {
                return format!("{}{}{}", &xml[..start], f(&xml[start..end]), &xml[end..]);
            }
        }
        place += xml[place..].chars().next().map_or(1, char::len_utf8);
    }
    xml.to_owned()
}

/// The inbound permissions of a security group made others.
pub(crate) fn service_groups(xml: &str, group: &str, f: impl Fn(&str) -> String) -> String {
    let at = xml.find(&format!("<item><groupId>{group}</groupId>")).expect("the group");
    let start = at + xml[at..].find("<ipPermissions>").expect("its permissions");
    let end = start + xml[start..].find("</ipPermissions>").expect("their end");
    format!("{}{}{}", &xml[..start], f(&xml[start..end]), &xml[end..])
}

/// The XML with the text of each element of this name made another.
pub(crate) fn set(xml: &str, tag: &str, value: &str) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut parts = xml.split(&open);
    let head = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| {
        let (_, rest) = part.split_once(&close).expect("a closed element");
        [open.as_str(), value, close.as_str(), rest].concat()
    });
    std::iter::once(head).chain(rest).collect()
}
