// The tree is made in two passes: rows of sanitized text for units and edges, then columns as wide
// as their widest cell. Colors are added in the second pass, and do not count as width.
#include "render/render_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/graph.h"
#include "render/render_diagnostics.h"
#include "support/measures.h"
#include "support/terminal_text.h"

namespace tenon::render {

namespace {

// A line below a unit: an edge, or the edges to one version of WASI.
struct EdgeRow {
  std::string import;
  std::string provider;
  std::string export_name;  // empty: the same as the import
  std::string kind;         // empty: WASI
  std::vector<std::string> notes;
};

struct UnitRow {
  std::string label;
  std::string place;  // "domain main"
  std::vector<EdgeRow> edges;
};

struct Widths {
  std::size_t import = 0;
  std::size_t provider = 0;
  std::size_t export_name = 0;
};

constexpr std::size_t kUnitIndent = 3;
constexpr std::size_t kEdgeIndent = 6;
constexpr std::string_view kGap = "  ";

void add_unique(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

EdgeRow make_row(const PlanEdge& edge) {
  EdgeRow row;
  row.import = sanitize_text(edge.import);
  row.provider = sanitize_text(edge.provider);
  if (edge.export_name != edge.import && edge.kind != EdgeKind::Wasi)
    row.export_name = sanitize_text(edge.export_name);
  if (edge.kind != EdgeKind::Wasi) row.kind = get_name(edge.kind);
  if (!edge.via.empty()) {
    std::string chain = "chain";
    for (const std::string& member : edge.via) chain += " " + member;
    row.notes.push_back(sanitize_text(chain));
  }
  // The engine's WASI is newer than what most units import. That is not worth a note.
  for (const std::string& note : edge.notes)
    if (edge.kind != EdgeKind::Wasi || !note.starts_with("newer in track"))
      row.notes.push_back(sanitize_text(note));
  return row;
}

// The edges of a unit to one version of WASI.
struct WasiRow {
  std::size_t place = 0;           // of their row
  std::set<std::string> packages;  // such as "io"
};
using WasiRows = std::map<std::string, WasiRow>;  // by version, such as "@0.2.6"

// Adds an edge to WASI. The edges to one version share a row, at the position of the first: it shows
// one package as `wasi:io/*@0.2.6`, and several as `wasi:{cli,io}@0.2.6`.
void add_wasi_row(std::vector<EdgeRow>& rows, WasiRows& folded, const PlanEdge& edge) {
  EdgeRow row = make_row(edge);
  const std::string package = sanitize_text(fold_interface(edge.import));
  const std::size_t colon = package.find(':');
  const std::size_t slash = package.find('/');
  const std::size_t version = package.find('@');
  if (colon == package.npos || slash == package.npos || version == package.npos) {
    rows.push_back(std::move(row));
    return;
  }
  const auto [same, is_first] =
      folded.emplace(package.substr(version), WasiRow{.place = rows.size(), .packages = {}});
  std::set<std::string>& packages = same->second.packages;
  packages.insert(package.substr(colon + 1, slash - colon - 1));
  if (is_first) {
    rows.push_back(std::move(row));
    return;
  }
  EdgeRow& first = rows[same->second.place];
  first.import = packages.size() == 1 ? package
                                      : fmt::format("{}{{{}}}{}", package.substr(0, colon + 1),
                                                    fmt::join(packages, ","), same->first);
  for (const std::string& note : row.notes) add_unique(first.notes, note);
}

// Whether the unit's name differs from the name of its file, apart from characters that are
// replaced because unit names cannot have them.
bool is_renamed(const PlanUnit& unit) {
  const std::string stem = std::filesystem::path(unit.file).stem().string();
  std::string_view name = unit.name;
  if (name == stem) return false;
  if (name.size() == stem.size() + 1 && name.starts_with('u')) name.remove_prefix(1);
  return std::ranges::equal(name, stem, [](char of_unit, char of_file) {
    const bool is_upper = of_file >= 'A' && of_file <= 'Z';
    return of_unit == '-' || of_unit == (is_upper ? of_file - 'A' + 'a' : of_file);
  });
}

std::string format_label(const PlanUnit& unit, const Style& style) {
  std::string label = style.paint(Ink::Name, sanitize_text(unit.name));
  if (unit.version) label += " " + sanitize_text(*unit.version);
  if (unit.kind != UnitKind::Remote && unit.kind != UnitKind::Mock && is_renamed(unit))
    label += fmt::format(" ({})", sanitize_text(unit.file));
  if (unit.kind != UnitKind::Component) label += fmt::format(" ({})", get_name(unit.kind));
  return label;
}

// "native, in a process of its own: no files, no network, memory 64 MiB".
std::string format_process(const HostProcess& process) {
  std::vector<std::string> limits;
  if (!process.files) limits.emplace_back("no files");
  if (!process.network) limits.emplace_back("no network");
  if (process.memory) limits.push_back("memory " + print_size(*process.memory));
  if (process.cpu) limits.push_back("cpu " + print_duration(*process.cpu));
  if (process.descriptors) limits.push_back(fmt::format("descriptors {}", *process.descriptors));
  if (process.restarts != 0) {
    limits.push_back(fmt::format("restarts {}", process.restarts));
    if (process.within) limits.back() += fmt::format(" within {}", print_duration(*process.within));
  }
  return fmt::format("native, in a process of its own{}{}", limits.empty() ? "" : ": ",
                     fmt::join(limits, ", "));
}

std::string format_place(const PlanUnit& unit) {
  if (unit.process) return format_process(*unit.process);
  if (unit.kind == UnitKind::Mock) return fmt::format("answers from {}", sanitize_text(unit.file));
  if (unit.kind == UnitKind::Remote) return fmt::format("at {}", sanitize_text(unit.file));
  return unit.domain.empty() ? "native, outside of the sandbox"
                             : fmt::format("domain {}", sanitize_text(unit.domain));
}

// Consumers first: the root, then the reverse order of instantiation.
std::vector<const PlanUnit*> sort_units(const Plan& plan) {
  std::map<std::string_view, const PlanUnit*> by_name;
  for (const PlanUnit& unit : plan.units) by_name[unit.name] = &unit;
  std::vector<const PlanUnit*> sorted;
  const auto take = [&](const std::string& name) {
    const auto unit = by_name.find(name);
    if (unit == by_name.end()) return;
    sorted.push_back(unit->second);
    by_name.erase(unit);
  };
  take(plan.root);
  for (auto name = plan.order.rbegin(); name != plan.order.rend(); ++name) take(*name);
  for (const auto& [name, unit] : by_name) sorted.push_back(unit);
  return sorted;
}

std::vector<UnitRow> make_rows(const Plan& plan, const Style& style) {
  std::map<std::string_view, std::vector<const PlanEdge*>> edges;
  for (const PlanEdge& edge : plan.edges) edges[edge.consumer].push_back(&edge);
  std::vector<UnitRow> rows;
  for (const PlanUnit* unit : sort_units(plan)) {
    UnitRow row{format_label(*unit, style), format_place(*unit), {}};
    WasiRows folded;
    for (const PlanEdge* edge : edges[unit->name]) {
      if (edge->kind == EdgeKind::Wasi)
        add_wasi_row(row.edges, folded, *edge);
      else
        row.edges.push_back(make_row(*edge));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// The width without color escapes, which take no columns.
std::size_t visible_width(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = std::min(text.find('m', i), text.size());
    else
      plain += text[i];
  }
  return display_width(plain);
}

std::string fill(std::string text, std::size_t width) {
  const std::size_t taken = visible_width(text);
  return taken < width ? std::move(text) + std::string(width - taken, ' ') : std::move(text);
}

std::string trim_right(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

Widths measure(const std::vector<UnitRow>& rows) {
  Widths widths;
  for (const UnitRow& row : rows) {
    for (const EdgeRow& edge : row.edges) {
      widths.import = std::max(widths.import, display_width(edge.import));
      widths.provider = std::max(widths.provider, display_width(edge.provider));
      widths.export_name = std::max(widths.export_name, display_width(edge.export_name));
    }
  }
  return widths;
}

// The column at which edge kinds and domains begin.
std::size_t find_last_column(const std::vector<UnitRow>& rows, const Widths& widths) {
  std::size_t column = 0;
  if (widths.import > 0)
    column = kEdgeIndent + widths.import + 2 * kGap.size() + 3 + widths.provider +
             (widths.export_name > 0 ? widths.export_name + kGap.size() : 0);
  for (const UnitRow& row : rows)
    column = std::max(column, kUnitIndent + visible_width(row.label) + kGap.size());
  return column;
}

std::string render_edge(const EdgeRow& row, const Widths& widths, std::size_t width,
                        const Style& style) {
  const std::string_view arrow = get_tree_glyphs(style.charset).arrow;
  std::string text = fmt::format(
      "{}{}{} {}", pad_right(row.import, widths.import), kGap, arrow,
      fill(style.paint(row.kind.empty() ? Ink::Dim : Ink::Name, row.provider), widths.provider));
  if (!row.export_name.empty()) text += std::string(kGap) + row.export_name;
  text = fill(std::move(text), width) + row.kind;
  if (!row.notes.empty())
    text = fill(std::move(text), width + (row.kind.empty() ? 0 : 8)) +
           style.paint(Ink::Dim, fmt::format("({})", join(row.notes, "; ")));
  return trim_right(std::move(text));
}

std::string render_tree(const std::vector<UnitRow>& rows, const Style& style) {
  const TreeGlyphs& glyphs = get_tree_glyphs(style.charset);
  const Widths widths = measure(rows);
  const std::size_t column = find_last_column(rows, widths);
  std::string text;
  for (std::size_t u = 0; u < rows.size(); ++u) {
    const UnitRow& unit = rows[u];
    const bool is_last = u + 1 == rows.size();
    text += fmt::format("{}{}{}\n", is_last ? glyphs.last : glyphs.branch,
                        fill(unit.label, column - kUnitIndent), unit.place);
    for (std::size_t e = 0; e < unit.edges.size(); ++e)
      text += fmt::format("{}{}{}\n", is_last ? glyphs.blank : glyphs.pipe,
                          e + 1 == unit.edges.size() ? glyphs.last : glyphs.branch,
                          render_edge(unit.edges[e], widths, column - kEdgeIndent, style));
  }
  return text;
}

// A label, and the entries after it, one a line, aligned.
std::string render_list(std::string_view label, const std::vector<std::string>& entries) {
  std::string text;
  for (const std::string& entry : entries) {
    text += text.empty() ? fmt::format("{}: ", label) : std::string(label.size() + 2, ' ');
    text += entry + "\n";
  }
  return text;
}

std::string render_exports(const Plan& plan) {
  std::vector<std::string> entries;
  for (const PlanExport& exported : plan.exports) {
    std::string from = exported.unit;
    if (exported.item != exported.name) from += " " + exported.item;
    if (exported.implied) from += ", for its types";
    entries.push_back(sanitize_text(fmt::format("{} ({})", exported.name, from)));
  }
  return render_list("exports", entries);
}

// "GET example.org/api/*"
std::string print_route(const PlanRoute& route) {
  return fmt::format("{}{}{}{}", fmt::join(route.methods, ","), route.methods.empty() ? "" : " ",
                     route.host, route.path);
}

std::string render_routes(const Plan& plan) {
  std::vector<std::string> entries;
  for (const PlanRoute& route : plan.routes)
    entries.push_back(sanitize_text(
        route.unit.empty()
            ? fmt::format("{} (files of {}{})", print_route(route), route.folder,
                          route.precompressed ? ", precompressed" : "")
            : fmt::format("{} ({} {})", print_route(route), route.unit, route.handler)));
  return render_list("routes", entries);
}

// The open imports, without those of WASI, which are in the tree.
std::string render_open(const Plan& plan) {
  std::vector<std::string> open;
  std::vector<std::string> traps;
  for (const PlanOpenImport& import : plan.open) {
    if (import.is_wasi) continue;
    std::vector<std::string> units;
    for (const PlanOpenImport::Importer& importer : import.importers)
      add_unique(units, importer.unit);
    const std::string importers = units.empty() ? "types only" : join(units, ", ");
    (import.is_trap ? traps : open)
        .push_back(sanitize_text(fmt::format("{} ({}{})", import.name, importers,
                                             import.is_optional ? "; optional" : "")));
  }
  return render_list("open", open) + render_list("traps when called", traps);
}

// What the domains can access beyond the standard streams.
std::string render_grants(const Plan& plan) {
  std::vector<std::string> entries;
  for (const PlanDomain& domain : plan.domains) {
    std::vector<std::string> rights;
    for (const PlanDirectory& dir : domain.grants.dirs)
      rights.push_back(fmt::format("{} {} as {}", dir.writable ? "read and write" : "read",
                                   dir.host, dir.guest));
    if (!domain.grants.env.empty()) rights.push_back("env " + join(domain.grants.env, " "));
    for (const std::string& host : domain.grants.net)
      rights.push_back(host == "*" ? "any network" : "network " + host);
    for (const std::string& target : domain.grants.http)
      rights.push_back((target == "*" ? "any HTTP request" : "HTTP requests to " + target) +
                       (domain.grants.http_proxy ? " through proxies" : ""));
    if (!rights.empty())
      entries.push_back(sanitize_text(fmt::format("{} ({})", domain.name, join(rights, ", "))));
  }
  return render_list("grants", entries);
}

// The keys that units read as their configuration.
std::string render_config(const Plan& plan) {
  std::vector<std::string> entries;
  for (const PlanUnit& unit : plan.units)
    if (!unit.config.empty())
      entries.push_back(sanitize_text(fmt::format("{} ({})", unit.name, join(unit.config, " "))));
  return render_list("config", entries);
}

// If a code has more notes, they are only counted without -v. A large composition can have
// hundreds.
constexpr std::size_t kShownNotes = 3;

// A note takes one line. Warnings, and notes with an excerpt, are shown in full.
std::string render_note(const Diagnostic& note, const Style& style) {
  if (note.severity == Severity::Warning || !note.excerpt.lines.empty())
    return render_diagnostics({note}, ErrorFormat::Human, style);
  return fmt::format("note[{}]: {}\n", note.code, sanitize_text(note.message));
}

std::string render_notes(const Plan& plan, const Style& style, Verbosity verbosity) {
  std::map<std::string_view, std::size_t> counts;
  for (const Diagnostic& note : plan.notes) ++counts[note.code];
  std::string text;
  std::set<std::string_view> counted;
  for (const Diagnostic& note : plan.notes) {
    const std::size_t same = counts[note.code];
    if (note.severity == Severity::Warning || verbosity == Verbosity::Verbose ||
        (verbosity == Verbosity::Normal && same <= kShownNotes))
      text += render_note(note, style);
    else if (verbosity == Verbosity::Normal && counted.insert(note.code).second)
      text +=
          fmt::format("note[{0}]: {1} notes; `-v` shows them, `tenon explain {0}` explains them\n",
                      note.code, same);
  }
  return text;
}

}  // namespace

std::string render_plan(const Plan& plan, const Style& style, Verbosity verbosity) {
  return fmt::format("{}: {}, {}\n{}{}{}{}{}{}{}",
                     style.paint(Ink::Name, sanitize_text(get_title(plan))),
                     pluralize(plan.units.size(), "unit"), pluralize(plan.domains.size(), "domain"),
                     render_tree(make_rows(plan, style), style), render_exports(plan),
                     render_routes(plan), render_open(plan), render_grants(plan),
                     render_config(plan), render_notes(plan, style, verbosity));
}

namespace {

struct ChoiceRow {
  std::string_view verdict;
  Ink ink;
  std::string candidate;
  std::string why;
};

std::string format_candidate(const std::string& provider, const std::string& export_name) {
  return sanitize_text(fmt::format("{} ({})", provider, export_name));
}

ChoiceRow make_row(const PlanCandidate& candidate) {
  const std::string name = format_candidate(candidate.provider, candidate.export_name);
  const std::string why = sanitize_text(candidate.why);
  switch (candidate.verdict) {
    case PlanVerdict::Chosen:
      return {"chosen:", Ink::Hint, name, why};
    case PlanVerdict::Shadowed:
      return {"shadowed:", Ink::Warning, name, why};
    case PlanVerdict::RuledOut:
      break;
  }
  return {"rejected:", Ink::Warning, name, why};
}

bool has_provider(const PlanChoice& choice) {
  return !choice.candidates.empty() && choice.candidates.front().verdict == PlanVerdict::Chosen;
}

}  // namespace

std::string render_choices(const std::vector<PlanChoice>& choices, const Style& style) {
  std::string text;
  for (const PlanChoice& choice : choices) {
    text += sanitize_text(fmt::format("`{}` imports `{}`", choice.consumer, choice.import)) + "\n";
    if (!has_provider(choice))
      text += fmt::format("{} {}\n", style.paint(Ink::Warning, "no provider:"),
                          sanitize_text(choice.why));
    std::vector<ChoiceRow> rows;
    for (const PlanCandidate& candidate : choice.candidates) rows.push_back(make_row(candidate));
    std::size_t verdict_width = 0;
    std::size_t width = 0;
    for (const ChoiceRow& row : rows) {
      verdict_width = std::max(verdict_width, row.verdict.size());
      width = std::max(width, display_width(row.candidate));
    }
    for (const ChoiceRow& row : rows)
      text += fmt::format("{}{} {}   {}\n", style.paint(row.ink, row.verdict),
                          std::string(verdict_width - row.verdict.size(), ' '),
                          pad_right(row.candidate, width), row.why);
  }
  return text;
}

}  // namespace tenon::render
