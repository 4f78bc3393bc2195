// Canonical functions. opcodes.def has the layout of the operands of each.
#include <fmt/core.h>

#include "binary/opcodes.h"
#include "binary/productions.h"
#include "tenon/inspect.h"

namespace tenon::binary {

namespace {

// canonopt ::= 0x00 | 0x01 | 0x02 | 0x03 m:<core:memoryidx> | 0x04 f:<core:funcidx>
//            | 0x05 f:<core:funcidx> | 0x06 | 0x07 f:<core:funcidx>
//            | 0x08 t:<core:typeidx> | 0x09        (the engine's: core type, gc)
Result<void> read_option(ByteReader& in, CanonOptions& options) {
  const Production production(in, "canonopt");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("option"));
  std::optional<std::uint32_t>* index = nullptr;
  switch (kind) {
    case 0x00:
    case 0x01:
    case 0x02:
      options.encoding = static_cast<CanonOptions::Encoding>(kind);
      return {};
    case 0x03:
      index = &options.memory;
      break;
    case 0x04:
      index = &options.realloc;
      break;
    case 0x05:
      index = &options.post_return;
      break;
    case 0x06:
      options.is_async = true;
      return {};
    case 0x07:
      index = &options.callback;
      break;
    case 0x08:
      index = &options.core_type;
      break;
    case 0x09:
      options.is_gc = true;
      return {};
    default:
      return in.unknown_byte(begin, kind, "option");
  }
  TENON_TRY(*index, in.read_u32("index"));
  return {};
}

// opts ::= opt*:vec(<canonopt>)
Result<void> read_options(ByteReader& in, CanonOptions& options) {
  TENON_TRY(const std::uint32_t count, in.read_count("number of options"));
  for (std::uint32_t i = 0; i < count; ++i) TENON_TRY_VOID(read_option(in, options));
  return {};
}

// async? ::= 0x00 | 0x01;  cancel? ::= 0x00 | 0x01
Result<void> read_flag(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("flag"));
  if (byte > 0x01) return in.unknown_byte(begin, byte, "flag");
  return {};
}

// The sort of the operand of `lift` and `lower`: always 0x00, a function.
Result<void> read_func_sort(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("sort"));
  if (byte != 0x00) return in.unknown_byte(begin, byte, "sort");
  return {};
}

// 0x00 0x00 f:<core:funcidx> opts:<opts> ft:<typeidx> | 0x01 0x00 f:<funcidx> opts:<opts>
Result<void> read_lift_or_lower(ByteReader& in, CanonDef& canon) {
  TENON_TRY_VOID(read_func_sort(in));
  TENON_TRY(canon.index, in.read_u32("function index"));
  TENON_TRY_VOID(read_options(in, canon.options));
  if (canon.is_lift()) {
    TENON_TRY(canon.type_index, in.read_u32("type index"));
  }
  return {};
}

Result<void> read_operands(ByteReader& in, CanonLayout layout, CanonDef& canon) {
  switch (layout) {
    case CanonLayout::None:
      return {};
    case CanonLayout::Lift:
    case CanonLayout::Lower:
      return read_lift_or_lower(in, canon);
    case CanonLayout::Flag:
      return read_flag(in);
    case CanonLayout::Options:
      return read_options(in, canon.options);
    case CanonLayout::ResultOptions:
      TENON_TRY_VOID(read_result_list(in));
      return read_options(in, canon.options);
    case CanonLayout::CoreTypeSlot:
      TENON_TRY_VOID(skip_core_val_type(in));
      break;
    case CanonLayout::FlagIndex:
      TENON_TRY_VOID(read_flag(in));
      break;
    case CanonLayout::Index:
    case CanonLayout::IndexIndex:
    case CanonLayout::IndexOptions:
    case CanonLayout::IndexFlag:
      break;
  }
  TENON_TRY(canon.index, in.read_u32("index"));
  if (layout == CanonLayout::IndexIndex) TENON_TRY_VOID(in.read_u32("core table index"));
  if (layout == CanonLayout::IndexOptions) return read_options(in, canon.options);
  if (layout == CanonLayout::IndexFlag) return read_flag(in);
  return {};
}

Diagnostic unknown_function(const ByteReader& in, std::size_t begin, std::uint8_t opcode) {
  const std::string_view name = newer_canon_text(opcode);
  if (name.empty()) return in.unknown_byte(begin, opcode, "canonical function");
  Diagnostic problem = in.newer_abi(
      begin, "canonical function",
      fmt::format("`{}` is newer than the async ABI of the engine, {}", name, engine_version()));
  problem.hints.push_back(
      fmt::format("build the component without `{}`, or with an older toolchain", name));
  return problem;
}

}  // namespace

// canon ::= one row of opcodes.def
Result<CanonDef> read_canon(ByteReader& in) {
  const Production production(in, "canon");
  const std::size_t begin = in.offset();
  CanonDef canon;
  TENON_TRY(canon.opcode, in.read_byte("canonical function"));
  const std::optional<CanonLayout> layout = find_canon_layout(canon.opcode);
  if (!layout) return unknown_function(in, begin, canon.opcode);
  TENON_TRY_VOID(read_operands(in, *layout, canon));
  canon.span = span_from(begin, in);
  return canon;
}

}  // namespace tenon::binary
