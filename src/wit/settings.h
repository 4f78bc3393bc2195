// What users choose about WIT, a world and features, and how they write it where the WIT is used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/toml_table.h"
#include "tenon/wit.h"

namespace tenon::wit {

// Where users choose. Hints name that place.
enum class SetBy {
  Flags,      // `--world`, `--features`
  HostToml,   // keys in `[host]` of the host.toml of a bundle
  HostEntry,  // keys of a bundle in a hosts.toml or a tenon.toml
  Remote      // keys of a remote unit in a tenon.toml
};

struct WitOptions {
  // A world with its package selects that package: "wasi:http/proxy@0.2.6" from `deps`, or a nested
  // one. All others select the main package.
  std::string world = {};
  WitFeatures features = {};
  SetBy set_by = SetBy::Flags;
};

// What a user writes to choose a world: "`--world shop`".
[[nodiscard]] std::string print_world_choice(SetBy set_by, std::string_view world);
// What a user writes to enable features: "`--features a,b`".
[[nodiscard]] std::string print_feature_choice(SetBy set_by,
                                               const std::vector<std::string>& features);

// Reads the key `features`, a list of names; `["*"]` enables all. Other values are reported.
[[nodiscard]] WitFeatures take_features(TomlTable& table);

}  // namespace tenon::wit
