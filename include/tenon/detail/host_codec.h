// Codecs of objects of the program, which guests know as resources. See tenon/detail/codec.h.
//
// An object goes through a buffer as a `ValueHandle` whose `keep` is a std::shared_ptr of it; its
// `id` is 0, and who keeps the objects gives it a number.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "tenon/detail/signature.h"
#include "tenon/resource.h"

namespace tenon::detail {

template <class T>
inline constexpr char kHostClass = 0;
// Which class a resource of the program is of.
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

// A parameter T&. Of a call by the program, whose guests borrow it, the object is passed by its
// pointer.
template <class T>
struct HostBorrow {
  HostBorrow(std::shared_ptr<T> lent) : object(std::move(lent)) {}

  std::shared_ptr<T> object;
};

template <class T>
struct Codec<HostBorrow<T>> {
  static constexpr CodecLayout layout = [] {
    CodecLayout made = kHandleLayout;
    made.is_view = true;
    return made;
  }();
  static constexpr CppType type{.kind = CppKind::HostBorrow, .host_class = host_class<T>()};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const HostBorrow<T>& lent, std::uint32_t at,
                    std::uint32_t handle) {
    return give_object(buffer, lent.object, at, {handle, false});
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

// As a result only: the program may hold the object elsewhere, so a parameter cannot be its one
// owner.
template <class T>
struct Codec<std::unique_ptr<T>> {
  static constexpr CodecLayout layout = kHandleLayout;
  static constexpr CppType type{.kind = CppKind::HostOwn, .host_class = host_class<T>()};
  static constexpr bool is_bitwise = false;

  // Takes the object: results are stored once, from a variable of the call's.
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

// T& of a class that is no type of values is an object.
template <class P>
  requires(std::is_class_v<P> && !HasCodec<std::remove_cv_t<P>>)
struct WireOf<P&> : std::type_identity<HostBorrow<P>> {};

// A parameter of a host function as a value.
template <class P>
struct HostWireOf : WireOf<P> {};
template <>
struct HostWireOf<const Resource&> : std::type_identity<LentResource> {};
template <>
struct HostWireOf<Borrow> : std::type_identity<LentResource> {};
template <class P>
using HostWire = typename HostWireOf<P>::type;

// What the function is called with, of the value that was read.
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
