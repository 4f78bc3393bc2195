// A minimal HTTP client: one request, one response, with limits on everything that a server
// decides. `HttpClient` performs a single exchange; `send_request` follows redirects and enforces
// the rules:
//
//   - never from https to http, and plain http only to this machine unless the request allows more;
//   - credentials only to the origin that they are for;
//   - a limited number of redirects, and only for GET and HEAD.
//
// Source: RFC 9110.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/url.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

struct HttpHeader {
  std::string name;
  std::string value;

  bool operator==(const HttpHeader&) const = default;
};

// Where requests can go unencrypted. `Anywhere` is for registries that the user has configured as
// insecure.
enum class PlainHttp { LoopbackOnly, Anywhere };

struct HttpRequest {
  std::string method = "GET";
  Url url;
  std::vector<HttpHeader> headers = {};
  // Value of the header Authorization, sent only to the origin of `url`; empty for none.
  std::string authorization = {};
  // Only for POST and PUT. Must outlive the request.
  std::span<const std::uint8_t> body = {};
  // Maximum size of the response's body.
  std::uint64_t max_bytes = 0;
  PlainHttp plain_http = PlainHttp::LoopbackOnly;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers = {};
  Bytes body = {};
  Url url = {};  // the URL that answered, after redirects
};

// Thread: one at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // One exchange, without redirects. Any status is a success.
  // Errors: ext-fetch: no connection, a stall, a time limit, or a response that is incomplete, too
  //         large or not HTTP.
  [[nodiscard]] virtual Result<HttpResponse> exchange(const HttpRequest& request) = 0;
};

// Sends a request and follows redirects.
// Errors: those of `exchange`; ext-fetch for a redirect that breaks a rule.
[[nodiscard]] Result<HttpResponse> send_request(HttpClient& client, HttpRequest request);

// The value of the first header of that name, ignoring case; null if there is none.
[[nodiscard]] const std::string* find_header(const HttpResponse& response, std::string_view name);

// The values of all headers of that name.
[[nodiscard]] std::vector<std::string_view> find_headers(const HttpResponse& response,
                                                         std::string_view name);

// The diagnostic ext-fetch for a URL, with the reason.
[[nodiscard]] Diagnostic fetch_problem(const Url& url, std::string_view reason);

// The note ext-fetch: a part of a registry was not used.
[[nodiscard]] Diagnostic fetch_note(std::string text);

// The diagnostic ext-fetch for a response with an unexpected status. The registry's error message,
// if the response has one, becomes a note.
[[nodiscard]] Diagnostic status_problem(const HttpResponse& response);

}  // namespace tenon::registry
