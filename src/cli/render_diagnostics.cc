#include "cli/render_diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "cli/diagnostics_json.h"
#include "cli/rows.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct Level {
  std::string_view name;
  Ink ink;
};

Level get_level(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return {"error", Ink::Error};
    case Severity::Warning:
      return {"warning", Ink::Warning};
    case Severity::Note:
      return {"note", Ink::Note};
  }
  return {};
}

// Text of more than one line: its lines after the first stand behind `indent`, so that a name with
// a line break in it cannot pass for a line of ours.
std::string fold_lines(std::string_view text, std::string_view indent, const Style& style) {
  std::string folded;
  while (true) {
    const std::size_t end = text.find('\n');
    folded += style.wrap(sanitize_text(text.substr(0, end)), indent.size(), indent.size());
    if (end == std::string_view::npos) return folded;
    text.remove_prefix(end + 1);
    folded += '\n';
    folded += indent;
  }
}

// file:line:column, as far as known.
std::string format_position(const Location& where) {
  std::string text = sanitize_text(where.file);
  if (where.line > 0) text += fmt::format("{}{}", text.empty() ? "" : ":", where.line);
  if (where.line > 0 && where.column > 0) text += fmt::format(":{}", where.column);
  return text;
}

std::string format_location(const Diagnostic& problem) {
  const Location& where = problem.where;
  std::string text = format_position(where);
  // The unit and the item are worth their room only where the message does not name them anyway.
  const auto is_told = [&](const std::string& name) {
    return name.empty() || problem.message.find(fmt::format("`{}`", name)) != std::string::npos;
  };
  if (text.empty() && !is_told(where.unit))
    text = fmt::format("unit `{}`", sanitize_text(where.unit));
  if (!is_told(where.item))
    text += fmt::format("{}{}", text.empty() ? "" : ", ", sanitize_text(where.item));
  // Of bytes that came from no file, the place is nobody's to look at.
  if (where.offset && !text.empty()) text += fmt::format(" (byte {:#x})", *where.offset);
  return text;
}

std::string render_excerpt(const Excerpt& excerpt, const Style& style) {
  std::string text;
  const std::string bar = style.paint(Ink::Dim, "   |");
  for (const std::string& line : excerpt.lines) {
    const std::string safe = sanitize_text(line);
    if (safe.empty())
      text += bar + "\n";
    else if (safe[0] == '-')
      text += fmt::format("{}  {}\n", bar, style.paint(Ink::Removed, safe));
    else if (safe[0] == '+')
      text += fmt::format("{}  {}\n", bar, style.paint(Ink::Added, safe));
    else
      text += fmt::format("{}  {}\n", bar, safe);
  }
  return text;
}

std::string render_remark(std::string_view label, Ink ink, std::string_view text,
                          const Style& style) {
  return fmt::format("   {} {} {}\n", style.paint(Ink::Dim, "="), style.paint(ink, label),
                     fold_lines(text, "           ", style));
}

std::string render_human(const Diagnostic& problem, const Style& style) {
  const Level level = get_level(problem.severity);
  std::string text = fmt::format(
      "{}: {}\n", style.paint(level.ink, fmt::format("{}[{}]", level.name, problem.code)),
      style.paint(Ink::Name, fold_lines(problem.message, "   | ", Style())));
  const std::string location = format_location(problem);
  if (!location.empty()) text += fmt::format("  {} {}\n", style.paint(Ink::Dim, "-->"), location);
  if (!problem.excerpt.lines.empty()) {
    text += style.paint(Ink::Dim, "   |") + "\n";
    text += render_excerpt(problem.excerpt, style);
  }
  for (const Note& note : problem.notes) {
    text += render_remark("note:", Ink::Note, note.text, style);
    text += render_excerpt(note.excerpt, style);
  }
  for (const std::string& hint : problem.hints)
    text += render_remark("hint:", Ink::Hint, hint, style);
  return text;
}

std::string render_short(const Diagnostic& problem) {
  std::string place = format_position(problem.where);
  if (place.empty()) place = sanitize_text(problem.where.unit);
  return fmt::format("{}{}{}[{}]: {}\n", place, place.empty() ? "" : ": ",
                     get_level(problem.severity).name, problem.code,
                     sanitize_text(problem.message));
}

// "2 errors; `tenon explain resolve-cycle` says more": the last error, which a reader sees first.
std::string render_closing(const Diagnostics& problems) {
  const auto is_error = [](const Diagnostic& problem) {
    return problem.severity == Severity::Error;
  };
  const auto errors =
      static_cast<std::size_t>(std::count_if(problems.begin(), problems.end(), is_error));
  const auto last = std::find_if(problems.rbegin(), problems.rend(), is_error);
  // A mistake on the command line has its help in its hints.
  if (errors == 0 || last->code == "config-usage") return {};
  const std::string explained = explain_code(last->code).empty()
                                    ? std::string()
                                    : fmt::format("; `tenon explain {}` says more", last->code);
  return fmt::format("{}{}\n", count(errors, "error"), explained);
}

}  // namespace

std::string render_diagnostics(const Diagnostics& problems, ErrorFormat format,
                               const Style& style) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    switch (format) {
      case ErrorFormat::Human:
        text += render_human(problem, style);
        break;
      case ErrorFormat::Short:
        text += render_short(problem);
        break;
      case ErrorFormat::Json:
        text += dump_json_line(make_diagnostic_json(problem));
        break;
    }
  }
  if (format == ErrorFormat::Human) text += render_closing(problems);
  return text;
}

}  // namespace tenon::cli
