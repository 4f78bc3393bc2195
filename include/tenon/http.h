// HTTP: a composition whose root exports `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3` answers
// requests.
//
//   builder.prepare_http();
//   tenon::Result<tenon::Composition> site = builder.build();
//   tenon::Result<tenon::Server> server = site->serve({.http = {.listen = {"127.0.0.1:8080"}}});
//   server->run();  // until another thread calls `server->stop()`
//
// Each request gets an instance of its own, which ends with it. Guests run on threads that wait in the
// composition, as for other calls; connections are served by threads of the engine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// A request that a handler did not answer, or not to the end. If the client had no response yet, it got status
// 500, or 504 if the deadline of the call had passed.
struct HttpFailure {
  std::uint64_t number = 0;  // of the request, from 1
  std::string peer;          // address of the client, such as "[::1]:41234"
  std::string method;
  std::string target;  // path and query
  // `problems` has http-response if the guest ended without a response.
  CallFailure failure;
};

// How requests are answered (`ServeOptions::http`). What is beyond a limit is refused, and no guest sees it.
struct HttpOptions {
  // Addresses: "127.0.0.1:8080", "[::1]:8080", "localhost:8080". Port 0 takes a free port. Empty: no request
  // is answered.
  std::vector<std::string> listen = {};
  std::size_t connections = 1024;  // at once; further ones are accepted when others have ended
  std::uint64_t body_bytes = std::uint64_t{64} << 20;  // of a request; 413 beyond
  std::size_t header_bytes = std::size_t{64} << 10;    // of a request, at least 8 KiB; 431 beyond
  // How long a client can be silent: before its next request, within a request, and while the rest of an answer
  // waits for it.
  std::chrono::milliseconds idle = std::chrono::seconds(60);
  // Called for each failure, on the thread that serves. It must not use the composition.
  std::function<void(const HttpFailure&)> on_failure = {};
};

}  // namespace tenon
