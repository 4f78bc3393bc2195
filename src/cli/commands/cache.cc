// `tenon cache`: shows, cleans and fills the cache of compiled code.
#include "tenon/cache.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/permissions.h"
#include "cli/start.h"
#include "render/json.h"
#include "render/style.h"
#include "support/measures.h"
#include "support/terminal_text.h"
#include "tenon/builder.h"

namespace tenon::cli {

namespace {

struct CacheRow {
  const char* name;
  CacheUse use;
};

std::vector<CacheRow> rows_of(const CacheInfo& info) {
  return {{"code", info.code}, {"units", info.units}, {"links", info.links}, {"other", info.other}};
}

// Reports a problem and returns an empty path if no folder is configured.
std::string find_folder(const Session& session) {
  std::string folder = find_code_cache();
  if (folder.empty())
    (void)report(session, {make_usage_problem("cannot locate the cache: HOME is not set",
                                              {"set HOME, or TENON_CACHE_DIR"})});
  return folder;
}

void print_info(const CacheInfo& info, const std::string& folder, OutputFormat format) {
  if (format == OutputFormat::Json) {
    JsonValue object = {{"schema", 1}, {"folder", folder}, {"max_bytes", info.max_bytes}};
    for (const CacheRow& row : rows_of(info))
      object[row.name] = {{"files", row.use.files}, {"bytes", row.use.bytes}};
    print_result(dump_json(object));
    return;
  }
  std::string text = fmt::format("{}\n", sanitize_text(folder));
  for (const CacheRow& row : rows_of(info))
    if (row.use.files != 0)
      text += fmt::format("  {:<6}{:>7} files{:>12}\n", row.name, row.use.files,
                          format_bytes(row.use.bytes));
  text += fmt::format("  {:<6}{:>7} files{:>12}  of at most {}\n", "all", info.total().files,
                      format_bytes(info.total().bytes), print_size(info.max_bytes));
  print_result(text);
}

int info_action(Session& session, Words words) {
  CommandLine line("Show what the cache of compiled code has", "tenon cache info");
  OutputFormat format = OutputFormat::Human;
  add_format_flags(line, format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const std::string folder = find_folder(session);
  if (folder.empty()) return to_int(ExitCode::Usage);
  const Result<CacheInfo> info = inspect_cache(folder);
  if (!info) return report(session, info.error());
  print_info(*info, folder, format);
  return to_int(ExitCode::Fine);
}

int clean_action(Session& session, Words words) {
  CommandLine line("Remove everything from the cache of compiled code", "tenon cache clean");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const std::string folder = find_folder(session);
  if (folder.empty()) return to_int(ExitCode::Usage);
  const Result<CacheInfo> removed = clean_cache(folder);
  if (!removed) return report(session, removed.error());
  print_result(fmt::format("removed {} files, {}\n", removed->total().files,
                           format_bytes(removed->total().bytes)));
  return to_int(ExitCode::Fine);
}

// Compiles one target in both forms. Missing imports are left open.
Result<void> warm(const Session& session, const std::string& target, const std::string& folder) {
  LinkRequest request;
  request.components = {target};
  request.flags.allow_unresolved = true;
  Result<CompositionBuilder> builder = make_builder(request);
  if (!builder) return std::move(builder).error();
  if (Result<void> agreed = ask_for_consent(*builder); !agreed) return agreed;
  for (const LinkForm form : {LinkForm::Reference, LinkForm::Embedded}) {
    BuildOptions options;
    options.cache_dir = folder;
    options.link_form = form;
    options.on_compile = make_progress(session);
    if (Result<void> prepared = builder->prepare(options); !prepared) return prepared;
  }
  return {};
}

// Files that were not used for a long time can have been removed meanwhile, so that the cache can also
// have shrunk.
std::string describe_growth(const CacheUse& before, const CacheUse& after) {
  if (after.files <= before.files || after.bytes <= before.bytes)
    return "the cache has everything already\n";
  return fmt::format("added {}, {}\n", pluralize(after.files - before.files, "file"),
                     format_bytes(after.bytes - before.bytes));
}

int warm_action(Session& session, Words words) {
  CommandLine line("Compile components for their next start", "tenon cache warm");
  std::vector<std::string> targets;
  line.add_option("targets", targets, "Components, or folders with a tenon.toml")
      .type_name("FILE|DIR");
  line.set_footer(
      "Compiles the code of each unit, and then all units together: in that form, calls between\n"
      "them are faster.\n"
      "\n"
      "Examples:\n"
      "  tenon cache warm cart.wasm tax.wasm\n"
      "  tenon cache warm examples/press");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (targets.empty())
    return report(session, {make_usage_problem("nothing to compile: name a component or a folder",
                                               {"`tenon cache warm cart.wasm`"})});
  const std::string folder = find_folder(session);
  if (folder.empty()) return to_int(ExitCode::Usage);
  const Result<CacheInfo> before = inspect_cache(folder);
  Diagnostics problems;
  for (const std::string& target : targets) {
    Result<void> warmed = warm(session, target, folder);
    if (!warmed) std::ranges::move(warmed.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return report(session, problems);
  const Result<CacheInfo> after = inspect_cache(folder);
  if (!before || !after) return report(session, (before ? after : before).error());
  print_result(describe_growth(before->total(), after->total()));
  return to_int(ExitCode::Fine);
}

constexpr Action kCacheActions[] = {
    {"info", "Show what the cache has", info_action},
    {"clean", "Remove everything from it", clean_action},
    {"warm", "Compile components for their next start", warm_action},
};

}  // namespace

int cache_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {"cache", "Show, clean and fill the cache of compiled code",
                                kCacheActions,
                                "  tenon cache info\n"
                                "  tenon cache warm cart.wasm"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
