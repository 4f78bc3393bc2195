#include "packr/import_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <typeinfo>
#include <utility>
#include <vector>

#include "packr/encoded_values.h"
#include "packr/graph_format.h"
#include "packr/message_form.h"
#include "packr/package_body.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using abi::AbiError;
using engine::CallError;

AbiError malformed(const ValueProblem& problem, std::string_view what) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = fmt::format("{}: {}", what, describe(problem))};
}

}  // namespace

ImportCall::ImportCall(const PackageImport& import, PackageBody& caller, engine::CoreCaller& core,
                       std::span<const std::uint8_t> message, GuestBytes room)
    : Call(*import.shape, {}, {}, caller.domain().bounds()),
      import_(import),
      caller_(caller),
      core_(core),
      message_(message),
      room_(room),
      transit_(caller.domain().shared().resources) {}

PassedBuffers ImportCall::passed_buffers() {
  return {caller_.buffers(), caller_.domain().shared().resources, transit_};
}

ImportCall* ImportCall::find(call::Call& call) {
  return typeid(call) == typeid(ImportCall) ? static_cast<ImportCall*>(&call) : nullptr;
}

// The program gets handles of its own for the buffers in a message.
Result<std::uint32_t, AbiError> ImportCall::add_program_message() {
  if (caller_.buffers().size() == 0 || !has_buffers(message_)) return add_message(message_, arena_);
  std::vector<std::uint8_t> copy(message_.begin(), message_.end());
  BufferTable* const program = caller_.program_buffers();
  if (program == nullptr) return add_message(message_, arena_);
  const auto passed = pass_buffers(copy, caller_.buffers(), *program);
  if (!passed)
    return AbiError{.kind = abi::AbiErrorKind::Guest,
                    .message = fmt::format("it passed the buffer {}, which it does not have",
                                           passed.error().handle)};
  return add_message(copy, arena_);
}

const abi::From* ImportCall::params() {
  if (params_) return &*params_;
  Result<std::uint32_t, AbiError> address = std::uint32_t{0};
  if (import_.codec == nullptr) {
    address = add_program_message();
  } else {
    PassedBuffers buffers = passed_buffers();
    const auto read = import_.codec->read_params(message_, arena_, &buffers);
    if (read)
      address = *read;
    else
      address = malformed(read.error(), "what it passed does not match its type");
  }
  if (address) return &params_.emplace(abi::From::memory(arena_, *address));
  break_off(address.error());
  return nullptr;
}

Result<void, AbiError> ImportCall::take_result(const abi::From& result) {
  if (import_.codec == nullptr) {
    const std::span<const std::uint8_t> message = encoded_message(result);
    pass_message(message);
    BufferTable* const program = caller_.program_buffers();
    if (result_ && program != nullptr && program->size() != 0 && has_buffers(message)) {
      const auto passed = pass_buffers(core_.memory().subspan(result_->address, result_->size),
                                       *program, caller_.buffers());
      drop_buffers(message, *program);
      if (!passed)
        return AbiError{.kind = abi::AbiErrorKind::Guest,
                        .message = "its result has a buffer that does not exist"};
    }
  } else {
    abi::ValueArena arena;
    std::uint32_t address = 0;
    if (shape().program.layout().result) {
      TENON_TRY(address, shape().program.lift_result(result, arena));
    }
    GraphWriter writer;
    PassedBuffers buffers = passed_buffers();
    const auto written = import_.codec->write_result(arena, address, writer, &buffers);
    if (!written) return malformed(written.error(), "its result cannot be passed");
    pass_message(*written);
  }
  if (is_broken_off()) return AbiError{.kind = abi::AbiErrorKind::Guest};
  return {};
}

// A package reads a result even if the function has none: the unit value.
void ImportCall::end(CallFailure* failure) {
  if (failure != nullptr) {
    failure_.emplace(std::move(*failure));
    return;
  }
  if (broken_by_ || result_) return;
  GraphWriter writer;
  writer.begin_tuple();
  writer.end();
  pass_message(*writer.finish());
}

std::optional<std::span<std::uint8_t>> ImportCall::pass_message(
    std::span<const std::uint8_t> message) {
  GraphWriter writer;
  if (import_.form != nullptr) {
    const auto fitted = import_.form->fit_result(message, caller_.version(), writer);
    if (!fitted) {
      break_off_with(
          CallError::make(fmt::format("the result of its import `{}.{}` cannot be passed: "
                                      "{}",
                                      import_.module, import_.field, describe(fitted.error()))));
      return std::nullopt;
    }
    message = *fitted;
  }
  // The words for the result can be a part of the message too, and are written before the copy.
  const auto is_in_message = [&](std::uint32_t address) {
    return !caller_.has_caller_buffers() && !message_.empty() &&
           core_.memory().data() + address + 4 > message_.data() &&
           core_.memory().data() + address < message_.data() + message_.size();
  };
  std::vector<std::uint8_t> copy;
  const std::less<> is_before;
  const std::uint8_t* const end = message_.data() + message_.size();
  bool is_part = !message.empty() && !is_before(message.data(), message_.data()) &&
                 is_before(message.data(), end);
  if (is_part && (is_in_message(room_.address) || is_in_message(room_.size))) {
    copy.assign(message.begin(), message.end());
    message = copy;
    is_part = false;
  }
  // The caller's memory can move when it allocates.
  const std::ptrdiff_t offset = is_part ? message.data() - core_.memory().data() : 0;
  auto room = allocate_result(message.size());
  if (!room) {
    break_off_with(std::move(room).error());
    return std::nullopt;
  }
  const std::uint8_t* const from = is_part ? core_.memory().data() + offset : message.data();
  if (!message.empty()) std::memmove(room->data(), from, message.size());
  stamp_version(*room, caller_.version());
  return *room;
}

std::optional<std::span<std::uint8_t>> ImportCall::pass_result(
    std::span<const std::uint8_t> result) {
  const auto room = pass_message(result);
  is_passed_ = room.has_value();
  return room;
}

std::optional<abi::From> ImportCall::passed_result() {
  if (!is_passed_ || failure_ || broken_by_ || !shape().program.layout().result)
    return std::nullopt;
  const std::span<const std::uint8_t> message =
      core_.memory().subspan(result_->address, result_->size);
  arena_.clear();
  if (import_.codec == nullptr) {
    const auto address = add_message(message, arena_);
    return address ? std::optional(abi::From::memory(arena_, *address)) : std::nullopt;
  }
  const auto address = import_.codec->read_result(message, arena_);
  return address ? std::optional(abi::From::memory(arena_, *address)) : std::nullopt;
}

Result<std::span<std::uint8_t>, CallError> ImportCall::allocate_result(std::size_t size) {
  if (size > UINT32_MAX) return CallError::make("the result is larger than 4 GiB");
  const auto bytes = static_cast<std::uint32_t>(size);
  if (caller_.has_caller_buffers()) {
    if (bytes > std::min<std::uint32_t>(room_.size, INT32_MAX))
      return CallError::make(
          fmt::format("the result of its import `{}.{}` has {} bytes, and the buffer that it "
                      "passed for it has {}",
                      import_.module, import_.field, bytes, room_.size));
    result_ = GuestBytes{room_.address, bytes};
    return core_.memory().subspan(room_.address, bytes);
  }
  TENON_TRY(const std::uint32_t address,
            stack_.run([&] { return caller_.allocate_import_result(core_, bytes); }));
  result_ = GuestBytes{address, bytes};
  // Only now: the allocation can move the memory.
  const std::span<std::uint8_t> memory = core_.memory();
  store<std::uint32_t>(memory.data() + room_.address, address);
  store<std::uint32_t>(memory.data() + room_.size, bytes);
  return memory.subspan(address, bytes);
}

void ImportCall::keep_break(const AbiError& error) {
  broken_by_.emplace(CallError::make(abi::describe(error)));
}

void ImportCall::break_off_with(CallError error) {
  broken_by_.emplace(std::move(error));
  note_break();
}

Result<void, CallError> ImportCall::take_outcome() {
  if (broken_by_) return *std::move(broken_by_);
  if (!failure_) return {};
  // The package traps: packr's functions cannot return a failure of an import.
  const std::string message = failure_->message;
  return CallError::make(message, caller_.domain().failures().keep(*std::move(failure_)));
}

}  // namespace tenon::packr
