#include "engine/event_loop.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/host_gate.h"
#include "engine/http.h"
#include "engine/linker.h"
#include "engine/seam.h"

// How a call on a loop runs.
//
//   EventLoop::call   queues it in the crate
//   EventLoop::turn   the crate begins it; the engine asks for its params when the instance takes
//                     it: tenon_lower_loop_call
//                     the guest returns: tenon_read_result
//                     the call has ended: tenon_end_loop_call
//
// A call of a host function is an AsyncHostCall, which the engine owns from
// tenon_start_async_function to tenon_release_async_call.

namespace tenon::engine {

namespace {

extern "C" {

wasmtime_error_t* tenon_read_result(void* env, tnengine_guest_t* callee,
                                    const wasmtime_val_raw_t* slots, std::size_t size,
                                    void** result) noexcept {
  const HostEntry entry;
  GuestSide side(callee);
  const std::span values(reinterpret_cast<const FlatValue*>(slots), size);
  return guard_callback([&]() -> Result<void, CallError> {
    auto read = static_cast<ResultReader*>(env)->read(side, values);
    if (!read) return std::move(read).error();
    *result = (*read).release();
    return {};
  });
}

void tenon_release_result(void* result) noexcept {
  const HostEntry entry;
  delete static_cast<LoopResult*>(result);
}

wasmtime_error_t* tenon_lower_loop_call(void* env, tnengine_guest_t* callee,
                                        wasmtime_val_raw_t* slots, std::size_t size) noexcept {
  const HostEntry entry;
  GuestSide side(callee);
  const std::span params(reinterpret_cast<FlatValue*>(slots), size);
  return guard_callback([&] { return static_cast<LoopCall*>(env)->lower(side, params); });
}

void tenon_end_loop_call(void* env, std::uint8_t end, void* result,
                         wasmtime_error_t* error) noexcept {
  const HostEntry entry;
  auto& call = *static_cast<LoopCall*>(env);
  switch (end) {
    case TNENGINE_CALL_RETURNED:
      return call.finish(std::unique_ptr<LoopResult>(static_cast<LoopResult*>(result)));
    case TNENGINE_CALL_FAILED:
      return call.fail(take_failure(error));
    case TNENGINE_CALL_CANCELLED:
      return call.end_cancelled();
    default:
      return call.drop();
  }
}

void tenon_wake_loop(void* env) noexcept { (*static_cast<std::function<void()>*>(env))(); }

wasmtime_error_t* tenon_start_async_function(void* env, tnengine_host_call_t* raw_call,
                                             tnengine_completion_t* completion,
                                             void** state) noexcept {
  const HostEntry entry;
  const auto* params = reinterpret_cast<const FlatValue*>(raw_call->params);
  HostCall call(raw_call, raw_call->caller, {params, raw_call->param_count},
                raw_call->params_in_memory, raw_call->params_at, raw_call->reps,
                reinterpret_cast<FlatValue*>(raw_call->result));
  return guard_callback([&]() -> Result<void, CallError> {
    auto started = static_cast<AsyncHostFunction*>(env)->start(call, Completion(completion));
    if (!started) return std::move(started).error();
    *state = (*started).release();
    return {};
  });
}

bool tenon_cancel_async_call(void* state) noexcept {
  const HostEntry entry;
  return static_cast<AsyncHostCall*>(state)->cancel();
}

wasmtime_error_t* tenon_lower_async_result(void* state, tnengine_guest_t* caller,
                                           wasmtime_val_raw_t* slots, std::size_t size,
                                           std::uint32_t address) noexcept {
  const HostEntry entry;
  GuestSide side(caller);
  const std::span result(reinterpret_cast<FlatValue*>(slots), size);
  return guard_callback(
      [&] { return static_cast<AsyncHostCall*>(state)->lower(side, result, address); });
}

void tenon_release_async_call(void* state) noexcept {
  const HostEntry entry;
  delete static_cast<AsyncHostCall*>(state);
}

void tenon_delete_async_function(void* env) noexcept {
  delete static_cast<AsyncHostFunction*>(env);
}
}

using LoopHandle = std::unique_ptr<tnengine_loop_t, Deleter<tnengine_loop_delete>>;
using LoopFuncHandle = std::unique_ptr<tnengine_loop_func_t, Deleter<tnengine_loop_func_delete>>;

}  // namespace

struct LoopFunction::Impl {
  LoopFuncHandle func;
};

LoopFunction::LoopFunction(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LoopFunction::LoopFunction(LoopFunction&&) noexcept = default;
LoopFunction& LoopFunction::operator=(LoopFunction&&) noexcept = default;
LoopFunction::~LoopFunction() = default;

Result<LoopFunction, Failure> LoopFunction::make(const Instance& instance,
                                                 std::span<const std::string_view> path,
                                                 FlatCounts counts, ResultReader& reader) {
  std::vector<tnengine_slice_t> names;
  names.reserve(path.size());
  for (const std::string_view name : path) names.push_back(to_slice(name));
  tnengine_loop_func_t* func = nullptr;
  if (auto* error = tnengine_loop_func_new(&instance.impl().instance, names.data(), names.size(),
                                           counts.params, counts.results, tenon_read_result,
                                           tenon_release_result, &reader, &func))
    return take_failure(error);
  return LoopFunction(std::make_unique<Impl>(LoopFuncHandle(func)));
}

struct EventLoop::Impl {
  std::function<void()> wake;  // outlives the handle
  LoopHandle handle;
};

EventLoop::EventLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventLoop::EventLoop(EventLoop&&) noexcept = default;
EventLoop& EventLoop::operator=(EventLoop&&) noexcept = default;
EventLoop::~EventLoop() = default;

Result<EventLoop, Failure> EventLoop::begin(Store& store, std::function<void()> wake) {
  auto impl = std::make_unique<Impl>(std::move(wake), nullptr);
  tnengine_loop_t* loop = nullptr;
  if (auto* error =
          tnengine_loop_new(store.impl().store.get(), tenon_wake_loop, &impl->wake, &loop))
    return take_failure(error);
  impl->handle.reset(loop);
  return EventLoop(std::move(impl));
}

Result<void, Failure> EventLoop::turn() {
  if (auto* error = tnengine_loop_turn(impl_->handle.get())) return take_failure(error);
  return {};
}

Result<bool, Failure> EventLoop::is_idle() {
  bool is_idle = false;
  if (auto* error = tnengine_loop_is_idle(impl_->handle.get(), &is_idle))
    return take_failure(error);
  return is_idle;
}

Result<bool, Failure> EventLoop::drop_resource(Store& store, const GuestResource& resource) {
  const auto raw_resource = std::bit_cast<tnengine_resource_t>(resource);
  bool is_dropped = false;
  if (auto* error = tnengine_loop_drop(impl_->handle.get(), store.impl().home.get(), &raw_resource,
                                       store.impl().asked(), &is_dropped))
    return take_failure(error);
  return is_dropped;
}

void EventLoop::call(const LoopFunction& function, LoopCall& call) {
  tnengine_tag_t tag;
  std::ranges::copy(call.tag(), tag.words);
  tnengine_loop_call(impl_->handle.get(), function.impl().func.get(), tenon_lower_loop_call,
                     tenon_end_loop_call, &call, &tag, &call.number_);
}

void EventLoop::handle(const HttpHandler& handler, const HttpRequest& request, Sharing sharing,
                       LoopCall& call) {
  tnengine_tag_t tag;
  std::ranges::copy(call.tag(), tag.words);
  tnengine_loop_handle(impl_->handle.get(), handler.impl().handle.get(),
                       request.impl().handle.get(), sharing == Sharing::Shared, tenon_end_loop_call,
                       &call, &tag, &call.number_);
}

void EventLoop::rest(LoopCall& call) {
  tnengine_loop_rest(impl_->handle.get(), tenon_end_loop_call, &call);
}

void EventLoop::cancel(const LoopCall& call) {
  tnengine_loop_cancel(impl_->handle.get(), call.number_);
}

CallTag HostCall::tag() {
  tnengine_tag_t tag = {};
  if (!tnengine_host_call_tag(static_cast<tnengine_host_call_t*>(call_), &tag)) return {};
  return std::to_array(tag.words);
}

void EventLoop::pipe(const FutureEnd& future, std::unique_ptr<Consumer> consumer) {
  tnengine_loop_pipe(impl_->handle.get(), static_cast<const tnengine_future_t*>(future.get()),
                     &kConsumerCallbacks, consumer.release());
}

void EventLoop::settle(HostCall& call) {
  tnengine_loop_settle(impl_->handle.get(), static_cast<tnengine_host_call_t*>(call.call_));
}

void EventLoop::close(FutureEnd future) {
  tnengine_loop_close(impl_->handle.get(),
                      static_cast<tnengine_future_t*>(std::move(future).release()));
}

void Completion::complete() && {
  tnengine_complete(static_cast<tnengine_completion_t*>(completion_.release()), nullptr);
}

void Completion::fail(CallError error) && {
  tnengine_complete(static_cast<tnengine_completion_t*>(completion_.release()),
                    static_cast<wasmtime_error_t*>(std::move(error).release()));
}

void Completion::end_cancelled() && {
  tnengine_complete_cancelled(static_cast<tnengine_completion_t*>(completion_.release()));
}

void Completion::Free::operator()(void* completion) const noexcept {
  tnengine_complete(static_cast<tnengine_completion_t*>(completion),
                    static_cast<wasmtime_error_t*>(
                        CallError::make("the host function did not end its call").release()));
}

Result<void> define_async_host_function(Linker& linker, std::string_view interface,
                                        std::string_view name, FlatCounts counts,
                                        std::unique_ptr<AsyncHostFunction> function,
                                        ParamHandles handles, ImportedAs imported) {
  const tnengine_slice_t interface_slice = to_slice(interface);
  const tnengine_slice_t name_slice = to_slice(name);
  if (auto* error = tnengine_linker_define_async(
          linker.impl().linker.get(), &interface_slice, &name_slice, counts.params, counts.results,
          handles == ParamHandles::OfHost, imported == ImportedAs::Suspending,
          tenon_start_async_function, tenon_cancel_async_call, tenon_lower_async_result,
          tenon_release_async_call, function.release(), tenon_delete_async_function))
    return take_error(Code::RunEngine, fmt::format("`{}` cannot be defined", name), error);
  return {};
}

}  // namespace tenon::engine
