// A call that a package makes of one of its imports.
//
// The package's values are a message in its memory. A callee that is a package too takes the
// message as it is; for any other callee the message is read into an arena by the callee's types,
// and the result is written as a message again.
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
#include "packr/graph_codec.h"
#include "tenon/result.h"

namespace tenon::packr {

class PackageBody;

// Checks a message that a package gives. Why the package that gets it cannot take it; nothing: it
// can.
using CheckMessage = std::function<std::optional<std::string>(std::span<const std::uint8_t>)>;

// An import of a package, and the function that meets it.
struct PackageImport {
  std::string module;
  std::string field;
  // Null: nothing meets it, and a call traps.
  std::unique_ptr<call::Callee> callee = {};
  // Of the callee if that is not a package.
  std::shared_ptr<const call::FunctionShape> shape = {};
  // For a shape in canonical form.
  std::shared_ptr<const GraphCodec> codec = {};
  // Of results that another package gives and whose type allows more than this import's; null: all
  // fit. A package that cannot read the result of its import may hang, so it does not get it.
  CheckMessage check_result = {};
};

// Lives in the call, on its thread.
class ImportCall final : public call::Call {
 public:
  // The two words of the package's memory that get address and size of the result.
  struct Slots {
    std::uint32_t address = 0;
    std::uint32_t size = 0;
  };
  // message: in the package's memory.
  ImportCall(const PackageImport& import, PackageBody& caller, engine::CoreCaller& core,
             std::span<const std::uint8_t> message, Slots slots);

  // The call, if a package makes it; else null.
  [[nodiscard]] static ImportCall* find(call::Call& call);

  // When the call has ended, for the package's function to return.
  [[nodiscard]] Result<void, engine::CallError> take_outcome();

  [[nodiscard]] const abi::From* params() override;
  [[nodiscard]] std::optional<abi::From> passed_result() override;

  // For a callee that is a package.

  [[nodiscard]] PackageBody& caller() { return caller_; }
  // What the caller passed, where it lies in its memory. Lifetime: until the caller runs.
  [[nodiscard]] std::span<const std::uint8_t> message() const { return message_; }
  // Room in the caller's memory for a result, which has to be filled. Nothing: the caller has no
  // room, and is broken off. Lifetime: as `message`.
  [[nodiscard]] std::optional<std::span<std::uint8_t>> make_room(std::size_t size);
  // Why the caller could not read a result.
  [[nodiscard]] std::optional<std::string> find_misfit(std::span<const std::uint8_t> result) const {
    return import_.check_result ? import_.check_result(result) : std::nullopt;
  }

 private:
  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  void keep_break(const abi::AbiError& error) override;
  void end(CallResult<void> outcome) override;
  Result<std::span<std::uint8_t>, engine::CallError> give(std::size_t size);
  void give_message(std::span<const std::uint8_t> message);
  void break_off_by(engine::CallError error);

  const PackageImport& import_;
  PackageBody& caller_;
  engine::CoreCaller& core_;
  std::span<const std::uint8_t> message_;
  Slots slots_;
  std::uint32_t given_at_ = 0;  // the result, as the caller has it
  std::uint32_t given_bytes_ = 0;
  bool is_given_ = false;
  bool is_passed_ = false;  // as a message, by a callee that is a package
  abi::ValueArena arena_;
  std::optional<abi::From> params_;
  std::optional<engine::CallError> broken_by_;
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::packr
