//! The fast road of scores: table look-ups over columns, 64 rows at a time, into numerators and denominators.

/// Rows of one round; their sums stay in the nearest cache.
pub(crate) const ROWS: usize = 64;

/// Per row: the numerator, and the denominator with a counter above its low 48 bits.
pub(crate) type Sums = [[i64; 2]; ROWS];

const LOW: i64 = (1 << 48) - 1;

/// The denominator of an entry.
#[inline]
pub(crate) fn denominator(entry: [i64; 2]) -> i64 {
    entry[1] & LOW
}

/// The counter of an entry.
#[inline]
pub(crate) fn counter(entry: [i64; 2]) -> i64 {
    entry[1] >> 48
}

/// What each answer of one column adds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lane<T> {
    /// Codes 0..=15.
    Small(Box<[T; 32]>),
    /// Codes 0..=1023.
    Large(Box<[T; 2048]>),
}

/// Where an answer lies in a table of `N`: rotated by one bit, codes are even, missing is 1 and N/A is the last.
#[inline]
fn place<const N: usize>(code: i16) -> usize {
    usize::from(code.cast_unsigned().rotate_left(1)) & (N - 1)
}

impl<T: Copy + Default> Lane<T> {
    /// A table for the codes `0..=last` made of `of`, which is also asked for N/A (−1) and missing (`i16::MIN`).
    /// `None` if there are too many codes.
    pub(crate) fn new(last: i16, of: impl Fn(i16) -> T) -> Option<Self> {
        fn fill<T: Copy + Default, const N: usize>(last: i16, of: impl Fn(i16) -> T) -> [T; N] {
            let mut table = [T::default(); N];
            for code in (0..=last).chain([-1, i16::MIN]) {
                table[place::<N>(code)] = of(code);
            }
            table
        }
        match last {
            0..=15 => Some(Lane::Small(Box::new(fill(last, of)))),
            16..=1023 => Some(Lane::Large(Box::new(fill(last, of)))),
            _ => None,
        }
    }

    /// Calls `add` with every row's cell and the entry of its answer.
    #[inline]
    pub(crate) fn each<S>(&self, column: &[i16], cells: &mut [S], add: impl Fn(&mut S, T)) {
        fn run<S, T: Copy, const N: usize>(t: &[T; N], column: &[i16], cells: &mut [S], add: impl Fn(&mut S, T)) {
            for (cell, &code) in cells.iter_mut().zip(column) {
                add(cell, t[place::<N>(code)]);
            }
        }
        match self {
            Lane::Small(table) => run(table, column, cells, add),
            Lane::Large(table) => run(table, column, cells, add),
        }
    }
}

/// Adds an entry.
#[inline]
pub(crate) fn add(sum: &mut [i64; 2], entry: [i64; 2]) {
    sum[0] += entry[0];
    sum[1] += entry[1];
}

/// Adds the entries of all columns; four at a time, so that the sums are fetched less often.
pub(crate) fn add_all<'a>(mut parts: impl Iterator<Item = (&'a Lane<[i64; 2]>, &'a [i16])>, sums: &mut [[i64; 2]]) {
    loop {
        match [parts.next(), parts.next(), parts.next(), parts.next()] {
            [
                Some((Lane::Small(a), x)),
                Some((Lane::Small(b), y)),
                Some((Lane::Small(c), z)),
                Some((Lane::Small(d), w)),
            ] => {
                for ((((sum, &x), &y), &z), &w) in sums.iter_mut().zip(x).zip(y).zip(z).zip(w) {
                    let (a, b, c, d) = (a[place::<32>(x)], b[place::<32>(y)], c[place::<32>(z)], d[place::<32>(w)]);
                    add(sum, [a[0] + b[0] + c[0] + d[0], a[1] + b[1] + c[1] + d[1]]);
                }
            }
            [None, ..] => return,
            some => some.into_iter().flatten().for_each(|(lane, column)| lane.each(column, sums, add)),
        }
    }
}
