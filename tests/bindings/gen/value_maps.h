// Made by `tenon bindgen cpp` from the WIT of demo:bindings/value-maps@1.0.0. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
#include <cstdint>
#include <memory>
#include <optional>
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
namespace value_maps::detail {
struct functions;
}

// demo:values/maps@1.0.0
namespace value_maps::maps {
struct item;
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  bool operator==(const item&) const = default;
};
TENON_RECORD(item, name, price, tags)

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // same-map: func(value: map<string, u32>) -> map<string, u32>;
  virtual std::vector<std::pair<std::string, std::uint32_t>> same_map(
      std::vector<std::pair<std::string, std::uint32_t>> value) = 0;

  // same-lists: func(value: map<u16, list<string>>) -> map<u16, list<string>>;
  virtual std::vector<std::pair<std::uint16_t, std::vector<std::string>>> same_lists(
      std::vector<std::pair<std::uint16_t, std::vector<std::string>>> value) = 0;

  // same-names: func(value: map<s64, item>) -> map<s64, item>;
  virtual std::vector<std::pair<std::int64_t, item>> same_names(
      std::vector<std::pair<std::int64_t, item>> value) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace value_maps::maps

// demo:values/maps@1.0.0
namespace value_maps::exports::maps {
struct item;
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  bool operator==(const item&) const = default;
};
TENON_RECORD(item, name, price, tags)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // same-map: func(value: map<string, u32>) -> map<string, u32>;
  [[nodiscard]] tenon::CallResult<std::vector<std::pair<std::string, std::uint32_t>>> same_map(
      const std::vector<std::pair<std::string, std::uint32_t>>& value) const;

  // same-lists: func(value: map<u16, list<string>>) -> map<u16, list<string>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::pair<std::uint16_t, std::vector<std::string>>>> same_lists(
      const std::vector<std::pair<std::uint16_t, std::vector<std::string>>>& value) const;

  // same-names: func(value: map<s64, item>) -> map<s64, item>;
  [[nodiscard]] tenon::CallResult<std::vector<std::pair<std::int64_t, item>>> same_names(
      const std::vector<std::pair<std::int64_t, item>>& value) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace value_maps::exports::maps

namespace value_maps {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::maps::functions maps;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace value_maps
