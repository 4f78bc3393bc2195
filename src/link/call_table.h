// The types of the functions that are called in a running composition, from the program and between
// its domains. Made once, from the plan.
#pragma once

#include <cstdint>
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
#include "host/bundle_unit.h"
#include "link/exports.h"
#include "link/program_unit.h"
#include "link/running_unit.h"
#include "packr/buffers.h"
#include "packr/package_unit.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "runtime/channel.h"
#include "runtime/resource_table.h"
#include "tenon/function.h"
#include "tenon/result.h"
#include "types/type.h"
#include "value/type_graph.h"

namespace tenon::link {

// The shapes of functions that are called between domains, each made once.
class ShapeTable final {
 public:
  using FindKind = std::function<const runtime::ResourceKind&(types::ResourceId)>;

  // Lifetime: the types must outlive it.
  ShapeTable(const types::Types& types, FindKind find_kind)
      : types_(types), find_kind_(std::move(find_kind)) {}

  // streams: of the edge on which the function is called.
  // Errors: type-unsupported-value, type-too-large.
  [[nodiscard]] Result<std::shared_ptr<const call::FunctionShape>> shape_of(
      types::FunctionId function, const runtime::StreamOptions& streams = {});
  [[nodiscard]] const runtime::ResourceKind& kind_of(types::ResourceId resource) const {
    return find_kind_(resource);
  }
  [[nodiscard]] const types::Types& types() const { return types_; }

 private:
  using StreamKindPtr = std::shared_ptr<const runtime::StreamKind>;
  // The kinds of handles, and those of streams and futures, which `streams` keeps.
  [[nodiscard]] Result<std::vector<const runtime::ResourceKind*>> kinds_of(
      const std::vector<abi::HandleType>& handles, const runtime::StreamOptions& options,
      std::vector<StreamKindPtr>& streams);
  [[nodiscard]] Result<StreamKindPtr> stream_kind(types::TypeId type,
                                                  const runtime::StreamOptions& options);
  [[nodiscard]] Result<std::shared_ptr<call::FunctionShape>> make_shape(
      const types::Function& function, const runtime::StreamOptions& options);

  const types::Types& types_;
  FindKind find_kind_;
  std::map<std::pair<types::TypeId, runtime::StreamOptions>,
           std::weak_ptr<const runtime::StreamKind>>
      streams_;
  std::uint32_t stream_count_ = 0;
  // A shape lives as long as a caller holds it.
  std::map<std::pair<types::FunctionId, runtime::StreamOptions>,
           std::weak_ptr<const call::FunctionShape>>
      shapes_;
};

// Facts, other than types, about the units of a composition that are not components: packages and
// host bundles.
struct KnownUnits {
  packr::Packages packages;
  host::Bundles bundles;
};

// The resource types of a composition, by unit and name; those of other compositions by their
// kinds. They keep their identity when a unit is swapped and its type ids change.
using ResourceKinds = std::map<std::string, runtime::ResourceKind, std::less<>>;

// What calls into a running composition, and between its domains, need to know of its types.
class CallTable final {
 public:
  // domains: by resolve::DomainIndex. Lifetime: the table refers to all arguments.
  CallTable(const resolve::LinkPlan& plan, const resolve::SplitPlan& split,
            const ForeignKinds& foreign, const KnownUnits& units, const HostTable& host,
            ResourceKinds& kinds, packr::BufferTable& program_buffers,
            const std::vector<std::unique_ptr<runtime::Domain>>& domains);
  CallTable(const CallTable&) = delete;
  CallTable& operator=(const CallTable&) = delete;

  // Errors: type-unsupported-value, type-too-large.
  [[nodiscard]] Result<std::shared_ptr<const call::FunctionShape>> shape_of(
      types::FunctionId function) {
    return shapes_.shape_of(function);
  }
  // The shape of calls that pass encoded packr messages.
  [[nodiscard]] const std::shared_ptr<const call::FunctionShape>& encoded_shape();
  // shape: that of the function.
  [[nodiscard]] std::shared_ptr<const call::ValueForm> make_values(
      std::shared_ptr<const call::FunctionShape> shape, types::FunctionId function);
  [[nodiscard]] ShapeTable& shapes() { return shapes_; }
  // The kind of a resource, by its class. Lifetime: that of the kinds.
  [[nodiscard]] const runtime::ResourceKind& kind_of(types::ResourceId resource);

  // The graph for types that outlive the composition.
  [[nodiscard]] const value::TypeGraphPtr& graph();
  [[nodiscard]] const std::vector<ExportedItem>& functions();
  // The functions of a unit that the program can call.
  [[nodiscard]] const std::vector<ExportedItem>& functions_of(resolve::UnitIndex unit);
  // The function that an earlier call of the unit found for these names, as written; null if there
  // was no such call. Lifetime: until the next `keep_called`.
  [[nodiscard]] const Function* find_called(resolve::UnitIndex unit, std::string_view interface,
                                            std::string_view name) const;
  void keep_called(resolve::UnitIndex unit, std::string_view interface, std::string_view name,
                   const Function& function);
  [[nodiscard]] runtime::Domain& domain_of(resolve::UnitIndex unit) const {
    return *domains_[domain_of_[unit]];
  }
  [[nodiscard]] packr::BufferTable& program_buffers() const { return program_buffers_; }
  // Null if the unit is not a package.
  [[nodiscard]] std::shared_ptr<const packr::Package> package_of(resolve::UnitIndex unit) const;
  // REQUIRES: the unit is a host bundle. Lifetime: that of the plan
  [[nodiscard]] const host::Bundle& bundle_of(resolve::UnitIndex unit) const;
  [[nodiscard]] const resolve::LinkPlan& plan() const { return plan_; }
  // The exports of the plan and of its split.
  [[nodiscard]] const types::Types& types() const { return types_; }

 private:
  [[nodiscard]] types::ResourceId class_of(types::ResourceId resource) const;
  void find_makers();
  // Null if it is not a resource of WASI that can move between domains.
  // resource: a representative.
  struct WasiResource;
  [[nodiscard]] const WasiResource* find_wasi(types::ResourceId resource);
  // Null if the caller is the program or is unknown.
  [[nodiscard]] runtime::Domain* find_home(types::ResourceId representative) const;

  const resolve::LinkPlan& plan_;
  const resolve::SplitPlan& split_;
  const ForeignKinds& foreign_;
  const KnownUnits& units_;
  const HostTable& host_;
  const types::Types& types_;
  const std::vector<types::ResourceId>& classes_;
  const std::vector<std::unique_ptr<runtime::Domain>>& domains_;
  std::vector<resolve::DomainIndex> domain_of_;  // by unit
  struct Maker {
    resolve::UnitIndex unit = 0;
    types::ResourceId resource;
    std::string name;
  };
  std::unordered_map<types::ResourceId, Maker> makers_;  // by class
  struct WasiResource {
    std::string name;
    engine::WasiKind kind = {};
  };
  // By class; absent until one is needed.
  std::optional<std::unordered_map<types::ResourceId, WasiResource>> wasi_;
  ResourceKinds& kinds_;
  packr::BufferTable& program_buffers_;
  ShapeTable shapes_;
  std::shared_ptr<const call::FunctionShape> encoded_shape_;
  value::TypeGraphPtr graph_;
  std::optional<std::vector<ExportedItem>> functions_;
  std::unordered_map<resolve::UnitIndex, std::vector<ExportedItem>> unit_functions_;
  std::map<std::tuple<resolve::UnitIndex, std::string, std::string>, Function, std::less<>> called_;
};

}  // namespace tenon::link
