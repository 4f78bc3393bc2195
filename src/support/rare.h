// A value that most objects do not have. It takes the room of a pointer, std::optional that of the value.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <utility>

namespace tenon {

// Used like std::optional, to which it converts.
template <class T>
class Rare final {
 public:
  Rare() = default;
  template <std::convertible_to<T> Value>
  Rare(Value&& value) : value_(std::make_unique<T>(std::forward<Value>(value))) {}
  Rare(std::optional<T> value) : value_(value ? std::make_unique<T>(*std::move(value)) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare(const Rare& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Rare& operator=(Rare other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }
  ~Rare() = default;

  [[nodiscard]] explicit operator bool() const { return value_ != nullptr; }
  // REQUIRES: there is one. Lifetime: until the next assignment
  [[nodiscard]] const T& operator*() const { return *value_; }
  void reset() { value_.reset(); }

  // View: such as std::string_view for a text. Lifetime: as of `*`
  template <class View>
    requires std::convertible_to<const T&, View>
  operator std::optional<View>() const {
    return value_ ? std::optional<View>(*value_) : std::nullopt;
  }
  friend bool operator==(const Rare& a, const Rare& b) {
    return a && b ? *a == *b : bool(a) == bool(b);
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace tenon
