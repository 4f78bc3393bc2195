#include "engine/raw_call.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <list>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/event_loop.h"
#include "engine/test_components.h"
#include "support/try.h"

namespace tenon::engine::raw_call_test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Done = Result<void, CallError>;
using Flat = std::span<FlatValue>;

// A memory with a bump allocator, and a post-return that overwrites everything it allocated.
constexpr std::string_view kLibc = R"(
    (core module $libc_code
      (memory (export "memory") 2)
      (global $top (mut i32) (i32.const 1024))
      (global $posts (mut i32) (i32.const 0))
      (func (export "posts") (result i32) (global.get $posts))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
                                (i32.sub (i32.const 0) (local.get 2))))
        (global.set $top (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
      (func (export "post") (param i32)
        (memory.fill (i32.const 1024) (i32.const 0xee) (i32.sub (global.get $top) (i32.const 1024)))
        (global.set $posts (i32.add (global.get $posts) (i32.const 1)))))
    (core instance $libc (instantiate $libc_code))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (alias core export $libc "post" (core func $post))
    (alias core export $libc "posts" (core func $posts))
)";

std::string with_libc(std::string_view text) {
  return "(component " + std::string(kLibc) + std::string(text) + ")";
}

// A call as two lambdas.
struct Call final : RawCall {
  std::function<Done(GuestSide&, Flat)> lower_with = [](GuestSide&, Flat) -> Done {
    return Done();
  };
  std::function<Done(GuestSide&, FlatValue)> lift_with = [](GuestSide&, FlatValue) -> Done {
    return Done();
  };

  Done lower(GuestSide& callee, Flat params) override { return lower_with(callee, params); }
  Done lift(GuestSide& callee, std::span<const FlatValue> result) override {
    values = result.size();
    for (const FlatValue& value : result) sum += value.u32();
    return lift_with(callee, result[0]);
  }
  // The flat values of the result: how many there were, and their sum.
  std::size_t values = 0;
  std::uint32_t sum = 0;
};

struct Function final : HostFunction {
  explicit Function(std::function<Done(HostCall&)> does) : body(std::move(does)) {}
  Done call(HostCall& call) override { return body(call); }
  std::function<Done(HostCall&)> body;
};

struct Resource final : HostResource {
  explicit Resource(std::vector<std::uint32_t>* list) : dropped(list) {}
  Done drop(std::uint32_t rep) override {
    dropped->push_back(rep);
    return {};
  }
  std::vector<std::uint32_t>* dropped;
};

// Lets the call that is under way lift the result.
struct Reader final : ResultReader {
  Result<std::unique_ptr<LoopResult>, CallError> read(GuestSide& callee,
                                                      std::span<const FlatValue> result) override {
    TENON_TRY_VOID(call->lift(callee, result));
    return std::make_unique<LoopResult>();
  }
  RawCall* call = nullptr;
};

// A raw call on a loop.
struct Looped final : LoopCall {
  explicit Looped(RawCall& raw) : call(raw) {}
  Done lower(GuestSide& callee, Flat params) override { return call.lower(callee, params); }
  void finish(std::unique_ptr<LoopResult> /*result*/) override { end.emplace(); }
  void fail(Failure failure) override { end.emplace(std::move(failure)); }
  void end_cancelled() override { end.emplace(Failure{.message = "the call was cancelled"}); }
  void drop() override { end.emplace(Failure{.message = "the loop has ended"}); }
  RawCall& call;
  std::optional<Result<void, Failure>> end;
};

// A store with one instance. Calls of a concurrent store run on its loop.
class Guest final {
 public:
  explicit Guest(const EngineConfig& config)
      : is_concurrent_(config.concurrency == Concurrency::Yes),
        engine_(*Engine::open(config)),
        store_(*Store::open(engine_, {})),
        linker_(Linker::make(engine_)) {}

  Guest& define(std::string_view name, FlatCounts counts, std::function<Done(HostCall&)> body) {
    EXPECT_TRUE(define_host_function(linker_, "acme:host/api", name, counts,
                                     std::make_unique<Function>(std::move(body))));
    return *this;
  }
  Guest& define_resource(std::string_view name, std::uint32_t kind,
                         std::vector<std::uint32_t>* dropped) {
    EXPECT_TRUE(define_host_resource(linker_, "acme:host/api", name, kind,
                                     std::make_unique<Resource>(dropped)));
    return *this;
  }

  Result<Instance, Failure> try_start(std::string_view text) {
    const Result<CompiledComponent> code = CompiledComponent::compile(engine_, assemble(text));
    if (!code) return Failure{.message = code.error().front().message};
    return linker_.instantiate(store_, *code);
  }
  Guest& start(std::string_view text) {
    Result<Instance, Failure> instance = try_start(text);
    if (!instance) throw std::runtime_error(instance.error().message);
    instance_.emplace(*std::move(instance));
    if (is_concurrent_) loop_.emplace(*EventLoop::begin(store_, [] {}));
    return *this;
  }

  Result<void, Failure> call_at(std::span<const std::string_view> path, FlatCounts counts,
                                RawCall& call) {
    if (!is_concurrent_) {
      TENON_TRY(const RawFunction function, RawFunction::find(store_, *instance_, path, counts));
      return function.call(store_, call);
    }
    TENON_TRY(const LoopFunction function, LoopFunction::make(*instance_, path, counts, reader_));
    Looped& looped = calls_.emplace_back(call);
    reader_.call = &call;
    loop_->call(function, looped);
    while (!looped.end) TENON_TRY_VOID(loop_->turn());
    return *looped.end;
  }
  Result<void, Failure> call(std::string_view name, FlatCounts counts, RawCall& call) {
    const std::string_view path[] = {name};
    return call_at(path, counts, call);
  }

  // Calls a function of flat u32s.
  Result<std::uint32_t, Failure> call(std::string_view name, std::vector<std::uint32_t> params) {
    std::uint32_t result = 0;
    Call call;
    call.lower_with = [&](GuestSide&, Flat slots) -> Done {
      for (std::size_t i = 0; i < params.size(); ++i) slots[i] = FlatValue::of_u32(params[i]);
      return Done();
    };
    call.lift_with = [&](GuestSide&, FlatValue slot) -> Done {
      result = slot.u32();
      return Done();
    };
    const auto count = static_cast<std::uint8_t>(params.size());
    TENON_TRY_VOID(this->call(name, {.params = count, .results = 1}, call));
    return result;
  }
  std::uint32_t get(std::string_view name, std::vector<std::uint32_t> params = {}) {
    const Result<std::uint32_t, Failure> result = call(name, std::move(params));
    if (!result) ADD_FAILURE() << result.error().message;
    return result ? *result : 0;
  }

  Result<void, Failure> drop(const GuestResource& resource) {
    if (!is_concurrent_) return drop_resource(store_, resource);
    TENON_TRY(const bool is_dropped, loop_->drop_resource(store_, resource));
    EXPECT_TRUE(is_dropped);
    return {};
  }

  // A function without params and results, for calls on the loop.
  LoopFunction find_on_loop(std::string_view name) {
    const std::string_view path[] = {name};
    return *LoopFunction::make(*instance_, path, {0, 0}, reader_);
  }

  const Engine& engine() const { return engine_; }
  Store& store() { return store_; }
  EventLoop& loop() { return *loop_; }
  const Instance& instance() const { return *instance_; }

 private:
  bool is_concurrent_;
  Engine engine_;
  Store store_;
  Linker linker_;
  std::optional<Instance> instance_;
  Reader reader_;
  std::list<Looped> calls_;  // a call that was refused stays in the queue of the loop
  std::optional<EventLoop> loop_;
};

class RawCalls : public testing::TestWithParam<EngineConfig> {};

std::uint32_t read_u32(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

void write_u32(std::span<std::uint8_t> bytes, std::uint32_t value) {
  std::memcpy(bytes.data(), &value, sizeof value);
}

constexpr HandlePlace in_flat(std::uint32_t at) { return {HandlePlace::Where::Flat, at}; }
constexpr HandlePlace in_memory(std::uint32_t at) { return {HandlePlace::Where::Memory, at}; }
constexpr HandlePlace in_result(std::uint32_t at) { return {HandlePlace::Where::ResultBytes, at}; }

constexpr std::string_view kAdder = R"((component
    (core module $code
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func $divide (export "divide") (param i32 i32) (result i32)
        (i32.div_u (local.get 0) (local.get 1))))
    (core instance $core (instantiate $code))
    (func $add (export "add") (param "a" u32) (param "b" u32) (result u32)
      (canon lift (core func $core "add")))
    (func (export "divide") (param "a" u32) (param "b" u32) (result u32)
      (canon lift (core func $core "divide")))
    (instance (export "acme:math/ops@1.0.0") (export "add" (func $add)))))";

TEST_P(RawCalls, AnExportAdds) {
  Guest guest(GetParam());
  guest.start(kAdder);
  EXPECT_EQ(guest.get("add", {2, 3}), 5u);
  EXPECT_EQ(guest.get("add", {0xffffffff, 2}), 1u);
}

TEST_P(RawCalls, AnExportOfAnInstanceIsFoundByItsPath) {
  Guest guest(GetParam());
  guest.start(kAdder);
  Call call;
  const std::string_view path[] = {"acme:math/ops@1.0.0", "add"};
  EXPECT_TRUE(guest.call_at(path, {2, 1}, call));
  const std::string_view wrong[] = {"acme:math/ops@1.0.0", "subtract"};
  const auto missing = guest.call_at(wrong, {2, 1}, call);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("no export `subtract`"));
  const std::string_view instance[] = {"acme:math/ops@1.0.0"};
  EXPECT_FALSE(guest.call_at(instance, {2, 1}, call));
  EXPECT_FALSE(guest.call_at({}, {2, 1}, call));
}

TEST(RawFunctions, APanicHasItsOwnFailureKind) {
  Guest guest(kSync);
  guest.start(kAdder);
  Guest other(kSync);
  other.start(kAdder);
  const std::string_view path[] = {"add"};
  const auto add = RawFunction::find(guest.store(), guest.instance(), path, {2, 1});
  ASSERT_TRUE(add);
  const std::uint64_t params[] = {2, 3};
  NumberCall call{.params = params};
  // wasmtime panics if a function is called with another store.
  const Result<void, Failure> called = add->call(other.store(), call);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, FailureKind::Panic);
  EXPECT_THAT(called.error().message, HasSubstr("the engine panicked: "));
  EXPECT_EQ(guest.get("add", {2, 3}), 5u);
}

TEST(RawFunctions, AConcurrentStoreHasNone) {
  Guest guest(kAsync);
  guest.start(kAdder);
  const std::string_view path[] = {"add"};
  const auto add = RawFunction::find(guest.store(), guest.instance(), path, {2, 1});
  ASSERT_FALSE(add);
  EXPECT_THAT(add.error().message, HasSubstr("event loop"));
}

TEST_P(RawCalls, CountsThatDifferFromTheExportsAreAnError) {
  for (const FlatCounts& counts : {FlatCounts{1, 1}, FlatCounts{3, 1}, FlatCounts{kSpilled, 1},
                                   FlatCounts{2, 0}, FlatCounts{2, kSpilled}}) {
    Guest guest(GetParam());
    guest.start(kAdder);
    Call nothing;
    const auto called = guest.call("add", counts, nothing);
    ASSERT_FALSE(called);
    EXPECT_THAT(called.error().message, HasSubstr("but the call expects"));
  }
}

TEST_P(RawCalls, ATrapOfTheCalleeHasFrames) {
  Guest guest(GetParam());
  guest.start(kAdder);
  const Result<std::uint32_t, Failure> result = guest.call("divide", {1, 0});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::Trap);
  EXPECT_EQ(result.error().message, "integer divide by zero");
  ASSERT_EQ(result.error().frames.size(), 1u);
  EXPECT_EQ(result.error().frames[0].function, "divide");
  EXPECT_EQ(result.error().payload, std::nullopt);
}

TEST_P(RawCalls, AnErrorOfACallbackEndsTheCall) {
  for (const bool in_lift : {false, true}) {
    Guest guest(GetParam());
    guest.start(kAdder);
    Call call;
    const auto refuse = [] { return Done(CallError::make("not today", 77)); };
    call.lower_with = [&](GuestSide&, Flat) -> Done { return in_lift ? Done() : refuse(); };
    call.lift_with = [&](GuestSide&, FlatValue) -> Done { return refuse(); };
    const auto called = guest.call("add", {2, 1}, call);
    ASSERT_FALSE(called);
    EXPECT_EQ(called.error().message, "not today");
    EXPECT_EQ(called.error().payload, 77u);
  }
}

constexpr std::string_view kCallsAdd = R"((component
    (import "acme:host/api" (instance $api
      (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
    (core func $add (canon lower (func $api "add")))
    (core module $code
      (import "" "add" (func $add (param i32 i32) (result i32)))
      (func $run (export "run") (param i32) (result i32)
        (call $add (local.get 0) (i32.const 40))))
    (core instance $core (instantiate $code (with "" (instance (export "add" (func $add))))))
    (func (export "run") (param "a" u32) (result u32) (canon lift (core func $core "run")))))";

Done add(HostCall& call) {
  call.set_result(FlatValue::of_u32(call.params()[0].u32() + call.params()[1].u32()));
  return {};
}

TEST_P(RawCalls, AnImportAdds) {
  Guest guest(GetParam());
  guest.define("add", {2, 1}, add).start(kCallsAdd);
  EXPECT_EQ(guest.get("run", {2}), 42u);
}

TEST_P(RawCalls, CountsThatDifferFromTheImportsAreNotInstantiated) {
  for (const FlatCounts& counts : {FlatCounts{1, 1}, FlatCounts{3, 1}, FlatCounts{kSpilled, 1},
                                   FlatCounts{2, 0}, FlatCounts{2, kSpilled}}) {
    Guest guest(GetParam());
    guest.define("add", counts, add);
    const auto started = guest.try_start(kCallsAdd);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, FailureKind::Error);
    EXPECT_THAT(started.error().message, HasSubstr("it was defined for"));
  }
}

TEST_P(RawCalls, AFunctionIsDefinedOnce) {
  const Engine engine = *Engine::open(GetParam());
  Linker linker = Linker::make(engine);
  for (const bool again : {false, true}) {
    const auto defined = define_host_function(linker, "acme:host/api", "add", {2, 1},
                                              std::make_unique<Function>(add));
    EXPECT_EQ(defined.has_value(), !again);
  }
  EXPECT_FALSE(define_host_function(linker, "", "many", {17, 0}, std::make_unique<Function>(add)));
}

TEST_P(RawCalls, AFailureOfAHostFunctionCarriesItsPayload) {
  Guest guest(GetParam());
  guest
      .define("add", {2, 1},
              [](HostCall&) -> Done {
                return Done(CallError::make("the tax office is closed", 1234567));
              })
      .start(kCallsAdd);
  const Result<std::uint32_t, Failure> result = guest.call("run", {2});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::Trap);
  EXPECT_EQ(result.error().message, "the tax office is closed");
  EXPECT_EQ(result.error().payload, 1234567u);
  ASSERT_EQ(result.error().frames.size(), 1u);
  EXPECT_EQ(result.error().frames[0].function, "run");
  const Result<std::uint32_t, Failure> after = guest.call("run", {2});
  ASSERT_FALSE(after);
  EXPECT_THAT(after.error().message,
              AnyOf(HasSubstr("cannot enter component instance"), HasSubstr("the loop has ended")));
}

TEST_P(RawCalls, AStoreIsNotEnteredFromItsOwnHostFunction) {
  Guest guest(GetParam());
  Failure inner;
  guest
      .define("add", {2, 1},
              [&](HostCall&) -> Done {
                inner = guest.call("run", {1}).error();
                return CallError::make("reentrance");
              })
      .start(kCallsAdd);
  EXPECT_EQ(guest.call("run", {2}).error().message, "reentrance");
  EXPECT_EQ(inner.kind, FailureKind::Error);
  EXPECT_THAT(inner.message, AnyOf(HasSubstr("cannot enter the store that called it"),
                                   HasSubstr("the loop is being turned")));
}

TEST_P(RawCalls, AFailureOfTheInnerCallReachesTheOuter) {
  Guest callee(GetParam());
  callee.start(kAdder);
  Failure inner;
  Guest caller(GetParam());
  caller
      .define("add", {2, 1},
              [&](HostCall&) -> Done {
                inner = callee.call("divide", {1, 0}).error();
                return CallError::make("the callee failed", 3);
              })
      .start(kCallsAdd);
  const Failure outer = caller.call("run", {2}).error();
  EXPECT_EQ(outer.payload, 3u);
  EXPECT_EQ(outer.frames.size(), 1u);
  EXPECT_EQ(inner.message, "integer divide by zero");
  EXPECT_EQ(inner.frames.size(), 1u);
  EXPECT_FALSE(callee.call("add", {1, 2}));
}

TEST_P(RawCalls, AHostFunctionIsFreedOnce) {
  const auto alive = std::make_shared<int>();
  {
    Guest guest(GetParam());
    guest.define("add", {2, 1}, [alive](HostCall& call) { return add(call); }).start(kCallsAdd);
    EXPECT_EQ(guest.get("run", {2}), 42u);
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

// `reverse: func(bytes: list<u8>) -> list<u8>`, which returns the memory of its param.
std::string reverser(std::string_view encoding = "utf8") {
  return with_libc(R"(
    (core module $code
      (import "libc" "memory" (memory 0))
      (func (export "reverse") (param $at i32) (param $size i32) (result i32)
        (local $low i32) (local $high i32) (local $byte i32)
        (local.set $low (local.get $at))
        (local.set $high (i32.add (local.get $at) (local.get $size)))
        (block $done (loop $next
          (local.set $high (i32.sub (local.get $high) (i32.const 1)))
          (br_if $done (i32.ge_s (local.get $low) (local.get $high)))
          (local.set $byte (i32.load8_u (local.get $low)))
          (i32.store8 (local.get $low) (i32.load8_u (local.get $high)))
          (i32.store8 (local.get $high) (local.get $byte))
          (local.set $low (i32.add (local.get $low) (i32.const 1)))
          (br $next)))
        (i32.store (i32.const 16) (local.get $at))
        (i32.store (i32.const 20) (local.get $size))
        (i32.const 16)))
    (core instance $core (instantiate $code (with "libc" (instance $libc))))
    (func (export "reverse") (param "bytes" (list u8)) (result (list u8))
      (canon lift (core func $core "reverse") (memory $memory) (realloc $realloc)
        (post-return $post) string-encoding=)" +
                   std::string(encoding) + R"())
    (func (export "posts") (result u32) (canon lift (core func $posts))))");
}

// Copies `bytes` into a guest, as the list of two flat values.
Done lower_bytes(GuestSide& guest, std::span<const std::uint8_t> bytes, Flat slots) {
  TENON_TRY(const auto at, guest.allocate(static_cast<std::uint32_t>(bytes.size()), 1));
  TENON_TRY(const auto there, guest.bytes(at, bytes.size()));
  std::copy(bytes.begin(), bytes.end(), there.begin());
  slots[0] = FlatValue::of_u32(at);
  slots[1] = FlatValue::of_u32(static_cast<std::uint32_t>(bytes.size()));
  return {};
}

// The list whose address and size are at `address`.
Result<std::span<std::uint8_t>, CallError> list_at(GuestSide& guest, std::uint64_t address) {
  auto pair = guest.bytes(address, 8, 4);
  if (!pair) return std::move(pair).error();
  return guest.bytes(read_u32(*pair), read_u32(pair->subspan(4)));
}

TEST_P(RawCalls, AListIsLiftedBeforePostReturn) {
  Guest guest(GetParam());
  guest.start(reverser());
  const std::string text = "a list of bytes";
  std::vector<std::uint8_t> result;
  Call call;
  call.lower_with = [&](GuestSide& callee, Flat slots) -> Done {
    EXPECT_EQ(slots.size(), 2u);
    EXPECT_EQ(callee.encoding(), GuestEncoding::Utf8);
    return lower_bytes(callee, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                       slots);
  };
  call.lift_with = [&](GuestSide& callee, FlatValue slot) -> Done {
    TENON_TRY(const auto list, list_at(callee, slot.u32()));
    result.assign(list.begin(), list.end());
    return Done();
  };
  EXPECT_TRUE(guest.call("reverse", {2, kSpilled}, call));
  EXPECT_EQ(std::string(result.begin(), result.end()), "setyb fo tsil a");
  EXPECT_EQ(guest.get("posts"), 1u);
  EXPECT_TRUE(guest.call("reverse", {2, kSpilled}, call));
  EXPECT_EQ(guest.get("posts"), 2u);
}

TEST_P(RawCalls, TheEncodingIsThatOfTheFunction) {
  const std::pair<std::string_view, GuestEncoding> encodings[] = {
      {"utf8", GuestEncoding::Utf8},
      {"utf16", GuestEncoding::Utf16},
      {"latin1+utf16", GuestEncoding::Latin1Utf16}};
  for (const auto& [name, encoding] : encodings) {
    Guest guest(GetParam());
    guest.start(reverser(name));
    Call call;
    GuestEncoding seen_in_lift = {};
    call.lower_with = [&, want = encoding](GuestSide& callee, Flat slots) -> Done {
      EXPECT_EQ(callee.encoding(), want);
      return lower_bytes(callee, {}, slots);
    };
    call.lift_with = [&](GuestSide& callee, FlatValue) -> Done {
      seen_in_lift = callee.encoding();
      return Done();
    };
    EXPECT_TRUE(guest.call("reverse", {2, kSpilled}, call));
    EXPECT_EQ(seen_in_lift, encoding);
  }
}

TEST_P(RawCalls, AllocatingDuringALiftIsAnError) {
  Guest guest(GetParam());
  guest.start(reverser());
  Call call;
  call.lower_with = [](GuestSide& callee, Flat slots) -> Done {
    return lower_bytes(callee, {}, slots);
  };
  call.lift_with = [](GuestSide& callee, FlatValue) -> Done {
    TENON_TRY_VOID(callee.allocate(8, 1));
    return Done();
  };
  const auto called = guest.call("reverse", {2, kSpilled}, call);
  ASSERT_FALSE(called);
  EXPECT_THAT(called.error().message, HasSubstr("cannot allocate"));
}

TEST_P(RawCalls, AddressesAreChecked) {
  Guest guest(GetParam());
  guest.start(reverser());
  Call call;
  call.lower_with = [](GuestSide& callee, Flat slots) -> Done {
    constexpr std::uint64_t kSize = 2 * 65536;
    EXPECT_EQ(callee.memory().size(), kSize);
    EXPECT_TRUE(callee.bytes(0, kSize));
    EXPECT_TRUE(callee.bytes(kSize, 0));
    EXPECT_TRUE(callee.bytes(kSize - 8, 8, 8));
    EXPECT_FALSE(callee.bytes(kSize, 1));
    EXPECT_FALSE(callee.bytes(kSize + 1, 0));
    EXPECT_FALSE(callee.bytes(1, kSize));
    EXPECT_FALSE(callee.bytes(~std::uint64_t{0}, 2));
    EXPECT_FALSE(callee.bytes(4, ~std::uint64_t{0}));
    EXPECT_FALSE(callee.bytes(4, 8, 8));
    EXPECT_FALSE(callee.allocate(1, 0));
    EXPECT_FALSE(callee.allocate(1, 3));
    return lower_bytes(callee, {}, slots);
  };
  EXPECT_TRUE(guest.call("reverse", {2, kSpilled}, call));
}

std::string with_realloc(std::string_view body) {
  return R"((component
    (core module $code
      (memory (export "memory") 1)
      (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) )" +
         std::string(body) + R"()
      (func (export "take") (param i32 i32)))
    (core instance $core (instantiate $code))
    (func (export "take") (param "text" string)
      (canon lift (core func $core "take") (memory $core "memory")
        (realloc (func $core "realloc"))))))";
}

TEST_P(RawCalls, AReallocThatBreaksTheRulesIsATrap) {
  const std::pair<std::string_view, std::string_view> bodies[] = {
      {"unreachable", "`unreachable`"},
      {"i32.const 65532", "beyond end of memory"},
      {"i32.const -16", "beyond end of memory"},
      {"i32.const 1026", "not aligned"}};
  for (const auto& [body, message] : bodies) {
    Guest guest(GetParam());
    guest.start(with_realloc(body));
    Call call;
    call.lower_with = [](GuestSide& callee, Flat) -> Done {
      TENON_TRY_VOID(callee.allocate(8, 4));
      return Done();
    };
    const auto called = guest.call("take", {2, 0}, call);
    ASSERT_FALSE(called);
    EXPECT_THAT(called.error().message, HasSubstr(message));
  }
  Guest guest(GetParam());
  guest.start(with_realloc("unreachable"));
  Call call;
  call.lower_with = [](GuestSide& callee, Flat slots) -> Done {
    return lower_bytes(callee, {}, slots);
  };
  const auto called = guest.call("take", {2, 0}, call);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, FailureKind::Trap);
  ASSERT_EQ(called.error().frames.size(), 1u);
  EXPECT_EQ(called.error().frames[0].function, "realloc");
}

std::string seventeen(std::string_view before) {
  std::string text(before);
  for (int i = 0; i < 17; ++i) text += " (param \"p" + std::to_string(i) + "\" u32)";
  return text + " (result u32)";
}

TEST_P(RawCalls, SeventeenParamsOfAnExportAreSpilled) {
  Guest guest(GetParam());
  guest.start(with_libc(R"(
    (core module $code
      (import "libc" "memory" (memory 0))
      (func (export "last") (param i32) (result i32) (i32.load offset=64 (local.get 0))))
    (core instance $core (instantiate $code (with "libc" (instance $libc))))
    )" + seventeen(R"((func (export "last"))") +
                        R"((canon lift (core func $core "last") (memory $memory)
                             (realloc $realloc))))"));
  std::uint32_t result = 0;
  Call call;
  call.lower_with = [](GuestSide& callee, Flat slots) -> Done {
    EXPECT_EQ(slots.size(), 1u);
    TENON_TRY(const auto at, callee.allocate(17 * 4, 4));
    TENON_TRY(const auto tuple, callee.bytes(at, 17 * 4, 4));
    for (std::uint32_t i = 0; i < 17; ++i) write_u32(tuple.subspan(i * 4), 100 + i);
    slots[0] = FlatValue::of_u32(at);
    return Done();
  };
  call.lift_with = [&](GuestSide&, FlatValue slot) -> Done {
    result = slot.u32();
    return Done();
  };
  EXPECT_TRUE(guest.call("last", {kSpilled, 1}, call));
  EXPECT_EQ(result, 116u);
}

// Imports `f` of `type` and exports `run`, which is `body`.
std::string importing(std::string_view type, std::string_view core_type, std::string_view body,
                      std::string_view lower = "") {
  return with_libc("(import \"acme:host/api\" (instance $api (export \"f\" (func" +
                   std::string(type) + ")))) (core func $f (canon lower (func $api \"f\")" +
                   std::string(lower) + " (memory $memory) (realloc $realloc)))" + R"(
    (core module $code
      (import "" "f" (func $f )" +
                   std::string(core_type) + R"())
      (import "libc" "memory" (memory 0))
      (func (export "run") (result i32) )" +
                   std::string(body) + R"())
    (core instance $core (instantiate $code (with "" (instance (export "f" (func $f))))
      (with "libc" (instance $libc))))
    (func (export "run") (result u32) (canon lift (core func $core "run"))))");
}

TEST_P(RawCalls, SeventeenParamsOfAnImportAreSpilled) {
  Guest guest(GetParam());
  guest
      .define("f", {kSpilled, 1},
              [](HostCall& call) -> Done {
                EXPECT_TRUE(call.params().empty());
                EXPECT_EQ(call.params_address(), 256u);
                TENON_TRY(const auto tuple, call.caller().bytes(*call.params_address(), 17 * 4, 4));
                call.set_result(FlatValue::of_u32(read_u32(tuple.subspan(64)) + 1));
                return Done();
              })
      .start(importing(seventeen(""), "(param i32) (result i32)",
                       "(i32.store (i32.const 320) (i32.const 9)) (call $f (i32.const 256))"));
  EXPECT_EQ(guest.get("run"), 10u);
}

TEST_P(RawCalls, ParamsThatAreOutOfBoundsNeverReachTheHost) {
  for (const std::string_view address : {"131068", "258"}) {
    Guest guest(GetParam());
    guest
        .define("f", {kSpilled, 1},
                [](HostCall&) -> Done {
                  ADD_FAILURE();
                  return Done();
                })
        .start(importing(seventeen(""), "(param i32) (result i32)",
                         "(call $f (i32.const " + std::string(address) + "))"));
    EXPECT_THAT(guest.call("run", {}).error().message, HasSubstr("pointer"));
  }
}

TEST_P(RawCalls, AnImportReturnsASpilledResult) {
  Guest guest(GetParam());
  guest
      .define("f", {0, kSpilled},
              [](HostCall& call) -> Done {
                TENON_TRY(const auto at, call.caller().allocate(4, 4));
                TENON_TRY(const auto list, call.caller().bytes(at, 4));
                write_u32(list, 1000);
                TENON_TRY(const auto tuple, call.result_bytes(16));
                write_u32(tuple, 20);
                write_u32(tuple.subspan(8), at);
                write_u32(tuple.subspan(12), 1);
                return Done();
              })
      .start(importing(" (result (tuple u64 (list u32)))", "(param i32)", R"(
        (call $f (i32.const 512))
        (i32.add (i32.load (i32.const 512)) (i32.load (i32.load (i32.const 520)))))"));
  EXPECT_EQ(guest.get("run"), 1020u);
  EXPECT_EQ(guest.get("run"), 1020u);
}

TEST_P(RawCalls, AResultOfTheWrongSizeIsATrap) {
  for (const int size : {-1, 0, 8, 24}) {
    Guest guest(GetParam());
    guest
        .define("f", {0, kSpilled},
                [&](HostCall& call) -> Done {
                  if (size < 0) return Done();
                  TENON_TRY_VOID(call.result_bytes(static_cast<std::uint32_t>(size)));
                  return Done();
                })
        .start(importing(" (result (tuple u64 (list u32)))", "(param i32)",
                         "(call $f (i32.const 512)) (i32.const 0)"));
    EXPECT_THAT(guest.call("run", {}).error().message, HasSubstr("the host function returned"));
  }
}

TEST_P(RawCalls, AFlatResultHasNoBytes) {
  Guest guest(GetParam());
  guest
      .define("add", {2, 1},
              [](HostCall& call) -> Done {
                TENON_TRY_VOID(call.result_bytes(4));
                return Done();
              })
      .start(kCallsAdd);
  EXPECT_THAT(guest.call("run", {1}).error().message, HasSubstr("4 bytes of result"));
}

// ---- Two stores ----

// When a list is lowered into the caller. In the callee's lift, the caller can allocate only if the
// callee runs on its stack; a concurrent engine runs guests on stacks of their own.
enum class Lowered { InLift, AfterTheCall };

// A host function that calls another guest and copies a list from memory to memory.
struct Bridge final : RawCall {
  Bridge(HostCall& call, Lowered when) : host(call), caller(call.caller()), lowered(when) {}

  Done lower(GuestSide& callee, Flat slots) override {
    TENON_TRY(const auto from, caller.bytes(host.params()[0].u32(), host.params()[1].u32()));
    return lower_bytes(callee, from, slots);
  }

  Done lift(GuestSide& callee, std::span<const FlatValue> slots) override {
    TENON_TRY(const auto from, list_at(callee, slots[0].u32()));
    if (lowered == Lowered::AfterTheCall) {
      kept.assign(from.begin(), from.end());
      return {};
    }
    return lower_result(from);
  }

  Done lower_result(std::span<const std::uint8_t> from) {
    TENON_TRY(const auto tuple, host.result_bytes(8));
    FlatValue slots[2];
    TENON_TRY_VOID(lower_bytes(caller, from, slots));
    write_u32(tuple, slots[0].u32());
    write_u32(tuple.subspan(4), slots[1].u32());
    return {};
  }

  HostCall& host;
  GuestSide& caller;
  Lowered lowered;
  std::vector<std::uint8_t> kept;
};

// Fills a list with 1, 2, 3..., has it reversed, and returns its first byte.
const std::string kAsksForReverse = with_libc(R"(
    (import "acme:host/api" (instance $api
      (export "reverse" (func (param "bytes" (list u8)) (result (list u8))))))
    (core func $reverse (canon lower (func $api "reverse") (memory $memory) (realloc $realloc)))
    (core module $code
      (import "" "reverse" (func $reverse (param i32 i32 i32)))
      (import "libc" "memory" (memory 0))
      (func (export "run") (param $size i32) (result i32) (local $i i32)
        (loop $next
          (i32.store8 (i32.add (i32.const 65536) (local.get $i))
                      (i32.add (local.get $i) (i32.const 1)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
        (call $reverse (i32.const 65536) (local.get $size) (i32.const 512))
        (i32.add (i32.mul (i32.load (i32.const 516)) (i32.const 1000))
                 (i32.load8_u (i32.load (i32.const 512))))))
    (core instance $core (instantiate $code (with "" (instance (export "reverse" (func $reverse))))
      (with "libc" (instance $libc))))
    (func (export "run") (param "size" u32) (result u32) (canon lift (core func $core "run"))))");

void run_bridge(Guest& caller, Guest& callee, Lowered lowered) {
  callee.start(reverser());
  caller.define("reverse", {2, kSpilled}, [&](HostCall& call) -> Done {
    Bridge bridge(call, lowered);
    if (auto called = callee.call("reverse", {2, kSpilled}, bridge); !called) {
      return Done(CallError::make(called.error().message, 5));
    }
    return lowered == Lowered::InLift ? Done() : bridge.lower_result(bridge.kept);
  });
  caller.start(kAsksForReverse);
  EXPECT_EQ(caller.get("run", {200}), 200'200u);
  EXPECT_EQ(caller.get("run", {7}), 7'007u);
  EXPECT_EQ(callee.get("posts"), 2u);
}

TEST_P(RawCalls, AListGoesFromMemoryToMemory) {
  for (const EngineConfig& other : {kSync, kAsync}) {
    Guest caller(GetParam());
    Guest callee(other);
    const bool shares_stack = other.concurrency == Concurrency::No;
    run_bridge(caller, callee, shares_stack ? Lowered::InLift : Lowered::AfterTheCall);
  }
}

// ---- Resources of the host ----

constexpr std::string_view kUsesFiles = R"(
    (import "acme:host/api" (instance $api
      (export "file" (type $file (sub resource)))
      (export "lock" (type $lock (sub resource)))
      (export "open" (func (result (own $file))))
      (export "pair" (func (result (tuple (own $lock) (own $file)))))
      (export "many" (func (result (list (own $file)))))
      (export "size" (func (param "lock" (borrow $lock)) (param "files" (list (borrow $file)))
        (result u32)))
      (export "close" (func (param "file" (own $file)) (result u32)))))
    (alias export $api "file" (type $file))
    (alias export $api "lock" (type $lock))
    (core func $open (canon lower (func $api "open")))
    (core func $pair (canon lower (func $api "pair") (memory $memory)))
    (core func $many (canon lower (func $api "many") (memory $memory) (realloc $realloc)))
    (core func $size (canon lower (func $api "size") (memory $memory)))
    (core func $close (canon lower (func $api "close")))
    (core func $drop-file (canon resource.drop $file))
    (core func $drop-lock (canon resource.drop $lock))
    (core module $code
      (import "libc" "memory" (memory 0))
      (import "" "open" (func $open (result i32)))
      (import "" "pair" (func $pair (param i32)))
      (import "" "many" (func $many (param i32)))
      (import "" "size" (func $size (param i32 i32 i32) (result i32)))
      (import "" "close" (func $close (param i32) (result i32)))
      (import "" "drop-file" (func $drop-file (param i32)))
      (import "" "drop-lock" (func $drop-lock (param i32)))
      (func (export "open-and-drop") (result i32) (call $drop-file (call $open)) (i32.const 1))
      (func (export "open-and-close") (result i32) (call $close (call $open)))
      (func (export "close-a-lie") (result i32) (call $close (i32.const 9)))
      (func (export "sizes") (result i32) (local $sum i32)
        (call $pair (i32.const 512))
        (i32.store (i32.const 600) (i32.load (i32.const 516)))
        (i32.store (i32.const 604) (i32.load (i32.const 516)))
        (local.set $sum (call $size (i32.load (i32.const 512)) (i32.const 600) (i32.const 2)))
        ;; The borrows have ended.
        (call $drop-lock (i32.load (i32.const 512)))
        (call $drop-file (i32.load (i32.const 516)))
        (local.get $sum))
      (func (export "many") (result i32) (local $at i32)
        (call $many (i32.const 520))
        (local.set $at (i32.load (i32.const 520)))
        (call $drop-file (i32.load (local.get $at)))
        (call $drop-file (i32.load offset=4 (local.get $at)))
        (i32.load (i32.const 524))))
    (core instance $core (instantiate $code (with "libc" (instance $libc))
      (with "" (instance
        (export "open" (func $open)) (export "pair" (func $pair)) (export "many" (func $many))
        (export "size" (func $size)) (export "close" (func $close))
        (export "drop-file" (func $drop-file)) (export "drop-lock" (func $drop-lock))))))
    (func (export "open-and-drop") (result u32) (canon lift (core func $core "open-and-drop")))
    (func (export "open-and-close") (result u32) (canon lift (core func $core "open-and-close")))
    (func (export "close-a-lie") (result u32) (canon lift (core func $core "close-a-lie")))
    (func (export "sizes") (result u32) (canon lift (core func $core "sizes")))
    (func (export "many") (result u32) (canon lift (core func $core "many"))))";

struct Files {
  std::vector<std::uint32_t> dropped_files;
  std::vector<std::uint32_t> dropped_locks;
  std::vector<std::uint32_t> seen;
  bool starts_again = false;  // `pair` discards a first result

  void define(Guest& guest) {
    guest.define_resource("file", 1, &dropped_files).define_resource("lock", 2, &dropped_locks);
    guest.define("open", {0, 1},
                 [](HostCall& call) -> Done { return call.caller().lower_own(0, 70, in_flat(0)); });
    guest.define("pair", {0, kSpilled}, [this](HostCall& call) -> Done {
      if (starts_again) {
        TENON_TRY_VOID(call.result_bytes(8));
        TENON_TRY_VOID(call.caller().lower_own(0, 82, in_result(100)));
      }
      TENON_TRY_VOID(call.result_bytes(8));
      TENON_TRY_VOID(call.caller().lower_own(0, 80, in_result(0)));
      return call.caller().lower_own(1, 81, in_result(4));
    });
    guest.define("many", {0, kSpilled}, [](HostCall& call) -> Done {
      TENON_TRY(const auto at, call.caller().allocate(8, 4));
      TENON_TRY(const auto tuple, call.result_bytes(8));
      TENON_TRY_VOID(call.caller().lower_own(0, 90, in_memory(at)));
      TENON_TRY_VOID(call.caller().lower_own(0, 91, in_memory(at + 4)));
      write_u32(tuple, at);
      write_u32(tuple.subspan(4), 2);
      return Done();
    });
    guest.define("size", {3, 1}, [this](HostCall& call) -> Done {
      GuestSide& caller = call.caller();
      TENON_TRY(const auto lock, caller.lift_borrow(0, call.params()[0].u32()));
      TENON_TRY(const auto list,
                caller.bytes(call.params()[1].u32(), call.params()[2].u32() * std::uint64_t{4}, 4));
      TENON_TRY(const auto first, caller.lift_borrow(1, read_u32(list)));
      TENON_TRY(const auto second, caller.lift_borrow(1, read_u32(list.subspan(4))));
      seen = {lock, first, second};
      call.set_result(FlatValue::of_u32(lock + first + second));
      return Done();
    });
    guest.define("close", {1, 1}, [](HostCall& call) -> Done {
      TENON_TRY(const auto rep, call.caller().lift_own(0, call.params()[0].u32()));
      call.set_result(FlatValue::of_u32(rep));
      return Done();
    });
  }
};

TEST_P(RawCalls, AResourceOfTheHostIsDroppedOnce) {
  Files files;
  Guest guest(GetParam());
  files.define(guest);
  guest.start(with_libc(kUsesFiles));
  EXPECT_EQ(guest.get("open-and-drop"), 1u);
  EXPECT_THAT(files.dropped_files, ElementsAre(70));
}

TEST_P(RawCalls, AResourceThatIsReturnedIsNotDropped) {
  Files files;
  Guest guest(GetParam());
  files.define(guest);
  guest.start(with_libc(kUsesFiles));
  EXPECT_EQ(guest.get("open-and-close"), 70u);
  EXPECT_THAT(files.dropped_files, ElementsAre());
}

TEST_P(RawCalls, HandlesAreNumberedByTheirPositionInTheType) {
  Files files;
  Guest guest(GetParam());
  files.define(guest);
  guest.start(with_libc(kUsesFiles));
  EXPECT_EQ(guest.get("sizes"), 80u + 81u + 81u);
  EXPECT_THAT(files.seen, ElementsAre(80, 81, 81));
  EXPECT_THAT(files.dropped_locks, ElementsAre(80));
  EXPECT_THAT(files.dropped_files, ElementsAre(81));
}

TEST_P(RawCalls, ADiscardedResultLeavesNoHandles) {
  Files files;
  files.starts_again = true;
  Guest guest(GetParam());
  files.define(guest);
  guest.start(with_libc(kUsesFiles));
  EXPECT_EQ(guest.get("sizes"), 80u + 81u + 81u);
}

TEST_P(RawCalls, HandlesGoIntoTheMemoryOfTheCaller) {
  Files files;
  Guest guest(GetParam());
  files.define(guest);
  guest.start(with_libc(kUsesFiles));
  EXPECT_EQ(guest.get("many"), 2u);
  EXPECT_THAT(files.dropped_files, ElementsAre(90, 91));
}

TEST_P(RawCalls, AnUnknownHandleIsATrap) {
  Files files;
  Guest guest(GetParam());
  files.define(guest);
  guest.start(with_libc(kUsesFiles));
  const Result<std::uint32_t, Failure> result = guest.call("close-a-lie", {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::Trap);
  EXPECT_THAT(result.error().message, HasSubstr("unknown handle index 9"));
}

TEST_P(RawCalls, AHandleOfTheWrongKindOrNumberIsAnError) {
  Files files;
  std::vector<std::string> messages;
  const auto note = [&](auto result) {
    ASSERT_FALSE(result);
    messages.push_back(std::move(result).error().to_failure().message);
  };
  Guest wrong(GetParam());
  wrong.define_resource("file", 1, &files.dropped_files)
      .define_resource("lock", 2, &files.dropped_locks);
  for (const char* name : {"open", "pair", "many"}) {
    wrong.define(name, {0, std::string_view(name) == "open" ? std::uint8_t{1} : kSpilled},
                 [](HostCall&) -> Done { return Done(); });
  }
  wrong.define("size", {3, 1}, [](HostCall&) -> Done { return Done(); });
  wrong.define("close", {1, 1}, [&](HostCall& call) -> Done {
    GuestSide& caller = call.caller();
    note(caller.lift_borrow(0, call.params()[0].u32()));
    note(caller.lift_own(1, call.params()[0].u32()));
    note(caller.lower_borrow(0, 1, in_flat(0)));
    TENON_TRY_VOID(caller.lift_own(0, call.params()[0].u32()));
    return Done();
  });
  wrong.start(with_libc(kUsesFiles));
  // No handle was lowered, so the result is index 0, which is not valid.
  EXPECT_FALSE(wrong.call("open-and-close", {}));
  EXPECT_THAT(messages, ElementsAre(HasSubstr("owned handle is used as a borrowed"),
                                    HasSubstr("no handle number 1"), HasSubstr("as a borrowed")));
}

TEST_P(RawCalls, EachHandleInATypeHasANumber) {
  std::vector<std::uint32_t> dropped;
  std::string kinds;
  Guest guest(GetParam());
  guest.define_resource("file", 1, &dropped).define_resource("lock", 2, &dropped);
  guest.define("f", {8, 0}, [&](HostCall& call) -> Done {
    for (std::size_t number = 0; number < 7; ++number) {
      auto lifted = call.caller().lift_own(number, 99);
      const std::string message = std::move(lifted).error().to_failure().message;
      if (message.find("unknown handle index 99") != std::string::npos) kinds += 'o';
      if (message.find("a borrowed handle is used") != std::string::npos) kinds += 'b';
      if (message.find("no handle number") != std::string::npos) kinds += '.';
    }
    return {};
  });
  guest.start(with_libc(R"(
    (import "acme:host/api" (instance $api
      (export "file" (type $file (sub resource)))
      (export "lock" (type $lock (sub resource)))
      (type $choice' (variant (case "a" (own $file)) (case "b") (case "c" (list (borrow $lock)))))
      (export "choice" (type $choice (eq $choice')))
      (export "f" (func (param "n" u32) (param "o" (option (borrow $lock))) (param "v" $choice)
        (param "r" (result (own $file) (error (borrow $lock))))))))
    (core func $f (canon lower (func $api "f") (memory $memory)))
    (core module $code
      (import "" "f" (func $f (param i32 i32 i32 i32 i32 i32 i32 i32)))
      (func (export "run") (result i32)
        (call $f (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0))
        (i32.const 1)))
    (core instance $core (instantiate $code (with "" (instance (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $core "run"))))"));
  EXPECT_EQ(guest.get("run"), 1u);
  EXPECT_EQ(kinds, "bobob..");
}

// ---- Resources of a guest ----

constexpr std::string_view kCounters = R"((component
    (core module $state
      (global $drops (mut i32) (i32.const 0))
      (global $last (mut i32) (i32.const 0))
      (func $destroy (export "destroy") (param i32)
        (if (i32.eq (local.get 0) (i32.const 666)) (then unreachable))
        (global.set $last (local.get 0))
        (global.set $drops (i32.add (global.get $drops) (i32.const 1))))
      (func (export "drops") (result i32)
        (i32.add (i32.mul (global.get $last) (i32.const 100)) (global.get $drops))))
    (core instance $state (instantiate $state))
    (type $counter (resource (rep i32) (dtor (core func $state "destroy"))))
    (core func $new (canon resource.new $counter))
    (core func $rep (canon resource.rep $counter))
    (core func $drop (canon resource.drop $counter))
    (core module $code
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "value") (param i32) (result i32) (local.get 0))
      (func (export "consume") (param i32) (result i32) (local $value i32)
        (local.set $value (call $rep (local.get 0)))
        (call $drop (local.get 0))
        (local.get $value)))
    (core instance $core (instantiate $code (with "" (instance
      (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
    (export $out "counter" (type $counter))
    (func (export "make") (param "value" u32) (result (own $out))
      (canon lift (core func $core "make")))
    (func (export "value") (param "counter" (borrow $out)) (result u32)
      (canon lift (core func $core "value")))
    (func (export "consume") (param "counter" (own $out)) (result u32)
      (canon lift (core func $core "consume")))
    (func (export "drops") (result u32) (canon lift (core func $state "drops")))))";

GuestResource make_counter(Guest& guest, std::uint32_t value) {
  GuestResource counter;
  Call call;
  call.lower_with = [&](GuestSide&, Flat slots) -> Done {
    slots[0] = FlatValue::of_u32(value);
    return Done();
  };
  call.lift_with = [&](GuestSide& callee, FlatValue slot) -> Done {
    TENON_TRY(const auto lifted, callee.lift_resource(guest.store(), 0, slot.u32()));
    counter = lifted;
    return Done();
  };
  EXPECT_TRUE(guest.call("make", {1, 1}, call));
  return counter;
}

Result<std::uint32_t, Failure> use_counter(Guest& guest, std::string_view function,
                                           const GuestResource& counter) {
  std::uint32_t value = 0;
  Call call;
  call.lower_with = [&](GuestSide& callee, Flat) -> Done {
    return callee.lower_resource(0, counter, in_flat(0));
  };
  call.lift_with = [&](GuestSide&, FlatValue slot) -> Done {
    value = slot.u32();
    return Done();
  };
  if (auto called = guest.call(function, {1, 1}, call); !called) {
    return called.error();
  }
  return value;
}

TEST_P(RawCalls, AResourceOfAGuestIsBorrowedAndDropped) {
  Guest guest(GetParam());
  guest.start(kCounters);
  const GuestResource counter = make_counter(guest, 7);
  const GuestResource other = make_counter(guest, 8);
  EXPECT_EQ(*use_counter(guest, "value", counter), 7u);
  EXPECT_EQ(*use_counter(guest, "value", other), 8u);
  EXPECT_EQ(*use_counter(guest, "value", counter), 7u);
  EXPECT_EQ(guest.get("drops"), 0u);
  EXPECT_TRUE(guest.drop(counter));
  EXPECT_EQ(guest.get("drops"), 701u);
  EXPECT_EQ(*use_counter(guest, "value", other), 8u);
}

TEST_P(RawCalls, AResourceIsGivenAway) {
  Guest guest(GetParam());
  guest.start(kCounters);
  const GuestResource counter = make_counter(guest, 7);
  const GuestResource second = make_counter(guest, 9);
  EXPECT_EQ(*use_counter(guest, "consume", counter), 7u);
  EXPECT_EQ(guest.get("drops"), 701u);
  EXPECT_EQ(*use_counter(guest, "value", second), 9u);
  EXPECT_TRUE(guest.drop(second));
  EXPECT_EQ(guest.get("drops"), 902u);
}

TEST_P(RawCalls, AResourceOfAnotherStoreIsRefused) {
  Guest guest(GetParam());
  guest.start(kCounters);
  Guest other(GetParam());
  other.start(kCounters);
  const GuestResource counter = make_counter(guest, 7);
  make_counter(other, 8);
  const auto used = use_counter(other, "value", counter);
  ASSERT_FALSE(used);
  EXPECT_THAT(used.error().message, HasSubstr("mismatched resource types"));
}

TEST_P(RawCalls, ADestructorCanTrap) {
  Guest guest(GetParam());
  guest.start(kCounters);
  const auto dropped = guest.drop(make_counter(guest, 666));
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().kind, FailureKind::Trap);
  ASSERT_EQ(dropped.error().frames.size(), 1u);
  EXPECT_EQ(dropped.error().frames[0].function, "destroy");
}

// ---- Async lowers and lifts ----

// A `HostCall` cannot represent such a call.
TEST(RawCallsOfAsyncGuests, ALowerOfASyncFunctionIsNeverAsync) {
  Guest guest(kAsync);
  guest.define("f", {2, 1}, add);
  const auto started = guest.try_start(importing(
      " (param \"a\" u32) (param \"b\" u32) (result u32)", "(param i32 i32 i32) (result i32)",
      "(call $f (i32.const 1) (i32.const 2) (i32.const 512))", " async"));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("requires an async function type"));
}

// `run` is lifted `async` and returns `count` numbers, 1 to `count`, as one result.
std::string returning(std::size_t count) {
  std::string numbers;
  std::string core_params;
  std::string constants;
  std::string stores;
  for (std::size_t i = 1; i <= count; ++i) {
    numbers += " u32";
    core_params += " i32";
    constants += fmt::format(" (i32.const {})", i);
    stores += fmt::format(" (i32.store (i32.const {}) (i32.const {}))", 60 + 4 * i, i);
  }
  if (count == 17) {
    core_params = " i32";
    constants = " (i32.const 64)";
  }
  const std::string result = count == 0   ? ""
                             : count == 1 ? " (result u32)"
                                          : fmt::format(" (result (tuple{}))", numbers);
  return fmt::format(R"((component
    (core module $memory_code (memory (export "memory") 1))
    (core instance $memory_core (instantiate $memory_code))
    (alias core export $memory_core "memory" (core memory $memory))
    (core func $return (canon task.return{0} (memory $memory)))
    (core module $code
      (import "" "memory" (memory 1))
      (import "" "return" (func $return (param{1})))
      (func (export "run") (result i32) {2} (call $return{3}) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $core (instantiate $code
      (with "" (instance (export "memory" (memory $memory)) (export "return" (func $return))))))
    (func (export "run") async{0}
      (canon lift (core func $core "run") async (memory $memory)
        (callback (func $core "callback"))))))",
                     result, core_params, stores, constants);
}

TEST(RawCallsOfAsyncGuests, AnAsyncLiftGivesUpTo16FlatValues) {
  for (std::size_t count = 0; count <= 17; ++count) {
    SCOPED_TRACE(count);
    Guest guest(kAsync);
    guest.start(returning(count));
    const bool spilled = count > 1;
    Call call;
    call.lift_with = [&](GuestSide& side, FlatValue first) -> Done {
      if (count == 17) {
        EXPECT_EQ(read_u32(side.memory().subspan(first.u32() + 64)), 17u);
      }
      return Done();
    };
    const auto results = spilled ? kSpilled : static_cast<std::uint8_t>(count);
    const auto called = guest.call("run", {0, results}, call);
    ASSERT_TRUE(called) << called.error().message;
    EXPECT_EQ(call.values, count == 17 ? 1 : count);
    EXPECT_EQ(call.sum, count == 17 ? 64 : count * (count + 1) / 2);
  }
}

TEST(RawCallsOfAsyncGuests, AnAsyncImportIsRefused) {
  Guest guest(kAsync);
  guest.define("f", {0, 1}, [](HostCall&) -> Done { return Done(); });
  const auto started =
      guest.try_start(importing(" async (result u32)", "(result i32)", "(call $f)"));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("async"));
}

// ---- Cancellation ----

// `wait` waits until it is cancelled. `call` returns, and then calls the host.
constexpr std::string_view kCancellable = R"((component
    (import "acme:host/api" (instance $api (export "f" (func))))
    (core func $f (canon lower (func $api "f")))
    (core func $new-set (canon waitable-set.new))
    (core func $cancel (canon task.cancel))
    (core func $return (canon task.return))
    (core module $code
      (import "" "f" (func $f))
      (import "" "new-set" (func $new-set (result i32)))
      (import "" "cancel" (func $cancel))
      (import "" "return" (func $return))
      (func (export "return") (result i32) (call $return) (i32.const 0))
      (func (export "call") (result i32) (call $return) (call $f) (i32.const 0))
      (func (export "wait") (result i32)
        (i32.or (i32.const 2) (i32.shl (call $new-set) (i32.const 4))))
      (func (export "callback") (param i32 i32 i32) (result i32) (call $cancel) (i32.const 0)))
    (core instance $core (instantiate $code (with "" (instance
      (export "f" (func $f)) (export "new-set" (func $new-set))
      (export "cancel" (func $cancel)) (export "return" (func $return))))))
    (alias core export $core "callback" (core func $callback))
    (func (export "return") async
      (canon lift (core func $core "return") async (callback $callback)))
    (func (export "call") async
      (canon lift (core func $core "call") async (callback $callback)))
    (func (export "wait") async
      (canon lift (core func $core "wait") async (callback $callback)))))";

// A call without params and results.
struct PlainCall final : LoopCall {
  Done lower(GuestSide& /*callee*/, Flat /*params*/) override { return {}; }
  void finish(std::unique_ptr<LoopResult> /*result*/) override {
    end = "returned";
    if (next) std::exchange(next, nullptr)();
  }
  void fail(Failure failure) override { end = failure.message; }
  void end_cancelled() override { end = "cancelled"; }
  void drop() override { end = "dropped"; }

  std::function<void()> next = nullptr;  // when it has returned
  std::string end = {};
};

// Turns the loop until a call has this end, or often enough.
void turn_until(EventLoop& loop, const PlainCall& call, std::string_view end) {
  for (int i = 0; i < 10 && call.end != end; ++i) ASSERT_TRUE(loop.turn());
}

TEST(RawCallsOfAsyncGuests, ACallWithTheAddressOfAnotherIsCancelled) {
  PlainCall call;
  Guest guest(kAsync);
  guest.define("f", {0, 0}, [](HostCall&) -> Done { return Done(); }).start(kCancellable);
  EventLoop& loop = guest.loop();
  const LoopFunction first = guest.find_on_loop("return");
  const LoopFunction second = guest.find_on_loop("wait");
  call.next = [&] {
    loop.call(second, call);
    loop.cancel(call);
  };
  loop.call(first, call);
  turn_until(loop, call, "cancelled");
  EXPECT_EQ(call.end, "cancelled");
}

// The second call gets the engine's number of the first one's task.
TEST(RawCallsOfAsyncGuests, ACancellationThatIsLateDoesNotHitTheNextCall) {
  PlainCall first;
  PlainCall second;
  std::function<void()> during_first;
  Guest guest(kAsync);
  guest.define("f", {0, 0}, [&](HostCall&) -> Done {
    during_first();
    return Done();
  });
  guest.start(kCancellable);
  EventLoop& loop = guest.loop();
  const LoopFunction call = guest.find_on_loop("call");
  const LoopFunction return_at_once = guest.find_on_loop("return");
  during_first = [&] {
    loop.call(return_at_once, second);
    loop.cancel(first);
  };
  loop.call(call, first);
  turn_until(loop, second, "returned");
  EXPECT_EQ(first.end, "returned");
  EXPECT_EQ(second.end, "returned");
}

TEST(RawCallsOfAsyncGuests, ACancellationComesOnce) {
  PlainCall call;
  Guest guest(kAsync);
  guest.define("f", {0, 0}, [](HostCall&) -> Done { return Done(); }).start(kCancellable);
  EventLoop& loop = guest.loop();
  const LoopFunction wait = guest.find_on_loop("wait");
  loop.call(wait, call);
  ASSERT_TRUE(loop.turn());
  EXPECT_EQ(call.end, "");
  loop.cancel(call);
  loop.cancel(call);
  turn_until(loop, call, "cancelled");
  EXPECT_EQ(call.end, "cancelled");
  loop.cancel(call);
  EXPECT_TRUE(loop.turn());
}

// A drop in a turn of the same loop is refused, and does not happen later.
TEST(RawCallsOfAsyncGuests, AResourceIsNotDroppedInATurn) {
  std::string text(kCounters);
  text.insert(std::string_view("(component").size(), R"(
    (import "acme:host/api" (instance $api (export "f" (func))))
    (core func $f (canon lower (func $api "f"))))");
  text.insert(text.size() - 1, R"(
    (core module $caller
      (import "" "f" (func $f))
      (func (export "run") (result i32) (call $f) (i32.const 1)))
    (core instance $run (instantiate $caller (with "" (instance (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $run "run"))))");
  Guest guest(kAsync);
  std::optional<GuestResource> counter;
  std::string refusal;
  guest.define("f", {0, 0}, [&](HostCall&) -> Done {
    const Result<void, Failure> dropped = guest.drop(*counter);
    refusal = dropped ? "" : dropped.error().message;
    return Done();
  });
  guest.start(text);
  counter = make_counter(guest, 7);
  EXPECT_EQ(guest.get("run"), 1u);
  EXPECT_THAT(refusal, HasSubstr("the loop is being turned"));
  EXPECT_EQ(guest.get("drops"), 0u);
  EXPECT_TRUE(guest.drop(*counter));
  EXPECT_EQ(guest.get("drops"), 701u);
}

INSTANTIATE_TEST_SUITE_P(Every, RawCalls, testing::Values(kSync, kAsync, kMetered),
                         [](const testing::TestParamInfo<EngineConfig>& config) {
                           std::string name = config_name(config.param);
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace tenon::engine::raw_call_test
