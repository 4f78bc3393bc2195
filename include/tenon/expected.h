// The C++ form of the component model's `result` type: a value or an error. Either can carry
// nothing (`void`).
//
//   tenon::Expected<double, std::string> half(double of) {
//     if (of == 0) return tenon::Unexpected("nothing to halve");
//     return of / 2;
//   }
//
// The error is part of the function's result type. It is not a failure of the call, which is
// reported by `CallResult` (tenon/call_failure.h).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <variant>

namespace tenon {

// An error to return as an `Expected`.
template <class E = void>
struct Unexpected {
  E error;
};
template <>
struct Unexpected<void> {};
template <class E>
Unexpected(E) -> Unexpected<E>;
template <std::size_t N>
Unexpected(const char (&)[N]) -> Unexpected<const char*>;
Unexpected() -> Unexpected<void>;

// A value of type T or an error of type E; `void` if the case carries nothing.
// Reading `*expected` of an error, or `error()` of a value, ends the process.
template <class T, class E>
class [[nodiscard]] Expected {
  template <class Part>
  using Held = std::conditional_t<std::is_void_v<Part>, std::monostate, Part>;

 public:
  using value_type = T;
  using error_type = E;

  // Creates an ok without a value.
  Expected()
    requires std::is_void_v<T>
  = default;
  template <class U>
    requires(!std::is_void_v<T> && std::convertible_to<U, Held<T>> &&
             !std::same_as<std::remove_cvref_t<U>, Expected>)
  Expected(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <class U>
    requires(std::convertible_to<U, Held<E>> && !std::is_void_v<E>)
  Expected(Unexpected<U> error) : state_(std::in_place_index<1>, std::move(error.error)) {}
  Expected(Unexpected<void> /*error*/)
    requires std::is_void_v<E>
      : state_(std::in_place_index<1>) {}
  // Creates case 0 (ok) or case 1 (err) from `parts`.
  template <std::size_t I, class... Parts>
  explicit Expected(std::in_place_index_t<I> which, Parts&&... parts)
      : state_(which, std::forward<Parts>(parts)...) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  Held<T>& operator*() & { return get<0>(); }
  const Held<T>& operator*() const& { return get<0>(); }
  Held<T>&& operator*() && { return std::move(get<0>()); }
  Held<T>* operator->() { return &get<0>(); }
  const Held<T>* operator->() const { return &get<0>(); }

  Held<E>& error() & { return get<1>(); }
  const Held<E>& error() const& { return get<1>(); }
  Held<E>&& error() && { return std::move(get<1>()); }

  bool operator==(const Expected&) const = default;

 private:
  template <std::size_t I>
  auto& get() {
    if (state_.index() != I) std::abort();
    return *std::get_if<I>(&state_);
  }
  template <std::size_t I>
  const auto& get() const {
    if (state_.index() != I) std::abort();
    return *std::get_if<I>(&state_);
  }

  std::variant<Held<T>, Held<E>> state_;
};

}  // namespace tenon
