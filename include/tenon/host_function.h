// A function or resource that a C++ program provides, as `CompositionBuilder` takes it.
// tenon/host.h makes them from lambdas; this header is the part without templates.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenon/detail/call_port.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon {

// Ends the caller's call, and with it its domain.
struct Trap {
  std::string message;
};
template <class T>
using HostResult = Result<T, Trap>;

namespace detail {

// A function of the program, called by a guest. Params and result lie where the signature says.
class HostCallable {
 public:
  virtual ~HostCallable() = default;
  // buffer: has the params, and gets the result; null if both are flat. Throws nothing.
  [[nodiscard]] virtual HostResult<void> call(CallBuffer* buffer, CallFrame& frame) noexcept = 0;
};

}  // namespace detail

// A function that the program provides. Copies share the function.
struct HostFunction {
  using Dynamic = std::function<HostResult<std::optional<Value>>(std::span<const Value>)>;

  std::string interface;  // "acme:log/log", "acme:log/log@1.0.0"; empty: a function by itself
  std::string name;       // "write", "[method]bucket.get"
  // Typed:
  const detail::CppSignature* signature = nullptr;  // static
  std::shared_ptr<detail::HostCallable> typed;
  // With values: null if it is typed.
  std::shared_ptr<const Dynamic> dynamic;

  // Every place where it does not fit a function's type. Empty for one with values.
  // find_host_class: see tenon/detail/call_port.h.
  [[nodiscard]] Diagnostics check(const FunctionType& type,
                                  detail::FindHostClass find_host_class = nullptr,
                                  const void* context = nullptr) const {
    if (signature == nullptr) return {};
    return detail::check_signature(*signature, type, find_host_class, context);
  }
};

// A resource type that the program provides.
struct HostResourceParts {
  std::string interface;
  std::string name;                  // "bucket"
  const void* host_class = nullptr;  // identifies the C++ class of its objects
  std::vector<HostFunction> functions;
};

}  // namespace tenon
