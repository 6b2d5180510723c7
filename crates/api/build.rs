//! Looks for the built web app in `web/dist/app` and writes the table of its files that `webapp` includes. Where the
//! app was not built, the table is empty: the program compiles and runs without it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let dist = manifest.join("../../web/dist");
    // This folder is always there, what is built into it not: a path that is missing would be looked for, and this
    // crate compiled, at every build.
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let root = dist.join("app");
    let mut files = Vec::new();
    if root.is_dir() {
        collect(&root, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let Ok(relative) = file.strip_prefix(&root) else {
            continue;
        };
        let path = format!("/{}", relative.to_string_lossy().replace('\\', "/"));
        let bytes = fs::read(file)?;
        let packed = |extension: &str| {
            let mut name = file.clone().into_os_string();
            name.push(extension);
            let packed = PathBuf::from(name);
            if packed.is_file() {
                format!("Some(include_bytes!({:?}))", packed.display().to_string())
            } else {
                "None".to_owned()
            }
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "    File {{ path: {path:?}, content_type: {:?}, tag: \"\\\"{:016x}\\\"\", plain: include_bytes!({:?}), \
             brotli: {}, gzip: {} }},",
            content_type(file),
            fingerprint(&bytes),
            file.display().to_string(),
            packed(".br"),
            packed(".gz"),
        );
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").map_or_else(PathBuf::new, PathBuf::from);
    fs::write(out.join("webapp.rs"), table)
}

/// Every file below, but those that are another one compressed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if !path.extension().is_some_and(|end| end == "br" || end == "gz") {
            files.push(path);
        }
    }
    Ok(())
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// FNV-1a, 64 bits: the files are ours, and only compared with themselves.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
