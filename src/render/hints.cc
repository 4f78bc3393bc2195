#include "render/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tenon::render {

namespace {

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

}  // namespace tenon::render
