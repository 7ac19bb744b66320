//! Published tables of chance-corrected agreement, with their data in files.

use std::path::Path;

use serde_json::{Value, json};

use crate::call::Backend;
use crate::case::{Fail, Run, ask, number, text, wrong};
use crate::data::{beside, cell, table};
use crate::file::Job;

/// Outside coefficient → function.
const COEFFICIENTS: &[(&str, &str)] = &[
    ("bp", "agreement.brennan_prediger"),
    ("cohen", "agreement.cohen_kappa"),
    ("conger", "agreement.conger_kappa"),
    ("fleiss", "agreement.fleiss_kappa"),
    ("gwet", "agreement.gwet_ac"),
    ("krippendorff", "agreement.krippendorff_weighted"),
    ("pa2", "agreement.percent_agreement"),
    ("scott", "agreement.scott_pi"),
];

/// Outside figure → field of the answer.
const FIGURES: &[(&str, &str)] = &[
    ("pa", "observed"),
    ("pe", "expected"),
    ("coefficient_value", "value"),
    ("se", "standard_error"),
    ("ci_lower", "low"),
    ("ci_upper", "high"),
    ("p_value", "p_value"),
];

/// Columns that are not marks.
const NOT_MARKS: [&str; 4] = ["Group", "Units", "Unit", ""];

pub(crate) fn jobs<'f>(case: &'f Value, file: &'f Path) -> Vec<Job<'f>> {
    let name = case["id"].as_str().unwrap_or("?").to_owned();
    vec![(name, Box::new(move |backend| run(case, file, backend)))]
}

fn run(case: &Value, file: &Path, backend: &mut dyn Backend) -> Run<()> {
    let coefficient = text(&case["coefficient"], "coefficient")?;
    let Some((_, function)) = COEFFICIENTS.iter().find(|(name, _)| *name == coefficient) else {
        return Err(Fail::NotRun(format!("no coefficient `{coefficient}`")));
    };
    let Some(data) = beside(file, text(&case["data_file"], "data_file")?) else {
        return Err(Fail::NotRun("its data file is not beside the vectors".into()));
    };
    let (header, rows) = table(&data)?;
    let counted = text(&case["dataset"], "dataset")?.starts_with("table_");
    let row = |row: &Vec<String>| -> Vec<Value> {
        let kept = row
            .iter()
            .enumerate()
            .filter(|(i, _)| if counted { *i > 0 } else { !NOT_MARKS.contains(&header[*i].as_str()) });
        kept.map(|(_, text)| cell(text)).collect()
    };
    let marks: Vec<Vec<Value>> = rows.iter().map(row).collect();
    let mut arguments = json!({ "weights": case["weights"] });
    arguments[if counted { "table" } else { "ratings" }] = json!(marks);
    let answer = ask(backend, function, arguments)?;
    let expected = case["expected"].as_object().ok_or_else(|| Fail::Wrong("no figures are expected".into()))?;
    for (figure, expected) in expected {
        let Some((_, field)) = FIGURES.iter().find(|(name, _)| name == figure) else {
            return wrong(format!("unknown figure `{figure}`"));
        };
        let (value, digits) = (number(&expected["value"], figure)?, number(&expected["digits"], "digits")?);
        let found = number(&answer[*field], field)?;
        // The source prints one-sided p-values for this coefficient and two-sided ones for all others.
        let found = if figure == "p_value" && coefficient == "bp" { found / 2.0 } else { found };
        if (found - value).abs() > 0.5 * 10f64.powf(-digits) + 1e-12 {
            return wrong(format!("{figure}: found {found}, expected {value}"));
        }
    }
    Ok(())
}
