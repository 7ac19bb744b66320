//! A report: the long table of estimates, one for each group and part.

use crate::estimate::{Estimate, Reason};
use crate::measure::Part;
use crate::tally::KeyValue;
use crate::time::MISSING;

/// The reading of a tally: groups × parts, in canonical order.
///
/// Groups are ordered by key values and then by slot, parts by measure. The numbers are columns; [`rows`](Self::rows)
/// gives them one by one.
#[derive(Clone, Debug)]
pub struct Report {
    keys: Vec<String>,
    groups: Vec<(u32, i64)>,
    combinations: Vec<Vec<KeyValue>>,
    slotted: bool,
    /// Whether limits, numerators and denominators are kept beside values and n.
    detailed: bool,
    parts: Vec<(String, Part)>,
    value: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    n: Vec<u64>,
    numerator: Vec<f64>,
    denominator: Vec<f64>,
    reason: Vec<u8>,
}

/// The numbers of a report, column by column.
#[cfg(feature = "arrow")]
pub(crate) struct Columns<'a> {
    pub(crate) value: &'a [f64],
    pub(crate) low: &'a [f64],
    pub(crate) high: &'a [f64],
    pub(crate) n: &'a [u64],
    pub(crate) numerator: &'a [f64],
    pub(crate) denominator: &'a [f64],
    pub(crate) reason: &'a [u8],
}

/// One row of a report.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The values of the keys.
    pub keys: &'a [KeyValue],
    /// The start of the slot in microseconds UTC; none without slots and for rows that could not be placed.
    pub slot: Option<i64>,
    /// The measure.
    pub measure: &'a str,
    /// The part: its path, unit and definition.
    pub part: &'a Part,
    /// The number.
    pub estimate: Estimate,
}

impl Report {
    pub(crate) fn new(keys: Vec<String>, slotted: bool, parts: Vec<(String, Part)>) -> Self {
        Self {
            keys,
            groups: Vec::new(),
            combinations: Vec::new(),
            slotted,
            detailed: true,
            parts,
            value: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            n: Vec::new(),
            numerator: Vec::new(),
            denominator: Vec::new(),
            reason: Vec::new(),
        }
    }

    pub(crate) fn add_group(&mut self, keys: &[&KeyValue], slot: i64) {
        let same = self.combinations.last().is_some_and(|last| last.iter().eq(keys.iter().copied()));
        if !same {
            self.combinations.push(keys.iter().copied().cloned().collect());
        }
        self.groups.push((self.combinations.len() as u32 - 1, slot));
    }

    /// Keeps values and n alone.
    pub(crate) fn values_only(mut self) -> Self {
        self.detailed = false;
        self
    }

    /// Makes room for the numbers of some groups.
    pub(crate) fn reserve(&mut self, groups: usize) {
        let len = groups * self.parts.len();
        self.groups.reserve_exact(groups);
        self.n.reserve_exact(len);
        self.value.reserve_exact(len);
        if self.detailed {
            self.reason.reserve_exact(len);
            for column in [&mut self.low, &mut self.high, &mut self.numerator, &mut self.denominator] {
                column.reserve_exact(len);
            }
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, e: &Estimate) {
        self.value.push(e.value.unwrap_or(f64::NAN));
        self.n.push(e.n);
        if !self.detailed {
            return;
        }
        self.low.push(e.low.unwrap_or(f64::NAN));
        self.high.push(e.high.unwrap_or(f64::NAN));
        self.numerator.push(e.numerator.unwrap_or(f64::NAN));
        self.denominator.push(e.denominator.unwrap_or(f64::NAN));
        self.reason.push(e.reason.map_or(u8::MAX, |r| r as u8));
    }

    /// The numbers as they lie: groups × parts, NaN where there is none, reasons by their place in the list.
    #[cfg(feature = "arrow")]
    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns {
            value: &self.value,
            low: &self.low,
            high: &self.high,
            n: &self.n,
            numerator: &self.numerator,
            denominator: &self.denominator,
            reason: &self.reason,
        }
    }

    /// The names of the keys.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Whether groups have slots.
    pub fn is_slotted(&self) -> bool {
        self.slotted
    }

    /// How many groups it has.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The key values and the slot of a group.
    pub fn group(&self, group: usize) -> (&[KeyValue], Option<i64>) {
        let (combination, slot) = self.groups[group];
        (&self.combinations[combination as usize], Some(slot).filter(|s| *s != MISSING))
    }

    /// The distinct combinations of key values and, for each group, which one it has.
    pub fn combinations(&self) -> (&[Vec<KeyValue>], impl Iterator<Item = u32> + '_) {
        (&self.combinations, self.groups.iter().map(|(c, _)| *c))
    }

    /// Measure and part of each column, in order.
    pub fn parts(&self) -> &[(String, Part)] {
        &self.parts
    }

    /// How many rows it has: groups × parts.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The estimate of one group and part.
    pub fn estimate(&self, group: usize, part: usize) -> Estimate {
        let at = group * self.parts.len() + part;
        let there = |x: f64| (!x.is_nan()).then_some(x);
        let of = |column: &[f64]| column.get(at).copied().and_then(there);
        let value = there(self.value[at]);
        let unknown = if value.is_some() { Reason::NotAsked } else { Reason::Empty } as u8;
        let reason = self.reason.get(at).copied().unwrap_or(unknown);
        Estimate {
            value,
            low: of(&self.low),
            high: of(&self.high),
            n: self.n[at],
            numerator: of(&self.numerator),
            denominator: of(&self.denominator),
            reason: Reason::ALL.iter().copied().find(|r| *r as u8 == reason),
        }
    }

    /// The estimate of a group by measure and path of the part; the first one if definitions are several.
    pub fn get(&self, group: usize, measure: &str, path: &str) -> Option<Estimate> {
        let part = self.parts.iter().position(|(m, p)| m == measure && p.path == path)?;
        (group < self.groups()).then(|| self.estimate(group, part))
    }

    /// The estimate of a group by definition id.
    pub fn by_definition(&self, group: usize, definition: &str) -> Option<Estimate> {
        let part = self.parts.iter().position(|(_, p)| p.definition == definition)?;
        (group < self.groups()).then(|| self.estimate(group, part))
    }

    /// Every row, group by group.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.groups()).flat_map(move |group| {
            let (keys, slot) = self.group(group);
            self.parts.iter().enumerate().map(move |(at, (measure, part))| Row {
                keys,
                slot,
                measure,
                part,
                estimate: self.estimate(group, at),
            })
        })
    }
}
