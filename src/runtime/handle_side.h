// How handles leave a guest, and how they come into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "abi/guest.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "runtime/small_vector.h"

namespace tenon::runtime {

// The own handles that a call took from one side and has not given to the other.
class Transit final {
 public:
  explicit Transit(Shared& shared) : shared_(shared) {}
  Transit(const Transit&) = delete;
  Transit& operator=(const Transit&) = delete;
  ~Transit() {
    if (!taken_.empty()) finish();
  }

  void add(abi::ResourceToken token) { taken_.push_back(token); }
  // What is left is the program's.
  void give_to_program();
  // Nothing is left.
  void forget() { taken_.clear(); }
  // Drops what is left.
  void finish();

 private:
  Shared& shared_;
  SmallVector<abi::ResourceToken> taken_;
};

// Errors: of kind Guest, all of them.
class HandleSide final {
 public:
  HandleSide(Domain& domain, engine::GuestSide& side, Transit& transit)
      : domain_(domain), side_(side), transit_(transit) {}
  HandleSide(const HandleSide&) = delete;
  HandleSide& operator=(const HandleSide&) = delete;

  // Takes an own handle from the guest, or lends a borrowed one for the call.
  [[nodiscard]] Result<abi::ResourceToken, abi::AbiError> lift(const ResourceKind& kind,
                                                               abi::HandlePart part,
                                                               std::uint32_t handle);
  // Whether any guest can be given a handle.
  [[nodiscard]] Result<void, abi::AbiError> check(const ResourceKind& kind, abi::HandlePart part,
                                                  abi::ResourceToken resource) const;
  // Gives the guest a handle that was checked. The table of resources says so from then on.
  [[nodiscard]] Result<void, abi::AbiError> put(const ResourceKind& kind,
                                                const LoweredHandle& handle);

  // Remembers what a function of the side failed with.
  abi::AbiError keep(engine::CallError error);
  [[nodiscard]] bool has_failed() const { return error_.has_value(); }
  // For a callback to return: the side's own failure, or `error`.
  [[nodiscard]] engine::CallError take_error(const abi::AbiError& error);

 private:
  Domain& domain_;
  engine::GuestSide& side_;
  Transit& transit_;
  std::optional<engine::CallError> error_;
};

// "in `items[3].price`: ..."
[[nodiscard]] std::string describe(const abi::AbiError& error);

}  // namespace tenon::runtime
