// A function that a package exports: the callee of every call into a package.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "call/call.h"
#include "packr/graph_codec.h"
#include "packr/import_call.h"
#include "packr/package_body.h"
#include "runtime/domain.h"

namespace tenon::packr {

class PackageFunction final : public call::Callee {
 public:
  // domain: that runs the package. name: for people. codec: for calls with values in canonical
  // form; null: all calls pass messages.
  PackageFunction(runtime::Domain& domain, std::string unit, std::string name,
                  std::shared_ptr<const GraphCodec> codec = {});
  ~PackageFunction() override;

  // Failures: as CallFailure says; GuestError with the text that the package gave instead of a
  // result.
  void start(call::Call& call) override;

  [[nodiscard]] runtime::Domain& domain() const { return domain_; }
  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  class Entry;
  // Takes the result of a call where it lies in the package's memory.
  class ResultSink;
  class ArenaSink;
  class CallerSink;
  // What a call in canonical form needs, kept for the next.
  struct Scratch;

  void start_with_message(ImportCall& call);
  void start_with_values(call::Call& call);
  // The message of a call's parameters. Nothing: the call has been ended.
  std::optional<std::span<const std::uint8_t>> write_params(call::Call& call, Scratch& scratch);
  // caller: the handles to buffers in the message are those of this package; null: there are none.
  CallResult<void> enter(std::span<const std::uint8_t> message, PackageBody* caller,
                         ResultSink& sink, const call::Bounds* bounds);
  // The package returned what its type does not allow, and ends.
  [[nodiscard]] CallFailure refuse_result(std::string message);

  runtime::Domain& domain_;
  std::string unit_;
  std::string name_;
  std::shared_ptr<const GraphCodec> codec_;
  std::uint64_t life_ = 0;  // of the domain in which `function_` was found
  std::optional<engine::CoreFunction> function_;
  std::vector<std::unique_ptr<Scratch>> scratch_;
  std::size_t depth_ = 0;  // calls in progress
};

}  // namespace tenon::packr
