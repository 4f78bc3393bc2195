// One unit of a running composition. Through it a program can call all exports of the unit,
// including those that only other units import.
//
//   tenon::Result<tenon::Unit> legacy = shop->unit("legacy");
//   tenon::CallResult<std::optional<tenon::Value>> answer =
//       legacy->call("process", tenon::Value::s64(5));
//
// A unit can also be added to another composition: CompositionBuilder::add_unit.
//
// Thread: its composition's.
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

// A function that a unit imports or exports.
struct UnitFunction {
  std::string interface;  // as written in the unit; empty: a bare function
  std::string name;
  FunctionType type;

  // Returns the function as "acme:tax/lib#rate: func(country: string) -> f64;".
  [[nodiscard]] std::string wit() const;
};

// The type of a unit: its functions. Functions of an interface are in the order of its declaration.
struct UnitType {
  std::vector<UnitFunction> imports;
  std::vector<UnitFunction> exports;
  std::vector<PlanHash> import_hashes;  // for a package, by name
  std::vector<PlanHash> export_hashes;
};

// A reference to a unit; copies refer to the same one. It stays valid after a swap.
// Lifetime: can outlive its composition, but has no functions once the composition and everything
// that uses its units are gone.
class Unit final {
 public:
  // Returns the name of the unit in its composition.
  [[nodiscard]] const std::string& name() const;

  // Returns the exported functions, in the order of the exports; functions of an interface are in
  // the order of its declaration.
  [[nodiscard]] std::vector<Function> functions() const;
  // Finds an exported function by name.
  // interface: any form of an export's name, such as "acme:shop/api" or "api". If it is empty, a
  // bare exported function is found first, then one in any interface.
  // name: as in WIT's binary form: "total", "[method]account.close".
  // Errors: run-no-function (with similar names), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(std::string_view interface,
                                               std::string_view name) const;
  // Finds the function that a call in text form names (tenon/value_text.h).
  // Errors: run-no-function (with similar names), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(const WaveCall& call) const;
  // Finds a function to be called with C++ types. Include tenon/typed_function.h.
  // Errors: as find_function; type-signature, type-unsupported-value, type-too-large.
  template <class Signature>
  [[nodiscard]] Result<TypedFunction<Signature>> function(std::string_view interface,
                                                          std::string_view name) const;
  // Finds a function by interface and name, and calls it.
  // Errors: as find_function and Function::call.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view interface,
                                                      std::string_view name,
                                                      std::span<const Value> arguments) const;
  // The same with separate arguments.
  // function: "process", or with its interface: "acme:shop/api#total".
  template <std::same_as<Value>... Arguments>
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view function,
                                                      const Arguments&... arguments) const {
    const std::array<Value, sizeof...(Arguments)> values = {arguments...};
    return call_by_name(function, values);
  }

  // Returns the imports and exports of the unit; empty if the composition is gone.
  [[nodiscard]] UnitType type() const;

  struct Impl;
  // Created by a composition.
  explicit Unit(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  friend class CompositionBuilder;
  [[nodiscard]] CallResult<std::optional<Value>> call_by_name(
      std::string_view function, std::span<const Value> arguments) const;

  std::shared_ptr<const Impl> impl_;
};

}  // namespace tenon
