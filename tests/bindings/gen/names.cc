// Made by `tenon bindgen cpp`. Do not edit.
#include "names.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace names::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<::names::exports::std_::exports_()>>
      std__make_exports;
  std::optional<tenon::TypedFunction<::names::exports::std_::exports_(tenon::Borrow)>>
      std__exports_operator;
  std::optional<tenon::TypedFunction<tenon::Expected<::names::exports::std_::error, ::names::exports::std_::error_code>(::names::exports::std_::error, ::names::exports::std_::error)>>
      std__fail;
  std::optional<tenon::TypedFunction<::names::exports::std_::enum_(std::uint8_t, ::names::exports::std_::union_, ::names::exports::std_::class_)>>
      std__auto_;
  std::optional<tenon::TypedFunction<void()>>
      std__exports_operator_;
  std::optional<tenon::TypedFunction<::names::exports::std_::exports_()>>
      std__make_exports_;
  std::optional<tenon::TypedFunction<::names::exports::std_::borrow_count(tenon::Borrow)>>
      std__exports__all;
  std::optional<tenon::TypedFunction<std::vector<std::optional<::names::exports::std_::exports_>>(tenon::Borrow, std::vector<::names::exports::std_::exports_>)>>
      std__exports__get;
  std::optional<tenon::TypedFunction<void()>>
      tenon__create;
  std::optional<tenon::TypedFunction<void()>>
      tenon__function_flags;
  std::optional<tenon::TypedFunction<void(::names::exports::tenon_::flags)>>
      tenon__run;
  std::optional<tenon::TypedFunction<::names::exports::std_::union_(tenon::Borrow)>>
      instance__run;
  std::optional<tenon::TypedFunction<std::string()>>
      instance__module_name;
  std::optional<tenon::TypedFunction<::names::exports::first_kit_types::error()>>
      first_kit_types_make;
  std::optional<tenon::TypedFunction<::names::exports::first_kit_types::error(::names::exports::first_kit_types::error)>>
      second_kit_types_make;
  std::optional<tenon::TypedFunction<::names::exports::inline_::inline_(::names::exports::inline_::inline_)>>
      inline__fill;
  std::optional<tenon::TypedFunction<std::string(std::string_view)>>
      world_alone;
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
  find(all->std__make_exports, "demo:names/std@1.0.0", "[constructor]exports");
  find(all->std__exports_operator, "demo:names/std@1.0.0", "[static]exports.operator");
  find(all->std__fail, "demo:names/std@1.0.0", "fail");
  find(all->std__auto_, "demo:names/std@1.0.0", "auto");
  find(all->std__exports_operator_, "demo:names/std@1.0.0", "exports-operator");
  find(all->std__make_exports_, "demo:names/std@1.0.0", "make-exports");
  find(all->std__exports__all, "demo:names/std@1.0.0", "[method]exports.all");
  find(all->std__exports__get, "demo:names/std@1.0.0", "[method]exports.get");
  find(all->tenon__create, "demo:names/tenon@1.0.0", "create");
  find(all->tenon__function_flags, "demo:names/tenon@1.0.0", "function-flags");
  find(all->tenon__run, "demo:names/tenon@1.0.0", "run");
  find(all->instance__run, "demo:names/instance@1.0.0", "run");
  find(all->instance__module_name, "demo:names/instance@1.0.0", "module-name");
  find(all->first_kit_types_make, "first:kit/types@1.0.0", "make");
  find(all->second_kit_types_make, "second:kit/types@1.0.0", "make");
  find(all->inline__fill, "inline", "fill");
  find(all->world_alone, "", "alone");
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
}  // namespace names::detail

// demo:names/std@1.0.0
namespace names::exports::std_ {

tenon::CallResult<::names::exports::std_::exports_> functions::make_exports() const {
  return (*all_->std__make_exports)();
}

tenon::CallResult<::names::exports::std_::exports_> functions::exports_operator(
      const ::names::exports::std_::exports_& exports) const {
  return (*all_->std__exports_operator)(exports);
}

tenon::CallResult<tenon::Expected<::names::exports::std_::error, ::names::exports::std_::error_code>> functions::fail(
      const ::names::exports::std_::error& error,
      const ::names::exports::std_::error& other) const {
  return (*all_->std__fail)(error, other);
}

tenon::CallResult<::names::exports::std_::enum_> functions::auto_(
      std::uint8_t self,
      const ::names::exports::std_::union_& this_,
      const ::names::exports::std_::class_& made) const {
  return (*all_->std__auto_)(self, this_, made);
}

tenon::CallResult<void> functions::exports_operator_() const {
  return (*all_->std__exports_operator_)();
}

tenon::CallResult<::names::exports::std_::exports_> functions::make_exports_() const {
  return (*all_->std__make_exports_)();
}

exports_::exports_(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions)
    : tenon::Resource(std::move(resource)),
      functions_(std::static_pointer_cast<const detail::functions>(std::move(functions))) {}

tenon::CallResult<::names::exports::std_::borrow_count> exports_::all() const {
  if (functions_ == nullptr) return detail::refuse<::names::exports::std_::borrow_count>("demo:names/std@1.0.0#[method]exports.all");
  return (*functions_->std__exports__all)(*this);
}

tenon::CallResult<std::vector<std::optional<::names::exports::std_::exports_>>> exports_::get(
      std::vector<::names::exports::std_::exports_> exports) const {
  if (functions_ == nullptr) return detail::refuse<std::vector<std::optional<::names::exports::std_::exports_>>>("demo:names/std@1.0.0#[method]exports.get");
  return (*functions_->std__exports__get)(*this, std::move(exports));
}
}  // namespace names::exports::std_

// demo:names/tenon@1.0.0
namespace names::exports::tenon_ {

tenon::CallResult<void> functions::create() const {
  return (*all_->tenon__create)();
}

tenon::CallResult<void> functions::function_flags() const {
  return (*all_->tenon__function_flags)();
}

tenon::CallResult<void> functions::run(const ::names::exports::tenon_::flags& labels) const {
  return (*all_->tenon__run)(labels);
}
}  // namespace names::exports::tenon_

// demo:names/instance@1.0.0
namespace names::exports::instance_ {

tenon::CallResult<::names::exports::std_::union_> functions::run(
      const ::names::exports::std_::exports_& e) const {
  return (*all_->instance__run)(e);
}

tenon::CallResult<std::string> functions::module_name() const {
  return (*all_->instance__module_name)();
}
}  // namespace names::exports::instance_

// first:kit/types@1.0.0
namespace names::exports::first_kit_types {

tenon::CallResult<::names::exports::first_kit_types::error> functions::make() const {
  return (*all_->first_kit_types_make)();
}
}  // namespace names::exports::first_kit_types

// second:kit/types@1.0.0
namespace names::exports::second_kit_types {

tenon::CallResult<::names::exports::first_kit_types::error> functions::make(
      const ::names::exports::first_kit_types::error& fault) const {
  return (*all_->second_kit_types_make)(fault);
}
}  // namespace names::exports::second_kit_types

// inline
namespace names::exports::inline_ {

tenon::CallResult<::names::exports::inline_::inline_> functions::fill(
      const ::names::exports::inline_::inline_& inline_) const {
  return (*all_->inline__fill)(inline_);
}
}  // namespace names::exports::inline_

// Items of the world itself.
namespace names::exports::world {

tenon::CallResult<std::string> functions::alone(std::string_view string) const {
  return (*all_->world_alone)(string);
}
}  // namespace names::exports::world

namespace names {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : std_(all_), tenon_(all_), instance_(all_), first_kit_types(all_), second_kit_types(all_), inline_(all_), world(all_) {}

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

}  // namespace names
