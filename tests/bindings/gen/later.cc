// Made by `tenon bindgen cpp`. Do not edit.
#include "later.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace later::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      lib_sleep;
  std::optional<tenon::TypedFunction<std::string(std::uint32_t, std::string_view)>>
      lib_join;
  std::optional<tenon::TypedFunction<::later::exports::lib::thing()>>
      lib_make;
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t)>>
      lib_twice;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow)>>
      lib_thing_value;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow, std::uint32_t)>>
      lib_thing_wait;
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
  find(all->lib_sleep, "x:y/lib", "sleep");
  find(all->lib_join, "x:y/lib", "join");
  find(all->lib_make, "x:y/lib", "make");
  find(all->lib_twice, "x:y/lib", "twice");
  find(all->lib_thing_value, "x:y/lib", "[method]thing.value");
  find(all->lib_thing_wait, "x:y/lib", "[method]thing.wait");
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
}  // namespace later::detail

// x:y/lib
namespace later::exports::lib {

tenon::Task<tenon::CallResult<std::uint32_t>> functions::sleep() const {
  return (*all_->lib_sleep).start();
}

tenon::Task<tenon::CallResult<std::string>> functions::join(
      std::uint32_t a,
      std::string_view b) const {
  return (*all_->lib_join).start(a, b);
}

tenon::Task<tenon::CallResult<::later::exports::lib::thing>> functions::make() const {
  return (*all_->lib_make).start();
}

tenon::CallResult<std::uint32_t> functions::twice(std::uint32_t n) const {
  return (*all_->lib_twice)(n);
}

thing::thing(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions)
    : tenon::Resource(std::move(resource)),
      functions_(std::static_pointer_cast<const detail::functions>(std::move(functions))) {}

tenon::CallResult<std::uint32_t> thing::value() const {
  if (functions_ == nullptr) return detail::refuse<std::uint32_t>("x:y/lib#[method]thing.value");
  return (*functions_->lib_thing_value)(*this);
}

tenon::Task<tenon::CallResult<std::uint32_t>> thing::wait(std::uint32_t milliseconds) const {
  if (functions_ == nullptr) return detail::refuse_task<std::uint32_t>("x:y/lib#[method]thing.wait");
  return (*functions_->lib_thing_wait).start(*this, milliseconds);
}
}  // namespace later::exports::lib

namespace later {

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

}  // namespace later
