//! Which group a row belongs to: keys and slot, indexed densely while that is worth it.

#![allow(
    clippy::unnecessary_fallible_conversions,
    clippy::useless_conversion,
    reason = "one body serves integers of every width"
)]

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyValue;
use crate::record::{Column, Integers, Validity, Values, each_width};

/// A quick hash for keys of the host's own data.
#[derive(Clone, Default)]
pub(crate) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    fn write_u8(&mut self, word: u8) {
        self.write_u64(u64::from(word));
    }
    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// The values of one key column, each with a code.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) values: Vec<KeyValue>,
    texts: QuickMap<String, u32>,
    integers: QuickMap<i64, u32>,
    others: [Option<u32>; 3],
}

impl Key {
    pub(crate) fn new(name: String) -> Self {
        Self { name, values: Vec::new(), texts: QuickMap::default(), integers: QuickMap::default(), others: [None; 3] }
    }

    /// The code of a value, given one if it is new.
    pub(crate) fn code(&mut self, value: &KeyValue) -> u32 {
        match value {
            KeyValue::Text(text) => self.text(text),
            KeyValue::Integer(n) => self.integer(*n),
            KeyValue::Missing => self.other(0, KeyValue::Missing),
            KeyValue::Flag(v) => self.other(1 + usize::from(*v), KeyValue::Flag(*v)),
        }
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(code) = self.texts.get(text) {
            return *code;
        }
        let code = self.values.len() as u32;
        self.values.push(KeyValue::Text(text.to_owned()));
        self.texts.insert(text.to_owned(), code);
        code
    }

    fn integer(&mut self, n: i64) -> u32 {
        let values = &mut self.values;
        *self.integers.entry(n).or_insert_with(|| {
            values.push(KeyValue::Integer(n));
            values.len() as u32 - 1
        })
    }

    fn other(&mut self, at: usize, value: KeyValue) -> u32 {
        if let Some(code) = self.others[at] {
            return code;
        }
        let code = self.values.len() as u32;
        self.values.push(value);
        self.others[at] = Some(code);
        code
    }

    fn missing(&mut self) -> u32 {
        self.other(0, KeyValue::Missing)
    }
}

/// A key column of one batch.
pub(crate) struct KeySource<'a> {
    name: &'a str,
    column: &'a Column<'a>,
    /// For small codes and small integers: the key's code of each, once known.
    table: Vec<u32>,
    base: i64,
    /// The number of the batch's first row, for messages.
    pub(crate) first_row: usize,
}

const UNKNOWN: u32 = u32::MAX;

impl<'a> KeySource<'a> {
    pub(crate) fn bind(name: &'a str, column: &'a Column<'a>) -> Result<Self> {
        let (mut table, mut base) = (Vec::new(), 0);
        match &column.values {
            Values::Dictionary(_, texts) => table = vec![UNKNOWN; texts.len()],
            Values::Integer(v, _) => {
                let range = each_width!(v, v => range(v.iter().map(|x| i64::try_from(*x).unwrap_or(i64::MAX))));
                if let Some((low, high)) = range.filter(|(low, high)| high.saturating_sub(*low) < 1 << 16) {
                    base = low;
                    table = vec![UNKNOWN; (high - low) as usize + 1];
                }
            }
            Values::Text(_)
            | Values::Bits { .. }
            | Values::Bools(_)
            | Values::Null(_)
            | Values::Float32(..)
            | Values::Float64(..)
            | Values::Decimal(..) => {}
            _ => {
                let message = format!(
                    "column `{name}` holds {}; a key takes text, whole numbers or truth values (for time use `every`)",
                    column.type_name()
                );
                return Err(Error::new(ErrorKind::WrongType, message).with("column", name));
            }
        }
        Ok(Self { name, column, table, base, first_row: 0 })
    }

    /// Writes the key's codes of rows `start..start + out.len()`.
    pub(crate) fn fill(&mut self, start: usize, out: &mut [u32], key: &mut Key) -> Result<()> {
        let end = start + out.len();
        let validity = self.column.validity;
        let all = matches!(validity, Validity::All);
        match &self.column.values {
            Values::Dictionary(codes, texts) => {
                let (name, table, first_row) = (self.name, &mut self.table, self.first_row);
                each_width!(codes, codes => {
                    // Nearly always every code is known already, and then there is nothing to branch on.
                    let mut known = all;
                    for (o, code) in out.iter_mut().zip(&codes[start..end]) {
                        *o = table.get(usize::try_from(*code).unwrap_or(usize::MAX)).copied().unwrap_or(UNKNOWN);
                        known &= *o != UNKNOWN;
                    }
                    if known {
                        return Ok(());
                    }
                    for (i, (o, code)) in out.iter_mut().zip(&codes[start..end]).enumerate() {
                        if !all && !validity.is_valid(start + i) {
                            *o = key.missing();
                            continue;
                        }
                        let code = usize::try_from(*code).unwrap_or(usize::MAX);
                        let known = table.get(code).copied();
                        *o = match known {
                            Some(known) if known != UNKNOWN => known,
                            Some(_) => {
                                table[code] = match texts[code] {
                                    Some(text) => key.text(text),
                                    None => key.missing(),
                                };
                                table[code]
                            }
                            None => return Err(bad_code(name, first_row + start + i)),
                        };
                    }
                });
            }
            Values::Integer(v, _) => {
                let (base, table) = (self.base, &mut self.table);
                each_width!(v, v => {
                    for (i, (o, x)) in out.iter_mut().zip(&v[start..end]).enumerate() {
                        *o = if !all && !validity.is_valid(start + i) {
                            key.missing()
                        } else {
                            let x = i64::try_from(*x).unwrap_or(i64::MAX);
                            match table.get_mut(x.wrapping_sub(base) as usize) {
                                Some(known) => {
                                    if *known == UNKNOWN {
                                        *known = key.integer(x);
                                    }
                                    *known
                                }
                                None => key.integer(x),
                            }
                        };
                    }
                });
            }
            Values::Text(texts) => {
                let mut last: Option<(&str, u32)> = None;
                for (i, o) in out.iter_mut().enumerate() {
                    if !all && !validity.is_valid(start + i) {
                        *o = key.missing();
                        continue;
                    }
                    let text = texts.get(start + i);
                    *o = match last {
                        Some((known, code)) if known == text => code,
                        _ => key.text(text),
                    };
                    last = Some((text, *o));
                }
            }
            _ => {
                for (i, o) in out.iter_mut().enumerate() {
                    *o = key.code(&self.slow_value(start + i)?);
                }
            }
        }
        Ok(())
    }

    fn slow_value(&self, row: usize) -> Result<KeyValue> {
        if !self.column.validity.is_valid(row) {
            return Ok(KeyValue::Missing);
        }
        let whole = |x: f64| match x {
            x if x.is_nan() => Ok(KeyValue::Missing),
            x if x.fract() == 0.0 && x.abs() < 9e15 => Ok(KeyValue::Integer(x as i64)),
            x => {
                let row = self.first_row + row;
                let message =
                    format!("column `{}`, row {row}: {x} cannot be a key; keys are text or whole numbers", self.name);
                Err(Error::new(ErrorKind::BadValue, message).with("column", self.name).with("row", row))
            }
        };
        Ok(match &self.column.values {
            Values::Bools(v) => KeyValue::Flag(v[row]),
            Values::Bits { bytes, offset, .. } => {
                KeyValue::Flag(bytes[(offset + row) / 8] >> ((offset + row) % 8) & 1 == 1)
            }
            Values::Float32(v, _) => whole(f64::from(v[row]))?,
            Values::Float64(v, _) => whole(v[row])?,
            Values::Decimal(v, scale) => whole(v[row] as f64 / 10f64.powi(i32::from(*scale)))?,
            _ => KeyValue::Missing,
        })
    }
}

fn bad_code(name: &str, row: usize) -> Error {
    Error::new(ErrorKind::BadValue, format!("column `{name}`, row {row}: a dictionary code outside its dictionary"))
        .with("column", name)
        .with("row", row)
}

fn range(values: impl Iterator<Item = i64>) -> Option<(i64, i64)> {
    values.fold(None, |range, x| match range {
        None => Some((x, x)),
        Some((low, high)) => Some((low.min(x), high.max(x))),
    })
}

/// Numbers pairs of codes in the order they are first met: dense pages while these are worth it, else a hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct PairIndex {
    pages: Vec<Vec<u32>>,
    cells: usize,
    hash: Option<QuickMap<(u32, u32), u32>>,
    pub(crate) pairs: Vec<(u32, u32)>,
}

impl PairIndex {
    /// The number of a pair, a new one if it was not met before.
    #[inline]
    pub(crate) fn number(&mut self, a: u32, b: u32) -> u32 {
        if let Some(page) = self.pages.get(a as usize)
            && let Some(&number) = page.get(b as usize)
            && number != UNKNOWN
        {
            return number;
        }
        self.insert(a, b)
    }

    /// The numbers of many pairs that share the first code.
    pub(crate) fn number_all(&mut self, a: u32, b: &[u32], out: &mut [u32]) {
        let page: &[u32] = self.pages.get(a as usize).map_or(&[], Vec::as_slice);
        let mut known = true;
        for (o, b) in out.iter_mut().zip(b) {
            *o = page.get(*b as usize).copied().unwrap_or(UNKNOWN);
            known &= *o != UNKNOWN;
        }
        if !known {
            for (o, b) in out.iter_mut().zip(b) {
                *o = self.number(a, *b);
            }
        }
    }

    pub(crate) fn find(&self, a: u32, b: u32) -> Option<u32> {
        match &self.hash {
            Some(hash) => hash.get(&(a, b)).copied(),
            None => self.pages.get(a as usize)?.get(b as usize).copied().filter(|n| *n != UNKNOWN),
        }
    }

    #[cold]
    fn insert(&mut self, a: u32, b: u32) -> u32 {
        let next = self.pairs.len() as u32;
        if let Some(hash) = &mut self.hash {
            let pairs = &mut self.pairs;
            return *hash.entry((a, b)).or_insert_with(|| {
                pairs.push((a, b));
                next
            });
        }
        let (a_at, b_at) = (a as usize, b as usize);
        if self.pages.len() <= a_at {
            self.pages.resize_with(a_at + 1, Vec::new);
        }
        let page = &mut self.pages[a_at];
        if page.len() <= b_at {
            // Pages grow by a quarter so that a growing key does not copy them each time.
            let len = (b_at + 1).max(page.len() + page.len() / 4);
            self.cells += len - page.len();
            page.resize(len, UNKNOWN);
        }
        page[b_at] = next;
        self.pairs.push((a, b));
        if self.cells > 4 * self.pairs.len() + (1 << 22) {
            self.hash = Some(self.pairs.iter().enumerate().map(|(i, p)| (*p, i as u32)).collect());
            self.pages = Vec::new();
        }
        next
    }
}

/// The groups of a tally: combinations of key values, and slots of time.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    pub(crate) keys: Vec<Key>,
    /// Pairs of (combination of the keys before, code of this key); the last one numbers whole combinations.
    combinations: Vec<PairIndex>,
    pub(crate) slots: Vec<i64>,
    slot_codes: QuickMap<i64, u32>,
    /// Pairs of (slot, combination): the groups.
    pub(crate) index: PairIndex,
}

impl Groups {
    pub(crate) fn new(keys: &[String]) -> Self {
        Self {
            keys: keys.iter().cloned().map(Key::new).collect(),
            combinations: vec![PairIndex::default(); keys.len().saturating_sub(1)],
            slots: Vec::new(),
            slot_codes: QuickMap::default(),
            index: PairIndex::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.pairs.len()
    }

    /// The number of a combination of key codes.
    #[inline]
    pub(crate) fn combination(&mut self, codes: impl IntoIterator<Item = u32>) -> u32 {
        let mut codes = codes.into_iter();
        let mut number = codes.next().unwrap_or(0);
        for (index, code) in self.combinations.iter_mut().zip(codes) {
            number = index.number(number, code);
        }
        number
    }

    /// Combines the codes of one further key into the combinations so far.
    pub(crate) fn combine(&mut self, at: usize, so_far: &mut [u32], codes: &[u32]) {
        let index = &mut self.combinations[at];
        for (number, code) in so_far.iter_mut().zip(codes) {
            *number = index.number(*number, *code);
        }
    }

    #[inline]
    pub(crate) fn slot(&mut self, start: i64) -> u32 {
        if let Some(code) = self.slot_codes.get(&start) {
            return *code;
        }
        let code = self.slots.len() as u32;
        self.slots.push(start);
        self.slot_codes.insert(start, code);
        code
    }

    #[inline]
    pub(crate) fn group(&mut self, slot: u32, combination: u32) -> u32 {
        self.index.number(slot, combination)
    }

    /// The key codes of a combination.
    pub(crate) fn codes(&self, combination: u32) -> Vec<u32> {
        let mut codes = vec![0; self.keys.len()];
        let mut number = combination;
        for at in (1..self.keys.len()).rev() {
            let (before, code) = self.combinations[at - 1].pairs[number as usize];
            codes[at] = code;
            number = before;
        }
        if let Some(first) = codes.first_mut() {
            *first = number;
        }
        codes
    }

    /// The key values and the slot of a group.
    pub(crate) fn describe(&self, group: u32) -> (Vec<&KeyValue>, i64) {
        let (slot, combination) = self.index.pairs[group as usize];
        let codes = self.codes(combination);
        (self.keys.iter().zip(codes).map(|(k, c)| &k.values[c as usize]).collect(), self.slots[slot as usize])
    }

    /// The number of the group with these key values and slot, a new one if need be.
    pub(crate) fn intern<'v>(&mut self, values: impl IntoIterator<Item = &'v KeyValue>, slot: i64) -> u32 {
        let codes: Vec<u32> = self.keys.iter_mut().zip(values).map(|(k, v)| k.code(v)).collect();
        let combination = self.combination(codes);
        let slot = self.slot(slot);
        self.group(slot, combination)
    }

    /// The number of the group with these key values and slot, if it is there.
    pub(crate) fn find(&self, values: &[&KeyValue], slot: i64) -> Option<u32> {
        let mut number = 0;
        for (at, (key, value)) in self.keys.iter().zip(values).enumerate() {
            let code = match value {
                KeyValue::Text(text) => key.texts.get(text.as_str()).copied(),
                KeyValue::Integer(n) => key.integers.get(n).copied(),
                KeyValue::Missing => key.others[0],
                KeyValue::Flag(v) => key.others[1 + usize::from(*v)],
            }?;
            number = if at == 0 { code } else { self.combinations[at - 1].find(number, code)? };
        }
        self.index.find(*self.slot_codes.get(&slot)?, number)
    }

    /// All groups, ordered by key values and then by slot.
    pub(crate) fn ordered(&self) -> Vec<u32> {
        let mut slots: Vec<u32> = (0..self.slots.len() as u32).collect();
        slots.sort_unstable_by_key(|s| self.slots[*s as usize]);
        let ranks: Vec<Vec<u32>> = self.keys.iter().map(|key| ranks(&key.values)).collect();
        let count = self.index.pairs.iter().map(|(_, c)| *c as usize + 1).max().unwrap_or(0);
        let mut combinations: Vec<(Vec<u32>, u32)> = Vec::new();
        let mut seen = vec![false; count];
        for (_, combination) in &self.index.pairs {
            if !std::mem::replace(&mut seen[*combination as usize], true) {
                let order = self.codes(*combination).iter().zip(&ranks).map(|(c, r)| r[*c as usize]).collect();
                combinations.push((order, *combination));
            }
        }
        combinations.sort_unstable();
        let mut place = vec![0u32; count];
        for (i, (_, c)) in combinations.iter().enumerate() {
            place[*c as usize] = i as u32;
        }
        if combinations.len() * slots.len() <= 64 * self.len() + 4096 {
            // A table of combinations by slots, filled in the order of numbers and read in the order wanted.
            let mut order = vec![0u32; self.slots.len()];
            slots.iter().enumerate().for_each(|(i, s)| order[*s as usize] = i as u32);
            let mut table = vec![UNKNOWN; combinations.len() * slots.len()];
            for (group, (slot, combination)) in self.index.pairs.iter().enumerate() {
                let row = place[*combination as usize] as usize * slots.len();
                table[row + order[*slot as usize] as usize] = group as u32;
            }
            table.retain(|group| *group != UNKNOWN);
            return table;
        }
        let mut groups: Vec<u32> = (0..self.len() as u32).collect();
        groups.sort_unstable_by_key(|g| {
            let (slot, combination) = self.index.pairs[*g as usize];
            (place[combination as usize], self.slots[slot as usize])
        });
        groups
    }
}

/// The rank of each value among all of them.
fn ranks(values: &[KeyValue]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].cmp(&values[*b]));
    let mut ranks = vec![0; values.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank as u32;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pair_has_one_number(pairs in prop::collection::vec((0u32..3000, 0u32..3000), 1..400)) {
            let mut index = PairIndex::default();
            let mut known = HashMap::new();
            for (a, b) in pairs {
                let number = index.number(a, b);
                prop_assert_eq!(*known.entry((a, b)).or_insert(number), number);
                prop_assert_eq!(index.find(a, b), Some(number));
                prop_assert_eq!(index.pairs[number as usize], (a, b));
            }
            prop_assert_eq!(known.len(), index.pairs.len());
        }
    }

    #[test]
    fn groups_are_ordered_by_key_and_slot() {
        let mut groups = Groups::new(&["a".into(), "b".into()]);
        let text = |t: &str| KeyValue::Text(t.into());
        for (a, b, slot) in [("y", 2, 10), ("x", 3, 20), ("x", 1, 20), ("x", 1, 10)] {
            groups.intern([&text(a), &KeyValue::Integer(b)], slot);
        }
        groups.intern([&KeyValue::Missing, &KeyValue::Flag(true)], 5);
        let order: Vec<String> = groups
            .ordered()
            .into_iter()
            .map(|g| {
                let (values, slot) = groups.describe(g);
                format!("{} {} {slot}", values[0], values[1])
            })
            .collect();
        assert_eq!(order, ["- true 5", "x 1 10", "x 1 20", "x 3 20", "y 2 10"]);
    }
}
