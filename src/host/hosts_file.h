// Reads `hosts.toml`: the instances of host bundles that a user declares, with their names,
// configuration and pins.
//
// Source: docs/host-bundles.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/manifest.h"
#include "support/files.h"
#include "support/toml_table.h"
#include "tenon/plan.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon {
class TomlTable;
}  // namespace tenon

namespace tenon::host {

// Environment variables, for `${NAME}` and for `~`, which is HOME.
using Variables = std::map<std::string, std::string, std::less<>>;

// A module that is linked into the program instead of a library.
struct LinkedModule {
  const tenon_host_module* module = nullptr;
  // The texts of the manifest and the WIT, because there is no folder with these files.
  std::string manifest;
  std::string wit;
};

// The least number of descriptors with which the process of a bundle can start.
constexpr std::uint64_t kLeastDescriptors = 16;

// One instance of a bundle, as the user declares it. No file of the bundle has been opened yet.
struct HostEntry {
  std::string name;    // also of the unit
  std::string file;    // that contains the entry
  std::string folder;  // that relative paths start from
  // The folder of a bundle, or its name in a search path; empty: see `wit` and `library`.
  std::string bundle;
  std::string wit;
  std::string library;
  std::optional<std::string> world;  // of `wit`
  WorldSide offers = WorldSide::Auto;
  WitFeatures features = {};
  std::vector<std::string> folders;  // searched for the bundle first
  std::optional<std::string> sha256;
  // Pins of the libraries that its library needs from its own folder, by name.
  std::map<std::string, std::string> needed;
  Location pin_where;
  std::vector<TomlScalar> config;                            // with dotted names
  std::vector<std::pair<std::string, Location>> interfaces;  // the provided interfaces; empty: all
  std::optional<HostProcess> process = {};                   // absent: it runs in this process
  std::optional<LinkedModule> linked = {};                   // absent: the library is loaded
  Location where;
};

struct HostsFile {
  std::vector<std::shared_ptr<const HostEntry>> hosts;
  bool require_pins = false;
};

// Reads the keys of one instance. file: contains `table`. folders: searched for its bundle first.
[[nodiscard]] HostEntry read_host_entry(const std::string& file, const std::string& name,
                                        const Variables& variables,
                                        const std::vector<std::string>& folders, TomlTable& table);

// file: the path that the user wrote. Errors: config-syntax, config-unknown-key, config-value (all
// of them at once).
[[nodiscard]] Result<HostsFile> parse_hosts_file(std::string_view text, const std::string& file,
                                                 const Variables& variables);

// Errors: as parse_hosts_file; read-file.
[[nodiscard]] Result<HostsFile> read_hosts_file(const Files& files, const std::string& file,
                                                const Variables& variables);

// Makes the manifest for an entry that names a library and a WIT instead of a bundle.
[[nodiscard]] Manifest make_bundle_manifest(const HostEntry& entry);

// The folder of a file; empty for the working folder.
[[nodiscard]] std::string folder_of(std::string_view file);

}  // namespace tenon::host
