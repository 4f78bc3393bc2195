// `hosts.toml`: the host bundles of a user, with names, configuration and pins.
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
#include "tenon/diagnostic.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon {
class TomlTable;
}  // namespace tenon

namespace tenon::host {

// Of the environment, for `${NAME}` and `~`, which is HOME.
using Variables = std::map<std::string, std::string, std::less<>>;

// Code of the program in the place of a library.
struct LinkedModule {
  const tenon_host_module* module = nullptr;
  // Without a folder that has them.
  std::string manifest;
  std::string wit;
};

// One instance of a bundle, as the user wants it.
struct HostEntry {
  std::string name;    // of the unit
  std::string file;    // that has the entry
  std::string folder;  // that paths are relative to
  // A bundle's folder, or its name in a search path; empty: `wit` and `library` stand for it.
  std::string bundle;
  std::string wit;
  std::string library;
  std::optional<std::string> world;  // of `wit`
  std::vector<std::string> folders;  // where the bundle is looked for first
  std::optional<std::string> sha256;
  // Pins of libraries that its library needs from its own folder, by name.
  std::map<std::string, std::string> needed;
  Location pin_where;
  std::vector<TomlScalar> config;                            // by dotted names
  std::vector<std::pair<std::string, Location>> interfaces;  // those alone; empty: all
  std::optional<LinkedModule> linked = {};                   // nothing: it is loaded
  Location where;
};

struct HostsFile {
  std::vector<std::shared_ptr<const HostEntry>> hosts;
  bool require_pins = false;
};

// The keys of an instance. file: that has it. folders: where its bundle is looked for first.
[[nodiscard]] HostEntry read_host_entry(const std::string& file, const std::string& name,
                                        const Variables& variables,
                                        const std::vector<std::string>& folders, TomlTable& table);

// file: as the user wrote it. Errors: config-syntax, config-unknown-key, config-value (all of them
// at once).
[[nodiscard]] Result<HostsFile> parse_hosts_file(std::string_view text, const std::string& file,
                                                 const Variables& variables);

// Errors: as parse_hosts_file; read-file.
[[nodiscard]] Result<HostsFile> read_hosts_file(const Files& files, const std::string& file,
                                                const Variables& variables);

// Of an entry without bundle: its library and its WIT.
[[nodiscard]] Manifest make_bundle_manifest(const HostEntry& entry);

// The folder that a file is in, for paths beside it; empty: the working folder.
[[nodiscard]] std::string folder_of(std::string_view file);

}  // namespace tenon::host
