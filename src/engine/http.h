// HTTP: servers, the requests that they receive, and the instances that answer them.
//
//   HttpServer server = HttpServer::make(limits, [](HttpRequest request) { ... }, [] {});
//   TENON_TRY_VOID(server.listen(socket));
//   ... HttpHandler handler(instance, WasiTrack::Wasi02);
//   loop.handle(handler, request, call);   // engine/event_loop.h: call.finish(..) when it is over
//
// Connections are served by threads of the engine. Guests run in turns of their loops, as ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/failure.h"
#include "engine/wit_text.h"
#include "tenon/result.h"

namespace tenon::engine {

class Instance;

// A request that is to be answered: by a handler, or by `refuse`. Move-only. Thread: one at a time.
class HttpRequest final {
 public:
  struct Impl;

  HttpRequest(HttpRequest&&) noexcept;
  HttpRequest& operator=(HttpRequest&&) noexcept;
  // Answers with status 500, if nothing has answered.
  ~HttpRequest();

  [[nodiscard]] std::string method() const;
  [[nodiscard]] std::string target() const;  // path and query
  [[nodiscard]] std::string peer() const;    // address of the client
  // From 1, in the order of arrival at the server.
  [[nodiscard]] std::uint64_t number() const;
  // Answers with this status and a line of text, if nothing has answered.
  void refuse(std::uint16_t status) const;

  // For the sources of this folder alone.
  explicit HttpRequest(std::unique_ptr<Impl> impl);
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct HttpServerLimits {
  std::size_t connections = 0;  // at once; further ones are accepted when others have ended
  std::size_t requests = 0;     // that exist at once; further ones wait
  std::uint64_t body_bytes = 0;
  std::size_t header_bytes = 0;  // at least 8192
  // For the next request or the next part of its body, and for each part of an answer that the client takes.
  std::uint64_t idle_ms = 0;
};

// Move-only. Thread: one at a time.
class HttpServer final {
 public:
  struct Impl;

  // on_request: called for each request that is valid and within the limits.
  // on_closed: called after the end of each connection.
  // Both are called on threads of the engine, also at the same time. They must neither throw nor use the
  // server.
  static HttpServer make(const HttpServerLimits& limits,
                         std::function<void(HttpRequest)> on_request,
                         std::function<void()> on_closed);

  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  // Ends all connections. Nothing is called any more when it returns.
  ~HttpServer();

  // Accepts connections at a socket of TCP that listens, which belongs to the server from now on.
  // Errors: run-engine.
  [[nodiscard]] Result<void> listen(int socket);
  // Accepts no more connections. Those that exist end after the requests in progress.
  void drain();
  [[nodiscard]] std::size_t connections() const;

 private:
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// An instance that exports `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3`. Move-only.
// Lifetime: that of the instance's store at most.
class HttpHandler final {
 public:
  struct Impl;

  HttpHandler(const Instance& instance, WasiTrack track);
  HttpHandler(HttpHandler&&) noexcept;
  HttpHandler& operator=(HttpHandler&&) noexcept;
  ~HttpHandler();

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
