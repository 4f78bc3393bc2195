// A host bundle as a unit: what its manifest and its WIT say. Its library is not touched.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/c_plan.h"
#include "host/hosts_file.h"
#include "host/instance.h"
#include "host/library_file.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::host {

// A request for one instance of a host bundle, which becomes a unit.
struct BundleRequest {
  std::string name;                             // of the unit
  std::string path;                             // of its folder, or a name to search for
  std::shared_ptr<const Location> where = {};   // in a manifest; null: it is of none
  std::shared_ptr<const HostEntry> entry = {};  // of a hosts.toml, or of the program; null: none
};

// The pins of a host bundle in tenon.lock.
struct LockedLibrary {
  Pin pin;
  std::map<std::string, std::string> needed;  // of libraries that it needs, by name
};

// The settings of all host bundles of a composition.
struct HostSettings {
  // By unit name: values by dotted keys. They take precedence over those of files.
  std::map<std::string, std::map<std::string, std::string>> config;
  std::vector<std::string> folders;  // where bundles are searched for, after those of files
  // Instances that become units if something needs them, with distinct names.
  std::vector<std::shared_ptr<const HostEntry>> offers;
  std::vector<std::string> trusted;  // files and folders whose owners and modes are not checked
  std::map<std::string, LockedLibrary> locked;  // by unit name, of tenon.lock
  bool require_pins = false;
  bool forbid_native = false;  // host bundles are not allowed
  bool may_setenv = false;     // `[host.env]` may change the environment of the process
};

// What making an instance of a bundle needs to know.
struct Bundle {
  Manifest manifest;
  WantedItems wanted;
  // How its library is called if it has no table; absent: it has to have one. Problems of a library
  // that may have one are told when it has none.
  std::optional<Result<CPlan>> c_plan = {};
  std::string wit;  // as it is opened
  tenon_config config;
  LibraryWishes library;
};

// By unit name.
using Bundles = std::map<std::string, std::shared_ptr<const Bundle>, std::less<>>;

struct BundleUnit {
  resolve::Unit unit;  // its type and version alone
  std::shared_ptr<const Bundle> bundle;
};

// Errors: host-bundle-not-found, read-file, config-.
[[nodiscard]] Result<Manifest> find_manifest_of(const HostSettings& settings,
                                                const BundleRequest& request, const Files& files);

// Whether native code is allowed. Errors: host-forbidden.
[[nodiscard]] Result<void> check_native(const HostSettings& settings, const BundleRequest& request);

// Where the library of an instance lies, and how it is pinned. REQUIRES: there is one
[[nodiscard]] LibraryWishes place_wishes(const HostSettings& settings, const BundleRequest& request,
                                         const Manifest& manifest);

// What may be loaded for an instance. Errors: host-library (none for this machine), host-pin
// (none).
[[nodiscard]] Result<LibraryWishes> wish_library(const HostSettings& settings,
                                                 const BundleRequest& request,
                                                 const Manifest& manifest);

// A bundle, but for its configuration and its library, and what its WIT says that it provides.
struct ReadBundle {
  types::ComponentType type;
  std::vector<std::string> wit_files;
  Bundle bundle;
};

// Errors: read-, wit-, type-, config-value, host-wit-mismatch (what native code cannot provide).
[[nodiscard]] Result<ReadBundle> read_bundle(Manifest manifest, const Files& files,
                                             types::Types& types);

// Errors: as `find_manifest_of`, wit-, type-, host-config; host-forbidden; host-library (none for
// this machine), host-pin (none), host-wit-mismatch (what native code cannot provide).
[[nodiscard]] Result<BundleUnit> read_bundle_unit(const HostSettings& settings,
                                                  const BundleRequest& request, const Files& files,
                                                  types::Types& types);

// What it provides, as wires name it: "acme:sql/database@^0.1.0". Empty: it cannot be read, or
// there is to be no native code.
[[nodiscard]] std::set<std::string> interfaces_of_bundle(const HostSettings& settings,
                                                         const BundleRequest& request,
                                                         const Files& files);

// A library that has what its WIT says.
struct BoundLibrary {
  std::shared_ptr<Library> library;
  ModuleTable table;
};

// Loads it, and finds its functions: by its table, or as plain C. unit: the instance's name.
// Errors: host-library, host-untrusted, host-pin, host-abi-version, host-wit-mismatch.
[[nodiscard]] Result<BoundLibrary> bind_library(const std::string& unit, const Bundle& bundle);

// The instances of a composition, by unit name. Thread: that of the composition.
class HostInstances final {
 public:
  // Loads the library, or finds the instance that was made. Lifetime: of the composition.
  // Errors: host-.
  [[nodiscard]] Result<std::shared_ptr<HostInstance>> get(const std::string& unit,
                                                          const Bundle& bundle);

 private:
  std::map<std::string, std::shared_ptr<HostInstance>, std::less<>> made_;
};

}  // namespace tenon::host
