#include "remote/nats_link.h"

#include <fmt/core.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "call/bounds.h"
#include "support/descriptor.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

constexpr std::chrono::milliseconds kConnectTime{2000};
constexpr std::chrono::milliseconds kReconnectPause{100};
// How long a failure to connect is reported before the next attempt.
constexpr std::chrono::seconds kFailureAge{1};
constexpr int kBufferBytes = 1 << 17;
constexpr natsSock kNoSocket = -1;

// "host:4222", "[::1]:4222".
std::string print_server(const Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
}

}  // namespace

struct NatsLink::Events {
  Events(NatsLink* owner, runtime::Scheduler& of_owner)
      : link(std::make_shared<NatsLink*>(owner)), scheduler(of_owner) {}

  // Calls a function of the link in the composition, if it still exists. Thread: any.
  void post(void (NatsLink::*function)()) {
    scheduler.post([weak = std::weak_ptr<NatsLink*>(link), function] {
      if (const auto held = weak.lock()) ((*held)->*function)();
    });
  }

  // Called by libnats, on any thread.
  static natsStatus attach(void** user, void* loop, natsConnection* /*connection*/,
                           natsSock socket) noexcept {
    auto& events = *static_cast<Events*>(loop);
    *user = loop;
    {
      const std::lock_guard lock(events.mutex);
      events.socket = socket;
      events.attached.emplace(::dup(socket));
    }
    events.post(&NatsLink::update);
    return NATS_OK;
  }
  static natsStatus read(void* user, bool must_read) noexcept {
    if (must_read) return NATS_OK;
    auto& events = *static_cast<Events*>(user);
    {
      const std::lock_guard lock(events.mutex);
      events.attached.reset();
      if (events.socket != kNoSocket)
        events.closing.push_back(std::exchange(events.socket, kNoSocket));
    }
    events.post(&NatsLink::update);
    return NATS_OK;
  }
  static natsStatus write(void* user, bool must_write) noexcept {
    auto& events = *static_cast<Events*>(user);
    events.must_write = must_write;
    // On its own thread, the link sends after each use of libnats.
    if (must_write && events.user != std::this_thread::get_id()) events.post(&NatsLink::update);
    return NATS_OK;
  }
  static natsStatus detach(void* user) noexcept {
    auto& events = *static_cast<Events*>(user);
    {
      const std::lock_guard lock(events.mutex);
      events.is_closed = true;
    }
    return read(user, false);
  }

  void end_connect(natsConnection* made, std::string reason) {
    std::vector<std::function<void()>> notified;
    {
      const std::lock_guard lock(mutex);
      connected = made;
      failure = std::move(reason);
      failed_at = call::Clock::now();
      is_connecting = false;
      // Those who wait for a connection are told when it can be used.
      if (made == nullptr) notified.swap(waiters);
    }
    has_changed.notify_all();
    for (const std::function<void()>& waiter : notified) waiter();
    post(&NatsLink::update);
  }

  // The owner, as long as it exists.
  std::shared_ptr<NatsLink*> link;
  runtime::Scheduler& scheduler;
  std::atomic<std::thread::id> user;  // the thread of the composition, while it uses libnats
  std::atomic<bool> must_write = false;
  std::thread connecting;

  std::mutex mutex;  // guards what follows
  std::condition_variable has_changed;
  bool is_connecting = false;
  bool is_closed = false;  // libnats has given up
  natsSock socket = kNoSocket;
  std::vector<natsSock> closing;       // sockets of connections that have broken
  std::optional<Descriptor> attached;  // a copy of the socket, to be watched
  natsConnection* connected = nullptr;
  std::string failure;
  call::Clock::time_point failed_at = {};
  std::vector<std::function<void()>> waiters;

  // Used by the link alone. libnats can close its socket at any time, so a copy is watched.
  std::optional<asio::posix::stream_descriptor> watched;
};

namespace {

// Marks the thread that uses libnats.
class Use final {
 public:
  explicit Use(std::atomic<std::thread::id>& user) : user_(user) {
    user_ = std::this_thread::get_id();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { user_ = std::thread::id(); }

 private:
  std::atomic<std::thread::id>& user_;
};

}  // namespace

Result<std::shared_ptr<NatsLink>, std::string> NatsLink::make(const Address& address,
                                                              const NatsOptions& options,
                                                              const WorkerId& self,
                                                              Reactor& reactor,
                                                              runtime::Scheduler& scheduler) {
  TENON_TRY(const NatsLibrary* const library, load_nats());
  // A composition can have several links to one server.
  static std::atomic<std::uint64_t> links = 0;
  std::shared_ptr<NatsLink> link(
      new NatsLink(*library, address, options,
                   fmt::format("_INBOX.{}.{}", print_worker(self), ++links), reactor, scheduler));
  link->connect();
  return link;
}

NatsLink::NatsLink(const NatsLibrary& library, Address address, NatsOptions options,
                   std::string inbox, Reactor& reactor, runtime::Scheduler& scheduler)
    : library_(library),
      address_(std::move(address)),
      options_(std::move(options)),
      server_(print_server(address_)),
      inbox_(std::move(inbox)),
      reactor_(reactor) {
  events_ = std::make_shared<Events>(this, scheduler);
}

NatsLink::~NatsLink() {
  // Threads of libnats call the events until the connection is closed.
  if (events_->connecting.joinable()) events_->connecting.join();
  events_->link.reset();
  if (connection_ == nullptr) connection_ = events_->connected;
  for (const Subscription& subscription : subscriptions_)
    library_.natsSubscription_Destroy(subscription.subscription);
  if (connection_ != nullptr) {
    flush();
    library_.natsConnection_Close(connection_);
    library_.natsConnection_Destroy(connection_);
  }
  events_->watched.reset();
}

Result<natsOptions*, natsStatus> NatsLink::make_options() const {
  const auto path = [](const std::string& file) { return file.empty() ? nullptr : file.c_str(); };
  natsOptions* options = nullptr;
  natsStatus status = library_.natsOptions_Create(&options);
  const auto set = [&](natsStatus result) {
    if (status == NATS_OK) status = result;
  };
  if (status == NATS_OK) {
    set(library_.natsOptions_SetURL(options, ("nats://" + server_).c_str()));
    set(library_.natsOptions_SetName(options, "tenon"));
    set(library_.natsOptions_SetTimeout(options, kConnectTime.count()));
    set(library_.natsOptions_SetMaxReconnect(options, -1));
    set(library_.natsOptions_SetReconnectWait(options, kReconnectPause.count()));
    set(library_.natsOptions_SetIOBufSize(options, kBufferBytes));
    set(library_.natsOptions_SetEventLoop(options, events_.get(), Events::attach, Events::read,
                                          Events::write, Events::detach));
    set(library_.natsOptions_SetSendAsap(options, true));
  }
  if (address_.has_tls) {
    set(library_.natsOptions_SetSecure(options, true));
    set(library_.natsOptions_SetExpectedHostname(options, address_.host.c_str()));
    if (!options_.tls.ca.empty())
      set(library_.natsOptions_LoadCATrustedCertificates(options, path(options_.tls.ca)));
    if (!options_.tls.certificate.empty())
      set(library_.natsOptions_LoadCertificatesChain(options, path(options_.tls.certificate),
                                                     path(options_.tls.key)));
  }
  if (!options_.credentials.empty())
    set(library_.natsOptions_SetUserCredentialsFromFiles(options, path(options_.credentials),
                                                         nullptr));
  if (status == NATS_OK) return options;
  library_.natsOptions_Destroy(options);
  return status;
}

void NatsLink::connect() {
  if (events_->connecting.joinable()) events_->connecting.join();
  const auto describe = [server = server_](std::string_view why) {
    return fmt::format("cannot connect to the NATS server at {}: {}", server, why);
  };
  const Result<natsOptions*, natsStatus> options = make_options();
  if (!options)
    return events_->end_connect(nullptr, describe(library_.natsStatus_GetText(options.error())));
  {
    const std::lock_guard lock(events_->mutex);
    events_->is_connecting = true;
    events_->failure.clear();
  }
  try {
    events_->connecting = std::thread([&library = library_, events = events_, options = *options,
                                       describe] {
      natsConnection* made = nullptr;
      const natsStatus result = library.natsConnection_Connect(&made, options);
      library.natsOptions_Destroy(options);
      events->end_connect(
          made, result == NATS_OK ? std::string() : describe(library.natsStatus_GetText(result)));
    });
  } catch (const std::exception& failed) {
    library_.natsOptions_Destroy(*options);
    events_->end_connect(nullptr, describe(failed.what()));
  }
}

Result<bool, std::string> NatsLink::is_connected(std::function<void()> on_change) {
  if (is_open_) return true;
  bool must_connect = false;
  {
    const std::lock_guard lock(events_->mutex);
    const bool has_failed = !events_->is_connecting && !events_->failure.empty();
    if (has_failed && call::Clock::now() - events_->failed_at < kFailureAge)
      return events_->failure;
    must_connect = has_failed || (connection_ == nullptr && !events_->is_connecting &&
                                  events_->connected == nullptr);
    events_->waiters.push_back(std::move(on_change));
  }
  if (must_connect) connect();
  return false;
}

Result<void, std::string> NatsLink::wait() {
  {
    std::unique_lock lock(events_->mutex);
    events_->has_changed.wait(lock, [&] { return !events_->is_connecting; });
    if (!events_->failure.empty()) return events_->failure;
  }
  update();
  if (!is_open_) return std::string("the connection to the NATS server broke at once");
  return {};
}

void NatsLink::update() {
  std::optional<Descriptor> socket;
  std::vector<natsSock> broken;
  bool is_closed = false;
  {
    const std::lock_guard lock(events_->mutex);
    if (connection_ == nullptr) connection_ = std::exchange(events_->connected, nullptr);
    // libnats attaches a connection before it returns it.
    if (connection_ != nullptr) socket = std::exchange(events_->attached, std::nullopt);
    broken = std::exchange(events_->closing, {});
    is_closed = std::exchange(events_->is_closed, false);
  }
  if (!broken.empty() || socket) note_break();
  // Newer versions of libnats leave it to their user to close the sockets.
  if (library_.natsConnection_ProcessCloseEvent != nullptr)
    for (natsSock& one : broken) library_.natsConnection_ProcessCloseEvent(&one);
  if (is_closed && connection_ != nullptr) {
    library_.natsConnection_Destroy(std::exchange(connection_, nullptr));
    for (const Subscription& subscription : subscriptions_)
      library_.natsSubscription_Destroy(subscription.subscription);
    subscriptions_.clear();
  }
  if (socket && socket->is_open()) {
    events_->watched.emplace(reactor_.context());
    asio::error_code error;
    events_->watched->assign(socket->release(), error);
    is_open_ = !error;
    if (is_open_) begin();
  }
  if (is_open_ && events_->must_write) flush();
}

// The connection can be used.
void NatsLink::begin() {
  if (subscriptions_.empty() &&
      !subscribe(inbox_ + ".>", {}, [this](NatsMessage message) { receive(std::move(message)); }))
    return note_break();
  flush();
  watch();
  std::vector<std::function<void()>> notified;
  {
    const std::lock_guard lock(events_->mutex);
    notified.swap(events_->waiters);
  }
  for (const std::function<void()>& waiter : notified) waiter();
}

void NatsLink::note_break() {
  is_sending_ = false;
  if (events_->watched) {
    asio::error_code ignored;
    events_->watched->close(ignored);
    events_->watched.reset();
  }
  if (!std::exchange(is_open_, false)) return;
  refused_ = 0;
  // Those who are told can close their inboxes.
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, inbox] : inboxes_) numbers.push_back(number);
  for (const std::uint64_t number : numbers)
    if (const auto found = inboxes_.find(number); found != inboxes_.end())
      found->second->note_break();
}

void NatsLink::watch() {
  events_->watched->async_wait(asio::posix::stream_descriptor::wait_read,
                               [events = events_](asio::error_code error) {
                                 if (!error) events->post(&NatsLink::read);
                               });
}

void NatsLink::read() {
  if (!is_open_) return;
  {
    const Use use(events_->user);
    library_.natsConnection_ProcessReadEvent(connection_);
  }
  // Whoever is told can add subscriptions.
  for (std::size_t i = 0; i < subscriptions_.size(); ++i) pass_on(Subscription(subscriptions_[i]));
  note_refusals();
  if (is_open_) flush();
  if (is_open_) watch();
}

void NatsLink::pass_on(const Subscription& subscription) {
  while (true) {
    natsMsg* message = nullptr;
    const natsStatus status =
        library_.natsSubscription_NextMsg(&message, subscription.subscription, 0);
    if (status == NATS_NO_RESPONDERS)
      ++refused_;
    else if (status == NATS_OK)
      subscription.on_message(NatsMessage(library_, message));
    else
      return;
  }
}

// libnats keeps the message of a refusal, and with it which call it is about. So calls are told when all
// that wait to be accepted are refused: others are accepted soon.
void NatsLink::note_refusals() {
  if (refused_ == 0) return;
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, inbox] : inboxes_)
    if (inbox->is_unanswered()) numbers.push_back(number);
  if (numbers.size() > refused_) return;
  refused_ = 0;
  for (const std::uint64_t number : numbers)
    if (const auto found = inboxes_.find(number); found != inboxes_.end())
      found->second->note_refusal();
}

void NatsLink::receive(NatsMessage message) {
  std::string_view rest = message.subject().substr(inbox_.size() + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc()) return;
  const auto found = inboxes_.find(number);
  if (found == inboxes_.end()) return;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (rest.starts_with('.')) rest.remove_prefix(1);
  const std::string path(rest);
  found->second->receive(path, std::move(message));
}

std::size_t NatsLink::max_payload() const {
  return static_cast<std::size_t>(library_.natsConnection_GetMaxPayload(connection_));
}

void NatsLink::publish(const std::string& subject, const std::string& reply,
                       std::span<const std::uint8_t> data) {
  if (connection_ == nullptr) return;
  const Use use(events_->user);
  const int size = static_cast<int>(data.size());
  // A message that cannot be sent is lost like one that the server drops: calls have time limits.
  if (reply.empty())
    (void)library_.natsConnection_Publish(connection_, subject.c_str(), data.data(), size);
  else
    (void)library_.natsConnection_PublishRequest(connection_, subject.c_str(), reply.c_str(),
                                                 data.data(), size);
}

void NatsLink::flush() {
  if (connection_ == nullptr || is_sending_) return;
  // libnats takes nothing that was sent for the end of the connection.
  if (unsent() != 0) {
    const Use use(events_->user);
    library_.natsConnection_ProcessWriteEvent(connection_);
  }
  if (unsent() != 0) return wait_to_send();
  for (const std::function<void()>& on_sent : std::exchange(on_sent_, {})) on_sent();
}

void NatsLink::wait_to_send() {
  if (!events_->watched) return;
  is_sending_ = true;
  events_->watched->async_wait(asio::posix::stream_descriptor::wait_write,
                               [events = events_](asio::error_code error) {
                                 if (!error) events->post(&NatsLink::note_room);
                               });
}

void NatsLink::note_room() {
  is_sending_ = false;
  flush();
}

std::size_t NatsLink::unsent() const {
  const int size = connection_ == nullptr ? 0 : library_.natsConnection_Buffered(connection_);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

std::string NatsLink::open(Inbox& inbox) {
  const std::uint64_t number = ++next_inbox_;
  inboxes_.emplace(number, &inbox);
  numbers_.emplace(&inbox, number);
  return fmt::format("{}.{}", inbox_, number);
}

void NatsLink::close(const Inbox& inbox) {
  const auto found = numbers_.find(&inbox);
  if (found == numbers_.end()) return;
  // Perhaps it is one of them.
  if (refused_ != 0 && inbox.is_unanswered()) --refused_;
  inboxes_.erase(found->second);
  numbers_.erase(found);
}

Result<void, std::string> NatsLink::subscribe(const std::string& subject, const std::string& group,
                                              OnMessage on_message) {
  const Use use(events_->user);
  Subscription subscription{.subscription = nullptr, .on_message = std::move(on_message)};
  const natsStatus status =
      group.empty() ? library_.natsConnection_SubscribeSync(&subscription.subscription, connection_,
                                                            subject.c_str())
                    : library_.natsConnection_QueueSubscribeSync(
                          &subscription.subscription, connection_, subject.c_str(), group.c_str());
  if (status != NATS_OK) return std::string(library_.natsStatus_GetText(status));
  subscriptions_.push_back(std::move(subscription));
  return {};
}

void NatsLink::drain() {
  const Use use(events_->user);
  // The first is that of the inboxes.
  for (std::size_t i = 1; i < subscriptions_.size(); ++i)
    (void)library_.natsSubscription_Drain(subscriptions_[i].subscription);
  flush();
}

}  // namespace tenon::remote
