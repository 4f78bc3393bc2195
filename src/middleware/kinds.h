// The kinds of middleware, each made by one function. Only middleware.cc calls them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "middleware/middleware.h"
#include "tenon/middleware.h"
#include "tenon/result.h"

namespace tenon::middleware {

using MiddlewarePtr = std::unique_ptr<Middleware>;

[[nodiscard]] Result<MiddlewarePtr> make_log(const tenon::Middleware& settings, Report report);
[[nodiscard]] MiddlewarePtr make_limit(const std::string& name, const tenon::Middleware& settings);
[[nodiscard]] MiddlewarePtr make_cache(const tenon::Middleware& settings);
[[nodiscard]] Result<MiddlewarePtr> make_record(const std::string& name,
                                                const tenon::Middleware& settings, Report report);
[[nodiscard]] Result<MiddlewarePtr> make_mock(const std::string& name,
                                              const tenon::Middleware& settings);
[[nodiscard]] Result<MiddlewarePtr> make_replay(const std::string& name,
                                                const tenon::Middleware& settings, Report report);

// A call that is not made. function: as Edge::function.
[[nodiscard]] CallFailure make_refusal(const std::string& function, std::string why);

// For functions without handles in their types.
class NoHandles final : public call::HandleExchange {
 public:
  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override;
  ValueHandle take(abi::ResourceToken /*token*/, abi::HandlePart /*part*/) override { return {}; }
};

// Starts a callee with a hook, which lives as long as the call needs it.
template <class Hook, class... Arguments>
void start_with_hook(call::Call& call, call::Callee& callee, Arguments&&... arguments) {
  if (call.ends_later()) {
    call.add_hook(std::make_unique<Hook>(call, std::forward<Arguments>(arguments)...));
    callee.start(call);
    return;
  }
  Hook hook(call, std::forward<Arguments>(arguments)...);
  call.add_hook(hook);
  callee.start(call);
}

}  // namespace tenon::middleware
