// Streams and futures that the program reads and writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/stream.h"

namespace tenon::value_stream_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Started = Task<CallResult<std::optional<Value>>>;

std::vector<std::uint8_t> assemble(const std::string& text) {
  return *engine::wat_to_wasm("unit.wat", text);
}

// A provider of the golden cases.
std::vector<std::uint8_t> lib_of(const std::string& test_case) {
  std::ifstream file(std::string(TENON_SOURCE_DIR) + "/tests/golden/async/" + test_case +
                     "/lib.wat");
  return assemble({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

Composition build(const std::vector<std::uint8_t>& component) {
  CompositionBuilder builder;
  builder.add_component("lib", component);
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

Value call(const Composition& composition, const char* function) {
  return **composition.call("x:y/lib", function, {});
}

std::vector<std::string> print(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(print_wave(value));
  return texts;
}

// All items of a stream, in reads of two.
std::vector<std::string> read_all(ValueStream& stream) {
  std::vector<std::string> all;
  while (true) {
    auto items = stream.read(2).wait();
    if (!items || !*items || (*items)->empty()) return all;
    std::ranges::move(print(**items), std::back_inserter(all));
  }
}

TEST(ValueStreams, StringsAreRead) {
  const Composition composition = build(lib_of("stream_of_strings"));
  Result<ValueStream> stream = ValueStream::open(call(composition, "open"));
  ASSERT_TRUE(stream) << stream.error().front().message;
  EXPECT_FALSE(stream->is_future());
  EXPECT_FALSE(stream->has_bytes());
  EXPECT_THAT(read_all(*stream), ElementsAre("\"grün\"", "\"\"", "\"thread\""));
}

TEST(ValueStreams, RecordsVariantsAndListsAreRead) {
  for (const char* const test_case :
       {"stream_of_records", "stream_of_variants", "stream_of_lists", "stream_of_tuples"}) {
    const Composition composition = build(lib_of(test_case));
    Result<ValueStream> stream = ValueStream::open(call(composition, "open"));
    ASSERT_TRUE(stream) << test_case;
    EXPECT_GT(read_all(*stream).size(), 1U) << test_case;
  }
}

TEST(ValueStreams, AFutureHasOneValue) {
  const Composition composition = build(lib_of("future_of_string"));
  Result<ValueStream> future = ValueStream::open(call(composition, "open"));
  ASSERT_TRUE(future);
  EXPECT_TRUE(future->is_future());
  const auto value = future->read(1).wait();
  ASSERT_TRUE(value && *value);
  EXPECT_THAT(print(**value), ElementsAre("\"the text of future\""));
}

TEST(ValueStreams, AStreamCanBeOpenedOnce) {
  const Composition composition = build(lib_of("stream_of_strings"));
  const Value value = call(composition, "open");
  EXPECT_TRUE(ValueStream::open(value));
  const Result<ValueStream> again = ValueStream::open(value);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().front().code, "value-handle");
  EXPECT_THAT(again.error().front().message, HasSubstr("was read, dropped or passed before"));
  EXPECT_FALSE(ValueStream::open(Value::u8(1)));
}

TEST(ValueStreams, BytesAreWrittenInPieces) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Result<Function> shout = composition.find_function("x:y/lib", "shout");
  auto [writer, bytes] = ValueStreamWriter::make(shout->type().params()[0].type);
  Started task = shout->start(std::vector{bytes});
  EXPECT_FALSE(task.is_done());
  for (const std::string piece : {"ab", "cd"}) {
    const std::vector<std::uint8_t> data(piece.begin(), piece.end());
    const auto written = writer.write_bytes(data).wait();
    ASSERT_TRUE(written && *written);
    EXPECT_TRUE(**written);
  }
  writer.close();
  const auto result = task.wait();
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(print_wave(***result), "\"abcd!\"");
}

TEST(ValueStreams, AWriterWhoseStreamIsDroppedLearnsOfIt) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Type type = composition.find_function("x:y/lib", "shout")->type().params()[0].type;
  auto made = ValueStreamWriter::make(type);
  made.second = Value::none();
  const std::vector<std::uint8_t> data = {1};
  const auto written = made.first.write_bytes(data).wait();
  ASSERT_TRUE(written && *written);
  EXPECT_FALSE(**written);
}

TEST(ValueStreams, AReadableEndIsPassedOnce) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Result<Function> shout = composition.find_function("x:y/lib", "shout");
  auto [writer, bytes] = ValueStreamWriter::make(shout->type().params()[0].type);
  Started first = shout->start(std::vector{bytes});
  const CallResult<std::optional<Value>> second = shout->call(std::vector{bytes});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, CallFailure::Kind::BadCall);
  EXPECT_THAT(second.error().message, HasSubstr("was passed before"));
  writer.close();
  EXPECT_EQ(print_wave(***first.wait()), "\"!\"");
}

// A stream of one function is the argument of another one.
TEST(ValueStreams, AStreamOfAGuestIsPassedOn) {
  CompositionBuilder builder;
  builder.add_component("lib", lib_of("stream_from_lib"), {.reachable = Reachable::Yes});
  builder.add_component("shout", lib_of("stream_to_lib"), {.reachable = Reachable::Yes});
  builder.isolate_all();
  builder.set_root("lib");
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const CallResult<std::optional<Value>> stream =
      composition->unit("lib")->call("x:y/lib", "open", {});
  ASSERT_TRUE(stream) << stream.error().message;
  const CallResult<std::optional<Value>> text =
      composition->unit("shout")->call("x:y/lib", "shout", std::vector{**stream});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(print_wave(**text), HasSubstr("!"));
}

TEST(ValueStreams, BadItemsAreRefusedAndTheStreamGoesOn) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Result<Function> shout = composition.find_function("x:y/lib", "shout");
  auto [writer, stream] = ValueStreamWriter::make(shout->type().params()[0].type);
  Started task = shout->start(std::vector{stream});
  const auto refused = writer.write(Value::string("a")).wait();
  ASSERT_TRUE(refused);
  ASSERT_FALSE(*refused);
  EXPECT_EQ(refused->error().kind, CallFailure::Kind::BadCall);
  EXPECT_FALSE(refused->error().problems.empty());
  const auto written = writer.write(Value::u8('a')).wait();
  ASSERT_TRUE(written && *written);
  writer.close();
  EXPECT_EQ(print_wave(***task.wait()), "\"a!\"");
}

TEST(ValueStreams, AStreamCanOutliveItsComposition) {
  std::optional<ValueStream> stream;
  std::optional<ValueStreamWriter> writer;
  {
    const Composition composition = build(lib_of("stream_of_strings"));
    stream.emplace(*ValueStream::open(call(composition, "open")));
    const Composition other = build(lib_of("stream_to_lib"));
    const Result<Function> shout = other.find_function("x:y/lib", "shout");
    auto made = ValueStreamWriter::make(shout->type().params()[0].type);
    writer.emplace(std::move(made.first));
    Started task = shout->start(std::vector{made.second});
  }
  const auto items = stream->read(1).wait();
  ASSERT_TRUE(items);
  ASSERT_FALSE(*items);
  EXPECT_EQ(items->error().kind, CallFailure::Kind::Ended);
  const std::vector<std::uint8_t> data = {1};
  const auto written = writer->write_bytes(data).wait();
  ASSERT_TRUE(written && *written);
  EXPECT_FALSE(**written);
}

TEST(ValueStreams, ARecordOfAStreamIsReadInACoroutine) {
  const Composition composition = build(lib_of("stream_of_strings"));
  const auto count = [](ValueStream stream) -> Task<std::size_t> {
    std::size_t sum = 0;
    while (true) {
      const CallResult<std::vector<Value>> items = co_await stream.read(1);
      if (!items || items->empty()) co_return sum;
      sum += items->size();
    }
  };
  Task<std::size_t> task = count(*ValueStream::open(call(composition, "open")));
  EXPECT_EQ(*task.wait(), 3U);
}

}  // namespace
}  // namespace tenon::value_stream_test
