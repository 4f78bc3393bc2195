// `tenon host`: list, inspect, check, create and pack host bundles.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bindgen/bindgen.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/render_hosts.h"
#include "cli/session.h"
#include "cli/tar_file.h"
#include "render/json.h"
#include "support/terminal_text.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

int list_command(Session& session, Words words) {
  CommandLine line("List the host bundles that a link would find; -v also lists shadowed ones",
                   "tenon host list");
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  add_host_flags(line, hosts, "Search flags");
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon host list\n"
      "  tenon host list --host-config hosts.toml");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const Result<std::vector<HostPlace>> places = list_host_bundles(make_host_search(hosts));
  if (!places) return report(session, places.error());
  const ShowShadowed shadowed =
      session.verbosity() == Verbosity::Verbose ? ShowShadowed::Yes : ShowShadowed::No;
  print_result(format == OutputFormat::Json ? render_host_places_json(*places)
                                            : render_host_places(*places, shadowed, session.out));
  return to_int(ExitCode::Fine);
}

int inspect_bundle_command(Session& session, Words words) {
  CommandLine line("Show the exports and configuration of a host bundle, without running its code",
                   "tenon host inspect");
  std::string bundle;
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  line.add_option("bundle", bundle, "Folder or name of a bundle").type_name("BUNDLE");
  add_host_flags(line, hosts, "Search flags");
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon host inspect ./bundles/sqlite\n"
      "  tenon host inspect sqlite");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (bundle.empty())
    return report(session, {make_usage_problem("`tenon host inspect` needs a bundle",
                                               {"`tenon host inspect BUNDLE`"})});
  const Result<HostBundle> inspected = inspect_host_bundle(bundle, make_host_search(hosts));
  if (!inspected) return report(session, inspected.error());
  print_notes(session, inspected->notes);
  print_result(format == OutputFormat::Json ? dump_json(make_host_bundle_json(*inspected))
                                            : render_host_bundle(*inspected, session.out));
  return to_int(ExitCode::Fine);
}

// The names of all bundles that a link would find.
Result<std::vector<std::string>> list_bundle_names(const HostSearch& search) {
  const Result<std::vector<HostPlace>> places = list_host_bundles(search);
  if (!places) return places.error();
  std::vector<std::string> names;
  for (const HostPlace& place : *places)
    if (place.shadowed_by.empty()) names.push_back(place.name);
  return names;
}

int check_bundle_command(Session& session, Words words) {
  CommandLine line("Load host bundles, which are native code, and check each against its WIT",
                   "tenon host check");
  std::vector<std::string> bundles;
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  line.add_option("bundles", bundles,
                  "Folders or names of bundles (default: all that a link would find)")
      .type_name("BUNDLE");
  add_host_flags(line, hosts, "Search flags");
  add_format_flags(line, format);
  line.set_footer(
      "The libraries are loaded, which can run their constructors. No function is called.\n\n"
      "Examples:\n"
      "  tenon host check ./bundles/sqlite\n"
      "  tenon host check --host-config hosts.toml");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const HostSearch search = make_host_search(hosts);
  if (bundles.empty()) {
    Result<std::vector<std::string>> all = list_bundle_names(search);
    if (!all) return report(session, all.error());
    bundles = *std::move(all);
  }
  Diagnostics problems;
  JsonValue rows = JsonValue::array();
  for (const std::string& bundle : bundles) {
    const Result<HostBundle> checked = check_host_bundle(bundle, search);
    JsonValue own = JsonValue::array();
    if (!checked)
      for (const Diagnostic& problem : checked.error()) {
        own.push_back(make_diagnostic_json(problem));
        problems.push_back(problem);
      }
    if (checked && format == OutputFormat::Human) print_result(render_host_verdict(*checked));
    if (checked) print_notes(session, checked->notes);
    rows.push_back({{"bundle", bundle},
                    {"is", checked ? make_host_bundle_json(*checked) : JsonValue()},
                    {"problems", std::move(own)}});
  }
  if (format == OutputFormat::Json)
    print_result(dump_json({{"schema", 1}, {"bundles", std::move(rows)}}));
  else if (!problems.empty())
    return report(session, problems);
  return to_int(problems.empty() ? ExitCode::Fine : ExitCode::Problems);
}

int host_new_command(Session& session, Words words) {
  CommandLine line("Create a project for a new host bundle, from its WIT", "tenon host new");
  bindgen::BindgenOptions options;
  std::string folder;
  std::string language = "cpp";
  line.add_option("name", options.name, "Name of the bundle, and of the folder").type_name("NAME");
  add_bundle_world_flags(line, options);
  line.add_option("--lang", language, "Programming language (default: cpp)")
      .type_name("c|cpp|rust")
      .one_of({"c", "cpp", "rust"});
  line.add_option("-o,--output", folder, "Folder of the project (default: NAME)").type_name("DIR");
  line.set_footer(
      "README.md in the folder explains how to build the bundle. Its functions trap until you\n"
      "write them. Existing files are not replaced.\n\n"
      "Examples:\n"
      "  tenon host new sqlite --wit sqlite.wit\n"
      "  tenon host new sqlite --wit wit --lang rust -o bundles/sqlite");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  finish_feature_flags(options.features);
  if (options.name.empty() || options.wit.empty())
    return report(session,
                  {make_usage_problem(options.name.empty() ? "`tenon host new` needs a name"
                                                           : "`tenon host new` needs a WIT",
                                      {"`tenon host new NAME --wit WIT`"})});
  const bindgen::HostLanguage chosen = language == "c"      ? bindgen::HostLanguage::C
                                       : language == "rust" ? bindgen::HostLanguage::Rust
                                                            : bindgen::HostLanguage::Cpp;
  const Result<bindgen::GeneratedCode> project = bindgen::make_host_skeleton(options, chosen);
  if (!project) return report(session, project.error());
  if (folder.empty()) folder = options.name;
  const Result<void> written = write_new_folder(folder, project->files, "host new");
  if (!written) return report(session, written.error());
  // A name without a slash is looked up among the installed bundles.
  const std::string place = folder.find('/') == folder.npos ? "./" + folder : folder;
  print_result(fmt::format("next: write its functions, build it, then `tenon host check {}`\n",
                           quote_shell_word(sanitize_text(place))));
  print_notes(session, project->notes);
  return to_int(ExitCode::Fine);
}

// The files of a package in a folder with the name of the bundle. Unpacked in a folder that is
// searched for bundles, the bundle is found by its name.
Result<std::string> make_archive(HostPackage& package) {
  std::vector<TarFile> files;
  for (HostPackageFile& file : package.files)
    files.push_back({package.bundle.name + '/' + file.path, std::move(file.content)});
  return make_tar_gz(files);
}

std::string make_file_name(const HostBundle& bundle) {
  return fmt::format("{}{}.tar.gz", bundle.name,
                     bundle.version.empty() ? "" : '-' + bundle.version);
}

int host_pack_command(Session& session, Words words) {
  CommandLine line("Pack a host bundle into one file", "tenon host pack");
  std::string bundle;
  std::vector<std::string> added;
  std::string output;
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  line.add_option("bundle", bundle, "Folder or name of a bundle").type_name("BUNDLE");
  line.add_option("--add", added, "Also pack this file or folder of the bundle")
      .type_name("PATH")
      .one_value_each();
  line.add_option("-o,--output", output,
                  "File to write (default: NAME-VERSION.tar.gz); `-` is standard output")
      .type_name("OUT");
  add_host_flags(line, hosts, "Search flags");
  add_format_flags(line, format);
  line.set_footer(
      "The archive contains host.toml, the WIT, the folders with the libraries of all machines,\n"
      "and files such as README and LICENSE. The same files give the same bytes. No code of the\n"
      "bundle runs: test it first with `tenon host check`.\n\n"
      "Examples:\n"
      "  tenon host pack ./bundles/sqlite\n"
      "  tenon host pack ./bundles/sqlite --add data -o sqlite.tar.gz");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (bundle.empty())
    return report(session, {make_usage_problem("`tenon host pack` needs a bundle",
                                               {"`tenon host pack BUNDLE`"})});
  Result<HostPackage> package = pack_host_bundle(bundle, added, make_host_search(hosts));
  if (!package) return report(session, package.error());
  const std::string shown = format == OutputFormat::Json ? render_host_package_json(*package)
                                                         : render_host_package(*package);
  const Result<std::string> archive = make_archive(*package);
  if (!archive) return report(session, archive.error());
  const std::string to = output.empty() ? make_file_name(package->bundle) : output;
  const std::filesystem::path folder = std::filesystem::path(package->bundle.file).parent_path();
  std::vector<std::string> inputs;
  for (const HostPackageFile& file : package->files) inputs.push_back(folder / file.path);
  if (const auto checked = check_output(to, "-o ", inputs, Replaces::AnyFile); !checked)
    return report(session, checked.error());
  if (const auto written = write_output(to, *archive, Content::Binary); !written)
    return report(session, written.error());
  if (to == "-") return to_int(ExitCode::Fine);
  print_result(shown);
  if (format == OutputFormat::Human)
    print_result(fmt::format("wrote {}: {} bytes\n", sanitize_text(to), archive->size()));
  return to_int(ExitCode::Fine);
}

constexpr std::array kHostActions = {
    Action{"list", "List the bundles that a link would find", list_command},
    Action{"inspect", "Show the exports and configuration of a bundle", inspect_bundle_command},
    Action{"check", "Load bundles and check each against its WIT", check_bundle_command},
    Action{"new", "Create a project for a new bundle", host_new_command},
    Action{"pack", "Pack a bundle into one file", host_pack_command}};

}  // namespace

int host_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {
      "host", "List, check and create host bundles: native code outside of the sandbox",
      kHostActions,
      "  tenon host list\n"
      "  tenon host check ./bundles/sqlite\n"
      "  tenon host new sqlite --wit sqlite.wit"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
