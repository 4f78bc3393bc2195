// `HttpClient` by libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "registry/http.h"

namespace tenon::registry {

struct CurlOptions {
  std::chrono::milliseconds connect_time{15'000};
  // A transfer that is slower for so long has stalled: bytes a second.
  std::uint32_t stall_speed = 100;
  std::chrono::seconds stall_time{30};
  std::chrono::milliseconds total_time{15 * 60'000};
  // Certificates that are trusted in the place of the system's, as a PEM file; empty: the system's.
  std::string ca_file = {};
  // The first that is there.
  std::vector<std::string> libraries = {"libcurl.so.4", "libcurl-gnutls.so.4"};
};

// libcurl is loaded by the first exchange; where it is not there, each is ext-fetch.
// Proxies are those of the environment (`https_proxy`, ...), but none for this machine.
[[nodiscard]] std::unique_ptr<HttpClient> make_curl_client(CurlOptions options);

}  // namespace tenon::registry
