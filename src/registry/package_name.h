// Names of packages in registries: `acme:math`, a namespace and a name.
//
// Source: wasm-pkg-tools, crates/wasm-pkg-common/src/{label,package}.rs.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::registry {

struct PackageName {
  std::string space;  // the namespace
  std::string name;

  auto operator<=>(const PackageName&) const = default;
};

inline constexpr std::string_view kLabelRule =
    "words of a-z and 0-9 that begin with a letter, with `-` between";

// At most 64 characters, as the names of extensions.
[[nodiscard]] bool is_label(std::string_view text);

// Two labels with `:` between; nothing for any other text.
[[nodiscard]] std::optional<PackageName> parse_package_name(std::string_view text);

// `acme:math`
[[nodiscard]] std::string print_package_name(const PackageName& package);

}  // namespace tenon::registry
