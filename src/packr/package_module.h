// The core module of a package: what it imports and exports.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::packr {

// The name of the function that returns the metadata.
inline constexpr std::string_view kTypesExport = "__pack_types";

// Lifetime: names are views into the bytes of the module.
struct PackageModule {
  struct Import {
    std::string_view module;
    std::string_view field;
  };
  // Functions with four addresses, without those of `tenon:buffer`.
  std::vector<Import> imports;
  // The names of all functions with four addresses.
  std::vector<std::string_view> exports;
  bool has_allocator = false;
  bool has_types = false;  // exports `__pack_types`
  // Exports `__pack_resume`: its functions can return before they have a result.
  bool is_async = false;
};

// Reads a core module and checks that it is a package.
// Errors: read-* if it is not a valid module; pack-module, all problems at once: its memory is
// missing,
//         shared or has 64-bit addresses; an import is neither a function with four addresses nor a
//         function of `tenon:buffer`; a function of packr's runtime has another type.
[[nodiscard]] Result<PackageModule> read_package_module(std::span<const std::uint8_t> bytes);

// Whether a core module looks like a package: used to search folders for packages.
[[nodiscard]] bool looks_like_package(std::span<const std::uint8_t> bytes);

// Whether a core module that does not look like a package can be one that the manifest declares: one
// in packr's original form has nothing but a memory and functions of packr's type.
[[nodiscard]] bool can_be_declared_package(std::span<const std::uint8_t> bytes);

}  // namespace tenon::packr
