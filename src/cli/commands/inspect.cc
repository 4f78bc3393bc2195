#include "tenon/inspect.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/render_hosts.h"
#include "render/json.h"
#include "render/render_inspection.h"
#include "render/style.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

struct InspectFlags {
  std::string file;
  bool wit = false;
  bool sizes = false;
  bool digest = false;
  WitFeatures features;
  OutputFormat format = OutputFormat::Human;
};

void add_flags(CommandLine& line, InspectFlags& flags) {
  line.add_option("file", flags.file,
                  "Component, binary WIT package, core module, or folder of a host bundle")
      .type_name("FILE");
  const CommandLine::Option wit = line.add_flag("--wit", flags.wit, "Print its WIT");
  const CommandLine::Option sizes =
      line.add_flag("--sizes", flags.sizes, "Print its parts and their sizes");
  const CommandLine::Option digest = line.add_flag("--digest", flags.digest, "Print its SHA-256");
  wit.excludes(sizes).excludes(digest);
  sizes.excludes(digest);
  add_feature_flags(line, flags.features);
  add_format_flags(line, flags.format);
  line.set_footer(
      "Examples:\n"
      "  tenon inspect tax.wasm\n"
      "  tenon inspect --wit tax.wasm");
}

int print_wit_text(const Session& session, const std::string& file, const WitFeatures& features) {
  const Result<WitText> wit = read_wit(file, features);
  if (!wit) return report(session, wit.error());
  print_notes(session, wit->notes);
  print_result(wit->text);
  return to_int(ExitCode::Fine);
}

// Says how a module for WASI preview 1 becomes a component.
Diagnostics note_preview1(const Inspection& inspection) {
  constexpr std::string_view kPreview1 = "wasi_snapshot_preview1";
  const auto has = [](const std::vector<Inspection::Function>& items, std::string_view name) {
    return std::ranges::any_of(items, [&](const Inspection::Function& item) {
      return item.name.substr(0, name.size()) == name;
    });
  };
  if (inspection.kind != Inspection::Kind::CoreModule || !has(inspection.imported, kPreview1))
    return {};
  const std::string_view kind = has(inspection.exported, "_start") ? "command" : "reactor";
  std::string output = inspection.file;
  if (output.ends_with(".wasm")) output.resize(output.size() - 5);
  Diagnostic note;
  note.severity = Severity::Note;
  note.code = "preview-1";
  note.message = fmt::format("`{}` is a module for WASI preview 1", sanitize_text(inspection.file));
  note.hints.push_back(fmt::format(
      "make a component of it: `wasm-tools component new {} --adapt {}.{}.wasm -o {}`; the adapter "
      "is a file of each release of wasmtime",
      sanitize_text(quote_shell_word(inspection.file)), kPreview1, kind,
      sanitize_text(quote_shell_word(output + ".component.wasm"))));
  return {std::move(note)};
}

// Prints a host bundle as `tenon host inspect` does. Its library is not loaded.
int inspect_bundle(const Session& session, const InspectFlags& flags, const std::string& folder) {
  if (flags.sizes || flags.digest)
    return report(session,
                  {make_usage_problem(fmt::format("`{}` is a host bundle, which is not one file",
                                                  sanitize_text(flags.file)),
                                      {"`--sizes` and `--digest` need a file"})});
  const Result<HostBundle> bundle = inspect_host_bundle(folder, {});
  if (!bundle) return report(session, bundle.error());
  if (flags.wit) return print_wit_text(session, bundle->wit, flags.features);
  print_notes(session, bundle->notes);
  print_result(flags.format == OutputFormat::Json ? dump_json(make_host_bundle_json(*bundle))
                                                  : render_host_bundle(*bundle, session.out));
  return to_int(ExitCode::Fine);
}

}  // namespace

int inspect_command(Session& session, Words words) {
  CommandLine line("Show the imports, exports and parts of a file", "tenon inspect");
  InspectFlags flags;
  add_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  finish_feature_flags(flags.features);
  flags.file = path_of_component(flags.file);
  if (!flags.wit && (flags.features.all || !flags.features.names.empty()))
    return report(session, {make_usage_problem("`--features` and `--all-features` need `--wit`",
                                               {"`tenon inspect --wit WIT --features FEATURE`"})});
  if (flags.file.empty())
    return report(session,
                  {make_usage_problem("`tenon inspect` needs a file", {"`tenon inspect FILE`"})});
  if (const auto bundle = find_host_bundle(flags.file))
    return inspect_bundle(session, flags, *bundle);
  if (flags.wit) return print_wit_text(session, flags.file, flags.features);
  const Result<Inspection> inspection = inspect_file(flags.file);
  if (!inspection) return report(session, inspection.error());
  print_notes(session, note_preview1(*inspection));
  if (flags.format == OutputFormat::Json)
    print_result(render_inspection_json(*inspection));
  else if (flags.sizes)
    print_result(render_sizes(*inspection, session.out));
  else if (flags.digest)
    print_result(render_digest(*inspection));
  else
    print_result(render_inspection(*inspection, session.out));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
