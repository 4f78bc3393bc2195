#include "linker/bridge_domain.h"

#include <fmt/format.h>

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
  Trace* trace;          // null: they are not
  std::string consumer;  // as a trace calls it
};

// One import of a domain's component. `define` defines what it consists of; what a part is defined
// with is told by who provides it.
class Edge {
 public:
  Edge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
       const resolve::BridgedImport& import, const Watched& watched)
      : linker_(linker), calls_(calls), caller_(caller), import_(import), watched_(watched) {}
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  virtual ~Edge() = default;

  Result<void> define() {
    const auto* const instance = std::get_if<types::InstanceId>(&import_.item);
    if (instance == nullptr) return define("", import_.name, import_.item);
    for (const types::NamedItem& part : calls_.types().instances[*instance].exports)
      TENON_TRY_VOID(define(import_.name, part.name, part.item));
    return {};
  }

 protected:
  // interface: empty for a function that is imported by itself.
  virtual Result<void> define_function(std::string_view interface, const std::string& name,
                                       types::FunctionId function) = 0;

  // As the provider calls it: "acme:tax/lib@1.0.0#rate".
  [[nodiscard]] std::string shown_name(std::string_view interface, const std::string& name) const {
    return interface.empty() ? exported_name() : fmt::format("{}#{}", exported_name(), name);
  }
  [[nodiscard]] const resolve::Unit& provider() const {
    return calls_.plan().units[import_.from.unit];
  }
  [[nodiscard]] const std::string& exported_name() const {
    return provider().type.exports[import_.from.index].name;
  }
  // Null if there is no trace.
  [[nodiscard]] std::unique_ptr<TracedFunction> observe(std::string_view interface,
                                                        const std::string& name,
                                                        types::FunctionId function) {
    if (watched_.trace == nullptr) return nullptr;
    const Trace::Names names{.consumer = watched_.consumer,
                             .provider = provider().name,
                             .interface = interface.empty() ? std::string() : exported_name(),
                             .function = interface.empty() ? exported_name() : name};
    return std::make_unique<TracedFunction>(*watched_.trace, names, calls_, function);
  }

  engine::Linker& linker_;
  CallTable& calls_;
  runtime::Domain& caller_;
  const resolve::BridgedImport& import_;
  const Watched& watched_;

 private:
  Result<void> define(std::string_view interface, const std::string& name,
                      const types::Item& item) {
    if (const auto* function = std::get_if<types::FunctionId>(&item))
      return define_function(interface, name, *function);
    if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
      if (const auto* resource = std::get_if<types::ResourceId>(&bound->type))
        return runtime::define_bridged_resource(linker_, interface, name, calls_.kind_of(*resource),
                                                caller_.shared());
    }
    return {};
  }
};

// From domain to domain, also to one of another composition.
class BridgedEdge final : public Edge {
 public:
  // component_export: what the component of `callee` calls what is imported. unit: that provides
  // it; null: of this composition.
  BridgedEdge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
              const resolve::BridgedImport& import, const Watched& watched, runtime::Domain& callee,
              std::string component_export, const RunningUnit* unit)
      : Edge(linker, calls, caller, import, watched),
        callee_(callee),
        component_export_(std::move(component_export)),
        unit_(unit) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    TENON_TRY(auto shape, calls_.shape_of(function));
    auto observer = observe(interface, name, function);
    std::optional<runtime::FailureValue> on_failure;
    if (resolve::error_type(calls_.types(), function))
      on_failure = runtime::find_failure_value(shape->program.layout(), import_.on_failure);
    std::vector<std::string> path{component_export_};
    if (!interface.empty()) path.push_back(name);
    runtime::HandleKinds there;
    if (unit_ != nullptr) there = kinds_there(*unit_, *shape);
    return runtime::define_bridged_function(linker_, interface, name,
                                            {.shape = std::move(shape),
                                             .caller = &caller_,
                                             .callee = &callee_,
                                             .unit = provider().name,
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
  using Edge::Edge;

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    TENON_TRY(auto shape, calls_.shape_of(function));
    std::optional<runtime::FailureValue> on_failure;
    if (resolve::error_type(calls_.types(), function))
      on_failure = runtime::find_failure_value(shape->program.layout(), import_.on_failure);
    PackageCallee callee(
        find_package_function(calls_, import_.from, interface.empty() ? std::string() : name),
        value::make_function_type(calls_.graph(), function), calls_.package_of(import_.from.unit));
    return define_package_function(linker_, interface, name,
                                   {.shape = std::move(shape),
                                    .caller = &caller_,
                                    .callee = std::move(callee),
                                    .on_failure = on_failure,
                                    .observer = observe(interface, name, function)});
  }
};

// From a domain to the program.
class NativeEdge final : public Edge {
 public:
  NativeEdge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
             const resolve::BridgedImport& import, const Watched& watched, Running& running)
      : Edge(linker, calls, caller, import, watched), running_(running) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    const HostFunction* const given = interface.empty()
                                          ? running_.host.find_function("", exported_name())
                                          : running_.host.find_function(exported_name(), name);
    TENON_CHECK(given != nullptr);
    TENON_TRY(auto shape, calls_.shape_of(function));
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

  Running& running_;
};

// From a domain to a native library.
class BundleEdge final : public Edge {
 public:
  BundleEdge(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
             const resolve::BridgedImport& import, const Watched& watched,
             std::shared_ptr<host::HostInstance> instance)
      : Edge(linker, calls, caller, import, watched), instance_(std::move(instance)) {}

 private:
  Result<void> define_function(std::string_view interface, const std::string& name,
                               types::FunctionId function) override {
    const std::string table = interface.empty() ? std::string() : host::table_name(exported_name());
    TENON_TRY(auto shape, calls_.shape_of(function));
    std::vector<const host::NativeResource*> resources;
    for (const runtime::ResourceKind* const kind : shape->result_kinds)
      resources.push_back(find_resource(*kind));
    return define_bundle_function(linker_, interface, name,
                                  {.shape = std::move(shape),
                                   .type = value::make_function_type(calls_.graph(), function),
                                   .instance = instance_,
                                   .function = &instance_->table().function(
                                       table, interface.empty() ? exported_name() : name),
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

Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls, Running& running) {
  const resolve::DomainPlan& part = split.domains[domain];
  runtime::Domain& caller = *running.domains[domain];
  for (const resolve::BridgedImport& import : part.imports) {
    const Watched watched{running.trace.get(), name_consumer(part, import.name)};
    const auto bridge = [&](runtime::Domain& callee, const std::string& component_export,
                            const RunningUnit* unit) {
      return BridgedEdge(linker, calls, caller, import, watched, callee, component_export, unit)
          .define();
    };
    const resolve::Unit& provider = calls.plan().units[import.from.unit];
    if (provider.kind == UnitKind::HostBundle) {
      TENON_TRY(auto instance, running.hosts.get(provider.name, calls.bundle_of(import.from.unit)));
      TENON_TRY_VOID(
          BundleEdge(linker, calls, caller, import, watched, std::move(instance)).define());
    } else if (provider.kind == UnitKind::Package) {
      TENON_TRY_VOID(PackageEdge(linker, calls, caller, import, watched).define());
    } else if (import.provider != resolve::kOutside) {
      TENON_TRY_VOID(bridge(*running.domains[import.provider], import.export_name, nullptr));
    } else if (const RunningUnit* const unit = find_running_unit(running.request, provider.name)) {
      const std::string& exported = provider.type.exports[import.from.index].name;
      TENON_TRY_VOID(
          bridge(*unit->domain, unit->exports.find(exported)->second.component_export, unit));
    } else {
      TENON_TRY_VOID(NativeEdge(linker, calls, caller, import, watched, running).define());
    }
  }
  return {};
}

}  // namespace tenon::linker
