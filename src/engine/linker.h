// Instantiates compiled components, with WASI and host functions for their imports.
//
//   Linker linker = Linker::make(engine);
//   TENON_TRY_VOID(linker.add_wasi());
//   auto instance = linker.instantiate(store, code);       // Result<Instance, Failure>
//   auto end = instance->run_command(store, "wasi:cli/run@0.2.3");
//
// raw_call.h defines host functions and calls any export.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/failure.h"
#include "tenon/result.h"

namespace tenon::engine {

class CompiledComponent;
class CompiledModule;
class Denials;
class Engine;
class Store;

// The end of a command.
struct CommandEnd {
  enum class How {
    Returned,  // `run` returned; `exit_code` is 0 for ok and 1 for err
    Exited,    // the guest called `wasi:cli/exit`
  };
  How how = How::Returned;
  int exit_code = 0;

  bool operator==(const CommandEnd&) const = default;
};

// A live component. The store owns the instance and must outlive this object, which refers to it.
// Every function takes that store; with another one it fails with `FailureKind::Panic`.
class Instance final {
 public:
  struct Impl;

  Instance(Instance&&) noexcept;
  Instance& operator=(Instance&&) noexcept;
  ~Instance();

  // Calls `run` of an exported instance of `wasi:cli/run`, version 0.2, or 0.3 (async) on a
  // concurrent engine.
  // interface: name of the export, such as "wasi:cli/run@0.2.3".
  // Failures: `FailureKind::Trap`, `Interrupted`, `OutOfFuel`, with frames; `Error` if there is no
  //           such export or it does not have the type of a command. After a trap, nothing in the
  //           store can be called again.
  [[nodiscard]] Result<CommandEnd, Failure> run_command(Store& store,
                                                        std::string_view interface) const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  friend class PreparedComponent;
  explicit Instance(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// A component whose imports are resolved and type-checked, so that it can be instantiated many times.
// It keeps the code and the definitions that it uses alive; the linker can be destroyed.
// Move-only. Thread: any, also at the same time.
class PreparedComponent final {
 public:
  struct Impl;

  PreparedComponent(PreparedComponent&&) noexcept;
  PreparedComponent& operator=(PreparedComponent&&) noexcept;
  ~PreparedComponent();

  // Instantiates the component and runs its start functions.
  // store: of the engine of the code.
  // Failures: as `Instance::run_command`; `Exit` if a start function exits.
  [[nodiscard]] Result<Instance, Failure> instantiate(Store& store) const;

 private:
  friend class Linker;
  explicit PreparedComponent(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Move-only. Thread: one at a time while definitions are added, any afterwards.
class Linker final {
 public:
  struct Impl;

  static Linker make(const Engine& engine);

  Linker(Linker&&) noexcept;
  Linker& operator=(Linker&&) noexcept;
  ~Linker();

  // Defines WASI 0.2, and WASI 0.3 if the engine is concurrent. A component can import any patch
  // version of these. Features that WASI marks as unstable are left out.
  // Errors: run-engine.
  Result<void> add_wasi();
  // Defines what hosts provide of wasi:http 0.2 and 0.3. Stores need `Grants::has_http`.
  // Errors: run-engine. REQUIRES: add_wasi was called, and the engine is concurrent
  Result<void> add_http();

  // Kinds of resources that are not granted. A guest that requests one gets an empty answer, and
  // `denials` records the request.
  struct Watched {
    bool environment = false;
    bool file_system = false;
  };
  // REQUIRES: add_wasi was called.
  Result<void> watch(const Denials& denials, const Watched& watched);

  // Lets guests look up only these host names, ignoring case. A look-up reveals the name to a name
  // server, so any other name is refused before a query is sent, and recorded in `denials` unless
  // that is null. REQUIRES: add_wasi was called.
  Result<void> limit_names(std::span<const std::string> names, const Denials* denials);

  // Defines a core module that a component imports. `module` is shared, not copied.
  // Errors: run-engine (the name is defined already).
  Result<void> add_module(std::string_view name, const CompiledModule& module);

  // code: of this linker's engine.
  // Failures: `Error` (an import is not defined, or has another type).
  [[nodiscard]] Result<PreparedComponent, Failure> prepare(const CompiledComponent& code) const;
  // Prepares a component and instantiates it once.
  [[nodiscard]] Result<Instance, Failure> instantiate(Store& store,
                                                      const CompiledComponent& code) const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit Linker(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
