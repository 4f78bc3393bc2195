//! Makes components of every world in the tests of wit-parser, for tools/check_worlds.py.
//!
//! Usage: worlds TESTS OUT
//!
//! TESTS is the folder tests/ui of wit-parser. Of each world of each test, OUT gets two components:
//!   OUT/TEST/NAMESPACE-PACKAGE[@VERSION]/WORLD/consumer.wasm   the world as it is
//!   OUT/TEST/NAMESPACE-PACKAGE[@VERSION]/WORLD/provider.wasm   exports what the consumer imports
//! Most tests have interfaces and no worlds. So each interface gets a world of its own, which imports
//! and exports it, and each test that has not one interface gets a world `all`, which imports and
//! exports all of them.
//!
//! OUT/index.json lists all worlds. If a component cannot be made, its row has the reason.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{
    Field, Flag, InterfaceId, LiftLowerAbi, ManglingAndAbi, PackageName, Resolve, Type,
    TypeDefKind, TypeId, WorldId, WorldItem, WorldKey,
};

/// One test of wit-parser, parsed. `features` says which feature gates were open: `all` or `active`.
struct Test {
    name: String,
    resolve: Resolve,
    features: &'static str,
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let [_, tests, out] = words.as_slice() else { bail!("usage: worlds TESTS OUT") };
    let mut index = Vec::new();
    for path in find_tests(Path::new(tests))? {
        let test = read_test(&path)?;
        write_test(test, Path::new(out), &mut index)?;
    }
    fs::write(Path::new(out).join("index.json"), serde_json::to_string_pretty(&index)?)?;
    Ok(())
}

/// Returns the tests that are expected to parse, sorted by name.
fn find_tests(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut tests = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {folder:?}"))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name == "parse-fail") {
            continue;
        }
        let is_text = path.extension().is_some_and(|suffix| suffix == "wit" || suffix == "wat");
        if path.is_dir() || is_text {
            if !path.with_extension("wit.json").exists() {
                bail!("{path:?} has no .wit.json: a test that has to parse has one");
            }
            tests.push(path);
        }
    }
    tests.sort();
    Ok(tests)
}

/// Parses a test with all features enabled. Some tests are wrong behind a gate that wit-parser's own runner
/// leaves closed; these are parsed with the runner's feature, `active`.
fn read_test(path: &Path) -> Result<Test> {
    let name =
        path.file_stem().and_then(|stem| stem.to_str()).context("a name that is not text")?;
    let mut resolve = Resolve { all_features: true, ..Default::default() };
    if resolve.push_path(path).is_ok() {
        return Ok(Test { name: name.to_string(), resolve, features: "all" });
    }
    resolve = Resolve::default();
    resolve.features.insert("active".to_string());
    resolve.push_path(path).with_context(|| format!("{path:?} does not parse"))?;
    Ok(Test { name: name.to_string(), resolve, features: "active" })
}

fn write_test(mut test: Test, out: &Path, index: &mut Vec<Value>) -> Result<()> {
    let worlds: Vec<WorldId> = test.resolve.worlds.iter().map(|(id, _)| id).collect();
    let interfaces: Vec<InterfaceId> = test
        .resolve
        .interfaces
        .iter()
        .filter(|(_, interface)| interface.name.is_some() && interface.package.is_some())
        .map(|(id, _)| id)
        .collect();
    fill_empty_types(&mut test.resolve);
    for world in worlds {
        let name = world_name(&test, world);
        write_world(&test, &name, "world", Ok(world), out, index)?;
    }
    for &interface in &interfaces {
        let name = interface_name(&test, interface);
        let world = add_world(&mut test.resolve, &[interface], index.len());
        write_world(&test, &name, "interface", world, out, index)?;
    }
    if interfaces.len() == 1 {
        return Ok(());
    }
    let name = format!("{}/all", test.name);
    let world = add_world(&mut test.resolve, &interfaces, index.len());
    write_world(&test, &name, "all", world, out, index)
}

/// WIT allows empty records, tuples and flags, but the binary format does not: each gets one member.
fn fill_empty_types(resolve: &mut Resolve) {
    let filler = "filler".to_string();
    for (_, definition) in resolve.types.iter_mut() {
        match &mut definition.kind {
            TypeDefKind::Record(record) if record.fields.is_empty() => record.fields.push(Field {
                name: filler.clone(),
                ty: Type::U8,
                docs: Default::default(),
                span: Default::default(),
            }),
            TypeDefKind::Tuple(tuple) if tuple.types.is_empty() => tuple.types.push(Type::U8),
            TypeDefKind::Flags(flags) if flags.flags.is_empty() => flags.flags.push(Flag {
                name: filler.clone(),
                docs: Default::default(),
                span: Default::default(),
            }),
            _ => {}
        }
    }
}

/// TEST/NAMESPACE-PACKAGE[@VERSION]/ITEM
fn item_name(test: &Test, package: &PackageName, item: &str) -> String {
    let version = package.version.as_ref().map(|text| format!("@{text}")).unwrap_or_default();
    format!("{}/{}-{}{version}/{item}", test.name, package.namespace, package.name)
}

fn world_name(test: &Test, world: WorldId) -> String {
    let world = &test.resolve.worlds[world];
    let package = world.package.expect("a world of a test has a package");
    item_name(test, &test.resolve.packages[package].name, &world.name)
}

fn interface_name(test: &Test, interface: InterfaceId) -> String {
    let interface = &test.resolve.interfaces[interface];
    let package = interface.package.expect("only interfaces of a package are asked for");
    item_name(test, &test.resolve.packages[package].name, interface.name.as_deref().unwrap_or("-"))
}

/// Adds a world that imports and exports the interfaces. `serial` makes the name of its package unique.
fn add_world(resolve: &mut Resolve, interfaces: &[InterfaceId], serial: usize) -> Result<WorldId> {
    let mut text = format!("package tenon:made{serial};\nworld made {{\n");
    for &id in interfaces {
        let interface = &resolve.interfaces[id];
        let package = &resolve.packages[interface.package.expect("of a package")].name;
        let version = package.version.as_ref().map(|text| format!("@{text}")).unwrap_or_default();
        let name = interface.name.as_deref().expect("named");
        let path = format!("%{}:%{}/%{name}{version}", package.namespace, package.name);
        text += &format!("  import {path};\n  export {path};\n");
    }
    text += "}\n";
    let package = resolve.push_source("made.wit", &text)?;
    Ok(resolve.packages[package].worlds["made"])
}

/// Writes both components of a world, and its row of the index.
fn write_world(
    test: &Test,
    name: &str,
    kind: &str,
    world: Result<WorldId>,
    out: &Path,
    index: &mut Vec<Value>,
) -> Result<()> {
    let mut row = json!({"name": name, "kind": kind, "features": test.features});
    let folder = out.join(name);
    fs::create_dir_all(&folder)?;
    match world {
        Err(error) => row["consumer_refused"] = json!(format!("{error:#}")),
        Ok(world) => {
            write_component(encode(&test.resolve, world), &folder, "consumer", &mut row)?;
            row["needs_provider"] = json!(needs_provider(&test.resolve, world));
            match make_provider(&test.resolve, world) {
                Ok(Provider::Of(resolve)) => {
                    write_component(encode(&resolve, world), &folder, "provider", &mut row)?;
                }
                Ok(Provider::NotNeeded) => {}
                Ok(Provider::RootResources) => row["root_resources"] = json!(true),
                Err(error) => row["provider_refused"] = json!(format!("{error:#}")),
            }
        }
    }
    index.push(row);
    Ok(())
}

fn write_component(
    made: Result<Vec<u8>>,
    folder: &Path,
    role: &str,
    row: &mut Value,
) -> Result<()> {
    match made {
        Ok(bytes) => {
            fs::write(folder.join(format!("{role}.wasm")), bytes)?;
            row[role] = json!(true);
        }
        Err(error) => row[format!("{role}_refused")] = json!(format!("{error:#}")),
    }
    Ok(())
}

enum Provider {
    /// A copy in which the world is the provider's.
    Of(Box<Resolve>),
    /// The world imports nothing but types.
    NotNeeded,
    /// The world imports root resources, which wit-component cannot export.
    RootResources,
}

/// Turns the world's imports into exports.
fn make_provider(resolve: &Resolve, world: WorldId) -> Result<Provider> {
    let imports = &resolve.worlds[world].imports;
    let is_root_resource = |item: &WorldItem| match item {
        WorldItem::Type { id, .. } => matches!(resolve.types[*id].kind, TypeDefKind::Resource),
        _ => false,
    };
    if imports.values().any(is_root_resource) {
        return Ok(Provider::RootResources);
    }
    if imports.values().all(|item| matches!(item, WorldItem::Type { .. })) {
        return Ok(Provider::NotNeeded);
    }
    let has_functions = imports.values().any(|item| matches!(item, WorldItem::Function(_)));
    let mut provider = resolve.clone();
    if !has_functions {
        // Only functions use root types. Without any, a root type would keep the import of the interface that
        // it comes from, which the provider exports.
        provider.worlds[world]
            .imports
            .retain(|_, item| matches!(item, WorldItem::Interface { .. }));
    }
    let is_exported = |_: &WorldKey, item: &WorldItem| !matches!(item, WorldItem::Type { .. });
    provider.exportize(world, None, Some(&is_exported))?;
    Ok(Provider::Of(Box::new(provider)))
}

/// True if an import has functions or resources. Interfaces of value types alone need no provider.
fn needs_provider(resolve: &Resolve, world: WorldId) -> bool {
    resolve.worlds[world].imports.values().any(|item| match item {
        WorldItem::Interface { id, .. } => {
            let interface = &resolve.interfaces[*id];
            let makes = |id: &TypeId| matches!(resolve.types[*id].kind, TypeDefKind::Resource);
            !interface.functions.is_empty() || interface.types.values().any(makes)
        }
        WorldItem::Function(_) => true,
        WorldItem::Type { .. } => false,
    })
}

/// A component of the world whose functions trap.
fn encode(resolve: &Resolve, world: WorldId) -> Result<Vec<u8>> {
    let shortened = shorten_uses(resolve, world);
    let resolve = shortened.as_ref().unwrap_or(resolve);
    let mut module =
        dummy_module(resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::AsyncCallback));
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}

/// Returns a copy with shorter chains of `use` if the encoder could not handle the world, else `None`.
///
/// `Resolve::merge_worlds` of wit-parser 0.254, called by the encoder, follows every path of `use` from an
/// exported interface, which takes exponential time: there are 10^9 paths in `stress-export-elaborate`.
/// In the copy, exported interfaces take their types from the defining interface directly. The imports of
/// the world and the meaning of all types stay the same.
fn shorten_uses(resolve: &Resolve, world: WorldId) -> Option<Resolve> {
    const MANY: u64 = 100_000;
    let exported = resolve.worlds[world].exports.values().filter_map(|item| match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    });
    let exported: Vec<InterfaceId> = exported.collect();
    let mut counted = HashMap::new();
    let paths = exported.iter().map(|id| count_uses(resolve, *id, &mut counted)).max()?;
    if paths < MANY {
        return None;
    }
    let mut shortened = resolve.clone();
    for id in exported {
        for alias in resolve.interfaces[id].types.values() {
            let mut definition = *alias;
            while let TypeDefKind::Type(Type::Id(next)) = resolve.types[definition].kind {
                definition = next;
            }
            if definition != *alias {
                shortened.types[*alias].kind = TypeDefKind::Type(Type::Id(definition));
            }
        }
    }
    Some(shortened)
}

/// The number of paths of `use` from an interface.
fn count_uses(resolve: &Resolve, id: InterfaceId, counted: &mut HashMap<InterfaceId, u64>) -> u64 {
    if let Some(paths) = counted.get(&id) {
        return *paths;
    }
    let used: Vec<InterfaceId> = resolve.interface_direct_deps(id).collect();
    let paths = used
        .into_iter()
        .fold(1, |sum: u64, next| sum.saturating_add(count_uses(resolve, next, counted)));
    counted.insert(id, paths);
    paths
}
