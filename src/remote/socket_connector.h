// Connects to a host by its name or IP address, or to a socket file.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "remote/address.h"
#include "remote/connector.h"
#include "remote/reactor.h"
#include "remote/socket_connection.h"
#include "tenon/result.h"

namespace tenon::remote {

class SocketConnector final : public Connector {
 public:
  // address: of TCP or of a socket file. tls: null if the address has none. Lifetime: refers to the
  // reactor.
  SocketConnector(Address address, std::shared_ptr<const TlsContext> tls, Reactor& reactor);
  ~SocketConnector() override;

  [[nodiscard]] Result<std::shared_ptr<Connection>, std::string> connect(
      Connection::OnReady on_ready) override;
  [[nodiscard]] bool has_workers() const override { return false; }

 private:
  struct Lookup;

  // The endpoints of the host's name; none: `on_found` will be called. Errors: as `connect`.
  [[nodiscard]] Result<std::vector<Endpoint>, std::string> look_up(std::function<void()> on_found);

  Address address_;
  std::shared_ptr<const TlsContext> tls_;
  Reactor& reactor_;
  std::vector<Endpoint> endpoints_;
  std::shared_ptr<Lookup> lookup_;  // null: the address has no name
};

}  // namespace tenon::remote
