// Made by `tenon bindgen cpp`. Do not edit.
#include "value_maps.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace value_maps::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<std::vector<std::pair<std::string, std::uint32_t>>(std::vector<std::pair<std::string, std::uint32_t>>)>>
      maps_same_map;
  std::optional<tenon::TypedFunction<std::vector<std::pair<std::uint16_t, std::vector<std::string>>>(std::vector<std::pair<std::uint16_t, std::vector<std::string>>>)>>
      maps_same_lists;
  std::optional<tenon::TypedFunction<std::vector<std::pair<std::int64_t, ::value_maps::exports::maps::item>>(std::vector<std::pair<std::int64_t, ::value_maps::exports::maps::item>>)>>
      maps_same_names;
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
  find(all->maps_same_map, "demo:values/maps@1.0.0", "same-map");
  find(all->maps_same_lists, "demo:values/maps@1.0.0", "same-lists");
  find(all->maps_same_names, "demo:values/maps@1.0.0", "same-names");
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
}  // namespace value_maps::detail

// demo:values/maps@1.0.0
namespace value_maps::maps {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:values/maps@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "same-map",
      [to](std::vector<std::pair<std::string, std::uint32_t>> value) { return to->same_map(std::move(value)); });
  add(nullptr, "same-lists",
      [to](std::vector<std::pair<std::uint16_t, std::vector<std::string>>> value) { return to->same_lists(std::move(value)); });
  add(nullptr, "same-names",
      [to](std::vector<std::pair<std::int64_t, ::value_maps::maps::item>> value) { return to->same_names(std::move(value)); });
}
}  // namespace value_maps::maps

// demo:values/maps@1.0.0
namespace value_maps::exports::maps {

tenon::CallResult<std::vector<std::pair<std::string, std::uint32_t>>> functions::same_map(
      const std::vector<std::pair<std::string, std::uint32_t>>& value) const {
  return (*all_->maps_same_map)(value);
}

tenon::CallResult<std::vector<std::pair<std::uint16_t, std::vector<std::string>>>> functions::same_lists(
      const std::vector<std::pair<std::uint16_t, std::vector<std::string>>>& value) const {
  return (*all_->maps_same_lists)(value);
}

tenon::CallResult<std::vector<std::pair<std::int64_t, ::value_maps::exports::maps::item>>> functions::same_names(
      const std::vector<std::pair<std::int64_t, ::value_maps::exports::maps::item>>& value) const {
  return (*all_->maps_same_names)(value);
}
}  // namespace value_maps::exports::maps

namespace value_maps {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : maps(all_) {}

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

}  // namespace value_maps
