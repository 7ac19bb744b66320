//! Counts of contacts by outcome class and wait band: what service level and abandonment share.

use crate::cells::{Cell, Cells, Shape};
use crate::record::Block;
use crate::rule::Outcome;
use crate::rule::level::{band_count, band_name};
use crate::time::MISSING;

/// How many classes are counted: all but skip.
pub(super) const CLASSES: usize = Outcome::Skip as usize;

/// One bundle a class: a count for each stored band, and one for contacts whose wait is not known.
pub(super) fn shape(cuts: &[i64]) -> Shape {
    let bands = band_count(cuts) + 1;
    Outcome::ALL[..CLASSES].iter().fold(Shape::default(), |shape, class| shape.bundle(class.name(), bands))
}

/// Every count: its class and band, the last of which is that of unknown waits.
pub(super) fn places(cuts: &[i64]) -> impl Iterator<Item = (usize, usize)> {
    let bands = band_count(cuts) + 1;
    (0..CLASSES * bands).map(move |at| (at / bands, at % bands))
}

/// Their names, in the same order.
pub(super) fn names(cuts: &[i64]) -> impl Iterator<Item = (&'static str, String)> + '_ {
    let unknown = band_count(cuts);
    let band = move |band| if band == unknown { "unknown".to_owned() } else { band_name(cuts, band) };
    places(cuts).map(move |(class, at)| (Outcome::ALL[class].name(), band(at)))
}

/// The stored band of a wait: a table of small steps, exact limits only where a step holds one.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    cuts: Vec<i64>,
    shift: u32,
    steps: Vec<u8>,
}

/// A step that holds a limit.
const MIXED: u8 = u8::MAX;

impl Bands {
    pub(super) fn new(cuts: &[i64]) -> Self {
        let top = cuts.last().copied().unwrap_or(0).max(0);
        let shift = (64 - top.leading_zeros()).saturating_sub(10);
        let count = if cuts.len() > 100 { 0 } else { (top >> shift) as usize + 1 };
        let band_at = |wait: i64| crate::rule::level::band_index(cuts, wait) as u8;
        let step = |at: usize| {
            let low = (at as i64) << shift;
            let (first, last) = (band_at(low), band_at(low + ((1 << shift) - 1)));
            if first == last { first } else { MIXED }
        };
        Self { cuts: cuts.to_vec(), shift, steps: (0..count).map(step).collect() }
    }

    pub(super) fn cuts(&self) -> &[i64] {
        &self.cuts
    }

    /// The band of a wait that is not missing.
    #[inline]
    fn of(&self, wait: i64) -> usize {
        match self.steps.get((wait as u64 >> self.shift) as usize) {
            Some(&band) if band != MIXED => band as usize,
            None if !self.steps.is_empty() => 2 * self.cuts.len(),
            _ => crate::rule::level::band_index(&self.cuts, wait),
        }
    }

    /// Adds the rows of a block: class and wait of each; a class of skip or beyond is left out.
    pub(super) fn fold(&self, groups: &[u32], class: impl Fn(usize) -> usize, wait: &[i64], cells: &mut Cells) {
        let unknown = band_count(&self.cuts);
        let met = (0..groups.len()).fold(0u32, |met, i| met | 1 << class(i).min(CLASSES));
        (0..CLASSES).filter(|c| met >> c & 1 == 1).for_each(|c| cells.open(c));
        let adder = cells.bundles();
        let offsets: [usize; CLASSES] = std::array::from_fn(|c| adder.offset(c));
        adder.each(groups, |i| {
            let offset = offsets.get(class(i))?;
            Some(offset + if wait[i] == MISSING { unknown } else { self.of(wait[i]) })
        });
    }
}

/// Contacts of all classes whose wait is not known.
pub(super) fn unknown_waits(cuts: &[i64], cell: &Cell<'_>) -> u64 {
    (0..CLASSES).map(|class| cell.count(class, band_count(cuts))).sum()
}

/// All contacts counted in a cell.
pub(super) fn contacts(cell: &Cell<'_>) -> u64 {
    (0..CLASSES).map(|class| cell.total(class)).sum()
}

/// The class of a row as an index.
pub(super) fn class_of(block: &Block, outcome: crate::record::Narrow) -> impl Fn(usize) -> usize + '_ {
    let outcome = block.narrow(outcome);
    move |i| outcome[i] as usize
}

/// What a reading adds up: for each class, runs of bands. Most classes are never met, and cost one look.
pub(super) type Runs = Vec<(usize, Vec<(usize, usize)>)>;

/// Cells in the order of classes and bands, as runs.
pub(super) fn runs(cells: &[(crate::rule::Outcome, usize)]) -> Runs {
    let mut runs: Runs = Vec::new();
    for (class, band) in cells.iter().filter(|(class, _)| (*class as usize) < CLASSES) {
        let class = *class as usize;
        if runs.last().is_none_or(|(last, _)| *last != class) {
            runs.push((class, Vec::new()));
        }
        let Some((_, of_class)) = runs.last_mut() else { continue };
        match of_class.last_mut() {
            Some((_, until)) if *until == *band => *until += 1,
            _ => of_class.push((*band, band + 1)),
        }
    }
    runs
}

/// The contacts in some runs.
#[inline]
pub(super) fn sum(cell: &Cell<'_>, runs: &Runs) -> u64 {
    let met = runs.iter().filter(|(class, _)| cell.is_open(*class));
    met.flat_map(|(class, of)| of.iter().map(|(from, until)| cell.range(*class, *from, *until))).sum()
}
