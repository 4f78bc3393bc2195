#include "link/callees.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "call/on_failure.h"
#include "host/bundle_function.h"
#include "host/bundle_world.h"
#include "link/exports.h"
#include "link/program_function.h"
#include "link/remote_unit.h"
#include "middleware/adapted_callee.h"
#include "packr/encoded_values.h"
#include "packr/guest_names.h"
#include "packr/message_form.h"
#include "packr/package_body.h"
#include "packr/package_function.h"
#include "remote/remote_function.h"
#include "resolve/fate.h"
#include "runtime/component_import.h"
#include "runtime/crossing.h"
#include "runtime/instance_pool.h"
#include "runtime/trace.h"
#include "support/check.h"
#include "support/try.h"
#include "types/adapt.h"
#include "types/hash_function.h"
#include "types/type.h"

namespace tenon::link {

namespace {

using CalleePtr = std::unique_ptr<call::Callee>;
using ShapePtr = std::shared_ptr<const call::FunctionShape>;

// The function of a provider for one function of an import.
struct Target {
  resolve::UnitExport from;
  std::string export_name;  // in the component of the provider's domain
  std::string item;         // the provider's export: "acme:tax/lib@1.0.0"
  std::string function;     // within the item; empty if the item is the function
  std::string consumer;     // a unit, or a domain if several of its units share the import
  std::string imported;     // the function as the consumer imports it: "acme:tax/lib@1.0.0#rate"

  [[nodiscard]] std::string name() const { return name_of(item, function); }
  static std::string name_of(const std::string& item, std::string_view function) {
    return function.empty() ? item : fmt::format("{}#{}", item, function);
  }
};

// function: empty: the item is a bare function.
std::string show_function(const std::string& item, std::string_view function) {
  return function.empty() ? item : shown_name(item, function);
}

// The names of a package's types, which live as long as the package.
std::shared_ptr<const packr::TypeNamesOnWire> names_of(
    const std::shared_ptr<const packr::Package>& package) {
  return {package, &package->names};
}

// The form in which a package reads the messages of one of its functions.
std::unique_ptr<const packr::MessageForm> make_form(
    CallTable& calls, const std::shared_ptr<const packr::Package>& package,
    types::FunctionId function) {
  return std::make_unique<const packr::MessageForm>(
      value::make_function_type(calls.graph(), function), names_of(package));
}

// The callee of an export of a package, whose calls have the shape: they pass values, or messages.
// function: within an instance; empty: a bare function. running: the unit, if it runs in another
// composition.
std::unique_ptr<packr::PackageFunction> make_package_function(
    CallTable& calls, resolve::UnitExport from, std::string_view function, const ShapePtr& shape,
    const RunningUnit* running = nullptr) {
  const resolve::Unit& unit = calls.plan().units[from.unit];
  const std::string& item = unit.type.exports[from.index].name;
  const std::shared_ptr<const packr::Package> package = calls.package_of(from.unit);
  const auto exported =
      std::ranges::find_if(package->exports, [&](const packr::Package::Function& entry) {
        return entry.item == item && entry.function == function;
      });
  TENON_CHECK(exported != package->exports.end());
  std::shared_ptr<const packr::GraphCodec> codec;
  if (shape->form == call::FunctionShape::Form::Canonical)
    codec = std::make_shared<const packr::GraphCodec>(shape, calls.types(), package->names);
  auto form = make_form(calls, package, exported->type);
  // Another composition can have other names for its functions.
  if (running != nullptr)
    return std::make_unique<packr::PackageFunction>(*running->domain, unit.name,
                                                    show_function(item, function), std::move(codec),
                                                    std::move(form), exported->field);
  return std::make_unique<packr::PackageFunction>(calls.domain_of(from.unit), unit.name,
                                                  show_function(item, function), std::move(codec),
                                                  std::move(form), "", &calls.program_buffers());
}

// Makes callees for the imports of one domain.
class CalleeMaker final {
 public:
  CalleeMaker(Running& running, CallTable& calls) : running_(running), calls_(calls) {}

  [[nodiscard]] const resolve::Unit& provider(const Target& target) const {
    return calls_.plan().units[target.from.unit];
  }

  // shape, values: those of the call. values: for a function of the program
  // that takes `Value`s; may be null for other providers.
  // Errors: host-create, and other errors of a host bundle that starts.
  Result<CalleePtr> make(const Target& target, const ShapePtr& shape,
                         std::shared_ptr<const call::ValueForm> values) {
    const resolve::Unit& unit = provider(target);
    switch (unit.kind) {
      case UnitKind::Component:
      case UnitKind::Composition:
        return make_exported(unit, target, shape);
      case UnitKind::Package:
        return make_package(unit, target, shape);
      case UnitKind::HostBundle:
        return make_bundle_function(unit, target, shape);
      case UnitKind::HostFunctions:
        return make_program_function(target, shape, std::move(values));
      case UnitKind::Remote:
        return make_remote_function(unit, target, shape);
      case UnitKind::Mock:
        return make_mock(unit, target, shape, std::move(values));
      case UnitKind::Wasi:
        break;
    }
    // A plan has no bridged edges to units of these kinds.
    TENON_CHECK(false);
    return CalleePtr();
  }

  // The same for an edge whose ends have two versions of an interface. function, shape: as the consumer
  // has it.
  Result<CalleePtr> make_adapted(const Target& target, types::FunctionId function,
                                 const ShapePtr& shape) {
    const types::FunctionId own = type_of(target);
    if (!types::adapt_function(calls_.types(), function, own)) return make(target, shape, nullptr);
    TENON_TRY(const ShapePtr own_shape, calls_.shapes().shape_of(own));
    const auto edge_of = [&](const ShapePtr& of, types::FunctionId id) {
      return middleware::Edge{target.consumer, provider(target).name, target.imported, of,
                              calls_.make_values(of, id)};
    };
    TENON_TRY(CalleePtr callee, make(target, own_shape, nullptr));
    return CalleePtr(std::make_unique<middleware::AdaptedCallee>(
        edge_of(shape, function), edge_of(own_shape, own), running_.shared, std::move(callee)));
  }

  // That of all wires to a unit; empty: none.
  [[nodiscard]] std::string on_failure_of(const resolve::Unit& unit) const {
    return unit.kind == UnitKind::Remote ? find_remote(unit.name).remote->options.on_failure
                                         : std::string();
  }

  // The function, if the provider is the program; otherwise null.
  [[nodiscard]] const HostFunction* find_host_function(const Target& target) const {
    return provider(target).kind == UnitKind::HostFunctions ? &find_program_function(target)
                                                            : nullptr;
  }
  // Whether a provider takes `Value`s: middleware, or a function of the program.
  [[nodiscard]] bool takes_values(const Target& target) const {
    if (provider(target).kind == UnitKind::Mock) return true;
    const HostFunction* const function = find_host_function(target);
    return function != nullptr && (function->dynamic != nullptr || function->tree != nullptr);
  }
  [[nodiscard]] bool takes_encoded(const Target& target) const {
    const HostFunction* const function = find_host_function(target);
    return function != nullptr && function->raw != nullptr;
  }
  // REQUIRES: takes_encoded(target)
  [[nodiscard]] CalleePtr make_raw(const Target& target,
                                   std::shared_ptr<const packr::EncodedValues> messages,
                                   std::shared_ptr<const packr::GraphCodec> codec) const {
    return std::make_unique<RawProgramFunction>(
        RawProgramFunction::Parts{.call = find_program_function(target).raw,
                                  .name = target.name(),
                                  .caller = caller_of(target),
                                  .messages = std::move(messages),
                                  .codec = std::move(codec)});
  }

 private:
  Result<CalleePtr> make_exported(const resolve::Unit& unit, const Target& target,
                                  const ShapePtr& shape) {
    const RunningUnit* const other = find_running_unit(running_.request, unit.name);
    std::vector<std::string> path{other == nullptr
                                      ? target.export_name
                                      : other->exports.find(target.item)->second.component_export};
    if (!target.function.empty()) path.push_back(target.function);
    if (other == nullptr)
      return runtime::make_exported_function(
          calls_.domain_of(target.from.unit), shape,
          runtime::ExportNames{unit.name, target.name(), std::move(path)});
    auto shape_there = std::make_shared<call::FunctionShape>(*shape);
    translate_kinds(*other, *shape_there);
    return enter(*other, target, shape_there,
                 std::make_unique<runtime::ExportedFunction>(
                     *other->domain, shape_there,
                     runtime::ExportNames{unit.name, target.name(), std::move(path)}));
  }

  CalleePtr make_package(const resolve::Unit& unit, const Target& target, const ShapePtr& shape) {
    const RunningUnit* const other = find_running_unit(running_.request, unit.name);
    CalleePtr callee = make_package_function(calls_, target.from, target.function, shape, other);
    return other == nullptr ? std::move(callee) : enter(*other, target, shape, std::move(callee));
  }

  // A function of another composition.
  CalleePtr enter(const RunningUnit& other, const Target& target, ShapePtr shape,
                  CalleePtr function) {
    return std::make_unique<runtime::OtherComposition>(
        running_.shared, runtime::OtherComposition::Parts{.domain = *other.domain,
                                                          .shape = std::move(shape),
                                                          .name = target.name(),
                                                          .function = std::move(function)});
  }

  Result<CalleePtr> make_bundle_function(const resolve::Unit& unit, const Target& target,
                                         const ShapePtr& shape) {
    TENON_TRY(auto instance, running_.hosts.get(unit.name, calls_.bundle_of(target.from.unit)));
    const bool is_bare = target.function.empty();
    const host::ModuleTable& table = instance->table();
    host::BundleFunctionParts parts{
        .shape = shape,
        .instance = instance,
        .function = is_bare ? &table.function("", target.item)
                            : &table.function(host::table_name(target.item), target.function),
        .name = target.name()};
    return CalleePtr(std::make_unique<host::BundleFunction>(std::move(parts), running_.shared));
  }

  Result<CalleePtr> make_mock(const resolve::Unit& unit, const Target& target,
                              const ShapePtr& shape,
                              std::shared_ptr<const call::ValueForm> values) {
    return running_.middleware.find(unit.name)->second->wrap(
        {target.consumer, unit.name, target.imported, shape, std::move(values)}, nullptr);
  }

  Result<CalleePtr> make_remote_function(const resolve::Unit& unit, const Target& target,
                                         const ShapePtr& shape) {
    const bool is_bare = target.function.empty();
    const types::RootItem& item = unit.type.exports[target.from.index];
    const UnitRequest& request = find_remote(unit.name);
    TENON_TRY(std::shared_ptr<remote::Peer> peer,
              running_.remotes.get(request, running_.shared.scheduler));
    remote::RemoteFunctionParts parts{
        .shape = shape,
        .peer = std::move(peer),
        .instance = is_bare           ? request.remote->address.world
                    : item.implements ? *item.implements
                                      : target.item,
        .label = item.implements ? target.item : std::string(),
        .function = remote::function_on_wire(is_bare ? target.item : target.function),
        .name = target.name(),
        .type_digest = types::hash_function(calls_.types(), type_of(target))};
    return CalleePtr(std::make_unique<remote::RemoteFunction>(std::move(parts), running_.shared));
  }

  // The type of the provider's function.
  [[nodiscard]] types::FunctionId type_of(const Target& target) const {
    const types::RootItem& item = provider(target).type.exports[target.from.index];
    if (const auto* const function = std::get_if<types::FunctionId>(&item.item)) return *function;
    const types::NamedItem* const part =
        calls_.types().instances[std::get<types::InstanceId>(item.item)].find_export(
            target.function);
    TENON_CHECK(part != nullptr);
    return std::get<types::FunctionId>(part->item);
  }

  [[nodiscard]] const UnitRequest& find_remote(const std::string& name) const {
    const auto& units = running_.request.units;
    const auto found = std::ranges::find(units, name, &UnitRequest::name);
    TENON_CHECK(found != units.end() && found->remote != nullptr);
    return *found;
  }

  [[nodiscard]] const HostFunction& find_program_function(const Target& target) const {
    const HostFunction* function =
        target.function.empty()
            ? running_.host.find_root_function(target.item, target.consumer)
            : running_.host.find_function(target.item, target.function, target.consumer);
    TENON_CHECK(function != nullptr);
    return *function;
  }

  [[nodiscard]] Caller caller_of(const Target& target) const {
    const auto consumer =
        std::ranges::find(calls_.plan().units, target.consumer, &resolve::Unit::name);
    return {consumer->name, consumer->domain};
  }

  Result<CalleePtr> make_program_function(const Target& target, const ShapePtr& shape,
                                          std::shared_ptr<const call::ValueForm> values) {
    HostFunction function = find_program_function(target);
    if (function.raw != nullptr)
      return make_raw(target, nullptr,
                      std::make_shared<const packr::GraphCodec>(shape, calls_.types(),
                                                                packr::TypeNamesOnWire()));
    if (function.tree != nullptr) {
      auto labels = std::make_shared<detail::TreeLabels>();
      (void)function.check(values->type(), nullptr, nullptr, labels.get());  // fits, by the plan
      function.dynamic =
          std::make_shared<const HostFunction::Dynamic>((*function.tree)(std::move(labels)));
    }
    if (function.dynamic == nullptr) values = nullptr;
    return CalleePtr(std::make_unique<ProgramFunction>(function, shape, std::move(values),
                                                       running_.weak_from_this(), running_.shared,
                                                       target.name(), caller_of(target)));
  }

  Running& running_;
  CallTable& calls_;
};

// The wrappers of an edge, around its callee.
struct EdgeWrappers {
  Running& running;
  CallTable& calls;
  std::string consumer;  // for a trace

  // Null: nothing is traced.
  [[nodiscard]] std::shared_ptr<const runtime::TracedEdge> find_traced(const Target& target) const {
    if (running.trace == nullptr) return nullptr;
    const bool is_bare = target.function.empty();
    const resolve::Unit& provider = calls.plan().units[target.from.unit];
    return std::make_shared<const runtime::TracedEdge>(runtime::TracedEdge{
        .side = provider.kind == UnitKind::Remote ? TraceCall::Side::Client : TraceCall::Side::Both,
        .consumer = consumer,
        .provider = show_provider(provider),
        .function = print_call_name(is_bare ? std::string() : target.item,
                                    is_bare ? target.item : target.function)});
  }
  // A remote unit with its address.
  static std::string show_provider(const resolve::Unit& unit) {
    return unit.kind == UnitKind::Remote ? fmt::format("{} at {}", unit.name, unit.file)
                                         : unit.name;
  }
  // edge: null: nothing is traced.
  CalleePtr trace(CalleePtr callee, std::shared_ptr<const runtime::TracedEdge> edge,
                  const ShapePtr& shape, std::shared_ptr<const call::ValueForm> values) const {
    if (edge == nullptr || !running.trace->has_calls()) return callee;
    return std::make_unique<runtime::TracedCallee>(*running.trace, std::move(edge), shape,
                                                   std::move(values), std::move(callee));
  }
  // names: of the middleware, consumer's side first.
  Result<CalleePtr> wrap(CalleePtr callee, const std::vector<std::string>& names,
                         const Target& target, const ShapePtr& shape,
                         const std::shared_ptr<const call::ValueForm>& values) const {
    const std::string& provider = calls.plan().units[target.from.unit].name;
    for (const std::string& name : std::views::reverse(names)) {
      TENON_TRY(callee, running.middleware.find(name)->second->wrap(
                            {target.consumer, provider, target.imported, shape, values},
                            std::move(callee)));
    }
    return callee;
  }
  static CalleePtr tell_failures(CalleePtr callee, call::WriteFailure write) {
    if (!write) return callee;
    return std::make_unique<call::OnFailure>(std::move(callee), std::move(write));
  }
};

// Defines each function and resource of an import by `define_function`, which gets the interface
// (empty for a bare function), the name and the type.
template <class DefineFunction>
Result<void> define_items(engine::Linker& linker, ShapeTable& shapes, runtime::Domain& caller,
                          const std::string& import, const types::Item& item,
                          DefineFunction&& define_function) {
  const auto define = [&](std::string_view interface, const std::string& name,
                          const types::Item& part) -> Result<void> {
    if (const auto* const function = std::get_if<types::FunctionId>(&part))
      return define_function(interface, name, *function);
    const auto* const bound = std::get_if<types::TypeBound>(&part);
    const auto* const resource =
        bound == nullptr ? nullptr : std::get_if<types::ResourceId>(&bound->type);
    if (resource == nullptr) return {};
    return runtime::define_imported_resource(linker, interface, name, shapes.kind_of(*resource),
                                             caller.shared());
  };
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return define("", import, item);
  for (const types::NamedItem& part : shapes.types().instances[*instance].exports)
    TENON_TRY_VOID(define(import, part.name, part.item));
  return {};
}

call::WriteFailure find_failure_value(const types::Types& types, types::FunctionId function,
                                      const call::FunctionShape& shape,
                                      const std::string& on_failure) {
  if (!resolve::error_type(types, function)) return {};
  return call::find_failure_value(shape, on_failure);
}

Result<void> define_import(engine::Linker& linker, const resolve::BridgedImport& import,
                           runtime::Domain& caller, CallTable& calls, Running& running) {
  CalleeMaker maker(running, calls);
  const resolve::Unit& provider = calls.plan().units[import.from.unit];
  const std::string& item = provider.type.exports[import.from.index].name;
  const EdgeWrappers wrappers{running, calls, import.consumer};
  // A failure of native code ends the guest that called it, and its calls are not traced.
  // Middleware fails calls without a guest at fault.
  const bool is_native = resolve::is_native(provider.kind);
  const bool tells_failures = !is_native || provider.kind == UnitKind::Mock ||
                              !import.middleware.empty() || import.is_adapted;
  const std::string on_failure =
      import.on_failure.empty() ? maker.on_failure_of(provider) : import.on_failure;
  const auto define_function = [&](std::string_view interface, const std::string& name,
                                   types::FunctionId function) -> Result<void> {
    const Target target{
        import.from,
        import.export_name,
        item,
        interface.empty() ? std::string() : name,
        import.consumer,
        interface.empty() ? import.imported : fmt::format("{}#{}", import.imported, name)};
    const auto edge = is_native ? nullptr : wrappers.find_traced(target);
    TENON_TRY(const ShapePtr shape,
              calls.shapes().shape_of(function, {.buffer = import.stream_buffer, .edge = edge}));
    std::shared_ptr<const call::ValueForm> values;
    if (maker.takes_values(target) || edge != nullptr || !import.middleware.empty())
      values = calls.make_values(shape, function);
    TENON_TRY(CalleePtr callee, import.is_adapted ? maker.make_adapted(target, function, shape)
                                                  : maker.make(target, shape, values));
    TENON_TRY(callee, wrappers.wrap(std::move(callee), import.middleware, target, shape, values));
    if (!is_native) callee = wrappers.trace(std::move(callee), edge, shape, std::move(values));
    if (tells_failures)
      callee = EdgeWrappers::tell_failures(
          std::move(callee), find_failure_value(calls.types(), function, *shape, on_failure));
    return runtime::define_import(linker, interface, name, shape, caller, std::move(callee),
                                  calls.types().functions[function].is_async);
  };
  return define_items(linker, calls.shapes(), caller, import.name, import.item, define_function);
}

// Whether a value of any type can arrive where a specific type is expected. REQUIRES: the types
// fit, as packages
bool is_narrower(const types::Types& types, types::TypeId expected, types::TypeId actual) {
  const auto& a = types.types[expected].kind;
  const auto& b = types.types[actual].kind;
  if (std::holds_alternative<types::Dynamic>(a)) return false;
  if (std::holds_alternative<types::Dynamic>(b)) return true;
  if (const auto* record = std::get_if<types::Record>(&a)) {
    return std::ranges::any_of(record->fields, [&](const types::Field& field) {
      const auto& others = std::get<types::Record>(b).fields;
      return is_narrower(types, field.type,
                         std::ranges::find(others, field.label, &types::Field::label)->type);
    });
  }
  // A map can meet a list of pairs: its key and value then meet the parts of the pair.
  const bool is_map =
      std::holds_alternative<types::Map>(a) || std::holds_alternative<types::Map>(b);
  const auto parts_of = [&](types::TypeId id) {
    const auto* const list = std::get_if<types::List>(&types.types[id].kind);
    std::vector<types::TypeId> parts;
    types::for_each_part(
        types.types[is_map && list != nullptr ? list->element : id],
        [&](types::TypeId part) { parts.push_back(part); }, [](types::ResourceId) {});
    return parts;
  };
  const std::vector<types::TypeId> ours = parts_of(expected);
  const std::vector<types::TypeId> theirs = parts_of(actual);
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
    if (is_narrower(types, ours[i], theirs[i])) return true;
  return false;
}

// Checks the results of a provider that can return any value against the type that the consumer
// expects; null if every result fits.
packr::CheckMessage check_result(const types::Types& types, types::FunctionId consumer,
                                 types::FunctionId provider,
                                 std::shared_ptr<const packr::EncodedValues> values) {
  const std::optional<types::TypeId>& expected = types.functions[consumer].result;
  const std::optional<types::TypeId>& returned = types.functions[provider].result;
  if (!expected || !returned || !is_narrower(types, *expected, *returned)) return {};
  return [values = std::move(values)](
             std::span<const std::uint8_t> message) -> std::optional<std::string> {
    const Result<void> checked = values->check_result(message);
    if (checked) return std::nullopt;
    return describe_first(checked.error());
  };
}

// The provider's function for a function of a package's import, and its name within an instance.
std::pair<types::FunctionId, std::string> find_provided(const CallTable& calls,
                                                        const packr::Package::Function& import,
                                                        resolve::UnitExport from) {
  const types::RootItem& item = calls.plan().units[from.unit].type.exports[from.index];
  if (const auto* function = std::get_if<types::FunctionId>(&item.item)) return {*function, ""};
  const types::NamedItem* const part =
      calls.types().instances[std::get<types::InstanceId>(item.item)].find_export(import.function);
  TENON_CHECK(part != nullptr);
  return {std::get<types::FunctionId>(part->item), part->name};
}

// The callee of one import of a package. A provider that is a package, or a function of the program
// that takes `Value`s, gets encoded messages; other providers get values of their own types.
Result<packr::PackageImport> make_package_import(Running& running, CallTable& calls,
                                                 resolve::UnitIndex consumer,
                                                 const packr::Package::Function& function,
                                                 const resolve::BridgedImport& import) {
  CalleeMaker maker(running, calls);
  const std::shared_ptr<const packr::Package> package = calls.package_of(consumer);
  const auto [provided, name] = find_provided(calls, function, import.from);
  const resolve::Unit& provider = calls.plan().units[import.from.unit];
  const Target target{import.from,
                      import.export_name,
                      provider.type.exports[import.from.index].name,
                      name,
                      calls.plan().units[consumer].name,
                      Target::name_of(function.module, packr::label_of_field(function.field))};
  const auto names = names_of(package);
  const auto messages = std::make_shared<const packr::EncodedValues>(
      value::make_function_type(calls.graph(), function.type), names, &calls.program_buffers());
  packr::PackageImport package_import{.module = function.module, .field = function.field};
  package_import.form = make_form(calls, package, function.type);
  std::shared_ptr<const call::ValueForm> values = messages;
  call::WriteFailure write_failure;
  const resolve::TypesOf provider_types = resolve::row_of(provider.kind).types;
  const bool is_raw = maker.takes_encoded(target);
  if (provider_types == resolve::TypesOf::Packages || maker.takes_values(target) || is_raw) {
    package_import.shape = calls.encoded_shape();
    if (provider_types == resolve::TypesOf::Packages)
      package_import.check_result = check_result(calls.types(), function.type, provided, messages);
    write_failure = packr::find_encoded_failure(messages, import.on_failure);
  } else {
    // C++ types are checked against the import; all others are the provider's own.
    const types::FunctionId id =
        provider_types == resolve::TypesOf::Consumer ? function.type : provided;
    TENON_TRY(package_import.shape, calls.shape_of(id));
    values = calls.make_values(package_import.shape, id);
    package_import.codec =
        std::make_shared<const packr::GraphCodec>(package_import.shape, calls.types(), *names);
    write_failure = find_failure_value(calls.types(), id, *package_import.shape, import.on_failure);
  }
  if (is_raw) {
    package_import.callee = maker.make_raw(target, messages, nullptr);
  } else {
    TENON_TRY(package_import.callee, maker.make(target, package_import.shape, values));
  }
  const EdgeWrappers wrappers{running, calls, target.consumer};
  TENON_TRY(package_import.callee,
            wrappers.wrap(std::move(package_import.callee), import.middleware, target,
                          package_import.shape, values));
  package_import.callee =
      wrappers.trace(std::move(package_import.callee), wrappers.find_traced(target),
                     package_import.shape, std::move(values));
  package_import.callee =
      EdgeWrappers::tell_failures(std::move(package_import.callee), std::move(write_failure));
  return package_import;
}

}  // namespace

Result<void> define_imports(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, runtime::Domain& caller, CallTable& calls,
                            Running& running) {
  const resolve::DomainPlan& part = split.domains[domain];
  for (const resolve::BridgedImport& import : part.imports)
    TENON_TRY_VOID(define_import(linker, import, caller, calls, running));
  return {};
}

Result<void> define_known_imports(engine::Linker& linker, const std::vector<KnownImport>& imports,
                                  runtime::Domain& caller, ShapeTable& shapes, Running& running) {
  for (const KnownImport& import : imports) {
    const auto define_function = [&](std::string_view interface, const std::string& name,
                                     types::FunctionId function) -> Result<void> {
      TENON_TRY(const ShapePtr shape, shapes.shape_of(function));
      std::vector<std::string> path{import.export_name};
      if (!interface.empty()) path.push_back(name);
      CalleePtr callee = runtime::make_exported_function(
          *running.domains[import.provider], shape,
          runtime::ExportNames{
              import.unit,
              interface.empty() ? import.exported : fmt::format("{}#{}", import.exported, name),
              std::move(path)});
      callee = EdgeWrappers::tell_failures(
          std::move(callee),
          find_failure_value(shapes.types(), function, *shape, import.on_failure));
      return runtime::define_import(linker, interface, name, shape, caller, std::move(callee),
                                    shapes.types().functions[function].is_async);
    };
    TENON_TRY_VOID(define_items(linker, shapes, caller, import.name, import.item, define_function));
  }
  return {};
}

Result<std::unique_ptr<runtime::Body>> make_package_body(
    Running& running, std::shared_ptr<const engine::CompiledModule> code,
    const resolve::SplitPlan& split, resolve::DomainIndex domain, CallTable& calls) {
  const resolve::DomainPlan& part = split.domains[domain];
  const resolve::UnitIndex unit = part.units.front();
  packr::PackageParts parts;
  parts.unit = calls.plan().units[unit].name;
  parts.code = std::move(code);
  const std::shared_ptr<const packr::Package> package = calls.package_of(unit);
  parts.program_buffers = &running.program_buffers;
  parts.version = package->version;
  parts.is_async = package->is_async;
  parts.has_caller_buffers = package->abi == PackageAbi::CallerBuffer;
  for (const packr::Package::Function& function : package->exports)
    parts.exports.emplace(show_function(function.item, function.function), function.field);
  std::unordered_map<std::string_view, const resolve::BridgedImport*> imports;
  for (const resolve::BridgedImport& import : part.imports) imports.emplace(import.name, &import);
  for (const packr::Package::Function& function : package->imports) {
    packr::PackageImport package_import{.module = function.module, .field = function.field};
    if (const auto import = imports.find(function.item); import != imports.end()) {
      TENON_TRY(package_import,
                make_package_import(running, calls, unit, function, *import->second));
    }
    parts.imports.push_back(std::move(package_import));
  }
  return std::unique_ptr<runtime::Body>(
      std::make_unique<packr::PackageBody>(*running.domains[domain], std::move(parts)));
}

Result<ExportCallee> make_export_callee(CallTable& calls, const ExportedItem& item,
                                        const FunctionType& type) {
  const std::string function = item.interface.empty() ? std::string() : item.name;
  if (const auto package = calls.package_of(item.from.unit)) {
    auto callee = make_package_function(calls, item.from, function, calls.encoded_shape());
    std::string name = callee->name();
    return ExportCallee{.name = std::move(name),
                        .callee = std::move(callee),
                        .shape = calls.encoded_shape(),
                        .values = std::make_shared<const packr::EncodedValues>(
                            type, names_of(package), &calls.program_buffers())};
  }
  TENON_TRY(const ShapePtr shape, calls.shape_of(item.function));
  std::string name = shown_name(item.interface, item.name);
  std::vector<std::string> path{item.component_export};
  if (!function.empty()) path.push_back(function);
  auto callee = runtime::make_exported_function(
      calls.domain_of(item.from.unit), shape,
      runtime::ExportNames{calls.plan().units[item.from.unit].name, name, std::move(path)});
  return ExportCallee{.name = std::move(name),
                      .callee = std::move(callee),
                      .shape = shape,
                      .values = calls.make_values(shape, item.function)};
}

Result<ExportCallee> make_canonical_callee(CallTable& calls, resolve::UnitExport from,
                                           std::string_view function, const FunctionType& type) {
  TENON_TRY(const ShapePtr shape, calls.shape_of(value::id_of(type)));
  auto callee = make_package_function(calls, from, function, shape);
  std::string name = callee->name();
  return ExportCallee{
      .name = std::move(name), .callee = std::move(callee), .shape = shape, .values = nullptr};
}

}  // namespace tenon::link
