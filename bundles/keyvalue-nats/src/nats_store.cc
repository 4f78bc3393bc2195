#include "nats_store.h"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "utf8.h"

namespace keyvalue_nats {

namespace {

using keyvalue_adapter::Bytes;
using keyvalue_adapter::Entry;
using keyvalue_adapter::kAbsent;
using keyvalue_adapter::make_error;
using keyvalue_adapter::Pair;
using tenon::unexpected;

constexpr std::chrono::milliseconds kReconnectPause{100};

// An object of libnats, with the function that destroys it.
template <class T>
using Held = std::unique_ptr<T, void (*)(T*)>;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// "nats://host:4222" of "nats://user:password@host:4222".
std::string without_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(scheme == std::string_view::npos ? "" : url.substr(0, scheme + 3)) +
         std::string(url.substr(at + 1));
}

// A key as libnats takes it. Keys of JetStream are parts of subjects, so they have no wildcards.
// Errors: the key has other characters.
Outcome<std::string> check_key(std::string_view key) {
  const auto is_allowed = [](char c) { return is_word(c) || c == '/' || c == '=' || c == '.'; };
  const bool has_empty_part =
      key.starts_with('.') || key.ends_with('.') || key.find("..") != std::string_view::npos;
  if (std::ranges::all_of(key, is_allowed) && !has_empty_part) return std::string(key);
  return unexpected(
      make_error("`" + std::string(key) +
                 "` cannot be a key of NATS: it has letters, digits and the characters `-_/=.`, "
                 "and no dot at its beginning, at its end or after another dot"));
}

class NatsStore final : public keyvalue_adapter::Store {
 public:
  NatsStore(std::shared_ptr<Server> server, Held<kvStore> bucket)
      : server_(std::move(server)), bucket_(std::move(bucket)) {}

  Outcome<std::optional<Entry>> get(std::string_view key) override {
    const auto name = prepare(key);
    if (!name) return unexpected(name.error());
    kvEntry* found = nullptr;
    const natsStatus status = api().kvStore_Get(&found, bucket_.get(), name->c_str());
    if (status == NATS_NOT_FOUND) return std::optional<Entry>();
    if (status != NATS_OK) return unexpected(server_->describe(status, Effect::Reads));
    const Held<kvEntry> entry(found, api().kvEntry_Destroy);
    const auto* const begin = static_cast<const std::uint8_t*>(api().kvEntry_Value(found));
    const int size = begin == nullptr ? 0 : api().kvEntry_ValueLen(found);
    return std::optional(Entry{Bytes(begin, begin + size), api().kvEntry_Revision(found)});
  }

  Outcome<void> set(std::span<const Pair> pairs) override {
    return do_each(pairs, [this](const Pair& pair) -> Outcome<natsStatus> {
      const auto name = prepare(pair.key);
      if (!name) return unexpected(name.error());
      return api().kvStore_Put(nullptr, bucket_.get(), name->c_str(), data_of(pair), size_of(pair));
    });
  }

  Outcome<void> remove(std::span<const std::string_view> keys) override {
    return do_each(keys, [this](std::string_view key) -> Outcome<natsStatus> {
      const auto name = prepare(key);
      if (!name) return unexpected(name.error());
      return api().kvStore_Delete(bucket_.get(), name->c_str());
    });
  }

  Outcome<bool> swap(const Pair& pair, std::uint64_t revision) override {
    const auto name = prepare(pair.key);
    if (!name) return unexpected(name.error());
    const natsStatus status = revision == kAbsent
                                  ? api().kvStore_Create(nullptr, bucket_.get(), name->c_str(),
                                                         data_of(pair), size_of(pair))
                                  : api().kvStore_Update(nullptr, bucket_.get(), name->c_str(),
                                                         data_of(pair), size_of(pair), revision);
    if (status == NATS_OK) return true;
    const error failure = server_->describe(status, Effect::Writes);
    // The server refused it. The status does not say whether because of the revision.
    if (status != NATS_ERR) return unexpected(failure);
    const auto now = get(pair.key);
    if (now && (*now ? (*now)->revision : kAbsent) != revision) return false;
    return unexpected(failure);
  }

  // The server lists all keys in the order of their last changes. Only a page of them is kept, so
  // memory does not depend on the size of the bucket.
  Outcome<std::vector<std::string>> list(std::string_view after, std::size_t most) override {
    if (const auto ready = server_->check_connected(); !ready) return unexpected(ready.error());
    Options<kvWatchOptions> options;
    options.known.IgnoreDeletes = true;
    options.known.MetaOnly = true;
    kvWatcher* made = nullptr;
    const natsStatus status = api().kvStore_WatchAll(&made, bucket_.get(), &options.known);
    if (status != NATS_OK) return unexpected(server_->describe(status, Effect::Reads));
    const Held<kvWatcher> watcher(made, api().kvWatcher_Destroy);
    std::set<std::string> page;
    while (true) {
      if (tenon::current_call().should_stop())
        return unexpected(make_error("the deadline of the call has passed"));
      kvEntry* next = nullptr;
      const natsStatus read = api().kvWatcher_Next(&next, made, server_->timeout().count());
      if (read != NATS_OK) return unexpected(server_->describe(read, Effect::Reads));
      if (next == nullptr) return std::vector<std::string>(page.begin(), page.end());
      const Held<kvEntry> entry(next, api().kvEntry_Destroy);
      const std::string_view key = api().kvEntry_Key(next);
      if (key <= after || bundle_text::find_bad_utf8(key) != key.size()) continue;
      page.emplace(key);
      if (page.size() > most) page.erase(std::prev(page.end()));
    }
  }

 private:
  [[nodiscard]] const NatsApi& api() const { return server_->api(); }

  // Before each operation on a key. Errors: no connection, and those of check_key.
  [[nodiscard]] Outcome<std::string> prepare(std::string_view key) const {
    if (const auto ready = server_->check_connected(); !ready) return unexpected(ready.error());
    return check_key(key);
  }

  // libnats does not take a null pointer for an empty value.
  static const void* data_of(const Pair& pair) {
    return pair.value.empty() ? static_cast<const void*>("") : pair.value.data();
  }
  static int size_of(const Pair& pair) { return static_cast<int>(pair.value.size()); }

  // JetStream has no transactions: those before a failure are done.
  template <class T, class Write>
  Outcome<void> do_each(std::span<const T> items, Write write) const {
    for (const T& item : items) {
      if (tenon::current_call().should_stop())
        return unexpected(make_error("the deadline of the call has passed"));
      const Outcome<natsStatus> status = write(item);
      if (!status) return unexpected(status.error());
      if (*status != NATS_OK) return unexpected(server_->describe(*status, Effect::Writes));
    }
    return {};
  }

  const std::shared_ptr<Server> server_;  // outlives the bucket
  const Held<kvStore> bucket_;
};

// An error that concerns no call, such as a permission that the user of the connection lacks. A
// thread of libnats calls it, perhaps when the Server is gone, so the closure is a function of
// libnats.
void log_error(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
               natsStatus status, void* closure) {
  const auto get_text = reinterpret_cast<decltype(&natsStatus_GetText)>(closure);
  tenon::current_call().log(tenon::log_level::warning,
                            std::string("NATS reported: ") + get_text(status));
}

}  // namespace

std::shared_ptr<Server> Server::connect(const NatsApi& api, const ServerSettings& settings) {
  auto server = std::make_shared<Server>(api, settings);
  server->open(settings);
  return server;
}

Server::Server(const NatsApi& api, const ServerSettings& settings)
    : api_(api), timeout_(settings.timeout) {
  for (const std::string& url : settings.servers)
    shown_.append(shown_.empty() ? "`" : ", `").append(without_password(url)).append("`");
}

Server::~Server() {
  if (jetstream_ != nullptr) api_.jsCtx_Destroy(jetstream_);
  if (connection_ == nullptr) return;
  api_.natsConnection_Close(connection_);
  api_.natsConnection_Destroy(connection_);
}

void Server::open(const ServerSettings& settings) {
  const auto check = [&](natsStatus status, const std::string& what) {
    if (status != NATS_OK) throw std::runtime_error(what + ": " + text_of(status));
  };
  natsOptions* made = nullptr;
  check(api_.natsOptions_Create(&made), "libnats");
  const Held<natsOptions> options(made, api_.natsOptions_Destroy);
  std::vector<const char*> urls;
  bool has_tls = !settings.tls_ca.empty() || !settings.tls_cert.empty();
  for (const std::string& url : settings.servers) {
    urls.push_back(url.c_str());
    has_tls |= url.starts_with("tls://");
  }
  check(api_.natsOptions_SetServers(made, urls.data(), static_cast<int>(urls.size())),
        "the servers " + shown_);
  check(api_.natsOptions_SetName(made, "tenon"), "libnats");
  check(api_.natsOptions_SetTimeout(made, timeout_.count()), "libnats");
  check(api_.natsOptions_SetMaxReconnect(made, -1), "libnats");
  check(api_.natsOptions_SetReconnectWait(made, kReconnectPause.count()), "libnats");
  // Otherwise a thread of libnats sends a moment later.
  check(api_.natsOptions_SetSendAsap(made, true), "libnats");
  // A call does not wait for the answer of a server that is gone.
  check(api_.natsOptions_SetFailRequestsOnDisconnect(made, true), "libnats");
  check(api_.natsOptions_SetErrorHandler(made, log_error,
                                         reinterpret_cast<void*>(api_.natsStatus_GetText)),
        "libnats");
  if (has_tls) check(api_.natsOptions_SetSecure(made, true), "TLS");
  if (!settings.tls_ca.empty())
    check(api_.natsOptions_LoadCATrustedCertificates(made, settings.tls_ca.c_str()),
          "`" + settings.tls_ca + "`");
  if (!settings.tls_cert.empty())
    check(api_.natsOptions_LoadCertificatesChain(made, settings.tls_cert.c_str(),
                                                 settings.tls_key.c_str()),
          "`" + settings.tls_cert + "` and `" + settings.tls_key + "`");
  if (!settings.credentials.empty())
    check(api_.natsOptions_SetUserCredentialsFromFiles(made, settings.credentials.c_str(), nullptr),
          "`" + settings.credentials + "`");
  check(api_.natsConnection_Connect(&connection_, made), "no connection to NATS at " + shown_);
  Options<jsOptions> jetstream;
  jetstream.known.Wait = timeout_.count();
  check(api_.natsConnection_JetStream(&jetstream_, connection_, &jetstream.known), "JetStream");
}

Outcome<void> Server::check_connected() const {
  if (api_.natsConnection_Status(connection_) == NATS_CONN_STATUS_CONNECTED) return {};
  return unexpected(make_error("there is no connection to NATS at " + shown_));
}

std::string Server::text_of(natsStatus status) const {
  std::string text = api_.natsStatus_GetText(status);
  natsStatus last = NATS_OK;
  const char* const detail = api_.nats_GetLastError(&last);
  if (detail != nullptr && last == status && text != detail) text.append(": ").append(detail);
  return bundle_text::make_utf8(text);
}

error Server::describe(natsStatus status, Effect effect) const {
  const std::string after = effect == Effect::Writes ? "; it may be done all the same" : "";
  switch (status) {
    case NATS_TIMEOUT:
      return make_error("no answer from NATS within " + std::to_string(timeout_.count()) + " ms" +
                        after);
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_CONNECTION_CLOSED:
    case NATS_STALE_CONNECTION:
      return make_error("the connection to NATS at " + shown_ + " broke" + after);
    case NATS_NO_RESPONDERS:
      return make_error("JetStream is not enabled at " + shown_ + ", or the bucket is gone");
    default:
      return make_error("NATS: " + text_of(status));
  }
}

Outcome<std::shared_ptr<keyvalue_adapter::Store>> open_bucket(std::shared_ptr<Server> server,
                                                              const std::string& name,
                                                              const Creation& creation) {
  // The server has no buckets of other names, and libnats does not ask it.
  if (!std::ranges::all_of(name, is_word)) return unexpected(error(error::no_such_store{}));
  if (const auto ready = server->check_connected(); !ready) return unexpected(ready.error());
  const NatsApi& api = server->api();
  kvStore* bucket = nullptr;
  natsStatus status = api.js_KeyValue(&bucket, server->jetstream(), name.c_str());
  if (status == NATS_NOT_FOUND && creation.is_allowed) {
    Options<kvConfig> config;
    config.known.Bucket = name.c_str();
    config.known.History = 1;
    config.known.MaxBytes = creation.max_bytes;
    status = api.js_CreateKeyValue(&bucket, server->jetstream(), &config.known);
  }
  if (status == NATS_NOT_FOUND) return unexpected(error(error::no_such_store{}));
  if (status != NATS_OK) return unexpected(server->describe(status, Effect::Reads));
  return std::make_shared<NatsStore>(std::move(server), Held<kvStore>(bucket, api.kvStore_Destroy));
}

}  // namespace keyvalue_nats
