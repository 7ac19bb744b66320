//! The layout of every struct as C sees it: sizes and offsets of Rust, asserted by a C compiler.

mod tools;

use std::fmt::Write;
use std::mem::offset_of;

use csat::column::csat_column;
use csat::error::csat_error;
use csat::event::{csat_answer, csat_contact, csat_evaluation};
use csat::form::csat_score;
use csat::queue_log::csat_queue_contact;
use csat::report::csat_row;
use csat::sla::{csat_judgement, csat_pause, csat_ticket};
use csat::tally::{csat_key, csat_push_options};
use csat::text::csat_text;

/// Name, size and fields of one struct.
type Layout = (&'static str, usize, Vec<(&'static str, usize)>);

macro_rules! layouts {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {
        vec![$((stringify!($name), size_of::<$name>(), vec![$((stringify!($field), offset_of!($name, $field)),)+]),)+]
    };
}

fn layouts() -> Vec<Layout> {
    layouts! {
        csat_error { struct_size, status, row, column, message }
        csat_text { data, length }
        csat_column {
            struct_size, r#type, name, values, length, unit, validity_type, validity, validity_offset, dictionary,
            dictionary_length, offsets,
        }
        csat_push_options { struct_size, bad_rows, as_of }
        csat_key { kind, reserved, integer, text, length }
        csat_contact {
            struct_size, outcome, keys, key_count, offered, started, rang, answered, ended, wait, talk, hold, wrap,
            legs, transferred, in_hours, reserved,
        }
        csat_answer { struct_size, reserved, keys, key_count, asked, answered, score, items, item_count }
        csat_evaluation {
            struct_size, form, keys, key_count, at, form_version, contact_type, kind, reserved, revision, marks,
            mark_count,
        }
        csat_row {
            struct_size, present, keys, key_count, slot, group, measure_index, part_index, measure, part, unit, value,
            low, high, n, numerator, denominator, reason, definition,
        }
        csat_score { struct_size, present, score, exact, pooled, blocks, weighted, failed, unanswered }
        csat_pause { from, until }
        csat_ticket {
            struct_size, code, start, done, created, requested, as_of, pauses, pause_count,
        }
        csat_judgement { struct_size, verdict, due, elapsed, remaining }
        csat_queue_contact {
            struct_size, outcome, call_id, queue, agent, caller, exit_key, ended_by, offered, rang, answered, ended,
            wait, talk, legs, transferred, ring_no_answers, position,
        }
    }
}

const HEADER: &str = include_str!("../include/csat.h");

/// The names of the fields of a struct in the header, or none where there is no such struct.
fn fields_in_header(name: &str) -> Option<Vec<&'static str>> {
    let body = HEADER.split(&format!("typedef struct {name} {{")).nth(1)?.split('}').next()?;
    let declared = body.lines().filter(|line| line.ends_with(';'));
    Some(declared.filter_map(|line| line.trim_end_matches(';').split([' ', '*']).next_back()).collect())
}

#[test]
fn every_field_of_the_header_is_listed() {
    let layouts = layouts();
    assert_eq!(HEADER.matches("typedef struct").count() - HEADER.matches("csat_tally;").count() - 5, layouts.len());
    for (name, _, fields) in &layouts {
        let named: Vec<&str> = fields.iter().map(|(field, _)| field.trim_start_matches("r#")).collect();
        let listed = fields_in_header(name).unwrap_or_default();
        let listed: Vec<&str> = listed.iter().map(|field| field.split('[').next().unwrap_or(field)).collect();
        assert_eq!(named, listed, "{name}");
    }
}

#[test]
fn c_lays_structs_out_alike() {
    let mut source = String::from("#include \"csat.h\"\n");
    for (name, size, fields) in layouts() {
        writeln!(source, "static_assert(sizeof({name}) == {size}, \"{name}\");").unwrap();
        for (field, offset) in fields {
            let field = field.trim_start_matches("r#");
            writeln!(source, "static_assert(offsetof({name}, {field}) == {offset}, \"{name}.{field}\");").unwrap();
        }
    }
    source.push_str("int main(void) { return 0; }\n");
    let build = tools::Build::new();
    let path = build.folder().join("layout.c");
    std::fs::write(&path, format!("#include <assert.h>\n{source}")).unwrap();
    for (language, compiler, flags) in tools::LANGUAGES {
        // C99 has no assertions at compile time.
        if language != "c99" && tools::has(compiler) {
            build.program(&path, &format!("layout-{language}"), compiler, flags);
        }
    }
}
