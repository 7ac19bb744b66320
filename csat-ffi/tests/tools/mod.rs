//! What the tests that compile C share: compilers, flags, the built library.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Language, compiler and its flags.
pub(crate) const LANGUAGES: [(&str, &str, &[&str]); 4] = [
    ("c99", "gcc", &["-std=c99", "-DNDEBUG", "-O2"]),
    ("c11", "gcc", &["-std=c11"]),
    ("c17", "gcc", &["-std=c17", "-g"]),
    ("c++17", "g++", &["-std=c++17", "-x", "c++"]),
];
const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-pedantic", "-Werror"];
/// What a static library of Rust needs beside libc; csat.pc says the same.
pub(crate) const STATIC_NEEDS: [&str; 3] = ["-lpthread", "-ldl", "-lm"];

/// Whether a tool is installed; prints a line if it is not.
pub(crate) fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        println!("skipped: `{tool}` is not installed");
    }
    found
}

/// Runs a command that must succeed and gives what it prints.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder with the library under the names a linker and a program look for.
pub(crate) struct Build {
    folder: PathBuf,
}

impl Build {
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("c-{}-{number}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for link in ["libcsat.so", "libcsat.so.0"] {
            let _ = std::fs::remove_file(folder.join(link));
            std::os::unix::fs::symlink(Self::library("so"), folder.join(link)).unwrap();
        }
        Self { folder }
    }

    /// The library that cargo built beside this test.
    pub(crate) fn library(extension: &str) -> PathBuf {
        let test = std::env::current_exe().unwrap();
        test.parent().unwrap().join(format!("libcsat.{extension}"))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn compile(&self, source: &Path, name: &str, compiler: &str, flags: &[&str]) -> (Command, PathBuf) {
        let program = self.folder.join(name);
        let mut command = Command::new(compiler);
        command.args(flags).args(STRICT).arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"));
        if cfg!(debug_assertions) {
            command.arg("-DCSAT_TEST_PANIC");
        }
        command.arg("-o").arg(&program).arg(source);
        (command, program)
    }

    /// Compiles a program that uses the shared library.
    pub(crate) fn program(&self, source: &Path, name: &str, compiler: &str, flags: &[&str]) -> PathBuf {
        let (mut command, program) = self.compile(source, name, compiler, flags);
        // After `-x c++` a library would be taken for source.
        command.args(["-x", "none"]).arg("-L").arg(&self.folder).arg("-lcsat").arg("-lpthread");
        run(command.arg(format!("-Wl,-rpath,{}", self.folder.display())));
        program
    }

    /// Compiles a program with the library inside.
    pub(crate) fn program_static(&self, source: &Path, name: &str) -> PathBuf {
        let (_, compiler, flags) = LANGUAGES[1];
        let (mut command, program) = self.compile(source, name, compiler, flags);
        run(command.arg(Self::library("a")).args(STATIC_NEEDS));
        program
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
