#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packr/graph_view.h"
#include "packr/package_types.h"
#include "packr/payload_reader.h"
#include "packr/wire_names.h"
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
    PackageTypes made;
    TENON_TRY(made.imports, read_each(root, "imports", &TypesReader::read_function));
    TENON_TRY(made.exports, read_each(root, "exports", &TypesReader::read_function));
    TENON_TRY(made.import_hashes, read_each(root, "import-hashes", &TypesReader::read_hash));
    TENON_TRY(made.export_hashes, read_each(root, "export-hashes", &TypesReader::read_hash));
    TENON_TRY(made.parameters, read_each(root, "type-params", &TypesReader::read_parameter));
    return made;
  }

 private:
  // Keeps a step of the path while it lives.
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

  // Counts what is made: shared nodes become copies.
  Result<void> spend(std::uint64_t bytes) {
    if (bytes > left_)
      return problem(fmt::format("types need more than {} bytes", limits::kPackageTypesBytes));
    left_ -= bytes;
    return {};
  }

  // The items of a list; those of an empty one may be of any type.
  Result<Nodes> list_of(NodeView node) {
    if (node.kind() == NodeKind::Array && node.array().count == 0) return Nodes();
    if (node.kind() != NodeKind::List) return problem("expected a list");
    TENON_TRY_VOID(spend(std::uint64_t{node.list().items.size()} * sizeof(NodeView)));
    Nodes nodes;
    for (const NodeView item : node.list().items) nodes.push_back(item);
    return nodes;
  }

  // The items of a list that a record has; none if it does not have it.
  Result<Nodes> items_of(NodeView record, std::string_view field) {
    const std::optional<NodeView> found = record.record().fields.find(field);
    if (!found) return Nodes();
    const Step step(*this, std::string(field));
    return list_of(*found);
  }

  Result<std::string> text_of(NodeView record, std::string_view field) {
    const std::optional<NodeView> found = record.record().fields.find(field);
    if (!found) return std::string();
    if (found->kind() != NodeKind::String)
      return problem(fmt::format("`{}` is not a string", field));
    TENON_TRY_VOID(spend(found->string().size()));
    return std::string(found->string());
  }

  Result<void> expect_record(NodeView node) const {
    if (node.kind() != NodeKind::Record) return problem("expected a record");
    return {};
  }

  // What `read` makes of each item of a list of records, which is a step of the path.
  template <class Item>
  Result<std::vector<Item>> read_each(NodeView record, std::string_view field,
                                      Result<Item> (TypesReader::*read_one)(NodeView)) {
    std::vector<Item> made;
    TENON_TRY(const Nodes items, items_of(record, field));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Step step(*this, fmt::format("{}[{}]", field, i));
      TENON_TRY_VOID(expect_record(items[i]));
      TENON_TRY_VOID(spend(sizeof(Item)));
      TENON_TRY(Item item, (this->*read_one)(items[i]));
      made.push_back(std::move(item));
    }
    return made;
  }

  Result<PackageFunctionType> read_function(NodeView node) {
    PackageFunctionType made;
    TENON_TRY(made.interface, text_of(node, "interface"));
    TENON_TRY(made.name, text_of(node, "name"));
    TENON_TRY(made.params, read_each(node, "params", &TypesReader::read_param));
    TENON_TRY(const Nodes results, items_of(node, "results"));
    // Several are a tuple, which is a level of its own.
    depth_ = results.size() > 1 ? 1 : 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Step step(*this, fmt::format("results[{}]", i));
      TENON_TRY(PackageType result, read_type(results[i]));
      made.results.push_back(std::move(result));
    }
    depth_ = 0;
    return made;
  }

  Result<PackageParameter> read_param(NodeView node) {
    PackageParameter made;
    TENON_TRY(made.name, text_of(node, "name"));
    TENON_TRY(made.type, read_type_of(node));
    return made;
  }

  Result<TypeParameter> read_parameter(NodeView node) {
    TypeParameter made;
    TENON_TRY(made.name, text_of(node, "name"));
    TENON_TRY(made.constraint, text_of(node, "constraint"));
    return made;
  }

  // The member `type` of a record.
  Result<PackageType> read_type_of(NodeView record) {
    const std::optional<NodeView> found = record.record().fields.find("type");
    if (!found) return problem("there is no `type`");
    const Step step(*this, "type");
    return read_type(*found);
  }

  Result<PackageType> read_type(NodeView node) {
    if (depth_ >= limits::kNestingDepth)
      return problem(
          fmt::format("types are nested more than {} levels deep", limits::kNestingDepth));
    if (node.kind() != NodeKind::Variant) return problem("expected a type");
    TENON_TRY_VOID(spend(sizeof(PackageType)));
    ++depth_;
    Result<PackageType> made = make_type(node.variant());
    --depth_;
    return made;
  }

  Result<PackageType> make_type(const VariantView& type) {
    if (type.tag >= static_cast<std::uint32_t>(TypeTag::Parameter))
      return problem(fmt::format("unknown type tag {}", type.tag));
    const auto tag = static_cast<TypeTag>(type.tag);
    const bool has_payload = tag >= TypeTag::List && tag <= TypeTag::Tuple;
    if (!has_payload) return PackageType{tag};
    if (type.payload.size() != 1)
      return problem(fmt::format("the type `{}` needs a payload", tag_name(tag)));
    const NodeView payload = type.payload[0];
    if (tag == TypeTag::Record || tag == TypeTag::Variant) return read_named(tag, payload);
    PackageType made{tag};
    if (tag == TypeTag::Result) {
      TENON_TRY_VOID(expect_record(payload));
      for (const std::string_view side : {"ok", "err"}) {
        const std::optional<NodeView> found = payload.record().fields.find(side);
        TENON_TRY(PackageType part,
                  found ? read_type(*found) : Result<PackageType>(PackageType{TypeTag::Unit}));
        made.parts.push_back(std::move(part));
      }
      return made;
    }
    Nodes parts{payload};
    if (tag == TypeTag::Tuple) {
      TENON_TRY(parts, list_of(payload));
    }
    for (const NodeView part : parts) {
      TENON_TRY(PackageType read, read_type(part));
      made.parts.push_back(std::move(read));
    }
    return made;
  }

  Result<PackageType> read_named(TypeTag tag, NodeView node) {
    TENON_TRY_VOID(expect_record(node));
    PackageType made{tag};
    TENON_TRY(made.name, text_of(node, "name"));
    const bool is_record = tag == TypeTag::Record;
    // A type parameter has a name and nothing else.
    if (!is_record && !node.record().fields.find("cases")) {
      made.tag = TypeTag::Parameter;
      return made;
    }
    const Step within(*this, made.name);
    TENON_TRY(made.members, is_record ? read_each(node, "fields", &TypesReader::read_field)
                                      : read_each(node, "cases", &TypesReader::read_case));
    TENON_TRY_VOID(expect_distinct(made.members, is_record ? "fields" : "cases"));
    return made;
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
    PackageMember made;
    TENON_TRY(made.name, text_of(node, "name"));
    const Step step(*this, made.name);
    TENON_TRY(PackageType type, read_type_of(node));
    made.types.push_back(std::move(type));
    return made;
  }

  Result<PackageMember> read_case(NodeView node) {
    PackageMember made;
    TENON_TRY(made.name, text_of(node, "name"));
    const Step step(*this, made.name);
    const std::optional<NodeView> payload = node.record().fields.find("payload");
    if (payload && payload->kind() != NodeKind::Option)
      return problem("`payload` is not an option");
    if (payload && payload->option().value) {
      TENON_TRY(PackageType type, read_type(*payload->option().value));
      made.types.push_back(std::move(type));
    }
    return made;
  }

  Result<MetadataHash> read_hash(NodeView node) {
    MetadataHash made;
    TENON_TRY(made.interface, text_of(node, "name"));
    TENON_TRY(made.hash, read_digest(node));
    return made;
  }

  // Four words, or 32 bytes.
  Result<InterfaceHash> read_digest(NodeView record) const {
    InterfaceHash hash = {};
    const std::optional<NodeView> found = record.record().fields.find("hash");
    if (found && found->kind() == NodeKind::Tuple && found->tuple().size() == 4) {
      for (std::uint32_t i = 0; i < 4; ++i) {
        const NodeView word = found->tuple()[i];
        if (word.kind() != NodeKind::U64) return problem("expected a hash as four 64-bit words");
        store<std::uint64_t>(hash.data() + std::size_t{8} * i, word.bits());
      }
      return hash;
    }
    if (found && found->kind() == NodeKind::Array && found->array().element == NodeKind::U8 &&
        found->array().count == hash.size()) {
      std::ranges::copy(found->array().bytes, hash.begin());
      return hash;
    }
    return problem("expected a hash as four words or 32 bytes");
  }

  std::vector<std::string> path_;
  std::uint64_t left_ = limits::kPackageTypesBytes;
  std::uint32_t depth_ = 0;
};

}  // namespace

Result<PackageTypes> read_package_types(std::span<const std::uint8_t> bytes) {
  const auto refuse = [](const GraphError& error) { return damaged(describe(error)); };
  constexpr std::size_t kVersionAt = 4;
  if (bytes.size() >= kGraphHeaderBytes &&
      std::ranges::equal(bytes.first(kVersionAt), kGraphMagic) &&
      load<std::uint16_t>(bytes.data() + kVersionAt) != kGraphVersion) {
    Diagnostic problem = make_diagnostic(
        Code::PackMetadata, "it uses version {} of packr's value format; tenon supports version {}",
        load<std::uint16_t>(bytes.data() + kVersionAt), kGraphVersion);
    problem.hints.emplace_back("build it with `packr-guest` 0.5.4 to 0.21");
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
