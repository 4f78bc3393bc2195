// URLs of guests, and the servers that the host lets them reach.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/host_glue.h"

namespace http_client {

struct DeleteUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
// A URL in parts, as libcurl reads and uses it.
using Url = std::unique_ptr<CURLU, DeleteUrl>;

// Where requests are sent to.
struct Origin {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; of a pattern, also "*.example.org"
  std::string port;

  bool operator==(const Origin&) const = default;
};

// A URL of http or https without user and password, or why it is none.
[[nodiscard]] tenon::expected<Url, std::string> parse_url(std::string_view text);
[[nodiscard]] Origin origin_of(const Url& url);

// The servers that guests can reach.
class Allowed final {
 public:
  // text: patterns, separated by spaces: "https://api.example.org", "http://127.0.0.1:8080",
  // "https://*.example.org" (every host below it), "*" (all). Throws std::invalid_argument.
  explicit Allowed(std::string_view text);

  [[nodiscard]] bool contains(const Origin& origin) const;

 private:
  bool has_all_ = false;
  std::vector<Origin> patterns_;
};

}  // namespace http_client
