// `tenon ext list`, `info`, `libs` and `deps`: what is installed. Only `libs --wit` opens a
// component.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_flags.h"
#include "cli/extension_graph.h"
#include "cli/output.h"
#include "cli/render_extensions.h"
#include "cli/render_graph.h"
#include "tenon/extension.h"

namespace tenon::cli {

namespace {

// What most actions take.
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
  const auto newer = store->upgrade({}, options);
  if (!newer) return report(session, newer.error());
  std::vector<Extension> all;
  for (const AddedExtension& one : *newer) all.push_back(one.extension);
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
  // What is lazy may be loaded after it.
  std::ranges::stable_partition(closure, [&](const Extension& one) {
    return one.name != root.name || one.version != root.version;
  });
  const Graph graph = make_extension_graph(closure);
  return picture == NeedsPicture::Dot ? render_graph_dot(graph) : render_graph_mermaid(graph);
}

}  // namespace

int ext_list_command(Session& session, Words words) {
  CommandLine line("List what is installed", "tenon ext list");
  ListFlags flags;
  bool tree = false;
  bool outdated = false;
  const CommandLine::Option as_tree = line.add_flag("--tree", tree, "With what each needs");
  line.add_flag("--outdated", outdated,
                "Those of which there is something newer where they came from")
      .excludes(as_tree);
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (outdated) return list_outdated(session, flags);
  const auto all = list_installed(flags.store);
  if (!all) return report(session, all.error());
  if (flags.format == OutputFormat::Json) {
    std::vector<Extension> extensions;
    for (const Installed& one : *all) extensions.push_back(one.extension);
    print_result(render_extensions_json(extensions));
  } else {
    print_result(tree ? render_forest(*all, session.out) : render_extensions(*all));
  }
  return to_int(ExitCode::Fine);
}

int ext_info_command(Session& session, Words words) {
  CommandLine line("Show all of one extension", "tenon ext info");
  ListFlags flags;
  add_extension_names(line, flags.names, "An extension");
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (flags.names.size() != 1) return report_missing(session, "info", "one name", "info NAME");
  const Result<ExtensionStore> store = open_store(flags.store, flags.names.front());
  if (!store) return report(session, store.error());
  const auto found = store->find(flags.names.front());
  if (!found) return report(session, found.error());
  print_result(flags.format == OutputFormat::Json ? render_extension_json(*found)
                                                  : render_extension(*found, session.out));
  return to_int(ExitCode::Fine);
}

int ext_libs_command(Session& session, Words words) {
  CommandLine line("List the interfaces by which extensions are linked", "tenon ext libs");
  ListFlags flags;
  bool all = false;
  bool wit = false;
  bool who = false;
  std::string pattern = "*";
  line.add_option("pattern", pattern, "Those alone that match: `acme:*`").type_name("PATTERN");
  line.add_flag("--all", all, "Exports too that are no libraries, with the reason");
  line.add_flag("--who", who, "Name those that use each");
  line.add_flag("--wit", wit, "The WIT text of those that have them");
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
                   : render_libraries(*libraries, who ? Users::Name : Users::Count));
  return to_int(ExitCode::Fine);
}

int ext_deps_command(Session& session, Words words) {
  CommandLine line("Show what an extension needs, directly and through others", "tenon ext deps");
  ListFlags flags;
  bool order = false;
  NeedsPicture picture = NeedsPicture::Tree;
  add_extension_names(line, flags.names, "An extension; none: all, with --order");
  const auto add_picture = [&](const char* flag, NeedsPicture which, const char* about) {
    line.add_flag(flag, [&picture, which] { picture = which; }, about);
  };
  line.add_flag("--order", order, "In the order in which they are loaded");
  add_picture("--tree", NeedsPicture::Tree, "As a tree, which it is if nothing else is said");
  add_picture("--dot", NeedsPicture::Dot, "For Graphviz");
  add_picture("--mermaid", NeedsPicture::Mermaid, "For Mermaid");
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
    for (const Extension& one : *closure)
      print_result(fmt::format("{} {}\n", one.name, one.version));
  } else {
    const auto root = store->find(name);
    if (!root) return report(session, root.error());
    print_result(draw_needs(*root, *std::move(closure), picture, session.out));
  }
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
