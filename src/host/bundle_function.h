// A function of a host bundle as a callee: native code behind the bundle's table or a C function.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "call/call.h"
#include "call/value_program.h"
#include "host/instance.h"
#include "runtime/domain.h"

namespace tenon::host {

struct BundleFunctionParts {
  std::shared_ptr<const call::FunctionShape> shape;
  FunctionType type;
  std::shared_ptr<HostInstance> instance;
  const NativeFunction* function = nullptr;
  // By the number of a handle in the result: the native resource; null: the instance does not make
  // it.
  std::vector<const NativeResource*> resources;
  std::string name;  // for people: "tenon:duckdb/sql@0.1.0#open"
};

class BundleFunction final : public call::Callee {
 public:
  // shared: of the composition that calls. It outlives the function.
  BundleFunction(BundleFunctionParts parts, runtime::Shared& shared);
  ~BundleFunction() override;

  // A trap of native code is a trap of the guest that calls: its unit is not named. A call that
  // took longer than its deadline fails when native code returns, which nothing can interrupt.
  void start(call::Call& call) override;

 private:
  // What a call needs, kept for the next. A function that is called again in a call of itself has
  // one for each.
  struct Scratch;
  // A number as native code has it.
  struct FlatNumber;

  void find_numbers();
  void start_flat(call::Call& call, std::span<const std::uint64_t> params, Scratch& scratch);
  void start_with_memory(call::Call& call, Scratch& scratch);
  void give(call::Call& call, const tenon_value& result, Scratch& scratch);
  // Ends a call that returned, or that did not return in time.
  void finish(call::Call& call, const Scratch& scratch) const;
  void fail(call::Call& call, const NativeEnd& end) const;
  [[nodiscard]] CallFailure trap(const std::string& why) const;
  [[nodiscard]] CallFailure overrun(const call::Call& call, std::string why) const;

  BundleFunctionParts parts_;
  call::ValueProgram values_;
  runtime::Shared& shared_;
  bool has_result_ = false;
  bool is_flat_ = false;             // it passes numbers alone, those that follow
  std::vector<FlatNumber> numbers_;  // parameters, then the result
  std::vector<std::unique_ptr<Scratch>> scratch_;
  std::size_t depth_ = 0;  // calls in progress
};

}  // namespace tenon::host
