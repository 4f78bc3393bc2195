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
//
// The program can send requests too, in tests or from a server of its own, without a socket:
//
//   tenon::Result<tenon::Server> server = site->serve({.http = {.in_process = true}});
//   tenon::CallResult<tenon::HttpResponse> response = *server->send({.target = "/hello"}).wait();
//   tenon::CallResult<std::string> text = *response->body.read_all().wait();
//
// And it can answer: before a unit or a folder of a route (`HttpRoute::handler`), in place of a unit that others
// import (`CompositionBuilder::add_http_handler`), or in place of the network (`CompositionBuilder::add_http_client`).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/result.h"
#include "tenon/task.h"

namespace tenon {

// Names, in lower case where they were received, and values. Several fields can have one name.
using HttpFields = std::vector<std::pair<std::string, std::string>>;

// PEM files for addresses with TLS.
struct TlsOptions {
  // CA certificates that peers' certificates are verified with. Empty: a client trusts those of the
  // system, and a server accepts any client. Set: a server requires certificates of its clients.
  std::string ca = {};
  std::string certificate = {};  // of this process, followed by intermediate certificates
  std::string key = {};          // of the certificate
};

namespace detail {
struct HttpBodyState;
struct HttpPipeState;
}  // namespace detail

// The body of a request or a response. Move-only. One that was received can be passed on as it is: then its parts do
// not come to the program, and its writer goes on at the pace of its reader. If it is destroyed, its writer notices.
// Lifetime: can outlive its composition; reading then fails.
// Thread: that of the composition.
class HttpBody final {
 public:
  HttpBody() = default;  // empty
  HttpBody(std::string_view content);
  HttpBody(const std::string& content) : HttpBody(std::string_view(content)) {}
  HttpBody(const char* content) : HttpBody(std::string_view(content)) {}
  HttpBody(HttpBody&&) noexcept = default;
  HttpBody& operator=(HttpBody&&) noexcept = default;
  ~HttpBody() = default;

  // Reads the next part, as it was written; an empty text at the end.
  // Errors: CallFailure: that of the guest that broke it off, or Ended if it is not known who did; BadCall with
  // http-message (the body was sent, or is being read); Interrupted, if the task is cancelled.
  [[nodiscard]] Task<CallResult<std::string>> read();
  // Reads the rest. Errors: as `read`; BadCall with value-too-large, if it has more than `most` bytes.
  [[nodiscard]] Task<CallResult<std::string>> read_all(std::size_t most = std::size_t{64} << 20);
  // The fields after the body. Empty before its end was read.
  [[nodiscard]] const HttpFields& trailers() const;

  // For the library.
  explicit HttpBody(std::shared_ptr<detail::HttpBodyState> state) : state_(std::move(state)) {}
  [[nodiscard]] std::shared_ptr<detail::HttpBodyState> take() { return std::move(state_); }

 private:
  std::shared_ptr<detail::HttpBodyState> state_;  // null: empty
};

// Writes a body that `make_http_body` made. Move-only. If it is destroyed before `close`, the body breaks off.
// Thread: that of the composition in which the body was sent.
class HttpBodyWriter final {
 public:
  HttpBodyWriter(HttpBodyWriter&&) noexcept = default;
  HttpBodyWriter& operator=(HttpBodyWriter&&) noexcept = default;
  ~HttpBodyWriter() = default;

  // Writes all bytes, as parts of at most 64 KiB. It waits until the body was sent, and for each part until the one
  // before was read. Returns false if nobody reads any more.
  // Errors: CallFailure: BadCall with http-message (another write is in progress); Interrupted, if the task is
  // cancelled.
  // Lifetime: `bytes` must outlive the task.
  [[nodiscard]] Task<CallResult<bool>> write(std::string_view bytes);
  // Ends the body. Errors: http-message, if a trailer is not valid; then it has not ended.
  Result<void> close(const HttpFields& trailers = {});

 private:
  friend std::pair<HttpBodyWriter, HttpBody> make_http_body();
  explicit HttpBodyWriter(std::shared_ptr<detail::HttpPipeState> state)
      : state_(std::move(state)) {}

  std::shared_ptr<detail::HttpPipeState> state_;
};

// Makes a body that is written in parts, while it is read: no more than one of them is kept.
[[nodiscard]] std::pair<HttpBodyWriter, HttpBody> make_http_body();

// When a message is sent, fields that say how it is passed are left out, and written anew: `content-length`,
// `transfer-encoding`, `connection` and the like, and `host`. A body keeps the length that was declared for it.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";             // path and query
  std::string authority = "localhost";  // HOST or HOST:PORT
  std::string scheme = "http";          // or "https"
  HttpFields fields = {};
  HttpBody body = {};
  // Set when a handler receives a request. peer: the client's address, such as "[::1]:41234"; "program", or the name of
  // a guest's domain. number: counted by the server; 0 if a guest sent the request.
  std::string peer = {};
  std::uint64_t number = 0;
};

struct HttpResponse {
  std::uint16_t status = 200;
  HttpFields fields = {};
  HttpBody body = {};
};

// Passes a request on to the next handler, and gives its response. Empty: there is none. Can be called several times,
// while the handler has not answered.
// Errors: CallFailure of that handler, such as Trap or Deadline; BadCall with http-message.
using HttpNext = std::function<Task<CallResult<HttpResponse>>(HttpRequest)>;

// A handler of the program: it answers, or passes the request on, and perhaps changes what it passes.
//
//   [](tenon::HttpRequest request, tenon::HttpNext next) -> tenon::Task<tenon::CallResult<tenon::HttpResponse>> {
//     if (!is_known(request)) co_return tenon::HttpResponse{.status = 403};
//     tenon::CallResult<tenon::HttpResponse> response = co_await next(std::move(request));
//     if (response) response->fields.emplace_back("x-frame-options", "DENY");
//     co_return response;
//   }
//
// If it fails or throws, its client gets status 500, or 504 after a deadline, and a guest that called it ends. If the
// client leaves, the task is destroyed. Other requests are answered while it waits, so it must not block.
// Thread: that of the composition; it can be called again before an earlier task is done.
using HttpHandlerFunction = std::function<Task<CallResult<HttpResponse>>(HttpRequest, HttpNext)>;

// How a handler of the program stands between units (`CompositionBuilder::add_http_handler`, `add_http_client`).
struct HttpHandlerOptions {
  // The unit that gets what the handler passes on: it exports a handler of 0.2 or 0.3, and is in a domain of its own,
  // as the units of routes are. Empty: none.
  std::string next = {};
  // The units that import it, by name; empty: all that import a handler which no unit provides.
  std::vector<std::string> consumers = {};
};

namespace detail {

// A handler of the program as a function that units import.
struct HttpFunctionPart {
  HttpHandlerFunction handler;
  std::string next;  // empty: none
};

}  // namespace detail

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
  // A handler of the program, which answers first. Without it, one of the next two is needed.
  HttpHandlerFunction handler = {};
  // At most one of these two: a unit that exports a handler, or a folder. The rest of the path after `/*` names a file
  // in it; a folder in it stands for its `index.html`. Only GET and HEAD. Files and folders whose names begin
  // with `.` are not found, except `/.well-known`. Symbolic links are followed within the folder.
  std::string unit = {};
  std::string folder = {};
  // A file of the folder with ".br", ".zst" or ".gz" after its name is sent in place of the file without, to
  // clients that want it compressed so. For a folder alone.
  bool precompressed = false;
  Location where = {};  // where the user wrote it, for messages
};

// The lines of an access log: none, Common Log Format with additions, or JSON.
enum class HttpLog : std::uint8_t { None, Common, Json };

// A request that a handler did not answer, or not to the end. If the client had no response yet, it got status
// 500, or 504 if the deadline of the call had passed.
struct HttpFailure {
  // The number of the request, from 1. 0: it is not known which one. A handler in another domain failed after it had
  // returned its response, or a handler of the program did not answer a request that a unit sent
  // (`CompositionBuilder::add_http_client`). Then the three members below are empty.
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
  // Addresses: "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; with TLS "https://localhost:8443"; a socket file
  // "unix:/run/site.sock", to which only the owner can connect unless it ends with "?mode=660". Port 0 takes a free port.
  std::vector<std::string> listen = {};
  // Whether the program sends requests itself (`Server::send`).
  bool in_process = false;
  // Sockets that listen already, such as those of systemd's socket activation, and those for TLS. They are closed
  // with the server. Without any address or socket, and without `in_process`, no request is answered.
  std::vector<int> sockets = {};
  std::vector<int> tls_sockets = {};
  // For the addresses and sockets with TLS. `ServeOptions::tls` takes precedence: its authorities, and its
  // certificate with its key.
  TlsOptions tls = {};
  // At once; further ones are accepted when others have ended. As many files are sent at once. With files, half of the
  // descriptors of the process (RLIMIT_NOFILE) is the most.
  std::size_t connections = 1024;
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
