// Code of `tenon bindgen cpp --callers` for an interface with resources in records and streams
// (tests/bindings/gen/courier.h), on both sides of a guest in Rust that passes each call on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/host.h"
#include "tenon/stream.h"
#include "tests/bindings/gen/courier.h"

namespace tenon::program_courier_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

template <class T>
T need(CallResult<T> result) {
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return *std::move(result);
}
template <class T>
T need(Task<CallResult<T>> task) {
  std::optional<CallResult<T>> ended = task.wait(10s);
  EXPECT_TRUE(ended);
  return need(*std::move(ended));
}

template <class T>
Task<void> write_all(StreamWriter<T> writer, std::vector<T> items) {
  (void)co_await writer.write(items);
}

template <class T>
Task<std::vector<T>> read_all(Stream<T> stream) {
  std::vector<T> all;
  std::vector<T> batch(2);
  while (true) {
    const CallResult<std::size_t> count = co_await stream.read(batch);
    if (!count || *count == 0) co_return all;
    for (T& item : std::span(batch).first(*count)) all.push_back(std::move(item));
  }
}

template <class T>
Stream<T> stream_of(std::vector<T> items) {
  auto [writer, stream] = make_stream<T>();
  write_all(std::move(writer), std::move(items)).then([] {});
  return std::move(stream);
}

class Parcel final : public courier::parcels::parcel {
 public:
  explicit Parcel(std::string text) : text_(std::move(text)) { ++alive; }
  Parcel(const Parcel&) = delete;
  Parcel& operator=(const Parcel&) = delete;
  ~Parcel() override { --alive; }
  std::string label(const Caller& caller) override { return caller.unit + ": " + text_; }
  [[nodiscard]] const std::string& text() const { return text_; }

  inline static int alive = 0;

 private:
  std::string text_;
};

class Post final : public courier::parcels::host {
 public:
  using Pointer = std::shared_ptr<courier::parcels::parcel>;

  Pointer make_parcel(const Caller& /*caller*/, std::string_view label) override {
    return std::make_shared<Parcel>(std::string(label));
  }
  courier::parcels::batch pack(const Caller& caller, std::vector<std::string> labels) override {
    courier::parcels::batch batch{.owner = caller.unit};
    for (const std::string& label : labels) batch.parcels.push_back(make_parcel(caller, label));
    if (!labels.empty()) batch.spare = make_parcel(caller, "spare");
    return batch;
  }
  std::vector<std::string> open(const Caller& /*caller*/, courier::parcels::batch batch) override {
    std::vector<std::string> labels;
    if (batch.spare) batch.parcels.push_back(*batch.spare);
    for (const Pointer& parcel : batch.parcels) labels.push_back(text_of(parcel));
    return labels;
  }
  Task<Stream<std::string>> shout(const Caller& /*caller*/, Stream<std::string> words) override {
    auto [writer, loud] = make_stream<std::string>();
    shout_all(std::move(words), std::move(writer)).then([] {});
    co_return std::move(loud);
  }
  Task<std::uint64_t> send(const Caller& /*caller*/, Stream<Pointer> parcels) override {
    std::uint64_t bytes = 0;
    for (const Pointer& parcel : co_await read_all(std::move(parcels)))
      bytes += text_of(parcel).size();
    co_return bytes;
  }
  Task<Stream<Pointer>> order(const Caller& caller, std::vector<std::string> labels) override {
    std::vector<Pointer> parcels;
    for (const std::string& label : labels) parcels.push_back(make_parcel(caller, label));
    co_return stream_of(std::move(parcels));
  }
  Task<std::string> wait(const Caller& caller, Future<std::string> signal) override {
    const std::string unit = caller.unit;  // the reference ends with the call
    const CallResult<std::string> value = co_await std::move(signal);
    co_return unit + ": " + (value ? *value : value.error().message);
  }

 private:
  static const std::string& text_of(const Pointer& parcel) {
    return static_cast<const Parcel&>(*parcel).text();
  }
  static Task<void> shout_all(Stream<std::string> from, StreamWriter<std::string> to) {
    for (std::string& word : co_await read_all(std::move(from))) {
      for (char& letter : word) letter = static_cast<char>(std::toupper(letter));
      (void)co_await to.write(std::span(&word, 1));
    }
  }
};

class Courier : public testing::TestWithParam<bool> {
 protected:
  Courier() {
    CompositionBuilder builder;
    courier::parcels::provide(builder, std::make_shared<Post>());
    builder.add_component("anna", TENON_SOURCE_DIR "/tests/guests/bindings/wasm/courier.wasm");
    if (GetParam()) builder.isolate_all();
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << (built ? "" : print_diagnostics(built.error()));
    composition_.emplace(*std::move(built));
  }
  [[nodiscard]] courier::exports::parcels::functions unit() const {
    const Result<courier::instance> found =
        GetParam() ? courier::instance::find(*composition_->unit("anna"))
                   : courier::instance::find(*composition_);
    EXPECT_TRUE(found) << (found ? "" : print_diagnostics(found.error()));
    return found->parcels;
  }

 private:
  std::optional<Composition> composition_;
};

TEST_P(Courier, RecordsHoldResources) {
  const courier::exports::parcels::functions anna = unit();
  courier::exports::parcels::batch batch = need(anna.pack(std::vector<std::string>{"tea", "nut"}));
  EXPECT_EQ(batch.owner, "anna");
  ASSERT_EQ(batch.parcels.size(), 2U);
  ASSERT_TRUE(batch.spare);
  EXPECT_EQ(need(batch.parcels[1].label()), "anna: nut");
  EXPECT_EQ(need(batch.spare->label()), "anna: spare");
  batch.parcels.push_back(need(anna.make_parcel("mine")));
  EXPECT_EQ(Parcel::alive, 4);
  EXPECT_THAT(need(anna.open(std::move(batch))), ElementsAre("tea", "nut", "mine", "spare"));
  EXPECT_EQ(Parcel::alive, 0);
  EXPECT_FALSE(need(anna.pack({})).spare);
}

TEST_P(Courier, StreamsOfStrings) {
  const courier::exports::parcels::functions anna = unit();
  Stream<std::string> loud = need(anna.shout(stream_of<std::string>({"a", "", "bc"})));
  const auto words = read_all(std::move(loud)).wait(10s);
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("A", "", "BC"));
}

TEST_P(Courier, StreamsOfResources) {
  const courier::exports::parcels::functions anna = unit();
  std::vector<courier::exports::parcels::parcel> parcels;
  for (const char* label : {"a", "bc", "def"}) parcels.push_back(need(anna.make_parcel(label)));
  EXPECT_EQ(need(anna.send(stream_of(std::move(parcels)))), 6U);
  EXPECT_EQ(Parcel::alive, 0);

  auto ordered = read_all(need(anna.order(std::vector<std::string>{"x", "y"}))).wait(10s);
  ASSERT_TRUE(ordered);
  ASSERT_EQ(ordered->size(), 2U);
  EXPECT_FALSE(ordered->front().label());
  const courier::exports::parcels::parcel adopted = anna.adopt(std::move(ordered->back()));
  EXPECT_EQ(need(adopted.label()), "anna: y");
}

TEST_P(Courier, FuturesArePassedOn) {
  const courier::exports::parcels::functions anna = unit();
  auto [writer, signal] = make_future<std::string>();
  Task<CallResult<std::string>> waiting = anna.wait(std::move(signal));
  EXPECT_FALSE(waiting.is_done());
  writer.write("now").then([](const CallResult<bool>&) {});
  EXPECT_EQ(need(std::move(waiting)), "anna: now");
}

INSTANTIATE_TEST_SUITE_P(Domains, Courier, testing::Bool(), [](const auto& is_isolated) {
  return is_isolated.param ? "Isolated" : "One";
});

}  // namespace
}  // namespace tenon::program_courier_test
