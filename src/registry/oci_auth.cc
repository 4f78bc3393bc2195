#include "registry/oci_auth.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

// A cursor over the text of a header.
//
// challenge   ::= auth-scheme [ 1*SP ( token68 / #auth-param ) ]      (RFC 9110, section 11.3)
// auth-param  ::= token BWS "=" BWS ( token / quoted-string )
class HeaderReader final {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  void skip(std::string_view characters) {
    text_.remove_prefix(std::min(text_.find_first_not_of(characters), text_.size()));
  }
  [[nodiscard]] bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // The next word, in lower case; empty if there is none.
  [[nodiscard]] std::string take_word() {
    std::string word;
    while (!text_.empty() && is_word_character(text_.front())) {
      const char c = text_.front();
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      text_.remove_prefix(1);
    }
    return word;
  }
  // The next word or quoted string; none if the string is not terminated.
  [[nodiscard]] std::optional<std::string> take_value() {
    std::string value;
    if (!take('"')) {
      const std::size_t end = std::min(text_.find_first_of(", \t"), text_.size());
      value = text_.substr(0, end);
      text_.remove_prefix(end);
      return value;
    }
    while (!text_.empty()) {
      if (take('"')) return value;
      if (take('\\') && text_.empty()) break;
      value += text_.front();
      text_.remove_prefix(1);
    }
    return std::nullopt;
  }

 private:
  static bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  }

  std::string_view text_;
};

// Whether a token can be sent in a header without adding lines to it. RFC 6750 (`b64token`) allows
// fewer characters, but registries use others.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string escape_form(std::string_view value) {
  Url url;
  add_query(url, "", value);
  return url.query.substr(1);
}

// The token in the response of a token server, which uses one of two names for it.
std::optional<std::string> find_token(const Bytes& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  for (const char* key : {"token", "access_token"}) {
    const auto match = json.is_object() ? json.find(key) : json.end();
    if (match == json.end() || !match->is_string()) continue;
    if (std::string token = match->get<std::string>(); is_token(token)) return token;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> challenges;
  HeaderReader reader(header);
  while (true) {
    reader.skip(" \t,");
    std::string word = reader.take_word();
    if (word.empty()) return challenges;
    if (!reader.take('=')) {
      challenges.push_back({std::move(word), {}});
      continue;
    }
    std::optional<std::string> value = reader.take_value();
    if (!value || challenges.empty()) return challenges;
    challenges.back().parameters.insert_or_assign(std::move(word), *std::move(value));
  }
}

OciAuthorizer::OciAuthorizer(HttpClient& http, std::string registry, FoundCredentials credentials,
                             PlainHttp plain_http)
    : http_(http),
      registry_(std::move(registry)),
      credentials_(std::move(credentials)),
      plain_http_(plain_http) {}

std::string OciAuthorizer::find_header(const std::string& scope) const {
  const auto match = headers_.find(scope);
  return match == headers_.end() ? std::string() : match->second;
}

std::string OciAuthorizer::show_user() const {
  if (const auto* const basic = std::get_if<BasicCredentials>(&credentials_.credentials))
    return fmt::format("tried as user `{}`, from {}", sanitize_text(basic->user),
                       credentials_.from);
  if (std::holds_alternative<std::monostate>(credentials_.credentials))
    return fmt::format("tried without credentials: {} has none for this registry",
                       credentials_.from);
  return fmt::format("tried with a token, from {}", credentials_.from);
}

Diagnostic OciAuthorizer::refused(const HttpResponse& response) const {
  Diagnostic problem = make_diagnostic(Code::ExtAuth, "`{}` refused access to `{}` ({})", registry_,
                                       show_url(response.url), response.status);
  problem.notes = status_problem(response).notes;
  problem.notes.insert(problem.notes.begin(), {show_user(), {}, {}});
  problem.hints.push_back(
      fmt::format("log in with `docker login {}`, or check the name: registries hide repositories "
                  "that a user cannot read",
                  registry_));
  return problem;
}

Result<std::string> OciAuthorizer::answer(const HttpResponse& refusal, const std::string& scope) {
  std::string header;
  if (const auto* const bearer = std::get_if<BearerToken>(&credentials_.credentials);
      bearer != nullptr && is_token(bearer->token)) {
    header = "Bearer " + bearer->token;
  } else {
    std::vector<Challenge> challenges;
    for (const std::string_view value : find_headers(refusal, "WWW-Authenticate"))
      std::ranges::move(parse_challenges(value), std::back_inserter(challenges));
    const auto find = [&](std::string_view scheme) {
      return std::ranges::find(challenges, scheme, &Challenge::scheme);
    };
    if (const auto token = find("bearer"); token != challenges.end()) {
      TENON_TRY(header, fetch_token(*token, refusal, scope));
    } else if (find("basic") != challenges.end() &&
               std::holds_alternative<BasicCredentials>(credentials_.credentials)) {
      header = encode_basic(std::get<BasicCredentials>(credentials_.credentials));
    } else {
      return refused(refusal);
    }
  }
  headers_.insert_or_assign(scope, header);
  return header;
}

Result<Url> OciAuthorizer::find_realm(const Challenge& challenge,
                                      const HttpResponse& refusal) const {
  const auto text = challenge.parameters.find("realm");
  const std::string realm = text == challenge.parameters.end() ? "" : text->second;
  Result<Url, UrlError> url = parse_url(realm);
  if (url && !(refusal.url.scheme == Scheme::Https && url->scheme == Scheme::Http))
    return *std::move(url);
  Diagnostic problem =
      make_diagnostic(Code::ExtAuth, "`{}` names the token server `{}`, which {}", registry_,
                      sanitize_text(realm), url ? "is not https" : url.error().reason);
  problem.hints.emplace_back(
      "report this to the operator of the registry; no credentials were sent");
  return problem;
}

Result<std::string> OciAuthorizer::fetch_token(const Challenge& challenge,
                                               const HttpResponse& refusal,
                                               const std::string& scope) {
  HttpRequest request;
  request.max_bytes = limits::kRegistryAnswerBytes;
  request.plain_http = plain_http_;
  TENON_TRY(request.url, find_realm(challenge, refusal));
  const auto service = challenge.parameters.find("service");
  std::string form;
  if (const auto* const identity = std::get_if<IdentityToken>(&credentials_.credentials)) {
    request.method = "POST";
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    form = fmt::format("grant_type=refresh_token&client_id=tenon&scope={}&refresh_token={}",
                       escape_form(scope), escape_form(identity->token));
    if (service != challenge.parameters.end()) form += "&service=" + escape_form(service->second);
    request.body = as_bytes(form);
  } else {
    if (service != challenge.parameters.end()) add_query(request.url, "service", service->second);
    add_query(request.url, "scope", scope);
    if (const auto* const basic = std::get_if<BasicCredentials>(&credentials_.credentials))
      request.authorization = encode_basic(*basic);
  }
  TENON_TRY(const HttpResponse response, send_request(http_, request));
  if (response.status == 401 || response.status == 403) return refused(response);
  if (response.status != 200) return status_problem(response);
  if (const std::optional<std::string> token = find_token(response.body)) return "Bearer " + *token;
  return fetch_problem(response.url, "the token server answered without a token");
}

}  // namespace tenon::registry
