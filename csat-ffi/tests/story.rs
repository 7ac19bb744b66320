//! The story of examples/data is told in Rust, C and Python with the same lines; so is the first example of the README.
//! A language that is not there is named and left out; those of `CSAT_VECTORS_LANGUAGES` must be there.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use tools::{Build, LANGUAGES, has, repository, run};

/// A Python with csat in it: that of `CSAT_PYTHON`, else the one of the path.
fn python() -> Option<PathBuf> {
    let python: PathBuf = std::env::var_os("CSAT_PYTHON").unwrap_or_else(|| "python3".into()).into();
    let there = Command::new(&python).args(["-c", "import csat; csat.__version__"]).output();
    if there.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let named = std::env::var("CSAT_VECTORS_LANGUAGES").unwrap_or_default();
    assert!(!named.contains("python"), "csat is not installed in {}", python.display());
    println!("skipped: csat is not installed in {}", python.display());
    None
}

fn in_c(source: &Path, name: &str, arguments: &[&Path]) -> Option<String> {
    let (_, compiler, flags) = LANGUAGES[0];
    has(compiler).then(|| run(Command::new(Build::new().program(source, name, compiler, flags)).args(arguments)))
}

fn in_python(source: &Path, arguments: &[&Path]) -> Option<String> {
    python().map(|python| run(Command::new(python).arg(source).args(arguments)))
}

#[test]
fn the_story_has_the_same_lines_in_every_language() {
    let examples = repository().join("examples");
    let data = examples.join("data");
    // Built by `cargo test` beside this test.
    let built = std::env::current_exe().unwrap();
    let rust = built.parent().and_then(Path::parent).unwrap().join("examples/story");
    let told: Vec<(&str, Option<String>)> = vec![
        ("Rust", rust.exists().then(|| run(Command::new(&rust).arg(&data)))),
        ("C", in_c(&examples.join("c/story.c"), "told", &[&data])),
        ("Python", in_python(&examples.join("python/story.py"), &[&data])),
    ];
    let told: Vec<(&str, String)> = told.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    println!("told in {:?}", told.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, text) in &told {
        assert!(text.contains("sl:offered:20s"), "{name}: {text}");
        assert!(text.contains("those of the whole") && !text.contains("NOT"), "{name}: {text}");
        assert_eq!(text, &told[0].1, "{name} and {} differ", told[0].0);
    }
}

#[test]
fn the_readme_gives_one_number_in_every_language() {
    let page = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let block = |language: &str| {
        let start = page.find(&format!("```{language}\n")).expect("a block") + language.len() + 4;
        page[start..].split("```").next().unwrap()
    };
    // The Rust block is a documentation test of csat-core and asserts this line.
    let line = block("rust").split("assert_eq!(line, \"").nth(1).unwrap().split('"').next().unwrap();
    let build = Build::new();
    for (language, extension) in [("c", "c"), ("python", "py")] {
        let source = build.folder().join(format!("readme.{extension}"));
        std::fs::write(&source, block(language)).unwrap();
        let printed = if language == "c" { in_c(&source, "readme", &[]) } else { in_python(&source, &[]) };
        assert!(printed.is_none_or(|text| text.trim_end() == line), "{language} prints something other than {line}");
    }
}
