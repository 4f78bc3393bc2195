// A guest of the engine as one side of a copy (abi::Guest): its memory, its allocator and its
// handles.
//
// Memory and allocator are the engine's. Handles need more: an own handle that is lifted becomes
// the call's (Transit), and a handle that is lowered is only noted until `put_handles`. So a copy
// that fails half way has given no handle to this side: the handles that were lifted for it are
// dropped with the call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "abi/guest.h"
#include "abi/layout.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "runtime/small_vector.h"

namespace tenon::runtime {

// The number of flat values of a function, as the engine needs it.
[[nodiscard]] engine::FlatCounts flat_counts(const abi::FunctionLayout& layout);

// The resources of a function's parameters or of its result, by the number of the handle.
using ResourceKinds = std::span<const ResourceKind* const>;

class EngineGuest final : public abi::Guest {
 public:
  // lifted, lowered: the resources of the handles that leave and enter this side; empty if none do.
  EngineGuest(Domain& domain, engine::GuestSide& side, ResourceKinds lifted, ResourceKinds lowered,
              Transit& transit)
      : domain_(domain), side_(side), lifted_(lifted), lowered_(lowered), transit_(transit) {}
  EngineGuest(const EngineGuest&) = delete;
  EngineGuest& operator=(const EngineGuest&) = delete;
  ~EngineGuest() override = default;

  [[nodiscard]] std::span<std::uint8_t> memory() override { return side_.memory(); }
  [[nodiscard]] abi::Encoding encoding() const override;
  [[nodiscard]] Result<std::uint32_t, abi::AbiError> reallocate(std::uint32_t old,
                                                                std::uint32_t old_size,
                                                                std::uint32_t align,
                                                                std::uint32_t new_size) override;
  // Takes an own handle from the guest, or borrows it for the call.
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift_handle(
      abi::HandlePart part, std::uint32_t handle) override;
  // Checks that the guest can receive the handle, and notes it for `put_handles`.
  [[nodiscard]] Result<void, abi::AbiError> lower_handle(abi::HandlePart part,
                                                         abi::ResourceToken resource,
                                                         abi::HandlePlace place) override;

  // Gives this side the handles that were lowered. Call it when everything else has been copied.
  [[nodiscard]] Result<void, abi::AbiError> put_handles() {
    if (lowered_handles_.empty()) return {};
    return put_lowered_handles();
  }
  // Forgets the handles that were lowered, because another result replaces the copied one.
  void forget_handles() { lowered_handles_.clear(); }
  // Makes the next copy of the same values skip the handles that were lifted already.
  void skip_lifted() { skipped_ = lifted_count_; }

  // Whether a function of this side failed.
  [[nodiscard]] bool has_failed() const { return error_.has_value(); }
  // What a callback of the engine returns: the failure of this side if there is one, or `error`.
  [[nodiscard]] engine::CallError take_error(const abi::AbiError& error);

 private:
  struct LoweredHandle {
    abi::HandlePart part;
    abi::ResourceToken resource;
    engine::HandlePlace place;
  };

  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift(const ResourceKind& kind,
                                                               abi::HandlePart part,
                                                               std::uint32_t handle);
  // Takes a resource of WASI from the guest, or shares it.
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift_wasi(const ResourceKind& kind,
                                                                    abi::HandlePart part,
                                                                    std::uint32_t handle);
  // Takes a stream or future from the guest.
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift_stream(const StreamKind& kind,
                                                                      abi::HandlePart part,
                                                                      std::uint32_t handle);
  [[nodiscard]] Result<void, abi::AbiError> check_lowered(const ResourceKind& kind,
                                                          abi::HandlePart part,
                                                          abi::ResourceToken resource) const;
  [[nodiscard]] Result<void, abi::AbiError> put_lowered_handles();
  [[nodiscard]] Result<void, abi::AbiError> put(const ResourceKind& kind,
                                                const LoweredHandle& handle);
  [[nodiscard]] Result<void, abi::AbiError> put_wasi(const ResourceKind& kind,
                                                     const LoweredHandle& handle);
  // Remembers the failure of a function of this side, for `take_error`.
  abi::AbiError keep(engine::CallError error);

  Domain& domain_;
  engine::GuestSide& side_;
  ResourceKinds lifted_;
  ResourceKinds lowered_;
  Transit& transit_;
  std::optional<engine::CallError> error_;
  SmallVector<LoweredHandle> lowered_handles_;
  std::uint32_t lifted_count_ = 0;
  std::uint32_t skipped_ = 0;  // lifted handles that the next copy still has to skip
};

}  // namespace tenon::runtime
