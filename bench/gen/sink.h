// Made by `tenon bindgen cpp` from the WIT of bench:lists/sink-unit. Do not edit.
#pragma once

#include <tenon/result.h>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace sink::detail {
struct functions;
}

// bench:lists/sink
namespace sink::exports::sink {

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // add: func(a: u32, b: u32) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> add(std::uint32_t a, std::uint32_t b) const;

  // bytes: func(items: list<u8>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> bytes(std::span<const std::uint8_t> items) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace sink::exports::sink

namespace sink {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::sink::functions sink;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace sink
