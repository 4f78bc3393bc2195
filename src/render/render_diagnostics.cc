#include "render/render_diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "render/json.h"
#include "render/style.h"
#include "support/terminal_text.h"

namespace tenon::render {

namespace {

// "--isolate" of "--isolate=tax".
std::string_view flag_of(std::string_view command) {
  return command.substr(0, command.find_first_of(" ="));
}

// The way to follow a hint on the command line; empty if this command has none.
std::string find_command(const Hint& hint, const HintReader& reader) {
  const std::string& command = hint.ways.command;
  if (command.empty()) return {};
  if (flag_of(command) == "--with" && !reader.more_components.empty())
    return fmt::format("`{}{}`", reader.more_components, command.substr(flag_of(command).size()));
  const bool is_flag = command.starts_with("--");
  if (!is_flag || reader.command.empty() ||
      std::ranges::find(reader.flags, flag_of(command)) != reader.flags.end())
    return fmt::format("`{}`", command);
  return {};
}

struct SeverityStyle {
  std::string_view name;
  Ink ink;
};

SeverityStyle get_severity_style(Severity severity) {
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

// Indents the lines of a text after the first, so that a name with a line break cannot imitate a
// line of ours.
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
  // The unit and the item are shown only if the message does not name them.
  const auto is_named = [&](const std::string& name) {
    return name.empty() || problem.message.find(fmt::format("`{}`", name)) != std::string::npos;
  };
  if (text.empty() && !is_named(where.unit))
    text = fmt::format("unit `{}`", sanitize_text(where.unit));
  if (!is_named(where.item))
    text += fmt::format("{}{}", text.empty() ? "" : ", ", sanitize_text(where.item));
  // Without a file, the user cannot look up an offset.
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

std::string render_human(const Diagnostic& problem, const Style& style, const HintReader& reader) {
  const SeverityStyle level = get_severity_style(problem.severity);
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
  for (const Hint& hint : problem.hints) {
    const ReaderHint adapted = adapt_hint(hint, reader);
    text += render_remark("hint:", Ink::Hint, adapted.text, style);
    text += render_excerpt({adapted.lines}, style);
  }
  return text;
}

std::string render_short(const Diagnostic& problem) {
  std::string place = format_position(problem.where);
  if (place.empty()) place = sanitize_text(problem.where.unit);
  return fmt::format("{}{}{}[{}]: {}\n", place, place.empty() ? "" : ": ",
                     get_severity_style(problem.severity).name, problem.code,
                     sanitize_text(problem.message));
}

// "2 errors; see `tenon explain resolve-cycle`". Names the code of the last error, which is
// the one nearest to the prompt.
std::string render_closing(const Diagnostics& problems) {
  const auto is_error = [](const Diagnostic& problem) {
    return problem.severity == Severity::Error;
  };
  const auto errors =
      static_cast<std::size_t>(std::count_if(problems.begin(), problems.end(), is_error));
  const auto last = std::find_if(problems.rbegin(), problems.rend(), is_error);
  // The hints of a usage problem are enough.
  if (errors == 0 || last->code == "config-usage") return {};
  const std::string explained = explain_code(last->code).empty()
                                    ? std::string()
                                    : fmt::format("; see `tenon explain {}`", last->code);
  return fmt::format("{}{}\n", pluralize(errors, "error"), explained);
}

}  // namespace

std::string render_diagnostics(const Diagnostics& problems, ErrorFormat format, const Style& style,
                               const HintReader& reader) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    switch (format) {
      case ErrorFormat::Human:
        text += render_human(problem, style, reader);
        break;
      case ErrorFormat::Short:
        text += render_short(problem);
        break;
      case ErrorFormat::Json:
        text += dump_json_line(make_diagnostic_json(problem, reader));
        break;
    }
  }
  if (format == ErrorFormat::Human) text += render_closing(problems);
  return text;
}

ReaderHint adapt_hint(const Hint& hint, const HintReader& reader) {
  ReaderHint adapted{hint.text, {}};
  const std::string command = find_command(hint, reader);
  if (!command.empty()) adapted.text += ": " + command;
  const bool links = std::ranges::find(reader.flags, "--wire") != reader.flags.end();
  const bool shows_lines =
      !hint.ways.manifest.empty() && (reader.has_manifest || (command.empty() && links));
  if (!shows_lines) return adapted;
  adapted.text += command.empty() ? ", in a tenon.toml" : ", or in tenon.toml";
  adapted.lines = hint.ways.manifest;
  return adapted;
}

}  // namespace tenon::render

namespace tenon {

std::string print_diagnostics(const Diagnostics& problems) {
  Diagnostics shown = problems;
  for (Diagnostic& problem : shown)
    for (Hint& hint : problem.hints) hint = Hint(std::string(hint));
  return render::render_diagnostics(shown, render::ErrorFormat::Human, {});
}

}  // namespace tenon
