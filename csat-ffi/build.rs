//! Names the shared library for the dynamic linker. The number is the ABI version and changes only with it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "android") => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libcsat.so.0");
        }
        Ok("macos") => println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libcsat.0.dylib"),
        _ => {}
    }
}
