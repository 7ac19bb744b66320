//! Service level: the share of contacts answered soon enough, under any definition.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bands::{self, Bands, Runs, Sums};
use crate::cells::{Cell, Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Placement, Rows, View};
use crate::measures::contacts;
use crate::record::{Block, ContactColumns, Narrow, Schema, Table};
use crate::rule::definition::{Definition, measured};
use crate::rule::duration;
use crate::rule::level::{Reader, cuts};
use crate::rule::outcome::{Attribution, ClockStart, Outcome, Resolution};
use crate::time::MISSING;

/// Service level: the share of contacts answered within a threshold, under any definition.
///
/// Contacts are counted once by outcome class and wait band; a definition only says which of these cells are hits,
/// misses or left out. Any number of definitions and thresholds is read from one tally. The house default `offered`
/// counts answered within the threshold over all offered: an abandoned call is a miss.
///
/// ```
/// use csat_core::measures::reach::ServiceLevel;
/// // Offered at 0 s; answered after 5 s, answered after 30 s, abandoned after 12 s.
/// let (offered, none) = ([0, 0, 0], i64::MIN);
/// let (answered, ended) = ([5_000_000, 30_000_000, none], [60_000_000, 90_000_000, 12_000_000]);
/// let level = ServiceLevel::within(20_000_000).of(&offered, &answered, &ended)?;
/// assert_eq!((level.numerator, level.denominator), (Some(1.0), Some(3.0)));
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceLevel {
    /// Thresholds, such as `["20s"]`.
    pub within: Vec<String>,
    /// Names of definitions, `"all"`, or policies of one's own.
    pub definitions: Value,
    /// Further limits that are counted so that other definitions can be read later, such as `["5s"]`.
    pub limits: Vec<String>,
    /// Further ways of placing and measuring that are counted, such as `["outcome:offered:exact"]`.
    pub views: Vec<String>,
    /// Whether the counts of every outcome class and wait band are reported too: what `compare::definitions` reads.
    pub cells: bool,
}

impl Default for ServiceLevel {
    fn default() -> Self {
        Self {
            within: vec!["20s".into()],
            definitions: "offered".into(),
            limits: Vec::new(),
            views: Vec::new(),
            cells: false,
        }
    }
}

static ABOUT: About = About {
    name: "service_level",
    title: "Service level",
    title_ru: "Уровень сервиса (SL)",
    table: Table::Contacts,
    doc: "The share of contacts answered within a threshold, under one or many definitions.\n\
          Formula: hits / (hits + misses), where the definition says for each outcome class and wait band whether it is a \
          hit, a miss or left out. `offered` (default): answered within T (<=) / all offered. Interval: Wilson.\n\
          `definitions = \"all\"` reads every preset from the same counts; presets whose source leaves a cell open also give \
          assumed_contacts, assumed_low and assumed_high. Each definition is attributed to the interval its source names; \
          the sum over intervals, unplaced contacts included, equals the total.\n\
          Pitfall: two service levels compare only if their definition ids are equal. Sources: `csat explain ID`.",
    options: &[
        OptionInfo {
            name: "within",
            effect: Effect::Shapes,
            default: "[\"20s\"]",
            other: "[\"10s\", \"30s\"]",
            doc: "thresholds; one that is given twice counts once",
        },
        OptionInfo {
            name: "definitions",
            effect: Effect::Shapes,
            default: "\"offered\"",
            other: "\"asterisk_sl2\"",
            doc: "names of definitions, \"all\", or own policies; what they have in common is counted once",
        },
        OptionInfo {
            name: "limits",
            effect: Effect::Shapes,
            default: "[]",
            other: "[\"7s\"]",
            doc: "further limits counted for later reading",
        },
        OptionInfo {
            name: "views",
            effect: Effect::Shapes,
            default: "[]",
            other: "[\"disconnect:rang:exact\"]",
            doc: "further ways of placing and measuring counted for later reading: attribution:clock:resolution, such as outcome:offered:exact or sl_event=20s:offered:exact, with :in_hours for working hours only",
        },
        OptionInfo {
            name: "cells",
            effect: Effect::Reads,
            default: "false",
            other: "true",
            doc: "the counts by outcome class and wait band as well, from which `compare.definitions` tells which contacts two definitions read differently",
        },
    ],
    example: r#"{"measure": "service_level", "within": ["20s", "60s"], "definitions": ["offered", "cisco_ucce_ignore-le", "genesys_cloud-fa", "vonage_vcc_like-b"]}"#,
};

/// One way of measuring waits and placing contacts; definitions that agree on it share cells.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    placement: Placement,
    clock: ClockStart,
    resolution: Resolution,
    hours_only: bool,
}

impl Way {
    fn of(definition: &Definition, threshold: i64) -> Self {
        let placement = match definition.attribution() {
            Attribution::Arrival => Placement::Own,
            Attribution::Outcome => Placement::Outcome,
            Attribution::Disconnect => Placement::Disconnect,
            Attribution::ServiceLevelEvent => Placement::ServiceLevelEvent(threshold),
        };
        Self {
            placement,
            clock: definition.clock_start(),
            resolution: definition.resolution(),
            hours_only: definition.hours_only(),
        }
    }

    /// What is measured, whatever the placement.
    fn measured(&self) -> String {
        measured(self.clock, self.resolution, self.hours_only)
    }

    /// The name in plans: placement and what is measured.
    fn name(&self) -> String {
        let placement = match self.placement {
            Placement::Own => Attribution::Arrival.name().to_owned(),
            Placement::Outcome => Attribution::Outcome.name().to_owned(),
            Placement::Disconnect => Attribution::Disconnect.name().to_owned(),
            Placement::ServiceLevelEvent(t) => {
                format!("{}={}", Attribution::ServiceLevelEvent.name(), duration::text(t))
            }
        };
        format!("{placement}:{}", self.measured())
    }

    fn from_name(name: &str) -> Result<Self> {
        let mut words = name.split(':');
        let mut word = || words.next().unwrap_or("");
        let (placement, clock, resolution, hours) = (word(), word(), word(), word());
        let placement = match placement.split_once('=') {
            Some((event, at)) if event == Attribution::ServiceLevelEvent.name() => {
                Placement::ServiceLevelEvent(duration::parse(at)?)
            }
            _ => match Attribution::from_name(placement)? {
                Attribution::Arrival => Placement::Own,
                Attribution::Outcome => Placement::Outcome,
                Attribution::Disconnect => Placement::Disconnect,
                Attribution::ServiceLevelEvent => {
                    return Err(Error::new(ErrorKind::InvalidOption, "sl_event needs its threshold: sl_event=20s"));
                }
            },
        };
        if !matches!(hours, "" | "in_hours") {
            return Err(Error::unknown("word of a view", hours, ["in_hours"]));
        }
        let (clock, resolution) = (ClockStart::from_name(clock)?, Resolution::from_name(resolution)?);
        Ok(Self { placement, clock, resolution, hours_only: hours == "in_hours" })
    }

    fn view(&self) -> View {
        View { placement: self.placement, name: self.measured() }
    }
}

/// What a recipe works out once: definitions, limits, and for each reading where its counts are.
#[derive(Clone)]
pub struct LevelBound {
    contact: ContactColumns,
    in_hours: Option<Narrow>,
    ways: Vec<Way>,
    bands: Bands,
    readings: Vec<Reading>,
}

#[derive(Clone)]
struct Reading {
    view: usize,
    reader: Reader,
    /// What the reader adds up where nothing is assumed.
    hits: Runs,
    misses: Runs,
    assumes: bool,
}

struct Resolved {
    definitions: Vec<Definition>,
    thresholds: Vec<i64>,
    cuts: Vec<i64>,
    ways: Vec<Way>,
}

impl ServiceLevel {
    /// The house default at one threshold in microseconds.
    pub fn within(threshold: i64) -> Self {
        Self { within: vec![duration::text(threshold)], ..Self::default() }
    }

    /// The same thresholds under other definitions.
    pub fn under(mut self, definitions: impl Into<Value>) -> Self {
        self.definitions = definitions.into();
        self
    }

    /// The service level of plain slices of instants (microseconds UTC), under the first definition, at 95 %.
    pub fn of(&self, offered: &[i64], answered: &[i64], ended: &[i64]) -> Result<Estimate> {
        crate::measures::fold_alone(self, &contacts(offered, answered, ended)).map(|estimates| estimates[0])
    }

    fn resolve(&self) -> Result<Resolved> {
        let mut thresholds: Vec<i64> = Vec::new();
        for threshold in durations("within", &self.within)? {
            if !thresholds.contains(&threshold) {
                thresholds.push(threshold);
            }
        }
        let limits = durations("limits", &self.limits)?;
        let mut ways =
            self.views.iter().map(|v| Way::from_name(v).map_err(|e| e.at("`views`"))).collect::<Result<Vec<_>>>()?;
        let counted_only = thresholds.is_empty() && !limits.is_empty() && !ways.is_empty();
        if thresholds.is_empty() && !counted_only {
            return Err(Error::new(ErrorKind::InvalidOption, "`within` is empty; give a threshold such as \"20s\""));
        }
        // A saved plan says what was counted and leaves open how it is read: the house default at every limit then.
        let (definitions, thresholds) = if counted_only {
            let offered = Definition::by_name("offered")?;
            let read = ways.contains(&Way::of(&offered, 0));
            (if read { vec![offered] } else { Vec::new() }, if read { limits.clone() } else { Vec::new() })
        } else {
            (Definition::list_from_value(&self.definitions).map_err(|e| e.at("definitions"))?, thresholds)
        };
        let mut all_cuts = cuts(&definitions, &thresholds);
        all_cuts.extend(limits);
        all_cuts.sort_unstable();
        all_cuts.dedup();
        for definition in &definitions {
            for threshold in &thresholds {
                let way = Way::of(definition, *threshold);
                ways.push(way);
            }
        }
        ways.sort_by_cached_key(Way::name);
        ways.dedup();
        Ok(Resolved { definitions, thresholds, cuts: all_cuts, ways })
    }
}

fn durations(name: &str, texts: &[String]) -> Result<Vec<i64>> {
    texts.iter().map(|t| duration::parse(t).map_err(|e| e.at(format!("`{name}`")))).collect()
}

impl Measure for ServiceLevel {
    type Bound = LevelBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        self.resolve().map(|_| ())
    }

    fn bind(&self, schema: &mut Schema) -> Result<LevelBound> {
        let Resolved { definitions, thresholds, cuts, ways } = self.resolve()?;
        let mut readings = Vec::new();
        for definition in &definitions {
            for threshold in &thresholds {
                let way = Way::of(definition, *threshold);
                let view = ways.iter().position(|w| *w == way).unwrap_or(0);
                let reader = Reader::new(definition, *threshold, &cuts)?;
                let (hits, misses, assumed) = reader.cells();
                let assumes = !definition.assumed().is_empty() || !assumed.is_empty();
                let (hits, misses) = (Runs::new(hits), Runs::new(misses));
                readings.push(Reading { view, reader, hits, misses, assumes });
            }
        }
        let in_hours = ways.iter().any(|w| w.hours_only).then(|| schema.flag("in_hours", false));
        Ok(LevelBound { contact: schema.contact(), in_hours, ways, bands: Bands::new(&cuts), readings })
    }

    fn shape(&self) -> Shape {
        self.resolve().map(|r| bands::shape(&r.cuts)).unwrap_or_default()
    }

    fn views(&self) -> Vec<View> {
        self.resolve().map(|r| r.ways.iter().map(Way::view).collect()).unwrap_or_default()
    }

    fn fold(&self, bound: &LevelBound, rows: &Rows<'_>, cells: &mut Cells) {
        let way = &bound.ways[rows.view];
        let (classes, met) = (rows.block.narrow(bound.contact.outcome), rows.block.outcomes);
        let plain = way.clock == ClockStart::Offered && way.resolution == Resolution::Exact;
        let own: Vec<i64>;
        let wait = if plain {
            rows.block.wide(bound.contact.wait)
        } else {
            own = waits(way, rows.block, &bound.contact);
            &own
        };
        match bound.in_hours.filter(|_| way.hours_only) {
            None => bound.bands.fold(rows.groups, classes, met, wait, cells),
            Some(flag) => {
                let open = rows.block.narrow(flag);
                let within = |(class, open): (&i16, &i16)| if *open == 0 { Outcome::Skip as i16 } else { *class };
                let classes: Vec<i16> = classes.iter().zip(open).map(within).collect();
                bound.bands.fold(rows.groups, &classes, met, wait, cells);
            }
        }
    }

    fn parts(&self) -> Vec<Part> {
        let Ok(Resolved { definitions, thresholds, cuts, ways }) = self.resolve() else { return Vec::new() };
        let mut parts = Vec::new();
        for definition in &definitions {
            for threshold in &thresholds {
                let id = definition.id(*threshold);
                if definition.assumed().is_empty() {
                    parts.push(Part::new("level", Unit::Share, id));
                } else {
                    parts.push(Part::new("level", Unit::Share, id.clone()));
                    parts.push(Part::new("assumed_contacts", Unit::Count, format!("{id}:assumed_contacts")));
                    parts.push(Part::new("assumed_low", Unit::Share, format!("{id}:assumed_low")));
                    parts.push(Part::new("assumed_high", Unit::Share, format!("{id}:assumed_high")));
                }
            }
        }
        parts.push(Part::new("unplaced", Unit::Count, "sl:unplaced"));
        if self.cells {
            for way in &ways {
                for (class, band) in bands::names(&cuts) {
                    let path = format!("cells/{}/{class}/{band}", way.name());
                    parts.push(Part::new(&path, Unit::Count, format!("sl:{path}")));
                }
            }
        }
        parts
    }

    fn read(&self, bound: &LevelBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let mut sums: (usize, Option<Sums>) = (usize::MAX, None);
        for reading in &bound.readings {
            let cell = &cells[reading.view];
            if !reading.assumes {
                if sums.0 != reading.view {
                    sums = (reading.view, Sums::of(cell, bound.bands.cuts()));
                }
                let of = |runs: &Runs| sums.1.as_ref().map_or_else(|| runs.sum(cell), |sums| sums.sum(runs));
                let hits = of(&reading.hits);
                out.push(Estimate::share(hits, hits + of(&reading.misses), confidence));
                continue;
            }
            let level = reading.reader.read(|outcome, band| match outcome {
                Outcome::Skip => 0,
                class => cell.count(class as usize, band),
            });
            out.push(Estimate::share(level.hits, level.counted, confidence));
            out.push(Estimate::census(level.assumed_contacts as f64, bands::contacts(cell)));
            for ratio in [level.assumed_low, level.assumed_high] {
                out.push(Estimate::share(ratio.numerator, ratio.denominator, confidence));
            }
        }
        out.push(Estimate::census(
            bands::unknown_waits(bound.bands.cuts(), &cells[0]) as f64,
            bands::contacts(&cells[0]),
        ));
        if self.cells {
            for cell in &cells[..bound.ways.len()] {
                let count = |(class, band)| Estimate::census(cell.count(class, band) as f64, cell.count(class, band));
                out.extend(bands::places(bound.bands.cuts()).map(count));
            }
        }
    }

    fn shaping(&self) -> Result<Value> {
        let Resolved { cuts, ways, .. } = self.resolve()?;
        let limits: Vec<String> = cuts.iter().map(|c| duration::text(*c)).collect();
        let views: Vec<String> = ways.iter().map(Way::name).collect();
        Ok(json!({ "within": [], "limits": limits, "views": views }))
    }
}

/// The waits of a block under another clock or resolution than the usual one.
fn waits(way: &Way, block: &Block, contact: &ContactColumns) -> Vec<i64> {
    let start = block.wide(match way.clock {
        ClockStart::Offered => contact.offered,
        ClockStart::Started => contact.started,
        ClockStart::Rang => contact.rang,
    });
    let (offered, usual, outcome) =
        (block.wide(contact.offered), block.wide(contact.wait), block.narrow(contact.outcome));
    let (answered, ended) = (block.wide(contact.answered), block.wide(contact.ended));
    (0..block.len())
        .map(|i| {
            let until = match outcome[i] as usize {
                class if class == Outcome::Answered as usize => answered[i],
                // A wait so far ends where the usual wait ends.
                class if class == Outcome::Pending as usize && usual[i] != MISSING && offered[i] != MISSING => {
                    offered[i] + usual[i]
                }
                class if class == Outcome::Pending as usize => MISSING,
                _ => ended[i],
            };
            if start[i] == MISSING || until == MISSING {
                // Given by class and wait alone: the wait itself is cut, from whichever clock it was taken.
                return if usual[i] == MISSING { MISSING } else { way.resolution.wait(0, usual[i]).unwrap_or(MISSING) };
            }
            way.resolution.wait(start[i], until).unwrap_or(MISSING)
        })
        .collect()
}
