// A callee with another version of a function's types, for `adapt = true` on a wire.
#pragma once

#include <memory>

#include "call/call.h"
#include "middleware/middleware.h"
#include "runtime/domain.h"

namespace tenon::middleware {

// Converts the values of calls from the types of `consumer` to those of `provider`, and the results back.
class AdaptedCallee final : public call::Callee {
 public:
  // consumer, provider: the same function with the types of each side, which types::adapt_function
  // accepts. callee: has the types of `provider`. Lifetime: refers to `shared`.
  AdaptedCallee(Edge consumer, Edge provider, runtime::Shared& shared,
                std::unique_ptr<call::Callee> callee);

  // The call ends before it returns.
  void start(call::Call& call) override;

 private:
  Edge consumer_;
  Edge provider_;
  runtime::Shared& shared_;
  std::unique_ptr<call::Callee> callee_;
};

}  // namespace tenon::middleware
