#include "compose/groups.h"

#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <variant>

#include "support/diagnostics.h"

namespace tenon::compose {

namespace {

// What a level holds, at most.
struct Size {
  std::size_t components = 0;
  std::size_t instances = 0;

  Size operator+(const Size& other) const {
    return {components + other.components, instances + other.instances};
  }
  [[nodiscard]] bool fits(const LevelLimits& limits) const {
    return components <= limits.components && instances <= limits.instances;
  }
};

// Bag of the imports, bag of what is exported, and its export.
constexpr std::size_t kBags = 3;

std::size_t count_instances(const types::Types& types, const types::Item& item) {
  const auto* instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return 0;
  std::size_t count = 1;
  for (const types::NamedItem& inner : types.instances[*instance].exports)
    count += count_instances(types, inner.item);
  return count;
}

bool names_resource(const types::Types& types, const types::Item& item) {
  if (const auto* bound = std::get_if<types::TypeBound>(&item))
    return std::holds_alternative<types::ResourceId>(bound->type);
  const auto* instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return false;
  for (const types::NamedItem& inner : types.instances[*instance].exports)
    if (names_resource(types, inner.item)) return true;
  return false;
}

// Adds units to one level and knows what it holds then.
class Filling {
 public:
  Filling(const Context& context, const std::set<resolve::UnitExport>& used)
      : context_(context), types_(*context.plan.types), used_(used) {}

  // What the unit would add.
  [[nodiscard]] Size measure(resolve::UnitIndex unit) const {
    Additions added;
    visit(unit, added);
    return added.size;
  }
  void add(resolve::UnitIndex unit) {
    Additions added;
    visit(unit, added);
    size = size + added.size;
    units_.insert(unit);
    keys_.insert(context_.keys[unit]);
    exports_.merge(added.exports);
    imports_.merge(added.imports);
    providers_.merge(added.providers);
  }

  Size size{.components = 0, .instances = kBags};

 private:
  struct Additions {
    Size size;
    std::set<resolve::UnitExport> exports;
    std::set<std::uint32_t> imports;
    std::set<resolve::UnitIndex> providers;
  };

  void visit(resolve::UnitIndex unit, Additions& added) const {
    const resolve::Unit& type = context_.plan.units[unit];
    added.size.instances += 1;
    if (!keys_.contains(context_.keys[unit])) added.size.components += 1;
    for (std::size_t import = 0; import < type.type.imports.size(); ++import) {
      const resolve::Argument& passed = context_.plan.arguments[unit][import];
      if (const auto* other = std::get_if<resolve::FromUnit>(&passed)) {
        add_export(unit, other->from, added);
      } else if (const auto* outer = std::get_if<resolve::FromImport>(&passed)) {
        add_import(outer->import, added);
      } else {
        added.size.instances += count_instances(types_, type.type.imports[import].item);
      }
    }
    for (std::uint32_t index = 0; index < type.type.exports.size(); ++index)
      if (used_.contains({unit, index}) || names_resource(types_, type.type.exports[index].item))
        add_export(unit, {unit, index}, added);
  }
  // An alias, once; and, of a unit that is not here, the bag that it comes in.
  void add_export(resolve::UnitIndex unit, resolve::UnitExport from, Additions& added) const {
    if (exports_.contains(from) || !added.exports.insert(from).second) return;
    added.size.instances +=
        count_instances(types_, context_.plan.units[from.unit].type.exports[from.index].item);
    if (from.unit != unit && !units_.contains(from.unit) && !providers_.contains(from.unit) &&
        added.providers.insert(from.unit).second)
      added.size.instances += 1;
  }
  void add_import(std::uint32_t import, Additions& added) const {
    if (imports_.contains(import) || !added.imports.insert(import).second) return;
    const resolve::CompositionImport& outer = context_.plan.imports[import];
    added.size.instances += 1 + count_instances(types_, outer.item);
    if (outer.binding == resolve::CompositionImport::Binding::Trap) added.size.components += 2;
  }

  const Context& context_;
  const types::Types& types_;
  const std::set<resolve::UnitExport>& used_;
  std::unordered_set<resolve::UnitIndex> units_;
  std::unordered_set<std::uint32_t> keys_;
  std::set<resolve::UnitExport> exports_;
  std::set<std::uint32_t> imports_;
  std::set<resolve::UnitIndex> providers_;
};

std::set<resolve::UnitExport> used_exports(const resolve::LinkPlan& plan) {
  std::set<resolve::UnitExport> used;
  for (const std::vector<resolve::Argument>& arguments : plan.arguments)
    for (const resolve::Argument& passed : arguments)
      if (const auto* other = std::get_if<resolve::FromUnit>(&passed)) used.insert(other->from);
  for (const resolve::CompositionExport& exported : plan.exports) used.insert(exported.from);
  return used;
}

// A single level: no bags, but every import and export of the composition.
bool fits_one_level(const Context& context, const std::set<resolve::UnitExport>& used,
                    const LevelLimits& limits) {
  Filling all(context, used);
  for (const resolve::UnitIndex unit : context.plan.order) {
    all.add(unit);
    if (!all.size.fits(limits)) return false;
  }
  for (const resolve::CompositionImport& import : context.plan.imports)
    all.size.instances += count_instances(*context.plan.types, import.item);
  all.size.instances += context.plan.exports.size();
  return all.size.fits(limits);
}

}  // namespace

Result<std::vector<Group>> divide(const Context& context, const LevelLimits& limits) {
  const std::set<resolve::UnitExport> used = used_exports(context.plan);
  if (fits_one_level(context, used, limits)) return std::vector<Group>{context.plan.order};
  std::vector<Group> groups(1);
  std::optional<Filling> filling(std::in_place, context, used);
  for (const resolve::UnitIndex unit : context.plan.order) {
    if (!groups.back().empty() && !(filling->size + filling->measure(unit)).fits(limits)) {
      groups.emplace_back();
      filling.emplace(context, used);
    }
    filling->add(unit);
    groups.back().push_back(unit);
    if (!filling->size.fits(limits))
      return make_diagnostic(Code::ComposeNotOneDomain,
                             "the unit `{}` alone needs {} instances and {} components, more than "
                             "one level of a component may hold",
                             context.plan.units[unit].name, filling->size.instances,
                             filling->size.components);
  }
  return groups;
}

}  // namespace tenon::compose
