#include "resolve/union_types.h"

#include <algorithm>

namespace tenon::resolve {

namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

bool is_primitive_node(const types::Types& types, types::TypeId id) {
  return std::find(types.primitives.begin(), types.primitives.end(), id) != types.primitives.end();
}

}  // namespace

types::Item UnionTypes::unite(std::span<const types::Item> items) {
  if (!std::holds_alternative<types::InstanceId>(items.front())) {
    const types::Item united = rewrite(items.front());
    for (const types::Item& item : items) identify(united, item);
    return united;
  }
  types::Instance united;
  for (const types::Item& item : items) add_instance(united, std::get<types::InstanceId>(item));
  return arena_.instances.add(std::move(united));
}

void UnionTypes::add_instance(types::Instance& into, types::InstanceId from) {
  // A copy: rewriting adds to the arena.
  const std::vector<types::NamedItem> exports = arena_.instances[from].exports;
  for (const types::NamedItem& part : exports) {
    const types::NamedItem* same = into.find_export(part.name);
    if (same == nullptr) {
      const types::Item item = rewrite(part.item);
      identify(item, part.item);
      into.add_export(part.name, item);
      continue;
    }
    identify(same->item, part.item);
    if (const types::InstanceId* inner = std::get_if<types::InstanceId>(&part.item)) {
      // Instances in instances: nesting is bounded by evaluation.
      types::Instance wider = arena_.instances[std::get<types::InstanceId>(same->item)];
      add_instance(wider, *inner);
      const std::uint32_t position = into.index.at(part.name);
      into.exports[position].item = arena_.instances.add(std::move(wider));
    }
  }
}

void UnionTypes::identify(const types::Item& kept, const types::Item& dropped) {
  const types::TypeBound* a = std::get_if<types::TypeBound>(&kept);
  const types::TypeBound* b = std::get_if<types::TypeBound>(&dropped);
  if (a == nullptr || b == nullptr) return;
  const types::TypeId* type_a = std::get_if<types::TypeId>(&a->type);
  const types::TypeId* type_b = std::get_if<types::TypeId>(&b->type);
  if (type_a == nullptr || type_b == nullptr || is_primitive_node(arena_, *type_b)) return;
  types_.insert_or_assign(*type_b, *type_a);
}

types::Item UnionTypes::rewrite(const types::Item& item) {
  return std::visit(
      Overload{[&](types::FunctionId id) -> types::Item { return rewrite(id); },
               [&](types::InstanceId id) -> types::Item { return rewrite(id); },
               [&](const types::TypeBound& bound) -> types::Item {
                 if (const types::TypeId* id = std::get_if<types::TypeId>(&bound.type))
                   return types::TypeBound{rewrite(*id)};
                 return types::TypeBound{class_of_(std::get<types::ResourceId>(bound.type))};
               },
               [](const types::Unsupported& unsupported) -> types::Item { return unsupported; }},
      item);
}

types::InstanceId UnionTypes::rewrite(types::InstanceId id) {
  types::Instance made;
  add_instance(made, id);
  return arena_.instances.add(std::move(made));
}

types::FunctionId UnionTypes::rewrite(types::FunctionId id) {
  types::Function made = arena_.functions[id];
  for (types::Field& param : made.params) param.type = rewrite(param.type);
  if (made.result) made.result = rewrite(*made.result);
  return arena_.functions.add(std::move(made));
}

// Depth is bounded by evaluation (limits::kNestingDepth).
types::TypeId UnionTypes::rewrite(types::TypeId id) {
  const auto known = types_.find(id);
  if (known != types_.end()) return known->second;
  bool changed = false;
  const auto type = [&](types::TypeId& part) {
    const types::TypeId other = rewrite(part);
    changed |= other != part;
    part = other;
  };
  const auto maybe = [&](std::optional<types::TypeId>& part) {
    if (part) type(*part);
  };
  const auto resource = [&](types::ResourceId& part) {
    const types::ResourceId other = class_of_(part);
    changed |= other != part;
    part = other;
  };
  types::Type made = arena_.types[id];
  std::visit(Overload{[](types::Primitive&) {}, [](types::Flags&) {}, [](types::Enum&) {},
                      [](types::Dynamic&) {},
                      [&](types::Record& record) {
                        for (types::Field& field : record.fields) type(field.type);
                      },
                      [&](types::Variant& variant) {
                        for (types::Case& one : variant.cases) maybe(one.type);
                      },
                      [&](types::List& list) { type(list.element); },
                      [&](types::Map& map) {
                        type(map.key);
                        type(map.value);
                      },
                      [&](types::Tuple& tuple) {
                        for (types::TypeId& part : tuple.types) type(part);
                      },
                      [&](types::Option& option) { type(option.type); },
                      [&](types::ResultType& result) {
                        maybe(result.ok);
                        maybe(result.error);
                      },
                      [&](types::Own& own) { resource(own.resource); },
                      [&](types::Borrow& borrow) { resource(borrow.resource); },
                      [&](types::Stream& stream) { maybe(stream.type); },
                      [&](types::Future& future) { maybe(future.type); }},
             made.kind);
  const types::TypeId answer = changed ? arena_.types.add(std::move(made)) : id;
  types_.emplace(id, answer);
  return answer;
}

}  // namespace tenon::resolve
