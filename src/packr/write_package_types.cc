#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "packr/graph_format.h"
#include "packr/graph_writer.h"
#include "packr/package_types.h"
#include "support/diagnostics.h"

namespace tenon::packr {

namespace {

constexpr std::array kTagNames = {
    "bool",    "u8",    "u16",   "u32",    "u64",   "s8",   "s16",    "s32",    "s64",
    "f32",     "f64",   "char",  "string", "flags", "list", "option", "result", "record",
    "variant", "tuple", "value", "unit",   "map",   "set",  "ref"};

class TypesWriter {
 public:
  explicit TypesWriter(std::optional<GraphVersion> version) : out_(version) {}

  void write(const PackageTypes& types) {
    out_.begin_record("package-metadata");
    add_list("imports", types.imports, [&](const auto& function) { add_function(function); });
    add_list("exports", types.exports, [&](const auto& function) { add_function(function); });
    add_list("import-hashes", types.import_hashes, [&](const auto& hash) { add_hash(hash); });
    add_list("export-hashes", types.export_hashes, [&](const auto& hash) { add_hash(hash); });
    if (!types.parameters.empty())
      add_list("type-params", types.parameters, [&](const TypeParameter& parameter) {
        out_.begin_record("type-param");
        add_text("name", parameter.name);
        add_text("constraint", parameter.constraint);
        out_.end();
      });
    if (!types.abi.empty()) add_text("abi", types.abi);
    out_.end();
  }

  Result<std::span<const std::uint8_t>, GraphError> finish() { return out_.finish(); }

 private:
  void add_text(std::string_view field, std::string_view text) {
    out_.field(field);
    out_.add_string(text);
  }

  template <class Items, class Add>
  void add_list(std::string_view field, const Items& items, Add&& add,
                NodeKind element = NodeKind::Record) {
    out_.field(field);
    begin_list(element);
    for (const auto& item : items) add(item);
    out_.end();
  }

  // The descriptors of element types have empty names.
  void begin_list(NodeKind element) { out_.begin_list(GraphType::named(element, "")); }

  void add_function(const PackageFunctionType& function) {
    out_.begin_record("function-sig");
    add_text("interface", function.interface);
    add_text("name", function.name);
    add_list("params", function.params, [&](const PackageParameter& param) {
      out_.begin_record("param-sig");
      add_text("name", param.name);
      add_type_field("type", param.type);
      out_.end();
    });
    add_list(
        "results", function.results, [&](const PackageType& type) { add_type(type); },
        NodeKind::Variant);
    out_.end();
  }

  void add_hash(const MetadataHash& hash) {
    out_.begin_record("interface-hash");
    add_text("name", hash.interface);
    out_.field("hash");
    out_.begin_tuple();
    for (std::size_t i = 0; i < 4; ++i) out_.add_u64(load<std::uint64_t>(hash.hash.data() + 8 * i));
    out_.end();
    out_.end();
  }

  void add_type_field(std::string_view field, const PackageType& type) {
    out_.field(field);
    add_type(type);
  }

  void add_type(const PackageType& type) {
    const TypeTag wire = type.tag == TypeTag::Parameter ? TypeTag::Variant : type.tag;
    if (type.tag == TypeTag::Map || type.tag == TypeTag::Set) out_.note_collections();
    out_.begin_variant("type-desc", tag_name(type.tag), static_cast<std::uint32_t>(wire));
    add_payload(type);
    out_.end();
  }

  void add_payload(const PackageType& type) {
    switch (shape_of(type.tag)) {
      case TypeShape::List:
      case TypeShape::Set:
      case TypeShape::Option:
        return add_type(type.parts[0]);
      case TypeShape::Map:
        out_.begin_record("MapPayload");
        add_type_field("key", type.parts[0]);
        add_type_field("value", type.parts[1]);
        return out_.end();
      case TypeShape::Result:
        out_.begin_record("result-desc");
        add_type_field("ok", type.parts[0]);
        add_type_field("err", type.parts[1]);
        return out_.end();
      case TypeShape::Tuple:
        begin_list(NodeKind::Variant);
        for (const PackageType& part : type.parts) add_type(part);
        return out_.end();
      case TypeShape::Record:
      case TypeShape::Variant:
        return add_named(type);
      case TypeShape::Parameter:
        out_.begin_record("TypeRef");
        add_text("name", type.name);
        return out_.end();
      case TypeShape::Primitive:
      case TypeShape::Flags:
      case TypeShape::Value:
      case TypeShape::Unit:
        return;  // no payload
    }
  }

  void add_named(const PackageType& type) {
    const bool is_record = type.tag == TypeTag::Record;
    out_.begin_record(is_record ? "record-desc" : "variant-desc");
    add_text("name", type.name);
    add_list(is_record ? "fields" : "cases", type.members, [&](const PackageMember& member) {
      out_.begin_record(is_record ? "field-desc" : "case-desc");
      add_text("name", member.name);
      if (is_record)
        add_type_field("type", member.types[0]);
      else
        add_payload_field(member);
      out_.end();
    });
    out_.end();
  }

  void add_payload_field(const PackageMember& member) {
    out_.field("payload");
    out_.begin_option(GraphType::named(NodeKind::Variant, ""));
    for (const PackageType& type : member.types) add_type(type);
    out_.end();
  }

  GraphWriter out_;
};

}  // namespace

const char* tag_name(TypeTag tag) { return kTagNames[static_cast<std::size_t>(tag)]; }

Result<std::vector<std::uint8_t>> write_package_types(const PackageTypes& types,
                                                      std::optional<GraphVersion> version) {
  TypesWriter writer(version);
  writer.write(types);
  const auto bytes = writer.finish();
  if (!bytes)
    return make_diagnostic(Code::PackMetadata, "the metadata cannot express the types: {}",
                           describe(bytes.error()));
  return std::vector<std::uint8_t>(bytes->begin(), bytes->end());
}

}  // namespace tenon::packr
