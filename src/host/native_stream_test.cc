// Streams and futures of native code, by the ABI of tenon_host.h: cases of tests/golden/async with
// native code as their `lib`. The library is part of this file; each test says what it does.
#include "host/native_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"

namespace tenon::native_stream_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Body = std::function<std::int32_t(tenon_call*, const tenon_value* args, tenon_value* result)>;

// The library of one test.
struct Native {
  const tenon_host_api* api = nullptr;
  std::vector<Body> bodies;  // by the number of the function
  std::vector<std::uintptr_t> dropped;
};
Native* native = nullptr;

template <std::size_t kNumber>
std::int32_t run_body(void*, tenon_call* call, const tenon_value* args, std::size_t,
                      tenon_value* result) {
  return native->bodies[kNumber](call, args, result);
}
constexpr tenon_fn kBodies[] = {run_body<0>, run_body<1>, run_body<2>};

// A completed operation.
struct Done {
  std::vector<std::string> texts;  // items that are strings
  std::string bytes;               // items that are numbers of one byte
  std::size_t count = 0;
  std::int32_t state = -1;
};

// Calls back, once.
struct Callback {
  std::function<void(const Done&)> then;
  static void run(void* data, const tenon_value* items, std::size_t count, std::int32_t state) {
    const std::unique_ptr<Callback> self(static_cast<Callback*>(data));
    Done done{.texts = {}, .bytes = {}, .count = count, .state = state};
    if (items != nullptr && items->kind == TENON_PACKED)
      done.bytes.assign(static_cast<const char*>(items->of.packed.ptr), items->of.packed.len);
    if (items != nullptr && items->kind == TENON_LIST && items->of.items.ptr != nullptr)
      for (std::size_t i = 0; i < items->of.items.len; ++i)
        done.texts.emplace_back(items->of.items.ptr[i].of.str.ptr,
                                items->of.items.ptr[i].of.str.len);
    self->then(done);
  }
};

bool read(tenon_stream stream, std::size_t most, std::function<void(const Done&)> then) {
  auto callback = std::make_unique<Callback>(std::move(then));
  if (native->api->stream_read(stream, most, Callback::run, callback.get()) != 0) return false;
  (void)callback.release();
  return true;
}
// items: must stay in place, as the ABI says.
bool write(tenon_stream stream, const tenon_value& items, std::function<void(const Done&)> then) {
  auto callback = std::make_unique<Callback>(std::move(then));
  if (native->api->stream_write(stream, &items, Callback::run, callback.get()) != 0) return false;
  (void)callback.release();
  return true;
}
// Writes, and closes the stream then.
void write_all(tenon_stream stream, const tenon_value& items) {
  EXPECT_TRUE(write(stream, items, [stream, &items](const Done& done) {
    EXPECT_EQ(done.state, TENON_STREAM_OPEN);
    EXPECT_EQ(done.count, items.kind == TENON_PACKED ? items.of.packed.len : items.of.items.len);
    native->api->stream_close(stream);
  }));
}
// Reads to the end.
void read_all(tenon_stream stream, std::string text, std::function<void(std::string)> then) {
  EXPECT_TRUE(read(stream, 3, [=](const Done& done) {
    if (done.state == TENON_STREAM_OPEN) return read_all(stream, text + done.bytes, then);
    native->api->stream_close(stream);
    then(text);
  }));
}

tenon_value packed(std::uint8_t elem, const void* data, std::size_t length) {
  tenon_value value = {};
  value.kind = TENON_PACKED;
  value.elem = elem;
  value.of.packed = {data, length};
  return value;
}
tenon_value bytes(std::string_view text) { return packed(TENON_U8, text.data(), text.size()); }
tenon_value list(std::vector<tenon_value>& items, std::uint8_t kind = TENON_LIST) {
  tenon_value value = {};
  value.kind = kind;
  value.of.items = {items.data(), items.size()};
  return value;
}
tenon_value text(std::string_view of) {
  tenon_value value = {};
  value.kind = TENON_STRING;
  value.of.str = {of.data(), of.size()};
  return value;
}
tenon_value number(std::uint8_t kind, std::uint64_t of) {
  tenon_value value = {};
  value.kind = kind;
  value.of.u = of;
  return value;
}
tenon_value stream_value(tenon_stream of) { return number(TENON_STREAM, of); }
tenon_value thing(std::uintptr_t rep) {
  tenon_value value = {};
  value.kind = TENON_OWN;
  value.of.rep = reinterpret_cast<void*>(rep);
  return value;
}

class NativeStreams : public testing::Test {
 protected:
  NativeStreams() { native = &lib; }
  ~NativeStreams() override {
    composition.reset();
    native = nullptr;
  }

  // A case of tests/golden/async. functions: their names, in the order of `bodies`; wit: what else
  // is in the interface.
  void build(const std::string& name, const std::string& wit,
             const std::vector<const char*>& functions, bool has_item = false) {
    std::ifstream file(TENON_SOURCE_DIR "/tests/golden/async/" + name + "/app.wat");
    build_text({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}, wit,
               functions, has_item);
  }
  void build_text(const std::string& app, const std::string& wit,
                  const std::vector<const char*>& functions, bool has_item = false) {
    // Libraries stay for the life of the process.
    static std::deque<std::vector<tenon_func_def>> tables;
    static std::deque<tenon_host_module> modules;
    static constexpr tenon_resource_def kItem = {
        "x:y/lib", "item",
        [](void*, void* rep) { native->dropped.push_back(reinterpret_cast<std::uintptr_t>(rep)); }};
    std::vector<tenon_func_def>& table = tables.emplace_back();
    for (std::size_t i = 0; i < functions.size(); ++i)
      table.push_back({"x:y/lib", functions[i], kBodies[i], 0, 0});
    modules.push_back(
        {sizeof(tenon_host_module), 1, 1, TENON_SERIAL_LIBRARY, "lib", "1.0.0",
         [](const tenon_host_api* api, const tenon_config*, tenon_call*, void**) -> std::int32_t {
           native->api = api;
           return 0;
         },
         nullptr, table.data(), table.size(), &kItem, has_item ? 1U : 0U});
    CompositionBuilder builder;
    builder.add_component("app", *engine::wat_to_wasm("app.wat", app));
    builder.add_host_module(
        "lib", {.module = &modules.back(),
                .manifest = "[host]\nname = \"lib\"\nlib = \"l.so\"\nwit = \"w\"\n",
                .wit = "package x:y; interface lib { " + wit + " } world host { export lib; }"});
    builder.set_root("app");
    if (stream_buffer) builder.set_stream_buffer(*stream_buffer);
    Result<Composition> built = builder.build();
    ASSERT_TRUE(built) << built.error().front().message;
    composition.emplace(*std::move(built));
  }
  std::string f() { return call_text(*composition, "f()"); }

  Native lib;
  std::optional<std::uint64_t> stream_buffer;
  std::optional<Composition> composition;
};

TEST_F(NativeStreams, AResultIsAStream) {
  const tenon_value items = bytes("written by lib");
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    *result = stream_value(stream);
    write_all(stream, items);  // before it is passed
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  EXPECT_EQ(f(), "\"written by lib\"");
}

TEST_F(NativeStreams, AThreadWritesAStream) {
  std::thread writer;
  const tenon_value items = bytes("written by lib");
  lib.bodies = {[&](tenon_call* call, const tenon_value*, tenon_value*) {
    writer = std::thread([&, number = lib.api->defer(call, nullptr)] {
      const tenon_stream stream = lib.api->stream_new();
      const tenon_value result = stream_value(stream);
      EXPECT_EQ(lib.api->complete(number, &result), 0);
      write_all(stream, items);
    });
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  EXPECT_EQ(f(), "\"written by lib\"");
  writer.join();
}

TEST_F(NativeStreams, LargeWritesAreReadInParts) {
  std::string data(std::size_t{1} << 20, '\0');
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<char>(i % 251);
    sum += i % 251;
  }
  const tenon_value items = bytes(data);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    *result = stream_value(stream);
    write_all(stream, items);
    return 0;
  }};
  build("stream_of_a_megabyte", "open: async func() -> stream<u8>;", {"open"});
  EXPECT_EQ(f(), "(1048576, " + std::to_string(sum) + ")");
}

TEST_F(NativeStreams, ItemsAreStrings) {
  std::vector<tenon_value> texts = {text("gr\xc3\xbcn"), text(""), text("thread")};
  const tenon_value items = list(texts);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    *result = stream_value(stream);
    write_all(stream, items);
    return 0;
  }};
  build("stream_of_strings", "open: async func() -> stream<string>;", {"open"});
  EXPECT_EQ(f(), "[\"gr\xc3\xbcn\", \"\", \"thread\"]");
}

TEST_F(NativeStreams, AReadOfLengthZeroWaitsForItems) {
  std::vector<tenon_value> texts(70, text("each of them is read alone"));
  const tenon_value items = list(texts);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    *result = stream_value(stream);
    write_all(stream, items);
    return 0;
  }};
  build("zero_length_read_of_strings", "open: async func() -> stream<string>;", {"open"});
  EXPECT_EQ(f(), "70");
}

TEST_F(NativeStreams, ItemsAreRecords) {
  std::vector<std::vector<tenon_value>> fields;
  std::vector<tenon_value> records;
  for (std::uint64_t i = 1; i <= 3; ++i)
    fields.push_back({number(TENON_U8, i), number(TENON_U32, i * 1000),
                      number(TENON_U64, i * 1'000'000'000'000), number(TENON_U16, i * 7)});
  for (std::vector<tenon_value>& each : fields) records.push_back(list(each, TENON_RECORD));
  const tenon_value items = list(records);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    *result = stream_value(stream);
    write_all(stream, items);
    return 0;
  }};
  build("stream_of_records",
        "record mark { a: u8, b: u32, c: u64, d: u16 } open: async func() -> stream<mark>;",
        {"open"});
  EXPECT_EQ(f(),
            "[{a: 1, b: 1000, c: 1000000000000, d: 7}, {a: 2, b: 2000, c: 2000000000000, d: 14}, "
            "{a: 3, b: 3000, c: 3000000000000, d: 21}]");
}

TEST_F(NativeStreams, ItemsAreResources) {
  std::vector<tenon_value> things = {thing(10), thing(20), thing(30), thing(40)};
  const tenon_value items = list(things);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
                  const tenon_stream stream = lib.api->stream_new();
                  *result = stream_value(stream);
                  write_all(stream, items);
                  return 0;
                },
                [](tenon_call*, const tenon_value* args, tenon_value* result) {
                  *result = number(TENON_U32, reinterpret_cast<std::uintptr_t>(args[0].of.rep));
                  return 0;
                },
                [&](tenon_call*, const tenon_value*, tenon_value* result) {
                  std::uint64_t sum = 0;
                  for (const std::uintptr_t each : lib.dropped) sum += each;
                  *result = number(TENON_U32, sum);
                  return 0;
                }};
  build("stream_of_resources",
        "resource item; open: async func() -> stream<item>; number: func(of: borrow<item>) -> u32; "
        "dropped: func() -> u32;",
        {"open", "number", "dropped"}, true);
  EXPECT_EQ(f(), "[10, 20, 30, 40, 20, 60]");
  composition.reset();
  EXPECT_EQ(lib.dropped.size(), 4U);
}

// Another thread can have it in a result while it is closed.
TEST_F(NativeStreams, AStreamCanBePassedWhileItIsClosed) {
  const tenon_stream stream = host::NativeStream::make();
  const tenon_value items = bytes("text");
  bool could_be_passed = false;
  auto callback = std::make_unique<Callback>(
      [&](const Done& /*done*/) { could_be_passed = host::NativeStream::can_pass(stream); });
  EXPECT_TRUE(host::NativeStream::find(stream)->start(
      {.items = &items, .done = Callback::run, .data = callback.release()}));
  host::NativeStream::close(stream);
  EXPECT_TRUE(could_be_passed);
  EXPECT_TRUE(host::NativeStream::can_pass(stream));
  host::NativeStream::close(stream);
  EXPECT_FALSE(host::NativeStream::can_pass(stream));
}

// The call passes a resource and a stream, and then flags that take more memory as native values than a
// call can have.
constexpr const char* kLargeParams = R"((component
  (import "x:y/lib" (instance $lib
    (export "item" (type $item (sub resource)))
    (type $named (flags "a"))
    (export "bits" (type $bits (eq $named)))
    (type $stream (stream u8))
    (type $list (list $bits))
    (export "item-of" (func (result (own $item))))
    (export "stream-of" (func (result $stream)))
    (export "take" (func (param "item" (own $item)) (param "stream" $stream)
      (param "bits" $list)))))
  (core module $libc (memory (export "memory") 240))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $item-of (canon lower (func $lib "item-of")))
  (core func $stream-of (canon lower (func $lib "stream-of")))
  (core func $take (canon lower (func $lib "take") (memory $memory)))
  (core module $code
    (import "" "item-of" (func $item-of (result i32)))
    (import "" "stream-of" (func $stream-of (result i32)))
    (import "" "take" (func $take (param i32 i32 i32 i32)))
    (func (export "f")
      (call $take (call $item-of) (call $stream-of) (i32.const 0) (i32.const 15000000))))
  (core instance $code (instantiate $code (with "" (instance
    (export "item-of" (func $item-of))
    (export "stream-of" (func $stream-of))
    (export "take" (func $take))))))
  (func (export "f") (canon lift (core func $code "f")))))";

TEST_F(NativeStreams, HandlesOfACallThatIsNotMadeAreDropped) {
  const std::string text(std::size_t{1} << 20U, 'x');  // more than a stream keeps
  const tenon_value items = bytes(text);
  std::int32_t state = -1;
  lib.bodies = {[](tenon_call*, const tenon_value*, tenon_value* result) {
                  *result = thing(10);
                  return 0;
                },
                [&](tenon_call*, const tenon_value*, tenon_value* result) {
                  const tenon_stream stream = lib.api->stream_new();
                  *result = stream_value(stream);
                  EXPECT_TRUE(write(stream, items, [&](const Done& done) { state = done.state; }));
                  return 0;
                },
                [](tenon_call*, const tenon_value*, tenon_value*) {
                  ADD_FAILURE() << "it is called";
                  return 0;
                }};
  build_text(kLargeParams,
             "resource item; flags bits { a } item-of: func() -> item; "
             "stream-of: func() -> stream<u8>; "
             "take: func(item: item, %stream: stream<u8>, bits: list<bits>);",
             {"item-of", "stream-of", "take"}, true);
  EXPECT_THAT(f(), HasSubstr("its parameters exceed the memory limit of a call"));
  composition.reset();
  EXPECT_THAT(lib.dropped, ElementsAre(10));
  EXPECT_EQ(state, TENON_STREAM_CLOSED);
}

TEST_F(NativeStreams, ItemsAreStreams) {
  const tenon_value first = bytes("first");
  const tenon_value second = bytes("second ");
  std::vector<tenon_value> streams;
  std::optional<tenon_value> items;
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream outer = lib.api->stream_new();
    for (const tenon_value* const each : {&first, &second}) {
      streams.push_back(stream_value(lib.api->stream_new()));
      write_all(streams.back().of.u, *each);
    }
    items = list(streams);
    write_all(outer, *items);
    *result = stream_value(outer);
    return 0;
  }};
  build("stream_of_streams", "open: async func() -> stream<stream<u8>>;", {"open"});
  EXPECT_EQ(f(), "\"second first\"");
}

TEST_F(NativeStreams, AFutureHasOneItem) {
  std::vector<tenon_value> value = {text("the text of future")};
  const tenon_value items = list(value);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream future = lib.api->stream_new();
    *result = number(TENON_FUTURE, future);
    write_all(future, items);
    return 0;
  }};
  build("future_of_string", "open: async func() -> future<string>;", {"open"});
  EXPECT_EQ(f(), "\"the text of future\"");
}

TEST_F(NativeStreams, FuturesAreParameters) {
  std::string first;
  lib.bodies = {[&](tenon_call* call, const tenon_value* args, tenon_value*) {
    const tenon_completion join = lib.api->defer(call, nullptr);
    const tenon_stream a = args[0].of.u;
    const tenon_stream b = args[1].of.u;
    EXPECT_TRUE(read(a, 1, [=, this, &first](const Done& done) {
      EXPECT_EQ(done.count, 1U);
      first = done.texts.at(0);
      lib.api->stream_close(a);
      EXPECT_TRUE(read(b, 1, [=, this, &first](const Done& other) {
        const std::string both = first + other.texts.at(0);
        lib.api->stream_close(b);
        const tenon_value result = text(both);
        EXPECT_EQ(lib.api->complete(join, &result), 0);
      }));
    }));
    return 0;
  }};
  build("future_parameter", "join: async func(a: future<string>, b: future<string>) -> string;",
        {"join"});
  EXPECT_EQ(f(), "\"then first \"");
}

TEST_F(NativeStreams, FuturesCanHaveNoPayload) {
  std::vector<tenon_value> one(1);
  const tenon_value items = list(one);
  lib.bodies = {[&](tenon_call*, const tenon_value* args, tenon_value* result) {
    const tenon_stream signal = args[0].of.u;
    const tenon_stream after = lib.api->stream_new();
    *result = number(TENON_FUTURE, after);
    EXPECT_TRUE(read(signal, 1, [=, this, &items](const Done& done) {
      EXPECT_EQ(done.count, 1U);
      EXPECT_EQ(done.state, TENON_STREAM_OPEN);
      lib.api->stream_close(signal);
      write_all(after, items);
    }));
    return 0;
  }};
  build("future_without_payload", "after: async func(signal: future) -> future;", {"after"});
  EXPECT_EQ(f(), "[-1, 0, 0]");
}

TEST_F(NativeStreams, AStreamComesBackToItsWriter) {
  const tenon_value items = bytes("there and back");
  std::string all;
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
                  const tenon_stream stream = lib.api->stream_new();
                  *result = stream_value(stream);
                  write_all(stream, items);
                  return 0;
                },
                [&](tenon_call* call, const tenon_value* args, tenon_value*) {
                  read_all(args[0].of.u, "",
                           [&, number = lib.api->defer(call, nullptr)](const std::string& read) {
                             all = read;
                             const tenon_value result = text(all);
                             EXPECT_EQ(lib.api->complete(number, &result), 0);
                           });
                  return 0;
                }};
  build("stream_goes_back_to_its_writer",
        "open: func() -> stream<u8>; text: async func(%from: stream<u8>) -> string;",
        {"open", "text"});
  EXPECT_EQ(f(), "\"there and back\"");
}

TEST_F(NativeStreams, AReceivedStreamCanBePassedOn) {
  lib.bodies = {[&](tenon_call*, const tenon_value* args, tenon_value* result) {
    *result = args[0];
    return 0;
  }};
  stream_buffer = 0;  // the case says so
  build("stream_comes_home", "same: func(it: stream<u8>) -> stream<u8>;", {"same"});
  EXPECT_THAT(f(), HasSubstr("home"));
}

// The app drops its end.
TEST_F(NativeStreams, AWriterSeesThatItsReaderIsGone) {
  std::vector<Done> ends;
  tenon_stream stream = 0;
  const std::string data(std::size_t{1} << 20, 'x');
  const tenon_value items = bytes(data);
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
                  *result = stream_value(stream = lib.api->stream_new());
                  return 0;
                },
                [&](tenon_call* call, const tenon_value*, tenon_value*) {
                  const tenon_completion number = lib.api->defer(call, nullptr);
                  EXPECT_TRUE(write(stream, items, [&, number](const Done& done) {
                    ends.push_back(done);
                    const tenon_value result = native_stream_test::number(TENON_U32, 1);
                    EXPECT_EQ(lib.api->complete(number, &result), 0);
                  }));
                  return 0;
                },
                [&](tenon_call*, const tenon_value*, tenon_value*) {
                  lib.api->stream_close(stream);
                  return 0;
                }};
  build("reader_drops",
        "open: func() -> stream<u8>; write: func(%from: u32, count: u32) -> u32; drop: func();",
        {"open", "write", "drop"});
  EXPECT_EQ(f(), "[1]");
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].state, TENON_STREAM_CLOSED);
  EXPECT_EQ(ends[0].count, 0U);
}

TEST_F(NativeStreams, WrongItemsEndTheWriteAndAreLogged) {
  const std::uint16_t numbers[] = {1, 2};
  const tenon_value items = packed(TENON_U16, numbers, 2);
  std::vector<Done> ends;
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    *result = stream_value(stream);
    EXPECT_TRUE(write(stream, items, [&, stream](const Done& done) {
      ends.push_back(done);
      lib.api->stream_close(stream);
    }));
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  testing::internal::CaptureStderr();
  EXPECT_EQ(f(), "\"\"");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("expected a list of u8, found a packed list of u16"));
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].state, TENON_STREAM_FAILED);
}

TEST_F(NativeStreams, AStreamThatDoesNotExistIsAWrongResult) {
  lib.bodies = {[](tenon_call*, const tenon_value*, tenon_value* result) {
    *result = stream_value(UINT64_MAX);
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  EXPECT_THAT(f(), HasSubstr("is not a stream or future that can be passed"));
}

// The second one of the same stream is at its end.
TEST_F(NativeStreams, AStreamIsPassedOnce) {
  const tenon_value first = bytes("first");
  const tenon_value last = bytes("last ");
  std::vector<tenon_value> streams;
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream one = lib.api->stream_new();
    const tenon_stream two = lib.api->stream_new();
    write_all(one, first);
    write_all(two, last);
    streams = {stream_value(one), stream_value(one), stream_value(two)};
    *result = list(streams);
    return 0;
  }};
  build("stream_in_list", "open: async func() -> list<stream<u8>>;", {"open"});
  testing::internal::CaptureStderr();
  EXPECT_EQ(f(), "\"last first\"");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("twice"));
}

TEST_F(NativeStreams, OperationsOfTheWrongEndAreRefused) {
  const tenon_value items = bytes("x");
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    const auto ignore = [](const Done&) {};
    EXPECT_FALSE(read(stream, 1, ignore));
    EXPECT_FALSE(read(0, 1, ignore));
    EXPECT_FALSE(write(stream, number(TENON_U8, 1), ignore));
    EXPECT_EQ(lib.api->stream_write(stream, nullptr, Callback::run, nullptr), 1);
    EXPECT_EQ(lib.api->stream_write(stream, &items, nullptr, nullptr), 1);
    write_all(stream, items);
    EXPECT_FALSE(write(stream, items, ignore));  // another one is in progress
    *result = stream_value(stream);
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  EXPECT_EQ(f(), "\"x\"");
}

TEST_F(NativeStreams, AStreamThatIsClosedBeforeItIsPassedEndsItsWrite) {
  lib.api = nullptr;
  std::vector<Done> ends;
  const tenon_value items = bytes("x");
  lib.bodies = {[&](tenon_call*, const tenon_value*, tenon_value* result) {
    const tenon_stream stream = lib.api->stream_new();
    EXPECT_TRUE(write(stream, items, [&](const Done& done) { ends.push_back(done); }));
    lib.api->stream_close(stream);
    EXPECT_EQ(ends.size(), 1U);
    lib.api->stream_close(stream);
    *result = stream_value(stream);
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  EXPECT_THAT(f(), HasSubstr("is not a stream or future"));
  EXPECT_EQ(ends[0].state, TENON_STREAM_CLOSED);
}

// Nobody has taken the result with the stream.
TEST_F(NativeStreams, OperationsEndWithTheComposition) {
  std::vector<std::int32_t> states;
  tenon_completion call_number = 0;
  const tenon_value items = bytes("never read");
  lib.bodies = {[&](tenon_call* call, const tenon_value*, tenon_value*) {
    call_number = lib.api->defer(call, nullptr);
    return 0;
  }};
  build("stream_from_lib", "open: async func() -> stream<u8>;", {"open"});
  const tenon_stream stream = [&] {
    const auto function = composition->function<std::string()>("", "f");
    EXPECT_TRUE(function);
    const auto task = function->start();
    const tenon_stream made = lib.api->stream_new();
    EXPECT_TRUE(write(made, items, [&](const Done& done) { states.push_back(done.state); }));
    const tenon_value result = stream_value(made);
    EXPECT_EQ(lib.api->complete(call_number, &result), 0);
    EXPECT_THAT(states, ElementsAre());
    composition.reset();
    return made;
  }();
  EXPECT_THAT(states, ElementsAre(TENON_STREAM_CLOSED));
  // The number is not valid any more.
  EXPECT_FALSE(write(stream, items, [](const Done&) {}));
  lib.api->stream_close(stream);
}

}  // namespace
}  // namespace tenon::native_stream_test
