// A value, or the reason why there is none.
//
// `Result<T>` holds a `T` or a non-empty list of `Diagnostic`. No function of tenon throws:
// failures are ordinary results here, and an exception must not unwind through the engine's frames.
//
//   tenon::Result<tenon::Plan> plan = ...;
//   if (!plan) return report(plan.error());
//   use(*plan);
#pragma once

#include <concepts>
#include <cstdlib>
#include <memory>
#include <utility>

#include "tenon/diagnostic.h"

namespace tenon {

namespace detail {
struct Nothing {};
}  // namespace detail

// A `T` or a failure `E`.
// T: the value; must be movable. E: the failure; must differ from T.
// Reading `*result` of a failure, or `error()` of a success, ends the process.
template <class T, class E = Diagnostics>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : value_(std::move(value)), has_value_(true) {}
  Result(E error) : error_(std::move(error)) {}
  // Makes a list with one problem.
  Result(Diagnostic problem)
    requires std::same_as<E, Diagnostics>
      : Result(list_of(std::move(problem))) {}

  Result(Result&& other) noexcept { take(std::move(other)); }
  Result(const Result& other)
    requires std::copy_constructible<T> && std::copy_constructible<E>
  {
    take(other);
  }
  Result& operator=(Result&& other) noexcept {
    if (this != &other) {
      destroy();
      take(std::move(other));
    }
    return *this;
  }
  Result& operator=(const Result& other)
    requires std::copy_constructible<T> && std::copy_constructible<E>
  {
    *this = Result(other);
    return *this;
  }
  ~Result() { destroy(); }

  [[nodiscard]] bool has_value() const { return has_value_; }
  explicit operator bool() const { return has_value_; }

  T& operator*() & { return *checked_value(); }
  const T& operator*() const& { return *checked_value(); }
  T&& operator*() && { return std::move(*checked_value()); }
  T* operator->() { return checked_value(); }
  const T* operator->() const { return checked_value(); }

  E& error() & { return *checked_error(); }
  const E& error() const& { return *checked_error(); }
  E&& error() && { return std::move(*checked_error()); }

 private:
  static E list_of(Diagnostic problem) {
    E list;
    list.push_back(std::move(problem));
    return list;
  }

  const T* checked_value() const {
    if (!has_value_) std::abort();
    return &value_;
  }
  const E* checked_error() const {
    if (has_value_) std::abort();
    return &error_;
  }
  T* checked_value() { return const_cast<T*>(std::as_const(*this).checked_value()); }
  E* checked_error() { return const_cast<E*>(std::as_const(*this).checked_error()); }

  // REQUIRES: neither member is alive
  template <class Other>
  void take(Other&& other) {
    has_value_ = other.has_value_;
    if (has_value_)
      std::construct_at(&value_, std::forward<Other>(other).value_);
    else
      std::construct_at(&error_, std::forward<Other>(other).error_);
  }
  void destroy() {
    if (has_value_)
      std::destroy_at(&value_);
    else
      destroy_error();
  }
  // Failures are rare: keep the code that frees one out of line.
  [[gnu::cold, gnu::noinline]] void destroy_error() { std::destroy_at(&error_); }

  union {
    T value_;
    E error_;
  };
  bool has_value_ = false;
};

// A success without a value, or a failure: `return {};` is the success.
template <class E>
class [[nodiscard]] Result<void, E> : Result<detail::Nothing, E> {
  using Base = Result<detail::Nothing, E>;

 public:
  using value_type = void;
  using error_type = E;

  Result() : Base(detail::Nothing()) {}
  using Base::Base;

  using Base::error;
  using Base::has_value;
  using Base::operator bool;
};

}  // namespace tenon
