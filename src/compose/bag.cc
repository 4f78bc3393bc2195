#include "compose/bag.h"

#include <fmt/core.h>

#include <unordered_set>
#include <variant>

#include "types/uses.h"

namespace tenon::compose {

namespace {

using Named = std::unordered_set<types::TypeId>;

bool must_be_named(const types::Type& type) {
  return std::holds_alternative<types::Record>(type.kind) ||
         std::holds_alternative<types::Variant>(type.kind) ||
         std::holds_alternative<types::Enum>(type.kind) ||
         std::holds_alternative<types::Flags>(type.kind);
}

class Collector {
 public:
  Collector(const types::Types& types, const TypeClasses& classes)
      : types_(types), classes_(classes) {}

  // named: classes that have a name where the item stands.
  void collect(const types::Item& item, const Named& named) {
    if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      Named inside = named;
      const types::Instance& type = types_.instances[*instance];
      for (const types::NamedItem& inner : type.exports)
        if (const types::TypeId* value = find_value_type(inner.item))
          inside.insert(classes_.of(*value));
      for (const types::NamedItem& inner : type.exports) collect(inner.item, inside);
      return;
    }
    for (const types::TypeId type : types::mentioned_types(types_, item)) {
      const types::TypeId one = classes_.of(type);
      if (!must_be_named(types_.types[type]) || named.contains(one)) continue;
      if (listed_.insert(one).second) found_.push_back(type);
    }
  }

  static const types::TypeId* find_value_type(const types::Item& item) {
    const auto* bound = std::get_if<types::TypeBound>(&item);
    return bound == nullptr ? nullptr : std::get_if<types::TypeId>(&bound->type);
  }

  std::vector<types::TypeId> take() { return std::move(found_); }

 private:
  const types::Types& types_;
  const TypeClasses& classes_;
  Named listed_;
  std::vector<types::TypeId> found_;
};

}  // namespace

std::vector<types::TypeId> types_to_name(const types::Types& types, const TypeClasses& classes,
                                         const types::Item& item) {
  Named named;
  if (const types::TypeId* value = Collector::find_value_type(item))
    named.insert(classes.of(*value));
  Collector collector(types, classes);
  collector.collect(item, named);
  return collector.take();
}

void Bag::add(std::string_view name, const types::Item& item) {
  std::size_t count = 0;
  for (const types::TypeId type : types_to_name(types_, classes_, item))
    type_.add_export(fmt::format("{}-t{}", name, count++), types::TypeBound{type});
  type_.add_export(std::string(name), item);
}

}  // namespace tenon::compose
