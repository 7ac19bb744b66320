//! The saved state: one encoding per state, every invariant checked on load. The layout is in `docs/FORMAT.md`.

use super::plan::Plan;
use super::state::Tally;
use crate::cells::{Reader, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyValue;
use crate::measure::Measure;
use crate::time::MISSING;

/// The format version that is written.
pub const FORMAT_VERSION: u8 = 1;
const MAGIC: &[u8; 4] = b"CSAT";
/// A tally with its plan.
const KIND_TALLY: u16 = 1;
/// The groups of a tally under the footprint of a plan that is stored elsewhere.
const KIND_CELLS: u16 = 2;
/// The bytes of the checksum at the end.
const CHECKSUM: usize = 4;

impl<M: Measure> Tally<M> {
    /// The state as bytes, plan included. Equal states have equal bytes, whatever way they came about.
    pub fn save(&self) -> Result<Vec<u8>> {
        let mut out = self.header(KIND_TALLY);
        out.text(&self.fixed.shaping);
        self.write_groups(&mut out);
        Ok(sealed(out))
    }

    /// The state without its plan: for engines that keep one plan beside many states.
    pub fn save_cells(&self) -> Result<Vec<u8>> {
        let mut out = self.header(KIND_CELLS);
        self.write_groups(&mut out);
        Ok(sealed(out))
    }

    fn header(&self, kind: u16) -> Writer {
        let mut out = Writer::default();
        out.bytes.extend_from_slice(MAGIC);
        out.bytes.push(FORMAT_VERSION);
        out.bytes.extend_from_slice(&kind.to_le_bytes());
        out.bytes.extend_from_slice(&self.fixed.footprint);
        out
    }

    /// Reads back what [`save`](Self::save) wrote, plan included.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        let (mut input, kind, footprint) = open(bytes)?;
        if kind != KIND_TALLY {
            return Err(input.bad("it holds no plan; use load_into on a tally of the same plan"));
        }
        let shaping = input.text()?;
        if super::plan::footprint(shaping) != footprint {
            return Err(input.bad("the plan does not match its footprint"));
        }
        let mut tally = Self::new(Plan::from_text(shaping).map_err(|e| input.bad(e.message()))?)?;
        if tally.fixed.shaping != shaping {
            return Err(input.bad("the plan is not in its canonical form"));
        }
        tally.read_groups(&mut input)?;
        input.finish()?;
        Ok(tally)
    }

    /// Reads a saved state of the same plan and adds it. On an error nothing is added.
    pub fn merge_saved(&mut self, bytes: &[u8]) -> Result<()> {
        let (mut input, kind, footprint) = open(bytes)?;
        let same = footprint == self.fixed.footprint && (kind != KIND_TALLY || input.text()? == self.fixed.shaping);
        if !same {
            return Err(Error::new(
                ErrorKind::PlanMismatch,
                "the saved state was made by another plan; load it on its own to see which",
            ));
        }
        let mut delta = self.empty_like();
        delta.read_groups(&mut input)?;
        input.finish()?;
        self.merge(&delta)
    }

    fn write_groups(&self, out: &mut Writer) {
        let groups = self.live_groups();
        out.unsigned(groups.len() as u128);
        let mut previous: Option<Vec<&KeyValue>> = None;
        let mut slot_before = 0i64;
        for group in groups {
            let (values, slot) = self.groups.describe(group);
            // 0: the same keys, a later slot; 1: further keys.
            if previous.as_ref() == Some(&values) {
                out.unsigned(0);
                out.unsigned((i128::from(slot) - i128::from(slot_before)) as u128 - 1);
            } else {
                out.unsigned(1);
                for value in &values {
                    write_key(value, out);
                }
                out.signed(i128::from(slot));
            }
            slot_before = slot;
            previous = Some(values);
            for cells in self.lanes.iter().flatten() {
                cells.encode(group, out);
            }
        }
    }

    fn read_groups(&mut self, input: &mut Reader<'_>) -> Result<()> {
        let count = input.length()?;
        let mut previous: Option<(Vec<KeyValue>, i64)> = None;
        for _ in 0..count {
            let marker = input.unsigned()?;
            let place = match (marker, previous.take()) {
                (0, Some((keys, slot))) => {
                    let step = i128::try_from(input.unsigned()?).ok().and_then(|s| s.checked_add(1));
                    let later = step.and_then(|s| i64::try_from(i128::from(slot).checked_add(s)?).ok());
                    (keys, later.ok_or_else(|| input.bad("a slot out of range"))?)
                }
                (1, before) => {
                    let keys: Vec<KeyValue> =
                        (0..self.fixed.plan.keys.len()).map(|_| read_key(input)).collect::<Result<_>>()?;
                    let slot = i64::try_from(input.signed()?).map_err(|_| input.bad("a slot out of range"))?;
                    if before.is_some_and(|(last, _)| last >= keys) {
                        return Err(input.bad("groups out of order"));
                    }
                    (keys, slot)
                }
                _ => return Err(input.bad("neither a slot nor a group")),
            };
            if place.1 != MISSING && (self.fixed.plan.every.is_none() || !crate::record::INSTANTS.contains(&place.1)) {
                return Err(input.bad("a slot that the plan does not have"));
            }
            let group = self.groups.intern(&place.0, place.1);
            for cells in self.lanes.iter_mut().flatten() {
                cells.room_for(group as usize + 1, 0);
                cells.decode(group, input)?;
            }
            if self.is_empty_group(group) {
                return Err(input.bad("a group without counts"));
            }
            previous = Some(place);
        }
        Ok(())
    }
}

/// The bytes with their checksum at the end.
fn sealed(out: Writer) -> Vec<u8> {
    let mut bytes = out.bytes;
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Checks magic, version and checksum, so that what follows is what was written; reads the kind and the footprint.
fn open(bytes: &[u8]) -> Result<(Reader<'_>, u16, [u8; 8])> {
    let mut input = Reader::new(bytes);
    if input.take(4)? != MAGIC {
        return Err(input.bad("it does not begin with CSAT"));
    }
    let version = input.take(1)?[0];
    if version != FORMAT_VERSION {
        return Err(input.bad(&format!("format version {version}; this csat reads version {FORMAT_VERSION}")));
    }
    let Some((body, checksum)) = bytes.split_last_chunk::<CHECKSUM>() else {
        return Err(input.bad("it ends too early"));
    };
    if crc32fast::hash(body).to_le_bytes() != *checksum {
        let message = "the saved state is damaged: its checksum does not fit; bytes were changed, cut off or added after \
                       it was saved, so take another copy";
        return Err(Error::new(ErrorKind::InvalidState, message));
    }
    let mut input = Reader::new(body);
    input.take(MAGIC.len() + 1)?;
    let kind = input.take(2)?;
    let kind = u16::from_le_bytes([kind[0], kind[1]]);
    if kind != KIND_TALLY && kind != KIND_CELLS {
        return Err(input.bad(&format!("unknown kind {kind}")));
    }
    let mut footprint = [0; 8];
    footprint.copy_from_slice(input.take(8)?);
    Ok((input, kind, footprint))
}

fn write_key(value: &KeyValue, out: &mut Writer) {
    match value {
        KeyValue::Missing => out.unsigned(0),
        KeyValue::Flag(v) => out.unsigned(1 + u128::from(*v)),
        KeyValue::Integer(v) => {
            out.unsigned(3);
            out.signed(i128::from(*v));
        }
        KeyValue::Text(v) => {
            out.unsigned(4);
            out.text(v);
        }
    }
}

fn read_key(input: &mut Reader<'_>) -> Result<KeyValue> {
    Ok(match input.unsigned()? {
        0 => KeyValue::Missing,
        1 => KeyValue::Flag(false),
        2 => KeyValue::Flag(true),
        3 => KeyValue::Integer(i64::try_from(input.signed()?).map_err(|_| input.bad("a key out of range"))?),
        4 => KeyValue::Text(input.text()?.to_owned()),
        _ => return Err(input.bad("a key of an unknown type")),
    })
}
