//! Encodes the WIT that wasmtime-wasi-http ships, which includes that of wasmtime-wasi.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wit_parser::Resolve;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.lock");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let wasi = source_folder("wasmtime-wasi-http");
    let mut table = String::from("static WASI_PACKAGES: &[(u32, &str, &[u8])] = &[\n");
    let (http_02, http_03) = (["types", "outgoing-handler"], ["types", "client"]);
    encode_track(&wasi.join("wit"), 2, &http_02, &out, &mut table);
    encode_track(&wasi.join("src/p3/wit"), 3, &http_03, &out, &mut table);
    table.push_str("];\n");
    fs::write(out.join("wasi_packages.rs"), table).unwrap();
}

/// Encodes each package under `folder`, dependencies first, and adds a row for it to `table`. The last
/// package has a world that imports what hosts provide: that of `wasi:cli`, and these interfaces of
/// `wasi:http`.
/// Items marked `@unstable` are left out, which is the parser's default.
fn encode_track(folder: &Path, minor: u32, http: &[&str], out: &Path, table: &mut String) {
    let mut resolve = Resolve::default();
    let (main, _) = resolve.push_dir(folder).expect("WIT of wasmtime-wasi-http");
    let world = write_world(&resolve, http);
    resolve.push_str("tenon.wit", &world).expect(&world);
    for package in resolve.topological_packages() {
        if package == main {
            continue; // only a world for the bindings of wasmtime-wasi
        }
        let name = resolve.packages[package].name.to_string();
        // Relative to the file of the table: a whole path would change the hash of our crate from folder to folder.
        let file = name.replace([':', '@'], "_") + ".wasm";
        let encoded = wit_component::encode(&resolve, package).unwrap();
        fs::write(out.join(&file), encoded).unwrap();
        writeln!(table, "    ({minor}, {name:?}, include_bytes!({file:?})),").unwrap();
    }
}

/// The text of that package.
fn write_world(resolve: &Resolve, http: &[&str]) -> String {
    let version = |name: &str| {
        let mut names = resolve.package_names.keys();
        let package = names.find(|package| package.namespace == "wasi" && package.name == name);
        package.expect(name).version.clone().expect("a version")
    };
    let mut text = format!(
        "package tenon:wasi@{0};\nworld imports {{\n  include wasi:cli/imports@{0};\n",
        version("cli")
    );
    for interface in http {
        let version = version("http");
        writeln!(text, "  import wasi:http/{interface}@{version};").unwrap();
    }
    text + "}\n"
}

/// The folder of a dependency's sources.
fn source_folder(name: &str) -> PathBuf {
    let output = Command::new(env::var_os("CARGO").unwrap())
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", &env::var("TARGET").unwrap()])
        .current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .output()
        .expect("cargo metadata");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {error}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == name);
    let manifest = package.expect(name)["manifest_path"].as_str().unwrap();
    Path::new(manifest).parent().unwrap().to_path_buf()
}
