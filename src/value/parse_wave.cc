#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "support/diagnostics.h"
#include "tenon/value_text.h"
#include "types/interface_name.h"
#include "value/wave_reader.h"
#include "value/wave_tree.h"

namespace tenon {

namespace {

using namespace tenon::value;

Diagnostics with_file(Diagnostics problems, const ValueTextOptions& options) {
  for (Diagnostic& problem : problems) problem.where.file = options.file;
  return problems;
}

Diagnostics call_problem(std::string_view text, std::size_t begin, std::size_t end,
                         std::string message, const ValueTextOptions& options) {
  Diagnostic problem = make_diagnostic(Code::ValueSyntax, "{}", std::move(message));
  show_place(problem, text, begin, end);
  problem.hints.emplace_back(
      "write a call as `name(1, 2)`, `lib.name()`, `acme:tax/lib@1.2.0.name()` or "
      "`[account.close]($1)`");
  return with_file({std::move(problem)}, options);
}

// The function's part of a call: `total`, `[account.close]`, `[account]`, and as binaries write
// them `[method]account.close`.
std::vector<std::string> function_names(std::string_view text) {
  const Result<types::ItemName> name = types::parse_item_name(text);
  if (name && (name->kind == types::NameKind::Label || name->is_resource_function()))
    return {std::string(text)};
  if (!text.starts_with('[') || !text.ends_with(']')) return {};
  const std::string_view member = text.substr(1, text.size() - 2);
  const std::size_t point = member.find('.');
  const std::string_view resource = member.substr(0, point);
  if (!types::is_label(resource)) return {};
  if (point == member.npos) return {fmt::format("[constructor]{}", resource)};
  if (!types::is_label(member.substr(point + 1))) return {};
  return {fmt::format("[method]{}", member), fmt::format("[static]{}", member)};
}

// Takes a call's name apart: `function`, `interface.function`, with the version behind either, and
// `interface#function` as failures and backtraces have it.
bool split_call_name(std::string_view name, WaveCall& call) {
  call.functions = function_names(name);
  if (!call.functions.empty()) return true;
  // `ns:pkg/iface.func@1.2.0`: the version is the interface's.
  std::string interface;
  std::string function;
  const std::size_t hash = name.find('#');
  const std::size_t at = name.find('@');
  const std::size_t slash = name.find('/');
  const std::size_t point = name.find('.', slash == name.npos ? 0 : slash);
  if (hash != name.npos) {
    interface = name.substr(0, hash);
    function = name.substr(hash + 1);
  } else if (point != name.npos && at != name.npos && point < at) {
    interface = fmt::format("{}{}", name.substr(0, point), name.substr(at));
    function = name.substr(point + 1, at - point - 1);
  } else {
    // A member of a resource has a point of its own.
    const std::size_t bracket = name.rfind('[');
    const std::size_t end = bracket == name.npos || bracket == 0 ? name.rfind('.') : bracket - 1;
    if (end == name.npos || end >= name.size() || name[end] != '.') return false;
    interface = name.substr(0, end);
    function = name.substr(end + 1);
  }
  const Result<types::ItemName> parsed = types::parse_item_name(interface);
  if (!parsed ||
      (parsed->kind != types::NameKind::Label && parsed->kind != types::NameKind::Interface))
    return false;
  call.interface = std::move(interface);
  call.functions = function_names(function);
  return !call.functions.empty();
}

}  // namespace

Result<Value> parse_wave(std::string_view text, const Type& type, const ValueTextOptions& options) {
  const Result<WaveTree> tree = read_wave_tree(text);
  if (!tree) return with_file(tree.error(), options);
  WaveReader reader(graph_of(type), text, *tree, options);
  std::optional<Value> value = reader.read(id_of(type), 0);
  if (!value) return with_file(reader.problems().take(), options);
  return *std::move(value);
}

Result<WaveCall> parse_wave_call(std::string_view text, const ValueTextOptions& options) {
  WaveCall call;
  call.text = text;
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  call.arguments_begin = std::min(text.find('('), text.size());
  const std::size_t last = text.substr(0, call.arguments_begin).find_last_not_of(" \t\r\n");
  call.name_end = last == text.npos || last < begin ? begin : last + 1;
  if (call.arguments_begin == text.size())
    return call_problem(text, text.size(), text.size(), "a call has no `(`", options);
  const std::string_view name = text.substr(begin, call.name_end - begin);
  if (!split_call_name(name, call))
    return call_problem(text, begin, call.name_end,
                        fmt::format("{} does not name a function", quote_text(name)), options);
  return call;
}

Result<std::vector<Value>> parse_wave_arguments(const WaveCall& call, const FunctionType& function,
                                                const ValueTextOptions& options) {
  const Result<WaveTree> tree = read_wave_arguments(call.text, call.arguments_begin);
  if (!tree) return with_file(tree.error(), options);
  const TypeGraphPtr& graph = graph_of(function);
  const std::vector<types::Field>& params = graph->types.functions[id_of(function)].params;
  WaveReader reader(graph, call.text, *tree, options);
  std::vector<Value> values;
  std::uint32_t node = 1;
  const std::uint32_t found = (*tree)[0].parts;
  for (std::uint32_t i = 0; i < found && i < params.size(); ++i, node = (*tree)[node].next) {
    reader.set_item(params[i].label);
    if (auto value = reader.read(params[i].type, node)) values.push_back(*std::move(value));
  }
  reader.set_item("");
  if (found > params.size())
    reader.add_problem(node,
                       [&] { return too_many_problem(params.size(), found, function.wit("")); });
  for (std::size_t i = found; i < params.size(); ++i) {
    if (std::holds_alternative<types::Option>(graph->types.types[params[i].type].kind)) {
      values.push_back(Value::none());
      continue;
    }
    reader.add_problem(
        0, [&] { return missing_argument_problem(*graph, params[i], function.wit("")); });
  }
  if (!reader.problems().empty()) return with_file(reader.problems().take(), options);
  return values;
}

}  // namespace tenon
