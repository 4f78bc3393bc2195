#include "linker/package_import.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/flat_types.h"
#include "host/bundle_world.h"
#include "linker/bundle_import.h"
#include "linker/no_handles.h"
#include "linker/package_call.h"
#include "linker/package_edge.h"
#include "linker/traced_import.h"
#include "runtime/engine_guest.h"
#include "runtime/outside_call.h"
#include "runtime/owner_lock.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"
#include "types/parts.h"
#include "value/arena_buffer.h"
#include "value/arena_value.h"

namespace tenon::linker {

namespace {

using Answer = CallResult<std::optional<Value>>;

CallFailure trap_of(const std::string& name, std::string why) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Trap;
  failure.function = name;
  failure.message = fmt::format("`{}` of the program: {}", name, why);
  return failure;
}

// A function of the program that takes values as they are.
class FromDynamic final : public ValueImport {
 public:
  FromDynamic(const FunctionType& type, std::shared_ptr<const Package> package,
              HostFunction function, std::string name)
      : ValueImport(type, std::move(package)),
        has_result_(type.result().has_value()),
        function_(std::move(function)),
        name_(std::move(name)) {}

 private:
  Answer call_values(std::span<const Value> arguments) override {
    try {
      HostResult<std::optional<Value>> called = (*function_.dynamic)(arguments);
      if (!called) return trap_of(name_, std::move(called).error().message);
      if (called->has_value() != has_result_)
        return trap_of(name_, has_result_ ? "it gave no result" : "it gave a result, and has none");
      return *std::move(called);
    } catch (const std::exception& thrown) {
      return trap_of(name_, std::string("it threw: ") + thrown.what());
    } catch (...) {
      return trap_of(name_, "it threw what is no std::exception");
    }
  }

  bool has_result_;
  HostFunction function_;
  std::string name_;
};

// One with C++ types: values go to it by an arena.
class FromTyped final : public ValueImport {
 public:
  FromTyped(FunctionType type, std::shared_ptr<const Package> package, HostFunction function,
            std::string name, std::shared_ptr<const runtime::FunctionShape> shape)
      : ValueImport(type, std::move(package)),
        function_(std::move(function)),
        name_(std::move(name)),
        shape_(std::move(shape)),
        values_(value::ValueProgram::make(std::move(type), shape_->program.layout())) {}

 private:
  using ValuesAt = detail::ValuesAt;

  Answer call_values(std::span<const Value> arguments) override {
    const detail::CppSignature& signature = *function_.signature;
    NoHandles handles;
    value::ArenaBuffer buffer(handles);
    // What is flat is copied, and no copy is within one memory.
    abi::ValueArena apart;
    const bool takes_flat = signature.params_at == ValuesAt::Flat;
    const Result<std::uint32_t> params =
        values_.write_params(arguments, takes_flat ? apart : buffer.arena(), handles);
    if (!params) return detail::refuse_call(name_, params.error());
    std::array<std::uint64_t, abi::kMaxFlatParams> flat = {};
    detail::CallFrame frame;
    frame.flat_params = flat;
    frame.params = *params;
    if (takes_flat) {
      const auto copied = shape_->program.copy_params(
          abi::From::memory(apart, *params), abi::To::flat(buffer.arena(), std::span(flat)));
      if (!copied) return trap_of(name_, runtime::describe(copied.error()));
    }
    buffer.refresh();
    HostResult<void> called = function_.typed->call(&buffer, frame);
    if (!called) return trap_of(name_, std::move(called).error().message);
    if (signature.result == nullptr) return std::optional<Value>();
    if (signature.result_at == ValuesAt::Buffer)
      return std::optional(
          values_.read_result(static_cast<std::uint32_t>(frame.result), buffer.arena(), handles));
    apart.clear();
    const std::array result = {frame.result};
    const auto lifted =
        shape_->program.lift_result(abi::From::flat(buffer.arena(), std::span(result)), apart);
    if (!lifted) return trap_of(name_, runtime::describe(lifted.error()));
    return std::optional(values_.read_result(*lifted, apart, handles));
  }

  HostFunction function_;
  std::string name_;
  std::shared_ptr<const runtime::FunctionShape> shape_;
  value::ValueProgram values_;
};

// A function that a component exports, of this composition or of another.
class FromComponent final : public ValueImport {
 public:
  FromComponent(FunctionType type, std::shared_ptr<const Package> package,
                std::shared_ptr<const runtime::FunctionShape> shape,
                runtime::ExportedFunction exported, const runtime::Shared& here)
      : ValueImport(type, std::move(package)),
        shape_(std::move(shape)),
        values_(value::ValueProgram::make(std::move(type), shape_->program.layout())),
        exported_(std::move(exported)),
        leaves_composition_(&exported_.domain().shared() != &here) {}

 private:
  Answer call_values(std::span<const Value> arguments) override {
    if (!leaves_composition_) return call_entered(arguments);
    // Another thread may be in that one.
    const runtime::OwnerLock::Entry entry(*exported_.domain().shared().lock);
    if (entry.is_in()) return call_entered(arguments);
    CallFailure refused = entry.failure();
    refused.function = exported_.name();
    return refused;
  }

  Answer call_entered(std::span<const Value> arguments) {
    NoHandles handles;
    abi::ValueArena arena;
    const Result<std::uint32_t> params = values_.write_params(arguments, arena, handles);
    if (!params) return detail::refuse_call(exported_.name(), params.error());
    const auto result = runtime::call_from_outside(
        exported_, *shape_, {.arena = arena, .params = abi::From::memory(arena, *params)});
    if (!result) return result.error();
    if (!*result) return std::optional<Value>();
    if (!values_.result_fits(**result, arena, limits::kReadValueBytes))
      return exported_.refuse_result(
          fmt::format("its result takes more than {} bytes of memory", limits::kReadValueBytes));
    return std::optional(values_.read_result(**result, arena, handles));
  }

  std::shared_ptr<const runtime::FunctionShape> shape_;
  value::ValueProgram values_;
  runtime::ExportedFunction exported_;
  bool leaves_composition_;
};

// The provider's function that a function of an import is met by, and its name in an instance.
struct Found {
  types::FunctionId type;
  std::string function;
};
Found find_function(CallTable& calls, const Package::Function& wanted, resolve::UnitExport from) {
  const types::RootItem& item = calls.plan().units[from.unit].type.exports[from.index];
  if (const auto* function = std::get_if<types::FunctionId>(&item.item)) return {*function, ""};
  const types::NamedItem* const part =
      calls.types().instances[std::get<types::InstanceId>(item.item)].find_export(wanted.function);
  TENON_CHECK(part != nullptr);
  return {std::get<types::FunctionId>(part->item), part->name};
}

// Whether any value may come where a certain type is wanted. REQUIRES: the types fit, as packages
bool is_narrower(const types::Types& types, types::TypeId wanted, types::TypeId found) {
  const auto& a = types.types[wanted].kind;
  const auto& b = types.types[found].kind;
  if (std::holds_alternative<types::Dynamic>(a)) return false;
  if (std::holds_alternative<types::Dynamic>(b)) return true;
  if (const auto* record = std::get_if<types::Record>(&a)) {
    return std::ranges::any_of(record->fields, [&](const types::Field& field) {
      const auto& others = std::get<types::Record>(b).fields;
      return is_narrower(types, field.type,
                         std::ranges::find(others, field.label, &types::Field::label)->type);
    });
  }
  const auto parts_of = [&](types::TypeId id) {
    std::vector<types::TypeId> parts;
    types::for_each_part(
        types.types[id], [&](types::TypeId part) { parts.push_back(part); },
        [](types::ResourceId) {});
    return parts;
  };
  const std::vector<types::TypeId> ours = parts_of(wanted);
  const std::vector<types::TypeId> theirs = parts_of(found);
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
    if (is_narrower(types, ours[i], theirs[i])) return true;
  return false;
}

// For a provider that may give any value, to a consumer that wants a certain type.
packr::ResultCheck check_result(CallTable& calls, const FunctionType& type,
                                types::FunctionId wanted, types::FunctionId found,
                                const std::shared_ptr<const Package>& package) {
  const std::optional<types::TypeId>& result = calls.types().functions[wanted].result;
  const std::optional<types::TypeId>& given = calls.types().functions[found].result;
  if (!result || !given || !is_narrower(calls.types(), *result, *given)) return {};
  return [values = std::make_shared<PackageValues>(type, package)](
             std::span<const std::uint8_t> bytes) -> std::optional<std::string> {
    const Result<void> checked = values->check_result(bytes);
    if (checked) return std::nullopt;
    const Diagnostic& problem = checked.error().front();
    return problem.where.item.empty() ? problem.message
                                      : fmt::format("{}: {}", problem.where.item, problem.message);
  };
}

// The result that tells of a failure, where a function has one that can.
std::function<std::optional<std::vector<std::uint8_t>>(const CallFailure&)> tell_failure(
    FunctionType type, const std::shared_ptr<const Package>& package, const std::string& label) {
  const std::optional<Type> result = type.result();
  if (!result || result->kind() != TypeKind::Result) return {};
  const std::optional<Type> error = result->cases()[1].type;
  if (!error) return {};
  const bool is_text = error->kind() == TypeKind::String;
  if (!is_text && label.empty()) return {};
  return [type = std::move(type), package, label, is_text,
          error](const CallFailure& failure) -> std::optional<std::vector<std::uint8_t>> {
    if (!is_of_provider(failure)) return std::nullopt;
    const auto make = [&]() -> Value {
      if (is_text) return Value::string(failure.message);
      if (error->kind() == TypeKind::Enum) return Value::enumerator(label);
      for (const TypeCase& one : error->cases())
        if (one.label == label && one.type)
          return Value::variant(label, Value::string(failure.message));
      return Value::variant(label);
    };
    PackageValues values(type, package);
    const auto bytes = values.write_result(Value::err(make()));
    if (!bytes) return std::nullopt;
    return std::vector<std::uint8_t>(bytes->begin(), bytes->end());
  };
}

// The function that a package imports.
struct Wanted {
  types::FunctionId id;
  FunctionType type;
  std::shared_ptr<const Package> package;
};

Result<std::shared_ptr<packr::PackageImport>> make_import(Running& running, CallTable& calls,
                                                          Wanted wanted, const Found& found,
                                                          const resolve::BridgedImport& import) {
  using Made = std::shared_ptr<packr::PackageImport>;
  const resolve::Unit& provider = calls.plan().units[import.from.unit];
  const std::string& item = provider.type.exports[import.from.index].name;
  const std::string name =
      found.function.empty() ? item : fmt::format("{}#{}", item, found.function);
  if (provider.kind == UnitKind::Package)
    return packr::import_from_package(
        find_package_function(calls, import.from, found.function),
        check_result(calls, wanted.type, wanted.id, found.type, wanted.package));
  if (provider.kind == UnitKind::HostFunctions) {
    const HostFunction* const given = found.function.empty()
                                          ? running.host.find_root_function(item)
                                          : running.host.find_function(item, found.function);
    TENON_CHECK(given != nullptr);
    if (given->dynamic != nullptr)
      return Made(
          std::make_shared<FromDynamic>(wanted.type, std::move(wanted.package), *given, name));
    TENON_TRY(auto shape, calls.shape_of(wanted.id));
    return Made(std::make_shared<FromTyped>(std::move(wanted.type), std::move(wanted.package),
                                            *given, name, std::move(shape)));
  }
  if (provider.kind == UnitKind::HostBundle) {
    TENON_TRY(auto shape, calls.shape_of(found.type));
    TENON_TRY(auto instance, running.hosts.get(provider.name, calls.bundle_of(import.from.unit)));
    const host::NativeFunction& function =
        found.function.empty() ? instance->table().function("", item)
                               : instance->table().function(host::table_name(item), found.function);
    return import_from_bundle({.type = value::make_function_type(calls.graph(), found.type),
                               .package = std::move(wanted.package),
                               .shape = std::move(shape),
                               .instance = std::move(instance),
                               .function = &function,
                               .name = name});
  }
  TENON_TRY(auto shape, calls.shape_of(found.type));
  const RunningUnit* const running_unit = find_running_unit(running.request, provider.name);
  runtime::Domain& domain =
      running_unit == nullptr ? calls.domain_of(import.from.unit) : *running_unit->domain;
  std::vector<std::string> path{running_unit == nullptr
                                    ? import.export_name
                                    : running_unit->exports.find(item)->second.component_export};
  if (!found.function.empty()) path.push_back(found.function);
  const engine::FlatCounts counts = runtime::flat_counts(shape->program.layout());
  return Made(std::make_shared<FromComponent>(
      value::make_function_type(calls.graph(), found.type), std::move(wanted.package),
      std::move(shape),
      runtime::ExportedFunction(domain, provider.name, name, std::move(path), counts),
      running.shared));
}

}  // namespace

bool is_of_provider(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::Trap:
    case CallFailure::Kind::OpenImport:
    case CallFailure::Kind::Deadline:
    case CallFailure::Kind::Ended:
    case CallFailure::Kind::GuestError:
      return !failure.is_wait;
    case CallFailure::Kind::Reentrance:
    case CallFailure::Kind::Engine:
    case CallFailure::Kind::BadCall:
    case CallFailure::Kind::Interrupted:
      return false;
  }
  return false;
}

Result<packr::PackageParts::Import> meet_import(Running& running, CallTable& calls,
                                                resolve::UnitIndex consumer,
                                                const Package::Function& function,
                                                const resolve::BridgedImport& import) {
  const std::shared_ptr<const Package> package = calls.package_of(consumer);
  const FunctionType wanted = value::make_function_type(calls.graph(), function.type);
  const Found found = find_function(calls, function, import.from);
  packr::PackageParts::Import made{function.module, function.field, nullptr, {}};
  TENON_TRY(made.met_by,
            make_import(running, calls, {function.type, wanted, package}, found, import));
  made.on_failure = tell_failure(wanted, package, import.on_failure);
  if (running.trace == nullptr) return made;
  const resolve::Unit& provider = calls.plan().units[import.from.unit];
  const std::string& item = provider.type.exports[import.from.index].name;
  const bool is_alone = found.function.empty();
  made.met_by = trace_import(*running.trace,
                             {.consumer = calls.plan().units[consumer].name,
                              .provider = provider.name,
                              .interface = is_alone ? std::string() : item,
                              .function = is_alone ? item : found.function},
                             wanted, package, std::move(made.met_by));
  return made;
}

}  // namespace tenon::linker
