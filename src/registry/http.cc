#include "registry/http.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

constexpr int kMaxRedirects = 5;

bool is_same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_redirect(const HttpRequest& request, int status) {
  constexpr int kRedirects[] = {301, 302, 303, 307, 308};
  return (request.method == "GET" || request.method == "HEAD") &&
         std::ranges::find(kRedirects, status) != std::end(kRedirects);
}

Result<void> check_plain_http(const HttpRequest& request) {
  if (request.url.scheme == Scheme::Https || request.plain_http == PlainHttp::Anywhere ||
      is_loopback(request.url.host))
    return {};
  Diagnostic problem = fetch_problem(
      request.url, "plain http can be changed on the way, and is only used for this machine");
  problem.hints.emplace_back(
      "use `https`, or set `protocol = \"http\"` for this registry in wasm-pkg/config.toml");
  return problem;
}

// The URL that a response redirects to. Errors: ext-fetch.
Result<Url> find_target(const HttpRequest& request, const HttpResponse& response) {
  const std::string* const location = find_header(response, "location");
  if (location == nullptr)
    return fetch_problem(request.url,
                         fmt::format("the redirect ({}) has no `Location`", response.status));
  Result<Url, UrlError> target = resolve_location(request.url, *location);
  if (!target)
    return fetch_problem(request.url, fmt::format("the redirect to `{}` is not valid: it {}",
                                                  sanitize_text(*location), target.error().reason));
  if (request.url.scheme == Scheme::Https && target->scheme == Scheme::Http)
    return fetch_problem(request.url,
                         fmt::format("the server redirects from https to `{}`", show_url(*target)));
  return *std::move(target);
}

// The first error of `{"errors":[{"code","message"}]}`, the form in which registries report errors;
// empty for other bodies.
std::string find_registry_error(const Bytes& body) {
  constexpr std::size_t kMaxShown = 300;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("errors") || !json["errors"].is_array() ||
      json["errors"].empty() || !json["errors"][0].is_object())
    return {};
  std::string text;
  for (const char* key : {"code", "message"}) {
    const auto match = json["errors"][0].find(key);
    if (match == json["errors"][0].end() || !match->is_string()) continue;
    text += (text.empty() ? "" : ": ") + match->get<std::string>();
  }
  return truncate_text(sanitize_text(text), kMaxShown, Charset::Ascii);
}

std::string explain_status(int status) {
  switch (status) {
    case 404:
      return "not found (404)";
    case 429:
      return "too many requests (429)";
    default:
      if (status >= 500) return fmt::format("the server failed ({})", status);
      return fmt::format("the server answered {}", status);
  }
}

}  // namespace

Diagnostic fetch_problem(const Url& url, std::string_view reason) {
  return make_diagnostic(Code::ExtFetch, "cannot fetch `{}`: {}", show_url(url), reason);
}

Diagnostic fetch_note(std::string text) {
  Diagnostic note = make_diagnostic(Code::ExtFetch, "{}", text);
  note.severity = Severity::Note;
  return note;
}

Diagnostic status_problem(const HttpResponse& response) {
  Diagnostic problem = fetch_problem(response.url, explain_status(response.status));
  if (const std::string text = find_registry_error(response.body); !text.empty())
    problem.notes.push_back({fmt::format("the server says: {}", text), {}, {}});
  if (response.status == 429 || response.status >= 500)
    problem.hints.emplace_back("try again later");
  return problem;
}

const std::string* find_header(const HttpResponse& response, std::string_view name) {
  const auto match = std::ranges::find_if(
      response.headers, [&](const HttpHeader& header) { return is_same_name(header.name, name); });
  return match == response.headers.end() ? nullptr : &match->value;
}

std::vector<std::string_view> find_headers(const HttpResponse& response, std::string_view name) {
  std::vector<std::string_view> values;
  for (const HttpHeader& header : response.headers)
    if (is_same_name(header.name, name)) values.emplace_back(header.value);
  return values;
}

Result<HttpResponse> send_request(HttpClient& client, HttpRequest request) {
  const Url first = request.url;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    TENON_TRY_VOID(check_plain_http(request));
    TENON_TRY(HttpResponse response, client.exchange(request));
    response.url = request.url;
    if (!is_redirect(request, response.status)) return response;
    TENON_TRY(Url target, find_target(request, response));
    if (!is_same_origin(request.url, target)) request.authorization.clear();
    request.url = std::move(target);
  }
  return fetch_problem(first, fmt::format("more than {} redirects", kMaxRedirects));
}

}  // namespace tenon::registry
