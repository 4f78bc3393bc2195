#include "engine/engine.h"

#include <dlfcn.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "engine/seam.h"
#include "engine/sha256.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

// The compiler's threads are not instrumented, so the thread sanitizer does not see how they
// synchronize, and reports races that are not there.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TENON_COMPILES_ON_ONE_THREAD
#endif
#endif
#ifdef TENON_COMPILES_ON_ONE_THREAD
constexpr bool kParallelCompilation = false;
#else
constexpr bool kParallelCompilation = true;
#endif

// Whether this process was forked from one that may have compiled: it does not have the threads of the
// compiler, and would wait for them for ever.
bool is_forked() {
  static const pid_t first = ::getpid();
  return ::getpid() != first;
}

wasm_config_t* make_config(const EngineConfig& options) {
  wasm_config_t* config = wasm_config_new();
  tnengine_config_language_set(config, options.concurrency == Concurrency::Yes);
  // The engine's adapters between components are core functions: inlining them makes a scalar call
  // ten times cheaper.
  tnengine_config_inlining_set(config, true);
  tnengine_config_backtrace_set(config, limits::kBacktraceFrames, true);
  wasmtime_config_epoch_interruption_set(config, options.interruption == Interruption::Yes);
  wasmtime_config_consume_fuel_set(config, options.metering == Metering::Yes);
  if (options.kept_memories != 0) tnengine_config_kept_memories_set(config, options.kept_memories);
  wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
  wasmtime_config_parallel_compilation_set(
      config, kParallelCompilation && options.compiler == CompilerThreads::All && !is_forked());
  return config;
}

// Whether this process has the signal handlers of the engine, which its first engine installs.
std::atomic<bool>& has_handlers() {
  static std::atomic<bool> value = false;
  return value;
}

// Describes the handler of a signal, for messages.
std::string name_handler(const struct sigaction& action) {
  if (action.sa_handler == SIG_DFL) return "the default action";
  if (action.sa_handler == SIG_IGN) return "no action";
  Dl_info place = {};
  if (::dladdr(reinterpret_cast<const void*>(action.sa_handler), &place) == 0 ||
      place.dli_fname == nullptr)
    return "a handler of an unknown file";
  if (place.dli_sname == nullptr) return fmt::format("a handler of `{}`", place.dli_fname);
  return fmt::format("`{}` of `{}`", place.dli_sname, place.dli_fname);
}

}  // namespace

Result<void> check_signal_handlers() {
  if (!has_handlers().load(std::memory_order_relaxed)) return {};
  constexpr std::pair<int, std::string_view> kSignals[] = {
      {SIGSEGV, "SIGSEGV"},
      {SIGILL, "SIGILL"},
#if defined(__x86_64__) || defined(__s390x__)
      {SIGFPE, "SIGFPE"},  // a division by zero; elsewhere, guests check for it
#endif
  };
  for (const auto& [signal, name] : kSignals) {
    struct sigaction action = {};
    if (::sigaction(signal, nullptr, &action) != 0 || (action.sa_flags & SA_SIGINFO) != 0) continue;
    Diagnostic problem = make_diagnostic(
        Code::RunSignals,
        "the engine's handler of {} was replaced by {}: a trap of a guest would end "
        "the process",
        name, name_handler(action));
    problem.hints.emplace_back(
        "install other handlers before the first link (in Python: `faulthandler.enable()`)");
    return problem;
  }
  return {};
}

Result<void> recheck_signal_handlers() {
  static std::atomic<std::int64_t> checked = -1;  // when they were right, in nanoseconds
  struct timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  const std::int64_t tick = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  if (checked.load(std::memory_order_relaxed) == tick) return {};
  TENON_TRY_VOID(check_signal_handlers());
  checked.store(tick, std::memory_order_relaxed);
  return {};
}

std::string config_name(const EngineConfig& config) {
  std::string name = config.concurrency == Concurrency::Yes ? "async" : "sync";
  if (config.metering == Metering::Yes) name += "-metered";
  if (config.interruption == Interruption::Yes) name += "-interruptible";
  return name;
}

std::string_view engine_version() { return to_text(tnengine_version()); }

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::open(const EngineConfig& config) {
  auto impl = std::make_unique<Impl>();
  wasm_engine_t* engine = nullptr;
  if (wasmtime_error_t* error = tnengine_new(make_config(config), &engine)) {
    return take_error(Code::RunEngine, "the engine cannot be created", error);
  }
  impl->handle.reset(engine);
  impl->config = config;
  has_handlers().store(true, std::memory_order_relaxed);
  TENON_TRY_VOID(check_signal_handlers());

  OwnedBytes compatibility;
  if (wasmtime_error_t* error = tnengine_compatibility(engine, compatibility.out())) {
    return take_error(Code::RunEngine, "the engine's settings cannot be read", error);
  }
  std::vector<std::uint8_t> settings = compatibility.to_vector();
  const std::string name = fmt::format("{}/{}", engine_version(), config_name(config));
  settings.insert(settings.end(), name.begin(), name.end());
  impl->fingerprint = sha256_hex(settings);
  return Engine(std::move(impl));
}

const EngineConfig& Engine::config() const { return impl_->config; }

const std::string& Engine::fingerprint() const { return impl_->fingerprint; }

void Engine::interrupt() const noexcept { wasmtime_engine_increment_epoch(impl_->handle.get()); }

}  // namespace tenon::engine
