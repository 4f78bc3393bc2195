// Flattening: how the Canonical ABI passes value types as core values.
//
//   flatten_lifted(types, function)   // (i32, i32) -> (i32) for func(name: string) -> u32
//
// Source: component-model CanonicalABI.md, "Flattening".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "types/type.h"

namespace tenon::abi {

// core:valtype
enum class CoreType : std::uint8_t { F64 = 0x7c, F32 = 0x7d, I64 = 0x7e, I32 = 0x7f };

inline constexpr std::size_t kMaxFlatParams = 16;
inline constexpr std::size_t kMaxFlatResults = 1;

// The flat types of a value. Only kMaxFlatParams of them are kept, because longer values are never
// passed flat.
class FlatTypes final {
 public:
  // True if `types` has all flat types.
  [[nodiscard]] bool fits() const { return count_ <= kMaxFlatParams; }
  [[nodiscard]] bool fits(std::size_t most) const { return count_ <= most; }
  // The number of flat types; kMaxFlatParams + 1 means that or more.
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::span<const CoreType> types() const {
    return std::span(types_).first(std::min(count_, kMaxFlatParams));
  }

  void append(CoreType type);
  void append(const FlatTypes& others);
  // Joins the types of another case of a variant: each becomes a type that can hold both.
  void join(const FlatTypes& payload);

 private:
  std::array<CoreType, kMaxFlatParams> types_ = {};
  std::size_t count_ = 0;
};

// Flattens types, with a cache. Lifetime: refers to `types`.
class Flattener final {
 public:
  explicit Flattener(const types::Types& types) : types_(types) {}

  // Lifetime of the result: until the next call.
  const FlatTypes& flatten(types::TypeId type);

 private:
  FlatTypes flatten_kind(const types::Type& type);

  const types::Types& types_;
  std::unordered_map<types::TypeId, FlatTypes> done_;
};

struct CoreSignature {
  std::vector<CoreType> params;
  std::vector<CoreType> results;

  auto operator<=>(const CoreSignature&) const = default;
};

// The core signature of a function lifted without `async`: at most kMaxFlatParams and
// kMaxFlatResults flat values, else one i32 that is an address.
[[nodiscard]] CoreSignature flatten_lifted(const types::Types& types,
                                           const types::Function& function);

}  // namespace tenon::abi
