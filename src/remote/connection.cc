#include "remote/connection.h"

#include <fmt/core.h>

#include <cctype>
#include <system_error>

namespace tenon::remote {

std::string within_sentence(std::string text) {
  // An abbreviation keeps its capitals.
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string describe_error(int error) {
  return within_sentence(std::system_category().message(error));
}

Result<void, std::string> check_reader(const Dialect& dialect, const Connection& connection) {
  if (!dialect.has_short_reads || connection.total() <= kShortRead) return {};
  return fmt::format(
      "more than {} bytes were to be sent, and Go peers lose a part of them without "
      "an error",
      kShortRead);
}

}  // namespace tenon::remote
