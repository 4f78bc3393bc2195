// A function that a domain's component exports: the callee of every call into a component.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call/call.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"

namespace tenon::runtime {

class ExportedFunction final : public call::Callee {
 public:
  // unit: the one that exports it. name: for people, such as "acme:tax/lib@1.0.0#rate". path: names
  // of exported instances, then the function's own.
  ExportedFunction(Domain& domain, std::shared_ptr<const call::FunctionShape> shape,
                   std::string unit, std::string name, std::vector<std::string> path);

  // The caller's thread enters the domain's store; values are copied from the caller's memory to
  // the guest's, or to and from an arena. A call of numbers allocates nothing and touches no memory.
  // Failures: as CallFailure says; a domain that runs already is not entered again.
  void start(call::Call& call) override;

  [[nodiscard]] Domain& domain() const { return domain_; }
  [[nodiscard]] const call::FunctionShape& shape() const { return *shape_; }
  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  // Passes values between the caller and the guest (exported_function.cc).
  class Transfer;

  // False: a parameter is not the number that its type says, and nothing was called.
  [[nodiscard]] bool start_with_numbers(call::Call& call);
  void start_with_values(call::Call& call);

  // Whether the domain can be entered, and the function is found in its present life.
  [[nodiscard]] bool is_prepared() const { return life_ == domain_.life() && domain_.is_ready(); }
  [[nodiscard, gnu::cold]] CallResult<void> prepare();
  template <class RawCall>
  [[nodiscard]] CallResult<void> enter(RawCall& raw_call, call::Call& call);
  // How a call ended that its caller broke off before the guest was entered.
  [[nodiscard, gnu::cold]] CallFailure broken_off() const;
  [[nodiscard, gnu::cold]] CallFailure explain(const engine::Failure& failure, Entered entered);
  // The guest returned what its type does not allow, and ends.
  [[nodiscard, gnu::cold]] CallFailure refuse_result(std::string message);

  Domain& domain_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::string unit_;
  std::string name_;
  std::vector<std::string> path_;
  std::uint64_t life_ = 0;  // of the domain in which `function_` was found
  std::optional<engine::RawFunction> function_;
};

}  // namespace tenon::runtime
