// Functions of a composition, called with C++ types. The types are compared with the WIT types
// once, when the function is looked up, and calls then need no checks of types.
//
//   auto total = shop->function<double(std::vector<Item>)>("acme:shop/api", "total");
//   if (!total) return report(total.error());   // also if the types do not match
//   tenon::CallResult<double> sum = (*total)(items);
//
// tenon/record.h lists the C++ type for each WIT type. A call with only numbers, enums, flags and
// records of these allocates no memory.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tenon/call_failure.h"
#include "tenon/composition.h"
#include "tenon/detail/call_port.h"
#include "tenon/detail/signature.h"
#include "tenon/function.h"
#include "tenon/result.h"
#include "tenon/type.h"

namespace tenon {

namespace detail {

// How an argument is passed: small types and types that own a resource by value, all others by
// reference.
template <class W>
using Argument =
    std::conditional_t<(std::is_trivially_copyable_v<W> && sizeof(W) <= 2 * sizeof(void*)) ||
                           !std::copy_constructible<W>,
                       W, const W&>;

}  // namespace detail

template <class Signature>
class TypedFunction;

// A function that is called with C++ types. Copies refer to the same function.
// Lifetime: as for Function.
// Thread: its composition's.
template <class R, class... Params>
class TypedFunction<R(Params...)> final {
  using Signature = detail::Signature<R, detail::Wire<Params>...>;
  static_assert(!Signature::kResult.is_view,
                "tenon: a std::string_view, std::span or tenon::Borrow cannot be a result, whose "
                "values nothing would keep; use std::string, std::vector or tenon::Resource");

 public:
  // Makes a typed function from a function that was looked up.
  // Errors: type-unsupported-value, type-too-large; type-signature for each place where the types
  // do not match, with its path.
  static Result<TypedFunction> make(const Function& function) {
    Result<std::shared_ptr<detail::CallPort>> port = function.make_port();
    if (!port) return std::move(port).error();
    return make(*std::move(port));
  }
  static Result<TypedFunction> make(std::shared_ptr<detail::CallPort> port) {
    const auto find_host_class = [](const void* context, const Type& handle) {
      return static_cast<const detail::CallPort*>(context)->find_host_class(handle);
    };
    Diagnostics problems =
        detail::check_signature(Signature::kSignature, port->type(), find_host_class, port.get());
    if (!problems.empty()) return problems;
    return TypedFunction(std::move(port));
  }

  [[nodiscard]] const FunctionType& type() const { return port_->type(); }

  // Calls the function. A Resource that is passed by value is transferred to the callee, if the
  // call reaches the guest.
  // Errors: CallFailure: BadCall with value-type (text that is not UTF-8, a char32_t that is not a
  // character), value-label (a value that is not an enumerator), value-handle, value-too-large,
  // run-no-function (the composition is gone, or its unit was swapped); Trap, OpenImport, Deadline,
  // Interrupted, Ended, Reentrance, Engine.
  CallResult<R> operator()(detail::Argument<detail::Wire<Params>>... params) const {
    detail::CallFrame frame;
    if constexpr (Signature::kFlatParams && Signature::kFlatResult) {
      typename Signature::FlatParams flat;
      Signature::put_flat_params(flat, params...);
      frame.flat_params = {flat.data(), Signature::kParams.flat};
      return finish(port_->call(Signature::kSignature, frame), [&] { return flat_result(frame); });
    } else {
      const detail::PortEntry entry(*port_);
      if (!entry.is_in()) return entry.failure();
      detail::CallBuffer& buffer = port_->empty_buffer();
      typename Signature::FlatParams flat;
      if constexpr (Signature::kFlatParams) {
        Signature::put_flat_params(flat, params...);
        frame.flat_params = {flat.data(), Signature::kParams.flat};
      } else if (!Signature::store_params(buffer, frame.params, params...)) {
        return detail::refuse_call(port_->name(), buffer.take_problems());
      }
      return finish(port_->call(Signature::kSignature, frame), [&] {
        if constexpr (Signature::kFlatResult)
          return flat_result(frame);
        else
          return detail::Codec<R>::load(buffer, static_cast<std::uint32_t>(frame.result), 0);
      });
    }
  }

 private:
  explicit TypedFunction(std::shared_ptr<detail::CallPort> port) : port_(std::move(port)) {}

  template <class Read>
  static CallResult<R> finish(CallResult<void> done, Read&& read) {
    if (!done) return std::move(done).error();
    if constexpr (std::is_void_v<R>)
      return {};
    else
      return read();
  }
  static R flat_result([[maybe_unused]] const detail::CallFrame& frame) {
    if constexpr (!std::is_void_v<R>) return detail::Codec<R>::take_flat(&frame.result);
  }

  std::shared_ptr<detail::CallPort> port_;
};

template <class Signature>
Result<TypedFunction<Signature>> Composition::function(std::string_view interface,
                                                       std::string_view name) const {
  Result<Function> found = find_function(interface, name);
  if (!found) return std::move(found).error();
  return TypedFunction<Signature>::make(*found);
}

template <class Signature>
Result<TypedFunction<Signature>> Unit::function(std::string_view interface,
                                                std::string_view name) const {
  Result<Function> found = find_function(interface, name);
  if (!found) return std::move(found).error();
  return TypedFunction<Signature>::make(*found);
}

}  // namespace tenon
