#include "cli/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include "cli/environment.h"
#include "cli/style.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

// Longer command lines are not repeated in a hint.
constexpr std::size_t kMostRepeated = 5;  // words

bool has_manifest(const std::string& folder) {
  std::error_code failed;
  return std::filesystem::exists(std::filesystem::path(folder) / "tenon.toml", failed);
}

std::string repeat(const CommandLine& line, const Words& words) {
  if (words.size() > kMostRepeated) return line.name() + " ...";
  std::string text = line.name();
  for (const std::string& word : words) text += " " + quote_shell_word(sanitize_text(word));
  return text;
}

// "--isolate" of "--isolate=tax".
std::string_view flag_of(std::string_view command) {
  return command.substr(0, command.find_first_of(" ="));
}

// The way to follow a hint on the command line; empty if this command has none.
std::string find_command(const Hint& hint, const HintReader& reader) {
  const std::string& command = hint.ways.command;
  if (command.empty()) return {};
  const bool is_flag = command.starts_with("--");
  if (!is_flag || reader.command.empty() ||
      std::ranges::find(reader.flags, flag_of(command)) != reader.flags.end())
    return fmt::format("`{}`", command);
  if (flag_of(command) == "--with" && !reader.more_components.empty())
    return fmt::format("`{}{}`", reader.more_components, command.substr(flag_of(command).size()));
  return {};
}

}  // namespace

HintReader make_hint_reader(const CommandLine& line, const Words& words) {
  HintReader reader;
  reader.command = line.name();
  bool takes_several = false;
  for (const OptionInfo& option : line.options()) {
    if (option.is_argument) takes_several |= option.is_list && option.type_name == "COMPONENT";
    reader.flags.insert(reader.flags.end(), option.names.begin(), option.names.end());
  }
  const Words arguments = find_arguments(line, words);
  const bool links = line.find_flag("--wire").has_value();
  reader.has_manifest = links && (arguments.empty() ? !find_manifest().empty()
                                                    : std::ranges::any_of(arguments, has_manifest));
  // A manifest cannot be combined with other components.
  if (takes_several && !reader.has_manifest) reader.more_components = repeat(line, words);
  return reader;
}

ReaderHint adapt_hint(const Hint& hint, const HintReader& reader) {
  ReaderHint adapted{hint.text, {}};
  const std::string command = find_command(hint, reader);
  if (!command.empty()) adapted.text += ": " + command;
  const bool links = std::ranges::find(reader.flags, "--wire") != reader.flags.end();
  const bool shows_lines =
      !hint.ways.manifest.empty() && (reader.has_manifest || (command.empty() && links));
  if (!shows_lines) return adapted;
  adapted.text += command.empty() ? ", in a tenon.toml" : ", or in tenon.toml";
  adapted.lines = hint.ways.manifest;
  return adapted;
}

}  // namespace tenon::cli
