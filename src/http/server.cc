#include "http/server.h"

#include <algorithm>
#include <utility>

#include "http/address.h"
#include "runtime/shared.h"
#include "support/try.h"

namespace tenon::http {

namespace {

constexpr std::size_t kLeastHeaderBytes = 8192;  // of the engine

engine::HttpServerLimits limits_of(const HttpOptions& options, std::size_t requests) {
  return {.connections = options.connections,
          .requests = requests,
          .body_bytes = options.body_bytes,
          .header_bytes = std::max(options.header_bytes, kLeastHeaderBytes),
          .idle_ms = static_cast<std::uint64_t>(options.idle.count())};
}

}  // namespace

// The engine hands over requests on threads of its own. `std::function` must be copyable, and a request is not.
Server::Server(runtime::HttpHandler handler, const HttpOptions& options, std::size_t requests,
               runtime::Shared& shared)
    : shared_(shared),
      handler_(std::make_shared<const runtime::HttpHandler>(std::move(handler))),
      on_failure_(options.on_failure),
      work_(shared.scheduler),
      connections_(engine::HttpServer::make(
          limits_of(options, requests),
          [this](engine::HttpRequest request) {
            shared_.scheduler.post(
                [link = std::weak_ptr(link_),
                 arrived = std::make_shared<engine::HttpRequest>(std::move(request))] {
                  if (const auto server = link.lock()) (*server)->answer(std::move(*arrived));
                });
          },
          [this] {
            // Whoever waits for the last connection looks again.
            if (is_draining_) shared_.scheduler.post([] {});
          })) {}

Server::~Server() = default;

Result<std::string> Server::listen(std::string_view address) {
  TENON_TRY(const Address parsed, parse_address(address));
  TENON_TRY(Listening listening, listen_at(parsed));
  TENON_TRY_VOID(connections_.listen(listening.socket.release()));
  return std::move(listening.url);
}

void Server::drain() {
  is_draining_ = true;
  connections_.drain();
}

Server::Counts Server::counts() const {
  Counts counts = counts_;
  counts.connections = connections_.connections();
  return counts;
}

void Server::answer(engine::HttpRequest request) {
  ++counts_.requests;
  ++counts_.in_progress;
  HttpFailure described{.number = request.number(),
                        .peer = request.peer(),
                        .method = request.method(),
                        .target = request.target(),
                        .failure = {}};
  runtime::answer_http(*handler_, std::move(request),
                       [link = std::weak_ptr(link_), keep = handler_,
                        described = std::move(described)](const CallFailure* failure) mutable {
                         if (const auto server = link.lock())
                           (*server)->note_end(described, failure);
                       });
}

void Server::note_end(HttpFailure& request, const CallFailure* failure) {
  --counts_.in_progress;
  if (failure == nullptr) return;
  ++counts_.failures;
  if (!on_failure_) return;
  request.failure = *failure;
  on_failure_(request);
}

}  // namespace tenon::http
