//! A report: the long table of estimates, one for each group and part.

#[cfg(feature = "arrow")]
use crate::estimate::Numbers;
use crate::estimate::{Estimate, Estimates, Keeps};
use crate::key::KeyValue;
use crate::measure::Part;
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
    parts: Vec<(String, Part)>,
    /// Where the parts of each measure begin.
    firsts: Vec<usize>,
    estimates: Estimates,
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
    /// A report with room for the estimates of `groups` groups.
    pub(crate) fn new(
        keys: Vec<String>,
        slotted: bool,
        measures: Vec<Vec<(String, Part)>>,
        groups: usize,
        keeps: Keeps,
    ) -> Self {
        let begin = |next: &mut usize, parts: &Vec<_>| Some(std::mem::replace(next, *next + parts.len()));
        let firsts: Vec<usize> = measures.iter().scan(0, begin).collect();
        let parts: Vec<(String, Part)> = measures.into_iter().flatten().collect();
        let estimates = Estimates::new((0..parts.len()).map(|at| firsts.contains(&at)), groups, keeps);
        Self { keys, groups: Vec::with_capacity(groups), combinations: Vec::new(), slotted, parts, firsts, estimates }
    }

    /// Key values of the groups that are added from now on.
    pub(crate) fn add_combination(&mut self, keys: Vec<KeyValue>) {
        self.combinations.push(keys);
    }

    pub(crate) fn add_group(&mut self, slot: i64) {
        self.groups.push((self.combinations.len() as u32 - 1, slot));
    }

    /// Where the estimates are put.
    pub(crate) fn estimates_mut(&mut self) -> &mut Estimates {
        &mut self.estimates
    }

    /// The numbers of each part.
    #[cfg(feature = "arrow")]
    pub(crate) fn numbers(&self) -> &[Numbers] {
        self.estimates.parts()
    }

    /// The numbers of each part, to be moved elsewhere.
    #[cfg(feature = "arrow")]
    pub(crate) fn take_numbers(&mut self) -> Vec<Numbers> {
        std::mem::take(&mut self.estimates).into_parts()
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

    /// Whether this part is the first one of its measure; two measures may have one name.
    pub fn is_first(&self, part: usize) -> bool {
        self.firsts.contains(&part)
    }

    /// How many rows it has: groups × parts.
    pub fn len(&self) -> usize {
        self.groups.len() * self.parts.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The estimate of one group and part.
    pub fn estimate(&self, group: usize, part: usize) -> Estimate {
        self.estimates.get(group, part)
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
