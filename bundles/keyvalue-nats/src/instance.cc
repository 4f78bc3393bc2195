// The bundle `keyvalue-nats`: buckets of NATS JetStream as `wasi:keyvalue`. ../host.toml describes
// its configuration.
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "adapter.h"
#include "nats_api.h"
#include "nats_store.h"

namespace keyvalue_nats {

namespace {

ServerSettings read_server(const tenon::host_config& config) {
  const auto file = [&](const char* key) { return std::string(config.text(key).value_or("")); };
  ServerSettings settings{
      .servers = keyvalue_adapter::split_words(config.text("servers").value()),
      .credentials = file("credentials"),
      .tls_ca = file("tls-ca"),
      .tls_cert = file("tls-cert"),
      .tls_key = file("tls-key"),
      .timeout = std::chrono::milliseconds(
          keyvalue_adapter::read_number(config, "timeout-ms", 1, 86'400'000)),
  };
  if (settings.servers.empty()) throw std::runtime_error("`servers` names no server");
  if (settings.tls_cert.empty() != settings.tls_key.empty())
    throw std::runtime_error("`tls-cert` and `tls-key` belong together: set both or neither");
  return settings;
}

}  // namespace

class Instance final : public keyvalue_adapter::Adapter {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    const Creation creation{
        .is_allowed = config.flag("create-buckets").value(),
        .max_bytes = keyvalue_adapter::read_number(config, "max-bucket-bytes", 1,
                                                   std::numeric_limits<std::int64_t>::max())};
    const keyvalue_adapter::Settings settings = keyvalue_adapter::read_settings(config);
    const NatsApi api = load_nats(std::string(config.text("libnats").value_or("")));
    return std::make_unique<Instance>(settings, Server::connect(api, read_server(config)),
                                      creation);
  }

  Instance(const keyvalue_adapter::Settings& settings, std::shared_ptr<Server> server,
           const Creation& creation)
      : Adapter(settings), server_(std::move(server)), creation_(creation) {}

 protected:
  Outcome<std::shared_ptr<keyvalue_adapter::Store>> open_store(const std::string& name) override {
    return open_bucket(server_, name, creation_);
  }

 private:
  std::shared_ptr<Server> server_;
  Creation creation_;
};

}  // namespace keyvalue_nats

TENON_HOST_MODULE(keyvalue_nats, "0.1.0", keyvalue_nats::Instance, TENON_CONCURRENT)
