// Made by `tenon bindgen cpp`. Do not edit.
#include "streams.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace streams::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<tenon::Stream<std::string>()>>
      lib_open;
  std::optional<tenon::TypedFunction<std::string(tenon::Future<std::string>, tenon::Future<std::string>)>>
      lib_join;
  std::optional<tenon::TypedFunction<tenon::Future<void>(tenon::Future<void>)>>
      lib_after;
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint64_t, std::string>(::streams::exports::lib::upload)>>
      lib_bytes;
  std::optional<tenon::TypedFunction<tenon::Stream<std::uint8_t>(tenon::Stream<std::uint8_t>)>>
      lib_copy;
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
  find(all->lib_open, "x:y/lib", "open");
  find(all->lib_join, "x:y/lib", "join");
  find(all->lib_after, "x:y/lib", "after");
  find(all->lib_bytes, "x:y/lib", "bytes");
  find(all->lib_copy, "x:y/lib", "copy");
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
}  // namespace streams::detail

// x:y/lib
namespace streams::exports::lib {

tenon::Task<tenon::CallResult<tenon::Stream<std::string>>> functions::open() const {
  return (*all_->lib_open).start();
}

tenon::Task<tenon::CallResult<std::string>> functions::join(
      tenon::Future<std::string> a,
      tenon::Future<std::string> b) const {
  return (*all_->lib_join).start(std::move(a), std::move(b));
}

tenon::Task<tenon::CallResult<tenon::Future<void>>> functions::after(
      tenon::Future<void> signal) const {
  return (*all_->lib_after).start(std::move(signal));
}

tenon::Task<tenon::CallResult<tenon::Expected<std::uint64_t, std::string>>> functions::bytes(
      ::streams::exports::lib::upload upload) const {
  return (*all_->lib_bytes).start(std::move(upload));
}

tenon::CallResult<tenon::Stream<std::uint8_t>> functions::copy(
      tenon::Stream<std::uint8_t> from) const {
  return (*all_->lib_copy)(std::move(from));
}
}  // namespace streams::exports::lib

namespace streams {

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

}  // namespace streams
