// `tenon ext new`: a folder that builds an extension.
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/new_folder.h"
#include "tenon/extension.h"

namespace tenon::cli {

int ext_new_command(Session& session, Words words) {
  CommandLine line("Write a folder that builds an extension", "tenon ext new");
  std::string name;
  std::string folder;
  std::string language = "rust";
  bool library = false;
  line.add_option("name", name, "Name of the extension, and of the folder")
      .type_name("[NAMESPACE:]NAME");
  line.add_flag("--lib", library, "A library for other extensions, in the place of a command");
  line.add_option("--lang", language, "Language that it is written in; rust, if not given")
      .type_name("c|cpp|rust|js")
      .one_of({"c", "cpp", "rust", "js"});
  line.add_option("-o,--output", folder, "Folder to write; NAME, if not given").type_name("DIR");
  line.set_footer(
      "It greets until more is written. Nothing is replaced. README.md in it says how to build "
      "it.\n"
      "The WIT of a library is of the package NAMESPACE:NAME; without a namespace, NAME:NAME.\n\n"
      "Examples:\n"
      "  tenon ext new square\n"
      "  tenon ext new acme:square --lib --lang cpp -o libs/square");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (name.empty())
    return report(session,
                  {make_usage_problem("`tenon ext new` needs a name", {"`tenon ext new NAME`"})});
  const ExtensionLanguage made_in = language == "c"     ? ExtensionLanguage::C
                                    : language == "cpp" ? ExtensionLanguage::Cpp
                                    : language == "js"  ? ExtensionLanguage::JavaScript
                                                        : ExtensionLanguage::Rust;
  const Result<std::vector<GeneratedFile>> files = make_extension_skeleton(
      name, library ? ExtensionKind::Library : ExtensionKind::Command, made_in);
  if (!files) return report(session, files.error());
  // A name that is one has no other colon.
  if (folder.empty()) folder = name.substr(name.find(':') + 1);
  const Result<void> written = write_new_folder(folder, *files, "ext new");
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

}  // namespace tenon::cli
