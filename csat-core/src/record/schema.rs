//! The tables csat knows, and the columns that a plan takes from them.

use crate::error::{Error, ErrorKind, Result};
use crate::text::is_folded;

/// A kind of record. Every measure reads one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Table {
    /// One row a contact: a call, a chat, a message offered to a queue.
    Contacts,
    /// One row a survey answer sheet.
    Answers,
    /// One row a filled scorecard.
    Evaluations,
    /// One row a ticket: a request that is to be answered in time.
    Tickets,
    /// One row a missed call, or a number with missed calls.
    MissedCalls,
    /// One row a problem or complaint.
    Problems,
    /// One row an interval of a queue or an agent, with counters and times already summed.
    Intervals,
}

/// A column that a table has by its nature: its name, its kind in words, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct KnownColumn {
    /// The name, as in `columns = {"offered": "queued_at"}`.
    pub name: &'static str,
    /// `instant`, `duration`, `integer`, `flag`, `category` or `text`.
    pub kind: &'static str,
    /// What it holds.
    pub doc: &'static str,
}

macro_rules! known {
    ($($name:literal $kind:literal $doc:literal,)+) => { &[$(KnownColumn { name: $name, kind: $kind, doc: $doc },)+] };
}

const TICKETS: &[KnownColumn] = known![
    "id" "text" "the ticket",
    "customer" "text" "who asked; may be missing",
    "agent" "text" "who handled it",
    "channel" "category" "email, chat, call, …; chooses the target",
    "priority" "category" "chooses the target",
    "segment" "category" "the segment of the customer; chooses the target",
    "team" "category" "chooses the target",
    "created" "instant" "when it was created; the policy in force then holds",
    "requested" "instant" "the time set by the customer",
    "first_response" "instant" "the first answer of a person; missing while there is none",
    "resolved" "instant" "when it was resolved; missing while it is open",
    "done" "instant" "when any other event was done (call back, ordered call, unit's reply)",
    "due" "instant" "when it was due, where the host knows",
    "elapsed" "duration" "the time used, where the host knows",
    "met" "flag" "whether the target was met, where the host knows",
];

const MISSED_CALLS: &[KnownColumn] = known![
    "id" "text" "the missed call",
    "number" "text" "whose call it was",
    "customer" "text" "who called; may be missing",
    "agent" "text" "who was to call back",
    "channel" "category" "chooses the target",
    "priority" "category" "chooses the target",
    "segment" "category" "chooses the target",
    "team" "category" "chooses the target",
    "missed" "instant" "when it was missed",
    "requested" "instant" "the time set by the customer",
    "attempt" "instant" "the first call back, answered or not (link `callback`)",
    "reached" "instant" "the first call back that reached the customer (link `callback`)",
    "own" "instant" "the customer's own next call that was answered (link `callback`)",
    "met" "flag" "whether it was closed in time, where the host knows",
];

const PROBLEMS: &[KnownColumn] = known![
    "id" "text" "the problem",
    "customer" "text" "who has it",
    "department" "text" "whose problem it is",
    "agent" "text" "who solves it",
    "opened" "instant" "when it was reported",
    "reacted" "instant" "the first reaction",
    "solved" "instant" "when it was solved; missing while it is open",
    "class" "category" "what it turned out to be; `no_fault` for no problem at all",
    "importance" "category" "how important",
    "reaction" "category" "how fast the reaction was",
    "solution" "category" "how it was solved",
    "approach" "category" "how the solution was gone about",
    "reason" "category" "why it came about",
    "avoidable" "flag" "whether it could have been avoided",
    "reopened" "flag" "whether it came up again after it was solved",
    "confirmed" "flag" "whether the customer confirmed the solution",
];

const INTERVALS: &[KnownColumn] = known![
    "queue" "text" "the queue; missing for an agent's own time",
    "agent" "text" "the agent; missing for a queue",
    "started" "instant" "when the interval began",
    "offered" "integer" "contacts offered",
    "answered" "integer" "contacts answered",
    "abandoned" "integer" "contacts abandoned",
    "within" "integer" "contacts answered within the system's threshold",
    "wait" "duration" "waiting time of the contacts whose waits the system adds up",
    "talk" "duration" "talking time",
    "hold" "duration" "time on hold",
    "wrap" "duration" "after-contact work",
    "ready" "duration" "time ready for contacts without one",
    "pause" "duration" "time paused: breaks, meetings, not ready",
    "logged_in" "duration" "time logged in: all states together",
    "paid" "duration" "paid time",
];

impl Table {
    /// Every table.
    pub const ALL: &'static [Table] = &[
        Table::Contacts,
        Table::Answers,
        Table::Evaluations,
        Table::Tickets,
        Table::MissedCalls,
        Table::Problems,
        Table::Intervals,
    ];

    /// The name of the table.
    pub fn name(self) -> &'static str {
        match self {
            Table::Contacts => "contacts",
            Table::Answers => "answers",
            Table::Evaluations => "evaluations",
            Table::Tickets => "tickets",
            Table::MissedCalls => "missed_calls",
            Table::Problems => "problems",
            Table::Intervals => "intervals",
        }
    }

    /// The table of this name.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|t| t.name() == name)
            .ok_or_else(|| Error::unknown("table", name, Self::ALL.iter().map(|t| t.name())))
    }

    /// The column whose instant chooses the slot of a row, unless a definition chooses otherwise.
    pub fn slot_column(self) -> &'static str {
        match self {
            Table::Contacts => "offered",
            Table::Answers => "answered",
            Table::Evaluations => "at",
            Table::Tickets => "created",
            Table::MissedCalls => "missed",
            Table::Problems => "opened",
            Table::Intervals => "started",
        }
    }

    /// The columns the table has by its nature; any further text, integer or boolean column can be a key.
    pub fn known_columns(self) -> &'static [KnownColumn] {
        match self {
            Table::Contacts => known![
                "id" "text" "the contact",
                "queue" "text" "the queue it was offered to",
                "channel" "text" "call, chat, email, callback, …",
                "agent" "text" "who handled it",
                "customer" "text" "who contacted; may be missing",
                "direction" "text" "inbound or outbound",
                "started" "instant" "when the contact began (before any menu)",
                "offered" "instant" "when it entered the queue",
                "rang" "instant" "when it first rang at an agent",
                "answered" "instant" "when an agent answered; missing if nobody did",
                "ended" "instant" "when it ended or left the queue",
                "outcome" "category" "the outcome class; derived from answered and ended where the column is missing",
                "wait" "duration" "time in queue; derived from the instants where the column is missing",
                "talk" "duration" "talking time",
                "hold" "duration" "time on hold",
                "wrap" "duration" "after-contact work",
                "legs" "integer" "how many legs (segments) it had",
                "transferred" "flag" "whether it was handed on",
                "in_hours" "flag" "whether it arrived in working hours",
                "first" "flag" "whether it is the first contact of its issue (link `repeat`)",
                "repeated" "flag" "whether the customer contacted again within the window (link `repeat`); missing while that cannot be known",
                "resolved" "flag" "whether it was settled with this contact: not repeated, or said so by survey or agent",
                "resolvable" "flag" "whether it could be settled on the first contact at all",
                "automated" "flag" "whether it entered a robot, a menu or self-service",
                "completed" "flag" "whether self-service did what the customer wanted",
                "human" "flag" "whether it was queued for a person, or a person was involved within the window",
                "called_back" "flag" "whether a missed contact was returned (link `callback`)",
                "eligible" "flag" "whether a survey may be sent",
                "asked" "instant" "when the survey about it was sent (link `survey`)",
                "reached" "flag" "whether the survey reached the customer",
                "refused" "flag" "whether the customer refused the survey",
                "responded" "instant" "when the survey was answered (link `survey`)",
            ],
            Table::Answers => known![
                "respondent" "text" "who answered",
                "contact" "text" "the contact the survey is about",
                "asked" "instant" "when the survey was sent",
                "answered" "instant" "when it was answered (an instant or a date)",
                "instrument" "text" "robot, operator, mail, …",
                "touchpoint" "text" "after sale, after service, …",
                "score" "integer" "the one score of the sheet",
                "followed_up" "instant" "when a low rating was called back (link `survey`)",
                "recovered" "flag" "whether the customer was won back afterwards (link `survey`)",
            ],
            Table::Evaluations => known![
                "id" "text" "the evaluation",
                "contact" "text" "the contact evaluated",
                "agent" "text" "whose work is evaluated",
                "reviewer" "text" "who evaluated",
                "at" "instant" "when",
                "form" "category" "the form's id",
                "form_version" "category" "the form's version, such as 2 or v2",
                "contact_type" "category" "chooses the block of criteria",
                "kind" "category" "standard or calibration; calibration never enters averages",
                "revision" "integer" "0 for the first, higher after appeals",
            ],
            Table::Tickets => TICKETS,
            Table::MissedCalls => MISSED_CALLS,
            Table::Problems => PROBLEMS,
            Table::Intervals => INTERVALS,
        }
    }
}

/// What a column is turned into before a measure sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Microseconds UTC, in a wide lane.
    Instant,
    /// An instant or a local date that chooses the slot, in a wide lane.
    SlotTime,
    /// Microseconds, in a wide lane.
    Duration,
    /// A whole number, in a wide lane.
    Integer,
    /// A small whole number (a score, a mark), in a narrow lane.
    Mark,
    /// 0 or 1, in a narrow lane.
    Flag,
    /// The code of a text in a closed list, in a narrow lane.
    Category(Vocabulary),
}

impl Kind {
    /// Whether it sits in a wide (64-bit) lane.
    pub fn is_wide(&self) -> bool {
        matches!(self, Kind::Instant | Kind::SlotTime | Kind::Duration | Kind::Integer)
    }

    /// What the column should hold, for messages.
    pub fn describe(&self) -> String {
        match self {
            Kind::Instant => "instants (a timestamp with a zone, or local times together with `zone`)".into(),
            Kind::SlotTime => "instants or dates".into(),
            Kind::Duration => "durations (native, or numbers of seconds)".into(),
            Kind::Integer => "whole numbers".into(),
            Kind::Mark => "whole numbers such as a score".into(),
            Kind::Flag => "truth values".into(),
            Kind::Category(v) => format!("one of {}", v.describe()),
        }
    }
}

/// A closed list of values a category column may hold; each has a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    what: String,
    texts: Vec<(String, i16)>,
    numbers: Vec<(i64, i16)>,
    flags: Option<[i16; 2]>,
    otherwise: Option<i16>,
}

impl Vocabulary {
    /// A list of texts, coded 0, 1, 2, … in their order. `what` names one of them in messages.
    pub fn of_texts<'t>(what: &str, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts = texts.into_iter().enumerate().map(|(i, t)| (t.to_owned(), i as i16)).collect();
        Self { what: what.to_owned(), texts, numbers: Vec::new(), flags: None, otherwise: None }
    }

    /// Adds a text with a code of its own.
    pub fn text(mut self, text: &str, code: i16) -> Self {
        self.texts.push((text.to_owned(), code));
        self
    }

    /// Adds a number with a code of its own. Truth values are looked up as 0 and 1.
    pub fn number(mut self, number: i64, code: i16) -> Self {
        self.numbers.push((number, code));
        self
    }

    /// Adds the codes of false and true; without them truth values are looked up as 0 and 1.
    pub fn flags(mut self, no: i16, yes: i16) -> Self {
        self.flags.get_or_insert([no, yes]);
        self
    }

    /// Gives every value that is not listed this code instead of refusing it.
    pub fn otherwise(mut self, code: i16) -> Self {
        self.otherwise = Some(code);
        self
    }

    /// The code of a truth value.
    pub fn code_of_flag(&self, value: bool) -> Result<i16> {
        match self.flags {
            Some(codes) => Ok(codes[usize::from(value)]),
            None => self.code_of_number(i64::from(value)),
        }
    }

    /// The numbers and their codes as one straight line, if they lie on one: code = number * slope + shift, for numbers
    /// from low to high.
    pub(crate) fn line(&self) -> Option<Line> {
        let (low, high) = (self.numbers.iter().map(|n| n.0).min()?, self.numbers.iter().map(|n| n.0).max()?);
        let at = |n: i64| self.find_number(n).map(i64::from);
        let slope = if high > low { at(low + 1)? - at(low)? } else { 0 };
        let shift = at(low)? - slope * low;
        let straight = (low..=high).all(|n| at(n) == Some(n * slope + shift));
        (straight && low >= -128 && high <= 127 && slope.abs() <= 1).then_some(Line {
            low: low as i16,
            high: high as i16,
            slope: slope as i16,
            shift: shift as i16,
        })
    }

    /// The code of a text; a text that spells a listed number counts as that number.
    pub fn code_of_text(&self, text: &str) -> Result<i16> {
        if let Some((_, code)) = self.texts.iter().find(|(t, _)| t == text) {
            return Ok(*code);
        }
        let trimmed = text.trim();
        if let Some((_, code)) = self.texts.iter().find(|(known, _)| is_folded(known, trimmed)) {
            return Ok(*code);
        }
        if let Some(code) = trimmed.parse().ok().and_then(|n: i64| self.find_number(n)) {
            return Ok(code);
        }
        let known = self.texts.iter().map(|(t, _)| t.as_str());
        self.otherwise.ok_or_else(|| Error::unknown(&self.what, text, known))
    }

    /// The code of a number.
    pub fn code_of_number(&self, number: i64) -> Result<i16> {
        self.find_number(number).or(self.otherwise).ok_or_else(|| {
            Error::new(ErrorKind::BadValue, format!("{number} is not a {}; it may be {}", self.what, self.describe()))
        })
    }

    fn find_number(&self, number: i64) -> Option<i16> {
        self.numbers.iter().find(|(n, _)| *n == number).map(|(_, c)| *c)
    }

    /// The lowest and the highest code.
    pub fn codes(&self) -> (i16, i16) {
        let codes = || {
            let numbers = self.numbers.iter().map(|(_, c)| *c);
            self.texts.iter().map(|(_, c)| *c).chain(numbers).chain(self.otherwise)
        };
        (codes().min().unwrap_or(0), codes().max().unwrap_or(0))
    }

    /// The texts it may hold.
    pub fn texts(&self) -> Vec<String> {
        self.texts.iter().map(|(t, _)| t.clone()).collect()
    }

    /// The values it may hold, for messages.
    pub fn describe(&self) -> String {
        let mut all: Vec<String> = self.texts.iter().map(|(t, _)| t.clone()).collect();
        all.extend(self.numbers.iter().map(|(n, _)| n.to_string()));
        if all.len() > 16 {
            all.truncate(16);
            all.push("…".into());
        }
        all.join(", ")
    }
}

/// Numbers whose codes lie on a straight line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) low: i16,
    pub(crate) high: i16,
    pub(crate) slope: i16,
    pub(crate) shift: i16,
}

/// Where a 64-bit column of a plan sits in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wide(pub(crate) usize);

/// Where a 16-bit column of a plan sits in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Narrow(pub(crate) usize);

/// A column that a plan takes from its batches.
#[derive(Clone, Debug)]
pub struct Need {
    /// The name inside csat; the plan may map it to another name in the batch.
    pub role: String,
    /// What it is turned into.
    pub kind: Kind,
    /// Who needs it, and whether it can be left out.
    pub required_by: Option<String>,
    pub(crate) lane: usize,
}

/// The columns of a plan: measures ask for what they need and get its place in a block.
#[derive(Clone, Debug)]
pub struct Schema {
    table: Table,
    needs: Vec<Need>,
    wide: usize,
    narrow: usize,
    asking: String,
    pub(crate) contact: Option<super::contact::ContactColumns>,
}

impl Schema {
    /// An empty schema of a table.
    pub fn new(table: Table) -> Self {
        Self { table, needs: Vec::new(), wide: 0, narrow: 0, asking: String::new(), contact: None }
    }

    /// The table.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Who asks from now on; errors about missing columns name it.
    pub fn asking(&mut self, measure: &str) {
        measure.clone_into(&mut self.asking);
    }

    /// The columns asked for so far.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    pub(crate) fn lanes(&self) -> (usize, usize) {
        (self.wide, self.narrow)
    }

    /// An instant column.
    pub fn instant(&mut self, role: &str, required: bool) -> Wide {
        Wide(self.need(role, Kind::Instant, required))
    }

    /// The instant or date that chooses the slot.
    pub fn slot_time(&mut self, role: &str) -> Wide {
        Wide(self.need(role, Kind::SlotTime, true))
    }

    /// A duration column.
    pub fn duration(&mut self, role: &str, required: bool) -> Wide {
        Wide(self.need(role, Kind::Duration, required))
    }

    /// A whole-number column.
    pub fn integer(&mut self, role: &str, required: bool) -> Wide {
        Wide(self.need(role, Kind::Integer, required))
    }

    /// A column of small whole numbers.
    pub fn mark(&mut self, role: &str, required: bool) -> Narrow {
        Narrow(self.need(role, Kind::Mark, required))
    }

    /// A truth-value column.
    pub fn flag(&mut self, role: &str, required: bool) -> Narrow {
        Narrow(self.need(role, Kind::Flag, required))
    }

    /// A column of values from a closed list.
    pub fn category(&mut self, role: &str, vocabulary: Vocabulary, required: bool) -> Narrow {
        Narrow(self.need(role, Kind::Category(vocabulary), required))
    }

    /// A lane without a column: derived facts are written there.
    pub(crate) fn derived_wide(&mut self) -> Wide {
        self.wide += 1;
        Wide(self.wide - 1)
    }

    /// A narrow lane without a column.
    pub(crate) fn derived_narrow(&mut self) -> Narrow {
        self.narrow += 1;
        Narrow(self.narrow - 1)
    }

    fn need(&mut self, role: &str, kind: Kind, required: bool) -> usize {
        let by = required.then(|| self.asking.clone());
        if let Some(known) = self.needs.iter_mut().find(|n| n.role == role && n.kind == kind) {
            if known.required_by.is_none() {
                known.required_by = by;
            }
            return known.lane;
        }
        let count = if kind.is_wide() { &mut self.wide } else { &mut self.narrow };
        let lane = *count;
        *count += 1;
        self.needs.push(Need { role: role.to_owned(), kind, required_by: by, lane });
        lane
    }
}
