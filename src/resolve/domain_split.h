// The plan of one domain, made in two steps: what its component imports, and when all domains have
// said what they need of others, what it exports.
//
//   for (DomainIndex d = 0; d < count; ++d) domains.emplace_back(whole, d).plan_imports();
//   for (DomainSplit& domain : domains) domain.plan_exports();
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "resolve/type_names.h"
#include "resolve/union_types.h"
#include "resolve/whole_plan.h"

namespace tenon::resolve {

class DomainSplit final {
 public:
  // whole: outlives this.
  DomainSplit(WholePlan& whole, DomainIndex domain);
  DomainSplit(const DomainSplit&) = delete;
  DomainSplit& operator=(const DomainSplit&) = delete;

  // What it needs of others; they hear of it by WholePlan::bridged.
  void plan_imports();

  // What the composition and others need of it. REQUIRES: every domain has planned its imports.
  void plan_exports();

  // REQUIRES: every domain has planned its exports.
  DomainPlan finish(const std::shared_ptr<const types::Types>& types);
  [[nodiscard]] std::vector<BridgedImport>& imports() { return made_.imports; }
  [[nodiscard]] const std::string& export_name(UnitExport from) const {
    return export_names_by_item_.at(from);
  }

 private:
  struct Bridge {
    UnitExport from;
    std::vector<UnitImport> users;
    std::vector<types::ResourceId> named;      // classes that the users' items name
    std::vector<types::ResourceId> mentioned;  // and those that they mention
  };

  [[nodiscard]] bool is_here(UnitIndex unit) const { return whole_.domain_of[unit] == domain_; }

  void take_units();
  // A package has no component: its imports and exports are those of the unit, by their names.
  [[nodiscard]] bool is_package() const;
  void list_package_imports();
  void list_package_exports();
  // Imports of the composition that units of this domain have. A stub that mentions resources of
  // other domains stands behind the imports that bring these in.
  enum class When { AtFirst, AfterBridges };
  void take_imports(When when);
  [[nodiscard]] std::vector<types::ResourceId> find_bridged_resources(
      const CompositionImport& import) const;
  // resource: a class.
  [[nodiscard]] bool is_made_elsewhere(types::ResourceId resource) const;
  [[nodiscard]] UnitImport localize(UnitImport at) const { return {local_.at(at.unit), at.index}; }
  [[nodiscard]] UnitExport localize(UnitExport at) const { return {local_.at(at.unit), at.index}; }

  // -- What other domains provide

  void bridge_imports();
  std::vector<Bridge> collect_bridges();
  // Resources of other domains that only imports of types and stubs name, to which nothing is
  // passed.
  void import_lone_resources(const std::vector<Bridge>& bridges);
  static int rank(const types::Item& item);
  // Whether each resource that it mentions has a name, or gets one by it.
  [[nodiscard]] bool is_ready(const Bridge& bridge) const;
  void write(const Bridge& bridge);

  enum class Called { No, Yes };
  void add_bridged(UnitExport from, std::vector<UnitImport> importers, Called called,
                   const types::Item& item);
  // Value types that a component has to name, and that the item itself does not.
  void name_value_types(const types::Item& item, TypeNames& known,
                        std::vector<CompositionImport>& imports);
  void name_types(const types::Item& item, TypeNames& names) {
    names.add(*whole_.types, class_of_, item);
  }
  void pass_arguments();

  // -- What others need of this domain

  // For the program, behind what others use.
  void export_reachable();
  [[nodiscard]] bool has_functions(const types::Item& item) const;
  // Names what an export mentions and does not name: a resource by the export of the unit that
  // makes it, with what that needs; a value type by an import.
  void prepare_export(UnitExport from);
  // An export of this domain that names a resource which the item mentions and nothing names yet.
  std::optional<UnitExport> find_missing(UnitExport from, const std::set<UnitExport>& begun);
  void add_export(UnitExport from);

  WholePlan& whole_;
  const LinkPlan& plan_;
  const DomainIndex domain_;
  ClassOf class_of_;
  UnionTypes unions_;
  DomainPlan made_;
  std::vector<BridgedExport>* exports_ = &made_.exports;  // where the next one is listed
  std::unordered_map<UnitIndex, UnitIndex> local_;
  std::unordered_map<std::uint32_t, std::size_t> import_at_;  // of the composition's imports
  std::map<UnitExport, std::size_t> bridge_at_;
  TypeNames imported_;
  TypeNames exported_;  // by imports and exports
  FreshNames import_names_;
  FreshNames export_names_;
  std::map<UnitExport, std::string> export_names_by_item_;
};

}  // namespace tenon::resolve
