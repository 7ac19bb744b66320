//! Any id of a report in words. Service levels and abandonment print their whole definition; every other measure its
//! documentation and what the words of the id stand for, found in the catalogue, so that a new measure needs nothing here.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::catalogue::Recipe;
use crate::error::{Error, Result, nearest};
use crate::measure::{Measure, Part};
use crate::rule::{definition, duration};

/// Explains the id of a number (`sl:offered:20s`, `aht:total:p90~log7`, `qa:call_18@1:51451abc:pooled`), the name of a
/// definition (`offered`) or that of a measure (`handle_time`).
///
/// ```
/// use csat_core::explain::explain;
/// assert!(explain("sl:offered:20s")?.contains("Answered within T: wait <= T."));
/// let text = explain("wait:answered:p90~log7")?;
/// assert!(text.starts_with("Waiting time") && text.contains("p90: the 90 % quantile"), "{text}");
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn explain(name_or_id: &str) -> Result<String> {
    // The id of a measure that a plan named begins with the name.
    let (name, id) = match name_or_id.split_once('/') {
        Some((name, id)) if !name.contains(':') => (Some(name), id),
        _ => (None, name_or_id),
    };
    let mut text = of_definition(id).or_else(|unknown| of_measure(id, &all(), unknown))?;
    if let Some(name) = name {
        let _ = writeln!(text, "  {name}/: the name that the plan gives the measure");
    }
    Ok(text)
}

fn all() -> Vec<Known> {
    Recipe::all().into_iter().map(Known::new).collect()
}

/// A definition by name, by id, or by the id of one of its parts.
fn of_definition(id: &str) -> Result<String> {
    let whole = definition::explain(id);
    match id.rsplit_once(':') {
        Some((head, part)) if whole.is_err() && head.contains(':') => match definition::explain(head) {
            Ok(text) => word(part).map(|meaning| format!("{text}{part}: {meaning}.\n")).map_or(whole, Ok),
            Err(_) => whole,
        },
        _ => whole,
    }
}

/// The measure whose ids look like this one; else what is unknown, with the nearest name.
fn of_measure(id: &str, measures: &[Known], unknown: Error) -> Result<String> {
    let mut found: Vec<&Known> = measures.iter().filter(|m| m.has(id)).collect();
    // Measures may share the first word of their ids; one that has this very id is meant.
    if let Some(exact) = found.iter().copied().find(|m| m.parts.iter().any(|p| p.definition == id)) {
        found = vec![exact];
    }
    if found.is_empty() {
        let firsts = measures.iter().flat_map(|m| &m.parts).filter_map(|p| p.definition.split(':').next());
        let near = nearest(id, measures.iter().map(|m| m.name).chain(firsts));
        return Err(match near {
            Some(near) if !unknown.message().contains("did you mean") => {
                Error::unknown("definition or measure", id, [near])
            }
            _ => unknown,
        });
    }
    Ok(found.into_iter().map(|measure| measure.text(id)).collect())
}

/// A measure and the parts it has by its defaults, by its example, and by every option at another value.
struct Known {
    name: &'static str,
    recipe: Recipe,
    parts: Vec<Part>,
}

impl Known {
    fn new(recipe: Recipe) -> Self {
        let about = recipe.about();
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let default = Map::from_iter([("measure".to_owned(), Value::from(about.name))]);
        let bases = [default, json(about.example).as_object().cloned().unwrap_or_default()];
        let mut parts = Vec::new();
        for base in &bases {
            let others = about.options.iter().map(|option| {
                let mut other = base.clone();
                other.insert(option.name.to_owned(), json(option.other));
                other
            });
            for options in std::iter::once(base.clone()).chain(others) {
                parts.extend(Recipe::from_json(&Value::Object(options)).map(|r| r.parts()).unwrap_or_default());
            }
        }
        Self { name: about.name, recipe, parts }
    }

    fn has(&self, id: &str) -> bool {
        if id == self.name || self.parts.iter().any(|p| p.definition == id) {
            return true;
        }
        let (first, rest) = id.split_once(':').unwrap_or((id, ""));
        // The names of service levels and abandonment rates are a closed list: one that is not in it is a slip.
        let closed = matches!(first, "sl" | "ab") && !["custom-", "cells/"].iter().any(|own| rest.starts_with(own));
        !closed && self.parts.iter().any(|p| p.definition.split(':').next() == Some(first))
    }

    fn text(&self, id: &str) -> String {
        let mut out = String::new();
        let about = self.recipe.about();
        let _ =
            writeln!(out, "{} ({}): measure `{}` of {}", about.title, about.title_ru, about.name, about.table.name());
        let _ = writeln!(out, "{}", about.doc);
        let (words, buckets) = id.split_once('~').unwrap_or((id, ""));
        let words: Vec<&str> = words.split([':', '/']).skip(1).filter(|w| !w.is_empty()).collect();
        if !words.is_empty() {
            let _ = writeln!(out, "In `{id}`:");
        }
        for text in words {
            let _ = writeln!(out, "  {text}: {}", self.meaning(text));
        }
        if !buckets.is_empty() {
            let _ = writeln!(
                out,
                "  ~{buckets}: from 128 buckets a doubling of milliseconds: at most 0.39 % and half a millisecond off"
            );
        }
        out
    }

    fn meaning(&self, text: &str) -> String {
        let unit = self.parts.iter().find(|p| p.path.rsplit('/').next() == Some(text)).map(|p| p.unit.name());
        match (word(text), unit) {
            (Some(meaning), Some(unit)) => return format!("{meaning} ({unit})"),
            (Some(meaning), None) => return meaning,
            (None, Some(unit)) => return format!("this part of the measure ({unit})"),
            (None, None) => {}
        }
        let names = |list: &str| {
            let mut words = list.split(|c: char| !c.is_alphanumeric() && c != '_');
            text.split('+').next().is_some_and(|first| words.any(|word| word == first))
        };
        let options = self.recipe.about().options;
        match options.iter().find(|o| names(o.default) || names(o.other) || names(o.doc)) {
            Some(option) => format!("the option `{}` ({})", option.name, option.doc),
            None => {
                "chosen or named in the recipe: a scale, a limit, a class, a column, a form, a criterion".to_owned()
            }
        }
    }
}

/// What a word means in the id of every measure.
fn word(text: &str) -> Option<String> {
    let hash = text.rsplit('-').next().unwrap_or(text);
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if hash.len() == 8 && hash.chars().all(hexadecimal) {
        let what = "eight digits for content that has no name (weights, cells, targets, working hours, a form)";
        return Some(format!("{what}: the same digits, the same content; begin of its SHA-256"));
    }
    if let Some(percent) = text.strip_prefix('p').filter(|p| p.parse::<f64>().is_ok_and(|p| (0.0..=100.0).contains(&p)))
    {
        return Some(format!("the {percent} % quantile, type 7"));
    }
    if let Ok(limit) = duration::parse(text) {
        return Some(format!("a limit of {}", duration::text(limit)));
    }
    let scale = text.trim_end_matches('r').split_once('-').map(|(low, high)| (low.parse::<i16>(), high.parse::<i16>()));
    if let Some((Ok(low), Ok(high))) = scale {
        return Some(format!("the scale from {low} to {high}"));
    }
    let meaning = match text {
        "mean" => "the mean",
        "sum" => "the sum",
        "longest" => "the longest: the upper edge of the highest bucket that holds something",
        "missing" => "records left out because the value is missing",
        "unplaced" => "records without the instant or outcome that places them",
        "unscored" => "records without a score: too little is answered",
        "given" => "the source's own verdict, not judged by csat",
        "assumed_contacts" => "contacts in cells that the source of the definition leaves open",
        "assumed_low" => "the value with those cells at their worst",
        "assumed_high" => "the value with those cells at their best",
        _ => return None,
    };
    Some(meaning.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_id_that_a_measure_prints_is_explained() {
        let measures = all();
        for measure in &measures {
            let ids: BTreeSet<&str> = measure.parts.iter().map(|p| p.definition.as_str()).collect();
            for id in ids {
                let text = of_definition(id).or_else(|unknown| of_measure(id, &measures, unknown));
                let text = text.unwrap_or_else(|e| panic!("{id}: {e}"));
                let definition =
                    ["sl:", "ab:"].iter().any(|family| id.starts_with(family)) && text.contains("Formula: ");
                assert!(definition || text.contains(&format!("measure `{}`", measure.name)), "{id}\n{text}");
            }
            assert!(explain(measure.name).unwrap().contains(measure.recipe.about().doc), "{}", measure.name);
        }
    }

    #[test]
    fn words_of_an_id_are_explained() {
        let says = |id: &str, what: &str| {
            let text = explain(id).unwrap();
            assert!(text.contains(what), "{id}\n{text}");
        };
        says("brand/nps:promoters", "brand/: the name that the plan gives");
        says("nps:1-5:p5d3:detractors", "detractors: this part of the measure (share)");
        says("nps:1-5:p5d3", "1-5: the scale from 1 to 5");
        says("csi:weighted-0123abcd:available", "weighted-0123abcd: eight digits for content");
        says("csi:weighted-0123abcd:available", "available: the option `missing`");
        says("sl:custom-0123abcd:20s", "custom-0123abcd: eight digits");
        says("sl:vonage_vcc_like-b:1m:assumed_low", "assumed_low: the value with those cells at their worst.");
        says("aht:total:p90~log7", "~log7: from 128 buckets");
        says("qa:my_form@2:0123abcd:pooled", "measure `scorecard`");
    }

    #[test]
    fn what_is_not_known_is_an_error_with_the_nearest_name() {
        let refused = |id: &str| explain(id).unwrap_err().message().to_owned();
        assert!(refused("oferred").contains("did you mean `offered`"));
        assert!(refused("sl:oferred:20s").contains("did you mean `offered`"));
        assert!(refused("handle_tme").contains("did you mean `handle_time`"));
        assert!(refused("asaa").contains("did you mean `asa`"));
        assert!(refused("xyzzyx:1").contains("xyzzyx"));
    }
}
