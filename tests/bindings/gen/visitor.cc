// Made by `tenon bindgen cpp`. Do not edit.
#include "visitor.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace visitor::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t)>>
      world_visit;
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
  find(all->world_visit, "", "visit");
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
}  // namespace visitor::detail

// Items of the world itself.
namespace visitor::world {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "hold",
      [to](std::uint32_t number) { return to->hold(number); });
}
}  // namespace visitor::world

// Items of the world itself.
namespace visitor::exports::world {

tenon::Task<tenon::CallResult<std::uint32_t>> functions::visit(std::uint32_t number) const {
  return (*all_->world_visit).start(number);
}
}  // namespace visitor::exports::world

namespace visitor {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : world(all_) {}

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

}  // namespace visitor
