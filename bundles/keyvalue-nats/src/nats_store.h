// Buckets of NATS JetStream, over the key-value functions of libnats.
//
// A bucket is a stream of JetStream; the revision of a key is the number of its last message. All
// functions wait for the answers of the server, each for as long as the configuration allows.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nats_api.h"
#include "store.h"

namespace keyvalue_nats {

using keyvalue_adapter::error;
using keyvalue_adapter::Outcome;

struct ServerSettings {
  std::vector<std::string> servers;  // URLs
  std::string credentials;           // this and the following are files; empty: none
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::chrono::milliseconds timeout{};  // of each answer
};

// Whether an operation can have changed something if its answer does not come.
enum class Effect : std::uint8_t { Reads, Writes };

// A connection, which libnats makes again when it breaks. Thread: any.
class Server final {
 public:
  // Throws std::runtime_error if there is no connection; the bundle cannot start then.
  [[nodiscard]] static std::shared_ptr<Server> connect(const NatsApi& api,
                                                       const ServerSettings& settings);
  Server(const NatsApi& api, const ServerSettings& settings);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] const NatsApi& api() const { return api_; }
  [[nodiscard]] jsCtx* jetstream() const { return jetstream_; }
  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }

  // Whether there is a connection at the moment. Without one, libnats would keep a message and send
  // it much later, when its guest does not wait for it any more.
  [[nodiscard]] Outcome<void> check_connected() const;
  // A failure of the last function of libnats on this thread.
  [[nodiscard]] error describe(natsStatus status, Effect effect) const;

 private:
  [[nodiscard]] std::string text_of(natsStatus status) const;
  void open(const ServerSettings& settings);

  NatsApi api_;
  std::chrono::milliseconds timeout_;
  std::string shown_;  // the servers, without passwords
  natsConnection* connection_ = nullptr;
  jsCtx* jetstream_ = nullptr;
};

// Whether a bucket that the server does not have is created, and its size.
struct Creation {
  bool is_allowed = false;
  std::int64_t max_bytes = 0;
};

// Errors: no-such-store; those of the server.
[[nodiscard]] Outcome<std::shared_ptr<keyvalue_adapter::Store>> open_bucket(
    std::shared_ptr<Server> server, const std::string& name, const Creation& creation);

}  // namespace keyvalue_nats
