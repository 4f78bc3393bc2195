// For values of functions that pass no handles.
#pragma once

#include "support/check.h"
#include "value/arena_value.h"

namespace tenon::linker {

class NoHandles final : public value::HandleExchange {
 public:
  Result<abi::ResourceToken> give(const ValueHandle& /*handle*/,
                                  abi::HandlePart /*part*/) override {
    TENON_CHECK(false);
    return abi::ResourceToken();
  }
  ValueHandle take(abi::ResourceToken /*token*/, abi::HandlePart /*part*/,
                   const std::string& /*resource*/) override {
    TENON_CHECK(false);
    return {};
  }
};

}  // namespace tenon::linker
