#include "wit/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace tenon::wit {

namespace {

std::string print_key(SetBy set_by, const std::string& line) {
  switch (set_by) {
    case SetBy::Flags:
      break;
    case SetBy::HostToml:
      return fmt::format("`{}` in `[host]` of its host.toml", line);
    case SetBy::HostEntry:
      return fmt::format("`{}` in the entry of the host", line);
    case SetBy::Remote:
      return fmt::format("`{}` in the entry of the remote", line);
  }
  return fmt::format("`{}`", line);
}

}  // namespace

std::string print_world_choice(SetBy set_by, std::string_view world) {
  if (set_by == SetBy::Flags) return fmt::format("`--world {}`", world);
  return print_key(set_by, fmt::format("world = \"{}\"", world));
}

std::string print_feature_choice(SetBy set_by, const std::vector<std::string>& features) {
  if (set_by == SetBy::Flags) return fmt::format("`--features {}`", fmt::join(features, ","));
  return print_key(set_by, print_features({.names = features}));
}

WitFeatures take_features(TomlTable& table) {
  WitFeatures features;
  for (auto& [name, where] : table.take_texts("features")) {
    if (name == "*")
      features.all = true;
    else
      features.names.push_back(std::move(name));
  }
  return features;
}

std::string print_features(const WitFeatures& features) {
  if (features.all) return "features = [\"*\"]";
  return fmt::format("features = [\"{}\"]", fmt::join(features.names, "\", \""));
}

}  // namespace tenon::wit
