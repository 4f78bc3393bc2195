// Calls that a package makes of its imports.
//
// The package passes a message in its memory. A callee that is a package too gets the message
// unchanged, unless it has another version of the wire form. For any other callee the message is read into an arena, by the callee's types, and the
// result is written as a message.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "abi/value_arena.h"
#include "call/call.h"
#include "engine/core_call.h"
#include "packr/buffers.h"
#include "packr/graph_codec.h"
#include "packr/message_form.h"
#include "runtime/active_call.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"

namespace tenon::packr {

class PackageBody;

// A range in the memory of a package.
struct GuestBytes {
  std::uint32_t address = 0;
  std::uint32_t size = 0;

  bool operator==(const GuestBytes&) const = default;
};

// Checks a message for the package that receives it. Returns why the package cannot read it, or
// nothing if it can.
using CheckMessage = std::function<std::optional<std::string>(std::span<const std::uint8_t>)>;

// An import of a package, and the function that provides it.
struct PackageImport {
  std::string module;
  std::string field;
  // Null if nothing provides the import; a call then traps.
  std::unique_ptr<call::Callee> callee = {};
  // The callee's shape, if the callee is not a package.
  std::shared_ptr<const call::FunctionShape> shape = {};
  // Set if that shape is in canonical form.
  std::shared_ptr<const GraphCodec> codec = {};
  // Set if the callee is a package whose result type allows more values than the import's. Checked
  // before the result is passed, because a package that cannot read a result can loop forever.
  CheckMessage check_result = {};
  // The form in which the package reads the result; null: no message is converted.
  std::unique_ptr<const MessageForm> form = {};
};

// Lives on the stack of the engine's callback.
class ImportCall final : public call::Call {
 public:
  // message: the parameters, in the package's memory. room: the addresses of the two words that
  // receive the address and the size of the result; or, if the caller has the buffers, that of the
  // result.
  ImportCall(const PackageImport& import, PackageBody& caller, engine::CoreCaller& core,
             std::span<const std::uint8_t> message, GuestBytes room);

  // Returns `call` if it is made by a package, otherwise null.
  [[nodiscard]] static ImportCall* find(call::Call& call);

  // What the callback returns. REQUIRES: the call has ended
  [[nodiscard]] Result<void, engine::CallError> take_outcome();

  // The size of the result. REQUIRES: the call has succeeded
  [[nodiscard]] std::uint32_t result_bytes() const { return result_->size; }

  [[nodiscard]] const abi::From* params() override;
  [[nodiscard]] std::optional<abi::From> passed_result() override;

  // For a callee that is a package:

  [[nodiscard]] PackageBody& caller() { return caller_; }
  // The parameters, in the caller's memory. Lifetime: until the caller runs.
  [[nodiscard]] std::span<const std::uint8_t> message() const { return message_; }
  // Copies a result to the caller, in the form that the caller reads, and returns the copy. The bytes
  // can be a part of `message`. If that fails, the caller is broken off, and nothing is returned.
  // Lifetime: as `message`.
  std::optional<std::span<std::uint8_t>> pass_result(std::span<const std::uint8_t> result);
  // Returns why the caller cannot read a result, or nothing if it can.
  [[nodiscard]] std::optional<std::string> find_misfit(std::span<const std::uint8_t> result) const {
    return import_.check_result ? import_.check_result(result) : std::nullopt;
  }

 private:
  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  void keep_break(const abi::AbiError& error) override;
  void end(CallFailure* failure) override;
  Result<std::uint32_t, abi::AbiError> add_program_message();
  // Between the package and a component that provides the import.
  [[nodiscard]] PassedBuffers passed_buffers();
  Result<std::span<std::uint8_t>, engine::CallError> allocate_result(std::size_t size);
  std::optional<std::span<std::uint8_t>> pass_message(std::span<const std::uint8_t> message);
  void break_off_with(engine::CallError error);

  const PackageImport& import_;
  PackageBody& caller_;
  engine::CoreCaller& core_;
  std::span<const std::uint8_t> message_;
  GuestBytes room_;
  const runtime::ActiveCall::CallerStack stack_;
  std::optional<GuestBytes> result_;  // in the caller's memory
  bool is_passed_ = false;            // the result is a message of a callee that is a package
  abi::ValueArena arena_;
  std::optional<abi::From> params_;
  runtime::Transit transit_;  // the handles that a component gets
  std::optional<engine::CallError> broken_by_;
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::packr
