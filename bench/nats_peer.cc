// Exchanges the NATS messages of wRPC calls, one call at a time, and nothing else: the baseline for
// tenon's figures of calls over NATS. It forks: one process answers, and the other calls.
//
// Usage: nats_peer PORT COUNT   COUNT calls through the NATS server at this port of the loopback address
//
// Prints the seconds of one call. The messages are those of docs/formats/wrpc.md, "NATS", for `add` with
// two numbers of one byte.
#include <nats/nats.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr const char* kFunction = "nats_peer.wrpc.0.0.1.bench:remote/math@0.1.0.add";
constexpr std::int64_t kPatience = 10'000;  // milliseconds

void require(natsStatus status, const char* what) {
  if (status == NATS_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
  std::exit(1);
}

natsConnection* connect(const std::string& url) {
  natsOptions* options = nullptr;
  require(natsOptions_Create(&options), "options");
  require(natsOptions_SetURL(options, url.c_str()), "url");
  // Otherwise a thread of libnats sends with a delay.
  require(natsOptions_SetSendAsap(options, true), "send asap");
  natsConnection* connection = nullptr;
  require(natsConnection_Connect(&connection, options), "connect");
  natsOptions_Destroy(options);
  return connection;
}

natsSubscription* subscribe(natsConnection* connection, const std::string& subject) {
  natsSubscription* subscription = nullptr;
  require(natsConnection_SubscribeSync(&subscription, connection, subject.c_str()), "subscribe");
  require(natsConnection_Flush(connection), "flush");
  return subscription;
}

// Receives the next message. Returns the subject for its answer.
std::string receive(natsSubscription* subscription) {
  natsMsg* message = nullptr;
  require(natsSubscription_NextMsg(&message, subscription, kPatience), "receive");
  const char* const reply = natsMsg_GetReply(message);
  std::string answer = reply == nullptr ? "" : reply;
  natsMsg_Destroy(message);
  return answer;
}

void publish(natsConnection* connection, const std::string& subject, const void* data, int size) {
  require(natsConnection_Publish(connection, subject.c_str(), data, size), "publish");
}

void publish_request(natsConnection* connection, const std::string& subject,
                     const std::string& reply, const void* data, int size) {
  require(natsConnection_PublishRequest(connection, subject.c_str(), reply.c_str(), data, size),
          "publish");
}

[[noreturn]] void serve(const std::string& url, int ready) {
  natsConnection* const connection = connect(url);
  natsSubscription* const calls = subscribe(connection, kFunction);
  natsSubscription* const params = subscribe(connection, "nats_peer_server.*.params");
  if (::write(ready, "", 1) != 1) std::exit(1);
  for (long call = 0;; ++call) {
    natsMsg* message = nullptr;
    require(natsSubscription_NextMsg(&message, calls, kPatience), "receive");
    const std::string client = natsMsg_GetReply(message);
    natsMsg_Destroy(message);
    publish_request(connection, client, "nats_peer_server." + std::to_string(call), "", 0);
    (void)receive(params);
    publish(connection, client + ".results", "\x04", 1);
    publish(connection, client + ".results", "", 0);
  }
}

double call(const std::string& url, long count) {
  natsConnection* const connection = connect(url);
  natsSubscription* const inbox = subscribe(connection, "nats_peer_client.>");
  const auto begin = std::chrono::steady_clock::now();
  for (long call = 0; call < count; ++call) {
    const std::string client = "nats_peer_client." + std::to_string(call);
    publish_request(connection, kFunction, client, "\x01\x03", 2);
    publish(connection, receive(inbox) + ".params", "", 0);
    (void)receive(inbox);
    (void)receive(inbox);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(count);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: nats_peer PORT COUNT\n");
    return 2;
  }
  const std::string url = std::string("nats://127.0.0.1:") + argv[1];
  int ready[2];
  if (::pipe(ready) != 0) return 1;
  // `fork` must come before libnats starts threads.
  const pid_t server = ::fork();
  if (server < 0) return 1;
  if (server == 0) serve(url, ready[1]);
  char byte = 0;
  if (::read(ready[0], &byte, 1) != 1) return 1;
  std::printf("%.9f\n", call(url, std::strtol(argv[2], nullptr, 10)));
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  return 0;
}
