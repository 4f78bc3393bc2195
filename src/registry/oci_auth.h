// Authentication with an OCI registry. A registry answers a request without rights with status 401
// and a challenge (`WWW-Authenticate`), which names a scheme: Basic, or Bearer with the address of
// a token server. `OciAuthorizer` answers the challenge, and keeps the answer for later requests.
//
// Source: RFC 9110, section 11; "Token Authentication Specification" of distribution (docker), and
// its OAuth2 variant for identity tokens.
#pragma once

#include <map>
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

// The challenges of one header, up to the first one that cannot be parsed.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view header);

// Holds the credentials for one registry, and the tokens obtained with them.
class OciAuthorizer final {
 public:
  // http must outlive this object. registry: for messages.
  OciAuthorizer(HttpClient& http, std::string registry, FoundCredentials credentials,
                PlainHttp plain_http);

  // The value of Authorization that worked before for this scope; empty if there is none.
  // scope: such as `repository:acme/math:pull`.
  [[nodiscard]] std::string find_header(const std::string& scope) const;

  // The value of Authorization that answers a refusal (status 401). Credentials are sent only to
  // the registry itself, or to the token server that it names: over https, or over plain http if
  // the registry uses that, too. Errors: ext-auth, ext-fetch.
  [[nodiscard]] Result<std::string> answer(const HttpResponse& refusal, const std::string& scope);

  // The diagnostic ext-auth for a refused request; it names the credentials that were used.
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
