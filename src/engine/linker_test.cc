#include "engine/linker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/test_components.h"

namespace tenon::engine::linker_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr CommandEnd kOk = {CommandEnd::How::Returned, 0};
constexpr CommandEnd kErr = {CommandEnd::How::Returned, 1};

std::string importing_exit(std::string_view version) {
  return R"((component
    (import "wasi:cli/exit@)" +
         std::string(version) + R"(" (instance $exit
      (export "exit" (func (param "status" (result))))))
    (core func $exit (canon lower (func $exit "exit")))
    (core module $code
      (import "" "exit" (func $exit (param i32)))
      (func (export "run") (result i32) (call $exit (i32.const 1)) (i32.const 0)))
    (core instance $core (instantiate $code
      (with "" (instance (export "exit" (func $exit))))))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))";
}

constexpr std::string_view kAsyncCommand = R"((component
    (core func $return (canon task.return (result (result))))
    (core module $code
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) (call $return (i32.const 1)) (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $core (instantiate $code
      (with "" (instance (export "return" (func $return))))))
    (func $run async (result (result))
      (canon lift (core func $core "run") async (callback (func $core "callback"))))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.3.0" (instance $commands))))";

constexpr std::string_view kOpenImport = R"((component
    (import "acme:tax/lib@1.0.0" (instance $lib (export "rate" (func (result u32)))))
    (core func $rate (canon lower (func $lib "rate")))
    (core module $code
      (import "" "rate" (func $rate (result i32)))
      (func (export "run") (result i32) (call $rate)))
    (core instance $core (instantiate $code (with "" (instance (export "rate" (func $rate))))))
    (func $run (result (result)) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))";

constexpr std::string_view kTrappingStart = R"((component
    (core module $code (func $start unreachable) (start $start))
    (core instance $core (instantiate $code))))";

TEST(Command, ReturnsOkAndErr) {
  EXPECT_EQ(run(kSync, command("i32.const 0")).end(), kOk);
  EXPECT_EQ(run(kSync, command("i32.const 1")).end(), kErr);
}

TEST(Command, RunsOnEveryEngine) {
  for (const EngineConfig& config :
       {kAsync, kMetered, EngineConfig{Concurrency::Yes, Metering::Yes, Interruption::No},
        EngineConfig{Concurrency::No, Metering::No, Interruption::No}}) {
    EXPECT_EQ(run(config, command("i32.const 0")).end(), kOk) << config_name(config);
  }
}

TEST(Command, ExitIsNotAFailure) {
  constexpr CommandEnd kExited = {CommandEnd::How::Exited, 1};
  EXPECT_EQ(run(kSync, assemble(importing_exit("0.2.3"))).end(), kExited);
  EXPECT_EQ(run(kAsync, assemble(importing_exit("0.2.3"))).end(), kExited);
}

TEST(Command, EveryPatchOfATrackLinks) {
  for (const char* version : {"0.2.0", "0.2.6", "0.2.12", "0.2.99"}) {
    EXPECT_EQ(run(kSync, assemble(importing_exit(version))).end().exit_code, 1) << version;
  }
}

TEST(Command, IsFoundByItsExactName) {
  const RunResult ran = run(kSync, command("i32.const 0"), {}, "wasi:cli/walk@0.2.3");
  EXPECT_EQ(ran.failure().kind, FailureKind::Error);
  EXPECT_THAT(ran.failure().message, HasSubstr("no instance `wasi:cli/walk@0.2.3` is exported"));
}

TEST(Command, OfAnotherTypeIsRefused) {
  const Bytes component = assemble(R"((component
    (core module $code (func (export "run") (result i32) i32.const 0))
    (core instance $core (instantiate $code))
    (func $run (result u32) (canon lift (core func $core "run")))
    (instance $commands (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $commands))))");
  const RunResult ran = run(kSync, component);
  EXPECT_EQ(ran.failure().kind, FailureKind::Error);
  EXPECT_THAT(ran.failure().message, HasSubstr("not of type `func() -> result`"));
}

TEST(Command, AsyncNeedsAConcurrentEngine) {
  const Bytes component = assemble(kAsyncCommand);
  EXPECT_EQ(run(kAsync, component, {}, "wasi:cli/run@0.3.0").end(), kErr);
  EXPECT_THAT(run(kSync, component, {}, "wasi:cli/run@0.3.0").failure().message,
              HasSubstr("async"));
}

TEST(Command, TrapNamesItsFunction) {
  const Failure failure = run(kSync, command("unreachable")).failure();
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  EXPECT_EQ(failure.message, "wasm `unreachable` instruction executed");
  ASSERT_EQ(failure.frames.size(), 1u);
  EXPECT_EQ(failure.frames[0].function, "run");
  EXPECT_EQ(failure.frames[0].module, "code");
}

TEST(Command, NothingRunsInAStoreThatTrapped) {
  const Result<Engine> engine = Engine::open(kSync);
  Result<Store> store = Store::open(*engine, {});
  const Result<CompiledComponent> code =
      CompiledComponent::compile(*engine, command("unreachable"));
  const Linker linker = Linker::make(*engine);
  const Result<Instance, Failure> instance = linker.instantiate(*store, *code);
  ASSERT_TRUE(instance);
  EXPECT_FALSE(instance->run_command(*store, "wasi:cli/run@0.2.3"));
  const auto again = instance->run_command(*store, "wasi:cli/run@0.2.3");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("cannot enter component instance"));
}

TEST(Command, AStoreOfAnotherInstanceIsAPanic) {
  const Result<Engine> engine = Engine::open(kSync);
  Result<Store> store = Store::open(*engine, {});
  Result<Store> other = Store::open(*engine, {});
  const Result<CompiledComponent> code =
      CompiledComponent::compile(*engine, command("i32.const 0"));
  const Linker linker = Linker::make(*engine);
  const Result<Instance, Failure> instance = linker.instantiate(*store, *code);
  ASSERT_TRUE(instance);
  const auto ran = instance->run_command(*other, "wasi:cli/run@0.2.3");
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().kind, FailureKind::Panic);
}

TEST(Linker, NamesAMissingImport) {
  const Failure failure = run(kSync, assemble(kOpenImport)).failure();
  EXPECT_EQ(failure.kind, FailureKind::Error);
  EXPECT_THAT(failure.message, HasSubstr("acme:tax/lib@1.0.0"));
}

TEST(Linker, WasiIsDefinedOnce) {
  const Result<Engine> engine = Engine::open(kSync);
  Linker linker = Linker::make(*engine);
  ASSERT_TRUE(linker.add_wasi());
  const Result<void> again = linker.add_wasi();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().front().code, "run-engine");
}

TEST(Linker, AStartFunctionCanTrap) {
  const Failure failure = run(kSync, assemble(kTrappingStart)).failure();
  EXPECT_EQ(failure.kind, FailureKind::Trap);
  ASSERT_EQ(failure.frames.size(), 1u);
  EXPECT_EQ(failure.frames[0].function, "start");
}

TEST(Linker, ACommandThatOnlyReturnsWritesNothing) {
  const RunResult ran = run(kSync, command("i32.const 0"));
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, IsEmpty());
}

}  // namespace
}  // namespace tenon::engine::linker_test
