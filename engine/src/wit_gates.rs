//! Feature gates: `@unstable(feature = NAME)` marks items that a package has only for readers that
//! enable the feature. The parser drops the others without a word, so they are listed before it
//! resolves the packages.

use crate::wit_source::{Place, Texts};
use std::collections::{BTreeSet, HashMap};
use wit_parser::{
    AstItem, InterfaceId, Resolve, SourceMap, Span, Stability, UnresolvedPackage,
    UnresolvedPackageGroup, World, WorldId, WorldItem, WorldKey,
};

/// An item that is left out, with its path as in `tnengine_wit_item_t`.
pub(crate) struct GatedItem {
    pub(crate) path: String,
    pub(crate) feature: String,
    pub(crate) place: Place,
}

#[derive(Default)]
pub(crate) struct Gates {
    /// The features that the texts name.
    pub(crate) features: BTreeSet<String>,
    /// In the order of files and lines. The items of an item that is left out are not listed.
    pub(crate) left_out: Vec<GatedItem>,
}

impl Gates {
    /// Adds the gates of packages that were parsed and not yet resolved.
    pub(crate) fn add(&mut self, group: &UnresolvedPackageGroup, enabled: &Resolve, texts: &Texts) {
        for package in std::iter::once(&group.main).chain(&group.nested) {
            let mut reader = Reader {
                gates: self,
                package,
                enabled,
                sources: &group.source_map,
                texts,
                interfaces: HashMap::new(),
                worlds: HashMap::new(),
                kept: HashMap::new(),
            };
            reader.read();
        }
        let place = |item: &GatedItem| {
            let Place { file, line, column } = &item.place;
            (file.clone(), *line, *column)
        };
        self.left_out.sort_by_key(place);
    }

    /// Adds the features of packages that were read from binaries. These have all that they contain.
    pub(crate) fn add_binaries(&mut self, resolve: &Resolve) {
        let worlds = resolve.worlds.iter().map(|(_, world)| &world.stability);
        let types = resolve.types.iter().map(|(_, ty)| &ty.stability);
        let interfaces = resolve.interfaces.iter().flat_map(|(_, interface)| {
            let functions = interface.functions.values();
            let functions = functions.map(|function| &function.stability);
            functions.chain([&interface.stability])
        });
        for stability in worlds.chain(types).chain(interfaces) {
            if let Stability::Unstable { feature, .. } = stability {
                self.features.insert(feature.clone());
            }
        }
    }

    /// Finds an item that is left out by its own name, such as `rate`.
    pub(crate) fn find(&self, name: &str) -> Option<&GatedItem> {
        self.left_out.iter().find(|item| {
            let last = item.path.rsplit(['#', '/']).next().unwrap_or_default();
            let unversioned = last.split('@').next().unwrap_or_default();
            unversioned.rsplit([':', '.']).next() == Some(name)
        })
    }
}

/// Reads the gates of one package.
struct Reader<'a> {
    gates: &'a mut Gates,
    package: &'a UnresolvedPackage,
    enabled: &'a Resolve,
    sources: &'a SourceMap,
    texts: &'a Texts,
    // The paths of all interfaces and worlds that have one: "acme:tax/lib@1.2.0". Only interfaces that
    // a world declares in place have none.
    interfaces: HashMap<InterfaceId, String>,
    worlds: HashMap<WorldId, String>,
    // The paths of the interfaces of this package that are not left out.
    kept: HashMap<InterfaceId, String>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let package = self.package;
        for (dependency, items) in &package.foreign_deps {
            for (name, (item, _)) in items {
                let path = dependency.interface_id(name);
                match item {
                    AstItem::Interface(id) => self.interfaces.insert(*id, path),
                    AstItem::World(id) => self.worlds.insert(*id, path),
                };
            }
        }
        for (id, interface) in package.interfaces.iter() {
            let Some(name) = &interface.name else {
                continue;
            };
            let path = package.name.interface_id(name);
            self.interfaces.insert(id, path.clone());
            if self.check(&interface.stability, interface.span, &path) {
                self.kept.insert(id, path);
            }
        }
        for (id, world) in package.worlds.iter() {
            if !self.worlds.contains_key(&id) {
                self.read_world(world);
            }
        }
        for (id, path) in std::mem::take(&mut self.kept) {
            for (name, function) in &package.interfaces[id].functions {
                self.check(
                    &function.stability,
                    function.span,
                    &format!("{path}#{name}"),
                );
            }
            for (name, id) in &package.interfaces[id].types {
                let ty = &package.types[*id];
                self.check(&ty.stability, ty.span, &format!("{path}#{name}"));
            }
        }
    }

    fn read_world(&mut self, world: &World) {
        let path = self.package.name.interface_id(&world.name);
        if !self.check(&world.stability, world.span, &path) {
            return;
        }
        for (word, items) in [("import", &world.imports), ("export", &world.exports)] {
            for (key, item) in items {
                self.read_world_item(&path, word, key, item);
            }
        }
        for include in &world.includes {
            let own_name = || {
                self.package
                    .name
                    .interface_id(&self.package.worlds[include.id].name)
            };
            let included = self
                .worlds
                .get(&include.id)
                .cloned()
                .unwrap_or_else(own_name);
            let path = format!("{path}#include:{included}");
            self.check(&include.stability, include.span, &path);
        }
    }

    fn read_world_item(&mut self, world: &str, word: &str, key: &WorldKey, item: &WorldItem) {
        let name = match key {
            WorldKey::Name(name) => name.clone(),
            WorldKey::Interface(id) => self.interfaces.get(id).cloned().unwrap_or_default(),
        };
        let path = format!("{world}#{word}:{name}");
        match item {
            WorldItem::Type { id, span } => {
                let stability = &self.package.types[*id].stability;
                self.check(stability, *span, &format!("{world}#{name}"));
            }
            WorldItem::Function(function) => {
                self.check(&function.stability, function.span, &path);
            }
            WorldItem::Interface {
                id,
                stability,
                span,
                ..
            } => {
                if self.check(stability, *span, &path) && !self.interfaces.contains_key(id) {
                    self.kept.insert(*id, path);
                }
            }
        }
    }

    /// Adds the item if it is gated. Returns false if it is left out.
    fn check(&mut self, stability: &Stability, span: Span, path: &str) -> bool {
        let Stability::Unstable { feature, .. } = stability else {
            return true;
        };
        self.gates.features.insert(feature.clone());
        if self.enabled.all_features || self.enabled.features.contains(feature) {
            return true;
        }
        self.gates.left_out.push(GatedItem {
            path: path.to_string(),
            feature: feature.clone(),
            place: self.texts.place(self.sources, span).unwrap_or_default(),
        });
        false
    }
}
