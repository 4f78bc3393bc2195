// An exported function of a composition, called with dynamic values. It is looked up once and can
// be called often. For calls with C++ types see tenon/typed_function.h.
//
//   auto total = shop->find_function("acme:shop/api", "total");
//   const tenon::Type type = total->type().params()[0].type;
//   const tenon::Value arguments[] = {*tenon::parse_wave("[{name: \"tea\"}]", type)};
//   tenon::CallResult<std::optional<tenon::Value>> sum = total->call(arguments);
//
// Thread: its composition's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "tenon/call_failure.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

namespace detail {
class CallPort;
}  // namespace detail

// A reference to an exported function; copies refer to the same one.
// Lifetime: can outlive its composition, but calls then fail with BadCall. Calls also fail if the
// function was found through a `Unit` that was swapped for one with other exports.
class Function final {
 public:
  // Name of the interface that contains the function, such as "acme:shop/api@1.0.0"; empty: a bare
  // function.
  [[nodiscard]] const std::string& interface() const;
  // Name as in WIT's binary form: "total", "[method]account.close".
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const FunctionType& type() const;

  // Calls the function with one value for each parameter. The result is absent if the function has
  // none.
  //
  // A handle in the result is owned by the value and its copies; when the last copy is destroyed,
  // the resource is dropped. Passing it as `own` transfers the resource to the callee, if the call
  // reaches the guest; if the guest returns it, that is a new handle. While a call is in progress,
  // its handles cannot be passed to another call and are not dropped.
  // Errors: CallFailure: BadCall with value-type, value-label, value-handle, value-too-large (also
  // for a result that would take more than 1 GiB of memory: `CallFailure::unit` keeps running, and
  // the result's resources are dropped); type-unsupported-value (a stream, future or
  // error-context), type-too-large; run-no-function (the composition is gone, or its unit was
  // swapped); Trap, OpenImport, Deadline, Interrupted, Ended, Reentrance, Engine.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::span<const Value> arguments) const;

  // Used by tenon/typed_function.h for calls with C++ types.
  // Errors: type-unsupported-value, type-too-large.
  [[nodiscard]] Result<std::shared_ptr<detail::CallPort>> make_port() const;

  struct Impl;
  // Created by a composition.
  explicit Function(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tenon
