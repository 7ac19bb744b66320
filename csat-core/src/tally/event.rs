//! One record at a time: for hosts that have an event, not a table.

use super::state::{PushOptions, SetAside, Tally};
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyValue;
use crate::measure::Measure;
use crate::record::{Faults, INSTANTS, Kind, LONGEST, MISSING_MARK};
use crate::time::MISSING;

/// Where the values of an event go: worked out once, used for every event.
#[derive(Clone, Debug)]
pub struct EventFeed {
    roles: Vec<String>,
    targets: Vec<Target>,
}

#[derive(Clone, Debug)]
struct Target {
    /// Which value of the event; none where the event has no such column.
    value: Option<usize>,
    lane: usize,
    width: Width,
}

#[derive(Clone, Copy, Debug)]
enum Width {
    Wide { low: i64, high: i64 },
    Narrow { low: i64, high: i64 },
}

impl EventFeed {
    /// The names of the values an event has, in order.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }
}

impl<M: Measure> Tally<M> {
    /// Prepares for events that have these columns, in this order. Columns the plan does not read are ignored.
    ///
    /// Values come in canonical form: microseconds for instants and durations, whole numbers, 0 or 1, codes for
    /// categories; [`MISSING`] where there is none.
    pub fn event_feed<S: AsRef<str>>(&self, roles: &[S]) -> Result<EventFeed> {
        let mut targets = Vec::new();
        for need in self.fixed.schema.needs() {
            let value = roles.iter().position(|r| r.as_ref() == need.role);
            if let (None, Some(by)) = (value, &need.required_by) {
                let message = format!("`{by}` needs the column `{}`, which these events do not have", need.role);
                return Err(Error::new(ErrorKind::MissingColumn, message).with("column", &need.role));
            }
            let width = match &need.kind {
                Kind::Instant | Kind::SlotTime => Width::Wide { low: INSTANTS.start, high: INSTANTS.end - 1 },
                Kind::Duration => Width::Wide { low: 0, high: LONGEST },
                Kind::Integer => Width::Wide { low: MISSING + 1, high: i64::MAX },
                Kind::Flag => Width::Narrow { low: 0, high: 1 },
                Kind::Mark => Width::Narrow { low: i64::from(MISSING_MARK) + 1, high: i64::from(i16::MAX) },
                Kind::Category(v) => {
                    let (low, high) = v.codes();
                    Width::Narrow { low: i64::from(low), high: i64::from(high) }
                }
            };
            targets.push(Target { value, lane: need.lane, width });
        }
        Ok(EventFeed { roles: roles.iter().map(|r| r.as_ref().to_owned()).collect(), targets })
    }

    /// The code of a key's value, for [`push_event`](Self::push_event); prepare it once for each queue.
    pub fn key_code(&mut self, key: usize, value: &KeyValue) -> Result<u32> {
        let count = self.groups.keys.len();
        match self.groups.keys.get_mut(key) {
            Some(key) => Ok(key.code(value)),
            None => Err(Error::argument(format!("key {key} of a plan with {count} keys"))),
        }
    }

    /// Counts one event. Nothing is allocated after the first event of a group.
    pub fn push_event(&mut self, feed: &EventFeed, values: &[i64], keys: &[u32], options: PushOptions) -> Result<()> {
        if values.len() != feed.roles.len() {
            return Err(Error::argument(format!("{} values for {} columns", values.len(), feed.roles.len())));
        }
        if keys.len() != self.groups.keys.len() {
            return Err(Error::argument(format!("{} key codes for {} keys", keys.len(), self.groups.keys.len())));
        }
        for (key, code) in self.groups.keys.iter().zip(keys) {
            if *code as usize >= key.values.len() {
                let message = format!("{code} is not a code of the key `{}`; prepare the value first", key.name);
                return Err(Error::argument(message).with("column", &key.name));
            }
        }
        let mut scratch = self.take_scratch(1);
        let result = self.take_event(&mut scratch, feed, values, keys, options);
        self.scratch = Some(scratch);
        result
    }

    fn take_event(
        &mut self,
        scratch: &mut super::state::Scratch,
        feed: &EventFeed,
        values: &[i64],
        keys: &[u32],
        options: PushOptions,
    ) -> Result<()> {
        scratch.block.len = 1;
        scratch.block.first = 0;
        for target in &feed.targets {
            let value = target.value.map_or(MISSING, |at| values[at]);
            let (low, high) = match target.width {
                Width::Wide { low, high } | Width::Narrow { low, high } => (low, high),
            };
            if value != MISSING && (value < low || value > high) {
                let role = target.value.map_or("", |at| &feed.roles[at]);
                let message = format!("`{role}` is {value}, outside {low} to {high}");
                return Err(Error::new(ErrorKind::BadValue, message).with("column", role));
            }
            match target.width {
                Width::Wide { .. } => {
                    scratch.block.set_given(target.lane, target.value.is_some());
                    scratch.block.wide_lane(target.lane)[0] = value;
                }
                Width::Narrow { .. } => {
                    scratch.block.narrow_lane(target.lane)[0] =
                        if value == MISSING { MISSING_MARK } else { value as i16 };
                }
            }
        }
        scratch.combinations.clear();
        scratch.combinations.push(self.groups.combination(keys.iter().copied()));
        let mut set_aside = SetAside::default();
        self.take_block(scratch, Faults::default(), false, options, &mut set_aside)?;
        if !set_aside.counts.is_empty() {
            self.set_aside.add(&set_aside);
        }
        Ok(())
    }
}
