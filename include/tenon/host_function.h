// A function or resource that a C++ program provides, in the form that `CompositionBuilder` takes.
// tenon/host.h makes these from lambdas and classes; this header is the part without templates, for
// code that only passes them on.
//
//   tenon::HostFunction write = tenon::host_function("acme:log/log", "write", write_line);
//   builder.add_host_function(std::move(write));
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

// The failure of a host function. It ends the call of the guest and the guest's domain.
struct Trap {
  std::string message;
};
template <class T>
using HostResult = Result<T, Trap>;

namespace detail {

// A function of the program with C++ types, called by a guest. Its signature says where parameters
// and result are.
class HostCallable {
 public:
  virtual ~HostCallable() = default;
  // Calls the function. Must not throw.
  // buffer: holds the parameters and receives the result; null if both are flat.
  [[nodiscard]] virtual HostResult<void> call(CallBuffer* buffer, CallFrame& frame) noexcept = 0;
};

}  // namespace detail

// A function that the program provides. Copies share the function.
struct HostFunction {
  using Dynamic = std::function<HostResult<std::optional<Value>>(std::span<const Value>)>;

  std::string interface;  // "acme:log/log", "acme:log/log@1.0.0"; empty: a bare function
  std::string name;       // "write", "[method]bucket.get"
  // With C++ types; null otherwise.
  const detail::CppSignature* signature = nullptr;  // static
  std::shared_ptr<detail::HostCallable> typed;
  // With dynamic values; null otherwise.
  std::shared_ptr<const Dynamic> dynamic;

  // Returns each mismatch with a function type. A function on dynamic values fits every type.
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
