// HTTP as the registries need it: one request, one answer, with limits on everything that a server
// decides. `HttpClient` does one exchange; `send_request` follows redirects and keeps the rules:
//
//   - never from https to http, and http only to this machine unless the request allows more;
//   - credentials never to another origin than the one they are for;
//   - a bounded number of redirects, and of GET and HEAD alone.
//
// Source: RFC 9110.
#pragma once

#include <cstdint>
#include <memory>
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

// Where requests may go in clear. Anywhere is for registries that the user says are insecure on
// purpose.
enum class PlainHttp { LoopbackOnly, Anywhere };

struct HttpRequest {
  std::string method = "GET";
  Url url;
  std::vector<HttpHeader> headers = {};
  // Value of the header Authorization, for the origin of `url` alone; empty: none.
  std::string authorization = {};
  // Must outlive the request. Only POST and PUT have one.
  std::span<const std::uint8_t> body = {};
  // Of the answer's body.
  std::uint64_t max_bytes = 0;
  PlainHttp plain_http = PlainHttp::LoopbackOnly;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers = {};
  Bytes body = {};
  Url url = {};  // that answered, after redirects
};

// Thread: one at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // One exchange, without redirects. Any status is an answer.
  // Errors: ext-fetch: no connection, a stall, a time limit, an answer that is cut off, too large
  // or no HTTP.
  [[nodiscard]] virtual Result<HttpResponse> exchange(const HttpRequest& request) = 0;
};

// Errors: those of exchange; ext-fetch for redirects that break a rule.
[[nodiscard]] Result<HttpResponse> send_request(HttpClient& client, HttpRequest request);

// The value of the first header of that name, whatever the case of its letters; null if none.
[[nodiscard]] const std::string* find_header(const HttpResponse& response, std::string_view name);

// The values of all headers of that name.
[[nodiscard]] std::vector<std::string_view> find_headers(const HttpResponse& response,
                                                         std::string_view name);

// ext-fetch: what could not be had, from where, and why.
[[nodiscard]] Diagnostic fetch_problem(const Url& url, std::string_view reason);

// ext-fetch for an answer with another status than was hoped for. A registry's own words, if the
// answer has any, are a note.
[[nodiscard]] Diagnostic status_problem(const HttpResponse& response);

}  // namespace tenon::registry
