// Types of what a core module imports and exports, as far as the host deals with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenon::engine {

// Other: a vector or a reference, which the host neither gives nor takes.
enum class CoreValueType : std::uint8_t { I32, I64, F32, F64, Other };

struct CoreFunctionType {
  std::vector<CoreValueType> params = {};
  std::vector<CoreValueType> results = {};

  // Of two functions that the host can call: those with `Other` may differ and be equal here.
  bool operator==(const CoreFunctionType&) const = default;
};

struct CoreTableType {
  bool operator==(const CoreTableType&) const = default;
};

enum class AddressWidth : std::uint8_t { Bits32, Bits64 };
enum class MemorySharing : std::uint8_t { Unshared, Shared };

// Sizes are in bytes: pages may be smaller than 64 KiB.
struct CoreMemoryType {
  std::uint64_t min_bytes = 0;
  std::optional<std::uint64_t> max_bytes = {};
  AddressWidth addresses = AddressWidth::Bits32;
  MemorySharing sharing = MemorySharing::Unshared;

  bool operator==(const CoreMemoryType&) const = default;
};

enum class Mutability : std::uint8_t { Constant, Variable };

struct CoreGlobalType {
  CoreValueType value = CoreValueType::Other;
  Mutability mutability = Mutability::Constant;

  bool operator==(const CoreGlobalType&) const = default;
};

// Of an exception.
struct CoreTagType {
  bool operator==(const CoreTagType&) const = default;
};

using CoreExternType =
    std::variant<CoreFunctionType, CoreTableType, CoreMemoryType, CoreGlobalType, CoreTagType>;

struct CoreImportType {
  std::string module;
  std::string field;
  CoreExternType type;

  bool operator==(const CoreImportType&) const = default;
};

struct CoreExportType {
  std::string name;
  CoreExternType type;

  bool operator==(const CoreExportType&) const = default;
};

// Whether the host can call such a function, or be called as one: its values are numbers.
[[nodiscard]] bool is_callable(const CoreFunctionType& type);

// For people: "(i32, i32) -> (i64)", "a memory with 64-bit addresses", "a mutable global of i32".
[[nodiscard]] std::string describe(const CoreFunctionType& type);
[[nodiscard]] std::string describe(const CoreExternType& type);

}  // namespace tenon::engine
