// `tenon init` writes a tenon.toml from components and flags, and `tenon add` adds units to one.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/manifest_file.h"
#include "cli/nearby.h"
#include "cli/permissions.h"
#include "render/style.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "tenon/builder.h"
#include "tenon/trust.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "tenon.toml";

struct InitFlags {
  std::vector<std::string> components;
  LinkFlags link;
  GrantFlags grants;
  LimitFlags limits;
};

// The name of the working folder, in the letters that a name can have.
std::string make_project_name() {
  std::error_code failed;
  std::string name;
  for (const char c : fs::current_path(failed).filename().string()) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0)
      name += static_cast<char>(std::tolower(letter));
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "composition" : name;
}

void add_list(std::string& table, std::string_view key, const std::vector<std::string>& texts) {
  if (!texts.empty()) table += fmt::format("{} = {}\n", key, quote_toml(texts));
}

// The grants and limits of the flags, as keys of the domain of the root.
std::string render_domain(const InitFlags& flags) {
  std::string table;
  add_list(table, "dirs", flags.grants.dirs);
  std::string env;
  for (const std::string& text : flags.grants.env) {
    const std::size_t mark = text.find('=');
    env += fmt::format("{}{} = {}", env.empty() ? "" : ", ", quote_toml(text.substr(0, mark)),
                       quote_toml(text.substr(mark + 1)));
  }
  if (!env.empty()) table += fmt::format("env = {{ {} }}\n", env);
  add_list(table, "net", flags.grants.net);
  add_list(table, "allow-http", flags.grants.http);
  if (flags.limits.memory) table += fmt::format("memory = {}\n", quote_toml(*flags.limits.memory));
  if (flags.limits.fuel) table += fmt::format("fuel = {}\n", *flags.limits.fuel);
  if (flags.limits.timeout)
    table += fmt::format("timeout = {}\n", quote_toml(*flags.limits.timeout));
  return table;
}

constexpr std::string_view kDomainExample =
    "\n# What the root can access; nothing is granted by default:\n"
    "# [domains.main]\n"
    "# dirs = [\"ro:./data::/data\"]\n"
    "# env = { LOG = \"info\" }\n"
    "# net = [\"api.example.com:443\"]\n"
    "# allow-http = [\"api.example.com\"]\n";

constexpr std::string_view kWireExample =
    "\n# The provider of an import, where several units could provide it:\n"
    "# [[wire]]\n"
    "# import = \"acme:tax/lib\"\n"
    "# provider = \"tax\"\n";

// root_domain: the domain that the flags for grants are about.
std::string render_manifest(const InitFlags& flags, const std::vector<ManifestUnit>& units,
                            const std::string& root_domain) {
  std::string text =
      "# `tenon plan` shows this composition, `tenon run` runs it. `tenon help manifest` has all "
      "keys.\n"
      "schema = 1\n\n[project]\n";
  text += fmt::format("name = {}\n", quote_toml(make_project_name()));
  text += flags.link.root.empty()
              ? "# root = \"NAME\"  # the unit whose exports the composition exports\n"
              : fmt::format("root = {}\n", quote_toml(flags.link.root));
  text += render_units(units, flags.link, "");
  const std::string domain = render_domain(flags);
  text += domain.empty() ? std::string(kDomainExample)
                         : fmt::format("\n[domains.{}]\n{}", root_domain, domain);
  const std::string choices = render_choices(flags.link);
  return text + (choices.empty() ? std::string(kWireExample) : choices);
}

// Reports the problems that a link of the manifest has: an import without a provider, or with several.
int report_link(Session& session, const std::string& path) {
  CompositionBuilder builder;
  if (Result<void> read = builder.read_manifest(path); !read) return report(session, read.error());
  Result<Plan> plan = builder.plan();
  if (plan) return to_int(ExitCode::Fine);
  suggest_nearby(builder, {}, plan.error());
  // Hints are about the next step: another `tenon add`, or an edit of the file.
  session.reader = {.command = "tenon add",
                    .flags = {"--wire"},
                    .more_components = "tenon add",
                    .has_manifest = true};
  if (std::ranges::find(plan.error(), "resolve-ambiguous", &Diagnostic::code) != plan.error().end())
    print_result("next: `tenon plan --wire IMPORT=PROVIDER --save` writes a choice to it\n");
  return report(session, plan.error());
}

// Problems with the flags, and with their hints about units.
Result<void> check_flags(const InitFlags& flags) {
  CompositionBuilder builder;
  TENON_TRY_VOID(apply_link_flags(flags.link, builder));
  RunSettings settings;
  TENON_TRY_VOID(apply_limit_flags(flags.limits, builder.limits(), settings));
  for (const std::string& text : flags.grants.env)
    if (text.find('=') == std::string::npos)
      return make_usage_problem(
          fmt::format("`--env {}` has no value to write", sanitize_text(text)),
          {fmt::format("write `--env {}=VALUE`", sanitize_text(text))});
  return apply_grant_flags(flags.grants, find_variable, builder.grants());
}

// The domain of the root in the plan of these components and flags; `main` if they have none.
std::string find_root_domain(const InitFlags& flags) {
  LinkRequest request;
  request.components = flags.components;
  request.flags = flags.link;
  Result<CompositionBuilder> builder = make_builder(request);
  if (!builder) return "main";
  const Result<Plan> plan = builder->plan();
  if (!plan) return "main";
  for (const PlanUnit& unit : plan->units)
    if (unit.name == plan->root) return unit.domain;
  return "main";
}

// The units of the arguments. Flags must name one of them.
// taken: the names of the units that the manifest has already.
// Errors: those of list_units, config-usage.
Result<std::vector<ManifestUnit>> read_units(const InitFlags& flags,
                                             std::vector<std::string> taken) {
  TENON_TRY(std::vector<ManifestUnit> units, list_units(flags.components));
  std::vector<std::string> names;
  Diagnostics problems;
  for (const ManifestUnit& unit : units) {
    names.push_back(unit.name);
    if (std::ranges::find(taken, unit.name) != taken.end()) {
      problems.push_back(make_usage_problem(
          fmt::format("`{}` would be called `{}`, as another unit is", sanitize_text(unit.path),
                      unit.name),
          {fmt::format(
              "give it another name, such as `{}`",
              quote_shell_word(sanitize_text(fmt::format("{}2={}", unit.name, unit.path))))}));
    }
    taken.push_back(unit.name);
  }
  if (!problems.empty()) return problems;
  for (const auto& [flag, name] : list_unit_flags(flags.link)) {
    if (std::ranges::find(names, name) != names.end()) continue;
    std::string hint = did_you_mean(near_misses(name, names, 2));
    if (hint.empty()) hint = "change the entry of that unit in tenon.toml";
    return make_usage_problem(
        fmt::format("`{}` names `{}`, which is not one of these units", flag, sanitize_text(name)),
        {std::move(hint)});
  }
  return units;
}

int write_new_manifest(Session& session, const InitFlags& flags) {
  const Result<std::vector<ManifestUnit>> units = read_units(flags, {});
  if (!units) return report(session, units.error());
  const Result<void> written =
      write_manifest(kManifest, render_manifest(flags, *units, find_root_domain(flags)));
  if (!written) return report(session, written.error());
  print_result(fmt::format("wrote {} with {}\n", kManifest, pluralize(units->size(), "unit")));
  return report_link(session, kManifest);
}

Result<std::string> find_own_manifest() {
  std::string path = find_manifest();
  if (path.empty())
    return make_usage_problem("no `tenon.toml` in this folder or above",
                              {"`tenon init` writes one"});
  TENON_TRY_VOID(check_owner(path));
  return path;
}

}  // namespace

int init_command(Session& session, Words words) {
  CommandLine line("Write a tenon.toml for components", "tenon init");
  InitFlags flags;
  line.add_option("components", flags.components,
                  "Files, NAME=FILE, folders or globs (default: those of this folder)")
      .type_name("COMPONENT");
  add_choice_flags(line, flags.link);
  add_root_flag(line, flags.link);
  add_grant_flags(line, flags.grants);
  add_domain_limit_flags(line, flags.limits);
  line.set_footer(
      "The flags are those of `tenon run`, and become keys of the file. Then the file is the "
      "place\n"
      "of these choices: `tenon add` adds units, and `tenon plan --save` writes wires.\n\n"
      "Examples:\n"
      "  tenon init\n"
      "  tenon init app.wasm tax.wasm --isolate=tax --dir ro:data");
  if (const auto code = parse_words(line, join_net_values(std::move(words)), session)) return *code;
  std::error_code failed;
  if (fs::exists(fs::symlink_status(kManifest, failed)))
    return report(session, {make_usage_problem("there is a `tenon.toml` already",
                                               {"`tenon add FILE` adds a unit to it"})});
  if (const Result<void> checked = check_flags(flags); !checked)
    return report(session, checked.error());
  if (flags.components.empty()) flags.components = {"."};
  return write_new_manifest(session, flags);
}

int add_command(Session& session, Words words) {
  CommandLine line("Add units to the nearest tenon.toml", "tenon add");
  InitFlags flags;
  line.add_option("components", flags.components, "Files, NAME=FILE, folders or globs")
      .type_name("COMPONENT");
  add_choice_flags(line, flags.link);
  line.set_footer(
      "The units and their wires are appended; the rest of the file stays as it is.\n\n"
      "Examples:\n"
      "  tenon add tax.wasm\n"
      "  tenon add vat=build/tax.wasm --wire acme:tax/lib=vat");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (flags.components.empty())
    return report(session, {make_usage_problem("`tenon add` needs a component",
                                               {"`tenon add FILE`, or `tenon add NAME=FILE`"})});
  if (const Result<void> checked = check_flags(flags); !checked)
    return report(session, checked.error());
  const Result<std::string> path = find_own_manifest();
  if (!path) return report(session, path.error());
  const Result<std::vector<std::string>> taken = list_unit_names(*path);
  if (!taken) return report(session, taken.error());
  const Result<std::vector<ManifestUnit>> units = read_units(flags, *taken);
  if (!units) return report(session, units.error());
  Result<std::string> text = read_input(*path);
  if (!text) return report(session, text.error());
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  *text += render_units(*units, flags.link, fs::path(*path).parent_path().string());
  *text += render_choices(flags.link);
  if (const Result<void> written = write_manifest(*path, *text); !written)
    return report(session, written.error());
  print_result(
      fmt::format("added {} to {}\n", pluralize(units->size(), "unit"), sanitize_text(*path)));
  return report_link(session, *path);
}

}  // namespace tenon::cli
