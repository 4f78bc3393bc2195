// Calls of HTTP handlers: guests that answer requests (engine/http.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/http.h"
#include "engine/wit_text.h"
#include "tenon/result.h"

namespace tenon::runtime {

class Domain;

// An export of a domain that answers requests: of each of its lives, and of each domain of its pool.
struct HttpHandler {
  Domain& domain;           // the first one of its pool
  engine::WasiTrack track;  // of wasi:http
  std::string interface;    // "wasi:http/incoming-handler@0.2.6"
  std::string unit;         // that exports it
};

// How the call of a handler ended.
enum class HttpEnd : std::uint8_t {
  Answered,
  Failed,  // the request has an answer all the same
  Left,    // its client had left
};

// A request in progress.
class HttpCallInProgress {
 public:
  HttpCallInProgress() = default;
  HttpCallInProgress(const HttpCallInProgress&) = delete;
  HttpCallInProgress& operator=(const HttpCallInProgress&) = delete;
  virtual ~HttpCallInProgress() = default;
  // Its client has left before it had a response: the call ends. A guest of 0.3 that answers others, too, is notified;
  // otherwise its instance ends.
  virtual void leave() = 0;
};

// Lets the handler answer a request. The guest begins before this returns, unless all domains of the pool are
// busy. While it answers, the lines that it writes begin with the number of the request.
// on_end: called once, when the guest has nothing more to do, within a turn or before this returns; or destroyed without
// that, if there is no memory for the call. It must not enter guests, and not throw. failure: null unless it failed.
// Returns the call; null if it has ended. Lifetime: refers to `handler`.
[[nodiscard]] std::weak_ptr<HttpCallInProgress*> answer_http(
    const HttpHandler& handler, engine::HttpRequest request,
    std::function<void(HttpEnd end, const CallFailure* failure)> on_end);

}  // namespace tenon::runtime
