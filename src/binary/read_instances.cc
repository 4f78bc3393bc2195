// Core instances and component instances.
#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

namespace {

// core:instantiatearg ::= n:<core:name> 0x12 i:<instanceidx>
Result<InstantiateArg> read_core_arg(ByteReader& in) {
  const Production production(in, "core:instantiatearg");
  InstantiateArg arg;
  TENON_TRY(arg.name, in.read_name("name"));
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t sort, in.read_byte("core sort"));
  if (sort != sort_byte(Sort::CoreInstance)) return in.unknown_byte(begin, sort, "core sort");
  arg.item.sort = Sort::CoreInstance;
  TENON_TRY(arg.item.index, in.read_u32("core instance index"));
  return arg;
}

// core:inlineexport ::= n:<core:name> si:<core:sortidx>
Result<InlineExport> read_core_inline_export(ByteReader& in) {
  const Production production(in, "core:inlineexport");
  InlineExport item;
  TENON_TRY(item.name.text, in.read_name("name"));
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("core sort"));
  const std::optional<Sort> sort = find_core_sort(byte);
  if (!sort || byte > sort_byte(Sort::CoreTag)) return in.unknown_byte(begin, byte, "core sort");
  item.item.sort = *sort;
  TENON_TRY(item.item.index, in.read_u32("index"));
  return item;
}

// instantiatearg ::= n:<name> si:<sortidx>
Result<InstantiateArg> read_arg(ByteReader& in) {
  const Production production(in, "instantiatearg");
  InstantiateArg arg;
  TENON_TRY(arg.name, in.read_name("name"));
  TENON_TRY(arg.item, read_sort_index(in));
  return arg;
}

// inlineexport ::= na:<nameattributes> si:<sortidx>
Result<InlineExport> read_inline_export(ByteReader& in) {
  const Production production(in, "inlineexport");
  InlineExport item;
  TENON_TRY(item.name, read_name_attributes(in));
  TENON_TRY(item.item, read_sort_index(in));
  return item;
}

}  // namespace

// core:instanceexpr ::= 0x00 m:<moduleidx> arg*:vec(<core:instantiatearg>)
//                     | 0x01 e*:vec(<core:inlineexport>)
Result<CoreInstanceDef> read_core_instance(ByteReader& in) {
  const Production production(in, "core:instanceexpr");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("kind"));
  if (kind > 0x01) return in.unknown_byte(begin, kind, "kind");
  CoreInstanceDef instance;
  if (kind == 0x00) {
    TENON_TRY(instance.module, in.read_u32("core module index"));
    TENON_TRY(instance.args, read_vector(in, "number of arguments", read_core_arg));
  } else {
    TENON_TRY(instance.exports, read_vector(in, "number of exports", read_core_inline_export));
  }
  instance.span = span_from(begin, in);
  return instance;
}

// instanceexpr ::= 0x00 c:<componentidx> arg*:vec(<instantiatearg>)
//                | 0x01 e*:vec(<inlineexport>)
Result<InstanceDef> read_instance(ByteReader& in) {
  const Production production(in, "instanceexpr");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("kind"));
  if (kind > 0x01) return in.unknown_byte(begin, kind, "kind");
  InstanceDef instance;
  if (kind == 0x00) {
    TENON_TRY(instance.component, in.read_u32("component index"));
    TENON_TRY(instance.args, read_vector(in, "number of arguments", read_arg));
  } else {
    TENON_TRY(instance.exports, read_vector(in, "number of exports", read_inline_export));
  }
  instance.span = span_from(begin, in);
  return instance;
}

}  // namespace tenon::binary
