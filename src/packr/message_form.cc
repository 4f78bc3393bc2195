#include "packr/message_form.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "packr/guest_names.h"
#include "value/type_graph.h"

namespace tenon::packr {

using types::TypeId;
using OptionalType = std::optional<TypeId>;

// Visits a value together with its type, as far as the value has this type. Levels and nodes are limited
// as in calls with `Value`s.
class FormWalk final {
 public:
  // Whether there is a map or a set in the message.
  enum class Collections : std::uint8_t { No, Yes };

  FormWalk(const MessageForm& form, GraphVersion version, Collections collections)
      : form_(form), version_(version), collections_(collections) {}

  // Whether all maps and sets of the types are nodes of that kind, and no other value is.
  // REQUIRES: version 3
  bool fits(NodeView root, const MessageForm::Parts& parts) {
    if (parts.tuple.empty()) return fits(root, parts.value);
    if (root.kind() != NodeKind::Tuple) return true;
    const NodeSequence items = root.tuple();
    for (std::uint32_t i = 0; i < items.size() && i < parts.tuple.size(); ++i)
      if (!fits(items[i], OptionalType(parts.tuple[i].type))) return false;
    return true;
  }

  // Writes a copy with maps and sets where they belong. Returns false if that is not possible.
  bool copy(NodeView root, const MessageForm::Parts& parts, GraphWriter& writer) {
    out_ = &writer;
    budget_ = {};
    if (parts.tuple.empty()) return put(root, parts.value);
    if (root.kind() != NodeKind::Tuple) return put(root, OptionalType());
    writer.begin_tuple();
    std::uint32_t i = 0;
    for (const NodeView item : root.tuple()) {
      const bool is_known = i < parts.tuple.size();
      if (!put(item, is_known ? OptionalType(parts.tuple[i].type) : OptionalType())) return false;
      ++i;
    }
    writer.end();
    return true;
  }

  // Why there is no copy.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  // Counts a node with its payload, and a level as long as it exists. A shared node is copied for each reference, so the
  // size of the copy is checked before each node, too.
  class Visit final {
   public:
    Visit(FormWalk& walk, std::uint32_t payload) : walk_(walk) {
      ++walk.levels_;
      if (walk.levels_ > kMaxValueDepth)
        fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
      else if (walk.out_ != nullptr && walk.out_->size() > kDefaultLimits.max_buffer)
        fail(fmt::format("it takes more than {} MiB", kDefaultLimits.max_buffer >> 20U));
      else if (!walk.budget_.visit(payload))
        fail(fmt::format("it has more than {} values, or values of more than {} MiB", kMaxTreeNodes,
                         kMaxTreeBytes >> 20U));
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() { --walk_.levels_; }
    [[nodiscard]] bool is_allowed() const { return is_allowed_; }

   private:
    void fail(std::string problem) {
      is_allowed_ = false;
      walk_.problem_ = std::move(problem);
    }

    FormWalk& walk_;
    bool is_allowed_ = true;
  };

  template <class Kind>
  const Kind* kind_of(OptionalType id) const {
    return id ? std::get_if<Kind>(&form_.types_.types.types[*id].kind) : nullptr;
  }

  // Adds a record or variant to the enclosing types for a scope.
  void enclose(OptionalType id, std::optional<Enclosed>& enclosed) {
    if (id) enclosed.emplace(enclosing_, *id);
  }

  // The type of a value where the types say any value: within a recursive type, that may be one of the
  // enclosing types.
  OptionalType resolve(NodeView node, OptionalType id) {
    if (kind_of<types::Dynamic>(id) == nullptr) return id;
    if (node.kind() == NodeKind::Variant)
      return find_enclosing_variant(form_.types_, enclosing_, node.variant());
    if (node.kind() != NodeKind::Record) return std::nullopt;
    const auto is_record = [&](TypeId type) {
      const auto* const record = kind_of<types::Record>(type);
      if (record == nullptr || record->fields.size() != node.record().fields.size()) return false;
      FieldFinder fields(node, budget_);
      return std::ranges::all_of(record->fields, [&](const types::Field& field) {
        return fields.find(wire_field(field.label), field.label).has_value();
      });
    };
    const auto type = std::find_if(enclosing_.rbegin(), enclosing_.rend(), is_record);
    return type == enclosing_.rend() ? std::nullopt : OptionalType(*type);
  }

  // next: the position after the field that was found before, where fields in the order of the type are.
  OptionalType field_type(OptionalType id, std::string_view name, std::size_t& next) {
    const auto* const record = kind_of<types::Record>(id);
    if (record == nullptr) return std::nullopt;
    const std::string label = label_of_field(name);
    const auto& fields = record->fields;
    if (next >= fields.size() || fields[next].label != label) {
      budget_.take_bytes(fields.size());
      const auto field = std::ranges::find(fields, label, &types::Field::label);
      if (field == fields.end()) return std::nullopt;
      next = static_cast<std::size_t>(field - fields.begin());
    }
    return fields[next++].type;
  }
  OptionalType payload_type(OptionalType id, const VariantView& variant) const {
    const auto* const known = kind_of<types::Variant>(id);
    return known == nullptr || variant.tag >= known->cases.size() || variant.payload.size() != 1
               ? std::nullopt
               : known->cases[variant.tag].type;
  }
  OptionalType item_type(OptionalType id, std::uint32_t i) const {
    const auto* const tuple = kind_of<types::Tuple>(id);
    return tuple != nullptr && i < tuple->types.size() ? OptionalType(tuple->types[i])
                                                       : std::nullopt;
  }
  OptionalType some_type(OptionalType id) const {
    const auto* const option = kind_of<types::Option>(id);
    return option != nullptr ? OptionalType(option->type) : std::nullopt;
  }
  OptionalType side_type(OptionalType id, ResultSide side) const {
    const auto* const result = kind_of<types::ResultType>(id);
    if (result == nullptr) return std::nullopt;
    return side == ResultSide::Ok ? result->ok : result->error;
  }
  // The key and value of a map; of a list of pairs too.
  std::optional<types::Map> entry_types(OptionalType id) const {
    if (const auto* const map = kind_of<types::Map>(id)) return *map;
    const auto* const list = kind_of<types::List>(id);
    return list != nullptr ? form_.types_.pair_of(list->element) : std::nullopt;
  }

  // Whether nothing in a value of this type needs a look.
  [[nodiscard]] bool is_plain(OptionalType id) const {
    if (!id || collections_ == Collections::Yes) return !id;
    const bool can_recur = kind_of<types::Dynamic>(id) != nullptr && !enclosing_.empty();
    return !can_recur && !form_.has_collections_.at(*id);
  }

  bool all_fit(const NodeSequence& nodes, OptionalType type) {
    for (const NodeView node : nodes)
      if (!fits(node, type)) return false;
    return true;
  }

  bool fits(NodeView node, OptionalType declared) {
    if (is_plain(declared)) return true;
    const Visit visit(*this, node.payload_size());
    if (!visit.is_allowed()) return false;  // the copy reports it
    const OptionalType id = resolve(node, declared);
    if (const auto* const map = kind_of<types::Map>(id)) {
      if (node.kind() != NodeKind::Map) return !EntrySequence::find(node);
      const MapView view = node.map();
      for (std::uint32_t i = 0; i < view.size(); ++i)
        if (!fits(view.key_at(i), map->key) || !fits(view.value_at(i), map->value)) return false;
      return true;
    }
    if (const auto* const list = kind_of<types::List>(id)) {
      if (node.kind() == NodeKind::Array) return !list->is_set;
      const auto items = find_items(node);
      if (!items) return node.kind() != NodeKind::Map;
      if ((node.kind() == NodeKind::Set) != list->is_set) return false;
      return all_fit(*items, list->element);
    }
    if (node.kind() == NodeKind::Record) {
      std::optional<Enclosed> enclosed;
      enclose(id, enclosed);
      std::size_t next = 0;
      for (const FieldView field : node.record().fields)
        if (!fits(field.value, field_type(id, field.name, next))) return false;
      return true;
    }
    if (node.kind() == NodeKind::Variant) {
      std::optional<Enclosed> enclosed;
      enclose(id, enclosed);
      return all_fit(node.variant().payload, payload_type(id, node.variant()));
    }
    if (node.kind() == NodeKind::Tuple) {
      for (std::uint32_t i = 0; i < node.tuple().size(); ++i)
        if (!fits(node.tuple()[i], item_type(id, i))) return false;
      return true;
    }
    if (node.kind() == NodeKind::Option) {
      const auto value = node.option().value;
      return !value || fits(*value, some_type(id));
    }
    if (node.kind() == NodeKind::Result)
      return fits(node.result().value, side_type(id, node.result().side));
    return true;
  }

  bool put_all(const NodeSequence& nodes, OptionalType type) {
    for (const NodeView node : nodes)
      if (!put(node, type)) return false;
    out_->end();
    return true;
  }

  bool put_entries(const EntrySequence& entries, const std::optional<types::Map>& types) {
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      const auto pair = entries.at(i);
      out_->begin_entry();
      if (!put(pair->first, types ? OptionalType(types->key) : OptionalType()) ||
          !put(pair->second, types ? OptionalType(types->value) : OptionalType()))
        return false;
      out_->end_entry();
    }
    out_->end();
    return true;
  }

  static bool has_pairs(const EntrySequence& entries) {
    for (std::uint32_t i = 0; i < entries.size(); ++i)
      if (!entries.at(i)) return false;
    return true;
  }

  // A list where the types say a map or a set, or the reverse. Returns nothing if it is not one.
  std::optional<bool> put_collection(NodeView node, OptionalType id) {
    if (const auto* const map = kind_of<types::Map>(id)) {
      const auto entries = EntrySequence::find(node);
      if (!entries || !has_pairs(*entries)) return std::nullopt;
      out_->begin_map(form_.types_.wire_type(map->key), form_.types_.wire_type(map->value));
      return put_entries(*entries, *map);
    }
    const auto* const list = kind_of<types::List>(id);
    if (list == nullptr) return std::nullopt;
    const GraphType element = form_.types_.wire_type(list->element);
    if (list->is_set && node.kind() == NodeKind::Array) {
      const ArrayView array = node.array();
      out_->begin_set(element);
      for (std::uint32_t i = 0; i < array.count; ++i) {
        if (!Visit(*this, 0).is_allowed()) return false;
        out_->add_scalar(array.element, array.bits(i));
      }
      out_->end();
      return true;
    }
    if (list->is_set && node.kind() == NodeKind::List) {
      out_->begin_set(element);
      return put_all(node.list().items, list->element);
    }
    if (!list->is_set && node.kind() == NodeKind::Set) {
      out_->begin_list(element);
      return put_all(node.set().items, list->element);
    }
    const auto pair = form_.types_.pair_of(list->element);
    if (list->is_set || node.kind() != NodeKind::Map || !pair) return std::nullopt;
    out_->begin_list(element);
    const MapView view = node.map();
    for (std::uint32_t i = 0; i < view.size(); ++i) {
      out_->begin_tuple();
      if (!put(view.key_at(i), pair->key) || !put(view.value_at(i), pair->value)) return false;
      out_->end();
    }
    out_->end();
    return true;
  }

  // Whether a copy states the type that the package has, instead of that in the message, which has no
  // maps and sets in version 2.
  [[nodiscard]] bool states_types(OptionalType id) const {
    return version_ == GraphVersion::V3 && id && form_.has_collections_.at(*id);
  }

  bool put(NodeView node, OptionalType declared) {
    const Visit visit(*this, node.payload_size());
    if (!visit.is_allowed()) return false;
    const OptionalType id = resolve(node, declared);
    if (version_ == GraphVersion::V3)
      if (const auto is_put = put_collection(node, id)) return *is_put;
    const NodeKind kind = node.kind();
    if (fixed_width(kind) != 0 || kind == NodeKind::String || kind == NodeKind::Array) {
      put_leaf(node);
      return true;
    }
    if (kind == NodeKind::List || kind == NodeKind::Set) {
      const auto* const list = kind_of<types::List>(id);
      const ListView view = kind == NodeKind::List ? node.list() : node.set();
      if (kind == NodeKind::List && list != nullptr && states_types(list->element))
        out_->begin_list(form_.types_.wire_type(list->element));
      else if (kind == NodeKind::List)
        out_->begin_list(view.element);
      else
        out_->begin_set(view.element);
      return put_all(view.items, list != nullptr ? OptionalType(list->element) : OptionalType());
    }
    if (kind == NodeKind::Map) {
      out_->begin_map(node.map().key, node.map().value);
      return put_entries(*EntrySequence::find(node), entry_types(id));
    }
    if (kind == NodeKind::Record) return put_record(node.record(), id);
    if (kind == NodeKind::Variant) {
      const VariantView variant = node.variant();
      std::optional<Enclosed> enclosed;
      enclose(id, enclosed);
      out_->begin_variant(variant.type_name, variant.case_name, variant.tag);
      return put_all(variant.payload, payload_type(id, variant));
    }
    if (kind == NodeKind::Tuple) {
      out_->begin_tuple();
      for (std::uint32_t i = 0; i < node.tuple().size(); ++i)
        if (!put(node.tuple()[i], item_type(id, i))) return false;
    } else if (kind == NodeKind::Option) {
      const OptionView option = node.option();
      const OptionalType inner = some_type(id);
      if (states_types(inner))
        out_->begin_option(form_.types_.wire_type(inner));
      else
        out_->begin_option(option.inner);
      if (option.value && !put(*option.value, some_type(id))) return false;
    } else {
      const ResultView result = node.result();
      if (const auto* const known = kind_of<types::ResultType>(id);
          known != nullptr && states_types(id))
        out_->begin_result(form_.types_.wire_type(known->ok), form_.types_.wire_type(known->error),
                           result.side);
      else
        out_->begin_result(result.ok, result.err, result.side);
      if (!put(result.value, side_type(id, result.side))) return false;
    }
    out_->end();
    return true;
  }

  void put_leaf(NodeView node) {
    if (node.kind() == NodeKind::String)
      out_->add_string(node.string());
    else if (node.kind() == NodeKind::Array)
      out_->add_array(node.array().element, node.array().bytes);
    else
      out_->add_scalar(node.kind(), node.bits());
  }

  bool put_record(const RecordView& record, OptionalType id) {
    std::optional<Enclosed> enclosed;
    enclose(id, enclosed);
    out_->begin_record(record.type_name);
    std::size_t next = 0;
    for (const FieldView field : record.fields) {
      out_->field(field.name);
      if (!put(field.value, field_type(id, field.name, next))) return false;
    }
    out_->end();
    return true;
  }

  const MessageForm& form_;
  GraphVersion version_;
  Collections collections_;
  GraphWriter* out_ = nullptr;
  EnclosingTypes enclosing_;
  TreeBudget budget_;
  std::uint32_t levels_ = 0;
  std::string problem_;
};

namespace {

// Whether a message has a node of a map or a set, as far as its headers are well formed.
bool has_collection_nodes(std::span<const std::uint8_t> message) {
  std::size_t at = kGraphHeaderBytes;
  while (at < message.size() && message.size() - at >= kNodeHeaderBytes) {
    const NodeKind kind = static_cast<NodeKind>(message[at]);
    if (kind == NodeKind::Map || kind == NodeKind::Set) return true;
    at += kNodeHeaderBytes + std::size_t{load_u32(message.data() + at + 4)};
  }
  return false;
}

}  // namespace

MessageForm::MessageForm(FunctionType type, std::shared_ptr<const TypeNamesOnWire> names)
    : type_(std::move(type)),
      names_(std::move(names)),
      types_{value::graph_of(type_)->types, *names_},
      function_(types_.types.functions[value::id_of(type_)]) {
  for (const types::Field& param : function_.params) has_any_ |= find_collections(param.type);
  if (function_.result) has_any_ |= find_collections(*function_.result);
}

// The recursion is bounded by limits::kNestingDepth.
bool MessageForm::find_collections(TypeId id) {
  if (const auto known = has_collections_.find(id); known != has_collections_.end())
    return known->second;
  const types::Type& type = types_.types.types[id];
  const auto* const list = std::get_if<types::List>(&type.kind);
  bool has_any = std::holds_alternative<types::Map>(type.kind) || (list != nullptr && list->is_set);
  types::for_each_part(
      type, [&](TypeId part) { has_any |= find_collections(part); }, [](types::ResourceId) {});
  return has_collections_[id] = has_any;
}

Result<std::span<const std::uint8_t>, ValueProblem> MessageForm::fit_params(
    std::span<const std::uint8_t> message, GraphVersion version, GraphWriter& writer) const {
  if (function_.params.size() == 1)
    return fit(message, version, {{}, function_.params.front().type}, writer);
  return fit(message, version, {function_.params, {}}, writer);
}

Result<std::span<const std::uint8_t>, ValueProblem> MessageForm::fit_result(
    std::span<const std::uint8_t> message, GraphVersion version, GraphWriter& writer) const {
  return fit(message, version, {{}, function_.result}, writer);
}

Result<std::span<const std::uint8_t>, ValueProblem> MessageForm::fit(
    std::span<const std::uint8_t> message, GraphVersion version, const Parts& parts,
    GraphWriter& writer) const {
  const std::optional<GraphVersion> stated = version_of(message);
  if (!stated || (version == GraphVersion::V2 && stated == GraphVersion::V2)) return message;
  const bool has_nodes = stated == GraphVersion::V3 && has_collection_nodes(message);
  const auto collections = has_nodes ? FormWalk::Collections::Yes : FormWalk::Collections::No;
  if (version == GraphVersion::V3 && !has_any_ && !has_nodes) return message;
  GraphOpening graph;
  const auto root = graph.open(message);
  if (!root) return message;
  if (version == GraphVersion::V2 ? !graph.has_collections()
                                  : FormWalk(*this, version, collections).fits(*root, parts))
    return message;
  writer = GraphWriter(version);
  FormWalk walk(*this, version, collections);
  if (!walk.copy(*root, parts, writer)) return ValueProblem{{}, walk.problem()};
  const auto copied = writer.finish();
  if (!copied) return ValueProblem{{}, "packr cannot represent it: " + describe(copied.error())};
  return *copied;
}

void stamp_version(std::span<std::uint8_t> message, GraphVersion version) {
  if (version_of(message))
    store(message.data() + kGraphVersionAt, static_cast<std::uint16_t>(version));
}

}  // namespace tenon::packr
