#include "http/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tenon::http {

namespace {

constexpr int kNoDigit = -1;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return kNoDigit;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = digit_of(text[i + 1]);
      const int low = digit_of(text[i + 2]);
      if (high == kNoDigit || low == kNoDigit) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  return decoded;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), to_lower);
  return lowered;
}

std::optional<std::string> normalize_path(std::string_view target) {
  if (target == "*") return "/";
  if (!target.starts_with('/')) return std::nullopt;
  const std::optional<std::string> decoded =
      decode_percent(target.substr(0, target.find_first_of("?#")));
  if (!decoded) return std::nullopt;
  std::string path = "/";  // of the segments so far, each with "/" after it
  std::string_view rest = std::string_view(*decoded).substr(1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    const bool is_last = end == rest.size();
    rest.remove_prefix(is_last ? end : end + 1);
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (path.size() == 1) return std::nullopt;
      path.pop_back();
      path.erase(path.rfind('/') + 1);
      continue;
    }
    path += segment;
    if (!is_last) path += '/';
  }
  return path;
}

std::string encode_path(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    if (is_unreserved(c) || c == '/')
      encoded += c;
    else
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string normalize_host(std::string_view authority) {
  std::string_view host = authority;
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  host = host.substr(0, colon);
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower(host);
}

}  // namespace tenon::http
