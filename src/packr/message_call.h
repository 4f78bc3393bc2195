// Calls of packages by the program with encoded values.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "call/call.h"
#include "packr/import_call.h"
#include "support/check.h"

namespace tenon::packr {

// REQUIRES: the callee is a PackageFunction
class MessageCall final : public call::Call {
 public:
  // message: the parameters, which are checked. result: gets the result, if `check` accepts it.
  // bounds: can be null. Lifetime: refers to all arguments.
  MessageCall(const call::FunctionShape& shape, std::span<const std::uint8_t> message,
              std::vector<std::uint8_t>& result, const CheckMessage& check,
              const call::Bounds* bounds)
      : Call(shape, {}, {}, bounds), message_(message), result_(result), check_(check) {}

  // Returns `call` if it is one, otherwise null.
  [[nodiscard]] static MessageCall* find(call::Call& call);

  [[nodiscard]] std::span<const std::uint8_t> message() const { return message_; }
  // Keeps the result. Returns why it does not have its type, or nothing if it does.
  [[nodiscard]] std::optional<std::string> take(std::span<const std::uint8_t> result) const {
    std::optional<std::string> misfit = check_(result);
    if (!misfit) result_.assign(result.begin(), result.end());
    return misfit;
  }
  // REQUIRES: the call has ended
  [[nodiscard]] CallResult<void> take_outcome() {
    if (failure_) return *std::move(failure_);
    return {};
  }

  [[nodiscard]] const abi::From* params() override { return nullptr; }

 private:
  Result<void, abi::AbiError> take_result(const abi::From& /*result*/) override {
    TENON_CHECK(false);
    return {};
  }
  void keep_break(const abi::AbiError& /*error*/) override { TENON_CHECK(false); }
  void end(CallFailure* failure) override {
    if (failure != nullptr) failure_.emplace(std::move(*failure));
  }

  std::span<const std::uint8_t> message_;
  std::vector<std::uint8_t>& result_;
  const CheckMessage& check_;
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::packr
