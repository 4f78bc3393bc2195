// Made by `tenon bindgen cpp`. Do not edit.
#include "value_arrays.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace value_arrays::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<std::array<std::uint16_t, 4>(std::array<std::uint16_t, 4>)>>
      arrays_same_quad;
  std::optional<tenon::TypedFunction<std::array<std::string, 2>(std::array<std::string, 2>)>>
      arrays_same_twins;
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
  find(all->arrays_same_quad, "demo:values/arrays@1.0.0", "same-quad");
  find(all->arrays_same_twins, "demo:values/arrays@1.0.0", "same-twins");
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
}  // namespace value_arrays::detail

// demo:values/arrays@1.0.0
namespace value_arrays::arrays {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:values/arrays@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "same-quad",
      [to](std::array<std::uint16_t, 4> value) { return to->same_quad(std::move(value)); });
  add(nullptr, "same-twins",
      [to](std::array<std::string, 2> value) { return to->same_twins(std::move(value)); });
}
}  // namespace value_arrays::arrays

// demo:values/arrays@1.0.0
namespace value_arrays::exports::arrays {

tenon::CallResult<std::array<std::uint16_t, 4>> functions::same_quad(
      const std::array<std::uint16_t, 4>& value) const {
  return (*all_->arrays_same_quad)(value);
}

tenon::CallResult<std::array<std::string, 2>> functions::same_twins(
      const std::array<std::string, 2>& value) const {
  return (*all_->arrays_same_twins)(value);
}
}  // namespace value_arrays::exports::arrays

namespace value_arrays {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : arrays(all_) {}

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

}  // namespace value_arrays
