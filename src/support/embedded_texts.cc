#include "support/embedded_texts.h"

namespace tenon {

std::string fill_template(std::string_view text, const TemplateValues& values) {
  std::string filled(text);
  for (const auto& [key, value] : values)
    for (std::size_t at = 0; (at = filled.find(key, at)) != std::string::npos; at += value.size())
      filled.replace(at, key.size(), value);
  return filled;
}

}  // namespace tenon
