// Implements the public builder with the pipeline of link.h.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <new>
#include <utility>

#include "api/arguments.h"
#include "api/functions.h"
#include "api/pending_call.h"
#include "api/states.h"
#include "engine/code_cache.h"
#include "link/consent.h"
#include "link/domain_settings.h"
#include "link/link.h"
#include "link/lock_file.h"
#include "link/manifest.h"
#include "link/plan_link.h"
#include "resolve/explain.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/safe_path.h"
#include "support/try.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "types/print_type.h"
#include "types/uses.h"
#include "value/type_graph.h"
#include "wac/translate.h"

namespace tenon {

namespace {

// The name of a composition without a name.
constexpr std::string_view kDefaultName = "composition";

bool is_empty(const Limits& limits) {
  const auto& [memory, tables, instances, fuel, timeout, call_timeout] = limits;
  return !memory && !tables && !instances && !fuel && !timeout && !call_timeout;
}

}  // namespace

void CompositionBuilder::State::begin() {
  clock = {};
  if (request.name.empty()) request.name = request.policy.root.value_or(std::string(kDefaultName));
  middleware::add_known(request.policy.wires, request.middleware);
  link::set_deadline(request);
}

Result<void> CompositionBuilder::State::agree() {
  link::note_folders(request);
  return link::check_consent(request, files);
}

Result<link::PlannedLink> CompositionBuilder::State::plan(resolve::Policy::Product product) {
  begin();
  const engine::CodeCache cache(plan_cache);
  link::Request to_plan = request;
  to_plan.cache = cache.folder();
  to_plan.policy.product = product;
  Result<link::PlannedLink> planned = link::plan_link(to_plan, files, clock);
  if (planned) std::ranges::copy(cache.warnings(), std::back_inserter(planned->plan.shown.notes));
  return planned;
}

Result<CompositionBuilder::State::Component> CompositionBuilder::State::compose(
    const ComposeOptions& options) {
  constexpr auto kProduct = resolve::Policy::Product::Component;
  TENON_TRY(link::PlannedLink planned, plan(kProduct));
  TENON_TRY_VOID(link::check_composable(request, planned.plan.shown));
  Diagnostics notes = planned.plan.shown.notes;
  link::Request all = request;
  all.policy.product = kProduct;
  link::adopt_offers(std::move(planned.taken_offers), all);
  if (link::has_outside(all, planned.plan)) {
    const link::Request left = link::leave_outside_out(std::move(all), planned.plan);
    TENON_TRY(planned, link::plan_link(left, files, clock));
  }
  TENON_TRY(compose::Composed composed, link::compose_component(planned, options));
  clock.end_phase("compose");
  return Component{std::move(composed.bytes), std::move(notes)};
}

Result<CompositionBuilder::State::Nested> CompositionBuilder::State::compose_nested() {
  TENON_TRY(link::PlannedLink planned, plan());
  TENON_TRY_VOID(link::check_composable(request, {}));  // conversions stay: the parts are apart
  // The enclosing composition also has the interfaces that tenon itself provides.
  const bool has_built_in = std::ranges::find(planned.plan.units, UnitKind::HostFunctions,
                                              &resolve::Unit::kind) != planned.plan.units.end();
  if (has_built_in) {
    const link::Request left = link::leave_outside_out(request, planned.plan);
    TENON_TRY(planned, link::plan_link(left, files, clock));
  }
  Nested nested;
  nested.notes = planned.plan.shown.notes;
  nested.root = link::find_root_domain(planned.plan.shown);
  TENON_TRY(nested.composed, link::compose_parts(planned));
  return nested;
}

void CompositionBuilder::State::add(link::UnitRequest unit) {
  if (!is_unit_name(unit.name)) {
    Diagnostic problem =
        make_diagnostic(Code::ResolveUnitName, "`{}` is not a unit name", unit.name);
    if (unit.where)
      problem.where = *unit.where;
    else
      problem.where.file = unit.path;
    problem.notes.push_back({std::string(kUnitNameRule), {}, {}});
    const std::string proposed = propose_unit_name(unit.name);
    problem.hints.push_back(unit.path.empty() || unit.where != nullptr
                                ? fmt::format("name it `{}`", proposed)
                                : fmt::format("name it: `{}={}`", proposed, unit.path));
    request.problems.push_back(std::move(problem));
  }
  if (!unit.path.empty()) paths.push_back(unit.path);
  request.units.push_back(std::move(unit));
}

// The settings of a domain, which the policy names then. If there is no memory, neither exists.
template <class Settings>
static Settings& find_or_add(const std::string& domain, std::map<std::string, Settings>& all,
                             std::vector<resolve::DomainTable>& domains) {
  if (const auto found = all.find(domain); found != all.end()) return found->second;
  domains.push_back({domain, {}});
  try {
    return all[domain];
  } catch (const std::bad_alloc&) {
    domains.pop_back();
    throw;
  }
}

link::DomainOverrides& CompositionBuilder::State::overrides_of(std::string_view domain) {
  return find_or_add(std::string(domain), request.domain_overrides, request.policy.domains);
}

void CompositionBuilder::State::filter(std::string_view unit, resolve::Filter::Kind kind,
                                       std::string_view item, Location where) {
  request.policy.filters.push_back({std::string(unit), kind, std::string(item), std::move(where)});
}

void CompositionBuilder::State::add_middleware(const std::string& name,
                                               const Middleware& middleware) {
  if (request.middleware.try_emplace(name, middleware).second) return;
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "the middleware `{}` is added twice", name);
  problem.where = middleware.where;
  problem.hints.emplace_back("give one of them another name");
  request.problems.push_back(std::move(problem));
}

void CompositionBuilder::State::adopt(link::Request read) {
  if (request.name.empty()) request.name = std::move(read.name);
  for (link::UnitRequest& unit : read.units) add(std::move(unit));
  const auto append = [](auto& to, auto& from) { std::ranges::move(from, std::back_inserter(to)); };
  append(request.policy.wires, read.policy.wires);
  append(request.policy.filters, read.policy.filters);
  append(request.policy.exports, read.policy.exports);
  if (!request.policy.root) {
    request.policy.root = std::move(read.policy.root);
    request.policy.root_where = std::move(read.policy.root_where);
  }
  append(request.policy.domains, read.policy.domains);
  if (read.policy.unresolved != resolve::Policy::Unresolved::Error)
    request.policy.unresolved = read.policy.unresolved;
  if (read.policy.export_mode != resolve::Policy::Exports::Root)
    request.policy.export_mode = read.policy.export_mode;
  if (read.target != nullptr) request.target = std::move(read.target);
  // Earlier grants of the program are kept. If two manifests set limits of a domain, the last one
  // wins.
  for (auto& [name, settings] : read.domains) {
    const Grants before = std::exchange(request.domains[name].grants, {});
    link::DomainSettings& merged = request.domains[name] = std::move(settings);
    append(merged.grants.dirs, before.dirs);
    append(merged.grants.env, before.env);
    append(merged.grants.net, before.net);
    append(merged.grants.http, before.http);
    merged.grants.http_proxy |= before.http_proxy;
    append(merged.grants.args, before.args);
    merged.grants.stdio = std::max(merged.grants.stdio, before.stdio);
  }
  // A value that the program has set wins.
  for (auto& [name, config] : read.config) {
    link::UnitConfig& merged = request.config[name];
    merged.values.merge(config.values);
    merged.where = std::move(config.where);
  }
  // The last manifest with `[http]` counts, and the routes of all manifests.
  if (!read.http.where.file.empty()) request.http = std::move(read.http);
  for (HttpRoute& route : read.http_routes) link::add_http_route(std::move(route), request);
  if (read.http_use != HttpInstances()) request.http_use = read.http_use;
  request.inherit_stdio |= read.inherit_stdio;
  append(request.manifest_grants, read.manifest_grants);
  append(request.notes, read.notes);
  for (const auto& [name, middleware] : read.middleware) add_middleware(name, middleware);
}

CompositionBuilder::CompositionBuilder() : state_(std::make_unique<State>()) {}
CompositionBuilder::CompositionBuilder(CompositionBuilder&&) noexcept = default;
CompositionBuilder& CompositionBuilder::operator=(CompositionBuilder&&) noexcept = default;
CompositionBuilder::~CompositionBuilder() = default;

CompositionBuilder& CompositionBuilder::set_name(std::string_view name) {
  state_->request.name = name;
  return *this;
}

CompositionBuilder& CompositionBuilder::add_component(std::string_view name, std::string_view path,
                                                      const UnitOptions& options) {
  link::UnitRequest unit = link::make_unit(name, options);
  unit.path = path;
  state_->add(std::move(unit));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_component(std::string_view name,
                                                      std::span<const std::uint8_t> bytes,
                                                      const UnitOptions& options) {
  link::UnitRequest unit = link::make_unit(name, options);
  unit.bytes = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
  state_->add(std::move(unit));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_package(std::string_view name, std::string_view path,
                                                    const UnitOptions& options) {
  link::UnitRequest unit = link::make_unit(name, options);
  unit.kind = UnitKind::Package;
  unit.path = path;
  state_->add(std::move(unit));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_package(std::string_view name,
                                                    std::span<const std::uint8_t> bytes,
                                                    const UnitOptions& options) {
  link::UnitRequest unit = link::make_unit(name, options);
  unit.kind = UnitKind::Package;
  unit.bytes = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
  state_->add(std::move(unit));
  return *this;
}

CompositionBuilder& CompositionBuilder::set_config(std::string_view unit, std::string_view key,
                                                   std::string_view value) {
  state_->request.config[std::string(unit)].values.insert_or_assign(std::string(key), value);
  return *this;
}

CompositionBuilder& CompositionBuilder::add_composition(std::string_view name,
                                                        CompositionBuilder&& nested,
                                                        const UnitOptions& options) {
  CompositionBuilder taken = std::move(nested);
  link::Request& inner = taken.state_->request;
  inner.name = name;
  link::UnitRequest unit = link::make_unit(name, options);
  unit.kind = UnitKind::Composition;
  const auto add_problem = [&](std::string_view what, std::string_view hint) {
    Diagnostic problem = make_diagnostic(
        Code::ConfigValue, "the composition `{}` is a unit, and so it cannot have {}", name, what);
    problem.where.unit = name;
    problem.hints.emplace_back(hint);
    state_->request.problems.push_back(std::move(problem));
  };
  std::ranges::copy(taken.state_->paths, std::back_inserter(state_->paths));
  if (!inner.host.empty())
    add_problem("functions of the program", "add them to the enclosing composition");
  if (std::ranges::any_of(inner.units, [](const auto& other) {
        return other.template as<link::RunningUnit>() != nullptr;
      }))
    add_problem("units of other compositions", "add them to the enclosing composition");
  if (!inner.hosts.offers.empty() || !link::list_bundles(inner).empty())
    add_problem("host bundles", "add them to the enclosing composition");
  if (!inner.middleware.empty()) add_problem("middleware", "add it to the enclosing composition");
  if (inner.lock != nullptr) add_problem("a lock", "lock the enclosing composition");
  if (!inner.domains.empty() || !inner.domain_overrides.empty())
    add_problem("settings of domains", "give them to the enclosing composition");
  if (!inner.http_routes.empty())
    add_problem("routes of HTTP requests", "add them to the enclosing composition");
  if (!inner.config.empty())
    add_problem("a configuration of its units", "give it to the enclosing composition");
  // The standard streams of a manifest's root are a default, not a setting, so they are ignored.
  if (!link::is_empty(inner.grants))
    add_problem("grants", "give them to the enclosing composition");
  if (!is_empty(inner.limits)) add_problem("limits", "give them to the enclosing composition");
  const auto move_problems = [&](Diagnostics& from, Diagnostics& to) {
    for (Diagnostic& problem : from) {
      problem.notes.push_back({fmt::format("in the composition `{}`", name), {}, {}});
      to.push_back(std::move(problem));
    }
  };
  Result<State::Nested> parts = taken.state_->compose_nested();
  if (!parts) {
    move_problems(parts.error(), state_->request.problems);
    return *this;
  }
  move_problems(parts->notes, state_->request.notes);
  const auto name_of = [&](const std::string& domain) {
    return domain == parts->root ? std::string(name) : fmt::format("{}-{}", name, domain);
  };
  const bool is_one = parts->composed.parts.size() == 1;
  for (link::ComposedParts::Part& part : parts->composed.parts) {
    link::UnitRequest of_part = unit;
    of_part.name = name_of(part.domain);
    if (part.is_package) of_part.kind = UnitKind::Package;
    of_part.is_isolated |= !is_one;
    of_part.bytes = std::make_shared<const Bytes>(std::move(part.bytes));
    state_->add(std::move(of_part));
  }
  for (Wire& wire : parts->composed.wires) {
    wire.consumer = name_of(wire.consumer);
    wire.provider = name_of(wire.provider);
    state_->request.policy.wires.push_back(std::move(wire));
  }
  return *this;
}

CompositionBuilder& CompositionBuilder::add_unit(std::string_view name, const Unit& running) {
  const Unit::Impl& unit_of = *running.impl_;
  const std::shared_ptr<link::Running> composition = unit_of.running.lock();
  if (composition == nullptr) {
    state_->request.problems.push_back(
        make_diagnostic(Code::RunNoUnit, "the composition of `{}` is gone", unit_of.name));
    return *this;
  }
  Result<std::shared_ptr<const link::RunningUnit>> shared =
      link::share_unit(composition, unit_of.index, unit_of.name);
  if (!shared) {
    std::ranges::move(shared.error(), std::back_inserter(state_->request.problems));
    return *this;
  }
  link::UnitRequest unit = link::make_unit(name, {});
  unit.kind_part = *std::move(shared);
  state_->add(std::move(unit));
  return *this;
}

namespace {

bool is_same_file(const std::string& a, const std::string& b) {
  const std::string real = real_path(a);
  return !real.empty() && real == real_path(b);
}

}  // namespace

Result<std::vector<std::string>> CompositionBuilder::add_argument(std::string_view argument,
                                                                  UnitOrigin origin) {
  TENON_TRY(api::Arguments arguments, api::expand_argument(argument, origin, state_->files));
  std::ranges::move(arguments.notes, std::back_inserter(state_->request.notes));
  std::vector<std::string> names;
  for (link::UnitRequest& unit : arguments.units) {
    names.push_back(unit.name);
    // `--with FOLDER` can contain the target.
    const bool is_known =
        std::ranges::any_of(state_->request.units, [&](const link::UnitRequest& other) {
          return other.name == unit.name && is_same_file(other.path, unit.path);
        });
    if (!is_known) state_->add(std::move(unit));
  }
  return names;
}

Result<void> CompositionBuilder::read_manifest(std::string_view path) {
  state_->paths.emplace_back(path);
  TENON_TRY(link::Request read, link::read_manifest(std::string(path), state_->files));
  state_->adopt(std::move(read));
  return {};
}

Result<void> CompositionBuilder::read_manifest_text(std::string_view text,
                                                    std::string_view folder) {
  std::string file = join_path(std::string(folder), "text of the program");
  TENON_TRY(link::Request read, link::parse_manifest(text, file));
  state_->adopt(std::move(read));
  state_->request.program_texts.push_back(std::move(file));
  return {};
}

Result<void> CompositionBuilder::read_wac(std::string_view path, const WacOptions& options) {
  state_->paths.emplace_back(path);
  TENON_TRY(wac::Translation read, wac::translate_wac(std::string(path), options, state_->files));
  link::Request request;
  request.name = std::move(read.name);
  for (wac::Translation::Unit& read_unit : read.units) {
    link::UnitRequest& unit = request.units.emplace_back();
    unit.name = std::move(read_unit.name);
    unit.path = std::move(read_unit.path);
    unit.bytes = std::move(read_unit.bytes);
    unit.where = std::move(read_unit.where);
  }
  request.policy = std::move(read.policy);
  request.target = std::move(read.target);
  request.notes = std::move(read.notes);
  request.inherit_stdio = true;
  state_->adopt(std::move(request));
  return {};
}

std::vector<ManifestRequest> CompositionBuilder::manifest_requests() const {
  return link::find_manifest_requests(state_->request, state_->files);
}

CompositionBuilder& CompositionBuilder::trust() {
  state_->request.trusts_manifests = true;
  return *this;
}

CompositionBuilder& CompositionBuilder::add_host_function(HostFunction function) {
  state_->request.host.functions.push_back(std::move(function));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_host_resource(HostResourceParts resource) {
  state_->request.host.resources.push_back(std::move(resource));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_middleware(std::string_view name,
                                                       const Middleware& middleware) {
  state_->add_middleware(std::string(name), middleware);
  return *this;
}

CompositionBuilder& CompositionBuilder::wire(Wire wire) {
  state_->request.policy.wires.push_back(std::move(wire));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_remote(std::string_view name, std::string_view url,
                                                   const RemoteOptions& options) {
  Result<remote::Address> address = remote::parse_address(url);
  if (!address) {
    for (Diagnostic& problem : address.error()) {
      problem.where = options.where;
      state_->request.problems.push_back(std::move(problem));
    }
    return *this;
  }
  link::UnitRequest unit;
  unit.name = name;
  unit.kind = UnitKind::Remote;
  unit.origin = options.must_be_used ? UnitOrigin::ByHand : UnitOrigin::Listed;
  unit.where = std::make_shared<const Location>(options.where);
  unit.kind_part = std::make_shared<const remote::RemoteSettings>(
      remote::RemoteSettings{.address = *std::move(address), .options = options});
  state_->add(std::move(unit));
  return *this;
}

CompositionBuilder& CompositionBuilder::hide(std::string_view unit, std::string_view item,
                                             Location where) {
  state_->filter(unit, resolve::Filter::Kind::Hide, item, std::move(where));
  return *this;
}

CompositionBuilder& CompositionBuilder::expose(std::string_view unit, std::string_view item,
                                               Location where) {
  state_->filter(unit, resolve::Filter::Kind::Expose, item, std::move(where));
  return *this;
}

CompositionBuilder& CompositionBuilder::export_item(std::string_view unit, std::string_view item,
                                                    std::string_view as, Location where) {
  resolve::ExportRequest request{std::string(unit), std::string(item), std::nullopt,
                                 std::move(where)};
  if (!as.empty()) request.as = std::string(as);
  state_->request.policy.exports.push_back(std::move(request));
  return *this;
}

CompositionBuilder& CompositionBuilder::export_all() {
  state_->request.policy.export_mode = resolve::Policy::Exports::All;
  return *this;
}

CompositionBuilder& CompositionBuilder::set_root(std::string_view unit, Location where) {
  state_->request.policy.root = std::string(unit);
  state_->request.policy.root_where = std::move(where);
  return *this;
}

CompositionBuilder& CompositionBuilder::allow_unresolved() {
  // Unresolved::Outside, the rule of `.wac` files, leaves imports open too.
  if (state_->request.policy.unresolved == resolve::Policy::Unresolved::Error)
    state_->request.policy.unresolved = resolve::Policy::Unresolved::Open;
  return *this;
}

CompositionBuilder& CompositionBuilder::place(std::string_view unit, std::string_view domain) {
  state_->request.policy.placements.push_back({std::string(unit), std::string(domain), {}});
  return *this;
}

CompositionBuilder& CompositionBuilder::isolate(std::string_view unit, Location where) {
  state_->request.policy.placements.push_back({std::string(unit), std::nullopt, std::move(where)});
  return *this;
}

CompositionBuilder& CompositionBuilder::isolate_all() {
  state_->request.policy.isolation = resolve::Policy::Isolation::All;
  return *this;
}

CompositionBuilder& CompositionBuilder::inherit_stdio() {
  state_->request.inherit_stdio = true;
  return *this;
}

Grants& CompositionBuilder::grants() { return state_->request.grants; }

Grants& CompositionBuilder::grants(std::string_view domain) {
  resolve::Policy& policy = state_->request.policy;
  return find_or_add(std::string(domain), state_->request.domains, policy.domains).grants;
}

Limits& CompositionBuilder::limits() { return state_->request.limits; }

std::optional<std::chrono::milliseconds> CompositionBuilder::timeout() const {
  return link::find_timeout(state_->request);
}

CompositionBuilder& CompositionBuilder::count_time_from(
    std::chrono::steady_clock::time_point start) {
  state_->request.start = start;
  return *this;
}

Limits& CompositionBuilder::limits(std::string_view domain) {
  return state_->overrides_of(domain).limits;
}

CompositionBuilder& CompositionBuilder::restart(std::string_view domain, const Restart& policy) {
  state_->overrides_of(domain).restart = policy;
  return *this;
}

CompositionBuilder& CompositionBuilder::restart_all(const Restart& policy) {
  state_->request.restart_all = policy;
  return *this;
}

CompositionBuilder& CompositionBuilder::allow_interrupt() {
  state_->request.can_interrupt = true;
  return *this;
}

CompositionBuilder& CompositionBuilder::set_executor(Executor& executor) {
  state_->executor = &executor;
  return *this;
}

CompositionBuilder& CompositionBuilder::set_stream_buffer(std::size_t bytes) {
  state_->request.stream_buffer = bytes;
  return *this;
}

CompositionBuilder& CompositionBuilder::set_threads(std::size_t count) {
  state_->request.threads = std::max<std::size_t>(count, 1);
  return *this;
}

CompositionBuilder& CompositionBuilder::allow_threads() {
  state_->request.is_shared = true;
  return *this;
}

Result<std::vector<UnitImport>> CompositionBuilder::imports() {
  state_->begin();
  const engine::CodeCache cache(state_->plan_cache);
  link::Request units = state_->request;
  units.cache = cache.folder();
  // Functions of the program are compared with imports by `plan`.
  units.host = {};
  units.has_built_in = false;
  TENON_TRY(link::Inputs inputs, link::read_inputs(units, state_->files));
  types::TypeNames names;
  value::ResourceOrigins origins;  // the owners are not decided
  for (const resolve::Unit& unit : inputs.units.units)
    for (const types::RootItem& item : unit.type.imports) {
      types::add_names(inputs.units.types, names, item.name, item.item);
      for (types::Slot& slot : types::resource_slots(inputs.units.types, item.name, item.item))
        origins.try_emplace(slot.resource, value::ResourceOrigin{std::move(slot.path), {}});
    }
  for (const auto& [name, binary] : inputs.binaries)
    if (binary.package != nullptr)
      names.types.insert(binary.package->names.begin(), binary.package->names.end());
  const auto graph = std::make_shared<const value::TypeGraph>(
      value::TypeGraph{std::move(inputs.units.types), std::move(names), std::move(origins)});
  std::vector<UnitImport> imports;
  for (const resolve::Unit& unit : inputs.units.units)
    for (UnitFunction& function : api::list_functions(graph, unit.type.imports))
      imports.push_back({unit.name, std::move(function)});
  return imports;
}

CompositionBuilder& CompositionBuilder::prepare_http(std::size_t instances) {
  state_->request.http_instances =
      static_cast<std::uint32_t>(std::clamp<std::size_t>(instances, 1, limits::kInstances));
  return *this;
}

CompositionBuilder& CompositionBuilder::add_http_route(HttpRoute route) {
  link::add_http_route(std::move(route), state_->request);
  return *this;
}

CompositionBuilder& CompositionBuilder::add_http_handler(HttpHandlerFunction handler,
                                                         const HttpHandlerOptions& options) {
  link::add_http_handler(std::move(handler), options, state_->request);
  return *this;
}

CompositionBuilder& CompositionBuilder::add_http_client(HttpHandlerFunction handler,
                                                        const HttpHandlerOptions& options) {
  link::add_http_client(std::move(handler), options, state_->request);
  return *this;
}

const HttpOptions& CompositionBuilder::http() const { return state_->request.http; }

HttpInstances& CompositionBuilder::http_instances() { return state_->request.http_use; }

Result<Plan> CompositionBuilder::plan() {
  TENON_TRY(link::PlannedLink planned, state_->plan());
  return std::move(planned.plan.shown);
}

Result<std::string> CompositionBuilder::make_lock(std::string_view path) {
  TENON_TRY(const link::PlannedLink planned, state_->plan());
  TENON_TRY(const link::LockFile lock, link::make_lock(planned, std::string(path)));
  return link::print_lock(lock);
}

Result<void> CompositionBuilder::require_lock(std::string_view path) {
  const std::string file(path);
  state_->paths.push_back(file);
  TENON_TRY(const std::string text, read_text_file(state_->files, file, NamedBy::File));
  TENON_TRY(link::LockFile lock, link::parse_lock(text, file));
  host::HostSettings& hosts = state_->request.hosts;
  for (const link::LockedUnit& unit : lock.units)
    if (unit.kind == "host-bundle" && !unit.sha256.empty())
      hosts.locked.insert_or_assign(unit.name,
                                    host::LockedLibrary{{unit.sha256, unit.where}, unit.needed});
  state_->request.lock = std::make_shared<const link::LockFile>(std::move(lock));
  return {};
}

Result<std::vector<PlanChoice>> CompositionBuilder::explain_import(std::string_view import) {
  TENON_TRY(const link::PlannedLink planned, state_->plan());
  return resolve::explain_import(planned.plan, import);
}

Result<std::vector<std::uint8_t>> CompositionBuilder::compose(const ComposeOptions& options) {
  TENON_TRY(State::Component component, state_->compose(options));
  if (options.notes != nullptr) *options.notes = std::move(component.notes);
  return std::move(component.bytes);
}

Result<void> CompositionBuilder::prepare(const BuildOptions& options) {
  state_->begin();
  TENON_TRY_VOID(state_->agree());
  return link::prepare_link(state_->request, state_->files, options, state_->clock);
}

Result<Composition> CompositionBuilder::build(const BuildOptions& options) {
  state_->begin();
  TENON_TRY_VOID(state_->agree());
  auto state = std::make_unique<Composition::State>();
  TENON_TRY(state->running, link::run_link(state_->request, state_->files, options, state_->clock));
  if (state_->executor != nullptr) TENON_TRY_VOID(api::run_on(*state_->executor, state->running));
  state->options = options;
  state->times = state_->clock.times();
  return Composition(std::move(state));
}

std::span<const std::string> CompositionBuilder::files() const { return state_->paths; }

std::span<const PhaseTime> CompositionBuilder::times() const { return state_->clock.times(); }

std::span<const UnitTime> CompositionBuilder::unit_times() const {
  return state_->clock.unit_times();
}

CompositionBuilder& CompositionBuilder::set_plan_cache(std::string_view folder) {
  state_->plan_cache = folder;
  return *this;
}

}  // namespace tenon
