// Calls as text: which function a text names, and the values of its arguments.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "support/diagnostics.h"
#include "tenon/value.h"
#include "types/interface_name.h"
#include "value/problems.h"
#include "value/text_reader.h"
#include "value/type_graph.h"
#include "value/wave_syntax.h"

namespace tenon {

namespace {

Diagnostic make_call_problem(std::string_view text, std::size_t begin, std::size_t end,
                             std::string message, const ValueTextOptions& options) {
  Diagnostic problem = make_diagnostic(Code::ValueSyntax, "{}", std::move(message));
  problem.where.file = options.file;
  show_place(problem, text, begin, end);
  problem.hints.emplace_back(
      "write a call as `name(1, 2)`, `lib.name()`, `acme:tax/lib@1.2.0.name()` or "
      "`[account.close]($1)`");
  return problem;
}

// The names that a call can mean: `total` and `[method]account.close` are names of exports, which
// mean themselves. `[account]` is a constructor, `[account.close]` a method or a static function.
// Empty for other texts.
std::vector<std::string> find_function_names(std::string_view text) {
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

// Splits the name of a call into interface and function:
//
//   total
//   acme:tax/lib@1.2.0.total
//   acme:tax/lib.total@1.2.0      the version is the interface's
//   acme:tax/lib@1.2.0#total      as in error messages and backtraces
//   acme:bank/bank@1.0.0.[account.close]
//   example:%interface/lib.%list  as WIT spells keywords
bool split_call_name(std::string_view written, WaveCall& call) {
  const std::string plain = types::strip_escapes(written);
  const std::string_view name = plain;
  call.functions = find_function_names(name);
  if (!call.functions.empty()) return true;
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
    // The last point, but a point inside of brackets belongs to the function.
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
  call.functions = find_function_names(function);
  return !call.functions.empty();
}

Result<Value> parse_argument(const ArgumentText& argument, const TypeField& parameter,
                             const ValueTextOptions& options) {
  const ValueTextOptions here{argument.file, options.find_handle};
  if (argument.form == ArgumentText::Form::Json)
    return parse_json(argument.text, parameter.type, here);
  Result<Value> value = parse_wave(argument.text, parameter.type, here);
  if (value) return value;
  Diagnostics problems = std::move(value).error();
  for (Diagnostic& problem : problems) problem.where.item = parameter.label;
  return problems;
}

}  // namespace

Result<WaveCall> parse_wave_call(std::string_view text, const ValueTextOptions& options) {
  WaveCall call;
  call.text = text;
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  call.arguments_begin = std::min(text.find('('), text.size());
  const std::size_t last = text.substr(0, call.arguments_begin).find_last_not_of(" \t\r\n");
  call.name_end = last == text.npos || last < begin ? begin : last + 1;
  if (call.arguments_begin == text.size())
    return make_call_problem(text, text.size(), text.size(),
                             "expected `(` after the name of a function", options);
  const std::string_view name = text.substr(begin, call.name_end - begin);
  if (!split_call_name(name, call))
    return make_call_problem(text, begin, call.name_end,
                             fmt::format("{} does not name a function", quote_text(name)), options);
  return call;
}

Result<std::vector<Value>> parse_wave_arguments(const WaveCall& call, const FunctionType& function,
                                                const ValueTextOptions& options) {
  const Result<value::TextTree> tree =
      value::parse_wave_arguments_tree(call.text, call.arguments_begin, options.file);
  if (!tree) return tree.error();
  const value::TypeGraphPtr& graph = value::graph_of(function);
  const std::vector<types::Field>& params = graph->types.functions[value::id_of(function)].params;
  value::TextReader reader(graph, value::wave_syntax(), *tree, options);
  std::vector<Value> values;
  std::uint32_t node = 1;
  const std::uint32_t count = tree->nodes[0].parts;
  for (std::uint32_t i = 0; i < count && i < params.size(); ++i, node = tree->nodes[node].next) {
    reader.set_parameter(params[i].label);
    if (auto value = reader.read(params[i].type, node)) values.push_back(*std::move(value));
  }
  reader.set_parameter("");
  if (count > params.size())
    reader.add_problem(node, [&] {
      return value::argument_count_problem(params.size(), count, function.wit(""));
    });
  for (std::size_t i = count; i < params.size(); ++i) {
    if (std::holds_alternative<types::Option>(graph->types.types[params[i].type].kind)) {
      values.push_back(Value::none());
      continue;
    }
    reader.add_problem(
        0, [&] { return value::missing_argument_problem(*graph, params[i], function.wit("")); });
  }
  if (!reader.problems().empty()) return reader.problems().take();
  return values;
}

Result<std::vector<Value>> parse_arguments(std::span<const ArgumentText> arguments,
                                           const FunctionType& function,
                                           const ValueTextOptions& options) {
  const value::TypeGraphPtr& graph = value::graph_of(function);
  const std::vector<types::Field>& fields = graph->types.functions[value::id_of(function)].params;
  const std::vector<TypeField> params = function.params();
  std::vector<Value> values;
  Diagnostics problems;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (i >= arguments.size()) {
      if (params[i].type.kind() == TypeKind::Option)
        values.push_back(Value::none());
      else
        problems.push_back(value::missing_argument_problem(*graph, fields[i], function.wit("")));
      continue;
    }
    Result<Value> value = parse_argument(arguments[i], params[i], options);
    if (value)
      values.push_back(*std::move(value));
    else
      std::ranges::move(value.error(), std::back_inserter(problems));
  }
  if (arguments.size() > params.size()) {
    problems.push_back(
        value::argument_count_problem(params.size(), arguments.size(), function.wit("")));
    problems.back().where.file = arguments[params.size()].file;
  }
  if (!problems.empty()) return problems;
  return values;
}

std::string print_call_name(std::string_view interface, std::string_view function) {
  std::string name(function);
  const Result<types::ItemName> parsed = types::parse_item_name(function);
  if (parsed && parsed->kind == types::NameKind::Constructor)
    name = fmt::format("[{}]", parsed->resource);
  else if (parsed && parsed->is_resource_function())
    name = fmt::format("[{}.{}]", parsed->resource, parsed->function);
  return interface.empty() ? name : fmt::format("{}.{}", interface, name);
}

}  // namespace tenon
