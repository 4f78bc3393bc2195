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
