// A function of a remote unit as a callee: sends the parameters, and waits for the result.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "call/call.h"
#include "remote/peer.h"
#include "runtime/domain.h"

namespace tenon::remote {

struct RemoteFunctionParts {
  std::shared_ptr<const call::FunctionShape> shape;
  std::shared_ptr<Peer> peer;
  std::string instance;  // as the peer knows it; empty for a function at the root of a world
  std::string label;  // of the import that implements the instance, for other tenons; empty: none
  std::string function;           // its name on the wire: see `function_on_wire`
  std::string name;               // for messages: "acme:tax/lib@1.0.0#rate"
  std::uint64_t type_digest = 0;  // types::hash_function
};

// The name of a function in calls of wRPC: "counter.get" for "[method]counter.get".
[[nodiscard]] std::string function_on_wire(std::string_view function);

class RemoteFunction final : public call::Callee {
 public:
  // shared: that of the calling composition; outlives the function.
  RemoteFunction(RemoteFunctionParts parts, runtime::Shared& shared)
      : parts_(std::make_shared<const RemoteFunctionParts>(std::move(parts))), shared_(shared) {}

  // Failures: Remote: the peer cannot be reached, reports a failure or does not answer, or its answer
  // is not of the function's type; Deadline: the timeout of the remote unit.
  void start(call::Call& call) override;

 private:
  class RemoteCall;

  std::shared_ptr<const RemoteFunctionParts> parts_;  // calls can outlive the function
  runtime::Shared& shared_;
};

}  // namespace tenon::remote
