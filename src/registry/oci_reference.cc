#include "registry/oci_reference.h"

#include <algorithm>
#include <cstddef>

#include "registry/url.h"

namespace tenon::registry {

namespace {

bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_tag_character(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// One part of a repository: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
bool is_path_part(std::string_view part) {
  if (part.empty() || !is_lower(part.front()) || !is_lower(part.back())) return false;
  for (std::size_t i = 0; i < part.size();) {
    const std::size_t begin = i;
    while (i < part.size() && !is_lower(part[i])) ++i;
    const std::string_view between = part.substr(begin, i - begin);
    const bool is_separator = between.empty() || between == "." || between == "_" ||
                              between == "__" || between.find_first_not_of('-') == between.npos;
    if (!is_separator) return false;
    while (i < part.size() && is_lower(part[i])) ++i;
  }
  return true;
}

}  // namespace

bool is_oci_repository(std::string_view text) {
  constexpr std::size_t kMost = 255;
  if (text.size() > kMost) return false;
  while (true) {
    const std::size_t slash = text.find('/');
    if (!is_path_part(text.substr(0, slash))) return false;
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_oci_tag(std::string_view text) {
  constexpr std::size_t kMost = 128;
  return !text.empty() && text.size() <= kMost && is_tag_character(text.front()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_tag_character(c) || c == '.' || c == '-'; });
}

bool is_oci_digest(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  if (!text.starts_with("sha256:")) return false;
  text.remove_prefix(std::string_view("sha256:").size());
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Result<OciReference, OciReferenceError> parse_oci_reference(std::string_view text) {
  OciReference made;
  const std::size_t slash = text.find('/');
  made.registry = text.substr(0, slash);
  if (const auto host = parse_authority(made.registry, Scheme::Https); !host)
    return OciReferenceError{host.error().reason};
  if (slash == text.npos || slash + 1 == text.size())
    return OciReferenceError{"names no repository after its host"};
  text.remove_prefix(slash + 1);
  if (const std::size_t at = text.find('@'); at != text.npos) {
    made.digest = text.substr(at + 1);
    text = text.substr(0, at);
    if (!is_oci_digest(made.digest))
      return OciReferenceError{"has a digest that is not `sha256:` and 64 digits 0-9 a-f"};
  }
  if (const std::size_t colon = text.find(':'); colon != text.npos) {
    made.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
    if (!is_oci_tag(made.tag))
      return OciReferenceError{"has a tag that is not 1 to 128 of a-z A-Z 0-9 `_` `.` `-`"};
  }
  made.repository = text;
  if (!is_oci_repository(text))
    return OciReferenceError{"has a repository that is not parts in lower case with `/` between"};
  return made;
}

std::string print_oci_reference(const OciReference& reference) {
  std::string text = "oci://" + reference.registry + '/' + reference.repository;
  if (!reference.tag.empty()) text.append(":").append(reference.tag);
  if (!reference.digest.empty()) text.append("@").append(reference.digest);
  return text;
}

}  // namespace tenon::registry
