#include "compose/nest.h"

#include <fmt/core.h>

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "compose/bag.h"
#include "support/limits.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

constexpr std::string_view kBag = "bag";
constexpr std::string_view kImports = "i";

std::string import_name(std::uint32_t import) { return fmt::format("i{}", import); }
std::string export_name(resolve::UnitExport from) {
  return fmt::format("u{}-e{}", from.unit, from.index);
}
std::string group_name(std::size_t group) { return fmt::format("g{}", group); }

// What crosses the border of a group.
struct Border {
  std::map<std::size_t, std::set<resolve::UnitExport>> from_groups;
  std::set<std::uint32_t> imports;
  std::vector<types::ResourceId> resources;  // classes, in the order of first mention
  std::set<resolve::UnitExport> exported;
  std::vector<types::ResourceId> made;  // classes of resources that its units make
};

class Nesting {
 public:
  Nesting(Level& root, std::span<const Group> groups)
      : root_(root), plan_(root.context.plan), groups_(groups), group_of_(plan_.units.size()) {
    for (std::size_t group = 0; group < groups.size(); ++group)
      for (const resolve::UnitIndex unit : groups[group]) group_of_[unit] = group;
    find_borders();
    // Ids depend on what was evaluated first, so names count the classes as the groups mention
    // them.
    for (const Border& border : borders_) {
      for (const types::ResourceId resource : border.resources)
        resource_numbers_.try_emplace(resource, resource_numbers_.size());
      for (const types::ResourceId resource : border.made)
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
    for (const resolve::CompositionExport& wanted : plan_.exports)
      borders_[group_of_[wanted.from.unit]].exported.insert(wanted.from);
  }

  void find_border(std::size_t group) {
    Border& border = borders_[group];
    std::unordered_set<types::ResourceId> seen;
    for (const resolve::UnitIndex unit : groups_[group])
      for (const types::ResourceId resource : plan_.units[unit].type.defined)
        if (seen.insert(root_.context.classes.of(resource)).second)
          border.made.push_back(root_.context.classes.of(resource));
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

  // A binary that stands in several groups is nested once, around them.
  void share_components() {
    std::unordered_map<std::uint32_t, std::size_t> first_group;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      for (const resolve::UnitIndex unit : groups_[group]) {
        const std::uint32_t key = root_.context.keys[unit];
        if (first_group.try_emplace(key, group).first->second == group) continue;
        // Half of the root's components are for sharing, the rest for groups; what is left over is
        // nested in each of its groups.
        if (root_.components.size() >= limits::kComponentsPerLevel / 2) return;
        root_.add_component(unit);
      }
    }
  }

  WrittenGroup write_group(std::size_t group) {
    const Border& border = borders_[group];
    Level inner(root_.context);
    std::vector<std::pair<std::string, binary::SortIndex>> args;
    import_resources(border, inner, args);
    import_imports(border, inner, args);
    for (const auto& [provider, from] : border.from_groups) import_bag(provider, from, inner, args);
    for (const resolve::UnitIndex unit : groups_[group]) {
      const std::uint32_t key = root_.context.keys[unit];
      const auto shared = root_.components.find(key);
      if (shared != root_.components.end() && !inner.components.contains(key))
        inner.components.emplace(key,
                                 inner.out.alias_outer(binary::Sort::Component, 1, shared->second));
      inner.instantiate(unit);
    }
    export_bag(border, inner);
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
    Bag bag(*plan_.types, root_.context.classes);
    for (const std::uint32_t import : border.imports)
      if (root_.imports.contains(import)) bag.add(import_name(import), plan_.imports[import].item);
    if (bag.type().exports.empty()) return;
    const PlaceId place = import_instance(kImports, bag, inner);
    std::map<std::string, PlaceId, std::less<>> passed;
    for (const std::uint32_t import : border.imports) {
      if (!root_.imports.contains(import)) continue;
      inner.imports.emplace(import, inner.places.inside(place, sort_of(plan_.imports[import].item),
                                                        import_name(import)));
      passed.emplace(import_name(import), root_.imports.at(import));
    }
    args.emplace_back(kImports, write_bag(bag, root_, passed));
  }

  void import_bag(std::size_t provider, const std::set<resolve::UnitExport>& from, Level& inner,
                  std::vector<std::pair<std::string, binary::SortIndex>>& args) {
    Bag bag(*plan_.types, root_.context.classes);
    for (const resolve::UnitExport one : from) bag.add(export_name(one), item(one));
    const std::string name = group_name(provider);
    const PlaceId place = import_instance(name, bag, inner);
    for (const resolve::UnitExport one : from)
      inner.exports.emplace(one, inner.places.inside(place, sort_of(item(one)), export_name(one)));
    args.emplace_back(name, root_.places.item(bags_[provider]));
  }

  static PlaceId import_instance(std::string_view name, const Bag& bag, Level& inner) {
    const binary::ExternDesc desc = inner.encoder({&inner.defined}).bound(bag.type());
    return inner.places.at({binary::Sort::Instance, inner.out.import_item({.text = name}, desc)});
  }

  // An instance of what `passed` names; the other exports of the bag are types by their structure.
  static binary::SortIndex write_bag(const Bag& bag, Level& level,
                                     const std::map<std::string, PlaceId, std::less<>>& passed) {
    std::vector<binary::InlineExport> exports;
    for (const types::NamedItem& one : bag.type().exports) {
      const auto known = passed.find(one.name);
      if (known != passed.end()) {
        exports.push_back({{.text = one.name}, level.places.item(known->second)});
        continue;
      }
      const auto& type = std::get<types::TypeBound>(one.item).type;
      exports.push_back(
          {{.text = one.name},
           {binary::Sort::Type, level.encoder({}).type_index(std::get<types::TypeId>(type))}});
    }
    return {binary::Sort::Instance, level.out.add_instance(exports)};
  }

  void export_bag(const Border& border, Level& inner) {
    Bag bag(*plan_.types, root_.context.classes);
    std::map<std::string, PlaceId, std::less<>> passed;
    for (const types::ResourceId resource : border.made) {
      const auto known = inner.defined.resources.find(resource);
      if (known == inner.defined.resources.end()) continue;
      bag.add(resource_name(resource), types::TypeBound{resource});
      passed.emplace(resource_name(resource), known->second.place);
    }
    for (const resolve::UnitExport one : border.exported) {
      bag.add(export_name(one), item(one));
      passed.emplace(export_name(one), inner.find(one));
    }
    const binary::SortIndex instance = write_bag(bag, inner, passed);
    const binary::ExternDesc desc = inner.encoder({&inner.defined}).bound(bag.type());
    inner.out.export_item({.text = kBag}, instance, desc);
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
    const PlaceId bag = root_.places.inside(root_.places.at({binary::Sort::Instance, instance}),
                                            binary::Sort::Instance, kBag);
    bags_.push_back(bag);
    for (const types::ResourceId resource : borders_[group].made)
      if (inner.defined.resources.contains(resource))
        root_.defined.resources.emplace(
            resource,
            TypeTable::Named{root_.places.inside(bag, binary::Sort::Type, resource_name(resource)),
                             {}});
    for (const resolve::UnitExport one : borders_[group].exported)
      root_.exports.emplace(one, root_.places.inside(bag, sort_of(item(one)), export_name(one)));
    return written;
  }

  Level& root_;
  const resolve::LinkPlan& plan_;
  std::span<const Group> groups_;
  std::vector<std::size_t> group_of_;
  std::vector<Border> borders_;
  std::unordered_map<types::ResourceId, std::size_t> resource_numbers_;
  std::vector<PlaceId> bags_;  // of the groups that are written, in the root
};

}  // namespace

std::vector<WrittenGroup> write_groups(Level& root, std::span<const Group> groups) {
  return Nesting(root, groups).write();
}

}  // namespace tenon::compose
