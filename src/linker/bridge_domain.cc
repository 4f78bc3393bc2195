#include "linker/bridge_domain.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "host/bundle_world.h"
#include "linker/bundle_function.h"
#include "linker/native_function.h"
#include "linker/package_edge.h"
#include "linker/traced_function.h"
#include "resolve/fate.h"
#include "runtime/bridge.h"
#include "support/check.h"
#include "support/try.h"

namespace tenon::linker {

namespace {

// For whom calls are traced.
struct Watched {
  Trace* trace = nullptr;      // null: they are not
  CallTable* calls = nullptr;  // of them; null without a trace
  std::string consumer = {};   // as a trace calls it
};

// One import of a domain's component. `define` defines what it consists of; what a part is defined
// with is told by who provides it.
class Edge {
 public:
  Edge(engine::Linker& linker, ShapeTable& shapes, runtime::Domain& caller,
       const KnownImport& import, const Watched& watched)
      : linker_(linker), shapes_(shapes), caller_(caller), import_(import), watched_(watched) {}
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  virtual ~Edge() = default;

  Result<void> define() {
    const auto* const instance = std::get_if<types::InstanceId>(&import_.item);
    if (instance == nullptr) return define("", import_.name, import_.item);
    for (const types::NamedItem& part : shapes_.types().instances[*instance].exports)
      TENON_TRY_VOID(define(import_.name, part.name, part.item));
    return {};
  }

 protected:
  // interface: empty for a function that is imported by itself.
  virtual Result<void> define_function(std::string_view interface, const std::string& name,
                                       types::FunctionId function) = 0;

  // As the provider calls it: "acme:tax/lib@1.0.0#rate".
  [[nodiscard]] std::string shown_name(std::string_view interface, const std::string& name) const {
    return interface.empty() ? import_.exported : fmt::format("{}#{}", import_.exported, name);
  }
  // Null if there is no trace.
  [[nodiscard]] std::unique_ptr<TracedFunction> observe(std::string_view interface,
                                                        const std::string& name,
                                                        types::FunctionId function) {
    if (watched_.trace == nullptr) return nullptr;
    const Trace::Names names{.consumer = watched_.consumer,
                             .provider = import_.unit,
                             .interface = interface.empty() ? std::string() : import_.exported,
                             .function = interface.empty() ? import_.exported : name};
    return std::make_unique<TracedFunction>(*watched_.trace, names, *watched_.calls, function);
  }
  [[nodiscard]] std::optional<runtime::FailureValue> failure_value(
      const runtime::FunctionShape& shape, types::FunctionId function) const {
    if (!resolve::error_type(shapes_.types(), function)) return std::nullopt;
    return runtime::find_failure_value(shape.program.layout(), import_.on_failure);
  }

  engine::Linker& linker_;
  ShapeTable& shapes_;
  runtime::Domain& caller_;
  const KnownImport& import_;
  const Watched& watched_;

 private:
  Result<void> define(std::string_view interface, const std::string& name,
                      const types::Item& item) {
    if (const auto* function = std::get_if<types::FunctionId>(&item))
      return define_function(interface, name, *function);
    if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
      if (const auto* resource = std::get_if<types::ResourceId>(&bound->type))
        return runtime::define_bridged_resource(linker_, interface, name,
                                                shapes_.kind_of(*resource), caller_.shared());
    }
    return {};
  }
};

// From domain to domain, also to one of another composition.
class BridgedEdge final : public Edge {
 public:
  // component_export: what the component of `callee` calls what is imported. unit: that provides
  // it; null: of this composition.
  BridgedEdge(engine::Linker& linker, ShapeTable& shapes, runtime::Domain& caller,
              const KnownImport& import, const Watched& watched, runtime::Domain& callee,
              std::string component_export, const RunningUnit* unit)
      : Edge(linker, shapes, caller, import, watched),
        callee_(callee),
        component_export_(std::move(component_export)),
        unit_(unit) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    TENON_TRY(auto shape, shapes_.shape_of(function));
    auto observer = observe(interface, name, function);
    const auto on_failure = failure_value(*shape, function);
    std::vector<std::string> path{component_export_};
    if (!interface.empty()) path.push_back(name);
    runtime::HandleKinds there;
    if (unit_ != nullptr) there = kinds_there(*unit_, *shape);
    return runtime::define_bridged_function(linker_, interface, name,
                                            {.shape = std::move(shape),
                                             .caller = &caller_,
                                             .callee = &callee_,
                                             .unit = import_.unit,
                                             .name = shown_name(interface, name),
                                             .path = std::move(path),
                                             .on_failure = on_failure,
                                             .observer = std::move(observer),
                                             .kinds_there = std::move(there)});
  }

  runtime::Domain& callee_;
  std::string component_export_;
  const RunningUnit* unit_;
};

// From a component's domain to a package.
class PackageEdge final : public Edge {
 public:
  PackageEdge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
              const KnownImport& import, const Watched& watched, resolve::UnitExport from)
      : Edge(linker, calls.shapes(), caller, import, watched), calls_(calls), from_(from) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    TENON_TRY(auto shape, shapes_.shape_of(function));
    const auto on_failure = failure_value(*shape, function);
    PackageCallee callee(
        find_package_function(calls_, from_, interface.empty() ? std::string() : name),
        value::make_function_type(calls_.graph(), function), calls_.package_of(from_.unit));
    return define_package_function(linker_, interface, name,
                                   {.shape = std::move(shape),
                                    .caller = &caller_,
                                    .callee = std::move(callee),
                                    .on_failure = on_failure,
                                    .observer = observe(interface, name, function)});
  }

  CallTable& calls_;
  resolve::UnitExport from_;
};

// From a domain to the program.
class NativeEdge final : public Edge {
 public:
  NativeEdge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
             const KnownImport& import, const Watched& watched, Running& running)
      : Edge(linker, calls.shapes(), caller, import, watched), calls_(calls), running_(running) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    const HostFunction* const given = interface.empty()
                                          ? running_.host.find_function("", import_.exported)
                                          : running_.host.find_function(import_.exported, name);
    TENON_CHECK(given != nullptr);
    TENON_TRY(auto shape, shapes_.shape_of(function));
    std::optional<FunctionType> type;
    if (given->dynamic != nullptr) type = value::make_function_type(calls_.graph(), function);
    return define_native_function(linker_, interface, name,
                                  {.shape = std::move(shape),
                                   .function = *given,
                                   .type = std::move(type),
                                   .running = running_.weak_from_this(),
                                   .caller = &caller_,
                                   .name = shown_name(interface, name)});
  }

  CallTable& calls_;
  Running& running_;
};

// From a domain to a native library.
class BundleEdge final : public Edge {
 public:
  BundleEdge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
             const KnownImport& import, const Watched& watched,
             std::shared_ptr<host::HostInstance> instance)
      : Edge(linker, calls.shapes(), caller, import, watched),
        calls_(calls),
        instance_(std::move(instance)) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    const std::string table =
        interface.empty() ? std::string() : host::table_name(import_.exported);
    TENON_TRY(auto shape, shapes_.shape_of(function));
    std::vector<const host::NativeResource*> resources;
    for (const runtime::ResourceKind* const kind : shape->result_kinds)
      resources.push_back(find_resource(*kind));
    return define_bundle_function(linker_, interface, name,
                                  {.shape = std::move(shape),
                                   .type = value::make_function_type(calls_.graph(), function),
                                   .instance = instance_,
                                   .function = &instance_->table().function(
                                       table, interface.empty() ? import_.exported : name),
                                   .resources = std::move(resources),
                                   .caller = &caller_,
                                   .name = shown_name(interface, name)});
  }

  // kind: its name is "tenon:duckdb/sql@0.1.0.connection". Null: another makes them.
  [[nodiscard]] const host::NativeResource* find_resource(const runtime::ResourceKind& kind) const {
    if (!kind.is_hosted) return nullptr;
    const std::size_t dot = kind.name.rfind('.');
    const std::string_view name(kind.name);
    return dot == std::string::npos
               ? &instance_->table().resource("", name)
               : &instance_->table().resource(host::table_name(name.substr(0, dot)),
                                              name.substr(dot + 1));
  }

  CallTable& calls_;
  std::shared_ptr<host::HostInstance> instance_;
};

// The unit that has an import of a domain's component; the domain, if there are several.
std::string name_consumer(const resolve::DomainPlan& domain, const std::string& import) {
  const auto met =
      std::ranges::find(domain.link->imports, import, &resolve::CompositionImport::name);
  if (met == domain.link->imports.end() || met->importers.empty()) return domain.name;
  const resolve::UnitIndex first = met->importers.front().unit;
  const bool is_one =
      std::ranges::all_of(met->importers, [&](resolve::UnitImport at) { return at.unit == first; });
  return is_one ? domain.link->units[first].name : domain.name;
}

}  // namespace

KnownImport know_import(const resolve::BridgedImport& import, const resolve::LinkPlan& plan) {
  const resolve::Unit& provider = plan.units[import.from.unit];
  return {.name = import.name,
          .provider = import.provider,
          .export_name = import.export_name,
          .lazy = import.lazy,
          .on_failure = import.on_failure,
          .unit = provider.name,
          .exported = provider.type.exports[import.from.index].name,
          .item = import.item};
}

Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls, Running& running) {
  const resolve::DomainPlan& part = split.domains[domain];
  runtime::Domain& caller = *running.domains[domain];
  for (const resolve::BridgedImport& bridged : part.imports) {
    const KnownImport import = know_import(bridged, calls.plan());
    const Watched watched{running.trace.get(), &calls, name_consumer(part, import.name)};
    const auto bridge = [&](runtime::Domain& callee, const std::string& component_export,
                            const RunningUnit* unit) {
      return BridgedEdge(linker, calls.shapes(), caller, import, watched, callee, component_export,
                         unit)
          .define();
    };
    const resolve::UnitExport from = bridged.from;
    const UnitKind kind = calls.plan().units[from.unit].kind;
    if (kind == UnitKind::HostBundle) {
      TENON_TRY(auto instance, running.hosts.get(import.unit, calls.bundle_of(from.unit)));
      TENON_TRY_VOID(
          BundleEdge(linker, calls, caller, import, watched, std::move(instance)).define());
    } else if (kind == UnitKind::Package) {
      TENON_TRY_VOID(PackageEdge(linker, calls, caller, import, watched, from).define());
    } else if (import.provider != resolve::kOutside) {
      TENON_TRY_VOID(bridge(*running.domains[import.provider], import.export_name, nullptr));
    } else if (const RunningUnit* const unit = find_running_unit(running.request, import.unit)) {
      TENON_TRY_VOID(bridge(*unit->domain,
                            unit->exports.find(import.exported)->second.component_export, unit));
    } else {
      TENON_TRY_VOID(NativeEdge(linker, calls, caller, import, watched, running).define());
    }
  }
  return {};
}

Result<void> define_known_bridges(engine::Linker& linker, const std::vector<KnownImport>& imports,
                                  resolve::DomainIndex domain, ShapeTable& shapes,
                                  Running& running) {
  const Watched nobody;
  for (const KnownImport& import : imports)
    TENON_TRY_VOID(BridgedEdge(linker, shapes, *running.domains[domain], import, nobody,
                               *running.domains[import.provider], import.export_name, nullptr)
                       .define());
  return {};
}

}  // namespace tenon::linker
