#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "tenon/value_text.h"
#include "value/problems.h"
#include "value/type_graph.h"

namespace tenon {

namespace {

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
    problems.push_back(value::too_many_problem(params.size(), arguments.size(), function.wit("")));
    problems.back().where.file = arguments[params.size()].file;
  }
  if (!problems.empty()) return problems;
  return values;
}

}  // namespace tenon
