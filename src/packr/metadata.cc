#include "packr/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packr/graph_view.h"
#include "packr/payload_reader.h"
#include "packr/wire_names.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using types::Primitive;
using types::TypeId;

// Tags of `type-desc`.
enum class Tag : std::uint32_t {
  Bool,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F32,
  F64,
  Char,
  String,
  Flags,
  List,
  Option,
  Result,
  Record,
  Variant,  // and a type parameter, by another payload
  Tuple,
  Value,
  Unit,
};

constexpr Primitive kPrimitives[] = {
    Primitive::Bool, Primitive::U8,   Primitive::U16,   Primitive::U32, Primitive::U64,
    Primitive::S8,   Primitive::S16,  Primitive::S32,   Primitive::S64, Primitive::F32,
    Primitive::F64,  Primitive::Char, Primitive::String};

Diagnostic damaged(std::string_view how) {
  Diagnostic problem = make_diagnostic(Code::PackMetadata, "its metadata is damaged: {}", how);
  problem.hints.emplace_back("build the package again, with `pack_types!` of `packr-guest`");
  return problem;
}

// Text counts too.
constexpr std::uint64_t kBytesPerPart = 32;

class MetadataReader {
 public:
  explicit MetadataReader(types::Types& types) : types_(types) {}

  Result<Metadata> read(NodeView root) {
    if (root.kind() != NodeKind::Record) return problem("expected a record");
    Metadata made;
    TENON_TRY(made.imports, read_functions(root, "imports"));
    TENON_TRY(made.exports, read_functions(root, "exports"));
    TENON_TRY(made.import_hashes, read_hashes(root, "import-hashes"));
    TENON_TRY(made.export_hashes, read_hashes(root, "export-hashes"));
    made.names = std::move(names_);
    return made;
  }

 private:
  using Nodes = std::vector<NodeView>;

  // Keeps a step of the path while it lives.
  class Step {
   public:
    Step(MetadataReader& reader, std::string text) : reader_(reader) {
      reader_.path_.push_back(std::move(text));
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { reader_.path_.pop_back(); }

   private:
    MetadataReader& reader_;
  };

  [[nodiscard]] Diagnostic problem(std::string_view what) const {
    return damaged(fmt::format(
        "{} at `{}`", what, path_.empty() ? "the root" : fmt::format("{}", fmt::join(path_, "."))));
  }

  // Nodes may be shared, so that few bytes say a tree of any size: each visit is counted.
  Result<void> spend(std::uint64_t parts) {
    if (parts > left_) return problem(fmt::format("it has more than {} parts", limits::kTypeNodes));
    left_ -= parts;
    return {};
  }

  // The items of a list that a record has; none if it does not have it.
  Result<Nodes> items_of(NodeView record, std::string_view field) {
    Nodes nodes;
    const std::optional<NodeView> found = record.record().fields.find(field);
    if (!found) return nodes;
    if (found->kind() == NodeKind::Array && found->array().count == 0) return nodes;
    if (found->kind() != NodeKind::List) return problem(fmt::format("`{}` is no list", field));
    const auto items = found->list().items;
    TENON_TRY_VOID(spend(items.size()));
    for (const NodeView item : items) nodes.push_back(item);
    return nodes;
  }

  Result<std::string> text_of(NodeView record, std::string_view field) {
    const std::optional<NodeView> found = record.record().fields.find(field);
    if (!found) return std::string();
    if (found->kind() != NodeKind::String) return problem(fmt::format("`{}` is no string", field));
    TENON_TRY_VOID(spend(found->string().size() / kBytesPerPart));
    return std::string(found->string());
  }

  Result<void> expect_record(NodeView node) const {
    if (node.kind() != NodeKind::Record) return problem("expected a record");
    return {};
  }

  Result<std::vector<MetadataFunction>> read_functions(NodeView root, std::string_view field) {
    std::vector<MetadataFunction> functions;
    TENON_TRY(const Nodes items, items_of(root, field));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Step step(*this, fmt::format("{}[{}]", field, i));
      TENON_TRY_VOID(expect_record(items[i]));
      MetadataFunction made;
      TENON_TRY(made.interface, text_of(items[i], "interface"));
      TENON_TRY(made.name, text_of(items[i], "name"));
      TENON_TRY(made.type, read_function(items[i]));
      functions.push_back(std::move(made));
    }
    return functions;
  }

  Result<types::FunctionId> read_function(NodeView node) {
    types::Function function;
    TENON_TRY(const Nodes params, items_of(node, "params"));
    for (std::size_t i = 0; i < params.size(); ++i) {
      const Step step(*this, fmt::format("params[{}]", i));
      TENON_TRY_VOID(expect_record(params[i]));
      types::Field param;
      TENON_TRY(const std::string name, text_of(params[i], "name"));
      param.label = name.empty() ? fmt::format("p{}", i) : label_of_field(name);
      TENON_TRY(param.type, read_type_of(params[i]));
      function.params.push_back(std::move(param));
    }
    TENON_TRY(const Nodes results, items_of(node, "results"));
    types::Tuple all;
    // Several are a tuple, which is a level of its own.
    depth_ = results.size() > 1 ? 1 : 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Step step(*this, fmt::format("results[{}]", i));
      TENON_TRY(const TypeId type, read_type(results[i]));
      all.types.push_back(type);
    }
    depth_ = 0;
    if (all.types.size() == 1 && !is_unit(all.types.front()))
      function.result = all.types.front();
    else if (all.types.size() > 1)
      function.result = types_.types.add({std::move(all)});
    return types_.functions.add(std::move(function));
  }

  [[nodiscard]] bool is_unit(TypeId id) const {
    const auto* tuple = std::get_if<types::Tuple>(&types_.types[id].kind);
    return tuple != nullptr && tuple->types.empty();
  }

  // The member `type` of a record.
  Result<TypeId> read_type_of(NodeView record) {
    const std::optional<NodeView> found = record.record().fields.find("type");
    if (!found) return problem("there is no `type`");
    const Step step(*this, "type");
    return read_type(*found);
  }

  Result<TypeId> read_type(NodeView node) {
    if (depth_ >= limits::kNestingDepth)
      return problem(fmt::format("types nest deeper than {}", limits::kNestingDepth));
    TENON_TRY_VOID(spend(1));
    if (node.kind() != NodeKind::Variant) return problem("expected a type");
    ++depth_;
    Result<TypeId> made = make_type(node.variant());
    --depth_;
    return made;
  }

  // What the payload of a type is: exactly one value.
  Result<NodeView> payload_of(const VariantView& type) const {
    if (type.payload.size() != 1)
      return problem(fmt::format("the type {} needs a payload", type.tag));
    return type.payload[0];
  }
  Result<NodeView> record_of(const VariantView& type) const {
    TENON_TRY(const NodeView payload, payload_of(type));
    TENON_TRY_VOID(expect_record(payload));
    return payload;
  }

  Result<TypeId> make_type(const VariantView& type) {
    if (type.tag < std::size(kPrimitives)) return types_.primitive(kPrimitives[type.tag]);
    switch (static_cast<Tag>(type.tag)) {
      case Tag::Flags:
        if (!flags_) flags_ = types_.types.add({unnamed_flags()});
        return *flags_;
      case Tag::List: {
        TENON_TRY(const NodeView payload, payload_of(type));
        TENON_TRY(const TypeId element, read_type(payload));
        return types_.types.add({types::List{element, {}}});
      }
      case Tag::Option: {
        TENON_TRY(const NodeView payload, payload_of(type));
        TENON_TRY(const TypeId inner, read_type(payload));
        return types_.types.add({types::Option{inner}});
      }
      case Tag::Result:
        return make_result(type);
      case Tag::Record:
        return make_record(type);
      case Tag::Variant:
        return make_variant(type);
      case Tag::Tuple:
        return make_tuple(type);
      case Tag::Value:
        return types_.types.add(
            {types::Dynamic{enclosing_.empty() ? std::string() : enclosing_.back(), {}}});
      case Tag::Unit:
        return types_.types.add({types::Tuple{}});
      default:
        return problem(fmt::format("unknown type tag {}", type.tag));
    }
  }

  static types::Flags unnamed_flags() {
    types::Flags flags;
    for (int bit = 0; bit < 64; ++bit) flags.labels.push_back(fmt::format("b{}", bit));
    return flags;
  }

  Result<TypeId> make_result(const VariantView& type) {
    TENON_TRY(const NodeView record, record_of(type));
    const auto side = [&](std::string_view field) -> Result<std::optional<TypeId>> {
      const std::optional<NodeView> found = record.record().fields.find(field);
      if (!found) return std::optional<TypeId>();
      TENON_TRY(const TypeId made, read_type(*found));
      return is_unit(made) ? std::optional<TypeId>() : std::optional(made);
    };
    types::ResultType made;
    TENON_TRY(made.ok, side("ok"));
    TENON_TRY(made.error, side("err"));
    return types_.types.add({made});
  }

  Result<TypeId> make_tuple(const VariantView& type) {
    types::Tuple tuple;
    TENON_TRY(const NodeView payload, payload_of(type));
    if (payload.kind() == NodeKind::Array && payload.array().count == 0)
      return types_.types.add({std::move(tuple)});
    if (payload.kind() != NodeKind::List) return problem("expected a list of types");
    for (const NodeView part : payload.list().items) {
      TENON_TRY(const TypeId made, read_type(part));
      tuple.types.push_back(made);
    }
    return types_.types.add({std::move(tuple)});
  }

  // A type that others are within.
  class Within {
   public:
    Within(MetadataReader& reader, std::string name) : reader_(reader) {
      reader_.enclosing_.push_back(std::move(name));
    }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;
    ~Within() { reader_.enclosing_.pop_back(); }

   private:
    MetadataReader& reader_;
  };

  TypeId add_named(types::Type type, const std::string& name) {
    const TypeId made = types_.types.add(std::move(type));
    if (!name.empty()) names_.emplace(made, name);
    return made;
  }

  // Members are told apart by what they are called; `-` and `_` are one.
  template <class Member>
  Result<void> expect_distinct(const std::vector<Member>& members, std::string_view what) const {
    std::unordered_set<std::string_view> seen;
    for (const Member& member : members)
      if (!seen.insert(member.label).second)
        return problem(fmt::format("two {} are called `{}`", what, member.label));
    return {};
  }

  Result<TypeId> make_record(const VariantView& type) {
    TENON_TRY(const NodeView node, record_of(type));
    TENON_TRY(const std::string name, text_of(node, "name"));
    const Within within(*this, name);
    types::Record record;
    TENON_TRY(const Nodes fields, items_of(node, "fields"));
    for (const NodeView field : fields) {
      TENON_TRY_VOID(expect_record(field));
      types::Field made;
      TENON_TRY(const std::string label, text_of(field, "name"));
      made.label = label_of_field(label);
      const Step step(*this, made.label);
      TENON_TRY(made.type, read_type_of(field));
      record.fields.push_back(std::move(made));
    }
    TENON_TRY_VOID(expect_distinct(record.fields, "fields"));
    return add_named({std::move(record)}, name);
  }

  Result<TypeId> make_variant(const VariantView& type) {
    TENON_TRY(const NodeView node, record_of(type));
    TENON_TRY(const std::string name, text_of(node, "name"));
    // A type parameter of a generic interface has a name and nothing else.
    if (!node.record().fields.find("cases")) return types_.types.add({types::Dynamic{{}, name}});
    const Within within(*this, name);
    types::Variant variant;
    TENON_TRY(const Nodes cases, items_of(node, "cases"));
    for (const NodeView one : cases) {
      TENON_TRY_VOID(expect_record(one));
      types::Case made;
      TENON_TRY(const std::string label, text_of(one, "name"));
      made.label = label_of_field(label);
      const Step step(*this, made.label);
      const std::optional<NodeView> payload = one.record().fields.find("payload");
      if (payload && payload->kind() != NodeKind::Option) return problem("`payload` is no option");
      if (payload && payload->option().value) {
        TENON_TRY(const TypeId carried, read_type(*payload->option().value));
        made.type = carried;
      }
      variant.cases.push_back(std::move(made));
    }
    TENON_TRY_VOID(expect_distinct(variant.cases, "cases"));
    const bool is_enum =
        !variant.cases.empty() &&
        std::ranges::none_of(variant.cases, [](const auto& one) { return one.type.has_value(); });
    if (!is_enum) return add_named({std::move(variant)}, name);
    types::Enum plain;
    for (types::Case& one : variant.cases) plain.labels.push_back(std::move(one.label));
    return add_named({std::move(plain)}, name);
  }

  Result<std::vector<MetadataHash>> read_hashes(NodeView root, std::string_view field) {
    std::vector<MetadataHash> hashes;
    TENON_TRY(const Nodes items, items_of(root, field));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Step step(*this, fmt::format("{}[{}]", field, i));
      TENON_TRY_VOID(expect_record(items[i]));
      MetadataHash made;
      TENON_TRY(made.interface, text_of(items[i], "name"));
      TENON_TRY(made.hash, read_hash(items[i]));
      hashes.push_back(std::move(made));
    }
    return hashes;
  }

  // Four words, or 32 bytes.
  Result<InterfaceHash> read_hash(NodeView record) const {
    InterfaceHash hash = {};
    const std::optional<NodeView> found = record.record().fields.find("hash");
    if (found && found->kind() == NodeKind::Tuple && found->tuple().size() == 4) {
      for (std::uint32_t i = 0; i < 4; ++i) {
        const NodeView word = found->tuple()[i];
        if (word.kind() != NodeKind::U64) return problem("a hash is four words of 64 bits");
        store<std::uint64_t>(hash.data() + std::size_t{8} * i, word.bits());
      }
      return hash;
    }
    if (found && found->kind() == NodeKind::Array && found->array().element == NodeKind::U8 &&
        found->array().count == hash.size()) {
      std::ranges::copy(found->array().bytes, hash.begin());
      return hash;
    }
    return problem("a hash is four words or 32 bytes");
  }

  types::Types& types_;
  std::unordered_map<TypeId, std::string> names_;
  std::vector<std::string> path_;
  std::vector<std::string> enclosing_;
  std::optional<TypeId> flags_;  // all are equal
  std::uint32_t depth_ = 0;
  std::uint64_t left_ = limits::kTypeNodes;
};

}  // namespace

Result<Metadata> read_metadata(std::span<const std::uint8_t> bytes, types::Types& types) {
  const auto refuse = [](const GraphError& error) { return damaged(describe(error)); };
  constexpr std::size_t kVersionAt = 4;
  if (bytes.size() >= kGraphHeaderBytes &&
      std::ranges::equal(bytes.first(kVersionAt), kGraphMagic) &&
      load<std::uint16_t>(bytes.data() + kVersionAt) != kGraphVersion) {
    Diagnostic problem = make_diagnostic(
        Code::PackMetadata, "it speaks version {} of packr's value format, and tenon speaks {}",
        load<std::uint16_t>(bytes.data() + kVersionAt), kGraphVersion);
    problem.hints.emplace_back("build it with `packr-guest` 0.5.4 to 0.21");
    return problem;
  }
  const auto count = GraphView::count_prefix_nodes(bytes);
  if (!count) return refuse(count.error());
  std::vector<std::uint32_t> index(*count);
  const auto view = GraphView::open_prefix(bytes, index);
  if (!view) return refuse(view.error());
  return MetadataReader(types).read(view->root());
}

}  // namespace tenon::packr
