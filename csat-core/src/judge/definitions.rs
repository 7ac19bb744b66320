//! Why two definitions of service level differ: the contacts they read differently, from one report.

use std::collections::HashSet;

use super::line::{Line, whole};
use crate::error::{Error, Result};
use crate::rule::level::{Difference, Ratio, Reader, band_count, band_name, differences};
use crate::rule::{Definition, Outcome, duration};

/// What one definition makes of the counts, and where it departs from the first one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Its id, such as `sl:offered:20s`.
    pub definition: String,
    /// Hits of hits and misses; none for a policy of one's own, whose cells are not in its id.
    pub level: Option<Ratio>,
    /// hits / (hits + misses).
    pub value: Option<f64>,
    /// How many contacts it takes for something else than the first definition does.
    pub contacts: Option<u64>,
    /// The same by outcome class: what the first takes them for, what this one does.
    pub differences: Option<Vec<Difference>>,
    /// Why something is none: `own_policy`, or `other_clock` where waits are measured from another moment or rounded
    /// otherwise, so that no contact can be followed from one definition to the other.
    pub reason: Option<&'static str>,
}

crate::answer_fields!(Reading { definition, level, value, contacts, differences, reason });

/// Reads every definition from the cells of a report of `service_level` with `cells`, groups and slots added up.
///
/// All lines come from one plan, so that they have the same bands; no group may be there twice.
///
/// `ids` are definition ids; empty for all those of the report. The first is the one that others are compared with.
///
/// ```
/// use csat_core::judge::{definitions, line};
/// use csat_core::measures::reach::ServiceLevel;
/// use csat_core::record::{Batch, Column};
/// use csat_core::{Plan, Tally};
/// let measure = ServiceLevel { cells: true, ..ServiceLevel::within(20_000_000) };
/// let mut tally = Tally::new(Plan::new([measure.under("all")]))?;
/// let (outcomes, waits) = (["answered", "answered", "abandoned"], [5_000_000i64, 60_000_000, 3_000_000]);
/// tally.push(&Batch::new().column("outcome", Column::texts(&outcomes)).column("wait", Column::durations(&waits)))?;
/// let lines = line::of_report(&tally.report(None)?);
/// let read = definitions::compare(&lines, &["sl:offered:20s".into(), "sl:short_abandons_excluded:20s".into()])?;
/// assert_eq!((read[0].value, read[1].value, read[1].contacts), (Some(1.0 / 3.0), Some(0.5), Some(1)));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn compare(lines: &[Line], ids: &[String]) -> Result<Vec<Reading>> {
    let counted = Counted::new(lines)?;
    let mut ids = ids.to_vec();
    if ids.is_empty() {
        for line in lines.iter().filter(|line| line.part == "level") {
            if !ids.contains(&line.definition) {
                ids.push(line.definition.clone());
            }
        }
    }
    let named = |id: &String| id.starts_with("sl:custom-");
    let Some(first) = ids.iter().find(|id| !named(id)) else {
        return Err(Error::argument("no definition to compare with; name some, such as `sl:offered:20s`"));
    };
    let first = Definition::from_id(first)?;
    ids.iter()
        .map(|id| {
            if named(id) {
                return Ok(Reading::of(id, None, Some("own_policy")));
            }
            let (definition, threshold) = Definition::from_id(id)?;
            let count = counted.of(&definition)?;
            let level = Reader::new(&definition, threshold, &counted.cuts)?.read(&count);
            let mut reading = Reading::of(id, Some(level.ratio()), None);
            if definition.measured() == first.0.measured() {
                let found = differences((&first.0, first.1), (&definition, threshold), &counted.cuts, &count)?;
                reading.contacts = Some(found.iter().map(|d| d.contacts).sum());
                reading.differences = Some(found);
            } else {
                reading.reason = Some("other_clock");
            }
            Ok(reading)
        })
        .collect()
}

impl Reading {
    fn of(id: &str, level: Option<Ratio>, reason: Option<&'static str>) -> Self {
        let value = level.and_then(Ratio::value);
        Self { definition: id.to_owned(), level, value, contacts: None, differences: None, reason }
    }
}

/// The band of waits that are not known.
const UNKNOWN: &str = "unknown";

/// The cells of a report: for each way of measuring, the contacts of every class and band.
struct Counted {
    cuts: Vec<i64>,
    /// The view, as in `arrival:offered:exact`, and its contacts by class and band.
    views: Vec<(String, Vec<Vec<u64>>)>,
}

impl Counted {
    fn new(lines: &[Line]) -> Result<Self> {
        let mut cells: Vec<(&str, &str, &str, u64)> = Vec::new();
        let mut cuts: Vec<i64> = Vec::new();
        let mut seen: HashSet<(&str, &str)> = HashSet::new();
        for line in lines {
            let Some(path) = line.part.strip_prefix("cells/") else { continue };
            let mut words = path.rsplitn(3, '/');
            let (Some(band), Some(class), Some(view)) = (words.next(), words.next(), words.next()) else { continue };
            let contacts = line.estimate.value.and_then(whole);
            let contacts = contacts.ok_or_else(|| Error::argument(format!("`{}` is not a count", line.part)))?;
            if !seen.insert((&line.unit, path)) {
                let group = if line.unit.is_empty() { String::new() } else { format!(" for `{}`", line.unit) };
                let message =
                    format!("`{}` is there twice{group}; give one report, with its keys and slots", line.part);
                return Err(Error::argument(message));
            }
            if let Some(cut) = band.strip_prefix('=') {
                cuts.push(duration::parse(cut)?);
            }
            cells.push((view, class, band, contacts));
        }
        if cells.is_empty() {
            return Err(Error::argument(
                "the report has no cells; report `service_level` with `cells = true`, which may be changed afterwards",
            ));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let bands: Vec<String> = (0..band_count(&cuts)).map(|band| band_name(&cuts, band)).collect();
        let mut views: Vec<(String, Vec<Vec<u64>>)> = Vec::new();
        for (view, class, band, contacts) in cells {
            let at = views.iter().position(|(known, _)| known == view).unwrap_or_else(|| {
                views.push((view.to_owned(), vec![vec![0; bands.len()]; Outcome::ALL.len()]));
                views.len() - 1
            });
            let class = Outcome::from_name(class)? as usize;
            match bands.iter().position(|known| known == band) {
                Some(band) => views[at].1[class][band] += contacts,
                // Contacts whose wait is not known are in no band and read by no definition.
                None if band == UNKNOWN => {}
                None => {
                    let bands = bands.join(", ");
                    return Err(Error::argument(format!(
                        "the band `{band}` of `cells/{view}` does not fit the bands {bands}; the lines come from \
                         different plans: give one report of one plan"
                    )));
                }
            }
        }
        Ok(Self { cuts, views })
    }

    /// The contacts as a definition measures them. Where views place contacts in different slots their sums are the same.
    fn of(&self, definition: &Definition) -> Result<impl Fn(Outcome, usize) -> u64 + '_> {
        let measured = definition.measured();
        let view = self.views.iter().find(|(view, _)| view.split_once(':').is_some_and(|(_, rest)| rest == measured));
        let (_, cells) = view.ok_or_else(|| {
            let message = format!("`{}` measures waits as {measured}, which was not counted", definition.name());
            Error::new(crate::error::ErrorKind::NotFolded, message).with("definition", definition.name())
        })?;
        Ok(move |outcome: Outcome, band: usize| cells[outcome as usize][band])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unit: &str, part: &str, definition: &str, value: f64) -> Line {
        Line {
            unit: unit.into(),
            part: part.into(),
            definition: definition.into(),
            counted_in: "count".into(),
            estimate: crate::Estimate::census(value, value as u64),
        }
    }

    #[test]
    fn groups_are_added_up_and_own_policies_left_open() {
        let lines = [
            line("a", "level", "sl:answered_only:20s", 0.0),
            line("a", "level", "sl:custom-01234567:20s", 0.0),
            line("a", "cells/arrival:offered:exact/answered/<20s", "", 6.0),
            line("b", "cells/arrival:offered:exact/answered/<20s", "", 1.0),
            line("a", "cells/arrival:offered:exact/answered/=20s", "", 0.0),
            line("a", "cells/arrival:offered:exact/answered/>20s", "", 2.0),
            line("a", "cells/arrival:offered:exact/abandoned/>20s", "", 1.0),
            line("a", "cells/arrival:offered:exact/abandoned/unknown", "", 5.0),
        ];
        // Of answered calls 7 of 9; of all offered 7 of 10, the one abandon being what differs.
        let found = compare(&lines, &["sl:answered_only:20s".into(), "sl:offered:20s".into()]).unwrap();
        assert_eq!(found[0].level, Some(Ratio::new(7, 9)));
        assert_eq!((found[1].level, found[1].contacts), (Some(Ratio::new(7, 10)), Some(1)));
        let all = compare(&lines, &[]).unwrap();
        assert_eq!((all.len(), all[1].reason), (2, Some("own_policy")));
        assert!(compare(&lines[..2], &[]).unwrap_err().message().contains("cells = true"));
    }

    #[test]
    fn bands_that_do_not_fit_are_refused() {
        let cell =
            |unit: &str, band: &str| line(unit, &format!("cells/arrival:offered:exact/answered/{band}"), "", 1.0);
        let of = |cells: &[Line]| compare(cells, &["sl:offered:20s".into()]).map(|read| read[0].level);
        let coarse = ["<20s", "=20s", ">20s"].map(|band| cell("a", band));
        let fine = ["<20s", "=20s", "20s..1m", "=1m", ">1m"].map(|band| cell("b", band));
        assert_eq!((of(&coarse), of(&fine)), (Ok(Some(Ratio::new(2, 3))), Ok(Some(Ratio::new(2, 5)))));
        let message = |cells: &[Line]| of(cells).unwrap_err().message().to_owned();
        let mixed = message(&[&coarse[..], &fine].concat());
        assert!(mixed.contains("`>20s`") && mixed.contains("one plan"), "{mixed}");
        assert!(message(&[coarse[0].clone(), coarse[1].clone(), cell("a", "Unknown")]).contains("`Unknown`"));
        let twice = message(&[&coarse[..], &coarse[..1]].concat());
        assert!(twice.contains("twice for `a`"), "{twice}");
    }
}
