// The interfaces by which requests of HTTP pass from one unit to another.
#pragma once

#include <array>
#include <string_view>

namespace tenon::resolve {

// The interfaces that units export to answer requests. If a unit exports both, the first one is used.
inline constexpr std::array<std::string_view, 2> kHttpHandlers = {
    "wasi:http/handler@0.3.", "wasi:http/incoming-handler@0.2."};
// The interfaces that units import to send requests.
inline constexpr std::array<std::string_view, 2> kHttpClients = {"wasi:http/client@0.3.",
                                                                 "wasi:http/outgoing-handler@0.2."};
inline constexpr std::string_view kWithoutHttpHandler =
    "it exports neither `wasi:http/incoming-handler@0.2` nor `wasi:http/handler@0.3`";

// interface: "wasi:http/incoming-handler@0.2.6"
[[nodiscard]] constexpr bool is_http_handler(std::string_view interface) {
  return interface.starts_with(kHttpHandlers[0]) || interface.starts_with(kHttpHandlers[1]);
}
[[nodiscard]] constexpr bool is_http_client(std::string_view interface) {
  return interface.starts_with(kHttpClients[0]) || interface.starts_with(kHttpClients[1]);
}
[[nodiscard]] constexpr bool passes_requests(std::string_view interface) {
  return is_http_handler(interface) || is_http_client(interface);
}

}  // namespace tenon::resolve
