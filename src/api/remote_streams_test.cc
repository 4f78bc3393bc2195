// Calls of a remote unit with several streams, of which one is not read.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/remote.h"
#include "tenon/stream.h"
#include "tests/support/nats_server.h"
#include "tests/support/served.h"
#include "tests/support/temporary_folder.h"

namespace tenon::remote_streams_test {
namespace {

using namespace std::chrono_literals;

// Returns its streams.
constexpr std::string_view kLib = R"((component
  (type $texts (stream string)) (type $bytes (stream u8)) (type $both (tuple $texts $bytes))
  (core module $code
    (memory (export "memory") 1)
    (func (export "pass") (param i32 i32) (result i32)
      (i32.store (i32.const 64) (local.get 0))
      (i32.store (i32.const 68) (local.get 1))
      (i32.const 64)))
  (core instance $core (instantiate $code))
  (func $pass (param "texts" $texts) (param "bytes" $bytes) (result $both)
    (canon lift (core func $core "pass") (memory $core "memory")))
  (instance $lib (export "pass" (func $pass)))
  (export "x:y/lib" (instance $lib))))";

// Passes them on to it, and back.
constexpr std::string_view kApp = R"((component
  (type $texts (stream string)) (type $bytes (stream u8)) (type $both (tuple $texts $bytes))
  (import "x:y/lib" (instance $lib
    (type $texts (stream string)) (type $bytes (stream u8)) (type $both (tuple $texts $bytes))
    (export "pass" (func (param "texts" $texts) (param "bytes" $bytes) (result $both)))))
  (core module $memory (memory (export "memory") 1))
  (core instance $m (instantiate $memory))
  (core func $pass (canon lower (func $lib "pass") (memory $m "memory")))
  (core module $code
    (import "" "pass" (func $pass (param i32 i32 i32)))
    (func (export "pass") (param i32 i32) (result i32)
      (call $pass (local.get 0) (local.get 1) (i32.const 64))
      (i32.const 64)))
  (core instance $core (instantiate $code (with "" (instance (export "pass" (func $pass))))))
  (func (export "pass") (param "texts" $texts) (param "bytes" $bytes) (result $both)
    (canon lift (core func $core "pass") (memory $m "memory")))))";

// Keeps a stream, and returns it.
constexpr std::string_view kKeeper = R"((component
  (type $texts (stream string))
  (core module $code
    (global $kept (mut i32) (i32.const 0))
    (func (export "keep") (param i32) (global.set $kept (local.get 0)))
    (func (export "take") (result i32) (global.get $kept)))
  (core instance $core (instantiate $code))
  (func $keep (param "texts" $texts) (canon lift (core func $core "keep")))
  (func $take (result $texts) (canon lift (core func $core "take")))
  (instance $lib (export "keep" (func $keep)) (export "take" (func $take)))
  (export "x:y/lib" (instance $lib))))";

constexpr std::string_view kKeeperApp = R"((component
  (type $texts (stream string))
  (import "x:y/lib" (instance $lib
    (type $texts (stream string))
    (export "keep" (func (param "texts" $texts)))
    (export "take" (func (result $texts)))))
  (core func $keep (canon lower (func $lib "keep")))
  (core func $take (canon lower (func $lib "take")))
  (core module $code
    (import "" "keep" (func $keep (param i32)))
    (import "" "take" (func $take (result i32)))
    (export "keep" (func $keep))
    (export "take" (func $take)))
  (core instance $core (instantiate $code
    (with "" (instance (export "keep" (func $keep)) (export "take" (func $take))))))
  (func (export "keep") (param "texts" $texts) (canon lift (core func $core "keep")))
  (func (export "take") (result $texts) (canon lift (core func $core "take")))))";

using Texts = Stream<std::string>;
using Numbers = Stream<std::uint8_t>;
using Pass = std::tuple<Texts, Numbers>(Texts, Numbers);

std::vector<std::uint8_t> assemble(std::string_view text) {
  auto bytes = engine::wat_to_wasm("unit.wat", text);
  EXPECT_TRUE(bytes) << bytes.error().front().message;
  return *std::move(bytes);
}

template <class T>
T finish(Task<CallResult<T>> task) {
  std::optional<CallResult<T>> outcome = task.wait(20s);
  EXPECT_TRUE(outcome) << "the operation did not end";
  if (!outcome) std::abort();
  EXPECT_TRUE(*outcome) << outcome->error().message;
  if (!*outcome) std::abort();
  return std::move(**outcome);
}

template <class T>
std::vector<T> read_all(Stream<T>& stream) {
  std::vector<T> all;
  std::vector<T> batch(1 << 16);
  while (const std::size_t count = finish(stream.read(batch)))
    all.insert(all.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(count));
  return all;
}

// Writes everything, ends the stream, and returns whether it was read.
template <class T>
Task<CallResult<bool>> write_all(StreamWriter<T> writer, std::vector<T> items) {
  CallResult<bool> is_read = co_await writer.write(items);
  writer.close();
  co_return is_read;
}

class RemoteStreams : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    const bool is_nats = GetParam() == "nats";
    if (is_nats && !NatsServer::exists()) GTEST_SKIP() << "nats-server is missing";
    if (is_nats) nats_.emplace();
    link(kLib, kApp);
    auto pass = composition_->function<Pass>("", "pass");
    ASSERT_TRUE(pass) << pass.error().front().message;
    pass_.emplace(*std::move(pass));
  }

  void link(std::string_view lib, std::string_view app) {
    const std::string address = nats_                  ? nats_->url() + "/streams"
                                : GetParam() == "unix" ? "unix:" + (folder_.path() / "s").string()
                                                       : "tcp://[::1]:0";
    pass_.reset();
    composition_.reset();
    served_.reset();
    CompositionBuilder provider;
    provider.add_component("lib", assemble(lib));
    served_.emplace(provider, ServeOptions{.listen = {address}});
    CompositionBuilder consumer;
    consumer.add_component("app", assemble(app));
    consumer.add_remote("there", served_->address(), {.interfaces = {"x:y/lib"}});
    Result<Composition> built = consumer.build();
    ASSERT_TRUE(built) << built.error().front().message;
    composition_.emplace(*std::move(built));
  }

  // Begins to write both, and passes them through the remote unit.
  std::tuple<Texts, Numbers> pass(const std::vector<std::string>& texts,
                                  const std::vector<std::uint8_t>& numbers) {
    auto [text_writer, text_stream] = make_stream<std::string>();
    auto [number_writer, number_stream] = make_stream<std::uint8_t>();
    writing_texts_.emplace(write_all(std::move(text_writer), texts));
    writing_numbers_.emplace(write_all(std::move(number_writer), numbers));
    return finish(pass_->start(std::move(text_stream), std::move(number_stream)));
  }

  TemporaryFolder folder_;
  std::optional<NatsServer> nats_;
  std::optional<Served> served_;
  std::optional<Composition> composition_;
  std::optional<TypedFunction<Pass>> pass_;
  std::optional<Task<CallResult<bool>>> writing_texts_;
  std::optional<Task<CallResult<bool>>> writing_numbers_;
};

// More than waits on both sides together.
const std::vector<std::string> kManyTexts(40'000, std::string(1'000, 'a'));
const std::vector<std::uint8_t> kManyNumbers(3'000'000, 7);

TEST_P(RemoteStreams, OneThatIsNotReadDoesNotStopOthers) {
  auto [texts, numbers] = pass(kManyTexts, kManyNumbers);
  EXPECT_EQ(read_all(numbers), kManyNumbers);
  EXPECT_TRUE(finish(*std::move(writing_numbers_)));
  EXPECT_FALSE(writing_texts_->is_done()) << "a writer waits for its own reader";
  EXPECT_EQ(read_all(texts), kManyTexts);
  EXPECT_TRUE(finish(*std::move(writing_texts_)));
}

TEST_P(RemoteStreams, OneThatIsDroppedLetsItsWriterGoOn) {
  auto [texts, numbers] = pass(kManyTexts, kManyNumbers);
  EXPECT_EQ(read_all(numbers), kManyNumbers);
  texts = Texts();
  // Whether its writer learns of it is a matter of time.
  (void)finish(*std::move(writing_texts_));
}

TEST_P(RemoteStreams, ItemsThatWaitAreReadAfterTheirSenderIsGone) {
  const std::vector<std::string> some_texts(100, std::string(1'000, 'b'));
  auto [texts, numbers] = pass(some_texts, {1, 2, 3});
  EXPECT_EQ(read_all(numbers), (std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_TRUE(finish(*std::move(writing_texts_)));
  (void)composition_->run_for(200ms);
  served_->stop();
  EXPECT_EQ(read_all(texts), some_texts);
}

// The client has no more to do, so that it closes its end.
TEST_P(RemoteStreams, ItemsThatWaitAreReadAfterTheirClientIsDone) {
  link(kKeeper, kKeeperApp);
  const std::vector<std::string> some_texts(100, std::string(1'000, 'c'));
  auto keep = composition_->function<void(Texts)>("", "keep");
  ASSERT_TRUE(keep) << keep.error().front().message;
  auto [writer, stream] = make_stream<std::string>();
  writing_texts_.emplace(write_all(std::move(writer), some_texts));
  const auto kept = keep->start(std::move(stream)).wait(20s);
  ASSERT_TRUE(kept && *kept);
  EXPECT_TRUE(finish(*std::move(writing_texts_)));
  // A server asks a client at NATS every second whether it is still there.
  (void)composition_->run_for(nats_ ? 2'500ms : 200ms);
  auto take = composition_->function<Texts()>("", "take");
  ASSERT_TRUE(take) << take.error().front().message;
  Texts texts = finish(take->start());
  EXPECT_EQ(read_all(texts), some_texts);
}

// The bytes that wait in the kernel for connections of a port.
std::size_t queued_bytes(std::string_view port) {
  std::size_t sum = 0;
  std::ifstream table("/proc/net/tcp6");
  std::string line;
  std::getline(table, line);
  const std::string suffix = fmt::format(":{:04X}", std::stoi(std::string(port)));
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    std::string queues;
    fields >> number >> local >> remote >> state >> queues;
    if (local.ends_with(suffix) || remote.ends_with(suffix))
      sum += std::stoul(queues, nullptr, 16) + std::stoul(queues.substr(9), nullptr, 16);
  }
  return sum;
}

// After a minute, a kernel drops the connection of a peer whose window stays closed.
TEST_P(RemoteStreams, AStalledReaderDoesNotRunIntoTheTcpUserTimeout) {
  if (GetParam() != "tcp") GTEST_SKIP() << "only kernels with TCP do so";
  link(kKeeper, kKeeperApp);
  auto keep = composition_->function<void(Texts)>("", "keep");
  auto take = composition_->function<Texts()>("", "take");
  ASSERT_TRUE(keep && take);
  auto [writer, stream] = make_stream<std::string>();
  writing_texts_.emplace(write_all(std::move(writer), kManyTexts));
  const auto kept = keep->start(std::move(stream)).wait(20s);
  ASSERT_TRUE(kept && *kept);
  const std::string address = served_->address();
  const std::string port = address.substr(address.rfind(':') + 1);
  (void)composition_->run_for(1s);
  EXPECT_NE(queued_bytes(port), 0U);
  for (int i = 0; i < 100 && queued_bytes(port) != 0; ++i) (void)composition_->run_for(100ms);
  EXPECT_EQ(queued_bytes(port), 0U);
  Texts texts = finish(take->start());
  EXPECT_EQ(read_all(texts), kManyTexts);
  EXPECT_TRUE(finish(*std::move(writing_texts_)));
}

INSTANTIATE_TEST_SUITE_P(Transports, RemoteStreams, testing::Values("unix", "tcp", "nats"),
                         [](const auto& transport) { return std::string(transport.param); });

}  // namespace
}  // namespace tenon::remote_streams_test
