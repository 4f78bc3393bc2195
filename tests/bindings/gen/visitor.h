// Made by `tenon bindgen cpp` from the WIT of demo:bindings/visitor@1.0.0. Do not edit.
#pragma once

#include <tenon/result.h>
#include <tenon/task.h>
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
namespace visitor::detail {
struct functions;
}

// Items of the world itself.
namespace visitor::world {

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // hold: async func(number: u32) -> u32;
  virtual tenon::Task<std::uint32_t> hold(std::uint32_t number) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace visitor::world

// Items of the world itself.
namespace visitor::exports::world {

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // visit: async func(number: u32) -> u32;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::uint32_t>> visit(std::uint32_t number) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace visitor::exports::world

namespace visitor {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::world::functions world;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace visitor
