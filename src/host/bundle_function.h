// A function of a host bundle as a callee: converts the arguments, calls the native function and
// checks its result.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "call/call.h"
#include "host/instance.h"
#include "host/native_values.h"
#include "runtime/domain.h"

namespace tenon::host {

struct BundleFunctionParts {
  std::shared_ptr<const call::FunctionShape> shape;
  std::shared_ptr<HostInstance> instance;
  const NativeFunction* function = nullptr;
  std::string name;  // for messages: "tenon:duckdb/sql@0.1.0#open"
};

class BundleFunction final : public call::Callee {
 public:
  // shared: that of the calling composition; outlives the function.
  BundleFunction(BundleFunctionParts parts, runtime::Shared& shared);
  ~BundleFunction() override;

  // A trap of native code is a trap of the guest that calls: its unit is not named. A call that
  // took longer than its deadline fails when native code returns, which nothing can interrupt.
  void start(call::Call& call) override;

 private:
  // The memory of a call, kept for the next one. Recursive calls have one each.
  struct Scratch;
  class DeferredCall;

  [[nodiscard]] const abi::FunctionLayout& layout() const { return parts_.shape->program.layout(); }
  void find_numbers();
  // On a stack with room for native code.
  void start_here(call::Call& call);
  void start_flat(call::Call& call, std::span<const std::uint64_t> params, Scratch& scratch);
  void start_with_memory(call::Call& call, Scratch& scratch);
  void give(call::Call& call, const tenon_value& result, Scratch& scratch);
  // Ends a call that returned; it fails if it took longer than its deadline.
  void finish(call::Call& call, const Scratch& scratch) const;
  void fail(call::Call& call, const NativeEnd& end, Scratch& scratch);
  // Lets native code end a call later.
  void defer(call::Call& call, Scratch& scratch);
  // Drops the answer of a deferred call that nobody waits for.
  void cancel(Completion& completion);
  [[nodiscard]] CallFailure trap(const std::string& why) const;
  [[nodiscard]] CallFailure overrun(const call::Call& call, std::string why) const;

  BundleFunctionParts parts_;
  runtime::Shared& shared_;
  bool has_result_ = false;
  bool is_flat_ = false;             // all values are numbers, see `numbers_`
  std::vector<FlatNumber> numbers_;  // parameters, then the result
  std::vector<std::unique_ptr<Scratch>> scratch_;
  std::size_t depth_ = 0;  // calls in progress
};

}  // namespace tenon::host
