#include "compose/trap_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>

#include "binary/opcodes.h"
#include "support/byte_writer.h"

namespace tenon::compose {

namespace {

constexpr std::size_t kMaxFlatParams = 16;
constexpr std::size_t kMaxFlatResults = 1;
constexpr std::array<std::uint8_t, 3> kUnreachable = {0x00, 0x00, 0x0b};
constexpr std::array<std::uint8_t, 3> kAtZero = {0x41, 0x00, 0x0b};  // i32.const 0, end
constexpr std::array<std::uint8_t, 3> kNoPages = {0x01, 0x00, 0x00};

using Flat = std::vector<CoreType>;

// Flattens value types. Recursion is bounded: types nest within limits::kNestingDepth. A list stops
// growing where it is too long to be passed flat.
class Flattener {
 public:
  explicit Flattener(const types::Types& types) : types_(types) {}

  void append(types::TypeId type, Flat& flat) {
    if (flat.size() > kMaxFlatParams) return;
    std::visit([&](const auto& kind) { add(kind, flat); }, types_.types[type].kind);
  }

 private:
  void add(types::Primitive kind, Flat& flat) {
    switch (kind) {
      case types::Primitive::S64:
      case types::Primitive::U64:
        flat.push_back(CoreType::I64);
        return;
      case types::Primitive::F32:
        flat.push_back(CoreType::F32);
        return;
      case types::Primitive::F64:
        flat.push_back(CoreType::F64);
        return;
      case types::Primitive::String:
        add_pointer_and_length(flat);
        return;
      case types::Primitive::Bool:
      case types::Primitive::S8:
      case types::Primitive::U8:
      case types::Primitive::S16:
      case types::Primitive::U16:
      case types::Primitive::S32:
      case types::Primitive::U32:
      case types::Primitive::Char:
      case types::Primitive::ErrorContext:
        flat.push_back(CoreType::I32);
        return;
    }
  }
  void add(const types::Record& kind, Flat& flat) {
    for (const types::Field& field : kind.fields) append(field.type, flat);
  }
  void add(const types::Tuple& kind, Flat& flat) {
    for (const types::TypeId part : kind.types) append(part, flat);
  }
  void add(const types::List& kind, Flat& flat) {
    if (!kind.length) return add_pointer_and_length(flat);
    for (std::uint32_t i = 0; i < *kind.length && flat.size() <= kMaxFlatParams; ++i) {
      const std::size_t before = flat.size();
      append(kind.element, flat);
      if (flat.size() == before) return;  // an element of no size
    }
  }
  void add(const types::Map&, Flat& flat) { add_pointer_and_length(flat); }
  void add(const types::Flags& kind, Flat& flat) {
    const std::size_t words = std::max<std::size_t>(1, (kind.labels.size() + 31) / 32);
    for (std::size_t i = 0; i < std::min(words, kMaxFlatParams + 1); ++i)
      flat.push_back(CoreType::I32);
  }
  void add(const types::Enum&, Flat& flat) { flat.push_back(CoreType::I32); }
  void add(const types::Variant& kind, Flat& flat) {
    std::vector<std::optional<types::TypeId>> cases;
    for (const types::Case& one : kind.cases) cases.push_back(one.type);
    add_cases(cases, flat);
  }
  void add(const types::Option& kind, Flat& flat) { add_cases({std::nullopt, kind.type}, flat); }
  void add(const types::ResultType& kind, Flat& flat) { add_cases({kind.ok, kind.error}, flat); }
  void add(const types::Own&, Flat& flat) { flat.push_back(CoreType::I32); }
  void add(const types::Borrow&, Flat& flat) { flat.push_back(CoreType::I32); }
  void add(const types::Stream&, Flat& flat) { flat.push_back(CoreType::I32); }
  void add(const types::Future&, Flat& flat) { flat.push_back(CoreType::I32); }

  static void add_pointer_and_length(Flat& flat) {
    flat.insert(flat.end(), {CoreType::I32, CoreType::I32});
  }

  // The discriminant, then at each position a type that holds what any case has there.
  void add_cases(const std::vector<std::optional<types::TypeId>>& cases, Flat& flat) {
    flat.push_back(CoreType::I32);
    Flat joined;
    for (const std::optional<types::TypeId>& type : cases) {
      Flat payload;
      if (type) append(*type, payload);
      for (std::size_t i = 0; i < payload.size(); ++i) {
        if (i < joined.size())
          joined[i] = join(joined[i], payload[i]);
        else
          joined.push_back(payload[i]);
      }
    }
    flat.insert(flat.end(), joined.begin(), joined.end());
  }

  static CoreType join(CoreType a, CoreType b) {
    if (a == b) return a;
    const auto is_32 = [](CoreType type) { return type == CoreType::I32 || type == CoreType::F32; };
    return is_32(a) && is_32(b) ? CoreType::I32 : CoreType::I64;
  }

  const types::Types& types_;
};

void write_section(ByteWriter& out, std::uint8_t id, const ByteWriter& body) {
  out.byte(id, "section");
  out.block(body, "size");
}

void write_core_types(ByteWriter& out, const std::vector<CoreType>& core_types) {
  out.u32(static_cast<std::uint32_t>(core_types.size()), "count");
  for (const CoreType type : core_types) out.byte(static_cast<std::uint8_t>(type), "valtype");
}

void write_core_signature(ByteWriter& out, const CoreSignature& signature) {
  out.byte(0x60, "func");
  write_core_types(out, signature.params);
  write_core_types(out, signature.results);
}

// Indices of the functions that stand for one of the stub. Only direct calls are inlined, and the
// frame of the function that traps, which has the name, must not be lost; so it is called through
// the table.
struct Positions {
  explicit Positions(std::size_t position)
      : lifted(static_cast<std::uint32_t>(3 * position)), realloc(lifted + 1), trap(lifted + 2) {}

  std::uint32_t lifted;
  std::uint32_t realloc;
  std::uint32_t trap;
};

void write_export(ByteWriter& out, std::string_view name, std::uint32_t index) {
  out.name(name, "name");
  out.byte(0x00, "func");
  out.u32(index, "index");
}

// typeidx of `func()`; then the types of lifted functions.
constexpr std::uint32_t kTrapType = 0;
constexpr std::uint32_t kReallocType = 1;
constexpr std::uint32_t kFirstType = 2;

// Calls the function at `position` of the table.
ByteWriter encode_call(std::uint32_t position) {
  ByteWriter body;
  body.byte(0x00, "no locals");
  body.byte(0x41, "i32.const");
  body.s33(position, "table index");
  body.byte(0x11, "call_indirect");
  body.u32(kTrapType, "type");
  body.u32(0, "table");
  body.byte(0x00, "unreachable");
  body.byte(0x0b, "end");
  return body;
}

}  // namespace

CoreSignature flatten_lifted(const types::Types& types, const types::Function& function) {
  Flattener flattener(types);
  CoreSignature made;
  for (const types::Field& param : function.params) flattener.append(param.type, made.params);
  if (function.result) flattener.append(*function.result, made.results);
  if (made.params.size() > kMaxFlatParams) made.params = {CoreType::I32};
  if (made.results.size() > kMaxFlatResults) made.results = {CoreType::I32};
  return made;
}

void TrapModule::add(CoreSignature signature, std::string debug_name) {
  functions_.push_back({std::move(signature), std::move(debug_name)});
}

std::string TrapModule::export_name(std::size_t position) { return fmt::format("f{}", position); }

std::string TrapModule::realloc_name(std::size_t position) { return fmt::format("r{}", position); }

std::vector<std::uint8_t> TrapModule::encode(Names names) const {
  const auto count = static_cast<std::uint32_t>(functions_.size());
  ByteWriter types;
  ByteWriter functions;
  ByteWriter exports;
  ByteWriter elements;
  ByteWriter code;
  ByteWriter debug_names;
  types.u32(kFirstType + count, "count");
  write_core_signature(types, {});
  write_core_signature(types, {std::vector<CoreType>(4, CoreType::I32), {CoreType::I32}});
  functions.u32(3 * count, "count");
  exports.u32(2 * count + 1, "count");
  elements.u32(1, "count");
  elements.byte(0x00, "active, table 0");
  elements.raw(kAtZero, "offset");
  elements.u32(count, "count");
  code.u32(3 * count, "count");
  debug_names.u32(count, "count");
  ByteWriter trap;
  trap.raw(kUnreachable, "no locals, unreachable, end");
  for (std::uint32_t i = 0; i < count; ++i) {
    const Positions at(i);
    write_core_signature(types, functions_[i].signature);
    functions.u32(kFirstType + i, "type of the lifted function");
    functions.u32(kReallocType, "type of its realloc");
    functions.u32(kTrapType, "type of what traps");
    write_export(exports, export_name(i), at.lifted);
    write_export(exports, realloc_name(i), at.realloc);
    elements.u32(at.trap, "func");
    code.block(encode_call(i), "size");
    code.block(encode_call(i), "size");
    code.block(trap, "size");
    debug_names.u32(at.trap, "index");
    debug_names.name(functions_[i].debug_name, "name");
  }
  exports.name(kMemory, "name");
  exports.byte(0x02, "memory");
  exports.u32(0, "index");
  ByteWriter tables;
  tables.u32(1, "count");
  tables.byte(0x70, "funcref");
  tables.byte(0x00, "no maximum");
  tables.u32(count, "minimum");
  ByteWriter memories;
  memories.raw(kNoPages, "one memory without pages");

  ByteWriter out;
  out.raw(binary::kModulePreamble, "preamble");
  write_section(out, 1, types);
  write_section(out, 3, functions);
  write_section(out, 4, tables);
  write_section(out, 5, memories);
  write_section(out, 7, exports);
  write_section(out, 9, elements);
  write_section(out, 10, code);
  if (names == Names::Yes) {
    ByteWriter section;
    section.name("name", "name");
    section.byte(0x01, "function names");
    section.block(debug_names, "size");
    write_section(out, 0, section);
  }
  return std::move(out).take_bytes();
}

}  // namespace tenon::compose
