#include "binary/custom_sections.h"

#include <algorithm>
#include <array>
#include <variant>

#include "binary/opcodes.h"
#include "binary/write_definitions.h"
#include "support/byte_reader.h"
#include "support/utf8.h"

namespace tenon::binary {

namespace {

// Names in these sections may be as long as the file.
constexpr std::size_t kAnyLength = SIZE_MAX;

constexpr std::array<std::string_view, 7> kTextSections = {
    "authors", "description", "homepage", "licenses", "revision", "source", "version"};

ByteReader contents_reader(std::span<const std::uint8_t> file, ByteSpan contents) {
  return ByteReader(file, static_cast<std::size_t>(contents.begin),
                    static_cast<std::size_t>(contents.end), "the custom section");
}

// value:<name> version:<name>
Result<ProducerValue> read_producer_value(ByteReader& in) {
  ProducerValue value;
  TENON_TRY(value.name, in.read_name("name", kAnyLength));
  TENON_TRY(value.version, in.read_name("version", kAnyLength));
  return value;
}

// field:<name> vec(<value>)
Result<ProducerField> read_producer_field(ByteReader& in) {
  ProducerField field;
  TENON_TRY(field.name, in.read_name("field", kAnyLength));
  TENON_TRY(field.values, read_vector(in, "number of values", read_producer_value));
  return field;
}

// nameassoc ::= idx:<u32> name:<name>
Result<ItemName> read_item_name(ByteReader& in) {
  ItemName item;
  TENON_TRY(item.index, in.read_u32("index"));
  TENON_TRY(item.name, in.read_name("name", kAnyLength));
  return item;
}

// sort ::= 0x00 cs:<core:sort> | 0x01 | ... | 0x05
Result<Sort> read_any_sort(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(std::uint8_t byte, in.read_byte("sort"));
  std::optional<Sort> sort = find_sort(byte);
  if (byte == 0x00) {
    TENON_TRY(byte, in.read_byte("core sort"));
    sort = find_core_sort(byte);
  }
  if (!sort) return in.unknown_byte(begin, byte, "sort");
  return *sort;
}

// sortnames ::= sort:<sort> names:<namemap>
Result<SortNames> read_sort_names(ByteReader& in) {
  SortNames sort_names;
  TENON_TRY(sort_names.sort, read_any_sort(in));
  TENON_TRY(sort_names.names, read_vector(in, "number of names", read_item_name));
  return sort_names;
}

// namesubsection_N(B) ::= N:<byte> size:<u32> B
// Calls `read_contents(number, reader)` for each subsection; stops at the first malformed one.
template <class ReadContents>
Result<void> read_subsections(ByteReader in, ReadContents read_contents) {
  while (!in.at_end()) {
    TENON_TRY(const std::uint8_t number, in.read_byte("subsection"));
    TENON_TRY(const std::uint32_t size, in.read_u32("size"));
    TENON_TRY(ByteReader contents, in.read_region(size, "the name subsection"));
    TENON_TRY_VOID(read_contents(number, contents));
  }
  return {};
}

Result<void> read_own_name(ByteReader& in, DebugNames& names) {
  TENON_TRY(names.self, in.read_name("name", kAnyLength));
  return {};
}

}  // namespace

Producers read_producers(std::span<const std::uint8_t> file, ByteSpan contents) {
  ByteReader in = contents_reader(file, contents);
  Result<Producers> producers = read_vector(in, "number of fields", read_producer_field);
  return producers ? *std::move(producers) : Producers();
}

void write_producers(const Producers& producers, ByteWriter& out) {
  out.count(producers.size(), "fields");
  for (const ProducerField& field : producers) {
    out.name(field.name, "field");
    out.count(field.values.size(), "values");
    for (const ProducerValue& value : field.values) {
      out.name(value.name, "name");
      out.name(value.version, "version");
    }
  }
}

std::string_view DebugNames::find(SortIndex item) const {
  for (const SortNames& sort : items) {
    if (sort.sort != item.sort) continue;
    for (const ItemName& name : sort.names) {
      if (name.index == item.index) return name.name;
    }
  }
  return {};
}

// namedata ::= name:<componentnamesubsec>? sortnames*:<sortnamesubsec>*
// componentnamesubsec ::= namesubsection_0(<name>)
// sortnamesubsec ::= namesubsection_1(<sortnames>)
DebugNames read_component_names(std::span<const std::uint8_t> file, ByteSpan contents) {
  DebugNames names;
  const Result<void> broken = read_subsections(
      contents_reader(file, contents), [&](std::uint8_t number, ByteReader& in) -> Result<void> {
        if (number == 0) return read_own_name(in, names);
        if (number == 1) {
          TENON_TRY(SortNames sort, read_sort_names(in));
          names.items.push_back(std::move(sort));
        }
        return {};
      });
  (void)broken;  // keep the names before it
  return names;
}

// modulenamesubsec ::= namesubsection_0(<name>)
DebugNames read_module_names(std::span<const std::uint8_t> file, ByteSpan contents) {
  DebugNames names;
  const Result<void> broken = read_subsections(
      contents_reader(file, contents), [&](std::uint8_t number, ByteReader& in) -> Result<void> {
        if (number == 0) return read_own_name(in, names);
        return {};
      });
  (void)broken;
  return names;
}

void write_component_names(const DebugNames& names, ByteWriter& out) {
  if (!names.self.empty()) {
    ByteWriter body(out.keeps_labels());
    body.name(names.self, "name");
    out.byte(0x00, "own name");
    out.block(body, "size");
  }
  for (const SortNames& sort : names.items) {
    ByteWriter body(out.keeps_labels());
    write_sort(sort.sort, body);
    body.count(sort.names.size(), "count");
    for (const ItemName& name : sort.names) {
      body.u32(name.index, "index");
      body.name(name.name, "name");
    }
    out.byte(0x01, "names of a sort");
    out.block(body, "size");
  }
}

Metadata read_metadata(std::span<const std::uint8_t> file,
                       std::span<const CustomSection> sections) {
  Metadata metadata;
  for (const CustomSection& section : sections) {
    if (section.name == "component-name") {
      metadata.names = read_component_names(file, section.span);
    } else if (section.name == "name") {
      metadata.names = read_module_names(file, section.span);
    } else if (section.name == "producers") {
      metadata.producers = read_producers(file, section.span);
    } else if (std::ranges::find(kTextSections, section.name) != kTextSections.end()) {
      const std::string_view text(reinterpret_cast<const char*>(file.data()) + section.span.begin,
                                  static_cast<std::size_t>(section.span.size()));
      if (is_utf8(text)) metadata.texts.push_back({section.name, text});
    }
  }
  return metadata;
}

Metadata read_metadata(std::span<const std::uint8_t> file, const Component& component) {
  std::vector<CustomSection> sections;
  for (const Definition& definition : component.definitions) {
    if (const auto* section = std::get_if<CustomSection>(&definition)) {
      sections.push_back(*section);
    }
  }
  return read_metadata(file, sections);
}

}  // namespace tenon::binary
