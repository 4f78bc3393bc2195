// Stop requests on other threads for tasks whose composition is not known yet: it runs neither there nor at once.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/http.h"
#include "tenon/stream.h"

namespace tenon::early_stop_test {
namespace {

using Written = CallResult<bool>;

// Keeps a stream, and does not read it.
constexpr const char* kKeeper = R"((component
  (type $numbers (stream u32))
  (core module $code (func (export "keep") (param i32)))
  (core instance $core (instantiate $code))
  (func (export "keep") (param "numbers" $numbers) (canon lift (core func $core "keep")))))";

// More than a stream holds.
const std::vector<std::uint32_t> kMany(1'000'000);

Composition build() {
  CompositionBuilder builder;
  builder.add_component("keeper", *engine::wat_to_wasm("keeper.wat", kKeeper));
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

void stop_on_another_thread(std::stop_source& source) {
  std::thread([&] { source.request_stop(); }).join();
}

void expect_interrupted(const std::optional<Written>& outcome) {
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().kind, CallFailure::Kind::Interrupted);
}

TEST(EarlyStops, EndAWriteWhenItsStreamIsPassed) {
  Composition composition = build();
  const auto keep = *composition.function<void(Stream<std::uint32_t>)>("", "keep");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Task<Written> writing = writer.write(5);
  std::stop_source source;
  writing.cancel_on(source.get_token());
  std::optional<std::thread::id> ended_on;
  writing.on_done([&] { ended_on = std::this_thread::get_id(); });
  stop_on_another_thread(source);
  EXPECT_FALSE(ended_on);
  ASSERT_FALSE(writing.is_done());
  EXPECT_TRUE(keep(std::move(stream)));
  composition.poll();
  EXPECT_EQ(ended_on, std::this_thread::get_id());
  expect_interrupted(writing.wait());
}

TEST(EarlyStops, EndAWriteThatTheProgramWaitsFor) {
  auto [writer, stream] = make_stream<std::uint32_t>();
  Task<Written> writing = writer.write(5);
  EXPECT_FALSE(writing.wait());
  std::stop_source source;
  writing.cancel_on(source.get_token());
  stop_on_another_thread(source);
  EXPECT_FALSE(writing.is_done());
  expect_interrupted(writing.wait());
}

TEST(EarlyStops, EndAWriteOfABodyThatTheProgramWaitsFor) {
  auto [writer, body] = make_http_body();
  Task<Written> writing = writer.write("abc");
  std::stop_source source;
  writing.cancel_on(source.get_token());
  stop_on_another_thread(source);
  EXPECT_FALSE(writing.is_done());
  expect_interrupted(writing.wait());
}

TEST(EarlyStops, CanComeWhileTheStreamIsPassed) {
  Composition composition = build();
  const auto keep = *composition.function<void(Stream<std::uint32_t>)>("", "keep");
  for (int i = 0; i < 100; ++i) {
    auto [writer, stream] = make_stream<std::uint32_t>();
    Task<Written> writing = writer.write(kMany);
    std::stop_source source;
    writing.cancel_on(source.get_token());
    std::thread stopper([&] { source.request_stop(); });
    EXPECT_TRUE(keep(std::move(stream)));
    stopper.join();
    composition.poll();
    expect_interrupted(writing.wait());
  }
}

TEST(EarlyStops, AreOfNoUseAfterTheComposition) {
  auto [writer, stream] = make_stream<std::uint32_t>();
  Task<Written> writing = writer.write(kMany);
  std::stop_source source;
  writing.cancel_on(source.get_token());
  {
    Composition composition = build();
    EXPECT_TRUE(
        (*composition.function<void(Stream<std::uint32_t>)>("", "keep"))(std::move(stream)));
  }
  stop_on_another_thread(source);
  const std::optional<Written> outcome = writing.wait();
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(*outcome);
  EXPECT_FALSE(**outcome) << "nobody reads it any more";
}

}  // namespace
}  // namespace tenon::early_stop_test
