#include "remote/connection.h"

#include <fmt/core.h>

namespace tenon::remote {

Result<void, std::string> check_reader(const Dialect& dialect, const Connection& connection) {
  if (!dialect.has_short_reads || connection.total() <= kShortRead) return {};
  return fmt::format(
      "more than {} bytes were to be sent, and Go peers lose a part of them without "
      "an error",
      kShortRead);
}

}  // namespace tenon::remote
