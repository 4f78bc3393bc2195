// The limits of a server and of leases, with times that are too short for `tenon serve`.
#include "remote/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remote/extension.h"
#include "remote/frames.h"
#include "remote/leases.h"
#include "runtime/domain.h"
#include "tests/support/test_server.h"

namespace tenon::remote {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ServerTest, AConnectionWithoutACallEnds) {
  serve({.header_time = milliseconds(50)});
  connect("");
  connect(kHeader.substr(0, 3));
  EXPECT_TRUE(serve_until([&] { return failures_.size() == 2; }));
  EXPECT_THAT(failures_, testing::Each("it named no function within 50ms"));
  EXPECT_EQ(server_->counts().connections, 0U);
}

TEST_F(ServerTest, AConnectionWithoutParametersEnds) {
  serve({.params_time = milliseconds(50)});
  connect(kHeader);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("its parameters were not complete after 50ms"));
}

TEST_F(ServerTest, ALateTimerDoesNotEndALaterState) {
  serve({.header_time = milliseconds(50)});
  const int client = connect(std::string(kHeader) + std::string(kParams));
  serve_for(milliseconds(150));
  EXPECT_EQ(receive(client), kParams);
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(ServerTest, FurtherConnectionsWait) {
  serve({.connections = 2});
  const int first = connect(kHeader);
  connect(kHeader);
  const int third = connect(std::string(kHeader) + std::string(kParams));
  serve_for(milliseconds(100));
  EXPECT_EQ(server_->counts().connections, 2U);
  EXPECT_EQ(receive(third), "");
  ::shutdown(first, SHUT_RDWR);
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 1; }));
  EXPECT_EQ(receive(third), kParams);
}

TEST_F(ServerTest, FurtherCallsWait) {
  serve({.calls = 1});
  echo_->waits = true;
  const std::string call = std::string(kHeader) + std::string(kParams);
  connect(call);
  const int second = connect(call);
  EXPECT_TRUE(serve_until([&] { return echo_->started.size() == 1; }));
  serve_for(milliseconds(50));
  EXPECT_EQ(echo_->started.size(), 1U);
  EXPECT_EQ(server_->counts().in_progress, 1U);
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 2; }));
  EXPECT_EQ(receive(second), kParams);
}

TEST_F(ServerTest, AMachineHasHalfOfTheConnections) {
  serve({.connections = 4});
  connect_from("127.0.0.2", kHeader);
  connect_from("127.0.0.2", kHeader);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 2; }));
  connect_from("127.0.0.2", kHeader);
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("its machine has 2 connections already"));
  const int other = connect_from("127.0.0.3", std::string(kHeader) + std::string(kParams));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 1; }));
  EXPECT_EQ(receive(other), kParams);
  // It can connect again when one has ended.
  ::shutdown(clients_[0], SHUT_RDWR);
  EXPECT_TRUE(serve_until([&] { return failures_.size() == 2; }));
  const int next = connect_from("127.0.0.2", std::string(kHeader) + std::string(kParams));
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 2; }));
  EXPECT_EQ(receive(next), kParams);
}

TEST_F(ServerTest, ThisMachineHasAllConnections) {
  serve({.connections = 2});
  connect_from("127.0.0.1", kHeader);
  connect_from("127.0.0.1", kHeader);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 2; }));
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(ServerTest, AMachineHasHalfOfTheCalls) {
  serve({.calls = 4});
  echo_->waits = true;
  const std::string call = std::string(kHeader) + std::string(kParams);
  for (int i = 0; i < 5; ++i) connect_from("127.0.0.2", call);
  EXPECT_TRUE(serve_until([&] { return server_->counts().connections == 5; }));
  serve_for(milliseconds(50));
  EXPECT_EQ(echo_->started.size(), 2U);
  // Those of other machines, and of this one, pass the calls that wait.
  connect_from("127.0.0.3", call);
  EXPECT_TRUE(serve_until([&] { return echo_->started.size() == 3; }));
  connect(call);
  EXPECT_TRUE(serve_until([&] { return echo_->started.size() == 4; }));
  connect(call);
  serve_for(milliseconds(50));
  EXPECT_EQ(server_->counts().in_progress, 4U);
  finish_calls();
  EXPECT_TRUE(serve_until([&] { return server_->counts().calls == 8; }));
  EXPECT_EQ(server_->counts().in_progress, 0U);
}

TEST_F(ServerTest, AnotherTypeIsRefusedBeforeTheCall) {
  serve({});
  const int client = connect(call_of_tenon(0, 2));
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  EXPECT_THAT(failures_, ElementsAre("it has another type there: `f: func(n: u32) -> u32;`"));
  EXPECT_THAT(receive(client), HasSubstr("it has another type there"));
  EXPECT_EQ(server_->counts().calls, 0U);
}

// Items of streams can be on the way when the call is refused. They must not destroy the reason.
TEST_F(ServerTest, ARefusedCallIgnoresWhatStillArrives) {
  serve({});
  const int client = connect(call_of_tenon(0, 2, true));
  EXPECT_TRUE(serve_until([&] { return !failures_.empty(); }));
  Bytes frame;
  append_frame(frame, IndexPath{0, 1}, Bytes{1, 2, 3});
  EXPECT_EQ(::send(client, frame.data(), frame.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(frame.size()));
  serve_for(milliseconds(50));
  EXPECT_EQ(failures_.size(), 1U);
  EXPECT_THAT(receive(client), HasSubstr("it has another type there"));
  EXPECT_EQ(::recv(client, frame.data(), 1, MSG_DONTWAIT), 0) << "the normal end";
}

// The object of a resource.
struct Object final : runtime::OutsideResource {
  explicit Object(bool& flag) : is_dropped(flag) {}
  ~Object() override { is_dropped = true; }
  bool& is_dropped;
};

TEST_F(ServerTest, ALeaseExpiresUnlessItsHolderIsHeardOf) {
  ASSERT_TRUE(shared_.scheduler.set_reactor(*reactor_));
  runtime::ResourceKind kind{.name = "r", .number = 1, .is_hosted = true};
  const auto add = [&](bool& is_dropped) {
    return shared_.resources.add({.kind = &kind,
                                  .holder = {runtime::Holder::Who::Program},
                                  .object = std::shared_ptr<runtime::OutsideResource>(
                                      std::make_shared<Object>(is_dropped))});
  };
  bool is_first_dropped = false;
  bool is_second_dropped = false;
  {
    Leases leases(Worker({}, {}), milliseconds(200), *reactor_, shared_);
    const Bytes first = leases.add(add(is_first_dropped), "silent").handle;
    const Bytes second = leases.add(add(is_second_dropped), "alive").handle;
    for (int i = 0; i < 8; ++i) {
      serve_for(milliseconds(50));
      leases.renew("alive");
    }
    EXPECT_TRUE(is_first_dropped);
    EXPECT_FALSE(is_second_dropped);
    EXPECT_THAT(leases.find(first).error(), HasSubstr("its lease has expired"));
    EXPECT_TRUE(leases.find(second));
    leases.drop(first);
    EXPECT_EQ(leases.size(), 1U);
  }
  EXPECT_TRUE(is_second_dropped) << "nobody has a lease any more";
}

}  // namespace
}  // namespace tenon::remote
