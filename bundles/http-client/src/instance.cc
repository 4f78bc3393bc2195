// The bundle `http-client`: requests to HTTP servers as `tenon:http-client/requests`. ../host.toml
// describes its configuration.
#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "client.h"
#include "http_client_host.h"
#include "transfer.h"
#include "url.h"

namespace http_client {

namespace {

std::int64_t read_number(const tenon::host_config& config, const char* key, std::int64_t least,
                         std::int64_t most) {
  const std::int64_t number = config.integer(key).value();
  if (number < least || number > most)
    throw std::runtime_error("`" + std::string(key) + "` must be from " + std::to_string(least) +
                             " to " + std::to_string(most) + ", found " + std::to_string(number));
  return number;
}

Limits read_limits(const tenon::host_config& config) {
  return {.timeout = std::chrono::milliseconds(read_number(config, "timeout-ms", 1, 86'400'000)),
          .body_bytes = static_cast<std::size_t>(
              read_number(config, "max-body-bytes", 0, std::int64_t{1} << 30)),
          .ca_file = std::string(config.text("ca-file").value_or("")),
          .proxy = std::string(config.text("proxy").value_or(""))};
}

}  // namespace

class Instance final : public http_client_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    // Counted by libcurl. Other users of libcurl in the process have their own count.
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
      throw std::runtime_error("libcurl cannot be initialized");
    return std::make_unique<Instance>(config);
  }
  explicit Instance(const tenon::host_config& config)
      : allowed_(config.text("allow").value()),
        limits_(read_limits(config)),
        client_(static_cast<long>(read_number(config, "max-connections", 1, 10'000)),
                static_cast<std::size_t>(read_number(config, "max-requests", 1, 1'000'000))) {}

  void get(std::string_view url, tenon::completion<Outcome> done) override {
    send({.method = "GET", .url = std::string(url)}, std::move(done));
  }

  void send(const requests::request& request, tenon::completion<Outcome> done) override {
    auto transfer = Transfer::make(request, allowed_, limits_);
    if (!transfer) return done.complete(tenon::unexpected(transfer.error()));
    client_.start(*std::move(transfer), std::move(done));
  }

 private:
  Allowed allowed_;
  Limits limits_;
  Client client_;
};

}  // namespace http_client

TENON_HOST_MODULE(http_client, "0.1.0", http_client::Instance, TENON_CONCURRENT)
