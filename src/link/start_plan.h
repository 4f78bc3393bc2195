// A start plan: everything that starting a link needs to know of its plan, as plain rows. There are rows for
// domains, for the edges between them, for exports and for resource types.
//
//   TENON_TRY(StartPlan start, make_start_plan(composed, request));
//   TENON_TRY(auto loaded, load_domains(start, ...));     // fills in the keys of the code
//   TENON_TRY(auto running, start_link(std::move(request), std::move(start), ...));
//
// Starts, domains that start late and swaps read these rows, and never the plan. A start plan whose rows can
// all be stored is kept in the cache, so the next start of the same link needs no planning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cache_folder.h"
#include "host/bundle_unit.h"
#include "link/inputs.h"
#include "link/resource_kinds.h"
#include "packr/package_unit.h"
#include "resolve/split_domains.h"
#include "support/names.h"
#include "tenon/result.h"
#include "types/print_type.h"
#include "types/type.h"

namespace tenon::link {

struct ComposedLink;

// One function of an import.
struct FunctionRow {
  std::string name;            // in the provider's export; empty: the export is the function
  types::FunctionId type;      // as the consumer has it
  types::FunctionId provided;  // as the provider has it
  std::uint32_t position = 0;  // of an import of a package: in packr::Package::imports
};

// A resource type that an import names.
struct ResourceRow {
  std::string name;  // in the interface; empty: the import is the resource
  types::ResourceId resource;
};

// An import of a domain that another domain, or a unit outside of all domains, provides.
struct EdgeRow {
  std::string import;  // in the component of the domain: "i3"; in a package, its own name
  std::vector<FunctionRow> functions = {};
  std::vector<ResourceRow> resources = {};
  resolve::BridgeOptions options = {};
  // The consumer: a unit, or a domain if several of its units share the import.
  std::string consumer = {};
  std::string imported = {};  // its name for the import: "acme:tax/lib@1.0.0"
  // The provider.
  std::string unit = {};
  UnitKind kind = UnitKind::Component;
  resolve::DomainIndex provider = resolve::kOutside;  // its domain
  std::string export_name = {};                       // in the component of that domain: "e7"
  std::string exported = {};  // its own name for the export: "acme:tax/lib@1.0.0"
  // The interface that the export implements by a label.
  std::optional<std::string> implements = {};
  std::shared_ptr<const packr::Package> package = {};  // if the provider is a package
  std::shared_ptr<const host::Bundle> bundle = {};     // if it is a host bundle
};

// One function of an edge. Lifetime: refers to rows of a start plan.
struct EdgeFunction {
  const EdgeRow& edge;
  const FunctionRow& row;
  std::string imported;              // the consumer's name for it: "acme:tax/lib@1.0.0#rate"
  const std::string& caller_domain;  // its name

  // Whether the export is the function.
  [[nodiscard]] bool is_bare() const { return row.name.empty(); }
  // The provider's names for it, and for its interface: empty if it is bare.
  [[nodiscard]] const std::string& function() const { return is_bare() ? edge.exported : row.name; }
  [[nodiscard]] std::string_view interface() const {
    return is_bare() ? std::string_view() : edge.exported;
  }
  [[nodiscard]] std::string name() const { return shown_name(interface(), function()); }
};

// An export of a domain's component.
struct ExportRow {
  std::string name;          // in the component: "e7"; of the composition, its own name
  resolve::UnitExport from;  // in the plan
  // Who uses it: the program alone, other domains, or the composition, which exports it.
  enum class User : std::uint8_t { Program, Domains, Composition } user = User::Program;
};

// The keys of the code of a component, of engine::CodeCache.
struct CodeKeys {
  std::string embedded;
  // By reference: of the component and of its core modules, in the order of its imports. Empty if it
  // cannot be linked by reference.
  std::string reference = {};
  std::vector<std::string> modules = {};

  bool operator==(const CodeKeys&) const = default;
};

struct DomainRow {
  std::string name;
  std::string declared;                       // the domain whose settings it has
  std::shared_ptr<const CodeKeys> code = {};  // shared by domains with equal code; set by loading
  Concurrency concurrency = Concurrency::No;
  bool needs_wasi = false;
  bool needs_http = false;                     // wasi:http, too
  std::vector<resolve::UnitIndex> units = {};  // in the plan
  std::vector<EdgeRow> imports = {};
  std::vector<ExportRow> exports = {};
  std::shared_ptr<const packr::Package> package = {};  // that it runs; null: it runs a component
  std::string package_unit = {};                       // the unit of the package
  // The export that answers HTTP requests, and its unit; empty: of another domain, or none.
  std::string http_handler = {};
  std::string http_unit = {};
  bool serves_requests = false;  // other domains pass HTTP requests on to it, and call nothing else
};

struct StartPlan {
  std::string program;                  // the first of the guest's arguments
  std::string command;                  // the export that is `wasi:cli/run`; empty: none
  std::uint32_t command_domain = 0;     // the domain that exports it
  std::string domain = "main";          // of the root
  std::vector<DomainRow> domains = {};  // in order of start
  // The arena of all ids in the rows.
  std::shared_ptr<const types::Types> types = std::make_shared<const types::Types>();
  types::TypeNames names = {};                      // for messages about values
  std::map<types::ResourceId, KindRow> kinds = {};  // of the resources that the rows mention
  Diagnostics notes = {};                           // of the plan
};

// Whether requests of HTTP are answered, and by this domain.
[[nodiscard]] bool answers_http(const Request& request, const DomainRow& row);

// The instances that a domain has at once, if each is for a number of calls; 0: it has one for all calls.
[[nodiscard]] std::uint32_t count_instances(const Request& request, const DomainRow& row);

// The rows of a plan, without the keys of code.
[[nodiscard]] StartPlan make_start_plan(const ComposedLink& link, const Request& request);

// The domain of each unit of the plan; resolve::kOutside for units that are in none.
[[nodiscard]] std::vector<resolve::DomainIndex> domains_of_units(const StartPlan& start,
                                                                 std::size_t units);

// The name under which the component of a unit's domain exports an item. Null: it does not export it.
// Lifetime: that of `domain`.
[[nodiscard]] const std::string* find_export_name(const DomainRow& domain,
                                                  resolve::UnitExport from);

// The names that the exports of a composition, and its packages, give to types.
[[nodiscard]] types::TypeNames find_type_names(const resolve::LinkPlan& plan,
                                               const packr::Packages& packages);

// Marks the domains that start at their first call. A domain that no other domain uses starts with
// the link, and so do the domains that it needs by edges that are not lazy, directly or indirectly.
// All others are lazy. This includes the root, if the only edges that lead to it are lazy.
[[nodiscard]] std::vector<bool> find_lazy_domains(const std::vector<DomainRow>& domains);

// The start plan of an earlier start. key: of the link (link_key.h). folder: the cache; null if there is
// none. Nothing if the file is missing or, with a `run-cache` warning, if it cannot be used.
[[nodiscard]] std::optional<StartPlan> find_start_plan(const engine::CacheFolder* folder,
                                                       const std::string& key,
                                                       Diagnostics& warnings);

// Does nothing for a start plan that `print_start_plan` cannot print, and if the file cannot be written.
void keep_start_plan(const engine::CacheFolder& folder, const std::string& key,
                     const StartPlan& start);

// The file format. Nothing if a row needs more than the rows and the request: a package, native code, a
// peer, middleware, conversions, streams, an async function; or if there are warnings, except for those of
// the cache, which the next start finds itself. REQUIRES: the keys of all code are set
[[nodiscard]] std::optional<Bytes> print_start_plan(const StartPlan& start, const std::string& key);
// Nothing if the bytes have another key or version, or are malformed.
[[nodiscard]] std::optional<StartPlan> parse_start_plan(std::span<const std::uint8_t> bytes,
                                                        const std::string& key);

}  // namespace tenon::link
