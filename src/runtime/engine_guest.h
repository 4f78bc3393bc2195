// A guest of the engine as a side of a call.
#pragma once

#include <cstdint>
#include <span>

#include "abi/guest.h"
#include "abi/layout.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"
#include "runtime/handle_side.h"
#include "runtime/resource_table.h"
#include "runtime/small_vector.h"

namespace tenon::runtime {

// The flat values of a function as the engine counts them.
[[nodiscard]] engine::FlatCounts flat_counts(const abi::FunctionLayout& layout);

// Resources by the number of their handle, of a function's params or of its result.
using ResourceKinds = std::span<const ResourceKind* const>;

// Handles that are lowered are put in their places by `put_handles`, so that a copy that fails half
// way leaves none behind: until then they belong to who gives them.
class EngineGuest final : public abi::Guest {
 public:
  // lifted, lowered: of the handles that this side gives and takes; empty: it does not.
  EngineGuest(Domain& domain, engine::GuestSide& side, ResourceKinds lifted, ResourceKinds lowered,
              Transit& transit)
      : side_(side), lifted_(lifted), lowered_(lowered), handles_(domain, side, transit) {}
  EngineGuest(const EngineGuest&) = delete;
  EngineGuest& operator=(const EngineGuest&) = delete;
  ~EngineGuest() override = default;

  [[nodiscard]] std::span<std::uint8_t> memory() override { return side_.memory(); }
  [[nodiscard]] abi::Encoding encoding() const override;
  [[nodiscard]] Result<std::uint32_t, abi::AbiError> reallocate(std::uint32_t old,
                                                                std::uint32_t old_size,
                                                                std::uint32_t align,
                                                                std::uint32_t new_size) override;
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift_handle(
      abi::HandlePart part, std::uint32_t handle) override;
  [[nodiscard]] Result<void, abi::AbiError> lower_handle(abi::HandlePart part,
                                                         abi::ResourceToken resource,
                                                         abi::HandlePlace place) override;

  // Gives this side the handles that were lowered, when it has all else.
  [[nodiscard]] Result<void, abi::AbiError> put_handles() {
    if (waiting_.empty()) return {};
    return put_waiting();
  }
  // Another result replaces the one that was copied: its handles are not given.
  void forget_handles() { waiting_.clear(); }
  // For a second copy of the same values: the handles that are lifted already are not again.
  void skip_lifted() { skipped_ = lifted_count_; }

  // Whether a function of this side failed.
  [[nodiscard]] bool has_failed() const { return handles_.has_failed(); }
  // For a callback to return: the side's own failure, or `error`.
  [[nodiscard]] engine::CallError take_error(const abi::AbiError& error) {
    return handles_.take_error(error);
  }

 private:
  [[nodiscard]] Result<void, abi::AbiError> put_waiting();

  engine::GuestSide& side_;
  ResourceKinds lifted_;
  ResourceKinds lowered_;
  HandleSide handles_;
  SmallVector<LoweredHandle> waiting_;  // to be put in their places
  std::uint32_t lifted_count_ = 0;
  std::uint32_t skipped_ = 0;  // handles that are still to be skipped
};

}  // namespace tenon::runtime
