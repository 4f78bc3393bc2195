// A value, or why there is none.
//
// `Result<T>` holds a `T` or a non-empty list of `Diagnostic`. No function of tenon throws: failure
// is a normal answer, and an exception must not unwind through the engine's frames.
//
//   tenon::Result<tenon::Plan> plan = ...;
//   if (!plan) return report(plan.error());
//   use(*plan);
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <variant>

#include "tenon/diagnostic.h"

namespace tenon {

// T: the product, movable. E: the failure; a different type from T.
// Reading `*result` of a failure, or `error()` of a success, ends the process.
template <class T, class E = Diagnostics>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}
  // One problem is a list of one.
  Result(Diagnostic problem)
    requires std::same_as<E, Diagnostics>
      : state_(std::in_place_index<1>) {
    std::get<1>(state_).push_back(std::move(problem));
  }

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& operator*() & { return get<0>(); }
  const T& operator*() const& { return get<0>(); }
  T&& operator*() && { return std::move(get<0>()); }
  T* operator->() { return &get<0>(); }
  const T* operator->() const { return &get<0>(); }

  E& error() & { return get<1>(); }
  const E& error() const& { return get<1>(); }
  E&& error() && { return std::move(get<1>()); }

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

  std::variant<T, E> state_;
};

// Success carries nothing: `return {};`.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  // Not defaulted: `return {}` would fill the room for an error with zeros.
  Result() {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}
  Result(Diagnostic problem)
    requires std::same_as<E, Diagnostics>
      : state_(std::in_place_index<1>) {
    std::get<1>(state_).push_back(std::move(problem));
  }

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  E& error() & { return get_error(); }
  const E& error() const& { return const_cast<Result*>(this)->get_error(); }
  E&& error() && { return std::move(get_error()); }

 private:
  E& get_error() {
    if (has_value()) std::abort();
    return *std::get_if<1>(&state_);
  }

  std::variant<std::monostate, E> state_;
};

}  // namespace tenon
