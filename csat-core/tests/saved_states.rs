//! Golden bytes of saved states: `tests/vectors/saved_states.json`. A change of any byte is a change of the format.
//!
//! `CSAT_BLESS=1 cargo test -p csat-core --test saved_states` writes the bytes of states that have none yet. Bytes
//! that are there are never rewritten: a new format version gets states of its own.

use csat_core::record::{Batch, Column, Validity};
use csat_core::time::MISSING;
use csat_core::{Plan, Recipe, Tally};
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/saved_states.json");

fn file() -> Value {
    serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// One column of a state's rows: `{"integers": [1, null]}`, `instants` (µs UTC), `seconds`, or `texts`.
enum Owned {
    Integers(Vec<i64>),
    Instants(Vec<i64>),
    Seconds(Vec<f64>),
    Texts(Vec<String>),
}

fn owned(column: &Value) -> (Owned, Vec<u8>) {
    let (kind, values) = column.as_object().unwrap().iter().next().unwrap();
    let values = values.as_array().unwrap();
    let whole = || values.iter().map(|v| v.as_i64().unwrap_or(MISSING)).collect();
    let column = match kind.as_str() {
        "integers" => Owned::Integers(whole()),
        "instants" => Owned::Instants(whole()),
        "seconds" => Owned::Seconds(values.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()),
        "texts" => Owned::Texts(values.iter().map(|v| v.as_str().unwrap_or("").to_owned()).collect()),
        other => panic!("unknown kind of column `{other}`"),
    };
    (column, values.iter().map(|v| u8::from(!v.is_null())).collect())
}

fn tally(state: &Value) -> Tally<Recipe> {
    let mut tally = Tally::new(Plan::from_json(&state["plan"]).unwrap()).unwrap();
    let columns: Vec<(&String, (Owned, Vec<u8>))> =
        state["columns"].as_object().unwrap().iter().map(|(name, column)| (name, owned(column))).collect();
    let texts: Vec<Vec<&str>> = columns
        .iter()
        .map(|(_, (column, _))| match column {
            Owned::Texts(texts) => texts.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        })
        .collect();
    let mut batch = Batch::new();
    for ((name, (column, there)), texts) in columns.iter().zip(&texts) {
        let column = match column {
            Owned::Integers(values) => Column::integers(values),
            Owned::Instants(values) => Column::instants(values),
            Owned::Seconds(values) => Column::seconds(values),
            Owned::Texts(_) => Column::texts(texts),
        };
        batch = batch.column(name.as_str(), column.with_validity(Validity::Bytes(there)));
    }
    if !columns.is_empty() {
        tally.push(&batch).unwrap();
    }
    tally
}

fn saved(state: &Value) -> Vec<u8> {
    let tally = tally(state);
    if state["kind"] == "cells" { tally.save_cells().unwrap() } else { tally.save().unwrap() }
}

#[test]
fn golden_bytes() {
    if std::env::var_os("CSAT_BLESS").is_some() {
        bless();
    }
    let content = file();
    let states = content["states"].as_array().unwrap();
    assert!(states.len() >= 8);
    for state in states {
        let (id, bytes) = (state["id"].to_string(), saved(state));
        assert_eq!(state["bytes"], hex(&bytes), "{id}: the format has changed");
        let golden = unhex(state["bytes"].as_str().unwrap());
        if state["kind"] == "tally" {
            assert_eq!(Tally::<Recipe>::load(&golden).unwrap().save().unwrap(), golden, "{id}");
        }
        let mut twice = tally(state);
        twice.merge_saved(&golden).unwrap();
        twice.subtract(&tally(state)).unwrap();
        assert_eq!(twice.save().unwrap(), tally(state).save().unwrap(), "{id}: merged and taken out again");
    }
}

/// Writes the bytes that are not there yet.
fn bless() {
    let mut text = std::fs::read_to_string(FILE).unwrap();
    for state in file()["states"].as_array().unwrap().iter().filter(|state| state["bytes"].is_null()) {
        text = text.replacen("\"bytes\": null", &format!("\"bytes\": \"{}\"", hex(&saved(state))), 1);
    }
    std::fs::write(FILE, text).unwrap();
}

/// A state with its checksum made anew, as another writer would make it.
fn sealed(body: &[u8]) -> Vec<u8> {
    [body, &crc32fast::hash(body).to_le_bytes()].concat()
}

/// Whoever writes another state with a checksum that fits has written the only bytes of that state.
#[test]
fn one_encoding_per_state() {
    for state in file()["states"].as_array().unwrap().iter().filter(|s| s["kind"] == "tally") {
        let golden = unhex(state["bytes"].as_str().unwrap());
        let body = &golden[..golden.len() - 4];
        assert_eq!(sealed(body), golden, "{}: CRC-32 of all bytes before it", state["id"]);
        let refused = |body: &[u8]| Tally::<Recipe>::load(&sealed(body)).is_err();
        assert!((0..body.len()).all(|len| refused(&body[..len])), "{}: cut short", state["id"]);
        assert!(refused(&[body, &[0]].concat()), "{}: a byte more", state["id"]);
        for at in 0..body.len() {
            let mut other = body.to_vec();
            other[at] ^= 1;
            let other = sealed(&other);
            if let Ok(read) = Tally::<Recipe>::load(&other) {
                assert_eq!(read.save().unwrap(), other, "{}: byte {at}", state["id"]);
            }
        }
    }
}

/// The check value that everyone publishes for this CRC-32 (RFC 1952; zlib.crc32(b"123456789")).
#[test]
fn the_checksum_is_that_of_zlib() {
    assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
}

/// The worked example of docs/FORMAT.md is the state `nps_by_dealer`.
#[test]
fn the_worked_example_is_printed_as_it_is() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/FORMAT.md")).unwrap();
    let example = page.split("<!-- example -->").nth(1).expect("a marked example");
    let printed: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| line.split('`').next().unwrap().replace(' ', ""))
        .collect();
    let content = file();
    let state = content["states"].as_array().unwrap().iter().find(|s| s["id"] == "nps_by_dealer").unwrap();
    assert_eq!(printed, state["bytes"].as_str().unwrap());
}
