//! Rows of a report as judgements take them: one line for each group and part.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::unit::{UnitMean, UnitNet, UnitShare};
use crate::error::{Error, Result};
use crate::estimate::Estimate;
use crate::report::Report;

/// One estimate of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The name of the group: its key values and slot, separated by commas; empty without any.
    pub unit: String,
    /// The path of the part, such as `promoters`.
    pub part: String,
    /// The definition id.
    pub definition: String,
    /// What it is counted in, such as `share`.
    pub counted_in: String,
    /// The number; its reason is not read.
    pub estimate: Estimate,
}

/// The lines of a report.
///
/// ```
/// use csat_core::judge::{compare, line, unit::UnitShare};
/// use csat_core::record::{Batch, Column};
/// use csat_core::{Plan, Tally, measures::voice::Nps};
/// let report = |scores: &[i64]| {
///     let mut tally = Tally::new(Plan::new([Nps::default()]))?;
///     tally.push(&Batch::new().column("score", Column::integers(scores)))?;
///     tally.report(Some(0.95))
/// };
/// let (before, after) = (report(&[9, 3, 8, 2])?, report(&[9, 10, 8, 9])?);
/// let promoters = |report| line::shares(&line::of_report(report), Some("promoters"));
/// let change = compare::shares(&promoters(&before)?, &promoters(&after)?, false, 0.95)?;
/// assert_eq!(change.difference, Some(0.5));
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn of_report(report: &Report) -> Vec<Line> {
    let line = |row: crate::report::Row<'_>| {
        let slot = row.slot.map(crate::time::instant::format_utc);
        let names: Vec<String> = row.keys.iter().map(ToString::to_string).chain(slot).collect();
        Line {
            unit: names.join(", "),
            part: row.part.path.clone(),
            definition: row.part.definition.clone(),
            counted_in: row.part.unit.name().to_owned(),
            estimate: row.estimate,
        }
    };
    report.rows().map(line).collect()
}

/// A row of a report as it stands in JSON (`csat_report_json` in C) or in a frame (Python): keys under `keys`, or beside
/// the numbers.
#[derive(Deserialize)]
struct Row {
    part: String,
    definition: String,
    unit: String,
    value: Option<f64>,
    n: f64,
    #[serde(default)]
    low: Option<f64>,
    #[serde(default)]
    high: Option<f64>,
    #[serde(default)]
    numerator: Option<f64>,
    #[serde(default)]
    denominator: Option<f64>,
    #[serde(default)]
    keys: Map<String, Value>,
    #[serde(default)]
    slot: Value,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let row = Row::deserialize(deserializer)?;
        let n = whole(row.n).ok_or_else(|| serde::de::Error::custom(format!("n is {}", row.n)))?;
        let beside = |name: &str| !["measure", "reason", "set_aside"].contains(&name);
        let others = row.others.iter().filter(|(name, _)| beside(name)).map(|(_, value)| value);
        let slot = Some(&row.slot).filter(|slot| !slot.is_null());
        let name = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let names: Vec<String> = row.keys.values().chain(others).chain(slot).map(name).collect();
        Ok(Self {
            unit: names.join(", "),
            part: row.part,
            definition: row.definition,
            counted_in: row.unit,
            estimate: Estimate {
                value: row.value,
                low: row.low,
                high: row.high,
                n,
                numerator: row.numerator,
                denominator: row.denominator,
                reason: None,
            },
        })
    }
}

/// The shares of the groups, as units. `part` chooses among several, by path or definition id.
pub fn shares(lines: &[Line], part: Option<&str>) -> Result<Vec<UnitShare>> {
    let share = |line: &Line| line.counted_in == "share";
    chosen(lines, part, "share", share)?
        .into_iter()
        .map(|line| UnitShare::of_estimate(&line.unit, &line.estimate))
        .collect()
}

/// The net scores of the groups, as units: from their promoters, passives and detractors, in whatever order these stand.
/// `part` is the id of the score where there are several.
pub fn nets(lines: &[Line], part: Option<&str>) -> Result<Vec<UnitNet>> {
    let count = |name: &str| -> Result<Vec<UnitShare>> {
        let of = |line: &Line| line.part == name && part.is_none_or(|id| line.definition == format!("{id}:{name}"));
        let found = chosen(lines, None, &format!("share of {name}"), of)?;
        found.into_iter().map(|line| UnitShare::of_estimate(&line.unit, &line.estimate)).collect()
    };
    let names = ["promoters", "passives", "detractors"];
    let mut units: Vec<(String, [Option<u64>; 3])> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (at, name) in names.into_iter().enumerate() {
        for share in count(name)? {
            let place = *places.entry(share.unit.clone()).or_insert_with(|| {
                units.push((share.unit.clone(), [None; 3]));
                units.len() - 1
            });
            if units[place].1[at].replace(share.successes).is_some() {
                return Err(Error::argument(format!("the group `{}` has its {name} twice", share.unit)));
            }
        }
    }
    let net = |(unit, counts): (String, [Option<u64>; 3])| {
        if let [Some(promoters), Some(passives), Some(detractors)] = counts {
            return Ok(UnitNet { unit, detractors, passives, promoters });
        }
        let lacking: Vec<&str> =
            names.into_iter().zip(counts).filter(|(_, count)| count.is_none()).map(|(name, _)| name).collect();
        let lacking = lacking.join(" and ");
        let message = format!("the group `{unit}` lacks its {lacking}; each needs promoters, passives and detractors");
        Err(Error::argument(message))
    };
    units.into_iter().map(net).collect()
}

/// The means of the groups, as units; the standard deviation is worked out from the interval, which the report gave at
/// this confidence. `part` chooses among several, by path or definition id.
pub fn means(lines: &[Line], part: Option<&str>, confidence: f64) -> Result<Vec<UnitMean>> {
    let mean = |line: &Line| {
        line.estimate.denominator.is_some() && ["rating", "seconds", "score"].contains(&&*line.counted_in)
    };
    let found = chosen(lines, part, "mean", mean)?;
    found.into_iter().map(|line| UnitMean::of_estimate(&line.unit, &line.estimate, confidence)).collect()
}

/// The lines of the one definition that is of this kind.
fn chosen<'a>(lines: &'a [Line], part: Option<&str>, kind: &str, is: impl Fn(&Line) -> bool) -> Result<Vec<&'a Line>> {
    let named = |line: &&Line| part.is_none_or(|part| line.part == part || line.definition == part);
    let found: Vec<&Line> = lines.iter().filter(|line| is(line)).filter(named).collect();
    let mut ids: Vec<&str> = Vec::new();
    for line in &found {
        if !ids.contains(&line.definition.as_str()) {
            ids.push(&line.definition);
        }
    }
    match (&ids[..], part) {
        ([_], _) => Ok(found),
        ([], Some(part)) => {
            let known = lines.iter().filter(|line| is(line)).map(|line| line.definition.as_str());
            Err(Error::unknown(kind, part, known))
        }
        ([], None) => Err(Error::argument(format!("the report has no {kind} with its counts"))),
        _ => Err(Error::argument(format!(
            "the report has several of the kind {kind}: {}; choose one with `part`",
            ids.join(", ")
        ))),
    }
}

/// A count given as a float.
pub(super) fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(rows: &Value) -> Vec<Line> {
        serde_json::from_value(rows.clone()).unwrap()
    }

    fn row(dealer: &str, part: &str, numerator: f64, n: f64) -> Value {
        let value = numerator / n;
        json!({"dealer": dealer, "part": part, "value": value, "n": n, "numerator": numerator, "denominator": n,
            "unit": "share", "definition": format!("nps:0-10:{part}"), "reason": null, "set_aside": 3})
    }

    #[test]
    fn rows_of_frames_and_of_c_give_the_same_units() {
        let flat = lines(&json!([row("a", "promoters", 3.0, 4.0)]));
        let mut nested = row("a", "promoters", 3.0, 4.0);
        let map = nested.as_object_mut().unwrap();
        let dealer = map.shift_remove("dealer");
        map.insert("keys".into(), json!({ "dealer": dealer }));
        map.insert("measure".into(), json!("nps"));
        assert_eq!(flat, lines(&json!([nested])));
        let unit = &shares(&flat, None).unwrap()[0];
        assert_eq!((unit.unit.as_str(), unit.successes, unit.n), ("a", 3, 4));
    }

    #[test]
    fn nets_need_their_three_counts() {
        let mut rows = vec![row("a", "promoters", 3.0, 6.0), row("a", "passives", 2.0, 6.0)];
        assert!(nets(&lines(&json!(rows)), None).unwrap_err().message().contains("share of detractors"));
        rows.push(row("a", "detractors", 1.0, 6.0));
        let unit = &nets(&lines(&json!(rows)), None).unwrap()[0];
        assert_eq!((unit.promoters, unit.passives, unit.detractors), (3, 2, 1));
        assert!(shares(&lines(&json!(rows)), None).unwrap_err().message().contains("choose one with `part`"));
        assert!(shares(&lines(&json!(rows)), Some("promotors")).unwrap_err().message().contains("promoters"));
    }

    #[test]
    fn nets_are_joined_by_group() {
        // Sorted by value, the three counts of a group stand in different places.
        let all = [("a", [3.0, 2.0, 1.0]), ("b", [1.0, 0.0, 5.0])];
        let mut rows: Vec<Value> = Vec::new();
        for (part, at) in [("promoters", 0), ("passives", 1), ("detractors", 2)] {
            rows.extend(all.iter().map(|(dealer, counts)| row(dealer, part, counts[at], 6.0)));
        }
        let mut sorted = rows.clone();
        sorted.sort_by(|a, b| b["value"].as_f64().unwrap().total_cmp(&a["value"].as_f64().unwrap()));
        assert_eq!(sorted[0]["dealer"], "b");
        let mut units = nets(&lines(&json!(sorted)), None).unwrap();
        units.sort_by(|a, b| a.unit.cmp(&b.unit));
        assert_eq!(units, nets(&lines(&json!(rows)), None).unwrap());
        assert_eq!((units[1].promoters, units[1].passives, units[1].detractors), (1, 0, 5));
        let lacking = nets(&lines(&json!(rows[..5])), None).unwrap_err();
        assert!(lacking.message().contains("`b` lacks its detractors"), "{}", lacking.message());
        rows.push(rows[0].clone());
        assert!(nets(&lines(&json!(rows)), None).unwrap_err().message().contains("`a` has its promoters twice"));
    }

    #[test]
    fn the_deviation_comes_back_from_the_interval() {
        // 2, 4, 6: mean 4, deviation 2; the interval of the tally at 95 %.
        let mut confidence = crate::estimate::Confidence::new(Some(0.95)).unwrap();
        let estimate = Estimate::mean(3, 12, 56, 1.0, &mut confidence);
        let unit = UnitMean::of_estimate("a", &estimate, 0.95).unwrap();
        assert!((unit.standard_deviation - 2.0).abs() < 1e-12 && unit.mean == 4.0 && unit.n == 3);
        let bare = Estimate { low: None, high: None, ..estimate };
        assert!(UnitMean::of_estimate("a", &bare, 0.95).is_err());
    }
}
