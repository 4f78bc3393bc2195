// The core module behind trap stubs: functions that do nothing but trap.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "types/type.h"

namespace tenon::compose {

// core:valtype
enum class CoreType : std::uint8_t { F64 = 0x7c, F32 = 0x7d, I64 = 0x7e, I32 = 0x7f };

struct CoreSignature {
  std::vector<CoreType> params;
  std::vector<CoreType> results;

  auto operator<=>(const CoreSignature&) const = default;
};

// The core signature of a function that is lifted without `async`.
// Source: component-model CanonicalABI.md, "Flattening".
[[nodiscard]] CoreSignature flatten_lifted(const types::Types& types,
                                           const types::Function& function);

// One function a signature, all in one module with a memory and a `realloc`, which traps too.
class TrapModule final {
 public:
  static constexpr const char* kMemory = "memory";
  static constexpr const char* kRealloc = "realloc";

  // The export name of the function of this signature.
  [[nodiscard]] std::string function(const CoreSignature& signature);
  // REQUIRES: every function was asked for.
  [[nodiscard]] std::vector<std::uint8_t> encode() const;

 private:
  std::map<CoreSignature, std::uint32_t> positions_;
  std::vector<CoreSignature> signatures_;
};

}  // namespace tenon::compose
