//! The target of every combination of event, channel, priority, segment and team, found once, for loops over columns.

use crate::error::{Error, ErrorKind, Result};
use crate::record::{BLOCK, Block, MISSING_MARK, Narrow, Schema, Vocabulary};
use crate::rule::response::{Case, Clock, Event, Sla, Target};
use crate::time::Calendar;

pub(crate) const NO_TARGET: u16 = u16::MAX;
/// More combinations than this are not made into a table.
const MOST: usize = 1 << 20;
const DIMENSIONS: [&str; 5] = ["event", "channel", "priority", "segment", "team"];
const EVENT: usize = 0;

/// One of event, channel, priority, segment and team, where targets differ by it.
#[derive(Clone, Debug)]
struct Dimension {
    /// Which of [`DIMENSIONS`].
    at: usize,
    /// The texts that targets name, all events; what is missing has the code after theirs, as any other text that is no
    /// event.
    names: Vec<String>,
    /// How far apart its codes lie in the table.
    stride: usize,
}

impl Dimension {
    fn vocabulary(&self) -> Vocabulary {
        let names = Vocabulary::of_texts(DIMENSIONS[self.at], self.names.iter().map(String::as_str));
        // All events are known, so that another one is a slip.
        if self.at == EVENT { names } else { names.otherwise(self.names.len() as i16) }
    }

    /// What a code adds to the place in the table.
    #[inline]
    fn place(&self, code: i16) -> usize {
        self.stride * if code == MISSING_MARK { self.names.len() } else { code as usize }
    }
}

/// A target with what a loop needs of it.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) target: Target,
    /// The time allowed, and that of what starts outside working time; `None`: the rule judges each row.
    pub(crate) budgets: Option<(i64, i64)>,
    pub(crate) business: bool,
    pub(crate) window: bool,
}

/// The targets of some events of an SLA. A place of the table is a combination; which target it has depends on the
/// policy in force.
#[derive(Clone, Debug)]
pub(crate) struct TargetTable {
    pub(crate) list: Vec<Ready>,
    dimensions: Vec<Dimension>,
    /// From when each policy holds, oldest first, and the target of every combination.
    policies: Vec<(i64, Vec<u16>)>,
}

impl TargetTable {
    /// Finds the target of every combination. Of several events the event is one of the dimensions.
    pub(crate) fn new(sla: &Sla, events: &[Event]) -> Result<Self> {
        let mut named: [Vec<String>; 5] = Default::default();
        if events.len() != 1 {
            named[EVENT] = Event::ALL.iter().map(|event| event.name().to_owned()).collect();
        }
        let mut targets = 0;
        for target in sla.text().policies.iter().flat_map(|p| &p.targets).filter(|t| events.contains(&t.event)) {
            targets += 1;
            let lists = [&target.channels, &target.priorities, &target.segments, &target.teams];
            for (names, list) in named[1..].iter_mut().zip(lists) {
                names.extend(list.iter().cloned());
            }
        }
        let mut dimensions = Vec::new();
        let mut size = 1usize;
        for (at, mut names) in named.into_iter().enumerate().filter(|(_, names)| !names.is_empty()) {
            names.sort();
            names.dedup();
            if names.len() >= i16::MAX as usize {
                return Err(too_many(names.len(), &format!("{}s", DIMENSIONS[at]), i16::MAX as usize - 1));
            }
            let stride = size;
            size = size.saturating_mul(names.len() + 1);
            dimensions.push(Dimension { at, names, stride });
        }
        if targets >= usize::from(NO_TARGET) {
            return Err(too_many(targets, "targets", usize::from(NO_TARGET) - 1));
        }
        let size_of_all = size.saturating_mul(sla.text().policies.len());
        if size_of_all > MOST {
            let what = "combinations of policy, event, channel, priority, segment and team";
            return Err(too_many(size_of_all, what, MOST));
        }
        let mut list: Vec<Ready> = Vec::new();
        let mut policies = Vec::new();
        for from in sla.policy_starts() {
            let mut known: Vec<(&Target, u16)> = Vec::new();
            let mut number = |place: usize| {
                let Some(target) = find(sla, events, &dimensions, from, place) else { return NO_TARGET };
                if let Some((_, number)) = known.iter().find(|(known, _)| std::ptr::eq(*known, target)) {
                    return *number;
                }
                list.push(Ready {
                    budgets: target.budgets().map(|(allowed, own)| (allowed, own.unwrap_or(allowed))),
                    business: target.text().clock == Clock::Business,
                    window: target.has_window(),
                    target: target.clone(),
                });
                known.push((target, list.len() as u16 - 1));
                list.len() as u16 - 1
            };
            let table: Vec<u16> = (0..size).map(&mut number).collect();
            policies.push((from, table));
        }
        let found = Self { list, dimensions, policies };
        if !found.list.is_empty() {
            return Ok(found);
        }
        let mut known: Vec<&str> =
            sla.text().policies.iter().flat_map(|p| &p.targets).map(|t| t.event.name()).collect();
        known.sort_unstable();
        known.dedup();
        let asked: Vec<&str> = events.iter().map(|event| event.name()).collect();
        let (asked, known) = (asked.join(", "), known.join(", "));
        let message = format!("the SLA has no target for {asked}; it has targets for: {known}");
        Err(Error::new(ErrorKind::InvalidOption, message))
    }

    /// The place of a combination of texts, in the order event, channel, priority, segment, team.
    pub(crate) fn place(&self, values: [Option<&str>; 5]) -> Result<usize> {
        self.dimensions.iter().try_fold(0, |place, dimension| {
            let code = values[dimension.at].map(|text| dimension.vocabulary().code_of_text(text)).transpose()?;
            Ok(place + dimension.place(code.unwrap_or(MISSING_MARK)))
        })
    }

    /// The target of a place for what was created at an instant.
    #[inline]
    pub(crate) fn target(&self, place: usize, created: i64) -> Option<&Ready> {
        let (_, table) = self.policies.iter().rev().find(|(from, _)| *from <= created)?;
        self.list.get(*table.get(place)? as usize)
    }

    /// How many places there are.
    pub(crate) fn places(&self) -> usize {
        self.policies.first().map_or(0, |(_, table)| table.len())
    }

    /// Asks the schema for the columns that choose a target; the lanes are in the order of the dimensions.
    pub(crate) fn lanes(&self, schema: &mut Schema) -> Vec<Narrow> {
        self.dimensions.iter().map(|d| schema.category(DIMENSIONS[d.at], d.vocabulary(), true)).collect()
    }

    /// The number of a row's target in the list, or [`NO_TARGET`].
    pub(crate) fn number(&self, block: &Block, lanes: &[Narrow], row: usize, created: i64) -> u16 {
        let each = self.dimensions.iter().zip(lanes);
        let place: usize = each.map(|(dimension, lane)| dimension.place(block.narrow(*lane)[row])).sum();
        let policy = self.policies.iter().rev().find(|(from, _)| *from <= created);
        policy.map_or(NO_TARGET, |(_, table)| table[place])
    }

    /// The number of each row's target, column by column.
    pub(crate) fn numbers(&self, block: &Block, lanes: &[Narrow], created: &[i64]) -> [u16; BLOCK] {
        let mut places = [0u32; BLOCK];
        for (dimension, lane) in self.dimensions.iter().zip(lanes) {
            for (place, code) in places.iter_mut().zip(block.narrow(*lane)) {
                *place += dimension.place(*code) as u32;
            }
        }
        let mut numbers = [NO_TARGET; BLOCK];
        for (from, table) in &self.policies {
            for ((number, place), created) in numbers.iter_mut().zip(&places).zip(created) {
                *number = if *from <= *created { table[*place as usize] } else { *number };
            }
        }
        numbers
    }

    /// The instants that every calendar holds.
    pub(crate) fn range(&self) -> std::ops::Range<i64> {
        let business = self.list.iter().filter(|ready| ready.business);
        business
            .map(|ready| ready.target.calendar().clock().range())
            .fold(i64::MIN..i64::MAX, |all, range| all.start.max(range.start)..all.end.min(range.end))
    }

    /// The calendar of all targets, where it is one and every target runs by working time.
    pub(crate) fn one_calendar(&self) -> Option<&Calendar> {
        let first = self.list.first()?.target.calendar();
        let same = |ready: &Ready| ready.business && ready.target.calendar() == first;
        self.list.iter().all(same).then_some(first)
    }
}

fn too_many(count: usize, what: &str, most: usize) -> Error {
    let message = format!("the SLA tells {count} {what} apart; at most {most} are allowed");
    Error::new(ErrorKind::InvalidOption, message)
}

/// The target of one place in the policy that begins at an instant.
fn find<'s>(sla: &'s Sla, events: &[Event], dimensions: &[Dimension], from: i64, place: usize) -> Option<&'s Target> {
    let mut values: [Option<&str>; 5] = [None; 5];
    for dimension in dimensions {
        let code = place / dimension.stride % (dimension.names.len() + 1);
        values[dimension.at] = dimension.names.get(code).map(String::as_str);
    }
    let [event, channel, priority, segment, team] = values;
    let event = match events {
        [one] => *one,
        _ => Event::from_name(event?).ok()?,
    };
    sla.target(&Case { channel, priority, segment, team, ..Case::new(event, from) })
}
