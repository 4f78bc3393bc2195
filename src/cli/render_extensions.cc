#include "cli/render_extensions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "cli/diagnostics_json.h"
#include "cli/rows.h"
#include "cli/shell_word.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

std::string describe_offer(const Extension& one) {
  std::string text = one.command ? "command" : "";
  if (one.libraries.empty()) return text.empty() ? "neither a command nor a library" : text;
  return fmt::format(
      "{}{}", text.empty() ? "" : text + ", ",
      one.libraries.size() == 1 ? "1 library" : fmt::format("{} libraries", one.libraries.size()));
}

std::string title_of(const Extension& one) { return fmt::format("{} {}", one.name, one.version); }

std::string describe_dependency(const ExtensionDependency& row) {
  std::string text = fmt::format("{} {}", row.name, row.range);
  if (!row.from.empty()) text += fmt::format(" from {}", row.from);
  if (row.is_optional) text += ", optional";
  if (row.is_lazy) text += ", lazy";
  return sanitize_text(text);
}

std::vector<Row> rows_of(const std::vector<std::string>& texts) {
  std::vector<Row> rows;
  for (const std::string& one : texts) rows.push_back({sanitize_text(one)});
  return rows;
}

// As grants are written.
std::vector<std::string> wants_of(const Extension& one) {
  std::vector<std::string> made;
  const auto add = [&made](std::string_view kind, const std::vector<std::string>& all) {
    for (const std::string& want : all) made.push_back(fmt::format("{}={}", kind, want));
  };
  add("fs", one.wants.fs);
  add("net", one.wants.net);
  add("env", one.wants.env);
  add("host", one.wants.host);
  return made;
}

// Draws who needs what below one extension.
class NeedsTree final {
 public:
  NeedsTree(const std::vector<Extension>& closure, bool ascii) : closure_(closure), ascii_(ascii) {}

  std::string draw(const Extension& root) {
    text_ = title_of(root) + "\n";
    draw_below(root, "");
    return std::exchange(text_, {});
  }

 private:
  void draw_below(const Extension& one, const std::string& indent) {
    for (const ExtensionNeed& need : one.needs) {
      const bool is_last = &need == &one.needs.back();
      const auto provider = std::ranges::find_if(closure_, [&](const Extension& other) {
        return other.name == need.from && other.version == need.version;
      });
      if (provider == closure_.end()) continue;
      const bool is_known = !shown_.insert(title_of(*provider)).second;
      text_ += fmt::format("{}{}{}  {}{}{}\n", indent, branch(is_last), title_of(*provider),
                           sanitize_text(need.interface), need.is_lazy ? " (lazy)" : "",
                           is_known && !provider->needs.empty() ? " (above)" : "");
      if (!is_known) draw_below(*provider, indent + (is_last ? "   " : (ascii_ ? "|  " : "│  ")));
    }
  }
  [[nodiscard]] std::string_view branch(bool is_last) const {
    if (ascii_) return is_last ? "`- " : "|- ";
    return is_last ? "└─ " : "├─ ";
  }

  const std::vector<Extension>& closure_;
  bool ascii_;
  std::string text_;
  std::set<std::string> shown_;
};

JsonValue make_needs_json(const Extension& one) {
  JsonValue rows = JsonValue::array();
  for (const ExtensionNeed& need : one.needs)
    rows.push_back({{"interface", need.interface},
                    {"export", need.exported},
                    {"from", need.from},
                    {"version", need.version},
                    {"lazy", need.is_lazy}});
  return rows;
}

JsonValue make_extension_json(const Extension& one) {
  JsonValue dependencies = JsonValue::array();
  for (const ExtensionDependency& row : one.dependencies)
    dependencies.push_back({{"name", row.name},
                            {"range", row.range},
                            {"from", text_or_null(row.from)},
                            {"optional", row.is_optional},
                            {"lazy", row.is_lazy}});
  JsonValue command;
  if (one.command) command = {{"export", one.command->exported}, {"aliases", one.command->aliases}};
  return {{"name", one.name},
          {"version", one.version},
          {"sha256", one.digest},
          {"bytes", one.bytes},
          {"source", one.source},
          {"link", text_or_null(one.link)},
          {"added", one.added},
          {"description", text_or_null(one.description)},
          {"license", text_or_null(one.license)},
          {"repository", text_or_null(one.repository)},
          {"authors", one.authors},
          {"command", std::move(command)},
          {"imports", one.imports},
          {"exports", one.exports},
          {"libraries", one.libraries},
          {"dependencies", std::move(dependencies)},
          {"needs", make_needs_json(one)},
          {"wants",
           {{"fs", one.wants.fs},
            {"net", one.wants.net},
            {"env", one.wants.env},
            {"host", one.wants.host}}},
          {"grants", one.grants}};
}

}  // namespace

std::string render_extensions(const std::vector<Installed>& extensions) {
  std::vector<Row> rows;
  for (const auto& [one, is_projects] : extensions)
    rows.push_back({one.name,
                    fmt::format("{}{}{}", one.version, one.link.empty() ? "" : " (linked)",
                                is_projects ? " (project)" : ""),
                    describe_offer(one), sanitize_text(one.description)});
  return rows.empty() ? "no extension is installed\n" : render_rows(rows, "");
}

std::string render_forest(const std::vector<Installed>& extensions, const Style& style) {
  std::string text;
  for (const bool of_project : {true, false}) {
    std::vector<Extension> store;
    std::set<std::pair<std::string, std::string>> needed;
    for (const Installed& one : extensions) {
      if (one.is_projects != of_project) continue;
      store.push_back(one.extension);
      for (const ExtensionNeed& need : one.extension.needs) needed.emplace(need.from, need.version);
    }
    NeedsTree tree(store, style.charset == Charset::Ascii);
    for (const Extension& one : store)
      if (!needed.contains({one.name, one.version})) text += tree.draw(one);
  }
  return text.empty() ? "no extension is installed\n" : text;
}

std::string render_outdated(const std::vector<AddedExtension>& newer) {
  std::vector<Row> rows;
  for (const AddedExtension& one : newer)
    rows.push_back({one.extension.name,
                    fmt::format("{} -> {}", one.replaced, one.extension.version),
                    sanitize_text(one.extension.source)});
  return rows.empty() ? "nothing is newer\n" : render_rows(rows, "");
}

std::string render_extension_json(const Extension& extension) {
  return dump_json(make_extension_json(extension));
}

std::string render_extensions_json(const std::vector<Extension>& extensions) {
  JsonValue rows = JsonValue::array();
  for (const Extension& one : extensions) rows.push_back(make_extension_json(one));
  return dump_json({{"schema", 1}, {"extensions", std::move(rows)}});
}

std::string render_extension(const Extension& one, const Style& style) {
  std::string text = fmt::format("{}\n", style.paint(Ink::Name, title_of(one)));
  std::vector<Row> facts;
  const auto add = [&facts](std::string_view name, const std::string& value) {
    if (!value.empty()) facts.push_back({std::string(name), sanitize_text(value)});
  };
  add("about", one.description);
  add("license", one.license);
  add("home", one.repository);
  add("authors", fmt::format("{}", fmt::join(one.authors, ", ")));
  add("source", one.source);
  add("linked", one.link);
  add("added", one.added);
  add("sha256", one.digest);
  add("size", count(one.bytes, "byte"));
  if (one.command) {
    add("command", one.command->exported);
    add("aliases", fmt::format("{}", fmt::join(one.command->aliases, ", ")));
  }
  text += render_rows(facts, "  ");
  add_section(text, "provides", rows_of(one.libraries));
  std::vector<Row> needs;
  for (const ExtensionNeed& need : one.needs)
    needs.push_back({sanitize_text(need.interface), "of " + need.from + " " + need.version,
                     need.is_lazy ? "lazy" : ""});
  add_section(text, "needs", needs);
  std::vector<Row> dependencies;
  for (const ExtensionDependency& row : one.dependencies)
    dependencies.push_back({describe_dependency(row)});
  add_section(text, "dependencies", dependencies);
  add_section(text, "wants", rows_of(wants_of(one)));
  add_section(text, "granted", rows_of(one.grants));
  return text;
}

std::string render_libraries(const std::vector<ExtensionLibrary>& libraries, Users users) {
  std::vector<Row> rows;
  for (const ExtensionLibrary& row : libraries) {
    std::string last = fmt::format("no library: {}", row.why_not);
    if (row.why_not.empty())
      last = row.users.empty()       ? ""
             : users == Users::Count ? count(row.users.size(), "user")
                                     : fmt::format("used by {}", fmt::join(row.users, ", "));
    rows.push_back({sanitize_text(row.interface), fmt::format("{} {}", row.provider, row.version),
                    std::move(last)});
  }
  return rows.empty() ? "no library is installed\n" : render_rows(rows, "");
}

std::string render_libraries_json(const std::vector<ExtensionLibrary>& libraries) {
  JsonValue rows = JsonValue::array();
  for (const ExtensionLibrary& row : libraries)
    rows.push_back({{"interface", row.interface},
                    {"provider", row.provider},
                    {"version", row.version},
                    {"users", row.users},
                    {"why_not", text_or_null(row.why_not)}});
  return dump_json({{"schema", 1}, {"libraries", std::move(rows)}});
}

std::string render_needs(const Extension& root, const std::vector<Extension>& closure,
                         const Style& style) {
  return NeedsTree(closure, style.charset == Charset::Ascii).draw(root);
}

std::string render_added(const AddedExtension& added) {
  const Extension& one = added.extension;
  const bool is_other = !added.replaced.empty() && added.replaced != one.version;
  std::string text = fmt::format(
      "{} {}{}: {}\n",
      added.was_there          ? "there already:"
      : added.replaced.empty() ? "added"
                               : "replaced",
      title_of(one), is_other ? fmt::format(" (was {})", added.replaced) : "", describe_offer(one));
  std::string grants;
  for (const std::string& want : wants_of(one))
    if (std::ranges::find(one.grants, want) == one.grants.end())
      grants += ' ' + quote_shell_word(sanitize_text(want));
  if (!grants.empty())
    text += fmt::format("  it wants more than it is granted: `tenon ext grant {}{}`\n", one.name,
                        grants);
  return text;
}

}  // namespace tenon::cli
