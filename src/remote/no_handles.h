// The handles of calls that pass none.
#pragma once

#include "remote/wire_values.h"

namespace tenon::remote {

class NoHandles final : public WireHandles {
 public:
  Result<Bytes, abi::AbiError> give(abi::HandlePart, abi::ResourceToken) override { return none(); }
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart,
                                                 std::span<const std::uint8_t>) override {
    return none();
  }
  Result<void, abi::AbiError> send(abi::HandlePart, abi::ResourceToken, const IndexPath&) override {
    return none();
  }
  Result<Received, abi::AbiError> receive(abi::HandlePart, const IndexPath&) override {
    return none();
  }

 private:
  static abi::AbiError none() {
    return {abi::AbiErrorKind::Guest,
            "resources, streams and futures cannot pass to a remote unit"};
  }
};

}  // namespace tenon::remote
