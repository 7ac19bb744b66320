//! Reading a definition from counts: cuts, bands, and a reader that is quick enough for a million cells.
//!
//! Counts are kept per outcome class and *stored band*. The cuts c1 < c2 < … < ck are all thresholds and short limits
//! asked for; the 2k+1 stored bands are (wait < c1), (= c1), (c1, c2), (= c2), …, (> ck). A wait at exactly a cut has
//! a band of its own, so both comparators can be read from the same counts, and so can every definition whose limits
//! are among the cuts.
//!
//! Assumed cells: [`LevelCounts::assumed_low`] and [`assumed_high`](LevelCounts::assumed_high) are the smallest and
//! largest ratio over every way to make the contacts of assumed cells hits, misses or excluded. With h hits of n
//! counted, h ≤ n, one contact more gives h/(n+1) as a miss, h/n excluded and (h+1)/(n+1) as a hit, in this order.
//! The order does not depend on the other contacts, so taking the worst of each contact gives the smallest ratio and
//! the best of each the largest.

use std::cmp::Ordering;

use super::definition::{Band, Definition, Placed, ShortLimit, Treatment, check_threshold};
use super::duration;
use super::outcome::Outcome;
use crate::error::{Error, ErrorKind, Result};

/// A share with its integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// The numerator.
    pub numerator: u64,
    /// The denominator.
    pub denominator: u64,
}

crate::answer_fields!(Ratio { numerator, denominator });

impl Ratio {
    /// A ratio of two counts.
    pub fn new(numerator: u64, denominator: u64) -> Self {
        Self { numerator, denominator }
    }

    /// The quotient; `None` where the denominator is zero.
    pub fn value(self) -> Option<f64> {
        (self.denominator > 0).then(|| self.numerator as f64 / self.denominator as f64)
    }
}

/// What a definition reads from the counts of one group. Counts beyond 2⁶⁴ − 1 stay there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelCounts {
    /// Contacts that are hits.
    pub hits: u64,
    /// Hits and misses.
    pub counted: u64,
    /// Contacts in cells that the source of the definition leaves open, whatever they were taken for.
    pub assumed_contacts: u64,
    /// The ratio with those contacts at their worst. Equals hits / counted where there are none.
    pub assumed_low: Ratio,
    /// The ratio with those contacts at their best.
    pub assumed_high: Ratio,
}

crate::answer_fields!(LevelCounts { hits, counted, assumed_contacts, assumed_low, assumed_high });

impl LevelCounts {
    /// Hits of counted.
    pub fn ratio(&self) -> Ratio {
        Ratio::new(self.hits, self.counted)
    }

    /// Hits / counted; `None` where nothing was counted.
    pub fn value(&self) -> Option<f64> {
        self.ratio().value()
    }

    /// Whether no contact fell in an assumed cell: then the value is what the source's own rule gives.
    pub fn is_exact(&self) -> bool {
        self.assumed_contacts == 0
    }
}

/// The sorted union of thresholds and short limits (µs): the cuts needed to read these definitions at these
/// thresholds.
///
/// ```
/// use csat_core::rule::{Definition, level};
/// let definitions = [Definition::by_name("offered")?, Definition::by_name("short_abandons_excluded")?];
/// assert_eq!(level::cuts(&definitions, &[20_000_000]), [5_000_000, 20_000_000]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn cuts(definitions: &[Definition], thresholds: &[i64]) -> Vec<i64> {
    let shorts = definitions.iter().filter_map(|definition| match definition.short()?.limit {
        ShortLimit::Fixed(micros) => Some(micros),
        ShortLimit::Threshold => None,
    });
    let mut cuts: Vec<i64> = thresholds.iter().copied().chain(shorts).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// How many stored bands there are: 2k + 1 for k cuts.
pub fn band_count(cuts: &[i64]) -> usize {
    2 * cuts.len() + 1
}

/// The stored band of a wait. `cuts` must ascend.
///
/// ```
/// use csat_core::rule::level::band_index;
/// let cuts = [5_000_000, 20_000_000];
/// let waits = [4_999_999, 5_000_000, 5_000_001, 20_000_000, 60_000_000];
/// assert_eq!(waits.map(|wait| band_index(&cuts, wait)), [0, 1, 2, 3, 4]);
/// ```
#[inline]
pub fn band_index(cuts: &[i64], wait: i64) -> usize {
    match cuts.binary_search(&wait) {
        Ok(at) => 2 * at + 1,
        Err(at) => 2 * at,
    }
}

/// The name of a stored band: `<5s`, `=5s`, `5s..20s`, `=20s`, `>20s`.
///
/// ```
/// use csat_core::rule::level::band_name;
/// let cuts = [5_000_000, 20_000_000];
/// assert_eq!([0, 1, 2, 4].map(|band| band_name(&cuts, band)), ["<5s", "=5s", "5s..20s", ">20s"]);
/// ```
pub fn band_name(cuts: &[i64], band: usize) -> String {
    let text = |at: usize| duration::text(cuts[at]);
    match (band / 2, band % 2) {
        _ if cuts.is_empty() => "any".to_owned(),
        (at, 1) => format!("={}", text(at)),
        (0, _) => format!("<{}", text(0)),
        (at, _) if at == cuts.len() => format!(">{}", text(at - 1)),
        (at, _) => format!("{}..{}", text(at - 1), text(at)),
    }
}

/// How the waits of a stored band compare with the cut at `at`.
fn compare(band: usize, at: usize) -> Ordering {
    band.cmp(&(2 * at + 1))
}

/// Where the limits of a definition lie among the cuts.
struct Positions {
    threshold: usize,
    short: Option<usize>,
}

impl Positions {
    fn new(definition: &Definition, threshold: i64, cuts: &[i64]) -> Result<Self> {
        check_threshold(threshold)?;
        check_cuts(cuts)?;
        let find = |micros: i64, what: &str| {
            cuts.binary_search(&micros).map_err(|_| {
                let name = definition.name();
                let text = duration::text(micros);
                let message = format!("`{name}` needs the {what} {text}, which was not among the limits when counting");
                Error::new(ErrorKind::NotFolded, message).with("definition", name).with("limit", text)
            })
        };
        let short = definition.short().map(|rule| find(rule.micros(threshold), "short limit")).transpose()?;
        Ok(Self { threshold: find(threshold, "threshold")?, short })
    }

    fn place(&self, definition: &Definition, outcome: Outcome, band: usize) -> Placed {
        definition.place(outcome, compare(band, self.threshold), self.short.map(|at| compare(band, at)))
    }
}

pub(super) fn check_cuts(cuts: &[i64]) -> Result<()> {
    if cuts.windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(());
    }
    Err(Error::argument("the cuts must ascend without repeats; make them with `cuts`"))
}

/// A definition at one threshold, resolved against the cuts once; reading a group is then a few short sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    hits: Vec<(Outcome, usize)>,
    misses: Vec<(Outcome, usize)>,
    assumed: Vec<(Outcome, usize, Placed)>,
}

impl Reader {
    /// Resolves a definition at a threshold (µs). A limit that is not among the cuts is an error of kind `not_folded`.
    pub fn new(definition: &Definition, threshold: i64, cuts: &[i64]) -> Result<Self> {
        let positions = Positions::new(definition, threshold, cuts)?;
        Ok(Self::build(cuts, |outcome, band| positions.place(definition, outcome, band)))
    }

    /// The cells that are hits and misses, and those the source leaves open, in the order of classes and bands.
    #[allow(
        clippy::type_complexity,
        reason = "three lists that belong together, taken apart at once by the one caller"
    )]
    pub(crate) fn cells(&self) -> (&[(Outcome, usize)], &[(Outcome, usize)], &[(Outcome, usize, Placed)]) {
        (&self.hits, &self.misses, &self.assumed)
    }

    pub(super) fn build(cuts: &[i64], place: impl Fn(Outcome, usize) -> Placed) -> Self {
        let mut reader = Self { hits: Vec::new(), misses: Vec::new(), assumed: Vec::new() };
        for outcome in Outcome::ALL.iter().copied() {
            for band in 0..band_count(cuts) {
                let placed = place(outcome, band);
                match placed.treatment {
                    _ if placed.assumed => reader.assumed.push((outcome, band, placed)),
                    Treatment::Hit => reader.hits.push((outcome, band)),
                    Treatment::Miss => reader.misses.push((outcome, band)),
                    Treatment::Exclude => {}
                }
            }
        }
        reader
    }

    /// Reads the counts of one group, given as a function of class and stored band.
    ///
    /// ```
    /// use csat_core::rule::{Definition, Outcome, level::Reader};
    /// let cuts = [20_000_000];
    /// let reader = Reader::new(&Definition::by_name("offered")?, 20_000_000, &cuts)?;
    /// // 70 answered within 20 s, 10 abandoned within 20 s, 20 answered later.
    /// let level = reader.read(|outcome, band| match (outcome, band) {
    ///     (Outcome::Answered, 0) => 70,
    ///     (Outcome::Abandoned, 0) => 10,
    ///     (Outcome::Answered, 2) => 20,
    ///     _ => 0,
    /// });
    /// assert_eq!((level.hits, level.counted), (70, 100));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    #[inline]
    pub fn read(&self, counts: impl Fn(Outcome, usize) -> u64) -> LevelCounts {
        let sum = |cells: &[(Outcome, usize)]| {
            cells.iter().fold(0u64, |sum, (outcome, band)| sum.saturating_add(counts(*outcome, *band)))
        };
        let hits = sum(&self.hits);
        let sure = Ratio::new(hits, hits.saturating_add(sum(&self.misses)));
        let (mut own, mut low, mut high, mut assumed_contacts) = (sure, sure, sure, 0u64);
        for (outcome, band, placed) in &self.assumed {
            let n = counts(*outcome, *band);
            assumed_contacts = assumed_contacts.saturating_add(n);
            add(&mut own, placed.treatment, n);
            add(&mut low, placed.worst, n);
            add(&mut high, placed.best, n);
        }
        LevelCounts {
            hits: own.numerator,
            counted: own.denominator,
            assumed_contacts,
            assumed_low: low,
            assumed_high: high,
        }
    }
}

fn add(ratio: &mut Ratio, treatment: Treatment, n: u64) {
    if treatment != Treatment::Exclude {
        ratio.denominator = ratio.denominator.saturating_add(n);
    }
    if treatment == Treatment::Hit {
        ratio.numerator = ratio.numerator.saturating_add(n);
    }
}

/// Reads one definition once: [`Reader::new`] and [`Reader::read`]. For many groups keep the reader.
pub fn read(
    definition: &Definition,
    threshold: i64,
    cuts: &[i64],
    counts: impl Fn(Outcome, usize) -> u64,
) -> Result<LevelCounts> {
    Ok(Reader::new(definition, threshold, cuts)?.read(counts))
}

/// One row of the table that shows where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// The class.
    pub outcome: Outcome,
    /// The band under the definition.
    pub band: Band,
    /// Contacts in this cell.
    pub contacts: u64,
    /// What they were taken for.
    pub treatment: Treatment,
    /// Whether the source leaves that open. Contacts at exactly the threshold have a row of their own where the
    /// source leaves the comparator open.
    pub assumed: bool,
}

impl crate::answer::Answer for TableRow {
    fn answer(&self) -> serde_json::Value {
        serde_json::json!({
            "outcome": self.outcome.name(),
            "band": self.band.name(),
            "contacts": self.contacts,
            "treatment": self.treatment.name(),
            "assumed": self.assumed,
        })
    }
}

/// Every cell that holds contacts, by class and band: which contacts made the value what it is.
///
/// The contacts of all rows add up to all contacts, those treated as hits to the hits.
pub fn table(
    definition: &Definition,
    threshold: i64,
    cuts: &[i64],
    counts: impl Fn(Outcome, usize) -> u64,
) -> Result<Vec<TableRow>> {
    let positions = Positions::new(definition, threshold, cuts)?;
    let mut rows: Vec<TableRow> = Vec::new();
    for outcome in Outcome::ALL.iter().copied() {
        for stored in 0..band_count(cuts) {
            let contacts = counts(outcome, stored);
            if contacts == 0 {
                continue;
            }
            let Placed { band, treatment, assumed, .. } = positions.place(definition, outcome, stored);
            let same = |row: &&mut TableRow| (row.outcome, row.band, row.assumed) == (outcome, band, assumed);
            match rows.iter_mut().find(same) {
                Some(row) => row.contacts = row.contacts.saturating_add(contacts),
                None => rows.push(TableRow { outcome, band, contacts, treatment, assumed }),
            }
        }
    }
    Ok(rows)
}

/// Contacts that two definitions treat differently: why their values differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The class.
    pub outcome: Outcome,
    /// What the first definition takes them for.
    pub first: Treatment,
    /// What the second takes them for.
    pub second: Treatment,
    /// How many contacts.
    pub contacts: u64,
}

impl crate::answer::Answer for Difference {
    fn answer(&self) -> serde_json::Value {
        serde_json::json!({
            "outcome": self.outcome.name(),
            "first": self.first.name(),
            "second": self.second.name(),
            "contacts": self.contacts,
        })
    }
}

/// The contacts that two definitions, each at its own threshold, treat differently, by class and treatment. Both are
/// read from the same counts, so they must have the same clock, resolution and attribution to be comparable.
pub fn differences(
    first: (&Definition, i64),
    second: (&Definition, i64),
    cuts: &[i64],
    counts: impl Fn(Outcome, usize) -> u64,
) -> Result<Vec<Difference>> {
    let (at_first, at_second) = (Positions::new(first.0, first.1, cuts)?, Positions::new(second.0, second.1, cuts)?);
    let mut list: Vec<Difference> = Vec::new();
    for outcome in Outcome::ALL.iter().copied() {
        for band in 0..band_count(cuts) {
            let contacts = counts(outcome, band);
            let (a, b) =
                (at_first.place(first.0, outcome, band).treatment, at_second.place(second.0, outcome, band).treatment);
            if contacts == 0 || a == b {
                continue;
            }
            match list.iter_mut().find(|d| (d.outcome, d.first, d.second) == (outcome, a, b)) {
                Some(known) => known.contacts = known.contacts.saturating_add(contacts),
                None => list.push(Difference { outcome, first: a, second: b, contacts }),
            }
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::super::definition::Cell;
    use super::super::presets;
    use super::*;
    use proptest::prelude::*;

    const T: i64 = 20_000_000;

    /// A few contacts: class, wait in seconds (on, below and above every limit), how many.
    fn contacts() -> impl Strategy<Value = Vec<(Outcome, i64, u64)>> {
        let outcome = proptest::sample::select(Outcome::ALL.to_vec());
        let wait = proptest::sample::select(vec![0, 3, 5, 6, 7, 19, 20, 21, 90]);
        proptest::collection::vec((outcome, wait.prop_map(|seconds: i64| seconds * 1_000_000), 1..4u64), 0..7)
    }

    fn counter<'a>(contacts: &'a [(Outcome, i64, u64)], cuts: &'a [i64]) -> impl Fn(Outcome, usize) -> u64 + 'a {
        move |outcome, band| {
            contacts.iter().filter(|c| c.0 == outcome && band_index(cuts, c.1) == band).map(|c| c.2).sum()
        }
    }

    /// Every ratio that the contacts can give, one contact after the other, as far as the definition leaves it open.
    fn every_ratio(definition: &Definition, contacts: &[(Outcome, i64, u64)]) -> Vec<Ratio> {
        let mut ratios = vec![Ratio::default()];
        for (outcome, wait, n) in contacts {
            let placed = definition.treat(T, *outcome, *wait).unwrap();
            let choices: &[Treatment] = match (placed.worst, placed.best) {
                (Treatment::Miss, Treatment::Hit) if placed.assumed => Treatment::ALL,
                _ if placed.assumed => &[placed.worst, placed.best],
                _ => &[placed.treatment],
            };
            for _ in 0..*n {
                ratios = ratios.iter().flat_map(|r| choices.iter().map(|t| with(*r, *t))).collect();
                ratios.sort_unstable_by_key(|r| (r.numerator, r.denominator));
                ratios.dedup();
            }
        }
        ratios
    }

    fn with(mut ratio: Ratio, treatment: Treatment) -> Ratio {
        add(&mut ratio, treatment, 1);
        ratio
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_preset_reads_what_it_says_of_each_contact(contacts in contacts()) {
            let all = presets::all();
            let cuts = cuts(&all, &[T]);
            let total: u64 = contacts.iter().map(|c| c.2).sum();
            for definition in &all {
                let name = definition.name();
                let counts = counter(&contacts, &cuts);
                let level = Reader::new(definition, T, &cuts).unwrap().read(&counts);
                let mut single = [0u64; 3];
                let mut assumed = 0;
                for (outcome, wait, n) in &contacts {
                    let placed = definition.treat(T, *outcome, *wait).unwrap();
                    single[placed.treatment as usize] += n;
                    assumed += if placed.assumed { *n } else { 0 };
                }
                let [hits, misses, excluded] = single;
                prop_assert_eq!((level.hits, level.counted), (hits, hits + misses), "{}", name);
                prop_assert_eq!(level.assumed_contacts, assumed, "{}", name);
                prop_assert_eq!(hits + misses + excluded, total);
                let rows = table(definition, T, &cuts, &counts).unwrap();
                for (treatment, expected) in Treatment::ALL.iter().zip(single) {
                    let found: u64 = rows.iter().filter(|r| r.treatment == *treatment).map(|r| r.contacts).sum();
                    prop_assert_eq!(found, expected, "{} {}", name, treatment.name());
                }
                let marked: u64 = rows.iter().filter(|r| r.assumed).map(|r| r.contacts).sum();
                prop_assert_eq!(marked, assumed, "{}", name);
            }
        }

        #[test]
        fn low_and_high_are_the_extremes_of_every_choice(contacts in contacts()) {
            for definition in presets::all().iter().filter(|d| !d.assumed().is_empty()) {
                let cuts = cuts(std::slice::from_ref(definition), &[T]);
                let level = read(definition, T, &cuts, counter(&contacts, &cuts)).unwrap();
                let ratios = every_ratio(definition, &contacts);
                let values = || ratios.iter().filter_map(|ratio| ratio.value());
                if let Some(low) = level.assumed_low.value() {
                    prop_assert_eq!(low, values().fold(f64::INFINITY, f64::min), "{}", definition.name());
                }
                if let Some(high) = level.assumed_high.value() {
                    prop_assert_eq!(high, values().fold(f64::NEG_INFINITY, f64::max), "{}", definition.name());
                }
                prop_assert!(ratios.contains(&level.assumed_low) && ratios.contains(&level.assumed_high));
                prop_assert!(ratios.contains(&level.ratio()));
            }
        }

        #[test]
        fn one_reading_for_any_cuts_and_the_differences_add_up(contacts in contacts()) {
            let (first, second) =
                (Definition::by_name("offered").unwrap(), Definition::by_name("cisco_ucce_positive-lt").unwrap());
            let few = cuts(&[first.clone(), second.clone()], &[T]);
            let many = cuts(&presets::all(), &[1, T, 3 * T]);
            let a = read(&first, T, &few, counter(&contacts, &few)).unwrap();
            prop_assert_eq!(a, read(&first, T, &many, counter(&contacts, &many)).unwrap());
            let b = read(&second, T, &few, counter(&contacts, &few)).unwrap();
            let list = differences((&first, T), (&second, T), &few, counter(&contacts, &few)).unwrap();
            let moved = |from: Treatment, to: Treatment| -> u64 {
                list.iter().filter(|d| d.first == from && d.second == to).map(|d| d.contacts).sum()
            };
            let gained: u64 = Treatment::ALL.iter().map(|from| moved(*from, Treatment::Hit)).sum();
            let lost: u64 = Treatment::ALL.iter().map(|to| moved(Treatment::Hit, *to)).sum();
            prop_assert_eq!(a.hits + gained, b.hits + lost);
        }
    }

    #[test]
    fn limits_that_were_not_counted_are_refused() {
        let definition = Definition::by_name("short_abandons_excluded").unwrap();
        for (cuts, limit) in [(vec![T], "5s"), (vec![5_000_000], "20s")] {
            let error = Reader::new(&definition, T, &cuts).unwrap_err();
            assert_eq!((error.kind(), error.context_value("limit")), (ErrorKind::NotFolded, Some(limit)));
        }
        assert!(Reader::new(&definition, T, &[T, 5_000_000]).is_err(), "cuts must ascend");
        assert!(Reader::new(&definition, -1, &[-1, 5_000_000]).is_err());
        assert!(definition.treat(T, Outcome::Answered, -1).is_err());
        assert!(definition.treat(-T, Outcome::Answered, 1).is_err());
    }

    #[test]
    fn counts_saturate_rather_than_wrap() {
        let offered = Definition::by_name("offered").unwrap();
        let level = read(&offered, T, &[T], |_, _| u64::MAX).unwrap();
        assert_eq!((level.hits, level.counted, level.value()), (u64::MAX, u64::MAX, Some(1.0)));
        assert_eq!(read(&offered, T, &[T], |_, _| 0).unwrap().value(), None);
    }

    #[test]
    fn pending_follows_its_rule_and_the_answer_comparator() {
        let place = |preset: &str, seconds: i64| {
            let definition = Definition::by_name(preset).unwrap();
            definition.treat(T, Outcome::Pending, seconds * 1_000_000).unwrap().treatment
        };
        assert_eq!(place("offered", 20), Treatment::Exclude);
        assert_eq!(place("offered", 21), Treatment::Miss);
        assert_eq!(place("offered-lt", 20), Treatment::Miss);
        assert_eq!(place("oktell_sl", 21), Treatment::Exclude);
        let cell = Definition::by_name("offered").unwrap().cell(Outcome::Skip, Band::After);
        assert_eq!(cell, Cell { treatment: Treatment::Exclude, assumed: false });
    }
}
