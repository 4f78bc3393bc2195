// Answers HTTP requests with a handler of a composition: each by an instance of its own.
//
// Connections are served by threads of the engine (engine/http.h). A request comes into the composition as a
// posted function, so guests run on the threads that wait in it, as for peers of wRPC.
//
// Thread: that of the composition.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/http.h"
#include "runtime/http_call.h"
#include "runtime/scheduler.h"
#include "tenon/http.h"
#include "tenon/result.h"

namespace tenon::runtime {
struct Shared;
}

namespace tenon::http {

class Server final {
 public:
  // requests: at most, at once; further ones wait. Lifetime: refers to the domain of `handler`, and to `shared`.
  Server(runtime::HttpHandler handler, const HttpOptions& options, std::size_t requests,
         runtime::Shared& shared);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Ends the connections. Handlers in progress run on, and nobody gets their answers.
  ~Server();

  // Accepts connections at an address, and returns its URL with the actual port.
  // Errors: http-address, remote-listen.
  [[nodiscard]] Result<std::string> listen(std::string_view address);
  // Accepts no more connections. Those that are there can finish their requests.
  void drain();

  struct Counts {
    std::uint64_t requests = 0;  // that reached a guest, or were to
    std::uint64_t failures = 0;
    std::size_t in_progress = 0;
    std::size_t connections = 0;
  };
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] const std::string& handler() const { return handler_->interface; }

 private:
  // A request has arrived.
  void answer(engine::HttpRequest request);
  // failure: null if it was answered.
  void note_end(HttpFailure& request, const CallFailure* failure);

  runtime::Shared& shared_;
  // Calls in progress can outlive the server.
  std::shared_ptr<const runtime::HttpHandler> handler_;
  std::function<void(const HttpFailure&)> on_failure_;
  Counts counts_;
  std::atomic<bool> is_draining_ = false;
  runtime::Scheduler::OutsideWork work_;
  std::shared_ptr<Server*> link_ = std::make_shared<Server*>(this);
  engine::HttpServer connections_;  // its threads use the members above
};

}  // namespace tenon::http
