#include "engine/engine.h"

#include <unistd.h>

#include <utility>

#include "engine/seam.h"
#include "support/limits.h"
#include "support/sha256.h"

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
  tenon_engine_config_language_set(config, options.concurrency == Concurrency::Yes);
  // The engine's adapters between components are core functions: inlining them makes a scalar call
  // ten times cheaper.
  tenon_engine_config_inlining_set(config, true);
  tenon_engine_config_backtrace_set(config, limits::kBacktraceFrames, true);
  wasmtime_config_epoch_interruption_set(config, options.interruption == Interruption::Yes);
  wasmtime_config_consume_fuel_set(config, options.metering == Metering::Yes);
  wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
  wasmtime_config_parallel_compilation_set(
      config, kParallelCompilation && options.compiler == CompilerThreads::All && !is_forked());
  return config;
}

}  // namespace

std::string config_name(const EngineConfig& config) {
  std::string name = config.concurrency == Concurrency::Yes ? "async" : "sync";
  if (config.metering == Metering::Yes) name += "-metered";
  if (config.interruption == Interruption::Yes) name += "-interruptible";
  return name;
}

std::string_view engine_version() { return to_text(tenon_engine_version()); }

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::open(const EngineConfig& config) {
  auto impl = std::make_unique<Impl>();
  wasm_engine_t* engine = nullptr;
  if (wasmtime_error_t* error = tenon_engine_new(make_config(config), &engine)) {
    return take_error(Code::RunEngine, "the engine cannot be created", error);
  }
  impl->handle.reset(engine);
  impl->config = config;

  OwnedBytes compatibility;
  if (wasmtime_error_t* error = tenon_engine_compatibility(engine, compatibility.out())) {
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
