// Compiled core modules: the bytes of a WebAssembly module that is not a component, compiled to
// machine code for one engine, and the types of its imports and exports.
//
//   TENON_TRY(const CompiledModule code, CompiledModule::compile(engine, bytes));
//   for (const CoreImportType& import : code.imports()) ...
//
// core_instance.h instantiates them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/result.h"

namespace tenon::engine {

class Engine;

// Other: a vector or a reference, which cannot be passed to or from the host.
enum class CoreValueType : std::uint8_t { I32, I64, F32, F64, Other };

struct CoreFunctionType {
  std::vector<CoreValueType> params = {};
  std::vector<CoreValueType> results = {};

  // Exact for types that the host can call. Two types with `Other` can compare equal and differ.
  bool operator==(const CoreFunctionType&) const = default;
};

struct CoreTableType {
  bool operator==(const CoreTableType&) const = default;
};

enum class AddressWidth : std::uint8_t { Bits32, Bits64 };
enum class MemorySharing : std::uint8_t { Unshared, Shared };

// Sizes are in bytes: pages may be smaller than 64 KiB.
struct CoreMemoryType {
  std::uint64_t min_bytes = 0;
  std::optional<std::uint64_t> max_bytes = {};
  AddressWidth addresses = AddressWidth::Bits32;
  MemorySharing sharing = MemorySharing::Unshared;

  bool operator==(const CoreMemoryType&) const = default;
};

enum class Mutability : std::uint8_t { Constant, Variable };

struct CoreGlobalType {
  CoreValueType value = CoreValueType::Other;
  Mutability mutability = Mutability::Constant;

  bool operator==(const CoreGlobalType&) const = default;
};

// The type of an exception.
struct CoreTagType {
  bool operator==(const CoreTagType&) const = default;
};

using CoreExternType =
    std::variant<CoreFunctionType, CoreTableType, CoreMemoryType, CoreGlobalType, CoreTagType>;

struct CoreImportType {
  std::string module;
  std::string field;
  CoreExternType type;

  bool operator==(const CoreImportType&) const = default;
};

struct CoreExportType {
  std::string name;
  CoreExternType type;

  bool operator==(const CoreExportType&) const = default;
};

// Whether the host can call a function of this type, and provide one: all its values are numbers.
[[nodiscard]] bool is_callable(const CoreFunctionType& type);

// Text for messages: "(i32, i32) -> (i64)", "a memory with 64-bit addresses", "a mutable global of
// i32".
[[nodiscard]] std::string describe(const CoreFunctionType& type);
[[nodiscard]] std::string describe(const CoreExternType& type);

// Immutable and move-only. Thread: any, also at the same time.
class CompiledModule final {
 public:
  struct Impl;

  // Validates and compiles a core module. Uses as many threads as the machine has cores.
  // Errors: read-invalid (message and byte offset; also for a component), run-engine (the compiler
  // refused it).
  static Result<CompiledModule> compile(const Engine& engine, std::span<const std::uint8_t> module);

  // As `CompiledComponent::deserialize_trusted_file`, for the output of
  // `CompiledModule::serialize`.
  // Errors: run-engine; also for the code of a component.
  static Result<CompiledModule> deserialize_trusted_file(const Engine& engine,
                                                         const std::filesystem::path& file);
  static Result<CompiledModule> deserialize_trusted(const Engine& engine,
                                                    std::span<const std::uint8_t> image);

  CompiledModule(CompiledModule&&) noexcept;
  CompiledModule& operator=(CompiledModule&&) noexcept;
  ~CompiledModule();

  // The machine code and its tables, for `deserialize_trusted_file` on an engine of the same
  // fingerprint. Errors: run-engine.
  [[nodiscard]] Result<std::vector<std::uint8_t>> serialize() const;

  // The address of the machine code, which `GuestFrame::code` refers to. Unique among live code.
  [[nodiscard]] std::uintptr_t address() const;

  // In the order of the module. Two imports can have the same name; names of exports are unique.
  // Lifetime: the module's.
  [[nodiscard]] const std::vector<CoreImportType>& imports() const;
  [[nodiscard]] const std::vector<CoreExportType>& exports() const;
  // Null if there is no export of that name. Lifetime: the module's.
  [[nodiscard]] const CoreExternType* find_export(std::string_view name) const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit CompiledModule(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
