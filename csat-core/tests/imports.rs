//! Imports point one way: the rooms of the library are listed in `docs/DESIGN.md`, from the ground up, and a room uses
//! itself and those before it.

use std::fs;
use std::path::{Path, PathBuf};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
const DESIGN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/DESIGN.md");

/// The rooms as DESIGN lists them: the block of text after the question about imports.
fn rooms() -> Vec<String> {
    let design = fs::read_to_string(DESIGN).unwrap();
    let (_, rest) = design.split_once("### Which way do imports point?").expect("the question is in DESIGN");
    let block = rest.split("```").nth(1).expect("a block of text");
    block.trim_start_matches("text").split_whitespace().map(str::to_owned).collect()
}

/// The room in which something at the root of the crate lives: a module, a re-export or a macro.
fn room(name: &str) -> &str {
    match name {
        "Error" | "ErrorKind" | "Result" => "error",
        "answer_fields" => "answer",
        "functions" => "door",
        "Estimate" => "estimate",
        "Measure" => "measure",
        "Report" => "report",
        "Plan" | "Tally" => "tally",
        "Recipe" => "catalogue",
        module => module,
    }
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// The names that follow `crate::` in a line of code; several between braces.
fn used(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).flat_map(|rest| {
        let list = rest.strip_prefix('{').map_or(rest, |rest| rest.split('}').next().unwrap_or(rest));
        let count = if rest.starts_with('{') { usize::MAX } else { 1 };
        list.split(',').take(count).map(|name| {
            let name = name.trim();
            &name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())]
        })
    })
}

#[test]
fn a_room_uses_only_those_before_it() {
    let rooms = rooms();
    let floor = |name: &str| rooms.iter().position(|room| room == name);
    let mut files = Vec::new();
    sources(Path::new(SOURCES), &mut files);
    let mut seen = vec![false; rooms.len()];
    let mut wrong = Vec::new();
    for file in files {
        let path = file.strip_prefix(SOURCES).unwrap();
        let first = path.iter().next().unwrap().to_str().unwrap();
        let Some(own) = (if first == "lib.rs" { continue } else { floor(first.trim_end_matches(".rs")) }) else {
            wrong.push(format!("`{first}` is not listed in DESIGN"));
            continue;
        };
        seen[own] = true;
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for name in used(line.split("//").next().unwrap_or(line)) {
                if floor(room(name)).is_none_or(|floor| floor > own) {
                    wrong.push(format!("{}:{}: `{}` uses `{name}`", path.display(), number + 1, rooms[own]));
                }
            }
        }
    }
    rooms.iter().zip(seen).filter(|(_, seen)| !seen).for_each(|(room, _)| wrong.push(format!("no room `{room}`")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
