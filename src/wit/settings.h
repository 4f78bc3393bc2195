// The choices of a user about WIT, a world and features, and how they are written: as flags, or as keys of
// a TOML file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/toml_table.h"
#include "tenon/wit.h"

namespace tenon::wit {

// Where the user makes these choices. Hints name that place.
enum class SetBy {
  Flags,      // `--world`, `--features`
  HostToml,   // keys in `[host]` of the host.toml of a bundle
  HostEntry,  // keys of a bundle in a hosts.toml or a tenon.toml
  Remote      // keys of a remote unit in a tenon.toml
};

struct WitOptions {
  // Empty, or a world of the main package: "shop". A full name such as "wasi:http/proxy@0.2.6" can be
  // that of a world of a nested package or of a package in `deps`.
  std::string world = {};
  WitFeatures features = {};
  SetBy set_by = SetBy::Flags;
};

// How a user chooses this world: "`--world shop`".
[[nodiscard]] std::string print_world_choice(SetBy set_by, std::string_view world);
// How a user enables these features: "`--features a,b`".
[[nodiscard]] std::string print_feature_choice(SetBy set_by,
                                               const std::vector<std::string>& features);

// Reads the key `features`, a list of names; `["*"]` enables all. Other values are reported.
[[nodiscard]] WitFeatures take_features(TomlTable& table);
// The line of that key: "features = ["a", "b"]".
[[nodiscard]] std::string print_features(const WitFeatures& features);

}  // namespace tenon::wit
