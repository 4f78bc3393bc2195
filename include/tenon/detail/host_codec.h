// Codecs of objects of the program, which guests hold as resources. See tenon/detail/codec.h.
//
// In a buffer, an object is a `ValueHandle` whose `keep` is a std::shared_ptr to it. Its `id` is 0;
// the table that stores the objects assigns a number.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "tenon/detail/signature.h"
#include "tenon/record.h"

namespace tenon::detail {

template <class T>
inline constexpr char kHostClass = 0;
// Returns a unique address that identifies the class of a resource.
template <class T>
[[nodiscard]] constexpr const void* host_class() {
  return &kHostClass<std::remove_cv_t<T>>;
}

template <class T>
[[nodiscard]] std::shared_ptr<T> take_object(CallBuffer& buffer, std::uint32_t at,
                                             HandlePlace place) {
  const ValueHandle handle = buffer.take(get_bytes<std::uint32_t>(buffer.data() + at), place);
  return std::static_pointer_cast<T>(std::const_pointer_cast<void>(handle.keep));
}

template <class T>
[[nodiscard]] bool give_object(CallBuffer& buffer, std::shared_ptr<T> object, std::uint32_t at,
                               HandlePlace place) {
  if (object == nullptr) return buffer.fail("value-handle", "a pointer to an object is null");
  ValueHandle handle;
  handle.keep = std::move(object);
  std::uint32_t index = 0;
  if (!buffer.give(handle, place, index)) return false;
  put_bytes(buffer.data() + at, index);
  return true;
}

// A parameter T&. In calls by the program, where the guest borrows the object, the object is passed
// by its pointer.
template <class T>
struct HostBorrow {
  HostBorrow(std::shared_ptr<T> borrowed) : object(std::move(borrowed)) {}

  std::shared_ptr<T> object;
};

template <class T>
struct Codec<HostBorrow<T>> {
  static constexpr CodecLayout layout = [] {
    CodecLayout result = kHandleLayout;
    result.is_view = true;
    return result;
  }();
  static constexpr CppType type{.kind = CppKind::HostBorrow, .host_class = host_class<T>()};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const HostBorrow<T>& borrowed, std::uint32_t at,
                    std::uint32_t handle) {
    return give_object(buffer, borrowed.object, at, {handle, false});
  }
  static HostBorrow<T> load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return {take_object<T>(buffer, at, {handle, false})};
  }
};

template <class T>
struct Codec<std::shared_ptr<T>> {
  static constexpr CodecLayout layout = kHandleLayout;
  static constexpr CppType type{.kind = CppKind::HostOwn, .host_class = host_class<T>()};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const std::shared_ptr<T>& object, std::uint32_t at,
                    std::uint32_t handle) {
    return give_object(buffer, object, at, {handle, true});
  }
  static std::shared_ptr<T> load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return take_object<T>(buffer, at, {handle, true});
  }
};

// Results only: the program can hold other pointers to the object, so a parameter cannot be its
// only owner.
template <class T>
struct Codec<std::unique_ptr<T>> {
  static constexpr CodecLayout layout = kHandleLayout;
  static constexpr CppType type{.kind = CppKind::HostOwn, .host_class = host_class<T>()};
  static constexpr bool is_bitwise = false;

  // Moves out of `object`: a result is stored only once, from a local variable of the call.
  static bool store(CallBuffer& buffer, const std::unique_ptr<T>& object, std::uint32_t at,
                    std::uint32_t handle) {
    return give_object(buffer,
                       std::shared_ptr<T>(const_cast<std::unique_ptr<T>&>(object).release()), at,
                       {handle, true});
  }
  template <class Buffer>
  static std::unique_ptr<T> load(Buffer& /*buffer*/, std::uint32_t /*at*/,
                                 std::uint32_t /*handle*/) {
    static_assert(!std::is_same_v<Buffer, CallBuffer>,
                  "tenon: an object is taken as a std::shared_ptr: the program may hold it "
                  "elsewhere; a std::unique_ptr is for what a host function returns");
  }
};

// A parameter `const Resource&` or `Borrow`.
struct LentResource {
  Resource resource;
};
template <>
struct Codec<LentResource> : HandleCodec<Borrow, CppKind::Borrow> {
  static LentResource load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return {Resource(buffer.take(get_bytes<std::uint32_t>(buffer.data() + at), {handle, false}))};
  }
};

// A T& of a class without a codec refers to an object of the program.
template <class P>
  requires(std::is_class_v<P> && !HasCodec<std::remove_cv_t<P>>)
struct WireOf<P&> : std::type_identity<HostBorrow<P>> {};

// The type in which a parameter of a host function is read.
template <class P>
struct HostWireOf : WireOf<P> {};
template <>
struct HostWireOf<const Resource&> : std::type_identity<LentResource> {};
template <>
struct HostWireOf<Borrow> : std::type_identity<LentResource> {};
template <class P>
using HostWire = typename HostWireOf<P>::type;

// Converts the value that was read to the argument of the function.
template <class P, class W>
decltype(auto) host_argument(W& value) {
  if constexpr (std::is_same_v<W, HostBorrow<std::remove_reference_t<P>>>)
    return static_cast<P>(*value.object);
  else if constexpr (std::is_same_v<W, LentResource>)
    return static_cast<const Resource&>(value.resource);
  else if constexpr (std::is_lvalue_reference_v<P>)
    return static_cast<const W&>(value);
  else
    return std::move(value);
}

}  // namespace tenon::detail
