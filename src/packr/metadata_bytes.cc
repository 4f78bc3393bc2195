#include "packr/metadata_bytes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "binary/read_module.h"
#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "engine/store.h"
#include "packr/graph_format.h"
#include "support/byte_reader.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using binary::CoreExtern;
using binary::Module;

// The contents of a section; empty if the module does not have it.
std::span<const std::uint8_t> section_of(std::span<const std::uint8_t> file, const Module& module,
                                         std::uint8_t id) {
  const auto section = std::ranges::find(module.sections, id, &binary::ModuleSection::id);
  if (section == module.sections.end()) return {};
  return file.subspan(section->span.begin, section->span.end - section->span.begin);
}

constexpr std::uint8_t kCodeSection = 10;
constexpr std::uint8_t kDataSection = 11;

// The body of a function that the module defines. number: among these functions.
std::optional<std::span<const std::uint8_t>> find_body(std::span<const std::uint8_t> code,
                                                       std::uint32_t number) {
  ByteReader in(code, "the code section");
  const auto count = in.read_count("number of functions");
  if (!count || number >= *count) return std::nullopt;
  for (std::uint32_t i = 0;; ++i) {
    const auto size = in.read_u32("size");
    if (!size) return std::nullopt;
    const auto body = in.read_bytes(*size, "body");
    if (!body) return std::nullopt;
    if (i == number) return *body;
  }
}

// A value on the stack or in a local, as far as it is known without running the function.
struct Operand {
  enum class Origin : std::uint8_t { Unknown, Param, Constant } origin = Origin::Unknown;
  std::uint32_t value = 0;  // the constant, or the number of the parameter
};

// The constants that a function with two address parameters stores at these addresses. Returns
// nothing if the function does anything else. Interprets the few instructions that compilers use
// for it.
std::optional<std::array<std::uint32_t, 2>> find_stores(std::span<const std::uint8_t> body) {
  ByteReader in(body, "a body");
  std::vector<Operand> locals = {{Operand::Origin::Param, 0}, {Operand::Origin::Param, 1}};
  const auto groups = in.read_count("groups of locals");
  if (!groups) return std::nullopt;
  constexpr std::uint32_t kMostLocals = 64;
  for (std::uint32_t i = 0; i < *groups; ++i) {
    const auto count = in.read_u32("count");
    const auto type = in.read_byte("type");
    if (!count || !type || *count > kMostLocals || locals.size() > kMostLocals) return std::nullopt;
    locals.resize(locals.size() + *count);
  }
  std::array<std::optional<std::uint32_t>, 2> stored;
  std::vector<Operand> stack;
  const auto pop = [&] {
    if (stack.empty()) return Operand();
    const Operand top = stack.back();
    stack.pop_back();
    return top;
  };
  while (!in.at_end()) {
    const auto opcode = in.read_byte("opcode");
    if (!opcode) return std::nullopt;
    switch (*opcode) {
      case 0x20:    // local.get
      case 0x21:    // local.set
      case 0x22: {  // local.tee
        const auto index = in.read_u32("local");
        if (!index || *index >= locals.size()) return std::nullopt;
        if (*opcode == 0x20) {
          stack.push_back(locals[*index]);
        } else {
          locals[*index] = pop();
          if (*opcode == 0x22) stack.push_back(locals[*index]);
        }
        break;
      }
      case 0x41: {  // i32.const
        const auto value = in.read_s33("constant");
        if (!value) return std::nullopt;
        stack.push_back({Operand::Origin::Constant, static_cast<std::uint32_t>(*value)});
        break;
      }
      case 0x36: {  // i32.store
        const auto align = in.read_u32("alignment");
        const auto offset = in.read_u32("offset");
        const Operand value = pop();
        const Operand address = pop();
        // An alignment of 64 or more means that the instruction names a memory.
        if (!align || *align >= 64 || !offset || *offset != 0 ||
            address.origin != Operand::Origin::Param || value.origin != Operand::Origin::Constant)
          return std::nullopt;
        stored[address.value] = value.value;
        break;
      }
      case 0x1a:  // drop
        pop();
        break;
      case 0x0b:    // end
      case 0x0f: {  // return
        const Operand status = pop();
        const bool is_success = status.origin == Operand::Origin::Constant && status.value == 0;
        if (!is_success || !stored[0] || !stored[1]) return std::nullopt;
        return std::array{*stored[0], *stored[1]};
      }
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

// The initial contents of a range of the first memory, from active segments with constant offsets.
// Returns nothing if no segment covers any of it, or if an offset is not a constant.
std::optional<std::vector<std::uint8_t>> read_data(std::span<const std::uint8_t> data,
                                                   std::uint64_t address, std::uint64_t size) {
  // The segments are part of the file, so a longer range cannot come from them.
  if (size > data.size()) return std::nullopt;
  std::vector<std::uint8_t> range(size);
  std::uint64_t covered = 0;
  ByteReader in(data, "the data section");
  const auto count = in.read_count("number of segments");
  if (!count) return std::nullopt;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto flags = in.read_u32("flags");
    if (!flags || *flags > 2) return std::nullopt;
    bool is_first_memory = true;
    if (*flags == 2) {
      const auto memory = in.read_u32("memory");
      if (!memory) return std::nullopt;
      is_first_memory = *memory == 0;
    }
    std::optional<std::uint32_t> begin;
    if (*flags != 1) {
      const auto opcode = in.read_byte("opcode");
      if (!opcode || *opcode != 0x41) return std::nullopt;
      const auto value = in.read_s33("offset");
      const auto end = in.read_byte("end");
      if (!value || !end || *end != 0x0b) return std::nullopt;
      begin = static_cast<std::uint32_t>(*value);
    }
    const auto length = in.read_u32("length");
    if (!length) return std::nullopt;
    const auto bytes = in.read_bytes(*length, "bytes");
    if (!bytes) return std::nullopt;
    if (!begin || !is_first_memory) continue;
    const std::uint64_t from = std::max<std::uint64_t>(address, *begin);
    const std::uint64_t to = std::min<std::uint64_t>(address + size, *begin + bytes->size());
    if (from >= to) continue;
    std::copy(bytes->begin() + static_cast<std::ptrdiff_t>(from - *begin),
              bytes->begin() + static_cast<std::ptrdiff_t>(to - *begin),
              range.begin() + static_cast<std::ptrdiff_t>(from - address));
    covered += to - from;
  }
  // Segments can leave out zeros, so the range does not have to be covered completely.
  return covered == 0 ? std::nullopt : std::optional(std::move(range));
}

using engine::CallError;
using engine::FlatValue;

using enum engine::CoreValueType;

// Limits for a function that returns constants, a start function and an allocator.
constexpr std::uint64_t kFuel = 50'000'000;
constexpr std::uint64_t kMemoryBytes = std::uint64_t{256} << 20U;
// The address of the two result words in packages without an allocator, as in packr.
constexpr std::uint32_t kMetadataSlots = 16384;

class UnavailableImport final : public engine::CoreHostFunction {
 public:
  Result<void, CallError> call(engine::CoreCaller& /*caller*/,
                               std::span<FlatValue> /*values*/) override {
    return CallError::make("imports cannot be called while `__pack_types` runs");
  }
};

std::vector<engine::CoreHostImport> unavailable_imports(const engine::CompiledModule& code) {
  std::vector<engine::CoreHostImport> imports;
  for (const engine::CoreImportType& import : code.imports())
    if (const auto* type = std::get_if<engine::CoreFunctionType>(&import.type))
      imports.push_back({.module = import.module,
                         .field = import.field,
                         .type = *type,
                         .function = std::make_unique<UnavailableImport>()});
  return imports;
}

Diagnostic metadata_problem(std::string_view why) {
  Diagnostic problem = make_diagnostic(
      Code::PackMetadata, "cannot read the metadata that `__pack_types` returns: {}", why);
  problem.hints.emplace_back("rebuild the package with `pack_types!` of `packr-guest`");
  return problem;
}

// Turns a failure of the engine into a diagnostic.
template <class T>
Result<T> diagnose(Result<T, engine::Failure> result) {
  if (!result) return metadata_problem(result.error().message);
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

}  // namespace

std::optional<std::vector<std::uint8_t>> find_metadata(std::span<const std::uint8_t> bytes) {
  const Result<Module> module = binary::read_module(bytes, {0, bytes.size()});
  if (!module) return std::nullopt;
  const auto exported =
      std::ranges::find(module->exports, kTypesExport, &binary::ModuleExport::name);
  if (exported == module->exports.end() || exported->kind != CoreExtern::Kind::Func)
    return std::nullopt;
  const auto imported = static_cast<std::uint32_t>(
      std::ranges::count_if(module->imports, [](const binary::ModuleImport& import) {
        return import.item.kind == CoreExtern::Kind::Func;
      }));
  if (exported->index < imported) return std::nullopt;
  const auto body = find_body(section_of(bytes, *module, kCodeSection), exported->index - imported);
  if (!body) return std::nullopt;
  const auto words = find_stores(*body);
  if (!words) return std::nullopt;
  const auto memory = std::ranges::find(module->exports, "memory", &binary::ModuleExport::name);
  if (memory == module->exports.end() || memory->kind != CoreExtern::Kind::Memory ||
      memory->index != 0)
    return std::nullopt;
  auto metadata = read_data(section_of(bytes, *module, kDataSection), (*words)[0], (*words)[1]);
  // Metadata that a start function writes is not in a segment.
  if (!metadata || metadata->size() < kGraphMagic.size() ||
      !std::ranges::equal(std::span(*metadata).first(kGraphMagic.size()), kGraphMagic))
    return std::nullopt;
  return metadata;
}

Result<std::vector<std::uint8_t>> call_metadata(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const engine::Engine engine,
            engine::Engine::open(
                {.metering = engine::Metering::Yes, .interruption = engine::Interruption::No}));
  TENON_TRY(const engine::CompiledModule code, engine::CompiledModule::compile(engine, bytes));
  TENON_TRY(engine::Store store,
            engine::Store::open_bare(engine, {.memory_bytes = kMemoryBytes, .fuel = kFuel}));
  TENON_TRY(const engine::CoreInstance instance,
            diagnose(engine::CoreInstance::instantiate(store, code, unavailable_imports(code))));
  if (code.find_export("__wasm_call_ctors") != nullptr) {
    TENON_TRY(const engine::CoreFunction constructors,
              diagnose(instance.find_function(store, "__wasm_call_ctors", {})));
    TENON_TRY_VOID(diagnose(constructors.call(store, {})));
  }
  std::uint32_t slots = kMetadataSlots;
  if (code.find_export("__pack_alloc") != nullptr) {
    TENON_TRY(const engine::CoreFunction alloc,
              diagnose(instance.find_function(store, "__pack_alloc", {{I32}, {I32}})));
    std::array values = {FlatValue::of_u32(8)};
    TENON_TRY_VOID(diagnose(alloc.call(store, values)));
    slots = values[0].u32();
  }
  TENON_TRY(const engine::CoreFunction types,
            diagnose(instance.find_function(store, "__pack_types", {{I32, I32}, {I32}})));
  std::array values = {FlatValue::of_u32(slots), FlatValue::of_u32(slots + 4)};
  TENON_TRY_VOID(diagnose(types.call(store, values)));
  if (values[0].u32() != 0)
    return metadata_problem(
        fmt::format("it returned the status {}", static_cast<std::int32_t>(values[0].u32())));
  const std::span<const std::uint8_t> memory = instance.memory(store);
  const auto is_within = [&](std::uint64_t at, std::uint64_t size) {
    return at <= memory.size() && size <= memory.size() - at;
  };
  if (!is_within(slots, 8))
    return metadata_problem("the address that `__pack_alloc` returned is not in its memory");
  const std::uint32_t address = load_u32(memory.data() + slots);
  const std::uint32_t size = load_u32(memory.data() + slots + 4);
  if (!is_within(address, size))
    return metadata_problem(
        fmt::format("it returned {} bytes at {}, which is not in its memory", size, address));
  const auto metadata = memory.subspan(address, size);
  return std::vector<std::uint8_t>(metadata.begin(), metadata.end());
}

Result<std::optional<std::vector<std::uint8_t>>> get_metadata(std::span<const std::uint8_t> bytes,
                                                              const PackageModule& module) {
  if (!module.has_types) return std::optional<std::vector<std::uint8_t>>();
  if (auto metadata = find_metadata(bytes)) return metadata;
  TENON_TRY(std::vector<std::uint8_t> metadata, call_metadata(bytes));
  return std::optional(std::move(metadata));
}

}  // namespace tenon::packr
