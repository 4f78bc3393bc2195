// What the imports of a package are met by, and one call of an import.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/core_call.h"
#include "tenon/call_failure.h"
#include "tenon/result.h"

namespace tenon::packr {

class PackageBody;

// A call of an import, under way. Lives in that call, on its thread.
class ImportCall final {
 public:
  // The two words that get address and size of the result.
  struct Slots {
    std::uint32_t address = 0;
    std::uint32_t size = 0;
  };
  ImportCall(PackageBody& caller, engine::CoreCaller& core, std::span<const std::uint8_t> params,
             Slots slots)
      : caller_(caller), core_(core), params_(params), slots_(slots) {}
  ImportCall(const ImportCall&) = delete;
  ImportCall& operator=(const ImportCall&) = delete;

  // What the caller passed, as it lies in its memory. Lifetime: until the caller runs.
  [[nodiscard]] std::span<const std::uint8_t> params() const { return params_; }
  [[nodiscard]] PackageBody& caller() { return caller_; }

  // The result: room for it in the caller's memory, which is to be filled.
  // Errors: the caller has no room, or traps: to be returned.
  [[nodiscard]] Result<std::span<std::uint8_t>, engine::CallError> give(std::size_t size);
  // What was given last, as it lies there. Lifetime: until the caller runs.
  [[nodiscard]] std::span<const std::uint8_t> given() const;

 private:
  PackageBody& caller_;
  engine::CoreCaller& core_;
  std::span<const std::uint8_t> params_;
  Slots slots_;
  std::uint32_t given_at_ = 0;
  std::uint32_t given_bytes_ = 0;
};

// Why a call of an import has no result: one of both.
struct ImportFailure {
  std::optional<engine::CallError> of_caller;  // what the caller did wrong, which ends it
  std::optional<CallFailure> of_provider;

  ImportFailure(engine::CallError error) : of_caller(std::move(error)) {}
  ImportFailure(CallFailure failure) : of_provider(std::move(failure)) {}
};

// Thread: that of the composition.
class PackageImport {
 public:
  virtual ~PackageImport() = default;
  // Gives a result by `ImportCall::give`.
  [[nodiscard]] virtual Result<void, ImportFailure> call(ImportCall& call) = 0;
};

}  // namespace tenon::packr
