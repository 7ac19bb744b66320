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
fn calendars_and_response_targets() {
    everywhere("clock");
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
    assert!(printed.contains("those of the whole") && printed.lines().count() > 15, "{printed}");
    if has("valgrind") {
        let queue_log = examples.join("data/queue_log");
        run(Command::new("valgrind").args(FAIL_ON_LEAK).arg(&tail).arg("--once").arg(queue_log));
        run(Command::new("valgrind").args(FAIL_ON_LEAK).arg(&story).arg(examples.join("data")));
    }
}

/// What the driver is told and what it answers. The figures: 10, 9, 8 and 3 give an NPS of 25; 2 + 3 contacts.
const DIALOGUE: &[(&str, &str)] = &[
    ("# a comment", ""),
    (r#"call {"function": "share.wilson", "successes": 8, "n": 10}"#, r#"ok {"low":0.49"#),
    (r#"call {"function": "share.wilsons"}"#, "error unknown_name unknown function `share.wilsons`; did you mean"),
    ("explain sl:offered:20s", "ok "),
    (r#"tally a {"measures": ["nps"], "keys": ["dealer"]}"#, "ok"),
    ("columns a 2\nscore\tinteger\t10\t9\t\t8\t3\ndealer\ttext\tn\tn\tn\tn\tn", "ok"),
    ("report a 0.95", r#"ok [{"measure":"nps","keys":{"dealer":"n"},"slot":null,"part":"nps","value":25.0,"#),
    ("like b a", "ok"),
    ("answer b score=10 key.dealer=n", "ok"),
    ("answer b score=99 key.dealer=n", "error bad_value "),
    ("answer b score=9 key.dealer=n bad_rows=set_aside", "ok"),
    ("merge a b", "ok"),
    ("subtract b a", "error below_zero "),
    ("report a none", r#"ok [{"measure":"nps","keys":{"dealer":"n"},"slot":null,"part":"nps","value":50.0,"low":null"#),
    ("save b", "ok 43534154"),
    ("columns a 1\nscore\tinteger\tx", "error driver the columns cannot be read"),
    (r#"tally c {"measures": ["volume"], "every": "30m"}"#, "ok"),
    ("contact c offered=1772438400000000 answered=1772438405000000 ended=1772438465000000", "ok"),
    ("contact c offered=1772438400000000 ended=1772438465000000 outcome=flow_out", "ok"),
    ("window d c 1772438400000000 1772440200000000", "ok"),
    ("roll_up e c -", "ok"),
    ("describe e", r#"ok {"plan":{"measures":[{"measure":"volume""#),
    ("memory e", "ok "),
    ("shipped f - chat_8", "ok"),
    ("score f yes\tyes\tyes\tyes\tyes\tyes\tno\tn/a", r#"ok {"score":85.71428571"#),
    ("score f yes", "error invalid_argument "),
    ("log q -", "ok"),
    ("bytes q 1772438400|1.1|s|NONE|ENTERQUEUE||2001|1\\n1772438412|1.1|s|NONE|ABANDON|1|1|12\\n", "ok"),
    ("contacts q", r#"ok [{"call_id":"1.1","queue":"s","agent":null,"caller":"2001","offered":1772438400000000,"#),
    ("report nobody 0.95", "error driver no tally has this name"),
    ("sing", "error driver unknown command"),
];

#[test]
fn the_driver_of_vectors_answers_line_by_line() {
    use std::io::Write;
    if !has("gcc") {
        return;
    }
    let build = Build::new();
    let (_, compiler, flags) = LANGUAGES[0];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/driver.c");
    let driver = build.program(&source, "driver", compiler, flags);
    let mut command = if has("valgrind") { Command::new("valgrind") } else { Command::new(&driver) };
    if command.get_program() == "valgrind" {
        command.args(FAIL_ON_LEAK).arg(&driver);
    }
    let script: Vec<&str> = DIALOGUE.iter().map(|(told, _)| *told).collect();
    let piped = std::process::Stdio::piped;
    let mut child = command.stdin(piped()).stdout(piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = script.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = DIALOGUE.iter().filter(|(_, answer)| !answer.is_empty());
    let mut lines = printed.lines();
    for (told, answer) in expected {
        let line = lines.next().unwrap_or("no more lines");
        assert!(line.starts_with(answer), "{told}\n  {line}");
    }
    assert_eq!(lines.next(), None);
}
