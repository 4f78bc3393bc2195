// Reads a host bundle as a unit, from its manifest and its WIT. Its library is loaded only by
// `bind_library`.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/c_library.h"
#include "host/hosts_file.h"
#include "host/instance.h"
#include "host/library.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "host/native_call.h"
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
  // Configuration values by unit name and dotted key. They override those of files.
  std::map<std::string, std::map<std::string, std::string>> config;
  std::vector<std::string> folders;  // search folders for bundles, after those of files
  // Instances that become units if something needs them, with distinct names.
  std::vector<std::shared_ptr<const HostEntry>> offers;
  std::vector<std::string>
      trusted;  // files and folders that are accepted even if other users can change them
  std::map<std::string, LockedLibrary> locked;  // by unit name, of tenon.lock
  bool require_pins = false;
  bool forbid_native = false;  // host bundles are rejected
  // Bundles that run in a process of their own, by unit name. They override those of files.
  std::map<std::string, HostProcess> processes = {};
  // The program `tenon-bundle-host`; empty: it is searched for.
  std::string process_program = {};
  bool may_setenv = false;  // `[host.env]` may change the environment of the process
};

// A process for a host bundle.
struct BundleProcess {
  HostProcess settings;
  std::string program;  // that runs in it; empty: it is searched for
};

// A host bundle that was read: everything that an instance is created from.
struct Bundle {
  Manifest manifest;
  RequiredItems required;
  // How its library is called if it has no table; absent if the library must have a table. Problems
  // are reported only if the library turns out to have no table.
  std::optional<Result<CPlan>> c_plan = {};
  std::string wit;  // path of the WIT
  tenon_config config;
  LibraryRequest library;
  // The process that runs its library; null: this one.
  std::shared_ptr<const BundleProcess> process = {};
};

// Bundles by unit name.
using Bundles = std::map<std::string, std::shared_ptr<const Bundle>, std::less<>>;

struct BundleUnit {
  resolve::Unit unit;  // only its type, version and process
  std::shared_ptr<const Bundle> bundle;
  Diagnostics notes;  // on its WIT
};

// Errors: host-bundle-not-found, read-file, config-.
[[nodiscard]] Result<Manifest> find_manifest_of(const HostSettings& settings,
                                                const BundleRequest& request, const Files& files);

// Whether native code is allowed. Errors: host-forbidden.
[[nodiscard]] Result<void> check_native(const HostSettings& settings, const BundleRequest& request);

// The path and the pins of the library of an instance. REQUIRES: the manifest has a library for
// this machine
[[nodiscard]] LibraryRequest describe_library(const HostSettings& settings,
                                              const BundleRequest& request,
                                              const Manifest& manifest);

// The library to load for an instance, and the conditions for it. Errors: host-library (the bundle
// has none for this machine), host-pin (a pin is required and missing).
[[nodiscard]] Result<LibraryRequest> request_library(const HostSettings& settings,
                                                     const BundleRequest& request,
                                                     const Manifest& manifest);

// A bundle without its configuration and library, and the type that its WIT gives it.
struct ReadBundle {
  types::ComponentType type;
  std::vector<std::string> wit_files;
  Bundle bundle;
  Diagnostics notes;  // on its WIT
};

// The files that say what the library of a bundle provides: whoever can change them must be trusted
// as those are who can change the library.
[[nodiscard]] std::vector<std::string> list_description(const ReadBundle& read);

// Errors: read-, wit-, type-, config-value, host-wit-mismatch (native code cannot provide it).
[[nodiscard]] Result<ReadBundle> read_bundle(Manifest manifest, const Files& files,
                                             types::Types& types);

// Errors: as `find_manifest_of`, wit-, type-, host-config; host-forbidden; host-library (none for
// this machine), host-pin (a pin is required and missing), host-wit-mismatch (native code cannot
// provide it).
[[nodiscard]] Result<BundleUnit> read_bundle_unit(const HostSettings& settings,
                                                  const BundleRequest& request, const Files& files,
                                                  types::Types& types);

// The configuration of the instance `request`: the keys that its manifest declares, with values from
// a file, the program or the command line. Values of type path are relative to the file that has
// them. Errors: host-config; all problems are reported.
[[nodiscard]] Result<tenon_config> make_bundle_config(const BundleRequest& request,
                                                      const HostSettings& settings,
                                                      const Manifest& manifest);

// Reports configuration for names that do not belong to a host bundle. bundles: the names of those
// of the request; offers of `settings` are known too. Errors: host-config.
[[nodiscard]] Diagnostics check_host_config(const HostSettings& settings,
                                            const std::vector<std::string>& bundles);

// The interfaces that it provides, as in wires: "acme:sql/database@^0.1.0". Empty if it cannot be
// read or native code is forbidden.
[[nodiscard]] std::set<std::string> interfaces_of_bundle(const HostSettings& settings,
                                                         const BundleRequest& request,
                                                         const Files& files);

// A loaded library that implements its WIT.
struct BoundLibrary {
  std::shared_ptr<Library> library;
  ModuleTable table;
};

// Loads the library and finds its functions, through its table or as plain C. unit: the instance's
// name.
// Errors: host-library, host-untrusted, host-pin, host-abi-version, host-wit-mismatch.
[[nodiscard]] Result<BoundLibrary> bind_library(const std::string& unit, const Bundle& bundle);

// The instances of a composition, by unit name. Thread: that of the composition.
class HostInstances final {
 public:
  // Returns the instance of a unit; creates it on the first call. Lifetime: of the composition.
  // Errors: host-.
  [[nodiscard]] Result<std::shared_ptr<HostInstance>> get(const std::string& unit,
                                                          const Bundle& bundle);

 private:
  std::map<std::string, std::shared_ptr<HostInstance>, std::less<>> instances_;
};

}  // namespace tenon::host
