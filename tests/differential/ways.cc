#include "tests/differential/ways.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/remote.h"
#include "tests/differential/program.h"
#include "tests/differential/run.h"
#include "tests/differential/script.h"
#include "tests/support/engine_values.h"

namespace tenon::differential {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The guest that calls another domain or a remote unit gets an error (docs/domains.md, docs/remote.md).
constexpr std::string_view kTrapIsResult = "cannot: a trap becomes a result";
constexpr std::string_view kStayInDomain = "cannot: handles of WASI stay in their domain";
constexpr std::string_view kCannotWait = "cannot: a function without `async` would wait";

Outcome obstacle(std::string_view phase, const Diagnostics& problems) {
  std::string text = fmt::format("{}:", phase);
  for (const Diagnostic& problem : problems)
    text += fmt::format(" {}: {};", problem.code, problem.message);
  return {.obstacle = std::move(text)};
}

Result<Bytes> assemble(const World& world, std::size_t unit) {
  return engine::wat_to_wasm(unit_name(world, unit) + ".wat", unit_text(world, unit));
}

enum class HasWires : std::uint8_t { No, Yes };

// Adds the units from `first` to before `end`.
Result<void> add_units(const World& world, CompositionBuilder& builder, std::size_t first,
                       std::size_t end, HasWires has_wires = HasWires::Yes) {
  for (std::size_t unit = first; unit < end; ++unit) {
    Result<Bytes> bytes = assemble(world, unit);
    if (!bytes) return std::move(bytes).error();
    builder.add_component(unit_name(world, unit), *bytes);
    if (has_wires == HasWires::No) continue;
    for (Wire& wire : wires_of(world, unit)) builder.wire(std::move(wire));
  }
  return {};
}

// For a composition that does not get the program: its interfaces become imports.
void leave_open(const World& world, CompositionBuilder& builder, std::size_t end) {
  for (std::size_t unit = 0; unit < end; ++unit)
    for (const Link& link : links_of(world, unit))
      if (!wire_of(world, unit, link))
        builder.wire({.consumer = unit_name(world, unit),
                      .import = link.import,
                      .target = Wire::Target::Open});
}

bool has_only_root(const World& world) {
  return std::ranges::all_of(std::span(world.units).first(world.root()),
                             [](const Unit& unit) { return unit.kind == Unit::Kind::Decoy; });
}

// The name of an export of a nested composition.
std::string nested_name(std::string_view package, const Link& link) {
  std::string name;
  for (const char c : link.export_name.substr(0, link.export_name.find('@')))
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return link.is_bare ? "nested-" + name : fmt::format("{}/{}", package, name);
}

// Exports what the root imports, from a composition of the other units.
// package: of the names; empty: those of the exports.
void export_to_root(const World& world, CompositionBuilder& builder,
                    const std::string& package = {}) {
  // The last unit provides to the root all that it exports.
  std::size_t last = world.root() - 1;
  while (world.units[last].kind == Unit::Kind::Decoy) --last;
  builder.set_root(unit_name(world, last));
  for (const Link& link : links_of(world, world.root())) {
    if (!link.provider) continue;
    builder.export_item(unit_name(world, *link.provider), link.export_name,
                        package.empty() ? package : nested_name(package, link));
  }
}

// The exports of a composition of all units: those of the root, and of a second unit if there is one.
void choose_exports(const World& world, CompositionBuilder& builder) {
  builder.set_root("root");
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    for (const unsigned i : world.units[unit].exports)
      if (world.units[unit].is_exported)
        builder.export_item(unit_name(world, unit), export_name(world, unit, i));
}

Outcome run_built(const World& world, const Script& script, CompositionBuilder& builder,
                  HasSecondUnit has_second, const BuildOptions& options = {}) {
  const Result<Composition> built = builder.build(options);
  if (!built) return obstacle("build", built.error());
  return run_script(world, script, *built, has_second);
}

Outcome run_whole(const World& world, const Script& script,
                  const std::function<void(CompositionBuilder&)>& choose,
                  const BuildOptions& options = {.cache_dir = {}, .link_form = LinkForm::Embedded},
                  HasWires has_wires = HasWires::Yes) {
  CompositionBuilder builder;
  if (const Result<void> added = add_units(world, builder, 0, world.units.size(), has_wires);
      !added)
    return obstacle("assemble", added.error());
  add_program(world, builder);
  choose_exports(world, builder);
  choose(builder);
  return run_built(world, script, builder, HasSecondUnit::Yes, options);
}

Outcome run_embedded(const World& world, const Script& script, const std::string& /*folder*/) {
  return run_whole(world, script, [](CompositionBuilder&) {});
}
Outcome run_by_reference(const World& world, const Script& script, const std::string& /*folder*/) {
  return run_whole(world, script, [](CompositionBuilder&) {},
                   {.cache_dir = {}, .link_form = LinkForm::Reference});
}
// With code from the cache.
Outcome run_cached(const World& world, const Script& script, const std::string& folder) {
  Outcome outcome;
  for (int i = 0; i < 2; ++i)
    outcome = run_whole(world, script, [](CompositionBuilder&) {},
                        {.cache_dir = folder + "/cache", .link_form = LinkForm::Embedded});
  return outcome;
}

// A refusal that the documentation promises.
Outcome expect_refusal(const Outcome& outcome, std::string_view why) {
  if (outcome.obstacle.find("resolve-placement") != std::string::npos)
    return {.obstacle = std::string(why)};
  return {.obstacle = fmt::format("not refused, but {}: {}", why, outcome.obstacle)};
}

std::set<std::size_t> all_units(const World& world) {
  std::set<std::size_t> all;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit) all.insert(unit);
  return all;
}

// Whether handles of WASI would be in two domains that cannot be.
// isolated: the units that have domains of their own.
bool separates_handles(const World& world, const std::set<std::size_t>& isolated) {
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    for (const Link& link : links_of(world, unit))
      if (link.provider && (isolated.contains(unit) || isolated.contains(*link.provider)) &&
          !can_cross(world, link.interface))
        return true;
  return false;
}

Outcome run_in_domains(const World& world, const Script& script,
                       const std::set<std::size_t>& isolated) {
  Outcome outcome = run_whole(world, script, [&](CompositionBuilder& builder) {
    for (const std::size_t unit : isolated) builder.isolate(unit_name(world, unit));
  });
  return separates_handles(world, isolated) ? expect_refusal(outcome, kStayInDomain) : outcome;
}
Outcome run_isolated(const World& world, const Script& script, const std::string& /*folder*/) {
  if (world.has_trap_with_result()) return {.obstacle = std::string(kTrapIsResult)};
  if (!units_in_one_domain(world).empty()) return {.obstacle = std::string(kCannotWait)};
  return run_in_domains(world, script, all_units(world));
}
Outcome run_partly_isolated(const World& world, const Script& script,
                            const std::string& /*folder*/) {
  if (world.has_trap_with_result()) return {.obstacle = std::string(kTrapIsResult)};
  std::mt19937_64 random(world.seed);
  const std::set<std::size_t> together = units_in_one_domain(world);
  std::set<std::size_t> isolated;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    if (random() % 2 == 0 && !together.contains(unit)) isolated.insert(unit);
  return run_in_domains(world, script, isolated);
}

// Once more after units were replaced by themselves: they have lost their memory, and the program has no handles.
Outcome run_swapped(const World& world, const Script& script, const std::string& /*folder*/) {
  if (world.has_resource_of_program())
    return {.obstacle = "cannot: the program does not forget its resources"};
  const bool is_isolated = world.seed % 2 == 1;
  if (is_isolated && world.has_trap_with_result()) return {.obstacle = std::string(kTrapIsResult)};
  if (is_isolated && !units_in_one_domain(world).empty())
    return {.obstacle = std::string(kCannotWait)};
  if (is_isolated && separates_handles(world, all_units(world)))
    return {.obstacle = std::string(kStayInDomain)};
  CompositionBuilder builder;
  if (const Result<void> added = add_units(world, builder, 0, world.units.size()); !added)
    return obstacle("assemble", added.error());
  add_program(world, builder);
  choose_exports(world, builder);
  if (is_isolated) builder.isolate_all();
  Result<Composition> built = builder.build({.cache_dir = {}});
  if (!built) return obstacle("build", built.error());
  const Script harmless = without_trap(world, script);
  Outcome before = run_script(world, harmless, *built, HasSecondUnit::Yes);
  if (before.lines != harmless.answers) return before;
  std::vector<SwapUnit> replaced;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit) {
    if (world.units[unit].kind == Unit::Kind::Decoy) continue;
    Result<Bytes> bytes = assemble(world, unit);
    if (!bytes) return obstacle("assemble", bytes.error());
    replaced.push_back({.name = unit_name(world, unit), .bytes = *std::move(bytes)});
  }
  // In one domain, the others begin again with it.
  if (!is_isolated) {
    std::swap(replaced.front(), replaced[world.seed / 2 % replaced.size()]);
    replaced.resize(1);
  }
  if (const Result<void> swapped = built->swap(replaced, {.whole_domains = !is_isolated}); !swapped)
    return obstacle("swap", swapped.error());
  return run_script(world, script, *built, HasSecondUnit::Yes);
}

// Whether each import has the name of one export: there is nothing to choose.
bool has_clear_names(const World& world) {
  const auto path = [](const std::string& name) { return name.substr(0, name.find('@')); };
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    for (const unsigned i : imports_of(world, unit)) {
      unsigned exporters = imported_interface(world, unit, i).starts_with("wasi:") ? 1 : 0;
      for (std::size_t other = 0; other < world.units.size(); ++other) {
        const Unit& made = world.units[other];
        if (other == unit || !made.has_export(i) ||
            path(exported_interface(world, other, i)) != path(imported_interface(world, unit, i)))
          continue;
        ++exporters;
        // Two exports implement the interface: it must be imported by the name of one.
        if (made.has_spares && (made.has_labels || world.units[unit].labels_imports)) return false;
      }
      const bool has_two_bare =
          has_bare_imports(world, unit, i) &&
          std::ranges::count_if(world.units, [&](const Unit& other) {
            return has_bare_exports(world, static_cast<std::size_t>(&other - world.units.data()),
                                    i);
          }) > (has_bare_exports(world, unit, i) ? 2 : 1);
      if (exporters > 1 || has_two_bare) return false;
    }
  return true;
}

// Without wires.
Outcome run_by_names(const World& world, const Script& script, const std::string& /*folder*/) {
  if (!has_clear_names(world)) return {.obstacle = "cannot: an import has several providers"};
  return run_whole(
      world, script, [](CompositionBuilder&) {}, {.cache_dir = {}, .link_form = LinkForm::Embedded},
      HasWires::No);
}

// Without the units that provide: traps take their places. So they do in a run if the imports stay open, which those of
// labels and with resources of the program cannot.
Outcome run_with_stubs(const World& world, const Script& script, const std::string& /*folder*/) {
  const bool stay_open = world.seed % 2 == 1 && !world.has_resource_of_program() &&
                         std::ranges::none_of(world.units, [](const Unit& unit) {
                           return unit.labels_imports || unit.uses_spares || unit.uses_bare;
                         });
  const auto is_here = [&](std::size_t unit) { return !world.units[unit].provides(); };
  CompositionBuilder builder;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit) {
    if (!is_here(unit)) continue;
    const Result<Bytes> bytes = assemble(world, unit);
    if (!bytes) return obstacle("assemble", bytes.error());
    builder.add_component(unit_name(world, unit), *bytes);
    for (const Link& link : links_of(world, unit)) {
      std::optional<Wire> wire = wire_of(world, unit, link);
      if (!wire) continue;
      if (link.provider && world.units[*link.provider].provides())
        wire = {.consumer = wire->consumer,
                .import = wire->import,
                .target = stay_open ? Wire::Target::Open : Wire::Target::Trap};
      builder.wire(*std::move(wire));
    }
  }
  add_program(world, builder);
  builder.set_root("root");
  const Result<Composition> built = builder.build({.cache_dir = {}});
  if (!built) return obstacle("build", built.error());
  Outcome outcome{.lines = std::vector(script.answers.size(), std::string(kNotCalled))};
  const auto call = std::ranges::find_if(script.calls, [&](const Call& each) {
    return each.unit == world.root() && world.interfaces[each.interface].is_of_units() &&
           function_of(world, each).fault == Function::Fault::None &&
           !has_handles(world.types, function_of(world, each));
  });
  if (call == script.calls.end()) return outcome;
  const Outcome first =
      run_script(world, {.graph = script.graph, .calls = {*call}}, *built, HasSecondUnit::No);
  if (!first.lines.front().starts_with(kTrap))
    return {.obstacle = "a stub answers: " + first.lines.front()};
  return outcome;
}

// With a root that expects another type.
Outcome refuse_misfit(const World& world, const Script& script, const std::string& /*folder*/) {
  const std::optional<Misfit> misfit = make_misfit(world);
  if (!misfit) return {.obstacle = "cannot: nothing to expect"};
  const bool is_linked = misfit->keeps_types && has_clear_names(world);
  const HasWires has_wires = is_linked ? HasWires::No : HasWires::Yes;
  CompositionBuilder builder;
  Result<void> added = add_units(world, builder, 0, world.root(), has_wires);
  if (added)
    added = add_units(misfit->expected, builder, world.root(), world.units.size(), has_wires);
  if (!added) return obstacle("assemble", added.error());
  add_program(world, builder);
  builder.set_root("root");
  if (world.seed % 2 == 0 && !is_linked) builder.isolate_all();
  const Result<Plan> plan = builder.plan();
  if (is_linked) {
    if (!plan) return obstacle("plan", plan.error());
    if (std::ranges::none_of(plan->notes,
                             [](const Diagnostic& note) { return note.code == "types-differ"; }))
      return {.obstacle = "no note says that the root keeps its own types"};
    return run_built(world, script, builder, HasSecondUnit::No);
  }
  if (plan) return {.obstacle = "it is linked, although a function or a type differs"};
  const bool separates = separates_handles(world, all_units(world));
  const auto says_so = [&](const Diagnostic& problem) {
    return problem.code == "resolve-type-mismatch" || problem.code == "resolve-wire-type" ||
           problem.code == "resolve-resource-split" ||
           (separates && problem.code == "resolve-placement") ||
           // The resources of the program are ruled out, and a root that passes them on is not.
           problem.code == "resolve-cycle";
  };
  if (!std::ranges::all_of(plan.error(), says_so)) return obstacle("plan a misfit", plan.error());
  return {.lines = std::vector(script.answers.size(), std::string(kNotCalled))};
}

// The units behind the root as a composition that is a unit.
Outcome run_nested(const World& world, const Script& script, const std::string& /*folder*/) {
  if (has_only_root(world)) return {.obstacle = "cannot: no other unit"};
  CompositionBuilder inner;
  if (const Result<void> added = add_units(world, inner, 0, world.root()); !added)
    return obstacle("assemble", added.error());
  leave_open(world, inner, world.root());
  const std::string package = "w:nested";
  export_to_root(world, inner, package);
  CompositionBuilder builder;
  builder.add_composition("inner", std::move(inner));
  Result<Bytes> root = assemble(world, world.root());
  if (!root) return obstacle("assemble", root.error());
  builder.add_component("root", *root);
  builder.set_root("root");
  for (const Link& link : links_of(world, world.root())) {
    std::optional<Wire> wire = wire_of(world, world.root(), link);
    if (!wire) continue;
    if (link.provider) {
      wire->provider = "inner";
      wire->export_name = nested_name(package, link);
    }
    builder.wire(*std::move(wire));
  }
  // The root can export the same. A composition does not import types alone.
  std::set<std::string> inner_wasi;
  for (std::size_t unit = 0; unit < world.root(); ++unit)
    for (const Link& link : links_of(world, unit)) {
      const Interface& interface = world.interfaces[link.interface];
      const bool has_types_alone = interface.functions.empty() && interface.resources.empty();
      if (!link.provider && !has_types_alone) inner_wasi.insert(interface.wasi);
    }
  inner_wasi.erase("");
  for (const std::string& interface : inner_wasi)
    builder.wire({.consumer = "inner", .import = interface, .provider = "wasi"});
  add_program(world, builder);
  return run_built(world, script, builder, HasSecondUnit::No);
}

class Service final {
 public:
  Service(Composition composition, Server server)
      : composition_(std::move(composition)),
        server_(std::move(server)),
        thread_([this] { (void)server_.run(std::chrono::seconds(5)); }) {}
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    server_.stop();
    thread_.join();
  }

 private:
  Composition composition_;
  Server server_;
  std::thread thread_;
};

// The number of the service that provides each interface. Interfaces that share resources are of one service.
std::vector<unsigned> divide_interfaces(const World& world) {
  std::vector<unsigned> groups(world.interfaces.size());
  std::iota(groups.begin(), groups.end(), 0U);
  for (unsigned i = 0; i < groups.size(); ++i)
    for (const unsigned resource : mentioned_by(world, i).resources) {
      const unsigned joined = groups[i];
      const unsigned with = groups[world.resource_owner(resource)];
      std::ranges::replace(groups, joined, with);
    }
  const bool has_two = world.seed % 2 == 1;
  const unsigned first = groups.front();
  for (unsigned& group : groups) group = has_two && group != first ? 1 : 0;
  return groups;
}

// All units but the root, behind a socket.
Result<std::unique_ptr<Service>> serve_providers(const World& world, const std::string& address) {
  CompositionBuilder far;
  if (Result<void> added = add_units(world, far, 0, world.root()); !added)
    return std::move(added).error();
  add_program(world, far);
  export_to_root(world, far);
  Result<Composition> served = far.build();
  if (!served) return std::move(served).error();
  Result<Server> server = served->serve({.listen = {address}});
  if (!server) return std::move(server).error();
  return std::make_unique<Service>(*std::move(served), *std::move(server));
}

// The root here, and all other units behind a socket, or behind two.
Outcome run_over_socket(const World& world, const Script& script, const std::string& folder) {
  if (has_only_root(world)) return {.obstacle = "cannot: no other unit"};
  if (world.has_trap_with_result()) return {.obstacle = std::string(kTrapIsResult)};
  if (units_in_one_domain(world).contains(world.root()))
    return {.obstacle = std::string(kCannotWait)};
  if (world.has_resource_of_program())
    return {.obstacle = "cannot: the program makes different resources here and there"};
  CompositionBuilder near;
  Result<Bytes> root = assemble(world, world.root());
  if (!root) return obstacle("assemble", root.error());
  near.add_component("root", *root);
  const std::vector<unsigned> service_of = divide_interfaces(world);
  std::map<unsigned, RemoteOptions> services;
  bool can_be_far = true;
  for (const Link& link : links_of(world, world.root())) {
    if (!link.provider) {
      if (std::optional<Wire> wire = wire_of(world, world.root(), link))
        near.wire(*std::move(wire));
      continue;
    }
    can_be_far = can_be_far && std::ranges::none_of(
                                   mentioned_by(world, link.interface).resources,
                                   [&](unsigned resource) { return world.is_of_wasi(resource); });
    const unsigned service = service_of[link.interface];
    services[service].interfaces.push_back(link.import);
    if (link.import == link.export_name && link.import.starts_with("w:")) continue;
    near.wire({.consumer = "root",
               .import = link.import,
               .provider = fmt::format("far{}", service),
               .export_name = link.export_name});
  }
  add_program(world, near);
  std::vector<std::unique_ptr<Service>> running;
  for (const auto& [service, options] : services) {
    const std::string address = fmt::format("unix:{}/socket{}", folder, service);
    Result<std::unique_ptr<Service>> served = serve_providers(world, address);
    if (!served) return obstacle("serve", served.error());
    running.push_back(*std::move(served));
    near.add_remote(fmt::format("far{}", service), address, options);
  }
  near.set_root("root");
  const Result<Composition> built = near.build();
  Outcome outcome =
      built ? run_script(world, script, *built, HasSecondUnit::No, std::chrono::seconds(2))
            : obstacle("build", built.error());
  return can_be_far ? outcome
                    : expect_refusal(outcome, "cannot: handles of WASI stay in their process");
}

Result<Bytes> compose(const World& world) {
  CompositionBuilder builder;
  if (Result<void> added = add_units(world, builder, 0, world.units.size()); !added)
    return std::move(added).error();
  leave_open(world, builder, world.units.size());
  choose_exports(world, builder);
  return builder.compose();
}

Outcome run_component(const World& world, const Script& script,
                      std::span<const std::uint8_t> component) {
  CompositionBuilder builder;
  builder.add_component("composed", component);
  add_program(world, builder);
  return run_built(world, script, builder, HasSecondUnit::Yes);
}

Outcome run_composed(const World& world, const Script& script, const std::string& /*folder*/) {
  const Result<Bytes> composed = compose(world);
  return composed ? run_component(world, script, *composed) : obstacle("compose", composed.error());
}

Outcome run_by_engine(const World& world, const Script& script, const std::string& /*folder*/) {
  if (world.has_async()) return {.obstacle = "cannot: async"};
  if (world.has_open()) return {.obstacle = "cannot: open imports"};
  const Result<Bytes> composed = compose(world);
  if (!composed) return obstacle("compose", composed.error());
  if (world.has_wasi("wasi:http/types")) return {.obstacle = "cannot: wasi:http"};
  EngineCaller engine;
  EngineInstance instance = engine.start(*composed, HasWasi::Yes);
  Outcome outcome;
  for (std::size_t line = 0; line < script.answers.size(); ++line) {
    const std::size_t drops = static_cast<std::size_t>(std::count_if(
        script.answers.begin(), script.answers.begin() + static_cast<std::ptrdiff_t>(line),
        [](const std::string& text) { return text.ends_with(" dropped"); }));
    const bool is_drop = script.answers[line].ends_with(" dropped");
    const Call* const call = is_drop ? nullptr : &script.calls[line - drops];
    if (call == nullptr || has_handles(world.types, function_of(world, *call))) {
      outcome.lines.emplace_back(kNotCalled);
      continue;
    }
    const Function& function = function_of(world, *call);
    std::vector<Type> params;
    for (const types::Field& param : function.type.params)
      params.push_back(value::make_type(script.graph, param.type));
    const auto [interface, name] = exported_function(world, *call);
    const std::optional<Value> answer =
        instance.call(interface, name, call->arguments, params, function.type.result.has_value());
    const bool is_expected = instance.failure && function.fault != Function::Fault::None;
    outcome.lines.push_back(is_expected        ? std::string(kTrap)
                            : instance.failure ? *instance.failure
                                               : print_answer(answer));
    if (instance.failure) break;
  }
  return outcome;
}

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// Writes the world for wac, with a file for each unit. Nothing if it has what wac cannot express.
std::optional<std::string> write_wac(const World& world, const std::string& folder) {
  std::string text = "package w:composed;\n";
  for (std::size_t unit = 0; unit < world.units.size(); ++unit) {
    if (world.units[unit].kind == Unit::Kind::Decoy) continue;
    const Result<Bytes> bytes = assemble(world, unit);
    if (!bytes) return std::nullopt;
    const std::string name = unit_name(world, unit);
    write_file(fmt::format("{}/{}.wasm", folder, name), *bytes);
    text += fmt::format("let {0} = new w:{0} {{", name);
    const std::vector<Link> links = links_of(world, unit);
    for (const Link& link : links)
      if (link.provider)
        text += fmt::format(" \"{}\": {}[\"{}\"],", link.import, unit_name(world, *link.provider),
                            link.export_name);
    text += std::ranges::all_of(links, [](const Link& link) { return link.provider.has_value(); })
                ? " };\n"
                : " ... };\n";
  }
  text += "export root...;\n";
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    for (const unsigned i : world.units[unit].exports)
      if (world.units[unit].is_exported && !has_same_export(world, unit, i))
        text += fmt::format("export {0}[\"{1}\"] as \"{1}\";\n", unit_name(world, unit),
                            export_name(world, unit, i));
  std::ofstream(folder + "/world.wac") << text;
  return folder + "/world.wac";
}

Outcome run_wac_file(const World& world, const Script& script, const std::string& folder) {
  const std::optional<std::string> file = write_wac(world, folder);
  if (!file) return {.obstacle = "assemble"};
  WacOptions options;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    options.packages.emplace_back("w:" + unit_name(world, unit),
                                  fmt::format("{}/{}.wasm", folder, unit_name(world, unit)));
  std::erase_if(options.packages,
                [](const auto& package) { return !std::filesystem::exists(package.second); });
  CompositionBuilder builder;
  if (const Result<void> read = builder.read_wac(*file, options); !read)
    return obstacle("read", read.error());
  add_program(world, builder);
  return run_built(world, script, builder, HasSecondUnit::Yes);
}

Outcome run_by_wac(const World& world, const Script& script, const std::string& folder) {
  const char* const wac = std::getenv("WAC");
  if (wac == nullptr) return {.obstacle = "cannot: no wac"};
  // It imports also what they use, although a unit provides it.
  if (world.has_open()) return {.obstacle = "cannot: open imports"};
  const std::optional<std::string> file = write_wac(world, folder);
  if (!file) return {.obstacle = "assemble"};
  std::string command = fmt::format("{} compose {}", wac, *file);
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    if (world.units[unit].kind != Unit::Kind::Decoy)
      command += fmt::format(" -d w:{1}={0}/{1}.wasm", folder, unit_name(world, unit));
  const std::string made = folder + "/composed.wasm";
  command += fmt::format(" -o {} >{}/wac.log 2>&1", made, folder);
  // It knows fewer types, and compares versions.
  if (std::system(command.c_str()) != 0) return {.obstacle = "cannot: refused by wac"};
  std::ifstream in(made, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(in), {}};
  return run_component(world, script, bytes);
}

// A composition that is a unit has one name.
std::string nested_unit_name(const World& world, std::size_t unit) {
  return unit == world.root() ? "root" : "inner";
}
std::string composed_name(const World& /*world*/, std::size_t /*unit*/) { return "composed"; }

constexpr Way kWays[] = {
    {"embedded", run_embedded, unit_name},
    {"reference", run_by_reference, unit_name},
    {"isolated", run_isolated, unit_name},
    {"partly-isolated", run_partly_isolated, unit_name},
    {"nested", run_nested, nested_unit_name},
    {"socket", run_over_socket, unit_name},
    {"composed", run_composed, composed_name},
    {"engine", run_by_engine},
    {"wac-file", run_wac_file, unit_name},
    {"wac", run_by_wac, composed_name},
    {"names", run_by_names, unit_name},
    {"cached", run_cached, unit_name},
    {"swapped", run_swapped, unit_name},
    {"stubs", run_with_stubs},
    {"misfit", refuse_misfit},
};

}  // namespace

std::span<const Way> all_ways() { return kWays; }

}  // namespace tenon::differential
