#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/actions.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/diagnostics_json.h"
#include "cli/host_flags.h"
#include "cli/output.h"
#include "cli/render_hosts.h"
#include "tenon/host_bundle.h"

namespace tenon::cli {

namespace {

int list_command(Session& session, Words words) {
  CommandLine line("List the host bundles that a link would find; -v shows those that others hide",
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
  const Shadowed shadowed =
      session.verbosity() == Verbosity::Verbose ? Shadowed::Show : Shadowed::Hide;
  print_result(format == OutputFormat::Json ? render_host_places_json(*places)
                                            : render_host_places(*places, shadowed, session.out));
  return to_int(ExitCode::Fine);
}

int inspect_bundle_command(Session& session, Words words) {
  CommandLine line("Show what a host bundle provides and takes; none of its code runs",
                   "tenon host inspect");
  std::string bundle;
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  line.add_option("bundle", bundle, "Folder of a bundle, or a name that a link would find")
      .type_name("BUNDLE");
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
  const Result<HostBundle> found = inspect_host_bundle(bundle, make_host_search(hosts));
  if (!found) return report(session, found.error());
  print_result(format == OutputFormat::Json ? dump_json(make_host_bundle_json(*found))
                                            : render_host_bundle(*found, session.out));
  return to_int(ExitCode::Fine);
}

// Every bundle that a link would find.
Result<std::vector<std::string>> find_all(const HostSearch& search) {
  const Result<std::vector<HostPlace>> places = list_host_bundles(search);
  if (!places) return places.error();
  std::vector<std::string> found;
  for (const HostPlace& place : *places)
    if (place.shadowed_by.empty()) found.push_back(place.name);
  return found;
}

int check_bundle_command(Session& session, Words words) {
  CommandLine line(
      "Load host bundles, native code outside of the sandbox, and hold each against its WIT",
      "tenon host check");
  std::vector<std::string> bundles;
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  line.add_option("bundles", bundles, "Folders or names; none: all that a link would find")
      .type_name("BUNDLE");
  add_host_flags(line, hosts, "Search flags");
  add_format_flags(line, format);
  line.set_footer(
      "None of its functions is called; what a library does when it is loaded, it does.\n\n"
      "Examples:\n"
      "  tenon host check ./bundles/sqlite\n"
      "  tenon host check --host-config hosts.toml");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const HostSearch search = make_host_search(hosts);
  if (bundles.empty()) {
    Result<std::vector<std::string>> all = find_all(search);
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

constexpr std::array kHostActions = {
    Action{"list", "List the bundles that a link would find", list_command},
    Action{"inspect", "Show what a bundle provides and takes", inspect_bundle_command},
    Action{"check", "Load bundles and hold each against its WIT", check_bundle_command},
    Action{"new", "Write a folder that builds a bundle", host_new_command},
    Action{"pack", "Write a bundle to one file, to give away", host_pack_command}};

}  // namespace

int host_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {"host", "Look at host bundles: native code, outside of the sandbox",
                                kHostActions,
                                "  tenon host list\n"
                                "  tenon host check ./bundles/sqlite\n"
                                "  tenon host new sqlite --wit sqlite.wit"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
