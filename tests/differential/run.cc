#include "tests/differential/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/stream.h"

namespace tenon::differential {
namespace {

using types::TypeId;

constexpr std::chrono::seconds kLimit(10);  // for one call or read

// A stream of the program, with the streams that are in each of its items.
struct Written;
struct WrittenItem {
  Value value;
  std::vector<Written> inner;
};
struct Written {
  ValueStreamWriter writer;
  std::vector<WrittenItem> items;
};

// One after the other, as they are read.
Task<void> write_in_order(std::vector<Written> streams) {
  for (Written& stream : streams) {
    for (WrittenItem& item : stream.items) {
      const CallResult<bool> is_read = co_await stream.writer.write(std::move(item.value));
      if (!is_read || !*is_read) co_return;
      co_await write_in_order(std::move(item.inner));
    }
    stream.writer.close();
  }
}

// The unit that a failure is of, or those of which it is one.
std::vector<std::string> named_units(const CallFailure& failure) {
  // A remote unit tells in its message what failed there.
  std::string text = failure.kind == CallFailure::Kind::Remote
                         ? failure.message
                         : fmt::format("`{}` trapped: {}", failure.unit, failure.message);
  constexpr std::string_view kSeveral = " one of ";
  std::vector<std::string> units;
  for (std::size_t several; (several = text.find(kSeveral)) != std::string::npos;) {
    text.erase(0, several + kSeveral.size());
    while (text.starts_with('`')) {
      units.push_back(text.substr(1, text.find('`', 1) - 1));
      text.erase(0, units.back().size() + 2);
      if (text.starts_with(", `")) text.erase(0, 2);
    }
  }
  if (!units.empty()) return units;
  if (const std::size_t end = text.find("` trapped"); end != std::string::npos) {
    const std::size_t begin = text.rfind('`', end - 1) + 1;
    units.push_back(text.substr(begin, end - begin));
  }
  return units;
}

class Run final {
 public:
  Run(const World& world, const Script& script, const Composition& composition,
      HasSecondUnit has_second, std::chrono::milliseconds patience)
      : world_(world),
        script_(script),
        composition_(composition),
        has_second_(has_second),
        patience_(patience) {}

  Outcome operator()() {
    Outcome outcome;
    bool has_dropped = false;
    for (const Call& call : script_.calls) {
      if (is_trapping(world_, call) && !has_dropped) {
        has_dropped = true;
        add_drops(outcome);
      }
      if (call.unit != world_.root() && has_second_ == HasSecondUnit::No) {
        outcome.lines.emplace_back(kNotCalled);
        has_skipped_ = true;
        continue;
      }
      outcome.lines.push_back(call.drops_result ? drop(call) : make(call));
      outcome.blamed = blamed_;
      if (has_failed_) return outcome;
    }
    if (!has_dropped) add_drops(outcome);
    return outcome;
  }

 private:
  // The next caller of its domain is told, and so is the program if it dropped the resource itself.
  std::string drop(const Call& call) {
    const unsigned resource = function_of(world_, call).resource;
    call_resource(Function::Role::Make, resource, call.arguments);
    if (has_failed_) return failure_;
    const std::optional<CallFailure> failure = composition_.take_drop_failure();
    const bool is_near = patience_ == patience_.zero();
    if (failure.has_value() != is_near)
      return failure ? "told of " + failure->message : "not told that a destructor trapped";
    is_dropping_ = true;
    const auto end = std::chrono::steady_clock::now() + patience_;
    do {
      call_resource(Function::Role::Dropped, resource, {});
    } while (!has_failed_ && std::chrono::steady_clock::now() < end);
    return has_failed_ ? failure_ : "a call is answered after the trap of a destructor";
  }

  std::string make(const Call& call) {
    const Function& function = function_of(world_, call);
    const types::Types& types = script_.graph->types;
    const std::vector<Value> arguments = make_arguments(call);
    if (has_failed_) return failure_;
    const std::optional<Value> answer = call_function(exported_function(world_, call), arguments);
    if (has_failed_) return failure_;
    if (answer.has_value() != function.type.result.has_value()) return "another number of results";
    if (!answer) return print_answer(answer);
    const Replacement number(
        types,
        [this](unsigned resource, const Value& handle) { return ask_number(resource, handle); },
        [&](TypeId id, const Value& stream) { return read_all(id, stream, number); });
    const Value numbered = number(*function.type.result, *answer);
    return has_failed_ ? failure_ : print_answer(numbered);
  }

  // With new resources, and with streams that the program writes to.
  std::vector<Value> make_arguments(const Call& call) {
    const Function& function = function_of(world_, call);
    const types::Types& types = script_.graph->types;
    const Result<tenon::Function> callee = find(exported_function(world_, call));
    if (!callee) return {};
    std::map<TypeId, Type> streams;
    std::vector<Written> written;
    const Replacement fill(
        types, [this](unsigned resource, const Value&) { return make_resource(resource); },
        [&](TypeId id, const Value& items) {
          auto [writer, end] = ValueStreamWriter::make(streams.at(id));
          Written stream{std::move(writer), {}};
          for (const Value& item : items_of(items)) {
            std::vector<Written> outer = std::exchange(written, {});
            Value filled = fill.replace_item(id, item);
            stream.items.push_back({std::move(filled), std::exchange(written, std::move(outer))});
          }
          written.push_back(std::move(stream));
          return end;
        });
    std::vector<Value> arguments;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      const TypeId param = function.type.params[i].type;
      find_streams(types, param, callee->type().params()[i].type, streams);
      arguments.push_back(fill(param, call.arguments[i]));
    }
    write_in_order(std::move(written)).then([] {});
    return arguments;
  }

  // The types of the streams in a type of the world: in a composition, their resources are others.
  static void find_streams(const types::Types& types, TypeId id, const Type& type,
                           std::map<TypeId, Type>& streams) {
    if (!has_streams(types, id)) return;
    if (is_stream(types, id)) streams.emplace(id, type);
    const value::TypeGraphPtr graph = value::graph_of(type);
    const auto parts = types::parts_of(types.types[id]);
    const auto same_parts = types::parts_of(graph->types.types[value::id_of(type)]);
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i])
        find_streams(types, *parts[i], value::make_type(graph, *same_parts[i]), streams);
  }

  // Of a stream or future in a script.
  static std::vector<Value> items_of(const Value& content) {
    std::vector<Value> items;
    if (const auto* const tuple = content.get_if<ValueTuple>()) {
      items = tuple->values;
      if (items.empty()) items.push_back(Value::tuple({}));
    } else {
      content.get_if<ValueList>()->for_each([&](const Value& item) { items.push_back(item); });
    }
    return items;
  }

  // As a script has it. Streams in items are read before the next item.
  Value read_all(TypeId id, const Value& end, const Replacement& number) {
    const std::optional<TypeId> item = types::parts_of(script_.graph->types.types[id]).front();
    const std::size_t most = item && has_streams(script_.graph->types, *item) ? 1 : 3;
    std::vector<Value> items;
    Result<ValueStream> stream = ValueStream::open(end);
    if (!stream) fail("open: " + stream.error().front().message);
    while (!has_failed_) {
      const auto read = stream->read(most).wait(kLimit);
      if (!read || !*read) {
        fail("read: " + (read ? read->error().message : std::string("nothing")));
      } else if ((*read)->empty()) {
        break;
      } else {
        for (const Value& each : **read) items.push_back(number.replace_item(id, each));
        if (stream->is_future()) break;
      }
    }
    if (!is_future(script_.graph->types, id)) return Value::list(std::move(items));
    if (!item) items.clear();
    return Value::tuple(std::move(items));
  }

  Value make_resource(unsigned resource) {
    if (world_.is_of_wasi(resource)) {
      const Found make = *find_function(world_, Function::Role::Make, resource);
      return call_resource(
          Function::Role::Make, resource,
          world_.interfaces[make.interface].functions[make.function].known_arguments);
    }
    made_[resource]++;
    return call_resource(Function::Role::Make, resource, {Value::u32(++number_)});
  }
  // All that is known of a resource of WASI is that it can be asked.
  Value ask_number(unsigned resource, const Value& handle) {
    Value number = find_function(world_, Function::Role::Get, resource)
                       ? call_resource(Function::Role::Get, resource, {handle})
                       : Value::u32(kWasiNumber);
    return world_.is_of_wasi(resource) ? Value::u32(kWasiNumber) : std::move(number);
  }
  Value call_resource(Function::Role role, unsigned resource, const std::vector<Value>& arguments) {
    const Found found = *find_function(world_, role, resource);
    std::optional<Value> answer =
        call_function({export_name(world_, world_.root(), found.interface),
                       world_.interfaces[found.interface].functions[found.function].name},
                      arguments);
    return answer ? *std::move(answer) : Value::u32(0);
  }

  std::optional<Value> call_function(const ExportedFunction& callee,
                                     const std::vector<Value>& arguments) {
    if (has_failed_) return {};
    const std::string& name = callee.name;
    const Result<tenon::Function> function = find(callee);
    if (!function) return {};
    const std::optional<CallResult<std::optional<Value>>> result =
        function->start(arguments).wait(kLimit);
    if (!result) {
      fail(name + " does not end");
      return {};
    }
    if (*result) return **result;
    const CallFailure& failure = result->error();
    // The peer of a remote unit says why its call failed.
    const bool is_trap = failure.kind == CallFailure::Kind::Trap ||
                         failure.kind == CallFailure::Kind::OpenImport ||
                         failure.message.find("trap") != std::string::npos ||
                         failure.message.find("unreachable") != std::string::npos;
    std::string text =
        fmt::format("failure {}: {}", static_cast<int>(failure.kind), failure.message);
    for (const Diagnostic& problem : failure.problems)
      text += fmt::format("; {}: {}", problem.code, problem.message);
    blamed_ = named_units(failure);
    fail(fmt::format("{}: {}", is_trap && (is_dropping_ || !name.starts_with('[')) ? kTrap : name,
                     text));
    return {};
  }
  Result<tenon::Function> find(const ExportedFunction& callee) {
    Result<tenon::Function> function = composition_.find_function(callee.interface, callee.name);
    if (!function)
      fail(fmt::format("{}: {}", function.error().front().code, function.error().front().message));
    return function;
  }
  void fail(std::string text) {
    has_failed_ = true;
    failure_ = std::move(text);
  }

  void add_drops(Outcome& outcome) {
    for (const unsigned resource : made_resources(world_)) {
      if (has_failed_) continue;
      const auto end = std::chrono::steady_clock::now() + patience_;
      std::uint32_t found = 0;
      for (;;) {
        const Value dropped = call_resource(Function::Role::Dropped, resource, {});
        found = *dropped.get_if<std::uint32_t>();
        if (found == made_[resource] || has_failed_ || std::chrono::steady_clock::now() >= end)
          break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      // A call that is not made makes no resources.
      const bool is_all = has_skipped_ && found == made_[resource];
      outcome.lines.push_back(has_failed_ ? failure_
                              : is_all    ? std::string(kNotCalled)
                                          : drop_line(resource, found));
    }
  }

  const World& world_;
  const Script& script_;
  const Composition& composition_;
  HasSecondUnit has_second_;
  std::chrono::milliseconds patience_;
  std::map<unsigned, unsigned> made_;
  std::uint32_t number_ = 0;
  bool has_skipped_ = false;
  bool has_failed_ = false;
  bool is_dropping_ = false;
  std::string failure_;
  std::vector<std::string> blamed_;
};

}  // namespace

Outcome run_script(const World& world, const Script& script, const Composition& composition,
                   HasSecondUnit has_second, std::chrono::milliseconds patience) {
  return Run(world, script, composition, has_second, patience)();
}

}  // namespace tenon::differential
