// The list of installed extensions, and the two files it is written to.
//
// `index.json` is what tenon reads. It repeats everything that listing, finding libraries,
// computing closures and completing names need, so that these never open a component. `ext.lock` is
// for people and version control, and the input of `--locked`: where each extension came from, with
// the digest of its component.
//
// Source: docs/extensions.md, "The store".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/semver.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

struct Index {
  std::vector<Extension> extensions;  // by name, then version

  void sort();

  // The newest version of an extension, or null. Lifetime: of the index.
  [[nodiscard]] const Extension* find(std::string_view name) const;
  [[nodiscard]] const Extension* find(std::string_view name, std::string_view version) const;
};

// REQUIRES: the extension is from an index, whose versions have been checked
[[nodiscard]] Version version_of(const Extension& extension);

// The text of index.json. Equal indexes have equal texts.
[[nodiscard]] std::string print_index(const Index& index);

// file: for messages. Errors: ext-store (damaged, or written by an incompatible tenon).
[[nodiscard]] Result<Index> parse_index(std::string_view text, const std::string& file);

// A row of ext.lock: enough to install the extension again.
struct LockedExtension {
  std::string name;
  std::string version;
  std::string source;
  std::string asked;
  std::string registry;
  std::string digest;
  std::vector<std::string> grants;
};

// The text of ext.lock. Equal indexes have equal texts.
[[nodiscard]] std::string print_ext_lock(const Index& index);

// file: for messages. Errors: config-syntax, config-unknown-key, config-value.
[[nodiscard]] Result<std::vector<LockedExtension>> parse_ext_lock(std::string_view text,
                                                                  const std::string& file);

}  // namespace tenon::extension
