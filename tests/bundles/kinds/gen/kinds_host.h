// Made by `tenon bindgen host-cpp` from the WIT of demo:kinds/host@1.0.0. Do not edit.
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

// demo:kinds/all@1.0.0
namespace kinds_host::all {
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  std::vector<std::uint8_t> blob = {};
  std::vector<bool> flags = {};
  bool operator==(const item&) const = default;
};
struct shape {
  struct empty {
    bool operator==(const empty&) const = default;
  };
  struct number {
    double value;
    bool operator==(const number&) const = default;
  };
  struct text {
    std::string value;
    bool operator==(const text&) const = default;
  };
  struct other_text {
    std::string value;
    bool operator==(const other_text&) const = default;
  };
  struct items {
    std::vector<item> value;
    bool operator==(const items&) const = default;
  };
  struct letter {
    char32_t value;
    bool operator==(const letter&) const = default;
  };
  shape() = default;
  shape(empty made_) : which(std::move(made_)) {}
  shape(number made_) : which(std::move(made_)) {}
  shape(text made_) : which(std::move(made_)) {}
  shape(other_text made_) : which(std::move(made_)) {}
  shape(items made_) : which(std::move(made_)) {}
  shape(letter made_) : which(std::move(made_)) {}
  bool operator==(const shape&) const = default;
  std::variant<empty, number, text, other_text, items, letter> which;
};
enum class color : std::uint32_t {
  red,
  green,
  blue,
};
struct access {
  bool read = false;
  bool write = false;
  bool execute = false;
  bool a4 = false;
  bool a5 = false;
  bool a6 = false;
  bool a7 = false;
  bool a8 = false;
  bool a9 = false;
  bool a10 = false;
  bool a11 = false;
  bool a12 = false;
  bool a13 = false;
  bool a14 = false;
  bool a15 = false;
  bool a16 = false;
  bool a17 = false;
  bool a18 = false;
  bool a19 = false;
  bool a20 = false;
  bool a21 = false;
  bool a22 = false;
  bool a23 = false;
  bool a24 = false;
  bool a25 = false;
  bool a26 = false;
  bool a27 = false;
  bool a28 = false;
  bool a29 = false;
  bool a30 = false;
  bool a31 = false;
  bool last = false;
  bool operator==(const access&) const = default;
};
struct pair {
  shape left = {};
  std::tuple<color, access> right = {};
  bool operator==(const pair&) const = default;
};
using words = std::vector<std::string>;
using id = std::uint64_t;

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // same-bool: func(value: bool) -> bool;
  virtual bool same_bool(bool value) = 0;

  // same-s8: func(value: s8) -> s8;
  virtual std::int8_t same_s8(std::int8_t value) = 0;

  // same-u8: func(value: u8) -> u8;
  virtual std::uint8_t same_u8(std::uint8_t value) = 0;

  // same-s16: func(value: s16) -> s16;
  virtual std::int16_t same_s16(std::int16_t value) = 0;

  // same-u16: func(value: u16) -> u16;
  virtual std::uint16_t same_u16(std::uint16_t value) = 0;

  // same-s32: func(value: s32) -> s32;
  virtual std::int32_t same_s32(std::int32_t value) = 0;

  // same-u32: func(value: u32) -> u32;
  virtual std::uint32_t same_u32(std::uint32_t value) = 0;

  // same-s64: func(value: s64) -> s64;
  virtual std::int64_t same_s64(std::int64_t value) = 0;

  // same-u64: func(value: u64) -> u64;
  virtual std::uint64_t same_u64(std::uint64_t value) = 0;

  // same-f32: func(value: f32) -> f32;
  virtual float same_f32(float value) = 0;

  // same-f64: func(value: f64) -> f64;
  virtual double same_f64(double value) = 0;

  // same-char: func(value: char) -> char;
  virtual char32_t same_char(char32_t value) = 0;

  // same-string: func(value: string) -> string;
  virtual std::string same_string(std::string_view value) = 0;

  // same-id: func(value: id) -> id;
  virtual id same_id(id value) = 0;

  // same-bools: func(value: list<bool>) -> list<bool>;
  virtual std::vector<bool> same_bools(std::span<const bool> value) = 0;

  // same-bytes: func(value: list<u8>) -> list<u8>;
  virtual std::vector<std::uint8_t> same_bytes(std::span<const std::uint8_t> value) = 0;

  // same-shorts: func(value: list<s16>) -> list<s16>;
  virtual std::vector<std::int16_t> same_shorts(std::span<const std::int16_t> value) = 0;

  // same-longs: func(value: list<u64>) -> list<u64>;
  virtual std::vector<std::uint64_t> same_longs(std::span<const std::uint64_t> value) = 0;

  // same-floats: func(value: list<f32>) -> list<f32>;
  virtual std::vector<float> same_floats(std::span<const float> value) = 0;

  // same-doubles: func(value: list<f64>) -> list<f64>;
  virtual std::vector<double> same_doubles(std::span<const double> value) = 0;

  // same-chars: func(value: list<char>) -> list<char>;
  virtual std::vector<char32_t> same_chars(std::span<const char32_t> value) = 0;

  // same-strings: func(value: list<string>) -> list<string>;
  virtual std::vector<std::string> same_strings(std::span<const std::string_view> value) = 0;

  // same-words: func(value: words) -> words;
  virtual words same_words(const words& value) = 0;

  // same-deep: func(value: list<list<string>>) -> list<list<string>>;
  virtual std::vector<std::vector<std::string>> same_deep(
      std::span<const std::vector<std::string_view>> value) = 0;

  // same-blobs: func(value: list<list<u8>>) -> list<list<u8>>;
  virtual std::vector<std::vector<std::uint8_t>> same_blobs(
      std::span<const std::span<const std::uint8_t>> value) = 0;

  // same-quad: func(value: list<u8, 4>) -> list<u8, 4>;
  virtual std::array<std::uint8_t, 4> same_quad(const std::array<std::uint8_t, 4>& value) = 0;

  // same-twins: func(value: list<string, 2>) -> list<string, 2>;
  virtual std::array<std::string, 2> same_twins(const std::array<std::string_view, 2>& value) = 0;

  // same-map: func(value: map<string, u32>) -> map<string, u32>;
  virtual std::vector<std::pair<std::string, std::uint32_t>> same_map(
      std::span<const std::pair<std::string_view, std::uint32_t>> value) = 0;

  // same-option: func(value: option<string>) -> option<string>;
  virtual std::optional<std::string> same_option(
      const std::optional<std::string_view>& value) = 0;

  // same-options: func(value: option<option<u32>>) -> option<option<u32>>;
  virtual std::optional<std::optional<std::uint32_t>> same_options(
      const std::optional<std::optional<std::uint32_t>>& value) = 0;

  // same-result: func(value: result<list<u8>, string>) -> result<list<u8>, string>;
  virtual tenon::expected<std::vector<std::uint8_t>, std::string> same_result(
      const tenon::expected<std::span<const std::uint8_t>, std::string_view>& value) = 0;

  // same-fine: func(value: result<string>) -> result<string>;
  virtual tenon::expected<std::string, std::monostate> same_fine(
      const tenon::expected<std::string_view, std::monostate>& value) = 0;

  // same-bad: func(value: result<_, color>) -> result<_, color>;
  virtual tenon::expected<void, color> same_bad(const tenon::expected<void, color>& value) = 0;

  // same-outcome: func(value: result) -> result;
  virtual tenon::expected<void, std::monostate> same_outcome(
      const tenon::expected<void, std::monostate>& value) = 0;

  // same-tuple: func(value: tuple<string, s8, list<u16>, option<char>>) -> tuple<string, s8, list<u16>, option<char>>;
  virtual std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>
  same_tuple(
      const std::tuple<std::string_view, std::int8_t, std::span<const std::uint16_t>, std::optional<char32_t>>& value) = 0;

  // same-item: func(value: item) -> item;
  virtual item same_item(const item& value) = 0;

  // same-shape: func(value: shape) -> shape;
  virtual shape same_shape(const shape& value) = 0;

  // same-color: func(value: color) -> color;
  virtual color same_color(color value) = 0;

  // same-colors: func(value: list<color>) -> list<color>;
  virtual std::vector<color> same_colors(std::span<const color> value) = 0;

  // same-access: func(value: access) -> access;
  virtual access same_access(const access& value) = 0;

  // same-pair: func(value: pair) -> pair;
  virtual pair same_pair(const pair& value) = 0;
};
}  // namespace kinds_host::all

// demo:kinds/nodes@1.0.0
namespace kinds_host::nodes {
class node;
using color = ::kinds_host::all::color;
struct holder {
  std::string label = {};
  std::optional<std::shared_ptr<node>> held = {};
  bool operator==(const holder&) const = default;
};

class node {
 public:
  node() = default;
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  virtual ~node() = default;

  // paint: func(color: color);
  virtual void paint(::kinds_host::all::color color) = 0;

  // color: func() -> color;
  virtual ::kinds_host::all::color color() = 0;

  // value: func() -> u32;
  virtual std::uint32_t value() = 0;

  // join: func(others: list<borrow<node>>) -> u32;
  virtual std::uint32_t join(std::span<const std::shared_ptr<node>> others) = 0;
};

// What the instance implements of it.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // constructor(value: u32);
  virtual std::shared_ptr<node> make_node(std::uint32_t value) = 0;

  // try-make: static func(value: u32) -> result<node, string>;
  virtual tenon::expected<std::shared_ptr<node>, std::string> node_try_make(
      std::uint32_t value) = 0;

  // turn: func(all: list<node>) -> list<node>;
  virtual std::vector<std::shared_ptr<node>> turn(std::span<const std::shared_ptr<node>> all) = 0;

  // unwrap: func(holder: holder) -> result<tuple<string, node>, holder>;
  virtual tenon::expected<std::tuple<std::string, std::shared_ptr<node>>, ::kinds_host::nodes::holder>
  unwrap(
      const ::kinds_host::nodes::holder& holder) = 0;

  // alive: func() -> u32;
  virtual std::uint32_t alive() = 0;
};
}  // namespace kinds_host::nodes

namespace kinds_host {
// What a bundle implements. It has a `static create(const tenon::host_config&)`, and may
// have a `function_flags` of its own.
class instance : public all::exports, public nodes::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE; of "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace kinds_host

namespace tenon::host_glue {
template <>
struct record_fields<::kinds_host::all::item> {
  static constexpr auto get() {
    using type = ::kinds_host::all::item;
    return std::make_tuple(&type::name, &type::price, &type::tags, &type::blob, &type::flags);
  }
};
template <>
struct flag_labels<::kinds_host::all::access> {
  static constexpr auto get() {
    using type = ::kinds_host::all::access;
    return std::make_tuple(&type::read, &type::write, &type::execute, &type::a4, &type::a5, &type::a6, &type::a7, &type::a8, &type::a9, &type::a10, &type::a11, &type::a12, &type::a13, &type::a14, &type::a15, &type::a16, &type::a17, &type::a18, &type::a19, &type::a20, &type::a21, &type::a22, &type::a23, &type::a24, &type::a25, &type::a26, &type::a27, &type::a28, &type::a29, &type::a30, &type::a31, &type::last);
  }
};
template <>
struct record_fields<::kinds_host::all::pair> {
  static constexpr auto get() {
    using type = ::kinds_host::all::pair;
    return std::make_tuple(&type::left, &type::right);
  }
};
template <>
struct record_fields<::kinds_host::nodes::holder> {
  static constexpr auto get() {
    using type = ::kinds_host::nodes::holder;
    return std::make_tuple(&type::label, &type::held);
  }
};
}  // namespace tenon::host_glue

namespace kinds_host {
// What TENON_HOST_MODULE finds by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// With the hash of each function's type.
template <class Type>
constexpr std::array<tenon_func_def, 50> module_functions(const instance*) {
  return {{
      {"demo:kinds/all", "same-bool",
       &tenon::host_glue::call_function<instance, &all::exports::same_bool>,
       0x871db79abb328a93U, Type::function_flags("demo:kinds/all#same-bool")},
      {"demo:kinds/all", "same-s8",
       &tenon::host_glue::call_function<instance, &all::exports::same_s8>,
       0x7d9650f2523541a7U, Type::function_flags("demo:kinds/all#same-s8")},
      {"demo:kinds/all", "same-u8",
       &tenon::host_glue::call_function<instance, &all::exports::same_u8>,
       0x920e835e1314c5abU, Type::function_flags("demo:kinds/all#same-u8")},
      {"demo:kinds/all", "same-s16",
       &tenon::host_glue::call_function<instance, &all::exports::same_s16>,
       0xded1672f5ce60323U, Type::function_flags("demo:kinds/all#same-s16")},
      {"demo:kinds/all", "same-u16",
       &tenon::host_glue::call_function<instance, &all::exports::same_u16>,
       0x9ef7e9c86a0bf7b3U, Type::function_flags("demo:kinds/all#same-u16")},
      {"demo:kinds/all", "same-s32",
       &tenon::host_glue::call_function<instance, &all::exports::same_s32>,
       0xc3c87b4f04f67b3bU, Type::function_flags("demo:kinds/all#same-s32")},
      {"demo:kinds/all", "same-u32",
       &tenon::host_glue::call_function<instance, &all::exports::same_u32>,
       0xbc8c6930790d9b13U, Type::function_flags("demo:kinds/all#same-u32")},
      {"demo:kinds/all", "same-s64",
       &tenon::host_glue::call_function<instance, &all::exports::same_s64>,
       0x67edf2e6185d9c6bU, Type::function_flags("demo:kinds/all#same-s64")},
      {"demo:kinds/all", "same-u64",
       &tenon::host_glue::call_function<instance, &all::exports::same_u64>,
       0x89db309828c1b9f7U, Type::function_flags("demo:kinds/all#same-u64")},
      {"demo:kinds/all", "same-f32",
       &tenon::host_glue::call_function<instance, &all::exports::same_f32>,
       0x400978008329603fU, Type::function_flags("demo:kinds/all#same-f32")},
      {"demo:kinds/all", "same-f64",
       &tenon::host_glue::call_function<instance, &all::exports::same_f64>,
       0xd325dcee5b21fc2bU, Type::function_flags("demo:kinds/all#same-f64")},
      {"demo:kinds/all", "same-char",
       &tenon::host_glue::call_function<instance, &all::exports::same_char>,
       0xac142c86aa48096bU, Type::function_flags("demo:kinds/all#same-char")},
      {"demo:kinds/all", "same-string",
       &tenon::host_glue::call_function<instance, &all::exports::same_string>,
       0xeb10a3fe032f5c5bU, Type::function_flags("demo:kinds/all#same-string")},
      {"demo:kinds/all", "same-id",
       &tenon::host_glue::call_function<instance, &all::exports::same_id>,
       0x89db309828c1b9f7U, Type::function_flags("demo:kinds/all#same-id")},
      {"demo:kinds/all", "same-bools",
       &tenon::host_glue::call_function<instance, &all::exports::same_bools>,
       0x0f05fb4ffb101653U, Type::function_flags("demo:kinds/all#same-bools")},
      {"demo:kinds/all", "same-bytes",
       &tenon::host_glue::call_function<instance, &all::exports::same_bytes>,
       0xc7f50bf02af204e7U, Type::function_flags("demo:kinds/all#same-bytes")},
      {"demo:kinds/all", "same-shorts",
       &tenon::host_glue::call_function<instance, &all::exports::same_shorts>,
       0x282a0bdb254deb47U, Type::function_flags("demo:kinds/all#same-shorts")},
      {"demo:kinds/all", "same-longs",
       &tenon::host_glue::call_function<instance, &all::exports::same_longs>,
       0x3d4a045d4244b867U, Type::function_flags("demo:kinds/all#same-longs")},
      {"demo:kinds/all", "same-floats",
       &tenon::host_glue::call_function<instance, &all::exports::same_floats>,
       0x4fe4edba7c620aafU, Type::function_flags("demo:kinds/all#same-floats")},
      {"demo:kinds/all", "same-doubles",
       &tenon::host_glue::call_function<instance, &all::exports::same_doubles>,
       0xff526adcd90f611fU, Type::function_flags("demo:kinds/all#same-doubles")},
      {"demo:kinds/all", "same-chars",
       &tenon::host_glue::call_function<instance, &all::exports::same_chars>,
       0xfe708d7e58abf5bfU, Type::function_flags("demo:kinds/all#same-chars")},
      {"demo:kinds/all", "same-strings",
       &tenon::host_glue::call_function<instance, &all::exports::same_strings>,
       0x37ddd66caf73fe0bU, Type::function_flags("demo:kinds/all#same-strings")},
      {"demo:kinds/all", "same-words",
       &tenon::host_glue::call_function<instance, &all::exports::same_words>,
       0x37ddd66caf73fe0bU, Type::function_flags("demo:kinds/all#same-words")},
      {"demo:kinds/all", "same-deep",
       &tenon::host_glue::call_function<instance, &all::exports::same_deep>,
       0xbbd5185e77b34d8fU, Type::function_flags("demo:kinds/all#same-deep")},
      {"demo:kinds/all", "same-blobs",
       &tenon::host_glue::call_function<instance, &all::exports::same_blobs>,
       0x2dd0bbece4c6c5bfU, Type::function_flags("demo:kinds/all#same-blobs")},
      {"demo:kinds/all", "same-quad",
       &tenon::host_glue::call_function<instance, &all::exports::same_quad>,
       0x10823f4df9be5de3U, Type::function_flags("demo:kinds/all#same-quad")},
      {"demo:kinds/all", "same-twins",
       &tenon::host_glue::call_function<instance, &all::exports::same_twins>,
       0xd935e49d65f3cda7U, Type::function_flags("demo:kinds/all#same-twins")},
      {"demo:kinds/all", "same-map",
       &tenon::host_glue::call_function<instance, &all::exports::same_map>,
       0x794a0c75e639cf83U, Type::function_flags("demo:kinds/all#same-map")},
      {"demo:kinds/all", "same-option",
       &tenon::host_glue::call_function<instance, &all::exports::same_option>,
       0x0b52536b4a795967U, Type::function_flags("demo:kinds/all#same-option")},
      {"demo:kinds/all", "same-options",
       &tenon::host_glue::call_function<instance, &all::exports::same_options>,
       0x87f58584b8062f27U, Type::function_flags("demo:kinds/all#same-options")},
      {"demo:kinds/all", "same-result",
       &tenon::host_glue::call_function<instance, &all::exports::same_result>,
       0xb0fe37824e016eebU, Type::function_flags("demo:kinds/all#same-result")},
      {"demo:kinds/all", "same-fine",
       &tenon::host_glue::call_function<instance, &all::exports::same_fine>,
       0xafeb0a30b9b0bbafU, Type::function_flags("demo:kinds/all#same-fine")},
      {"demo:kinds/all", "same-bad",
       &tenon::host_glue::call_function<instance, &all::exports::same_bad>,
       0x9e568c0390fb386fU, Type::function_flags("demo:kinds/all#same-bad")},
      {"demo:kinds/all", "same-outcome",
       &tenon::host_glue::call_function<instance, &all::exports::same_outcome>,
       0xeca025a8d2035177U, Type::function_flags("demo:kinds/all#same-outcome")},
      {"demo:kinds/all", "same-tuple",
       &tenon::host_glue::call_function<instance, &all::exports::same_tuple>,
       0xb736a8c78b22bc93U, Type::function_flags("demo:kinds/all#same-tuple")},
      {"demo:kinds/all", "same-item",
       &tenon::host_glue::call_function<instance, &all::exports::same_item>,
       0x8a3a3d5074cb0bffU, Type::function_flags("demo:kinds/all#same-item")},
      {"demo:kinds/all", "same-shape",
       &tenon::host_glue::call_function<instance, &all::exports::same_shape>,
       0x0d521fe7e7ae86cfU, Type::function_flags("demo:kinds/all#same-shape")},
      {"demo:kinds/all", "same-color",
       &tenon::host_glue::call_function<instance, &all::exports::same_color>,
       0xe970cc674c6f6167U, Type::function_flags("demo:kinds/all#same-color")},
      {"demo:kinds/all", "same-colors",
       &tenon::host_glue::call_function<instance, &all::exports::same_colors>,
       0x9f46da83db90ba3fU, Type::function_flags("demo:kinds/all#same-colors")},
      {"demo:kinds/all", "same-access",
       &tenon::host_glue::call_function<instance, &all::exports::same_access>,
       0xbdfe40cc7dbbe2bfU, Type::function_flags("demo:kinds/all#same-access")},
      {"demo:kinds/all", "same-pair",
       &tenon::host_glue::call_function<instance, &all::exports::same_pair>,
       0xc7e38fc5c5761f3fU, Type::function_flags("demo:kinds/all#same-pair")},
      {"demo:kinds/nodes", "[constructor]node",
       &tenon::host_glue::call_function<instance, &nodes::exports::make_node>,
       0x6606ec1019abb013U, Type::function_flags("demo:kinds/nodes#[constructor]node")},
      {"demo:kinds/nodes", "[static]node.try-make",
       &tenon::host_glue::call_function<instance, &nodes::exports::node_try_make>,
       0x60768b66a04470b0U, Type::function_flags("demo:kinds/nodes#[static]node.try-make")},
      {"demo:kinds/nodes", "turn",
       &tenon::host_glue::call_function<instance, &nodes::exports::turn>,
       0x58e7d8bcbf761ea5U, Type::function_flags("demo:kinds/nodes#turn")},
      {"demo:kinds/nodes", "unwrap",
       &tenon::host_glue::call_function<instance, &nodes::exports::unwrap>,
       0x4492293d8252105dU, Type::function_flags("demo:kinds/nodes#unwrap")},
      {"demo:kinds/nodes", "alive",
       &tenon::host_glue::call_function<instance, &nodes::exports::alive>,
       0xc570052adf142b6cU, Type::function_flags("demo:kinds/nodes#alive")},
      {"demo:kinds/nodes", "[method]node.paint",
       &tenon::host_glue::call_method<instance, &nodes::node::paint>,
       0xccad537a70a12151U, Type::function_flags("demo:kinds/nodes#[method]node.paint")},
      {"demo:kinds/nodes", "[method]node.color",
       &tenon::host_glue::call_method<instance, &nodes::node::color>,
       0xc3aee343a43aca4eU, Type::function_flags("demo:kinds/nodes#[method]node.color")},
      {"demo:kinds/nodes", "[method]node.value",
       &tenon::host_glue::call_method<instance, &nodes::node::value>,
       0x2706293cf5f0ef85U, Type::function_flags("demo:kinds/nodes#[method]node.value")},
      {"demo:kinds/nodes", "[method]node.join",
       &tenon::host_glue::call_method<instance, &nodes::node::join>,
       0x6e92db08a302b6f3U, Type::function_flags("demo:kinds/nodes#[method]node.join")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"demo:kinds/nodes", "node",
       &tenon::host_glue::drop_resource<instance, nodes::node>},
  }};
}
}  // namespace kinds_host
