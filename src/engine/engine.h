// The engine: one configuration of wasmtime. Every other object of this folder belongs to an
// engine.
//
//   TENON_TRY(Engine engine, Engine::open({}));
//   TENON_TRY(CompiledComponent code, CompiledComponent::compile(engine, bytes));
//
// There is one engine for each configuration in use, because options cost speed. Without
// concurrency support, a call between components costs half as much, so a domain that has no async
// type runs on such an engine. Interruption adds a check to every function and loop: a scalar call
// that was inlined costs five times as much.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::engine {

// Yes: component types can have `async func`, streams, futures and error-context; WASI 0.3.
enum class Concurrency { No, Yes };

// Yes: guests consume fuel, and a store can limit it.
enum class Metering { No, Yes };

// Yes: `Engine::interrupt` stops running guests.
enum class Interruption { No, Yes };

// The threads that compile one component or module: as many as the machine has cores, or the one
// that calls.
enum class CompilerThreads { All, One };

struct EngineConfig {
  Concurrency concurrency = Concurrency::No;
  Metering metering = Metering::No;
  Interruption interruption = Interruption::Yes;
  // These do not change the code.
  CompilerThreads compiler = CompilerThreads::All;
  // Memories whose mappings are kept for the next instances: making an instance and dropping it takes a third of
  // the time. For each, 4 GiB of address space are reserved. 0: none are kept.
  std::uint32_t kept_memories = 0;

  bool operator==(const EngineConfig&) const = default;
};

// A name for what the code of a configuration depends on, such as "async-metered-interruptible" or
// "sync".
std::string config_name(const EngineConfig& config);

// Move-only. Thread: any; all functions can be called at the same time. Lifetime: code and stores
// of an engine keep its inner parts alive, so the engine can be dropped before them.
class Engine final {
 public:
  struct Impl;

  // Starts no thread. The first one of a process installs signal handlers. Errors: run-engine (this host
  // does not support the configuration), run-signals.
  static Result<Engine> open(const EngineConfig& config);

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  [[nodiscard]] const EngineConfig& config() const;

  // Stops every guest that is running on this engine, unless `Store::ask_at_interruptions` lets it
  // continue. A guest stops at its next loop iteration or call, with `FailureKind::Interrupted`;
  // one that is waiting in a WASI call stops when that call returns. Guests that start later are
  // not affected. Without `Interruption::Yes` this does nothing. Async-signal-safe.
  void interrupt() const noexcept;

  // Hexadecimal digest of everything that compiled code depends on: the engine's version, its
  // configuration, the compiler's settings and this host's processor. Engines with equal
  // fingerprints can exchange compiled code.
  [[nodiscard]] const std::string& fingerprint() const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit Engine(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Whether the traps of guests reach the engine. It turns SIGSEGV, SIGILL and, on x86-64, SIGFPE of guests
// into traps, by handlers that call those of before. One that is installed later must do the same; without
// SA_SIGINFO it cannot, and a trap would end the process. Errors: run-signals.
[[nodiscard]] Result<void> check_signal_handlers();
// The same, unless they were found right within this tick of the clock (some milliseconds): three system calls
// take a third of the time of a call by text.
[[nodiscard]] Result<void> recheck_signal_handlers();

// Version of the engine, such as "48.0.8". Static storage.
std::string_view engine_version();

}  // namespace tenon::engine
