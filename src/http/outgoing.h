// Requests that the guests of a domain send: where to, by the grants of the domain.
//
// A request needs a grant of its target. Its name is looked up once for a connection, which is made to none
// but the addresses that were found and checked: so what a name server says later changes nothing. An
// address that is not public needs a grant that names it, whatever name led to it. A request that passes a
// proxy is connected to that, and its target is looked up there: then only addresses in the request are checked.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/http_client.h"
#include "engine/store.h"
#include "http/grant.h"
#include "http/proxy.h"

namespace tenon::http {

// The addresses of a name; empty: there are none. Can block. Thread: any.
using LookUp = std::function<std::vector<IpAddress>(const std::string& name)>;

class Outgoing final : public engine::HttpPolicy {
 public:
  // Records what is denied into `denials`.
  Outgoing(std::vector<Grant> grants, Proxies proxies,
           std::shared_ptr<const engine::Denials> denials, LookUp look_up);

  [[nodiscard]] bool allows(const HttpTarget& target) const override;
  [[nodiscard]] Result<engine::HttpRoute, engine::Unresolved> resolve(
      const HttpTarget& target) const override;
  [[nodiscard]] std::string traceparent(const engine::CallTag* tag) const override;

 private:
  [[nodiscard]] std::vector<IpAddress> look_up(const std::string& host) const;
  [[nodiscard]] Result<std::vector<IpAddress>, engine::Unresolved> find_usable(
      const HttpTarget& target) const;

  std::vector<Grant> grants_;
  Proxies proxies_;
  std::shared_ptr<const engine::Denials> denials_;
  LookUp look_up_;
};

// Makes the client of a domain. Names are looked up by the system, and servers have certificates of
// authorities that the system trusts.
[[nodiscard]] std::shared_ptr<const engine::HttpClient> make_client(
    std::vector<Grant> grants, Proxies proxies, std::shared_ptr<const engine::Denials> denials);

}  // namespace tenon::http
