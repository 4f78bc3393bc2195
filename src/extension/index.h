// What is installed: `index.json` of a store. It has all that listing, finding libraries, closures
// and completion need, so that they open no component.
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

  // The newest of that name. Lifetime: of the index.
  [[nodiscard]] const Extension* find(std::string_view name) const;
  [[nodiscard]] const Extension* find(std::string_view name, std::string_view version) const;
};

// REQUIRES: it is of an index
[[nodiscard]] Version version_of(const Extension& extension);

// Equal indexes have equal texts.
[[nodiscard]] std::string print_index(const Index& index);

// file: for messages. Errors: ext-store (it is no index, or one of another tenon).
[[nodiscard]] Result<Index> parse_index(std::string_view text, const std::string& file);

}  // namespace tenon::extension
