#include "compose/unit_form.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "binary/opcodes.h"
#include "binary/read_module.h"
#include "engine/sha256.h"
#include "support/byte_reader.h"
#include "support/byte_writer.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::compose {

namespace {

using binary::CoreExtern;
using binary::Section;

enum class Layer { Module, Component };

bool is(std::uint8_t id, Section section) { return id == static_cast<std::uint8_t>(section); }

// Calls `on_section` with the number and the contents of each section of a component or module.
template <class OnSection>
Result<void> read_sections(ByteReader in, std::uint32_t depth, ByteWriter& out,
                           OnSection&& on_section) {
  if (depth > limits::kNestingDepth)
    return in.beyond_limit(in.offset(), "component", "components are nested too deeply");
  TENON_TRY(const auto preamble, in.read_bytes(binary::kComponentPreamble.size(), "preamble"));
  out.raw(preamble, "preamble");
  while (!in.at_end()) {
    TENON_TRY(const std::uint8_t id, in.read_byte("section"));
    TENON_TRY(const std::uint32_t size, in.read_u32("section size"));
    TENON_TRY(const ByteReader section, in.read_region(size, "a section"));
    TENON_TRY_VOID(on_section(id, section));
  }
  return {};
}

std::span<const std::uint8_t> contents_of(const ByteReader& section) {
  return section.file().subspan(section.offset(), section.bytes_left());
}

// Returns the position of the contents in `out`.
std::size_t write_section(std::uint8_t id, std::span<const std::uint8_t> contents,
                          ByteWriter& out) {
  out.byte(id, "section");
  out.count(contents.size(), "size");
  const std::size_t begin = out.size();
  out.raw(contents, "contents");
  return begin;
}

Result<void> strip(ByteReader in, Layer layer, std::uint32_t depth, ByteWriter& out) {
  return read_sections(in, depth, out, [&](std::uint8_t id, ByteReader section) -> Result<void> {
    if (is(id, Section::Custom)) return {};
    const bool is_component = is(id, Section::Component);
    if (layer == Layer::Module || !(is_component || is(id, Section::CoreModule))) {
      write_section(id, contents_of(section), out);
      return {};
    }
    ByteWriter body;
    TENON_TRY_VOID(
        strip(section, is_component ? Layer::Component : Layer::Module, depth + 1, body));
    write_section(id, body.data(), out);
    return {};
  });
}

// --- The type of a core module: a core:moduletype

constexpr std::uint8_t kModuleType = 0x50;
constexpr std::uint8_t kFunctionType = 0x60;

// A number, a vector, `funcref` or `externref`: refers to no other type.
bool is_plain(std::uint8_t value_type) {
  return (value_type >= 0x7b && value_type <= 0x7f) || value_type == 0x70 || value_type == 0x6f;
}

// Whether the entry of a type section is a function type that refers to no other type.
bool is_plain_function(std::span<const std::uint8_t> type) {
  ByteReader in(type, "a type");
  const auto is_plain_list = [&] {
    const Result<std::uint32_t> count = in.read_count("values");
    for (std::uint32_t i = 0; count && i < *count; ++i)
      if (const auto value = in.read_byte("value"); !value || !is_plain(*value)) return false;
    return static_cast<bool>(count);
  };
  const Result<std::uint8_t> form = in.read_byte("form");
  return form && *form == kFunctionType && is_plain_list() && is_plain_list() && in.at_end();
}

// Writes only the function types that imports and exports have, so that the module's other types are
// not part of its own.
class ModuleTypeWriter final {
 public:
  ModuleTypeWriter(std::span<const std::uint8_t> file, const binary::Module& module)
      : file_(file), module_(module) {}

  // Nothing if an import or export has a type that refers to another type: wasmtime 48 cannot import
  // such a module.
  std::optional<std::vector<std::uint8_t>> write() {
    for (const binary::ModuleImport& import : module_.imports) {
      const std::optional<ByteWriter> type = extern_type(import.item);
      if (!type) return std::nullopt;
      add(0x00, "import");
      body_.name(import.module, "module");
      body_.name(import.name, "name");
      body_.append(*type, "type");
    }
    for (const binary::ModuleExport& exported : module_.exports) {
      const std::optional<CoreExtern> item = binary::find_export_type(module_, exported);
      const std::optional<ByteWriter> type = item ? extern_type(*item) : std::nullopt;
      if (!type) return std::nullopt;
      add(0x03, "export");
      body_.name(exported.name, "name");
      body_.append(*type, "type");
    }
    ByteWriter out;
    out.byte(kModuleType, "module type");
    out.u32(count_, "declarations");
    out.append(body_, "declarations");
    return std::move(out).take_bytes();
  }

 private:
  [[nodiscard]] std::span<const std::uint8_t> bytes_at(binary::ByteSpan span) const {
    return file_.subspan(static_cast<std::size_t>(span.begin),
                         static_cast<std::size_t>(span.end - span.begin));
  }

  // The entry of the type section that defines a type. An entry can define several.
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> find_entry(std::uint32_t index) const {
    for (const binary::ModuleType& entry : module_.types) {
      if (index < entry.count) return bytes_at(entry.span);
      index -= entry.count;
    }
    return std::nullopt;
  }

  void add(std::uint8_t declaration, std::string_view label) {
    ++count_;
    body_.byte(declaration, label);
  }

  // The index of a function type in the module type; adds the type if it is not there yet.
  std::optional<std::uint32_t> type_index(std::uint32_t index) {
    const std::optional<std::span<const std::uint8_t>> entry = find_entry(index);
    if (!entry || !is_plain_function(*entry)) return std::nullopt;
    const std::span<const std::uint8_t> type = *entry;
    const auto [known, is_new] = indices_.try_emplace({type.begin(), type.end()},
                                                      static_cast<std::uint32_t>(indices_.size()));
    if (is_new) {
      add(0x01, "type");
      body_.raw(type, "type");
    }
    return known->second;
  }

  std::optional<ByteWriter> extern_type(const CoreExtern& item) {
    ByteWriter out;
    out.byte(static_cast<std::uint8_t>(item.kind), "kind");
    switch (item.kind) {
      case CoreExtern::Kind::Tag:
        out.byte(0x00, "attribute");
        [[fallthrough]];
      case CoreExtern::Kind::Func: {
        const std::optional<std::uint32_t> index = type_index(item.type_index);
        if (!index) return std::nullopt;
        out.u32(*index, "type");
        return out;
      }
      case CoreExtern::Kind::Table:
      case CoreExtern::Kind::Global:
        if (!is_plain(bytes_at(item.type).front())) return std::nullopt;
        [[fallthrough]];
      case CoreExtern::Kind::Memory:
        out.raw(bytes_at(item.type), "type");
        return out;
    }
    return std::nullopt;
  }

  std::span<const std::uint8_t> file_;
  const binary::Module& module_;
  std::uint32_t count_ = 0;
  ByteWriter body_;
  std::map<std::vector<std::uint8_t>, std::uint32_t> indices_;
};

// --- The reference form

// aliassection ::= section_6(vec(alias));  alias ::= s:<sort> 0x02 ct:<u32> idx:<u32>
// The number of scopes takes one byte, and the index five, so that an alias has one size.
constexpr std::array<std::uint8_t, 12> kAlias = {0x06, 10,   0x01, 0x00, 0x11, 0x02,
                                                 0x00, 0x80, 0x80, 0x80, 0x80, 0x00};
constexpr std::size_t kScopesInAlias = 6;
static_assert(limits::kNestingDepth + 2 < 0x80);

class FormWriter final {
 public:
  explicit FormWriter(ReferenceForm& form) : form_(form) {}

  Result<void> write(ByteReader in, std::uint32_t depth, ByteWriter& out) {
    return read_sections(in, depth, out, [&](std::uint8_t id, ByteReader section) -> Result<void> {
      std::optional<std::uint32_t> module;
      if (is(id, Section::CoreModule)) {
        TENON_TRY(module, add_module(section));
      }
      if (module) {
        form_.aliases.push_back({out.size() + kScopesInAlias, depth, *module});
        out.raw(kAlias, "alias");
      } else if (is(id, Section::Component)) {
        const std::size_t first = form_.aliases.size();
        ByteWriter body;
        TENON_TRY_VOID(write(section, depth + 1, body));
        const std::size_t begin = write_section(id, body.data(), out);
        for (std::size_t i = first; i < form_.aliases.size(); ++i) form_.aliases[i].offset += begin;
      } else {
        write_section(id, contents_of(section), out);
      }
      return {};
    });
  }

 private:
  // The position of a module in the form; nothing if it cannot be imported.
  Result<std::optional<std::uint32_t>> add_module(const ByteReader& section) {
    const auto [known, is_new] = modules_.try_emplace(engine::sha256_hex(contents_of(section)));
    if (!is_new) return known->second;
    const binary::ByteSpan span = {section.offset(), section.end()};
    TENON_TRY(const binary::Module module, binary::read_module(section.file(), span));
    std::optional<std::vector<std::uint8_t>> type =
        ModuleTypeWriter(section.file(), module).write();
    if (!type) return known->second;
    known->second = static_cast<std::uint32_t>(form_.modules.size());
    form_.modules.push_back({known->first, span, *std::move(type)});
    return known->second;
  }

  ReferenceForm& form_;
  std::map<std::string, std::optional<std::uint32_t>> modules_;  // by digest
};

}  // namespace

Result<std::vector<std::uint8_t>> strip_custom_sections(std::span<const std::uint8_t> component) {
  ByteWriter out;
  TENON_TRY_VOID(strip(ByteReader(component, "the component"), Layer::Component, 0, out));
  return std::move(out).take_bytes();
}

Result<ReferenceForm> make_reference_form(std::span<const std::uint8_t> component) {
  ReferenceForm form;
  ByteWriter out;
  TENON_TRY_VOID(FormWriter(form).write(ByteReader(component, "the component"), 0, out));
  form.bytes = std::move(out).take_bytes();
  return form;
}

bool has_place(const ReferenceForm& form, const ReferenceForm::Alias& alias) {
  constexpr std::size_t kLength = kAlias.size() - kScopesInAlias;
  return form.bytes.size() >= kLength && alias.offset <= form.bytes.size() - kLength &&
         alias.depth <= limits::kNestingDepth;
}

std::vector<std::uint8_t> place_form(const ReferenceForm& form, std::uint32_t scopes,
                                     std::span<const std::uint32_t> root_modules) {
  std::vector<std::uint8_t> bytes = form.bytes;
  for (const ReferenceForm::Alias& alias : form.aliases) {
    std::uint8_t* at = bytes.data() + alias.offset;
    *at++ = static_cast<std::uint8_t>(alias.depth + scopes);
    std::uint32_t index = root_modules[alias.module];
    for (int i = 0; i < 4; ++i, index >>= 7) *at++ = static_cast<std::uint8_t>(index | 0x80);
    *at = static_cast<std::uint8_t>(index);
  }
  return bytes;
}

}  // namespace tenon::compose
