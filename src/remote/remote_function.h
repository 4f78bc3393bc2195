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
  std::string function;  // the name in WIT: "[method]counter.get"
  std::string name;      // for messages: "acme:tax/lib@1.0.0#rate"
  std::uint64_t type_digest = 0;  // of its type: types::hash_function
};

class RemoteFunction final : public call::Callee {
 public:
  // shared: that of the calling composition; outlives the function.
  RemoteFunction(RemoteFunctionParts parts, runtime::Shared& shared);

  // Failures: Remote: the peer cannot be reached, does not answer, or its answer is not of the
  // function's type; Deadline: the time of the peer's settings is over.
  void start(call::Call& call) override;

 private:
  class RemoteCall;

  RemoteFunctionParts parts_;
  std::string function_on_wire_;
  runtime::Shared& shared_;
};

// The name of a function in calls of wRPC: "counter.get" for "[method]counter.get".
[[nodiscard]] std::string function_on_wire(std::string_view function);

}  // namespace tenon::remote
