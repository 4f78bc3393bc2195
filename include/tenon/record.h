// The C++ types with which calls take and return values of the component model. A struct, enum or
// variant of the program is declared as a WIT type: one line lists its fields or cases, and calls
// can then take and return it without glue code.
//
// clang-format off
//   namespace acme {
//   struct Item {
//     std::string name;
//     double unit_price = 0;
//   };
//   TENON_RECORD(Item, name, unit_price)           // record item { name: string, unit-price: f64 }
//
//   enum class Color { Red, DarkBlue };
//   TENON_ENUM(Color, Red, DarkBlue)               // enum color { red, dark-blue }
//
//   struct Access { bool read = false, write = false; };
//   TENON_FLAGS(Access, read, write)               // flags access { read, write }
//
//   struct Shape : std::variant<double, Square, std::monostate> { using variant::variant; };
//   TENON_VARIANT(Shape, circle, square, nothing)  // variant shape { circle(f64), square(square), nothing }
//
//   struct Fault {                                 // the cases are structs, with the payload as `value`
//     struct Full {};
//     struct TooLong { std::uint32_t value; };
//     std::variant<Full, TooLong> which;
//   };
//   TENON_VARIANT(Fault, full, too_long)           // variant fault { full, too-long(u32) }
//   }  // namespace acme
// clang-format on
//
// Write the line after the type, in the type's namespace, outside of functions and classes. List
// the names in the order of the WIT type, which is also their order in memory. The names are
// compared when a function is looked up; case, `_` and `-` are ignored, so `unit_price`,
// `unitPrice` and `UnitPrice` all match the label `unit-price`.
//
// clang-format off
// | WIT                         | C++                                                               |
// | --------------------------- | ----------------------------------------------------------------- |
// | bool, u8 .. s64, f32, f64   | bool, integers of that size and sign, float, double; u8: std::byte |
// | char                        | char32_t                                                          |
// | string                      | std::string; std::string_view as a parameter                      |
// | list<T>                     | std::vector<T>; std::span<const T> as a parameter                 |
// | list<T, N>                  | std::array<T, N>                                                  |
// | map<K, V>                   | std::map<K, V>, std::vector<std::pair<K, V>>                      |
// | tuple<...>                  | std::tuple<...>, std::pair<A, B>                                  |
// | option<T>                   | std::optional<T>                                                  |
// | result<T, E>                | tenon::Expected<T, E>; void for a case without payload            |
// | record, enum, flags         | TENON_RECORD, TENON_ENUM, TENON_FLAGS                             |
// | variant                     | TENON_VARIANT; or a std::variant, compared by the order and types |
// |                             | of its cases; std::monostate is a case without payload            |
// | own<r>, borrow<r>           | tenon::Resource, or a class of `tenon bindgen cpp` that is        |
// |                             | derived from it; tenon::Borrow                                    |
// | stream<T>, future<T>        | tenon::Stream<T>, tenon::Future<T> of tenon/stream.h; void without |
// |                             | payload                                                           |
// clang-format on
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "tenon/value.h"

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

// The C++ form of WIT's `result` type: a value of type T or an error of type E; `void` if the case
// carries nothing.
//
//   tenon::Expected<double, std::string> half(double of) {
//     if (of == 0) return tenon::Unexpected("nothing to halve");
//     return of / 2;
//   }
//
// The error is part of the function's result type. It is not a failure of the call, which a
// `CallResult` reports.
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

// An owned resource of a guest, `own<r>`. Destroying it drops the resource. Passing it by value
// transfers the resource to the callee.
//
// clang-format off
//   auto open = shop->function<tenon::Resource(std::string_view)>("acme:bank/api", "[constructor]account");
//   auto pay = shop->function<void(tenon::Borrow, std::uint64_t)>("acme:bank/api", "[method]account.pay");
//   tenon::CallResult<tenon::Resource> account = (*open)("ada");
//   (*pay)(*account, 100);   // borrowed for the call
// clang-format on
//
// Empty after it was moved or passed. Passing an empty one fails with value-handle.
// Thread: that of the composition that the resource comes from. If another thread is in that
// composition, the resource is dropped once that thread leaves it.
class Resource {
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

// A borrowed resource of a guest, `borrow<r>`, for the duration of a call.
// Lifetime: the resource must outlive it.
class Borrow final {
 public:
  Borrow(const Resource& resource) : handle_(&resource.handle()) {}

  [[nodiscard]] const ValueHandle& handle() const { return *handle_; }

 private:
  const ValueHandle* handle_;
};

}  // namespace tenon

namespace tenon::detail {

template <class Class, class Member>
struct RecordField {
  std::string_view name;
  Member Class::* member = nullptr;
};
template <class... Fields>
struct RecordInfo {
  std::string_view name;
  std::tuple<Fields...> fields;
};
template <class... Fields>
constexpr RecordInfo<Fields...> make_record_info(std::string_view name, Fields... fields) {
  return {name, {fields...}};
}

template <class Enum>
struct Enumerator {
  std::string_view name;
  Enum value = {};
};
template <class Enum, std::size_t N>
struct EnumInfo {
  std::string_view name;
  std::array<Enumerator<Enum>, N> enumerators;
};
template <class Enum, class... Enumerators>
constexpr EnumInfo<Enum, sizeof...(Enumerators)> make_enum_info(std::string_view name,
                                                                Enumerators... enumerators) {
  return {name, {enumerators...}};
}

template <class Class>
struct Flag {
  std::string_view name;
  bool Class::* member = nullptr;
};
template <class Class, std::size_t N>
struct FlagsInfo {
  std::string_view name;
  std::array<Flag<Class>, N> flags;
};
template <class Class, class... Flags>
constexpr FlagsInfo<Class, sizeof...(Flags)> make_flags_info(std::string_view name,
                                                             Flags... flags) {
  return {name, {flags...}};
}

template <std::size_t N>
struct VariantInfo {
  std::string_view name;
  std::array<std::string_view, N> cases;
};
template <class... Names>
constexpr VariantInfo<sizeof...(Names)> make_variant_info(std::string_view name, Names... cases) {
  return {name, {std::string_view(cases)...}};
}

}  // namespace tenon::detail

#define TENON_RECORD(Type, ...)                                                       \
  [[maybe_unused]] constexpr auto tenon_record(std::type_identity<Type>) {            \
    return ::tenon::detail::make_record_info(                                         \
        #Type __VA_OPT__(TENON_DETAIL_EACH1(TENON_DETAIL_FIELD, Type, __VA_ARGS__))); \
  }

#define TENON_ENUM(Type, ...)                                                              \
  [[maybe_unused]] constexpr auto tenon_enum(std::type_identity<Type>) {                   \
    return ::tenon::detail::make_enum_info<Type>(                                          \
        #Type __VA_OPT__(TENON_DETAIL_EACH1(TENON_DETAIL_ENUMERATOR, Type, __VA_ARGS__))); \
  }

#define TENON_FLAGS(Type, ...)                                                       \
  [[maybe_unused]] constexpr auto tenon_flags(std::type_identity<Type>) {            \
    return ::tenon::detail::make_flags_info<Type>(                                   \
        #Type __VA_OPT__(TENON_DETAIL_EACH1(TENON_DETAIL_FLAG, Type, __VA_ARGS__))); \
  }

#define TENON_VARIANT(Type, ...)                                                     \
  [[maybe_unused]] constexpr auto tenon_variant(std::type_identity<Type>) {          \
    return ::tenon::detail::make_variant_info(                                       \
        #Type __VA_OPT__(TENON_DETAIL_EACH1(TENON_DETAIL_CASE, Type, __VA_ARGS__))); \
  }

// Each member is looked up in a template, so that a name that the type does not have is one error, and the
// code that uses the type compiles.
#define TENON_DETAIL_FIELD(Type, member)                                                           \
  , TENON_DETAIL_NAMED(                                                                            \
        Type, member, (::tenon::detail::RecordField<T, decltype(T::member)>{#member, &T::member}), \
        (::tenon::detail::RecordField<T, bool>{}))
#define TENON_DETAIL_ENUMERATOR(Type, value)                                            \
  , TENON_DETAIL_NAMED(Type, value, (::tenon::detail::Enumerator<T>{#value, T::value}), \
                       (::tenon::detail::Enumerator<T>{}))
#define TENON_DETAIL_FLAG(Type, member)                                               \
  , TENON_DETAIL_NAMED(Type, member, (::tenon::detail::Flag<T>{#member, &T::member}), \
                       (::tenon::detail::Flag<T>{}))
#define TENON_DETAIL_NAMED(Type, label, found, missing)                               \
  [] {                                                                                \
    constexpr auto part = []<class T>(std::type_identity<T>) {                        \
      if constexpr (requires { T::label; })                                           \
        return found;                                                                 \
      else                                                                            \
        return missing;                                                               \
    }(std::type_identity<Type>());                                                    \
    static_assert(!part.name.empty(), "`" #label "` is not a member of `" #Type "`"); \
    return part;                                                                      \
  }()
#define TENON_DETAIL_CASE(Type, label) , #label

// Applies a macro to each argument, of which there can be 340. The first ones have a macro each, so
// that an error in one of them comes with few lines of "in expansion of macro". For the others, the
// preprocessor has no recursion, so each STEP only names the next one, and every EXPAND scans the
// text again, which runs the named step.
#define TENON_DETAIL_EACH1(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH2(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH2(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH3(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH3(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH4(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH4(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH5(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH5(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH6(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH6(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH7(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH7(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH8(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH8(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH9(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH9(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH10(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH10(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH11(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH11(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH12(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH12(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH13(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH13(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH14(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH14(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH15(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH15(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EACH16(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_EACH16(macro, Type, first, ...) \
  macro(Type, first) __VA_OPT__(TENON_DETAIL_EXPAND(TENON_DETAIL_STEP(macro, Type, __VA_ARGS__)))
#define TENON_DETAIL_PARENS ()
#define TENON_DETAIL_EXPAND(...) \
  TENON_DETAIL_EXPAND3(          \
      TENON_DETAIL_EXPAND3(TENON_DETAIL_EXPAND3(TENON_DETAIL_EXPAND3(__VA_ARGS__))))
#define TENON_DETAIL_EXPAND3(...) \
  TENON_DETAIL_EXPAND2(           \
      TENON_DETAIL_EXPAND2(TENON_DETAIL_EXPAND2(TENON_DETAIL_EXPAND2(__VA_ARGS__))))
#define TENON_DETAIL_EXPAND2(...) \
  TENON_DETAIL_EXPAND1(           \
      TENON_DETAIL_EXPAND1(TENON_DETAIL_EXPAND1(TENON_DETAIL_EXPAND1(__VA_ARGS__))))
#define TENON_DETAIL_EXPAND1(...) \
  TENON_DETAIL_EXPAND0(           \
      TENON_DETAIL_EXPAND0(TENON_DETAIL_EXPAND0(TENON_DETAIL_EXPAND0(__VA_ARGS__))))
#define TENON_DETAIL_EXPAND0(...) __VA_ARGS__
#define TENON_DETAIL_STEP(macro, Type, first, ...) \
  macro(Type, first)                               \
      __VA_OPT__(TENON_DETAIL_STEP_AGAIN TENON_DETAIL_PARENS(macro, Type, __VA_ARGS__))
#define TENON_DETAIL_STEP_AGAIN() TENON_DETAIL_STEP
