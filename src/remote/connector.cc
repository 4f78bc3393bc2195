#include "remote/connector.h"

#include "remote/nats_connection.h"
#include "remote/socket_connector.h"
#include "remote/tls.h"
#include "support/try.h"

namespace tenon::remote {

Result<std::unique_ptr<Connector>> make_connector(const Address& address,
                                                  const RemoteOptions& options,
                                                  const WorkerId& self, Reactor& reactor,
                                                  runtime::Scheduler& scheduler) {
  if (address.transport == Address::Transport::Nats)
    return std::unique_ptr<Connector>(std::make_unique<NatsConnector>(
        address, NatsOptions{options.tls, options.credentials}, self, reactor, scheduler));
  std::shared_ptr<const TlsContext> tls;
  if (address.has_tls) {
    TENON_TRY(tls, TlsContext::of_client(options.tls, address.host));
  }
  return std::unique_ptr<Connector>(std::make_unique<SocketConnector>(address, tls, reactor));
}

}  // namespace tenon::remote
