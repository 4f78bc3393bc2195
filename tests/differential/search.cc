#include "tests/differential/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/differential/script.h"

namespace tenon::differential {
namespace {

std::size_t count_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// What tenon refuses although the world is valid, and says so in docs/resolve.md and docs/remote.md.
constexpr std::string_view kLimits[] = {
    "cannot: ",             // by what is not ours
    "need each other",      // domains whose units do not
    "cannot be passed on",  // an async function by the root of an isolated domain
    "would export `w:",     // a relay and the unit that makes the resource, by one name
    "has nothing to serve",
};

bool is_expected(std::string_view obstacle) {
  return std::ranges::any_of(kLimits, [&](std::string_view limit) {
    return obstacle.find(limit) != std::string_view::npos;
  });
}

// Between domains, a call that traps returns an error where its type has a string for it, and the caller goes on
// (docs/domains.md, "When a domain ends").
bool is_failure_as_value(std::string_view wanted, std::string_view found) {
  return wanted == kTrap && found.starts_with("err(\"`") &&
         found.find("` trapped in `") != std::string_view::npos;
}

std::optional<Finding> compare(const World& world, const Script& script, const Way& way,
                               const Outcome& outcome) {
  Finding finding{.way = &way};
  if (!outcome.obstacle.empty()) {
    if (is_expected(outcome.obstacle)) return std::nullopt;
    finding.wanted = "a composition";
    finding.found = outcome.obstacle;
    return finding;
  }
  std::size_t calls = 0;
  for (std::size_t i = 0; i < script.answers.size(); ++i) {
    const bool is_call = !script.answers[i].ends_with(" dropped");
    const std::string found = i < outcome.lines.size() ? outcome.lines[i] : "nothing";
    if (is_failure_as_value(script.answers[i], found)) return std::nullopt;
    // A trap has a message after the word.
    const bool is_trap = script.answers[i] == kTrap && found.starts_with(kTrap);
    if (found != script.answers[i] && !is_trap && found != kNotCalled) {
      finding.wanted = script.answers[i];
      finding.found = found;
      if (is_call) {
        const Call& call = script.calls[calls];
        if (!has_handles(world.types, world.interfaces[call.interface].functions[call.function]))
          finding.call = call;
      }
      return finding;
    }
    const bool has_names = way.name_of != nullptr && !outcome.blamed.empty();
    if (is_trap && has_names && !script.trapping_units.empty() &&
        std::ranges::none_of(script.trapping_units, [&](std::size_t unit) {
          return std::ranges::count(outcome.blamed, way.name_of(world, unit)) != 0;
        })) {
      finding.wanted =
          fmt::format("trap of `{}`", way.name_of(world, script.trapping_units.back()));
      finding.found = found;
      return finding;
    }
    if (is_call) ++calls;
  }
  return std::nullopt;
}

// The text with "`..`" for each name.
std::string without_names(std::string_view text) {
  std::string short_text;
  bool is_name = false;
  for (const char c : text) {
    if (c == '`')
      short_text += is_name ? "..`" : "`";
    else if (!is_name)
      short_text += c;
    is_name ^= c == '`';
  }
  return short_text;
}

std::optional<Finding> check_way(const World& world, const Script& script, const Way& way,
                                 const std::string& folder, Counts* counts) {
  const std::string files = folder + "/files";
  std::filesystem::remove_all(files);
  std::filesystem::create_directories(files);
  const std::size_t before = count_descriptors();
  const Outcome outcome = way.run(world, script, files);
  const std::size_t after = count_descriptors();
  if (counts != nullptr) {
    WayCount& count = (*counts)[std::string(way.name)];
    ++(outcome.obstacle.empty() ? count.runs : count.obstacles);
    if (!outcome.obstacle.empty()) ++count.reasons[without_names(outcome.obstacle)];
  }
  if (std::optional<Finding> finding = compare(world, script, way, outcome)) return finding;
  if (after <= before) return std::nullopt;
  // The first use of a part of the engine may open files that stay open.
  const Outcome again = way.run(world, script, files);
  const std::size_t end = count_descriptors();
  if (end <= after) return std::nullopt;
  return Finding{.way = &way,
                 .wanted = fmt::format("{} open descriptors", after),
                 .found = fmt::format("{} open descriptors", end)};
}

bool is_which(const Function& function) { return function.role == Function::Role::Which; }

// The worlds that are a step smaller.
class Steps final {
 public:
  explicit Steps(const World& world) : world_(world) {}

  std::vector<World> make() {
    for (std::size_t unit = 0; unit < world_.root(); ++unit)
      if (!world_.units[unit].provides() || world_.units[unit].kind == Unit::Kind::Decoy)
        add([&](World& world) {
          world.units.erase(world.units.begin() + static_cast<std::ptrdiff_t>(unit));
        });
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) {
      drop_interface(i);
      shrink_interface(i);
    }
    for (std::size_t unit = 0; unit < world_.units.size(); ++unit) shrink_unit(unit);
    if (world_.trapping_resource) add([](World& world) { world.trapping_resource.reset(); });
    if (world_.calls > 1) add([](World& world) { world.calls = 1; });
    if (!world_.smallest_values) add([](World& world) { world.smallest_values = true; });
    return std::move(steps_);
  }

 private:
  void add(const std::function<void(World&)>& change) {
    World& world = steps_.emplace_back(world_);
    change(world);
    settle(world);
  }

  void drop_interface(unsigned i) {
    if (world_.interfaces.size() == 1) return;
    for (unsigned other = 0; other < world_.interfaces.size(); ++other)
      if (used_by(world_, other).contains(i)) return;
    add([i](World& world) {
      world.interfaces.erase(world.interfaces.begin() + i);
      std::erase_if(world.owners, [i](const auto& owner) { return owner.second == i; });
      for (auto& [id, owner] : world.owners) owner -= owner > i ? 1 : 0;
      for (Unit& unit : world.units)
        for (std::vector<unsigned>* const list : {&unit.exports, &unit.passed}) {
          std::erase(*list, i);
          for (unsigned& each : *list) each -= each > i ? 1 : 0;
        }
      std::erase_if(world.units, [](const Unit& unit) { return unit.exports.empty(); });
    });
  }

  void shrink_interface(unsigned i) {
    const Interface& interface = world_.interfaces[i];
    if (!interface.wasi.empty()) return;
    if (interface.has_types_alone)
      add([i](World& world) { world.interfaces[i].has_types_alone = false; });
    if (interface.lists_parts) add([i](World& world) { world.interfaces[i].lists_parts = false; });
    if (interface.has_alias) add([i](World& world) { world.interfaces[i].has_alias = false; });
    if (interface.resources.size() > 1) {
      add([i](World& world) {
        const unsigned second = world.interfaces[i].resources.back();
        for_each_handle(world.types, [&](types::TypeId, types::ResourceId& resource) {
          if (resource.index == second) resource = {world.interfaces[i].resources.front()};
        });
        world.interfaces[i].resources.pop_back();
        std::erase_if(world.interfaces[i].functions,
                      [&](const Function& each) { return each.resource == second; });
      });
    } else if (!interface.resources.empty() && !is_resource_used(i)) {
      add([i](World& world) {
        Interface& smaller = world.interfaces[i];
        smaller.resources.clear();
        smaller.has_alias = false;
        std::erase_if(smaller.functions,
                      [](const Function& each) { return each.role != Function::Role::Echo; });
      });
    }
    for (std::size_t j = 0; j < interface.functions.size(); ++j) {
      const Function& function = interface.functions[j];
      if (function.role == Function::Role::Which) {
        add([&](World& world) { std::erase_if(world.interfaces[i].functions, is_which); });
        continue;
      }
      if (function.role != Function::Role::Echo) continue;
      const auto change = [&](const std::function<void(Function&)>& make) {
        add([&](World& world) { make(world.interfaces[i].functions[j]); });
      };
      add([&](World& world) {
        std::vector<Function>& all = world.interfaces[i].functions;
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(j));
      });
      if (function.type.is_async) change([](Function& smaller) { smaller.type.is_async = false; });
      for (std::size_t k = 0; k < function.type.params.size(); ++k) {
        change([k](Function& smaller) {
          smaller.type.params.erase(smaller.type.params.begin() + static_cast<std::ptrdiff_t>(k));
        });
        for (const auto& part : types::parts_of(world_.types.types[function.type.params[k].type]))
          if (part) change([k, part](Function& smaller) { smaller.type.params[k].type = *part; });
      }
    }
  }

  [[nodiscard]] bool is_resource_used(unsigned i) const {
    const auto mentions = [&](types::TypeId type) {
      return has_part(world_.types, type, [&](types::TypeId id) {
        return resource_of(world_.types, id) == world_.interfaces[i].resources.front();
      });
    };
    return std::ranges::any_of(world_.interfaces, [&](const Interface& interface) {
      return std::ranges::any_of(interface.named, mentions) ||
             std::ranges::any_of(interface.functions, [&](const Function& function) {
               return function.role == Function::Role::Echo &&
                      std::ranges::any_of(function.type.params, mentions, &types::Field::type);
             });
    });
  }

  void shrink_unit(std::size_t number) {
    const Unit& unit = world_.units[number];
    const auto change = [&](bool can, const std::function<void(Unit&)>& make) {
      if (can) add([&](World& world) { make(world.units[number]); });
    };
    change(unit.minor != 0, [](Unit& smaller) { smaller.minor = 0; });
    for (bool Unit::* const flag :
         {&Unit::has_labels, &Unit::labels_imports, &Unit::has_spares, &Unit::uses_spares,
          &Unit::has_bare, &Unit::uses_bare, &Unit::exports_others, &Unit::is_exported,
          &Unit::renames_wasi, &Unit::has_start, &Unit::has_post_return, &Unit::lists_backwards,
          &Unit::repeats_types, &Unit::lifts_with_callback, &Unit::copies_streams, &Unit::suspends,
          &Unit::lowers_async})
      change(unit.*flag, [flag](Unit& smaller) { smaller.*flag = false; });
    change(unit.encoding != abi::Encoding::Utf8,
           [](Unit& smaller) { smaller.encoding = abi::Encoding::Utf8; });
    change(!unit.passed.empty(), [](Unit& smaller) { smaller.passed.clear(); });
    change(unit.asyncness != Unit::Asyncness::Same,
           [](Unit& smaller) { smaller.asyncness = Unit::Asyncness::Same; });
    change(unit.kind == Unit::Kind::Relay, [](Unit& smaller) { smaller.kind = Unit::Kind::Pass; });
    if (unit.provides() || number == world_.root()) return;
    for (std::size_t i = 0; unit.exports.size() > 1 && i < unit.exports.size(); ++i)
      change(true, [i](Unit& smaller) {
        smaller.exports.erase(smaller.exports.begin() + static_cast<std::ptrdiff_t>(i));
      });
  }

  const World& world_;
  std::vector<World> steps_;
};

// A call without handles.
std::optional<Call> find_plain_call(const World& world) {
  for (Call& call : make_script(world).calls)
    if (call.unit == world.root() &&
        !has_handles(world.types, world.interfaces[call.interface].functions[call.function]))
      return std::move(call);
  return std::nullopt;
}

// Two findings are of one fault if they have this in common.
std::string kind_of(const Finding& finding) {
  return finding.found.substr(0, std::min<std::size_t>(20, finding.found.find('`')));
}

}  // namespace

std::optional<Finding> check_world(const World& world, const std::string& folder, const Way* only,
                                   Counts* counts) {
  const Script script = make_script(world);
  for (const Way& way : all_ways()) {
    if (only != nullptr && only != &way) continue;
    if (std::optional<Finding> finding = check_way(world, script, way, folder, counts))
      return finding;
  }
  return std::nullopt;
}

World shrink(World world, Finding& finding, const std::string& folder) {
  const bool is_refused = finding.wanted == "a composition";
  for (bool is_smaller = true; is_smaller;) {
    is_smaller = false;
    for (World& step : Steps(world).make()) {
      std::optional<Finding> found = check_world(step, folder, finding.way);
      if (!found || is_refused != (found->wanted == "a composition")) continue;
      if (is_refused && kind_of(*found) != kind_of(finding)) continue;
      finding = *std::move(found);
      world = std::move(step);
      is_smaller = true;
      break;
    }
  }
  return world;
}

std::string write_case(const World& world, const Finding& finding, const std::string& folder) {
  std::filesystem::create_directories(folder);
  std::string units;
  std::string wires;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit) {
    const std::string name = unit_name(world, unit);
    const std::string file = fmt::format("{}/{}.wat", folder, name);
    std::ofstream(file) << unit_text(world, unit);
    if (unit != world.root()) units += fmt::format(" --with {}={}", name, file);
    for (const Wire& wire : wires_of(world, unit))
      wires += fmt::format(" --wire '{}:{}={}{}{}'", wire.consumer, wire.import, wire.provider,
                           wire.export_name.empty() ? "" : ":", wire.export_name);
  }
  const std::string_view way = finding.way->name;
  const std::string_view form = way == "embedded"    ? " --link-form embedded"
                                : way == "reference" ? " --link-form reference"
                                : way == "isolated"  ? " --isolate"
                                                     : "";
  const std::string root = fmt::format("root={}/root.wat", folder);
  if (way == "composed" || way == "engine")
    return fmt::format("tenon compose {}{}{} -o {}/composed.wasm", root, units, wires, folder);
  if (world.has_open())
    return fmt::format("tenon plan --allow-unresolved {}{}{}", root, units, wires);
  // Any call links the units.
  const std::optional<Call> call = finding.call ? finding.call : find_plain_call(world);
  if (!call)
    return fmt::format("tenon plan{} {}{}{}", form == " --isolate" ? form : "", root, units, wires);
  return fmt::format("tenon call{} {} '{}'{}{}", form, root, call_text(world, *call), units, wires);
}

}  // namespace tenon::differential
