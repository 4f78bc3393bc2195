// Functions that a composition exports. A function is looked up once and can be called often, with
// C++ types or with dynamic values.
//
// With C++ types, the types are compared with the WIT types once, when the function is looked up,
// and calls then need no checks of types. tenon/record.h lists the C++ type for each WIT type. A
// call with only numbers, enums, flags and records of these allocates no memory.
//
//   auto total = shop->function<double(std::vector<Item>)>("acme:shop/api", "total");
//   if (!total) return report(total.error());   // also if the types do not match
//   tenon::CallResult<double> sum = (*total)(items);
//
// With dynamic values, the program can call functions whose types it does not know:
//
//   auto total = shop->find_function("acme:shop/api", "total");
//   const tenon::Type type = total->type().params()[0].type;
//   const tenon::Value arguments[] = {*tenon::parse_wave("[{name: \"tea\"}]", type)};
//   tenon::CallResult<std::optional<tenon::Value>> sum = total->call(arguments);
//
// Thread: its composition's.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/call_port.h"
#include "tenon/detail/signature.h"
#include "tenon/detail/tree_cases.h"
#include "tenon/detail/tree_rows.h"
#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

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
  // its handles cannot be passed to another call and are not dropped. A stream or future is a handle
  // too: ValueStream reads it, and ValueStreamWriter makes one (tenon/stream.h).
  // Errors: CallFailure: BadCall with value-type, value-label, value-handle, value-too-large (also
  // for a result that would take more than 1 GiB of memory: `CallFailure::unit` keeps running, and
  // the result's resources are dropped); type-unsupported-value (an error-context), type-too-large;
  // run-no-function (the composition is gone, or its unit was
  // swapped); Trap, OpenImport, Deadline, Interrupted, Ended, Reentrance, Engine.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::span<const Value> arguments) const;

  // Starts the function, and returns before it has ended, unless it ends at once. Any number of calls
  // can be in progress.
  // Errors: as `call`; Interrupted, if the task is cancelled; Ended, if the composition is destroyed.
  [[nodiscard]] Task<CallResult<std::optional<Value>>> start(
      std::span<const Value> arguments) const;

  // Calls a function of a packr package with values in the wire form (tenon/packr.h): one value, or a
  // tuple for any number of parameters other than one. The bytes are copied to the package, and its
  // result is copied to `result`, whose memory is reused. Both are checked against the function's
  // type before anyone reads them.
  // Errors: as `call`; BadCall with type-unsupported-value, if it is not a function of a package.
  [[nodiscard]] CallResult<void> call_encoded(std::span<const std::uint8_t> params,
                                              std::vector<std::uint8_t>& result) const;

  // Used by TypedFunction for calls with C++ types.
  // Errors: type-unsupported-value, type-too-large.
  [[nodiscard]] Result<std::shared_ptr<detail::CallPort>> make_port() const;

  struct Impl;
  // Created by a composition.
  explicit Function(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

namespace detail {

// How an argument is passed: small types and types that own a resource by value, all others by
// reference.
template <class W>
using Argument =
    std::conditional_t<(std::is_trivially_copyable_v<W> && sizeof(W) <= 2 * sizeof(void*)) ||
                           !std::copy_constructible<W>,
                       W, const W&>;

template <class P, class T = std::remove_cvref_t<P>>
using TreeArgument =
    std::conditional_t<std::is_trivially_copyable_v<T> && sizeof(T) <= 2 * sizeof(void*), T,
                       const T&>;

// A call with C++ types as the state of a task.
template <class R, class Signature>
class CallState final : public TaskState<CallResult<R>> {
 public:
  explicit CallState(CallPort& port) : call_(port.make_call()) {
    call_->buffer().set_functions(port.functions());
  }

  template <class... Params>
  void start(const Params&... params) {
    CallFrame frame;
    typename Signature::FlatParams flat;
    if constexpr (Signature::kFlatParams) {
      Signature::put_flat_params(flat, params...);
      frame.flat_params = {flat.data(), Signature::kParams.flat};
    } else if (!Signature::store_params(call_->buffer(), frame.params, params...)) {
      this->set_value(refuse_call({}, call_->buffer().take_problems()));
      call_->give_up();
      return;
    }
    call_->start(Signature::kSignature, frame, [this] { finish(); });
  }

  void release() override { delete this; }
  void cancel() override { call_->cancel(); }
  [[nodiscard]] std::shared_ptr<Driver> driver() const override { return call_->driver(); }

 private:
  void finish() {
    try {
      take_outcome();
    } catch (const std::bad_alloc&) {
      call_->drop_result();
      this->set_exception(std::current_exception());
    }
    this->run_continuation();
  }
  void take_outcome() {
    CallFrame frame;
    CallResult<void> outcome = call_->take_outcome(frame);
    if (!outcome) {
      this->set_value(std::move(outcome).error());
    } else if constexpr (std::is_void_v<R>) {
      this->set_value();
    } else {
      this->set_value(Codec<R>::load(call_->buffer(), static_cast<std::uint32_t>(frame.result), 0));
    }
  }

  std::unique_ptr<StartedCall> call_;
};

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
  // For code of `tenon bindgen cpp`: the functions of the resources in results, for this function and
  // its copies.
  void set_functions(std::weak_ptr<const detail::ResourceFunctions> functions) const {
    port_->set_functions(std::move(functions));
  }

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
      buffer.set_functions(port_->functions());
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
          return load_result(buffer, static_cast<std::uint32_t>(frame.result));
      });
    }
  }

  // Starts the function, and returns before it has ended, unless it ends at once. Any number of calls
  // can be in progress. The arguments are copied; resources that are passed as borrows are in use
  // until the call ends.
  // Errors: as `operator()`; Interrupted, if the task is cancelled; Ended, if the composition is
  // destroyed.
  [[nodiscard]] Task<CallResult<R>> start(detail::Argument<detail::Wire<Params>>... params) const {
    auto* const state = new detail::CallState<R, Signature>(*port_);
    Task<CallResult<R>> task(state);
    state->start(params...);
    return task;
  }
  // Starts the function, and calls `function` with the CallResult when it has ended, perhaps at once.
  template <class F>
  void start_then(F function, detail::Argument<detail::Wire<Params>>... params) const {
    start(std::forward<detail::Argument<detail::Wire<Params>>>(params)...)
        .then(std::move(function));
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
  R load_result(detail::CallBuffer& buffer, std::uint32_t at) const {
    try {
      return detail::Codec<R>::load(buffer, at, 0);
    } catch (const std::bad_alloc&) {
      port_->drop_result();
      throw;
    }
  }
  static R flat_result([[maybe_unused]] const detail::CallFrame& frame) {
    if constexpr (!std::is_void_v<R>) return detail::Codec<R>::take_flat(&frame.result);
  }

  std::shared_ptr<detail::CallPort> port_;
};

// The same for signatures with recursive types, which only functions of packr packages have
// (docs/packr.md, "Recursive types in C++"). Values are converted to and from `Value`s.
template <class R, class... Params>
  requires detail::kIsTreeSignature<R, Params...>
class TypedFunction<R(Params...)> final {
 public:
  // Errors: type-signature for each place where the types do not match, with its path.
  static Result<TypedFunction> make(const Function& function) {
    auto labels = std::make_shared<detail::TreeLabels>();
    Diagnostics problems = detail::check_signature(detail::TreeSignature<R, Params...>::kSignature,
                                                   function.type(), nullptr, nullptr, labels.get());
    if (!problems.empty()) return problems;
    return TypedFunction(function, std::move(labels));
  }

  [[nodiscard]] const FunctionType& type() const { return function_.type(); }

  // Calls the function. Errors: as for other types; value-type also for values that are nested more
  // than 500 levels deep, and for a result that is not an R where its type is `value`: the package
  // goes on.
  CallResult<R> operator()(detail::TreeArgument<Params>... params) const {
    Result<std::vector<Value>> arguments = make_arguments(params...);
    if (!arguments) return detail::refuse_call(function_.name(), std::move(arguments).error());
    return take_result(function_.call(*arguments));
  }

  // Starts the function, as other types do.
  [[nodiscard]] Task<CallResult<R>> start(detail::TreeArgument<Params>... params) const {
    return finish(*this, make_arguments(params...));
  }
  template <class F>
  void start_then(F function, detail::TreeArgument<Params>... params) const {
    start(params...).then(std::move(function));
  }

 private:
  TypedFunction(Function function, std::shared_ptr<const detail::TreeLabels> labels)
      : function_(std::move(function)), labels_(std::move(labels)) {}

  Result<std::vector<Value>> make_arguments(const std::remove_cvref_t<Params>&... params) const {
    detail::TreeContext context(*labels_);
    std::vector<Value> arguments;
    arguments.reserve(sizeof...(Params));
    const auto add = [&]<class W>(const W& param) {
      std::optional<Value> value = detail::put_tree<W>(context, param);
      if (!value) return false;
      arguments.push_back(*std::move(value));
      return true;
    };
    if ((add(params) && ...)) return arguments;
    const std::vector<TypeField> fields = type().params();
    return context.take_problem("$." + fields[arguments.size()].label);
  }

  CallResult<R> take_result(CallResult<std::optional<Value>> called) const {
    if (!called) return std::move(called).error();
    if constexpr (std::is_void_v<R>) {
      return {};
    } else {
      detail::TreeContext context(*labels_);
      std::optional<R> result = detail::take_tree<R>(context, **called);
      if (result) return *std::move(result);
      return detail::refuse_call(function_.name(), {context.take_problem("$result")});
    }
  }

  // A coroutine, which keeps the function.
  static Task<CallResult<R>> finish(TypedFunction function, Result<std::vector<Value>> arguments) {
    if (!arguments)
      co_return detail::refuse_call(function.function_.name(), std::move(arguments).error());
    co_return function.take_result(co_await function.function_.start(*arguments));
  }

  Function function_;
  std::shared_ptr<const detail::TreeLabels> labels_;
};

}  // namespace tenon
