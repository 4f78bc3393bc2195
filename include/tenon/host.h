// Functions and resources that a C++ program provides to units.
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
// The type of a function is read from the lambda: which C++ types fit which WIT types is the table
// in tenon/record.h, and besides
//
// | WIT       | C++                                                                              |
// | --------- | -------------------------------------------------------------------------------- |
// | borrow<r> | T& or const T&, where r is HostResource<T>; as a parameter                       |
// | own<r>    | std::unique_ptr<T> or std::shared_ptr<T>; as a parameter, std::shared_ptr<T>     |
//
// Calls into a guest pass objects by the same types: `function<void(Bucket&)>` takes a
// std::shared_ptr<Bucket>, lent for the call.
//
// std::string_view, std::span of numbers and T& are views of what the caller passed, for the call.
// A resource of a guest is `tenon::Resource`. Whether the function fits its import is checked when
// the composition is planned: type-signature. A function may also take values, and so take the
// type of its import: `[](std::span<const tenon::Value> params) -> tenon::Value { ... }`; it gives
// a Value, a std::optional of one, nothing, or a HostResult of these. Resources of the program are
// numbers then, as those of guests are.
//
// What a function throws becomes a trap of its caller, and so does a `Trap` that one returns whose
// result is a `HostResult`. Thread: functions are called on the thread that uses the composition;
// of one that has units in others, on the threads of those too, one at a time.
// Lifetime: a composition keeps its functions and its resources' objects.
#pragma once

#include <concepts>
#include <cstdint>
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

#include "tenon/composition.h"
#include "tenon/detail/host_codec.h"
#include "tenon/detail/signature.h"
#include "tenon/host_function.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

namespace detail {

// What a function returns, without HostResult.
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
  // What it would show may be gone when the result is stored.
  static_assert(!is_view<Returned>(),
                "tenon: a host function cannot return a view; use std::string, std::vector or a "
                "std::shared_ptr");

  explicit TypedHostCallable(F function) : function_(std::move(function)) {}

  HostResult<void> call(CallBuffer* buffer, CallFrame& frame) noexcept override {
    try {
      auto params = [&] {
        if constexpr (Signature::kFlatParams)
          return Signature::take_flat_params(frame.flat_params.data());
        else
          return Signature::load_params(*buffer, frame.params);
      }();
      const auto run = [&]() -> R {
        return std::apply(
            [&](auto&... param) -> R {
              return std::invoke(function_, host_argument<Params>(param)...);
            },
            params);
      };
      if constexpr (std::is_void_v<R>) {
        run();
        return {};
      } else if constexpr (!HostReturn<R>::kMayTrap) {
        auto&& result = run();
        return give<Returned>(result, buffer, frame);
      } else {
        R result = run();
        if (!result) return std::move(result).error();
        if constexpr (std::is_void_v<Returned>)
          return {};
        else
          return give<Returned>(*result, buffer, frame);
      }
    } catch (const std::exception& thrown) {
      return Trap{std::string("a host function threw: ") + thrown.what()};
    } catch (...) {
      return Trap{"a host function threw what is no std::exception"};
    }
  }

 private:
  // Leaves `result` without the objects that it owned.
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

// What the type of a pointer says of a function.
template <class P>
struct PointerTraits;
template <class R, class... Params>
struct PointerTraits<R (*)(Params...)> {
  template <class F>
  using Callable = TypedHostCallable<F, R, Params...>;
};
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

// The function type of what can be called without a choice between overloads.
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

// The same with the object as the first parameter.
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
  using Callable = typename Traits::template Callable<std::decay_t<F>>;
  HostFunction made;
  made.interface = interface;
  made.name = std::move(name);
  made.signature = &Callable::Signature::kSignature;
  made.typed = std::make_shared<Callable>(std::forward<F>(function));
  return made;
}

template <class F>
concept TakesValues = std::invocable<F&, std::span<const Value>> && requires {
  requires std::constructible_from<
      std::optional<Value>,
      std::conditional_t<
          std::is_void_v<
              typename HostReturn<std::invoke_result_t<F&, std::span<const Value>>>::Type>,
          std::nullopt_t,
          typename HostReturn<std::invoke_result_t<F&, std::span<const Value>>>::Type>>;
};

// A function that takes values, whatever form its result has. Copies share the function.
template <class F>
struct DynamicHostFunction {
  using R = std::invoke_result_t<F&, std::span<const Value>>;
  std::shared_ptr<F> function;

  HostResult<std::optional<Value>> operator()(std::span<const Value> params) const {
    if constexpr (std::is_void_v<R>) {
      (*function)(params);
      return std::optional<Value>();
    } else if constexpr (!HostReturn<R>::kMayTrap) {
      return std::optional<Value>((*function)(params));
    } else {
      R result = (*function)(params);
      if (!result) return std::move(result).error();
      if constexpr (std::is_void_v<typename HostReturn<R>::Type>)
        return std::optional<Value>();
      else
        return std::optional<Value>(*std::move(result));
    }
  }
};

}  // namespace detail

// interface: of the import that it meets, in any form of its name; empty: a function by itself.
// name: as in WIT's binary form.
// function: a lambda, a function object or a function.
template <class F>
[[nodiscard]] HostFunction host_function(std::string_view interface, std::string_view name,
                                         F&& function) {
  using Plain = std::decay_t<F>;
  if constexpr (detail::TakesValues<Plain>) {
    HostFunction made;
    made.interface = interface;
    made.name = name;
    made.dynamic = std::make_shared<const HostFunction::Dynamic>(
        detail::DynamicHostFunction<Plain>{std::make_shared<Plain>(std::forward<F>(function))});
    return made;
  } else {
    return detail::make_typed_function<detail::CallableTraits<Plain>>(interface, std::string(name),
                                                                      std::forward<F>(function));
  }
}

// A resource whose objects are of class T. An object is destroyed when the last guest has dropped
// its handle, and the program has no std::shared_ptr of it either.
template <class T>
class HostResource final {
 public:
  HostResource(std::string_view interface, std::string_view name) {
    parts_.interface = interface;
    parts_.name = name;
    parts_.host_class = detail::host_class<T>();
  }

  // function: gives a std::unique_ptr<T>, a std::shared_ptr<T> or an Expected of one.
  template <class F>
  HostResource& constructor(F&& function) {
    return add<detail::CallableTraits<std::decay_t<F>>>("[constructor]" + parts_.name,
                                                        std::forward<F>(function));
  }
  // function: a member function of T, or one that takes the object first, as T& or const T&.
  template <class F>
  HostResource& method(std::string_view name, F&& function) {
    return add<detail::MethodTraits<T, std::decay_t<F>>>(
        "[method]" + parts_.name + "." + std::string(name), std::forward<F>(function));
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

template <class F>
CompositionBuilder& CompositionBuilder::add_host_function(std::string_view interface,
                                                          std::string_view name, F&& function) {
  return add_host_function(host_function(interface, name, std::forward<F>(function)));
}

}  // namespace tenon
