// Inspects host bundles without linking them: which ones can be found, what each provides and
// requires, and whether its library matches its WIT.
//
//   tenon::Result<tenon::HostBundle> bundle = tenon::inspect_host_bundle("bundles/sqlite", {});
//   if (bundle)
//     for (const tenon::HostBundleFunction& function : bundle->functions) print(function.name);
//
// Native code runs outside the sandbox. `list_host_bundles`, `inspect_host_bundle` and
// `pack_host_bundle` execute none of it. `check_host_bundle` loads the library, which runs its
// initializers, but calls none of its functions.
//
// Thread: any; the functions share no state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/composition.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// Where to search for bundles. A link searches in the same way.
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
