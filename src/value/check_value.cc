#include "value/check_value.h"

#include <fmt/core.h>

#include <algorithm>
#include <type_traits>
#include <variant>
#include <vector>

#include "support/utf8.h"
#include "tenon/value.h"
#include "types/labels.h"
#include "value/numbers.h"
#include "value/problems.h"
#include "value/type_graph.h"

namespace tenon {

namespace {

using types::Primitive;
using types::TypeId;
using value::Path;

// Is there a handle anywhere in a value?
struct HoldsHandle {
  bool operator()(const ValueHandle& /*handle*/) const { return true; }
  bool operator()(const ValueList& list) const {
    const auto* elements = list.get_if<Value>();
    return elements != nullptr && any_of(*elements);
  }
  bool operator()(const ValueMap& map) const {
    return std::ranges::any_of(map.entries, [&](const auto& entry) {
      return entry.first.visit(*this) || entry.second.visit(*this);
    });
  }
  bool operator()(const ValueRecord& record) const { return any_of(record.values()); }
  bool operator()(const ValueTuple& tuple) const { return any_of(tuple.values); }
  bool operator()(const ValueVariant& variant) const { return is_in(variant.payload); }
  bool operator()(const ValueOption& option) const { return is_in(option.payload); }
  bool operator()(const ValueResult& result) const { return is_in(result.payload); }
  template <class Plain>
  bool operator()(const Plain& /*held*/) const {
    return false;
  }

 private:
  [[nodiscard]] bool any_of(const std::vector<Value>& values) const {
    return std::ranges::any_of(values, [&](const Value& value) { return value.visit(*this); });
  }
  [[nodiscard]] bool is_in(const ValuePayload& payload) const {
    return payload.get() != nullptr && payload.get()->visit(*this);
  }
};

// Goes down a value and a type together. The parts of a value are checked only if the value itself
// is of the right kind.
class Checker {
 public:
  Checker(const value::TypeGraph& graph, const value::HandleProblems& handles)
      : graph_(graph), types_(graph.types), tables_(graph.types), handles_(handles) {}

  void check_arguments(std::span<const Value> arguments, const std::vector<types::Field>& params,
                       const FunctionType& function) {
    if (arguments.size() != params.size()) {
      add_problem([&] {
        return value::argument_count_problem(params.size(), arguments.size(), function.wit(""));
      });
      return;
    }
    for (std::size_t i = 0; i < params.size(); ++i) {
      const Path::Step step(path_, params[i].label);
      check(arguments[i], params[i].type);
    }
  }

  void check(const Value& value, TypeId id) {
    std::visit([&](const auto& kind) { check_as(kind, value, id); }, types_.types[id].kind);
  }
  [[nodiscard]] value::Problems& problems() { return problems_; }

 private:
  template <class Make>
  void add_problem(Make&& make) {
    problems_.add([&] {
      Diagnostic problem = make();
      problem.where.item = path_.print();
      return problem;
    });
  }
  void add_mismatch(const Value& value, TypeId id) {
    constexpr std::size_t kShown = 40;
    add_problem([&] {
      Diagnostic problem = value::type_problem(
          graph_, id, fmt::format("{} `{}`", kind_text(value.kind()), print_wave(value, kShown)));
      problem.hints.push_back(fmt::format("pass a value of type {}", value::show_type(graph_, id)));
      return problem;
    });
  }
  // The content of `value` if it is a Held; otherwise null, and a problem is added.
  template <class Held>
  const Held* expect(const Value& value, TypeId id) {
    const Held* held = value.get_if<Held>();
    if (held == nullptr) add_mismatch(value, id);
    return held;
  }

  void check_as(const Primitive& kind, const Value& value, TypeId id) {
    bool is_right = false;
    if (value::visit_number(kind, [&]<class T>(std::type_identity<T>) {
          is_right = value.get_if<T>() != nullptr;
        })) {
      // Every number of the right kind is in range.
    } else if (kind == Primitive::Bool) {
      is_right = value.kind() == ValueKind::Bool;
    } else if (kind == Primitive::Char) {
      const auto* character = value.get_if<char32_t>();
      is_right = character != nullptr && is_scalar_value(*character);
    } else if (kind == Primitive::String) {
      const auto* text = value.get_if<std::string>();
      is_right = text != nullptr && !find_bad_utf8(*text);
    }
    if (!is_right) add_mismatch(value, id);
  }

  void check_as(const types::List& kind, const Value& value, TypeId id) {
    const auto* list = expect<ValueList>(value, id);
    if (list == nullptr) return;
    if (kind.length && *kind.length != list->size())
      add_problem([&] { return value::count_problem(graph_, id, *kind.length, list->size()); });
    if (list->empty()) return;
    // The numbers of a packed list are all of one kind.
    const auto* element = std::get_if<Primitive>(&types_.types[kind.element].kind);
    bool is_packed = false;
    if (element != nullptr)
      value::visit_number(*element, [&]<class T>(std::type_identity<T>) {
        is_packed = list->get_if<T>() != nullptr;
      });
    if (is_packed) return;
    std::size_t index = 0;
    list->for_each([&](const Value& part) {
      const Path::Step step(path_, index++);
      check(part, kind.element);
    });
  }

  void check_as(const types::Map& kind, const Value& value, TypeId id) {
    const auto* map = expect<ValueMap>(value, id);
    if (map == nullptr) return;
    for (std::size_t i = 0; i < map->entries.size(); ++i) {
      const Path::Step step(path_, i);
      check(map->entries[i].first, kind.key);
      check(map->entries[i].second, kind.value);
    }
  }

  void check_as(const types::Record& kind, const Value& value, TypeId id) {
    const auto* record = expect<ValueRecord>(value, id);
    if (record == nullptr) return;
    const types::LabelTable& table = tables_.get(id);
    std::vector<bool> is_set(kind.fields.size());
    for (std::size_t i = 0; i < record->values().size(); ++i) {
      const std::string& label = record->labels()[i];
      const Path::Step step(path_, label);
      const std::optional<std::uint32_t> field = table.find(label);
      if (!field) {
        add_problem(
            [&] { return value::label_problem(graph_, id, "field", label, table.labels()); });
      } else if (is_set[*field]) {
        add_problem([&] { return value::duplicate_problem("field", label); });
      } else {
        is_set[*field] = true;
        check(record->values()[i], kind.fields[*field].type);
      }
    }
    std::vector<const types::Field*> missing;
    for (std::size_t i = 0; i < is_set.size(); ++i)
      if (!is_set[i]) missing.push_back(&kind.fields[i]);
    if (missing.empty()) return;
    add_problem([&] {
      Diagnostic problem = value::missing_problem(graph_, id, missing);
      problem.hints = {"set every field; a field of an `option` type can be `none`"};
      return problem;
    });
  }

  void check_as(const types::Tuple& kind, const Value& value, TypeId id) {
    const auto* tuple = expect<ValueTuple>(value, id);
    if (tuple == nullptr) return;
    if (tuple->values.size() != kind.types.size())
      add_problem([&] {
        return value::count_problem(graph_, id, kind.types.size(), tuple->values.size());
      });
    for (std::size_t i = 0; i < tuple->values.size() && i < kind.types.size(); ++i) {
      const Path::Step step(path_, i);
      check(tuple->values[i], kind.types[i]);
    }
  }

  void check_payload(std::string_view label, const std::optional<TypeId>& type,
                     const ValuePayload& payload) {
    if (type.has_value() != (payload.get() != nullptr)) {
      add_problem([&] { return value::payload_problem(graph_, label, type); });
    } else if (type) {
      const Path::Step step(path_, label);
      check(*payload.get(), *type);
    }
  }

  // The position of a label in the type; nothing, and a problem is added, if it has no such label.
  std::optional<std::uint32_t> check_label(TypeId id, std::string_view what,
                                           std::string_view label) {
    const types::LabelTable& table = tables_.get(id);
    const std::optional<std::uint32_t> position = table.find(label);
    if (!position)
      add_problem([&] { return value::label_problem(graph_, id, what, label, table.labels()); });
    return position;
  }

  void check_as(const types::Variant& kind, const Value& value, TypeId id) {
    const auto* variant = expect<ValueVariant>(value, id);
    if (variant == nullptr) return;
    if (const auto position = check_label(id, "case", variant->label))
      check_payload(variant->label, kind.cases[*position].type, variant->payload);
  }
  void check_as(const types::Enum& /*kind*/, const Value& value, TypeId id) {
    if (const auto* held = expect<ValueEnum>(value, id)) check_label(id, "case", held->label);
  }
  void check_as(const types::Flags& /*kind*/, const Value& value, TypeId id) {
    if (const auto* flags = expect<ValueFlags>(value, id))
      for (const std::string& label : flags->labels) check_label(id, "flag", label);
  }
  void check_as(const types::Option& kind, const Value& value, TypeId id) {
    const auto* option = expect<ValueOption>(value, id);
    if (option != nullptr && option->payload.get() != nullptr)
      check_payload("some", kind.type, option->payload);
  }
  void check_as(const types::ResultType& kind, const Value& value, TypeId id) {
    const auto* result = expect<ValueResult>(value, id);
    if (result == nullptr) return;
    check_payload(result->is_ok ? "ok" : "err", result->is_ok ? kind.ok : kind.error,
                  result->payload);
  }

  // Only the caller knows resources: it passes the problems of handles in.
  void check_handle(const Value& value, TypeId id) {
    const auto problems = handles_.find(expect<ValueHandle>(value, id));
    if (problems == handles_.end()) return;
    for (const Diagnostic& problem : problems->second) add_problem([&] { return problem; });
  }
  void check_as(const types::Own& /*kind*/, const Value& value, TypeId id) {
    check_handle(value, id);
  }
  void check_as(const types::Borrow& /*kind*/, const Value& value, TypeId id) {
    check_handle(value, id);
  }
  void check_as(const types::Stream& /*kind*/, const Value& value, TypeId id) {
    check_handle(value, id);
  }
  void check_as(const types::Future& /*kind*/, const Value& value, TypeId id) {
    check_handle(value, id);
  }
  // A value of any kind, but not a handle: handles have no meaning outside of one composition.
  void check_as(const types::Dynamic& /*kind*/, const Value& value, TypeId id) {
    if (value.visit(HoldsHandle())) add_mismatch(value, id);
  }

  const value::TypeGraph& graph_;
  const types::Types& types_;
  types::LabelTables tables_;
  const value::HandleProblems& handles_;
  Path path_;
  value::Problems problems_;
};

}  // namespace

Result<void> check_value(const Value& value, const Type& type) {
  Diagnostics problems = value::check_part(value, type);
  if (problems.empty()) return {};
  return problems;
}

namespace value {

Diagnostics check_arguments(std::span<const Value> arguments, const FunctionType& function,
                            const HandleProblems& handles) {
  const TypeGraph& graph = *graph_of(function);
  Checker checker(graph, handles);
  checker.check_arguments(arguments, graph.types.functions[id_of(function)].params, function);
  return checker.problems().take();
}

Diagnostics check_part(const Value& value, const Type& type, const HandleProblems& handles) {
  Checker checker(*graph_of(type), handles);
  checker.check(value, id_of(type));
  return checker.problems().take();
}

}  // namespace value

}  // namespace tenon
