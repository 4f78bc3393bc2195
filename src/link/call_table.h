// The types of the functions that are called in a running composition: between its domains (CallTypes of its
// start plan), and from the program (CallTable, of the plan).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "call/function_shape.h"
#include "call/value_form.h"
#include "link/exports.h"
#include "link/resource_kinds.h"
#include "link/running_unit.h"
#include "link/start_plan.h"
#include "packr/package_unit.h"
#include "program/program_unit.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "runtime/resource_table.h"
#include "runtime/shape_maker.h"
#include "tenon/function.h"
#include "tenon/result.h"
#include "types/print_type.h"
#include "types/type.h"
#include "value/type_graph.h"

namespace tenon::link {

// The shapes, value forms and resource kinds that calls need for the types of one arena, each made once.
class CallTypes final {
 public:
  using FindOrigins = std::function<value::ResourceOrigins()>;

  // names: for messages about values. find_origins: called when the graph is made. Lifetime: refers to
  // `names`.
  CallTypes(std::shared_ptr<const types::Types> types, const types::TypeNames& names,
            runtime::ShapeMaker::FindKind find_kind, FindOrigins find_origins)
      : shapes_(std::move(types), std::move(find_kind)),
        names_(names),
        find_origins_(std::move(find_origins)) {}
  CallTypes(CallTypes&&) = default;
  CallTypes& operator=(CallTypes&&) = delete;
  ~CallTypes() = default;

  // As runtime::ShapeMaker::shape_of.
  [[nodiscard]] Result<std::shared_ptr<const call::FunctionShape>> shape_of(
      types::FunctionId function, const runtime::StreamOptions& streams = {}) {
    return shapes_.shape_of(function, streams);
  }
  // The shape of calls that pass encoded packr messages.
  [[nodiscard]] const std::shared_ptr<const call::FunctionShape>& encoded_shape();
  // shape: that of the function.
  [[nodiscard]] std::shared_ptr<const call::ValueForm> make_values(
      std::shared_ptr<const call::FunctionShape> shape, types::FunctionId function);
  // Lifetime: that of the kinds.
  [[nodiscard]] const runtime::ResourceKind& kind_of(types::ResourceId resource) const {
    return shapes_.kind_of(resource);
  }
  // The graph for types that outlive the composition.
  [[nodiscard]] const value::TypeGraphPtr& graph();
  [[nodiscard]] const types::Types& types() const { return shapes_.types(); }

 private:
  runtime::ShapeMaker shapes_;
  const types::TypeNames& names_;
  FindOrigins find_origins_;
  std::shared_ptr<const call::FunctionShape> encoded_shape_;
  value::TypeGraphPtr graph_;
};

// What the program needs to call functions of a plan.
class CallTable final {
 public:
  // start: of the plan. domains: by resolve::DomainIndex. Lifetime: refers to all arguments.
  CallTable(const resolve::LinkPlan& plan, const StartPlan& start, const ForeignKinds& foreign,
            const KnownUnits& units, const program::HostTable& host, ResourceKinds& kinds,
            const std::vector<std::unique_ptr<runtime::Domain>>& domains);
  CallTable(const CallTable&) = delete;
  CallTable& operator=(const CallTable&) = delete;

  [[nodiscard]] CallTypes& types() { return types_; }
  [[nodiscard]] const std::vector<ExportedItem>& functions();
  // The functions of a unit that the program can call.
  [[nodiscard]] const std::vector<ExportedItem>& functions_of(resolve::UnitIndex unit);
  // The function that an earlier call of the unit found for these names, as written; null if there
  // was no such call. Lifetime: until the next `keep_called`.
  [[nodiscard]] const Function* find_called(resolve::UnitIndex unit, std::string_view interface,
                                            std::string_view name) const;
  void keep_called(resolve::UnitIndex unit, std::string_view interface, std::string_view name,
                   const Function& function);
  // REQUIRES: the unit runs in a domain
  [[nodiscard]] runtime::Domain& domain_of(resolve::UnitIndex unit) const {
    return *domains_[domain_of_[unit]];
  }
  [[nodiscard]] const DomainRow& row_of(resolve::UnitIndex unit) const;
  // Null if the unit is not a package.
  [[nodiscard]] std::shared_ptr<const packr::Package> package_of(resolve::UnitIndex unit) const;
  [[nodiscard]] const resolve::LinkPlan& plan() const { return plan_; }

 private:
  // Looks each resource up once.
  [[nodiscard]] const runtime::ResourceKind& find_kind(types::ResourceId resource);

  const resolve::LinkPlan& plan_;
  const StartPlan& start_;
  const KnownUnits& units_;
  const std::vector<std::unique_ptr<runtime::Domain>>& domains_;
  std::vector<resolve::DomainIndex> domain_of_;  // by unit
  types::TypeNames names_;
  ResourceKinds& kinds_;
  KindFinder finder_;
  std::unordered_map<types::ResourceId, const runtime::ResourceKind*> known_kinds_;
  CallTypes types_;
  std::optional<std::vector<ExportedItem>> functions_;
  std::unordered_map<resolve::UnitIndex, std::vector<ExportedItem>> unit_functions_;
  std::map<std::tuple<resolve::UnitIndex, std::string, std::string>, Function, std::less<>> called_;
};

}  // namespace tenon::link
