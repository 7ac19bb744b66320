//! Languages that answer from a process of their own: requests on its standard input, answers on its standard output.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::call::{Backend, Columns, Count, Line, Refusal, Rust, Values};
use crate::tools::{Build, LANGUAGES, has};

/// A driver that runs.
struct Driver {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Driver {
    fn start(command: &mut Command) -> Result<Self, String> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|e| format!("{command:?}: {e}"))?;
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

/// C: the driver of tests/c, a program against csat.h and the shared library.
pub(crate) struct C(Driver);

impl C {
    /// Compiles the driver once and starts it; why not, where it cannot be.
    pub(crate) fn start() -> Result<Self, String> {
        static PROGRAM: OnceLock<(Build, PathBuf)> = OnceLock::new();
        let (language, compiler, flags) = LANGUAGES[1];
        if !has(compiler) {
            return Err(format!("no `{compiler}`"));
        }
        let (_, program) = PROGRAM.get_or_init(|| {
            let (build, source) = (Build::new(), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/driver.c"));
            let program = build.program(&source, &format!("driver-{language}"), compiler, flags);
            (build, program)
        });
        Driver::start(&mut Command::new(program)).map(Self)
    }

    /// One command; the value it answers.
    fn tell(&mut self, command: &str) -> Result<String, Refusal> {
        let line = self.0.ask(format!("{command}\n").as_bytes())?;
        let refusal = |kind: &str, message: &str| Refusal { kind: kind.into(), message: message.into(), reason: None };
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "ok" => Ok(rest.to_owned()),
            "error" => {
                let (kind, message) = rest.split_once(' ').unwrap_or((rest, ""));
                Err(refusal(kind, message))
            }
            _ => Err(refusal("driver", &line)),
        }
    }

    fn json(&mut self, command: &str) -> Result<Value, Refusal> {
        let text = self.tell(command)?;
        let unread = |e: serde_json::Error| Refusal { kind: "driver".into(), message: e.to_string(), reason: None };
        serde_json::from_str(&text).map_err(unread)
    }

    fn lines(&mut self, count: &Count) -> Result<Vec<Line>, Refusal> {
        self.tell(&format!("tally whole {}", count.plan))?;
        let as_of = count.as_of.map_or(String::new(), |at| format!(" as_of={at}"));
        for batch in &count.batches {
            self.tell("like part whole")?;
            let columns: Vec<String> = batch.iter().map(|(name, values)| column(name, values)).collect();
            let given: Vec<String> =
                [format!("columns part {}{as_of}", batch.len())].into_iter().chain(columns).collect();
            self.tell(&given.join("\n"))?;
            self.tell("merge whole part")?;
        }
        // The driver loads what it saves and compares.
        self.tell("save whole")?;
        self.json(&format!("report whole {}", count.confidence)).map(|rows| lines_of(&rows))
    }
}

/// A column as the driver reads it: its name, its type and a value a tab; an empty value is missing.
fn column(name: &str, values: &Values) -> String {
    fn numbers<T: ToString>(list: &[Option<T>]) -> Vec<String> {
        list.iter().map(|v| v.as_ref().map_or(String::new(), T::to_string)).collect()
    }
    let escaped = |text: &str| match text {
        "" => "\\e".to_owned(),
        text => text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n"),
    };
    let (kind, list) = match values {
        Values::Instants(v) => ("instant", numbers(v)),
        Values::Integers(v) => ("integer", numbers(v)),
        Values::Seconds(v) => ("seconds", numbers(v)),
        Values::Texts(v) => ("text", v.iter().map(|v| v.as_deref().map_or(String::new(), escaped)).collect()),
    };
    [name.to_owned(), kind.to_owned()].into_iter().chain(list).collect::<Vec<_>>().join("\t")
}

impl Backend for C {
    fn language(&self) -> &'static str {
        "c"
    }

    fn function(&mut self, name: &str, arguments: Map<String, Value>) -> Result<Value, Refusal> {
        let mut request = Map::new();
        request.insert("function".to_owned(), name.into());
        request.extend(arguments.clone());
        let found = self.json(&format!("call {}", Value::Object(request)));
        found.map_err(|e| with_reason(e, || Rust.function(name, arguments).err()))
    }

    fn count(&mut self, count: &Count) -> Result<Vec<Line>, Refusal> {
        self.lines(count).map_err(|e| with_reason(e, || Rust.count(count).err()))
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
        let files = std::fs::read_dir(source.join("csat")).into_iter().flatten().flatten();
        let names: Vec<String> = files.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
        if names.iter().any(|n| n.starts_with("_csat.") && [Some("so"), Some("pyd")].contains(&n.rsplit('.').next())) {
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
