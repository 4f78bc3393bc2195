// Resources of guests, as a C++ program holds them.
//
// clang-format off
//   auto open = shop->function<tenon::Resource(std::string_view)>("acme:bank/api", "[constructor]account");
//   auto pay = shop->function<void(tenon::Borrow, std::uint64_t)>("acme:bank/api", "[method]account.pay");
//   tenon::CallResult<tenon::Resource> account = (*open)("ada");
//   (*pay)(*account, 100);   // lent for the call
// clang-format on
//
// A `Resource` owns: when it is destroyed the resource is dropped, and when it is passed by value
// it belongs to the callee. Thread: that of the composition that it came from; where another thread
// is in that, the resource is dropped when it leaves.
#pragma once

#include <utility>

#include "tenon/value.h"

namespace tenon {

// `own<r>`. Empty after it was moved or passed; an empty one cannot be passed (value-handle).
class Resource final {
 public:
  Resource() = default;
  explicit Resource(ValueHandle handle) : handle_(std::move(handle)) {}
  Resource(Resource&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Resource& operator=(Resource&& other) noexcept {
    handle_ = std::exchange(other.handle_, {});
    return *this;
  }

  [[nodiscard]] bool is_empty() const { return handle_.id == 0; }
  // The same resource for calls with `Value`s. Lifetime: the resource's, or that of a copy.
  [[nodiscard]] const ValueHandle& handle() const { return handle_; }

 private:
  ValueHandle handle_;
};

// `borrow<r>`: a resource that is lent for a call. Lifetime: the resource must outlive it.
class Borrow final {
 public:
  Borrow(const Resource& resource) : handle_(&resource.handle()) {}

  [[nodiscard]] const ValueHandle& handle() const { return *handle_; }

 private:
  const ValueHandle* handle_;
};

}  // namespace tenon
