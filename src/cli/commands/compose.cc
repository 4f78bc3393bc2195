#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/nearby.h"
#include "tenon/builder.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

struct ComposeFlags {
  LinkRequest request;
  std::string output = "-";
  bool wat = false;
  bool strip = false;
  bool no_validate = false;
};

void add_flags(CommandLine& line, ComposeFlags& flags) {
  add_component_flags(line, flags.request);
  add_output_flag(line, flags.output);
  line.add_flag("--wat", flags.wat, "Write the WebAssembly text format");
  line.add_flag("--strip", flags.strip, "Omit names, producers and debug information");
  line.add_flag("--no-validate", flags.no_validate, "Do not validate the result");
  add_link_flags(line, flags.request.flags);
  line.set_footer(
      "Examples:\n"
      "  tenon compose app.wasm tax.wasm -o shop.wasm\n"
      "  tenon compose --wat app.wasm tax.wasm");
}

Result<void> write_component(const ComposeFlags& flags, const std::vector<std::uint8_t>& bytes) {
  if (flags.wat) {
    Result<std::string> text = print_wat(bytes);
    if (!text) return std::move(text).error();
    return write_output(flags.output, *text, Content::Text);
  }
  return write_output(flags.output, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                      Content::Binary);
}

}  // namespace

int compose_command(Session& session, Words words) {
  CommandLine line("Link components into one component", "tenon compose");
  ComposeFlags flags;
  add_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  Result<CompositionBuilder> builder = make_builder(flags.request);
  if (!builder) return report(session, builder.error());
  const Result<void> checked =
      check_output(flags.output, "-o ", builder->files(), Replaces::AnyFile);
  if (!checked) return report(session, checked.error());
  ComposeOptions options;
  if (flags.strip) options.sections = ComposeOptions::Sections::Strip;
  if (flags.no_validate) options.validate = ComposeOptions::Validate::No;
  Diagnostics notes;
  options.notes = &notes;
  Result<std::vector<std::uint8_t>> bytes = builder->compose(options);
  report_times(session, builder->times());
  if (!bytes) {
    suggest_nearby(*builder, flags.request.flags.hosts, bytes.error());
    return report(session, bytes.error());
  }
  report_notes(session, notes);
  const Result<void> written = write_component(flags, *bytes);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

}  // namespace tenon::cli
