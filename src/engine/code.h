// Compiled components: the bytes of a component, validated and compiled to machine code for one
// engine.
//
//   TENON_TRY(const CompiledComponent code, CompiledComponent::compile(engine, bytes));
//   auto instance = linker.instantiate(store, code);
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "tenon/result.h"

namespace tenon::engine {

class Engine;

// Validates a component without compiling it. Accepts everything that a concurrent engine accepts:
// the whole grammar that tenon reads, including async functions and streams.
// component: bytes of a component; a core module is refused.
// Errors:    read-invalid, with the validator's message and the byte offset in `where.offset`.
//            The caller fills in file and unit.
[[nodiscard]] Result<void> validate_component(std::span<const std::uint8_t> component);

// The same for a core module; a component is refused.
[[nodiscard]] Result<void> validate_module(std::span<const std::uint8_t> module);

// Immutable and move-only. Thread: any, also at the same time.
class CompiledComponent final {
 public:
  struct Impl;

  // Validates and compiles a component. Uses as many threads as the machine has cores.
  // Errors: read-invalid (message and byte offset), run-engine (the compiler refused it).
  static Result<CompiledComponent> compile(const Engine& engine,
                                           std::span<const std::uint8_t> component);

  // Maps a file of compiled code. Its bytes become machine code of this process, so only this user
  // can be allowed to write the file. `CodeCache::load_or_compile` checks that; this function does
  // not.
  // file: begins with the output of `serialize`, from an engine of the same fingerprint.
  // Errors: run-engine (no such file, written for another engine or host, or a damaged header).
  static Result<CompiledComponent> deserialize_trusted_file(const Engine& engine,
                                                            const std::filesystem::path& file);
  // As `deserialize_trusted_file`, but copies the code, which takes longer.
  static Result<CompiledComponent> deserialize_trusted(const Engine& engine,
                                                       std::span<const std::uint8_t> image);

  CompiledComponent(CompiledComponent&&) noexcept;
  CompiledComponent& operator=(CompiledComponent&&) noexcept;
  ~CompiledComponent();

  // The machine code and its tables, for `deserialize_trusted_file` on an engine of the same
  // fingerprint. Errors: run-engine.
  [[nodiscard]] Result<std::vector<std::uint8_t>> serialize() const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit CompiledComponent(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
