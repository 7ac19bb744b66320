//! Everything csat knows by name, as one JSON text: what the faces, documentation and tests walk.

use serde_json::{Value, json};

use super::functions;
use crate::catalogue::Recipe;
use crate::error::ErrorKind;
use crate::estimate::{Reason, Unit};
use crate::measure::{Effect, Measure};
use crate::record::Table;
use crate::rule::definition::Documentation;
use crate::rule::response::{Event, Sla, Verdict};
use crate::rule::{Outcome, abandonment, form, presets};
use crate::time::{Production, Zone};

/// Every closed list: measures with their options and parts, definitions, forms, tables, events and verdicts of response
/// targets, shipped SLAs and production calendars, outcome classes, units, reasons, error kinds and the functions of the text door.
///
/// ```
/// let all = csat_core::door::catalogue();
/// assert_eq!(all["error_kinds"][0], serde_json::json!({"name": "invalid_argument", "code": 1}));
/// ```
pub fn catalogue() -> Value {
    let named = |names: Vec<&'static str>| -> Vec<Value> {
        names.iter().enumerate().map(|(code, name)| json!({ "name": name, "code": code })).collect()
    };
    let definitions = presets::all();
    let definitions = definitions.iter().map(|d| definition(d.name(), d.documentation()));
    let policies = abandonment::all();
    let policies = policies.iter().map(|p| definition(&p.id(), p.documentation()));
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "time_zone_database": Zone::database_version(),
        "measures": Recipe::all().iter().map(measure).collect::<Vec<_>>(),
        "service_level_definitions": definitions.collect::<Vec<_>>(),
        "abandonment_definitions": policies.collect::<Vec<_>>(),
        "form_presets": form::presets().iter().map(|p| json!({ "name": p.name, "doc": p.doc })).collect::<Vec<_>>(),
        "forms": form::shipped_names().collect::<Vec<_>>(),
        "tables": Table::ALL.iter().map(|t| table(*t)).collect::<Vec<_>>(),
        "response_events": Event::ALL.iter().map(|e| e.name()).collect::<Vec<_>>(),
        "verdicts": named(Verdict::ALL.iter().map(|v| v.name()).collect()),
        "slas": Sla::SHIPPED,
        "production_calendars": Production::SHIPPED,
        "outcomes": named(Outcome::ALL.iter().map(|o| o.name()).collect()),
        "units": named(Unit::ALL.iter().map(|u| u.name()).collect()),
        "reasons": named(Reason::ALL.iter().map(|r| r.name()).collect()),
        "error_kinds": ErrorKind::ALL.iter().map(|k| json!({ "name": k.name(), "code": k.code() })).collect::<Vec<_>>(),
        "functions": functions().map(function).collect::<Vec<_>>(),
    })
}

fn measure(recipe: &Recipe) -> Value {
    let about = recipe.about();
    let read = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let options = about.options.iter().map(|o| {
        let effect = if o.effect == Effect::Shapes { "shapes" } else { "reads" };
        json!({ "name": o.name, "effect": effect, "default": read(o.default), "doc": o.doc })
    });
    let parts = recipe.parts();
    let parts = parts.iter().map(|p| json!({ "path": p.path, "unit": p.unit.name(), "definition": p.definition }));
    json!({
        "name": about.name,
        "title": about.title,
        "title_ru": about.title_ru,
        "table": about.table.name(),
        "doc": about.doc,
        "options": options.collect::<Vec<_>>(),
        "parts": parts.collect::<Vec<_>>(),
        "example": read(about.example),
    })
}

fn definition(name: &str, documentation: &Documentation) -> Value {
    json!({
        "name": name,
        "title": documentation.title,
        "title_ru": documentation.title_ru,
        "formula": documentation.formula,
        "source": documentation.source,
    })
}

fn table(table: Table) -> Value {
    let columns = table.known_columns().iter().map(|c| json!({ "name": c.name, "kind": c.kind, "doc": c.doc }));
    json!({ "name": table.name(), "slot_column": table.slot_column(), "columns": columns.collect::<Vec<_>>() })
}

fn function(function: &super::Function) -> Value {
    let parameters = function.parameters.iter();
    let parameters = parameters.map(|p| json!({ "name": p.name, "kind": p.kind, "default": p.default }));
    let example: Value = serde_json::from_str(function.example).unwrap_or(Value::Null);
    json!({
        "name": function.name, "doc": function.doc, "example": example, "parameters": parameters.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_is_empty_and_no_name_is_there_twice() {
        let Value::Object(lists) = catalogue() else { unreachable!("an object") };
        for (what, list) in lists.iter().filter_map(|(what, list)| list.as_array().map(|list| (what, list))) {
            let mut names: Vec<String> =
                list.iter().map(|v| v.get("name").unwrap_or(v).as_str().unwrap_or_default().to_owned()).collect();
            assert!(!names.is_empty() && names.iter().all(|n| !n.is_empty()), "{what}");
            names.sort_unstable();
            assert!(names.windows(2).all(|w| w[0] != w[1]), "{what} has a name twice");
        }
    }

    #[test]
    fn the_example_of_every_function_runs() {
        for function in functions() {
            let arguments = serde_json::from_str(function.example);
            let arguments = arguments.unwrap_or_else(|e| panic!("the example of {}: {e}", function.name));
            let answer = crate::door::call(function.name, arguments);
            assert!(answer.as_ref().is_ok_and(|answer| !answer.is_null()), "{}: {answer:?}", function.name);
        }
    }

    #[test]
    fn defaults_of_options_are_json() {
        for recipe in Recipe::all() {
            for option in recipe.about().options {
                assert!(serde_json::from_str::<Value>(option.default).is_ok(), "{}", option.name);
            }
        }
    }
}
