// Resources of guests in a C++ program: `Resource` owns one, `Borrow` refers to one during a call.
//
// clang-format off
//   auto open = shop->function<tenon::Resource(std::string_view)>("acme:bank/api", "[constructor]account");
//   auto pay = shop->function<void(tenon::Borrow, std::uint64_t)>("acme:bank/api", "[method]account.pay");
//   tenon::CallResult<tenon::Resource> account = (*open)("ada");
//   (*pay)(*account, 100);   // borrowed for the call
// clang-format on
//
// Destroying a `Resource` drops the resource. Passing one by value transfers it to the callee.
//
// Thread: that of the composition that the resource comes from. If another thread is in that
// composition, the resource is dropped once that thread leaves it.
#pragma once

#include <utility>

#include "tenon/value.h"

namespace tenon {

// An owned resource, `own<r>`. Empty after it was moved or passed. Passing an empty one fails with
// value-handle.
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
  // Returns the handle for calls with dynamic values.
  // Lifetime: until the resource is destroyed; copies keep the resource alive.
  [[nodiscard]] const ValueHandle& handle() const { return handle_; }

 private:
  ValueHandle handle_;
};

// A borrowed resource, `borrow<r>`, for the duration of a call.
// Lifetime: the resource must outlive it.
class Borrow final {
 public:
  Borrow(const Resource& resource) : handle_(&resource.handle()) {}

  [[nodiscard]] const ValueHandle& handle() const { return *handle_; }

 private:
  const ValueHandle* handle_;
};

}  // namespace tenon
