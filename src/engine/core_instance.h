// Instances of core modules, which import functions of the host and nothing else.
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

// A host function for an import. What two imports of one name and type ask for is one function.
struct CoreHostImport {
  std::string module;
  std::string field;
  CoreFunctionType type;
  std::unique_ptr<CoreHostFunction> function;  // not null
};

// A live core module in a store, which owns it and must outlive it: this names the instance.
// Move-only. Thread: that of its store.
class CoreInstance final {
 public:
  struct Impl;

  // Makes an instance: its start function runs. The store's limits hold, and its bounds on fuel and
  // time.
  // code, store: of one engine.
  // imports: what the module does not import is left out. The store owns the functions from now on,
  //          until it is dropped itself.
  // Failures: as `CoreFunction::call`; `Error` for imports that nobody gives, of another type than
  //           they are given with, or given twice: each is named; for a store that is running a
  //           guest; and for limits that do not suffice.
  [[nodiscard]] static Result<CoreInstance, Failure> instantiate(
      Store& store, const CompiledModule& code, std::vector<CoreHostImport> imports = {});

  CoreInstance(CoreInstance&&) noexcept;
  CoreInstance& operator=(CoreInstance&&) noexcept;
  ~CoreInstance();

  // An exported function, for any number of calls. What an export is, and whether it is there, is
  // asked by `CompiledModule::find_export`.
  // Failures: `Error` if there is none, it has another type (both are said) or one with values that
  //           are no numbers, or for another store.
  [[nodiscard]] Result<CoreFunction, Failure> find_function(Store& store, std::string_view name,
                                                            const CoreFunctionType& type) const;

  // Whether a memory is exported as `memory`. It may have 64-bit addresses.
  [[nodiscard]] bool has_memory() const;
  // That memory; empty without one, and for another store.
  // Lifetime: until a guest runs in the store. Looked up by nothing: as cheap as two calls.
  [[nodiscard]] std::span<std::uint8_t> memory(Store& store) const;

 private:
  explicit CoreInstance(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
