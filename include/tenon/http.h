// HTTP: a composition whose root exports `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3` answers
// requests. With routes, several of its units do, and folders of files.
//
//   builder.prepare_http();
//   tenon::Result<tenon::Composition> site = builder.build();
//   tenon::Result<tenon::Server> server = site->serve({.http = {.listen = {"127.0.0.1:8080"}}});
//   server->run();  // until another thread calls `server->stop()`
//
// Each request gets an instance of its own, which ends with it, unless `HttpInstances` says otherwise. Guests run
// on threads that wait in the composition, as for other calls; connections are served by threads of the engine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// Which requests a unit answers, or the files of a folder (`CompositionBuilder::add_http_route`).
//
// The most specific of the routes that fit a request by host, path and method takes it, in whatever order
// they were added: a host before `*.`, a longer `*.` before a shorter one, any host last; then an exact path
// before `/*`, and a longer one before a shorter one; then a route with methods before one for all. Two routes
// that differ in none of these are an error. A request that fits no route gets status 404, or 405 if only
// its method does not fit. Routes see the path without its query, with percent-encoding decoded and without `.`, `..`
// and empty segments; the unit gets it as the client sent it.
struct HttpRoute {
  // "/about": this path. "/api/*": the paths "/api", "/api/" and everything below. "/*": all.
  std::string path = "/*";
  std::string host = {};  // "example.org", or "*.example.org" for all below; empty: any
  std::vector<std::string> methods = {};  // "GET" includes HEAD; empty: all
  // One of these two: a unit that exports a handler, or a folder. The rest of the path after `/*` names a file
  // in it; a folder in it stands for its `index.html`. Only GET and HEAD. Files and folders whose names begin
  // with `.` are not found, except `/.well-known`. Symbolic links are followed within the folder.
  std::string unit = {};
  std::string folder = {};
  Location where = {};  // where the user wrote it, for messages
};

// The lines of an access log: none, Common Log Format with additions, or JSON.
enum class HttpLog : std::uint8_t { None, Common, Json };

// A request that a handler did not answer, or not to the end. If the client had no response yet, it got status
// 500, or 504 if the deadline of the call had passed.
struct HttpFailure {
  // The number of the request, from 1. 0: it is not known which one, because a handler in another domain failed
  // after it had returned its response. Then the three members below are empty.
  std::uint64_t number = 0;
  std::string peer;  // address of the client, such as "[::1]:41234"
  std::string method;
  std::string target;  // path and query
  // `problems` has http-response if the guest ended without a response.
  CallFailure failure;
};

// How instances answer requests (`CompositionBuilder::http_instances`). What a guest keeps in its memory remains
// between the requests of one instance, and so do its limits: memory and fuel are those of the instance, and the
// deadline is that of each request.
struct HttpInstances {
  // Requests that an instance answers before it ends. With 1, no state passes from one request to another.
  std::uint32_t reuse = 1;
  // Requests that it answers at once, at most `reuse`. Only handlers of WASI 0.3 can; a trap fails all of them.
  std::uint32_t share = 1;
  // Instances that are made ahead of requests, and wait for them.
  std::uint32_t warm = 8;
  // How long further ones wait before they end.
  std::chrono::milliseconds idle = std::chrono::seconds(60);

  bool operator==(const HttpInstances&) const = default;
};

// How requests are answered (`ServeOptions::http`). What is beyond a limit is refused, and no guest sees it.
struct HttpOptions {
  // Addresses: "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; with TLS "https://localhost:8443", with the
  // certificate of `ServeOptions::tls`; a socket file "unix:/run/site.sock", to which only the owner can connect
  // unless it ends with "?mode=660". Port 0 takes a free port.
  std::vector<std::string> listen = {};
  // Sockets that listen already, such as those of systemd's socket activation, and those for TLS. They are closed
  // with the server. Without any of the three, no request is answered.
  std::vector<int> sockets = {};
  std::vector<int> tls_sockets = {};
  std::size_t connections = 1024;  // at once; further ones are accepted when others have ended
  // At once, for each unit that answers; others wait. A manifest can set it (`[http] requests`) for whoever calls
  // `prepare_http`, whose number counts.
  std::size_t requests = 64;
  // Requests of one client in progress, which is an IPv4 address or a network of 64 bits of IPv6. Further ones wait,
  // and whoever has fewer comes first. 0: an eighth of all remains for others. Clients of socket files are not limited.
  std::size_t client_requests = 0;
  std::size_t client_waiting = 1024;  // of one client; 503 beyond
  // Whether a request whose client has left is answered all the same. Otherwise its instance ends at once, if it has
  // not begun its response; one that answers others, too, is notified, and ends after them. A client of HTTP/1 that
  // closes its direction of the connection has left, unless this is set: then it gets its response.
  bool ignore_client_abort = false;
  std::uint64_t body_bytes = std::uint64_t{64} << 20;  // of a request; 413 beyond
  std::size_t header_bytes = std::size_t{64} << 10;    // of a request, at least 8 KiB; 431 beyond
  // How long a client can be silent: before its next request, within a request, and while the rest of an answer
  // waits for it.
  std::chrono::milliseconds idle = std::chrono::seconds(60);
  // For the unit, from the beginning of its call until it has nothing more to do; 504 beyond. As `call-timeout` of
  // its domain. It is set when the composition is built, by a manifest. Absent: no limit.
  std::optional<std::chrono::milliseconds> request_time = {};
  // From the first byte of a request of HTTP/1 to the end of its fields.
  std::chrono::milliseconds header_time = std::chrono::seconds(30);
  // Whether GET /-/health is answered with status 200, or 503 once the server drains, whatever the routes say.
  bool health = false;
  // The address of another server, which answers GET /metrics with counts and times for Prometheus; empty: none.
  std::string metrics = {};
  // A line for each request, after its end, and the file that they are added to; empty: standard error.
  HttpLog access_log = HttpLog::None;
  std::string access_log_file = {};
  // Whether the log shows the last address in `X-Forwarded-For` in place of the client's. Only behind a proxy
  // that sets it: anyone can send the field.
  bool trusts_forwarded = false;
  Location where = {};  // of the manifest that says so
  // Called for each failure, on the thread that serves. It must not use the composition.
  std::function<void(const HttpFailure&)> on_failure = {};
};

}  // namespace tenon
