// A function that a composition exports, found once and called often, with values that know their
// own kind.
//
//   auto total = shop->find_function("acme:shop/api", "total");
//   const tenon::Value arguments[] = {*tenon::parse_wave("[{name: \"tea\"}]", type)};
//   tenon::CallResult<std::optional<tenon::Value>> sum = total->call(arguments);
//
// Thread: that of its composition.
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

// A name for a function; copies name the same one. Lifetime: once its composition is gone, a call
// is a BadCall; so for one that a `Unit` found, once a swap gave that unit other exports.
class Function final {
 public:
  // Of the export that it is in, such as "acme:shop/api@1.0.0"; empty: it is exported by itself.
  [[nodiscard]] const std::string& interface() const;
  // "total", "[method]account.close"
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const FunctionType& type() const;

  // Calls it with one value for each parameter; the result is absent if the function has none.
  //
  // A handle in the result is owned by the value and its copies: with the last of them the resource
  // is dropped. Passed as `own`, it belongs to the callee if the call reached it; one that comes
  // back is another handle. What a call passes cannot be given by another before it ends, and is
  // not dropped before.
  // Errors: CallFailure: BadCall with value-type, value-label, value-handle, value-too-large (also
  //         for a result whose values would take more than 1 GiB of memory, by the fault of
  //         `CallFailure::unit`, which lives on; its resources are dropped); type-unsupported-value
  //         (a stream, future or error-context), type-too-large; run-no-function (the composition
  //         is gone, or its unit was swapped); Trap, OpenImport, Deadline, Interrupted, Ended,
  //         Reentrance, Engine.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::span<const Value> arguments) const;

  // For calls with C++ types (tenon/typed_function.h). Errors: type-unsupported-value,
  // type-too-large.
  [[nodiscard]] Result<std::shared_ptr<detail::CallPort>> make_port() const;

  struct Impl;
  // Made by a composition.
  explicit Function(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tenon
