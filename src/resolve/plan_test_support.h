// Questions of tests about a plan or a list of problems.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/plan.h"
#include "resolve/unit_text_test_support.h"

namespace tenon::resolve {

inline std::vector<std::string> codes_of(const Diagnostics& diagnostics) {
  std::vector<std::string> codes;
  for (const Diagnostic& diagnostic : diagnostics) codes.emplace_back(diagnostic.code);
  return codes;
}

inline std::string text_of(const Diagnostic& diagnostic) {
  std::string text = "[" + std::string(diagnostic.code) + "] " + diagnostic.message + "\n";
  for (const std::string& line : diagnostic.excerpt.lines) text += "  | " + line + "\n";
  for (const Note& note : diagnostic.notes) {
    text += "  note: " + note.text + "\n";
    for (const std::string& line : note.excerpt.lines) text += "  | " + line + "\n";
  }
  for (const Hint& hint : diagnostic.hints) {
    text += "  hint: " + hint.text;
    text += hint.ways.command.empty() ? "\n" : ": `" + hint.ways.command + "`\n";
    for (const std::string& line : hint.ways.manifest) text += "  | " + line + "\n";
  }
  return text;
}

inline std::string text_of(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += text_of(diagnostic);
  return text;
}

// The plan of units that must link.
inline LinkPlan plan_of(Inputs inputs) {
  Result<LinkPlan> plan = resolve_units(std::move(inputs));
  // An exception ends this test only, which no assertion in a function with a result can.
  if (!plan) throw std::runtime_error(text_of(plan.error()));
  return *std::move(plan);
}

// The problems of units that must not link.
inline Diagnostics problems_of(Inputs inputs) {
  Result<LinkPlan> plan = resolve_units(std::move(inputs));
  if (!plan) return plan.error();
  ADD_FAILURE() << "it links";
  return {};
}

// All texts of the problems. Fails the test if one of them has another code.
inline std::string problem_text(Inputs inputs, std::string_view code) {
  const Diagnostics problems = problems_of(std::move(inputs));
  for (const Diagnostic& problem : problems) EXPECT_EQ(problem.code, code) << text_of(problem);
  return text_of(problems);
}

// "tax acme:tax/lib@1.3.1" for an import that has a provider, otherwise "".
inline std::string provider_of(const LinkPlan& plan, std::string_view consumer,
                               std::string_view import) {
  for (const PlanEdge& edge : plan.shown.edges)
    if (edge.consumer == consumer && edge.import == import)
      return edge.provider + " " + edge.export_name;
  return {};
}

inline const PlanEdge* find_edge(const LinkPlan& plan, std::string_view consumer,
                                 std::string_view import) {
  for (const PlanEdge& edge : plan.shown.edges)
    if (edge.consumer == consumer && edge.import == import) return &edge;
  return nullptr;
}

inline std::vector<std::string> open_names(const LinkPlan& plan) {
  std::vector<std::string> names;
  for (const PlanOpenImport& open : plan.shown.open) names.push_back(open.name);
  return names;
}

inline std::vector<std::string> export_names(const LinkPlan& plan) {
  std::vector<std::string> names;
  for (const PlanExport& exported : plan.shown.exports) names.push_back(exported.name);
  return names;
}

// The argument for an import: "unit NAME", "import NAME" or "types".
inline std::string argument_of(const LinkPlan& plan, std::string_view unit,
                               std::string_view import) {
  for (std::size_t u = 0; u < plan.units.size(); ++u) {
    if (plan.units[u].name != unit) continue;
    for (std::size_t i = 0; i < plan.units[u].type.imports.size(); ++i) {
      if (plan.units[u].type.imports[i].name != import) continue;
      const Argument& argument = plan.arguments[u][i];
      if (const auto* from = std::get_if<FromUnit>(&argument))
        return "unit " + plan.units[from->from.unit].name;
      if (const auto* from = std::get_if<FromImport>(&argument))
        return "import " + plan.imports[from->import].name;
      return "types";
    }
  }
  return {};
}

}  // namespace tenon::resolve
