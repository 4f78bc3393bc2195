// Made by `tenon bindgen host-cpp` from the WIT of tenon:pkcs11/host@0.1.0. Do not edit.
#pragma once

// What authors of C++ host bundles see beside the types of their WIT. `tenon bindgen host-cpp`
// writes it into each header, so that a bundle needs tenon_host.h and the standard library alone.
#ifndef TENON_HOST_TYPES_1
#define TENON_HOST_TYPES_1

#include <tenon/tenon_host.h>

#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

// Libraries of one process do not share what is theirs, however they were built.
#if defined(__GNUC__)
#define TENON_HOST_OWN [[gnu::visibility("hidden")]]
#else
#define TENON_HOST_OWN
#endif

// NOLINTBEGIN(readability-identifier-naming): as the standard library names what is like it.
namespace tenon {

// The error of an `expected`: `return tenon::unexpected(error{..});`.
template <class E>
struct unexpected {
  E error;
};
template <class E>
unexpected(E) -> unexpected<E>;

// The `result` of the WIT: a value or an error. T may be `void`. Reading what it is not throws.
template <class T, class E>
class [[nodiscard]] expected {
  using held = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  using value_type = T;
  using error_type = E;

  expected() = default;
  template <class U>
    requires(std::is_convertible_v<U, held> && !std::is_same_v<std::remove_cvref_t<U>, expected>)
  expected(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <class G>
    requires std::is_convertible_v<G, E>
  expected(unexpected<G> bad) : state_(std::in_place_index<1>, std::move(bad.error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  held& operator*() & { return std::get<0>(state_); }
  const held& operator*() const& { return std::get<0>(state_); }
  held&& operator*() && { return std::get<0>(std::move(state_)); }
  held* operator->() { return &std::get<0>(state_); }
  const held* operator->() const { return &std::get<0>(state_); }
  E& error() & { return std::get<1>(state_); }
  const E& error() const& { return std::get<1>(state_); }
  E&& error() && { return std::get<1>(std::move(state_)); }
  bool operator==(const expected&) const = default;

 private:
  std::variant<held, E> state_;
};

enum class log_level { error, warning, information, details };

// One call, or none: in `create`, destructors and threads of the library there is none. May be
// copied, and used on any thread while the call lasts.
class call {
 public:
  call(const tenon_host_api* api, tenon_call* handle, const char* target)
      : api_(api), handle_(handle), target_(target) {}

  // Whether the call has come to its deadline, or is cancelled. Long functions ask.
  [[nodiscard]] bool should_stop() const {
    return handle_ != nullptr && api_->should_stop(handle_) != 0;
  }
  void log(log_level level, const std::string& text) const {
    if (api_ != nullptr) api_->log(static_cast<int>(level), target_, text.c_str());
  }

 private:
  const tenon_host_api* api_;
  tenon_call* handle_;
  const char* target_;
};

// The configuration of an instance; `[config]` of host.toml has defaults and types. Keys of inner
// tables have dots.
class host_config {
 public:
  host_config(const tenon_host_api* api, const tenon_config* config) : api_(api), config_(config) {}

  // Absent: nothing. Text is NUL-terminated, and lives as long as the instance.
  [[nodiscard]] std::optional<std::string_view> text(const char* key) const {
    const char* const found = api_->config_get(config_, key);
    return found == nullptr ? std::nullopt : std::optional<std::string_view>(found);
  }
  // Of another type than host.toml says it is: an exception.
  [[nodiscard]] std::optional<std::int64_t> integer(const char* key) const {
    return number_of<std::int64_t>(key);
  }
  [[nodiscard]] std::optional<double> number(const char* key) const {
    return number_of<double>(key);
  }
  [[nodiscard]] std::optional<bool> flag(const char* key) const {
    const auto found = text(key);
    if (!found) return std::nullopt;
    if (*found != "true" && *found != "false") fail(key, *found);
    return *found == "true";
  }

 private:
  template <class T>
  [[nodiscard]] std::optional<T> number_of(const char* key) const {
    const auto found = text(key);
    if (!found) return std::nullopt;
    T made{};
    const char* const end = found->data() + found->size();
    const auto [stop, error] = std::from_chars(found->data(), end, made);
    if (error != std::errc() || stop != end) fail(key, *found);
    return made;
  }
  [[noreturn]] static void fail(const char* key, std::string_view text) {
    throw std::invalid_argument("`" + std::string(key) + "` of the configuration is `" +
                                std::string(text) + "`");
  }

  const tenon_host_api* api_;
  const tenon_config* config_;
};

namespace host_glue {

// Of the library: which host it is loaded by, and the call that this thread is in.
TENON_HOST_OWN inline std::atomic<const tenon_host_api*> library_api = nullptr;
TENON_HOST_OWN inline thread_local const call* active_call = nullptr;

class call_scope {
 public:
  explicit call_scope(const call& active) : outer_(std::exchange(active_call, &active)) {}
  ~call_scope() { active_call = outer_; }
  call_scope(const call_scope&) = delete;
  call_scope& operator=(const call_scope&) = delete;

 private:
  const call* outer_;
};

}  // namespace host_glue

// Any thread.
inline call current_call() {
  if (host_glue::active_call != nullptr) return *host_glue::active_call;
  return {host_glue::library_api.load(), nullptr, "host"};
}

}  // namespace tenon
// NOLINTEND(readability-identifier-naming)

#endif

// How values of tenon_host.h become those of C++, and calls those of member functions. It follows
// host_types.h in each header that `tenon bindgen host-cpp` writes.
#ifndef TENON_HOST_GLUE_1
#define TENON_HOST_GLUE_1

#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

// NOLINTBEGIN(readability-identifier-naming)
namespace tenon {
namespace host_glue {

// How a type of a bundle is made up; bundles specialise them.
template <class T>
struct record_fields;  // static constexpr auto get(): a tuple of pointers to its fields
template <class T>
struct flag_labels;  // the same, of `bool`

template <class T>
concept is_record = requires { record_fields<T>::get(); };
template <class T>
concept is_flags = requires { flag_labels<T>::get(); };
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

// What a function returns, on its way into the call's memory.
class result_memory {
 public:
  result_memory(const tenon_host_api* api, tenon_call* handle) : api_(api), handle_(handle) {}
  // Resources that the host has not taken are given up.
  ~result_memory() {
    for (const made_resource& made : resources_) made.drop(made.rep);
  }
  result_memory(const result_memory&) = delete;
  result_memory& operator=(const result_memory&) = delete;

  template <class T>
  T* make(std::size_t count) {
    if (count == 0) return nullptr;
    if (count > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    void* const memory = api_->alloc(handle_, count * sizeof(T), alignof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  template <class T>
  T* copy(const T* from, std::size_t count) {
    T* const made = make<T>(count);
    if (count != 0) std::memcpy(made, from, count * sizeof(T));
    return made;
  }
  template <class R>
  void* make_rep(std::shared_ptr<R> resource) {
    if (resource == nullptr) throw std::logic_error("it returned a resource that is null");
    resources_.push_back(
        {nullptr, [](void* rep) { delete static_cast<std::shared_ptr<R>*>(rep); }});
    resources_.back().rep = new std::shared_ptr<R>(std::move(resource));
    return resources_.back().rep;
  }
  void release() { resources_.clear(); }

 private:
  struct made_resource {
    void* rep;
    void (*drop)(void*);
  };

  const tenon_host_api* api_;
  tenon_call* handle_;
  std::vector<made_resource> resources_;
};

inline tenon_value* make_items(result_memory& memory, std::uint8_t kind, std::size_t count,
                               tenon_value& made) {
  made.kind = kind;
  made.of.items.ptr = memory.make<tenon_value>(count);
  made.of.items.len = count;
  return made.of.items.ptr;
}
inline std::span<const tenon_value> items_of(const tenon_value& value) {
  return {value.of.items.ptr, value.of.items.len};
}

// `T` from a value of the ABI, and to it. The host checked arguments: they are of the WIT's types.
template <class T>
struct codec;

template <class T>
T read(const tenon_value& value) {
  return codec<T>::read(value);
}
template <class T>
void write(result_memory& memory, T&& value, tenon_value& made) {
  codec<std::remove_cvref_t<T>>::write(memory, std::forward<T>(value), made);
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
  static void write(result_memory& /*memory*/, T value, tenon_value& made) {
    made.kind = scalar_kind<T>();
    if constexpr (std::is_same_v<T, float>)
      made.of.f32 = value;
    else if constexpr (std::is_same_v<T, double>)
      made.of.f64 = value;
    else if constexpr (std::is_same_v<T, bool>)
      made.of.u = value ? 1 : 0;
    else if constexpr (std::is_signed_v<T>)
      made.of.s = value;
    else
      made.of.u = value;
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
  static void write(result_memory& memory, std::string_view text, tenon_value& made) {
    made.kind = TENON_STRING;
    made.of.str.ptr = memory.copy(text.data(), text.size());
    made.of.str.len = text.size();
  }
};

// A list of scalars is always packed.
template <is_scalar T>
struct codec<std::span<const T>> {
  static std::span<const T> read(const tenon_value& value) {
    return {static_cast<const T*>(value.of.packed.ptr), value.of.packed.len};
  }
};

template <class T>
void write_packed(result_memory& memory, std::span<const T> from, tenon_value& made) {
  made.kind = TENON_PACKED;
  made.elem = scalar_kind<T>();
  made.of.packed.ptr = memory.copy(from.data(), from.size());
  made.of.packed.len = from.size();
}
template <class List>
void write_elements(result_memory& memory, List&& from, tenon_value& made) {
  tenon_value* to = make_items(memory, TENON_LIST, from.size(), made);
  for (auto& element : from) host_glue::write(memory, std::move(element), *to++);
}

template <class T>
struct codec<std::vector<T>> {
  static std::vector<T> read(const tenon_value& value) {
    if constexpr (is_scalar<T>) {
      const auto elements = codec<std::span<const T>>::read(value);
      return std::vector<T>(elements.begin(), elements.end());
    } else {
      std::vector<T> made;
      made.reserve(value.of.items.len);
      for (const tenon_value& element : items_of(value))
        made.push_back(host_glue::read<T>(element));
      return made;
    }
  }
  static void write(result_memory& memory, std::vector<T> list, tenon_value& made) {
    if constexpr (std::is_same_v<T, bool>) {
      made.kind = TENON_PACKED;
      made.elem = TENON_BOOL;
      auto* const to = memory.make<std::uint8_t>(list.size());
      for (std::size_t i = 0; i < list.size(); ++i) to[i] = list[i] ? 1 : 0;
      made.of.packed.ptr = to;
      made.of.packed.len = list.size();
    } else if constexpr (is_scalar<T>) {
      write_packed(memory, std::span<const T>(list), made);
    } else {
      write_elements(memory, std::move(list), made);
    }
  }
};

template <class T, std::size_t N>
struct codec<std::array<T, N>> {
  static std::array<T, N> read(const tenon_value& value) {
    std::array<T, N> made{};
    if constexpr (is_scalar<T>) {
      if (value.of.packed.len == N) std::memcpy(made.data(), value.of.packed.ptr, N * sizeof(T));
    } else {
      std::size_t i = 0;
      for (const tenon_value& element : items_of(value))
        if (i < N) made[i++] = host_glue::read<T>(element);
    }
    return made;
  }
  static void write(result_memory& memory, std::array<T, N> list, tenon_value& made) {
    if constexpr (is_scalar<T>)
      write_packed(memory, std::span<const T>(list), made);
    else
      write_elements(memory, std::move(list), made);
  }
};

template <class K, class V>
struct codec<std::vector<std::pair<K, V>>> {
  static std::vector<std::pair<K, V>> read(const tenon_value& value) {
    std::vector<std::pair<K, V>> made;
    const auto items = items_of(value);
    made.reserve(items.size() / 2);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
      made.emplace_back(host_glue::read<K>(items[i]), host_glue::read<V>(items[i + 1]));
    return made;
  }
  static void write(result_memory& memory, std::vector<std::pair<K, V>> map, tenon_value& made) {
    tenon_value* to = make_items(memory, TENON_MAP, map.size() * 2, made);
    for (auto& [key, value] : map) {
      host_glue::write(memory, std::move(key), *to++);
      host_glue::write(memory, std::move(value), *to++);
    }
  }
};

template <class T>
struct codec<std::optional<T>> {
  static std::optional<T> read(const tenon_value& value) {
    if (value.of.payload == nullptr) return std::nullopt;
    return std::optional<T>(std::in_place, host_glue::read<T>(*value.of.payload));
  }
  static void write(result_memory& memory, std::optional<T> option, tenon_value& made) {
    made.kind = TENON_OPTION;
    if (!option) return;
    made.of.payload = memory.make<tenon_value>(1);
    host_glue::write(memory, *std::move(option), *made.of.payload);
  }
};

template <class T, class E>
struct codec<expected<T, E>> {
  static expected<T, E> read(const tenon_value& value) {
    if (value.index != 0) {
      if constexpr (std::is_same_v<E, std::monostate>)
        return unexpected(std::monostate());
      else
        return unexpected<E>{host_glue::read<E>(*value.of.payload)};
    }
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return host_glue::read<T>(*value.of.payload);
  }
  static void write(result_memory& memory, expected<T, E> result, tenon_value& made) {
    made.kind = TENON_RESULT;
    made.index = result ? 0 : 1;
    if (result) {
      if constexpr (!std::is_void_v<T>) {
        made.of.payload = memory.make<tenon_value>(1);
        host_glue::write(memory, *std::move(result), *made.of.payload);
      }
    } else if constexpr (!std::is_same_v<E, std::monostate>) {
      made.of.payload = memory.make<tenon_value>(1);
      host_glue::write(memory, std::move(result).error(), *made.of.payload);
    }
  }
};

template <class... Parts>
struct codec<std::tuple<Parts...>> {
  static std::tuple<Parts...> read(const tenon_value& value) {
    return read_parts(value, std::index_sequence_for<Parts...>());
  }
  static void write(result_memory& memory, std::tuple<Parts...> parts, tenon_value& made) {
    tenon_value* to = make_items(memory, TENON_TUPLE, sizeof...(Parts), made);
    std::apply([&](Parts&... part) { (host_glue::write(memory, std::move(part), *to++), ...); },
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
    T made;
    const tenon_value* from = value.of.items.ptr;
    std::apply([&](auto... field) { (read_field(made.*field, *from++), ...); },
               record_fields<T>::get());
    return made;
  }
  static void write(result_memory& memory, T record, tenon_value& made) {
    constexpr auto kFields = record_fields<T>::get();
    tenon_value* to = make_items(memory, TENON_RECORD, std::tuple_size_v<decltype(kFields)>, made);
    std::apply(
        [&](auto... field) { (host_glue::write(memory, std::move(record.*field), *to++), ...); },
        kFields);
  }

 private:
  template <class Field>
  static void read_field(Field& field, const tenon_value& from) {
    field = host_glue::read<Field>(from);
  }
};

template <class T>
  requires is_flags<T>
struct codec<T> {
  static T read(const tenon_value& value) {
    T made;
    std::uint64_t bits = value.of.u;
    const auto take = [&](bool& label) {
      label = (bits & 1) != 0;
      bits >>= 1;
    };
    std::apply([&](auto... label) { (take(made.*label), ...); }, flag_labels<T>::get());
    return made;
  }
  static void write(result_memory& /*memory*/, const T& flags, tenon_value& made) {
    made.kind = TENON_FLAGS;
    unsigned place = 0;
    const auto give = [&](bool label) {
      made.of.u |= std::uint64_t{label ? 1U : 0U} << place;
      ++place;
    };
    std::apply([&](auto... label) { (give(flags.*label), ...); }, flag_labels<T>::get());
  }
};

template <class T>
  requires std::is_enum_v<T>
struct codec<T> {
  static T read(const tenon_value& value) { return static_cast<T>(value.index); }
  static void write(result_memory& /*memory*/, T label, tenon_value& made) {
    made.kind = TENON_ENUM;
    made.index = static_cast<std::uint32_t>(label);
  }
};

template <class Case>
concept has_payload = requires(Case one) { one.value; };

template <class T>
  requires is_cases<T>
struct codec<T> {
  using cases = decltype(T::which);

  static T read(const tenon_value& value) {
    return read_case(value, std::make_index_sequence<std::variant_size_v<cases>>());
  }
  static void write(result_memory& memory, T variant, tenon_value& made) {
    made.kind = TENON_VARIANT;
    made.index = static_cast<std::uint32_t>(variant.which.index());
    std::visit(
        [&]<class Case>(Case& one) {
          if constexpr (has_payload<Case>) {
            made.of.payload = memory.make<tenon_value>(1);
            host_glue::write(memory, std::move(one.value), *made.of.payload);
          }
        },
        variant.which);
  }

 private:
  template <std::size_t... I>
  static T read_case(const tenon_value& value, std::index_sequence<I...>) {
    using reader = T (*)(const tenon_value&);
    constexpr reader kReaders[] = {&read_one<std::variant_alternative_t<I, cases>>...};
    return kReaders[value.index](value);
  }
  template <class Case>
  static T read_one(const tenon_value& value) {
    Case made{};
    if constexpr (has_payload<Case>)
      made.value = host_glue::read<decltype(Case::value)>(*value.of.payload);
    return T(std::move(made));
  }
};

// One that is owned is the reader's from then on.
template <class R>
struct codec<std::shared_ptr<R>> {
  static std::shared_ptr<R> read(const tenon_value& value) {
    auto* const rep = static_cast<std::shared_ptr<R>*>(value.of.rep);
    if (value.kind == TENON_BORROW) return *rep;
    const std::unique_ptr<std::shared_ptr<R>> taken(rep);
    return std::move(*taken);
  }
  static void write(result_memory& memory, std::shared_ptr<R> resource, tenon_value& made) {
    made.kind = TENON_OWN;
    made.of.rep = memory.make_rep(std::move(resource));
  }
};

// What a parameter is passed from.
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

template <class Instance>
struct state {
  const tenon_host_api* api;
  const char* name;
  std::unique_ptr<Instance> instance;
};

// Nothing that C++ throws leaves a library.
template <class Body>
std::int32_t run_guarded(const tenon_host_api* api, tenon_call* handle, Body body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    return api->trap(handle, "%s", error.what());
  } catch (...) {
    return api->trap(handle, "it threw what is no std::exception");
  }
}

template <class Result, class Target, class... Params, std::size_t... I>
void call_with(result_memory& memory, Target& target, Result (Target::*function)(Params...),
               [[maybe_unused]] const tenon_value* args, tenon_value& result,
               std::index_sequence<I...> /*places*/) {
  [[maybe_unused]] std::tuple<argument<Params>...> held{argument<Params>(args[I])...};
  if constexpr (std::is_void_v<Result>)
    (target.*function)(std::get<I>(held).get()...);
  else
    host_glue::write(memory, (target.*function)(std::get<I>(held).get()...), result);
}

// Which of the two a member function is: of a resource, whose first argument is the resource; or
// of an interface, which the instance has.
enum class member_of { resource, instance };

template <class Instance, member_of Kind, class Result, class Target, class... Params>
std::int32_t call_member(void* self, tenon_call* handle, const tenon_value* args,
                         tenon_value* result, Result (Target::*function)(Params...)) noexcept {
  auto& all = *static_cast<state<Instance>*>(self);
  return run_guarded(all.api, handle, [&] {
    const call active(all.api, handle, all.name);
    const call_scope scope(active);
    result_memory memory(all.api, handle);
    constexpr auto kPlaces = std::index_sequence_for<Params...>();
    if constexpr (Kind == member_of::resource) {
      auto& resource = **static_cast<std::shared_ptr<Target>*>(args[0].of.rep);
      call_with<Result, Target, Params...>(memory, resource, function, args + 1, *result, kPlaces);
    } else {
      call_with<Result, Target, Params...>(memory, *all.instance, function, args, *result, kPlaces);
    }
    memory.release();
    return 0;
  });
}

template <class Instance, auto Function>
std::int32_t call_function(void* self, tenon_call* handle, const tenon_value* args,
                           std::size_t /*nargs*/, tenon_value* result) {
  return call_member<Instance, member_of::instance>(self, handle, args, result, Function);
}
template <class Instance, auto Function>
std::int32_t call_method(void* self, tenon_call* handle, const tenon_value* args,
                         std::size_t /*nargs*/, tenon_value* result) {
  return call_member<Instance, member_of::resource>(self, handle, args, result, Function);
}

template <class Instance, class R>
void drop_resource(void* self, void* rep) {
  const auto& all = *static_cast<state<Instance>*>(self);
  const call none(all.api, nullptr, all.name);
  const call_scope scope(none);
  delete static_cast<std::shared_ptr<R>*>(rep);
}

template <class T>
inline constexpr bool is_expected = false;
template <class T, class E>
inline constexpr bool is_expected<expected<T, E>> = true;

// Type: what the author derived from Instance.
template <class Instance, class Type>
std::int32_t create_instance(const tenon_host_api* api, const tenon_config* config,
                             tenon_call* handle, void** self, const char* name) {
  if (api->size < sizeof(tenon_host_api))
    return api->trap(handle, "the host is older than what `%s` was built for", name);
  library_api = api;
  return run_guarded(api, handle, [&]() -> std::int32_t {
    const call none(api, nullptr, name);
    const call_scope scope(none);
    auto made = Type::create(host_config(api, config));
    auto all = std::make_unique<state<Instance>>(state<Instance>{api, name, nullptr});
    if constexpr (is_expected<decltype(made)>) {
      if (!made) return api->trap(handle, "%s", std::string(made.error()).c_str());
      all->instance = *std::move(made);
    } else {
      all->instance = std::move(made);
    }
    if (all->instance == nullptr) return api->trap(handle, "`create` returned null");
    *self = all.release();
    return 0;
  });
}

// "my-bundle" of `my_bundle`.
template <std::size_t N>
constexpr std::array<char, N> bundle_name(const char (&identifier)[N]) {
  std::array<char, N> made = {};
  for (std::size_t k = 0; k < N; ++k) made[k] = identifier[k] == '_' ? '-' : identifier[k];
  return made;
}

template <class Instance>
void destroy_instance(void* self) {
  const auto all = std::unique_ptr<state<Instance>>(static_cast<state<Instance>*>(self));
  const call none(all->api, nullptr, all->name);
  const call_scope scope(none);
  all->instance.reset();
}

}  // namespace host_glue
}  // namespace tenon
// NOLINTEND(readability-identifier-naming)

// The table of a library: once in it, at namespace scope.
// name: of the bundle, with `_` for `-`; Type: derived from the `instance` of a header as this;
// threading: TENON_SERIAL_LIBRARY, TENON_SERIAL_INSTANCE or TENON_CONCURRENT.
#define TENON_HOST_MODULE(name, version, Type, threading)                                          \
  TENON_HOST_ENTRY(name) {                                                                         \
    static constexpr auto tenon_name = ::tenon::host_glue::bundle_name(#name);                     \
    static constexpr Type* tenon_none = nullptr;                                                   \
    using tenon_instance = ::std::remove_pointer_t<decltype(module_base(tenon_none))>;             \
    static constexpr auto tenon_functions = module_functions<Type>(tenon_none);                    \
    static constexpr auto tenon_resources = module_resources(tenon_none);                          \
    static const tenon_host_module tenon_module = {                                                \
        sizeof tenon_module,                                                                       \
        TENON_HOST_ABI_MAJOR,                                                                      \
        TENON_HOST_ABI_MINOR,                                                                      \
        threading,                                                                                 \
        tenon_name.data(),                                                                         \
        version,                                                                                   \
        [](const tenon_host_api* api, const tenon_config* config, tenon_call* call, void** self) { \
          return ::tenon::host_glue::create_instance<tenon_instance, Type>(                        \
              api, config, call, self, tenon_name.data());                                         \
        },                                                                                         \
        &::tenon::host_glue::destroy_instance<tenon_instance>,                                     \
        tenon_functions.data(),                                                                    \
        tenon_functions.size(),                                                                    \
        tenon_resources.data(),                                                                    \
        tenon_resources.size()};                                                                   \
    return &tenon_module;                                                                          \
  }

#endif

// tenon:pkcs11/token@0.1.0
namespace pkcs11_host::token {
class session;
class object;
class signer;
class verifier;
class digester;
enum class error_kind : std::uint32_t {
  denied,
  login,
  argument,
  unsupported,
  data,
  token,
  other,
};
struct error {
  error_kind kind = {};
  std::uint32_t code = 0;
  std::string message = {};
  bool operator==(const error&) const = default;
};
struct token_info {
  std::string label = {};
  std::string manufacturer = {};
  std::string model = {};
  std::string serial_number = {};
  bool is_initialized = false;
  bool needs_login = false;
  bool is_write_protected = false;
  bool operator==(const token_info&) const = default;
};
struct slot {
  std::uint64_t id = 0;
  std::string description = {};
  std::optional<token_info> token = {};
  bool operator==(const slot&) const = default;
};
struct mechanism_info {
  std::uint64_t code = 0;
  std::uint64_t min_key_size = 0;
  std::uint64_t max_key_size = 0;
  bool operator==(const mechanism_info&) const = default;
};
enum class access : std::uint32_t {
  read_only,
  read_write,
};
enum class object_class : std::uint32_t {
  data,
  certificate,
  public_key,
  private_key,
  secret_key,
  other,
};
enum class key_type : std::uint32_t {
  rsa,
  ec,
  ec_edwards,
  aes,
  generic_secret,
  other,
};
enum class hash : std::uint32_t {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
};
struct attribute {
  struct class_ {
    object_class value;
    bool operator==(const class_&) const = default;
  };
  struct key_type {
    ::pkcs11_host::token::key_type value;
    bool operator==(const key_type&) const = default;
  };
  struct label {
    std::string value;
    bool operator==(const label&) const = default;
  };
  struct id {
    std::vector<std::uint8_t> value;
    bool operator==(const id&) const = default;
  };
  struct token {
    bool value;
    bool operator==(const token&) const = default;
  };
  struct private_ {
    bool value;
    bool operator==(const private_&) const = default;
  };
  struct modifiable {
    bool value;
    bool operator==(const modifiable&) const = default;
  };
  struct sensitive {
    bool value;
    bool operator==(const sensitive&) const = default;
  };
  struct extractable {
    bool value;
    bool operator==(const extractable&) const = default;
  };
  struct always_sensitive {
    bool value;
    bool operator==(const always_sensitive&) const = default;
  };
  struct never_extractable {
    bool value;
    bool operator==(const never_extractable&) const = default;
  };
  struct local {
    bool value;
    bool operator==(const local&) const = default;
  };
  struct encrypt {
    bool value;
    bool operator==(const encrypt&) const = default;
  };
  struct decrypt {
    bool value;
    bool operator==(const decrypt&) const = default;
  };
  struct sign {
    bool value;
    bool operator==(const sign&) const = default;
  };
  struct verify {
    bool value;
    bool operator==(const verify&) const = default;
  };
  struct wrap {
    bool value;
    bool operator==(const wrap&) const = default;
  };
  struct unwrap {
    bool value;
    bool operator==(const unwrap&) const = default;
  };
  struct derive {
    bool value;
    bool operator==(const derive&) const = default;
  };
  struct value_ {
    std::vector<std::uint8_t> value;
    bool operator==(const value_&) const = default;
  };
  struct value_len {
    std::uint64_t value;
    bool operator==(const value_len&) const = default;
  };
  struct modulus {
    std::vector<std::uint8_t> value;
    bool operator==(const modulus&) const = default;
  };
  struct modulus_bits {
    std::uint64_t value;
    bool operator==(const modulus_bits&) const = default;
  };
  struct public_exponent {
    std::vector<std::uint8_t> value;
    bool operator==(const public_exponent&) const = default;
  };
  struct ec_params {
    std::vector<std::uint8_t> value;
    bool operator==(const ec_params&) const = default;
  };
  struct ec_point {
    std::vector<std::uint8_t> value;
    bool operator==(const ec_point&) const = default;
  };
  attribute() = default;
  attribute(class_ made_) : which(std::move(made_)) {}
  attribute(key_type made_) : which(std::move(made_)) {}
  attribute(label made_) : which(std::move(made_)) {}
  attribute(id made_) : which(std::move(made_)) {}
  attribute(token made_) : which(std::move(made_)) {}
  attribute(private_ made_) : which(std::move(made_)) {}
  attribute(modifiable made_) : which(std::move(made_)) {}
  attribute(sensitive made_) : which(std::move(made_)) {}
  attribute(extractable made_) : which(std::move(made_)) {}
  attribute(always_sensitive made_) : which(std::move(made_)) {}
  attribute(never_extractable made_) : which(std::move(made_)) {}
  attribute(local made_) : which(std::move(made_)) {}
  attribute(encrypt made_) : which(std::move(made_)) {}
  attribute(decrypt made_) : which(std::move(made_)) {}
  attribute(sign made_) : which(std::move(made_)) {}
  attribute(verify made_) : which(std::move(made_)) {}
  attribute(wrap made_) : which(std::move(made_)) {}
  attribute(unwrap made_) : which(std::move(made_)) {}
  attribute(derive made_) : which(std::move(made_)) {}
  attribute(value_ made_) : which(std::move(made_)) {}
  attribute(value_len made_) : which(std::move(made_)) {}
  attribute(modulus made_) : which(std::move(made_)) {}
  attribute(modulus_bits made_) : which(std::move(made_)) {}
  attribute(public_exponent made_) : which(std::move(made_)) {}
  attribute(ec_params made_) : which(std::move(made_)) {}
  attribute(ec_point made_) : which(std::move(made_)) {}
  bool operator==(const attribute&) const = default;
  std::variant<class_, key_type, label, id, token, private_, modifiable, sensitive, extractable, always_sensitive, never_extractable, local, encrypt, decrypt, sign, verify, wrap, unwrap, derive, value_, value_len, modulus, modulus_bits, public_exponent, ec_params, ec_point> which;
};
enum class attribute_name : std::uint32_t {
  class_,
  key_type,
  label,
  id,
  token,
  private_,
  modifiable,
  sensitive,
  extractable,
  always_sensitive,
  never_extractable,
  local,
  encrypt,
  decrypt,
  sign,
  verify,
  wrap,
  unwrap,
  derive,
  value,
  value_len,
  modulus,
  modulus_bits,
  public_exponent,
  ec_params,
  ec_point,
};
struct pss {
  ::pkcs11_host::token::hash hash = {};
  std::uint32_t salt_bytes = 0;
  bool operator==(const pss&) const = default;
};
struct gcm {
  std::vector<std::uint8_t> iv = {};
  std::vector<std::uint8_t> additional_data = {};
  std::uint32_t tag_bits = 0;
  bool operator==(const gcm&) const = default;
};
struct mechanism {
  struct rsa_pkcs {
    bool operator==(const rsa_pkcs&) const = default;
  };
  struct rsa_pkcs_hashed {
    ::pkcs11_host::token::hash value;
    bool operator==(const rsa_pkcs_hashed&) const = default;
  };
  struct rsa_pss {
    pss value;
    bool operator==(const rsa_pss&) const = default;
  };
  struct rsa_pss_hashed {
    pss value;
    bool operator==(const rsa_pss_hashed&) const = default;
  };
  struct rsa_oaep {
    ::pkcs11_host::token::hash value;
    bool operator==(const rsa_oaep&) const = default;
  };
  struct ecdsa {
    bool operator==(const ecdsa&) const = default;
  };
  struct ecdsa_hashed {
    ::pkcs11_host::token::hash value;
    bool operator==(const ecdsa_hashed&) const = default;
  };
  struct eddsa {
    bool operator==(const eddsa&) const = default;
  };
  struct hmac {
    ::pkcs11_host::token::hash value;
    bool operator==(const hmac&) const = default;
  };
  struct aes_ecb {
    bool operator==(const aes_ecb&) const = default;
  };
  struct aes_cbc {
    std::vector<std::uint8_t> value;
    bool operator==(const aes_cbc&) const = default;
  };
  struct aes_cbc_pad {
    std::vector<std::uint8_t> value;
    bool operator==(const aes_cbc_pad&) const = default;
  };
  struct aes_gcm {
    gcm value;
    bool operator==(const aes_gcm&) const = default;
  };
  struct aes_key_wrap {
    bool operator==(const aes_key_wrap&) const = default;
  };
  struct aes_key_wrap_pad {
    bool operator==(const aes_key_wrap_pad&) const = default;
  };
  mechanism() = default;
  mechanism(rsa_pkcs made_) : which(std::move(made_)) {}
  mechanism(rsa_pkcs_hashed made_) : which(std::move(made_)) {}
  mechanism(rsa_pss made_) : which(std::move(made_)) {}
  mechanism(rsa_pss_hashed made_) : which(std::move(made_)) {}
  mechanism(rsa_oaep made_) : which(std::move(made_)) {}
  mechanism(ecdsa made_) : which(std::move(made_)) {}
  mechanism(ecdsa_hashed made_) : which(std::move(made_)) {}
  mechanism(eddsa made_) : which(std::move(made_)) {}
  mechanism(hmac made_) : which(std::move(made_)) {}
  mechanism(aes_ecb made_) : which(std::move(made_)) {}
  mechanism(aes_cbc made_) : which(std::move(made_)) {}
  mechanism(aes_cbc_pad made_) : which(std::move(made_)) {}
  mechanism(aes_gcm made_) : which(std::move(made_)) {}
  mechanism(aes_key_wrap made_) : which(std::move(made_)) {}
  mechanism(aes_key_wrap_pad made_) : which(std::move(made_)) {}
  bool operator==(const mechanism&) const = default;
  std::variant<rsa_pkcs, rsa_pkcs_hashed, rsa_pss, rsa_pss_hashed, rsa_oaep, ecdsa, ecdsa_hashed, eddsa, hmac, aes_ecb, aes_cbc, aes_cbc_pad, aes_gcm, aes_key_wrap, aes_key_wrap_pad> which;
};
enum class key_kind : std::uint32_t {
  aes,
  generic_secret,
};
struct key_pair_kind {
  struct rsa {
    std::uint32_t value;
    bool operator==(const rsa&) const = default;
  };
  struct ec {
    std::vector<std::uint8_t> value;
    bool operator==(const ec&) const = default;
  };
  struct ec_edwards {
    std::vector<std::uint8_t> value;
    bool operator==(const ec_edwards&) const = default;
  };
  key_pair_kind() = default;
  key_pair_kind(rsa made_) : which(std::move(made_)) {}
  key_pair_kind(ec made_) : which(std::move(made_)) {}
  key_pair_kind(ec_edwards made_) : which(std::move(made_)) {}
  bool operator==(const key_pair_kind&) const = default;
  std::variant<rsa, ec, ec_edwards> which;
};

class session {
 public:
  session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  virtual ~session() = default;

  // login-configured: func() -> result<_, error>;
  virtual tenon::expected<void, error> login_configured() = 0;

  // login: func(pin: string) -> result<_, error>;
  virtual tenon::expected<void, error> login(std::string_view pin) = 0;

  // logout: func() -> result<_, error>;
  virtual tenon::expected<void, error> logout() = 0;

  // generate-key: func(kind: key-kind, size-bytes: u32, attributes: list<attribute>) -> result<object, error>;
  virtual tenon::expected<std::shared_ptr<object>, error> generate_key(
      key_kind kind,
      std::uint32_t size_bytes,
      std::span<const attribute> attributes) = 0;

  // generate-key-pair: func(kind: key-pair-kind, public: list<attribute>, private: list<attribute>) -> result<tuple<object, object>, error>;
  virtual tenon::expected<std::tuple<std::shared_ptr<object>, std::shared_ptr<object>>, error>
  generate_key_pair(
      const key_pair_kind& kind,
      std::span<const attribute> public_,
      std::span<const attribute> private_) = 0;

  // create: func(attributes: list<attribute>) -> result<object, error>;
  virtual tenon::expected<std::shared_ptr<object>, error> create(
      std::span<const attribute> attributes) = 0;

  // find: func(attributes: list<attribute>) -> result<list<object>, error>;
  virtual tenon::expected<std::vector<std::shared_ptr<object>>, error> find(
      std::span<const attribute> attributes) = 0;

  // sign: func(key: borrow<object>, mechanism: mechanism, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> sign(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data) = 0;

  // verify: func(key: borrow<object>, mechanism: mechanism, data: list<u8>, signature: list<u8>) -> result<bool, error>;
  virtual tenon::expected<bool, error> verify(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data,
      std::span<const std::uint8_t> signature) = 0;

  // encrypt: func(key: borrow<object>, mechanism: mechanism, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> encrypt(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data) = 0;

  // decrypt: func(key: borrow<object>, mechanism: mechanism, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> decrypt(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data) = 0;

  // wrap: func(wrapping: borrow<object>, mechanism: mechanism, key: borrow<object>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> wrap(
      object& wrapping,
      const ::pkcs11_host::token::mechanism& mechanism,
      object& key) = 0;

  // unwrap: func(unwrapping: borrow<object>, mechanism: mechanism, wrapped: list<u8>, attributes: list<attribute>) -> result<object, error>;
  virtual tenon::expected<std::shared_ptr<object>, error> unwrap(
      object& unwrapping,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> wrapped,
      std::span<const attribute> attributes) = 0;

  // digest: func(hash: hash, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> digest(
      ::pkcs11_host::token::hash hash,
      std::span<const std::uint8_t> data) = 0;

  // random: func(bytes: u32) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> random(std::uint32_t bytes) = 0;

  // start-sign: func(key: borrow<object>, mechanism: mechanism) -> result<signer, error>;
  virtual tenon::expected<std::shared_ptr<signer>, error> start_sign(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism) = 0;

  // start-verify: func(key: borrow<object>, mechanism: mechanism) -> result<verifier, error>;
  virtual tenon::expected<std::shared_ptr<verifier>, error> start_verify(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism) = 0;

  // start-digest: func(hash: hash) -> result<digester, error>;
  virtual tenon::expected<std::shared_ptr<digester>, error> start_digest(
      ::pkcs11_host::token::hash hash) = 0;
};

class object {
 public:
  object() = default;
  object(const object&) = delete;
  object& operator=(const object&) = delete;
  virtual ~object() = default;

  // attributes: func(names: list<attribute-name>) -> result<list<attribute>, error>;
  virtual tenon::expected<std::vector<attribute>, error> attributes(
      std::span<const attribute_name> names) = 0;

  // destroy: func() -> result<_, error>;
  virtual tenon::expected<void, error> destroy() = 0;
};

class signer {
 public:
  signer() = default;
  signer(const signer&) = delete;
  signer& operator=(const signer&) = delete;
  virtual ~signer() = default;

  // update: func(data: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> update(std::span<const std::uint8_t> data) = 0;

  // finish: func() -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> finish() = 0;
};

class verifier {
 public:
  verifier() = default;
  verifier(const verifier&) = delete;
  verifier& operator=(const verifier&) = delete;
  virtual ~verifier() = default;

  // update: func(data: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> update(std::span<const std::uint8_t> data) = 0;

  // finish: func(signature: list<u8>) -> result<bool, error>;
  virtual tenon::expected<bool, error> finish(std::span<const std::uint8_t> signature) = 0;
};

class digester {
 public:
  digester() = default;
  digester(const digester&) = delete;
  digester& operator=(const digester&) = delete;
  virtual ~digester() = default;

  // update: func(data: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> update(std::span<const std::uint8_t> data) = 0;

  // finish: func() -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> finish() = 0;
};

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // open: static func(slot: option<u64>, access: access) -> result<session, error>;
  virtual tenon::expected<std::shared_ptr<session>, error> session_open(
      const std::optional<std::uint64_t>& slot,
      ::pkcs11_host::token::access access) = 0;

  // slots: func() -> result<list<slot>, error>;
  virtual tenon::expected<std::vector<::pkcs11_host::token::slot>, error> slots() = 0;

  // mechanisms: func(slot: u64) -> result<list<mechanism-info>, error>;
  virtual tenon::expected<std::vector<mechanism_info>, error> mechanisms(std::uint64_t slot) = 0;
};
}  // namespace pkcs11_host::token

namespace pkcs11_host {
// What a bundle implements. It has a `static create(const tenon::host_config&)`, and may
// have a `function_flags` of its own.
class instance : public token::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE; of "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace pkcs11_host

namespace tenon::host_glue {
template <>
struct record_fields<::pkcs11_host::token::error> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::error;
    return std::make_tuple(&type::kind, &type::code, &type::message);
  }
};
template <>
struct record_fields<::pkcs11_host::token::token_info> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::token_info;
    return std::make_tuple(&type::label, &type::manufacturer, &type::model, &type::serial_number, &type::is_initialized, &type::needs_login, &type::is_write_protected);
  }
};
template <>
struct record_fields<::pkcs11_host::token::slot> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::slot;
    return std::make_tuple(&type::id, &type::description, &type::token);
  }
};
template <>
struct record_fields<::pkcs11_host::token::mechanism_info> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::mechanism_info;
    return std::make_tuple(&type::code, &type::min_key_size, &type::max_key_size);
  }
};
template <>
struct record_fields<::pkcs11_host::token::pss> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::pss;
    return std::make_tuple(&type::hash, &type::salt_bytes);
  }
};
template <>
struct record_fields<::pkcs11_host::token::gcm> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::gcm;
    return std::make_tuple(&type::iv, &type::additional_data, &type::tag_bits);
  }
};
}  // namespace tenon::host_glue

namespace pkcs11_host {
// What TENON_HOST_MODULE finds by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// With the hash of each function's type.
template <class Type>
constexpr std::array<tenon_func_def, 29> module_functions(const instance*) {
  return {{
      {"tenon:pkcs11/token", "[static]session.open",
       &tenon::host_glue::call_function<instance, &token::exports::session_open>,
       0x2fbcb0ea9b20930bU, Type::function_flags("tenon:pkcs11/token#[static]session.open")},
      {"tenon:pkcs11/token", "slots",
       &tenon::host_glue::call_function<instance, &token::exports::slots>,
       0x93003d00ee2dd38dU, Type::function_flags("tenon:pkcs11/token#slots")},
      {"tenon:pkcs11/token", "mechanisms",
       &tenon::host_glue::call_function<instance, &token::exports::mechanisms>,
       0xca18eb8c75aee23fU, Type::function_flags("tenon:pkcs11/token#mechanisms")},
      {"tenon:pkcs11/token", "[method]session.login-configured",
       &tenon::host_glue::call_method<instance, &token::session::login_configured>,
       0xf0b3cb342e10888aU, Type::function_flags("tenon:pkcs11/token#[method]session.login-configured")},
      {"tenon:pkcs11/token", "[method]session.login",
       &tenon::host_glue::call_method<instance, &token::session::login>,
       0x96566c718745efe5U, Type::function_flags("tenon:pkcs11/token#[method]session.login")},
      {"tenon:pkcs11/token", "[method]session.logout",
       &tenon::host_glue::call_method<instance, &token::session::logout>,
       0xf0b3cb342e10888aU, Type::function_flags("tenon:pkcs11/token#[method]session.logout")},
      {"tenon:pkcs11/token", "[method]session.generate-key",
       &tenon::host_glue::call_method<instance, &token::session::generate_key>,
       0xac6ac77bef0e3ea9U, Type::function_flags("tenon:pkcs11/token#[method]session.generate-key")},
      {"tenon:pkcs11/token", "[method]session.generate-key-pair",
       &tenon::host_glue::call_method<instance, &token::session::generate_key_pair>,
       0xdafb1e12d11e2dd7U, Type::function_flags("tenon:pkcs11/token#[method]session.generate-key-pair")},
      {"tenon:pkcs11/token", "[method]session.create",
       &tenon::host_glue::call_method<instance, &token::session::create>,
       0xc80dc01855ed8ac2U, Type::function_flags("tenon:pkcs11/token#[method]session.create")},
      {"tenon:pkcs11/token", "[method]session.find",
       &tenon::host_glue::call_method<instance, &token::session::find>,
       0x3611aceb4545f85cU, Type::function_flags("tenon:pkcs11/token#[method]session.find")},
      {"tenon:pkcs11/token", "[method]session.sign",
       &tenon::host_glue::call_method<instance, &token::session::sign>,
       0x470843a922e32008U, Type::function_flags("tenon:pkcs11/token#[method]session.sign")},
      {"tenon:pkcs11/token", "[method]session.verify",
       &tenon::host_glue::call_method<instance, &token::session::verify>,
       0x2d107df7ab875d3fU, Type::function_flags("tenon:pkcs11/token#[method]session.verify")},
      {"tenon:pkcs11/token", "[method]session.encrypt",
       &tenon::host_glue::call_method<instance, &token::session::encrypt>,
       0x470843a922e32008U, Type::function_flags("tenon:pkcs11/token#[method]session.encrypt")},
      {"tenon:pkcs11/token", "[method]session.decrypt",
       &tenon::host_glue::call_method<instance, &token::session::decrypt>,
       0x470843a922e32008U, Type::function_flags("tenon:pkcs11/token#[method]session.decrypt")},
      {"tenon:pkcs11/token", "[method]session.wrap",
       &tenon::host_glue::call_method<instance, &token::session::wrap>,
       0x64410cd812f9a31bU, Type::function_flags("tenon:pkcs11/token#[method]session.wrap")},
      {"tenon:pkcs11/token", "[method]session.unwrap",
       &tenon::host_glue::call_method<instance, &token::session::unwrap>,
       0xc1c08029a675f6beU, Type::function_flags("tenon:pkcs11/token#[method]session.unwrap")},
      {"tenon:pkcs11/token", "[method]session.digest",
       &tenon::host_glue::call_method<instance, &token::session::digest>,
       0x3c95e4ae14d914c5U, Type::function_flags("tenon:pkcs11/token#[method]session.digest")},
      {"tenon:pkcs11/token", "[method]session.random",
       &tenon::host_glue::call_method<instance, &token::session::random>,
       0x718712414e8c260cU, Type::function_flags("tenon:pkcs11/token#[method]session.random")},
      {"tenon:pkcs11/token", "[method]session.start-sign",
       &tenon::host_glue::call_method<instance, &token::session::start_sign>,
       0x7208211b742187a6U, Type::function_flags("tenon:pkcs11/token#[method]session.start-sign")},
      {"tenon:pkcs11/token", "[method]session.start-verify",
       &tenon::host_glue::call_method<instance, &token::session::start_verify>,
       0x9d44ab92311b9663U, Type::function_flags("tenon:pkcs11/token#[method]session.start-verify")},
      {"tenon:pkcs11/token", "[method]session.start-digest",
       &tenon::host_glue::call_method<instance, &token::session::start_digest>,
       0x5243258bffad4accU, Type::function_flags("tenon:pkcs11/token#[method]session.start-digest")},
      {"tenon:pkcs11/token", "[method]object.attributes",
       &tenon::host_glue::call_method<instance, &token::object::attributes>,
       0xe9ffb82d1f4060abU, Type::function_flags("tenon:pkcs11/token#[method]object.attributes")},
      {"tenon:pkcs11/token", "[method]object.destroy",
       &tenon::host_glue::call_method<instance, &token::object::destroy>,
       0x62863534488863cdU, Type::function_flags("tenon:pkcs11/token#[method]object.destroy")},
      {"tenon:pkcs11/token", "[method]signer.update",
       &tenon::host_glue::call_method<instance, &token::signer::update>,
       0xbc4603d0d918d07bU, Type::function_flags("tenon:pkcs11/token#[method]signer.update")},
      {"tenon:pkcs11/token", "[method]signer.finish",
       &tenon::host_glue::call_method<instance, &token::signer::finish>,
       0x8ae665791ec2816bU, Type::function_flags("tenon:pkcs11/token#[method]signer.finish")},
      {"tenon:pkcs11/token", "[method]verifier.update",
       &tenon::host_glue::call_method<instance, &token::verifier::update>,
       0x61234005b6de2691U, Type::function_flags("tenon:pkcs11/token#[method]verifier.update")},
      {"tenon:pkcs11/token", "[method]verifier.finish",
       &tenon::host_glue::call_method<instance, &token::verifier::finish>,
       0x1a5e80e47fe5f218U, Type::function_flags("tenon:pkcs11/token#[method]verifier.finish")},
      {"tenon:pkcs11/token", "[method]digester.update",
       &tenon::host_glue::call_method<instance, &token::digester::update>,
       0x932c6a3f2b83505aU, Type::function_flags("tenon:pkcs11/token#[method]digester.update")},
      {"tenon:pkcs11/token", "[method]digester.finish",
       &tenon::host_glue::call_method<instance, &token::digester::finish>,
       0x24e13a8ff8c819caU, Type::function_flags("tenon:pkcs11/token#[method]digester.finish")},
  }};
}
constexpr std::array<tenon_resource_def, 5> module_resources(const instance*) {
  return {{
      {"tenon:pkcs11/token", "session",
       &tenon::host_glue::drop_resource<instance, token::session>},
      {"tenon:pkcs11/token", "object",
       &tenon::host_glue::drop_resource<instance, token::object>},
      {"tenon:pkcs11/token", "signer",
       &tenon::host_glue::drop_resource<instance, token::signer>},
      {"tenon:pkcs11/token", "verifier",
       &tenon::host_glue::drop_resource<instance, token::verifier>},
      {"tenon:pkcs11/token", "digester",
       &tenon::host_glue::drop_resource<instance, token::digester>},
  }};
}
}  // namespace pkcs11_host
