// Made by `tenon bindgen cpp`. Do not edit.
#include "sink.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace sink::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t, std::uint32_t)>>
      sink_add;
  std::optional<tenon::TypedFunction<std::uint32_t(std::span<const std::uint8_t>)>>
      sink_bytes;
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
  find(all->sink_add, "bench:lists/sink", "add");
  find(all->sink_bytes, "bench:lists/sink", "bytes");
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
}  // namespace sink::detail

// bench:lists/sink
namespace sink::exports::sink {

tenon::CallResult<std::uint32_t> functions::add(std::uint32_t a, std::uint32_t b) const {
  return (*all_->sink_add)(a, b);
}

tenon::CallResult<std::uint32_t> functions::bytes(std::span<const std::uint8_t> items) const {
  return (*all_->sink_bytes)(items);
}
}  // namespace sink::exports::sink

namespace sink {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : sink(all_) {}

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

}  // namespace sink
