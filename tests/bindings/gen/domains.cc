// Made by `tenon bindgen cpp`. Do not edit.
#include "domains.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace domains::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<::domains::exports::lib::counter(std::uint32_t)>>
      lib_make_counter;
  std::optional<tenon::TypedFunction<::domains::exports::lib::counter(::domains::exports::lib::counter, ::domains::exports::lib::counter)>>
      lib_counter_merge;
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t, std::uint32_t)>>
      lib_add;
  std::optional<tenon::TypedFunction<std::string(std::string_view)>>
      lib_echo;
  std::optional<tenon::TypedFunction<std::vector<std::uint8_t>(std::span<const std::uint8_t>)>>
      lib_echo_bytes;
  std::optional<tenon::TypedFunction<std::vector<::domains::exports::lib::point>(std::span<const ::domains::exports::lib::point>)>>
      lib_echo_points;
  std::optional<tenon::TypedFunction<std::vector<::domains::exports::lib::named>(std::span<const ::domains::exports::lib::named>)>>
      lib_echo_named;
  std::optional<tenon::TypedFunction<std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, ::domains::exports::lib::trouble, ::domains::exports::lib::marks>(std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, ::domains::exports::lib::trouble, ::domains::exports::lib::marks)>>
      lib_echo_mixed;
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      lib_calls;
  std::optional<tenon::TypedFunction<void()>>
      lib_boom;
  std::optional<tenon::TypedFunction<void()>>
      lib_spin;
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t)>>
      lib_grow;
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint32_t, std::string>(std::uint32_t)>>
      lib_check_text;
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint32_t, ::domains::exports::lib::trouble>(std::uint32_t)>>
      lib_check_trouble;
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint32_t, ::domains::exports::lib::reason>(std::uint32_t)>>
      lib_check_reason;
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      lib_alive;
  std::optional<tenon::TypedFunction<std::uint32_t(::domains::exports::lib::counter)>>
      lib_consume;
  std::optional<tenon::TypedFunction<::domains::exports::lib::counter()>>
      lib_make_bad;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow)>>
      lib_counter_next;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow, tenon::Borrow)>>
      lib_counter_peek;
};

namespace {

template <class From>
tenon::Result<std::shared_ptr<const functions>> find_functions(const From& from) {
  auto all = std::make_shared<functions>();
  tenon::Diagnostics problems;
  const auto find = [&]<class F>(std::optional<tenon::TypedFunction<F>>& to,
                                 std::string_view interface, std::string_view name) {
    auto found = from.template function<F>(interface, name);
    if (!found)
      return void(problems.insert(problems.end(), found.error().begin(), found.error().end()));
    (*found).set_functions(all);
    to.emplace(*std::move(found));
  };
  find(all->lib_make_counter, "demo:domains/lib@1.0.0", "[constructor]counter");
  find(all->lib_counter_merge, "demo:domains/lib@1.0.0", "[static]counter.merge");
  find(all->lib_add, "demo:domains/lib@1.0.0", "add");
  find(all->lib_echo, "demo:domains/lib@1.0.0", "echo");
  find(all->lib_echo_bytes, "demo:domains/lib@1.0.0", "echo-bytes");
  find(all->lib_echo_points, "demo:domains/lib@1.0.0", "echo-points");
  find(all->lib_echo_named, "demo:domains/lib@1.0.0", "echo-named");
  find(all->lib_echo_mixed, "demo:domains/lib@1.0.0", "echo-mixed");
  find(all->lib_calls, "demo:domains/lib@1.0.0", "calls");
  find(all->lib_boom, "demo:domains/lib@1.0.0", "boom");
  find(all->lib_spin, "demo:domains/lib@1.0.0", "spin");
  find(all->lib_grow, "demo:domains/lib@1.0.0", "grow");
  find(all->lib_check_text, "demo:domains/lib@1.0.0", "check-text");
  find(all->lib_check_trouble, "demo:domains/lib@1.0.0", "check-trouble");
  find(all->lib_check_reason, "demo:domains/lib@1.0.0", "check-reason");
  find(all->lib_alive, "demo:domains/lib@1.0.0", "alive");
  find(all->lib_consume, "demo:domains/lib@1.0.0", "consume");
  find(all->lib_make_bad, "demo:domains/lib@1.0.0", "make-bad");
  find(all->lib_counter_next, "demo:domains/lib@1.0.0", "[method]counter.next");
  find(all->lib_counter_peek, "demo:domains/lib@1.0.0", "[method]counter.peek");
  if (!problems.empty()) return problems;
  return std::shared_ptr<const functions>(std::move(all));
}

// The failure of a method of a resource without functions.
template <class R>
tenon::CallResult<R> refuse(const char* method) {
  tenon::CallFailure failure;
  failure.kind = tenon::CallFailure::Kind::BadCall;
  failure.function = method;
  failure.message = "the resource is empty, or its functions are unknown";
  return failure;
}
template <class R>
[[maybe_unused]] tenon::Task<tenon::CallResult<R>> refuse_task(const char* method) {
  co_return refuse<R>(method);
}

}  // namespace
}  // namespace domains::detail

// demo:domains/lib@1.0.0
namespace domains::exports::lib {

tenon::CallResult<::domains::exports::lib::counter> functions::make_counter(
      std::uint32_t start) const {
  return (*all_->lib_make_counter)(start);
}

tenon::CallResult<::domains::exports::lib::counter> functions::counter_merge(
      ::domains::exports::lib::counter a,
      ::domains::exports::lib::counter b) const {
  return (*all_->lib_counter_merge)(std::move(a), std::move(b));
}

tenon::CallResult<std::uint32_t> functions::add(std::uint32_t a, std::uint32_t b) const {
  return (*all_->lib_add)(a, b);
}

tenon::CallResult<std::string> functions::echo(std::string_view s) const {
  return (*all_->lib_echo)(s);
}

tenon::CallResult<std::vector<std::uint8_t>> functions::echo_bytes(
      std::span<const std::uint8_t> bytes) const {
  return (*all_->lib_echo_bytes)(bytes);
}

tenon::CallResult<std::vector<::domains::exports::lib::point>> functions::echo_points(
      std::span<const ::domains::exports::lib::point> points) const {
  return (*all_->lib_echo_points)(points);
}

tenon::CallResult<std::vector<::domains::exports::lib::named>> functions::echo_named(
      std::span<const ::domains::exports::lib::named> named) const {
  return (*all_->lib_echo_named)(named);
}

tenon::CallResult<std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, ::domains::exports::lib::trouble, ::domains::exports::lib::marks>> functions::echo_mixed(
      const std::optional<std::string>& a,
      const tenon::Expected<std::uint8_t, std::string>& b,
      const std::tuple<char32_t, bool, std::int64_t>& c,
      const ::domains::exports::lib::trouble& d,
      const ::domains::exports::lib::marks& e) const {
  return (*all_->lib_echo_mixed)(a, b, c, d, e);
}

tenon::CallResult<std::uint32_t> functions::calls() const {
  return (*all_->lib_calls)();
}

tenon::CallResult<void> functions::boom() const {
  return (*all_->lib_boom)();
}

tenon::CallResult<void> functions::spin() const {
  return (*all_->lib_spin)();
}

tenon::CallResult<std::uint32_t> functions::grow(std::uint32_t pages) const {
  return (*all_->lib_grow)(pages);
}

tenon::CallResult<tenon::Expected<std::uint32_t, std::string>> functions::check_text(
      std::uint32_t n) const {
  return (*all_->lib_check_text)(n);
}

tenon::CallResult<tenon::Expected<std::uint32_t, ::domains::exports::lib::trouble>> functions::check_trouble(
      std::uint32_t n) const {
  return (*all_->lib_check_trouble)(n);
}

tenon::CallResult<tenon::Expected<std::uint32_t, ::domains::exports::lib::reason>> functions::check_reason(
      std::uint32_t n) const {
  return (*all_->lib_check_reason)(n);
}

tenon::CallResult<std::uint32_t> functions::alive() const {
  return (*all_->lib_alive)();
}

tenon::CallResult<std::uint32_t> functions::consume(::domains::exports::lib::counter c) const {
  return (*all_->lib_consume)(std::move(c));
}

tenon::CallResult<::domains::exports::lib::counter> functions::make_bad() const {
  return (*all_->lib_make_bad)();
}

counter::counter(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions)
    : tenon::Resource(std::move(resource)),
      functions_(std::static_pointer_cast<const detail::functions>(std::move(functions))) {}

tenon::CallResult<std::uint32_t> counter::next() const {
  if (functions_ == nullptr) return detail::refuse<std::uint32_t>("demo:domains/lib@1.0.0#[method]counter.next");
  return (*functions_->lib_counter_next)(*this);
}

tenon::CallResult<std::uint32_t> counter::peek(
      const ::domains::exports::lib::counter& other) const {
  if (functions_ == nullptr) return detail::refuse<std::uint32_t>("demo:domains/lib@1.0.0#[method]counter.peek");
  return (*functions_->lib_counter_peek)(*this, other);
}
}  // namespace domains::exports::lib

namespace domains {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : lib(all_) {}

tenon::Result<instance> instance::find(const tenon::Composition& from) {
  auto found = detail::find_functions(from);
  if (!found) return std::move(found).error();
  return instance(*std::move(found));
}
tenon::Result<instance> instance::find(const tenon::Unit& from) {
  auto found = detail::find_functions(from);
  if (!found) return std::move(found).error();
  return instance(*std::move(found));
}

}  // namespace domains
