#include "cli/swaps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/control_socket.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

// The static text of a code that another process wrote.
std::string_view find_code(const std::string& text) {
  const std::vector<std::string_view> codes = all_diagnostic_codes();
  const auto code = std::ranges::find(codes, text);
  return code == codes.end() ? "run-swap" : *code;
}

Diagnostic read_problem(const JsonValue& object) {
  Diagnostic problem;
  problem.code = find_code(get_text(object, "code"));
  problem.message = get_text(object, "message");
  problem.where.file = get_text(object, "file");
  problem.where.unit = get_text(object, "unit");
  problem.excerpt.lines = get_texts(object, "excerpt");
  if (const auto notes = object.find("notes"); notes != object.end())
    for (const JsonValue& note : *notes)
      problem.notes.push_back({note.is_string() ? note.get<std::string>() : get_text(note, "text"),
                               {get_texts(note, "excerpt")},
                               {}});
  for (std::string& hint : get_texts(object, "hints")) problem.hints.emplace_back(std::move(hint));
  return problem;
}

JsonValue make_losses_json(const SwapLosses& losses) {
  JsonValue handles = JsonValue::array();
  for (const SwapLosses::Handles& lost : losses.handles)
    handles.push_back({{"type", lost.type}, {"holder", lost.holder}, {"count", lost.count}});
  return {{"units", losses.units},
          {"handed_over", losses.handed_over},
          {"handles", std::move(handles)}};
}

// Empty if they are not as expected.
std::vector<SwapUnit> read_units(const JsonValue& request) {
  std::vector<SwapUnit> units;
  const auto list = request.find("units");
  if (list == request.end() || !list->is_array()) return units;
  const auto has_text = [](const JsonValue& unit, const char* key) {
    return unit.is_object() && unit.contains(key) && unit[key].is_string();
  };
  for (const JsonValue& unit : *list) {
    if (!has_text(unit, "name") || !has_text(unit, "path")) return {};
    units.push_back({.name = get_text(unit, "name"), .path = get_text(unit, "path")});
  }
  return units;
}

}  // namespace

std::string quote_names(const std::vector<std::string>& names) {
  return sanitize_text(fmt::format("`{}`", fmt::join(names, "`, `")));
}

std::string render_losses(const SwapLosses& losses) {
  std::string text;
  if (!losses.units.empty())
    text += fmt::format("loses its state: {}\n", quote_names(losses.units));
  if (!losses.handed_over.empty())
    text += fmt::format("hands its state over: {}\n", quote_names(losses.handed_over));
  for (const SwapLosses::Handles& lost : losses.handles)
    text += fmt::format("loses handles: {} of `{}`, held by {}\n", lost.count,
                        sanitize_text(lost.type), sanitize_text(lost.holder));
  return text;
}

JsonValue make_swap_json(const SwapRequest& request) {
  JsonValue units = JsonValue::array();
  for (const SwapUnit& unit : request.units)
    units.push_back({{"name", unit.name}, {"path", unit.path}});
  return {{"request", "swap"},
          {"units", std::move(units)},
          {"lose_handles", request.options.handles == SwapHandles::MakeStale},
          {"whole_domains", request.options.whole_domains},
          {"trial", request.options.is_trial}};
}

JsonValue swap_as_asked(Composition& composition, const JsonValue& request) {
  const auto is_set = [&](const char* key) { return request.value(key, JsonValue()) == true; };
  for (const char* const key : {"lose_handles", "whole_domains", "trial"})
    if (request.contains(key) && !request[key].is_boolean())
      return {{"error", fmt::format("expected `{}`: true or false", key)}};
  const std::vector<SwapUnit> units = read_units(request);
  if (units.empty()) return {{"error", "expected `units`: a list of {name, path}, both strings"}};
  SwapLosses losses;
  const SwapOptions options{
      .handles = is_set("lose_handles") ? SwapHandles::MakeStale : SwapHandles::Refuse,
      .whole_domains = is_set("whole_domains"),
      .is_trial = is_set("trial"),
      .on_losses = [&](const SwapLosses& lost) { losses = lost; }};
  const Result<void> swapped = composition.swap(units, options);
  if (swapped) return {{"lost", make_losses_json(losses)}};
  // The problems are printed by `tenon swap`.
  const HintReader reader{.command = "tenon swap",
                          .flags = {"--lose-handles", "--whole-domains"},
                          .more_components = {},
                          .has_manifest = false};
  JsonValue problems = JsonValue::array();
  for (const Diagnostic& problem : swapped.error())
    problems.push_back(make_diagnostic_json(problem, reader));
  return {{"problems", std::move(problems)}};
}

std::string render_swapped(const JsonValue& request, const JsonValue& answer) {
  if (!answer.contains("lost") || request.value("trial", JsonValue()) == true) return {};
  std::vector<std::string> names;
  for (const SwapUnit& unit : read_units(request)) names.push_back(unit.name);
  return fmt::format("swapped {}\n", quote_names(names));
}

Result<SwapLosses> read_swap_answer(const JsonValue& answer) {
  if (const auto problems = answer.find("problems"); problems != answer.end()) {
    Diagnostics read;
    for (const JsonValue& problem : *problems) read.push_back(read_problem(problem));
    if (!read.empty()) return read;
  }
  SwapLosses losses;
  const JsonValue lost = answer.value("lost", JsonValue::object());
  losses.units = get_texts(lost, "units");
  losses.handed_over = get_texts(lost, "handed_over");
  if (const auto handles = lost.find("handles"); handles != lost.end())
    for (const JsonValue& handle : *handles)
      losses.handles.push_back({get_text(handle, "type"), get_text(handle, "holder"),
                                std::strtoull(get_text(handle, "count").c_str(), nullptr, 10)});
  return losses;
}

}  // namespace tenon::cli
