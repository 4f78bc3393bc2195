// HTTP: servers, the requests that they receive, and the instances that answer them.
//
//   HttpServer server = HttpServer::make(limits, queues, {.route = [](const HttpRequest&) { return 0; },
//                                                         .request = [](HttpRequest request) { ... }});
//   TENON_TRY_VOID(server.listen(socket, HttpServer::SocketKind::Tcp, nullptr));
//   ... HttpHandler handler(instance, WasiTrack::Wasi02);
//   loop.handle(handler, request, EventLoop::Sharing::Alone, call);   // call.finish(..) when it is over
//
// Connections are served by threads of the engine. Guests run in turns of their loops, as ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/failure.h"
#include "engine/tls.h"
#include "engine/wit_text.h"
#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::engine {

class Instance;

using HttpFields = std::vector<std::pair<std::string, std::string>>;

// A part of a regular file.
struct FilePart {
  Descriptor file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct HttpResponse {
  std::uint16_t status = 200;
  // Without those that frame the body: `content-length`, `transfer-encoding`, `connection`.
  HttpFields fields = {};
  std::string body = {};
  // The body, in place of `body`. It is read as the client takes it; the connection breaks off if the file has
  // become shorter.
  std::optional<FilePart> file = {};
};

// A request that is to be answered: by a handler, by `respond` or by `refuse`. Move-only. Thread: one at a time.
class HttpRequest final {
 public:
  struct Impl;

  HttpRequest(HttpRequest&&) noexcept;
  HttpRequest& operator=(HttpRequest&&) noexcept;
  // Answers with status 500, if nothing has answered.
  ~HttpRequest();

  [[nodiscard]] std::string method() const;
  [[nodiscard]] std::string target() const;     // path and query
  [[nodiscard]] std::string authority() const;  // HOST or HOST:PORT
  [[nodiscard]] std::string peer() const;       // address of the client
  // From 1, in the order of arrival at the server.
  [[nodiscard]] std::uint64_t number() const;
  // The value of a field; if several have this name, all values with ", " between them. Nothing if there is none, or
  // if a handler has taken the request.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
  // Answers, if nothing has answered. The body is not sent for HEAD, and with the statuses 204 and 304.
  // Errors: run-engine, for a status or a field that is not valid in HTTP; then nothing has answered.
  [[nodiscard]] Result<void> respond(HttpResponse response) const;
  // Whether the client may still want an answer.
  [[nodiscard]] bool is_awaited() const;
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
  std::uint64_t body_bytes = 0;
  std::size_t header_bytes = 0;  // at least 8192
  std::uint64_t header_ms = 0;   // for all fields of a request of HTTP/1
  // For the next request or the next part of its body, and for each part of an answer that the client takes.
  std::uint64_t idle_ms = 0;
  // Whether a client of HTTP/1 that has closed its direction can read the response; otherwise it has left.
  bool keeps_half_closed = false;
};

// Requests that exist at once. Further ones wait, and those of clients with the fewest requests come first.
struct HttpQueue {
  std::size_t requests = 0;
  // The same for one client, which is an IPv4 address or a network of 64 bits of IPv6; 0: as many as of all.
  // Clients of socket files are not limited.
  std::size_t client_requests = 0;
  std::size_t client_waiting = 0;  // that wait, for one client; further ones are answered with 503
};

// Why a request or its response was aborted.
enum class HttpAbort : std::uint8_t {
  None,
  ClientLeft,
  ClientTimeout,   // it took nothing of the response for `idle_ms`
  ResponseFailed,  // whoever writes the response did not end it
  RequestTooLarge,
  RequestTimeout,  // the client sent nothing of the body for `idle_ms`
  RequestInvalid,
};

// A request, and what became of it.
struct HttpReport {
  std::uint64_t number = 0;
  std::string_view method;
  std::string_view target;
  std::string_view authority;
  std::string_view peer;
  // 0: the client left before there was a response.
  std::uint16_t status = 0;
  std::uint8_t version = 11;     // 10, 11 or 20
  std::uint64_t body_bytes = 0;  // of the response, that the connection has taken
  std::uint64_t duration_ns = 0;
  HttpAbort abort = HttpAbort::None;  // the first reason
};

// A server calls these functions on threads of the engine, also at the same time. They must not use the server, and
// throw nothing but std::bad_alloc: then the request is refused, or what they would note is lost.
struct HttpCallbacks {
  // For each request that is valid and within the limits. Returns the position of its queue, or kAnswered if
  // it has an answer.
  std::function<std::size_t(const HttpRequest&)> route;
  // When it is its turn in its queue.
  std::function<void(HttpRequest)> request;
  // After the end of each request, refused ones included. Lifetime: the report's texts end with the call.
  std::function<void(const HttpReport&)> done = {};
  // After the end of each connection.
  std::function<void()> closed = {};
  // A connection could not be encrypted.
  std::function<void(std::string_view peer, std::string_view failure)> refused = {};
};

// Move-only. Thread: one at a time.
class HttpServer final {
 public:
  struct Impl;

  static constexpr std::size_t kAnswered = SIZE_MAX;

  static HttpServer make(const HttpServerLimits& limits, std::span<const HttpQueue> queues,
                         HttpCallbacks callbacks);

  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  // Ends all connections. Nothing is called any more when it returns.
  ~HttpServer();

  // Accepts connections at a socket that listens, which belongs to the server from now on.
  // tls: null if they are not encrypted. Errors: run-engine.
  enum class SocketKind : std::uint8_t { Tcp, File };
  [[nodiscard]] Result<void> listen(int socket, SocketKind kind, const Tls* tls);
  // Accepts no more connections. Those that exist end after the requests in progress.
  void drain();
  [[nodiscard]] std::size_t connections() const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

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
