// One unit of a running composition, with everything that it exports: what it exports to other
// units too.
//
//   tenon::Result<tenon::Unit> legacy = shop->unit("legacy");
//   tenon::CallResult<std::optional<tenon::Value>> answer =
//       legacy->call("process", tenon::Value::s64(5));
//
// It can be a unit of another composition too: CompositionBuilder::add_unit.
//
// Thread: that of its composition.
#pragma once

#include <array>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/call_failure.h"
#include "tenon/function.h"
#include "tenon/plan.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon {

struct WaveCall;
template <class Signature>
class TypedFunction;

// One function that a unit imports or exports.
struct UnitFunction {
  std::string interface;  // as the unit writes it; empty: a function by itself
  std::string name;
  FunctionType type;

  // "acme:tax/lib#rate: func(country: string) -> f64;"
  [[nodiscard]] std::string wit() const;
};

// The type of a unit, to look at: its functions, each interface's as it lists them.
struct UnitType {
  std::vector<UnitFunction> imports;
  std::vector<UnitFunction> exports;
  std::vector<PlanHash> import_hashes;  // of a package, by name
  std::vector<PlanHash> export_hashes;
};

// A name for a unit; copies name the same one, also after a swap. Lifetime: once its composition is
// gone, and with it all that use units of it, it has no functions.
class Unit final {
 public:
  [[nodiscard]] const std::string& name() const;

  // In the order of its exports, each interface's as it lists them.
  [[nodiscard]] std::vector<Function> functions() const;
  // interface: any form of an export's name, such as "acme:shop/api" or "api"; empty: a function
  // that is exported by itself, or else one of any interface. name: as in WIT's binary form:
  // "total", "[method]account.close".
  // Errors: run-no-function (with what is near), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(std::string_view interface,
                                               std::string_view name) const;
  // The function that a call as text names (tenon/value_text.h).
  // Errors: run-no-function (with what is near), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(const WaveCall& call) const;
  // The same, to be called with C++ types. Include tenon/typed_function.h.
  // Errors: as find_function; type-signature, type-unsupported-value, type-too-large.
  template <class Signature>
  [[nodiscard]] Result<TypedFunction<Signature>> function(std::string_view interface,
                                                          std::string_view name) const;
  // Finds a function by interface and name, and calls it. Errors: as both.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view interface,
                                                      std::string_view name,
                                                      std::span<const Value> arguments) const;
  // The same with each argument by itself. function: "process", or with its interface:
  // "acme:shop/api#total".
  template <std::same_as<Value>... Arguments>
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view function,
                                                      const Arguments&... arguments) const {
    const std::array<Value, sizeof...(Arguments)> values = {arguments...};
    return call_by_name(function, values);
  }

  // What it imports and exports. Empty if the composition is gone.
  [[nodiscard]] UnitType type() const;

  struct Impl;
  // Made by a composition.
  explicit Unit(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  friend class CompositionBuilder;
  [[nodiscard]] CallResult<std::optional<Value>> call_by_name(
      std::string_view function, std::span<const Value> arguments) const;

  std::shared_ptr<const Impl> impl_;
};

}  // namespace tenon
