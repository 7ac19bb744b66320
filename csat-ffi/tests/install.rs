//! `make install` into a folder of its own, and an example built against what was installed.

mod tools;

use std::path::Path;
use std::process::Command;

use tools::{Build, STATIC_NEEDS, has, repository, run};

fn make(target: &str, prefix: &Path) {
    let built = Build::library("so");
    let mut command = Command::new("make");
    command.arg("-C").arg(env!("CARGO_MANIFEST_DIR")).arg(target).arg(format!("PREFIX={}", prefix.display()));
    run(command.arg(format!("BUILT={}", built.parent().unwrap().display())));
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found.sort();
    found
}

#[test]
fn an_example_builds_against_the_installed_library() {
    if !has("make") || !has("gcc") {
        return;
    }
    let build = Build::new();
    let prefix = build.folder().join("prefix");
    make("install", &prefix);
    let version = format!("libcsat.so.{}", env!("CARGO_PKG_VERSION"));
    let installed = ["csat.h", "csat.pc", "libcsat.a", "libcsat.so", "libcsat.so.0", &version];
    assert_eq!(files(&prefix), installed);

    let library = prefix.join("lib");
    let pc = std::fs::read_to_string(library.join("pkgconfig/csat.pc")).unwrap();
    assert!(!pc.contains('@'), "{pc}");
    let needs = pc.lines().find_map(|line| line.strip_prefix("Libs.private: ")).unwrap();
    assert_eq!(needs.split(' ').collect::<Vec<_>>(), STATIC_NEEDS);
    let flags = |more: &[&str]| -> Vec<String> {
        if has("pkg-config") {
            let mut command = Command::new("pkg-config");
            command.env("PKG_CONFIG_PATH", library.join("pkgconfig")).args(["--cflags", "--libs"]).args(more);
            return run(command.arg("csat")).split_whitespace().map(str::to_owned).collect();
        }
        vec![format!("-I{}", prefix.join("include").display()), format!("-L{}", library.display()), "-lcsat".into()]
    };
    let data = repository().join("examples/data");
    let source = repository().join("examples/c/story.c");
    let shared = build.folder().join("story");
    let compile = || {
        let mut command = Command::new("gcc");
        command.args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]).arg(&source);
        command
    };
    run(compile().arg("-o").arg(&shared).args(flags(&[])));
    let printed = run(Command::new(&shared).arg(&data).env("LD_LIBRARY_PATH", &library));
    assert!(printed.lines().count() > 5);
    if has("pkg-config") {
        let alone = build.folder().join("story-static");
        // The static library by its name, and the system's own libraries as they are.
        let flags = flags(&["--static"]).iter().map(|flag| flag.replace("-lcsat", "-l:libcsat.a")).collect::<Vec<_>>();
        run(compile().arg("-o").arg(&alone).args(flags));
        assert_eq!(run(Command::new(&alone).arg(&data)), printed);
    }
    make("uninstall", &prefix);
    assert_eq!(files(&prefix), Vec::<String>::new());
}
