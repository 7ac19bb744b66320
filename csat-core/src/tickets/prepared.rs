//! Response targets over whole columns: tickets in, due time, verdict, elapsed and remaining time out.

use std::collections::{BTreeMap, HashMap};

use super::targets::{Ready, TargetTable};
use crate::error::{Error, ErrorKind, Result};
use crate::record::{BLOCK, Batch, Block, Faults, Key, Narrow, Reader, Schema, Table, Wide};
use crate::rule::response::{Event, Judgement, Pauses, Response, Sla, Target, Verdict};
use crate::time::instant::check_instant;
use crate::time::working::WorkingClock;
use crate::time::{Calendar, MISSING, Zone};

/// An [`Sla`] made ready for many tickets: the target of every combination of event, channel, priority, segment and team
/// is found once, and a ticket finds its own by codes.
///
/// ```
/// use csat_core::record::{Batch, Column};
/// use csat_core::rule::response::{Event, Sla, Verdict};
/// use csat_core::tickets::{PreparedSla, TicketColumns};
/// use csat_core::time::{MISSING, instant::parse_instant};
/// let at = |text: &str| parse_instant(text);
/// let sla = PreparedSla::new(Sla::named("support_10_19")?)?;
/// // One ticket, with a code made once: a Friday.
/// let mail = sla.code(Event::FirstResponse, Some("email"), None, None, None)?;
/// assert_eq!(sla.due(mail, at("2024-03-01T18:30+03:00")?)?, Some(at("2024-03-04T10:30+03:00")?));
/// // Columns.
/// let created = [at("2024-03-01T18:30+03:00")?, at("2024-03-01T18:59+03:00")?];
/// let answered = [at("2024-03-04T10:20+03:00")?, MISSING];
/// let tickets = Batch::new()
///     .column("created", Column::instants(&created))
///     .column("first_response", Column::instants(&answered))
///     .column("channel", Column::texts(&["email", "chat"]));
/// let judged = sla.judge_columns(&tickets, &TicketColumns::of(Event::FirstResponse), None)?;
/// assert_eq!(judged.due[1], at("2024-03-04T10:01+03:00")?);
/// assert_eq!(judged.verdict(0), Some(Verdict::Met));
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PreparedSla {
    sla: Sla,
    table: TargetTable,
}

/// What tells a ticket's target apart, as one number that is good for its [`PreparedSla`].
pub type TargetCode = u32;

/// Which columns tickets are read from, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketColumns {
    /// The event of all tickets; `None`: the column `event` says it.
    pub event: Option<Event>,
    /// csat's name of a column = the name in the batch, where they differ. The clock runs from `start` (where it is not
    /// there from `created`) to `done` (before that `first_response` or `resolved`, by the event); the others are `created`
    /// (chooses the policy, else the start does), `requested`, `event`, `channel`, `priority`, `segment`, `team`, `id`;
    /// and in tables of pauses `ticket`, `from`, `until`.
    pub columns: BTreeMap<String, String>,
    /// The zone of local times without one.
    pub zone: Option<Zone>,
    /// When what is not done is judged; `None`: not at all.
    pub as_of: Option<i64>,
}

impl TicketColumns {
    /// Tickets of one event under the usual names.
    pub fn of(event: Event) -> Self {
        Self { event: Some(event), ..Self::default() }
    }

    /// The name in the batch.
    fn host(&self, role: &str, batch: &Batch<'_>) -> String {
        let usual = match (role, self.event) {
            ("start", _) if batch.get("start").is_none() => "created",
            ("done", Some(Event::FirstResponse)) if batch.get("first_response").is_some() => "first_response",
            ("done", Some(Event::Resolution)) if batch.get("resolved").is_some() => "resolved",
            _ => role,
        };
        self.columns.get(role).map_or(usual, String::as_str).to_owned()
    }
}

/// Judged tickets, row by row. Times in microseconds; [`MISSING`] where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgements {
    /// When it was due.
    pub due: Vec<i64>,
    /// The code of its [`Verdict`]; −1 for a ticket without a start.
    pub verdict: Vec<i8>,
    /// The time used; for a time set by the customer the real time after it.
    pub elapsed: Vec<i64>,
    /// What was left, negative if late.
    pub remaining: Vec<i64>,
}

impl Judgements {
    /// The verdict of a row; `None` for a ticket without a start.
    pub fn verdict(&self, row: usize) -> Option<Verdict> {
        usize::try_from(self.verdict[row]).ok().map(|code| Verdict::ALL[code])
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.due.len()
    }

    /// Adds rows without a verdict.
    fn grow(&mut self, rows: usize) {
        let rows = self.rows() + rows;
        for column in [&mut self.due, &mut self.elapsed, &mut self.remaining] {
            column.resize(rows, MISSING);
        }
        self.verdict.resize(rows, NO_VERDICT);
    }
}

/// The code of no verdict.
const NO_VERDICT: i8 = -1;

/// The pauses of many tickets, united for each.
#[derive(Clone, Debug, Default)]
pub struct PauseTable {
    /// Sorted by ticket; stretches of one never touch.
    stretches: Vec<(i64, i64)>,
    /// Where each ticket's stretches begin; one more than there are tickets.
    starts: Vec<usize>,
}

impl PauseTable {
    /// Reads a long table of pauses with the columns `ticket`, `from` and `until` (missing = it goes on). `ticket` is what
    /// the column `id` of the tickets holds, or the number of the row where they have no such column. Pauses of tickets
    /// that are not there are left out. Columns may have other names in `names`; both tables may come in pieces.
    pub fn read(pauses: &[Batch<'_>], tickets: &[Batch<'_>], names: &TicketColumns) -> Result<Self> {
        let mut schema = Schema::new(Table::Tickets);
        let (from, until) = (schema.instant("from", true), schema.instant("until", false));
        let ticket = pauses.first().map_or_else(|| "ticket".to_owned(), |batch| names.host("ticket", batch));
        let known = ids(tickets, names, &ticket)?;
        let mut all: Vec<(u32, i64, i64)> = Vec::new();
        let mut first_row = 0;
        for batch in pauses {
            let host = |role: &str| names.host(role, batch);
            let zone = names.zone.as_ref();
            let reader = Reader { batch, what: "the pauses", zone, host: &host, first_row };
            let rows = rows_of(batch, &host("ticket"), &known, first_row)?;
            reader.read(&schema, |block, faults| {
                for row in 0..block.len() {
                    let (from, until) = (block.wide(from)[row], block.wide(until)[row]);
                    let until = if until == MISSING { i64::MAX } else { until };
                    if from == MISSING || from > until {
                        let (why, role) = match from {
                            MISSING => ("a pause has no start", "from"),
                            _ => ("a pause ends before it begins", "until"),
                        };
                        faults.add(row, why, || Error::new(ErrorKind::BadValue, why).with("column", host(role)));
                    } else if let (Some(ticket), true) = (rows[block.first - first_row + row], from < until) {
                        all.push((ticket, from, until));
                    }
                }
            })?;
            first_row += batch.rows();
        }
        all.sort_unstable();
        let mut table = Self { stretches: Vec::with_capacity(all.len()), starts: vec![0] };
        for (ticket, from, until) in all {
            while table.starts.len() <= ticket as usize {
                table.starts.push(table.stretches.len());
            }
            let begin = table.starts[ticket as usize];
            match table.stretches[begin..].last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => table.stretches.push((from, until)),
            }
        }
        Ok(table)
    }

    fn of(&self, ticket: usize) -> &[(i64, i64)] {
        let Some(begin) = self.starts.get(ticket) else { return &[] };
        let end = self.starts.get(ticket + 1).copied().unwrap_or(self.stretches.len());
        &self.stretches[*begin..end]
    }
}

/// The rows of tickets by their ids.
struct Ids<'a> {
    column: String,
    /// `None` where the tickets have no such column: then a ticket is the number of its row.
    known: Option<HashMap<Key<'a>, u32>>,
    rows: usize,
}

fn ids<'a>(tickets: &'a [Batch<'_>], names: &TicketColumns, ticket: &str) -> Result<Ids<'a>> {
    let rows = tickets.iter().map(Batch::rows).sum();
    let column = tickets.first().map_or_else(|| "id".to_owned(), |batch| names.host("id", batch));
    if tickets.iter().any(|batch| batch.get(&column).is_none()) {
        return Ok(Ids { column, known: None, rows });
    }
    let mut known: HashMap<Key<'a>, u32> = HashMap::with_capacity(rows);
    let keys =
        tickets.iter().filter_map(|batch| batch.get(&column)).flat_map(|ids| (0..ids.len()).map(|row| ids.key(row)));
    for (row, key) in keys.enumerate() {
        let key = key.map_err(|e| {
            let place =
                format!("row {row} of the tickets, `{column}`, by which `{ticket}` of the pauses finds its ticket");
            e.with("row", row).with("column", &column).at(place)
        })?;
        let Some(key) = key else { continue };
        if known.keys().next().is_some_and(|first| !first.is_like(&key)) {
            let message = format!("row {row}: the tickets' `{column}` holds text in one piece and numbers in another");
            return Err(Error::new(ErrorKind::WrongType, message).with("row", row).with("column", column));
        }
        if known.insert(key, row as u32).is_some() {
            let message = format!("row {row}: the ticket `{key}` is there twice, so its pauses have no one ticket");
            return Err(Error::new(ErrorKind::BadValue, message).with("row", row).with("column", column));
        }
    }
    Ok(Ids { column, known: Some(known), rows })
}

/// The row of the ticket of each pause.
fn rows_of(pauses: &Batch<'_>, ticket: &str, ids: &Ids<'_>, first_row: usize) -> Result<Vec<Option<u32>>> {
    let Some(keys) = pauses.get(ticket) else {
        let names: Vec<&str> = pauses.names().collect();
        let message = format!("the pauses need the column `{ticket}`; their columns are: {}", names.join(", "));
        return Err(Error::new(ErrorKind::MissingColumn, message).with("column", ticket));
    };
    let named = |error: Error, at: usize| error.with("row", first_row + at).with("column", ticket);
    let key_of = |at: usize| {
        let row = first_row + at;
        let place =
            || format!("row {row} of the pauses, `{ticket}`, which is to be like `{}` of the tickets", ids.column);
        keys.key(at).map_err(|e| named(e, at).at(place()))
    };
    let row_of = |at: usize| match (&ids.known, key_of(at)?) {
        (Some(known), Some(key)) => match known.keys().next() {
            Some(first) if !first.is_like(&key) => {
                let (pause, id) = (key.words(), first.words());
                let message = format!(
                    "row {} of the pauses: `{ticket}` holds {pause} and `{}` of the tickets {id}; give both as one kind",
                    first_row + at,
                    ids.column
                );
                Err(named(Error::new(ErrorKind::WrongType, message), at))
            }
            _ => Ok(known.get(&key).copied()),
        },
        (Some(_), None) => Ok(None),
        (None, Some(Key::Whole(row))) if usize::try_from(row).is_ok_and(|row| row < ids.rows) => Ok(Some(row as u32)),
        (None, _) => {
            let message = format!(
                "row {} of the pauses: `{ticket}` is not the number of a row of the tickets, which have no column `{}`",
                first_row + at,
                ids.column
            );
            Err(named(Error::new(ErrorKind::BadValue, message), at))
        }
    };
    (0..keys.len()).map(row_of).collect()
}

/// The lanes of one reading.
struct Lanes {
    start: Wide,
    done: Wide,
    created: Wide,
    requested: Wide,
    target: Vec<Narrow>,
}

impl PreparedSla {
    /// Finds the targets of every combination the SLA tells apart.
    pub fn new(sla: Sla) -> Result<Self> {
        Ok(Self { table: TargetTable::new(&sla, Event::ALL)?, sla })
    }

    /// The SLA.
    pub fn sla(&self) -> &Sla {
        &self.sla
    }

    /// The code of what a ticket's target depends on: found once, then every ticket of the kind is a table look-up.
    /// Texts that no target names are allowed; the ticket then gets the target for anything, or none.
    pub fn code(
        &self,
        event: Event,
        channel: Option<&str>,
        priority: Option<&str>,
        segment: Option<&str>,
        team: Option<&str>,
    ) -> Result<TargetCode> {
        let place = self.table.place([Some(event.name()), channel, priority, segment, team])?;
        Ok(place as TargetCode)
    }

    /// The target of a code under the policy in force when a ticket was created; `None` where there is none.
    pub fn target(&self, code: TargetCode, created: i64) -> Result<Option<&Target>> {
        if code as usize >= self.table.places() {
            let message = format!("{code} is no code of this SLA; its codes are below {}", self.table.places());
            return Err(Error::argument(message));
        }
        Ok(self.table.target(code as usize, created).map(|ready| &ready.target))
    }

    /// When a ticket created at `start` is due, without pauses; `None` where it has no target.
    #[inline]
    pub fn due(&self, code: TargetCode, start: i64) -> Result<Option<i64>> {
        let target = self.target(code, start)?;
        check_instant(start)?;
        match target {
            Some(target) => target.due(start, Pauses::NONE),
            None => Ok(None),
        }
    }

    /// Judges one ticket with a code; `created` chooses the policy.
    pub fn judge(&self, code: TargetCode, created: i64, response: &Response<'_>) -> Result<Judgement> {
        match self.target(code, created)? {
            Some(target) => target.judge(response),
            None => response.check().map(|()| Judgement::NO_TARGET),
        }
    }

    /// How the judgement of one ticket came about, in words.
    pub fn explain(&self, code: TargetCode, created: i64, response: &Response<'_>) -> Result<String> {
        self.sla.explain_target(self.target(code, created)?, created, response)
    }

    /// Judges whole columns: every ticket by the target of its event, channel, priority, segment and team under the policy
    /// in force when it was created. Columns that the SLA does not tell targets apart by are not needed.
    ///
    /// A ticket without a start has no verdict. Errors name the row: done before the start, instants outside the years of
    /// the calendar.
    pub fn judge_columns(
        &self,
        tickets: &Batch<'_>,
        how: &TicketColumns,
        pauses: Option<&PauseTable>,
    ) -> Result<Judgements> {
        let mut judged = Judgements::default();
        self.judge_piece(tickets, 0, how, pauses, &mut judged)?;
        Ok(judged)
    }

    /// [`judge_columns`](Self::judge_columns) for a piece of a longer table that begins at `first_row`; rows are added to
    /// `judged`. After an error it is to be thrown away.
    pub fn judge_piece(
        &self,
        tickets: &Batch<'_>,
        first_row: usize,
        how: &TicketColumns,
        pauses: Option<&PauseTable>,
        judged: &mut Judgements,
    ) -> Result<()> {
        let own;
        let table = match how.event {
            Some(event) => {
                own = TargetTable::new(&self.sla, &[event])?;
                &own
            }
            None => &self.table,
        };
        let mut schema = Schema::new(Table::Tickets);
        // What is named must be there: a slip would leave every ticket open.
        let named = |role: &str| how.columns.contains_key(role);
        let lanes = Lanes {
            start: schema.instant("start", true),
            done: schema.instant("done", named("done")),
            created: schema.instant("created", named("created")),
            requested: schema.instant("requested", named("requested")),
            target: table.lanes(&mut schema),
        };
        let host = |role: &str| how.host(role, tickets);
        let reader = Reader { batch: tickets, what: "the tickets", zone: how.zone.as_ref(), host: &host, first_row };
        let (clock, as_of) = (table.one_calendar().map(Calendar::clock), how.as_of.unwrap_or(MISSING));
        let mut judge = Judge { table, clock, lanes, as_of, pauses, scratch: Pauses::default() };
        judged.grow(tickets.rows());
        let mut base = judged.rows() - tickets.rows();
        reader.read(&schema, |block, faults| {
            judge.block(block, faults, judged, base);
            base += block.len();
        })
    }
}

/// In time or late, then the same of what is not done.
const BY_TIME: [Verdict; 4] = [Verdict::Met, Verdict::Missed, Verdict::Running, Verdict::Overdue];

struct Judge<'a> {
    table: &'a TargetTable,
    /// The working time of all targets, where it is one.
    clock: Option<WorkingClock<'a>>,
    lanes: Lanes,
    as_of: i64,
    pauses: Option<&'a PauseTable>,
    scratch: Pauses,
}

impl Judge<'_> {
    /// Judges the rows of a block; those of `judged` begin at `base`.
    fn block(&mut self, block: &Block, faults: &mut Faults, judged: &mut Judgements, base: usize) {
        let rows = base..base + block.len();
        let (out_due, out_verdict) = (&mut judged.due[rows.clone()], &mut judged.verdict[rows.clone()]);
        let (out_elapsed, out_remaining) = (&mut judged.elapsed[rows.clone()], &mut judged.remaining[rows]);
        let start = block.wide(self.lanes.start);
        let created = if block.is_given(self.lanes.created) { block.wide(self.lanes.created) } else { start };
        let mut filled = [MISSING; BLOCK];
        for ((filled, created), start) in filled.iter_mut().zip(created).zip(start) {
            *filled = if *created == MISSING { *start } else { *created };
        }
        let (done, requested) = (block.wide(self.lanes.done), block.wide(self.lanes.requested));
        let numbers = self.table.numbers(block, &self.lanes.target, &filled);
        let (clock, range) = (self.clock, self.clock.map_or(0..0, WorkingClock::range));
        for row in 0..block.len() {
            let start = start[row];
            if start == MISSING {
                continue;
            }
            let until = if done[row] == MISSING { self.as_of } else { done[row] };
            let pauses = self.pauses.map_or(&[][..], |pauses| pauses.of(block.first + row));
            let ready: Option<&Ready> = self.table.list.get(numbers[row] as usize);
            let budgets = ready.and_then(|ready| ready.budgets.filter(|_| !ready.window || requested[row] == MISSING));
            let inside = range.contains(&start) && (until == MISSING || start <= until && until < range.end);
            if let (Some((allowed, own)), Some(clock), true, true) = (budgets, clock, inside, pauses.is_empty()) {
                let place = clock.place(start);
                let budget = if place.is_open { allowed } else { own };
                let due = clock.due(place, budget);
                if due != MISSING {
                    let known = until != MISSING;
                    let elapsed = clock.up_to(if known { until } else { start }) - place.up_to;
                    let late = usize::from(elapsed > budget) + 2 * usize::from(done[row] == MISSING);
                    out_due[row] = due;
                    out_verdict[row] = BY_TIME[late] as i8;
                    out_elapsed[row] = if known { elapsed } else { MISSING };
                    out_remaining[row] = if known { budget - elapsed } else { MISSING };
                    continue;
                }
            }
            self.scratch.refill(pauses);
            let (done, requested) = (done[row], requested[row]);
            let response = Response { start, done, requested, as_of: self.as_of, pauses: &self.scratch };
            let found = match ready {
                Some(ready) => ready.target.judge(&response),
                None => response.check().map(|()| Judgement::NO_TARGET),
            };
            match found {
                Ok(found) => {
                    out_due[row] = found.due.unwrap_or(MISSING);
                    out_verdict[row] = found.verdict as i8;
                    out_elapsed[row] = found.elapsed.unwrap_or(MISSING);
                    out_remaining[row] = found.remaining.unwrap_or(MISSING);
                }
                Err(error) => faults.add(row, "cannot be judged", || error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Column;
    use crate::rule::response::Case;
    use crate::time::instant::{DAY, HOUR, MINUTE, parse_instant};
    use proptest::prelude::*;

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
        event = "callback"
        target = "1h"
        after_hours = "next_opening + 2h"
        [[policies]]
        from = "2024-03-06"
        [[policies.targets]]
        event = "first_response"
        channels = ["phone"]
        target = "40m"
    "#;
    /// Targets that are no comparison of working time with a budget.
    const MORE: &str = r#"
        [[policies.targets]]
        event = "first_response"
        target = "20m"
        compare = "deadline"
        clock = "calendar"
        customer_time = { early = "5m", late = "10m" }
    "#;

    fn at(text: &str) -> i64 {
        parse_instant(&format!("{text}+03:00")).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn columns_judge_as_single_tickets_do(
            more in any::<bool>(), as_of in any::<bool>(), named in any::<bool>(),
            rows in proptest::collection::vec(
                ((0..20 * DAY, -3..40_i64, 0..9_i64), (0..3_usize, 0..4_usize, 0..3_usize), proptest::collection::vec((0..9 * DAY, 0..DAY), 0..3)),
                0..60,
            ),
        ) {
            let text = if more { format!("{SLA}{MORE}") } else { SLA.to_owned() };
            let prepared = PreparedSla::new(Sla::from_text(&text).unwrap()).unwrap();
            let base = at("2024-02-26T00:00");
            let as_of = as_of.then_some(base + 40 * DAY);
            let start: Vec<i64> = rows.iter().map(|((start, ..), ..)| base + start).collect();
            let done: Vec<i64> = rows.iter().map(|((start, hours, _), ..)| if *hours < 0 { MISSING } else { base + start + hours * HOUR / 8 }).collect();
            let requested: Vec<i64> = rows.iter().map(|((start, _, hours), ..)| if *hours < 6 { MISSING } else { base + start + hours * HOUR }).collect();
            let events = ["first_response", "callback", "resolution"];
            let (channels, priorities) = (["email", "phone", "fax", "chat"], [Some("high"), Some("low"), None]);
            let event: Vec<&str> = rows.iter().map(|(_, (event, ..), _)| events[*event]).collect();
            let channel: Vec<&str> = rows.iter().map(|(_, (_, channel, _), _)| channels[*channel]).collect();
            let priority: Vec<&str> = rows.iter().map(|(_, (.., priority), _)| priorities[*priority].unwrap_or("")).collect();
            let there: Vec<u8> = rows.iter().map(|(_, (.., priority), _)| u8::from(*priority != 2)).collect();
            let ids: Vec<String> = (0..rows.len()).map(|row| format!("T{row}")).collect();
            let names: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut tickets = Batch::new()
                .column("begun", Column::instants(&start))
                .column("done", Column::instants(&done))
                .column("requested", Column::instants(&requested))
                .column("event", Column::texts(&event))
                .column("channel", Column::texts(&channel))
                .column("priority", Column::texts(&priority).with_validity(crate::record::Validity::Bytes(&there)));
            if named {
                tickets = tickets.column("id", Column::texts(&names));
            }
            // The newest pause first: order does not matter.
            let pauses: Vec<(usize, i64, i64)> = rows.iter().enumerate().rev()
                .flat_map(|(row, (.., pauses))| pauses.iter().map(move |(from, length)| (row, from, length)))
                .map(|(row, from, length)| (row, start[row] + from - DAY, start[row] + from - DAY + length)).collect();
            let from: Vec<i64> = pauses.iter().map(|p| p.1).collect();
            let until: Vec<i64> = pauses.iter().map(|p| p.2).collect();
            let (ticket, number): (Vec<&str>, Vec<i64>) = pauses.iter().map(|p| (names[p.0], p.0 as i64)).unzip();
            let long = Batch::new()
                .column("ticket", if named { Column::texts(&ticket) } else { Column::integers(&number) })
                .column("from", Column::instants(&from))
                .column("until", Column::instants(&until));
            let how = TicketColumns { as_of, columns: [("start".to_owned(), "begun".to_owned())].into(), ..TicketColumns::default() };
            let table = PauseTable::read(&[long], std::slice::from_ref(&tickets), &how).unwrap();
            let judged = prepared.judge_columns(&tickets, &how, Some(&table)).unwrap();
            for row in 0..rows.len() {
                let own = Pauses::unite(pauses.iter().filter(|p| p.0 == row).map(|p| (p.1, p.2))).unwrap();
                let case = Case {
                    channel: Some(channel[row]), priority: priorities[rows[row].1.2],
                    ..Case::new(Event::from_name(event[row]).unwrap(), start[row])
                };
                let response = Response { requested: requested[row], as_of: as_of.unwrap_or(MISSING), pauses: &own, ..Response::new(start[row], done[row]) };
                let one = prepared.sla().judge(&case, &response).unwrap();
                let found = (judged.due[row], judged.verdict(row), judged.elapsed[row], judged.remaining[row]);
                let value = |time: Option<i64>| time.unwrap_or(MISSING);
                prop_assert_eq!(found, (value(one.due), Some(one.verdict), value(one.elapsed), value(one.remaining)), "row {}", row);
                let code = prepared.code(case.event, case.channel, case.priority, None, None).unwrap();
                prop_assert_eq!(prepared.target(code, start[row]).unwrap(), prepared.sla().target(&case));
            }
        }
    }

    fn refusal(start: &[i64], done: &[i64]) -> Error {
        let prepared = PreparedSla::new(Sla::named("support_10_19").unwrap()).unwrap();
        let tickets = Batch::new().column("created", Column::instants(start)).column("done", Column::instants(done));
        prepared.judge_columns(&tickets, &TicketColumns::of(Event::Callback), None).unwrap_err()
    }

    #[test]
    fn wrong_tickets_are_named() {
        let day = at("2024-03-01T12:00");
        let reversed = refusal(&[day, day], &[day, day - 1]);
        assert_eq!(
            (reversed.context_value("row"), reversed.context_value("reason")),
            (Some("1"), Some("from_after_to"))
        );
        let late = refusal(&[day, day + 60 * 365 * DAY], &[MISSING, MISSING]);
        assert!(
            late.message().contains("row 1 of the tickets") && late.message().contains("years 1970 to 2069"),
            "{late}"
        );
        // What has no start has no verdict, and nothing is wrong.
        let prepared = PreparedSla::new(Sla::named("support_10_19").unwrap()).unwrap();
        let tickets = Batch::new().column("created", Column::instants(&[MISSING]));
        let judged = prepared.judge_columns(&tickets, &TicketColumns::of(Event::Callback), None).unwrap();
        assert_eq!((judged.verdict(0), judged.due[0]), (None, MISSING));
        let error = prepared.judge_columns(&tickets, &TicketColumns::of(Event::Resolution), None).unwrap_err();
        assert!(
            error
                .message()
                .contains("no target for resolution; it has targets for: callback, first_response, ordered_call"),
            "{error}"
        );
        let error = prepared.judge_columns(&tickets, &TicketColumns::of(Event::FirstResponse), None).unwrap_err();
        assert!(error.message().contains("the column `channel` is not among those of the tickets"), "{error}");
        assert!(prepared.target(1 << 30, 0).is_err());
    }

    #[test]
    fn pauses_of_unknown_tickets_and_wrong_pauses() {
        let how = TicketColumns::of(Event::Callback);
        let (starts, ids) = ([at("2024-03-01T12:00")], ["a"]);
        let plain = Batch::new().column("created", Column::instants(&starts));
        let named = Batch::new().column("created", Column::instants(&starts)).column("id", Column::texts(&ids));
        let pauses = |ticket: Column<'static>, from: &'static [i64], until: &'static [i64]| {
            Batch::new()
                .column("ticket", ticket)
                .column("from", Column::instants(from))
                .column("until", Column::instants(until))
        };
        let unknown = pauses(Column::texts(&["b"]), &[5], &[6]);
        assert_eq!(
            PauseTable::read(std::slice::from_ref(&unknown), std::slice::from_ref(&named), &how).unwrap().of(0),
            []
        );
        let error = PauseTable::read(std::slice::from_ref(&unknown), std::slice::from_ref(&plain), &how).unwrap_err();
        assert!(error.message().contains("not the number of a row"), "{error}");
        let reversed = pauses(Column::integers(&[0, 0]), &[5, 6], &[6, 5]);
        assert_eq!(
            PauseTable::read(std::slice::from_ref(&reversed), std::slice::from_ref(&plain), &how)
                .unwrap_err()
                .context_value("row"),
            Some("1")
        );
        let endless = pauses(Column::integers(&[0, 0]), &[MINUTE, 0], &[MISSING, MINUTE]);
        assert_eq!(
            PauseTable::read(std::slice::from_ref(&endless), std::slice::from_ref(&plain), &how).unwrap().of(0),
            [(0, i64::MAX)]
        );
        let twice = Batch::new().column("id", Column::texts(&["a", "a"]));
        assert!(
            PauseTable::read(std::slice::from_ref(&unknown), std::slice::from_ref(&twice), &how)
                .unwrap_err()
                .message()
                .contains("there twice")
        );
    }

    #[test]
    fn a_missing_creation_is_the_start() {
        let prepared = PreparedSla::new(Sla::from_text(SLA).unwrap()).unwrap();
        let start = [at("2024-03-11T10:00"); 2];
        let created = [MISSING, at("2024-03-01T10:00")];
        let tickets = Batch::new()
            .column("start", Column::instants(&start))
            .column("created", Column::instants(&created))
            .column("channel", Column::texts(&["phone", "phone"]))
            .column("priority", Column::texts(&["low", "low"]));
        let judged = prepared.judge_columns(&tickets, &TicketColumns::of(Event::FirstResponse), None).unwrap();
        // 40 minutes of the policy of March; the one before has no target for calls.
        assert_eq!(judged.due, [at("2024-03-11T10:40"), MISSING]);
    }

    #[test]
    fn ids_of_pauses_are_found_by_value_or_refused() {
        let how = TicketColumns::of(Event::Callback);
        let starts = [at("2024-03-01T12:00"); 2];
        let read = |id: Column<'_>, ticket: Column<'_>| {
            let tickets = Batch::new().column("created", Column::instants(&starts)).column("id", id);
            let pauses = Batch::new()
                .column("ticket", ticket)
                .column("from", Column::instants(&[5]))
                .column("until", Column::instants(&[6]));
            PauseTable::read(&[pauses], &[tickets], &how)
        };
        let floats = |values: &'static [f64]| Column::new(crate::record::Values::Float64(values, None));
        // Whole floats, as data frames make of numbers with gaps.
        assert_eq!(read(floats(&[7.0, 8.0]), Column::integers(&[8])).unwrap().of(1), [(5, 6)]);
        assert_eq!(read(Column::integers(&[7, 8]), floats(&[8.0])).unwrap().of(1), [(5, 6)]);
        assert_eq!(read(floats(&[7.0, f64::NAN]), floats(&[7.0])).unwrap().of(0), [(5, 6)]);
        let wrong = [
            (Column::integers(&[7, 8]), Column::texts(&["8"]), ErrorKind::WrongType),
            (Column::texts(&["7", "8"]), Column::integers(&[8]), ErrorKind::WrongType),
            (Column::instants(&[7, 8]), Column::instants(&[8]), ErrorKind::WrongType),
            (Column::integers(&[7, 8]), Column::instants(&[8]), ErrorKind::WrongType),
            (Column::integers(&[7, 8]), floats(&[7.5]), ErrorKind::BadValue),
            (floats(&[7.5, 8.0]), floats(&[8.0]), ErrorKind::BadValue),
        ];
        for (id, ticket, kind) in wrong {
            let error = read(id, ticket).unwrap_err();
            assert_eq!((error.kind(), error.context_value("row")), (kind, Some("0")), "{error}");
            assert!(error.message().contains("`id`") && error.message().contains("`ticket`"), "{error}");
        }
    }

    #[test]
    fn a_wrong_event_is_an_error() {
        let prepared = PreparedSla::new(Sla::from_text(SLA).unwrap()).unwrap();
        let starts = [at("2024-03-01T12:00"); 3];
        let judge = |events: &[&str]| {
            let tickets = Batch::new()
                .column("start", Column::instants(&starts))
                .column("event", Column::texts(events))
                .column("channel", Column::texts(&["email"; 3]))
                .column("priority", Column::texts(&["high"; 3]));
            prepared.judge_columns(&tickets, &TicketColumns::default(), None)
        };
        let error = judge(&["callback", "resolution", "first_responce"]).unwrap_err();
        assert_eq!(error.context_value("row"), Some("2"));
        assert!(error.message().contains("first_responce") && error.message().contains("`first_response`"), "{error}");
        let judged = judge(&["callback", "resolution", "First_Response"]).unwrap();
        let verdicts: Vec<Option<Verdict>> = (0..3).map(|row| judged.verdict(row)).collect();
        assert_eq!(verdicts, [Some(Verdict::Running), Some(Verdict::NoTarget), Some(Verdict::Running)]);
    }

    #[test]
    fn an_sla_of_any_size_fits_its_table_or_is_refused() {
        let refused = |text: &str| PreparedSla::new(Sla::from_text(text).unwrap()).unwrap_err().message().to_owned();
        let head = "[calendar]\ntime_zone = 'UTC'\n[[policies]]\n";
        let names =
            |prefix: char, count: usize| (0..count).map(|i| format!("'{prefix}{i}'")).collect::<Vec<_>>().join(", ");
        let target = "[[policies.targets]]\nevent = 'callback'\ntarget = '1h'\n";
        let channels = refused(&format!("{head}{target}channels = [{}]\n", names('c', 32_767)));
        assert!(channels.contains("32767 channels") && channels.contains("at most 32766"), "{channels}");
        // 7 events or none, times 401 × 401, in one policy and the other.
        let lists = format!("channels = [{}]\nteams = [{}]\n", names('c', 400), names('t', 400));
        let all = refused(&format!("{head}{target}{lists}[[policies]]\nfrom = '2024-01-01'\n{target}"));
        assert!(all.contains("combinations of policy") && all.contains("at most 1048576"), "{all}");
        let targets = refused(&format!("{head}{}", target.repeat(65_535)));
        assert!(targets.contains("65535 targets") && targets.contains("at most 65534"), "{targets}");
    }

    #[test]
    fn pauses_that_are_wrong_name_their_column() {
        let how = TicketColumns { columns: [("until".to_owned(), "to".to_owned())].into(), ..TicketColumns::default() };
        let wrong = |from: i64, until: i64| {
            let (from, until) = ([from], [until]);
            let pauses = Batch::new()
                .column("ticket", Column::integers(&[0]))
                .column("from", Column::instants(&from))
                .column("to", Column::instants(&until));
            PauseTable::read(&[pauses], &[Batch::with_rows(1)], &how).unwrap_err()
        };
        assert_eq!(wrong(6, 5).context_value("column"), Some("to"));
        assert_eq!(wrong(MISSING, 5).context_value("column"), Some("from"));
    }
}
