#include "bindgen/code_text.h"

#include <algorithm>

#include "support/terminal_text.h"

namespace tenon::bindgen {

std::string comment_text(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
  std::string shown;
  for (const char c : sanitize_text(text)) {
    const bool meets =
        !shown.empty() && ((shown.back() == '*' && c == '/') || (shown.back() == '/' && c == '*'));
    if (meets) shown += ' ';
    shown += c;
  }
  if (shown.ends_with('\\') || shown.ends_with("?\?/")) shown += '.';
  return shown;
}

std::vector<std::string> comment_lines(std::string_view docs, std::string_view declaration) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < docs.size();) {
    const std::size_t end = std::min(docs.find('\n', at), docs.size());
    lines.push_back(comment_text(docs.substr(at, end - at)));
    at = end + 1;
  }
  if (!declaration.empty()) lines.emplace_back(declaration);
  return lines;
}

void CodeText::comment(std::string_view indent, std::string_view docs,
                       std::string_view declaration) {
  for (const std::string& each : comment_lines(docs, declaration))
    line("{}//{}{}", indent, each.empty() ? "" : " ", each);
}

void CodeText::block_comment(std::string_view indent, std::string_view docs,
                             std::string_view declaration) {
  const std::vector<std::string> lines = comment_lines(docs, declaration);
  for (const std::string& each : lines)
    line("{}{}{}{}{}", indent, &each == &lines.front() ? "/*" : " *", each.empty() ? "" : " ", each,
         &each == &lines.back() ? " */" : "");
}

}  // namespace tenon::bindgen
