// `tenon host new`: a folder that builds a host bundle.
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/new_folder.h"
#include "tenon/bindgen.h"

namespace tenon::cli {

int host_new_command(Session& session, Words words) {
  CommandLine line("Write a folder that builds a host bundle, from its WIT", "tenon host new");
  BindgenOptions options;
  std::string folder;
  std::string language = "cpp";
  line.add_option("name", options.name, "Name of the bundle, and of the folder").type_name("NAME");
  line.add_option("--wit", options.wit, "Folder of WIT, text file or binary WIT package")
      .type_name("WIT");
  line.add_option("--world", options.world,
                  "World whose exports the bundle provides; the only one, if not given")
      .type_name("WORLD");
  line.add_option("--lang", language, "Language that it is written in")
      .type_name("c|cpp|rust")
      .one_of({"c", "cpp", "rust"});
  line.add_option("-o,--output", folder, "Folder to write; NAME, if not given").type_name("DIR");
  line.set_footer(
      "Its functions trap until they are written. Nothing is replaced. README.md in it says how "
      "to\n"
      "build it.\n\n"
      "Examples:\n"
      "  tenon host new sqlite --wit sqlite.wit\n"
      "  tenon host new sqlite --wit wit --lang rust -o bundles/sqlite");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (options.name.empty() || options.wit.empty())
    return report(session,
                  {make_usage_problem(options.name.empty() ? "`tenon host new` needs a name"
                                                           : "`tenon host new` needs a WIT",
                                      {"`tenon host new NAME --wit WIT`"})});
  const HostLanguage made_in = language == "c"      ? HostLanguage::C
                               : language == "rust" ? HostLanguage::Rust
                                                    : HostLanguage::Cpp;
  const Result<std::vector<GeneratedFile>> files = make_host_skeleton(options, made_in);
  if (!files) return report(session, files.error());
  const Result<void> written =
      write_new_folder(folder.empty() ? options.name : folder, *files, "host new");
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

}  // namespace tenon::cli
