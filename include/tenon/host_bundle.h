// Looks at host bundles without linking them: which can be found, what each provides and takes,
// and whether its library does what its WIT says.
//
// Native code is outside of the sandbox. `list_host_bundles` and `inspect_host_bundle` run none of
// it; nor does `pack_host_bundle`. `check_host_bundle` loads the library, which runs what it does
// when it is loaded, and calls none of its functions.
//
// Thread: any; each call stands alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/composition.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// Where bundles are looked for, as a link does.
struct HostSearch {
  std::vector<std::string> configs = {};  // hosts.toml files; what counts most last
  HostVariables variables = {};           // for their paths
  std::vector<std::string> folders = {};  // of CompositionBuilder::set_host_folders
  std::vector<std::string> trusted = {};  // of CompositionBuilder::trust_path
  bool forbid_native = false;             // of CompositionBuilder::forbid_native
};

struct HostBundleKey {
  std::string name;  // of `[config]`; inner tables by dots
  std::string type;  // "string", "path", "integer", "float", "boolean"
  std::optional<std::string> default_value;
  bool is_required = false;
  std::string help;
};

struct HostBundleFunction {
  std::string name;  // "tenon:sqlite/sql#[method]connection.query"
  std::string type;  // "func(text: string) -> result<rows, error>"
  // As its library says; of `check_host_bundle` alone.
  bool may_block = false;
  bool is_pure = false;
};

struct HostBundle {
  std::string name;  // as host.toml has it
  std::string version;
  std::string description;
  std::string license;
  std::string file;                    // host.toml, or the hosts.toml that names its parts
  std::string wit;                     // as it is opened
  std::string library;                 // for this machine; empty: it has none
  std::vector<std::string> platforms;  // "linux-x86_64", if host.toml has several
  std::string digest;                  // SHA-256 of the library; empty: it cannot be read
  std::vector<std::string> exports;    // "tenon:sqlite/sql@0.1.0"
  std::vector<HostBundleFunction> functions;
  std::vector<std::string> resources;  // "tenon:sqlite/sql#connection"
  std::vector<HostBundleKey> config;
  std::vector<std::string> env;  // variables that it sets
  // As its library says; of `check_host_bundle` alone.
  std::string threading;  // "library", "instance", "any": how many calls at a time
  std::string abi;        // "tenon-1 (1.0)"
};

// One that a link would find.
struct HostPlace {
  std::string name;    // that a link calls it by
  std::string bundle;  // its folder, or its library
  std::string source;  // the hosts.toml, or the folder that it was found in
  // Another of that name is found before, there; empty: none.
  std::string shadowed_by;
  std::string version;
  std::string description;
  Diagnostics problems;  // why it could not be linked
};

struct HostPackageFile {
  std::string path;     // in the bundle: "lib/libsqlite_host.so"
  std::string content;  // its bytes
  std::string digest;   // SHA-256 of them
};

// What others need of a bundle.
struct HostPackage {
  HostBundle bundle;
  std::vector<HostPackageFile> files;  // by path
  std::vector<std::string> left_out;   // what else is in its folder: names of it
};

// In the order of the search. Errors: of files in `search.configs`: config-, read-file.
[[nodiscard]] Result<std::vector<HostPlace>> list_host_bundles(const HostSearch& search);

// bundle: a folder, or the name of one in `search.folders`, or an instance of `search.configs`.
// Errors: host-bundle-not-found, host-wit-mismatch (what native code cannot provide), config-,
// read-file, wit-, type-.
[[nodiscard]] Result<HostBundle> inspect_host_bundle(std::string_view bundle,
                                                     const HostSearch& search);

// The same, and what its library says. Errors: as inspect_host_bundle; host-forbidden,
// host-library, host-untrusted, host-pin, host-abi-version, host-wit-mismatch.
[[nodiscard]] Result<HostBundle> check_host_bundle(std::string_view bundle,
                                                   const HostSearch& search);

// Reads what others need to use a bundle: host.toml, its WIT, its libraries of all machines with
// what lies in their folders, README, LICENSE and the like, and `added`, files and folders of the
// bundle. Names that start with a dot are left out of folders. None of its code runs.
// bundle: as of inspect_host_bundle. Errors: as inspect_host_bundle; host-library, host-untrusted,
// host-pin, read-file: all of them at once.
[[nodiscard]] Result<HostPackage> pack_host_bundle(std::string_view bundle,
                                                   const std::vector<std::string>& added,
                                                   const HostSearch& search);

}  // namespace tenon
