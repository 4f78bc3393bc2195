// Test support: a server of one function, clients that send bytes, and limits with short times.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remote/extension.h"
#include "remote/frames.h"
#include "remote/server.h"
#include "remote/test_calls.h"
#include "runtime/domain.h"
#include "tests/support/temporary_folder.h"

namespace tenon::remote {

inline constexpr std::string_view kHeader{"\0\003a:b\001f", 7};
inline constexpr std::string_view kParams{"\0\001\005", 3};

// Echoes its parameter when the test says so.
class Echo final : public call::Callee {
 public:
  void start(call::Call& call) override {
    abi::ValueArena arena;
    const auto lifted = call.shape().program.lift_params(*call.params(), arena);
    ASSERT_TRUE(lifted);
    ++calls;
    if (!waits) return give(call, std::move(arena), *lifted);
    started.push_back(std::make_unique<Waiting>(*this, call));
    call.set_pending(*started.back());
  }
  // Answers a call that waits with zeros, or with a text of so many bytes.
  void finish(std::size_t index, std::uint32_t size = 0) {
    call::Call& call = started[index]->call;
    started.erase(started.begin() + static_cast<std::ptrdiff_t>(index));
    abi::ValueArena arena;
    const auto at = arena.allocate(8, 4);
    const auto text = arena.allocate(size, 1);
    ASSERT_TRUE(at && text);
    std::ranges::fill(arena.memory().subspan(*text, size), std::uint8_t{'a'});
    const std::array<std::uint32_t, 2> value = {size == 0 ? 0 : *text, size};
    std::memcpy(arena.memory().subspan(*at, 8).data(), value.data(), 8);
    give(call, std::move(arena), *at);
  }

  // A call that has not ended.
  struct Waiting final : call::PendingCall {
    Waiting(Echo& of, call::Call& made) : echo(of), call(made) {}
    void abandon() override {
      ++echo.abandoned;
      std::erase_if(echo.started, [this](const auto& other) { return other.get() == this; });
    }
    Echo& echo;
    call::Call& call;
  };

  bool waits = false;
  std::size_t calls = 0;
  std::size_t abandoned = 0;
  std::vector<std::unique_ptr<Waiting>> started;

 private:
  static void give(call::Call& call, abi::ValueArena arena, std::uint32_t at) {
    EXPECT_TRUE(call.give_result(arena, at));
    call.finish();
  }
};

// The bytes of a call by a tenon.
inline std::string call_of_tenon(std::uint8_t worker, std::uint64_t type_digest = 1,
                                 bool can_pause = false) {
  CallNote note{.worker = {worker}, .type_digest = type_digest, .drops = {}};
  note.can_pause = can_pause;
  Bytes params = {5};
  append_note(note, params);
  Bytes frame;
  append_frame(frame, {}, params);
  return std::string(kHeader) + std::string(frame.begin(), frame.end());
}

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    server_.reset();
    for (const int client : clients_) ::close(client);
    shared_.scheduler.remove_reactor();
  }

  void serve(const ServerLimits& limits) { serve("(n: u32) -> u32", limits); }
  void serve_text(const ServerLimits& limits) { serve("(s: string) -> string", limits); }
  void serve(std::string_view type, const ServerLimits& limits) {
    serve(call::shape_of(value::function_of(std::string(type))), limits);
  }
  void serve(std::shared_ptr<const call::FunctionShape> shape, ServerLimits limits) {
    limits.is_insecure = true;  // for `[::]`
    EXPECT_TRUE(shared_.scheduler.set_reactor(*reactor_));
    auto echo = std::make_unique<Echo>();
    echo_ = echo.get();
    std::vector<ServedFunction> functions;
    functions.push_back({.instance = "a:b",
                         .function = "f",
                         .name = "a:b#f",
                         .shape = std::move(shape),
                         .callee = std::move(echo),
                         .type_digest = 1,
                         .type = "f: func(n: u32) -> u32;"});
    server_ = std::make_unique<Server>(
        std::move(functions), limits, Worker({}, {}), *reactor_, shared_,
        [this](const ServeFailure& failure) { failures_.push_back(failure.message); });
    const auto address = server_->listen(*parse_address("tcp://[::1]:0"));
    const auto other = server_->listen(*parse_address("tcp://[::]:0"));
    ASSERT_TRUE(address && other && server_->listen(*parse_address("unix:" + socket_file())));
    port_ = address->port;
    other_port_ = other->port;
  }

  int connect(std::string_view bytes) {
    const int client = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients_.push_back(client);
    sockaddr_in6 to = {};
    to.sin6_family = AF_INET6;
    to.sin6_addr = in6addr_loopback;
    to.sin6_port = htons(port_);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    EXPECT_EQ(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    return client;
  }

  // The same from an address that counts as another machine: "127.0.0.2".
  int connect_from(const char* machine, std::string_view bytes) {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients_.push_back(client);
    sockaddr_in from = {};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = ::inet_addr(machine);
    EXPECT_EQ(::bind(client, reinterpret_cast<sockaddr*>(&from), sizeof(from)), 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(other_port_);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    (void)!::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return client;
  }

  // The same at the socket file.
  int connect_to_file(std::string_view bytes) {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clients_.push_back(client);
    sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = {}};
    socket_file().copy(to.sun_path, sizeof(to.sun_path) - 1);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    (void)!::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return client;
  }

  // A client that leaves.
  void close_client(int client) {
    std::erase(clients_, client);
    ::close(client);
  }

  // Finishes the calls that wait, and those that are started later.
  void finish_calls() {
    echo_->waits = false;
    while (!echo_->started.empty()) echo_->finish(0);
  }

  [[nodiscard]] std::string socket_file() const { return (folder_.path() / "s").string(); }

  // Serves until the condition holds, for at most five seconds.
  bool serve_until(const std::function<bool()>& is_done) {
    call::Bounds bounds;
    bounds.deadline = call::Deadline{call::Clock::now() + std::chrono::seconds(5), "test", {}};
    return shared_.scheduler.wait(is_done, &bounds, runtime::Scheduler::OnIdle::Wait) ==
           runtime::Scheduler::WaitEnd::Done;
  }
  void serve_for(std::chrono::milliseconds time) {
    const auto end = call::Clock::now() + time;
    call::Bounds bounds;
    bounds.deadline = call::Deadline{end, "test", {}};
    (void)shared_.scheduler.wait([] { return false; }, &bounds, runtime::Scheduler::OnIdle::Wait);
  }
  static std::string receive(int client) {
    std::string received(4096, '\0');
    const ssize_t size = ::recv(client, received.data(), received.size(), MSG_DONTWAIT);
    received.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return received;
  }

  const TemporaryFolder folder_;
  std::shared_ptr<Reactor> reactor_ = *Reactor::make();
  runtime::Shared shared_;
  Echo* echo_ = nullptr;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::uint16_t other_port_ = 0;
  std::vector<int> clients_;
  std::vector<std::string> failures_;
};

}  // namespace tenon::remote
