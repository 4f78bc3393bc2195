#include "runtime/handle_call.h"

#include <string>
#include <utility>

#include "abi/value_arena.h"
#include "runtime/engine_guest.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::FlatHandle;
using engine::CallError;

CallError take_error(HandleSide& side, AbiError error, const std::string& path) {
  error.path = path;
  return side.take_error(error);
}

LoweredHandle lowered(const FlatHandle& handle, abi::ResourceToken resource) {
  return {handle.part, resource, {engine::HandlePlace::Where::Flat, handle.at}};
}

}  // namespace

// What can be wrong with a handle is found before the callee is entered.
Result<void, CallError> HandleCall::take_params() {
  std::size_t i = 0;
  for (const FlatHandle& handle : shape_.program.param_handles()) {
    const ResourceKind& kind = *shape_.param_kinds[handle.part.number];
    Result<abi::ResourceToken, AbiError> resource =
        caller_.lift(kind, handle.part, static_cast<std::uint32_t>(params_[handle.at]));
    if (!resource) return take_error(caller_, std::move(resource).error(), handle.path);
    Result<void, AbiError> checked = caller_.check(kind, handle.part, *resource);
    if (!checked) return take_error(caller_, std::move(checked).error(), handle.path);
    handles_[i++] = *resource;
  }
  return {};
}

Result<void, CallError> HandleCall::lower(engine::GuestSide& side,
                                          std::span<engine::FlatValue> params) {
  note_entered();
  for (std::size_t i = 0; i < params.size(); ++i) params[i].bits = params_[i];
  HandleSide callee(callee_, side, transit_);
  std::size_t i = 0;
  for (const FlatHandle& handle : shape_.program.param_handles()) {
    Result<void, AbiError> put =
        callee.put(*shape_.param_kinds[handle.part.number], lowered(handle, handles_[i++]));
    if (put) continue;
    if (callee.has_failed()) return callee.take_error(put.error());
    caller_error_.emplace(take_error(caller_, std::move(put).error(), handle.path));
    return CallError::make(kBrokenOff);
  }
  transit_.forget();
  return {};
}

Result<void, CallError> HandleCall::lift(engine::GuestSide& side,
                                         std::span<const engine::FlatValue> result) {
  if (!shape_.program.copy_result_but_handles(result, call_.result())) {
    // It says what is wrong.
    EngineGuest callee(callee_, side, shape_.result_kinds, {}, transit_);
    abi::ValueArena arena;
    const Result<std::uint32_t, AbiError> lifted =
        shape_.program.lift_result(abi::From::flat(callee, result), arena);
    return callee.take_error(lifted ? AbiError() : lifted.error());
  }
  HandleSide callee(callee_, side, transit_);
  for (const FlatHandle& handle : shape_.program.result_handles()) {
    Result<abi::ResourceToken, AbiError> resource =
        callee.lift(*shape_.result_kinds[handle.part.number], handle.part, result[0].u32());
    if (!resource) return take_error(callee, std::move(resource).error(), handle.path);
    result_ = *resource;
  }
  return {};
}

Result<void, CallError> HandleCall::give_result() {
  for (const FlatHandle& handle : shape_.program.result_handles()) {
    const ResourceKind& kind = *shape_.result_kinds[handle.part.number];
    Result<void, AbiError> given = caller_.check(kind, handle.part, result_);
    if (given) given = caller_.put(kind, lowered(handle, result_));
    if (!given) return take_error(caller_, std::move(given).error(), handle.path);
    transit_.forget();
  }
  return {};
}

}  // namespace tenon::runtime
