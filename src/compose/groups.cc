// How groups are made.
//
// `divide` fills groups in the order of the plan, so dependencies only ever lead to earlier groups
// and the groups can be instantiated one after the other. It counts, before anything is written,
// what each unit adds to a level: its instance, an alias for each item that is used, a component
// unless its binary is there already.
//
// A group cannot refer to the outside, so everything that crosses its border is imported or
// exported. Hundreds of items may cross, and each would count as an instance; so all items from one
// group travel as the exports of a single instance, a bundle. Types of the items must have names in
// the bundle. The resources that imports mention are imported first, alone, so that the types of
// all bundles can refer to them.
#include "compose/groups.h"

#include <fmt/core.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "compose/type_encoder.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

// The size of a level.
struct LevelSize {
  std::size_t components = 0;
  std::size_t instances = 0;

  LevelSize operator+(const LevelSize& other) const {
    return {components + other.components, instances + other.instances};
  }
  [[nodiscard]] bool fits(const LevelLimits& limits) const {
    return components <= limits.components && instances <= limits.instances;
  }
};

// The instances that every group has: the bundles of its imports and exports, and the export.
constexpr std::size_t kBundleInstances = 3;

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

// The content of one level while units are added, to compute its size.
class LevelContents {
 public:
  LevelContents(const Context& context, const std::set<resolve::UnitExport>& used)
      : context_(context), types_(*context.plan.types), used_(used) {}

  // The size that the unit would add.
  [[nodiscard]] LevelSize measure(resolve::UnitIndex unit) const {
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

  LevelSize size{.components = 0, .instances = kBundleInstances};

 private:
  struct Additions {
    LevelSize size;
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
  // An export costs an alias, once; one of a unit elsewhere also the bundle that it comes in.
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

// Whether all units fit one level. Without groups there are no bundles, but every import and export
// of the composition counts.
bool fits_one_level(const Context& context, const std::set<resolve::UnitExport>& used,
                    const LevelLimits& limits) {
  LevelContents all(context, used);
  for (const resolve::UnitIndex unit : context.plan.order) {
    all.add(unit);
    if (!all.size.fits(limits)) return false;
  }
  for (const resolve::CompositionImport& import : context.plan.imports)
    all.size.instances += count_instances(*context.plan.types, import.item);
  all.size.instances += context.plan.exports.size();
  for (const resolve::CompositionExport& exported : context.plan.exports) {
    if (!exported.is_relayed) continue;
    all.size.instances += 1;
    all.size.components += 3;  // the relay with its two core modules
  }
  return all.size.fits(limits);
}

}  // namespace

Result<std::vector<Group>> divide(const Context& context, const LevelLimits& limits) {
  const std::set<resolve::UnitExport> used = used_exports(context.plan);
  if (fits_one_level(context, used, limits)) return std::vector<Group>{context.plan.order};
  std::vector<Group> groups(1);
  std::optional<LevelContents> contents(std::in_place, context, used);
  for (const resolve::UnitIndex unit : context.plan.order) {
    if (!groups.back().empty() && !(contents->size + contents->measure(unit)).fits(limits)) {
      groups.emplace_back();
      contents.emplace(context, used);
    }
    contents->add(unit);
    groups.back().push_back(unit);
    if (!contents->size.fits(limits))
      return make_diagnostic(Code::ComposeNotOneDomain,
                             "the unit `{}` alone needs {} instances and {} components, more than "
                             "one level of a component can hold",
                             context.plan.units[unit].name, contents->size.instances,
                             contents->size.components);
  }
  return groups;
}

namespace {

// Items that cross the border of a nested component together, as the exports of one instance.
//
//   ExportBundle bundle(types, classes);
//   bundle.add("u3-e0", item);
//   encoder.bound(bundle.type())      // the type of the bundle, for an import or an ascription
//
// Lifetime: refers to its arguments.
class ExportBundle final {
 public:
  ExportBundle(const types::Types& types, const TypeClasses& classes)
      : types_(types), classes_(classes) {}

  // Adds an item. Types that the item mentions without naming them are added before it, as
  // "NAME-t0", "NAME-t1", and so on.
  void add(std::string_view name, const types::Item& item);

  [[nodiscard]] const types::Instance& type() const { return type_; }

 private:
  const types::Types& types_;
  const TypeClasses& classes_;
  types::Instance type_;
};

void ExportBundle::add(std::string_view name, const types::Item& item) {
  std::size_t count = 0;
  for (const types::TypeId type : types_to_name(types_, classes_, item))
    type_.add_export(fmt::format("{}-t{}", name, count++), types::TypeBound{type});
  type_.add_export(std::string(name), item);
}

constexpr std::string_view kBundle = "bag";
constexpr std::string_view kImports = "i";

std::string import_name(std::uint32_t import) { return fmt::format("i{}", import); }
std::string export_name(resolve::UnitExport from) {
  return fmt::format("u{}-e{}", from.unit, from.index);
}
std::string group_name(std::size_t group) { return fmt::format("g{}", group); }

// The items that cross the border of a group.
struct Border {
  std::map<std::size_t, std::set<resolve::UnitExport>> from_groups;
  std::set<std::uint32_t> imports;
  std::vector<types::ResourceId> resources;  // classes, in the order of first mention
  std::set<resolve::UnitExport> exported;
  std::vector<types::ResourceId> defined;  // classes of resources that its units make
};

// Writes all groups into the root.
class GroupWriter {
 public:
  GroupWriter(Level& root, std::span<const Group> groups)
      : root_(root), plan_(root.context.plan), groups_(groups), group_of_(plan_.units.size()) {
    for (std::size_t group = 0; group < groups.size(); ++group)
      for (const resolve::UnitIndex unit : groups[group]) group_of_[unit] = group;
    find_borders();
    // Ids depend on the order of evaluation, so names count the classes in the order in which
    // groups mention them.
    for (const Border& border : borders_) {
      for (const types::ResourceId resource : border.resources)
        resource_numbers_.try_emplace(resource, resource_numbers_.size());
      for (const types::ResourceId resource : border.defined)
        resource_numbers_.try_emplace(resource, resource_numbers_.size());
    }
  }

  std::vector<WrittenGroup> write() {
    share_components();
    std::vector<WrittenGroup> written;
    for (std::size_t group = 0; group < groups_.size(); ++group)
      written.push_back(write_group(group));
    return written;
  }

 private:
  const types::Item& item(resolve::UnitExport from) const {
    return plan_.units[from.unit].type.exports[from.index].item;
  }

  [[nodiscard]] std::string resource_name(types::ResourceId resource) const {
    return fmt::format("r{}", resource_numbers_.at(resource));
  }

  void find_borders() {
    borders_.resize(groups_.size());
    for (std::size_t group = 0; group < groups_.size(); ++group) find_border(group);
    for (const resolve::CompositionExport& exported : plan_.exports)
      borders_[group_of_[exported.from.unit]].exported.insert(exported.from);
  }

  void find_border(std::size_t group) {
    Border& border = borders_[group];
    std::unordered_set<types::ResourceId> seen;
    for (const resolve::UnitIndex unit : groups_[group])
      for (const types::ResourceId resource : plan_.units[unit].type.defined)
        if (seen.insert(root_.context.classes.of(resource)).second)
          border.defined.push_back(root_.context.classes.of(resource));
    const auto mention = [&](const types::Item& mentions) {
      for (const types::ResourceId resource : types::mentioned_resources(*plan_.types, mentions))
        if (seen.insert(root_.context.classes.of(resource)).second)
          border.resources.push_back(root_.context.classes.of(resource));
    };
    for (const resolve::UnitIndex unit : groups_[group]) {
      for (std::size_t import = 0; import < plan_.arguments[unit].size(); ++import) {
        const resolve::Argument& passed = plan_.arguments[unit][import];
        if (const auto* other = std::get_if<resolve::FromUnit>(&passed)) {
          const std::size_t provider = group_of_[other->from.unit];
          if (provider == group) continue;
          borders_[provider].exported.insert(other->from);
          if (border.from_groups[provider].insert(other->from).second) mention(item(other->from));
        } else if (const auto* outer = std::get_if<resolve::FromImport>(&passed)) {
          if (border.imports.insert(outer->import).second)
            mention(plan_.imports[outer->import].item);
        } else {
          mention(plan_.units[unit].type.imports[import].item);
        }
      }
    }
  }

  // A binary that units of several groups share is nested once, in the root.
  void share_components() {
    std::unordered_map<std::uint32_t, std::size_t> first_group;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      for (const resolve::UnitIndex unit : groups_[group]) {
        const std::uint32_t key = root_.context.keys[unit];
        if (first_group.try_emplace(key, group).first->second == group) continue;
        // At most half of the root's components are shared binaries; the other half are groups.
        // Further binaries are nested in each group that needs them.
        if (root_.components.size() >= limits::kComponentsPerLevel / 2) return;
        root_.add_component(unit);
      }
    }
  }

  WrittenGroup write_group(std::size_t group) {
    const Border& border = borders_[group];
    Level inner(root_.context, 1);
    std::vector<std::pair<std::string, binary::SortIndex>> args;
    import_resources(border, inner, args);
    import_imports(border, inner, args);
    for (const auto& [provider, from] : border.from_groups)
      import_bundle(provider, from, inner, args);
    for (const resolve::UnitIndex unit : groups_[group]) {
      const std::uint32_t key = root_.context.keys[unit];
      const auto shared = root_.components.find(key);
      if (shared != root_.components.end() && !inner.components.contains(key))
        inner.components.emplace(key,
                                 inner.out.alias_outer(binary::Sort::Component, 1, shared->second));
      inner.instantiate(unit);
    }
    export_bundle(border, inner);
    for (Diagnostic& problem : inner.problems) root_.problems.push_back(std::move(problem));
    return place_group(group, std::move(inner), args);
  }

  void import_resources(const Border& border, Level& inner,
                        std::vector<std::pair<std::string, binary::SortIndex>>& args) {
    for (const types::ResourceId resource : border.resources) {
      args.emplace_back(resource_name(resource), root_.resource(resource));
      const std::uint32_t index = inner.out.import_item(
          {.text = args.back().first}, {.kind = binary::ExternDesc::Kind::SubResource});
      inner.defined.resources.emplace(
          resource, TypeTable::Named{inner.places.at({binary::Sort::Type, index}), {}});
    }
  }

  void import_imports(const Border& border, Level& inner,
                      std::vector<std::pair<std::string, binary::SortIndex>>& args) {
    ExportBundle bundle(*plan_.types, root_.context.classes);
    for (const std::uint32_t import : border.imports)
      if (root_.imports.contains(import))
        bundle.add(import_name(import), plan_.imports[import].item);
    if (bundle.type().exports.empty()) return;
    const PlaceId place = import_instance(kImports, bundle, inner);
    std::map<std::string, PlaceId, std::less<>> passed;
    for (const std::uint32_t import : border.imports) {
      if (!root_.imports.contains(import)) continue;
      inner.imports.emplace(import, inner.places.inside(place, sort_of(plan_.imports[import].item),
                                                        import_name(import)));
      passed.emplace(import_name(import), root_.imports.at(import));
    }
    args.emplace_back(kImports, write_bundle(bundle, root_, passed));
  }

  void import_bundle(std::size_t provider, const std::set<resolve::UnitExport>& from, Level& inner,
                     std::vector<std::pair<std::string, binary::SortIndex>>& args) {
    ExportBundle bundle(*plan_.types, root_.context.classes);
    for (const resolve::UnitExport exported : from)
      bundle.add(export_name(exported), item(exported));
    const std::string name = group_name(provider);
    const PlaceId place = import_instance(name, bundle, inner);
    for (const resolve::UnitExport exported : from)
      inner.exports.emplace(
          exported, inner.places.inside(place, sort_of(item(exported)), export_name(exported)));
    args.emplace_back(name, root_.places.item(bundles_[provider]));
  }

  static PlaceId import_instance(std::string_view name, const ExportBundle& bundle, Level& inner) {
    const binary::ExternDesc desc = inner.encoder({&inner.defined}).bound(bundle.type());
    return inner.places.at({binary::Sort::Instance, inner.out.import_item({.text = name}, desc)});
  }

  // Writes an instance with the items in `passed`. All other exports of the bundle are types, which
  // are written by their structure.
  static binary::SortIndex write_bundle(const ExportBundle& bundle, Level& level,
                                        const std::map<std::string, PlaceId, std::less<>>& passed) {
    std::vector<binary::InlineExport> exports;
    for (const types::NamedItem& part : bundle.type().exports) {
      const auto known = passed.find(part.name);
      if (known != passed.end()) {
        exports.push_back({{.text = part.name}, level.places.item(known->second)});
        continue;
      }
      const auto& type = std::get<types::TypeBound>(part.item).type;
      exports.push_back({{.text = part.name}, level.value_type(std::get<types::TypeId>(type))});
    }
    return {binary::Sort::Instance, level.out.add_instance(exports)};
  }

  void export_bundle(const Border& border, Level& inner) {
    ExportBundle bundle(*plan_.types, root_.context.classes);
    std::map<std::string, PlaceId, std::less<>> passed;
    for (const types::ResourceId resource : border.defined) {
      const auto known = inner.defined.resources.find(resource);
      if (known == inner.defined.resources.end()) continue;
      bundle.add(resource_name(resource), types::TypeBound{resource});
      passed.emplace(resource_name(resource), known->second.place);
    }
    for (const resolve::UnitExport exported : border.exported) {
      bundle.add(export_name(exported), item(exported));
      passed.emplace(export_name(exported), inner.find(exported));
    }
    const binary::SortIndex instance = write_bundle(bundle, inner, passed);
    const binary::ExternDesc desc = inner.encoder({&inner.defined}).bound(bundle.type());
    inner.out.export_item({.text = kBundle}, instance, desc);
  }

  WrittenGroup place_group(std::size_t group, Level&& inner,
                           const std::vector<std::pair<std::string, binary::SortIndex>>& args) {
    WrittenGroup written;
    written.units = inner.nested;
    written.stubs = inner.stubs;
    binary::EncodedComponent encoded = std::move(inner.out).finish();
    const std::string name = fmt::format("group {}", group);
    written.component = root_.out.add_component(encoded, root_.context.debug_name(name));
    written.spans = std::move(encoded.components);

    std::vector<binary::InstantiateArg> passed;
    for (const auto& [text, index] : args) passed.push_back({text, index});
    const std::uint32_t instance =
        root_.out.instantiate(written.component, passed, root_.context.debug_name(name));
    const PlaceId bundle = root_.places.inside(root_.places.at({binary::Sort::Instance, instance}),
                                               binary::Sort::Instance, kBundle);
    bundles_.push_back(bundle);
    for (const types::ResourceId resource : borders_[group].defined)
      if (inner.defined.resources.contains(resource))
        root_.defined.resources.emplace(
            resource,
            TypeTable::Named{
                root_.places.inside(bundle, binary::Sort::Type, resource_name(resource)), {}});
    for (const resolve::UnitExport exported : borders_[group].exported)
      root_.exports.emplace(
          exported, root_.places.inside(bundle, sort_of(item(exported)), export_name(exported)));
    return written;
  }

  Level& root_;
  const resolve::LinkPlan& plan_;
  std::span<const Group> groups_;
  std::vector<std::size_t> group_of_;
  std::vector<Border> borders_;
  std::unordered_map<types::ResourceId, std::size_t> resource_numbers_;
  std::vector<PlaceId> bundles_;  // the export of each written group, in the root
};

}  // namespace

std::vector<WrittenGroup> write_groups(Level& root, std::span<const Group> groups) {
  return GroupWriter(root, groups).write();
}

}  // namespace tenon::compose
