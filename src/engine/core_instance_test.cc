#include "engine/core_instance.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "engine/core_module.h"
#include "engine/test_components.h"
#include "support/try.h"

namespace tenon::engine::core_instance_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using enum CoreValueType;
using Done = Result<void, CallError>;
using Body = std::function<Done(CoreCaller&, std::span<FlatValue>)>;

const CoreFunctionType kNothing = {};
const CoreFunctionType kGiveI32 = {.results = {I32}};
const CoreFunctionType kI32ToI32 = {.params = {I32}, .results = {I32}};

// A host function whose body is a lambda.
class LambdaFunction final : public CoreHostFunction {
 public:
  explicit LambdaFunction(Body body) : body_(std::move(body)) {}
  Done call(CoreCaller& caller, std::span<FlatValue> values) override {
    return body_(caller, values);
  }

 private:
  Body body_;
};

// A store that core modules are instantiated in.
class Guest {
 public:
  explicit Guest(const EngineConfig& config = kSync, const StoreLimits& limits = {})
      : engine(*Engine::open(config)), store(*Store::open_bare(engine, limits)) {}

  Guest& import(std::string module, std::string field, CoreFunctionType type, Body body) {
    imports.push_back({.module = std::move(module),
                       .field = std::move(field),
                       .type = std::move(type),
                       .function = std::make_unique<LambdaFunction>(std::move(body))});
    return *this;
  }

  Result<CoreInstance, Failure> instantiate(std::string_view text) {
    const Result<CompiledModule> code = CompiledModule::compile(engine, assemble(text));
    if (!code) {
      ADD_FAILURE() << code.error().front().message;
      return Failure{};
    }
    return CoreInstance::instantiate(store, *code, std::exchange(imports, {}));
  }

  Failure refusal(std::string_view text) {
    const Result<CoreInstance, Failure> result = instantiate(text);
    if (result) ADD_FAILURE() << "it was instantiated";
    return result ? Failure{} : result.error();
  }

  Guest& start(std::string_view text) {
    Result<CoreInstance, Failure> result = instantiate(text);
    if (!result) ADD_FAILURE() << result.error().message;
    instance.emplace(*std::move(result));
    return *this;
  }

  CoreFunction find(std::string_view name, const CoreFunctionType& type) {
    const Result<CoreFunction, Failure> function = instance->find_function(store, name, type);
    if (!function) ADD_FAILURE() << function.error().message;
    return *function;
  }

  // (i32) -> (i32)
  std::uint32_t call(std::string_view name, std::uint32_t param) {
    std::array values = {FlatValue::of_u32(param)};
    const auto called = find(name, kI32ToI32).call(store, values);
    if (!called) ADD_FAILURE() << called.error().message;
    return values[0].u32();
  }

  // () -> ()
  Failure failure(std::string_view name = "run") {
    const auto called = find(name, kNothing).call(store, {});
    if (called) ADD_FAILURE() << "it returned";
    return called ? Failure{} : called.error();
  }

  Engine engine;
  Store store;
  std::vector<CoreHostImport> imports;
  std::optional<CoreInstance> instance;
};

class CoreEngines : public testing::TestWithParam<EngineConfig> {};
INSTANTIATE_TEST_SUITE_P(Every, CoreEngines, testing::Values(kSync, kAsync, kMetered),
                         [](const auto& each) {
                           std::string name = config_name(each.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(CoreEngines, ValuesOfEveryKindCross) {
  Guest guest(GetParam());
  guest.start(R"((module (func (export "shift") (param i32 i64 f32 f64) (result i64 f32 f64 i32)
    (i64.add (local.get 1) (i64.const 1)) (f32.neg (local.get 2)) (f64.neg (local.get 3))
    (i32.sub (local.get 0) (i32.const 1)))))");
  const CoreFunction shift =
      guest.find("shift", {.params = {I32, I64, F32, F64}, .results = {I64, F32, F64, I32}});
  EXPECT_EQ(shift.value_count(), 4u);
  std::array values = {FlatValue::of_u32(0), FlatValue::of_u64(~std::uint64_t{0} - 1),
                       FlatValue::of_f32(1.5F), FlatValue::of_f64(-2.25)};
  ASSERT_TRUE(shift.call(guest.store, values));
  EXPECT_EQ(values[0].u64(), ~std::uint64_t{0});
  EXPECT_EQ(values[1].f32(), -1.5F);
  EXPECT_EQ(values[2].f64(), 2.25);
  EXPECT_EQ(values[3].u32(), 0xffffffffu);
}

TEST_P(CoreEngines, HostFunctionsGetParamsAndGiveResults) {
  Guest guest(GetParam());
  guest.import("host", "swap", {{I32, F64}, {F64, I32}},
               [](CoreCaller&, std::span<FlatValue> values) -> Done {
                 EXPECT_EQ(values.size(), 2u);
                 std::swap(values[0], values[1]);
                 return {};
               });
  guest.import("host", "more", {{}, {I32, I32, I32}},
               [](CoreCaller&, std::span<FlatValue> values) -> Done {
                 EXPECT_EQ(values.size(), 3u);
                 for (std::uint32_t i = 0; i < 3; ++i) values[i] = FlatValue::of_u32(i + 1);
                 return {};
               });
  guest.start(R"((module
    (import "host" "swap" (func $swap (param i32 f64) (result f64 i32)))
    (import "host" "more" (func $more (result i32 i32 i32)))
    (func (export "run") (param i32) (result i32) (local $got f64)
      (call $swap (local.get 0) (f64.const 20))
      (local.set 0) (local.set $got)
      (i32.add (local.get 0) (i32.trunc_f64_u (local.get $got)))
      (call $more) i32.add i32.add i32.add)))");
  EXPECT_EQ(guest.call("run", 1), 1 + 20 + 6u);
}

TEST_P(CoreEngines, MemoryIsVisibleFromBothSides) {
  Guest guest(GetParam());
  std::string seen;
  guest.import("host", "log", {{I32, I32}, {}},
               [&seen](CoreCaller& caller, std::span<FlatValue> values) -> Done {
                 TENON_TRY(const auto text, caller.bytes(values[0].u32(), values[1].u32()));
                 seen.append(text.begin(), text.end());
                 text[0] = '!';
                 return {};
               });
  guest.start(R"((module
    (import "host" "log" (func $log (param i32 i32)))
    (memory (export "memory") 1) (data (i32.const 65530) "hello")
    (func (export "run") (param i32) (result i32)
      (call $log (i32.const 65530) (local.get 0))
      (i32.load8_u (i32.const 65530)))))");
  EXPECT_TRUE(guest.instance->has_memory());
  EXPECT_EQ(guest.call("run", 5), std::uint32_t{'!'});
  EXPECT_EQ(seen, "hello");
  const std::span<std::uint8_t> memory = guest.instance->memory(guest.store);
  ASSERT_EQ(memory.size(), 65536u);
  EXPECT_EQ(memory[65530], '!');
  memory[65530] = 'h';

  std::array values = {FlatValue::of_u32(7)};
  const auto called = guest.find("run", kI32ToI32).call(guest.store, values);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, FailureKind::Trap);
  EXPECT_THAT(called.error().message, HasSubstr("out of bounds of memory (65536 bytes)"));
}

TEST(CoreInstances, MemoryThatGrewHasItsNewSize) {
  Guest guest;
  std::vector<std::size_t> sizes;
  guest.import("host", "look", kNothing, [&](CoreCaller& caller, std::span<FlatValue>) -> Done {
    sizes.push_back(caller.memory().size());
    return {};
  });
  guest.start(R"((module (import "host" "look" (func $look)) (memory (export "memory") 1)
    (func (export "run") (param i32) (result i32)
      (call $look) (memory.grow (local.get 0)) (call $look))))");
  guest.call("run", 3);
  EXPECT_THAT(sizes, ElementsAre(65536, 4 * 65536));
  EXPECT_EQ(guest.instance->memory(guest.store).size(), 4 * 65536u);
}

TEST(CoreInstances, MissingImportsAreListedAtOnce) {
  Guest guest;
  guest.import("a", "provided", kNothing, [](auto&, auto) -> Done { return {}; });
  const Failure refused = guest.refusal(R"((module
    (import "a" "provided" (func))
    (import "a" "one" (func (param i32) (result i32)))
    (import "env" "memory" (memory 1))
    (import "env" "shared" (memory i64 1))
    (import "env" "table" (table 0 funcref))
    (import "env" "stack" (global (mut i32)))
    (import "env" "tag" (tag))))");
  EXPECT_EQ(refused.kind, FailureKind::Error);
  EXPECT_EQ(refused.message,
            "`a.one` is imported as a function (i32) -> (i32), and nothing provides it; "
            "`env.memory` is imported as a memory, and nothing provides it; "
            "`env.shared` is imported as a memory with 64-bit addresses, and nothing provides it; "
            "`env.table` is imported as a table, and nothing provides it; "
            "`env.stack` is imported as a mutable global of i32, and nothing provides it; "
            "`env.tag` is imported as a tag, and nothing provides it");
}

TEST(CoreInstances, ManyMissingImportsAreCounted) {
  std::string text = "(module ";
  for (int i = 0; i < 250; ++i) text += fmt::format("(import \"a\" \"f{}\" (func)) ", i);
  const Failure refused = Guest().refusal(text + ")");
  EXPECT_THAT(refused.message, HasSubstr("`a.f99`"));
  EXPECT_THAT(refused.message, HasSubstr("; and 150 more"));
}

TEST(CoreInstances, ImportOfAnotherTypeSaysBoth) {
  Guest guest;
  guest.import("a", "f", {{I64}, {}}, [](auto&, auto) -> Done { return {}; });
  guest.import("a", "memory", {{I32}, {}}, [](auto&, auto) -> Done { return {}; });
  const Failure refused = guest.refusal(
      R"((module (import "a" "f" (func (param i32))) (import "a" "memory" (memory 1))))");
  EXPECT_EQ(refused.message,
            "`a.f` is imported as a function (i32) -> () but provided as a function (i64) -> (); "
            "`a.memory` is imported as a memory but provided as a function (i32) -> ()");
}

TEST(CoreInstances, ImportOfAVectorOrReferenceIsRefused) {
  Guest guest;
  guest.import("a", "f", {{Other}, {}}, [](auto&, auto) -> Done { return {}; });
  EXPECT_THAT(guest.refusal(R"((module (import "a" "f" (func (param v128)))))").message,
              HasSubstr("a function (a vector or reference) -> ()"));
}

TEST(CoreInstances, DuplicateFunctionForAnImportIsRefused) {
  Guest guest;
  for (int i = 0; i < 2; ++i)
    guest.import("a", "f", kNothing, [](auto&, auto) -> Done { return {}; });
  EXPECT_EQ(guest.refusal(R"((module))").message, "duplicate function for the import `a.f`");
}

TEST(CoreInstances, OneFunctionServesEveryImportOfItsName) {
  Guest guest;
  int calls = 0;
  guest.import("a", "f", kNothing, [&](auto&, auto) -> Done {
    ++calls;
    return {};
  });
  guest.import("a", "unused", kNothing, [](auto&, auto) -> Done { return {}; });
  guest.start(R"((module (import "a" "f" (func $f)) (import "a" "f" (func $g))
    (func (export "run") (param i32) (result i32) (call $f) (call $g) (local.get 0))))");
  guest.call("run", 0);
  EXPECT_EQ(calls, 2);
}

TEST(CoreInstances, FunctionsAreFoundByNameAndType) {
  Guest guest;
  guest.start(R"((module (func (export "f") (param i32)) (memory (export "memory") 1)
    (func (export "vector") (param v128))))");
  const auto message = [&](std::string_view name, const CoreFunctionType& type) {
    const auto function = guest.instance->find_function(guest.store, name, type);
    return function ? std::string() : function.error().message;
  };
  EXPECT_EQ(message("f", {{I32}, {}}), "");
  EXPECT_EQ(message("f", {{I64}, {}}), "`f` is a function (i32) -> (); expected (i64) -> ()");
  EXPECT_EQ(message("g", kNothing), "`g` is not exported");
  EXPECT_EQ(message(std::string_view("f\0", 2), kNothing),
            std::string("`f\0` is not exported", 20));
  EXPECT_EQ(message("\xff", kNothing), "`\xff` is not exported");
  EXPECT_EQ(message("memory", kNothing), "`memory` is a memory; expected a function () -> ()");
  EXPECT_THAT(message("vector", {{Other}, {}}), StartsWith("`vector` is a function"));
}

TEST(CoreInstances, TooFewValuesAreRefused) {
  Guest guest;
  guest.start(R"((module (func (export "f") (param i32) (result i32 i32)
    (local.get 0) (local.get 0))))");
  const CoreFunction function = guest.find("f", {{I32}, {I32, I32}});
  std::array<FlatValue, 3> values = {};
  const auto called = function.call(guest.store, std::span(values).first(1));
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, FailureKind::Error);
  EXPECT_TRUE(function.call(guest.store, std::span(values).first(2)));
  EXPECT_TRUE(function.call(guest.store, values));
}

// Without the check, the engine aborts the process.
TEST(CoreInstances, AnotherStoreIsRefused) {
  Guest guest;
  guest.start(R"((module (memory (export "memory") 1) (func (export "run"))))");
  const CoreFunction run = guest.find("run", kNothing);
  Store empty = *Store::open_bare(guest.engine);
  Guest other;
  other.start(R"((module (func (export "run"))))");
  for (Store* store : {&empty, &other.store}) {
    const auto called = run.call(*store, {});
    ASSERT_FALSE(called);
    EXPECT_EQ(called.error(), (Failure{.message = "the function belongs to another store"}));
    EXPECT_FALSE(guest.instance->find_function(*store, "run", kNothing));
    EXPECT_THAT(guest.instance->memory(*store), IsEmpty());
  }
  guest.store = *Store::open_bare(guest.engine);
  EXPECT_FALSE(run.call(guest.store, {}));
}

TEST(CoreInstances, AnotherEngineIsRefused) {
  Guest guest;
  const Engine other = *Engine::open(kSync);
  const CompiledModule code =
      *CompiledModule::compile(other, assemble(R"((module (import "a" "f" (func))))"));
  std::vector<CoreHostImport> imports;
  imports.push_back({"a", "f", kNothing,
                     std::make_unique<LambdaFunction>([](auto&, auto) -> Done { return {}; })});
  const auto instance = CoreInstance::instantiate(guest.store, code, std::move(imports));
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().kind, FailureKind::Error);
  EXPECT_THAT(instance.error().message, HasSubstr("Engine"));
}

TEST_P(CoreEngines, StoreWithGrantsHoldsModulesToo) {
  Guest guest(GetParam());
  guest.store = *Store::open(guest.engine, {.stdio = Stdio::Capture});
  guest.start(R"((module (func (export "run") (param i32) (result i32) (local.get 0))))");
  EXPECT_EQ(guest.call("run", 3), 3u);
}

// Instances whose memory is not a single plain memory of their own.
TEST(CoreMemories, MissingMemoryIsAnEmptySpan) {
  for (const char* text :
       {R"((module (import "a" "f" (func $f)) (func (export "run") (call $f))))",
        R"((module (import "a" "f" (func $f)) (memory 1) (func (export "run") (call $f))))",
        R"((module (import "a" "f" (func $f)) (func (export "memory"))
             (func (export "run") (call $f))))",
        R"((module (import "a" "f" (func $f)) (global (export "memory") i32 (i32.const 1))
             (func (export "run") (call $f))))"}) {
    Guest guest;
    guest.import("a", "f", kNothing, [](CoreCaller& caller, auto) -> Done {
      EXPECT_THAT(caller.memory(), IsEmpty());
      EXPECT_TRUE(caller.bytes(0, 0));
      TENON_TRY_VOID(caller.bytes(0, 1));
      return {};
    });
    guest.start(text);
    EXPECT_FALSE(guest.instance->has_memory());
    EXPECT_THAT(guest.instance->memory(guest.store), IsEmpty());
    EXPECT_THAT(guest.failure().message, HasSubstr("out of bounds of memory (0 bytes)"));
  }
}

TEST(CoreMemories, TheExportNamedMemoryIsUsed) {
  Guest guest;
  guest.start(R"((module (memory 2) (memory (export "memory") 3) (memory (export "other") 1)))");
  EXPECT_EQ(guest.instance->memory(guest.store).size(), 3 * 65536u);
}

TEST(CoreMemories, EmptyMemoryIsAMemory) {
  Guest guest;
  guest.start(R"((module (memory (export "memory") 0)))");
  EXPECT_TRUE(guest.instance->has_memory());
  EXPECT_THAT(guest.instance->memory(guest.store), IsEmpty());
}

TEST(CoreMemories, MemoryWith64BitAddressesIsVisible) {
  Guest guest;
  guest.start(R"((module (memory (export "memory") i64 1)
    (func (export "run") (param i32) (result i32)
      (i32.store (i64.const 8) (local.get 0)) (local.get 0))))");
  guest.call("run", 0x01020304);
  EXPECT_EQ(guest.instance->memory(guest.store)[8], 4u);
}

TEST(CoreMemories, SharedMemoryIsRefused) {
  const Failure refused = Guest().refusal(R"((module (memory (export "memory") 1 2 shared)))");
  EXPECT_EQ(refused.kind, FailureKind::Error);
  EXPECT_THAT(refused.message, HasSubstr("shared"));
}

TEST(CoreInstances, VectorsAndTailCallsRunInside) {
  Guest guest;
  guest.start(R"((module
    (func $count (param i32 i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
      (return_call $count (i32.sub (local.get 0) (i32.const 1))
                          (i32.add (local.get 1) (i32.const 1))))
    (func (export "count") (param i32) (result i32)
      (return_call $count (local.get 0) (i32.const 0)))
    (func (export "sum") (param i32) (result i32)
      (i32x4.extract_lane 2 (i32x4.add (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4))))))");
  EXPECT_EQ(guest.call("count", 1'000'000), 1'000'000u);
  EXPECT_EQ(guest.call("sum", 4), 7u);
}

// ---- Failures ----

constexpr std::string_view kFall = R"((module $deep
  (global $fallen (mut i32) (i32.const 0))
  (func $inner (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (global.set $fallen (i32.const 7)) unreachable))
    (i32.add (i32.const 1) (call $inner (i32.sub (local.get 0) (i32.const 1)))))
  (func $outer (export "run") (drop (call $inner (i32.const 1))))))";

TEST_P(CoreEngines, TrapHasFramesWithNamesAndOffsets) {
  Guest guest(GetParam());
  const Failure failure = guest.start(kFall).failure();
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  EXPECT_THAT(failure.message, HasSubstr("unreachable"));
  EXPECT_EQ(failure.payload, std::nullopt);
  ASSERT_EQ(failure.frames.size(), 3u);
  EXPECT_EQ(failure.frames[0].function, "inner");
  EXPECT_EQ(failure.frames[1].function, "inner");
  EXPECT_EQ(failure.frames[2].function, "outer");
  const Bytes module = assemble(kFall);
  for (const GuestFrame& frame : failure.frames) {
    EXPECT_EQ(frame.module, "deep");
    ASSERT_TRUE(frame.component_offset);
    ASSERT_LT(*frame.component_offset, module.size());
  }
  EXPECT_EQ(module[*failure.frames[0].component_offset], 0x00);  // unreachable
  EXPECT_EQ(module[*failure.frames[1].component_offset], 0x10);  // call
}

TEST(CoreFailures, TrapOfEachKindIsATrap) {
  Guest guest;
  guest.start(R"((module (memory 1) (table 1 funcref) (type $t (func))
    (func (export "div") (drop (i32.div_u (i32.const 1) (i32.const 0))))
    (func (export "memory") (drop (i32.load (i32.const 65536))))
    (func (export "table") (call_indirect (type $t) (i32.const 0)))
    (func $deep (export "stack") (call $deep) (call $deep))
    (tag $t) (func (export "throw") (throw $t))))");
  EXPECT_THAT(guest.failure("div").message, HasSubstr("divide by zero"));
  EXPECT_THAT(guest.failure("memory").message, HasSubstr("out of bounds memory access"));
  EXPECT_THAT(guest.failure("table").message, HasSubstr("uninitialized element"));
  EXPECT_THAT(guest.failure("stack").message, HasSubstr("call stack exhausted"));
  for (const char* name : {"div", "memory", "table", "stack", "throw"})
    EXPECT_EQ(guest.failure(name).kind, FailureKind::Trap) << name;
}

TEST(CoreFailures, StartFunctionMayTrap) {
  const Failure failure = Guest().refusal(R"((module (func $begin unreachable) (start $begin)))");
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  ASSERT_EQ(failure.frames.size(), 1u);
  EXPECT_EQ(failure.frames[0].function, "begin");
  EXPECT_EQ(Guest().refusal(R"((module (memory 1) (data (i32.const 65536) "x")))").kind,
            FailureKind::Trap);
}

TEST(CoreFailures, HostFunctionEndsTheGuestWithItsPayload) {
  Guest guest;
  guest.import("host", "fail", kNothing,
               [](auto&, auto) -> Done { return CallError::make("no such thing", 42); });
  guest.start(R"((module (import "host" "fail" (func $fail))
    (func $run (export "run") (call $fail))))");
  for (int i = 0; i < 2; ++i) {
    const Failure failure = guest.failure();
    EXPECT_EQ(failure.kind, FailureKind::Trap);
    EXPECT_EQ(failure.message, "no such thing");
    EXPECT_EQ(failure.payload, 42u);
    ASSERT_EQ(failure.frames.size(), 1u);
    EXPECT_EQ(failure.frames[0].function, "run");
  }
}

TEST(CoreFailures, HostFunctionOfAStartFunctionFails) {
  Guest guest;
  guest.import("host", "fail", kNothing,
               [](auto&, auto) -> Done { return CallError::make("not yet", 7); });
  const Failure failure = guest.refusal(
      R"((module (import "host" "fail" (func $fail)) (func $s (call $fail)) (start $s)))");
  EXPECT_EQ(failure.message, "not yet");
  EXPECT_EQ(failure.payload, 7u);
  EXPECT_EQ(failure.frames.size(), 1u);
}

// A guest whose allocator the host calls.
constexpr std::string_view kAllocating = R"((module
  (import "host" "fill" (func $fill (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 4096))
  (func $alloc (export "alloc") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 0))))
  (func $run (export "run") (param i32) (result i32)
    (i32.load8_u (call $fill (local.get 0)))))";

TEST_P(CoreEngines, HostFunctionCallsItsCaller) {
  Guest guest(GetParam());
  std::optional<CoreFunction> alloc;
  guest.import("host", "fill", kI32ToI32,
               [&alloc](CoreCaller& caller, std::span<FlatValue> values) -> Done {
                 TENON_TRY_VOID(caller.call(*alloc, values));
                 TENON_TRY(const auto bytes, caller.bytes(values[0].u32(), 1));
                 bytes[0] = 99;
                 return {};
               });
  guest.start(fmt::format("{})", kAllocating));
  alloc = guest.find("alloc", kI32ToI32);
  EXPECT_EQ(guest.call("run", 16), 99u);
  EXPECT_EQ(guest.instance->memory(guest.store)[4096], 99u);

  std::array values = {FlatValue::of_u32(0)};
  const auto called = guest.find("run", kI32ToI32).call(guest.store, values);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, FailureKind::Trap);
  EXPECT_THAT(called.error().message, HasSubstr("unreachable"));
  ASSERT_EQ(called.error().frames.size(), 2u);
  EXPECT_EQ(called.error().frames[0].function, "alloc");
  EXPECT_EQ(called.error().frames[1].function, "run");
}

TEST_P(CoreEngines, CallerIsUsableDuringItsStartFunction) {
  Guest guest(GetParam());
  guest.import("host", "fill", kI32ToI32,
               [](CoreCaller& caller, std::span<FlatValue> values) -> Done {
                 TENON_TRY(const CoreFunction alloc, caller.find_function("alloc", kI32ToI32));
                 EXPECT_FALSE(caller.find_function("none", kI32ToI32));
                 EXPECT_FALSE(caller.find_function("alloc", kNothing));
                 EXPECT_FALSE(caller.find_function("memory", kI32ToI32));
                 TENON_TRY_VOID(caller.call(alloc, values));
                 TENON_TRY(const auto bytes, caller.bytes(values[0].u32(), 1));
                 bytes[0] = 77;
                 return {};
               });
  guest.start(
      fmt::format("{} (func $s (drop (call $run (i32.const 1)))) (start $s))", kAllocating));
  EXPECT_EQ(guest.instance->memory(guest.store)[4096], 77u);
  EXPECT_EQ(guest.call("run", 1), 77u);
  EXPECT_EQ(guest.instance->memory(guest.store)[4097], 77u);
}

TEST(CoreCalls, CallerRefusesFunctionsOfAnotherStore) {
  Guest other;
  other.start(R"((module (func (export "run"))))");
  const CoreFunction foreign = other.find("run", kNothing);
  Guest guest;
  guest.import("host", "f", kNothing,
               [&](CoreCaller& caller, auto) -> Done { return caller.call(foreign, {}); });
  guest.start(R"((module (import "host" "f" (func $f)) (func (export "run") (call $f))))");
  EXPECT_THAT(guest.failure().message, HasSubstr("the function belongs to another store"));
}

TEST(CoreCalls, CallerRefusesTooFewValues) {
  Guest guest;
  guest.import("host", "f", kNothing, [&](CoreCaller& caller, auto) -> Done {
    return caller.call(guest.find("need", kI32ToI32), {});
  });
  guest.start(R"((module (import "host" "f" (func $f)) (func (export "run") (call $f))
    (func (export "need") (param i32) (result i32) (local.get 0))))");
  EXPECT_THAT(guest.failure().message, HasSubstr("too few values"));
}

TEST(CoreCalls, RunningStoreIsNotEntered) {
  Guest guest;
  std::optional<Failure> called;
  std::optional<Failure> instantiated;
  guest.import("host", "f", kNothing, [&](auto&, auto) -> Done {
    called = guest.find("run", kNothing).call(guest.store, {}).error();
    instantiated = guest.refusal("(module)");
    // Reading the memory does not enter the store.
    EXPECT_EQ(guest.instance->memory(guest.store).size(), 65536u);
    return {};
  });
  guest.start(R"((module (import "host" "f" (func $f)) (memory (export "memory") 1)
    (func (export "run") (call $f))))");
  ASSERT_TRUE(guest.find("run", kNothing).call(guest.store, {}));
  EXPECT_EQ(called->kind, FailureKind::Error);
  EXPECT_THAT(called->message, HasSubstr("enter the store that called it"));
  EXPECT_EQ(*instantiated, *called);
}

TEST(CoreCalls, EndlessRecursionThroughTheHostEnds) {
  Guest guest;
  guest.import("host", "f", kNothing, [&](CoreCaller& caller, auto) -> Done {
    return caller.call(guest.find("run", kNothing), {});
  });
  guest.start(R"((module (import "host" "f" (func $f)) (func (export "run") (call $f))))");
  const Failure failure = guest.failure();
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  EXPECT_THAT(failure.message, HasSubstr("call stack exhausted"));
}

TEST(CoreCalls, ReexportedHostFunctionCanBeCalled) {
  Guest guest;
  std::size_t bytes = 0;
  guest.import("host", "f", kI32ToI32,
               [&](CoreCaller& caller, std::span<FlatValue> values) -> Done {
                 bytes = caller.memory().size();
                 EXPECT_TRUE(caller.find_function("again", kI32ToI32));
                 values[0] = FlatValue::of_u32(values[0].u32() + 1);
                 return {};
               });
  guest.start(R"((module (import "host" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 2) (export "again" (func $f))))");
  EXPECT_EQ(guest.call("again", 4), 5u);
  EXPECT_EQ(bytes, 2 * 65536u);
}

// ---- Calls across two stores ----

constexpr std::string_view kForwarding = R"((module $front
  (import "back" "f" (func $f (param i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "front")
  (func $run (export "run") (param i32) (result i32) (call $f (local.get 0)))))";

TEST_P(CoreEngines, HostFunctionCallsAnotherStore) {
  Guest back(GetParam());
  back.start(R"((module $back (memory (export "memory") 1)
    (func $f (export "f") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then unreachable))
      (i32.load8_u (local.get 0)))))");
  const CoreFunction into = back.find("f", kI32ToI32);
  std::optional<Failure> inner;
  Guest front(GetParam());
  front.import("back", "f", kI32ToI32,
               [&](CoreCaller& caller, std::span<FlatValue> values) -> Done {
                 // Both memories at once.
                 const std::span<std::uint8_t> to = back.instance->memory(back.store);
                 TENON_TRY(const auto from, caller.bytes(0, 5));
                 std::ranges::copy(from, to.begin() + 100);
                 if (auto called = into.call(back.store, values); !called) {
                   inner = called.error();
                   return CallError::make("the back failed", 5);
                 }
                 EXPECT_EQ(caller.memory()[0], 'f');
                 return {};
               });
  front.start(kForwarding);
  EXPECT_EQ(front.call("run", 104), std::uint32_t{'t'});

  std::array values = {FlatValue::of_u32(0)};
  const auto called = front.find("run", kI32ToI32).call(front.store, values);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, FailureKind::Trap);
  EXPECT_EQ(called.error().payload, 5u);
  ASSERT_EQ(called.error().frames.size(), 1u);
  EXPECT_EQ(called.error().frames[0].module, "front");
  ASSERT_TRUE(inner);
  ASSERT_FALSE(inner->frames.empty());
  EXPECT_EQ(inner->frames[0].module, "back");
  EXPECT_THAT(inner->message, HasSubstr("unreachable"));
}

TEST(CoreCalls, CallBackIntoTheRunningStoreIsRefused) {
  Guest front;
  Guest back;
  std::optional<Failure> refused;
  back.import("front", "run", kI32ToI32, [&](auto&, std::span<FlatValue> values) -> Done {
    refused = front.find("run", kI32ToI32).call(front.store, values).error();
    return {};
  });
  back.start(R"((module (import "front" "run" (func $run (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $run (local.get 0)))))");
  front.import("back", "f", kI32ToI32, [&](auto&, std::span<FlatValue> values) -> Done {
    return back.find("f", kI32ToI32).call(back.store, values) ? Done() : CallError::make("no");
  });
  front.start(kForwarding);
  front.call("run", 1);
  ASSERT_TRUE(refused);
  EXPECT_THAT(refused->message, HasSubstr("enter the store that called it"));
}

// ---- Limits ----

TEST(CoreLimits, EndlessLoopIsInterrupted) {
  Guest guest;
  guest.start(R"((module (func $spin (export "run") (loop $again (br $again)))))");
  std::atomic<bool> ended = false;
  std::thread ticker([&] {
    while (!ended) {
      guest.engine.interrupt();
      std::this_thread::yield();
    }
  });
  const Failure failure = guest.failure();
  ended = true;
  ticker.join();
  EXPECT_EQ(failure.kind, FailureKind::Interrupted);
  ASSERT_FALSE(failure.frames.empty());
  EXPECT_EQ(failure.frames[0].function, "spin");
}

TEST(CoreLimits, GuestContinuesWhileTheCallbackAllowsIt) {
  Guest guest;
  guest.import("host", "interrupt", kNothing, [&](auto&, auto) -> Done {
    guest.engine.interrupt();
    return {};
  });
  guest.start(R"((module (import "host" "interrupt" (func $interrupt))
    (func (export "run") (param i32) (result i32)
      (loop $next
        (call $interrupt)
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $next (local.get 0)))
      (local.get 0))))");
  std::uint32_t left = 0;
  guest.store.ask_at_interruptions([&] { return left-- > 0; });
  const CoreFunction run = guest.find("run", kI32ToI32);
  const auto kind = [&](std::uint32_t interruptions) -> std::optional<FailureKind> {
    left = 3;
    std::array values = {FlatValue::of_u32(interruptions)};
    const auto called = run.call(guest.store, values);
    if (called) return std::nullopt;
    return called.error().kind;
  };
  EXPECT_EQ(kind(3), std::nullopt);
  EXPECT_EQ(kind(3), std::nullopt);
  EXPECT_EQ(kind(5), FailureKind::Interrupted);
}

TEST(CoreLimits, InterruptionInsideACallbackStaysAnInterruption) {
  Guest guest;
  guest.import("host", "f", kNothing, [&](CoreCaller& caller, auto) -> Done {
    guest.engine.interrupt();
    return caller.call(guest.find("spin", kNothing), {});
  });
  guest.start(R"((module (import "host" "f" (func $f))
    (func $spin (export "spin") (loop $again (br $again)))
    (func $run (export "run") (call $f))))");
  const Failure failure = guest.failure();
  EXPECT_EQ(failure.kind, FailureKind::Interrupted);
  ASSERT_EQ(failure.frames.size(), 2u);
  EXPECT_EQ(failure.frames[0].function, "spin");
  EXPECT_EQ(failure.frames[1].function, "run");
}

TEST(CoreLimits, StartFunctionIsInterrupted) {
  Guest guest;
  guest.import("host", "interrupt", kNothing, [&](auto&, auto) -> Done {
    guest.engine.interrupt();
    return {};
  });
  EXPECT_EQ(guest
                .refusal(R"((module (import "host" "interrupt" (func $interrupt))
    (func $s (call $interrupt) (loop $again (br $again))) (start $s)))")
                .kind,
            FailureKind::Interrupted);
}

TEST(CoreLimits, FuelEndsALoopAndIsShared) {
  Guest guest(kMetered, {.fuel = 10'000});
  guest.start(R"((module (func (export "run") (loop $again (br $again))) (func (export "f"))))");
  const std::uint64_t before = *guest.store.fuel();
  ASSERT_TRUE(guest.find("f", kNothing).call(guest.store, {}));
  EXPECT_LT(*guest.store.fuel(), before);
  EXPECT_EQ(guest.failure().kind, FailureKind::OutOfFuel);
  EXPECT_EQ(guest.failure("f").kind, FailureKind::OutOfFuel);
}

TEST(CoreLimits, StartFunctionNeedsFuel) {
  Guest guest(kMetered, {.fuel = 1000});
  EXPECT_EQ(guest.refusal(R"((module (func $s (loop $again (br $again))) (start $s)))").kind,
            FailureKind::OutOfFuel);
}

TEST(CoreLimits, MemoryIsBounded) {
  constexpr std::string_view kTwoPages = R"((module (memory 2)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))";
  EXPECT_EQ(Guest(kSync, {.memory_bytes = 131072}).start(kTwoPages).call("grow", 1), ~0u);
  EXPECT_EQ(Guest(kSync, {.memory_bytes = 196608}).start(kTwoPages).call("grow", 1), 2u);
  const Failure refused = Guest(kSync, {.memory_bytes = 65536}).refusal(kTwoPages);
  EXPECT_EQ(refused.kind, FailureKind::Error);
  EXPECT_THAT(refused.message, HasSubstr("memory"));
}

TEST(CoreLimits, TablesInstancesAndMemoriesAreBounded) {
  EXPECT_THAT(Guest(kSync, {.table_elements = 10}).refusal("(module (table 11 funcref))").message,
              HasSubstr("table"));
  EXPECT_THAT(
      Guest(kSync, {.tables = 1}).refusal("(module (table 1 funcref) (table 1 funcref))").message,
      HasSubstr("table"));
  EXPECT_THAT(Guest(kSync, {.memories = 1}).refusal("(module (memory 1) (memory 1))").message,
              HasSubstr("memor"));
  Guest guest(kSync, {.instances = 2});
  guest.start("(module)").start("(module)");
  EXPECT_THAT(guest.refusal("(module)").message, HasSubstr("instance"));
}

// ---- Lifetimes ----

class Counted final : public CoreHostFunction {
 public:
  explicit Counted(int& live) : live_(live) { ++live_; }
  ~Counted() override { --live_; }
  Done call(CoreCaller&, std::span<FlatValue>) override { return {}; }

 private:
  int& live_;
};

TEST(CoreLifetimes, FunctionsBelongToTheStore) {
  int live = 0;
  const auto import_counted = [&](std::string_view field) {
    std::vector<CoreHostImport> imports;
    imports.push_back({"a", std::string(field), kNothing, std::make_unique<Counted>(live)});
    return imports;
  };
  const Engine engine = *Engine::open(kSync);
  const CompiledModule code =
      *CompiledModule::compile(engine, assemble(R"((module (import "a" "f" (func))))"));
  {
    Store store = *Store::open_bare(engine);
    {
      ASSERT_TRUE(CoreInstance::instantiate(store, code, import_counted("f")));
    }
    EXPECT_EQ(live, 1);
    // A function that no import uses is freed at once.
    ASSERT_FALSE(CoreInstance::instantiate(store, code, import_counted("g")));
    EXPECT_EQ(live, 1);
  }
  EXPECT_EQ(live, 0);
}

TEST(CoreLifetimes, InstanceOutlivesItsCode) {
  Guest guest;
  {
    const CompiledModule code = *CompiledModule::compile(
        guest.engine, assemble(R"((module (func (export "f") (param i32) (result i32)
          (i32.add (local.get 0) (i32.const 1)))))"));
    guest.instance.emplace(*CoreInstance::instantiate(guest.store, code));
  }
  EXPECT_EQ(guest.call("f", 6), 7u);
}

std::size_t resident_pages() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident;
}

TEST(CoreLifetimes, ThousandInstancesLeaveNoMemory) {
  const Engine engine = *Engine::open(kSync);
  const CompiledModule code = *CompiledModule::compile(engine, assemble(R"((module
    (import "host" "f" (func $f))
    (memory (export "memory") 4)
    (func (export "run") (memory.fill (i32.const 0) (i32.const 1) (i32.const 262144)) (call $f)))
  )"));
  int live = 0;
  const auto run_one = [&] {
    Store store = *Store::open_bare(engine);
    std::vector<CoreHostImport> imports;
    imports.push_back({"host", "f", kNothing, std::make_unique<Counted>(live)});
    const auto instance = CoreInstance::instantiate(store, code, std::move(imports));
    ASSERT_TRUE(instance);
    const auto run = instance->find_function(store, "run", kNothing);
    ASSERT_TRUE(run && run->call(store, {}));
  };
  for (int i = 0; i < 100; ++i) run_one();
  const std::size_t before = resident_pages();
  for (int i = 0; i < 1000; ++i) run_one();
  EXPECT_EQ(live, 0);
  // Each had 64 pages of memory. A sanitizer delays some deallocations.
  EXPECT_LT(resident_pages(), before + 8 * 1024);
}

}  // namespace
}  // namespace tenon::engine::core_instance_test
