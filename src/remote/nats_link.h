// A connection to a server of NATS, which the calls of a remote unit share, or those of a listener.
//
// Subjects of an inbox of this link arrive at who opened it; other subjects can be subscribed. If the
// connection breaks, libnats makes it again, and what was in progress is told: messages can be lost.
//
// libnats reads and writes when it is told to, on the thread of the composition; threads of its own
// connect, and connect again.
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
#include <unordered_map>
#include <vector>

#include "remote/address.h"
#include "remote/handle_blob.h"
#include "remote/nats_library.h"
#include "remote/reactor.h"
#include "runtime/scheduler.h"
#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::remote {

// A message of NATS.
class NatsMessage final {
 public:
  NatsMessage(const NatsLibrary& library, natsMsg* message)
      : library_(library), message_(message, library.natsMsg_Destroy) {}

  [[nodiscard]] std::string_view subject() const {
    return library_.natsMsg_GetSubject(message_.get());
  }
  // Empty: nobody waits for an answer.
  [[nodiscard]] std::string_view reply() const {
    const char* const reply = library_.natsMsg_GetReply(message_.get());
    return reply == nullptr ? std::string_view() : std::string_view(reply);
  }
  // Lifetime: that of the message.
  [[nodiscard]] std::span<const std::uint8_t> data() const {
    return {reinterpret_cast<const std::uint8_t*>(library_.natsMsg_GetData(message_.get())),
            static_cast<std::size_t>(library_.natsMsg_GetDataLength(message_.get()))};
  }

 private:
  const NatsLibrary& library_;
  std::unique_ptr<natsMsg, decltype(NatsLibrary::natsMsg_Destroy)> message_;
};

struct NatsOptions {
  TlsOptions tls = {};
  std::string credentials = {};  // file; empty: none
};

class NatsLink final {
 public:
  // Who receives the messages of an inbox.
  class Inbox {
   public:
    virtual ~Inbox() = default;
    // path: what follows the name of the inbox and a dot: "results.0.1"; can be empty.
    virtual void receive(std::string_view path, NatsMessage message) = 0;
    // The connection has broken: messages may be lost.
    virtual void note_break() = 0;
    // Whether its owner has published a call that nobody has accepted.
    [[nodiscard]] virtual bool is_unanswered() const = 0;
    // Nobody has subscribed to the subject of the call.
    virtual void note_refusal() = 0;
  };

  // Begins to connect. self: identifies this composition. Lifetime: refers to reactor and scheduler.
  // Errors: a sentence: libnats is missing.
  [[nodiscard]] static Result<std::shared_ptr<NatsLink>, std::string> make(
      const Address& address, const NatsOptions& options, const WorkerId& self, Reactor& reactor,
      runtime::Scheduler& scheduler);
  NatsLink(const NatsLink&) = delete;
  NatsLink& operator=(const NatsLink&) = delete;
  ~NatsLink();

  // Whether messages can be sent. If not, `on_change` will be called once, on any thread, when that
  // changes. After a failure it connects again. Errors: a sentence: why it could not connect.
  [[nodiscard]] Result<bool, std::string> is_connected(std::function<void()> on_change);
  // Waits until it is. Errors: as `is_connected`.
  [[nodiscard]] Result<void, std::string> wait();

  // The bytes that one message can have. REQUIRES: it was connected
  [[nodiscard]] std::size_t max_payload() const;
  // Adds a message to those that wait. reply: empty for none.
  void publish(const std::string& subject, const std::string& reply,
               std::span<const std::uint8_t> data);
  // Sends what waits, as far as the server takes it.
  void flush();
  // The number of bytes that wait.
  [[nodiscard]] std::size_t unsent() const;
  // on_sent: called once, when everything that waits has been sent.
  void notify_sent(std::function<void()> on_sent) { on_sent_.push_back(std::move(on_sent)); }

  // Opens an inbox, and returns its subject, to which others can append a path. Lifetime: until
  // `close`.
  [[nodiscard]] std::string open(Inbox& inbox);
  void close(const Inbox& inbox);

  // Receives the messages of a subject. group: of those that share them; empty for none.
  // Errors: a sentence of libnats.
  using OnMessage = std::function<void(NatsMessage)>;
  [[nodiscard]] Result<void, std::string> subscribe(const std::string& subject,
                                                    const std::string& group, OnMessage on_message);
  // Receives no more messages than those that are on their way.
  void drain();

 private:
  struct Events;  // what threads of libnats use
  struct Subscription {
    natsSubscription* subscription = nullptr;
    OnMessage on_message;
  };

  NatsLink(const NatsLibrary& library, Address address, NatsOptions options, std::string inbox,
           Reactor& reactor, runtime::Scheduler& scheduler);
  // Makes the options of libnats. Errors: a status of libnats.
  [[nodiscard]] Result<natsOptions*, natsStatus> make_options() const;
  void connect();
  // Takes note of a connection that was made, that failed, or that broke.
  void update();
  void begin();
  void note_break();
  void watch();
  void wait_to_send();
  void note_room();
  // Reads what has arrived, and passes it on.
  void read();
  void pass_on(const Subscription& subscription);
  void receive(NatsMessage message);
  void note_refusals();

  const NatsLibrary& library_;
  const Address address_;
  const NatsOptions options_;
  const std::string server_;  // host and port
  const std::string inbox_;   // where the subjects of all inboxes begin
  Reactor& reactor_;
  std::shared_ptr<Events> events_;
  natsConnection* connection_ = nullptr;
  bool is_open_ = false;
  bool is_sending_ = false;  // as soon as the socket has room
  std::vector<std::function<void()>> on_sent_;
  std::uint64_t next_inbox_ = 0;
  std::size_t refused_ = 0;  // calls that nobody has subscribed to; libnats does not say which
  std::unordered_map<std::uint64_t, Inbox*> inboxes_;
  std::map<const Inbox*, std::uint64_t> numbers_;
  std::vector<Subscription> subscriptions_;
};

}  // namespace tenon::remote
