#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "capi/error.h"

namespace tenon::capi {

namespace {

// Functions of CompositionBuilder that the C API has under the same name.
constexpr std::string_view kBuilder[] = {"add_component",
                                         "add_package",
                                         "add_host_bundle",
                                         "add_remote",
                                         "allow_interrupt",
                                         "allow_unresolved",
                                         "export_all",
                                         "export_item",
                                         "expose",
                                         "forbid_native",
                                         "hide",
                                         "isolate",
                                         "isolate_all",
                                         "place",
                                         "read_manifest",
                                         "require_pins",
                                         "restart",
                                         "set_host_config",
                                         "set_process_program",
                                         "set_root",
                                         "trust",
                                         "trust_path",
                                         "wire"};

// Members of classes, and what the C API has instead. Empty: the member of the same name.
constexpr std::pair<std::string_view, std::string_view> kClasses[] = {
    {"Wire", ""},
    {"UnitOptions", ""},
    {"Limits", "tenon_builder_set_limit"},
    {"SwapHandles", "tenon_swap_options.make_stale"},
    {"ServeOptions", "tenon_composition_serve"}};
constexpr std::pair<std::string_view, std::string_view> kMembers[] = {
    {"Wire", "tenon_wire"}, {"UnitOptions", "tenon_unit_options"}};
constexpr std::pair<std::string_view, std::string_view> kFunctions[] = {
    {"Composition::call", "tenon_composition_call"},
    {"CompositionBuilder::build", "tenon_builder_build"},
    {"run_bundle_process", "tenon_run_bundle_process"}};

template <std::size_t N>
std::optional<std::string_view> find(
    const std::pair<std::string_view, std::string_view> (&table)[N], std::string_view name) {
  const auto* const found =
      std::ranges::find(table, name, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(table) ? std::nullopt : std::optional(found->second);
}

bool is_of_name(char c) {
  return c == '_' || c == ':' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The C form of a call or a name; nothing if there is none.
std::optional<std::string> translate(std::string_view code) {
  const std::size_t end =
      static_cast<std::size_t>(std::ranges::find_if_not(code, is_of_name) - code.begin());
  const std::string_view name = code.substr(0, end);
  std::string_view rest = code.substr(end);
  if (const auto function = find(kFunctions, name)) return std::string(*function);
  if (const std::size_t colons = name.find("::"); colons != std::string_view::npos) {
    const std::string_view type = name.substr(0, colons);
    const auto known = find(kClasses, type);
    if (!known || !known->empty()) return known ? std::optional<std::string>(*known) : std::nullopt;
    return fmt::format("{}.{}", *find(kMembers, type), name.substr(colons + 2));
  }
  if (std::ranges::find(kBuilder, name) == std::end(kBuilder)) return std::nullopt;
  std::string text = fmt::format("tenon_builder_{}", name);
  if (!rest.starts_with('(')) return text;
  rest.remove_prefix(1);
  text += "(builder";
  if (!rest.starts_with(')')) text += ", ";
  if (rest.starts_with('{')) text += "&(tenon_wire)";
  return text + std::string(rest);
}

// The text with its code in backticks translated; nothing if a part of it cannot be.
std::optional<std::string> translate_all(std::string_view text) {
  std::string translated;
  while (true) {
    const std::size_t begin = text.find('`');
    translated += text.substr(0, begin);
    if (begin == std::string_view::npos) return translated;
    text.remove_prefix(begin + 1);
    const std::size_t end = text.find('`');
    const std::optional<std::string> code = translate(text.substr(0, end));
    if (!code || end == std::string_view::npos) return std::nullopt;
    translated += fmt::format("`{}`", *code);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string make_c_hint(const Hint& hint) {
  if (!hint.ways.program.empty())
    if (const std::optional<std::string> way = translate_all(hint.ways.program))
      return fmt::format("{}: {}", hint.text, *way);
  if (hint.ways.manifest.empty()) return hint.text;
  std::string text = hint.text + ", in a tenon.toml";
  for (const std::string& line : hint.ways.manifest) text += "\n" + line;
  return text;
}

}  // namespace tenon::capi
