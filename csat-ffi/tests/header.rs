//! The header is a snapshot: made from the sources and the catalogue, committed, compared here.
//! `CSAT_BLESS=1 cargo test -p csat-ffi --test header` writes it anew.

use std::fmt::Write;
use std::path::Path;

use csat_core::estimate::{Reason, Unit};
use csat_core::record::Table;
use csat_core::rule::response::{Event, Sla, Verdict};
use csat_core::rule::{Definition, Outcome, form, presets};
use csat_core::{ErrorKind, Measure, Recipe};

const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/include/csat.h");

/// The macros that set up structs; a C test compares the sizes and the missing values.
const INITIALISERS: &str = r"
struct ArrowArrayStream;

/* The length of a text that ends with NUL. */
#define CSAT_NUL ((size_t)-1)

/* A missing instant, duration or number; a missing mark. */
#define CSAT_MISSING INT64_MIN
#define CSAT_MISSING_MARK INT16_MIN

/* How structs begin. */
#define CSAT_ERROR_INIT {sizeof(csat_error), 0, -1, {0}, {0}}
#define CSAT_TEXT_INIT {NULL, 0}
#define CSAT_COLUMN_INIT {sizeof(csat_column), 0, NULL, NULL, 0, 0, 0, NULL, 0, NULL, 0, NULL}
#define CSAT_PUSH_OPTIONS_INIT {sizeof(csat_push_options), CSAT_BAD_ROWS_REFUSE, INT64_MIN}
#define CSAT_KEY_INIT {CSAT_KEY_MISSING, 0, 0, NULL, 0}
#define CSAT_CONTACT_INIT \
  {sizeof(csat_contact), CSAT_OUTCOME_DERIVED, NULL, 0, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, \
   INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, CSAT_UNKNOWN, CSAT_UNKNOWN, CSAT_UNKNOWN, 0}
#define CSAT_ANSWER_INIT {sizeof(csat_answer), 0, NULL, 0, INT64_MIN, INT64_MIN, INT64_MIN, NULL, 0}
#define CSAT_EVALUATION_INIT \
  {sizeof(csat_evaluation), CSAT_UNKNOWN, NULL, 0, INT64_MIN, CSAT_UNKNOWN, CSAT_UNKNOWN, CSAT_UNKNOWN, 0, INT64_MIN, \
   NULL, 0}
#define CSAT_ROW_INIT \
  {sizeof(csat_row), 0, NULL, 0, INT64_MIN, 0, 0, 0, NULL, NULL, NULL, NAN, NAN, NAN, 0, NAN, NAN, NULL, NULL}
#define CSAT_SCORE_INIT {sizeof(csat_score), 0, NAN, INT64_MIN, NAN, NAN, NAN, 0, 0}
#define CSAT_TICKET_INIT \
  {sizeof(csat_ticket), 0, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, NULL, 0}
#define CSAT_JUDGEMENT_INIT {sizeof(csat_judgement), CSAT_VERDICT_NONE, INT64_MIN, INT64_MIN, INT64_MIN}
#define CSAT_QUEUE_CONTACT_INIT \
  {sizeof(csat_queue_contact), CSAT_OUTCOME_DERIVED, NULL, NULL, NULL, NULL, NULL, NULL, INT64_MIN, INT64_MIN, \
   INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, 0, 0, 0, CSAT_UNKNOWN}
";

fn macro_name(parts: &[&str]) -> String {
    let name = parts.join("_").to_uppercase();
    format!("CSAT_{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// The constants of the catalogue: the face itself names none of them.
fn constants() -> String {
    let mut out = String::new();
    let mut section = |title: &str, lines: Vec<(String, String)>| {
        writeln!(out, "\n/* {title} */").unwrap();
        for (name, value) in lines {
            writeln!(out, "#define {name} {value}").unwrap();
        }
    };
    let texts = |prefix: &str, names: Vec<&str>| -> Vec<(String, String)> {
        names.iter().map(|name| (macro_name(&[prefix, name]), format!("\"{name}\""))).collect()
    };
    let recipes = Recipe::all();
    let abouts: Vec<_> = recipes.iter().map(Measure::about).collect();
    let options = abouts.iter().flat_map(|about| {
        about.options.iter().map(|o| (macro_name(&["option", about.name, o.name]), format!("\"{}\"", o.name)))
    });
    let presets = presets::all();
    section(
        "Kinds of errors.",
        ErrorKind::ALL.iter().map(|k| (macro_name(&["status", k.name()]), k.code().to_string())).collect(),
    );
    section(
        "Outcome classes.",
        Outcome::ALL.iter().map(|o| (macro_name(&["outcome", o.name()]), o.code().to_string())).collect(),
    );
    section(
        "Verdicts of response targets.",
        Verdict::ALL.iter().map(|v| (macro_name(&["verdict", v.name()]), (*v as i32).to_string())).collect(),
    );
    section("Events of response targets.", texts("event", Event::ALL.iter().map(|e| e.name()).collect()));
    section("SLAs that come with csat.", texts("sla", Sla::SHIPPED.to_vec()));
    section("Tables.", texts("table", Table::ALL.iter().map(|t| t.name()).collect()));
    section("Measures, for plans.", texts("measure", abouts.iter().map(|about| about.name).collect()));
    section("Options of measures.", options.collect());
    section("Units of estimates.", texts("unit", Unit::ALL.iter().map(|u| u.name()).collect()));
    section(
        "Reasons why an estimate has no value or no interval.",
        texts("reason", Reason::ALL.iter().map(|r| r.name()).collect()),
    );
    section("Service-level definitions.", texts("service_level", presets.iter().map(Definition::name).collect()));
    section("Forms that come with csat.", texts("form", form::shipped_names().collect()));
    out
}

fn header() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    config.after_includes = Some(format!("{INITIALISERS}{}", constants()));
    let mut builder = cbindgen::Builder::new().with_config(config);
    let mut sources: Vec<_> = std::fs::read_dir(root.join("src")).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Types before the functions that use them is cbindgen's business; the order of files is ours.
    let order = [
        "error",
        "text",
        "call",
        "column",
        "tally",
        "event",
        "report",
        "form",
        "calendar",
        "sla",
        "queue_log",
        "arrow",
    ];
    let place = |path: &Path| order.iter().position(|name| path.file_stem().is_some_and(|stem| stem == *name));
    sources.retain(|path| place(path).is_some());
    sources.sort_by_key(|path| place(path));
    for source in sources {
        builder = builder.with_src(source);
    }
    let mut out = Vec::new();
    builder.generate().expect("the header can be made").write(&mut out);
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_header_is_up_to_date() {
    let made = header();
    if std::env::var_os("CSAT_BLESS").is_some() {
        std::fs::write(HEADER, &made).unwrap();
    }
    let committed = std::fs::read_to_string(HEADER).unwrap_or_default();
    let line = made.lines().zip(committed.lines()).position(|(a, b)| a != b);
    assert!(
        made == committed,
        "csat.h is out of date from line {}; run CSAT_BLESS=1 cargo test -p csat-ffi --test header",
        line.unwrap_or(0) + 1
    );
}

#[test]
fn every_exported_function_is_in_the_header() {
    let header = std::fs::read_to_string(HEADER).unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for rest in source.split("extern \"C\" fn ").skip(1) {
            let name = rest.split('(').next().unwrap();
            assert!(name.starts_with("csat_"), "{name}");
            let declared = header.contains(&format!("{name}("));
            assert_eq!(declared, name != "csat_test_panic", "{name}");
            found += 1;
        }
    }
    assert!(found > 35, "only {found} functions found");
}
