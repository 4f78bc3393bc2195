#include "registry/fetch_url.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/sha256.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

Diagnostic wrong_pin(const Url& url, std::string_view wanted, const FetchedPackage& found) {
  Diagnostic problem =
      make_diagnostic(Code::ExtDigest, "`{}` is not what was pinned", show_url(url));
  problem.notes.push_back({fmt::format("wanted sha256 {}", sanitize_text(wanted)), {}, {}});
  problem.notes.push_back({fmt::format("found  sha256 {}", found.sha256), {}, {}});
  // A server that wants a login, or that has nothing, often answers as if it had.
  if (!found.component.empty() && found.component.front() == '<')
    problem.notes.push_back({"it begins with `<`: a web page, and not a component", {}, {}});
  problem.hints.push_back(
      fmt::format("look at what is there; if you trust it, pin that: `--sha256 {}`", found.sha256));
  return problem;
}

}  // namespace

Result<FetchedPackage> fetch_url(HttpClient& http, const UrlSource& source,
                                 const std::variant<Pin, Unpinned>& pin) {
  HttpRequest request;
  request.url = source.url;
  request.max_bytes = limits::kPackageBytes;
  TENON_TRY(HttpResponse response, send_request(http, request));
  if (response.status != 200) return status_problem(response);
  FetchedPackage fetched;
  fetched.component = std::move(response.body);
  fetched.sha256 = sha256_hex(fetched.component);
  fetched.origin = print_url(source.url);
  const Pin* const wanted = std::get_if<Pin>(&pin);
  if (wanted != nullptr && wanted->sha256 != fetched.sha256)
    return wrong_pin(response.url, wanted->sha256, fetched);
  return fetched;
}

}  // namespace tenon::registry
