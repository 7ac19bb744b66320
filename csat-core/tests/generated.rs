//! `docs/MEASURES.md` is read off the catalogue, committed, and compared here.
//! `CSAT_BLESS=1 cargo test -p csat-core --test generated` writes it anew.

use std::fmt::Write as _;

use csat_core::door::functions;
use csat_core::measure::{Effect, Measure};
use csat_core::record::Table;
use csat_core::rule::definition::{Documentation, Status};
use csat_core::rule::{Outcome, abandonment, form, presets};
use csat_core::{ErrorKind, Recipe};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/MEASURES.md");

const HEAD: &str = "\
# Measures, definitions and functions

Read off the catalogue by `make bless`; do not edit. The same lists are in `csat_core::door::catalogue`, in C in
`csat_catalogue_json` and in Python in `csat.catalogue`.

- [Measures](#measures): what a tally counts
- [Service-level definitions](#service-level-definitions), [abandonment definitions](#abandonment-definitions)
- [Forms](#forms), [tables](#tables), [outcome classes](#outcome-classes), [kinds of errors](#kinds-of-errors)
- [Functions](#functions): statistics, judgements, rules, planning, on numbers one has already
";

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

/// One Markdown table.
fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    writeln!(out, "\n| {} |\n|{}", head.join(" | "), "---|".repeat(head.len())).unwrap();
    rows.for_each(|row| writeln!(out, "| {} |", row.join(" | ")).unwrap());
}

fn measures(out: &mut String) {
    let all = Recipe::all();
    write!(out, "\n## Measures\n\n{} measures; the faces name none of them.\n", all.len()).unwrap();
    table(
        out,
        &["measure", "title", "in Russian", "table", "parts"],
        all.iter().map(|recipe| {
            let about = recipe.about();
            let mut paths: Vec<String> = recipe.parts().iter().map(|p| p.path.clone()).collect();
            paths.dedup();
            let more = if paths.len() > 4 { format!(" and {} more", paths.len() - 4) } else { String::new() };
            paths.truncate(4);
            let parts: Vec<String> = paths.iter().map(|p| code(p)).collect();
            vec![
                format!("[`{0}`](#{0})", about.name),
                about.title.into(),
                about.title_ru.into(),
                about.table.name().into(),
                format!("{}{more}", parts.join(", ")),
            ]
        }),
    );
    for recipe in &all {
        let about = recipe.about();
        writeln!(out, "\n### {}\n", about.name).unwrap();
        writeln!(out, "{} · {} · reads {}\n", about.title, about.title_ru, about.table.name()).unwrap();
        writeln!(out, "{}\n", about.doc.replace('\n', "\n\n")).unwrap();
        writeln!(out, "Example: `{}`", about.example).unwrap();
        if !about.options.is_empty() {
            table(
                out,
                &["option", "default", "effect", "what it does"],
                about.options.iter().map(|o| {
                    let effect = if o.effect == Effect::Shapes { "shapes" } else { "reads" };
                    vec![code(o.name), code(o.default), effect.into(), cell(o.doc)]
                }),
            );
        }
        writeln!(out, "\nKeeps per group: {}.", keeps(recipe)).unwrap();
        table(
            out,
            &["part", "unit", "definition"],
            recipe.parts().iter().map(|p| vec![code(&p.path), p.unit.name().into(), code(&p.definition)]),
        );
    }
}

/// What a recipe counts, as it is saved.
fn keeps(recipe: &Recipe) -> String {
    let shape = recipe.shape();
    let (views, few) = (recipe.views().len(), shape.bundles.len() <= 16);
    let mut parts = match shape.bundles.as_slice() {
        [] => Vec::new(),
        bundles if few => bundles.iter().map(|(name, counts)| format!("counts `{name}` ({counts})")).collect(),
        bundles => vec![format!("{} bundles of counts", bundles.len())],
    };
    parts.extend(shape.sums.iter().take(12).map(|name| format!("sum `{name}`")));
    if shape.sums.len() > 12 {
        parts.push(format!("{} more sums", shape.sums.len() - 12));
    }
    parts.extend(
        shape.histograms.iter().map(|(name, buckets)| format!("histogram `{name}` ({buckets:?})").to_lowercase()),
    );
    let often = if views > 1 { format!("; {views} times, once for each view") } else { String::new() };
    format!("{}{often}", parts.join(", "))
}

fn definition_row(name: &str, documentation: &Documentation, assumed: &[String]) -> Vec<String> {
    let status = match documentation.status {
        Status::Verified => "verified",
        Status::Partly => "partly",
        Status::Assumed => "assumed",
    };
    let assumed = if assumed.is_empty() { "–".to_owned() } else { assumed.join(", ") };
    vec![
        code(name),
        status.into(),
        cell(documentation.formula),
        cell(documentation.source),
        documentation.date.into(),
        cell(&assumed),
    ]
}

fn definitions(out: &mut String) {
    let all = presets::all();
    write!(
        out,
        "\n## Service-level definitions\n\n\
         {} presets. A preset is a formula as published by somebody at some date, not a promise to match a product. \
         `verified`: in the vendor's own text or code; `partly`: a literal reading, an old text, or staff in a forum; \
         `assumed`: not found. Where a cell is assumed, every result says how many contacts fell in it and how far the \
         value could move. `csat explain NAME` prints the whole table of one, with its quote and caveats; the house \
         default is `offered`.\n",
        all.len()
    )
    .unwrap();
    let head = ["definition", "status", "formula", "source", "date", "assumed"];
    table(out, &head, all.iter().map(|d| definition_row(d.name(), d.documentation(), &d.assumed())));
    let all = abandonment::all();
    write!(out, "\n## Abandonment definitions\n\n{} definitions.\n", all.len()).unwrap();
    table(out, &head[..5], all.iter().map(|d| definition_row(&d.id(), d.documentation(), &[])[..5].to_vec()));
}

fn lists(out: &mut String) {
    write!(out, "\n## Forms\n\nThe forms that come with csat are data files in `csat-core/data/forms`.\n").unwrap();
    table(out, &["form"], form::shipped_names().map(|name| vec![code(name)]));
    writeln!(out, "\nA form's `preset` sets several of its rules at once:").unwrap();
    table(out, &["preset", "rules"], form::presets().iter().map(|p| vec![code(p.name), cell(p.doc)]));
    write!(out, "\n## Tables\n\nAny further text, integer or boolean column of a frame can be a key.\n").unwrap();
    for kind in Table::ALL {
        writeln!(out, "\n### {}\n\nA row is placed in its slot by `{}`.", kind.name(), kind.slot_column()).unwrap();
        let columns = kind.known_columns().iter();
        table(
            out,
            &["column", "kind", "what it holds"],
            columns.map(|c| vec![code(c.name), c.kind.into(), cell(c.doc)]),
        );
    }
    write!(out, "\n## Outcome classes\n").unwrap();
    table(out, &["code", "class"], Outcome::ALL.iter().map(|o| vec![o.code().to_string(), code(o.name())]));
    write!(out, "\n## Kinds of errors\n").unwrap();
    table(out, &["code", "kind"], ErrorKind::ALL.iter().map(|k| vec![k.code().to_string(), code(k.name())]));
}

fn door(out: &mut String) {
    write!(
        out,
        "\n## Functions\n\n{} functions, called by name: `csat_core::door::call`, `csat_call` in C, `csat.share.wilson(…)` and \
         so on in Python. The whole text of each is in the catalogue and in Python's `help`. The examples are arguments; in C \
         the request names the function too: `{{\"function\": \"share.wilson\", \"successes\": 8, \"n\": 10}}`.\n",
        functions().count()
    )
    .unwrap();
    table(
        out,
        &["function", "arguments", "what it gives", "example"],
        functions().map(|f| {
            let arguments: Vec<String> = f
                .parameters
                .iter()
                .map(|p| p.default.map_or_else(|| p.name.to_owned(), |d| format!("{} = {}", p.name, plain(d))))
                .collect();
            let first = f.doc.trim_start().split("\n\n").next().unwrap_or("");
            let example = f.example.split_whitespace().collect::<Vec<_>>().join(" ");
            vec![code(f.name), code(&arguments.join(", ")), cell(&first_sentence(first)), code(&example)]
        }),
    );
}

/// A default without the noise of Rust.
fn plain(default: &str) -> String {
    let text = default.trim_end_matches(".to_owned()").trim_end_matches(".into()");
    match text {
        "None" => "null".to_owned(),
        _ => text.replace("Vec::new()", "[]").replace("Value::Null", "null"),
    }
}

fn first_sentence(text: &str) -> String {
    let text = text.trim().replace('\n', " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text,
    }
}

/// The table of measures in the README.
fn readme() -> String {
    let rows = Recipe::all();
    let mut out = String::new();
    for kind in Table::ALL {
        let of_table = rows.iter().map(Measure::about).filter(|about| about.table == *kind);
        let names: Vec<String> =
            of_table.map(|a| format!("[{}](docs/MEASURES.md#{})", lower(a.title), a.name)).collect();
        writeln!(out, "| measures of {} | {} |", kind.name(), names.join(", ")).unwrap();
    }
    let (levels, rates) = (presets::all().len(), abandonment::all().len());
    writeln!(out, "| definitions | {levels} of service level, {rates} of abandonment, and policies of one's own |")
        .unwrap();
    writeln!(out, "| functions | {} in {} |", functions().count(), modules().join(", ")).unwrap();
    out
}

/// A title inside a list: abbreviations keep their capitals.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn modules() -> Vec<&'static str> {
    let mut modules: Vec<&str> = functions().filter_map(|f| f.name.split('.').next()).collect();
    modules.sort_unstable();
    modules.dedup();
    modules
}

#[test]
fn readme_is_up_to_date() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let page = std::fs::read_to_string(FILE).unwrap();
    let (before, rest) = page.split_once("<!-- made by make bless -->\n").expect("the mark of the table");
    let (head, rest) = rest.split_at(rest.match_indices('\n').nth(1).expect("a head of two lines").0 + 1);
    let after = rest.split_once("<!-- end -->").expect("the end of the table").1;
    let made = format!("{before}<!-- made by make bless -->\n{head}{}<!-- end -->{after}", readme());
    if std::env::var_os("CSAT_BLESS").is_some() {
        std::fs::write(FILE, &made).unwrap();
    }
    assert!(std::fs::read_to_string(FILE).unwrap() == made, "the table in README.md is out of date; run `make bless`");
}

#[test]
fn measures_md_is_up_to_date() {
    let mut made = HEAD.to_owned();
    measures(&mut made);
    definitions(&mut made);
    lists(&mut made);
    door(&mut made);
    if std::env::var_os("CSAT_BLESS").is_some() {
        std::fs::write(FILE, &made).unwrap();
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    let line = made.lines().zip(committed.lines()).position(|(a, b)| a != b);
    assert!(made == committed, "docs/MEASURES.md is out of date from line {}; run `make bless`", line.unwrap_or(0) + 1);
}
