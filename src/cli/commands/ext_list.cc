// `tenon ext list`, `info`, `libs` and `deps`: facts about installed extensions. Only `libs --wit`
// opens a component.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_stores.h"
#include "cli/input_output.h"
#include "cli/render_extensions.h"
#include "render/graph.h"
#include "tenon/extension.h"

namespace tenon::cli {

namespace {

// The flags that most of these actions take.
struct ListFlags {
  std::string store;
  std::vector<std::string> names;
  OutputFormat format = OutputFormat::Human;
};

int list_outdated(const Session& session, const ListFlags& flags) {
  Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  AddOptions options;
  options.dry_run = true;
  options.on_note = [&session](const Diagnostic& note) { print_notes(session, {note}); };
  const auto newer = store->upgrade({}, options);
  if (!newer) return report(session, newer.error());
  std::vector<Extension> all;
  for (const AddedExtension& upgrade : *newer) all.push_back(upgrade.extension);
  print_result(flags.format == OutputFormat::Json ? render_extensions_json(all)
                                                  : render_outdated(*newer));
  return to_int(ExitCode::Fine);
}

int print_wit_texts(const Session& session, const ExtensionStore& store,
                    const std::vector<ExtensionLibrary>& libraries) {
  std::string last;
  for (const ExtensionLibrary& row : libraries) {
    if (row.provider == std::exchange(last, row.provider)) continue;
    const Result<std::string> text = store.print_wit(row.provider);
    if (!text) return report(session, text.error());
    print_result(fmt::format("// {} {}\n{}", row.provider, row.version, *text));
  }
  return to_int(ExitCode::Fine);
}

enum class NeedsPicture { Tree, Dot, Mermaid };

std::string draw_needs(const Extension& root, std::vector<Extension> closure, NeedsPicture picture,
                       const Style& style) {
  if (picture == NeedsPicture::Tree) return render_needs(root, closure, style);
  // The graph wants the root last, but lazy extensions can be loaded after it.
  std::ranges::stable_partition(closure, [&](const Extension& extension) {
    return extension.name != root.name || extension.version != root.version;
  });
  const Graph graph = make_extension_graph(closure);
  return picture == NeedsPicture::Dot ? render_graph_dot(graph) : render_graph_mermaid(graph);
}

}  // namespace

int ext_list_command(Session& session, Words words) {
  CommandLine line("List the installed extensions", "tenon ext list");
  ListFlags flags;
  bool tree = false;
  bool outdated = false;
  const CommandLine::Option as_tree =
      line.add_flag("--tree", tree, "Show what each extension needs");
  line.add_flag("--outdated", outdated, "List only extensions whose source has a newer version")
      .excludes(as_tree);
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (outdated) return list_outdated(session, flags);
  const auto all = list_installed(flags.store);
  if (!all) return report(session, all.error());
  if (flags.format == OutputFormat::Json) {
    std::vector<Extension> extensions;
    for (const InstalledExtension& installed : *all) extensions.push_back(installed.extension);
    print_result(render_extensions_json(extensions));
  } else {
    print_result(tree ? render_forest(*all, session.out) : render_extensions(*all));
  }
  return to_int(ExitCode::Fine);
}

int ext_info_command(Session& session, Words words) {
  CommandLine line("Show details of an extension", "tenon ext info");
  ListFlags flags;
  add_extension_names(line, flags.names, "Extension to show");
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (flags.names.size() != 1) return report_missing(session, "info", "one name", "info NAME");
  const Result<ExtensionStore> store = open_store(flags.store, flags.names.front());
  if (!store) return report(session, store.error());
  const auto extension = store->find(flags.names.front());
  if (!extension) return report(session, extension.error());
  print_result(flags.format == OutputFormat::Json ? render_extension_json(*extension)
                                                  : render_extension(*extension, session.out));
  return to_int(ExitCode::Fine);
}

int ext_libs_command(Session& session, Words words) {
  CommandLine line("List the interfaces that extensions provide to each other", "tenon ext libs");
  ListFlags flags;
  bool all = false;
  bool wit = false;
  bool who = false;
  std::string pattern = "*";
  line.add_option("pattern", pattern, "List only matching interfaces, such as `acme:*`")
      .type_name("PATTERN");
  line.add_flag("--all", all, "Also list exports that are not libraries, with the reason");
  line.add_flag("--who", who, "Name the users of each interface");
  line.add_flag("--wit", wit, "Print the WIT of the extensions that provide them");
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  auto libraries = store->libraries(pattern);
  if (!libraries) return report(session, libraries.error());
  if (!all)
    std::erase_if(*libraries, [](const ExtensionLibrary& row) { return !row.why_not.empty(); });
  if (wit) return print_wit_texts(session, *store, *libraries);
  print_result(flags.format == OutputFormat::Json
                   ? render_libraries_json(*libraries)
                   : render_libraries(*libraries, who ? LibraryUsers::Name : LibraryUsers::Count));
  return to_int(ExitCode::Fine);
}

int ext_deps_command(Session& session, Words words) {
  CommandLine line("Show what an extension needs, directly and indirectly", "tenon ext deps");
  ListFlags flags;
  bool order = false;
  NeedsPicture picture = NeedsPicture::Tree;
  add_extension_names(line, flags.names, "Extension to show; with --order, the default is all");
  const auto add_picture = [&](const char* flag, NeedsPicture kind, const char* help) {
    line.add_flag(flag, [&picture, kind] { picture = kind; }, help);
  };
  line.add_flag("--order", order, "List extensions in the order in which they are loaded");
  add_picture("--tree", NeedsPicture::Tree, "Print a tree (default)");
  add_picture("--dot", NeedsPicture::Dot, "Print a graph in DOT, for Graphviz");
  add_picture("--mermaid", NeedsPicture::Mermaid, "Print a graph for Mermaid");
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (flags.names.size() > 1 || (flags.names.empty() && !order))
    return report_missing(session, "deps", "one name", "deps NAME");
  const std::string name = flags.names.empty() ? "" : flags.names.front();
  const Result<ExtensionStore> store = open_store(flags.store, name);
  if (!store) return report(session, store.error());
  auto closure = store->load_order(name);
  if (!closure) return report(session, closure.error());
  if (flags.format == OutputFormat::Json) {
    print_result(render_extensions_json(*closure));
  } else if (order) {
    for (const Extension& extension : *closure)
      print_result(fmt::format("{} {}\n", extension.name, extension.version));
  } else {
    const auto root = store->find(name);
    if (!root) return report(session, root.error());
    print_result(draw_needs(*root, *std::move(closure), picture, session.out));
  }
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
