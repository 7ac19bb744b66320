//! Sums of counters and times, and ratios of those sums: what both measures of ready-made intervals keep and read.

use serde::{Deserialize, Serialize};

use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{Part, Rows};
use crate::record::{Block, Faults, Schema, Wide};
use crate::time::MISSING;

/// A ratio of sums: the columns of the numerator added up, over the columns of the denominator added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// Its name.
    pub name: String,
    /// The columns of the numerator.
    pub of: Vec<String>,
    /// The columns of the denominator.
    pub per: Vec<String>,
}

impl Ratio {
    /// The columns of either side that are listed, as one ratio; none unless both sides have one.
    pub(super) fn of_listed(name: &str, of: &[&str], per: &[&str], listed: &[&String]) -> Option<Ratio> {
        let found = |side: &[&str]| -> Vec<String> {
            side.iter().filter(|name| listed.iter().any(|known| known == *name)).map(|n| (*n).to_owned()).collect()
        };
        let ratio = Ratio { name: name.to_owned(), of: found(of), per: found(per) };
        (!ratio.of.is_empty() && !ratio.per.is_empty()).then_some(ratio)
    }
}

/// The largest counter: whole numbers up to it are exact as floats.
const MOST: i64 = 1 << 53;

/// What is divided by what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Contacts by contacts.
    Counts,
    /// Time by contacts.
    TimePerCount,
    /// Time by time.
    Times,
}

/// The columns of a recipe and what is read from their sums.
pub(super) struct Sums<'r> {
    /// The prefix of definition ids.
    pub(super) id: &'static str,
    pub(super) counters: &'r [String],
    pub(super) times: &'r [String],
    pub(super) ratios: Vec<Ratio>,
}

impl Sums<'_> {
    fn columns(&self) -> impl Iterator<Item = &String> {
        self.counters.iter().chain(self.times)
    }

    pub(super) fn check(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidOption, message));
        let columns: Vec<&String> = self.columns().collect();
        if columns.is_empty() {
            return invalid("`counters` and `times` name no column".into());
        }
        if let Some((i, name)) = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name)) {
            let which = if i < self.counters.len() { "in `counters`" } else { "in `counters` and `times`" };
            return invalid(format!("`{name}` is named twice {which}"));
        }
        for (i, ratio) in self.ratios.iter().enumerate() {
            if self.ratios[..i].iter().any(|other| other.name == ratio.name) {
                return invalid(format!("two ratios are named `{}`", ratio.name));
            }
            self.kind(ratio)?;
        }
        Ok(())
    }

    /// Where the sums of these columns lie; all counters or all times.
    fn side(&self, ratio: &Ratio, side: &str, names: &[String]) -> Result<(bool, Vec<usize>)> {
        let place = |name: &String| match self.columns().position(|known| known == name) {
            Some(at) => Ok(at),
            None => Err(Error::unknown("column of a ratio", name, self.columns().map(String::as_str)).at(&ratio.name)),
        };
        let places = names.iter().map(place).collect::<Result<Vec<_>>>()?;
        let times = places.iter().filter(|at| **at >= self.counters.len()).count();
        if places.is_empty() || (times > 0 && times < places.len()) {
            let message = format!("`{side}` of the ratio `{}` must name counters only, or times only", ratio.name);
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        Ok((times > 0, places))
    }

    fn kind(&self, ratio: &Ratio) -> Result<(Kind, Vec<usize>, Vec<usize>)> {
        let ((of_times, of), (per_times, per)) =
            (self.side(ratio, "of", &ratio.of)?, self.side(ratio, "per", &ratio.per)?);
        let kind = match (of_times, per_times) {
            (false, false) => Kind::Counts,
            (true, false) => Kind::TimePerCount,
            (true, true) => Kind::Times,
            (false, true) => {
                let message = format!("the ratio `{}` divides counters by times; turn it round", ratio.name);
                return Err(Error::new(ErrorKind::InvalidOption, message));
            }
        };
        Ok((kind, of, per))
    }

    pub(super) fn bind(&self, schema: &mut Schema) -> Result<BoundSums> {
        let ratios = self.ratios.iter().map(|ratio| self.kind(ratio)).collect::<Result<_>>()?;
        let counters = self.counters.iter().map(|name| schema.integer(name, true)).collect::<Vec<_>>();
        let times = self.times.iter().map(|name| schema.duration(name, true));
        Ok(BoundSums { counters: counters.len(), lanes: counters.iter().copied().chain(times).collect(), ratios })
    }

    pub(super) fn shape(&self) -> Shape {
        // Complete rows, and rows that lack a value.
        self.columns().fold(Shape::counts(2), Shape::sum)
    }

    pub(super) fn parts(&self) -> Vec<Part> {
        let unit = |at: usize| if at < self.counters.len() { Unit::Count } else { Unit::Seconds };
        let mut parts: Vec<Part> = (self.columns().enumerate())
            .map(|(at, name)| Part::new(format!("sum/{name}"), unit(at), format!("{}:sum:{name}", self.id)))
            .collect();
        for ratio in &self.ratios {
            let unit = match self.kind(ratio) {
                Ok((Kind::TimePerCount, ..)) => Unit::Seconds,
                _ => Unit::Share,
            };
            let id = format!("{}:{}/{}", self.id, ratio.of.join("+"), ratio.per.join("+"));
            parts.push(Part::new(format!("ratio/{}", ratio.name), unit, id));
        }
        parts.push(Part::new("incomplete", Unit::Count, format!("{}:incomplete", self.id)));
        parts
    }
}

/// Where the columns lie and which of their sums each ratio takes, worked out once a plan.
#[derive(Clone)]
pub struct BoundSums {
    /// How many of the lanes are counters; the others are times.
    counters: usize,
    lanes: Vec<Wide>,
    ratios: Vec<(Kind, Vec<usize>, Vec<usize>)>,
}

impl BoundSums {
    /// Names the rows with a counter that cannot be; `names` are the counters'.
    pub(super) fn verify(&self, names: &[String], block: &Block, faults: &mut Faults) {
        for (name, lane) in names.iter().zip(&self.lanes) {
            let counts = block.wide(*lane);
            let outside = |count: i64| count != MISSING && !(0..=MOST).contains(&count);
            for row in (0..block.len()).filter(|row| outside(counts[*row])) {
                let (reason, right) = match counts[row] {
                    ..0 => ("a counter below zero", "zero or more"),
                    _ => ("a counter above 2^53", "at most 2^53, up to which floats are whole numbers"),
                };
                faults.add(row, reason, || {
                    let message = format!("{name} is {}; a counter is {right}", counts[row]);
                    Error::new(ErrorKind::BadValue, message).with("column", name)
                });
            }
        }
    }

    pub(super) fn fold(&self, rows: &Rows<'_>, cells: &mut Cells) {
        let lanes: Vec<&[i64]> = self.lanes.iter().map(|lane| rows.block.wide(*lane)).collect();
        let complete = |row: usize| lanes.iter().all(|lane| lane[row] != MISSING);
        cells.counts(0).each(rows.groups, |row| usize::from(!complete(row)));
        cells.expect(rows.groups.len(), u128::from(u64::MAX));
        for (row, group) in rows.groups.iter().enumerate().filter(|(row, _)| complete(*row)) {
            for (sum, lane) in cells.sums_mut(*group).iter_mut().zip(&lanes) {
                *sum += i128::from(lane[row]);
            }
        }
    }

    pub(super) fn read(&self, cell: &Cell<'_>, confidence: &Confidence, out: &mut Estimates) {
        let (rows, incomplete) = (cell.count(0, 0), cell.count(0, 1));
        let scale = |at: usize| if at < self.counters { 1.0 } else { 1e-6 };
        out.extend((0..self.lanes.len()).map(|at| Estimate::census(cell.sum(at) as f64 * scale(at), rows)));
        for (kind, of, per) in &self.ratios {
            let total = |side: &[usize]| side.iter().map(|at| cell.sum(*at)).sum::<i128>();
            let (of_sum, per_sum) = (total(of), total(per));
            let contacts = u64::try_from(per_sum).unwrap_or(u64::MAX);
            let (a, b) = (of_sum as f64 * scale(of[0]), per_sum as f64 * scale(per[0]));
            out.push(match kind {
                Kind::Counts => match (u64::try_from(of_sum), u64::try_from(per_sum)) {
                    (Ok(of), Ok(per)) if of <= per => Estimate::share(of, per, confidence),
                    // More of than per: two counters that do not nest, so no share of contacts.
                    _ => Estimate::ratio(a, b, contacts, Reason::NotOffered),
                },
                Kind::TimePerCount => Estimate::ratio(a, b, contacts, Reason::NotOffered),
                Kind::Times => Estimate::ratio(a, b, rows, Reason::Census),
            });
        }
        out.push(Estimate::census(incomplete as f64, rows + incomplete));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::load::IntervalCounts;
    use crate::record::{Batch, Column};
    use crate::{Plan, Tally};

    #[test]
    fn counters_are_exact_up_to_their_limit() {
        let names = ["offered", "answered"].map(String::from).to_vec();
        let plan = || Plan::new([IntervalCounts { counters: names.clone(), ..IntervalCounts::default() }]);
        let push = |offered: &[i64], answered: &[i64]| {
            let mut tally = Tally::new(plan())?;
            let batch = Batch::new().column("offered", Column::integers(offered));
            tally.push(&batch.column("answered", Column::integers(answered)))?;
            tally.report(Some(0.95))
        };
        // 4096 counters of 2^53 add up to 2^65, of which half are answered.
        let report = push(&vec![MOST; 4096], &vec![MOST / 2; 4096]).unwrap();
        let share = report.get(0, "interval_counts", "ratio/answered_rate").unwrap();
        assert_eq!((share.value, share.denominator), (Some(0.5), Some(2f64.powi(65))));
        let one = push(&[MOST], &[MOST / 2]).unwrap().get(0, "interval_counts", "ratio/answered_rate").unwrap();
        assert_eq!((one.value, one.n), (Some(0.5), 1 << 53));
        assert!(one.low.unwrap() <= 0.5 && 0.5 <= one.high.unwrap() && one.high.unwrap() - one.low.unwrap() < 1e-7);
        let error = push(&[5, MOST + 1], &[1, 1]).unwrap_err();
        assert!(error.message().contains("row 1") && error.message().contains("at most 2^53"), "{error}");
        assert_eq!((error.context_value("column"), error.context_value("row")), (Some("offered"), Some("1")));
    }
}
