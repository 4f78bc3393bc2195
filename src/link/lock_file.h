// tenon.lock: the units of a plan with their digests, and who provides what.
//
// Source: docs/manifest.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::link {

struct PlannedLink;

struct LockedUnit {
  std::string name;
  std::string kind;    // "component", "package", "host-bundle", ...
  std::string source;  // relative to the lock's folder; empty: from memory
  std::string version;
  std::string sha256;  // of a host bundle: of its library; empty if there are no bytes
  std::map<std::string, std::string> needed = {};  // of libraries that this one needs, by name
  Location where = {};
};

struct LockedEdge {
  std::string consumer;
  std::string import;
  std::string provider;
  std::string export_name;
  std::string kind;  // "direct", "bridged", ...
};

struct LockFile {
  std::string file;
  std::vector<LockedUnit> units;  // by name
  std::vector<LockedEdge> edges;  // by consumer and import

  [[nodiscard]] const LockedUnit* find_unit(std::string_view name) const;
};

// file: as the user wrote it. Errors: config-syntax, config-unknown-key, config-value.
[[nodiscard]] Result<LockFile> parse_lock(std::string_view text, const std::string& file);

// The lock of a plan. file: path of the lock file. Errors: host-library, host-untrusted (the digest
// of a library cannot be computed).
[[nodiscard]] Result<LockFile> make_lock(const PlannedLink& planned, const std::string& file);

// Equal locks have equal texts.
[[nodiscard]] std::string print_lock(const LockFile& lock);

// Errors: config-locked, once, with all differences.
[[nodiscard]] Result<void> check_lock(const LockFile& locked, const LockFile& actual);

}  // namespace tenon::link
