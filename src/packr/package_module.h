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
// Errors: read-, of a module that is none; pack-module, all at once: no memory, or one that is
// shared
//         or has addresses of 64 bits; imports that are no functions with four addresses, or of
//         `tenon:buffer` and not there; functions that every package has, of another type.
[[nodiscard]] Result<PackageModule> read_package_module(std::span<const std::uint8_t> bytes);

// Whether a core module looks like a package: for who finds files in a folder.
[[nodiscard]] bool looks_like_package(std::span<const std::uint8_t> bytes);

}  // namespace tenon::packr
