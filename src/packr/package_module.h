// A package as its bytes say it: what the core module imports and exports.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::packr {

// What gives the metadata.
inline constexpr std::string_view kTypesExport = "__pack_types";

// Names are views into the bytes.
struct PackageModule {
  struct Import {
    std::string_view module;
    std::string_view field;
  };
  // Functions with four addresses, but those of the host.
  std::vector<Import> imports;
  // Names of the functions with four addresses, without `__pack_types`.
  std::vector<std::string_view> exports;
  bool has_allocator = false;
  bool has_types = false;  // exports `__pack_types`
};

// Reads a core module and judges whether it is a package.
// Errors: read-, if it is not a valid module; pack-module, with all problems at once: the memory is
// missing, shared or has 64-bit addresses; an import is not a function of four addresses, nor one of
// the functions of `tenon:buffer`; a function that every package has is of another type.
[[nodiscard]] Result<PackageModule> read_package_module(std::span<const std::uint8_t> bytes);

// Whether a core module looks like a package: used to search folders for packages.
[[nodiscard]] bool looks_like_package(std::span<const std::uint8_t> bytes);

}  // namespace tenon::packr
