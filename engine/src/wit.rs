//! Conversion of WIT packages from and to text.

use crate::binary::problem_of;
use crate::ffi::*;
use crate::wit_gates::Gates;
use crate::wit_problem::{Context, invalid_problem, parse_problem, resolve_problem};
use crate::wit_source::{Place, Texts};
use wasmparser::{BinaryReaderError, Parser, Validator, WasmFeatures};
use wit_component::WitPrinter;
use wit_parser::decoding::DecodedWasm;
use wit_parser::{
    Docs, InterfaceId, PackageId, ParseError, Resolve, ResolveError, SourceMap, Span, TypeDef,
    TypeDefKind, UnresolvedPackageGroup, World, WorldItem, WorldKey,
};

include!(concat!(env!("OUT_DIR"), "/wasi_packages.rs"));

pub const TNENGINE_WIT_INTERFACE: u8 = 0;
pub const TNENGINE_WIT_WORLD: u8 = 1;
pub const TNENGINE_WIT_TYPE: u8 = 2;
pub const TNENGINE_WIT_FUNCTION: u8 = 3;
pub const TNENGINE_WIT_IMPORT: u8 = 4;
pub const TNENGINE_WIT_EXPORT: u8 = 5;
pub const TNENGINE_WIT_LEFT_OUT: u8 = 6;
pub const TNENGINE_WIT_KEYWORD_NAME: u8 = 7;
pub const TNENGINE_WIT_MEMBER: u8 = 8;

struct Item {
    kind: u8,
    path: String,
    docs: String,
    feature: String,
    place: Place,
}

/// An encoded WIT package, and what its texts contain.
pub struct tnengine_wit_t {
    package: String,
    binary: Vec<u8>,
    items: Vec<Item>,
    features: Vec<String>,
}

#[repr(C)]
pub struct tnengine_wit_source_t<'a> {
    file: tnengine_slice_t<'a>,
    bytes: tnengine_slice_t<'a>,
    group: u32,
}

#[repr(C)]
pub struct tnengine_wit_request_t<'a> {
    sources: *const tnengine_wit_source_t<'a>,
    source_count: usize,
    features: *const tnengine_slice_t<'a>,
    feature_count: usize,
    world: tnengine_slice_t<'a>,
    all_features: bool,
}

#[repr(C)]
pub struct tnengine_wit_view_t<'a> {
    package: tnengine_slice_t<'a>,
    binary: tnengine_slice_t<'a>,
    item_count: usize,
    feature_count: usize,
}

#[repr(C)]
pub struct tnengine_wit_item_t<'a> {
    path: tnengine_slice_t<'a>,
    docs: tnengine_slice_t<'a>,
    feature: tnengine_slice_t<'a>,
    file: tnengine_slice_t<'a>,
    line: u32,
    column: u32,
    kind: u8,
}

impl<'a> tnengine_wit_request_t<'a> {
    fn sources(&self) -> &[tnengine_wit_source_t<'a>] {
        if self.source_count == 0 {
            return &[];
        }
        // SAFETY: the header requires `source_count` readable elements.
        unsafe { std::slice::from_raw_parts(self.sources, self.source_count) }
    }

    fn features(&self) -> &[tnengine_slice_t<'a>] {
        if self.feature_count == 0 {
            return &[];
        }
        // SAFETY: the header requires `feature_count` readable elements.
        unsafe { std::slice::from_raw_parts(self.features, self.feature_count) }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wit_encode(
    request: &tnengine_wit_request_t<'_>,
    wit: &mut Option<Box<tnengine_wit_t>>,
) -> Refused {
    guard_problem(|| {
        let mut encoder = Encoder::default();
        *wit = Some(Box::new(encoder.encode(request)?));
        Ok(())
    })
}

/// The files of a package.
enum Group {
    Text(UnresolvedPackageGroup),
    Binary(PackageId),
}

#[derive(Default)]
struct Encoder {
    resolve: Resolve,
    texts: Texts,
    gates: Gates,
}

impl Encoder {
    fn encode(
        &mut self,
        request: &tnengine_wit_request_t<'_>,
    ) -> Result<tnengine_wit_t, tnengine_problem_t> {
        self.resolve.all_features = request.all_features;
        for feature in request.features() {
            let feature = feature.text().map_err(tnengine_problem_t::new)?;
            self.resolve.features.insert(feature.to_string());
        }
        let main = self.push(request.sources())?;
        let world = request.world.text().map_err(tnengine_problem_t::new)?;
        let package = self.package_of_world(world).unwrap_or(main);
        let binary = wit_component::encode(&self.resolve, package)
            .map_err(|error| self.problem(&error, &self.resolve.source_map))?;
        self.validate(package, &binary)?;
        self.gates.add_binaries(&self.resolve);
        Ok(tnengine_wit_t {
            package: self.resolve.packages[package].name.to_string(),
            binary,
            items: self.items(),
            features: std::mem::take(&mut self.gates.features)
                .into_iter()
                .collect(),
        })
    }

    /// Parses and resolves all packages. Returns the main one.
    fn push(
        &mut self,
        sources: &[tnengine_wit_source_t<'_>],
    ) -> Result<PackageId, tnengine_problem_t> {
        let mut main = None;
        let mut others = Vec::new();
        for files in sources.chunk_by(|left, right| left.group == right.group) {
            let group = self.parse(files)?;
            if files[0].group == 0 {
                main = Some(group);
            } else if let Group::Text(group) = group {
                others.push(group);
            }
        }
        let main = match main {
            Some(group) => group,
            None => self.parse(&[])?, // reports that no file declares the package
        };
        let pushed = match main {
            Group::Text(group) => self.resolve.push_groups(group, others),
            Group::Binary(package) => Ok(package),
        };
        pushed.map_err(|error| resolve_problem(&error, &self.context(&self.resolve.source_map)))
    }

    fn parse(&mut self, files: &[tnengine_wit_source_t<'_>]) -> Result<Group, tnengine_problem_t> {
        let mut map = SourceMap::default();
        for source in files {
            let file = source.file.text().map_err(tnengine_problem_t::new)?;
            let refused = |message: String| tnengine_problem_t {
                file: file.to_string(),
                ..tnengine_problem_t::new(message)
            };
            if Parser::is_component(source.bytes.bytes()) {
                let package = self.merge(source.bytes.bytes()).map_err(refused)?;
                return Ok(Group::Binary(package));
            }
            let text = source.bytes.text();
            let text = text.map_err(|error| refused(error.to_string()))?;
            map.push_str(file, self.texts.add(file, text));
        }
        match map.parse() {
            Ok(group) => {
                self.gates.add(&group, &self.resolve, &self.texts);
                Ok(Group::Text(group))
            }
            Err((map, error)) => Err(parse_problem(&error, &self.context(&map))),
        }
    }

    /// Adds a binary package with its dependencies.
    fn merge(&mut self, bytes: &[u8]) -> Result<PackageId, String> {
        match wit_parser::decoding::decode(bytes).map_err(|error| format!("{error:#}"))? {
            DecodedWasm::Component(..) => {
                Err("expected a WIT package, found a component with code".to_string())
            }
            DecodedWasm::WitPackage(decoded, package) => {
                let remap = self.resolve.merge(decoded);
                let remap = remap.map_err(|error| format!("{error:#}"))?;
                Ok(remap.packages[package.index()])
            }
        }
    }

    /// The package of a world that is given with its package: "wasi:http/proxy@0.2.6". The version
    /// can be left out if only one package of the name has the world.
    fn package_of_world(&self, world: &str) -> Option<PackageId> {
        let mut found = self.resolve.worlds.iter().filter(|(_, candidate)| {
            let Some(package) = candidate.package else {
                return false;
            };
            let name = self.resolve.id_of_name(package, &candidate.name);
            name == world || name.split('@').next() == Some(world)
        });
        let (_, first) = found.next()?;
        if found.next().is_some() {
            return None;
        }
        first.package
    }

    /// Reports what the parser accepts and no component can have: empty records and flags, and names that
    /// exclude each other.
    fn validate(&self, package: PackageId, binary: &[u8]) -> Result<(), tnengine_problem_t> {
        let Err(error) = Validator::new_with_features(WasmFeatures::all()).validate_all(binary)
        else {
            return Ok(());
        };
        let resolve = &self.resolve;
        let is_empty = |kind: &TypeDefKind| match kind {
            TypeDefKind::Record(record) => record.fields.is_empty(),
            TypeDefKind::Flags(flags) => flags.flags.is_empty(),
            _ => false,
        };
        let empty = resolve.types.iter().find(|(_, ty)| is_empty(&ty.kind));
        let mut collector = ItemCollector {
            resolve,
            items: Vec::new(),
        };
        collector.add_package(package);
        let name = error.message().split('`').nth(1);
        let named = collector
            .items
            .iter()
            .find(|(span, _, path, _)| span.is_known() && path.rsplit('#').next() == name);
        let span = empty
            .map(|(_, ty)| ty.span)
            .or(named.map(|(span, ..)| *span));
        Err(invalid_problem(
            error.message(),
            span.unwrap_or_default(),
            &self.context(&resolve.source_map),
        ))
    }

    fn context<'a>(&'a self, sources: &'a SourceMap) -> Context<'a> {
        Context {
            sources,
            texts: &self.texts,
            gates: &self.gates,
        }
    }

    fn problem(&self, error: &anyhow::Error, sources: &SourceMap) -> tnengine_problem_t {
        let placed = error.chain().find_map(|layer| {
            if let Some(error) = layer.downcast_ref::<ParseError>() {
                return Some(parse_problem(error, &self.context(sources)));
            }
            let error = layer.downcast_ref::<ResolveError>()?;
            Some(resolve_problem(error, &self.context(sources)))
        });
        placed.unwrap_or_else(|| tnengine_problem_t::new(format!("{error:#}")))
    }

    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        for package in self.resolve.topological_packages() {
            let mut collector = ItemCollector {
                resolve: &self.resolve,
                items: Vec::new(),
            };
            collector.add_package(package);
            // Of the items that were decoded from a binary, which have no position, only the names of
            // worlds are of use.
            let is_kept = |span: &Span, kind: u8| span.is_known() || kind == TNENGINE_WIT_WORLD;
            collector
                .items
                .retain(|(span, kind, ..)| is_kept(span, *kind));
            let start = |span: &Span| span.is_known().then(|| span.start());
            collector.items.sort_by_key(|(span, ..)| start(span));
            for (span, kind, path, docs) in collector.items {
                let place = self.texts.place(&self.resolve.source_map, span);
                items.push(Item {
                    kind,
                    path,
                    docs,
                    feature: String::new(),
                    place: place.unwrap_or_default(),
                });
            }
        }
        for gated in std::mem::take(&mut self.gates.left_out) {
            items.push(Item {
                kind: TNENGINE_WIT_LEFT_OUT,
                path: gated.path,
                docs: String::new(),
                feature: gated.feature,
                place: gated.place,
            });
        }
        for name in std::mem::take(&mut self.texts.keyword_names) {
            items.push(Item {
                kind: TNENGINE_WIT_KEYWORD_NAME,
                path: name.spelled,
                docs: String::new(),
                feature: String::new(),
                place: name.place,
            });
        }
        items
    }
}

/// Collects the items of one package, with spans to sort them by, and their documentation.
struct ItemCollector<'a> {
    resolve: &'a Resolve,
    items: Vec<(Span, u8, String, String)>,
}

impl ItemCollector<'_> {
    fn add(&mut self, span: Span, kind: u8, path: String, docs: &Docs) {
        let docs = docs.contents.clone().unwrap_or_default();
        self.items.push((span, kind, path, docs));
    }

    fn add_package(&mut self, package: PackageId) {
        let resolve = self.resolve;
        for (name, id) in &resolve.packages[package].interfaces {
            let path = resolve.id_of_name(package, name);
            let interface = &resolve.interfaces[*id];
            self.add(
                interface.span,
                TNENGINE_WIT_INTERFACE,
                path.clone(),
                &interface.docs,
            );
            self.add_interface(*id, &path);
        }
        for (name, id) in &resolve.packages[package].worlds {
            let path = resolve.id_of_name(package, name);
            let world = &resolve.worlds[*id];
            self.add(world.span, TNENGINE_WIT_WORLD, path.clone(), &world.docs);
            self.add_world_items(world, &path, TNENGINE_WIT_IMPORT, &world.imports);
            self.add_world_items(world, &path, TNENGINE_WIT_EXPORT, &world.exports);
        }
    }

    /// Adds a type, and its members that are documented.
    fn add_type(&mut self, span: Span, path: String, ty: &TypeDef) {
        let members: Vec<_> = match &ty.kind {
            TypeDefKind::Record(of) => of
                .fields
                .iter()
                .map(|member| (member.span, &member.name, &member.docs))
                .collect(),
            TypeDefKind::Flags(of) => of
                .flags
                .iter()
                .map(|member| (member.span, &member.name, &member.docs))
                .collect(),
            TypeDefKind::Variant(of) => of
                .cases
                .iter()
                .map(|member| (member.span, &member.name, &member.docs))
                .collect(),
            TypeDefKind::Enum(of) => of
                .cases
                .iter()
                .map(|member| (member.span, &member.name, &member.docs))
                .collect(),
            _ => Vec::new(),
        };
        for (span, name, docs) in members {
            if docs.contents.is_some() {
                self.add(span, TNENGINE_WIT_MEMBER, format!("{path}.{name}"), docs);
            }
        }
        self.add(span, TNENGINE_WIT_TYPE, path, &ty.docs);
    }

    fn add_interface(&mut self, id: InterfaceId, path: &str) {
        let interface = &self.resolve.interfaces[id];
        for (name, ty) in &interface.types {
            let ty = &self.resolve.types[*ty];
            self.add_type(ty.span, format!("{path}#{name}"), ty);
        }
        for (name, function) in &interface.functions {
            self.add(
                function.span,
                TNENGINE_WIT_FUNCTION,
                format!("{path}#{name}"),
                &function.docs,
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
        let word = if kind == TNENGINE_WIT_IMPORT {
            "import"
        } else {
            "export"
        };
        for (key, item) in items {
            let name = self.resolve.name_world_key(key);
            let path = format!("{world_path}#{word}:{name}");
            match item {
                WorldItem::Type { id, span } => {
                    let ty = &self.resolve.types[*id];
                    self.add_type(*span, format!("{world_path}#{name}"), ty);
                }
                WorldItem::Function(function) => {
                    self.add(function.span, kind, path, &function.docs)
                }
                WorldItem::Interface { id, span, docs, .. } => {
                    let interface = &self.resolve.interfaces[*id];
                    let written_here = interface.name.is_none();
                    // wit-parser 0.254 drops the position of an interface that a world imports.
                    let fallback = if written_here {
                        interface.span
                    } else {
                        world.span
                    };
                    let span = if span.is_known() { *span } else { fallback };
                    let docs = if written_here { &interface.docs } else { docs };
                    self.add(span, kind, path.clone(), docs);
                    if written_here {
                        self.add_interface(*id, &path);
                    }
                }
            }
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wit_get<'a>(
    wit: &'a tnengine_wit_t,
    view: &mut tnengine_wit_view_t<'a>,
) {
    *view = tnengine_wit_view_t {
        package: tnengine_slice_t::new(wit.package.as_bytes()),
        binary: tnengine_slice_t::new(&wit.binary),
        item_count: wit.items.len(),
        feature_count: wit.features.len(),
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wit_item_get<'a>(
    wit: &'a tnengine_wit_t,
    index: usize,
    view: &mut tnengine_wit_item_t<'a>,
) -> bool {
    let Some(item) = wit.items.get(index) else {
        return false;
    };
    *view = tnengine_wit_item_t {
        path: tnengine_slice_t::new(item.path.as_bytes()),
        docs: tnengine_slice_t::new(item.docs.as_bytes()),
        feature: tnengine_slice_t::new(item.feature.as_bytes()),
        file: tnengine_slice_t::new(item.place.file.as_bytes()),
        line: item.place.line,
        column: item.place.column,
        kind: item.kind,
    };
    true
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wit_feature_get<'a>(
    wit: &'a tnengine_wit_t,
    index: usize,
) -> tnengine_slice_t<'a> {
    let feature = wit.features.get(index).map_or("", String::as_str);
    tnengine_slice_t::new(feature.as_bytes())
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wit_delete(_wit: Box<tnengine_wit_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wit_print(
    binary: &tnengine_slice_t<'_>,
    text: &mut tnengine_bytes_t,
) -> Refused {
    guard_problem(|| {
        let refused = |error: anyhow::Error| match error.downcast_ref::<BinaryReaderError>() {
            Some(error) => problem_of(error),
            None => tnengine_problem_t::new(format!("{error:#}")),
        };
        if Parser::is_core_wasm(binary.bytes()) {
            return Err(tnengine_problem_t::new("a core module has no WIT"));
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
pub extern "C" fn tnengine_wasi_package(
    minor: u32,
    index: usize,
    name: &mut tnengine_slice_t<'static>,
    binary: &mut tnengine_slice_t<'static>,
) -> bool {
    let mut track = WASI_PACKAGES.iter().filter(|package| package.0 == minor);
    let Some((_, package, bytes)) = track.nth(index) else {
        return false;
    };
    *name = tnengine_slice_t::new(package.as_bytes());
    *binary = tnengine_slice_t::new(bytes);
    true
}
