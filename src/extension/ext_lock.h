// `ext.lock`: what is installed, for people, for version control, and for `--locked`.
//
// Source: docs/extensions.md, "The store".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "extension/index.h"
#include "tenon/result.h"

namespace tenon::extension {

// A row of it, as far as it can be installed again by it.
struct LockedExtension {
  std::string name;
  std::string version;
  std::string source;
  std::string asked;
  std::string digest;
  std::vector<std::string> grants;
};

// Equal stores have equal texts.
[[nodiscard]] std::string print_ext_lock(const Index& index);

// file: for messages. Errors: config-syntax, config-unknown-key, config-value.
[[nodiscard]] Result<std::vector<LockedExtension>> parse_ext_lock(std::string_view text,
                                                                  const std::string& file);

}  // namespace tenon::extension
