// The core module behind trap stubs: functions that do nothing but trap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/flat_types.h"

namespace tenon::compose {

// All functions in one module with a memory. Each has a `realloc` of its own, which traps under the
// function's name too: arguments are lowered before the function is called.
class TrapModule final {
 public:
  static constexpr const char* kMemory = "memory";

  // Adds a function. debug_name: what a backtrace calls it.
  void add(abi::CoreSignature signature, std::string debug_name);
  // The export names of the function that was added at this position, and of its `realloc`.
  [[nodiscard]] static std::string export_name(std::size_t position);
  [[nodiscard]] static std::string realloc_name(std::size_t position);
  // Names: whether the module has a `name` section.
  enum class Names { Yes, No };
  [[nodiscard]] std::vector<std::uint8_t> encode(Names names) const;

 private:
  struct TrapFunction {
    abi::CoreSignature signature;
    std::string debug_name;
  };
  std::vector<TrapFunction> functions_;
};

}  // namespace tenon::compose
