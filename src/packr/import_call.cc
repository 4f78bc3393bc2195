#include "packr/import_call.h"

#include <fmt/core.h>

#include <cstring>
#include <typeinfo>
#include <utility>

#include "packr/encoded_values.h"
#include "packr/package_body.h"
#include "packr/payload_reader.h"
#include "runtime/handle_side.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using abi::AbiError;
using engine::CallError;

AbiError malformed(const ValueProblem& problem, std::string_view what) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = problem.path.empty()
                         ? fmt::format("{}: {}", what, problem.message)
                         : fmt::format("{}: {}: {}", what, problem.path, problem.message)};
}

}  // namespace

ImportCall::ImportCall(const PackageImport& import, PackageBody& caller, engine::CoreCaller& core,
                       std::span<const std::uint8_t> message, Slots slots)
    : Call(*import.shape, {}, {}, caller.domain().bounds()),
      import_(import),
      caller_(caller),
      core_(core),
      message_(message),
      slots_(slots) {}

ImportCall* ImportCall::find(call::Call& call) {
  return typeid(call) == typeid(ImportCall) ? static_cast<ImportCall*>(&call) : nullptr;
}

const abi::From* ImportCall::params() {
  if (params_) return &*params_;
  Result<std::uint32_t, AbiError> address = std::uint32_t{0};
  if (import_.codec == nullptr) {
    address = add_message(message_, arena_);
  } else {
    const auto read = import_.codec->read_params(message_, arena_);
    if (read)
      address = *read;
    else
      address = malformed(read.error(), "what it passed does not fit its type");
  }
  if (address) return &params_.emplace(abi::From::memory(arena_, *address));
  break_off(address.error());
  return nullptr;
}

Result<void, AbiError> ImportCall::take_result(const abi::From& result) {
  abi::ValueArena arena;
  std::uint32_t address = 0;
  const bool has_result = shape().program.layout().result.has_value();
  if (has_result) {
    TENON_TRY(address, shape().program.lift_result(result, arena));
  }
  GraphWriter writer;
  std::span<const std::uint8_t> message;
  if (import_.codec == nullptr) {
    message = encoded_message(arena, address);
  } else {
    const auto written = import_.codec->write_result(arena, address, writer);
    if (!written) return malformed(written.error(), "its result cannot be passed");
    message = *written;
  }
  give_message(message);
  if (is_broken_off()) return AbiError{.kind = abi::AbiErrorKind::Guest};
  return {};
}

// A package reads a result also if its import has none.
void ImportCall::end(CallResult<void> outcome) {
  if (!outcome) {
    failure_.emplace(std::move(outcome).error());
    return;
  }
  if (broken_by_ || is_given_) return;
  GraphWriter writer;
  writer.begin_tuple();
  writer.end();
  give_message(*writer.finish());
}

void ImportCall::give_message(std::span<const std::uint8_t> message) {
  auto room = give(message.size());
  if (!room) return break_off_by(std::move(room).error());
  if (!message.empty()) std::memcpy(room->data(), message.data(), message.size());
}

std::optional<std::span<std::uint8_t>> ImportCall::make_room(std::size_t size) {
  auto given = give(size);
  if (given) {
    is_passed_ = true;
    return *given;
  }
  break_off_by(std::move(given).error());
  return std::nullopt;
}

std::optional<abi::From> ImportCall::passed_result() {
  if (!is_passed_ || failure_ || broken_by_ || !shape().program.layout().result)
    return std::nullopt;
  const std::span<const std::uint8_t> message = core_.memory().subspan(given_at_, given_bytes_);
  arena_.clear();
  if (import_.codec == nullptr) {
    const auto address = add_message(message, arena_);
    return address ? std::optional(abi::From::memory(arena_, *address)) : std::nullopt;
  }
  const auto address = import_.codec->read_result(message, arena_);
  return address ? std::optional(abi::From::memory(arena_, *address)) : std::nullopt;
}

Result<std::span<std::uint8_t>, CallError> ImportCall::give(std::size_t size) {
  if (size > UINT32_MAX) return CallError::make("the result is larger than 4 GiB");
  const auto bytes = static_cast<std::uint32_t>(size);
  TENON_TRY(given_at_, caller_.lend(core_, bytes));
  given_bytes_ = bytes;
  is_given_ = true;
  const std::span<std::uint8_t> memory = core_.memory();
  // The memory may have moved, and with it what the caller passed.
  store<std::uint32_t>(memory.data() + slots_.address, given_at_);
  store<std::uint32_t>(memory.data() + slots_.size, bytes);
  return memory.subspan(given_at_, bytes);
}

void ImportCall::keep_break(const AbiError& error) {
  broken_by_.emplace(CallError::make(runtime::describe(error)));
}

void ImportCall::break_off_by(CallError error) {
  broken_by_.emplace(std::move(error));
  note_break();
}

Result<void, CallError> ImportCall::take_outcome() {
  if (broken_by_) return *std::move(broken_by_);
  if (!failure_) return {};
  // It ends the package: it has no other way to learn that its import has failed.
  const std::string message = failure_->message;
  return CallError::make(message, caller_.domain().shared().failures.keep(*std::move(failure_)));
}

}  // namespace tenon::packr
