// Made by `tenon bindgen cpp`. Do not edit.
#include "keeper.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace keeper::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<void(std::shared_ptr<::keeper::lib::counter>)>>
      keeper_keep;
  std::optional<tenon::TypedFunction<std::optional<std::shared_ptr<::keeper::lib::counter>>()>>
      keeper_take;
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      keeper_kept;
  std::optional<tenon::TypedFunction<std::uint32_t(std::span<const std::shared_ptr<::keeper::lib::counter>>)>>
      keeper_keep_all;
  std::optional<tenon::TypedFunction<std::uint32_t(::keeper::lib::counter&, ::keeper::lib::counter&)>>
      keeper_sum;
  std::optional<tenon::TypedFunction<void(std::shared_ptr<::keeper::lib::counter>)>>
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
}  // namespace keeper::detail

// demo:domains/lib@1.0.0
namespace keeper::lib {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:domains/lib@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  {
    tenon::HostResourceParts parts = tenon::HostResource<counter>("demo:domains/lib@1.0.0", "counter").parts();
    parts.consumers = consumers;
    add(&parts.functions, "[constructor]counter",
        [to](std::uint32_t start) { return to->make_counter(start); });
    add(&parts.functions, "[static]counter.merge",
        [to](std::shared_ptr<::keeper::lib::counter> a, std::shared_ptr<::keeper::lib::counter> b) { return to->counter_merge(std::move(a), std::move(b)); });
    add(&parts.functions, "[method]counter.next",
        [](::keeper::lib::counter& self) { return self.next(); });
    add(&parts.functions, "[method]counter.peek",
        [](::keeper::lib::counter& self, ::keeper::lib::counter& other) { return self.peek(other); });
    builder.add_host_resource(std::move(parts));
  }
  add(nullptr, "add",
      [to](std::uint32_t a, std::uint32_t b) { return to->add(a, b); });
  add(nullptr, "echo",
      [to](std::string_view s) { return to->echo(s); });
  add(nullptr, "echo-bytes",
      [to](std::span<const std::uint8_t> bytes) { return to->echo_bytes(bytes); });
  add(nullptr, "echo-points",
      [to](std::vector<::keeper::lib::point> points) { return to->echo_points(std::move(points)); });
  add(nullptr, "echo-named",
      [to](std::vector<::keeper::lib::named> named) { return to->echo_named(std::move(named)); });
  add(nullptr, "echo-mixed",
      [to](std::optional<std::string> a, tenon::Expected<std::uint8_t, std::string> b, std::tuple<char32_t, bool, std::int64_t> c, ::keeper::lib::trouble d, ::keeper::lib::marks e) { return to->echo_mixed(std::move(a), std::move(b), std::move(c), std::move(d), std::move(e)); });
  add(nullptr, "calls",
      [to]() { return to->calls(); });
  add(nullptr, "boom",
      [to]() { return to->boom(); });
  add(nullptr, "spin",
      [to]() { return to->spin(); });
  add(nullptr, "grow",
      [to](std::uint32_t pages) { return to->grow(pages); });
  add(nullptr, "check-text",
      [to](std::uint32_t n) { return to->check_text(n); });
  add(nullptr, "check-trouble",
      [to](std::uint32_t n) { return to->check_trouble(n); });
  add(nullptr, "check-reason",
      [to](std::uint32_t n) { return to->check_reason(n); });
  add(nullptr, "alive",
      [to]() { return to->alive(); });
  add(nullptr, "consume",
      [to](std::shared_ptr<::keeper::lib::counter> c) { return to->consume(std::move(c)); });
  add(nullptr, "make-bad",
      [to]() { return to->make_bad(); });
}
}  // namespace keeper::lib

// demo:domains/keeper@1.0.0
namespace keeper::exports::keeper {

tenon::CallResult<void> functions::keep(std::shared_ptr<::keeper::lib::counter> c) const {
  return (*all_->keeper_keep)(std::move(c));
}

tenon::CallResult<std::optional<std::shared_ptr<::keeper::lib::counter>>> functions::take() const {
  return (*all_->keeper_take)();
}

tenon::CallResult<std::uint32_t> functions::kept() const {
  return (*all_->keeper_kept)();
}

tenon::CallResult<std::uint32_t> functions::keep_all(
      std::span<const std::shared_ptr<::keeper::lib::counter>> counters) const {
  return (*all_->keeper_keep_all)(counters);
}

tenon::CallResult<std::uint32_t> functions::sum(
      const std::shared_ptr<::keeper::lib::counter>& a,
      const std::shared_ptr<::keeper::lib::counter>& b) const {
  return (*all_->keeper_sum)(a, b);
}

tenon::CallResult<void> functions::swallow(std::shared_ptr<::keeper::lib::counter> c) const {
  return (*all_->keeper_swallow)(std::move(c));
}
}  // namespace keeper::exports::keeper

namespace keeper {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : keeper(all_) {}

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

}  // namespace keeper
