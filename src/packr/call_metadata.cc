#include "packr/call_metadata.h"

#include <fmt/core.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "engine/store.h"
#include "packr/find_metadata.h"
#include "packr/payload_reader.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using engine::CallError;
using engine::FlatValue;

using enum engine::CoreValueType;

// A call of constants; what a start function and an allocator may need beside.
constexpr std::uint64_t kFuel = 50'000'000;
constexpr std::uint64_t kMemoryBytes = std::uint64_t{256} << 20U;
// Where packr has the two words of packages without allocator.
constexpr std::uint32_t kMetadataSlots = 16384;

class Absent final : public engine::CoreHostFunction {
 public:
  Result<void, CallError> call(engine::CoreCaller& /*caller*/,
                               std::span<FlatValue> /*values*/) override {
    return CallError::make("imports cannot be called while `__pack_types` runs");
  }
};

std::vector<engine::CoreHostImport> absent_imports(const engine::CompiledModule& code) {
  std::vector<engine::CoreHostImport> made;
  for (const engine::CoreImportType& import : code.imports())
    if (const auto* type = std::get_if<engine::CoreFunctionType>(&import.type))
      made.push_back({.module = import.module,
                      .field = import.field,
                      .type = *type,
                      .function = std::make_unique<Absent>()});
  return made;
}

Diagnostic failed(std::string_view why) {
  Diagnostic problem = make_diagnostic(
      Code::PackMetadata, "cannot read the metadata that `__pack_types` returns: {}", why);
  problem.hints.emplace_back("rebuild the package with `pack_types!` of `packr-guest`");
  return problem;
}

template <class T>
Result<T> told(Result<T, engine::Failure> result) {
  if (!result) return failed(result.error().message);
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

}  // namespace

Result<std::vector<std::uint8_t>> call_metadata(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const engine::Engine engine,
            engine::Engine::open(
                {.metering = engine::Metering::Yes, .interruption = engine::Interruption::No}));
  TENON_TRY(const engine::CompiledModule code, engine::CompiledModule::compile(engine, bytes));
  TENON_TRY(engine::Store store,
            engine::Store::open_bare(engine, {.memory_bytes = kMemoryBytes, .fuel = kFuel}));
  TENON_TRY(const engine::CoreInstance instance,
            told(engine::CoreInstance::instantiate(store, code, absent_imports(code))));
  if (code.find_export("__wasm_call_ctors") != nullptr) {
    TENON_TRY(const engine::CoreFunction constructors,
              told(instance.find_function(store, "__wasm_call_ctors", {})));
    TENON_TRY_VOID(told(constructors.call(store, {})));
  }
  std::uint32_t slots = kMetadataSlots;
  if (code.find_export("__pack_alloc") != nullptr) {
    TENON_TRY(const engine::CoreFunction alloc,
              told(instance.find_function(store, "__pack_alloc", {{I32}, {I32}})));
    std::array values = {FlatValue::of_u32(8)};
    TENON_TRY_VOID(told(alloc.call(store, values)));
    slots = values[0].u32();
  }
  TENON_TRY(const engine::CoreFunction types,
            told(instance.find_function(store, "__pack_types", {{I32, I32}, {I32}})));
  std::array values = {FlatValue::of_u32(slots), FlatValue::of_u32(slots + 4)};
  TENON_TRY_VOID(told(types.call(store, values)));
  if (values[0].u32() != 0)
    return failed(
        fmt::format("it returned the status {}", static_cast<std::int32_t>(values[0].u32())));
  const std::span<const std::uint8_t> memory = instance.memory(store);
  const auto is_within = [&](std::uint64_t at, std::uint64_t size) {
    return at <= memory.size() && size <= memory.size() - at;
  };
  if (!is_within(slots, 8))
    return failed("the address that `__pack_alloc` returned is not in its memory");
  const std::uint32_t address = load_u32(memory.data() + slots);
  const std::uint32_t size = load_u32(memory.data() + slots + 4);
  if (!is_within(address, size))
    return failed(
        fmt::format("it returned {} bytes at {}, which is not in its memory", size, address));
  const auto found = memory.subspan(address, size);
  return std::vector<std::uint8_t>(found.begin(), found.end());
}

Result<std::optional<std::vector<std::uint8_t>>> get_metadata(std::span<const std::uint8_t> bytes,
                                                              const PackageModule& module) {
  if (!module.has_types) return std::optional<std::vector<std::uint8_t>>();
  if (auto found = find_metadata(bytes)) return found;
  TENON_TRY(std::vector<std::uint8_t> given, call_metadata(bytes));
  return std::optional(std::move(given));
}

}  // namespace tenon::packr
