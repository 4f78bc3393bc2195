#include "link/raw_function.h"

#include <fmt/core.h>

#include <exception>
#include <utility>

#include "link/program_function.h"
#include "packr/graph_writer.h"

namespace tenon::link {

namespace {

using abi::AbiError;

AbiError wrong_params(std::string_view why) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = fmt::format("the values that it passed do not match its type: {}", why)};
}

}  // namespace

void RawProgramFunction::start(call::Call& call) {
  if (packr::ImportCall* const import = packr::ImportCall::find(call))
    return start_with_message(*import);
  start_with_values(call);
}

HostResult<RawBytes> RawProgramFunction::run(std::span<const std::uint8_t> params) const {
  try {
    return (*parts_.call)(params);
  } catch (const std::exception& thrown) {
    return Trap{std::string("it threw: ") + thrown.what()};
  } catch (...) {
    return Trap{"it threw something that is not a std::exception"};
  }
}

void RawProgramFunction::start_with_message(packr::ImportCall& call) const {
  if (const Result<void> checked = parts_.messages->check_params(call.message()); !checked) {
    call.break_off(wrong_params(describe_first(checked.error())));
    return call.finish();
  }
  const HostResult<RawBytes> called = run(call.message());
  if (!called) return call.finish(program_trap(parts_.name, called.error().message));
  if (parts_.messages->type().result()) {
    if (const Result<void> checked = parts_.messages->check_result(called->bytes()); !checked)
      return call.finish(program_trap(
          parts_.name,
          fmt::format("its result does not match its type: {}", describe_first(checked.error()))));
    call.pass_result(called->bytes());
  }
  call.finish();
}

void RawProgramFunction::start_with_values(call::Call& call) const {
  const abi::From* const params = call.params();
  if (params == nullptr) return call.finish();
  abi::ValueArena arena;
  const Result<std::uint32_t, AbiError> lifted = call.shape().program.lift_params(*params, arena);
  if (!lifted) {
    call.break_off(lifted.error());
    return call.finish();
  }
  packr::GraphWriter writer;
  const auto message = parts_.codec->write_params(arena, *lifted, writer);
  if (!message) {
    call.break_off(wrong_params(packr::describe(message.error())));
    return call.finish();
  }
  const HostResult<RawBytes> called = run(*message);
  if (!called) return call.finish(program_trap(parts_.name, called.error().message));
  if (!parts_.codec->has_result()) return call.finish();
  arena.clear();
  const auto result = parts_.codec->read_result(called->bytes(), arena);
  if (!result)
    return call.finish(program_trap(
        parts_.name,
        fmt::format("its result does not match its type: {}", packr::describe(result.error()))));
  const Result<void, AbiError> passed = call.give_result(arena, *result);
  if (passed || call.is_broken_off()) return call.finish();
  call.finish(program_trap(
      parts_.name, fmt::format("its result cannot be passed: {}", abi::describe(passed.error()))));
}

}  // namespace tenon::link
