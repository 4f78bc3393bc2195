// Which route takes a request: the most specific one, in whatever order routes are written. `HttpRoute` has
// the rules.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/http.h"
#include "tenon/result.h"

namespace tenon::http {

class Router final {
 public:
  // Checks each route, and that no two are the same. Errors: http-route, for every problem.
  [[nodiscard]] static Result<Router> make(std::vector<HttpRoute> routes);

  // The most specific route first; hosts in lower case.
  [[nodiscard]] const std::vector<HttpRoute>& routes() const { return routes_; }

  struct Match {
    std::optional<std::size_t> route;  // absent: none takes the request
    // If that is due to the method alone, the methods that a route takes.
    std::vector<std::string> allowed;
  };
  // host, path: as `normalize_host` and `normalize_path` give them.
  [[nodiscard]] Match find(std::string_view method, std::string_view host,
                           std::string_view path) const;

 private:
  explicit Router(std::vector<HttpRoute> routes) : routes_(std::move(routes)) {}

  std::vector<HttpRoute> routes_;
};

// Whether a route takes a path, if it takes the host and the method.
[[nodiscard]] bool takes_path(const HttpRoute& route, std::string_view path);

// The rest of a path that a route with this pattern takes: "/a" of "/files/a" for "/files/*"; empty if the path is
// that before "/*" itself, and for a pattern without it.
[[nodiscard]] std::string_view rest_of(std::string_view pattern, std::string_view path);

// A route as messages and plans name it: "GET example.org/api/*".
[[nodiscard]] std::string print_route(const HttpRoute& route);

}  // namespace tenon::http
