// Values of tenon_host.h (`tenon_value`) from and to C++ types: the part of tenon/host_glue.h that
// knows no functions and no bundle.
//
// A host calls native code with an array of `tenon_value`, a tagged union whose lists and records
// point to further values. `codec<T>` reads a T from one such value and writes a T to one. There is
// a codec for each C++ type that a WIT type is generated as; records, flags, enums and variants are
// structs of the generated header, and one codec serves all structs of a kind. For records and
// flags, the generated header lists the fields:
//
//   template <>
//   struct record_fields<::sqlite_host::sql::error> {
//     static constexpr auto get() { return std::make_tuple(&type::code, &type::message); }
//   };
//
// Reading does not check kinds, counts or case numbers: the host has checked the arguments against
// the WIT before the call. Strings and lists of scalars can be read as views (`std::string_view`,
// `std::span`) of the caller's memory; everything else is copied. Writing copies into memory that
// the host allocates and frees, because the host reads a result after the function has returned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/tenon_host.h"

// NOLINTBEGIN(readability-identifier-naming): names are in the style of the standard library.
namespace tenon::host_glue {

// Specialized by generated headers for the structs of a WIT.
template <class T>
struct record_fields;  // static constexpr auto get(): a tuple of pointers to the fields, in order
template <class T>
struct flag_labels;  // the same for flags, whose fields are `bool`

template <class T>
concept is_record = requires { record_fields<T>::get(); };
template <class T>
concept is_flags = requires { flag_labels<T>::get(); };
// A variant: `which` is a std::variant of its cases.
template <class T>
concept is_cases = requires(T value) { value.which; };
template <class T>
concept is_scalar = std::is_arithmetic_v<T>;

template <is_scalar T>
constexpr std::uint8_t scalar_kind() {
  if constexpr (std::is_same_v<T, bool>) return TENON_BOOL;
  if constexpr (std::is_same_v<T, std::int8_t>) return TENON_S8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return TENON_U8;
  if constexpr (std::is_same_v<T, std::int16_t>) return TENON_S16;
  if constexpr (std::is_same_v<T, std::uint16_t>) return TENON_U16;
  if constexpr (std::is_same_v<T, std::int32_t>) return TENON_S32;
  if constexpr (std::is_same_v<T, std::uint32_t>) return TENON_U32;
  if constexpr (std::is_same_v<T, std::int64_t>) return TENON_S64;
  if constexpr (std::is_same_v<T, std::uint64_t>) return TENON_U64;
  if constexpr (std::is_same_v<T, float>) return TENON_F32;
  if constexpr (std::is_same_v<T, double>) return TENON_F64;
  if constexpr (std::is_same_v<T, char32_t>) return TENON_CHAR;
}

// The memory and the resources of one call's result while it is written.
//
// Bytes come from the host, which frees them whether the call succeeds or traps. Those of a call
// that was deferred are this object's: the host reads its result at once. Resources are on our heap:
// the host owns them only after it has taken the result. If writing fails halfway, for example
// because a later part of the result is too large, the destructor deletes those written so far. Call
// `release` when the host has the result.
class result_memory {
 public:
  result_memory(const tenon_host_api* api, tenon_call* handle) : api_(api), handle_(handle) {}
  // For a deferred call.
  result_memory() = default;
  ~result_memory() {
    for (const owned_rep& resource : resources_) resource.drop(resource.rep);
  }
  result_memory(result_memory&&) = delete;
  result_memory(const result_memory&) = delete;
  result_memory& operator=(const result_memory&) = delete;

  // Memory for `count` objects, zeroed; null for none. Throws std::bad_alloc.
  template <class T>
  T* make(std::size_t count) {
    if (count == 0) return nullptr;
    if (count > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    void* const memory = api_ != nullptr ? api_->alloc(handle_, count * sizeof(T), alignof(T))
                                         : allocate(count * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  template <class T>
  T* copy(const T* from, std::size_t count) {
    T* const to = make<T>(count);
    if (count != 0) std::memcpy(to, from, count * sizeof(T));
    return to;
  }
  // The rep of an owned handle: a std::shared_ptr on the heap, so that the library and guests can
  // hold the resource at the same time. Throws std::logic_error if `resource` is null.
  template <class R>
  void* make_rep(std::shared_ptr<R> resource) {
    if (resource == nullptr) throw std::logic_error("it returned a null resource");
    resources_.push_back(
        {nullptr, [](void* rep) { delete static_cast<std::shared_ptr<R>*>(rep); }});
    resources_.back().rep = new std::shared_ptr<R>(std::move(resource));
    return resources_.back().rep;
  }
  // The resources now belong to the host; or only the first ones.
  void release() { resources_.clear(); }
  void release(std::size_t count) {
    resources_.erase(resources_.begin(), resources_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  [[nodiscard]] std::size_t resource_count() const { return resources_.size(); }

 private:
  struct owned_rep {
    void* rep;
    void (*drop)(void*);
  };

  // Zeroed, and aligned for every scalar.
  void* allocate(std::size_t size) {
    return blocks_.emplace_back(std::make_unique<std::byte[]>(size)).get();
  }

  const tenon_host_api* api_ = nullptr;
  tenon_call* handle_ = nullptr;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::vector<owned_rep> resources_;
};

inline tenon_value* make_items(result_memory& memory, std::uint8_t kind, std::size_t count,
                               tenon_value& to) {
  to.kind = kind;
  to.of.items.ptr = memory.make<tenon_value>(count);
  to.of.items.len = count;
  return to.of.items.ptr;
}
inline std::span<const tenon_value> items_of(const tenon_value& value) {
  return {value.of.items.ptr, value.of.items.len};
}

// codec<T>::read(value) and codec<T>::write(memory, T, to), where `to` is zeroed. Types that are
// only parameters, such as views, have no `write`.
template <class T>
struct codec;

template <class T>
T read(const tenon_value& value) {
  return codec<T>::read(value);
}
template <class T>
void write(result_memory& memory, T&& value, tenon_value& to) {
  codec<std::remove_cvref_t<T>>::write(memory, std::forward<T>(value), to);
}

template <is_scalar T>
struct codec<T> {
  static T read(const tenon_value& value) {
    if constexpr (std::is_same_v<T, float>)
      return value.of.f32;
    else if constexpr (std::is_same_v<T, double>)
      return value.of.f64;
    else if constexpr (std::is_same_v<T, bool>)
      return value.of.u != 0;
    else if constexpr (std::is_signed_v<T>)
      return static_cast<T>(value.of.s);
    else
      return static_cast<T>(value.of.u);
  }
  static void write(result_memory& /*memory*/, T value, tenon_value& to) {
    to.kind = scalar_kind<T>();
    if constexpr (std::is_same_v<T, float>)
      to.of.f32 = value;
    else if constexpr (std::is_same_v<T, double>)
      to.of.f64 = value;
    else if constexpr (std::is_same_v<T, bool>)
      to.of.u = value ? 1 : 0;
    else if constexpr (std::is_signed_v<T>)
      to.of.s = value;
    else
      to.of.u = value;
  }
};

template <>
struct codec<std::string_view> {
  static std::string_view read(const tenon_value& value) {
    return {value.of.str.ptr, value.of.str.len};
  }
};
template <>
struct codec<std::string> {
  static std::string read(const tenon_value& value) {
    return std::string(codec<std::string_view>::read(value));
  }
  static void write(result_memory& memory, std::string_view text, tenon_value& to) {
    to.kind = TENON_STRING;
    to.of.str.ptr = memory.copy(text.data(), text.size());
    to.of.str.len = text.size();
  }
};

// Lists of scalars are always packed: TENON_PACKED, never TENON_LIST.
template <is_scalar T>
struct codec<std::span<const T>> {
  static std::span<const T> read(const tenon_value& value) {
    return {static_cast<const T*>(value.of.packed.ptr), value.of.packed.len};
  }
};

template <class T>
void write_packed(result_memory& memory, std::span<const T> from, tenon_value& to) {
  to.kind = TENON_PACKED;
  to.elem = scalar_kind<T>();
  to.of.packed.ptr = memory.copy(from.data(), from.size());
  to.of.packed.len = from.size();
}
template <class List>
void write_elements(result_memory& memory, List&& from, tenon_value& to) {
  tenon_value* item = make_items(memory, TENON_LIST, from.size(), to);
  for (auto& element : from) host_glue::write(memory, std::move(element), *item++);
}

template <class T>
struct codec<std::vector<T>> {
  static std::vector<T> read(const tenon_value& value) {
    if constexpr (is_scalar<T>) {
      const auto elements = codec<std::span<const T>>::read(value);
      return std::vector<T>(elements.begin(), elements.end());
    } else {
      std::vector<T> list;
      list.reserve(value.of.items.len);
      for (const tenon_value& element : items_of(value))
        list.push_back(host_glue::read<T>(element));
      return list;
    }
  }
  static void write(result_memory& memory, std::vector<T> list, tenon_value& to) {
    if constexpr (std::is_same_v<T, bool>) {
      // A std::vector<bool> has no array to copy from.
      to.kind = TENON_PACKED;
      to.elem = TENON_BOOL;
      auto* const bytes = memory.make<std::uint8_t>(list.size());
      for (std::size_t i = 0; i < list.size(); ++i) bytes[i] = list[i] ? 1 : 0;
      to.of.packed.ptr = bytes;
      to.of.packed.len = list.size();
    } else if constexpr (is_scalar<T>) {
      write_packed(memory, std::span<const T>(list), to);
    } else {
      write_elements(memory, std::move(list), to);
    }
  }
};

template <class T, std::size_t N>
struct codec<std::array<T, N>> {
  static std::array<T, N> read(const tenon_value& value) {
    std::array<T, N> list{};
    if constexpr (is_scalar<T>) {
      if (value.of.packed.len == N) std::memcpy(list.data(), value.of.packed.ptr, N * sizeof(T));
    } else {
      std::size_t i = 0;
      for (const tenon_value& element : items_of(value))
        if (i < N) list[i++] = host_glue::read<T>(element);
    }
    return list;
  }
  static void write(result_memory& memory, std::array<T, N> list, tenon_value& to) {
    if constexpr (is_scalar<T>)
      write_packed(memory, std::span<const T>(list), to);
    else
      write_elements(memory, std::move(list), to);
  }
};

template <class K, class V>
struct codec<std::vector<std::pair<K, V>>> {
  static std::vector<std::pair<K, V>> read(const tenon_value& value) {
    std::vector<std::pair<K, V>> map;
    const auto items = items_of(value);
    map.reserve(items.size() / 2);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
      map.emplace_back(host_glue::read<K>(items[i]), host_glue::read<V>(items[i + 1]));
    return map;
  }
  static void write(result_memory& memory, std::vector<std::pair<K, V>> map, tenon_value& to) {
    tenon_value* item = make_items(memory, TENON_MAP, map.size() * 2, to);
    for (auto& [key, value] : map) {
      host_glue::write(memory, std::move(key), *item++);
      host_glue::write(memory, std::move(value), *item++);
    }
  }
};

template <class T>
struct codec<std::optional<T>> {
  static std::optional<T> read(const tenon_value& value) {
    if (value.of.payload == nullptr) return std::nullopt;
    return std::optional<T>(std::in_place, host_glue::read<T>(*value.of.payload));
  }
  static void write(result_memory& memory, std::optional<T> option, tenon_value& to) {
    to.kind = TENON_OPTION;
    if (!option) return;
    to.of.payload = memory.make<tenon_value>(1);
    host_glue::write(memory, *std::move(option), *to.of.payload);
  }
};

template <class... Parts>
struct codec<std::tuple<Parts...>> {
  static std::tuple<Parts...> read(const tenon_value& value) {
    return read_parts(value, std::index_sequence_for<Parts...>());
  }
  static void write(result_memory& memory, std::tuple<Parts...> parts, tenon_value& to) {
    tenon_value* item = make_items(memory, TENON_TUPLE, sizeof...(Parts), to);
    std::apply([&](Parts&... part) { (host_glue::write(memory, std::move(part), *item++), ...); },
               parts);
  }

 private:
  template <std::size_t... I>
  static std::tuple<Parts...> read_parts(const tenon_value& value, std::index_sequence<I...>) {
    return std::tuple<Parts...>{host_glue::read<Parts>(value.of.items.ptr[I])...};
  }
};

template <class T>
  requires is_record<T>
struct codec<T> {
  static T read(const tenon_value& value) {
    T record;
    const tenon_value* item = value.of.items.ptr;
    std::apply([&](auto... field) { (read_field(record.*field, *item++), ...); },
               record_fields<T>::get());
    return record;
  }
  static void write(result_memory& memory, T record, tenon_value& to) {
    constexpr auto kFields = record_fields<T>::get();
    tenon_value* item = make_items(memory, TENON_RECORD, std::tuple_size_v<decltype(kFields)>, to);
    std::apply(
        [&](auto... field) { (host_glue::write(memory, std::move(record.*field), *item++), ...); },
        kFields);
  }

 private:
  template <class Field>
  static void read_field(Field& field, const tenon_value& from) {
    field = host_glue::read<Field>(from);
  }
};

// Bit i is label i.
template <class T>
  requires is_flags<T>
struct codec<T> {
  static T read(const tenon_value& value) {
    T flags;
    std::uint64_t bits = value.of.u;
    const auto read_label = [&](bool& label) {
      label = (bits & 1) != 0;
      bits >>= 1;
    };
    std::apply([&](auto... label) { (read_label(flags.*label), ...); }, flag_labels<T>::get());
    return flags;
  }
  static void write(result_memory& /*memory*/, const T& flags, tenon_value& to) {
    to.kind = TENON_FLAGS;
    unsigned place = 0;
    const auto write_label = [&](bool label) {
      to.of.u |= std::uint64_t{label ? 1U : 0U} << place;
      ++place;
    };
    std::apply([&](auto... label) { (write_label(flags.*label), ...); }, flag_labels<T>::get());
  }
};

template <class T>
  requires std::is_enum_v<T>
struct codec<T> {
  static T read(const tenon_value& value) { return static_cast<T>(value.index); }
  static void write(result_memory& /*memory*/, T label, tenon_value& to) {
    to.kind = TENON_ENUM;
    to.index = static_cast<std::uint32_t>(label);
  }
};

template <class Case>
concept has_payload = requires(Case each) { each.value; };

template <class T>
  requires is_cases<T>
struct codec<T> {
  using cases = decltype(T::which);

  static T read(const tenon_value& value) {
    return read_case(value, std::make_index_sequence<std::variant_size_v<cases>>());
  }
  static void write(result_memory& memory, T variant, tenon_value& to) {
    to.kind = TENON_VARIANT;
    to.index = static_cast<std::uint32_t>(variant.which.index());
    std::visit(
        [&]<class Case>(Case& active) {
          if constexpr (has_payload<Case>) {
            to.of.payload = memory.make<tenon_value>(1);
            host_glue::write(memory, std::move(active.value), *to.of.payload);
          }
        },
        variant.which);
  }

 private:
  // The number of the case is known at run time only: one reader a case, in a table.
  template <std::size_t... I>
  static T read_case(const tenon_value& value, std::index_sequence<I...>) {
    using reader = T (*)(const tenon_value&);
    constexpr reader kReaders[] = {&read_as<std::variant_alternative_t<I, cases>>...};
    return kReaders[value.index](value);
  }
  template <class Case>
  static T read_as(const tenon_value& value) {
    Case active{};
    if constexpr (has_payload<Case>)
      active.value = host_glue::read<decltype(Case::value)>(*value.of.payload);
    return T(std::move(active));
  }
};

// Reading an owned handle takes the resource over; reading a borrowed one shares it.
template <class R>
struct codec<std::shared_ptr<R>> {
  static std::shared_ptr<R> read(const tenon_value& value) {
    auto* const rep = static_cast<std::shared_ptr<R>*>(value.of.rep);
    if (value.kind == TENON_BORROW) return *rep;
    const std::unique_ptr<std::shared_ptr<R>> owner(rep);
    return std::move(*owner);
  }
  static void write(result_memory& memory, std::shared_ptr<R> resource, tenon_value& to) {
    to.kind = TENON_OWN;
    to.of.rep = memory.make_rep(std::move(resource));
  }
};

// An argument for a parameter of type P. It holds the value that a reference or span refers to
// while the function runs.
template <class P>
struct argument {
  explicit argument(const tenon_value& value)
      : held(host_glue::read<std::remove_cvref_t<P>>(value)) {}
  P get() {
    if constexpr (std::is_reference_v<P>)
      return held;
    else
      return std::move(held);
  }
  std::remove_cvref_t<P> held;
};
template <class T>
  requires(!is_scalar<T>)
struct argument<std::span<const T>> {
  explicit argument(const tenon_value& value) : held(host_glue::read<std::vector<T>>(value)) {}
  std::span<const T> get() { return held; }
  std::vector<T> held;
};
// A borrowed resource.
template <class R>
  requires(!std::is_const_v<R>)
struct argument<R&> {
  explicit argument(const tenon_value& value)
      : held(*static_cast<std::shared_ptr<R>*>(value.of.rep)) {}
  R& get() { return *held; }
  std::shared_ptr<R>& held;
};

}  // namespace tenon::host_glue
// NOLINTEND(readability-identifier-naming)
