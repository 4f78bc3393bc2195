#include "bindgen/python_declarations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <variant>

#include "support/terminal_text.h"

namespace tenon::bindgen {

namespace {

std::string docstring_text(std::string_view text) {
  std::string escaped;
  for (const char c : sanitize_text(text)) escaped += c == '\\' ? "\\\\" : std::string(1, c);
  for (std::size_t at = 0; (at = escaped.find("\"\"\"", at)) != std::string::npos;)
    escaped.replace(at, 3, "'''");
  return escaped;
}

std::vector<std::string> quote_all(const std::vector<std::string>& labels) {
  std::vector<std::string> quoted;
  for (const std::string& label : labels) quoted.push_back(python_quote(label));
  return quoted;
}

}  // namespace

void print_docstring(CodeText& to, std::string_view indent, std::string_view docs,
                     std::string_view wit) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < docs.size();) {
    const std::size_t end = std::min(docs.find('\n', at), docs.size());
    lines.push_back(docstring_text(docs.substr(at, end - at)));
    at = end + 1;
  }
  if (!wit.empty()) {
    if (!lines.empty()) lines.emplace_back();
    lines.push_back(docstring_text(wit));
  }
  if (lines.empty()) return;
  // A quotation mark before the three would be a fourth.
  const std::string_view gap = lines.back().ends_with('"') ? " " : "";
  if (lines.size() == 1) return to.line("{}\"\"\"{}{}\"\"\"", indent, lines.front(), gap);
  to.line("{}\"\"\"{}", indent, lines.front());
  for (const std::string& text : std::span(lines).subspan(1))
    to.line("{}{}", text.empty() ? "" : indent, text);
  to.line("{}\"\"\"", indent);
}

void print_python_list(CodeText& to, std::string_view head, const std::vector<std::string>& items,
                       std::string_view tail) {
  const std::string all = fmt::format("{}{}{}", head, fmt::join(items, ", "), tail);
  if (all.size() <= kLineWidth || items.empty()) return to.line("{}", all);
  to.line("{}", head);
  const std::string indent(head.size() - head.substr(head.find_first_not_of(' ')).size(), ' ');
  for (const std::string& item : items) to.line("{}    {},", indent, item);
  to.line("{}{}", indent, tail);
}

void print_typed_dict(CodeText& to, const std::string& name, const std::vector<std::string>& items,
                      std::string_view options) {
  print_python_list(to, fmt::format("{0} = _t.TypedDict(\"{0}\", {{", name), items,
                    fmt::format("}}{})", options));
}

void PythonDeclarations::print(const PythonClass& of) {
  to_.line("");
  const auto& kind = model_.types.types[of.type].kind;
  if (const auto* const record = std::get_if<types::Record>(&kind))
    print_record(of, *record);
  else if (const auto* const variant = std::get_if<types::Variant>(&kind))
    print_variant(of, *variant);
  else if (const auto* const labels = std::get_if<types::Enum>(&kind))
    print_enum(of, labels->labels);
  else if (const auto* const flags = std::get_if<types::Flags>(&kind))
    print_flags(of, flags->labels);
}

void PythonDeclarations::print_record(const PythonClass& of, const types::Record& record) {
  to_.line("@_dataclasses.dataclass");
  to_.line("class {}(_tenon.Record):", of.name);
  print_docstring(to_, "    ", of.declared->docs, "");
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    const types::Field& field = record.fields[i];
    to_.line("    {}: {}", python_snake(field.label), result_of(field.type));
    print_docstring(to_, "    ", of.declared->docs_of(i), "");
  }
  if (of.is_argument) print_record_arguments(of, record);
}

// An object with the attributes, or a dict, whose keys are the names of Python or those of the WIT.
void PythonDeclarations::print_record_arguments(const PythonClass& of,
                                                const types::Record& record) {
  to_.line("");
  to_.line("class _{}Like(_t.Protocol):", of.name);
  std::vector<std::string> items;
  std::vector<std::string> labelled;
  for (const types::Field& field : record.fields) {
    const std::string name = python_snake(field.label);
    std::string type = argument_of(field.type);
    to_.line("    @{}", python_.spell_builtin("property"));
    to_.line("    def {}(self) -> {}: ...", name, type);
    if (std::holds_alternative<types::Option>(model_.types.types[field.type].kind))
      type = fmt::format("_t.NotRequired[{}]", type);
    items.push_back(fmt::format("{}: {}", python_quote(name), type));
    labelled.push_back(fmt::format("{}: {}", python_quote(field.label), type));
  }
  to_.line("");
  print_typed_dict(to_, fmt::format("_{}Dict", of.name), items, "");
  const bool has_labels = items != labelled;
  if (has_labels) print_typed_dict(to_, fmt::format("_{}Labels", of.name), labelled, "");
  to_.line("_{0}Arg: _t.TypeAlias = {0} | _{0}Like | _{0}Dict{1}", of.name,
           has_labels ? fmt::format(" | _{}Labels", of.name) : "");
}

void PythonDeclarations::print_variant(const PythonClass& of, const types::Variant& variant) {
  Names names;
  std::vector<std::string> cases;
  for (const types::Case& each : variant.cases)
    cases.push_back(names.take(python_pascal(each.label)));
  // In the class, a case would hide it.
  const bool is_hidden = std::ranges::find(cases, of.name) != cases.end();
  const std::string base = is_hidden ? fmt::format("_{}Base", of.name) : of.name;
  to_.line("class {}(_tenon.Variant):", of.name);
  print_docstring(to_, "    ", of.declared->docs, "");
  std::vector<std::string> labels;
  std::string argument = of.name;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const types::Case& each = variant.cases[i];
    if (each.type) to_.line("    @_dataclasses.dataclass");
    to_.line("    class {}({}):", cases[i], base);
    print_docstring(to_, "        ", of.declared->docs_of(i), "");
    if (each.type)
      to_.line("        value: {}", result_of(*each.type));
    else
      to_.line("        def __init__(self) -> None: ...");
    if (!each.type)
      labels.push_back(python_quote(each.label));
    else if (of.is_argument)
      argument += fmt::format(" | {}[_t.Literal[{}], {}]", python_.spell_builtin("tuple"),
                              python_quote(each.label), argument_of(*each.type));
  }
  if (is_hidden) to_.line("{}: _t.TypeAlias = {}", base, of.name);
  if (!labels.empty()) argument += fmt::format(" | _t.Literal[{}]", fmt::join(labels, ", "));
  if (of.is_argument) to_.line("_{}Arg: _t.TypeAlias = {}", of.name, argument);
}

void PythonDeclarations::print_enum(const PythonClass& of, const std::vector<std::string>& labels) {
  to_.line("class {}(_enum.StrEnum):", of.name);
  print_docstring(to_, "    ", of.declared->docs, "");
  Names names;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    to_.line("    {} = {}", names.take(python_upper(labels[i])), python_quote(labels[i]));
    print_docstring(to_, "    ", of.declared->docs_of(i), "");
  }
  if (of.is_argument)
    to_.line("_{0}Arg: _t.TypeAlias = {0} | _t.Literal[{1}]", of.name,
             fmt::join(quote_all(labels), ", "));
}

void PythonDeclarations::print_flags(const PythonClass& of,
                                     const std::vector<std::string>& labels) {
  to_.line("class {}(_enum.Flag):", of.name);
  print_docstring(to_, "    ", of.declared->docs, "");
  Names names;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    to_.line("    {} = {}", names.take(python_upper(labels[i])), std::uint64_t{1} << i);
    print_docstring(to_, "    ", of.declared->docs_of(i), "");
  }
  if (of.is_argument)
    to_.line("_{0}Arg: _t.TypeAlias = {0} | _t.Iterable[_t.Literal[{1}]]", of.name,
             fmt::join(quote_all(labels), ", "));
}

}  // namespace tenon::bindgen
