#include "link/inputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "binary/custom_sections.h"
#include "binary/read_component.h"
#include "engine/sha256.h"
#include "engine/wat.h"
#include "host/bundle_unit.h"
#include "host/host_offers.h"
#include "link/running_unit.h"
#include "link/services.h"
#include "link/unit_record.h"
#include "packr/package_module.h"
#include "program/built_in.h"
#include "program/program_unit.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/evaluate.h"

namespace tenon::link {

namespace {

using binary::Definition;
using binary::TypeDecl;
using binary::TypeDef;

// Built-ins below this opcode are lift, lower and the resource built-ins; the rest belong to tasks,
// streams, futures, error contexts and threads.
constexpr std::uint8_t kLastResourceOpcode = 0x04;

bool is_async_type(const std::optional<binary::ValType>& type) {
  const auto* primitive = type ? std::get_if<binary::Primitive>(&*type) : nullptr;
  return primitive != nullptr && *primitive == binary::Primitive::ErrorContext;
}

// Examines one definition or declaration and adds nested ones to `todo`.
class AsyncFinder {
 public:
  bool find(const binary::Component& component) {
    components_.push_back(&component);
    while (!components_.empty() || !types_.empty()) {
      if (!types_.empty()) {
        const TypeDef* type = types_.back();
        types_.pop_back();
        if (is_async_typedef(*type)) return true;
        continue;
      }
      const binary::Component* next = components_.back();
      components_.pop_back();
      for (const Definition& definition : next->definitions)
        if (is_async(definition)) return true;
    }
    return false;
  }

 private:
  bool is_async(const Definition& definition) {
    if (const auto* nested = std::get_if<std::unique_ptr<binary::Component>>(&definition)) {
      components_.push_back(nested->get());
    } else if (const auto* type = std::get_if<TypeDef>(&definition)) {
      types_.push_back(type);
    } else if (const auto* canon = std::get_if<binary::CanonDef>(&definition)) {
      return canon->opcode > kLastResourceOpcode || canon->options.is_async;
    }
    return false;
  }

  bool is_async_typedef(const TypeDef& type) {
    if (std::holds_alternative<binary::StreamDef>(type.type) ||
        std::holds_alternative<binary::FutureDef>(type.type))
      return true;
    if (const auto* primitive = std::get_if<binary::Primitive>(&type.type))
      return *primitive == binary::Primitive::ErrorContext;
    if (const auto* func = std::get_if<binary::FuncDef>(&type.type)) {
      return func->is_async || is_async_type(func->result) ||
             std::any_of(func->params.begin(), func->params.end(),
                         [](const auto& param) { return is_async_type(param.type); });
    }
    if (const auto* component = std::get_if<binary::ComponentTypeDef>(&type.type))
      add_declarations(component->declarations);
    if (const auto* instance = std::get_if<binary::InstanceTypeDef>(&type.type))
      add_declarations(instance->declarations);
    return false;
  }

  void add_declarations(const std::vector<TypeDecl>& declarations) {
    for (const TypeDecl& declaration : declarations)
      if (const auto* type = std::get_if<std::unique_ptr<TypeDef>>(&declaration))
        types_.push_back(type->get());
  }

  std::vector<const binary::Component*> components_;
  std::vector<const TypeDef*> types_;
};

// Whether a component needs an engine with concurrency support. Judged by the whole binary, nested
// components included: an async lift or lower, a stream, future, task or error-context built-in,
// `async` or `stream<T>` in any type.
// Source: docs/resolve.md, section 9.
// wasi:http needs it too: a request can be answered while others wait.
Concurrency find_async_need(const binary::Component& component, const types::ComponentType& type) {
  const bool has_http = std::ranges::any_of(type.imports, [](const types::RootItem& import) {
    return import.name.starts_with("wasi:http/");
  });
  return has_http || AsyncFinder().find(component) ? Concurrency::Yes : Concurrency::No;
}

std::string file_of(const UnitRequest& request) {
  return request.path.empty() && request.bytes != nullptr ? "<memory>" : request.path;
}

NamedBy named_by(const UnitRequest& request) {
  return request.where == nullptr && !request.must_be_file ? NamedBy::User : NamedBy::File;
}

Result<std::shared_ptr<const Bytes>> read_bytes(const UnitRequest& request, const Files& files) {
  if (request.bytes != nullptr) return request.bytes;
  TENON_TRY(Bytes bytes, engine::read_component_file(files, request.path, named_by(request)));
  return std::make_shared<const Bytes>(std::move(bytes));
}

Result<void> check_pin(const UnitRequest& request, const std::string& digest) {
  if (!request.sha256 || *request.sha256 == digest) return {};
  Diagnostic problem = make_diagnostic(
      Code::ConfigValue, "the content of `{1}` does not match the `sha256` that `{0}` is pinned to",
      request.name, file_of(request));
  if (request.where) problem.where = *request.where;
  problem.notes.push_back({fmt::format("expected sha256 {}", *request.sha256), {}, {}});
  problem.notes.push_back({fmt::format("found sha256    {}", digest), {}, {}});
  problem.hints.push_back(
      request.where ? fmt::format("if the new file is the right one, set `sha256 = \"{}\"`", digest)
                    : "get the right file again, or give the digest of this one");
  return problem;
}

// The same for a late unit, whose digest is known even if it is not pinned.
Result<void> check_same(const UnitRequest& request, const std::string& digest) {
  if (request.sha256) return check_pin(request, digest);
  if (*request.digest == digest) return {};
  Diagnostic problem = make_diagnostic(
      Code::ConfigValue, "the content of `{}` has changed since the composition was planned",
      file_of(request));
  problem.hints.emplace_back("start the composition again, or swap the unit");
  return problem;
}

Result<void> refuse_wit_package(const binary::Component& component, const std::string& file) {
  if (!types::is_wit_package(component)) return {};
  Diagnostic problem = make_diagnostic(
      Code::ReadWitPackage, "`{}` is a WIT package: it contains types but no code", file);
  problem.hints.push_back(fmt::format("`tenon inspect --wit {}` prints it", file));
  return problem;
}

// Adds the manifest's line to problems of a file, if the unit is declared in a manifest.
void name_line(const UnitRequest& unit_request, Diagnostics& problems) {
  if (unit_request.where == nullptr) return;
  for (Diagnostic& problem : problems)
    if (problem.code == code_text(Code::ReadFile) ||
        problem.code == code_text(Code::HostBundleNotFound))
      problem.notes.push_back(
          {.text = fmt::format("`{}` is declared in {}:{}", unit_request.name,
                               unit_request.where->file, unit_request.where->line),
           .excerpt = {},
           .related = *unit_request.where});
}

// The folder of the manifest that the path of a unit leads to, if it leads to one.
std::optional<std::string> find_manifest_folder(const std::string& path, const Files& files) {
  constexpr std::string_view kManifest = "tenon.toml";
  if (files.find_kind(path) == FileKind::Folder)
    return files.find_kind(join_path(path, kManifest)) == FileKind::File ? std::optional(path)
                                                                         : std::nullopt;
  if (path == kManifest) return ".";
  if (!path.ends_with(fmt::format("/{}", kManifest))) return std::nullopt;
  const std::size_t end = path.size() - kManifest.size() - 1;
  return end == 0 ? "/" : path.substr(0, end);
}

// A manifest can be linked, but not be a unit.
void propose_composing(const UnitRequest& unit_request, const Files& files, Diagnostics& problems) {
  if (unit_request.kind != UnitKind::Component) return;
  for (Diagnostic& problem : problems) {
    if (problem.code != code_text(Code::ReadFile) && problem.code != code_text(Code::ReadNotWasm))
      continue;
    if (const std::optional<std::string> folder = find_manifest_folder(unit_request.path, files))
      problem.hints = {fmt::format(
          "a unit is one component: `tenon compose {} -o FILE` writes that of the manifest",
          *folder)};
  }
}

// Measures one step of a unit after another.
class StepClock final {
 public:
  // Ends the step that began at construction or at the last call.
  void end(std::string_view unit, std::string_view step, std::vector<UnitTime>& times) {
    const auto now = std::chrono::steady_clock::now();
    times.push_back({std::string(unit), std::string(step),
                     std::chrono::duration<double, std::milli>(now - begin_).count()});
    begin_ = now;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Whether a late unit is linked by its record, without reading its binary.
bool has_record_only(const UnitRequest& request) {
  return request.record != nullptr && request.bytes == nullptr;
}

struct ReadUnit {
  resolve::Unit unit;
  UnitBinary binary;
  Diagnostics notes;
  std::vector<UnitTime> times = {};
};

// The components that were read, by digest. Those with the same bytes share their types, so that a copy of
// a unit takes none. Those with resources do not, because each resource belongs to one unit.
class ReadComponents final {
 public:
  // Lifetime: `inputs` outlives this object.
  explicit ReadComponents(const Inputs& inputs) : inputs_(inputs) {}

  [[nodiscard]] std::optional<UnitContent> find(const std::string& digest) const {
    const auto position = positions_.find(digest);
    if (position == positions_.end()) return std::nullopt;
    const resolve::Unit& unit = inputs_.units.units[position->second];
    const UnitBinary& binary = inputs_.binaries.find(unit.name)->second;
    UnitContent content;
    content.unit.type = unit.type;
    content.unit.version = unit.version;
    content.form = binary.form;
    content.concurrency = binary.concurrency;
    return content;
  }
  // unit: the next one of `inputs`.
  void add(const resolve::Unit& unit) {
    positions_.try_emplace(*unit.digest, inputs_.units.units.size());
  }

 private:
  const Inputs& inputs_;
  std::unordered_map<std::string_view, std::size_t> positions_;
};

// all: the request that contains `request`.
Result<ReadUnit> read_unit(const Request& all, const UnitRequest& request, const Files& files,
                           const ReadComponents& others, types::Types& types,
                           ForeignResources& foreign) {
  ReadUnit read;
  resolve::Unit& unit = read.unit;
  if (request.as<RunningUnit>() != nullptr) {
    TENON_TRY(unit,
              read_running_unit(request, all.policy.wires, types, foreign, read.binary.package));
    return read;
  }
  unit.name = request.name;
  unit.kind = request.kind;
  unit.file = request.path;
  unit.domain = request.domain;
  unit.is_isolated = request.is_isolated;
  unit.is_reachable = request.is_reachable;
  unit.is_explicit = request.origin == UnitOrigin::ByHand;
  unit.where = request.where;
  if (unit.kind == UnitKind::HostBundle) {
    TENON_TRY(host::BundleUnit bundle,
              host::read_bundle_unit(all.hosts, make_bundle_request(request), files, types));
    unit.type = std::move(bundle.unit.type);
    unit.version = std::move(bundle.unit.version);
    unit.process = std::move(bundle.unit.process);
    read.binary.bundle = std::move(bundle.bundle);
    read.notes = std::move(bundle.notes);
    return read;
  }
  StepClock clock;
  std::optional<UnitContent> known;
  bool is_known = true;
  if (has_record_only(request)) {
    known = others.find(*request.digest);
    if (!known) known = parse_unit_record(*request.record, *request.digest, types);
  }
  if (known) {
    unit.digest = request.digest;
    // Not with `files`, which may be gone by then.
    read.binary.read_late = [request] { return read_late_unit(request, RealFiles()); };
  } else {
    TENON_TRY(read.binary.bytes, read_bytes(request, files));
    const Bytes& bytes = *read.binary.bytes;
    unit.digest = request.digest && !request.is_late
                      ? request.digest
                      : std::make_shared<const std::string>(engine::sha256_hex(bytes));
    // Bytes that were there had been read by `load_units`.
    if (request.bytes == nullptr) clock.end(unit.name, "read", read.times);
    TENON_TRY_VOID(check_pin(request, *unit.digest));
    // The bytes of a file on the command line decide the kind of the unit.
    if (!request.has_explicit_kind) unit.kind = find_kind(bytes).value_or(unit.kind);
    if (request.abi != PackageAbi::Detect && unit.kind != UnitKind::Package)
      return make_diagnostic(Code::ConfigValue, "`{}` cannot have an `abi`: it is not a package",
                             unit.name);
    if (unit.kind == UnitKind::Component) {
      known = others.find(*unit.digest);
      if (!known) known = find_unit_record(all.cache.get(), *unit.digest, types, read.notes);
    }
    is_known = known.has_value();
    if (!is_known) {
      TENON_TRY(known, read_unit_content(unit.kind, unit.name, file_of(request), bytes,
                                         all.policy.wires, request.abi, types));
      keep_unit_record(all.cache.get(), *unit.digest, bytes, *known, types);
    }
  }
  clock.end(unit.name, is_known ? "known types" : "types", read.times);
  UnitContent& content = *known;
  unit.type = std::move(content.unit.type);
  unit.version = std::move(content.unit.version);
  unit.import_hashes = std::move(content.unit.import_hashes);
  unit.export_hashes = std::move(content.unit.export_hashes);
  read.binary.package = std::move(content.package);
  read.binary.form = std::move(content.form);
  read.binary.concurrency = content.concurrency;
  std::ranges::move(content.notes, std::back_inserter(read.notes));
  return read;
}

// A core module may be a package in packr's original form, which nothing in it tells.
Result<binary::Component> read_component_unit(const std::string& name,
                                              std::span<const std::uint8_t> bytes) {
  Result<binary::Component> component = binary::read_component(bytes);
  if (component || !packr::can_be_declared_package(bytes)) return component;
  Diagnostic problem = std::move(component).error().front();
  problem.notes.push_back(
      {"it exports a memory and functions `(i32, i32, i32, i32) -> (i32)`, as packr's packages do",
       {},
       {}});
  problem.hints = {
      fmt::format("if it is a package, declare it in tenon.toml: `[packages.{}]` with its `path`, "
                  "and `abi = \"caller-buffer\"` or `abi = \"callee-buffer\"`",
                  name)};
  return problem;
}

}  // namespace

std::optional<UnitKind> find_kind(std::span<const std::uint8_t> bytes) {
  if (packr::looks_like_package(bytes)) return UnitKind::Package;
  if (binary::is_component(bytes)) return UnitKind::Component;
  return std::nullopt;
}

Result<UnitContent> read_unit_content(UnitKind kind, const std::string& name,
                                      const std::string& file, std::span<const std::uint8_t> bytes,
                                      std::span<const Wire> wires, PackageAbi abi,
                                      types::Types& types) {
  if (kind == UnitKind::Package) {
    TENON_TRY(packr::PackageUnit package, packr::read_package_unit(name, bytes, wires, abi, types));
    return UnitContent{.unit = std::move(package.unit),
                       .package = std::move(package.package),
                       .notes = std::move(package.notes)};
  }
  UnitContent content;
  TENON_TRY(const binary::Component component, read_component_unit(name, bytes));
  TENON_TRY_VOID(refuse_wit_package(component, file));
  TENON_TRY(content.unit.type, types::evaluate_component(component, types));
  for (const binary::MetadataText& text : binary::read_metadata(bytes, component).texts)
    if (text.key == "version") content.unit.version = std::string(text.value);
  content.concurrency = find_async_need(component, content.unit.type);
  return content;
}

Result<std::shared_ptr<const Bytes>> read_late_unit(const UnitRequest& request,
                                                    const Files& files) {
  Result<std::shared_ptr<const Bytes>> bytes = read_bytes(request, files);
  Diagnostics problems;
  if (!bytes)
    problems = std::move(bytes).error();
  else if (const auto checked = check_same(request, engine::sha256_hex(**bytes)); !checked)
    problems = checked.error();
  else
    return bytes;
  problems.front().message = fmt::format("cannot read `{}`, which was not needed until now: {}",
                                         request.name, problems.front().message);
  return place_problems(std::move(problems), file_of(request), request.name);
}

// A pipe is read only if the user named it (`NamedBy`). `read_inputs` reports files that cannot be
// read.
static bool can_load(const UnitRequest& unit, const Files& files) {
  const FileKind kind = files.find_kind(unit.path);
  return kind == FileKind::File || (kind == FileKind::Other && named_by(unit) == NamedBy::User);
}

std::vector<UnitTime> load_units(Request& request, const Files& files) {
  std::vector<UnitTime> times;
  // Equal components are stored once.
  struct Kept {
    std::shared_ptr<const std::string> digest;
    std::shared_ptr<const Bytes> bytes;
  };
  std::map<std::string, Kept> kept;
  for (UnitRequest& unit : request.units) {
    if (unit.as<RunningUnit>() != nullptr || unit.as<remote::RemoteSettings>() != nullptr) continue;
    if (unit.is_late && unit.bytes == nullptr && unit.record == nullptr)
      unit.record = load_unit_record(request.cache.get(), *unit.digest);
    if (has_record_only(unit)) continue;
    if (unit.bytes == nullptr && !can_load(unit, files)) continue;
    StepClock clock;
    Result<std::shared_ptr<const Bytes>> bytes = read_bytes(unit, files);
    if (!bytes) continue;
    if (!check_deadline(request)) break;  // `read_inputs` reports it
    const auto [kept_file, is_new] = kept.try_emplace(engine::sha256_hex(**bytes));
    if (is_new)
      kept_file->second = {std::make_shared<const std::string>(kept_file->first),
                           *std::move(bytes)};
    unit.digest = kept_file->second.digest;
    unit.bytes = kept_file->second.bytes;
    clock.end(unit.name, "read", times);
  }
  return times;
}

Result<Inputs> read_inputs(const Request& request, const Files& files) {
  Inputs inputs;
  inputs.units.name = request.name;
  inputs.units.policy = request.policy;
  inputs.units.units.reserve(request.units.size() + 2);  // the program and WASI
  Diagnostics problems = request.problems;
  ForeignResources foreign;
  ReadComponents components(inputs);
  const auto read = [&](const UnitRequest& unit_request) -> std::optional<ReadUnit> {
    types::Types& types = inputs.units.types;
    const std::size_t resources = types.resources.size();
    Result<ReadUnit> unit = read_unit(request, unit_request, files, components, types, foreign);
    if (unit) {
      if (unit->unit.kind == UnitKind::Component && unit->unit.digest != nullptr &&
          types.resources.size() == resources)
        components.add(unit->unit);
      return *std::move(unit);
    }
    Diagnostics unit_problems =
        place_problems(std::move(unit).error(), file_of(unit_request), unit_request.name);
    name_line(unit_request, unit_problems);
    if (unit_request.where != nullptr || request.units.size() > 1)
      propose_composing(unit_request, files, unit_problems);
    std::ranges::move(unit_problems, std::back_inserter(problems));
    return std::nullopt;
  };
  const auto add = [&](const UnitRequest& unit_request, ReadUnit unit) {
    std::ranges::move(
        place_problems(std::move(unit.notes), file_of(unit_request), unit_request.name),
        std::back_inserter(inputs.notes));
    std::ranges::move(unit.times, std::back_inserter(inputs.times));
    if (unit_request.as<RunningUnit>() == nullptr)
      inputs.binaries.emplace(unit.unit.name, std::move(unit.binary));
    else if (unit.binary.package != nullptr)
      inputs.running_packages.emplace(unit.unit.name, std::move(unit.binary.package));
    if (const auto* const entry = unit_request.as<host::HostEntry>())
      host::add_interface_filters(*entry, inputs.units.policy.filters);
    inputs.units.units.push_back(std::move(unit.unit));
  };
  for (const UnitRequest& unit_request : request.units) {
    if (unit_request.as<remote::RemoteSettings>() != nullptr) continue;
    TENON_TRY_VOID(check_deadline(request));
    if (std::optional<ReadUnit> unit = read(unit_request)) add(unit_request, *std::move(unit));
  }
  // All other units are read, so the imports without a provider are known.
  const host::OfferNeeds needs(request.policy, request.host.functions, inputs.units.units,
                               inputs.units.types);
  for (const auto& offer : request.hosts.offers) {
    if (request.hosts.forbid_native || !needs.may_need(*offer)) continue;
    // A unit of that name takes precedence.
    if (std::ranges::find(request.units, offer->name, &UnitRequest::name) != request.units.end())
      continue;
    inputs.looks_at_offers = true;
    const UnitRequest unit_request = make_bundle_unit(host::take_offer(offer));
    std::optional<ReadUnit> unit = read(unit_request);
    if (!unit || !needs.needs(unit->unit)) continue;
    add(unit_request, *std::move(unit));
    inputs.taken_offers.push_back(unit_request);
  }
  std::ranges::move(check_running_units(request), std::back_inserter(problems));
  std::vector<std::string> bundles;
  for (const host::BundleRequest& bundle : list_bundles(request)) bundles.push_back(bundle.name);
  std::ranges::move(host::check_host_config(request.hosts, bundles), std::back_inserter(problems));
  std::ranges::move(check_unit_config(request, inputs.units.units), std::back_inserter(problems));
  if (!problems.empty()) return problems;
  if (Diagnostics conflicts = join_lone_functions(inputs); !conflicts.empty()) return conflicts;
  TENON_TRY_VOID(
      remote::add_remote_units(list_remotes(request), files, inputs.units, inputs.notes));
  std::set<std::string> names;
  for (const UnitRequest& unit : request.units) names.insert(unit.name);
  TENON_TRY_VOID(middleware::add_middleware(request.middleware, names, inputs.units));
  foreign.define(inputs.units.units);
  inputs.foreign = foreign.kinds();
  const program::HostParts parts =
      request.has_built_in ? program::with_needed_built_in(request.host, inputs.units.units)
                           : request.host;
  if (!parts.empty()) {
    TENON_TRY(program::HostUnit host,
              program::make_host_unit(parts, inputs.units.units, request.policy.wires,
                                      inputs.units.types));
    inputs.units.buffers = std::move(host.buffers);
    inputs.units.units.push_back(std::move(host.unit));
    std::ranges::move(host.notes, std::back_inserter(inputs.notes));
  }
  if (wants_wasi(inputs.units.units)) {
    TENON_TRY(resolve::Unit wasi, make_wasi_unit(inputs.units.units, inputs.units.types));
    inputs.units.units.push_back(std::move(wasi));
  }
  return inputs;
}

}  // namespace tenon::link
