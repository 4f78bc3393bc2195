// How a registry lets a user in: what it asks for (`WWW-Authenticate`), and the header that
// answers.
//
// Source: RFC 9110, section 11; "Token Authentication Specification" of distribution (docker);
// its OAuth2 form for identity tokens.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/credentials.h"
#include "registry/http.h"
#include "tenon/result.h"

namespace tenon::registry {

struct Challenge {
  std::string scheme;                                          // in lower case: `bearer`
  std::map<std::string, std::string, std::less<>> parameters;  // names in lower case

  bool operator==(const Challenge&) const = default;
};

// The challenges of one header; what cannot be read ends the list.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view header);

// Knows the credentials of one registry and the tokens that it was given for them.
class OciAuthorizer final {
 public:
  // http must outlive it. registry: for messages.
  OciAuthorizer(HttpClient& http, std::string registry, FoundCredentials credentials,
                PlainHttp plain_http);

  // The header Authorization to try; empty: none. scope: `repository:acme/math:pull`.
  [[nodiscard]] std::string find_header(const std::string& scope) const;

  // The header that answers the refusal (401). Credentials go to the registry itself, or to the
  // token server that it names: over https, or in clear where the registry is asked in clear.
  // Errors: ext-auth, ext-fetch.
  [[nodiscard]] Result<std::string> answer(const HttpResponse& refusal, const std::string& scope);

  // ext-auth: the registry did not let the user do this. tried: what was sent.
  [[nodiscard]] Diagnostic refused(const HttpResponse& response) const;

 private:
  [[nodiscard]] Result<std::string> fetch_token(const Challenge& challenge,
                                                const HttpResponse& refusal,
                                                const std::string& scope);
  [[nodiscard]] Result<Url> find_realm(const Challenge& challenge,
                                       const HttpResponse& refusal) const;
  [[nodiscard]] std::string show_user() const;

  HttpClient& http_;
  std::string registry_;
  FoundCredentials credentials_;
  PlainHttp plain_http_;
  std::map<std::string, std::string, std::less<>> headers_;  // by scope
};

}  // namespace tenon::registry
