//! Counts of contacts by outcome class and wait band: what service level and abandonment share.

use crate::cells::{Cell, Cells, Shape};
use crate::record::BLOCK;
use crate::rule::Outcome;
use crate::rule::level::{band_count, band_name};
use crate::simd::widest;
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

/// Finds the stored band of waits.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    cuts: Vec<i64>,
    /// A wait above the first of a pair has reached a cut, above the second has passed it; kept within 32 bits.
    steps: Vec<i32>,
}

/// Rows whose bands are found together.
const TOGETHER: usize = 16;

impl Bands {
    pub(super) fn new(cuts: &[i64]) -> Self {
        let within = |step: i64| i32::try_from(step).unwrap_or(i32::MAX);
        Self { cuts: cuts.to_vec(), steps: cuts.iter().flat_map(|c| [within(c - 1), within(*c)]).collect() }
    }

    pub(super) fn cuts(&self) -> &[i64] {
        &self.cuts
    }

    /// The band of one wait, the last one where it is not known.
    fn of(&self, wait: i64) -> usize {
        if wait == MISSING { band_count(&self.cuts) } else { crate::rule::level::band_index(&self.cuts, wait) }
    }

    /// The bands of a block: waits below 2^31 microseconds (35 minutes) are compared in 32 bits, many at once.
    #[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
    #[inline(always)]
    fn find(&self, waits: &[i64], bands: &mut [i32; BLOCK]) {
        let mut small = [0i32; BLOCK];
        let mut bits = 0;
        for (small, wait) in small.iter_mut().zip(waits) {
            let missing = wait >> 63;
            bits |= wait & !missing;
            *small = (wait | missing) as i32;
        }
        if bits >> 31 != 0 {
            waits.iter().zip(bands).for_each(|(wait, band)| *band = self.of(*wait) as i32);
            return;
        }
        let unknown = band_count(&self.cuts) as i32;
        let chunks = waits.len().div_ceil(TOGETHER);
        let (small, bands) = (small.as_chunks::<TOGETHER>().0, bands.as_chunks_mut::<TOGETHER>().0);
        for (small, bands) in small.iter().zip(bands).take(chunks) {
            let mut found = small.map(|wait| unknown & wait >> 31);
            for step in &self.steps {
                for (band, wait) in found.iter_mut().zip(small) {
                    *band += i32::from(wait > step);
                }
            }
            *bands = found;
        }
    }

    /// Adds the rows of a block: class and wait of each; a class of skip or beyond is left out. `met` has the bits of all
    /// classes there may be.
    pub(super) fn fold(&self, groups: &[u32], classes: &[i16], met: u32, wait: &[i64], cells: &mut Cells) {
        let width = band_count(&self.cuts) + 1;
        let met = (0..CLASSES).filter(|c| met >> c & 1 == 1);
        met.clone().for_each(|c| cells.open(c));
        let adder = cells.bundles();
        if groups.len() < TOGETHER || width * met.clone().count() > usize::from(u8::MAX) {
            let offsets: [usize; CLASSES] = std::array::from_fn(|c| adder.offset(c));
            return adder.each(groups, |i| Some(offsets.get(classes[i] as usize)? + self.of(wait[i])));
        }
        // Class and band as one code: the codes of the first class met, then those of the next.
        let (mut places, mut count) = ([0; 255], 0);
        let mut starts = [(0, 0); CLASSES];
        for (start, class) in starts.iter_mut().zip(met.clone()) {
            *start = (class as i16, count as u8);
            (0..width).for_each(|band| places[count + band] = adder.offset(class) + band);
            count += width;
        }
        let starts = &starts[..met.count()];
        let mut codes = [u8::MAX; BLOCK];
        widest(
            #[inline(always)]
            || {
                let mut bands = [0; BLOCK];
                self.find(wait, &mut bands);
                for (class, start) in starts {
                    for ((code, of), band) in codes.iter_mut().zip(classes).zip(&bands) {
                        let same = u8::from(of != class).wrapping_sub(1);
                        *code = (start.wrapping_add(*band as u8) & same) | (*code & !same);
                    }
                }
            },
        );
        adder.coded(groups, &codes, &places[..count]);
    }
}

/// Contacts of all classes whose wait is not known.
pub(super) fn unknown_waits(cuts: &[i64], cell: &Cell<'_>) -> u64 {
    cell.open_bundles().map(|class| cell.count(class, band_count(cuts))).sum()
}

/// All contacts counted in a cell.
pub(super) fn contacts(cell: &Cell<'_>) -> u64 {
    cell.open_bundles().map(|class| cell.total(class)).sum()
}

/// What a reading adds up: for each class its runs of bands.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs([Vec<(usize, usize)>; CLASSES]);

impl Runs {
    /// Cells in the order of classes and bands, as runs.
    pub(super) fn new(cells: &[(Outcome, usize)]) -> Self {
        let mut runs = Self::default();
        for (class, band) in cells {
            let Some(of_class) = runs.0.get_mut(*class as usize) else { continue };
            match of_class.last_mut() {
                Some((_, until)) if *until == *band => *until += 1,
                _ => of_class.push((*band, band + 1)),
            }
        }
        runs
    }

    /// The contacts of a cell in the runs.
    #[inline]
    pub(super) fn sum(&self, cell: &Cell<'_>) -> u64 {
        let of = |class: usize| self.0[class].iter().map(move |(from, until)| cell.range(class, *from, *until));
        cell.open_bundles().flat_map(of).sum()
    }
}

/// The contacts of a cell added up once, band by band, for many readings of it.
pub(super) struct Sums {
    met: usize,
    classes: [(usize, [u64; MOST_BANDS]); MOST_CLASSES],
}

const MOST_BANDS: usize = 32;
const MOST_CLASSES: usize = 4;

impl Sums {
    /// `None` where there are too many bands or classes; the runs are then added up one by one.
    #[inline]
    pub(super) fn of(cell: &Cell<'_>, cuts: &[i64]) -> Option<Self> {
        let bands = band_count(cuts) + 1;
        if bands >= MOST_BANDS || cell.open_bundles().count() > MOST_CLASSES {
            return None;
        }
        let mut sums = Self { met: 0, classes: [(0, [0; MOST_BANDS]); MOST_CLASSES] };
        for (class, place) in cell.open_bundles().zip(&mut sums.classes) {
            place.0 = class;
            cell.running(class, &mut place.1[..=bands]);
            sums.met += 1;
        }
        Some(sums)
    }

    #[inline]
    pub(super) fn sum(&self, runs: &Runs) -> u64 {
        let of = |(class, upto): &(usize, [u64; MOST_BANDS])| -> u64 {
            runs.0[*class].iter().map(|(from, until)| upto[*until] - upto[*from]).sum()
        };
        self.classes[..self.met].iter().map(of).sum()
    }
}
