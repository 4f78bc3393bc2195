// The reader of component binaries is a recursive descent over the grammar of Binary.md. This file
// reads the sections and whatever is a section of its own; the read_*.cc files beside it have one
// function per production (productions.h). Each function reads with a `ByteReader`, which is
// limited to the region of the section and puts offset, production and section into every error, so
// a decoder itself only says what it expected.
//
// All input is hostile. A vector's count is checked against the bytes left before anything is read,
// and memory grows by the items that were really there, so a small file cannot ask for much memory.
// Nested components and types carry a depth. Nothing else is checked: an index may be out of range
// and a name may be invalid, because `types` and the engine do that with more knowledge.
#include "binary/read_component.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

Component::Component() = default;
Component::Component(Component&& other) noexcept = default;
Component& Component::operator=(Component&& other) noexcept = default;
Component::~Component() = default;

namespace {

// The largest number of results of a start function, as in the engine's parser.
constexpr std::uint32_t kStartResults = 1000;

Result<void> read_sections(ByteReader& in, Component& component, std::uint32_t depth);

// section_N(vec(<definition>))
template <class ReadItem>
Result<void> read_definitions(ByteReader& in, Component& component, ReadItem read_item) {
  TENON_TRY(const std::uint32_t count, in.read_count("number of definitions"));
  for (std::uint32_t i = 0; i < count; ++i) {
    TENON_TRY(auto item, read_item(in));
    component.definitions.emplace_back(std::move(item));
  }
  return {};
}

// section_0(<core:custom>);  core:custom ::= n:<core:name> bytes
Result<void> read_custom(ByteReader& in, Component& component) {
  CustomSection custom;
  TENON_TRY(custom.name, in.read_name("name"));
  custom.span = {in.offset(), in.end()};
  TENON_TRY_VOID(in.read_bytes(in.bytes_left(), "contents"));
  component.definitions.emplace_back(custom);
  return {};
}

// section_1(<core:module>)    (only the preamble is checked; the engine reads the rest)
Result<void> read_core_module_section(ByteReader& in, Component& component) {
  const ByteSpan span = {in.offset(), in.end()};
  TENON_TRY_VOID(read_exact_preamble(in, kModulePreamble));
  TENON_TRY_VOID(in.read_bytes(in.bytes_left(), "core module"));
  component.definitions.emplace_back(CoreModuleDef{span});
  return {};
}

// section_4(<component>)
Result<void> read_nested_component(ByteReader& in, Component& component, std::uint32_t depth) {
  TENON_TRY_VOID(check_depth(in, depth + 1));
  auto nested = std::make_unique<Component>();
  nested->span = {in.offset(), in.end()};
  TENON_TRY_VOID(read_exact_preamble(in, kComponentPreamble));
  TENON_TRY(ByteReader inner, in.read_region(in.bytes_left(), "a nested component"));
  TENON_TRY_VOID(read_sections(inner, *nested, depth + 1));
  component.definitions.emplace_back(std::move(nested));
  return {};
}

// section_9(<start>);  start ::= f:<funcidx> arg*:vec(<valueidx>) r:<u32>
Result<void> read_start(ByteReader& in, Component& component) {
  const Production production(in, "start");
  StartDef start;
  TENON_TRY(start.func, in.read_u32("function index"));
  TENON_TRY(start.args, read_vector(in, "number of arguments", [](ByteReader& inner) {
              return inner.read_u32("value index");
            }));
  const std::size_t begin = in.offset();
  TENON_TRY(start.results, in.read_u32("number of results"));
  if (start.results > kStartResults) {
    return in.beyond_limit(
        begin, "number of results",
        fmt::format("{}, more than the limit of {}", start.results, kStartResults));
  }
  component.definitions.emplace_back(std::move(start));
  return {};
}

// value ::= t:<valtype> len:<core:u32> v:<val(t)>
Result<ValueDef> read_value(ByteReader& in) {
  const Production production(in, "value");
  const std::size_t begin = in.offset();
  TENON_TRY_VOID(read_val_type(in));
  TENON_TRY(const std::uint32_t size, in.read_u32("length"));
  TENON_TRY_VOID(in.read_bytes(size, "value"));
  return ValueDef{span_from(begin, in)};
}

Result<void> read_section_contents(ByteReader& in, Section section, Component& component,
                                   std::uint32_t depth) {
  switch (section) {
    case Section::Custom:
      return read_custom(in, component);
    case Section::CoreModule:
      return read_core_module_section(in, component);
    case Section::CoreInstance:
      return read_definitions(in, component, read_core_instance);
    case Section::CoreType:
      return read_definitions(in, component, read_core_type);
    case Section::Component:
      return read_nested_component(in, component, depth);
    case Section::Instance:
      return read_definitions(in, component, read_instance);
    case Section::Alias:
      return read_definitions(in, component, read_alias);
    case Section::Type:
      return read_definitions(in, component,
                              [depth](ByteReader& inner) { return read_type(inner, depth); });
    case Section::Canon:
      return read_definitions(in, component, read_canon);
    case Section::Start:
      return read_start(in, component);
    case Section::Import:
      return read_definitions(in, component, read_import);
    case Section::Export:
      return read_definitions(in, component, read_export);
    case Section::Value:
      return read_definitions(in, component, read_value);
  }
  return {};
}

// s*:<section>*;  section_N(B) ::= N:<byte> size:<u32> B    (if size = |B|)
Result<void> read_sections(ByteReader& in, Component& component, std::uint32_t depth) {
  while (!in.at_end()) {
    const std::size_t begin = in.offset();
    TENON_TRY(const std::uint8_t id, in.read_byte("section number"));
    const std::optional<std::string_view> region = find_section(id);
    if (!region) return in.unknown_byte(begin, id, "section");
    TENON_TRY(const std::uint32_t size, in.read_u32("section size"));
    TENON_TRY(ByteReader section, in.read_region(size, *region));
    TENON_TRY_VOID(read_section_contents(section, static_cast<Section>(id), component, depth));
    TENON_TRY_VOID(section.expect_end());
  }
  return {};
}

}  // namespace

bool is_component(std::span<const std::uint8_t> file) {
  return file.size() >= kComponentPreamble.size() &&
         std::equal(kComponentPreamble.begin(), kComponentPreamble.end(), file.begin());
}

// component ::= <preamble> s*:<section>*
Result<Component> read_component(std::span<const std::uint8_t> bytes) {
  ByteReader in(bytes, "the component");
  if (bytes.size() > limits::kFileBytes) {
    return in.beyond_limit(
        0, "size",
        fmt::format("{} bytes, more than the limit of {}", bytes.size(), limits::kFileBytes));
  }
  TENON_TRY_VOID(read_file_preamble(in));
  Component component;
  component.span = {0, bytes.size()};
  TENON_TRY_VOID(read_sections(in, component, 0));
  return component;
}

}  // namespace tenon::binary
