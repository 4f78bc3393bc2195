// The plan of one domain in the making, only for split_domains.cc: what its imports and its exports have in
// common. `plan_imports` writes it first, then `plan_exports`.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "resolve/component_types.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "resolve/whole_plan.h"
#include "types/type.h"

namespace tenon::resolve {

struct DomainDraft {
  // Takes the units of the domain over from the whole plan. Lifetime: refers to `whole`.
  DomainDraft(WholePlan& whole, DomainIndex domain);
  DomainDraft(const DomainDraft&) = delete;
  DomainDraft& operator=(const DomainDraft&) = delete;

  [[nodiscard]] const LinkPlan& plan() const { return whole.plan; }
  [[nodiscard]] bool is_here(UnitIndex unit) const { return whole.domain_of[unit] == domain; }
  // Positions in split.link of what is here.
  [[nodiscard]] UnitImport localize(UnitImport at) const { return {local.at(at.unit), at.index}; }
  [[nodiscard]] UnitExport localize(UnitExport at) const { return {local.at(at.unit), at.index}; }
  // A package has no component: its domain has the imports and exports of the unit, under their own
  // names.
  [[nodiscard]] bool is_package() const;

  // Types before instances before functions, which can mention both.
  static int rank(const types::Item& item);
  void name_types(const types::Item& item, TypeNames& names) const {
    names.add(*whole.types, class_of, item);
  }
  // Gives a value type a name: imports the type alone.
  void import_type(types::TypeId type);

  WholePlan& whole;
  const DomainIndex domain;
  const ClassOf class_of;
  DomainPlan split;
  std::unordered_map<UnitIndex, UnitIndex> local;  // from the whole plan to split.link
  TypeNames imported;                              // named by imports
  FreshNames import_names;
  std::map<UnitExport, std::string> export_names;  // of the exports that other domains use
};

// Plans the imports, and records in WholePlan::bridged which exports of other domains they use.
void plan_imports(DomainDraft& draft);

// Plans the exports: those of the composition, those that other domains use, and those that only the program
// calls. REQUIRES: every domain has planned its imports
void plan_exports(DomainDraft& draft);

}  // namespace tenon::resolve
