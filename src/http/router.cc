#include "http/router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "http/path.h"
#include "support/diagnostics.h"

namespace tenon::http {

namespace {

constexpr std::string_view kBelow = "/*";
constexpr std::string_view kSubdomains = "*.";

bool takes_below(std::string_view pattern) { return pattern.ends_with(kBelow); }

// The path before "/*", or the whole of an exact path.
std::string_view base_of(std::string_view pattern) {
  return takes_below(pattern) ? pattern.substr(0, pattern.size() - kBelow.size()) : pattern;
}

bool fits_host(std::string_view pattern, std::string_view host) {
  if (pattern.empty() || pattern == host) return true;
  // The dot belongs to what has to follow the subdomain.
  return pattern.starts_with(kSubdomains) && host.size() >= pattern.size() &&
         host.ends_with(pattern.substr(1));
}

bool fits_method(const HttpRoute& route, std::string_view method) {
  const auto& methods = route.methods;
  return methods.empty() || std::ranges::find(methods, method) != methods.end() ||
         (method == "HEAD" && std::ranges::find(methods, "GET") != methods.end());
}

// In the order of routes: the most specific first.
auto rank_of(const HttpRoute& route) {
  const bool has_exact_host = !route.host.empty() && !route.host.starts_with(kSubdomains);
  return std::tuple(!has_exact_host, -static_cast<std::ptrdiff_t>(route.host.size()), route.host,
                    takes_below(route.path), -static_cast<std::ptrdiff_t>(route.path.size()),
                    route.path, route.methods.empty(), route.methods);
}

bool is_of_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
         c == ':' || c == '[' || c == ']';
}

bool is_method(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

class RouteChecker final {
 public:
  explicit RouteChecker(Diagnostics& problems) : problems_(problems) {}

  void check(HttpRoute& route) {
    check_path(route);
    check_host(route);
    for (const std::string& method : route.methods)
      if (!is_method(method))
        complain(route, fmt::format("`{}` is not a method", method),
                 "write methods in capitals, such as `GET`");
    check_target(route);
    std::ranges::sort(route.methods);
    const auto repeated = std::ranges::unique(route.methods);
    route.methods.erase(repeated.begin(), repeated.end());
  }

  // Reports each pair of routes of which neither is more specific.
  void compare(const std::vector<HttpRoute>& routes) {
    for (std::size_t i = 0; i < routes.size(); ++i)
      for (std::size_t k = i + 1; k < routes.size(); ++k)
        if (are_equal(routes[i], routes[k])) complain_equal(routes[i], routes[k]);
  }

 private:
  void check_path(const HttpRoute& route) {
    const std::string_view base = base_of(route.path);
    const auto refuse = [&](std::string_view why) {
      complain(route, fmt::format("the path `{}` {}", route.path, why),
               "write an exact path such as `/about`, or `/api/*` for all below");
    };
    if (!route.path.starts_with('/')) return refuse("does not begin with `/`");
    if (base.find('*') != base.npos) return refuse("has a `*` that is not the last segment");
    if (base.find_first_of("?#") != base.npos)
      return refuse("has a query or fragment, which routes do not see");
    if (base.find('%') != base.npos)
      return refuse("is percent-encoded, and routes are compared with decoded paths");
    if (!base.empty() && normalize_path(base) != base)
      return refuse("is not in its normal form, without `//`, `.` and `..`");
    if (takes_below(route.path) && base.ends_with('/')) refuse("has an empty segment");
  }

  void check_host(HttpRoute& route) {
    if (route.host.empty()) return;
    std::string_view host = route.host;
    const bool has_port = host.rfind(':') != host.npos && !host.ends_with(']');
    if (has_port)
      return complain(route, fmt::format("the host `{}` has a port", route.host),
                      "remove the port: routes are for all addresses of the server");
    std::string lower = normalize_host(host);
    std::string_view name = lower;
    if (name.starts_with(kSubdomains)) name.remove_prefix(kSubdomains.size());
    if (name.empty() || !std::ranges::all_of(name, is_of_host))
      return complain(route, fmt::format("`{}` is not the name of a host", route.host),
                      "write a name such as `example.org`, or `*.example.org` for all below");
    route.host = std::move(lower);
  }

  void check_target(HttpRoute& route) {
    const bool names_nothing = route.unit.empty() && route.folder.empty();
    if (names_nothing && route.handler != nullptr) return;
    if (route.unit.empty() == route.folder.empty())
      return complain(route,
                      names_nothing ? "it names neither a unit nor a folder"
                                    : "it names both a unit and a folder",
                      "write `unit = \"NAME\"` or `static = \"FOLDER\"`");
    if (route.folder.empty()) {
      if (route.precompressed)
        complain(route, "only files can be `precompressed`", "remove `precompressed`");
      return;
    }
    if (!takes_below(route.path))
      complain(route, fmt::format("the files of a folder need a path that ends with `{}`", kBelow),
               fmt::format("write `{}{}`", route.path == "/" ? "" : route.path, kBelow));
    if (std::ranges::any_of(route.methods, [](const std::string& method) {
          return method != "GET" && method != "HEAD";
        }))
      complain(route, "files are only for the methods GET and HEAD", "remove `method`");
    if (route.methods.empty()) route.methods = {"GET"};
  }

  static bool are_equal(const HttpRoute& a, const HttpRoute& b) {
    if (a.path != b.path || a.host != b.host) return false;
    if (a.methods.empty() || b.methods.empty()) return a.methods.empty() && b.methods.empty();
    return std::ranges::any_of(a.methods,
                               [&](const std::string& method) { return fits_method(b, method); }) ||
           std::ranges::any_of(b.methods,
                               [&](const std::string& method) { return fits_method(a, method); });
  }

  void complain(const HttpRoute& route, std::string_view why, std::string hint) {
    Diagnostic problem = make_diagnostic(Code::HttpRoute, "the route `{}` cannot be used: {}",
                                         print_route(route), why);
    problem.where = route.where;
    problem.hints.push_back(std::move(hint));
    problems_.push_back(std::move(problem));
  }

  void complain_equal(const HttpRoute& first, const HttpRoute& second) {
    Diagnostic problem =
        make_diagnostic(Code::HttpRoute, "two routes take the same requests: `{}` and `{}`",
                        print_route(first), print_route(second));
    problem.where = second.where;
    problem.notes.push_back(
        {first.where.line == 0
             ? fmt::format("the other one is for `{}`",
                           first.unit.empty() ? first.folder : first.unit)
             : fmt::format("the other one is in {}:{}", first.where.file, first.where.line),
         {},
         first.where});
    problem.hints.emplace_back("remove one of them, or give it another path, host or method");
    problems_.push_back(std::move(problem));
  }

  Diagnostics& problems_;
};

}  // namespace

Result<Router> Router::make(std::vector<HttpRoute> routes) {
  Diagnostics problems;
  RouteChecker checker(problems);
  for (HttpRoute& route : routes) checker.check(route);
  checker.compare(routes);
  if (!problems.empty()) return problems;
  std::ranges::sort(routes, {}, rank_of);
  return Router(std::move(routes));
}

Router::Match Router::find(std::string_view method, std::string_view host,
                           std::string_view path) const {
  Match match;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const HttpRoute& route = routes_[i];
    if (!fits_host(route.host, host) || !takes_path(route, path)) continue;
    if (fits_method(route, method)) return {.route = i, .allowed = {}};
    std::ranges::copy(route.methods, std::back_inserter(match.allowed));
  }
  if (std::ranges::find(match.allowed, "GET") != match.allowed.end())
    match.allowed.emplace_back("HEAD");
  std::ranges::sort(match.allowed);
  const auto repeated = std::ranges::unique(match.allowed);
  match.allowed.erase(repeated.begin(), repeated.end());
  return match;
}

bool takes_path(const HttpRoute& route, std::string_view path) {
  if (!takes_below(route.path)) return path == route.path;
  const std::string_view base = base_of(route.path);
  return path.starts_with(base) && (path.size() == base.size() || path[base.size()] == '/');
}

std::string_view rest_of(std::string_view pattern, std::string_view path) {
  return path.substr(std::min(base_of(pattern).size(), path.size()));
}

std::string print_route(const HttpRoute& route) {
  return fmt::format("{}{}{}{}", fmt::join(route.methods, ","), route.methods.empty() ? "" : " ",
                     route.host, route.path);
}

}  // namespace tenon::http
