#include "linker/arena_function.h"

#include <fmt/core.h>

#include <array>
#include <span>

#include "abi/layout.h"

namespace tenon::linker {

using abi::AbiError;
using engine::CallError;
using engine::FlatValue;

abi::From ArenaFunction::params_of(engine::HostCall& call, runtime::EngineGuest& caller) {
  const auto address = call.params_address();
  return address ? abi::From::memory(caller, *address) : abi::From::flat(caller, call.params());
}

Result<void, CallError> ArenaFunction::give_result(const abi::From& from, engine::HostCall& call,
                                                   runtime::EngineGuest& caller) const {
  const abi::FunctionLayout& layout = shape_->program.layout();
  std::array<FlatValue, 1> flat = {};
  std::span<std::uint8_t> bytes;
  if (layout.has_spilled_result()) {
    auto given = call.result_bytes(layout.layouts[*layout.result].size);
    if (!given) return std::move(given).error();
    bytes = *given;
  }
  const abi::To to = layout.has_spilled_result() ? abi::To::bytes(caller, bytes)
                                                 : abi::To::flat(caller, std::span(flat));
  const Result<void, AbiError> copied = shape_->program.copy_result(from, to);
  if (!copied) {
    if (caller.has_failed() || copied.error().kind == abi::AbiErrorKind::BadAllocation)
      return caller.take_error(copied.error());
    return trap(fmt::format("its result cannot be passed: {}", runtime::describe(copied.error())));
  }
  if (!layout.has_spilled_result()) call.set_result(flat[0]);
  const Result<void, AbiError> given = caller.put_handles();
  if (!given) return caller.take_error(given.error());
  return {};
}

CallError ArenaFunction::trap(const std::string& why) const {
  return CallError::make(fmt::format("`{}` {}: {}", name_, owner(), why));
}

}  // namespace tenon::linker
