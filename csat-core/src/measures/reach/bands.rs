//! Counts of contacts by outcome class and wait band: what service level and abandonment share.

use crate::cells::{Cell, Cells, Shape};
use crate::record::Block;
use crate::rule::Outcome;
use crate::rule::level::band_count;
use crate::time::MISSING;

/// How many classes are counted: all but skip.
pub(super) const CLASSES: usize = Outcome::Skip as usize;

/// One bundle a class: a count for each stored band, and one for contacts whose wait is not known.
pub(super) fn shape(cuts: &[i64]) -> Shape {
    let bands = band_count(cuts) + 1;
    Outcome::ALL[..CLASSES].iter().fold(Shape::default(), |shape, class| shape.bundle(class.name(), bands))
}

/// Adds the rows of a block: class and wait of each; a class of skip or beyond is left out.
pub(super) fn fold(cuts: &[i64], groups: &[u32], class: impl Fn(usize) -> usize, wait: &[i64], cells: &mut Cells) {
    let unknown = band_count(cuts);
    let met = (0..groups.len()).fold(0u32, |met, i| met | 1 << class(i).min(CLASSES));
    (0..CLASSES).filter(|c| met >> c & 1 == 1).for_each(|c| cells.open(c));
    let mut adder = cells.bundles();
    for (i, group) in groups.iter().enumerate() {
        let class = class(i);
        if class >= CLASSES {
            continue;
        }
        let w = wait[i];
        // Each cut adds one band for its own value and one for what lies above it.
        let band = cuts.iter().fold(0, |band, cut| band + usize::from(w >= *cut) + usize::from(w > *cut));
        adder.add(*group, class, if w == MISSING { unknown } else { band });
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
