// Functions and resources that a C++ program provides to units. They satisfy imports just like the
// exports of a component: `add_host_function` takes a lambda, and a `HostResource` describes a
// class whose objects guests hold as resources.
//
// clang-format off
//   builder.add_host_function("acme:log/log", "write",
//                             [&](std::string_view line) { lines.emplace_back(line); });
//
//   tenon::HostResource<Bucket> bucket("press:kv/store", "bucket");
//   bucket.constructor([] { return std::make_unique<Bucket>(); })
//       .method("get", &Bucket::get)
//       .method("set", [](Bucket& self, std::string_view key, std::uint64_t value) { ... });
//   builder.add_host_resource(bucket);
// clang-format on
//
// The type of a function is derived from the lambda. tenon/record.h lists the C++ type for each WIT
// type; for resources of the program these are added:
//
// | WIT       | C++                                                                              |
// | --------- | -------------------------------------------------------------------------------- |
// | borrow<r> | T& or const T&, where r is HostResource<T>; as a parameter                       |
// | own<r>    | std::unique_ptr<T> or std::shared_ptr<T>; as a parameter, std::shared_ptr<T>     |
//
// Calls into a guest pass objects with the same types: a `function<void(Bucket&)>` takes a
// std::shared_ptr<Bucket>, which the guest borrows for the call. A resource of a guest is a
// `tenon::Resource`. A std::string_view, a std::span of numbers and a T& are views of the caller's
// data, valid during the call.
//
// Whether a function matches its import is checked when the composition is planned
// (type-signature). A function can also take dynamic values, and then has whatever type its import
// has: `[](std::span<const tenon::Value> params) -> tenon::Value { ... }`. It returns a Value, a
// std::optional of one, nothing, or a HostResult of these. Such a function sees resources of the
// program as handles, like those of guests.
//
// All units share the functions of the program, unless a function is for certain units
// (HostFunction::consumers, HostResourceParts::consumers): then each of them can have functions, and
// state, of its own for the same import.
//
//   tenon::HostFunction write = tenon::host_function("acme:log/log", "write",
//       [&](const tenon::Caller& caller, std::string_view line) { log(caller.unit, line); });
//   write.consumers = {"cart", "tax"};
//   builder.add_host_function(std::move(write));
//
// A function can also take packr's encoded values without decoding them: see RawFunction.
//
// An exception from a function becomes a trap in its caller. A function that returns a `HostResult`
// can also return a `Trap`.
//
// A function with C++ types can be a coroutine that returns a Task (tenon/task.h). The call then ends
// with the task, and other guests run meanwhile; a guest that calls it synchronously waits. The
// parameters live as long as the task. If the caller cancels, or ends, the task is destroyed.
//
//   builder.add_host_function("acme:clock/clock", "wait",
//                             [&](std::uint32_t ms) -> tenon::Task<void> { co_await timers.after(ms); });
//
// Functions take and return streams and futures (tenon/stream.h): those with C++ types as Stream<T> and
// Future<T>, those on dynamic values as Values. A coroutine goes on writing after the function has
// returned the other end:
//
//   tenon::Task<void> write_lines(tenon::StreamWriter<std::string> to) {
//     while (...) if (!*co_await to.write(next_line())) co_return;   // nobody reads any more
//   }
//   builder.add_host_function("acme:log/log", "follow", [] {
//     auto [writer, lines] = tenon::make_stream<std::string>();
//     write_lines(std::move(writer)).then([] {});                    // runs without the task
//     return std::move(lines);
//   });
//
// Thread: functions are called on the thread that uses the composition, and by domains that compute
// on their threads (`CompositionBuilder::set_threads`), one at a time. If units are shared between
// compositions, they are called on the threads of all of these, one at a time.
// Lifetime: a composition keeps its functions and the objects of its resources alive.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/call_port.h"
#include "tenon/detail/host_codec.h"
#include "tenon/detail/signature.h"
#include "tenon/detail/tree_codec.h"
#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

// The unit of a composition that calls a function of the program. A function gets it if its first
// parameter is a `const tenon::Caller&`, which is not part of its type for the guest. Lifetime: that of
// the composition.
struct Caller {
  std::string unit;
  std::string domain;  // of the unit
};

namespace detail {

// Calls a function, with the caller as the first argument if the function takes it.
template <class R, class F, class... Arguments>
R invoke_for(const Caller& caller, F& function, Arguments&&... arguments) {
  if constexpr (std::is_invocable_v<F&, const Caller&, Arguments...>)
    return std::invoke(function, caller, std::forward<Arguments>(arguments)...);
  else
    return std::invoke(function, std::forward<Arguments>(arguments)...);
}

}  // namespace detail

// A borrow<r> within another value, such as a list: `object` is the object of the program.
template <class T>
using HostBorrow = detail::HostBorrow<T>;

// The failure of a host function. It ends the call of the guest and the guest's domain.
struct Trap {
  std::string message;
};
template <class T>
using HostResult = Result<T, Trap>;

// The bytes of the result of a RawFunction.
class RawBytes final {
 public:
  RawBytes(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  // Refers to bytes without copying them: a part of the parameters, or memory of the program that
  // does not change until the call has ended.
  [[nodiscard]] static RawBytes view(std::span<const std::uint8_t> bytes) {
    RawBytes viewed({});
    viewed.view_ = bytes;
    return viewed;
  }

  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return view_.data() != nullptr ? view_ : std::span<const std::uint8_t>(bytes_);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::span<const std::uint8_t> view_;
};

// A function of the program that takes and returns values in the wire form of packr packages
// (tenon/packr.h), without decoding them. It fits every import whose types packr has. If a package
// calls it, `params` are the bytes in the memory of the package, and the result is copied there once.
// If a component calls it, its values are encoded first.
//
//   builder.add_host_function("store", "put", tenon::RawFunction(
//       [&](std::span<const std::uint8_t> params) -> tenon::RawBytes {
//         log.write(params);
//         return kDone;
//       }));
//
// The function can have a first parameter `const tenon::Caller&`, like other functions.
//
// params: one value, whose type has been checked against the import; a tuple for any number of
//         parameters other than one. Valid until the function returns or calls into the composition.
// Returns: one value, which is checked against the type of the import before the caller gets it; an
//          empty tuple if the import has no result. A value of another type traps, and so do a `Trap`
//          and an exception.
class RawFunction final {
 public:
  using Params = std::span<const std::uint8_t>;
  using Call = std::function<HostResult<RawBytes>(const Caller&, Params)>;

  template <class F>
    requires std::is_invocable_r_v<HostResult<RawBytes>, F&, Params> ||
             std::is_invocable_r_v<HostResult<RawBytes>, F&, const Caller&, Params>
  explicit RawFunction(F function)
      : call_(std::make_shared<const Call>(
            [function = std::move(function)](const Caller& caller, Params params) mutable {
              return detail::invoke_for<HostResult<RawBytes>>(caller, function, params);
            })) {}

  [[nodiscard]] const std::shared_ptr<const Call>& call() const { return call_; }

 private:
  std::shared_ptr<const Call> call_;
};

namespace detail {

// A handler of HTTP requests (tenon/http.h).
struct HttpFunctionPart;

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

}  // namespace detail

namespace detail {

// The library's description of the type of an import.
struct ImportShape;

// A callable that was made for one import, and where its values are.
struct BoundCallable {
  std::shared_ptr<HostCallable> callable;
  const CppSignature* signature = nullptr;  // static
};

}  // namespace detail

// A function that the program provides, in the form that `CompositionBuilder` takes; `host_function`
// makes one. Copies share the function.
struct HostFunction {
  using Dynamic =
      std::function<HostResult<std::optional<Value>>(const Caller&, std::span<const Value>)>;

  std::string interface;  // "acme:log/log", "acme:log/log@1.0.0"; empty: a bare function
  std::string name;       // "write", "[method]bucket.get"
  // The units that can import it, by name; empty: all. For one unit, a function that names it wins over
  // others, so that units can have different functions for one import.
  std::vector<std::string> consumers = {};
  // With C++ types; null otherwise.
  const detail::CppSignature* signature = nullptr;  // static
  std::shared_ptr<detail::HostCallable> typed;
  // With dynamic values; null otherwise.
  std::shared_ptr<const Dynamic> dynamic;
  // With recursive C++ types: makes the function on dynamic values; null otherwise.
  using BindTree = std::function<Dynamic(std::shared_ptr<const detail::TreeLabels>)>;
  std::shared_ptr<const BindTree> tree = {};
  // With encoded values; null otherwise.
  std::shared_ptr<const RawFunction::Call> raw = {};
  // With requests of HTTP: a handler; null otherwise.
  std::shared_ptr<const detail::HttpFunctionPart> http = {};
  // With values of the C API: makes a callable for each import; null otherwise.
  using BindShape = std::function<Result<detail::BoundCallable>(const detail::ImportShape&)>;
  std::shared_ptr<const BindShape> bind = {};

  // Returns each mismatch with a function type. A function on dynamic values fits every type.
  // labels: as check_signature, for a function with recursive types.
  [[nodiscard]] Diagnostics check(const FunctionType& type,
                                  detail::FindHostClass find_host_class = nullptr,
                                  const void* context = nullptr,
                                  detail::TreeLabels* labels = nullptr) const {
    if (signature == nullptr) return {};
    detail::TreeLabels unused;
    if (tree != nullptr && labels == nullptr) labels = &unused;
    return detail::check_signature(*signature, type, find_host_class, context, labels);
  }
};

// A resource type that the program provides, in the form that `CompositionBuilder` takes;
// `HostResource` makes one.
struct HostResourceParts {
  std::string interface;
  std::string name;                  // "bucket"
  const void* host_class = nullptr;  // identifies the C++ class of its objects
  std::vector<HostFunction> functions;
  std::vector<std::string> consumers = {};  // as of HostFunction; also for `functions`
};

namespace detail {

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
      } catch (const std::exception& thrown) {
        return Trap{std::string("a host function threw: ") + thrown.what()};
      } catch (...) {
        return Trap{"a host function threw an exception that is not a std::exception"};
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
    } catch (const std::exception& thrown) {
      return Trap{std::string("a host function threw: ") + thrown.what()};
    } catch (...) {
      return Trap{"a host function threw an exception that is not a std::exception"};
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

template <class Traits, class F>
HostFunction make_typed_function(std::string_view interface, std::string name, F&& function) {
  HostFunction result;
  result.interface = interface;
  result.name = std::move(name);
  if constexpr (Traits::kIsTree) {
    using Tree = typename Traits::template Tree<std::decay_t<F>>;
    result.signature = &Tree::Signature::kSignature;
    result.tree = std::make_shared<const HostFunction::BindTree>(
        [shared = std::make_shared<std::decay_t<F>>(std::forward<F>(function))](
            std::shared_ptr<const TreeLabels> labels) -> HostFunction::Dynamic {
          return Tree{shared, std::move(labels)};
        });
  } else {
    using Callable = typename Traits::template Callable<std::decay_t<F>>;
    result.signature = &Callable::Signature::kSignature;
    result.typed = std::make_shared<Callable>(std::forward<F>(function));
  }
  return result;
}

// What a function on dynamic values returns, whether or not it asks who calls.
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

}  // namespace detail

// Makes a function of the program that can be passed to `CompositionBuilder::add_host_function`.
// interface: the interface of the import, in any form of its name; empty: the import is a bare
// function.
// name: as in WIT's binary form.
// function: a lambda, a function object or a function.
template <class F>
[[nodiscard]] HostFunction host_function(std::string_view interface, std::string_view name,
                                         F&& function) {
  using Plain = std::decay_t<F>;
  if constexpr (std::same_as<Plain, RawFunction>) {
    HostFunction result;
    result.interface = interface;
    result.name = name;
    result.raw = function.call();
    return result;
  } else if constexpr (detail::TakesValues<Plain>) {
    HostFunction result;
    result.interface = interface;
    result.name = name;
    result.dynamic = std::make_shared<const HostFunction::Dynamic>(
        detail::DynamicHostFunction<Plain>(std::make_shared<Plain>(std::forward<F>(function))));
    return result;
  } else {
    return detail::make_typed_function<detail::CallableTraits<Plain>>(interface, std::string(name),
                                                                      std::forward<F>(function));
  }
}

// A resource whose objects have class T. An object is destroyed once the last guest has dropped its
// handle and the program has no std::shared_ptr to it.
template <class T>
class HostResource final {
 public:
  HostResource(std::string_view interface, std::string_view name) {
    parts_.interface = interface;
    parts_.name = name;
    parts_.host_class = detail::host_class<T>();
  }

  // Adds the constructor.
  // function: returns a std::unique_ptr<T>, a std::shared_ptr<T> or an Expected of one.
  template <class F>
  HostResource& constructor(F&& function) {
    return add<detail::CallableTraits<std::decay_t<F>>>("[constructor]" + parts_.name,
                                                        std::forward<F>(function));
  }
  // Adds a method.
  // function: a member function of T, or a function whose first parameter is T& or const T&.
  template <class F>
  HostResource& method(std::string_view name, F&& function) {
    using Traits = detail::MethodTraits<T, std::decay_t<F>>;
    static_assert(Traits::template kIsMethod<T>,
                  "tenon: the first parameter of a method must be the object, `T&` or `const T&`");
    return add<Traits>("[method]" + parts_.name + "." + std::string(name),
                       std::forward<F>(function));
  }
  template <class F>
  HostResource& static_function(std::string_view name, F&& function) {
    return add<detail::CallableTraits<std::decay_t<F>>>(
        "[static]" + parts_.name + "." + std::string(name), std::forward<F>(function));
  }

  [[nodiscard]] const HostResourceParts& parts() const { return parts_; }
  operator const HostResourceParts&() const { return parts_; }

 private:
  template <class Traits, class F>
  HostResource& add(std::string name, F&& function) {
    parts_.functions.push_back(detail::make_typed_function<Traits>(
        parts_.interface, std::move(name), std::forward<F>(function)));
    return *this;
  }

  HostResourceParts parts_;
};

}  // namespace tenon
