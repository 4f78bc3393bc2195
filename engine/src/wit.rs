//! Conversion of WIT packages from and to text.

use crate::binary::problem_of;
use crate::ffi::*;
use std::collections::HashMap;
use std::path::Path;
use wasmparser::{BinaryReaderError, Parser};
use wit_component::WitPrinter;
use wit_parser::{
    InterfaceId, PackageId, ParseError, Resolve, ResolveError, SourceMap, Span, World, WorldItem,
    WorldKey,
};

include!(concat!(env!("OUT_DIR"), "/wasi_packages.rs"));

pub const TENON_ENGINE_WIT_INTERFACE: u8 = 0;
pub const TENON_ENGINE_WIT_WORLD: u8 = 1;
pub const TENON_ENGINE_WIT_TYPE: u8 = 2;
pub const TENON_ENGINE_WIT_FUNCTION: u8 = 3;
pub const TENON_ENGINE_WIT_IMPORT: u8 = 4;
pub const TENON_ENGINE_WIT_EXPORT: u8 = 5;

struct Item {
    kind: u8,
    path: String,
    file: String,
    line: u32,
    column: u32,
}

/// An encoded WIT package, and the positions of its items in the text.
pub struct tenon_engine_wit_t {
    package: String,
    binary: Vec<u8>,
    items: Vec<Item>,
}

#[repr(C)]
pub struct tenon_engine_wit_view_t<'a> {
    package: tenon_engine_slice_t<'a>,
    binary: tenon_engine_slice_t<'a>,
    item_count: usize,
}

#[repr(C)]
pub struct tenon_engine_wit_item_t<'a> {
    path: tenon_engine_slice_t<'a>,
    file: tenon_engine_slice_t<'a>,
    line: u32,
    column: u32,
    kind: u8,
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wit_encode_path(
    path: &tenon_engine_slice_t<'_>,
    wit: &mut Option<Box<tenon_engine_wit_t>>,
) -> Refused {
    guard_problem(|| {
        let path = Path::new(path.text().map_err(tenon_engine_problem_t::new)?);
        let mut resolve = Resolve::default();
        let pushed = if path.is_dir() {
            resolve.push_dir(path).map(|(package, _sources)| package)
        } else {
            resolve.push_file(path)
        };
        *wit = Some(Box::new(encode(resolve, pushed, Texts::default())?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wit_encode_text(
    file: &tenon_engine_slice_t<'_>,
    text: &tenon_engine_slice_t<'_>,
    wit: &mut Option<Box<tenon_engine_wit_t>>,
) -> Refused {
    guard_problem(|| {
        let file = file.text().map_err(tenon_engine_problem_t::new)?;
        let text = text.text().map_err(tenon_engine_problem_t::new)?;
        let mut resolve = Resolve::default();
        let pushed = resolve.push_str(file, text);
        let texts = Texts(HashMap::from([(file.to_string(), text.to_string())]));
        *wit = Some(Box::new(encode(resolve, pushed, texts)?));
        Ok(())
    })
}

fn encode(
    resolve: Resolve,
    pushed: anyhow::Result<PackageId>,
    mut texts: Texts,
) -> Result<tenon_engine_wit_t, tenon_engine_problem_t> {
    let encoded = pushed.and_then(|package| {
        let binary = wit_component::encode(&resolve, package)?;
        Ok((package, binary))
    });
    let (package, binary) =
        encoded.map_err(|error| problem_at(&resolve.source_map, &error, &mut texts))?;
    Ok(tenon_engine_wit_t {
        package: resolve.packages[package].name.to_string(),
        binary,
        items: items_of(&resolve, &mut texts),
    })
}

/// Source texts by the names that a `SourceMap` uses. Files are read again when they are needed.
#[derive(Default)]
struct Texts(HashMap<String, String>);

struct Place {
    file: String,
    line: u32,
    column: u32,
    excerpt: String,
}

impl Texts {
    fn place(&mut self, sources: &SourceMap, span: Span) -> Option<Place> {
        let source = sources.resolve_span(span)?;
        let text = self
            .0
            .entry(source.path.to_string())
            .or_insert_with(|| std::fs::read_to_string(source.path).unwrap_or_default());
        let (line, column, excerpt) = locate(text, source.range.start, source.range.end);
        Some(Place {
            file: source.path.to_string(),
            line,
            column,
            excerpt,
        })
    }
}

fn problem_at(
    sources: &SourceMap,
    error: &anyhow::Error,
    texts: &mut Texts,
) -> tenon_engine_problem_t {
    let placed = error.chain().find_map(|layer| {
        if let Some(error) = layer.downcast_ref::<ParseError>() {
            Some((error.kind().span(), error.to_string()))
        } else {
            let error = layer.downcast_ref::<ResolveError>()?;
            Some((error.kind().span(), error.to_string()))
        }
    });
    let Some((span, message)) = placed else {
        return tenon_engine_problem_t::new(format!("{error:#}"));
    };
    let mut problem = tenon_engine_problem_t::new(message);
    if let Some(place) = texts.place(sources, span) {
        problem.file = place.file;
        problem.line = place.line;
        problem.column = place.column;
        problem.excerpt = place.excerpt;
    }
    problem
}

/// Collects the items of one package, with spans to sort them by.
struct ItemCollector<'a> {
    resolve: &'a Resolve,
    items: Vec<(Span, u8, String)>,
}

fn items_of(resolve: &Resolve, texts: &mut Texts) -> Vec<Item> {
    let mut items = Vec::new();
    for package in resolve.topological_packages() {
        let mut collector = ItemCollector {
            resolve,
            items: Vec::new(),
        };
        collector.add_package(package);
        // Items that were decoded from a binary have no position.
        collector.items.retain(|(span, ..)| span.is_known());
        collector.items.sort_by_key(|(span, ..)| span.start());
        for (span, kind, path) in collector.items {
            if let Some(place) = texts.place(&resolve.source_map, span) {
                items.push(Item {
                    kind,
                    path,
                    file: place.file,
                    line: place.line,
                    column: place.column,
                });
            }
        }
    }
    items
}

impl ItemCollector<'_> {
    fn add(&mut self, span: Span, kind: u8, path: String) {
        self.items.push((span, kind, path));
    }

    fn add_package(&mut self, package: PackageId) {
        let resolve = self.resolve;
        for (name, id) in &resolve.packages[package].interfaces {
            let path = resolve.id_of_name(package, name);
            self.add(
                resolve.interfaces[*id].span,
                TENON_ENGINE_WIT_INTERFACE,
                path.clone(),
            );
            self.add_interface(*id, &path);
        }
        for (name, id) in &resolve.packages[package].worlds {
            let path = resolve.id_of_name(package, name);
            self.add(
                resolve.worlds[*id].span,
                TENON_ENGINE_WIT_WORLD,
                path.clone(),
            );
            let world = &resolve.worlds[*id];
            self.add_world_items(world, &path, TENON_ENGINE_WIT_IMPORT, &world.imports);
            self.add_world_items(world, &path, TENON_ENGINE_WIT_EXPORT, &world.exports);
        }
    }

    fn add_interface(&mut self, id: InterfaceId, path: &str) {
        let interface = &self.resolve.interfaces[id];
        for (name, ty) in &interface.types {
            let span = self.resolve.types[*ty].span;
            self.add(span, TENON_ENGINE_WIT_TYPE, format!("{path}#{name}"));
        }
        for (name, function) in &interface.functions {
            self.add(
                function.span,
                TENON_ENGINE_WIT_FUNCTION,
                format!("{path}#{name}"),
            );
        }
    }

    fn add_world_items<'k>(
        &mut self,
        world: &World,
        world_path: &str,
        kind: u8,
        items: impl IntoIterator<Item = (&'k WorldKey, &'k WorldItem)>,
    ) {
        let word = if kind == TENON_ENGINE_WIT_IMPORT {
            "import"
        } else {
            "export"
        };
        for (key, item) in items {
            let name = self.resolve.name_world_key(key);
            let path = format!("{world_path}#{word}:{name}");
            match item {
                WorldItem::Type { span, .. } => {
                    let path = format!("{world_path}#{name}");
                    self.add(*span, TENON_ENGINE_WIT_TYPE, path);
                }
                WorldItem::Function(function) => self.add(function.span, kind, path),
                WorldItem::Interface { id, span, .. } => {
                    let interface = &self.resolve.interfaces[*id];
                    let written_here = interface.name.is_none();
                    // wit-parser 0.254 drops the position of an interface that a world imports.
                    let fallback = if written_here {
                        interface.span
                    } else {
                        world.span
                    };
                    let span = if span.is_known() { *span } else { fallback };
                    self.add(span, kind, path.clone());
                    if written_here {
                        self.add_interface(*id, &path);
                    }
                }
            }
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wit_get<'a>(
    wit: &'a tenon_engine_wit_t,
    view: &mut tenon_engine_wit_view_t<'a>,
) {
    *view = tenon_engine_wit_view_t {
        package: tenon_engine_slice_t::new(wit.package.as_bytes()),
        binary: tenon_engine_slice_t::new(&wit.binary),
        item_count: wit.items.len(),
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wit_item_get<'a>(
    wit: &'a tenon_engine_wit_t,
    index: usize,
    view: &mut tenon_engine_wit_item_t<'a>,
) -> bool {
    let Some(item) = wit.items.get(index) else {
        return false;
    };
    *view = tenon_engine_wit_item_t {
        path: tenon_engine_slice_t::new(item.path.as_bytes()),
        file: tenon_engine_slice_t::new(item.file.as_bytes()),
        line: item.line,
        column: item.column,
        kind: item.kind,
    };
    true
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wit_delete(_wit: Box<tenon_engine_wit_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wit_print(
    binary: &tenon_engine_slice_t<'_>,
    text: &mut tenon_engine_bytes_t,
) -> Refused {
    guard_problem(|| {
        let refused = |error: anyhow::Error| match error.downcast_ref::<BinaryReaderError>() {
            Some(error) => problem_of(error),
            None => tenon_engine_problem_t::new(format!("{error:#}")),
        };
        if Parser::is_core_wasm(binary.bytes()) {
            return Err(tenon_engine_problem_t::new("a core module has no WIT"));
        }
        let decoded = wit_component::decode(binary.bytes()).map_err(refused)?;
        let (resolve, main) = (decoded.resolve(), decoded.package());
        // The order of `wasm-tools component wit`: the main package, then the others.
        let others: Vec<PackageId> = resolve
            .packages
            .iter()
            .map(|(id, _)| id)
            .filter(|id| *id != main)
            .collect();
        let mut printer = WitPrinter::default();
        printer.print(resolve, main, &others).map_err(refused)?;
        text.set(printer.output.to_string().into_bytes());
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wasi_package(
    minor: u32,
    index: usize,
    name: &mut tenon_engine_slice_t<'static>,
    binary: &mut tenon_engine_slice_t<'static>,
) -> bool {
    let mut track = WASI_PACKAGES.iter().filter(|package| package.0 == minor);
    let Some((_, package, bytes)) = track.nth(index) else {
        return false;
    };
    *name = tenon_engine_slice_t::new(package.as_bytes());
    *binary = tenon_engine_slice_t::new(bytes);
    true
}
