// Made by `tenon bindgen cpp` from the WIT of demo:bindings/value-arrays@1.0.0. Do not edit.
#pragma once

#include <tenon/result.h>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace value_arrays::detail {
struct functions;
}

// demo:values/arrays@1.0.0
namespace value_arrays::arrays {

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // same-quad: func(value: list<u16, 4>) -> list<u16, 4>;
  virtual std::array<std::uint16_t, 4> same_quad(std::array<std::uint16_t, 4> value) = 0;

  // same-twins: func(value: list<string, 2>) -> list<string, 2>;
  virtual std::array<std::string, 2> same_twins(std::array<std::string, 2> value) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace value_arrays::arrays

// demo:values/arrays@1.0.0
namespace value_arrays::exports::arrays {

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // same-quad: func(value: list<u16, 4>) -> list<u16, 4>;
  [[nodiscard]] tenon::CallResult<std::array<std::uint16_t, 4>> same_quad(
      const std::array<std::uint16_t, 4>& value) const;

  // same-twins: func(value: list<string, 2>) -> list<string, 2>;
  [[nodiscard]] tenon::CallResult<std::array<std::string, 2>> same_twins(
      const std::array<std::string, 2>& value) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace value_arrays::exports::arrays

namespace value_arrays {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::arrays::functions arrays;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace value_arrays
