// Made by `tenon bindgen host-cpp` from the WIT of demo:names/names-world@1.0.0. Do not edit.
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

// second:kit/only-types@1.0.0
namespace names_host::only_types {
struct point {
  std::int32_t x = 0;
  bool operator==(const point&) const = default;
};
}  // namespace names_host::only_types

// demo:names/std@1.0.0
namespace names_host::std_ {
class exports_;
using point = ::names_host::only_types::point;
struct class_ {
  std::uint8_t class__ = 0;
  std::string which_ = {};
  std::int32_t int_ = 0;
  ::names_host::only_types::point value = {};
  std::uint8_t errno_ = 0;
  bool operator==(const class_&) const = default;
};
enum class enum_ : std::uint32_t {
  enum_,
  new_,
  delete_,
  and_,
  b_side,
};
struct flags {
  bool flags_ = false;
  bool which_ = false;
  bool volatile_ = false;
  bool linux_ = false;
  bool operator==(const flags&) const = default;
};
using string = std::string;
enum class error_code : std::uint32_t {
  bad,
};
using tenon_ = std::vector<error_code>;
struct error {
  string std_ = {};
  ::names_host::std_::tenon_ tenon_ = {};
  bool operator==(const error&) const = default;
};
struct union_ {
  struct union__ {
    ::names_host::std_::class_ value;
    bool operator==(const union__&) const = default;
  };
  struct value_ {
    std::uint32_t value;
    bool operator==(const value_&) const = default;
  };
  struct which_ {
    std::string value;
    bool operator==(const which_&) const = default;
  };
  struct error {
    ::names_host::std_::error value;
    bool operator==(const error&) const = default;
  };
  struct list {
    std::vector<::names_host::std_::error> value;
    bool operator==(const list&) const = default;
  };
  struct none {
    bool operator==(const none&) const = default;
  };
  union_() = default;
  union_(union__ made_) : which(std::move(made_)) {}
  union_(value_ made_) : which(std::move(made_)) {}
  union_(which_ made_) : which(std::move(made_)) {}
  union_(error made_) : which(std::move(made_)) {}
  union_(list made_) : which(std::move(made_)) {}
  union_(none made_) : which(std::move(made_)) {}
  bool operator==(const union_&) const = default;
  std::variant<union__, value_, which_, error, list, none> which;
};
using borrow_count = std::uint32_t;

class exports_ {
 public:
  exports_() = default;
  exports_(const exports_&) = delete;
  exports_& operator=(const exports_&) = delete;
  virtual ~exports_() = default;

  // all: func() -> borrow-count;
  virtual borrow_count all() = 0;

  // get: func(exports: list<exports>) -> list<option<exports>>;
  virtual std::vector<std::optional<std::shared_ptr<exports_>>> get(
      std::span<const std::shared_ptr<exports_>> exports) = 0;
};

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // constructor();
  virtual std::shared_ptr<exports_> make_exports() = 0;

  // operator: static func(exports: borrow<exports>) -> exports;
  virtual std::shared_ptr<exports_> exports_operator(exports_& exports) = 0;

  // fail: func(error: error, other: error) -> result<error, error-code>;
  virtual tenon::expected<::names_host::std_::error, error_code> fail(
      const ::names_host::std_::error& error,
      const ::names_host::std_::error& other) = 0;

  // auto: func(self: u8, this: union, made: class) -> %enum;
  virtual enum_ auto_(
      std::uint8_t self,
      const ::names_host::std_::union_& this_,
      const ::names_host::std_::class_& made) = 0;

  // exports-operator: func();
  virtual void exports_operator_() = 0;

  // make-exports: func() -> exports;
  virtual std::shared_ptr<exports_> make_exports_() = 0;
};
}  // namespace names_host::std_

// demo:names/tenon@1.0.0
namespace names_host::tenon_ {
struct flags {
  bool a = false;
  bool operator==(const flags&) const = default;
};

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // create: func();
  virtual void create_() = 0;

  // function-flags: func();
  virtual void function_flags_() = 0;

  // run: func(labels: %flags);
  virtual void tenon__run(const flags& labels) = 0;
};
}  // namespace names_host::tenon_

// demo:names/instance@1.0.0
namespace names_host::instance_ {
using exports_ = ::names_host::std_::exports_;
using either = ::names_host::std_::union_;

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // run: func(e: borrow<exports>) -> either;
  virtual ::names_host::std_::union_ instance__run(::names_host::std_::exports_& e) = 0;

  // module-name: func() -> string;
  virtual std::string module_name() = 0;
};
}  // namespace names_host::instance_

// first:kit/types@1.0.0
namespace names_host::first_kit_types {
struct error {
  std::string error_ = {};
  bool operator==(const error&) const = default;
};

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // make: func() -> error;
  virtual ::names_host::first_kit_types::error first_kit_types_make() = 0;
};
}  // namespace names_host::first_kit_types

// second:kit/types@1.0.0
namespace names_host::second_kit_types {
using fault = ::names_host::first_kit_types::error;
using again = ::names_host::first_kit_types::error;

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // make: func(fault: fault) -> fault;
  virtual ::names_host::first_kit_types::error second_kit_types_make(
      const ::names_host::first_kit_types::error& fault) = 0;
};
}  // namespace names_host::second_kit_types

// inline
namespace names_host::inline_ {
struct inline_ {
  std::uint8_t inline__ = 0;
  bool operator==(const inline_&) const = default;
};

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // fill: func(inline: inline) -> inline;
  virtual ::names_host::inline_::inline_ fill(const ::names_host::inline_::inline_& inline_) = 0;
};
}  // namespace names_host::inline_

// Of the world itself.
namespace names_host::names_world {

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // alone: func(%string: string) -> string;
  virtual std::string alone(std::string_view string) = 0;
};
}  // namespace names_host::names_world

namespace names_host {
// What a bundle implements. It has a `static create(const tenon::host_config&)`, and may
// have a `function_flags` of its own.
class instance
    : public std_::exports, public tenon_::exports, public instance_::exports, public first_kit_types::exports, public second_kit_types::exports, public inline_::exports, public names_world::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE; of "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace names_host

namespace tenon::host_glue {
template <>
struct record_fields<::names_host::only_types::point> {
  static constexpr auto get() {
    using type = ::names_host::only_types::point;
    return std::make_tuple(&type::x);
  }
};
template <>
struct record_fields<::names_host::std_::class_> {
  static constexpr auto get() {
    using type = ::names_host::std_::class_;
    return std::make_tuple(&type::class__, &type::which_, &type::int_, &type::value, &type::errno_);
  }
};
template <>
struct flag_labels<::names_host::std_::flags> {
  static constexpr auto get() {
    using type = ::names_host::std_::flags;
    return std::make_tuple(&type::flags_, &type::which_, &type::volatile_, &type::linux_);
  }
};
template <>
struct record_fields<::names_host::std_::error> {
  static constexpr auto get() {
    using type = ::names_host::std_::error;
    return std::make_tuple(&type::std_, &type::tenon_);
  }
};
template <>
struct flag_labels<::names_host::tenon_::flags> {
  static constexpr auto get() {
    using type = ::names_host::tenon_::flags;
    return std::make_tuple(&type::a);
  }
};
template <>
struct record_fields<::names_host::first_kit_types::error> {
  static constexpr auto get() {
    using type = ::names_host::first_kit_types::error;
    return std::make_tuple(&type::error_);
  }
};
template <>
struct record_fields<::names_host::inline_::inline_> {
  static constexpr auto get() {
    using type = ::names_host::inline_::inline_;
    return std::make_tuple(&type::inline__);
  }
};
}  // namespace tenon::host_glue

namespace names_host {
// What TENON_HOST_MODULE finds by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// With the hash of each function's type.
template <class Type>
constexpr std::array<tenon_func_def, 17> module_functions(const instance*) {
  return {{
      {"demo:names/std", "[constructor]exports",
       &tenon::host_glue::call_function<instance, &std_::exports::make_exports>,
       0xa21c729a7dd56f04U, Type::function_flags("demo:names/std#[constructor]exports")},
      {"demo:names/std", "[static]exports.operator",
       &tenon::host_glue::call_function<instance, &std_::exports::exports_operator>,
       0x9d537eaab637a3e3U, Type::function_flags("demo:names/std#[static]exports.operator")},
      {"demo:names/std", "fail",
       &tenon::host_glue::call_function<instance, &std_::exports::fail>,
       0x4a49bcfd694ee9bcU, Type::function_flags("demo:names/std#fail")},
      {"demo:names/std", "auto",
       &tenon::host_glue::call_function<instance, &std_::exports::auto_>,
       0xb3b2bb25061165a5U, Type::function_flags("demo:names/std#auto")},
      {"demo:names/std", "exports-operator",
       &tenon::host_glue::call_function<instance, &std_::exports::exports_operator_>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:names/std#exports-operator")},
      {"demo:names/std", "make-exports",
       &tenon::host_glue::call_function<instance, &std_::exports::make_exports_>,
       0xa21c729a7dd56f04U, Type::function_flags("demo:names/std#make-exports")},
      {"demo:names/std", "[method]exports.all",
       &tenon::host_glue::call_method<instance, &std_::exports_::all>,
       0x3b6d99eba485c8aeU, Type::function_flags("demo:names/std#[method]exports.all")},
      {"demo:names/std", "[method]exports.get",
       &tenon::host_glue::call_method<instance, &std_::exports_::get>,
       0x5634f6339c8a9f51U, Type::function_flags("demo:names/std#[method]exports.get")},
      {"demo:names/tenon", "create",
       &tenon::host_glue::call_function<instance, &tenon_::exports::create_>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:names/tenon#create")},
      {"demo:names/tenon", "function-flags",
       &tenon::host_glue::call_function<instance, &tenon_::exports::function_flags_>,
       0x1926bfa0a15a6c3cU, Type::function_flags("demo:names/tenon#function-flags")},
      {"demo:names/tenon", "run",
       &tenon::host_glue::call_function<instance, &tenon_::exports::tenon__run>,
       0x0fdc90ba19e09738U, Type::function_flags("demo:names/tenon#run")},
      {"demo:names/instance", "run",
       &tenon::host_glue::call_function<instance, &instance_::exports::instance__run>,
       0xc2ad1046af504e43U, Type::function_flags("demo:names/instance#run")},
      {"demo:names/instance", "module-name",
       &tenon::host_glue::call_function<instance, &instance_::exports::module_name>,
       0x115e166874a94954U, Type::function_flags("demo:names/instance#module-name")},
      {"first:kit/types", "make",
       &tenon::host_glue::call_function<instance, &first_kit_types::exports::first_kit_types_make>,
       0x02909720ab2a22e1U, Type::function_flags("first:kit/types#make")},
      {"second:kit/types", "make",
       &tenon::host_glue::call_function<instance, &second_kit_types::exports::second_kit_types_make>,
       0xae45ceecf0e73ea0U, Type::function_flags("second:kit/types#make")},
      {"inline", "fill",
       &tenon::host_glue::call_function<instance, &inline_::exports::fill>,
       0x44282e40e81f89b1U, Type::function_flags("inline#fill")},
      {"", "alone",
       &tenon::host_glue::call_function<instance, &names_world::exports::alone>,
       0x05e339e6053f7369U, Type::function_flags("alone")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"demo:names/std", "exports",
       &tenon::host_glue::drop_resource<instance, std_::exports_>},
  }};
}
}  // namespace names_host
