//! The targets of an SLA made ready for columns: which target a row has, and what came of it.

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::record::{BLOCK, Block, Faults, Narrow, Schema};
use crate::rule::response::{Event, Response, Sla, SlaText, Verdict};
use crate::tickets::targets::{Ready, TargetTable};
use crate::time::MISSING;

/// How many verdicts are counted: those of the rule, and one for rows without a start.
pub(super) const VERDICTS: usize = Verdict::NoTarget as usize + 2;
/// The count of rows without a start.
pub(super) const UNPLACED: usize = VERDICTS - 1;

/// In time or late, then the same of what is not done.
const BY_TIME: [Verdict; 4] = [Verdict::Met, Verdict::Missed, Verdict::Running, Verdict::Overdue];

/// Reads the SLA of a recipe: a shipped name, an object, or TOML or JSON text.
pub(super) fn read_sla(value: &Value) -> Result<Sla> {
    match value {
        Value::String(text) if text.contains(['=', '{']) => Sla::from_text(text),
        Value::String(name) => Sla::named(name),
        object => {
            let text: SlaText = serde_json::from_value(object.clone())
                .map_err(|e| Error::new(ErrorKind::InvalidOption, format!("the SLA: {e}")))?;
            Sla::new(text)
        }
    }
}

/// The SLA in the one form that shapes a state: a name stays a name, everything else becomes an object.
pub(super) fn canonical(value: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) if !text.contains(['=', '{']) => Ok(value.clone()),
        _ => serde_json::to_value(read_sla(value)?.text())
            .map_err(|e| Error::new(ErrorKind::InvalidOption, e.to_string())),
    }
}

/// What an id says of an SLA: its shipped name, or a hash of its content.
pub(super) fn id(value: &Value) -> String {
    match canonical(value) {
        Ok(Value::String(name)) => name,
        Ok(object) => {
            format!("custom-{}", crate::measures::short_hash(&object.to_string()))
        }
        Err(_) => String::new(),
    }
}

/// The facts of a block's rows.
pub(super) struct Facts {
    /// The verdict of each row, as an index.
    pub(super) verdict: [u8; BLOCK],
    /// The time used by the clock of the target: until it was done, or until it is looked at. Missing where a time set
    /// by the customer was judged instead.
    pub(super) time: [i64; BLOCK],
}

impl Facts {
    pub(super) fn new() -> Self {
        Self { verdict: [UNPLACED as u8; BLOCK], time: [MISSING; BLOCK] }
    }
}

/// The targets of one event of an SLA.
#[derive(Clone)]
pub(super) struct Targets {
    table: TargetTable,
    lanes: Vec<Narrow>,
    /// The instants that every calendar holds.
    range: std::ops::Range<i64>,
    /// Where all targets compare working time of one calendar with one budget each: the budgets, none for no target.
    plain: Option<Vec<i64>>,
}

/// The columns of a row's start and end.
#[derive(Clone, Copy)]
pub(super) struct Ends<'a> {
    /// When the clock starts.
    pub(super) start: &'a [i64],
    /// When it was done.
    pub(super) done: &'a [i64],
    /// The time set by the customer.
    pub(super) requested: Option<&'a [i64]>,
}

impl Ends<'_> {
    fn response(&self, as_of: i64, row: usize) -> Response<'static> {
        let requested = self.requested.map_or(MISSING, |requested| requested[row]);
        Response { requested, as_of, ..Response::new(self.start[row], self.done[row]) }
    }
}

impl Targets {
    /// Finds the target of every combination once, and asks the schema for the columns that choose it.
    pub(super) fn bind(sla: &Sla, event: Event, schema: &mut Schema) -> Result<Self> {
        let table = TargetTable::new(sla, &[event])?;
        let one_calendar = table.one_calendar().is_some();
        let plain = |ready: &Ready| {
            let one_budget = ready.budgets.filter(|(allowed, own)| allowed == own && !ready.window && one_calendar);
            one_budget.map(|(allowed, _)| allowed)
        };
        let plain = table.list.iter().map(plain).collect();
        Ok(Self { lanes: table.lanes(schema), range: table.range(), plain, table })
    }

    /// Whether a time set by the customer can change a verdict.
    pub(super) fn have_windows(&self) -> bool {
        self.table.list.iter().any(|ready| ready.window)
    }

    fn target_of(&self, block: &Block, row: usize, start: i64) -> Option<&Ready> {
        self.table.list.get(self.table.number(block, &self.lanes, row, start) as usize)
    }

    /// Names the rows that cannot be judged: done before the start, instants outside the years of the calendar.
    pub(super) fn verify(&self, block: &Block, ends: Ends<'_>, names: [&str; 2], faults: &mut Faults) {
        let as_of = block.as_of();
        let outside = |at: i64| at != MISSING && !self.range.contains(&at);
        let until = |row: usize| if ends.done[row] == MISSING { as_of } else { ends.done[row] };
        let suspicious = |row: usize| {
            let (start, until) = (ends.start[row], until(row));
            start != MISSING && (until != MISSING && until < start || outside(start) || outside(until))
        };
        let slow = self.table.list.iter().any(|ready| ready.budgets.is_none())
            || ends.requested.is_some() && self.have_windows();
        // One vectorised look first: bad rows are rare.
        if !slow && !(0..block.len()).fold(false, |any, row| any | suspicious(row)) {
            return;
        }
        for row in 0..block.len() {
            let start = ends.start[row];
            if start == MISSING {
                continue;
            }
            let response = ends.response(as_of, row);
            let judged = match self.target_of(block, row, start) {
                Some(ready) => ready.target.judge(&response).map(|_| ()),
                None => Ok(()),
            };
            let backwards = until(row) != MISSING && until(row) < start;
            if judged.is_err() || backwards {
                let reason =
                    if backwards { format!("{} before {}", names[1], names[0]) } else { "cannot be judged".to_owned() };
                faults.add(row, &reason, || {
                    let fallback = || Error::argument(format!("`{}` lies before `{}`", names[1], names[0]));
                    let error = judged.err().unwrap_or_else(fallback);
                    Error::new(ErrorKind::BadValue, error.message()).with("column", names[1])
                });
            }
        }
    }

    /// Judges every row of a block that [`verify`](Self::verify) let pass.
    pub(super) fn judge(&self, block: &Block, ends: Ends<'_>, facts: &mut Facts) {
        if let Some(budgets) = &self.plain {
            return self.judge_plain(budgets, block, ends, facts);
        }
        let as_of = block.as_of();
        for row in 0..block.len() {
            let start = ends.start[row];
            (facts.verdict[row], facts.time[row]) = (UNPLACED as u8, MISSING);
            if start == MISSING {
                continue;
            }
            let Some(ready) = self.target_of(block, row, start) else {
                facts.verdict[row] = Verdict::NoTarget as u8;
                continue;
            };
            let set = ready.window && ends.requested.is_some_and(|requested| requested[row] != MISSING);
            let Some((allowed, own)) = ready.budgets.filter(|_| !set) else {
                let Ok(judged) = ready.target.judge(&ends.response(as_of, row)) else { continue };
                facts.verdict[row] = judged.verdict as u8;
                facts.time[row] = judged.elapsed.filter(|_| !set).unwrap_or(MISSING);
                continue;
            };
            let done = ends.done[row];
            let until = if done == MISSING { as_of } else { done };
            if until == MISSING {
                facts.verdict[row] = Verdict::Running as u8;
                continue;
            }
            let (elapsed, budget) = if ready.business {
                let clock = ready.target.calendar().clock();
                let budget = if own == allowed || clock.is_open(start) { allowed } else { own };
                (clock.up_to(until) - clock.up_to(start), budget)
            } else {
                (until - start, allowed)
            };
            let late = usize::from(elapsed > budget) + 2 * usize::from(done == MISSING);
            facts.verdict[row] = BY_TIME[late] as u8;
            facts.time[row] = elapsed;
        }
    }

    /// The same where every verdict is one comparison of working time: in passes without branches on what a row holds.
    fn judge_plain(&self, budgets: &[i64], block: &Block, ends: Ends<'_>, facts: &mut Facts) {
        let (as_of, clock) = (block.as_of(), self.table.list[0].target.calendar().clock());
        let range = clock.range();
        let numbers = self.table.numbers(block, &self.lanes, ends.start);
        for (row, (start, done)) in ends.start.iter().zip(ends.done).enumerate() {
            let until = if *done == MISSING { as_of } else { *done };
            // Missing instants are given some place in the calendar, and what comes of it is not looked at.
            let up_to = |at: i64| clock.up_to(at.clamp(range.start, range.end - 1));
            let elapsed = up_to(until) - up_to(*start);
            let number = numbers[row] as usize;
            let targeted = number < budgets.len();
            let allowed = budgets[if targeted { number } else { 0 }];
            let late = usize::from(elapsed > allowed) + 2 * usize::from(*done == MISSING);
            let known = until != MISSING;
            let judged = if known { BY_TIME[late] } else { Verdict::Running } as u8;
            let placed = if targeted { judged } else { Verdict::NoTarget as u8 };
            facts.verdict[row] = if *start == MISSING { UNPLACED as u8 } else { placed };
            facts.time[row] = if known && targeted && *start != MISSING { elapsed } else { MISSING };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{MISSING_MARK, Table};
    use crate::rule::response::Case;
    use crate::time::instant::{DAY, HOUR, parse_instant};

    const SLA: &str = r#"
        [calendar]
        time_zone = "Europe/Moscow"
        hours = { mon = [["10:00", "13:00"], ["14:00", "19:00"]], tue = [["10:00", "19:00"]], sat = [["22:00", "06:00"]] }
        [[policies]]
        [[policies.targets]]
        event = "first_response"
        channels = ["email", "chat"]
        priorities = ["high"]
        target = "30m"
        [[policies.targets]]
        event = "first_response"
        channels = ["email"]
        target = "1h"
        after_hours = "next_opening + 2h"
        [[policies]]
        from = "2024-03-06"
        [[policies.targets]]
        event = "first_response"
        channels = ["phone"]
        target = "40m"
        clock = "calendar"
        [[policies.targets]]
        event = "first_response"
        target = "20m"
        compare = "deadline"
        resolution = "minutes_up"
        customer_time = { early = "5m", late = "10m" }
    "#;

    /// Only comparisons of working time in one calendar: the passes without branches.
    const PLAIN: &str = r#"
        [calendar]
        time_zone = "Europe/Moscow"
        hours = { mon = [["10:00", "13:00"], ["14:00", "19:00"]], fri = [["09:00", "18:00"]], sat = [["22:00", "06:00"]] }
        [[policies]]
        from = "2024-03-02"
        [[policies.targets]]
        event = "first_response"
        channels = ["email", "chat", "phone"]
        priorities = ["high"]
        target = "30m"
        [[policies]]
        from = "2024-03-06"
        [[policies.targets]]
        event = "first_response"
        channels = ["email"]
        target = "2h"
    "#;

    #[test]
    fn columns_agree_with_the_rule_row_by_row() {
        for (text, plain) in [(SLA, false), (PLAIN, true)] {
            agree(&Sla::from_text(text).unwrap(), plain);
        }
    }

    fn agree(sla: &Sla, plain: bool) {
        let mut schema = Schema::new(Table::Tickets);
        let targets = Targets::bind(sla, Event::FirstResponse, &mut schema).unwrap();
        assert_eq!(targets.plain.is_some(), plain);
        let mut block = Block::new(&schema, BLOCK);
        block.len = BLOCK;
        let base = parse_instant("2024-03-01T00:00+03:00").unwrap();
        // In the order of the alphabet, as the list of channels is.
        let channels = [Some("chat"), Some("email"), Some("phone"), Some("fax"), None];
        let codes = [0, 1, 2, 3, MISSING_MARK];
        let priorities = [Some("high"), Some("low"), None];
        let mut seed = 9u64;
        let mut next = |n: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as i64 % n
        };
        let mut rows = Vec::new();
        for row in 0..BLOCK {
            let (channel, priority) = (next(5) as usize, next(3) as usize);
            let start = base + next(10 * DAY / 60_000_000) * 60_000_000;
            let done = if next(4) == 0 { MISSING } else { start + next(40) * HOUR / 8 };
            let requested = if next(3) == 0 { start + next(20) * HOUR / 8 } else { MISSING };
            block.narrow_lane(targets.lanes[0].0)[row] = codes[channel];
            block.narrow_lane(targets.lanes[1].0)[row] = [0, 1, MISSING_MARK][priority];
            rows.push((
                channels[channel],
                priorities[priority],
                if next(50) == 0 { MISSING } else { start },
                done,
                requested,
            ));
        }
        let start: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let done: Vec<i64> = rows.iter().map(|row| row.3).collect();
        let requested: Vec<i64> = rows.iter().map(|row| row.4).collect();
        for as_of in [MISSING, base + 12 * DAY] {
            block.as_of = as_of;
            let ends = Ends { start: &start, done: &done, requested: Some(&requested) };
            let mut faults = Faults::default();
            targets.verify(&block, ends, ["created", "first_response"], &mut faults);
            assert!(faults.is_empty(), "{:?}", faults.first());
            let mut facts = Facts::new();
            targets.judge(&block, ends, &mut facts);
            for (row, (channel, priority, start, done, requested)) in rows.iter().enumerate() {
                if *start == MISSING {
                    assert_eq!((facts.verdict[row], facts.time[row]), (UNPLACED as u8, MISSING));
                    continue;
                }
                let case = Case { channel: *channel, priority: *priority, ..Case::new(Event::FirstResponse, *start) };
                let response = Response { requested: *requested, as_of, ..Response::new(*start, *done) };
                let judged = sla.judge(&case, &response).unwrap();
                assert_eq!(facts.verdict[row], judged.verdict as u8, "row {row}: {case:?} {response:?}");
                if facts.time[row] != MISSING {
                    assert_eq!(Some(facts.time[row]), judged.elapsed);
                }
            }
        }
        let early = Ends { start: &done, done: &start, requested: None };
        let mut faults = Faults::default();
        targets.verify(&block, early, ["created", "first_response"], &mut faults);
        assert!(!faults.is_empty());
    }

    #[test]
    fn an_event_without_a_target_is_refused() {
        let sla = Sla::from_text(SLA).unwrap();
        let error = Targets::bind(&sla, Event::Callback, &mut Schema::new(Table::Tickets)).err().unwrap();
        assert!(error.message().contains("first_response"), "{error}");
    }
}
