//! Agreement, reliability and drivers against vectors: the repository's own (`tests/vectors`, always) and, where the
//! environment variable `CSAT_VECTORS` names their directory, larger sets with their data beside it.

use std::fs;
use std::path::{Path, PathBuf};

use csat_core::door::call;
use serde_json::{Map, Value};

/// How a foreign vector's method is spelled at the door. Keys that are not listed fail the case.
struct Spelling {
    method: &'static str,
    function: &'static str,
    /// Input or option of the vector → argument of the function.
    arguments: &'static [(&'static str, &'static str)],
    /// Options that say what the function always does, with the values they may have.
    implied: &'static [(&'static str, &'static [&'static str])],
    /// Expected value of the vector → place in the answer (several: a list of them).
    answer: &'static [(&'static str, &'static [&'static str])],
}

const DRIVERS: &[(&str, &str)] = &[("outcome", "outcome"), ("drivers", "drivers"), ("names", "names")];

const SPELLINGS: &[Spelling] = &[
    Spelling {
        method: "reliability.cronbach_alpha",
        function: "reliability.cronbach_alpha",
        arguments: &[("items", "items"), ("conf", "confidence")],
        implied: &[("ci", &["feldt"])],
        answer: &[
            ("alpha", &["/alpha"]),
            ("standardized", &["/standardized"]),
            ("ci_lower", &["/low"]),
            ("ci_upper", &["/high"]),
        ],
    },
    Spelling {
        method: "reliability.item_stats",
        function: "reliability.item_statistics",
        arguments: &[("items", "items")],
        implied: &[],
        answer: &[
            ("item_total", &["/item_total"]),
            ("item_rest", &["/item_rest"]),
            ("alpha_if_dropped", &["/alpha_if_dropped"]),
        ],
    },
    Spelling {
        method: "reliability.omega_total",
        function: "reliability.omega_total",
        arguments: &[("items", "items")],
        implied: &[],
        answer: &[("omega", &["/omega"]), ("loadings", &["/loadings"])],
    },
    Spelling {
        method: "driver.simple",
        function: "drivers.simple",
        arguments: DRIVERS,
        implied: &[],
        answer: &[("correlation", &["/correlation"]), ("std_beta", &["/beta"]), ("pratt", &["/pratt"])],
    },
    Spelling {
        method: "driver.lmg",
        function: "drivers.lmg",
        arguments: DRIVERS,
        implied: &[],
        answer: &[("shares", &["/shares"]), ("r2", &["/r_squared"])],
    },
    Spelling {
        method: "driver.relative_weights",
        function: "drivers.relative_weights",
        arguments: DRIVERS,
        implied: &[],
        answer: &[("raw", &["/shares"]), ("r2", &["/r_squared"])],
    },
    Spelling {
        method: "driver.ipa_quadrants",
        function: "drivers.quadrants",
        arguments: &[("names", "names"), ("importance", "importance"), ("performance", "performance"), ("cut", "cut")],
        implied: &[],
        answer: &[
            ("quadrant", &["/quadrants"]),
            ("importance_cut", &["/importance_cut"]),
            ("performance_cut", &["/performance_cut"]),
        ],
    },
    Spelling {
        method: "irr.fleiss_kappa",
        function: "agreement.fleiss_kappa",
        arguments: &[("ratings", "ratings"), ("counts", "counts")],
        implied: &[],
        answer: &[("kappa", &["/value"])],
    },
    Spelling {
        method: "irr.randolph_kappa",
        function: "agreement.brennan_prediger",
        arguments: &[("ratings", "ratings"), ("counts", "counts")],
        implied: &[],
        answer: &[("kappa", &["/value"])],
    },
    Spelling {
        method: "irr.krippendorff_alpha",
        function: "agreement.krippendorff_alpha",
        arguments: &[("ratings_by_rater", "by_rater"), ("level", "level")],
        implied: &[],
        answer: &[("alpha", &["/value"])],
    },
    Spelling {
        method: "irr.cohen_kappa",
        function: "agreement.cohen_kappa",
        arguments: &[("rater1", "rater1"), ("rater2", "rater2"), ("weights", "weights")],
        implied: &[],
        answer: &[
            ("kappa", &["/value"]),
            ("se", &["/standard_error"]),
            ("se0", &["/standard_error_null"]),
            ("percent_agreement", &["/observed"]),
        ],
    },
    Spelling {
        method: "irr.gwet_ac",
        function: "agreement.gwet_ac",
        arguments: &[("ratings", "ratings"), ("weights", "weights")],
        implied: &[("coefficient", &["AC1", "AC2"])],
        answer: &[("ac", &["/value"]), ("percent_agreement", &["/observed"])],
    },
    Spelling {
        method: "irr.icc",
        function: "agreement.icc",
        arguments: &[("ratings", "ratings")],
        implied: &[],
        answer: &[
            ("icc1_1", &["/icc1_1/value"]),
            ("icc2_1", &["/icc2_1/value"]),
            ("icc3_1", &["/icc3_1/value"]),
            ("icc1_k", &["/icc1_k/value"]),
            ("icc2_k", &["/icc2_k/value"]),
            ("icc3_k", &["/icc3_k/value"]),
        ],
    },
    Spelling {
        method: "irr.icc_ci",
        function: "agreement.icc",
        arguments: &[("ratings", "ratings"), ("conf", "confidence")],
        implied: &[("order", &["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"])],
        answer: &[
            ("lower", &["/icc1_1/low", "/icc2_1/low", "/icc3_1/low", "/icc1_k/low", "/icc2_k/low", "/icc3_k/low"]),
            (
                "upper",
                &["/icc1_1/high", "/icc2_1/high", "/icc3_1/high", "/icc1_k/high", "/icc2_k/high", "/icc3_k/high"],
            ),
        ],
    },
];

/// Coefficients of the published tables of chance-corrected agreement → function.
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

/// Their figures → field of the answer.
const FIGURES: &[(&str, &str)] = &[
    ("pa", "observed"),
    ("pe", "expected"),
    ("coefficient_value", "value"),
    ("se", "standard_error"),
    ("ci_lower", "low"),
    ("ci_upper", "high"),
    ("p_value", "p_value"),
];

fn lookup<T: Copy>(table: &[(&str, T)], key: &str) -> T {
    table.iter().find(|(name, _)| *name == key).unwrap_or_else(|| panic!("`{key}` is not mapped")).1
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn directory() -> Option<PathBuf> {
    let found = std::env::var_os("CSAT_VECTORS").map(PathBuf::from);
    if found.is_none() {
        println!("CSAT_VECTORS is not set: only the repository's own vectors are run");
    }
    found
}

fn object<'a>(case: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    case[key].as_object().into_iter().flatten()
}

fn close(got: &Value, expected: &Value, tolerance: &Value) -> bool {
    match (got, expected) {
        (Value::Number(got), Value::Number(expected)) => {
            let (got, expected) = (got.as_f64().unwrap(), expected.as_f64().unwrap());
            let (abs, rel) = (tolerance["abs"].as_f64().unwrap_or(0.0), tolerance["rel"].as_f64().unwrap_or(0.0));
            (got - expected).abs() <= abs.max(rel * expected.abs())
        }
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(g, e)| close(g, e, tolerance))
        }
        (Value::Object(got), Value::Object(expected)) => {
            expected.iter().all(|(key, e)| got.get(key).is_some_and(|g| close(g, e, tolerance)))
        }
        (got, expected) => got == expected,
    }
}

fn spelled(case: &Value, spelling: &Spelling) -> Vec<String> {
    let mut arguments = Map::new();
    let mut failures = Vec::new();
    for (key, value) in object(case, "input").chain(object(case, "options")) {
        let implied = spelling.implied.iter().find(|(name, _)| name == key);
        if let Some((_, argument)) = spelling.arguments.iter().find(|(name, _)| name == key) {
            arguments.insert((*argument).to_owned(), value.clone());
        } else if let Some((_, allowed)) = implied {
            let one = std::slice::from_ref(value);
            let given = value.as_array().map_or(one, Vec::as_slice);
            if !given.iter().all(|v| v.as_str().is_some_and(|v| allowed.contains(&v))) {
                failures.push(format!("{}: option {key} = {value}", case["id"]));
            }
        } else {
            failures.push(format!("{}: `{key}` is not mapped", case["id"]));
        }
    }
    let answer = match call(spelling.function, arguments) {
        Ok(answer) => answer,
        Err(e) => return vec![format!("{}: {e}", case["id"])],
    };
    for (key, expected) in object(case, "expected") {
        let places = lookup(spelling.answer, key);
        let got: Vec<Value> = places.iter().map(|place| answer.pointer(place).cloned().unwrap_or_default()).collect();
        let got = if let [one] = got.as_slice() { one.clone() } else { Value::Array(got) };
        if !close(&got, expected, &case["tolerance"]) {
            failures.push(format!("{} {key}: got {got}, expected {expected}", case["id"]));
        }
    }
    failures
}

#[test]
fn published_packages() {
    let Some(directory) = directory() else { return };
    let vectors = read(&directory.join("stats.json"));
    let mine = |method: &str| ["reliability.", "driver.", "irr."].iter().any(|part| method.starts_with(part));
    let (mut count, mut failures) = (0, Vec::new());
    for case in vectors["cases"].as_array().unwrap() {
        let method = case["method"].as_str().unwrap();
        if mine(method) {
            let spelling = SPELLINGS.iter().find(|s| s.method == method);
            failures.extend(spelled(case, spelling.unwrap_or_else(|| panic!("method `{method}` is not mapped"))));
            count += 1;
        }
    }
    println!("{count} vectors of reliability, drivers and agreement");
    assert!(failures.is_empty() && count > 0, "{}", failures.join("\n"));
}

/// A comma-separated file: header and rows of trimmed cells.
fn csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut lines = text.lines();
    (cells(lines.next().unwrap()), lines.map(cells).collect())
}

fn mark(cell: &str) -> Value {
    match cell.parse::<f64>() {
        _ if cell.is_empty() => Value::Null,
        Ok(number) => Value::from(number),
        Err(_) => Value::from(cell),
    }
}

/// Raw marks without the columns that name groups and units, or a table without its row names.
fn marks(path: &Path, table: bool) -> (&'static str, Vec<Vec<Value>>) {
    let (header, rows) = csv(path);
    if table {
        let count = |cell: &String| Value::from(cell.parse::<u64>().unwrap());
        return ("table", rows.iter().map(|row| row[1..].iter().map(count).collect()).collect());
    }
    let names = ["Group", "Units", "Unit"];
    let kept = |(i, _): &(usize, &String)| !names.contains(&header[*i].as_str());
    let row = |row: &Vec<String>| row.iter().enumerate().filter(kept).map(|(_, cell)| mark(cell)).collect();
    ("ratings", rows.iter().map(row).collect())
}

#[test]
fn published_agreement_tables() {
    let Some(directory) = directory() else { return };
    let vectors = read(&directory.join("irr_agreement.json"));
    let (mut count, mut failures) = (0, Vec::new());
    for case in vectors["cases"].as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let table = text("dataset").starts_with("table_");
        let (argument, rows) = marks(&directory.join("..").join(text("data_file")), table);
        let mut arguments = Map::new();
        arguments.insert(argument.to_owned(), Value::from(rows));
        arguments.insert("weights".to_owned(), case["weights"].clone());
        let answer = call(lookup(COEFFICIENTS, text("coefficient")), arguments).unwrap();
        for (figure, expected) in object(case, "expected") {
            let (value, digits) = (expected["value"].as_f64().unwrap(), expected["digits"].as_i64().unwrap());
            let got = answer[lookup(FIGURES, figure)].as_f64().unwrap_or(f64::INFINITY);
            // The source prints one-sided p-values for this coefficient and two-sided ones for all others.
            let one_sided = figure == "p_value" && text("coefficient") == "bp";
            let got = if one_sided { got / 2.0 } else { got };
            if (got - value).abs() > 0.5 * 10f64.powi(-(digits as i32)) + 1e-12 {
                failures.push(format!("{} {figure}: got {got}, expected {value}", text("id")));
            }
        }
        count += 1;
    }
    println!("{count} published coefficients");
    assert!(failures.is_empty() && count > 0, "{}", failures.join("\n"));
}

/// Figures that are given rounded to six decimals.
fn check_figure(failures: &mut Vec<String>, name: &str, got: &Value, expected: &Value) {
    if (got.as_f64().unwrap_or(f64::INFINITY) - expected.as_f64().unwrap()).abs() > 5e-7 {
        failures.push(format!("{name}: got {got}, expected {expected}"));
    }
}

fn columns(path: &Path, keep: impl Fn(&str) -> bool) -> Vec<Vec<Value>> {
    let (header, rows) = csv(path);
    let row =
        |row: &Vec<String>| row.iter().zip(&header).filter(|(_, h)| keep(h)).map(|(cell, _)| mark(cell)).collect();
    rows.iter().map(row).collect()
}

fn ask(function: &str, argument: &str, rows: Vec<Vec<Value>>) -> Value {
    call(function, [(argument.to_owned(), Value::from(rows))].into_iter().collect()).unwrap()
}

#[test]
fn public_data() {
    let Some(directory) = directory() else { return };
    let data = directory.join("../data");
    if !data.exists() {
        println!("no data beside the vectors: skipped");
        return;
    }
    let expected = read(&directory.join("data_expected.json"));
    let mut failures = Vec::new();

    let mobile = data.join("ecsi_mobi/mobi.csv");
    let figures = &expected["datasets"]["ecsi_mobi"];
    for (block, alpha) in object(figures, "alpha") {
        let items = columns(&mobile, |h| h.starts_with(block.as_str()));
        check_figure(&mut failures, block, &ask("reliability.cronbach_alpha", "items", items)["alpha"], alpha);
    }
    let all = ask("reliability.cronbach_alpha", "items", columns(&mobile, |_| true));
    check_figure(&mut failures, "all items", &all["alpha"], &figures["alpha_all_24"]);

    let figures = &expected["datasets"]["raters_irr"]["diagnoses"];
    let diagnoses = || columns(&data.join("raters_irr/diagnoses.csv"), |_| true);
    let fleiss = ask("agreement.fleiss_kappa", "ratings", diagnoses());
    check_figure(&mut failures, "fleiss", &fleiss["value"], &figures["fleiss_kappa"]);
    let alpha = ask("agreement.krippendorff_alpha", "ratings", diagnoses());
    check_figure(&mut failures, "krippendorff", &alpha["value"], &figures["krippendorff_nominal"]);
    let unanimous = ask("agreement.unanimity", "ratings", diagnoses())["share"].as_f64().unwrap();
    check_figure(&mut failures, "unanimous", &Value::from(100.0 * unanimous), &figures["all_agree_pct"]);
    let rater = |name: &'static str| {
        let marks = columns(&data.join("raters_irr/diagnoses.csv"), |h| h == name).concat();
        Value::from(marks)
    };
    let pair = [("rater1".to_owned(), rater("rater2")), ("rater2".to_owned(), rater("rater3"))];
    let cohen = call("agreement.cohen_kappa", pair.into_iter().collect()).unwrap();
    check_figure(&mut failures, "cohen", &cohen["value"], &figures["cohen_kappa_rater2_rater3"]);

    // Alphas of the bank in exact fractions, rounded.
    for (block, exact) in [
        ("imag", 0.821_855),
        ("expe", 0.843_145),
        ("qual", 0.868_518),
        ("val", 0.831_967),
        ("sat", 0.894_295),
        ("loy", 0.820_639),
    ] {
        let items = columns(&data.join("bank_satisfaction/satisfaction.csv"), |h| h.starts_with(block));
        let alpha = ask("reliability.cronbach_alpha", "items", items.clone());
        assert_eq!(alpha["n"].as_u64().unwrap() + alpha["left_out"].as_u64().unwrap(), items.len() as u64);
        let omega = ask("reliability.omega_total", "items", items);
        check_figure(&mut failures, block, &alpha["alpha"], &Value::from(exact));
        // Of items with nearly equal loadings omega is hardly above alpha.
        let (alpha, omega) = (alpha["alpha"].as_f64().unwrap(), omega["omega"].as_f64().unwrap());
        assert!(omega > alpha && omega < alpha + 0.02, "{block}: alpha {alpha}, omega {omega}");
    }
    // No figures are given for the scores of videos and anxiety: the mean of raters has the reliability of a scale.
    for file in ["video", "anxiety"] {
        let ratings = || columns(&data.join(format!("raters_irr/{file}.csv")), |_| true);
        let icc = ask("agreement.icc", "ratings", ratings());
        let alpha = ask("reliability.cronbach_alpha", "items", ratings());
        check_figure(&mut failures, file, &icc["icc3_k"]["value"], &alpha["alpha"]);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn own_vectors() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut failures = Vec::new();
    for file in ["agreement.json", "reliability.json", "drivers.json"] {
        for case in read(&vectors.join(file))["cases"].as_array().unwrap() {
            let arguments: Map<String, Value> =
                object(case, "input").chain(object(case, "options")).map(|(k, v)| (k.clone(), v.clone())).collect();
            let answer = match call(case["method"].as_str().unwrap(), arguments) {
                Ok(answer) => answer,
                Err(e) => Value::from_iter([("error", e.kind().name())]),
            };
            if !close(&answer, &case["expected"], &case["tolerance"]) {
                failures.push(format!("{}: got {answer}, expected {}", case["id"], case["expected"]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
