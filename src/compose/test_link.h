// Plans without resolve, for tests of compose alone: a test says which export meets which import.
//
//   TestLink link;
//   link.add("kv", kv_bytes);
//   link.add("site", site_bytes);
//   link.pass("site", "press:kv/store@0.1.0", "kv");
//   link.export_item("site", "press:web/handler@1.0.0");
//   const Composed composed = link.embed({});
//
// Units are instantiated in the order in which they are added. An import without an argument
// becomes an import of the composition, merged by its exact name; with `from_types`, it is made
// from its types.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "binary/read_component.h"
#include "compose/embed.h"
#include "types/evaluate.h"
#include "types/subtype.h"

namespace tenon::compose {

class TestLink {
 public:
  using Binding = resolve::CompositionImport::Binding;
  resolve::LinkPlan plan;
  types::Types types;  // the plan gets a copy when it is composed

  // digest: units with equal digests share their binary. Empty: no digest.
  void add(std::string name, std::vector<std::uint8_t> bytes, std::string digest = {}) {
    files_.push_back(std::move(bytes));
    const Result<binary::Component> read = binary::read_component(files_.back());
    ASSERT_TRUE(read) << read.error().front().message;
    Result<types::ComponentType> type = types::evaluate_component(*read, types);
    ASSERT_TRUE(type) << type.error().front().message;
    resolve::Unit unit;
    unit.name = std::move(name);
    if (!digest.empty()) unit.digest = std::make_shared<const std::string>(std::move(digest));
    unit.type = *std::move(type);
    plan.order.push_back(static_cast<resolve::UnitIndex>(plan.units.size()));
    plan.units.push_back(std::move(unit));
  }

  void pass(std::string_view consumer, std::string_view import, std::string_view provider,
            std::string_view export_name = {}) {
    passed_[{find_unit(consumer), std::string(import)}] =
        resolve::FromUnit{find_export(provider, export_name.empty() ? import : export_name)};
  }
  void from_types(std::string_view consumer, std::string_view import) {
    passed_[{find_unit(consumer), std::string(import)}] = resolve::FromTypes{};
  }
  void unpass(std::string_view consumer, std::string_view import) {
    passed_.erase({find_unit(consumer), std::string(import)});
  }
  void trap(std::string import) { trapped_.insert(std::move(import)); }
  void export_item(std::string_view unit, std::string_view item, std::string_view as = {}) {
    resolve::CompositionExport exported;
    exported.name = as.empty() ? item : as;
    exported.from = find_export(unit, item);
    plan.exports.push_back(std::move(exported));
  }

  // Gives every type another id, as if the units had been read in another order.
  void evaluate_backwards() {
    types = {};
    for (std::size_t unit = plan.units.size(); unit-- > 0;) {
      const Result<binary::Component> read = binary::read_component(files_[unit]);
      plan.units[unit].type = *types::evaluate_component(*read, types);
    }
  }

  Result<Composed> try_embed(const EmbedOptions& options) {
    finish();
    UnitBytes bytes;
    for (const std::vector<std::uint8_t>& file : files_) bytes.push_back(file);
    return compose::embed(plan, bytes, options);
  }
  Composed embed(const EmbedOptions& options) {
    Result<Composed> composed = try_embed(options);
    if (composed) return *std::move(composed);
    ADD_FAILURE() << composed.error().front().message;
    return {};
  }

 private:
  resolve::UnitIndex find_unit(std::string_view name) const {
    for (resolve::UnitIndex unit = 0; unit < plan.units.size(); ++unit)
      if (plan.units[unit].name == name) return unit;
    ADD_FAILURE() << "no unit " << name;
    return 0;
  }
  resolve::UnitExport find_export(std::string_view unit_name, std::string_view item) const {
    const resolve::UnitIndex unit = find_unit(unit_name);
    const auto& exports = plan.units[unit].type.exports;
    for (std::uint32_t index = 0; index < exports.size(); ++index)
      if (exports[index].name == item) return {unit, index};
    ADD_FAILURE() << unit_name << " exports no " << item;
    return {};
  }

  // Does the work of resolve: arguments, merged imports, and classes of resources by the ties of
  // each edge.
  void finish() {
    plan.shown.name = "test";
    plan.arguments.clear();
    std::map<std::string, std::uint32_t> imports;
    for (resolve::UnitIndex unit = 0; unit < plan.units.size(); ++unit) {
      std::vector<resolve::Argument>& arguments = plan.arguments.emplace_back();
      for (const types::RootItem& item : plan.units[unit].type.imports) {
        const auto known = passed_.find({unit, item.name});
        arguments.push_back(known != passed_.end() ? known->second
                                                   : resolve::FromImport{merge(item, imports)});
      }
    }
    find_classes();
    plan.types = std::make_shared<const types::Types>(types);
    plan.resource_class = std::make_shared<const std::vector<types::ResourceId>>(classes_);
  }

  std::uint32_t merge(const types::RootItem& item, std::map<std::string, std::uint32_t>& imports) {
    const auto [position, is_new] =
        imports.try_emplace(item.name, static_cast<std::uint32_t>(plan.imports.size()));
    if (is_new) {
      types::Item merged = item.item;
      if (const auto* instance = std::get_if<types::InstanceId>(&item.item)) {
        types::Instance copy = types.instances[*instance];
        merged = types.instances.add(std::move(copy));
      }
      resolve::CompositionImport open_import;
      open_import.name = item.name;
      open_import.item = merged;
      open_import.implements = item.implements;
      if (trapped_.contains(item.name)) open_import.binding = Binding::Trap;
      plan.imports.push_back(std::move(open_import));
    } else if (const auto* instance = std::get_if<types::InstanceId>(&item.item)) {
      types::Instance& merged =
          types.instances[std::get<types::InstanceId>(plan.imports[position->second].item)];
      for (const types::NamedItem& inner : types.instances[*instance].exports)
        if (merged.find_export(inner.name) == nullptr) merged.add_export(inner.name, inner.item);
    }
    return position->second;
  }

  void find_classes() {
    classes_.clear();
    for (std::uint32_t i = 0; i < types.resources.size(); ++i) classes_.push_back({i});
    types::Subtyping relation(types);
    for (std::size_t unit = 0; unit < plan.units.size(); ++unit) {
      for (std::size_t import = 0; import < plan.arguments[unit].size(); ++import) {
        const types::Item& required = plan.units[unit].type.imports[import].item;
        const resolve::Argument& passed = plan.arguments[unit][import];
        const types::Item* provided = nullptr;
        if (const auto* other = std::get_if<resolve::FromUnit>(&passed))
          provided = &plan.units[other->from.unit].type.exports[other->from.index].item;
        else if (const auto* outer = std::get_if<resolve::FromImport>(&passed))
          provided = &plan.imports[outer->import].item;
        if (provided == nullptr) continue;
        const types::Verdict verdict = relation.compare(required, *provided);
        EXPECT_TRUE(verdict.fits()) << plan.units[unit].type.imports[import].name;
        for (const types::Tie& tie : verdict.ties) join(tie.expected, tie.actual);
      }
    }
  }
  void join(types::ResourceId a, types::ResourceId b) {
    const types::ResourceId first = classes_[a.index];
    const types::ResourceId second = classes_[b.index];
    for (types::ResourceId& resource_class : classes_)
      if (resource_class == first || resource_class == second)
        resource_class = std::min(first, second);
  }

  std::deque<std::vector<std::uint8_t>> files_;
  std::map<std::pair<resolve::UnitIndex, std::string>, resolve::Argument> passed_;
  std::set<std::string> trapped_;
  std::vector<types::ResourceId> classes_;
};

}  // namespace tenon::compose
