#include "cli/hints.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli/environment.h"
#include "render/style.h"
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

}  // namespace tenon::cli
