// Proxies for requests that guests send, as the variables name them that most programs read:
//
//   http_proxy, https_proxy    a proxy for requests of that scheme: [http://][USER[:PASSWORD]@]HOST[:PORT]
//   all_proxy                  the same for both
//   no_proxy                   what is reached without one: names with all below them, `.NAME`, addresses, ranges
//                              such as 10.0.0.0/8, each also with a port; or `*`
//
// Each is also read in capital letters, if the other is absent.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/grant.h"
#include "tenon/result.h"

namespace tenon::http {

struct Proxy {
  HttpTarget at;              // never https
  std::string authorization;  // the value of `Proxy-Authorization`; empty: none

  bool operator==(const Proxy&) const = default;
};

class Proxies final {
 public:
  // A variable of the environment, by its name.
  using Variable = std::function<std::optional<std::string>(const std::string& name)>;

  // Without proxies.
  Proxies() = default;
  // Entries of `no_proxy` that cannot be understood are ignored, as other programs do.
  // Errors: config-value, for a proxy that is not of `http`, or not a host.
  [[nodiscard]] static Result<Proxies> read(const Variable& variable);
  // Those of this process. A program that has more rights than its user has none. Errors: as `read`.
  [[nodiscard]] static Result<Proxies> of_process();

  // The proxy for requests to the target; null: they are sent directly, as always to this machine.
  [[nodiscard]] const Proxy* find(const HttpTarget& target) const;

 private:
  std::optional<Proxy> http_;
  std::optional<Proxy> https_;
  std::vector<Grant> direct_;
};

}  // namespace tenon::http
