#include "types/bounded_types.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "support/limits.h"
#include "types/type.h"

namespace tenon::types {

namespace {

constexpr std::uint64_t kBytesPerNode = 32;

std::uint64_t text_cost(std::uint64_t bytes) { return bytes / kBytesPerNode; }

std::uint64_t cost_of(const std::vector<Field>& fields) {
  std::uint64_t cost = fields.size();
  for (const Field& field : fields) cost += text_cost(field.label.size());
  return cost;
}

std::uint64_t cost_of(const std::vector<std::string>& labels) {
  std::uint64_t cost = labels.size();
  for (const std::string& label : labels) cost += text_cost(label.size());
  return cost;
}

std::uint64_t cost_of(const Type& type) {
  return std::visit(
      [](const auto& kind) -> std::uint64_t {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Record>) {
          return 1 + cost_of(kind.fields);
        } else if constexpr (std::is_same_v<Kind, Variant>) {
          std::uint64_t cost = 1 + kind.cases.size();
          for (const Case& alternative : kind.cases) cost += text_cost(alternative.label.size());
          return cost;
        } else if constexpr (std::is_same_v<Kind, Tuple>) {
          return 1 + kind.types.size();
        } else if constexpr (std::is_same_v<Kind, Flags> || std::is_same_v<Kind, Enum>) {
          return 1 + cost_of(kind.labels);
        } else {
          static_assert(std::is_same_v<Kind, Primitive> || std::is_same_v<Kind, List> ||
                        std::is_same_v<Kind, Map> || std::is_same_v<Kind, Option> ||
                        std::is_same_v<Kind, ResultType> || std::is_same_v<Kind, Own> ||
                        std::is_same_v<Kind, Borrow> || std::is_same_v<Kind, Stream> ||
                        std::is_same_v<Kind, Future> || std::is_same_v<Kind, Dynamic>);
          return 1;
        }
      },
      type.kind);
}

}  // namespace

BoundedTypes::BoundedTypes(Types& arena, Patterns& patterns, std::uint64_t budget)
    : arena_(arena), patterns_(patterns), left_(budget) {
  for (std::size_t kind = 0; kind < arena.primitives.size(); ++kind)
    arena.primitive(static_cast<Primitive>(kind));
  first_type_ = static_cast<std::uint32_t>(arena.types.size());
  first_function_ = static_cast<std::uint32_t>(arena.functions.size());
  first_instance_ = static_cast<std::uint32_t>(arena.instances.size());
}

void BoundedTypes::spend(std::uint64_t cost, std::string_view rule) {
  if (cost > left_ && !too_large_) too_large_ = rule;
  left_ -= std::min(cost, left_);
}

void BoundedTypes::charge(std::uint64_t cost) {
  spend(cost, "its instantiations copy too many types");
}

void BoundedTypes::count_item(std::uint64_t& size, std::string_view name, const Item& item) {
  const Measure part = measure(item);
  size += part.size;
  if (size > limits::kTypeNodes && !too_large_)
    too_large_ = "its imports and exports have more parts than the engine allows";
  spend(text_cost(part.path_bytes + part.items * name.size()),
        "the names of what its nested instances export are too long");
}

void BoundedTypes::add_part(Measure& whole, const Measure& part) {
  whole.size += part.size;
  whole.depth = std::max(whole.depth, part.depth + 1);
}

void BoundedTypes::check(const Measure& measure) {
  if (too_large_) return;
  if (measure.size > limits::kTypeNodes)
    too_large_ = "a type has more parts than the engine allows";
  if (measure.depth > limits::kNestingDepth)
    too_large_ = "types are nested deeper than the engine allows";
}

// Only primitive types were not added by this evaluation; they measure 1.
Measure BoundedTypes::measure(TypeId id) const {
  return is_own(id) ? types_[id.index - first_type_] : Measure{};
}

Measure BoundedTypes::measure(const Item& item) const {
  if (const auto* function = std::get_if<FunctionId>(&item))
    return functions_[function->index - first_function_];
  if (const auto* instance = std::get_if<InstanceId>(&item))
    return instances_[instance->index - first_instance_];
  if (const auto* bound = std::get_if<TypeBound>(&item))
    if (const auto* type = std::get_if<TypeId>(&bound->type)) return {.size = measure(*type).size};
  const auto* other = std::get_if<Unsupported>(&item);
  if (other == nullptr || other->detail >= patterns_.details.size()) return {};
  const TypeEntry& entry = patterns_.details[other->detail];
  if (const auto* function = std::get_if<FunctionId>(&entry))
    return functions_[function->index - first_function_];
  if (const auto* shape = std::get_if<ShapeIndex>(&entry))
    return patterns_.shapes[shape->value].measure;
  return {};
}

TypeId BoundedTypes::add(Type type) {
  charge(cost_of(type));
  Measure total;
  for_each_part(
      std::as_const(type), [&](TypeId part) { add_part(total, measure(part)); }, [](ResourceId) {});
  check(total);
  types_.push_back(total);
  return arena_.types.add(std::move(type));
}

FunctionId BoundedTypes::add(Function function) {
  charge(1 + cost_of(function.params));
  Measure total;
  for_each_part(std::as_const(function), [&](TypeId part) { total.size += measure(part).size; });
  check(total);
  functions_.push_back(total);
  return arena_.functions.add(std::move(function));
}

InstanceId BoundedTypes::add(Instance instance) {
  std::uint64_t cost = 1;
  Measure total;
  for (const NamedItem& item : instance.exports) {
    const Measure part = measure(item.item);
    cost += 1 + text_cost(2 * item.name.size());
    add_part(total, part);
    total.items += part.items;
    total.path_bytes += part.path_bytes + part.items * (item.name.size() + 1);
  }
  charge(cost);
  check(total);
  instances_.push_back(total);
  return arena_.instances.add(std::move(instance));
}

ShapeIndex BoundedTypes::add(Shape shape) {
  Measure total;
  for (const std::vector<RootItem>* list : {&shape.type.imports, &shape.type.exports})
    for (const RootItem& item : *list) add_part(total, measure(item.item));
  check(total);
  shape.measure = total;
  patterns_.shapes.push_back(std::move(shape));
  return ShapeIndex{static_cast<std::uint32_t>(patterns_.shapes.size() - 1)};
}

}  // namespace tenon::types
