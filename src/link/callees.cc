#include "link/callees.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "call/on_failure.h"
#include "host/bundle_function.h"
#include "host/bundle_world.h"
#include "link/exports.h"
#include "link/http_domains.h"
#include "link/program_callees.h"
#include "middleware/adapted_callee.h"
#include "packr/encoded_values.h"
#include "packr/guest_names.h"
#include "packr/message_form.h"
#include "packr/package_body.h"
#include "packr/package_function.h"
#include "process/process_connector.h"
#include "program/program_function.h"
#include "remote/address.h"
#include "remote/remote_function.h"
#include "resolve/fate.h"
#include "resolve/http_interfaces.h"
#include "runtime/component_import.h"
#include "runtime/crossing.h"
#include "runtime/instance_pool.h"
#include "runtime/trace.h"
#include "support/check.h"
#include "support/names.h"
#include "support/try.h"
#include "types/adapt.h"
#include "types/hash_function.h"
#include "types/type.h"

namespace tenon::link {

namespace {

using CalleePtr = std::unique_ptr<call::Callee>;
using ShapePtr = std::shared_ptr<const call::FunctionShape>;

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
    CallTypes& types, const std::shared_ptr<const packr::Package>& package,
    types::FunctionId function) {
  return std::make_unique<const packr::MessageForm>(
      value::make_function_type(types.graph(), function), names_of(package));
}

// An exported function of a package.
struct PackageExport {
  const std::string& unit;
  const std::string& item;
  std::string_view function;  // within an instance; empty: a bare function
  std::shared_ptr<const packr::Package> package;
};

// The callee of an export of a package, whose calls have the shape: they pass values, or messages.
// buffers: of the program; null if the package runs in another composition.
std::unique_ptr<packr::PackageFunction> make_package_function(CallTypes& types,
                                                              const PackageExport& from,
                                                              const ShapePtr& shape,
                                                              runtime::Domain& domain,
                                                              packr::BufferTable* buffers) {
  const auto exported =
      std::ranges::find_if(from.package->exports, [&](const packr::Package::Function& entry) {
        return entry.item == from.item && entry.function == from.function;
      });
  TENON_CHECK(exported != from.package->exports.end());
  std::shared_ptr<const packr::GraphCodec> codec;
  if (shape->form == call::FunctionShape::Form::Canonical)
    codec = std::make_shared<const packr::GraphCodec>(shape, types.types(), from.package->names);
  auto form = make_form(types, from.package, exported->type);
  // Another composition can have other names for its functions.
  std::string field = buffers == nullptr ? exported->field : std::string();
  return std::make_unique<packr::PackageFunction>(
      domain, from.unit, show_function(from.item, from.function), std::move(codec), std::move(form),
      std::move(field), buffers);
}

// Makes callees for the imports of one domain.
class CalleeMaker final {
 public:
  CalleeMaker(Running& running, CallTypes& types)
      : running_(running), types_(types), program_(running, types) {}

  // shape, values: those of the call. values: may be null if the provider does not take `Value`s.
  // Errors: host-create, and other errors of a host bundle that starts.
  Result<CalleePtr> make(const EdgeFunction& target, const ShapePtr& shape,
                         std::shared_ptr<const call::ValueForm> values) {
    switch (target.edge.kind) {
      case UnitKind::Component:
      case UnitKind::Composition:
        return make_exported(target, shape);
      case UnitKind::Package:
        return make_package(target, shape);
      case UnitKind::HostBundle:
        return make_bundle_function(target, shape);
      case UnitKind::HostFunctions:
        return program_.make(target, shape, std::move(values));
      case UnitKind::Remote:
        return make_remote_function(target, shape);
      case UnitKind::Mock:
        return make_mock(target, shape, std::move(values));
      case UnitKind::Wasi:
        break;
    }
    // A plan has no bridged edges to units of these kinds.
    TENON_CHECK(false);
    return CalleePtr();
  }

  // The same for an edge whose ends have two versions of an interface. shape: as the consumer has it.
  Result<CalleePtr> make_adapted(const EdgeFunction& target, const ShapePtr& shape) {
    const types::FunctionId type = target.row.type;
    const types::FunctionId provided = target.row.provided;
    if (!types::adapt_function(types_.types(), type, provided)) return make(target, shape, nullptr);
    TENON_TRY(const ShapePtr own_shape, types_.shape_of(provided));
    const auto edge_of = [&](const ShapePtr& of, types::FunctionId id) {
      return middleware::Edge{target.edge.consumer, target.edge.unit, target.imported, of,
                              types_.make_values(of, id)};
    };
    TENON_TRY(CalleePtr callee, make(target, own_shape, nullptr));
    return CalleePtr(std::make_unique<middleware::AdaptedCallee>(
        edge_of(shape, type), edge_of(own_shape, provided), running_.shared, std::move(callee)));
  }

  // That of all wires to a unit; empty: none.
  [[nodiscard]] std::string on_failure_of(const EdgeRow& edge) const {
    return edge.kind == UnitKind::Remote ? find_remote(edge.unit).options.on_failure
                                         : std::string();
  }

  // Whether a provider takes `Value`s: middleware, or a function of the program.
  [[nodiscard]] bool takes_values(const EdgeFunction& target) const {
    return resolve::replaces_provider(target.edge.kind) || program_.takes_values(target);
  }
  [[nodiscard]] const ProgramCallees& program() const { return program_; }

 private:
  Result<CalleePtr> make_exported(const EdgeFunction& target, const ShapePtr& shape) {
    const EdgeRow& edge = target.edge;
    const RunningUnit* const other = find_running_unit(running_.request, edge.unit);
    std::vector<std::string> path{
        other == nullptr ? edge.export_name
                         : other->exports.find(edge.exported)->second.component_export};
    if (!target.is_bare()) path.push_back(target.row.name);
    runtime::ExportNames names{edge.unit, target.name(), std::move(path)};
    if (other == nullptr)
      return runtime::make_exported_function(*running_.domains[edge.provider], shape,
                                             std::move(names));
    auto shape_there = std::make_shared<call::FunctionShape>(*shape);
    translate_kinds(*other, *shape_there);
    return enter(
        *other, target, shape_there,
        std::make_unique<runtime::ExportedFunction>(*other->domain, shape_there, std::move(names)));
  }

  CalleePtr make_package(const EdgeFunction& target, const ShapePtr& shape) {
    const EdgeRow& edge = target.edge;
    const PackageExport from{edge.unit, edge.exported, target.row.name, edge.package};
    const RunningUnit* const other = find_running_unit(running_.request, edge.unit);
    if (other == nullptr)
      return make_package_function(types_, from, shape, *running_.domains[edge.provider],
                                   &running_.program_buffers);
    return enter(*other, target, shape,
                 make_package_function(types_, from, shape, *other->domain, nullptr));
  }

  // A function of another composition.
  CalleePtr enter(const RunningUnit& other, const EdgeFunction& target, ShapePtr shape,
                  CalleePtr function) {
    return std::make_unique<runtime::OtherComposition>(
        running_.shared, runtime::OtherComposition::Parts{.domain = *other.domain,
                                                          .shape = std::move(shape),
                                                          .name = target.name(),
                                                          .function = std::move(function)});
  }

  Result<CalleePtr> make_bundle_function(const EdgeFunction& target, const ShapePtr& shape) {
    const std::string& item = target.edge.exported;
    if (target.edge.bundle->process != nullptr) return make_process_function(target, shape);
    TENON_TRY(auto instance, running_.hosts.get(target.edge.unit, *target.edge.bundle));
    const host::ModuleTable& table = instance->table();
    host::BundleFunctionParts parts{
        .shape = shape,
        .instance = instance,
        .function =
            &table.function(target.is_bare() ? "" : host::table_name(item), target.function()),
        .name = target.name()};
    return CalleePtr(std::make_unique<host::BundleFunction>(std::move(parts), running_.shared));
  }

  // A function of a bundle in a process of its own.
  Result<CalleePtr> make_process_function(const EdgeFunction& target, const ShapePtr& shape) {
    const EdgeRow& edge = target.edge;
    TENON_TRY(std::string program, process::check_process(edge.unit, *edge.bundle));
    TENON_TRY(std::shared_ptr<remote::Peer> peer,
              running_.remotes.get_process(
                  edge.unit, running_.shared.scheduler, [&](remote::Reactor& reactor) {
                    return std::make_unique<process::ProcessConnector>(edge.unit, *edge.bundle,
                                                                       std::move(program), reactor,
                                                                       running_.shared.scheduler);
                  }));
    return make_remote_function(target, shape, std::move(peer), {});
  }

  Result<CalleePtr> make_mock(const EdgeFunction& target, const ShapePtr& shape,
                              std::shared_ptr<const call::ValueForm> values) {
    const EdgeRow& edge = target.edge;
    return running_.middleware.find(edge.unit)->second->wrap(
        {edge.consumer, edge.unit, target.imported, shape, std::move(values)}, nullptr);
  }

  Result<CalleePtr> make_remote_function(const EdgeFunction& target, const ShapePtr& shape) {
    const EdgeRow& edge = target.edge;
    const remote::RemoteSettings& settings = find_remote(edge.unit);
    TENON_TRY(std::shared_ptr<remote::Peer> peer,
              running_.remotes.get(edge.unit, settings, running_.shared.scheduler));
    return make_remote_function(target, shape, std::move(peer), settings.address.world);
  }

  // world: the name of the instance of functions at the root.
  CalleePtr make_remote_function(const EdgeFunction& target, const ShapePtr& shape,
                                 std::shared_ptr<remote::Peer> peer, const std::string& world) {
    const EdgeRow& edge = target.edge;
    remote::RemoteFunctionParts parts{
        .shape = shape,
        .peer = std::move(peer),
        .instance = target.is_bare() ? world : edge.implements.value_or(edge.exported),
        .label = edge.implements ? edge.exported : std::string(),
        .function = remote::function_on_wire(target.function()),
        .name = target.name(),
        .type_digest = types::hash_function(types_.types(), target.row.provided)};
    return CalleePtr(std::make_unique<remote::RemoteFunction>(std::move(parts), running_.shared));
  }

  [[nodiscard]] const remote::RemoteSettings& find_remote(const std::string& name) const {
    const auto& units = running_.request.units;
    const auto found = std::ranges::find(units, name, &UnitRequest::name);
    const auto* const settings =
        found == units.end() ? nullptr : found->as<remote::RemoteSettings>();
    TENON_CHECK(settings != nullptr);
    return *settings;
  }

  Running& running_;
  CallTypes& types_;
  const ProgramCallees program_;
};

// A callee whose calls are counted. Lifetime: refers to the count.
class CountedCallee final : public call::Callee {
 public:
  CountedCallee(EdgeCounts::Count& count, CalleePtr callee)
      : count_(count), callee_(std::move(callee)) {}

  void start(call::Call& call) override {
    count_.fetch_add(1, std::memory_order_relaxed);
    callee_->start(call);
  }

 private:
  EdgeCounts::Count& count_;
  const CalleePtr callee_;
};

// Puts the wrappers of an edge around its callees.
class EdgeWrappers final {
 public:
  explicit EdgeWrappers(Running& running) : running_(running) {}

  // Null: nothing is traced.
  [[nodiscard]] std::shared_ptr<const runtime::TracedEdge> find_traced(
      const EdgeFunction& target) const {
    if (running_.trace == nullptr) return nullptr;
    const EdgeRow& edge = target.edge;
    const bool is_remote = resolve::is_remote(edge.kind);
    return std::make_shared<const runtime::TracedEdge>(runtime::TracedEdge{
        .side = is_remote ? TraceCall::Side::Client : TraceCall::Side::Both,
        .consumer = edge.consumer,
        .provider =
            is_remote ? fmt::format("{} at {}", edge.unit, address_of(edge.unit)) : edge.unit,
        .function = print_call_name(target.interface(), target.function())});
  }
  // edge: null: nothing is traced.
  CalleePtr trace(CalleePtr callee, std::shared_ptr<const runtime::TracedEdge> edge,
                  const ShapePtr& shape, std::shared_ptr<const call::ValueForm> values) const {
    if (edge == nullptr || !running_.trace->has_calls()) return callee;
    return std::make_unique<runtime::TracedCallee>(*running_.trace, std::move(edge), shape,
                                                   std::move(values), std::move(callee));
  }
  // Middleware, consumer's side first.
  Result<CalleePtr> wrap(CalleePtr callee, const EdgeFunction& target, const ShapePtr& shape,
                         const std::shared_ptr<const call::ValueForm>& values) const {
    const EdgeRow& edge = target.edge;
    for (const std::string& name : std::views::reverse(edge.options.middleware)) {
      TENON_TRY(callee,
                running_.middleware.find(name)->second->wrap(
                    {edge.consumer, edge.unit, target.imported, shape, values}, std::move(callee)));
    }
    return callee;
  }
  // Counts the calls, for the metrics of a server.
  CalleePtr count(CalleePtr callee, const EdgeFunction& target) const {
    if (running_.request.http_instances == 0) return callee;
    const EdgeRow& edge = target.edge;
    EdgeName name{edge.consumer, edge.unit, print_call_name(target.interface(), target.function())};
    return std::make_unique<CountedCallee>(running_.edge_counts.get(std::move(name)),
                                           std::move(callee));
  }
  static CalleePtr tell_failures(CalleePtr callee, call::WriteFailure write) {
    if (!write) return callee;
    return std::make_unique<call::OnFailure>(std::move(callee), std::move(write));
  }

 private:
  [[nodiscard]] std::string address_of(const std::string& unit) const {
    const auto request = std::ranges::find(running_.request.units, unit, &UnitRequest::name);
    return remote::print_address(request->as<remote::RemoteSettings>()->address);
  }

  Running& running_;
};

call::WriteFailure find_failure_value(const types::Types& types, types::FunctionId function,
                                      const call::FunctionShape& shape,
                                      const std::string& on_failure) {
  if (!resolve::error_type(types, function)) return {};
  return call::find_failure_value(shape, on_failure);
}

// How a caller waits for a function; absent: on the stack, where callers would have to wait for each other.
std::optional<engine::ImportedAs> find_import(const EdgeRow& edge, Concurrency caller,
                                              const types::Function& function) {
  if (function.is_async) return engine::ImportedAs::Async;
  // The handlers of WASI 0.2 wait for clients.
  if (resolve::passes_requests(edge.imported) && caller == Concurrency::Yes)
    return engine::ImportedAs::Suspending;
  return std::nullopt;
}

Result<void> define_edge(engine::Linker& linker, const EdgeRow& edge, const DomainRow& domain,
                         runtime::Domain& caller, CallTypes& types, Running& running) {
  CalleeMaker maker(running, types);
  const EdgeWrappers wrappers(running);
  const resolve::BridgeOptions& options = edge.options;
  // A failure of native code ends the guest that called it, and its calls are not traced.
  // Middleware fails calls without a guest at fault, and a process of native code has a fate of its own.
  const bool is_native = resolve::is_native(edge.kind);
  const bool is_process = edge.bundle != nullptr && edge.bundle->process != nullptr;
  const bool tells_failures = !is_native || is_process || resolve::replaces_provider(edge.kind) ||
                              !options.middleware.empty() || options.is_adapted;
  const std::string on_failure =
      options.on_failure.empty() ? maker.on_failure_of(edge) : options.on_failure;
  for (const FunctionRow& row : edge.functions) {
    const EdgeFunction target{edge, row, show_function(edge.imported, row.name), domain.name};
    const auto traced = is_native ? nullptr : wrappers.find_traced(target);
    TENON_TRY(const ShapePtr shape,
              types.shape_of(row.type, {.buffer = options.stream_buffer, .edge = traced}));
    std::shared_ptr<const call::ValueForm> values;
    if (maker.takes_values(target) || traced != nullptr || !options.middleware.empty())
      values = types.make_values(shape, row.type);
    TENON_TRY(CalleePtr callee, options.is_adapted ? maker.make_adapted(target, shape)
                                                   : maker.make(target, shape, values));
    TENON_TRY(callee, wrappers.wrap(std::move(callee), target, shape, values));
    if (!is_native) callee = wrappers.trace(std::move(callee), traced, shape, std::move(values));
    callee = wrappers.count(std::move(callee), target);
    if (tells_failures)
      callee = EdgeWrappers::tell_failures(
          std::move(callee), find_failure_value(types.types(), row.type, *shape, on_failure));
    const bool is_bare = target.is_bare();
    TENON_TRY_VOID(runtime::define_import(
        linker, is_bare ? "" : edge.import, is_bare ? edge.import : row.name, shape, caller,
        std::move(callee),
        find_import(edge, domain.concurrency, types.types().functions[row.type])));
  }
  for (const ResourceRow& row : edge.resources) {
    const bool is_bare = row.name.empty();
    TENON_TRY_VOID(runtime::define_imported_resource(linker, is_bare ? "" : edge.import,
                                                     is_bare ? edge.import : row.name,
                                                     types.kind_of(row.resource), caller));
  }
  return {};
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
    return program::describe_first(checked.error());
  };
}

// The callee of one import of a package. A provider that is a package, or a function of the program
// that takes `Value`s, gets encoded messages; other providers get values of their own types.
Result<packr::PackageImport> make_package_import(const DomainRow& domain, const EdgeRow& edge,
                                                 const FunctionRow& row, CallTypes& types,
                                                 Running& running) {
  CalleeMaker maker(running, types);
  const EdgeWrappers wrappers(running);
  const std::shared_ptr<const packr::Package>& package = domain.package;
  const packr::Package::Function& function = package->imports[row.position];
  const EdgeFunction target{
      edge, row, shown_name(function.module, packr::label_of_field(function.field)), domain.name};
  const auto names = names_of(package);
  const auto messages = std::make_shared<const packr::EncodedValues>(
      value::make_function_type(types.graph(), row.type), names, &running.program_buffers);
  packr::PackageImport import{.module = function.module, .field = function.field};
  import.form = make_form(types, package, row.type);
  std::shared_ptr<const call::ValueForm> values = messages;
  call::WriteFailure write_failure;
  const std::string& on_failure = edge.options.on_failure;
  const resolve::TypesOf provider_types = resolve::row_of(edge.kind).types;
  const bool is_raw = maker.program().takes_encoded(target);
  if (provider_types == resolve::TypesOf::Packages || maker.takes_values(target) || is_raw) {
    import.shape = types.encoded_shape();
    if (provider_types == resolve::TypesOf::Packages)
      import.check_result = check_result(types.types(), row.type, row.provided, messages);
    write_failure = packr::find_encoded_failure(messages, on_failure);
  } else {
    // C++ types are checked against the import; all others are the provider's own.
    const types::FunctionId id =
        provider_types == resolve::TypesOf::Consumer ? row.type : row.provided;
    TENON_TRY(import.shape, types.shape_of(id));
    values = types.make_values(import.shape, id);
    import.codec = std::make_shared<const packr::GraphCodec>(import.shape, types.types(), *names);
    write_failure = find_failure_value(types.types(), id, *import.shape, on_failure);
  }
  if (is_raw) {
    import.callee = maker.program().make_raw(target, messages, nullptr);
  } else {
    TENON_TRY(import.callee, maker.make(target, import.shape, values));
  }
  TENON_TRY(import.callee, wrappers.wrap(std::move(import.callee), target, import.shape, values));
  import.callee = wrappers.trace(std::move(import.callee), wrappers.find_traced(target),
                                 import.shape, std::move(values));
  import.callee = EdgeWrappers::tell_failures(std::move(import.callee), std::move(write_failure));
  return import;
}

}  // namespace

Result<void> define_imports(engine::Linker& linker, const DomainRow& row, runtime::Domain& caller,
                            CallTypes& types, Running& running) {
  for (const EdgeRow& edge : row.imports)
    TENON_TRY_VOID(define_edge(linker, edge, row, caller, types, running));
  return {};
}

Result<std::unique_ptr<runtime::Body>> make_package_body(
    Running& running, std::shared_ptr<const engine::CompiledModule> code, const DomainRow& row,
    std::optional<std::uint64_t> memory, runtime::Domain& domain, CallTypes& types) {
  const packr::Package& package = *row.package;
  packr::PackageParts parts;
  parts.unit = row.package_unit;
  parts.code = std::move(code);
  parts.program_buffers = &running.program_buffers;
  parts.buffer_bytes = memory;
  parts.version = package.version;
  parts.is_async = package.is_async;
  parts.has_caller_buffers = package.abi == PackageAbi::CallerBuffer;
  for (const packr::Package::Function& function : package.exports)
    parts.exports.emplace(show_function(function.item, function.function), function.field);
  for (const packr::Package::Function& function : package.imports)
    parts.imports.push_back({.module = function.module, .field = function.field});
  for (const EdgeRow& edge : row.imports)
    for (const FunctionRow& function : edge.functions) {
      TENON_TRY(parts.imports[function.position],
                make_package_import(row, edge, function, types, running));
    }
  return std::unique_ptr<runtime::Body>(
      std::make_unique<packr::PackageBody>(domain, std::move(parts)));
}

// The callee of a package's export for the program.
static std::unique_ptr<packr::PackageFunction> make_called_package(Running& running,
                                                                   CallTable& calls,
                                                                   resolve::UnitExport from,
                                                                   std::string_view function,
                                                                   const ShapePtr& shape) {
  const resolve::Unit& unit = calls.plan().units[from.unit];
  return make_package_function(
      calls.types(),
      {unit.name, unit.type.exports[from.index].name, function, calls.package_of(from.unit)}, shape,
      calls.domain_of(from.unit), &running.program_buffers);
}

Result<ExportCallee> make_export_callee(Running& running, CallTable& calls,
                                        const ExportedItem& item, const FunctionType& type) {
  const std::string function = item.interface.empty() ? std::string() : item.name;
  if (const auto package = calls.package_of(item.from.unit)) {
    const ShapePtr& shape = calls.types().encoded_shape();
    auto callee = make_called_package(running, calls, item.from, function, shape);
    std::string name = callee->name();
    return ExportCallee{.name = std::move(name),
                        .callee = std::move(callee),
                        .shape = shape,
                        .values = std::make_shared<const packr::EncodedValues>(
                            type, names_of(package), &running.program_buffers)};
  }
  TENON_TRY(const ShapePtr shape, calls.types().shape_of(item.function));
  std::string name = shown_name(item.interface, item.name);
  std::vector<std::string> path{item.component_export};
  if (!function.empty()) path.push_back(function);
  auto callee = runtime::make_exported_function(
      calls.domain_of(item.from.unit), shape,
      runtime::ExportNames{calls.plan().units[item.from.unit].name, name, std::move(path)});
  return ExportCallee{.name = std::move(name),
                      .callee = std::move(callee),
                      .shape = shape,
                      .values = calls.types().make_values(shape, item.function)};
}

Result<ExportCallee> make_canonical_callee(Running& running, CallTable& calls,
                                           resolve::UnitExport from, std::string_view function,
                                           const FunctionType& type) {
  TENON_TRY(const ShapePtr shape, calls.types().shape_of(value::id_of(type)));
  auto callee = make_called_package(running, calls, from, function, shape);
  std::string name = callee->name();
  return ExportCallee{
      .name = std::move(name), .callee = std::move(callee), .shape = shape, .values = nullptr};
}

}  // namespace tenon::link
