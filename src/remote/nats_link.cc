#include "remote/nats_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <fstream>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "remote/connection.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

constexpr std::chrono::milliseconds kConnectTime{2000};
constexpr std::chrono::milliseconds kReconnectPause{100};
constexpr std::chrono::milliseconds kWriteTime{1000};
// How long a failure to connect is reported before the next attempt.
constexpr std::chrono::seconds kFailureAge{1};
constexpr std::size_t kCredentialsBytes = std::size_t{1} << 16;
// The memory of messages that wait for the composition.
constexpr std::size_t kLinkBytes = std::size_t{1} << 28;
constexpr const char* kNoMemory = "out of memory";

// "host:4222", "[::1]:4222".
std::string print_server(const Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
}

// The seed in a file that has only that. A file that cannot be read is reported by libnats.
std::string read_seed(const std::string& file) {
  std::string text(kCredentialsBytes, '\0');
  std::ifstream opened(file, std::ios::binary);
  opened.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(opened.gcount()));
  return std::string(find_nats_seed(text));
}

// Answers a tenon whose message nobody takes. The NATS server itself does so if nobody has the subscription. A link
// still has it, also after its connection broke and was made again, when the message about the end of a call can be
// lost.
// inbox: the `reply` of the message. why: null: its subject is that of an inbox that is closed
void answer_unavailable(const NatsLibrary& library, natsConnection* connection, const char* inbox,
                        const char* why) {
  natsMsg* answer = nullptr;
  if (connection == nullptr || !NatsLink::is_inbox(inbox) ||
      library.natsMsg_Create(&answer, inbox, nullptr, nullptr, 0) != NATS_OK)
    return;
  const NatsMessage owned(library, answer);
  if (library.natsMsgHeader_Set(answer, NatsMessage::kStatus, NatsMessage::kNoResponders) ==
          NATS_OK &&
      (why == nullptr ||
       library.natsMsgHeader_Set(answer, NatsMessage::kDescription, why) == NATS_OK))
    (void)library.natsConnection_PublishMsg(connection, answer);
}

}  // namespace

struct NatsLink::Event {
  enum class Kind : std::uint8_t {
    Message,
    Made,       // the attempt to connect has ended
    Broken,     // libnats connects again
    Open,       // and has done so
    Closed,     // it has given up
    Lost,       // messages were dropped, because too many waited
    Forgotten,  // or because there was no memory
    Drained,    // a subscription has ended
  } kind;
  static constexpr std::size_t kKinds = 8;
  std::size_t subscription = 0;  // Message: the index of it
  std::optional<NatsMessage> message = {};
};

struct NatsLink::Shared {
  explicit Shared(NatsLink* owner) : link(owner) {}

  // Returns the event if it is lost. libnats, which is C, must not see an exception.
  std::optional<Event> add(Event event) noexcept {
    const std::lock_guard lock(mutex);
    if (link == nullptr) return std::nullopt;
    if (event.message && has_lost) return event;
    const bool is_kept = keep(event);
    try {
      post();
    } catch (const std::bad_alloc&) {
      // The program's executor has no memory: whoever waits next runs it.
    }
    if (is_kept) return std::nullopt;
    return event;
  }
  // Returns false, and leaves the event as it is, if there is no room for it.
  bool keep(Event& event) {
    const bool is_message = event.message.has_value();
    const std::size_t size = is_message ? event.message->memory() : 0;
    Event::Kind missing = is_message ? Event::Kind::Forgotten : event.kind;
    if (waiting + size > kLinkBytes) {
      missing = Event::Kind::Lost;
    } else {
      try {
        events.push_back(std::move(event));
        waiting += size;
        return true;
      } catch (const std::bad_alloc&) {
        // It counts as missing.
      }
    }
    ++missed[static_cast<std::size_t>(missing)];
    has_lost = has_lost || is_message;
    return false;
  }

  void run() {
    NatsLink* owner = nullptr;
    {
      const std::lock_guard lock(mutex);
      owner = link;
    }
    if (owner != nullptr) owner->take();
  }

  std::optional<Event> next() {
    const std::lock_guard lock(mutex);
    if (events.empty()) {
      const auto first = std::ranges::find_if(missed, [](std::size_t count) { return count != 0; });
      if (first == missed.end()) return std::nullopt;
      --*first;
      const auto kind = static_cast<Event::Kind>(first - missed.begin());
      if (kind == Event::Kind::Lost || kind == Event::Kind::Forgotten) has_lost = false;
      return Event{.kind = kind};
    }
    Event event = std::move(events.front());
    events.pop_front();
    if (event.message) waiting -= event.message->memory();
    return event;
  }

  std::mutex mutex;
  NatsLink* link;              // null: it is gone
  std::function<void()> post;  // posts `run`
  std::deque<Event> events;
  std::array<std::size_t, Event::kKinds> missed = {};  // events that are not in `events`, by kind
  std::size_t waiting = 0;                             // bytes of messages
  bool has_lost = false;  // messages, of which the owner has not heard: others are lost, too

  // The state of the thread that connects.
  std::condition_variable changed;
  bool is_connecting = false;
  bool is_stopping = false;
  natsConnection* made = nullptr;
  natsStatus status = NATS_OK;  // of the last attempt
};

namespace {

// The argument of the callbacks of libnats. The last callback deletes it.
struct Closure {
  std::shared_ptr<void> shared;
  std::size_t subscription = 0;
};

template <class Shared>
Shared& shared_of(void* closure) {
  return *static_cast<Shared*>(static_cast<Closure*>(closure)->shared.get());
}

}  // namespace

Result<std::shared_ptr<NatsLink>, std::string> NatsLink::make(const Address& address,
                                                              const NatsOptions& options,
                                                              const WorkerId& self,
                                                              runtime::Scheduler& scheduler) {
  TENON_TRY(const NatsLibrary* const library, load_nats());
  NatsKey key;
  if (const std::string seed = read_seed(options.credentials); !seed.empty()) {
    Result<NatsKey, std::string> found = nats_public_key(seed);
    if (!found)
      return fmt::format("the seed in `{}` {}", sanitize_text(options.credentials), found.error());
    key = *std::move(found);
  }
  // A composition can have several links to one server.
  static std::atomic<std::uint64_t> links = 0;
  std::shared_ptr<NatsLink> link(
      new NatsLink(*library, address, options, std::move(key),
                   fmt::format("{}{}.{}", kInboxes, print_worker(self), ++links), scheduler));
  link->connect(Attempts::One);
  return link;
}

NatsLink::NatsLink(const NatsLibrary& library, Address address, NatsOptions options, NatsKey key,
                   std::string inbox, runtime::Scheduler& scheduler)
    : library_(library),
      address_(std::move(address)),
      options_(std::move(options)),
      key_(std::move(key)),
      server_(print_server(address_)),
      inbox_(std::move(inbox)),
      shared_(std::make_shared<Shared>(this)) {
  shared_->post = scheduler.make_poster([weak = std::weak_ptr(shared_)] {
    if (const auto held = weak.lock()) held->run();
  });
  subscriptions_.push_back(
      {inbox_ + ".>", {}, [this](NatsMessage message) { receive(std::move(message)); }});
}

NatsLink::~NatsLink() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->link = nullptr;
    shared_->is_stopping = true;
  }
  shared_->changed.notify_all();
  if (connecting_.joinable()) connecting_.join();
  if (connection_ == nullptr) connection_ = shared_->made;
  close_connection();
}

Result<natsOptions*, natsStatus> NatsLink::make_options(void* closure) const {
  const auto path = [](const std::string& file) { return file.empty() ? nullptr : file.c_str(); };
  const std::string url = "nats://" + server_;
  natsOptions* options = nullptr;
  natsStatus status = library_.natsOptions_Create(&options);
  const auto set = [&](natsStatus result) {
    if (status == NATS_OK) status = result;
  };
  using Kind = Event::Kind;
  if (status == NATS_OK) {
    set(library_.natsOptions_SetURL(options, url.c_str()));
    set(library_.natsOptions_SetName(options, "tenon"));
    set(library_.natsOptions_SetTimeout(options, kConnectTime.count()));
    set(library_.natsOptions_SetWriteDeadline(options, kWriteTime.count()));
    set(library_.natsOptions_SetMaxReconnect(options, -1));
    set(library_.natsOptions_SetReconnectWait(options, kReconnectPause.count()));
    // One thread passes on the messages of all subscriptions, in order.
    set(library_.natsOptions_UseGlobalMessageDelivery(options, true));
    // Otherwise a thread of libnats sends a moment later.
    set(library_.natsOptions_SetSendAsap(options, true));
    set(library_.natsOptions_SetDisconnectedCB(
        options,
        [](natsConnection*, void* user) { shared_of<Shared>(user).add({.kind = Kind::Broken}); },
        closure));
    set(library_.natsOptions_SetReconnectedCB(
        options,
        [](natsConnection*, void* user) { shared_of<Shared>(user).add({.kind = Kind::Open}); },
        closure));
    set(library_.natsOptions_SetClosedCB(
        options,
        [](natsConnection*, void* user) {
          shared_of<Shared>(user).add({.kind = Kind::Closed});
          delete static_cast<Closure*>(user);
        },
        closure));
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
  if (!key_.text.empty())
    set(library_.natsOptions_SetNKeyFromSeed(options, key_.text.c_str(),
                                             path(options_.credentials)));
  else if (!options_.credentials.empty())
    set(library_.natsOptions_SetUserCredentialsFromFiles(options, path(options_.credentials),
                                                         nullptr));
  if (status == NATS_OK) return options;
  library_.natsOptions_Destroy(options);
  return status;
}

void NatsLink::connect(Attempts attempts) {
  if (connecting_.joinable()) connecting_.join();
  auto closure = std::make_unique<Closure>(Closure{shared_});
  const Result<natsOptions*, natsStatus> options = make_options(closure.get());
  const auto end = [shared = shared_](natsConnection* made, natsStatus status) {
    {
      const std::lock_guard lock(shared->mutex);
      shared->made = made;
      shared->status = status;
    }
    shared->add({.kind = Event::Kind::Made});
    {
      const std::lock_guard lock(shared->mutex);
      shared->is_connecting = false;
    }
    shared->changed.notify_all();
  };
  if (!options) return end(nullptr, options.error());
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_connecting = true;
  }
  const auto run = [library = &library_, shared = shared_, options = *options, end,
                    closure = closure.release()](Attempts how_often) {
    natsConnection* made = nullptr;
    natsStatus status = NATS_OK;
    while (true) {
      status = library->natsConnection_Connect(&made, options);
      std::unique_lock lock(shared->mutex);
      if (status == NATS_OK || how_often == Attempts::One) break;
      if (shared->changed.wait_for(lock, kFailureAge, [&] { return shared->is_stopping; })) break;
    }
    library->natsOptions_Destroy(options);
    if (made == nullptr) delete closure;
    end(made, status);
  };
  try {
    connecting_ = std::thread(run, attempts);
  } catch (const std::exception&) {
    // Without threads, libnats cannot connect either. The thread of a composition must not wait for a server.
    run(Attempts::One);
  }
}

bool NatsLink::is_open() {
  take();
  return is_open_;
}

Result<bool, std::string> NatsLink::is_connected(std::function<void()> on_change) {
  if (is_open()) return true;
  const bool is_recent = call::Clock::now() - failed_at_ < kFailureAge;
  if (!failure_.empty() && is_recent) return failure_;
  const bool must_connect =
      !std::exchange(failure_, {}).empty() || (connection_ == nullptr && !connecting_.joinable());
  waiters_.push_back(std::move(on_change));
  if (must_connect) connect(Attempts::One);
  return false;
}

Result<void, std::string> NatsLink::wait() {
  {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [&] { return !shared_->is_connecting; });
  }
  take();
  if (!failure_.empty()) return failure_;
  if (!is_open_) return "the connection to the NATS server at " + server_ + " broke at once";
  return {};
}

void NatsLink::take() {
  while (std::optional<Event> event = shared_->next()) {
    try {
      handle(*std::move(event));
    } catch (const std::bad_alloc&) {
      note_break(kNoMemory);
      end_waits();
    }
  }
  try {
    if (must_go_on_) go_on();
  } catch (const std::bad_alloc&) {
    shared_->post();
  }
}

void NatsLink::handle(Event event) {
  switch (event.kind) {
    case Event::Kind::Message:
      if (event.subscription < subscriptions_.size())
        subscriptions_[event.subscription].on_message(*std::move(event.message));
      break;
    case Event::Kind::Made:
      if (connecting_.joinable()) connecting_.join();
      begin();
      break;
    case Event::Kind::Broken:
      is_open_ = false;
      note_break("the connection to the NATS server broke");
      break;
    case Event::Kind::Open:
      is_open_ = connection_ != nullptr && !must_go_on_;
      end_waits();
      break;
    case Event::Kind::Closed:
      is_open_ = false;
      close_connection();
      must_go_on_ = subscriptions_.size() > 1;
      note_break("the NATS server closed the connection");
      if (must_go_on_ && on_closed_) on_closed_();
      break;
    case Event::Kind::Lost:
      note_break("messages were lost, because too many waited");
      break;
    case Event::Kind::Forgotten:
      note_break(kNoMemory);
      break;
    case Event::Kind::Drained:
      if (draining_ != 0 && --draining_ == 0) std::exchange(on_drained_, nullptr)();
      break;
  }
}

// An attempt to connect has ended.
void NatsLink::begin() {
  {
    const std::lock_guard lock(shared_->mutex);
    connection_ = std::exchange(shared_->made, nullptr);
    must_go_on_ = connection_ != nullptr || subscriptions_.size() > 1;
    if (connection_ == nullptr)
      failure_ = fmt::format("cannot connect to the NATS server at {}: {}", server_,
                             library_.natsStatus_GetText(shared_->status));
  }
  failed_at_ = call::Clock::now();
  if (connection_ != nullptr) go_on();
  end_waits();
}

void NatsLink::go_on() {
  if (connection_ == nullptr) {
    connect(Attempts::UntilOpen);
    must_go_on_ = false;
    return;
  }
  natsStatus status = NATS_OK;
  for (std::size_t i = 0; status == NATS_OK && i < subscriptions_.size(); ++i)
    if (subscriptions_[i].subscription == nullptr) status = subscribe(i);
  if (status == NATS_NO_MEMORY) throw std::bad_alloc();
  must_go_on_ = false;
  is_open_ = status == NATS_OK;
  end_waits();
}

void NatsLink::end_waits() {
  for (const std::function<void()>& waiter : std::exchange(waiters_, {})) waiter();
}

void NatsLink::close_connection() {
  if (connection_ == nullptr) return;
  library_.natsConnection_Close(connection_);
  for (Subscription& one : subscriptions_)
    library_.natsSubscription_Destroy(std::exchange(one.subscription, nullptr));
  library_.natsConnection_Destroy(std::exchange(connection_, nullptr));
}

void NatsLink::note_break(const std::string& why) {
  // Those who are told can close their inboxes.
  for (auto next = inboxes_.begin(); next != inboxes_.end();) {
    const std::uint64_t number = next->first;
    next->second->note_break(why);
    next = inboxes_.upper_bound(number);
  }
}

void NatsLink::receive(NatsMessage message) {
  std::string_view rest = message.subject().substr(inbox_.size() + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc()) return;
  const auto found = inboxes_.find(number);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (found == inboxes_.end()) {
    if (rest.empty()) answer_unavailable(library_, connection_, message.reply().data(), nullptr);
    return;
  }
  try {
    if (rest.starts_with('.')) rest.remove_prefix(1);
    const std::string path(rest);
    found->second->receive(path, std::move(message));
  } catch (const std::bad_alloc&) {
    if (const auto open = inboxes_.find(number); open != inboxes_.end())
      open->second->note_break(kNoMemory);
  }
}

void NatsLink::refuse(const char* inbox) const {
  answer_unavailable(library_, connection_, inbox, kNoMemory);
}

std::size_t NatsLink::max_payload() const {
  return static_cast<std::size_t>(
      std::max<std::int64_t>(1, library_.natsConnection_GetMaxPayload(connection_)));
}

void NatsLink::publish(const std::string& subject, const std::string& reply,
                       std::span<const std::uint8_t> data, const std::string& traceparent) {
  if (connection_ == nullptr) return;
  const int size = static_cast<int>(data.size());
  // A message that cannot be sent is lost like one that the server drops: calls have time limits.
  natsMsg* message = nullptr;
  if (!traceparent.empty() &&
      library_.natsMsg_Create(&message, subject.c_str(), reply.c_str(),
                              reinterpret_cast<const char*>(data.data()), size) == NATS_OK) {
    const NatsMessage owned(library_, message);
    // A server without headers gets the message without one.
    if (library_.natsMsgHeader_Set(message, NatsMessage::kTraceparent, traceparent.c_str()) ==
            NATS_OK &&
        library_.natsConnection_PublishMsg(connection_, message) == NATS_OK)
      return;
  }
  if (reply.empty())
    (void)library_.natsConnection_Publish(connection_, subject.c_str(), data.data(), size);
  else
    (void)library_.natsConnection_PublishRequest(connection_, subject.c_str(), reply.c_str(),
                                                 data.data(), size);
}

std::string NatsLink::open(Inbox& inbox) {
  const std::uint64_t number = ++next_inbox_;
  std::string subject = fmt::format("{}.{}", inbox_, number);
  const auto place = inboxes_.emplace(number, &inbox).first;
  try {
    numbers_.emplace(&inbox, number);
  } catch (const std::bad_alloc&) {
    inboxes_.erase(place);
    throw;
  }
  return subject;
}

void NatsLink::close(const Inbox& inbox) {
  const auto found = numbers_.find(&inbox);
  if (found == numbers_.end()) return;
  inboxes_.erase(found->second);
  numbers_.erase(found);
}

Result<void, std::string> NatsLink::subscribe(std::string subject, std::string group,
                                              OnMessage on_message) {
  subscriptions_.push_back({std::move(subject), std::move(group), std::move(on_message)});
  const natsStatus status = subscribe(subscriptions_.size() - 1);
  if (status != NATS_OK) return std::string(library_.natsStatus_GetText(status));
  return {};
}

natsStatus NatsLink::subscribe(std::size_t index) {
  Subscription& made = subscriptions_[index];
  auto closure = std::make_unique<Closure>(Closure{shared_, index});
  // The library is never unloaded.
  static const NatsLibrary& library = library_;
  const natsMsgHandler on_message = [](natsConnection* connection, natsSubscription*,
                                       natsMsg* message, void* user) {
    const std::optional<Event> lost =
        shared_of<Shared>(user).add({.kind = Event::Kind::Message,
                                     .subscription = static_cast<Closure*>(user)->subscription,
                                     .message = NatsMessage(library, message)});
    if (lost && lost->message)
      answer_unavailable(library, connection, lost->message->reply().data(), kNoMemory);
  };
  const natsStatus status =
      made.group.empty()
          ? library_.natsConnection_Subscribe(&made.subscription, connection_, made.subject.c_str(),
                                              on_message, closure.get())
          : library_.natsConnection_QueueSubscribe(&made.subscription, connection_,
                                                   made.subject.c_str(), made.group.c_str(),
                                                   on_message, closure.get());
  if (status != NATS_OK) return status;
  return library_.natsSubscription_SetOnCompleteCB(
      made.subscription,
      [](void* user) {
        shared_of<Shared>(user).add({.kind = Event::Kind::Drained});
        delete static_cast<Closure*>(user);
      },
      closure.release());
}

Result<void, std::string> NatsLink::confirm() {
  const natsStatus status = library_.natsConnection_FlushTimeout(connection_, kConnectTime.count());
  if (status != NATS_OK) return std::string(library_.natsStatus_GetText(status));
  return {};
}

void NatsLink::drain(std::function<void()> on_drained) {
  on_drained_ = std::move(on_drained);
  draining_ = 1;
  for (std::size_t i = 1; i < subscriptions_.size(); ++i)
    if (subscriptions_[i].subscription != nullptr &&
        library_.natsSubscription_Drain(subscriptions_[i].subscription) == NATS_OK)
      ++draining_;
  if (--draining_ == 0) std::exchange(on_drained_, nullptr)();
}

}  // namespace tenon::remote
