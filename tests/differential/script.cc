#include "tests/differential/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "value/random_values.h"

namespace tenon::differential {

using types::TypeId;

Value Replacement::operator()(TypeId id, const Value& value) const {
  if (!has_handles(types_, id)) return value;
  if (is_stream(types_, id)) return on_stream_ ? on_stream_(id, value) : replace_items(id, value);
  return std::visit([&](const auto& kind) { return replace(kind, value); }, types_.types[id].kind);
}

Value Replacement::replace_item(TypeId stream, const Value& item) const {
  const std::optional<TypeId> type = types::parts_of(types_.types[stream]).front();
  return type ? (*this)(*type, item) : item;
}

Value Replacement::replace_items(TypeId stream, const Value& value) const {
  std::vector<Value> items;
  if (const auto* const tuple = value.get_if<ValueTuple>()) {
    for (const Value& old : tuple->values) items.push_back(replace_item(stream, old));
    return Value::tuple(std::move(items));
  }
  value.get_if<ValueList>()->for_each(
      [&](const Value& old) { items.push_back(replace_item(stream, old)); });
  return Value::list(std::move(items));
}

ValuePayload Replacement::payload(const std::optional<TypeId>& id, const ValuePayload& held) const {
  return held.get() == nullptr ? ValuePayload() : ValuePayload((*this)(*id, *held.get()));
}
Value Replacement::replace(const types::Own& own, const Value& value) const {
  return on_handle_(own.resource.index, value);
}
Value Replacement::replace(const types::Borrow& borrow, const Value& value) const {
  return on_handle_(borrow.resource.index, value);
}
Value Replacement::replace(const types::List& list, const Value& value) const {
  std::vector<Value> made;
  value.get_if<ValueList>()->for_each(
      [&](const Value& element) { made.push_back((*this)(list.element, element)); });
  return Value::list(std::move(made));
}
Value Replacement::replace(const types::Tuple& tuple, const Value& value) const {
  const std::vector<Value>& old = value.get_if<ValueTuple>()->values;
  std::vector<Value> made;
  for (std::size_t i = 0; i < old.size(); ++i) made.push_back((*this)(tuple.types[i], old[i]));
  return Value::tuple(std::move(made));
}
Value Replacement::replace(const types::Record& record, const Value& value) const {
  std::vector<std::pair<std::string, Value>> made;
  for (const types::Field& field : record.fields)
    made.emplace_back(field.label,
                      (*this)(field.type, *value.get_if<ValueRecord>()->find(field.label)));
  return Value::record(std::move(made));
}
Value Replacement::replace(const types::Variant& variant, const Value& value) const {
  const auto& old = *value.get_if<ValueVariant>();
  const auto one = std::ranges::find(variant.cases, old.label, &types::Case::label);
  return Value::variant(old.label, payload(one->type, old.payload));
}
Value Replacement::replace(const types::Option& option, const Value& value) const {
  return Value::option(payload(option.type, value.get_if<ValueOption>()->payload));
}
Value Replacement::replace(const types::ResultType& result, const Value& value) const {
  const auto& old = *value.get_if<ValueResult>();
  return old.is_ok ? Value::ok(payload(result.ok, old.payload))
                   : Value::err(payload(result.error, old.payload));
}

namespace {

// The type of an argument in a script.
TypeId content_type(types::Types& types, TypeId id) {
  if (!has_streams(types, id)) return id;
  types::Type copy = types.types[id];
  types::for_each_part(
      copy, [&](TypeId& part) { part = content_type(types, part); }, [](types::ResourceId&) {});
  if (const auto* const stream = std::get_if<types::Stream>(&copy.kind)) {
    const TypeId item = stream->type ? *stream->type : types.types.add({types::Tuple{}});
    copy = {types::List{item, {}}};
  } else if (const auto* const future = std::get_if<types::Future>(&copy.kind)) {
    copy = {future->type ? types::Tuple{{*future->type}} : types::Tuple{}};
  }
  return types.types.add(std::move(copy));
}

Value smallest_value(const value::TypeGraphPtr& graph, TypeId id) {
  // Of many random values, the one with the shortest text.
  value::RandomValues random(1);
  std::optional<Value> best;
  for (int i = 0; i < 30; ++i) {
    Value value = random.make_value(value::make_type(graph, id));
    if (!best || print_wave(value).size() < print_wave(*best).size()) best = std::move(value);
  }
  return *std::move(best);
}

class ScriptMaker final {
 public:
  explicit ScriptMaker(const World& world) : world_(world), random_(world.seed + 1) {
    value::TypeGraph graph{world.types, {}};
    for (const Interface& interface : world.interfaces)
      for (const Function& function : interface.functions)
        for (const types::Field& param : function.type.params)
          contents_[param.type] = content_type(graph.types, param.type);
    script_.graph = std::make_shared<const value::TypeGraph>(std::move(graph));
  }

  Script make() {
    for_all(false, [&](unsigned interface, std::size_t function) {
      for (unsigned i = 0; i < world_.calls; ++i) add(world_.root(), interface, function);
    });
    for (std::size_t unit = 0; unit < world_.units.size(); ++unit)
      for_all(false, [&](unsigned interface, std::size_t function) {
        if (world_.units[unit].is_exported && world_.units[unit].has_export(interface))
          add(unit, interface, function);
      });
    for (const unsigned resource : made_resources(world_))
      script_.answers.push_back(drop_line(resource, made_[resource]));
    bool has_trapped = false;
    for_all(true, [&](unsigned interface, std::size_t function) {
      if (std::exchange(has_trapped, true)) return;
      add(world_.root(), interface, function);
      add_trapping_units(interface);
    });
    if (!has_trapped && world_.trapping_resource) add_trapping_drop(*world_.trapping_resource);
    return std::move(script_);
  }

 private:
  template <class F>
  void for_all(bool has_fault, const F& act) const {
    for (unsigned i = 0; i < world_.interfaces.size(); ++i)
      for (std::size_t j = 0; j < world_.interfaces[i].functions.size(); ++j) {
        const Function& function = world_.interfaces[i].functions[j];
        if (function.is_called() && (function.fault != Function::Fault::None) == has_fault)
          act(i, j);
      }
  }

  void add_trapping_units(unsigned interface) {
    const std::optional<std::size_t> origin = origin_of(world_, interface);
    if (!origin) return;
    for (std::size_t unit = world_.root(); unit != *origin;
         unit = *provider_of(world_, unit, interface))
      if (world_.units[unit].passes(interface)) script_.trapping_units.push_back(unit);
    script_.trapping_units.push_back(*origin);
  }

  void add_trapping_drop(unsigned resource) {
    const Found make = *find_function(world_, Function::Role::Make, resource);
    script_.calls.push_back({.unit = world_.root(),
                             .interface = make.interface,
                             .function = make.function,
                             .arguments = {Value::u32(0)},
                             .drops_result = true});
    script_.answers.emplace_back(kTrap);
    add_trapping_units(make.interface);
  }

  void add(std::size_t unit, unsigned interface, std::size_t position) {
    const Function& function = world_.interfaces[interface].functions[position];
    Call call{.unit = unit, .interface = interface, .function = position};
    std::vector<Value> answers;
    const Replacement fill(script_.graph->types, [&](unsigned resource, const Value&) {
      if (world_.is_of_wasi(resource)) return Value::u32(kWasiNumber);
      made_[resource]++;
      return Value::u32(++number_);
    });
    for (std::size_t i = 0; i < function.type.params.size(); ++i) {
      const types::Field& param = function.type.params[i];
      const TypeId content = contents_.at(param.type);
      call.arguments.push_back(function.known_answer ? function.known_arguments[i]
                               : world_.smallest_values
                                   ? smallest_value(script_.graph, content)
                                   : random_.make_value(value::make_type(script_.graph, content)));
      answers.push_back(fill(param.type, call.arguments.back()));
    }
    std::optional<Value> answer;
    if (function.known_answer) {
      answer = function.known_answer;
    } else if (function.role == Function::Role::Which) {
      answer = Value::u32(which_instance(world_, unit, interface));
    } else if (function.type.result) {
      const bool is_one = answers.size() == 1 || function.answer == Function::Answer::Last;
      answer = is_one ? answers.back() : Value::tuple(std::move(answers));
    }
    script_.calls.push_back(std::move(call));
    script_.answers.push_back(function.fault == Function::Fault::None ? print_answer(answer)
                                                                      : std::string(kTrap));
  }

  const World& world_;
  value::RandomValues random_;
  Script script_;
  std::map<TypeId, TypeId> contents_;
  std::uint32_t number_ = 0;
  std::map<unsigned, unsigned> made_;
};

}  // namespace

Script make_script(const World& world) { return ScriptMaker(world).make(); }

bool is_trapping(const World& world, const Call& call) {
  return call.drops_result || function_of(world, call).fault != Function::Fault::None;
}

Script without_trap(const World& world, Script script) {
  if (!script.calls.empty() && is_trapping(world, script.calls.back())) {
    script.calls.pop_back();
    script.answers.pop_back();
  }
  return script;
}

const Function& function_of(const World& world, const Call& call) {
  return world.interfaces[call.interface].functions[call.function];
}

ExportedFunction exported_function(const World& world, const Call& call) {
  const Function& function = function_of(world, call);
  if (call.unit == world.root() && has_bare_exports(world, call.unit, call.interface) &&
      is_plain(world, function))
    return {.interface = "", .name = bare_name(call.interface, function)};
  return {.interface = export_name(world, call.unit, call.interface), .name = function.name};
}

std::string print_answer(const std::optional<Value>& answer) {
  return answer ? print_wave(*answer) : "()";
}

std::string drop_line(unsigned resource, unsigned count) {
  return fmt::format("r{}: {} dropped", resource, count);
}

std::string call_text(const World& world, const Call& call) {
  std::string text;
  for (const Value& argument : call.arguments)
    text += (text.empty() ? "" : ", ") + print_wave(argument);
  const ExportedFunction function = exported_function(world, call);
  return fmt::format("{}{}{}({})", function.interface, function.interface.empty() ? "" : ".",
                     function.name, text);
}

}  // namespace tenon::differential
