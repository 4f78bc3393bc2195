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
#include "packr/message_call.h"
#include "packr/message_form.h"
#include "packr/package_body.h"
#include "runtime/domain.h"

namespace tenon::packr {

class PackageFunction final : public call::Callee {
 public:
  // domain: runs the package. name: for messages. codec: for calls with values in canonical form;
  // null if all calls pass messages. form: in which the package reads the parameters. field: the name
  // in the module, where `name` is not what the package's composition calls it; empty: it is.
  PackageFunction(runtime::Domain& domain, std::string unit, std::string name,
                  std::shared_ptr<const GraphCodec> codec, std::unique_ptr<const MessageForm> form,
                  std::string field = {}, BufferTable* program_buffers = nullptr);
  ~PackageFunction() override;

  // Failures: those of CallFailure; GuestError with the text that the package returned instead of a
  // result.
  void start(call::Call& call) override;

  [[nodiscard]] runtime::Domain& domain() const { return domain_; }
  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  class StoreCall;
  // Copies the result of a call out of the package's memory.
  class ResultSink;
  class ArenaSink;
  class CallerSink;
  class ProgramSink;
  // The memory of a call in canonical form, kept for later calls.
  struct Scratch;

  void start_with_message(ImportCall& call);
  void start_with_message(MessageCall& call);
  void start_with_values(call::Call& call);
  // The parameters of a call as a message. If that fails, ends the call and returns nothing.
  // buffers: gets those among the parameters.
  std::optional<std::span<const std::uint8_t>> write_params(call::Call& call, Scratch& scratch,
                                                            PassedBuffers& buffers);
  // sender: of the message, which can contain handles of buffers in that table; null: none.
  CallResult<void> enter(std::span<const std::uint8_t> message, const BufferTable* sender,
                         ResultSink& sink, const call::Bounds* bounds);
  // Ends the domain, because the package returned a result that does not fit its type.
  [[nodiscard]] CallFailure refuse_result(std::string message);

  runtime::Domain& domain_;
  std::string unit_;
  std::string name_;
  std::string field_;
  std::shared_ptr<const GraphCodec> codec_;
  std::unique_ptr<const MessageForm> form_;
  BufferTable* program_buffers_;  // of the program whose calls pass messages
  std::uint64_t life_ = 0;        // the life that `function_` belongs to
  std::optional<engine::CoreFunction> function_;
  std::vector<std::unique_ptr<Scratch>> scratch_;
  std::size_t depth_ = 0;  // calls in progress
};

}  // namespace tenon::packr
