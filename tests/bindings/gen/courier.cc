// Made by `tenon bindgen cpp`. Do not edit.
#include "courier.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace courier::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<::courier::exports::parcels::parcel(std::string_view)>>
      parcels_make_parcel;
  std::optional<tenon::TypedFunction<::courier::exports::parcels::batch(std::span<const std::string>)>>
      parcels_pack;
  std::optional<tenon::TypedFunction<std::vector<std::string>(::courier::exports::parcels::batch)>>
      parcels_open;
  std::optional<tenon::TypedFunction<tenon::Stream<std::string>(tenon::Stream<std::string>)>>
      parcels_shout;
  std::optional<tenon::TypedFunction<std::uint64_t(tenon::Stream<::courier::exports::parcels::parcel>)>>
      parcels_send;
  std::optional<tenon::TypedFunction<tenon::Stream<::courier::exports::parcels::parcel>(std::span<const std::string>)>>
      parcels_order;
  std::optional<tenon::TypedFunction<std::string(tenon::Future<std::string>)>>
      parcels_wait;
  std::optional<tenon::TypedFunction<std::string(tenon::Borrow)>>
      parcels_parcel_label;
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
  find(all->parcels_make_parcel, "demo:parcels/parcels@1.0.0", "[constructor]parcel");
  find(all->parcels_pack, "demo:parcels/parcels@1.0.0", "pack");
  find(all->parcels_open, "demo:parcels/parcels@1.0.0", "open");
  find(all->parcels_shout, "demo:parcels/parcels@1.0.0", "shout");
  find(all->parcels_send, "demo:parcels/parcels@1.0.0", "send");
  find(all->parcels_order, "demo:parcels/parcels@1.0.0", "order");
  find(all->parcels_wait, "demo:parcels/parcels@1.0.0", "wait");
  find(all->parcels_parcel_label, "demo:parcels/parcels@1.0.0", "[method]parcel.label");
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
}  // namespace courier::detail

// demo:parcels/parcels@1.0.0
namespace courier::parcels {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:parcels/parcels@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  {
    tenon::HostResourceParts parts = tenon::HostResource<parcel>("demo:parcels/parcels@1.0.0", "parcel").parts();
    parts.consumers = consumers;
    add(&parts.functions, "[constructor]parcel",
        [to](const tenon::Caller& caller, std::string_view label) { return to->make_parcel(caller, label); });
    add(&parts.functions, "[method]parcel.label",
        [](const tenon::Caller& caller, ::courier::parcels::parcel& self) { return self.label(caller); });
    builder.add_host_resource(std::move(parts));
  }
  add(nullptr, "pack",
      [to](const tenon::Caller& caller, std::vector<std::string> labels) { return to->pack(caller, std::move(labels)); });
  add(nullptr, "open",
      [to](const tenon::Caller& caller, ::courier::parcels::batch batch) { return to->open(caller, std::move(batch)); });
  add(nullptr, "shout",
      [to](const tenon::Caller& caller, tenon::Stream<std::string> words) { return to->shout(caller, std::move(words)); });
  add(nullptr, "send",
      [to](const tenon::Caller& caller, tenon::Stream<std::shared_ptr<::courier::parcels::parcel>> parcels) { return to->send(caller, std::move(parcels)); });
  add(nullptr, "order",
      [to](const tenon::Caller& caller, std::vector<std::string> labels) { return to->order(caller, std::move(labels)); });
  add(nullptr, "wait",
      [to](const tenon::Caller& caller, tenon::Future<std::string> signal) { return to->wait(caller, std::move(signal)); });
}
}  // namespace courier::parcels

// demo:parcels/parcels@1.0.0
namespace courier::exports::parcels {

tenon::CallResult<::courier::exports::parcels::parcel> functions::make_parcel(
      std::string_view label) const {
  return (*all_->parcels_make_parcel)(label);
}

tenon::CallResult<::courier::exports::parcels::batch> functions::pack(
      std::span<const std::string> labels) const {
  return (*all_->parcels_pack)(labels);
}

tenon::CallResult<std::vector<std::string>> functions::open(
      ::courier::exports::parcels::batch batch) const {
  return (*all_->parcels_open)(std::move(batch));
}

tenon::Task<tenon::CallResult<tenon::Stream<std::string>>> functions::shout(
      tenon::Stream<std::string> words) const {
  return (*all_->parcels_shout).start(std::move(words));
}

tenon::Task<tenon::CallResult<std::uint64_t>> functions::send(
      tenon::Stream<::courier::exports::parcels::parcel> parcels) const {
  return (*all_->parcels_send).start(std::move(parcels));
}

tenon::Task<tenon::CallResult<tenon::Stream<::courier::exports::parcels::parcel>>> functions::order(
      std::span<const std::string> labels) const {
  return (*all_->parcels_order).start(labels);
}

tenon::Task<tenon::CallResult<std::string>> functions::wait(
      tenon::Future<std::string> signal) const {
  return (*all_->parcels_wait).start(std::move(signal));
}

parcel functions::adopt(parcel resource) const {
  return parcel(std::move(resource), all_);
}

parcel::parcel(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions)
    : tenon::Resource(std::move(resource)),
      functions_(std::static_pointer_cast<const detail::functions>(std::move(functions))) {}

tenon::CallResult<std::string> parcel::label() const {
  if (functions_ == nullptr) return detail::refuse<std::string>("demo:parcels/parcels@1.0.0#[method]parcel.label");
  return (*functions_->parcels_parcel_label)(*this);
}
}  // namespace courier::exports::parcels

namespace courier {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : parcels(all_) {}

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

}  // namespace courier
