//! What a service level is: one table from (outcome class × wait band) to hit, miss or exclude.
//!
//! Service level = hits / (hits + misses). Systems differ in the cells of the table, in the comparison at exactly the
//! threshold T, and in which abandons count as short. A [`Definition`] holds all of that; the threshold stays outside
//! it, so one definition can be read at several. Definitions come from [`Definition::by_name`] (the presets, see
//! [`presets`]) or from [`Definition::from_value`] (a policy of one's own).
//!
//! A cell that the source of a preset does not settle is *assumed*: results say how many contacts fell in assumed
//! cells and how far the value could move (see [`level`](super::level)). With a comparator that the source does not
//! settle, contacts at exactly T are assumed too.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::closed::closed_list;
use super::duration;
use super::outcome::{Attribution, ClockStart, Outcome, Resolution};
use super::presets;
use crate::error::{Error, Result};

closed_list! {
    /// What a contact does to the ratio.
    Treatment, "treatment" {
        /// In the numerator and the denominator.
        Hit = "hit",
        /// In the denominator only.
        Miss = "miss",
        /// In neither.
        Exclude = "exclude",
    }
}

impl Treatment {
    /// Higher is better for the ratio, whatever the rest of the counts: h/(n+1) ≤ h/n ≤ (h+1)/(n+1) as h ≤ n.
    fn rank(self) -> u8 {
        match self {
            Self::Miss => 0,
            Self::Exclude => 1,
            Self::Hit => 2,
        }
    }
}

closed_list! {
    /// The wait band of a contact.
    Band, "band" {
        /// An abandon within the short limit; only abandons can be short.
        Short = "short",
        /// Within the threshold.
        In = "in",
        /// Beyond the threshold.
        After = "after",
    }
}

closed_list! {
    /// Whether a wait of exactly the limit is within it.
    Comparator, "comparator" {
        /// `<=`: at exactly the limit is within.
        AtMost = "<=",
        /// `<`: at exactly the limit is beyond.
        Below = "<",
    }
}

impl Comparator {
    /// Whether a wait is within the limit, given how it compares with it.
    pub fn within(self, wait_to_limit: Ordering) -> bool {
        match wait_to_limit {
            Ordering::Less => true,
            Ordering::Equal => self == Self::AtMost,
            Ordering::Greater => false,
        }
    }
}

closed_list! {
    /// What a contact still waiting counts as.
    PendingRule, "pending rule" {
        /// Excluded until it has an outcome.
        Ignore = "ignore",
        /// A miss once its wait so far is beyond the threshold, excluded before. The default.
        CountOverdue = "count_overdue",
        /// A miss from the start.
        CountAll = "count_all",
    }
}

closed_list! {
    /// How an empty interval is shown. Display only: a total is never built from what is shown.
    EmptyAs, "empty rule" {
        /// Nothing: there is no ratio of nothing. The default.
        Null = "null",
        /// 0 %.
        Zero = "zero",
        /// 100 %.
        One = "one",
    }
}

impl EmptyAs {
    /// The value to show for a ratio that may not exist.
    pub fn show(self, value: Option<f64>) -> Option<f64> {
        value.or(match self {
            Self::Null => None,
            Self::Zero => Some(0.0),
            Self::One => Some(1.0),
        })
    }
}

closed_list! {
    /// How well the source of a preset supports it.
    Status, "status" {
        /// Written in the vendor's own text or code.
        Verified = "verified",
        /// A literal reading, an old text, or vendor staff in a forum.
        Partly = "partly",
        /// Not found; csat's assumption.
        Assumed = "assumed",
    }
}

/// The limit up to which an abandon is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShortLimit {
    /// A limit in microseconds.
    Fixed(i64),
    /// The threshold itself.
    Threshold,
}

/// Which abandons are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortRule {
    /// The limit.
    pub limit: ShortLimit,
    /// Whether an abandon at exactly the limit is short.
    pub comparator: Comparator,
}

impl ShortRule {
    pub(super) fn micros(self, threshold: i64) -> i64 {
        match self.limit {
            ShortLimit::Fixed(micros) => micros,
            ShortLimit::Threshold => threshold,
        }
    }
}

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What contacts of this cell do to the ratio.
    pub treatment: Treatment,
    /// Whether the source leaves this cell open.
    pub assumed: bool,
}

impl Cell {
    pub(super) const fn sure(treatment: Treatment) -> Self {
        Self { treatment, assumed: false }
    }

    pub(super) const fn guess(treatment: Treatment) -> Self {
        Self { treatment, assumed: true }
    }
}

/// Bands per class, in the order of [`Band::ALL`]; the short band of classes other than abandoned equals `in`.
pub(super) type Table = [[Cell; 3]; Outcome::COUNT];

/// What a definition says about one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The band.
    pub band: Band,
    /// The treatment.
    pub treatment: Treatment,
    /// Whether the source leaves this treatment open.
    pub assumed: bool,
    /// The treatment that lowers the ratio most; differs from `treatment` only where assumed.
    pub worst: Treatment,
    /// The treatment that raises the ratio most.
    pub best: Treatment,
}

/// Where a definition comes from, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Documentation {
    /// A short title.
    pub title: &'static str,
    /// The title in Russian.
    pub title_ru: &'static str,
    /// The formula in words.
    pub formula: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// When the source was published or, where it is undated, read.
    pub date: &'static str,
    /// How well the source supports it.
    pub status: Status,
    /// The decisive words of the source (at most 25); empty where there are none.
    pub quote: &'static str,
    /// What to know before comparing numbers.
    pub caveats: &'static [&'static str],
}

/// The documentation of a policy of one's own.
pub(super) const OWN: Documentation = Documentation {
    title: "Own policy",
    title_ru: "Собственное правило",
    formula: "hits / (hits + misses) by the cells below",
    source: "the policy given by the user",
    date: "",
    status: Status::Verified,
    quote: "",
    caveats: &[],
};

/// A service-level definition without its threshold. Immutable: every change gives a definition with another name,
/// so a name in a result always means the same cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub(super) name: String,
    pub(super) cells: Table,
    pub(super) comparator: Comparator,
    pub(super) other_comparator: Comparator,
    pub(super) comparator_assumed: bool,
    pub(super) short: Option<ShortRule>,
    pub(super) attribution: Attribution,
    pub(super) clock_start: ClockStart,
    pub(super) resolution: Resolution,
    pub(super) pending: PendingRule,
    pub(super) hours_only: bool,
    pub(super) empty: EmptyAs,
    pub(super) documentation: Documentation,
}

/// How waits are measured, in words of the names of views.
pub(crate) fn measured(clock: ClockStart, resolution: Resolution, hours_only: bool) -> String {
    format!("{}:{}{}", clock.name(), resolution.name(), if hours_only { ":in_hours" } else { "" })
}

impl Definition {
    /// The preset with this name. The grammar of names is in [`presets`].
    ///
    /// ```
    /// use csat_core::rule::Definition;
    /// assert_eq!(Definition::by_name("genesys_cloud-fsa")?.name(), "genesys_cloud-fsa");
    /// assert!(Definition::by_name("ofered").unwrap_err().message().contains("`offered`"));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn by_name(name: &str) -> Result<Self> {
        presets::find(name)
    }

    /// The definition and threshold (µs) of an id such as `sl:offered:20s`. An id of a policy of one's own is refused:
    /// its cells are not in the id.
    pub fn from_id(id: &str) -> Result<(Self, i64)> {
        let (name, threshold) = id
            .strip_prefix("sl:")
            .and_then(|rest| rest.rsplit_once(':'))
            .ok_or_else(|| Error::argument(format!("`{id}` is not a definition id; it looks like `sl:offered:20s`")))?;
        let threshold = duration::parse(threshold).map_err(|e| e.at(format!("`{id}`")))?;
        Ok((Self::by_name(name)?, threshold))
    }

    /// The name: a preset's, or `custom-` and 8 hexadecimal digits of the policy's content.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id with a threshold, as it stands in every row of every output: `sl:offered:20s`.
    ///
    /// ```
    /// let offered = csat_core::rule::Definition::by_name("offered")?;
    /// assert_eq!(offered.id(20_000_000), "sl:offered:20s");
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn id(&self, threshold: i64) -> String {
        format!("sl:{}:{}", self.name, duration::text(threshold))
    }

    /// How waits are measured, as in the names of views: clock, resolution, and `in_hours` where only those count.
    /// Definitions that agree on it place every contact in the same band.
    pub fn measured(&self) -> String {
        measured(self.clock_start(), self.resolution(), self.hours_only())
    }

    /// The comparator at exactly the threshold: for answers and for contacts still waiting.
    pub fn comparator(&self) -> Comparator {
        self.comparator
    }

    /// The comparator at exactly the threshold for every other class.
    pub fn other_comparator(&self) -> Comparator {
        self.other_comparator
    }

    /// Whether the source leaves the comparator open; contacts at exactly the threshold are then assumed.
    pub fn comparator_assumed(&self) -> bool {
        self.comparator_assumed
    }

    /// The short-abandon rule, if any.
    pub fn short(&self) -> Option<ShortRule> {
        self.short
    }

    /// Which instant places a contact in an interval.
    pub fn attribution(&self) -> Attribution {
        self.attribution
    }

    /// Where the waiting clock starts.
    pub fn clock_start(&self) -> ClockStart {
        self.clock_start
    }

    /// How a wait is measured. Waits given to this definition must have been measured so.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// What contacts still waiting count as.
    pub fn pending(&self) -> PendingRule {
        self.pending
    }

    /// Whether only contacts offered in working hours take part. The caller leaves the others out.
    pub fn hours_only(&self) -> bool {
        self.hours_only
    }

    /// How an empty interval is shown by the source's own displays.
    pub fn empty(&self) -> EmptyAs {
        self.empty
    }

    /// Where the definition comes from.
    pub fn documentation(&self) -> &Documentation {
        &self.documentation
    }

    /// One cell of the table. Without a short rule the short band of abandons equals `in`; so it does for every class
    /// but abandoned.
    pub fn cell(&self, outcome: Outcome, band: Band) -> Cell {
        match outcome {
            Outcome::Pending => Cell::sure(match (self.pending, band) {
                (PendingRule::CountAll, _) | (PendingRule::CountOverdue, Band::After) => Treatment::Miss,
                _ => Treatment::Exclude,
            }),
            Outcome::Skip => Cell::sure(Treatment::Exclude),
            _ => self.cells[outcome as usize][band as usize],
        }
    }

    /// The bands that a class can have under this definition.
    pub fn bands(&self, outcome: Outcome) -> &'static [Band] {
        if outcome == Outcome::Abandoned && self.short.is_some() { Band::ALL } else { &[Band::In, Band::After] }
    }

    /// What this definition makes of one contact. `wait` and `threshold` are µs; the wait is measured by
    /// [`clock_start`](Self::clock_start) and [`resolution`](Self::resolution), for contacts still waiting up to
    /// `as_of`. A negative wait or threshold is refused.
    ///
    /// ```
    /// use csat_core::rule::{Definition, Outcome, definition::Treatment};
    /// let cisco = Definition::by_name("cisco_ucce_ignore-lt")?;
    /// let early = cisco.treat(20_000_000, Outcome::Abandoned, 15_000_000)?;
    /// assert_eq!(early.treatment, Treatment::Exclude);
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn treat(&self, threshold: i64, outcome: Outcome, wait: i64) -> Result<Placed> {
        check_threshold(threshold)?;
        if wait < 0 {
            return Err(Error::argument(format!("a wait cannot be negative ({wait} µs): the instants are swapped?")));
        }
        let to_short = self.short.map(|short| wait.cmp(&short.micros(threshold)));
        Ok(self.place(outcome, wait.cmp(&threshold), to_short))
    }

    /// What this definition makes of a contact, given how its wait compares with the threshold and the short limit.
    pub(super) fn place(&self, outcome: Outcome, to_threshold: Ordering, to_short: Option<Ordering>) -> Placed {
        let comparator = match outcome {
            Outcome::Answered | Outcome::Pending => self.comparator,
            _ => self.other_comparator,
        };
        let band = match (self.short, to_short) {
            (Some(short), Some(to_short)) if outcome == Outcome::Abandoned && short.comparator.within(to_short) => {
                Band::Short
            }
            _ if comparator.within(to_threshold) => Band::In,
            _ => Band::After,
        };
        let mut placed = placed(band, self.cell(outcome, band));
        if self.comparator_assumed && to_threshold == Ordering::Equal && band != Band::Short {
            let other = self.cell(outcome, if band == Band::In { Band::After } else { Band::In });
            if other.treatment != placed.treatment || other.assumed {
                let (worst, best) = extremes(other);
                placed.assumed = true;
                placed.worst = [placed.worst, worst].into_iter().min_by_key(|t| t.rank()).unwrap_or(worst);
                placed.best = [placed.best, best].into_iter().max_by_key(|t| t.rank()).unwrap_or(best);
            }
        }
        placed
    }

    /// The definition in words: formula, comparator, every cell, source and what is assumed.
    pub fn explain(&self) -> String {
        let mut out = String::new();
        let doc = &self.documentation;
        let _ = writeln!(out, "{} — {} ({})", self.name, doc.title, doc.title_ru);
        let _ = writeln!(out, "Formula: {}.", doc.formula);
        let _ = writeln!(out, "Value: hits / (hits + misses); excluded contacts are in neither. T is the threshold.");
        let _ = writeln!(out, "Answered within T: wait {} T.", self.comparator.name());
        let _ = writeln!(out, "Other classes within T: wait {} T.", self.other_comparator.name());
        let short = match self.short {
            None => "no short-abandon rule".to_owned(),
            // No wait is below zero.
            Some(ShortRule { limit: ShortLimit::Fixed(0), comparator: Comparator::Below }) => {
                "none: the limit is a setting of the site, 0 s unless the name says otherwise".to_owned()
            }
            Some(rule) => {
                let limit = match rule.limit {
                    ShortLimit::Fixed(micros) => duration::text(micros),
                    ShortLimit::Threshold => "T".to_owned(),
                };
                format!("an abandon is short when wait {} {limit}", rule.comparator.name())
            }
        };
        let _ = writeln!(out, "Short abandons: {short}.");
        let _ = writeln!(out, "Cells (a question mark: assumed):");
        for outcome in Outcome::ALL {
            let cells: Vec<String> = self.bands(*outcome).iter().map(|band| self.cell_text(*outcome, *band)).collect();
            let _ = writeln!(out, "  {:<10} {}", outcome.name(), cells.join(", "));
        }
        let _ = writeln!(out, "Interval of a contact: {}.", self.attribution.name());
        let _ = writeln!(out, "Clock: from {}, {}.", self.clock_start.name(), self.resolution.name());
        let _ = writeln!(out, "Contacts still waiting: {}.", self.pending.name());
        if self.hours_only {
            out.push_str("Only contacts in working hours take part.\n");
        }
        let _ = writeln!(out, "An empty interval is shown as: {}.", self.empty.name());
        let _ = writeln!(out, "Source: {}; {} ({}).", doc.source, doc.date, doc.status.name());
        if !doc.quote.is_empty() {
            let _ = writeln!(out, "In its words: “{}”", doc.quote);
        }
        let assumed = self.assumed();
        let assumed = if assumed.is_empty() { "nothing".to_owned() } else { assumed.join(", ") };
        let _ = writeln!(out, "Assumed: {assumed}.");
        for caveat in doc.caveats {
            let _ = writeln!(out, "Note: {caveat}.");
        }
        out
    }

    fn cell_text(&self, outcome: Outcome, band: Band) -> String {
        let cell = self.cell(outcome, band);
        format!("{} {}{}", band.name(), cell.treatment.name(), if cell.assumed { "?" } else { "" })
    }

    /// What the source leaves open: `comparator` and cells such as `flow_out_in`.
    pub fn assumed(&self) -> Vec<String> {
        let comparator = self.comparator_assumed.then(|| "comparator".to_owned());
        let cells = Outcome::ALL.iter().flat_map(|outcome| {
            let open = self.bands(*outcome).iter().filter(|band| self.cell(*outcome, **band).assumed);
            open.map(|band| format!("{}_{}", outcome.name(), band.name()))
        });
        comparator.into_iter().chain(cells).collect()
    }
}

/// [`Definition::explain`] of a preset by name (`offered`) or id (`sl:offered:20s`), or of an abandonment policy
/// (`ab:offered`).
///
/// ```
/// let text = csat_core::rule::definition::explain("sl:offered:20s")?;
/// assert!(text.contains("Answered within T: wait <= T."));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn explain(name_or_id: &str) -> Result<String> {
    // The id of a measure that a plan named begins with the name.
    let name_or_id =
        name_or_id.split_once('/').filter(|(name, _)| !name.contains(':')).map_or(name_or_id, |(_, id)| id);
    if let Some(name) = name_or_id.strip_prefix("ab:") {
        return Ok(super::AbandonmentPolicy::by_name(name)?.explain());
    }
    if name_or_id.starts_with("sl:") {
        let (definition, threshold) = Definition::from_id(name_or_id)?;
        return Ok(format!("{}T = {}.\n", definition.explain(), duration::text(threshold)));
    }
    Ok(Definition::by_name(name_or_id)?.explain())
}

/// Refuses a threshold below zero.
pub(super) fn check_threshold(threshold: i64) -> Result<()> {
    if threshold < 0 {
        return Err(Error::argument(format!("the threshold cannot be negative: {threshold} µs")));
    }
    Ok(())
}

/// Worst and best treatment of a cell: any of the three where it is assumed.
fn extremes(cell: Cell) -> (Treatment, Treatment) {
    if cell.assumed { (Treatment::Miss, Treatment::Hit) } else { (cell.treatment, cell.treatment) }
}

fn placed(band: Band, cell: Cell) -> Placed {
    let (worst, best) = extremes(cell);
    Placed { band, treatment: cell.treatment, assumed: cell.assumed, worst, best }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_names_both_ways() {
        for value in Comparator::ALL {
            assert_eq!(Comparator::from_name(value.name()).unwrap(), *value);
        }
        assert!(Band::from_name("inside").is_err());
        assert!(PendingRule::from_name("count_overdu").unwrap_err().message().contains("`count_overdue`"));
        assert_eq!(EmptyAs::One.show(None), Some(1.0));
        assert_eq!(EmptyAs::One.show(Some(0.25)), Some(0.25));
    }

    #[test]
    fn short_applies_to_abandons_only_and_before_the_threshold() {
        let definition = Definition::by_name("short_abandons_excluded").unwrap();
        let band = |outcome, wait| definition.treat(2_000_000, outcome, wait).unwrap().band;
        // A short limit of 5 s beyond a threshold of 2 s: a late answer stays late.
        assert_eq!(band(Outcome::Abandoned, 3_000_000), Band::Short);
        assert_eq!(band(Outcome::Answered, 3_000_000), Band::After);
        assert_eq!(band(Outcome::Answered, 2_000_000), Band::In);
        assert_eq!(band(Outcome::Abandoned, 5_000_000), Band::After);
    }

    #[test]
    fn an_open_comparator_leaves_two_cells_at_the_threshold() {
        let cells = serde_json::json!({"callback_in": "exclude", "callback_after": "hit", "abandoned_in": "exclude"});
        let policy = serde_json::json!({"cells": cells, "assumed": ["comparator"]});
        let definition = Definition::from_value(&policy).unwrap();
        let extremes = |outcome, wait| {
            let placed = definition.treat(20, outcome, wait).unwrap();
            (placed.assumed, placed.worst, placed.best)
        };
        assert_eq!(extremes(Outcome::Answered, 20), (true, Treatment::Miss, Treatment::Hit));
        assert_eq!(extremes(Outcome::Callback, 20), (true, Treatment::Exclude, Treatment::Hit));
        assert_eq!(extremes(Outcome::Abandoned, 20), (true, Treatment::Miss, Treatment::Exclude));
        assert_eq!(extremes(Outcome::Abandoned, 19), (false, Treatment::Exclude, Treatment::Exclude));
        assert_eq!(extremes(Outcome::FlowOut, 20), (false, Treatment::Miss, Treatment::Miss));
    }

    #[test]
    fn ids_are_read_back_or_refused() {
        let refused = |id: &str| Definition::from_id(id).unwrap_err().message().to_owned();
        assert!(refused("offered:20s").contains("it looks like"));
        assert!(refused("sl:offered").contains("it looks like"));
        assert!(refused("sl:offered:20").contains("not a duration"));
        assert!(refused("sl:custom-0123abcd:20s").contains("the cells are not in the id"));
    }

    #[test]
    fn explanations_say_what_is_assumed() {
        let text = explain("sl:vonage_vcc_like-b:1m").unwrap();
        assert!(text.contains("Assumed: comparator, abandoned_short, callback_in"), "{text}");
        assert!(text.contains("  abandoned  short exclude?, in miss, after miss\n"), "{text}");
        assert!(text.ends_with("T = 1m.\n"), "{text}");
        assert!(explain("ringcentral_queue_like-i").unwrap().contains("Short abandons: none: the limit"));
        assert!(explain("offered").unwrap().contains("Assumed: nothing.\n"));
        assert!(explain("ab:8x8_abandoned").unwrap().contains("Abandons with wait < 5s: in the denominator only.\n"));
        assert!(explain("five9").is_err());
    }
}
