// `tenon ext search`, `add`, `upgrade` and `publish`: extensions from and to registries.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/extension_stores.h"
#include "cli/input_output.h"
#include "cli/render_extensions.h"
#include "cli/start.h"
#include "render/json.h"
#include "render/style.h"
#include "support/terminal_text.h"
#include "tenon/extension.h"

namespace tenon::cli {

namespace {

std::string render_packages(const std::vector<FoundExtension>& packages) {
  std::vector<Row> rows;
  for (const FoundExtension& package : packages)
    rows.push_back({sanitize_text(package.package),
                    package.versions.empty() ? "-" : sanitize_text(package.versions.back()),
                    sanitize_text(package.registry), sanitize_text(package.description)});
  return rows.empty() ? "no packages found\n" : render_rows(rows, "");
}

JsonValue make_packages_json(const std::vector<FoundExtension>& packages) {
  JsonValue rows = JsonValue::array();
  for (const FoundExtension& package : packages)
    rows.push_back({{"package", package.package},
                    {"versions", package.versions},
                    {"registry", package.registry},
                    {"exports", package.exports},
                    {"description", text_or_null(package.description)}});
  return {{"schema", 1}, {"packages", std::move(rows)}};
}

}  // namespace

int ext_search_command(Session& session, Words words) {
  CommandLine line("Search for packages in the registries that are configured for wkg",
                   "tenon ext search");
  ExtensionSearch search;
  OutputFormat format = OutputFormat::Human;
  line.add_option("text", search.text, "Part of a name or description (default: all packages)")
      .type_name("TEXT");
  line.add_option("--interface", search.interface,
                  "Only packages that export an interface of this name; `*` matches any text")
      .type_name("GLOB");
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon ext search math\n"
      "  tenon ext search --interface 'acme:math/lib@1.*'");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (!search.interface.empty() && search.interface.find_first_of(":*") == std::string::npos)
    return report(
        session,
        {make_usage_problem(fmt::format("`{}` cannot match an interface: names of interfaces begin "
                                        "with a package, as in `acme:math/lib`",
                                        sanitize_text(search.interface)),
                            {fmt::format("write `--interface '*/{0}'`, or `tenon ext search {0}` "
                                         "for packages of that name",
                                         sanitize_text(search.interface))})});
  const auto found = search_extensions(search, read_variables());
  if (!found) return report(session, found.error());
  print_result(format == OutputFormat::Json ? dump_json(make_packages_json(found->packages))
                                            : render_packages(found->packages));
  print_notes(session, found->notes);
  return to_int(ExitCode::Fine);
}

int ext_publish_command(Session& session, Words words) {
  CommandLine line("Publish an extension to the registry of its namespace", "tenon ext publish");
  std::string path;
  std::string package;
  line.add_option("path", path, "Component, or folder with an extension.toml").type_name("PATH");
  line.add_option("package", package, "Name in the registry, such as `acme:math`")
      .type_name("PACKAGE");
  line.set_footer(
      "The extension is checked against its manifest first. Published versions are final.\n\n"
      "Examples:\n"
      "  tenon ext publish ./square acme:square");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (path.empty() || package.empty())
    return report(session, {make_usage_problem("`tenon ext publish` needs a path and a package",
                                               {"`tenon ext publish ./square acme:square`"})});
  const auto published = publish_extension(path, package, read_variables());
  if (!published) return report(session, published.error());
  print_result(
      fmt::format("{} {} {}: {}\n", published->was_there ? "already published:" : "published",
                  published->package, published->version, sanitize_text(published->origin)));
  print_notes(session, published->notes);
  return to_int(ExitCode::Fine);
}

namespace {

// Asks the user whether to add dependencies that were not named. Without a terminal the answer is
// no.
bool ask(const std::vector<Extension>& dependencies) {
  if (get_stream_kind(Stream::Input) != StreamKind::Terminal ||
      get_stream_kind(Stream::Error) != StreamKind::Terminal)
    return false;
  std::string text = "these extensions are needed, too:\n";
  for (const Extension& extension : dependencies)
    text += fmt::format("  {} {} from {}\n", extension.name, extension.version,
                        sanitize_text(extension.source));
  print_error("{}add them? [y/N] ", text);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// The flags that `add` and `upgrade` share.
struct InstallFlags {
  AddOptions options;
  std::string store;
  OutputFormat format = OutputFormat::Human;
  bool yes = false;
  bool no_compile = false;
};

void add_install_flags(CommandLine& line, InstallFlags& flags) {
  line.add_flag("--yes", flags.yes, "Add dependencies without asking");
  line.add_flag("--pre", flags.options.prereleases, "Allow prerelease versions such as 2.0.0-rc.1");
  line.add_flag("--no-compile", flags.no_compile, "Compile at the first use instead");
  line.add_flag("--offline", flags.options.offline, "Do not use the network");
  line.add_flag("--dry-run", flags.options.dry_run, "Check everything, but write nothing");
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
}

AddOptions make_options(const Session& session, const InstallFlags& flags) {
  AddOptions options = flags.options;
  options.compile = !flags.no_compile;
  options.on_compile = make_progress(session);
  options.accept = [yes = flags.yes](const std::vector<Extension>& dependencies) {
    return yes || ask(dependencies);
  };
  return options;
}

void print_added(const std::vector<AddedExtension>& added, const InstallFlags& flags,
                 std::string_view nothing) {
  std::vector<Extension> all;
  std::string text;
  for (const AddedExtension& addition : added) {
    text += render_added(addition);
    all.push_back(addition.extension);
  }
  print_result(flags.format == OutputFormat::Json ? render_extensions_json(all)
               : text.empty()                     ? fmt::format("{}\n", nothing)
                                                  : text);
}

// Prints a note for each extension that can neither be run nor linked.
void note_useless(const Session& session, const ExtensionStore& store,
                  const std::vector<AddedExtension>& added) {
  Diagnostics notes;
  for (const AddedExtension& addition : added) {
    const Extension& extension = addition.extension;
    if (extension.command || !extension.libraries.empty()) continue;
    Diagnostic note;
    note.severity = Severity::Note;
    note.code = "offers-nothing";
    note.message = fmt::format("`{}` can neither be run nor linked", extension.name);
    note.notes.push_back({"it has no command, because it does not export `wasi:cli/run`", {}, {}});
    const auto exports = store.libraries();
    for (const ExtensionLibrary& row : exports ? *exports : std::vector<ExtensionLibrary>())
      if (row.provider == extension.name && row.version == extension.version)
        note.notes.push_back(
            {fmt::format("`{}` is not a library: {}", sanitize_text(row.interface), row.why_not),
             {},
             {}});
    note.hints.emplace_back(
        "libraries are exports that match `*:*/lib`, or `library-interfaces` in policy.toml");
    notes.push_back(std::move(note));
  }
  print_notes(session, notes);
}

}  // namespace

int ext_add_command(Session& session, Words words) {
  CommandLine line("Install extensions: all of them, or none", "tenon ext add");
  InstallFlags flags;
  std::vector<std::string> sources;
  std::string name;
  std::string sha256;
  std::vector<std::string> grants;
  bool frozen = false;
  line.add_option("sources", sources,
                  "Components, folders with an extension.toml, `ns:name@^1`, oci:// or https://")
      .type_name("SOURCE");
  line.add_option("--name", name, "Name of the extension, for a single source").type_name("NAME");
  line.add_option("--sha256", sha256, "Expected digest of the component, for a single source")
      .type_name("HEX");
  line.add_option("--grant", grants,
                  "Grant access: fs=ro:DIR, net=HOST:PORT, http=HOST, env=NAME or host=INTERFACE")
      .type_name("GRANT")
      .one_value_each();
  line.add_flag("--force", flags.options.replace,
                "Replace a newer version, or the same version with other content");
  line.add_flag("--link", flags.options.link, "Use the component in place instead of copying it");
  line.add_flag("--allow-unpinned", flags.options.unpinned, "Allow a URL without --sha256");
  line.add_flag("--locked", flags.options.locked,
                "Install exactly what ext.lock has; without a source, all of it");
  line.add_flag("--frozen", frozen, "Same as --locked --offline");
  add_install_flags(line, flags);
  line.set_footer(
      "The types of all edges are checked before anything is written. An extension can access\n"
      "only what it is granted.\n\n"
      "Examples:\n"
      "  tenon ext add ./square.wasm\n"
      "  tenon ext add ./square ./multiply --grant fs=ro:.");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  flags.options.locked |= frozen;
  flags.options.offline |= frozen;
  if (sources.empty() && !flags.options.locked)
    return report_missing(session, "add", "a source", "add SOURCE...");
  if (sources.size() != 1 && (!name.empty() || !sha256.empty()))
    return report(session, {make_usage_problem("`--name` and `--sha256` need exactly one source",
                                               {"add the sources one by one"})});
  Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  std::vector<ExtensionRequest> requests;
  for (const std::string& source : sources)
    requests.push_back({.source = source, .name = name, .sha256 = sha256, .grants = grants});
  const auto added = store->add(requests, make_options(session, flags));
  if (!added) return report(session, added.error());
  print_added(*added, flags, "everything in ext.lock is installed");
  note_useless(session, *store, *added);
  return to_int(ExitCode::Fine);
}

int ext_upgrade_command(Session& session, Words words) {
  CommandLine line("Upgrade extensions from their sources, within their version tracks",
                   "tenon ext upgrade");
  InstallFlags flags;
  std::vector<std::string> names;
  bool all = false;
  add_extension_names(line, names, "Extensions to upgrade");
  line.add_flag("--all", all, "Upgrade all extensions");
  add_install_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (names.empty() != all)
    return report_missing(session, "upgrade", "names, or `--all`", "upgrade NAME...");
  Result<ExtensionStore> store = open_store(flags.store, names.empty() ? "" : names.front());
  if (!store) return report(session, store.error());
  AddOptions options = make_options(session, flags);
  options.on_note = [&session](const Diagnostic& note) { print_notes(session, {note}); };
  const auto changed = store->upgrade(names, options);
  if (!changed) return report(session, changed.error());
  print_added(*changed, flags, "everything is up to date");
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
