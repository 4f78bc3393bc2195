// How value types are passed as core values: the Canonical ABI's flattening.
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

// The flat types of a value, as far as they can ever be passed flat: what is longer than
// kMaxFlatParams has no types that count.
class FlatTypes final {
 public:
  // Whether `types` is all of them.
  [[nodiscard]] bool fits() const { return count_ <= kMaxFlatParams; }
  [[nodiscard]] bool fits(std::size_t most) const { return count_ <= most; }
  // Up to kMaxFlatParams + 1, which stands for more too.
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::span<const CoreType> types() const {
    return std::span(types_).first(std::min(count_, kMaxFlatParams));
  }

  void append(CoreType type);
  void append(const FlatTypes& others);
  // `payload` lies where these lie: each becomes a type that holds what either has there.
  void join(const FlatTypes& payload);

 private:
  std::array<CoreType, kMaxFlatParams> types_ = {};
  std::size_t count_ = 0;
};

// Flattens types, each once. Keeps a reference to `types`.
class Flattener final {
 public:
  explicit Flattener(const types::Types& types) : types_(types) {}

  // Lifetime of what it returns: until the next call.
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

// The core signature of a function that is lifted without `async`.
[[nodiscard]] CoreSignature flatten_lifted(const types::Types& types,
                                           const types::Function& function);

}  // namespace tenon::abi
