#include "value/path.h"

#include <fmt/core.h>

#include "support/terminal_text.h"

namespace tenon::value {

std::string Path::print() const {
  std::string text = "$";
  for (const auto& part : parts_) {
    if (const auto* label = std::get_if<std::string_view>(&part))
      text += fmt::format(".{}", sanitize_text(*label));
    else
      text += fmt::format("[{}]", std::get<std::size_t>(part));
  }
  return text;
}

}  // namespace tenon::value
