// The engine: one configuration of wasmtime, and what every other object of this folder is made by.
//
// An engine without concurrency support calls between components at half the cost, so a domain that
// has no async type runs on one. An engine that can interrupt its guests pays for it in every
// function and loop: five times the cost of a scalar call that was inlined.
//
//   TENON_TRY(Engine engine, Engine::open({}));
//   TENON_TRY(CompiledComponent code, CompiledComponent::compile(engine, bytes));
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::engine {

// Yes: `async func`, streams, futures and error-context in component types, and WASI 0.3.
enum class Concurrency { No, Yes };

// Yes: guests consume fuel, and a store has a bound on it.
enum class Metering { No, Yes };

// Yes: `Engine::interrupt` ends guests that run.
enum class Interruption { No, Yes };

struct EngineConfig {
  Concurrency concurrency = Concurrency::No;
  Metering metering = Metering::No;
  Interruption interruption = Interruption::Yes;

  bool operator==(const EngineConfig&) const = default;
};

// Words for file names and messages, such as "async-metered-interruptible" or "sync".
std::string config_name(const EngineConfig& config);

// Move-only. Thread: any; all functions are safe to call at the same time. Code and stores made by
// an engine keep its inner parts alive, so it may be dropped before them.
class Engine final {
 public:
  struct Impl;

  // Makes an engine. Starts no thread.
  // Errors: run-engine (the host cannot run it).
  static Result<Engine> open(const EngineConfig& config);

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  [[nodiscard]] const EngineConfig& config() const;

  // Stops every guest that runs on this engine, unless `Store::set_patience` lets it go on: each
  // ends with a `FailureKind::Interrupted`, at its next loop or call. A guest that waits in a WASI
  // call ends when that call returns. Guests that start later are not touched. Without
  // `Interruption::Yes` nothing happens. Async-signal-safe.
  void interrupt() const noexcept;

  // Hexadecimal digest of everything that compiled code depends on: the engine's version, its
  // configuration, the compiler's settings and this host's processor. Equal fingerprints: code may
  // be exchanged.
  [[nodiscard]] const std::string& fingerprint() const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit Engine(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Version of the engine, such as "48.0.8". Static storage.
std::string_view engine_version();

}  // namespace tenon::engine
