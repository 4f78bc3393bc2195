// Instances of core modules, which can import host functions and nothing else.
//
//   std::vector<CoreHostImport> imports;
//   imports.push_back({.module = "host", .field = "log", .type = {.params = {I32, I32}},
//                      .function = std::make_unique<Log>()});
//   auto instance = CoreInstance::instantiate(store, code, std::move(imports));
//   auto run = instance->find_function(store, "run", {.params = {I32}, .results = {I32}});
//   std::array values = {FlatValue::of_u32(5)};
//   auto called = run->call(store, values);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core_call.h"
#include "engine/core_module.h"
#include "engine/failure.h"
#include "tenon/result.h"

namespace tenon::engine {

class CompiledModule;
class Store;

// A host function for an import. If a module imports one name twice, both imports get the same
// function.
struct CoreHostImport {
  std::string module;
  std::string field;
  CoreFunctionType type;
  std::unique_ptr<CoreHostFunction> function;  // not null
};

// A live core module. The store owns the instance and must outlive this object, which refers to it.
// Move-only. Thread: that of its store.
class CoreInstance final {
 public:
  struct Impl;

  // Instantiates `code` and runs its start function, within the store's limits on memory, fuel and
  // time.
  // code, store: of the same engine.
  // imports: functions for the module's imports; unused ones are ignored. The store takes ownership
  //          of all of them and keeps them until it is dropped.
  // Failures: as `CoreFunction::call`; `Error`, naming each import, if an import is missing, has a
  //           type that differs from its function's, or is provided twice; `Error` if a guest is
  //           running in the store, or if a limit of the store is exceeded.
  [[nodiscard]] static Result<CoreInstance, Failure> instantiate(
      Store& store, const CompiledModule& code, std::vector<CoreHostImport> imports = {});

  CoreInstance(CoreInstance&&) noexcept;
  CoreInstance& operator=(CoreInstance&&) noexcept;
  ~CoreInstance();

  // An exported function, for any number of calls. `CompiledModule::find_export` answers whether an
  // export exists, and its type.
  // Failures: `Error` if there is no such function, if its type differs (the message names both),
  //           if the type has vectors or references, or for another store.
  [[nodiscard]] Result<CoreFunction, Failure> find_function(Store& store, std::string_view name,
                                                            const CoreFunctionType& type) const;

  // Whether the instance exports a memory as `memory`. The memory can have 64-bit addresses.
  [[nodiscard]] bool has_memory() const;
  // That memory; empty if there is none, and for another store. Cheap: it looks up no name.
  // Lifetime: until a guest runs in the store.
  [[nodiscard]] std::span<std::uint8_t> memory(Store& store) const;

 private:
  explicit CoreInstance(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
