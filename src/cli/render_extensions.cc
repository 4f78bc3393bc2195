#include "cli/render_extensions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "render/json.h"
#include "render/style.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

std::string describe_offer(const Extension& extension) {
  std::string text = extension.command ? "command" : "";
  if (extension.libraries.empty()) return text.empty() ? "neither a command nor a library" : text;
  return fmt::format("{}{}", text.empty() ? "" : text + ", ",
                     extension.libraries.size() == 1
                         ? "1 library"
                         : fmt::format("{} libraries", extension.libraries.size()));
}

std::string title_of(const Extension& extension) {
  return fmt::format("{} {}", extension.name, extension.version);
}

std::string describe_dependency(const ExtensionDependency& row) {
  std::string text = fmt::format("{} {}", row.name, row.range);
  if (!row.from.empty()) text += fmt::format(" from {}", row.from);
  if (row.is_optional) text += ", optional";
  if (row.is_lazy) text += ", lazy";
  return sanitize_text(text);
}

std::vector<Row> rows_of(const std::vector<std::string>& texts) {
  std::vector<Row> rows;
  for (const std::string& text : texts) rows.push_back({sanitize_text(text)});
  return rows;
}

// The requests of an extension, written as grants.
std::vector<std::string> wants_of(const Extension& extension) {
  std::vector<std::string> wants;
  const auto add = [&wants](std::string_view kind, const std::vector<std::string>& all) {
    for (const std::string& want : all) wants.push_back(fmt::format("{}={}", kind, want));
  };
  add("fs", extension.wants.fs);
  add("net", extension.wants.net);
  add("http", extension.wants.http);
  add("env", extension.wants.env);
  add("host", extension.wants.host);
  return wants;
}

// Draws the needs of an extension as a tree.
class NeedsTree final {
 public:
  NeedsTree(const std::vector<Extension>& closure, bool ascii) : closure_(closure), ascii_(ascii) {}

  std::string draw(const Extension& root) {
    text_ = title_of(root) + "\n";
    draw_below(root, "");
    return std::exchange(text_, {});
  }

 private:
  void draw_below(const Extension& extension, const std::string& indent) {
    for (const ExtensionNeed& need : extension.needs) {
      const bool is_last = &need == &extension.needs.back();
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

JsonValue make_needs_json(const Extension& extension) {
  JsonValue rows = JsonValue::array();
  for (const ExtensionNeed& need : extension.needs)
    rows.push_back({{"interface", need.interface},
                    {"export", need.exported},
                    {"from", need.from},
                    {"version", need.version},
                    {"lazy", need.is_lazy}});
  return rows;
}

JsonValue make_extension_json(const Extension& extension) {
  JsonValue dependencies = JsonValue::array();
  for (const ExtensionDependency& row : extension.dependencies)
    dependencies.push_back({{"name", row.name},
                            {"range", row.range},
                            {"from", text_or_null(row.from)},
                            {"optional", row.is_optional},
                            {"lazy", row.is_lazy}});
  JsonValue signed_by = JsonValue::array();
  for (const ExtensionSigner& signer : extension.signed_by)
    signed_by.push_back({{"key", text_or_null(signer.key)},
                         {"sha256", text_or_null(signer.sha256)},
                         {"identity", text_or_null(signer.identity)},
                         {"issuer", text_or_null(signer.issuer)}});
  JsonValue command;
  if (extension.command)
    command = {{"export", extension.command->exported}, {"aliases", extension.command->aliases}};
  return {{"name", extension.name},
          {"version", extension.version},
          {"sha256", extension.digest},
          {"bytes", extension.bytes},
          {"source", extension.source},
          {"link", text_or_null(extension.link)},
          {"added", extension.added},
          {"description", text_or_null(extension.description)},
          {"license", text_or_null(extension.license)},
          {"repository", text_or_null(extension.repository)},
          {"authors", extension.authors},
          {"command", std::move(command)},
          {"imports", extension.imports},
          {"exports", extension.exports},
          {"libraries", extension.libraries},
          {"dependencies", std::move(dependencies)},
          {"needs", make_needs_json(extension)},
          {"wants",
           {{"fs", extension.wants.fs},
            {"net", extension.wants.net},
            {"http", extension.wants.http},
            {"env", extension.wants.env},
            {"host", extension.wants.host}}},
          {"grants", extension.grants},
          {"signed_by", std::move(signed_by)}};
}

}  // namespace

std::string render_extensions(const std::vector<InstalledExtension>& extensions) {
  std::vector<Row> rows;
  for (const auto& [extension, is_projects] : extensions)
    rows.push_back(
        {extension.name,
         fmt::format("{}{}{}", extension.version, extension.link.empty() ? "" : " (linked)",
                     is_projects ? " (project)" : ""),
         describe_offer(extension), sanitize_text(extension.description)});
  return rows.empty() ? "no extensions are installed\n" : render_rows(rows, "");
}

std::string render_forest(const std::vector<InstalledExtension>& extensions, const Style& style) {
  std::string text;
  for (const bool of_project : {true, false}) {
    std::vector<Extension> store;
    std::set<std::pair<std::string, std::string>> needed;
    for (const InstalledExtension& installed : extensions) {
      if (installed.is_projects != of_project) continue;
      store.push_back(installed.extension);
      for (const ExtensionNeed& need : installed.extension.needs)
        needed.emplace(need.from, need.version);
    }
    NeedsTree tree(store, style.charset == Charset::Ascii);
    for (const Extension& extension : store)
      if (!needed.contains({extension.name, extension.version})) text += tree.draw(extension);
  }
  return text.empty() ? "no extensions are installed\n" : text;
}

std::string render_outdated(const std::vector<AddedExtension>& newer) {
  std::vector<Row> rows;
  for (const AddedExtension& upgrade : newer)
    rows.push_back({upgrade.extension.name,
                    fmt::format("{} -> {}", upgrade.replaced, upgrade.extension.version),
                    sanitize_text(upgrade.extension.source)});
  return rows.empty() ? "everything is up to date\n" : render_rows(rows, "");
}

std::string render_extension_json(const Extension& extension) {
  return dump_json(make_extension_json(extension));
}

std::string render_extensions_json(const std::vector<Extension>& extensions) {
  JsonValue rows = JsonValue::array();
  for (const Extension& extension : extensions) rows.push_back(make_extension_json(extension));
  return dump_json({{"schema", 1}, {"extensions", std::move(rows)}});
}

std::string render_extension(const Extension& extension, const Style& style) {
  std::string text = fmt::format("{}\n", style.paint(Ink::Name, title_of(extension)));
  std::vector<Row> facts;
  const auto add = [&facts](std::string_view name, const std::string& value) {
    if (!value.empty()) facts.push_back({std::string(name), sanitize_text(value)});
  };
  add("about", extension.description);
  add("license", extension.license);
  add("home", extension.repository);
  add("authors", fmt::format("{}", fmt::join(extension.authors, ", ")));
  add("source", extension.source);
  add("linked", extension.link);
  add("added", extension.added);
  for (const ExtensionSigner& signer : extension.signed_by)
    add("signer", signer.identity.empty()
                      ? fmt::format("{}, sha256 {}", signer.key, signer.sha256)
                      : fmt::format("{} of {}", signer.identity, signer.issuer));
  add("sha256", extension.digest);
  add("size", pluralize(extension.bytes, "byte"));
  if (extension.command) {
    add("command", extension.command->exported);
    add("aliases", fmt::format("{}", fmt::join(extension.command->aliases, ", ")));
  }
  text += render_rows(facts, "  ");
  add_section(text, "provides", rows_of(extension.libraries));
  std::vector<Row> needs;
  for (const ExtensionNeed& need : extension.needs)
    needs.push_back({sanitize_text(need.interface), "from " + need.from + " " + need.version,
                     need.is_lazy ? "lazy" : ""});
  add_section(text, "needs", needs);
  std::vector<Row> dependencies;
  for (const ExtensionDependency& row : extension.dependencies)
    dependencies.push_back({describe_dependency(row)});
  add_section(text, "dependencies", dependencies);
  add_section(text, "wants", rows_of(wants_of(extension)));
  add_section(text, "granted", rows_of(extension.grants));
  return text;
}

std::string render_libraries(const std::vector<ExtensionLibrary>& libraries, LibraryUsers users) {
  std::vector<Row> rows;
  for (const ExtensionLibrary& row : libraries) {
    std::string last = fmt::format("not a library: {}", row.why_not);
    if (row.why_not.empty())
      last = row.users.empty()              ? ""
             : users == LibraryUsers::Count ? pluralize(row.users.size(), "user")
                                            : fmt::format("used by {}", fmt::join(row.users, ", "));
    rows.push_back({sanitize_text(row.interface), fmt::format("{} {}", row.provider, row.version),
                    std::move(last)});
  }
  return rows.empty() ? "no libraries are installed\n" : render_rows(rows, "");
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
  const Extension& extension = added.extension;
  const bool is_other = !added.replaced.empty() && added.replaced != extension.version;
  std::string text =
      fmt::format("{} {}{}: {}\n",
                  added.was_there          ? "already installed:"
                  : added.replaced.empty() ? "added"
                                           : "replaced",
                  title_of(extension), is_other ? fmt::format(" (was {})", added.replaced) : "",
                  describe_offer(extension));
  std::string grants;
  for (const std::string& want : wants_of(extension))
    if (std::ranges::find(extension.grants, want) == extension.grants.end())
      grants += ' ' + quote_shell_word(sanitize_text(want));
  if (!grants.empty())
    text += fmt::format("  it requests more than it is granted: `tenon ext grant {}{}`\n",
                        extension.name, grants);
  return text;
}

Graph make_extension_graph(const std::vector<Extension>& closure) {
  Graph graph;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (auto extension = closure.rbegin(); extension != closure.rend(); ++extension) {
    const std::size_t at = graph.nodes.size();
    places.emplace(std::pair(extension->name, extension->version), at);
    graph.nodes.push_back({.name = extension->name, .version = extension->version, .cluster = at});
    graph.clusters.push_back({extension->name, {at}});
  }
  if (!closure.empty()) {
    graph.title = closure.back().name;
    graph.root = 0;
  }
  for (auto extension = closure.rbegin(); extension != closure.rend(); ++extension) {
    std::map<std::size_t, GraphEdge> edges;
    for (const ExtensionNeed& need : extension->needs) {
      const auto provider = places.find({need.from, need.version});
      if (provider == places.end()) continue;
      GraphEdge& edge = edges[provider->second];
      edge.consumer = places.at({extension->name, extension->version});
      edge.provider = provider->second;
      edge.kind = EdgeKind::Bridged;
      edge.items.push_back({sanitize_text(need.interface), sanitize_text(need.exported), {}});
    }
    for (auto& [at, edge] : edges) graph.edges.push_back(std::move(edge));
  }
  return graph;
}

}  // namespace tenon::cli
