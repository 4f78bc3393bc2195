#include "linker/bridge_domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "resolve/name_pattern.h"
#include "runtime/bridge.h"
#include "support/try.h"
#include "types/interface_name.h"

namespace tenon::linker {

namespace {

// One import of a domain's component.
class Bridges final {
 public:
  Bridges(engine::Linker& linker, CallTable& calls, runtime::Domain& caller,
          runtime::Domain& callee, const resolve::BridgedImport& import, Trace* trace,
          std::string consumer)
      : linker_(linker),
        calls_(calls),
        caller_(caller),
        callee_(callee),
        import_(import),
        trace_(trace),
        consumer_(std::move(consumer)) {}

  Result<void> define() {
    if (const auto* instance = std::get_if<types::InstanceId>(&import_.item)) {
      for (const types::NamedItem& part : calls_.types().instances[*instance].exports)
        TENON_TRY_VOID(
            define(import_.name, part.name, part.item, {import_.export_name, part.name}));
      return {};
    }
    return define("", import_.name, import_.item, {import_.export_name});
  }

 private:
  Result<void> define(std::string_view interface, const std::string& name, const types::Item& item,
                      std::vector<std::string> path) {
    if (const auto* function = std::get_if<types::FunctionId>(&item)) {
      TENON_TRY(auto shape, calls_.shape_of(*function));
      auto observer = observe(interface.empty() ? std::string() : exported_name(), name, *function);
      const auto on_failure =
          runtime::find_failure_value(shape->program.layout(), import_.on_failure);
      return runtime::define_bridged_function(linker_, interface, name,
                                              {.shape = std::move(shape),
                                               .caller = &caller_,
                                               .callee = &callee_,
                                               .unit = provider().name,
                                               .name = shown_name(name, path),
                                               .path = std::move(path),
                                               .on_failure = on_failure,
                                               .observer = std::move(observer)});
    }
    if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
      if (const auto* resource = std::get_if<types::ResourceId>(&bound->type))
        return runtime::define_bridged_resource(linker_, interface, name, calls_.kind_of(*resource),
                                                caller_.shared());
    }
    return {};
  }

  // As the provider calls it.
  std::string shown_name(const std::string& name, const std::vector<std::string>& path) const {
    return path.size() > 1 ? fmt::format("{}#{}", exported_name(), name) : exported_name();
  }
  const resolve::Unit& provider() const { return calls_.plan().units[import_.from.unit]; }
  const std::string& exported_name() const {
    return provider().type.exports[import_.from.index].name;
  }

  // Null if there is no trace.
  std::unique_ptr<runtime::CallObserver> observe(const std::string& interface,
                                                 const std::string& name,
                                                 types::FunctionId function) {
    if (trace_ == nullptr) return nullptr;
    const Trace::Names names{.consumer = consumer_,
                             .provider = provider().name,
                             .interface = interface,
                             .function = interface.empty() ? exported_name() : name};
    return trace_->observe(names, calls_, function);
  }

  engine::Linker& linker_;
  CallTable& calls_;
  runtime::Domain& caller_;
  runtime::Domain& callee_;
  const resolve::BridgedImport& import_;
  Trace* trace_;
  std::string consumer_;  // for the trace
};

// The unit that has an import of a domain's component; the domain, if there are several.
std::string name_consumer(const resolve::DomainPlan& domain, const std::string& import) {
  const auto met =
      std::ranges::find(domain.link.imports, import, &resolve::CompositionImport::name);
  if (met == domain.link.imports.end() || met->importers.empty()) return domain.name;
  const resolve::UnitIndex first = met->importers.front().unit;
  const bool is_one =
      std::ranges::all_of(met->importers, [&](resolve::UnitImport at) { return at.unit == first; });
  return is_one ? domain.link.units[first].name : domain.name;
}

}  // namespace

Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls,
                            const std::vector<std::unique_ptr<runtime::Domain>>& domains,
                            Trace* trace) {
  const resolve::DomainPlan& part = split.domains[domain];
  for (const resolve::BridgedImport& import : part.imports) {
    TENON_TRY_VOID(Bridges(linker, calls, *domains[domain], *domains[import.provider], import,
                           trace, name_consumer(part, import.name))
                       .define());
  }
  return {};
}

}  // namespace tenon::linker
