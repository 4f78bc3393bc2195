#include "remote/connector.h"

#include <fmt/core.h>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "remote/nats_connection.h"
#include "remote/nats_link.h"
#include "remote/socket_connection.h"
#include "remote/socket_link.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

// How long the result of a look-up is reused.
constexpr std::chrono::seconds kLookupAge{5};

// Connects to a host by its name or IP address, or to a socket file.
class SocketConnector final : public Connector {
 public:
  // address: of TCP or of a socket file. tls: null if the address has none. Lifetime: refers to
  // reactor and scheduler.
  SocketConnector(Address address, std::shared_ptr<const tls::TlsContext> tls, Reactor& reactor,
                  runtime::Scheduler& scheduler);
  ~SocketConnector() override;

  [[nodiscard]] Result<std::shared_ptr<Connection>, std::string> connect(
      Connection::OnReady on_ready, Sharing sharing) override;
  [[nodiscard]] bool asks_for_sharing() const override { return !can_share_; }
  void allow_sharing() override { can_share_ = true; }
  [[nodiscard]] bool is_tenon() const override { return can_share_; }
  [[nodiscard]] bool has_workers() const override { return false; }

 private:
  struct Lookup;

  // Returns the link if calls can be made on it. Otherwise opens one for later calls.
  [[nodiscard]] std::shared_ptr<SocketLink> find_link(const std::vector<Endpoint>& endpoints);

  // The endpoints of the host's name; none: `on_found` will be called. Errors: as `connect`.
  [[nodiscard]] Result<std::vector<Endpoint>, std::string> look_up(std::function<void()> on_found);

  Address address_;
  std::shared_ptr<const tls::TlsContext> tls_;
  Reactor& reactor_;
  runtime::Scheduler& scheduler_;
  std::vector<Endpoint> endpoints_;
  std::shared_ptr<Lookup> lookup_;  // null: the address has no name
  bool can_share_ = false;
  std::shared_ptr<SocketLink> link_;  // null: there is none
};

// A look-up of a name by a thread of the resolver.
struct SocketConnector::Lookup {
  explicit Lookup(Reactor& reactor) : resolver(reactor.context()) {}

  // The end of a look-up, which is one without memory if nothing else ends it.
  struct Ending {
    explicit Ending(std::shared_ptr<Lookup> of) : lookup(std::move(of)) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() {
      if (lookup != nullptr) lookup->end({}, "out of memory");
    }
    void end(asio::error_code error, const asio::ip::tcp::resolver::results_type& results) {
      std::vector<Endpoint> endpoints;
      for (const auto& result : results) endpoints.emplace_back(result.endpoint());
      std::string reason = error ? error.message() : std::string();
      std::exchange(lookup, nullptr)->end(std::move(endpoints), std::move(reason));
    }

    std::shared_ptr<Lookup> lookup;
  };

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

SocketConnector::SocketConnector(Address address, std::shared_ptr<const tls::TlsContext> tls,
                                 Reactor& reactor, runtime::Scheduler& scheduler)
    : address_(std::move(address)), tls_(std::move(tls)), reactor_(reactor), scheduler_(scheduler) {
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
  if (lookup_ == nullptr) return;
  lookup_->resolver.cancel();
  const std::lock_guard lock(lookup_->mutex);
  lookup_->waiters.clear();
}

Result<std::shared_ptr<Connection>, std::string> SocketConnector::connect(
    Connection::OnReady on_ready, Sharing sharing) {
  std::vector<Endpoint> endpoints = endpoints_;
  if (lookup_ != nullptr) {
    TENON_TRY(endpoints, look_up(on_ready));
    if (endpoints.empty()) return std::shared_ptr<Connection>();
  }
  if (sharing == Sharing::Allowed && can_share_)
    if (const std::shared_ptr<SocketLink> link = find_link(endpoints))
      return SocketLink::connect(link, std::move(on_ready));
  return std::shared_ptr<Connection>(SocketConnection::connect(reactor_, std::move(endpoints), tls_,
                                                               address_.host, std::move(on_ready)));
}

std::shared_ptr<SocketLink> SocketConnector::find_link(const std::vector<Endpoint>& endpoints) {
  if (link_ != nullptr && link_->is_ready()) return link_;
  if (link_ != nullptr && !link_->is_leaving()) return nullptr;
  // A peer with which no link can be opened is asked again.
  can_share_ = link_ == nullptr || link_->was_open();
  link_.reset();
  if (!can_share_) return nullptr;
  auto link = std::make_shared<SocketLink>();
  const Connection::OnReady on_ready = SocketLink::make_on_ready(link, scheduler_);
  link->open(SocketConnection::connect(reactor_, endpoints, tls_, address_.host, on_ready),
             endpoints.size(), on_ready);
  link_ = std::move(link);
  return nullptr;
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
  if (!lookup_->is_running) {
    const auto ending = std::make_shared<Lookup::Ending>(lookup_);
    try {
      lookup_->resolver.async_resolve(
          address_.host, std::to_string(address_.port), asio::ip::resolver_base::numeric_service,
          [ending](asio::error_code error, const auto& results) { ending->end(error, results); });
      lookup_->is_running = true;
    } catch (const std::exception& failed) {  // no thread can be started
      ending->lookup = nullptr;
      return fmt::format("the host `{}` cannot be looked up: {}", address_.host, failed.what());
    }
  }
  lookup_->waiters.push_back(std::move(on_found));
  return std::vector<Endpoint>();
}

// Calls functions at a prefix of a NATS server.
class NatsConnector final : public Connector {
 public:
  // Lifetime: refers to reactor and scheduler.
  NatsConnector(const Address& address, const NatsOptions& options, const WorkerId& self,
                runtime::Scheduler& scheduler);

  [[nodiscard]] Result<std::shared_ptr<Connection>, std::string> connect(
      Connection::OnReady on_ready, Sharing sharing) override;
  [[nodiscard]] bool has_workers() const override { return true; }
  void end() override {
    link_ = nullptr;
    has_ended_ = true;
  }

 private:
  const std::string prefix_;
  std::shared_ptr<NatsLink> link_;  // null: see `failure_`
  std::string failure_;
  bool has_ended_ = false;  // the composition
};

NatsConnector::NatsConnector(const Address& address, const NatsOptions& options,
                             const WorkerId& self, runtime::Scheduler& scheduler)
    : prefix_(address.path) {
  auto link = NatsLink::make(address, options, self, scheduler);
  if (link)
    link_ = *std::move(link);
  else
    failure_ = link.error();
}

Result<std::shared_ptr<Connection>, std::string> NatsConnector::connect(
    Connection::OnReady on_ready, Sharing /*sharing*/) {
  if (has_ended_) return std::string("the composition has ended");
  if (link_ == nullptr) return failure_;
  const auto connected = link_->is_connected(on_ready);
  if (!connected) return connected.error();
  if (!*connected) return std::shared_ptr<Connection>();
  return std::shared_ptr<Connection>(
      std::make_shared<NatsConnection>(link_, prefix_, std::move(on_ready)));
}

}  // namespace

Result<std::unique_ptr<Connector>> make_connector(const Address& address,
                                                  const RemoteOptions& options,
                                                  const WorkerId& self, Reactor& reactor,
                                                  runtime::Scheduler& scheduler) {
  if (address.transport == Address::Transport::Nats)
    return std::unique_ptr<Connector>(std::make_unique<NatsConnector>(
        address, NatsOptions{options.tls, options.credentials}, self, scheduler));
  std::shared_ptr<const tls::TlsContext> tls;
  if (address.has_tls) {
    TENON_TRY(tls, tls::TlsContext::of_client(options.tls));
  }
  return std::unique_ptr<Connector>(
      std::make_unique<SocketConnector>(address, std::move(tls), reactor, scheduler));
}

}  // namespace tenon::remote
