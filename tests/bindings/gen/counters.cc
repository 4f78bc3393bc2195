// Made by `tenon bindgen cpp`. Do not edit.
#include "counters.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace counters::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<::counters::exports::lib::counter(std::uint32_t)>>
      lib_make_counter;
  std::optional<tenon::TypedFunction<::counters::exports::lib::counter(::counters::exports::lib::counter, ::counters::exports::lib::counter)>>
      lib_counter_merge;
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t, std::uint32_t)>>
      lib_add;
  std::optional<tenon::TypedFunction<std::string(std::string_view)>>
      lib_echo;
  std::optional<tenon::TypedFunction<std::vector<std::uint8_t>(std::span<const std::uint8_t>)>>
      lib_echo_bytes;
  std::optional<tenon::TypedFunction<std::vector<::counters::exports::lib::point>(std::span<const ::counters::exports::lib::point>)>>
      lib_echo_points;
  std::optional<tenon::TypedFunction<std::vector<::counters::exports::lib::named>(std::span<const ::counters::exports::lib::named>)>>
      lib_echo_named;
  std::optional<tenon::TypedFunction<std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, ::counters::exports::lib::trouble, ::counters::exports::lib::marks>(std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, ::counters::exports::lib::trouble, ::counters::exports::lib::marks)>>
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
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint32_t, ::counters::exports::lib::trouble>(std::uint32_t)>>
      lib_check_trouble;
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint32_t, ::counters::exports::lib::reason>(std::uint32_t)>>
      lib_check_reason;
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      lib_alive;
  std::optional<tenon::TypedFunction<std::uint32_t(::counters::exports::lib::counter)>>
      lib_consume;
  std::optional<tenon::TypedFunction<::counters::exports::lib::counter()>>
      lib_make_bad;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow)>>
      lib_counter_next;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow, tenon::Borrow)>>
      lib_counter_peek;
  std::optional<tenon::TypedFunction<void(::counters::exports::lib::counter)>>
      keeper_keep;
  std::optional<tenon::TypedFunction<std::optional<::counters::exports::lib::counter>()>>
      keeper_take;
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      keeper_kept;
  std::optional<tenon::TypedFunction<std::uint32_t(std::vector<::counters::exports::lib::counter>)>>
      keeper_keep_all;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow, tenon::Borrow)>>
      keeper_sum;
  std::optional<tenon::TypedFunction<void(::counters::exports::lib::counter)>>
      keeper_swallow;
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
  find(all->keeper_keep, "demo:domains/keeper@1.0.0", "keep");
  find(all->keeper_take, "demo:domains/keeper@1.0.0", "take");
  find(all->keeper_kept, "demo:domains/keeper@1.0.0", "kept");
  find(all->keeper_keep_all, "demo:domains/keeper@1.0.0", "keep-all");
  find(all->keeper_sum, "demo:domains/keeper@1.0.0", "sum");
  find(all->keeper_swallow, "demo:domains/keeper@1.0.0", "swallow");
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
}  // namespace counters::detail

// demo:domains/lib@1.0.0
namespace counters::exports::lib {

tenon::CallResult<::counters::exports::lib::counter> functions::make_counter(
      std::uint32_t start) const {
  return (*all_->lib_make_counter)(start);
}

tenon::CallResult<::counters::exports::lib::counter> functions::counter_merge(
      ::counters::exports::lib::counter a,
      ::counters::exports::lib::counter b) const {
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

tenon::CallResult<std::vector<::counters::exports::lib::point>> functions::echo_points(
      std::span<const ::counters::exports::lib::point> points) const {
  return (*all_->lib_echo_points)(points);
}

tenon::CallResult<std::vector<::counters::exports::lib::named>> functions::echo_named(
      std::span<const ::counters::exports::lib::named> named) const {
  return (*all_->lib_echo_named)(named);
}

tenon::CallResult<std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>, std::tuple<char32_t, bool, std::int64_t>, ::counters::exports::lib::trouble, ::counters::exports::lib::marks>> functions::echo_mixed(
      const std::optional<std::string>& a,
      const tenon::Expected<std::uint8_t, std::string>& b,
      const std::tuple<char32_t, bool, std::int64_t>& c,
      const ::counters::exports::lib::trouble& d,
      const ::counters::exports::lib::marks& e) const {
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

tenon::CallResult<tenon::Expected<std::uint32_t, ::counters::exports::lib::trouble>> functions::check_trouble(
      std::uint32_t n) const {
  return (*all_->lib_check_trouble)(n);
}

tenon::CallResult<tenon::Expected<std::uint32_t, ::counters::exports::lib::reason>> functions::check_reason(
      std::uint32_t n) const {
  return (*all_->lib_check_reason)(n);
}

tenon::CallResult<std::uint32_t> functions::alive() const {
  return (*all_->lib_alive)();
}

tenon::CallResult<std::uint32_t> functions::consume(::counters::exports::lib::counter c) const {
  return (*all_->lib_consume)(std::move(c));
}

tenon::CallResult<::counters::exports::lib::counter> functions::make_bad() const {
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
      const ::counters::exports::lib::counter& other) const {
  if (functions_ == nullptr) return detail::refuse<std::uint32_t>("demo:domains/lib@1.0.0#[method]counter.peek");
  return (*functions_->lib_counter_peek)(*this, other);
}
}  // namespace counters::exports::lib

// demo:domains/keeper@1.0.0
namespace counters::exports::keeper {

tenon::CallResult<void> functions::keep(::counters::exports::lib::counter c) const {
  return (*all_->keeper_keep)(std::move(c));
}

tenon::CallResult<std::optional<::counters::exports::lib::counter>> functions::take() const {
  return (*all_->keeper_take)();
}

tenon::CallResult<std::uint32_t> functions::kept() const {
  return (*all_->keeper_kept)();
}

tenon::CallResult<std::uint32_t> functions::keep_all(
      std::vector<::counters::exports::lib::counter> counters) const {
  return (*all_->keeper_keep_all)(std::move(counters));
}

tenon::CallResult<std::uint32_t> functions::sum(
      const ::counters::exports::lib::counter& a,
      const ::counters::exports::lib::counter& b) const {
  return (*all_->keeper_sum)(a, b);
}

tenon::CallResult<void> functions::swallow(::counters::exports::lib::counter c) const {
  return (*all_->keeper_swallow)(std::move(c));
}
}  // namespace counters::exports::keeper

namespace counters {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : lib(all_), keeper(all_) {}

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

}  // namespace counters
