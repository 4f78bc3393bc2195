// Wrappers around the functions of the program, by which guests call them: with C++ types that have a layout in memory
// (`TypedHostCallable`), with recursive types (`TreeHostFunction`) and on dynamic values (`DynamicHostFunction`). See
// tenon/host.h.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tenon/detail/call_port.h"
#include "tenon/detail/host_codec.h"
#include "tenon/detail/signature.h"
#include "tenon/detail/tree_cases.h"
#include "tenon/detail/tree_rows.h"
#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/value.h"

namespace tenon {
struct Caller;
}

namespace tenon::detail {

// Calls a function, with the caller as the first argument if the function takes it.
template <class R, class F, class... Arguments>
R invoke_for(const Caller& caller, F& function, Arguments&&... arguments) {
  if constexpr (std::is_invocable_v<F&, const Caller&, Arguments...>)
    return std::invoke(function, caller, std::forward<Arguments>(arguments)...);
  else
    return std::invoke(function, std::forward<Arguments>(arguments)...);
}

// The trap for the exception that is handled. Without memory, it says that.
inline Trap describe_thrown() noexcept {
  try {
    try {
      throw;
    } catch (const std::exception& thrown) {
      return Trap{std::string("a host function threw: ") + thrown.what()};
    } catch (...) {
      return Trap{"a host function threw an exception that is not a std::exception"};
    }
  } catch (const std::bad_alloc&) {
    return Trap{"out of memory"};
  }
}

// A call of a function that returns a task. Destroying it destroys the task.
class HostTask {
 public:
  virtual ~HostTask() = default;
  [[nodiscard]] virtual bool is_done() const = 0;
  // on_done: called once, when the task is done. REQUIRES: not `is_done`
  virtual void wait(std::function<void()> on_done) = 0;
  // Stores the result, as HostCallable::call. REQUIRES: `is_done`
  [[nodiscard]] virtual HostResult<void> give(CallBuffer* buffer, CallFrame& frame) noexcept = 0;
};

// A function of the program with C++ types, called by a guest. Its signature says where parameters
// and result are.
class HostCallable {
 public:
  virtual ~HostCallable() = default;
  // Whether it returns a task: `start` calls it then, instead of `call`.
  [[nodiscard]] virtual bool returns_task() const { return false; }
  // buffer: keeps the parameters until the task is destroyed.
  [[nodiscard]] virtual Result<std::unique_ptr<HostTask>, Trap> start(
      CallBuffer& /*buffer*/, CallFrame& /*frame*/) noexcept {
    return Trap{"the function does not return a task"};
  }
  // Calls the function. Must not throw.
  // buffer: holds the parameters and receives the result; null if both are flat.
  [[nodiscard]] virtual HostResult<void> call(CallBuffer* buffer, CallFrame& frame) noexcept = 0;
};

// The return type of a function without HostResult, and whether it can trap.
template <class R>
struct HostReturn {
  using Type = std::remove_cvref_t<R>;
  static constexpr bool kMayTrap = false;
};
template <class R>
struct HostReturn<Result<R, Trap>> {
  using Type = R;
  static constexpr bool kMayTrap = true;
};
template <class R>
struct HostReturn<Task<R>> : HostReturn<R> {};

template <class R>
inline constexpr bool kIsTask = false;
template <class R>
inline constexpr bool kIsTask<Task<R>> = true;

template <class T>
[[nodiscard]] constexpr bool is_view() {
  if constexpr (std::is_void_v<T>)
    return false;
  else
    return Codec<T>::layout.is_view;
}

template <class F, class R, class... Params>
class TypedHostCallable final : public HostCallable {
 public:
  using Returned = typename HostReturn<R>::Type;
  using Signature = detail::Signature<Returned, HostWire<Params>...>;
  // The viewed data could be destroyed before the result is stored.
  static_assert(!is_view<Returned>(),
                "tenon: a host function cannot return a view; use std::string, std::vector or a "
                "std::shared_ptr");

  explicit TypedHostCallable(F function) : function_(std::move(function)) {}

  HostResult<void> call(CallBuffer* buffer, CallFrame& frame) noexcept override {
    if constexpr (kIsTask<R>) {
      return Trap{"the function returns a task"};
    } else {
      return catch_all([&]() -> HostResult<void> {
        auto params = load_params(buffer, frame);
        return give_outcome([&]() -> R { return invoke(params, frame); }, buffer, frame);
      });
    }
  }

  [[nodiscard]] bool returns_task() const override { return kIsTask<R>; }
  [[nodiscard]] Result<std::unique_ptr<HostTask>, Trap> start(CallBuffer& buffer,
                                                              CallFrame& frame) noexcept override {
    if constexpr (kIsTask<R>) {
      using Started = Result<std::unique_ptr<HostTask>, Trap>;
      try {
        return Started(std::make_unique<TypedHostTask>(*this, buffer, frame));
      } catch (...) {
        return describe_thrown();
      }
    } else {
      return HostCallable::start(buffer, frame);
    }
  }

 private:
  using LoadedParams = decltype(Signature::load_params(std::declval<CallBuffer&>(), 0));

  // A task, and the parameters that its coroutine refers to.
  class TypedHostTask final : public HostTask {
   public:
    TypedHostTask(TypedHostCallable& callable, CallBuffer& buffer, CallFrame& frame)
        : params_(callable.load_params(&buffer, frame)), task_(callable.invoke(params_, frame)) {}

    [[nodiscard]] bool is_done() const override { return task_.is_done(); }
    void wait(std::function<void()> on_done) override { task_.on_done(std::move(on_done)); }
    HostResult<void> give(CallBuffer* buffer, CallFrame& frame) noexcept override {
      return catch_all([&] { return give_outcome([&] { return task_.take(); }, buffer, frame); });
    }

   private:
    LoadedParams params_;
    R task_;
  };

  template <class Run>
  static HostResult<void> catch_all(Run&& run) noexcept {
    try {
      return run();
    } catch (...) {
      return describe_thrown();
    }
  }

  LoadedParams load_params(CallBuffer* buffer, const CallFrame& frame) {
    if constexpr (Signature::kFlatParams)
      return Signature::take_flat_params(frame.flat_params.data());
    else
      return Signature::load_params(*buffer, frame.params);
  }

  R invoke(LoadedParams& params, const CallFrame& frame) {
    return std::apply(
        [&](auto&... param) -> R {
          return invoke_for<R>(*frame.caller, function_, host_argument<Params>(param)...);
        },
        params);
  }

  // Passes what `run` returns.
  template <class Run>
  static HostResult<void> give_outcome(Run&& run, CallBuffer* buffer, CallFrame& frame) {
    using Outcome = std::invoke_result_t<Run>;
    if constexpr (std::is_void_v<Outcome>) {
      run();
      return {};
    } else if constexpr (!HostReturn<Outcome>::kMayTrap) {
      auto&& result = run();
      return give<Returned>(result, buffer, frame);
    } else {
      Outcome result = run();
      if (!result) return std::move(result).error();
      if constexpr (std::is_void_v<Returned>)
        return {};
      else
        return give<Returned>(*result, buffer, frame);
    }
  }

  // Passes the result to the guest. Moves owned objects out of `result`.
  template <class T>
  static HostResult<void> give(const T& result, CallBuffer* buffer, CallFrame& frame) {
    if constexpr (Signature::kFlatResult) {
      Codec<T>::put_flat(result, &frame.result);
      return {};
    } else {
      constexpr CodecLayout kLayout = Codec<T>::layout;
      std::uint32_t at = 0;
      if (buffer->allocate(kLayout.size, kLayout.align, at)) {
        std::memset(buffer->data() + at, 0, kLayout.size);
        frame.result = at;
        if (Codec<T>::store(*buffer, result, at, 0)) return {};
      }
      const Diagnostics problems = buffer->take_problems();
      return Trap{"a host function's result cannot be passed: " +
                  (problems.empty() ? std::string() : problems.front().message)};
    }
  }

  F function_;
};

// A function with recursive types, as one on dynamic values.
template <class F, class R, class... Params>
struct TreeHostFunction {
  using Returned = typename HostReturn<R>::Type;
  using Signature = TreeSignature<Returned, Params...>;
  static_assert(!kIsTask<R>, "tenon: a coroutine cannot have recursive types");

  std::shared_ptr<F> function;
  std::shared_ptr<const TreeLabels> labels;

  HostResult<std::optional<Value>> operator()(const Caller& caller,
                                              std::span<const Value> params) const {
    TreeContext context(*labels);
    std::tuple<std::optional<std::remove_cvref_t<Params>>...> taken;
    if (params.size() != sizeof...(Params)) return Trap{"it got another number of parameters"};
    std::size_t at = 0;
    const bool is_taken = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (
          (at = I, (std::get<I>(taken) = take_tree<std::remove_cvref_t<Params>>(context, params[I]))
                       .has_value()) &&
          ...);
    }(std::index_sequence_for<Params...>());
    if (!is_taken) {
      const Diagnostic problem = context.take_problem("$[" + std::to_string(at) + "]");
      return Trap{"a parameter does not have its C++ type: " + problem.where.item + ": " +
                  problem.message};
    }
    const auto call = [&]() -> R {
      return [&]<std::size_t... I>(std::index_sequence<I...>) -> R {
        return invoke_for<R>(caller, *function, static_cast<Params&&>(*std::get<I>(taken))...);
      }(std::index_sequence_for<Params...>());
    };
    if constexpr (std::is_void_v<R>) {
      call();
      return std::optional<Value>();
    } else if constexpr (!HostReturn<R>::kMayTrap) {
      return give(call());
    } else {
      R result = call();
      if (!result) return std::move(result).error();
      if constexpr (std::is_void_v<Returned>)
        return std::optional<Value>();
      else
        return give(*result);
    }
  }

 private:
  template <class T>
  [[nodiscard]] HostResult<std::optional<Value>> give(const T& result) const {
    TreeContext context(*labels);
    std::optional<Value> value = put_tree<T>(context, result);
    if (value) return value;
    const Diagnostic problem = context.take_problem("$");
    return Trap{"its result cannot be passed: " + problem.where.item + ": " + problem.message};
  }
};

// Whether the first parameter is the object of a method.
template <class T, class... Params>
inline constexpr bool kTakesObject = false;
template <class T, class... Rest>
inline constexpr bool kTakesObject<T, T&, Rest...> = true;
template <class T, class... Rest>
inline constexpr bool kTakesObject<T, const T&, Rest...> = true;

// The callable wrapper for a function pointer or member function pointer type.
template <class P>
struct PointerTraits;
template <class R, class... Params>
struct PointerTraits<R (*)(Params...)> {
  template <class F>
  using Callable = TypedHostCallable<F, R, Params...>;
  template <class F>
  using Tree = TreeHostFunction<F, R, Params...>;
  static constexpr bool kIsTree = kIsTreeSignature<typename HostReturn<R>::Type, Params...>;
  template <class T>
  static constexpr bool kIsMethod = kTakesObject<T, Params...>;
};
// A function that asks who calls; the caller is not a parameter for the guest.
template <class R, class... Params>
struct PointerTraits<R (*)(const Caller&, Params...)> : PointerTraits<R (*)(Params...)> {};
template <class R, class... Params>
struct PointerTraits<R (*)(Params...) noexcept> : PointerTraits<R (*)(Params...)> {};
template <class C, class R, class... Params>
struct PointerTraits<R (C::*)(Params...)> : PointerTraits<R (*)(Params...)> {};
template <class C, class R, class... Params>
struct PointerTraits<R (C::*)(Params...) const> : PointerTraits<R (*)(Params...)> {};
template <class C, class R, class... Params>
struct PointerTraits<R (C::*)(Params...) noexcept> : PointerTraits<R (*)(Params...)> {};
template <class C, class R, class... Params>
struct PointerTraits<R (C::*)(Params...) const noexcept> : PointerTraits<R (*)(Params...)> {};

template <class F>
inline constexpr bool kIsCallable = false;

// The callable wrapper for a function or an object with a single call operator.
template <class F>
struct CallableTraits {
  static_assert(kIsCallable<F>,
                "tenon: the parameters of a host function must be known: no generic lambda, and no "
                "object with several call operators");
};
template <class F>
  requires std::is_function_v<std::remove_pointer_t<F>>
struct CallableTraits<F> : PointerTraits<F> {};
template <class F>
  requires requires { &F::operator(); }
struct CallableTraits<F> : PointerTraits<decltype(&F::operator())> {};

// The same, with the object as the first parameter.
template <class T, class F>
struct MethodTraits : CallableTraits<F> {};
template <class T, class C, class R, class... Params>
struct MethodTraits<T, R (C::*)(Params...)> : PointerTraits<R (*)(T&, Params...)> {};
template <class T, class C, class R, class... Params>
struct MethodTraits<T, R (C::*)(Params...) const> : PointerTraits<R (*)(const T&, Params...)> {};
template <class T, class C, class R, class... Params>
struct MethodTraits<T, R (C::*)(Params...) noexcept> : PointerTraits<R (*)(T&, Params...)> {};
template <class T, class C, class R, class... Params>
struct MethodTraits<T, R (C::*)(Params...) const noexcept>
    : PointerTraits<R (*)(const T&, Params...)> {};

// The result type of a function on dynamic values, with or without a parameter for its caller.
template <class F, class = void>
struct DynamicResult {};
template <class F>
struct DynamicResult<F, std::enable_if_t<std::invocable<F&, std::span<const Value>>>>
    : std::type_identity<std::invoke_result_t<F&, std::span<const Value>>> {};
template <class F>
struct DynamicResult<F, std::enable_if_t<std::invocable<F&, const Caller&, std::span<const Value>>>>
    : std::type_identity<std::invoke_result_t<F&, const Caller&, std::span<const Value>>> {};

template <class F>
concept TakesValues = requires {
  requires std::constructible_from<
      std::optional<Value>,
      std::conditional_t<std::is_void_v<typename HostReturn<typename DynamicResult<F>::type>::Type>,
                         std::nullopt_t,
                         typename HostReturn<typename DynamicResult<F>::type>::Type>>;
};

// Adapts a function on dynamic values to one result type. Copies share the function.
template <class F>
class DynamicHostFunction {
 public:
  using R = typename DynamicResult<F>::type;

  explicit DynamicHostFunction(std::shared_ptr<F> function) : function_(std::move(function)) {}

  HostResult<std::optional<Value>> operator()(const Caller& caller,
                                              std::span<const Value> params) const {
    if constexpr (std::is_void_v<R>) {
      invoke(caller, params);
      return std::optional<Value>();
    } else if constexpr (!HostReturn<R>::kMayTrap) {
      return std::optional<Value>(invoke(caller, params));
    } else {
      R result = invoke(caller, params);
      if (!result) return std::move(result).error();
      if constexpr (std::is_void_v<typename HostReturn<R>::Type>)
        return std::optional<Value>();
      else
        return std::optional<Value>(*std::move(result));
    }
  }

 private:
  R invoke(const Caller& caller, std::span<const Value> params) const {
    return invoke_for<R>(caller, *function_, params);
  }

  std::shared_ptr<F> function_;
};

}  // namespace tenon::detail
