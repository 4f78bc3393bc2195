// Calls of HTTP handlers: guests that answer requests (engine/http.h).
#pragma once

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
};

// Lets the handler answer a request. The guest begins before this returns, unless all domains of the pool are
// busy.
// on_end: called once, when the guest has nothing more to do, within a turn or before this returns. It must
// not enter guests. failure: null if the guest has answered; otherwise the request has an answer, too.
// Lifetime: refers to `handler`.
void answer_http(const HttpHandler& handler, engine::HttpRequest request,
                 std::function<void(const CallFailure* failure)> on_end);

}  // namespace tenon::runtime
