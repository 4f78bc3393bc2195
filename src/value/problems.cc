#include "value/problems.h"

#include <fmt/core.h>

#include <algorithm>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "value/numbers.h"

namespace tenon::value {

std::string Path::print() const {
  std::string text = "$";
  for (const auto& part : parts_) {
    if (const auto* label = std::get_if<std::string_view>(&part))
      text += fmt::format(".{}", sanitize_text(*label));
    else
      text += fmt::format("[{}]", std::get<std::size_t>(part));
  }
  return text;
}

void Problems::add_once(Diagnostic problem) {
  const auto same = std::ranges::find(kept_, problem.message, &Diagnostic::message);
  if (same == kept_.end()) return add([&] { return std::move(problem); });
  Note& place = same->notes.emplace_back();
  place.text = fmt::format("the same at `{}`", problem.where.item);
}

Diagnostics Problems::take() {
  if (dropped_ > 0 && !kept_.empty()) {
    Note more;
    more.text = fmt::format("and {} more problems", dropped_);
    kept_.back().notes.push_back(std::move(more));
  }
  return std::move(kept_);
}

std::string show_type(const TypeGraph& graph, types::TypeId id) {
  return fmt::format("`{}`", types::print_type(graph.types, graph.names, id));
}

Diagnostic type_problem(const TypeGraph& graph, types::TypeId expected, std::string_view actual) {
  return make_diagnostic(Code::ValueType, "expected {}, found {}", show_type(graph, expected),
                         actual);
}

Diagnostic range_problem(types::Primitive expected, std::string_view actual) {
  Diagnostic problem = make_diagnostic(Code::ValueRange, "{} is out of range for `{}` ({})", actual,
                                       types::print_primitive(expected), range_text(expected));
  problem.hints.push_back(fmt::format("write a number from {}", range_text(expected)));
  return problem;
}

Diagnostic label_problem(const TypeGraph& graph, types::TypeId type, std::string_view what,
                         std::string_view label, const std::vector<std::string>& labels) {
  Diagnostic problem = make_diagnostic(Code::ValueLabel, "{} has no {} `{}`",
                                       show_type(graph, type), what, sanitize_text(label));
  problem.hints.push_back(suggest_name(label, labels, fmt::format("{}s", what)));
  return problem;
}

Diagnostic duplicate_problem(std::string_view what, std::string_view label) {
  Diagnostic problem =
      make_diagnostic(Code::ValueLabel, "duplicate {} `{}`", what, sanitize_text(label));
  problem.hints.emplace_back("remove one of the two");
  return problem;
}

Diagnostic missing_problem(const TypeGraph& graph, types::TypeId type,
                           std::span<const types::Field* const> fields) {
  constexpr std::size_t kListed = 8;
  std::string list;
  for (std::size_t i = 0; i < fields.size() && i < kListed; ++i)
    list += fmt::format("{}`{}: {}`", i == 0 ? "" : ", ", types::print_label(fields[i]->label),
                        types::print_type(graph.types, graph.names, fields[i]->type));
  if (fields.size() > kListed) list += fmt::format(" and {} more", fields.size() - kListed);
  Diagnostic problem = make_diagnostic(Code::ValueType, "{} needs the field{} {}",
                                       show_type(graph, type), fields.size() == 1 ? "" : "s", list);
  problem.hints.emplace_back("only fields of an `option` type can be left out");
  return problem;
}

Diagnostic payload_problem(const TypeGraph& graph, std::string_view label,
                           const std::optional<types::TypeId>& payload) {
  const std::string name = sanitize_text(label);
  if (!payload) {
    Diagnostic problem = make_diagnostic(Code::ValueType, "`{}` has no payload", name);
    problem.hints.push_back(fmt::format("remove the payload of `{}`", name));
    return problem;
  }
  Diagnostic problem = make_diagnostic(Code::ValueType, "`{}` needs a payload of type {}", name,
                                       show_type(graph, *payload));
  problem.hints.push_back(fmt::format("add the payload of `{}`", name));
  return problem;
}

Diagnostic count_problem(const TypeGraph& graph, types::TypeId type, std::size_t expected,
                         std::size_t actual) {
  Diagnostic problem =
      make_diagnostic(Code::ValueType, "expected {} element{} for {}, found {}", expected,
                      expected == 1 ? "" : "s", show_type(graph, type), actual);
  problem.hints.push_back(fmt::format("write exactly {}", expected));
  return problem;
}

Diagnostic argument_count_problem(std::size_t expected, std::size_t actual, std::string_view type) {
  Diagnostic problem =
      make_diagnostic(Code::ValueType, "the function takes {} argument{}, found {}", expected,
                      expected == 1 ? "" : "s", actual);
  problem.hints.push_back(fmt::format("its type is `{}`", type));
  return problem;
}

Diagnostic missing_argument_problem(const TypeGraph& graph, const types::Field& parameter,
                                    std::string_view type) {
  Diagnostic problem = make_diagnostic(Code::ValueType, "the argument `{}: {}` is missing",
                                       types::print_label(parameter.label),
                                       types::print_type(graph.types, graph.names, parameter.type));
  problem.hints.push_back(fmt::format("its type is `{}`", type));
  return problem;
}

Diagnostic no_text_problem(const TypeGraph& graph, types::TypeId type) {
  Diagnostic problem =
      make_diagnostic(Code::ValueType, "{} has no text form", show_type(graph, type));
  problem.hints.emplace_back("call the function from a component in the same domain");
  return problem;
}

Diagnostic handle_problem(const TypeGraph& graph, types::TypeId type, std::string_view written,
                          HandlesKnown known) {
  const auto& kind = graph.types.types[type].kind;
  if (known == HandlesKnown::No && (std::holds_alternative<types::Stream>(kind) ||
                                    std::holds_alternative<types::Future>(kind))) {
    Diagnostic problem = make_diagnostic(
        Code::ValueHandle, "{} cannot be written as text: its items are read while the call runs",
        show_type(graph, type));
    problem.hints.emplace_back(
        "pass a file as the whole argument: `@FILE`, or `@-` for standard input");
    return problem;
  }
  if (known == HandlesKnown::No) {
    Diagnostic problem =
        make_diagnostic(Code::ValueHandle, "{} is a handle, which cannot be written as text here",
                        show_type(graph, type));
    problem.hints.emplace_back("use `tenon shell`, which keeps handles under names such as `$1`");
    return problem;
  }
  Diagnostic problem = make_diagnostic(Code::ValueHandle, "there is no handle {} of type {}",
                                       written, show_type(graph, type));
  problem.hints.emplace_back("write the number that the handle was printed with");
  return problem;
}

}  // namespace tenon::value
