//! One law test over the whole catalogue: whatever the measure, its tally is a sum.

use csat_core::measure::{Effect, Measure};
use csat_core::record::{Batch, Column, Kind, Table};
use csat_core::time::{Every, MISSING, Zone};
use csat_core::{ErrorKind, Plan, Recipe, Tally};
use serde_json::{Map, Value, json};

/// A small generator of random numbers (SplitMix64): the same rows on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Columns of one kind of value, owned, from which batches of any rows are cut.
enum Owned {
    Wide(Vec<i64>, bool),
    Integers(Vec<i64>, Vec<u8>),
    Texts(Vec<String>, Vec<u8>),
}

struct Rows {
    columns: Vec<(String, Owned)>,
    len: usize,
}

impl Rows {
    /// Random rows that satisfy what a tally asks for.
    fn random(tally: &Tally<Recipe>, len: usize, random: &mut Random) -> Rows {
        let schema = tally.schema();
        let mut columns: Vec<(String, Owned)> = Vec::new();
        let (mut offered, mut answered, mut ended) = (vec![], vec![], vec![]);
        for _ in 0..len {
            // A week around a change of clocks, 2024-10-25 to 11-01; a few rows without an arrival.
            let t = 1_729_814_400_000_000 + random.below(7 * 86_400_000) as i64 * 1000;
            let wait = random.below(120_000) as i64 * 1000;
            let kind = random.below(10);
            offered.push(if random.chance(3) { MISSING } else { t });
            answered.push(if kind < 7 { t + wait } else { MISSING });
            ended.push(if kind < 9 { t + wait + random.below(600_000) as i64 * 1000 } else { MISSING });
        }
        for need in schema.needs() {
            let mut validity: Vec<u8> = (0..len).map(|_| u8::from(!random.chance(8))).collect();
            let column = match (&need.kind, need.role.as_str()) {
                (Kind::Instant, "answered" | "first_response" | "reached" | "reacted" | "resolved") => {
                    Owned::Wide(answered.clone(), true)
                }
                (Kind::Instant, "ended" | "own" | "solved" | "followed_up" | "due") => Owned::Wide(ended.clone(), true),
                (Kind::Instant | Kind::SlotTime, _) => Owned::Wide(offered.clone(), true),
                (Kind::Duration, "wait") if schema.table() == Table::Contacts => continue,
                (Kind::Duration, _) => {
                    Owned::Wide((0..len).map(|_| random.below(900_000) as i64 * 1000).collect(), false)
                }
                (Kind::Integer, _) => Owned::Integers((0..len).map(|_| 1 + random.below(3) as i64).collect(), validity),
                (Kind::Flag, _) => Owned::Integers((0..len).map(|_| random.below(2) as i64).collect(), validity),
                (Kind::Mark, _) => Owned::Integers((0..len).map(|_| 1 + random.below(5) as i64).collect(), validity),
                (Kind::Category(_), "outcome") => {
                    let classes = ["flow_out", "callback", "voicemail", "key_exit", "missed", "error", "skip"];
                    validity = (0..len).map(|_| u8::from(random.chance(15))).collect();
                    Owned::Texts((0..len).map(|_| classes[random.below(7) as usize].to_owned()).collect(), validity)
                }
                (Kind::Category(vocabulary), role) => {
                    if role == "contact_type" {
                        validity.fill(1);
                    }
                    let allowed = vocabulary.texts();
                    let pick = |r: &mut Random| allowed[r.below(allowed.len() as u64) as usize].clone();
                    Owned::Texts((0..len).map(|_| pick(random)).collect(), validity)
                }
            };
            columns.push((need.role.clone(), column));
        }
        for key in &tally.plan().keys {
            let values = (0..len).map(|_| format!("{key} {}", random.below(4))).collect();
            let validity = (0..len).map(|_| u8::from(!random.chance(5))).collect();
            columns.push((key.clone(), Owned::Texts(values, validity)));
        }
        Rows { columns, len }
    }

    /// Pushes the rows of these numbers, in this order, as batches of at most `size` rows.
    fn push(&self, tally: &mut Tally<Recipe>, rows: &[usize], size: usize) {
        for rows in rows.chunks(size.max(1)) {
            let cut: Vec<(String, Owned)> = self.columns.iter().map(|(name, c)| (name.clone(), c.pick(rows))).collect();
            let mut batch = Batch::with_rows(rows.len());
            for (name, column) in &cut {
                batch = batch.column(name.clone(), column.borrow());
            }
            tally.push(&batch).unwrap();
        }
    }

    fn tally(&self, empty: &Tally<Recipe>, rows: &[usize], size: usize) -> Tally<Recipe> {
        let mut tally = empty.empty_like();
        self.push(&mut tally, rows, size);
        tally
    }
}

impl Owned {
    fn pick(&self, rows: &[usize]) -> Owned {
        let numbers = |v: &[i64]| rows.iter().map(|i| v[*i]).collect();
        let bytes = |v: &[u8]| rows.iter().map(|i| v[*i]).collect();
        match self {
            Owned::Wide(v, instants) => Owned::Wide(numbers(v), *instants),
            Owned::Integers(v, valid) => Owned::Integers(numbers(v), bytes(valid)),
            Owned::Texts(v, valid) => Owned::Texts(rows.iter().map(|i| v[*i].clone()).collect(), bytes(valid)),
        }
    }

    fn borrow(&self) -> Column<'_> {
        use csat_core::record::{Texts, Validity, Values};
        match self {
            Owned::Wide(v, true) => Column::instants(v),
            Owned::Wide(v, false) => Column::durations(v),
            Owned::Integers(v, valid) => Column::integers(v).with_validity(Validity::Bytes(valid)),
            Owned::Texts(v, valid) => {
                Column::new(Values::Text(Texts::Strings(v))).with_validity(Validity::Bytes(valid))
            }
        }
    }
}

/// Every measure with its default options and with those of its example.
fn recipes() -> Vec<Recipe> {
    let mut all = Recipe::all();
    for recipe in Recipe::all() {
        let example: Value = serde_json::from_str(recipe.about().example).unwrap();
        let example = Recipe::from_json(&example).unwrap();
        if example != recipe {
            all.push(example);
        }
    }
    all
}

fn plan(recipe: Recipe) -> Plan<Recipe> {
    let every = Every::minutes(30).unwrap();
    Plan::new([recipe]).by(["queue", "agent"]).every(every).zone(Zone::new("Europe/Berlin").unwrap())
}

#[test]
fn every_measure_is_a_sum() {
    let mut random = Random(20_241_027);
    for recipe in recipes() {
        let name = format!("{} {}", recipe.about().name, serde_json::to_string(&recipe).unwrap());
        let empty = Tally::new(plan(recipe)).unwrap();
        let rows = Rows::random(&empty, 240, &mut random);
        let all: Vec<usize> = (0..rows.len).collect();
        let whole = rows.tally(&empty, &all, usize::MAX);
        let bytes = whole.save().unwrap();
        assert!(whole.groups() > 50, "{name}: too few groups to mean anything");

        // Any order of rows, any size of batches.
        let mut shuffled = all.clone();
        for i in (1..shuffled.len()).rev() {
            shuffled.swap(i, random.below(i as u64 + 1) as usize);
        }
        assert!(rows.tally(&empty, &shuffled, usize::MAX).save().unwrap() == bytes, "{name}: order");
        assert!(rows.tally(&empty, &all, 1).save().unwrap() == bytes, "{name}: one by one");
        assert!(rows.tally(&empty, &all, 7).save().unwrap() == bytes, "{name}: batches of 7");

        // Any partition and any merge tree.
        for _ in 0..100 {
            let parts = 1 + random.below(9) as usize;
            let mut cut: Vec<Vec<usize>> = vec![Vec::new(); parts];
            for i in &all {
                cut[random.below(parts as u64) as usize].push(*i);
            }
            let mut tallies: Vec<_> = cut.iter().map(|rows_of| rows.tally(&empty, rows_of, usize::MAX)).collect();
            while tallies.len() > 1 {
                let taken = tallies.swap_remove(random.below(tallies.len() as u64) as usize);
                let at = random.below(tallies.len() as u64) as usize;
                if random.chance(50) {
                    tallies[at].merge(&taken).unwrap();
                } else {
                    tallies[at].merge_saved(&taken.save().unwrap()).unwrap();
                }
            }
            assert!(tallies[0].save().unwrap() == bytes, "{name}: partition");
        }

        // The empty tally is the identity; subtracting undoes merging; too much is refused and changes nothing.
        let half: Vec<usize> = all.iter().copied().filter(|i| i % 2 == 0).collect();
        let rest: Vec<usize> = all.iter().copied().filter(|i| i % 2 == 1).collect();
        let (half, rest) = (rows.tally(&empty, &half, usize::MAX), rows.tally(&empty, &rest, usize::MAX));
        let mut sum = half.clone();
        sum.merge(&empty).unwrap();
        assert!(sum.save().unwrap() == half.save().unwrap(), "{name}: identity");
        sum.merge(&rest).unwrap();
        assert!(sum.save().unwrap() == bytes, "{name}: halves");
        sum.subtract(&rest).unwrap();
        assert!(sum.save().unwrap() == half.save().unwrap(), "{name}: subtract");
        let mut less = half.clone();
        assert_eq!(less.subtract(&whole).unwrap_err().kind(), ErrorKind::BelowZero, "{name}");
        assert!(less.save().unwrap() == half.save().unwrap(), "{name}: refused subtraction");
        sum.subtract(&half).unwrap();
        assert!(sum.save().unwrap() == empty.save().unwrap(), "{name}: nothing left");

        // Saving and loading.
        let loaded = Tally::<Recipe>::load(&bytes).unwrap();
        assert!(loaded.save().unwrap() == bytes, "{name}: load");
        let (a, b) = (whole.report(Some(0.95)).unwrap(), loaded.report_as(&whole.plan().measures, Some(0.95)).unwrap());
        assert!(format!("{a:?}") == format!("{b:?}"), "{name}: report");
        let mut cells = empty.empty_like();
        cells.merge_saved(&whole.save_cells().unwrap()).unwrap();
        assert!(cells.save().unwrap() == bytes, "{name}: cells");

        // Pooling: the sum over slots and keys is the total, rows without a slot included.
        let total = whole.roll_up::<&str>(&[], None).unwrap();
        let mut flat = Tally::new(Plan::new(whole.plan().measures.clone())).unwrap();
        rows.push(&mut flat, &all, usize::MAX);
        assert!(total.save().unwrap() == flat.save().unwrap(), "{name}: total");
        let days = whole.roll_up(&["queue"], Some(Every::DAY)).unwrap();
        assert!(days.roll_up::<&str>(&[], None).unwrap().save().unwrap() == total.save().unwrap(), "{name}: days");

        // A window and what lies outside it.
        let middle = 1_730_000_000_000_000 / 1_800_000_000 * 1_800_000_000;
        let mut split = whole.window(i64::MIN + 1, middle).unwrap();
        let mut late = whole.clone();
        late.forget(middle).unwrap();
        split.merge(&late).unwrap();
        assert!(split.save().unwrap() == bytes, "{name}: window and forget");
        let none = whole.window(middle, middle).unwrap();
        assert!(none.save().unwrap() == empty.save().unwrap(), "{name}: an empty window");
        let error = whole.window(middle, middle - 1).err().expect("a window that ends before it begins");
        assert!(error.message().contains("before it begins (2024-10-27T"), "{error}");
    }
}

#[test]
fn a_damaged_state_is_refused() {
    let mut random = Random(7);
    for recipe in recipes() {
        let name = recipe.about().name;
        let empty = Tally::new(plan(recipe)).unwrap();
        let rows = Rows::random(&empty, 12, &mut random);
        let tally = rows.tally(&empty, &(0..rows.len).collect::<Vec<_>>(), usize::MAX);
        for bytes in [tally.save().unwrap(), tally.save_cells().unwrap()] {
            let mut target = empty.empty_like();
            let mut refused = |bad: &[u8]| {
                let error = target.merge_saved(bad).expect_err(name);
                let loaded = Tally::<Recipe>::load(bad).err().expect(name);
                assert_eq!((error.kind(), loaded.kind()), (ErrorKind::InvalidState, ErrorKind::InvalidState), "{name}");
            };
            for at in 0..bytes.len() {
                let mut bad = bytes.clone();
                for bit in 0..8 {
                    bad[at] = bytes[at] ^ 1 << bit;
                    refused(&bad);
                }
                refused(&bytes[..at]);
            }
            refused(&[bytes.as_slice(), &[0]].concat());
        }
    }
}

#[test]
fn options_change_the_footprint_exactly_when_they_shape() {
    for recipe in Recipe::all() {
        let about = recipe.about();
        let mut base: Map<String, Value> = serde_json::from_str(about.example).unwrap();
        let shaping = |options: &Map<String, Value>| {
            Recipe::from_json(&Value::Object(options.clone())).and_then(|r| r.shaping()).map(|v| v.to_string())
        };
        let before = shaping(&base).unwrap();
        for option in about.options {
            let default: Value = serde_json::from_str(option.default).unwrap();
            let serialized = serde_json::to_value(&recipe).unwrap();
            assert_eq!(serialized[option.name], default, "{}: the default of `{}`", about.name, option.name);
            let other: Value = serde_json::from_str(option.other).unwrap();
            let other = if base.get(option.name) == Some(&other) { default } else { other };
            let kept = base.insert(option.name.to_owned(), other);
            let after = shaping(&base).unwrap_or_else(|e| panic!("{} `{}`: {e}", about.name, option.name));
            assert_eq!(after != before, option.effect == Effect::Shapes, "{} `{}`", about.name, option.name);
            match kept {
                Some(value) => base.insert(option.name.to_owned(), value),
                None => base.shift_remove(option.name),
            };
        }
        let fields = serde_json::to_value(&recipe).unwrap();
        let fields: Vec<&String> = fields.as_object().unwrap().keys().collect();
        let listed: Vec<&str> = about.options.iter().map(|o| o.name).collect();
        assert_eq!(fields, listed, "{}: every option is listed", about.name);
    }
}

#[test]
fn the_catalogue_is_complete_and_speaks() {
    let recipes = Recipe::all();
    for (i, recipe) in recipes.iter().enumerate() {
        let about = recipe.about();
        assert_eq!(Recipe::named(about.name).unwrap(), *recipe);
        assert!(recipes[..i].iter().all(|r| r.about().name != about.name), "{} twice", about.name);
        assert!(about.doc.len() > 100 && !about.title_ru.is_empty(), "{} is not documented", about.name);
        let parts = recipe.parts();
        for (j, part) in parts.iter().enumerate() {
            assert!(
                parts[..j].iter().all(|p| p.definition != part.definition),
                "{}: {} twice",
                about.name,
                part.definition
            );
        }
        assert!(Table::ALL.contains(&about.table));
    }
    let error = Recipe::from_json(&json!({"measure": "npss"})).unwrap_err();
    assert!(error.message().contains("did you mean `nps`"), "{error}");
}
