#include "tests/differential/ways.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <variant>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/remote.h"
#include "tests/support/engine_values.h"
#include "value/random_values.h"

namespace tenon::differential {
namespace {

using types::TypeId;
using Bytes = std::vector<std::uint8_t>;

// Replaces the handles in a value.
class Replacement final {
 public:
  using OnHandle = std::function<Value(unsigned resource, const Value& handle)>;

  Replacement(const types::Types& types, OnHandle on_handle)
      : types_(types), on_handle_(std::move(on_handle)) {}

  Value operator()(TypeId id, const Value& value) const {
    if (!has_handles(types_, id)) return value;
    return std::visit([&](const auto& kind) { return replace(kind, value); },
                      types_.types[id].kind);
  }

 private:
  [[nodiscard]] ValuePayload payload(const std::optional<TypeId>& id,
                                     const ValuePayload& held) const {
    return held.get() == nullptr ? ValuePayload() : ValuePayload((*this)(*id, *held.get()));
  }
  [[nodiscard]] Value replace(const types::Own& own, const Value& value) const {
    return on_handle_(own.resource.index, value);
  }
  [[nodiscard]] Value replace(const types::Borrow& borrow, const Value& value) const {
    return on_handle_(borrow.resource.index, value);
  }
  [[nodiscard]] Value replace(const types::List& list, const Value& value) const {
    std::vector<Value> made;
    value.get_if<ValueList>()->for_each(
        [&](const Value& element) { made.push_back((*this)(list.element, element)); });
    return Value::list(std::move(made));
  }
  [[nodiscard]] Value replace(const types::Tuple& tuple, const Value& value) const {
    const std::vector<Value>& old = value.get_if<ValueTuple>()->values;
    std::vector<Value> made;
    for (std::size_t i = 0; i < old.size(); ++i) made.push_back((*this)(tuple.types[i], old[i]));
    return Value::tuple(std::move(made));
  }
  [[nodiscard]] Value replace(const types::Record& record, const Value& value) const {
    std::vector<std::pair<std::string, Value>> made;
    for (const types::Field& field : record.fields)
      made.emplace_back(field.label,
                        (*this)(field.type, *value.get_if<ValueRecord>()->find(field.label)));
    return Value::record(std::move(made));
  }
  [[nodiscard]] Value replace(const types::Variant& variant, const Value& value) const {
    const auto& old = *value.get_if<ValueVariant>();
    const auto one = std::ranges::find(variant.cases, old.label, &types::Case::label);
    return Value::variant(old.label, payload(one->type, old.payload));
  }
  [[nodiscard]] Value replace(const types::Option& option, const Value& value) const {
    return Value::option(payload(option.type, value.get_if<ValueOption>()->payload));
  }
  [[nodiscard]] Value replace(const types::ResultType& result, const Value& value) const {
    const auto& old = *value.get_if<ValueResult>();
    return old.is_ok ? Value::ok(payload(result.ok, old.payload))
                     : Value::err(payload(result.error, old.payload));
  }
  template <class Other>
  Value replace(const Other& /*other*/, const Value& value) const {
    return value;
  }

  const types::Types& types_;
  OnHandle on_handle_;
};

const Function& function_of(const World& world, const Call& call) {
  return world.interfaces[call.interface].functions[call.function];
}

Value smallest_value(const types::Types& types, TypeId id) {
  // Of many random values, the one with the shortest text.
  const auto graph = std::make_shared<const value::TypeGraph>(value::TypeGraph{types, {}});
  value::RandomValues random(1);
  std::optional<Value> best;
  for (int i = 0; i < 30; ++i) {
    Value value = random.make_value(value::make_type(graph, id));
    if (!best || print_wave(value).size() < print_wave(*best).size()) best = std::move(value);
  }
  return *std::move(best);
}

std::string print_answer(const std::optional<Value>& answer) {
  return answer ? print_wave(*answer) : "()";
}

std::string drop_line(unsigned interface, unsigned count) {
  return fmt::format("r{}: {} dropped", interface, count);
}

constexpr std::string_view kTrap = "trap";
constexpr std::string_view kNotCalled = "-";

// Makes the calls of a script in a composition.
class Run final {
 public:
  // patience: how long resources may take to be dropped.
  Run(const World& world, const Script& script, const Composition& composition,
      std::chrono::milliseconds patience = {})
      : world_(world), script_(script), composition_(composition), patience_(patience) {}

  Outcome operator()() {
    Outcome outcome;
    bool has_dropped = false;
    for (const Call& call : script_.calls) {
      if (is_last(call) && !has_dropped) {
        has_dropped = true;
        add_drops(outcome);
      }
      outcome.lines.push_back(make(call));
      if (has_failed_) return outcome;
    }
    if (!has_dropped) add_drops(outcome);
    return outcome;
  }

 private:
  [[nodiscard]] bool is_last(const Call& call) const {
    return function_of(world_, call).fault != Function::Fault::None;
  }

  std::string make(const Call& call) {
    const Function& function = function_of(world_, call);
    const types::Types& types = script_.graph->types;
    const Replacement fill(
        types, [this](unsigned resource, const Value&) { return make_resource(resource); });
    std::vector<Value> arguments;
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
      arguments.push_back(fill(function.type.params[i].type, call.arguments[i]));
    if (has_failed_) return failure_;
    const std::optional<Value> answer = call_function(call.interface, function.name, arguments);
    if (has_failed_) return failure_;
    if (answer.has_value() != function.type.result.has_value()) return "another number of results";
    if (!answer) return print_answer(answer);
    const Replacement number(types, [this](unsigned resource, const Value& handle) {
      return call_resource(resource, fmt::format("[method]r{}.get", resource), {handle});
    });
    const Value numbered = number(*function.type.result, *answer);
    return has_failed_ ? failure_ : print_answer(numbered);
  }

  Value make_resource(unsigned resource) {
    made_[resource]++;
    return call_resource(resource, fmt::format("[constructor]r{}", resource),
                         {Value::u32(++number_)});
  }
  Value call_resource(unsigned resource, const std::string& name,
                      const std::vector<Value>& arguments) {
    std::optional<Value> answer = call_function(resource, name, arguments);
    return answer ? *std::move(answer) : Value::u32(0);
  }

  std::optional<Value> call_function(unsigned interface, const std::string& name,
                                     const std::vector<Value>& arguments) {
    if (has_failed_) return {};
    const Result<tenon::Function> function =
        composition_.find_function(export_name(world_, world_.root(), interface), name);
    if (!function) {
      fail(fmt::format("{}: {}", function.error().front().code, function.error().front().message));
      return {};
    }
    CallResult<std::optional<Value>> result = function->call(arguments);
    if (result) return *std::move(result);
    const CallFailure& failure = result.error();
    // The peer of a remote unit says why its call failed.
    const bool is_trap = failure.kind == CallFailure::Kind::Trap ||
                         failure.message.find("trap") != std::string::npos ||
                         failure.message.find("unreachable") != std::string::npos;
    std::string text =
        fmt::format("failure {}: {}", static_cast<int>(failure.kind), failure.message);
    for (const Diagnostic& problem : failure.problems)
      text += fmt::format("; {}: {}", problem.code, problem.message);
    fail(is_trap && name.starts_with('f') ? std::string(kTrap) : name + ": " + text);
    return {};
  }
  void fail(std::string text) {
    has_failed_ = true;
    failure_ = std::move(text);
  }

  void add_drops(Outcome& outcome) {
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) {
      if (!world_.interfaces[i].has_resource || has_failed_) continue;
      const std::string name = fmt::format("[static]r{}.dropped", i);
      const auto end = std::chrono::steady_clock::now() + patience_;
      std::uint32_t found = 0;
      for (;;) {
        const Value dropped = call_resource(i, name, {});
        found = *dropped.get_if<std::uint32_t>();
        if (found == made_[i] || has_failed_ || std::chrono::steady_clock::now() >= end) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      outcome.lines.push_back(has_failed_ ? failure_ : drop_line(i, found));
    }
  }

  const World& world_;
  const Script& script_;
  const Composition& composition_;
  std::chrono::milliseconds patience_;
  std::map<unsigned, unsigned> made_;
  std::uint32_t number_ = 0;
  bool has_failed_ = false;
  std::string failure_;
};

Outcome obstacle(std::string_view phase, const Diagnostics& problems) {
  std::string text = fmt::format("{}:", phase);
  for (const Diagnostic& problem : problems)
    text += fmt::format(" {}: {};", problem.code, problem.message);
  return {.obstacle = std::move(text)};
}

Result<Bytes> assemble(const World& world, std::size_t unit) {
  return engine::wat_to_wasm(unit_name(world, unit) + ".wat", unit_text(world, unit));
}

// Adds the units from `first` to before `end`, with their wires.
Result<void> add_units(const World& world, CompositionBuilder& builder, std::size_t first,
                       std::size_t end) {
  for (std::size_t unit = first; unit < end; ++unit) {
    Result<Bytes> bytes = assemble(world, unit);
    if (!bytes) return std::move(bytes).error();
    builder.add_component(unit_name(world, unit), *bytes);
    for (Wire& wire : wires_of(world, unit)) builder.wire(std::move(wire));
  }
  return {};
}

// Exports what the root imports, from a composition of the other units.
// package: of the names; empty: those of the exports.
void export_to_root(const World& world, CompositionBuilder& builder,
                    const std::string& package = {}) {
  // The last unit provides to the root all that it exports.
  std::size_t last = world.root() - 1;
  while (world.units[last].kind == Unit::Kind::Decoy) --last;
  builder.set_root(unit_name(world, last));
  for (const unsigned i : imports_of(world, world.root())) {
    const std::size_t provider = provider_of(world, world.root(), i);
    builder.export_item(unit_name(world, provider), export_name(world, provider, i),
                        package.empty() ? package : fmt::format("{}/i{}", package, i));
  }
}

Outcome run_built(const World& world, const Script& script, CompositionBuilder& builder,
                  const BuildOptions& options = {}) {
  const Result<Composition> built = builder.build(options);
  if (!built) return obstacle("build", built.error());
  return Run(world, script, *built)();
}

Outcome run_whole(const World& world, const Script& script,
                  const std::function<void(CompositionBuilder&)>& choose,
                  LinkForm form = LinkForm::Embedded) {
  CompositionBuilder builder;
  if (const Result<void> added = add_units(world, builder, 0, world.units.size()); !added)
    return obstacle("assemble", added.error());
  builder.set_root("root");
  choose(builder);
  return run_built(world, script, builder, {.cache_dir = {}, .link_form = form});
}

Outcome run_embedded(const World& world, const Script& script, const std::string& /*folder*/) {
  return run_whole(world, script, [](CompositionBuilder&) {});
}
Outcome run_by_reference(const World& world, const Script& script, const std::string& /*folder*/) {
  return run_whole(world, script, [](CompositionBuilder&) {}, LinkForm::Reference);
}
Outcome run_isolated(const World& world, const Script& script, const std::string& /*folder*/) {
  return run_whole(world, script, [](CompositionBuilder& builder) { builder.isolate_all(); });
}
Outcome run_partly_isolated(const World& world, const Script& script,
                            const std::string& /*folder*/) {
  return run_whole(world, script, [&](CompositionBuilder& builder) {
    std::mt19937_64 random(world.seed);
    for (std::size_t unit = 0; unit < world.units.size(); ++unit)
      if (random() % 2 == 0) builder.isolate(unit_name(world, unit));
  });
}

// The units behind the root as a composition that is a unit.
Outcome run_nested(const World& world, const Script& script, const std::string& /*folder*/) {
  CompositionBuilder inner;
  if (const Result<void> added = add_units(world, inner, 0, world.root()); !added)
    return obstacle("assemble", added.error());
  const std::string package = "w:nested";
  export_to_root(world, inner, package);
  CompositionBuilder builder;
  builder.add_composition("inner", std::move(inner));
  Result<Bytes> root = assemble(world, world.root());
  if (!root) return obstacle("assemble", root.error());
  builder.add_component("root", *root);
  builder.set_root("root");
  for (const unsigned i : imports_of(world, world.root()))
    builder.wire({.consumer = "root",
                  .import = import_name(world, world.root(), i),
                  .provider = "inner",
                  .export_name = fmt::format("{}/i{}", package, i)});
  return run_built(world, script, builder);
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

// The root here, and all other units behind a socket.
Outcome run_over_socket(const World& world, const Script& script, const std::string& folder) {
  CompositionBuilder far;
  if (const Result<void> added = add_units(world, far, 0, world.root()); !added)
    return obstacle("assemble", added.error());
  export_to_root(world, far);
  Result<Composition> served = far.build();
  if (!served) return obstacle("build the server", served.error());
  const std::string address = "unix:" + folder + "/socket";
  Result<Server> server = served->serve({.listen = {address}});
  if (!server) return obstacle("serve", server.error());
  const Service service(*std::move(served), *std::move(server));

  CompositionBuilder near;
  Result<Bytes> root = assemble(world, world.root());
  if (!root) return obstacle("assemble", root.error());
  near.add_component("root", *root);
  RemoteOptions options;
  for (Wire& wire : wires_of(world, world.root())) {
    options.interfaces.push_back(wire.import);
    if (!wire.export_name.starts_with("label")) continue;
    wire.provider = "far";
    near.wire(std::move(wire));
  }
  near.add_remote("far", address, options);
  near.set_root("root");
  const Result<Composition> built = near.build();
  if (!built) return obstacle("build", built.error());
  return Run(world, script, *built, std::chrono::seconds(2))();
}

Result<Bytes> compose(const World& world) {
  CompositionBuilder builder;
  if (Result<void> added = add_units(world, builder, 0, world.units.size()); !added)
    return std::move(added).error();
  builder.set_root("root");
  return builder.compose();
}

Outcome run_component(const World& world, const Script& script,
                      std::span<const std::uint8_t> component) {
  CompositionBuilder builder;
  builder.add_component("composed", component);
  return run_built(world, script, builder);
}

Outcome run_composed(const World& world, const Script& script, const std::string& /*folder*/) {
  const Result<Bytes> composed = compose(world);
  return composed ? run_component(world, script, *composed) : obstacle("compose", composed.error());
}

Outcome run_by_engine(const World& world, const Script& script, const std::string& /*folder*/) {
  if (world.has_async()) return {.obstacle = "cannot: async"};
  const Result<Bytes> composed = compose(world);
  if (!composed) return obstacle("compose", composed.error());
  EngineCaller engine;
  EngineInstance instance = engine.start(*composed);
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
    const std::optional<Value> answer =
        instance.call(export_name(world, world.root(), call->interface), function.name,
                      call->arguments, params, function.type.result.has_value());
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
    for (const Wire& wire : wires_of(world, unit))
      text += fmt::format(" \"{}\": {}[\"{}\"],", wire.import, wire.provider, wire.export_name);
    text += " };\n";
  }
  std::ofstream(folder + "/world.wac") << text << "export root...;\n";
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
  return run_built(world, script, builder);
}

Outcome run_by_wac(const World& world, const Script& script, const std::string& folder) {
  const char* const wac = std::getenv("WAC");
  if (wac == nullptr) return {.obstacle = "cannot: no wac"};
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

constexpr Way kWays[] = {
    {"embedded", run_embedded}, {"reference", run_by_reference},
    {"isolated", run_isolated}, {"partly-isolated", run_partly_isolated},
    {"nested", run_nested},     {"socket", run_over_socket},
    {"composed", run_composed}, {"engine", run_by_engine},
    {"wac-file", run_wac_file}, {"wac", run_by_wac},
};

}  // namespace

std::span<const Way> all_ways() { return kWays; }

Script make_script(const World& world) {
  Script script{.graph =
                    std::make_shared<const value::TypeGraph>(value::TypeGraph{world.types, {}})};
  value::RandomValues random(world.seed + 1);
  const types::Types& types = script.graph->types;
  std::uint32_t number = 0;
  std::map<unsigned, unsigned> made;
  const auto add = [&](unsigned interface, std::size_t position) {
    const Function& function = world.interfaces[interface].functions[position];
    Call call{.interface = interface, .function = position};
    std::vector<Value> answers;
    const Replacement fill(types, [&](unsigned resource, const Value&) {
      made[resource]++;
      return Value::u32(++number);
    });
    for (const types::Field& param : function.type.params) {
      call.arguments.push_back(world.smallest_values
                                   ? smallest_value(types, param.type)
                                   : random.make_value(value::make_type(script.graph, param.type)));
      answers.push_back(fill(param.type, call.arguments.back()));
    }
    std::optional<Value> answer;
    if (function.type.result) {
      const bool is_one = answers.size() == 1 || function.answer == Function::Answer::Last;
      answer = is_one ? answers.back() : Value::tuple(std::move(answers));
    }
    script.calls.push_back(std::move(call));
    script.answers.push_back(function.fault == Function::Fault::None ? print_answer(answer)
                                                                     : std::string(kTrap));
  };
  const auto for_all = [&](bool has_fault, const auto& act) {
    for (unsigned i = 0; i < world.interfaces.size(); ++i)
      for (std::size_t j = 0; j < world.interfaces[i].functions.size(); ++j) {
        const Function& function = world.interfaces[i].functions[j];
        if (function.role == Function::Role::Echo &&
            (function.fault != Function::Fault::None) == has_fault)
          act(i, j);
      }
  };
  for_all(false, [&](unsigned interface, std::size_t function) {
    for (unsigned i = 0; i < world.calls; ++i) add(interface, function);
  });
  for (unsigned i = 0; i < world.interfaces.size(); ++i)
    if (world.interfaces[i].has_resource) script.answers.push_back(drop_line(i, made[i]));
  bool has_trapped = false;
  for_all(true, [&](unsigned interface, std::size_t function) {
    if (!std::exchange(has_trapped, true)) add(interface, function);
  });
  return script;
}

std::string call_text(const World& world, const Call& call) {
  std::string text;
  for (const Value& argument : call.arguments)
    text += (text.empty() ? "" : ", ") + print_wave(argument);
  return fmt::format("{}.{}({})", export_name(world, world.root(), call.interface),
                     function_of(world, call).name, text);
}

}  // namespace tenon::differential
