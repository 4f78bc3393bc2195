// Compiled core modules: bytes of a module that is no component, turned into machine code for one
// engine. What a module may import and how it is called is core_instance.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core_type.h"
#include "tenon/result.h"

namespace tenon::engine {

class Engine;

// Immutable and move-only. Thread: any, also at the same time.
class CompiledModule final {
 public:
  struct Impl;

  // Validates and compiles a core module. Uses as many threads as the machine has cores.
  // Errors: read-invalid (message and byte offset; also for a component), run-engine (the compiler
  // refused it).
  static Result<CompiledModule> compile(const Engine& engine, std::span<const std::uint8_t> module);

  // As `CompiledComponent::deserialize_trusted_file`, with what `serialize` of a module wrote.
  // Errors: run-engine; also for the code of a component.
  static Result<CompiledModule> deserialize_trusted_file(const Engine& engine,
                                                         const std::filesystem::path& file);

  CompiledModule(CompiledModule&&) noexcept;
  CompiledModule& operator=(CompiledModule&&) noexcept;
  ~CompiledModule();

  // The machine code and its tables, for `deserialize_trusted_file` on an engine of the same
  // fingerprint. Errors: run-engine.
  [[nodiscard]] Result<std::vector<std::uint8_t>> serialize() const;

  // In the order of the module. Two imports may have one name; exports have names of their own.
  // Lifetime: the module's.
  [[nodiscard]] const std::vector<CoreImportType>& imports() const;
  [[nodiscard]] const std::vector<CoreExportType>& exports() const;
  // Null: there is none. Lifetime: the module's.
  [[nodiscard]] const CoreExternType* find_export(std::string_view name) const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit CompiledModule(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
