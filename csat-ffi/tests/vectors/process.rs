//! Languages that answer from a process of their own: requests on its standard input, answers on its standard output.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::call::{Backend, Columns, Count, Line, Refusal, Rust, Values};

/// A driver that runs.
struct Driver {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Driver {
    fn start(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{command:?}: {e}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a driver without its pipes".into());
        };
        Ok(Self { child, input: Some(BufWriter::new(input)), output: BufReader::new(output) })
    }

    /// Sends a request and reads the line that answers it.
    fn ask(&mut self, request: &[u8]) -> Result<String, Refusal> {
        let gone = |what: &str| Refusal { kind: "driver".into(), message: what.to_owned(), reason: None };
        let input = self.input.as_mut().ok_or_else(|| gone("the driver has ended"))?;
        input.write_all(request).and_then(|()| input.flush()).map_err(|e| gone(&e.to_string()))?;
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(gone("the driver has ended")),
            Ok(_) => Ok(line.trim_end_matches('\n').to_owned()),
            Err(e) => Err(gone(&e.to_string())),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// The reason, where the library itself refuses with the same kind and words: faces do not carry it.
fn with_reason(refusal: Refusal, same: impl FnOnce() -> Option<Refusal>) -> Refusal {
    match same() {
        Some(own) if own.kind == refusal.kind && own.message == refusal.message => own,
        _ => refusal,
    }
}

fn line_of(row: &Value) -> Line {
    let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
    let number = |key: &str| match &row[key] {
        Value::String(word) if word == "inf" => Some(f64::INFINITY),
        Value::String(word) if word == "-inf" => Some(f64::NEG_INFINITY),
        other => other.as_f64(),
    };
    let shown = |key: &Value| match key {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Line {
        keys: row["keys"].as_object().into_iter().flatten().map(|(_, key)| shown(key)).collect(),
        slot: row["slot"].as_i64(),
        measure: text("measure"),
        part: text("part"),
        definition: text("definition"),
        value: number("value"),
        low: number("low"),
        high: number("high"),
        n: row["n"].as_u64().unwrap_or(0),
        numerator: number("numerator"),
        denominator: number("denominator"),
    }
}

fn lines_of(rows: &Value) -> Vec<Line> {
    rows.as_array().into_iter().flatten().map(line_of).collect()
}

/// C: a program of tests/c against csat.h and the shared library.
pub(crate) struct C(Driver);

impl C {
    /// Compiles the driver once and starts it; why not, where it cannot be.
    pub(crate) fn start() -> Result<Self, String> {
        static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let program = PROGRAM.get_or_init(compile).clone()?;
        Driver::start(&mut Command::new(program)).map(Self)
    }

    fn answer(&mut self, request: &[u8]) -> Result<Value, Refusal> {
        let line = self.0.ask(request)?;
        let refusal = |kind: &str, message: &str| Refusal { kind: kind.into(), message: message.into(), reason: None };
        match line.split_once(' ') {
            Some(("ok", json)) => serde_json::from_str(json).map_err(|e| refusal("driver", &e.to_string())),
            Some(("error", rest)) => {
                let (kind, message) = rest.split_once(' ').unwrap_or((rest, ""));
                Err(refusal(kind, message))
            }
            _ => Err(refusal("driver", &line)),
        }
    }
}

fn compile() -> Result<PathBuf, String> {
    let test = std::env::current_exe().map_err(|e| e.to_string())?;
    let library = test.with_file_name("libcsat.so");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("vectors-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    for name in ["libcsat.so", "libcsat.so.0"] {
        let link = folder.join(name);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&library, &link).map_err(|e| e.to_string())?;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = folder.join("driver");
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.args(["-std=c11", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror"]);
    command.arg("-I").arg(here.join("include")).arg("-o").arg(&program).arg(here.join("tests/c/driver.c"));
    command.arg("-L").arg(&folder).arg("-lcsat").arg(format!("-Wl,-rpath,{}", folder.display()));
    let output = command.output().map_err(|e| format!("no C compiler: {e}"))?;
    if output.status.success() { Ok(program) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

impl Backend for C {
    fn language(&self) -> &'static str {
        "c"
    }

    fn function(&mut self, name: &str, arguments: Map<String, Value>) -> Result<Value, Refusal> {
        let mut request = Map::new();
        request.insert("function".to_owned(), name.into());
        request.extend(arguments.clone());
        let text = Value::Object(request).to_string();
        let found = self.answer(format!("call {}\n{text}\n", text.len()).as_bytes());
        found.map_err(|e| with_reason(e, || Rust.function(name, arguments).err()))
    }

    fn count(&mut self, count: &Count) -> Result<Vec<Line>, Refusal> {
        let plan = count.plan.to_string();
        let mut request = format!("tally {}\n{plan}\n", plan.len());
        if let Some(as_of) = count.as_of {
            request += &format!("as_of {as_of}\n");
        }
        for batch in &count.batches {
            batch.iter().for_each(|(name, values)| write_column(&mut request, name, values));
            request += "push\n";
        }
        request += &format!("report {}\n", count.confidence);
        let found = self.answer(request.as_bytes()).map(|rows| lines_of(&rows));
        found.map_err(|e| with_reason(e, || Rust.count(count).err()))
    }
}

fn write_column(request: &mut String, name: &str, values: &Values) {
    let (kind, lines): (&str, Vec<Option<String>>) = match values {
        Values::Instants(v) => ("instant", v.iter().map(|v| v.map(|v| v.to_string())).collect()),
        Values::Integers(v) => ("integer", v.iter().map(|v| v.map(|v| v.to_string())).collect()),
        Values::Seconds(v) => ("seconds", v.iter().map(|v| v.map(|v| v.to_string())).collect()),
        Values::Texts(v) => {
            let text = |v: &String| format!("={}", v.replace('\n', " "));
            ("text", v.iter().map(|v| v.as_ref().map(text)).collect())
        }
    };
    *request += &format!("column {kind} {} {name}\n", lines.len());
    for line in lines {
        *request += line.as_deref().unwrap_or("-");
        request.push('\n');
    }
}

/// Python: a script that imports csat.
pub(crate) struct Python(Driver);

impl Python {
    /// Starts the driver; why not, where the package cannot be imported or is older than this build.
    pub(crate) fn start() -> Result<Self, String> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../csat-py");
        let script = package.join("tests/driver.py");
        if !script.exists() {
            return Err("there is no Python package beside this crate".into());
        }
        let mut command = Command::new(std::env::var_os("CSAT_PYTHON").unwrap_or_else(|| "python3".into()));
        // A module built in place comes before an installed one.
        let source = package.join("python");
        let built = std::fs::read_dir(source.join("csat")).into_iter().flatten().flatten();
        if built.into_iter().any(|f| f.file_name().to_string_lossy().starts_with("_csat.")) {
            command.env("PYTHONPATH", source);
        }
        let mut driver = Command::new(command.get_program());
        driver.arg(script).envs(command.get_envs().filter_map(|(key, value)| value.map(|value| (key, value))));
        let import = command.args(["-c", "import csat"]).output().map_err(|e| format!("no Python: {e}"))?;
        if !import.status.success() {
            let said = String::from_utf8_lossy(&import.stderr).lines().last().unwrap_or_default().to_owned();
            return Err(format!("`import csat` fails: {said}"));
        }
        let mut python = Self(Driver::start(&mut driver)?);
        let known = python.answer(&json!({"list": true})).map_err(|e| e.message)?;
        let has = |key: &str, name: &str| known[key].as_array().is_some_and(|names| names.contains(&json!(name)));
        let function = csat_core::door::functions().map(|f| f.name).find(|name| !has("functions", name));
        match function {
            None => Ok(python),
            Some(name) => Err(format!("the compiled module is older than this build (no `{name}`): build it first")),
        }
    }

    fn answer(&mut self, request: &Value) -> Result<Value, Refusal> {
        let line = self.0.ask(format!("{request}\n").as_bytes())?;
        let refusal = |kind: &str, message: &str| Refusal { kind: kind.into(), message: message.into(), reason: None };
        let answer: Value = serde_json::from_str(&line).map_err(|e| refusal("driver", &format!("{e}: {line}")))?;
        match answer.get("error") {
            None => Ok(answer["ok"].clone()),
            Some(error) => {
                let text = |key: &str| error[key].as_str().unwrap_or("").to_owned();
                let reason = error["reason"].as_str().map(str::to_owned);
                Err(Refusal { kind: text("kind"), message: text("message"), reason })
            }
        }
    }
}

impl Backend for Python {
    fn language(&self) -> &'static str {
        "python"
    }

    fn function(&mut self, name: &str, arguments: Map<String, Value>) -> Result<Value, Refusal> {
        let found = self.answer(&json!({"function": name, "arguments": arguments}));
        found.map_err(|e| with_reason(e, || Rust.function(name, arguments).err()))
    }

    fn count(&mut self, count: &Count) -> Result<Vec<Line>, Refusal> {
        let batches: Vec<Value> = count.batches.iter().map(batch).collect();
        let request =
            json!({"plan": count.plan, "batches": batches, "as_of": count.as_of, "confidence": count.confidence});
        let found = self.answer(&request).map(|rows| lines_of(&rows));
        found.map_err(|e| with_reason(e, || Rust.count(count).err()))
    }
}

fn batch(columns: &Columns) -> Value {
    let column = |(name, values): &(String, Values)| match values {
        Values::Instants(v) => json!({"name": name, "type": "instant", "values": v}),
        Values::Integers(v) => json!({"name": name, "type": "integer", "values": v}),
        Values::Seconds(v) => json!({"name": name, "type": "seconds", "values": v}),
        Values::Texts(v) => json!({"name": name, "type": "text", "values": v}),
    };
    columns.iter().map(column).collect()
}
