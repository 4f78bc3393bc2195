// Functions of the C++ program, added with `add_host_function`, as callees.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "call/call.h"
#include "call/value_form.h"
#include "packr/encoded_values.h"
#include "packr/graph_codec.h"
#include "packr/import_call.h"
#include "runtime/domain.h"
#include "tenon/host.h"

namespace tenon::program {

// "$.x: expected s64, found bool": the first of the problems with a value. REQUIRES: not empty
[[nodiscard]] std::string describe_first(const Diagnostics& problems);

class ProgramFunction final : public call::Callee {
 public:
  // values: for a function that takes `Value`s; null for one with C++ types. name: for messages,
  // such as "acme:log/log@1.0.0#write". running: the composition whose domains call it.
  ProgramFunction(HostFunction function, std::shared_ptr<const call::FunctionShape> shape,
                  std::shared_ptr<const call::ValueForm> values,
                  const std::weak_ptr<runtime::Owner>& owner, runtime::Shared& shared,
                  std::string name, Caller caller);
  ~ProgramFunction() override;

  // A failure is a trap of the calling guest, so the failure does not name its unit.
  void start(call::Call& call) override;

 private:
  class TaskCall;

  // The arena of one call, kept for the next one. Recursive calls through guests have one each.
  struct Scratch;

  // For numbers. False if the parameters are not flat, or invalid: then they go by an arena.
  [[nodiscard]] bool start_flat(call::Call& call);
  void start_with_arena(call::Call& call);
  void start_typed(call::Call& call, Scratch& scratch);
  // For a function that returns a task.
  void start_task(call::Call& call);
  void start_with_values(call::Call& call, Scratch& scratch);
  void refuse_params(call::Call& call, const Diagnostics& problems) const;
  void give_flat(call::Call& call, std::span<const std::uint64_t> result) const;
  void give(call::Call& call, const abi::From& result) const;
  [[nodiscard]] CallFailure trap(const std::string& why) const;

  HostFunction function_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const call::ValueForm> values_;
  std::weak_ptr<runtime::Owner> owner_;
  runtime::Shared& shared_;
  std::string name_;
  Caller caller_;
  bool is_flat_ = false;  // no parameter and no result is in memory
  std::vector<std::unique_ptr<Scratch>> scratch_;
  std::size_t depth_ = 0;  // calls in progress
};

// A RawFunction, which takes and returns encoded values.
class RawProgramFunction final : public call::Callee {
 public:
  // name: for messages. messages: the types of the import if the caller is a package. codec: for the
  // values of a component; one of the two is null.
  struct Parts {
    std::shared_ptr<const RawFunction::Call> call;
    std::string name;
    Caller caller;
    std::shared_ptr<const packr::EncodedValues> messages = {};
    std::shared_ptr<const packr::GraphCodec> codec = {};
  };
  explicit RawProgramFunction(Parts parts) : parts_(std::move(parts)) {}

  // Failures are those of a ProgramFunction.
  void start(call::Call& call) override;

 private:
  void start_with_message(packr::ImportCall& call) const;
  void start_with_values(call::Call& call) const;
  [[nodiscard]] HostResult<RawBytes> run(std::span<const std::uint8_t> params) const;

  Parts parts_;
};

}  // namespace tenon::program
