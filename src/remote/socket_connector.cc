#include "remote/socket_connector.h"

#include <fmt/core.h>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#include "call/bounds.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

// How long the addresses of a name are used again.
constexpr std::chrono::seconds kLookupAge{5};

}  // namespace

// A look-up of a name by a thread of the resolver.
struct SocketConnector::Lookup {
  explicit Lookup(Reactor& reactor) : resolver(reactor.context()) {}

  void end(std::vector<Endpoint> endpoints, std::string reason) {
    std::vector<std::function<void()>> notified;
    {
      const std::lock_guard lock(mutex);
      found = std::move(endpoints);
      failure = std::move(reason);
      ended_at = call::Clock::now();
      is_running = false;
      notified.swap(waiters);
    }
    for (const std::function<void()>& waiter : notified) waiter();
  }

  asio::ip::tcp::resolver resolver;

  std::mutex mutex;  // guards what follows
  bool is_running = false;
  std::vector<std::function<void()>> waiters;
  std::vector<Endpoint> found;
  std::string failure;
  call::Clock::time_point ended_at = {};
};

SocketConnector::SocketConnector(Address address, std::shared_ptr<const TlsContext> tls,
                                 Reactor& reactor)
    : address_(std::move(address)), tls_(std::move(tls)), reactor_(reactor) {
  if (address_.transport == Address::Transport::Unix) {
    endpoints_.emplace_back(asio::local::stream_protocol::endpoint(address_.path));
    return;
  }
  asio::error_code error;
  if (const auto ip = asio::ip::make_address(address_.host, error); !error)
    endpoints_.emplace_back(asio::ip::tcp::endpoint(ip, address_.port));
  else
    lookup_ = std::make_shared<Lookup>(reactor_);
}

SocketConnector::~SocketConnector() {
  if (lookup_ != nullptr) lookup_->resolver.cancel();
}

Result<std::shared_ptr<Connection>, std::string> SocketConnector::connect(
    Connection::OnReady on_ready) {
  std::vector<Endpoint> endpoints = endpoints_;
  if (lookup_ != nullptr) {
    TENON_TRY(endpoints, look_up(on_ready));
    if (endpoints.empty()) return std::shared_ptr<Connection>();
  }
  return std::shared_ptr<Connection>(
      SocketConnection::connect(reactor_, std::move(endpoints), tls_, std::move(on_ready)));
}

Result<std::vector<Endpoint>, std::string> SocketConnector::look_up(
    std::function<void()> on_found) {
  const std::lock_guard lock(lookup_->mutex);
  const bool has_ended = lookup_->ended_at != call::Clock::time_point();
  if (!lookup_->is_running && has_ended && call::Clock::now() - lookup_->ended_at < kLookupAge) {
    if (!lookup_->failure.empty())
      return fmt::format("the host `{}` was not found: {}", address_.host, lookup_->failure);
    if (lookup_->found.empty()) return fmt::format("the host `{}` has no address", address_.host);
    return lookup_->found;
  }
  if (!std::exchange(lookup_->is_running, true)) {
    try {
      lookup_->resolver.async_resolve(
          address_.host, std::to_string(address_.port), asio::ip::resolver_base::numeric_service,
          [lookup = lookup_](asio::error_code error, const auto& results) {
            std::vector<Endpoint> endpoints;
            for (const auto& result : results) endpoints.emplace_back(result.endpoint());
            lookup->end(std::move(endpoints), error ? error.message() : std::string());
          });
    } catch (const std::exception& failed) {  // no thread can be started
      lookup_->is_running = false;
      return fmt::format("the host `{}` cannot be looked up: {}", address_.host, failed.what());
    }
  }
  lookup_->waiters.push_back(std::move(on_found));
  return std::vector<Endpoint>();
}

}  // namespace tenon::remote
