// Results that the library of a host bundle returns while allocations fail: all of their resources are dropped, and every
// write to a stream ends.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/record.h"
#include "tenon/stream.h"
#include "tenon/tenon_c.h"
#include "tenon/tenon_host.h"
#include "tests/memory/prepared_call.h"
#include "tests/memory/small_units.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::native_results_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::fail_each;

constexpr const char* kWit = R"(package t:own;
interface lib {
  resource thing;
  make: func() -> tuple<thing, list<thing>, option<thing>, result<thing, string>>;
  trap: func() -> thing;
  open: func() -> tuple<stream<u8>, stream<u8>>;
  things: func() -> stream<thing>;
}
world host { export lib; })";

// Exports what the bundle provides.
constexpr const char* kApp = R"((component
  (import "t:own/lib" (instance $lib
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (tuple (own $thing) (list (own $thing)) (option (own $thing))
                                        (result (own $thing) (error string))))))
    (export "trap" (func (result (own $thing))))
    (export "open" (func (result (tuple (stream u8) (stream u8)))))
    (export "things" (func (result (stream (own $thing)))))))
  (export "t:own/lib" (instance $lib))))";

int g_things = 0;  // that exist
int g_writes = 0;  // in progress

const tenon_host_api& api() { return *tenon_host(); }

tenon_value make_thing() {
  ++g_things;
  return tenon_value_own(&g_things);
}

std::int32_t make(void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value* result) {
  auto* const values =
      static_cast<tenon_value*>(api().alloc(call, 8 * sizeof(tenon_value), alignof(tenon_value)));
  if (values == nullptr) return 1;
  for (const int i : {0, 4, 5, 6, 7}) values[i] = make_thing();
  values[1] = tenon_value_items(TENON_LIST, values + 4, 2);
  values[2] = tenon_value_option(values + 6);
  values[3] = tenon_value_case(TENON_RESULT, 0, values + 7);
  *result = tenon_value_items(TENON_TUPLE, values, 4);
  return 0;
}

// It has answered by then.
std::int32_t trap(void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
  const tenon_completion completion = api().defer(call, nullptr);
  if (completion == 0) return api().trap(call, "out of memory");
  const tenon_value thing = make_thing();
  if (api().complete(completion, &thing) != 0) --g_things;
  return api().trap(call, "it has trapped");
}

// A stream with a write in progress, of `items`. 0: it has none.
tenon_stream write(const tenon_value& items, tenon_stream_done done) {
  const tenon_stream stream = api().stream_new();
  if (stream == 0) return 0;
  auto* const number = new (std::nothrow) tenon_stream(stream);
  if (number != nullptr && api().stream_write(stream, &items, done, number) == 0) {
    ++g_writes;
    return stream;
  }
  delete number;
  api().stream_close(stream);
  return 0;
}
void end_write(void* data) {
  --g_writes;
  auto* const number = static_cast<tenon_stream*>(data);
  api().stream_close(*number);
  delete number;
}

std::int32_t open(void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value* result) {
  static const std::array<std::uint8_t, 3> bytes = {1, 2, 3};
  static const tenon_value items = tenon_value_packed(TENON_U8, bytes.data(), bytes.size());
  const auto done = [](void* data, const tenon_value*, std::size_t, std::int32_t) {
    end_write(data);
  };
  auto* const values =
      static_cast<tenon_value*>(api().alloc(call, 2 * sizeof(tenon_value), alignof(tenon_value)));
  if (values == nullptr) return 1;
  for (int i = 0; i < 2; ++i) {
    values[i] = tenon_value_stream(write(items, done));
    if (values[i].of.u != 0) continue;
    if (i == 1) api().stream_close(values[0].of.u);
    return api().trap(call, "out of memory");
  }
  *result = tenon_value_items(TENON_TUPLE, values, 2);
  return 0;
}

std::int32_t things(void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value* result) {
  static std::array<tenon_value, 3> values;
  static const tenon_value items = tenon_value_items(TENON_LIST, values.data(), values.size());
  for (tenon_value& value : values) value = make_thing();
  const auto done = [](void* data, const tenon_value*, std::size_t count, std::int32_t) {
    g_things -= static_cast<int>(values.size() - count);  // the others are the host's
    end_write(data);
  };
  const tenon_stream stream = write(items, done);
  if (stream == 0) {
    g_things -= static_cast<int>(values.size());
    return api().trap(call, "out of memory");
  }
  *result = tenon_value_stream(stream);
  return 0;
}

constexpr const char* kLib = "t:own/lib";
constexpr std::array kFunctions = {
    tenon_func_def{kLib, "make", make, 0, 0}, tenon_func_def{kLib, "trap", trap, 0, 0},
    tenon_func_def{kLib, "open", open, 0, 0}, tenon_func_def{kLib, "things", things, 0, 0}};
constexpr tenon_resource_def kThing = {kLib, "thing", [](void*, void*) { --g_things; }};
const tenon_host_module kModule = {sizeof kModule,
                                   TENON_HOST_ABI_MAJOR,
                                   TENON_HOST_ABI_MINOR,
                                   TENON_SERIAL_LIBRARY,
                                   "own",
                                   "1.0.0",
                                   nullptr,
                                   nullptr,
                                   kFunctions.data(),
                                   kFunctions.size(),
                                   &kThing,
                                   1};

class NativeResults : public testing::Test {
 protected:
  template <class Call>
  void fail_calls(Call&& call, const char* expected = "") {
    fail_each(call, {.clean =
                         [&] {
                           composition_.poll();
                           EXPECT_EQ(g_things, 0);
                           EXPECT_EQ(g_writes, 0);
                         },
                     .expected = expected});
  }
  template <class Signature>
  auto find(std::string_view name) {
    auto found = composition_.function<Signature>(kLib, name);
    EXPECT_TRUE(found) << found.error().front().message;
    return *std::move(found);
  }

  static Composition build() {
    CompositionBuilder builder;
    builder.add_component("app", assemble(kApp));
    builder.set_root("app");
    builder.add_host_module("lib",
                            {.module = &kModule,
                             .manifest = "[host]\nname = \"own\"\nlib = \"lib\"\nwit = \"wit\"\n",
                             .wit = kWit});
    return build_again(builder);
  }
  Composition composition_ = build();
};

TEST_F(NativeResults, HaveResources) {
  const auto make_all = find<std::tuple<Resource, std::vector<Resource>, std::optional<Resource>,
                                        Expected<Resource, std::string>>()>("make");
  fail_calls([&] { return make_all(); });
}

TEST_F(NativeResults, AreDroppedIfTheCallHasTrapped) {
  const auto trap_late = find<Resource()>("trap");
  fail_calls([&] { return trap_late(); }, "run-trap: ");
}

TEST_F(NativeResults, HaveStreams) {
  const auto open_both = find<std::tuple<Stream<std::uint8_t>, Stream<std::uint8_t>>()>("open");
  close_many_streams();
  fail_calls([&] { return open_both(); });
}

TEST_F(NativeResults, HaveStreamsOfResources) {
  const auto open_things = find<Stream<Resource>()>("things");
  close_many_streams();
  fail_calls([&]() -> CallResult<std::size_t> {
    CallResult<Stream<Resource>> stream = open_things();
    if (!stream) return std::move(stream).error();
    std::array<Resource, 3> read;
    return *stream->read(read).wait(10s);
  });
}

}  // namespace
}  // namespace tenon::memory_test::native_results_test
