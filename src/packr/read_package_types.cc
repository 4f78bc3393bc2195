#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packr/graph_format.h"
#include "packr/graph_view.h"
#include "packr/guest_names.h"
#include "packr/package_types.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using Nodes = std::vector<NodeView>;

Diagnostic damaged(std::string_view how) {
  Diagnostic problem = make_diagnostic(Code::PackMetadata, "its metadata is damaged: {}", how);
  problem.hints.emplace_back("rebuild the package with `pack_types!` of `packr-guest`");
  return problem;
}

class TypesReader {
 public:
  Result<PackageTypes> read(NodeView root) {
    TENON_TRY_VOID(expect_record(root));
    PackageTypes types;
    TENON_TRY(types.imports, read_each(root, "imports", &TypesReader::read_function));
    TENON_TRY(types.exports, read_each(root, "exports", &TypesReader::read_function));
    TENON_TRY(types.import_hashes, read_each(root, "import-hashes", &TypesReader::read_hash));
    TENON_TRY(types.export_hashes, read_each(root, "export-hashes", &TypesReader::read_hash));
    TENON_TRY(types.parameters, read_each(root, "type-params", &TypesReader::read_parameter));
    TENON_TRY(types.abi, text_of(root, "abi"));
    return types;
  }

 private:
  // Adds a step to the path for a scope.
  class Step {
   public:
    Step(TypesReader& reader, std::string text) : reader_(reader) {
      reader_.path_.push_back(std::move(text));
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { reader_.path_.pop_back(); }

   private:
    TypesReader& reader_;
  };

  [[nodiscard]] Diagnostic problem(std::string_view what) const {
    return damaged(fmt::format(
        "{} at `{}`", what, path_.empty() ? "the root" : fmt::format("{}", fmt::join(path_, "."))));
  }

  // Limits the memory of the result: shared nodes become copies.
  Result<void> spend(std::uint64_t bytes) {
    if (bytes > left_)
      return problem(fmt::format("types need more than {} bytes", limits::kPackageTypesBytes));
    left_ -= bytes;
    return {};
  }

  // Limits the work: the payload of a shared node is read for each reference.
  Result<void> visit(NodeView node) {
    if (budget_.visit(node.payload_size())) return {};
    return problem(fmt::format("types of more than {} bytes", kMaxTreeBytes));
  }

  // The items of a list. An empty list can have elements of any type.
  Result<Nodes> list_of(NodeView node) {
    if (node.kind() == NodeKind::Array && node.array().count == 0) return Nodes();
    if (node.kind() != NodeKind::List) return problem("expected a list");
    TENON_TRY_VOID(visit(node));
    TENON_TRY_VOID(spend(std::uint64_t{node.list().items.size()} * sizeof(NodeView)));
    Nodes nodes;
    for (const NodeView item : node.list().items) nodes.push_back(item);
    return nodes;
  }

  // The items of a field that is a list; none if the record does not have the field.
  Result<Nodes> items_of(NodeView record, std::string_view field) {
    const std::optional<NodeView> value = record.record().fields.find(field);
    if (!value) return Nodes();
    const Step step(*this, std::string(field));
    return list_of(*value);
  }

  Result<std::string> text_of(NodeView record, std::string_view field) {
    const std::optional<NodeView> value = record.record().fields.find(field);
    if (!value) return std::string();
    if (value->kind() != NodeKind::String)
      return problem(fmt::format("`{}` is not a string", field));
    TENON_TRY_VOID(spend(value->string().size()));
    return std::string(value->string());
  }

  Result<void> expect_record(NodeView node) {
    if (node.kind() != NodeKind::Record) return problem("expected a record");
    return visit(node);
  }

  // Calls `read_item` for each item of a field that is a list of records.
  template <class Item>
  Result<std::vector<Item>> read_each(NodeView record, std::string_view field,
                                      Result<Item> (TypesReader::*read_item)(NodeView)) {
    std::vector<Item> result;
    TENON_TRY(const Nodes items, items_of(record, field));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Step step(*this, fmt::format("{}[{}]", field, i));
      TENON_TRY_VOID(expect_record(items[i]));
      TENON_TRY_VOID(spend(sizeof(Item)));
      TENON_TRY(Item item, (this->*read_item)(items[i]));
      result.push_back(std::move(item));
    }
    return result;
  }

  Result<PackageFunctionType> read_function(NodeView node) {
    PackageFunctionType function;
    TENON_TRY(function.interface, text_of(node, "interface"));
    TENON_TRY(function.name, text_of(node, "name"));
    TENON_TRY(function.params, read_each(node, "params", &TypesReader::read_param));
    TENON_TRY(const Nodes results, items_of(node, "results"));
    // Several results form a tuple, which is one level of nesting.
    depth_ = results.size() > 1 ? 1 : 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Step step(*this, fmt::format("results[{}]", i));
      TENON_TRY(PackageType result, read_type(results[i]));
      function.results.push_back(std::move(result));
    }
    depth_ = 0;
    return function;
  }

  Result<PackageParameter> read_param(NodeView node) {
    PackageParameter param;
    TENON_TRY(param.name, text_of(node, "name"));
    TENON_TRY(param.type, read_type_of(node));
    return param;
  }

  Result<TypeParameter> read_parameter(NodeView node) {
    TypeParameter parameter;
    TENON_TRY(parameter.name, text_of(node, "name"));
    TENON_TRY(parameter.constraint, text_of(node, "constraint"));
    return parameter;
  }

  // The field `type` of a record.
  Result<PackageType> read_type_of(NodeView record) {
    const std::optional<NodeView> value = record.record().fields.find("type");
    if (!value) return problem("there is no `type`");
    const Step step(*this, "type");
    return read_type(*value);
  }

  Result<PackageType> read_type(NodeView node) {
    if (depth_ >= limits::kNestingDepth)
      return problem(
          fmt::format("types are nested more than {} levels deep", limits::kNestingDepth));
    if (node.kind() != NodeKind::Variant) return problem("expected a type");
    TENON_TRY_VOID(spend(sizeof(PackageType)));
    ++depth_;
    Result<PackageType> type = make_type(node.variant());
    --depth_;
    return type;
  }

  Result<PackageType> make_type(const VariantView& descriptor) {
    if (descriptor.tag >= static_cast<std::uint32_t>(TypeTag::Parameter))
      return problem(fmt::format("unknown type tag {}", descriptor.tag));
    const auto tag = static_cast<TypeTag>(descriptor.tag);
    const bool has_payload = (tag >= TypeTag::List && tag <= TypeTag::Tuple) ||
                             tag == TypeTag::Map || tag == TypeTag::Set;
    if (!has_payload) return PackageType{tag};
    if (descriptor.payload.size() != 1)
      return problem(fmt::format("the type `{}` needs a payload", tag_name(tag)));
    const NodeView payload = descriptor.payload[0];
    if (tag == TypeTag::Record || tag == TypeTag::Variant) return read_named(tag, payload);
    PackageType type{tag};
    if (tag == TypeTag::Map) {
      TENON_TRY_VOID(expect_record(payload));
      for (const char* const side : {"key", "value"}) {
        const std::optional<NodeView> part_node = payload.record().fields.find(side);
        if (!part_node) return problem(fmt::format("a map has no `{}`", side));
        TENON_TRY(PackageType part, read_type(*part_node));
        type.parts.push_back(std::move(part));
      }
      return type;
    }
    if (tag == TypeTag::Result) {
      TENON_TRY_VOID(expect_record(payload));
      for (const std::string_view side : {"ok", "err"}) {
        const std::optional<NodeView> part_node = payload.record().fields.find(side);
        TENON_TRY(PackageType part, part_node ? read_type(*part_node)
                                              : Result<PackageType>(PackageType{TypeTag::Unit}));
        type.parts.push_back(std::move(part));
      }
      return type;
    }
    Nodes parts{payload};
    if (tag == TypeTag::Tuple) {
      TENON_TRY(parts, list_of(payload));
    }
    for (const NodeView part : parts) {
      TENON_TRY(PackageType read, read_type(part));
      type.parts.push_back(std::move(read));
    }
    return type;
  }

  Result<PackageType> read_named(TypeTag tag, NodeView node) {
    TENON_TRY_VOID(expect_record(node));
    PackageType type{tag};
    TENON_TRY(type.name, text_of(node, "name"));
    const bool is_record = tag == TypeTag::Record;
    // A type parameter only has a name.
    if (!is_record && !node.record().fields.find("cases")) {
      type.tag = TypeTag::Parameter;
      return type;
    }
    const Step within(*this, type.name);
    TENON_TRY(type.members, is_record ? read_each(node, "fields", &TypesReader::read_field)
                                      : read_each(node, "cases", &TypesReader::read_case));
    TENON_TRY_VOID(expect_distinct(type.members, is_record ? "fields" : "cases"));
    return type;
  }

  // Two members cannot have the same name. `-` and `_` count as the same character.
  Result<void> expect_distinct(const std::vector<PackageMember>& members,
                               std::string_view what) const {
    std::unordered_set<std::string> seen;
    for (const PackageMember& member : members)
      if (std::string label = label_of_field(member.name); !seen.insert(label).second)
        return problem(fmt::format("duplicate name `{1}` among the {0}", what, label));
    return {};
  }

  Result<PackageMember> read_field(NodeView node) {
    PackageMember member;
    TENON_TRY(member.name, text_of(node, "name"));
    const Step step(*this, member.name);
    TENON_TRY(PackageType type, read_type_of(node));
    member.types.push_back(std::move(type));
    return member;
  }

  Result<PackageMember> read_case(NodeView node) {
    PackageMember member;
    TENON_TRY(member.name, text_of(node, "name"));
    const Step step(*this, member.name);
    const std::optional<NodeView> payload = node.record().fields.find("payload");
    if (payload && payload->kind() != NodeKind::Option)
      return problem("`payload` is not an option");
    if (payload) TENON_TRY_VOID(visit(*payload));
    if (payload && payload->option().value) {
      TENON_TRY(PackageType type, read_type(*payload->option().value));
      member.types.push_back(std::move(type));
    }
    return member;
  }

  Result<MetadataHash> read_hash(NodeView node) {
    MetadataHash hash;
    TENON_TRY(hash.interface, text_of(node, "name"));
    TENON_TRY(hash.hash, read_digest(node));
    return hash;
  }

  // A hash is a tuple of four words, or 32 bytes.
  Result<InterfaceHash> read_digest(NodeView record) const {
    InterfaceHash hash = {};
    const std::optional<NodeView> value = record.record().fields.find("hash");
    if (value && value->kind() == NodeKind::Tuple && value->tuple().size() == 4) {
      for (std::uint32_t i = 0; i < 4; ++i) {
        const NodeView word = value->tuple()[i];
        if (word.kind() != NodeKind::U64) return problem("expected a hash as four 64-bit words");
        store<std::uint64_t>(hash.data() + std::size_t{8} * i, word.bits());
      }
      return hash;
    }
    if (value && value->kind() == NodeKind::Array && value->array().element == NodeKind::U8 &&
        value->array().count == hash.size()) {
      std::ranges::copy(value->array().bytes, hash.begin());
      return hash;
    }
    return problem("expected a hash as four words or 32 bytes");
  }

  std::vector<std::string> path_;
  std::uint64_t left_ = limits::kPackageTypesBytes;
  TreeBudget budget_;
  std::uint32_t depth_ = 0;
};

}  // namespace

Result<PackageTypes> read_package_types(std::span<const std::uint8_t> bytes) {
  const auto refuse = [](const GraphError& error) { return damaged(describe(error)); };
  if (bytes.size() >= kGraphHeaderBytes &&
      std::ranges::equal(bytes.first(kGraphMagic.size()), kGraphMagic) && !version_of(bytes)) {
    Diagnostic problem = make_diagnostic(
        Code::PackMetadata,
        "it uses version {} of packr's value format; tenon supports versions 2 and 3",
        load<std::uint16_t>(bytes.data() + kGraphVersionAt));
    problem.hints.emplace_back("build it with `packr-guest` 0.5.4 to 0.24");
    return problem;
  }
  const auto count = GraphView::count_prefix_nodes(bytes);
  if (!count) return refuse(count.error());
  std::vector<std::uint32_t> index(*count);
  const auto view = GraphView::open_prefix(bytes, index);
  if (!view) return refuse(view.error());
  return TypesReader().read(view->root());
}

}  // namespace tenon::packr
