#include "engine/engine.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/test_components.h"
#include "tenon/inspect.h"

namespace tenon::engine::engine_test {
namespace {

std::vector<EngineConfig> all_configs() {
  std::vector<EngineConfig> configs;
  for (const Concurrency concurrency : {Concurrency::No, Concurrency::Yes}) {
    for (const Metering metering : {Metering::No, Metering::Yes}) {
      for (const Interruption interruption : {Interruption::No, Interruption::Yes}) {
        configs.push_back({concurrency, metering, interruption});
      }
    }
  }
  return configs;
}

TEST(Engine, FingerprintDependsOnTheConfiguration) {
  std::set<std::string> fingerprints;
  std::set<std::string> names;
  for (const EngineConfig& config : all_configs()) {
    const Result<Engine> engine = Engine::open(config);
    const Result<Engine> twin = Engine::open(config);
    ASSERT_TRUE(engine);
    ASSERT_TRUE(twin);
    EXPECT_EQ(engine->fingerprint(), twin->fingerprint());
    EXPECT_EQ(engine->fingerprint().size(), 64u);
    fingerprints.insert(engine->fingerprint());
    names.insert(config_name(config));
  }
  EXPECT_EQ(fingerprints.size(), 8u);
  EXPECT_EQ(names.size(), 8u);
}

TEST(Engine, VersionIsTheOneOfTheBuild) {
  EXPECT_EQ(fmt::format("wasmtime {}", engine_version()), tenon::engine_version());
}

TEST(Engine, NoticesHandlersThatCannotPassSignalsOn) {
  ASSERT_TRUE(Engine::open({}));
  std::vector<std::pair<int, std::string>> signals = {{SIGSEGV, "SIGSEGV"}, {SIGILL, "SIGILL"}};
#if defined(__x86_64__)
  signals.emplace_back(SIGFPE, "SIGFPE");
#endif
  for (const auto& [signal, name] : signals) {
    struct sigaction of_engine = {};
    struct sigaction other = {};
    other.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(signal, &other, &of_engine), 0);
    const Result<Engine> refused = Engine::open({});
    other.sa_handler = SIG_DFL;
    ::sigaction(signal, &other, nullptr);
    const Result<void> without = check_signal_handlers();
    // This one gets all that it needs to call the previous one.
    other.sa_flags = SA_SIGINFO;
    other.sa_sigaction = [](int, siginfo_t*, void*) {};
    ::sigaction(signal, &other, nullptr);
    EXPECT_TRUE(check_signal_handlers());
    ::sigaction(signal, &of_engine, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().code, "run-signals");
    EXPECT_THAT(refused.error().front().message,
                testing::AllOf(testing::HasSubstr(name), testing::HasSubstr("unit_test")));
    ASSERT_FALSE(without);
    EXPECT_THAT(without.error().front().message, testing::HasSubstr("the default action"));
  }
  EXPECT_TRUE(check_signal_handlers());
}

TEST(Engine, InterruptEndsALoop) {
  for (const EngineConfig& config : {kSync, kAsync}) {
    const Result<Engine> engine = Engine::open(config);
    Result<Store> store = Store::open(*engine, {});
    std::atomic<bool> ended = false;
    // Repeatedly, because the guest may not have started yet.
    std::jthread interrupter([&](const std::stop_token& stop) {
      while (!stop.stop_requested() && !ended) {
        engine->interrupt();
        std::this_thread::yield();
      }
    });
    const RunResult ran = run_in(*engine, *store, command("(loop $again (br $again)) i32.const 0"));
    ended = true;
    EXPECT_EQ(ran.failure().kind, FailureKind::Interrupted);
  }
}

TEST(Engine, InterruptDoesNotStopGuestsThatStartLater) {
  const Result<Engine> engine = Engine::open(kSync);
  Result<Store> store = Store::open(*engine, {});
  engine->interrupt();
  engine->interrupt();
  EXPECT_EQ(run_in(*engine, *store, command("i32.const 0")).end().exit_code, 0);
}

TEST(Engine, CanBeDroppedBeforeItsCodeAndStores) {
  Result<Engine> engine = Engine::open(kSync);
  Result<Store> store = Store::open(*engine, {});
  const Result<CompiledComponent> code =
      CompiledComponent::compile(*engine, command("i32.const 0"));
  const Linker linker = Linker::make(*engine);
  {
    const Engine dropped = *std::move(engine);
  }
  const Result<Instance, Failure> instance = linker.instantiate(*store, *code);
  ASSERT_TRUE(instance);
  EXPECT_TRUE(instance->run_command(*store, "wasi:cli/run@0.2.3"));
}

}  // namespace
}  // namespace tenon::engine::engine_test
