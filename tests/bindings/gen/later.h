// Made by `tenon bindgen cpp` from the WIT of x:y/host. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
#include <tenon/task.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace later::detail {
struct functions;
}

// x:y/lib
namespace later::exports::lib {
class thing;

// A resource of a unit. Destroying it drops the resource.
class thing final : public tenon::Resource {
 public:
  static constexpr std::string_view resource_name = "thing";
  thing() = default;
  // functions: those of the unit; null for an item of a stream, whose methods then fail.
  thing(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions);

  // value: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> value() const;

  // wait: async func(milliseconds: u32) -> u32;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::uint32_t>> wait(
      std::uint32_t milliseconds) const;

 private:
  std::shared_ptr<const detail::functions> functions_;
};

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // sleep: async func() -> u32;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::uint32_t>> sleep() const;

  // join: async func(a: u32, b: string) -> string;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::string>> join(
      std::uint32_t a,
      std::string_view b) const;

  // make: async func() -> thing;
  [[nodiscard]] tenon::Task<tenon::CallResult<thing>> make() const;

  // twice: func(n: u32) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> twice(std::uint32_t n) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace later::exports::lib

namespace later {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::lib::functions lib;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace later
