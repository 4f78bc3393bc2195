#include "binary/read_module.h"

#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

namespace {

// import ::= mod:<name> nm:<name> d:<externtype>
//          | mod:<name> 0x00 0x7f vec(nm:<name> d:<externtype>)    (compact: all of one module)
//          | mod:<name> 0x00 0x7e d:<externtype> vec(nm:<name>)    (compact: all of one type)
Result<void> read_imports_of(ByteReader& in, std::vector<ModuleImport>& imports) {
  const Production production(in, "core:import");
  ModuleImport import;
  TENON_TRY(import.module, in.read_name("module name"));
  TENON_TRY(import.name, in.read_name("name"));
  TENON_TRY(const std::uint8_t form, in.peek_byte("kind"));
  const bool of_one_module = import.name.empty() && form == 0x7f;
  const bool of_one_type = import.name.empty() && form == 0x7e;
  if (of_one_module || of_one_type) TENON_TRY_VOID(in.read_byte("form"));
  if (!of_one_module) {
    TENON_TRY(import.item, read_core_extern(in));
  }
  if (!of_one_module && !of_one_type) {
    imports.push_back(import);
    return {};
  }
  TENON_TRY(const std::uint32_t count, in.read_count("number of imports"));
  for (std::uint32_t i = 0; i < count; ++i) {
    TENON_TRY(import.name, in.read_name("name"));
    if (of_one_module) {
      TENON_TRY(import.item, read_core_extern(in));
    }
    imports.push_back(import);
  }
  return {};
}

// export ::= nm:<name> d:<externidx>
Result<ModuleExport> read_module_export(ByteReader& in) {
  const Production production(in, "core:export");
  ModuleExport exported;
  TENON_TRY(exported.name, in.read_name("name"));
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("kind"));
  if (kind > 0x04) return in.unknown_byte(begin, kind, "kind");
  exported.kind = static_cast<CoreExtern::Kind>(kind);
  TENON_TRY(exported.index, in.read_u32("index"));
  return exported;
}

// table ::= tt:<tabletype> | 0x40 0x00 tt:<tabletype> e:<expr>
Result<ByteSpan> read_table(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("table"));
  const bool has_init = first == 0x40;
  if (has_init) TENON_TRY_VOID(in.read_bytes(2, "table"));
  const std::size_t begin = in.offset();
  TENON_TRY_VOID(skip_table_type(in));
  const ByteSpan type = span_from(begin, in);
  if (has_init) TENON_TRY_VOID(skip_const_expr(in));
  return type;
}

Result<ByteSpan> read_memory(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY_VOID(skip_memory_type(in));
  return span_from(begin, in);
}

// global ::= gt:<globaltype> e:<expr>
Result<ByteSpan> read_global(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY_VOID(skip_global_type(in));
  const ByteSpan type = span_from(begin, in);
  TENON_TRY_VOID(skip_const_expr(in));
  return type;
}

// tag ::= 0x00 x:<typeidx>
Result<std::uint32_t> read_tag(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t attribute, in.read_byte("attribute"));
  if (attribute != 0x00) return in.unknown_byte(begin, attribute, "attribute");
  return in.read_u32("type index");
}

Result<std::uint32_t> read_function(ByteReader& in) { return in.read_u32("type index"); }

Result<ModuleType> read_module_type(ByteReader& in) {
  const std::size_t begin = in.offset();
  ModuleType type;
  TENON_TRY(type.count, skip_rec_type(in));
  type.span = span_from(begin, in);
  return type;
}

// Appends the items of one section. A malformed module may have the section twice.
template <class Item, class ReadItem>
Result<void> append_items(ByteReader& in, std::vector<Item>& items, ReadItem read_item) {
  TENON_TRY(std::vector<Item> more, read_vector(in, "number of items", read_item));
  items.insert(items.end(), more.begin(), more.end());
  return in.expect_end();
}

Result<void> read_import_section(ByteReader& in, Module& module) {
  TENON_TRY(const std::uint32_t count, in.read_count("number of imports"));
  for (std::uint32_t i = 0; i < count; ++i) {
    TENON_TRY_VOID(read_imports_of(in, module.imports));
  }
  return in.expect_end();
}

Result<void> read_module_section(ByteReader& in, ModuleSection& section, Module& module) {
  switch (static_cast<ModuleSectionId>(section.id)) {
    case ModuleSectionId::Custom: {
      TENON_TRY(section.name, in.read_name("name"));
      module.custom_sections.push_back({section.name, {in.offset(), in.end()}});
      return {};
    }
    case ModuleSectionId::Type:
      return append_items(in, module.types, read_module_type);
    case ModuleSectionId::Import:
      return read_import_section(in, module);
    case ModuleSectionId::Function:
      return append_items(in, module.functions, read_function);
    case ModuleSectionId::Table:
      return append_items(in, module.tables, read_table);
    case ModuleSectionId::Memory:
      return append_items(in, module.memories, read_memory);
    case ModuleSectionId::Global:
      return append_items(in, module.globals, read_global);
    case ModuleSectionId::Export:
      return append_items(in, module.exports, read_module_export);
    case ModuleSectionId::Tag:
      return append_items(in, module.tags, read_tag);
    case ModuleSectionId::Start:
    case ModuleSectionId::Element:
    case ModuleSectionId::Code:
    case ModuleSectionId::Data:
    case ModuleSectionId::DataCount:
      return {};  // kept as a span
  }
  return {};
}

// Looks up an export in an index space: the imports of its kind, then the `defined` items.
template <class Defined, class MakeExtern>
std::optional<CoreExtern> find_in_space(const Module& module, const ModuleExport& exported,
                                        const std::vector<Defined>& defined,
                                        MakeExtern make_extern) {
  std::uint32_t index = exported.index;
  for (const ModuleImport& import : module.imports) {
    if (import.item.kind != exported.kind) continue;
    if (index == 0) return import.item;
    --index;
  }
  if (index >= defined.size()) return std::nullopt;
  return make_extern(defined[index]);
}

}  // namespace

bool is_core_module(std::span<const std::uint8_t> file) {
  return file.size() >= kModulePreamble.size() &&
         std::equal(kModulePreamble.begin(), kModulePreamble.end(), file.begin());
}

// module ::= magic version section*
Result<Module> read_module(std::span<const std::uint8_t> file, ByteSpan where) {
  ByteReader in(file, static_cast<std::size_t>(where.begin), static_cast<std::size_t>(where.end),
                "the core module");
  TENON_TRY_VOID(read_exact_preamble(in, kModulePreamble));
  Module module;
  module.span = where;
  while (!in.at_end()) {
    const std::size_t begin = in.offset();
    TENON_TRY(const std::uint8_t id, in.read_byte("section number"));
    const std::optional<std::string_view> name = find_module_section(id);
    if (!name) return in.unknown_byte(begin, id, "section");
    TENON_TRY(const std::uint32_t size, in.read_u32("section size"));
    TENON_TRY(ByteReader contents, in.read_region(size, "a section of the core module"));
    ModuleSection section = {id, *name, {contents.offset(), contents.end()}};
    TENON_TRY_VOID(read_module_section(contents, section, module));
    module.sections.push_back(section);
  }
  return module;
}

std::optional<CoreExtern> find_export_type(const Module& module, const ModuleExport& exported) {
  const auto by_index = [&](std::uint32_t type) { return CoreExtern{exported.kind, type, {}}; };
  const auto by_bytes = [&](ByteSpan type) { return CoreExtern{exported.kind, 0, type}; };
  switch (exported.kind) {
    case CoreExtern::Kind::Func:
      return find_in_space(module, exported, module.functions, by_index);
    case CoreExtern::Kind::Table:
      return find_in_space(module, exported, module.tables, by_bytes);
    case CoreExtern::Kind::Memory:
      return find_in_space(module, exported, module.memories, by_bytes);
    case CoreExtern::Kind::Global:
      return find_in_space(module, exported, module.globals, by_bytes);
    case CoreExtern::Kind::Tag:
      return find_in_space(module, exported, module.tags, by_index);
  }
  return std::nullopt;
}

}  // namespace tenon::binary
