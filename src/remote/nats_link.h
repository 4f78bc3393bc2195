// A connection to a NATS server, which all calls of a remote unit or of a listener share.
//
// Messages for an inbox are passed to the object that opened it. Other subjects can be subscribed
// to. If the connection breaks, libnats reconnects, and all inboxes are notified, because messages
// can be lost.
//
// libnats has threads of its own. What they receive is passed on in the composition, in order.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "call/bounds.h"
#include "remote/address.h"
#include "remote/handle_blob.h"
#include "remote/nats_key.h"
#include "remote/nats_library.h"
#include "runtime/scheduler.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "tenon/trace.h"

namespace tenon::remote {

// A NATS message.
class NatsMessage final {
 public:
  static constexpr const char* kTraceparent = "traceparent";
  // The header by which `is_no_responders` knows its message.
  static constexpr const char* kStatus = "Status";
  static constexpr const char* kNoResponders = "503";
  // With that status: why the message was refused.
  static constexpr const char* kDescription = "Description";

  NatsMessage(const NatsLibrary& library, natsMsg* message)
      : library_(&library), message_(message, library.natsMsg_Destroy) {}

  [[nodiscard]] std::string_view subject() const {
    return library_->natsMsg_GetSubject(message_.get());
  }
  // The subject for an answer. Empty: the sender expects none. A null byte follows it.
  [[nodiscard]] std::string_view reply() const {
    const char* const reply = library_->natsMsg_GetReply(message_.get());
    return reply == nullptr ? std::string_view("") : std::string_view(reply);
  }
  // Lifetime: that of the message.
  [[nodiscard]] std::span<const std::uint8_t> data() const {
    return {reinterpret_cast<const std::uint8_t*>(library_->natsMsg_GetData(message_.get())),
            static_cast<std::size_t>(library_->natsMsg_GetDataLength(message_.get()))};
  }
  // The context in its header `traceparent`; without a span if the header is missing or malformed.
  [[nodiscard]] TraceContext cause() const {
    const char* text = nullptr;
    if (library_->natsMsgHeader_Get(message_.get(), kTraceparent, &text) != NATS_OK) return {};
    return parse_traceparent(text).value_or(TraceContext());
  }
  // The memory that it takes, in bytes.
  [[nodiscard]] std::size_t memory() const { return kOverhead + data().size(); }
  // Whether the subject of a message with a reply has no subscriber, or its inbox was closed.
  [[nodiscard]] bool is_no_responders() const {
    return library_->natsMsg_IsNoResponders(message_.get());
  }
  // Whether that is because its tenon had no memory to take the message.
  [[nodiscard]] bool is_refused() const {
    const char* text = nullptr;
    return is_no_responders() &&
           library_->natsMsgHeader_Get(message_.get(), kDescription, &text) == NATS_OK;
  }

 private:
  static constexpr std::size_t kOverhead = 256;  // about what libnats allocates besides the data

  const NatsLibrary* library_;
  std::unique_ptr<natsMsg, decltype(NatsLibrary::natsMsg_Destroy)> message_;
};

struct NatsOptions {
  TlsOptions tls = {};
  std::string credentials = {};  // file with a JWT and a seed, or with a seed alone; empty: none
};

class NatsLink final {
 public:
  // Receives the messages of an inbox.
  class Inbox {
   public:
    virtual ~Inbox() = default;
    // path: the rest of the subject after the inbox and a dot, such as "results.0.1"; can be empty.
    virtual void receive(std::string_view path, NatsMessage message) = 0;
    // Messages may be lost. why: "the connection to the NATS server broke".
    virtual void note_break(const std::string& why) = 0;
  };

  // Begins to connect. self: identifies this composition. Lifetime: refers to the scheduler.
  // Errors: a sentence: libnats is missing, or the credentials are a seed that cannot be used.
  [[nodiscard]] static Result<std::shared_ptr<NatsLink>, std::string> make(
      const Address& address, const NatsOptions& options, const WorkerId& self,
      runtime::Scheduler& scheduler);
  NatsLink(const NatsLink&) = delete;
  NatsLink& operator=(const NatsLink&) = delete;
  // Waits for an attempt to connect that is in progress, for at most some seconds.
  ~NatsLink();

  // Whether messages can be sent.
  [[nodiscard]] bool is_open();
  // The same. If not, `on_change` is called once, when that changes. After a failure it connects again.
  // Errors: a sentence that says why it could not connect.
  [[nodiscard]] Result<bool, std::string> is_connected(std::function<void()> on_change);
  // Waits until the first attempt to connect has ended. Errors: as `is_connected`.
  [[nodiscard]] Result<void, std::string> wait();

  // The maximum size of a message in bytes. REQUIRES: it was connected
  [[nodiscard]] std::size_t max_payload() const;
  // Sends a message. reply: the subject for an answer; empty for none. It waits, for at most a second,
  // if the server takes no bytes. traceparent: the header of that name; empty for none.
  void publish(const std::string& subject, const std::string& reply,
               std::span<const std::uint8_t> data, const std::string& traceparent = {});

  // Whether a subject is that of an inbox of a tenon, where a message without data means nothing.
  [[nodiscard]] static bool is_inbox(std::string_view subject) {
    return subject.starts_with(kInboxes);
  }
  // Answers a message that there was no memory to take. inbox: its `reply`
  void refuse(const char* inbox) const;
  // Opens an inbox, and returns its subject, to which senders can append a path. Lifetime: `inbox`
  // must live until `close`.
  [[nodiscard]] std::string open(Inbox& inbox);
  void close(const Inbox& inbox);

  // Subscribes to a subject. group: the queue group that shares its messages; empty for none.
  // Errors: a sentence of libnats.
  using OnMessage = std::function<void(NatsMessage)>;
  [[nodiscard]] Result<void, std::string> subscribe(std::string subject, std::string group,
                                                    OnMessage on_message);
  // Waits until the server has all subscriptions. Errors: a sentence of libnats.
  [[nodiscard]] Result<void, std::string> confirm();
  // With subscriptions, it connects again if the server has closed the connection for good.
  // on_closed: called then.
  void set_on_closed(std::function<void()> on_closed) { on_closed_ = std::move(on_closed); }
  // Ends these subscriptions. on_drained: called when the last message on its way has arrived.
  void drain(std::function<void()> on_drained);

 private:
  static constexpr std::string_view kInboxes = "_INBOX.tenon.";

  struct Shared;  // with the threads of libnats
  struct Event;
  struct Subscription {
    std::string subject;
    std::string group;
    OnMessage on_message;
    natsSubscription* subscription = nullptr;  // null: there is no connection
  };

  NatsLink(const NatsLibrary& library, Address address, NatsOptions options, NatsKey key,
           std::string inbox, runtime::Scheduler& scheduler);
  // Makes the options of libnats. closure: of its functions. Errors: a status of libnats.
  [[nodiscard]] Result<natsOptions*, natsStatus> make_options(void* closure) const;
  enum class Attempts : std::uint8_t { One, UntilOpen };
  void connect(Attempts attempts);
  // Handles the events so far. One for which there is no memory counts as a lost message.
  void take();
  void handle(Event event);
  void begin();
  // Connects again, or makes the subscriptions that are missing. Throws: std::bad_alloc; then it goes on later.
  void go_on();
  void close_connection();
  void end_waits();
  [[nodiscard]] natsStatus subscribe(std::size_t index);
  void note_break(const std::string& why);
  void receive(NatsMessage message);

  const NatsLibrary& library_;
  const Address address_;
  const NatsOptions options_;
  const NatsKey key_;         // of the seed in the credentials file; empty: there is none
  const std::string server_;  // host and port
  const std::string inbox_;   // the first part of the subjects of all inboxes
  std::shared_ptr<Shared> shared_;
  std::thread connecting_;
  natsConnection* connection_ = nullptr;
  bool is_open_ = false;
  bool must_go_on_ = false;  // see `go_on`
  std::string failure_;      // of the last attempt to connect; empty: there was none
  call::Clock::time_point failed_at_ = {};
  std::vector<std::function<void()>> waiters_;
  std::uint64_t next_inbox_ = 0;
  std::map<std::uint64_t, Inbox*> inboxes_;
  std::unordered_map<const Inbox*, std::uint64_t> numbers_;
  std::vector<Subscription> subscriptions_;  // the first is that of the inboxes
  std::function<void()> on_closed_;
  std::function<void()> on_drained_;
  std::size_t draining_ = 0;  // subscriptions
};

}  // namespace tenon::remote
