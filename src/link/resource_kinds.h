// The resource types that cross the borders of domains: how a plan describes them, before there are
// domains, and how a running composition has them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/wasi_resource.h"
#include "host/bundle_unit.h"
#include "link/running_unit.h"
#include "packr/package_unit.h"
#include "program/program_unit.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "runtime/resource_table.h"
#include "types/type.h"
#include "value/type_graph.h"

namespace tenon::link {

// Facts, other than types, about the units of a composition that are not components: packages and
// host bundles.
struct KnownUnits {
  packr::Packages packages;
  host::Bundles bundles;
};

// A resource type, as a plan describes it.
struct KindRow {
  std::string key;   // identifies it in the composition, also after a unit is swapped
  std::string name;  // for messages: "press:kv/store.bucket"
  // The unit that makes it, as Type::owner names it; empty: none does, or it is not known.
  std::string unit = {};
  resolve::DomainIndex home = resolve::kOutside;  // the domain whose guests make the resources
  // The same as in runtime::ResourceKind.
  const void* host_class = nullptr;
  bool is_hosted = false;
  const runtime::ResourceKind* origin = nullptr;
  std::optional<engine::WasiKind> wasi = {};
};

// The resource types of a running composition, by KindRow::key.
using ResourceKinds = std::map<std::string, runtime::ResourceKind, std::less<>>;

// Adds a kind if it is not there. domains: by resolve::DomainIndex. Lifetime: that of `kinds`.
const runtime::ResourceKind& add_kind(ResourceKinds& kinds, const KindRow& row,
                                      std::span<const std::unique_ptr<runtime::Domain>> domains);

// Describes the resource types of a plan.
class KindFinder final {
 public:
  // types: those of the plan, and of its domains. domain_of: by unit; resolve::kOutside for one that is
  // in none. Lifetime: refers to all arguments.
  KindFinder(const resolve::LinkPlan& plan, const types::Types& types,
             const std::vector<resolve::DomainIndex>& domain_of, const ForeignKinds& foreign,
             const KnownUnits& units, const program::HostTable& host);
  KindFinder(const KindFinder&) = delete;
  KindFinder& operator=(const KindFinder&) = delete;

  [[nodiscard]] KindRow find(types::ResourceId resource);
  // Of each resource that a unit makes.
  [[nodiscard]] value::ResourceOrigins find_origins() const;

 private:
  struct Maker {
    resolve::UnitIndex unit = 0;
    types::ResourceId resource;
    std::string name;
  };
  struct WasiResource {
    std::string name;
    engine::WasiKind kind = {};
  };

  [[nodiscard]] types::ResourceId class_of(types::ResourceId resource) const;
  void find_makers();
  [[nodiscard]] KindRow describe_made(const Maker& maker) const;
  // resource: a class. Null if it is not a resource of WASI that can move between domains.
  [[nodiscard]] const WasiResource* find_wasi(types::ResourceId resource);

  const resolve::LinkPlan& plan_;
  const types::Types& types_;
  const std::vector<resolve::DomainIndex>& domain_of_;
  const ForeignKinds& foreign_;
  const KnownUnits& units_;
  const program::HostTable& host_;
  std::unordered_map<types::ResourceId, Maker> makers_;  // by class
  // By class; absent until one is needed.
  std::optional<std::unordered_map<types::ResourceId, WasiResource>> wasi_;
};

}  // namespace tenon::link
