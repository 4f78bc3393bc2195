// A function that a domain's component exports: the callee of every call into a component.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call/call.h"
#include "engine/event_loop.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"

namespace tenon::runtime {

// The names of an exported function. Its calls share them.
struct ExportNames {
  std::string unit;               // that exports it
  std::string name;               // for messages, such as "acme:tax/lib@1.0.0#rate"
  std::vector<std::string> path;  // the names of the exported instances around it, then its own
};

class ExportedFunction final : public call::Callee {
 public:
  ExportedFunction(Domain& domain, std::shared_ptr<const call::FunctionShape> shape,
                   std::shared_ptr<const ExportNames> names);
  ExportedFunction(Domain& domain, std::shared_ptr<const call::FunctionShape> shape,
                   ExportNames names)
      : ExportedFunction(domain, std::move(shape),
                         std::make_shared<const ExportNames>(std::move(names))) {}

  // Enters the domain's store on the caller's thread. Values are copied directly between the
  // caller's memory, or its arena, and the guest's. A call of numbers allocates nothing and
  // accesses no guest memory. In a concurrent domain the call runs on the domain's event loop, with
  // the values in arenas in between. Failures: those of CallFailure; Reentrance if the domain is
  // running and the caller waits on its stack.
  void start(call::Call& call) override;
  // The function in the current life of a concurrent domain, which begins one if necessary.
  // Failures: as of a call.
  [[nodiscard]] CallResult<std::shared_ptr<const engine::LoopFunction>> find_on_loop();
  // The same as `start` within this call, also if the domain computes.
  // REQUIRES: the domain is not concurrent
  void start_now(call::Call& call);

  [[nodiscard]] Domain& domain() const { return domain_; }
  [[nodiscard]] const call::FunctionShape& shape() const { return *shape_; }
  [[nodiscard]] const std::string& unit() const { return names_->unit; }
  [[nodiscard]] const std::string& name() const { return names_->name; }

 private:
  // Passes values between the caller and the guest (exported_function.cc).
  class Transfer;

  // Returns false, without a call, if a parameter is not a valid number of its type.
  [[nodiscard]] bool start_with_numbers(call::Call& call);
  void start_with_values(call::Call& call);
  void start_on_loop(call::Call& call);
  // Makes the domain ready, unless it takes the call later.
  [[nodiscard]] CallResult<void> prepare_domain(const call::Call& call);
  // `loop_function_`, of the current life. REQUIRES: the domain is alive
  [[nodiscard]] CallResult<std::shared_ptr<const engine::LoopFunction>> find_in_life();

  // Whether the domain can be entered and `function_` belongs to its current life.
  [[nodiscard]] bool is_prepared() const { return life_ == domain_.life() && domain_.is_ready(); }
  [[nodiscard, gnu::cold]] CallResult<void> prepare();
  template <class RawCall>
  [[nodiscard]] CallResult<void> enter(RawCall& raw_call, call::Call& call);
  [[nodiscard, gnu::cold]] CallFailure explain(const engine::Failure& failure, Entered entered);
  // Ends the domain, because its guest returned a result that does not fit its type.
  [[nodiscard, gnu::cold]] CallFailure refuse_result(std::string message);

  Domain& domain_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const ExportNames> names_;
  std::uint64_t life_ = 0;  // the life that the function belongs to
  std::optional<engine::RawFunction> function_;
  std::shared_ptr<const engine::LoopFunction> loop_function_;  // in a concurrent domain
};

}  // namespace tenon::runtime
