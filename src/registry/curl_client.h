// An `HttpClient` that uses libcurl.
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
  // A transfer has stalled if it is slower than `stall_speed` bytes a second for `stall_time`.
  std::uint32_t stall_speed = 100;
  std::chrono::seconds stall_time{30};
  std::chrono::milliseconds total_time{15 * 60'000};
  // A PEM file of certificates to trust instead of the system's; empty for the system's.
  std::string ca_file = {};
  // Candidates; the first one that exists is loaded.
  std::vector<std::string> libraries = {"libcurl.so.4", "libcurl-gnutls.so.4"};
};

// libcurl is loaded by the first exchange, so a program that fetches nothing does not need it. If
// it is missing, each exchange fails with ext-fetch. Proxies come from the environment
// (`https_proxy`, ...), except for this machine, which is contacted directly.
[[nodiscard]] std::unique_ptr<HttpClient> make_curl_client(CurlOptions options);

}  // namespace tenon::registry
