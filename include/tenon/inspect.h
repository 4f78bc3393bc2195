// Inspects files without linking them. Of one component: its imports and exports, its parts, its WIT
// text, and whether it fits a world or can replace another component. Of host bundles: which ones
// can be found, what each provides and requires, and whether its library matches its WIT.
//
//   tenon::Result<tenon::Inspection> cart = tenon::inspect_file("cart.wasm");
//   for (const tenon::PlanItem& item : cart->imports) print(item.name);
//
//   tenon::Result<tenon::HostBundle> bundle = tenon::inspect_host_bundle("bundles/sqlite", {});
//   for (const tenon::HostBundleFunction& function : bundle->functions) print(function.name);
//
// Thread: any; the functions share no state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/plan.h"
#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon {

// Returns the version of the library, such as "0.1.0".
// Lifetime: static.
std::string_view version();

// Returns the version of the built-in engine, such as "wasmtime 48.0.8".
// Lifetime: static.
std::string_view engine_version();

// A part of another project that is built into the library.
struct LibraryPart {
  enum class Kind : std::uint8_t {
    Crate,   // of the engine
    Library  // in C or C++, and the standard library of Rust
  } kind = Kind::Library;
  std::string_view name;
  std::string_view version;  // of a package of Debian, Debian's; empty if it is not known
};

// Returns all of them, but those that only the command has. A release has the list as a file
// (docs/releases.md).
// Lifetime: static.
[[nodiscard]] std::span<const LibraryPart> library_parts();

// Returns the features that the engine was built with, by the names that wasmtime gives them.
// Lifetime: static.
[[nodiscard]] std::span<const std::string_view> engine_features();

// A part of a component: a core module, a nested component or a section. Parts are in file order.
struct ComponentPart {
  std::string kind;         // "core module", "component", "custom section", "types", "imports", ...
  std::string name;         // from a name section; may be empty
  std::uint64_t begin = 0;  // byte offsets into the file
  std::uint64_t end = 0;
  std::vector<ComponentPart> parts;
};

struct Inspection {
  std::string file;
  enum class Kind : std::uint8_t {
    Component,
    CoreModule,
    WitPackage,
    Package
  } kind = Kind::Component;
  std::string name;  // from its component-name section; may be empty
  std::optional<std::string> version;
  std::uint64_t bytes = 0;
  std::string digest;  // SHA-256, hexadecimal
  std::vector<PlanItem> imports;
  std::vector<PlanItem> exports;
  // For packr packages and core modules only:
  struct Function {
    std::string name;  // "math.double", "process"
    std::string type;  // "func(n: s64) -> s64"; of core modules "function", "memory", ..
  };
  std::vector<Function> imported;
  std::vector<Function> exported;
  std::vector<PlanHash> import_hashes;
  std::vector<PlanHash> export_hashes;
  // An entry of the producers section; fields are "language", "processed-by" and "sdk".
  struct Producer {
    std::string field;
    std::string value;
    std::string version;
  };
  std::vector<Producer> producers;
  std::vector<ComponentPart> parts;
};

// Describes a component, core module, binary WIT package or packr package.
// Errors: read-, type-.
[[nodiscard]] Result<Inspection> inspect_file(std::string_view path);

// Describes a file from memory.
// name: used in messages.
[[nodiscard]] Result<Inspection> inspect_bytes(std::string_view name,
                                               const std::vector<std::uint8_t>& bytes);

// Returns the text that `read_wit` returns, without features.
// Errors: read-, wit-.
[[nodiscard]] Result<std::string> print_wit(std::string_view path);

// Returns WebAssembly text for a binary.
// Errors: read-.
[[nodiscard]] Result<std::string> print_wat(const std::vector<std::uint8_t>& bytes);

// Checks that the engine accepts a file. Nothing is linked.
// Errors: read-, type-.
[[nodiscard]] Result<void> check_file(std::string_view path);

// Checks that a component fits a world: it imports nothing else, and exports everything.
// wit_path: a folder of WIT text, a WIT file, a binary package or a component. world: the world's
// name; can be empty if there is only one. A world of another package in the text, nested or in `deps`,
// has its full name: "wasi:http/proxy@0.2.6".
// Errors: as check_file; wit-, type-world-missing, type-mismatch.
[[nodiscard]] Result<void> check_world(std::string_view path, std::string_view wit_path,
                                       std::string_view world, const WitFeatures& features = {});

// Checks that the component `path` can replace the component `other`, which means that its type is
// a subtype.
// Errors: as check_file; type-mismatch, type-world-missing.
[[nodiscard]] Result<void> check_subtype(std::string_view path, std::string_view other);

// Where to search for host bundles. A link searches in the same way.
struct HostSearch {
  std::vector<std::string> configs = {};  // hosts.toml files; later ones take precedence
  HostVariables variables = {};           // for paths in these files
  std::vector<std::string> folders = {};  // as in CompositionBuilder::set_host_folders
  std::vector<std::string> trusted = {};  // as in CompositionBuilder::trust_path
  bool forbid_native = false;             // as in CompositionBuilder::forbid_native
};

struct HostBundleKey {
  std::string name;  // key in `[config]`; inner tables with dots
  std::string type;  // "string", "path", "integer", "float", "boolean"
  std::optional<std::string> default_value;
  bool is_required = false;
  std::string help;
};

struct HostBundleFunction {
  std::string name;  // "tenon:sqlite/sql#[method]connection.query"
  std::string type;  // "func(text: string) -> result<rows, error>"
  // Reported by the library; set by `check_host_bundle` only.
  bool may_block = false;
  bool is_pure = false;
};

// A host bundle. Native code runs outside the sandbox: `check_host_bundle` loads the library, which
// runs its initializers, but calls none of its functions. The other functions execute none of it.
struct HostBundle {
  std::string name;  // from host.toml
  std::string version;
  std::string description;
  std::string license;
  std::string file;                    // host.toml, or the hosts.toml that names its parts
  std::string wit;                     // path of the WIT
  std::string library;                 // library for this platform; empty: there is none
  std::vector<std::string> platforms;  // such as "linux-x86_64", if host.toml lists several
  std::string digest;                  // SHA-256 of the library; empty: it could not be read
  std::vector<std::string> exports;    // "tenon:sqlite/sql@0.1.0"
  std::vector<HostBundleFunction> functions;
  std::vector<std::string> resources;  // "tenon:sqlite/sql#connection"
  std::vector<HostBundleKey> config;
  std::vector<std::string> env;  // environment variables that it sets
  Diagnostics notes;             // on its WIT: keyword-name, gated-items
  // Reported by the library; set by `check_host_bundle` only.
  std::string threading;  // what runs one call at a time: "library", "instance"; or "any"
  std::string abi;        // "tenon-1 (1.0)"
};

// A bundle that the search found.
struct HostPlace {
  std::string name;    // name of the unit in a link
  std::string bundle;  // path of its folder or library
  std::string source;  // the hosts.toml or the folder in which it was found
  // The place where another bundle of the same name is found first; empty: nowhere.
  std::string shadowed_by;
  std::string version;
  std::string description;
  Diagnostics problems;  // why it cannot be linked
};

struct HostPackageFile {
  std::string path;     // relative to the bundle: "lib/libsqlite_host.so"
  std::string content;  // its bytes
  std::string digest;   // SHA-256 of the content
};

// The files of a bundle that are needed to use it elsewhere.
struct HostPackage {
  HostBundle bundle;
  std::vector<HostPackageFile> files;  // sorted by path
  std::vector<std::string> left_out;   // names of the other files in its folder
};

// Returns the bundles in search order.
// Errors: config-, read-file, for files in `search.configs`.
[[nodiscard]] Result<std::vector<HostPlace>> list_host_bundles(const HostSearch& search);

// Describes a bundle without executing its code.
// bundle: a folder, the name of one in `search.folders`, or a name in `search.configs`.
// Errors: host-bundle-not-found, host-wit-mismatch (the WIT uses something that native code cannot
// provide), config-, read-file, wit-, type-.
[[nodiscard]] Result<HostBundle> inspect_host_bundle(std::string_view bundle,
                                                     const HostSearch& search);

// Describes a bundle, loads its library and compares the library with the WIT.
// Errors: as inspect_host_bundle; host-forbidden, host-library, host-untrusted, host-pin,
// host-abi-version, host-wit-mismatch.
[[nodiscard]] Result<HostBundle> check_host_bundle(std::string_view bundle,
                                                   const HostSearch& search);

// Collects the files that are needed to use a bundle elsewhere: host.toml, its WIT, the libraries
// of all platforms with the other files in their folders, README, LICENSE and similar files, and
// `added`, which lists further files and folders of the bundle. Folders are packed without names
// that start with a dot. None of its code is executed.
// bundle: as in inspect_host_bundle.
// Errors: as inspect_host_bundle; host-library, host-untrusted, host-pin, read-file: all problems
// at once.
[[nodiscard]] Result<HostPackage> pack_host_bundle(std::string_view bundle,
                                                   const std::vector<std::string>& added,
                                                   const HostSearch& search);

}  // namespace tenon
