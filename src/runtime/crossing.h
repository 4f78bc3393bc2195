// Handles that go from one composition to another and back.
//
// Each composition has a table of its own, whose tokens mean nothing in the other. What leaves the
// composition of its resource keeps its entry there, and is an entry of the other table too, whose
// object drops the first one when it ends. A handle that comes back has its first entry again.
//
//   shop (makes it)                   store (holds it)
//   token 4: counter, held Away  <--  token 0: ForeignResource{shop, 4}, held by a guest
//
// Of a resource that neither of the two makes, the object itself goes over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "abi/guest.h"
#include "runtime/domain.h"
#include "runtime/engine_guest.h"
#include "runtime/function_shape.h"
#include "runtime/handle_side.h"
#include "runtime/resource_table.h"

namespace tenon::runtime {

// The own handle of a resource in the composition that makes it, for who has it in another.
// Thread: any, for the destructor.
class ForeignResource final {
 public:
  // token: of `home`, which outlives it; held as Away.
  ForeignResource(Shared& home, abi::ResourceToken token) : home_(home), token_(token) {}
  ForeignResource(const ForeignResource&) = delete;
  ForeignResource& operator=(const ForeignResource&) = delete;
  // Drops it there, if it was not given back: now, or when who is in that composition leaves.
  ~ForeignResource();

  // Nothing: it was given back.
  [[nodiscard]] std::optional<abi::ResourceToken> token() const { return token_; }
  // From here the entry is its composition's again. Entries share it as what they do not change.
  void give_back() const { token_.reset(); }

 private:
  Shared& home_;
  mutable std::optional<abi::ResourceToken> token_;
};

// One call from a composition into another: what its handles are on either side.
//
// Thread: one that is in both compositions, but for construction and destruction.
class Crossing final {
 public:
  // shape: as the caller's composition has it; kinds: the same in the callee's. transit: of the
  // caller's. Lifetime: refers to all of them.
  Crossing(const FunctionShape& shape, const HandleKinds& kinds, Shared& here, Shared& there,
           Transit& transit)
      : shape_(shape),
        kinds_(kinds),
        here_(here),
        there_(there),
        transit_(transit),
        transit_there_(there) {}
  Crossing(const Crossing&) = delete;
  Crossing& operator=(const Crossing&) = delete;

  [[nodiscard]] const HandleKinds& kinds() const { return kinds_; }
  [[nodiscard]] Transit& transit_there() { return transit_there_; }

  // A param that the caller gave, for the callee. Of an own one that fails later, the callee's
  // transit drops it. Errors: of kind Guest.
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> bring(abi::HandlePart part,
                                                                abi::ResourceToken token);
  // The own handle of a result that the callee gave, for the caller.
  [[nodiscard]] abi::ResourceToken fetch(abi::HandlePart part, abi::ResourceToken token);

  // Drops what the callee did not take. To be called when the call has ended, before its
  // composition is left.
  void end() { transit_there_.finish(); }

 private:
  const FunctionShape& shape_;
  const HandleKinds& kinds_;
  Shared& here_;   // the caller's
  Shared& there_;  // the callee's
  Transit& transit_;
  Transit transit_there_;
};

// The callee of such a call: its handles are given and taken as those of the caller's composition.
class ForeignGuest final : public abi::Guest {
 public:
  // Lifetime: refers to both.
  ForeignGuest(Crossing& crossing, EngineGuest& guest) : crossing_(crossing), guest_(guest) {}
  ForeignGuest(const ForeignGuest&) = delete;
  ForeignGuest& operator=(const ForeignGuest&) = delete;
  ~ForeignGuest() override = default;

  [[nodiscard]] std::span<std::uint8_t> memory() override { return guest_.memory(); }
  [[nodiscard]] abi::Encoding encoding() const override { return guest_.encoding(); }
  [[nodiscard]] Result<std::uint32_t, abi::AbiError> reallocate(std::uint32_t old,
                                                                std::uint32_t old_size,
                                                                std::uint32_t align,
                                                                std::uint32_t new_size) override {
    return guest_.reallocate(old, old_size, align, new_size);
  }
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift_handle(
      abi::HandlePart part, std::uint32_t handle) override;
  [[nodiscard]] Result<void, abi::AbiError> lower_handle(abi::HandlePart part,
                                                         abi::ResourceToken resource,
                                                         abi::HandlePlace place) override;
  [[nodiscard]] std::uint64_t copy_limit() const override { return guest_.copy_limit(); }

 private:
  Crossing& crossing_;
  EngineGuest& guest_;
};

}  // namespace tenon::runtime
