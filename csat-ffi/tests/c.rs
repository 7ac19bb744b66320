//! Compiles and runs the C programs of tests/c and examples/c, as C and as C++, and looks at what the library exports.
//! A tool that is not installed is named and what needs it is left out.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use tools::{Build, LANGUAGES, has, repository, run};

const FAIL_ON_LEAK: [&str; 6] = [
    "--quiet",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect,possible",
    "--errors-for-leak-kinds=definite,indirect,possible",
    "--error-exitcode=9",
    "--",
];

/// Compiles a program in every language and runs each; the last one under valgrind, too.
fn everywhere(name: &str) {
    let build = Build::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c").join(format!("{name}.c"));
    for (language, compiler, flags) in LANGUAGES {
        if !has(compiler) {
            continue;
        }
        let program = build.program(&source, &format!("{name}-{language}"), compiler, flags);
        run(&mut Command::new(&program));
        if language == "c17" && has("valgrind") {
            run(Command::new("valgrind").args(FAIL_ON_LEAK).arg(&program));
        }
    }
}

#[test]
fn the_life_of_a_tally() {
    everywhere("life");
}

#[test]
fn wrong_inputs_are_refused() {
    everywhere("refuse");
}

#[test]
fn two_tallies_on_two_threads() {
    everywhere("threads");
}

#[test]
fn arrow_streams() {
    everywhere("stream");
}

#[test]
fn the_static_library_links_on_its_own() {
    let build = Build::new();
    if has("gcc") {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/life.c");
        run(&mut Command::new(build.program_static(&source, "life-static")));
    }
}

#[test]
fn only_functions_of_csat_are_exported() {
    if !has("nm") {
        return;
    }
    let listed = run(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(Build::library("so")));
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.len() > 35, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("csat_")), "{names:?}");
    let test_only = names.contains(&"csat_test_panic");
    assert_eq!(test_only, cfg!(debug_assertions));
}

#[test]
fn the_library_has_its_soname() {
    if has("readelf") {
        let dynamic = run(Command::new("readelf").arg("-d").arg(Build::library("so")));
        assert!(dynamic.contains("[libcsat.so.0]"), "{dynamic}");
    }
}

#[test]
fn panics_unwind_in_every_profile() {
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("panic = \"unwind\""), "the release profile says so explicitly");
    assert!(!manifest.contains("panic = \"abort\""), "a library must not end its host");
}

#[test]
fn examples_run() {
    let build = Build::new();
    if !has("gcc") {
        return;
    }
    let examples = repository().join("examples");
    let example = |name: &str| -> PathBuf {
        let (_, compiler, flags) = LANGUAGES[0];
        build.program(&examples.join("c").join(format!("{name}.c")), name, compiler, flags)
    };
    let tail = example("tail_queue_log");
    let printed = run(Command::new(&tail).arg("--once").arg(examples.join("data/queue_log")));
    assert!(printed.contains("service level"), "{printed}");
    let story = example("story");
    let printed = run(Command::new(&story).arg(examples.join("data")));
    assert!(printed.lines().count() > 5 && printed.lines().all(|line| line.split(' ').count() == 5), "{printed}");
    if has("valgrind") {
        let queue_log = examples.join("data/queue_log");
        run(Command::new("valgrind").args(FAIL_ON_LEAK).arg(&tail).arg("--once").arg(queue_log));
        run(Command::new("valgrind").args(FAIL_ON_LEAK).arg(&story).arg(examples.join("data")));
    }
}
