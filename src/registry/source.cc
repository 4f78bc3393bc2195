#include "registry/source.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_tag_character(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// One path component of a repository: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
bool is_path_part(std::string_view part) {
  if (part.empty() || !is_lower_or_digit(part.front()) || !is_lower_or_digit(part.back()))
    return false;
  for (std::size_t i = 0; i < part.size();) {
    const std::size_t begin = i;
    while (i < part.size() && !is_lower_or_digit(part[i])) ++i;
    const std::string_view between = part.substr(begin, i - begin);
    const bool is_separator = between.empty() || between == "." || between == "_" ||
                              between == "__" || between.find_first_not_of('-') == between.npos;
    if (!is_separator) return false;
    while (i < part.size() && is_lower_or_digit(part[i])) ++i;
  }
  return true;
}

constexpr std::string_view kOciScheme = "oci://";

Diagnostic bad_source(std::string_view text, std::string_view reason, std::string_view form) {
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "invalid source `{}`: it {}", sanitize_text(text), reason);
  problem.hints.push_back(fmt::format("write {}", form));
  return problem;
}

bool is_path(std::string_view text) {
  return text.find('/') != text.npos || text.starts_with('.') || text.ends_with(".wasm") ||
         text.ends_with(".wat");
}

Result<Source> parse_url_source(std::string_view text) {
  constexpr std::string_view kForm = "a URL such as `https://example.org/math.wasm`";
  const Result<Url, UrlError> url = parse_url(text);
  if (!url) return bad_source(text, url.error().reason, kForm);
  if (url->scheme == Scheme::Http && !is_loopback(url->host))
    return bad_source(
        text, "uses plain http, which can be changed on the way, and is not for this machine",
        kForm);
  return Source(UrlSource{*url});
}

Result<Source> parse_oci_source(std::string_view text) {
  Result<OciReference, OciReferenceError> reference =
      parse_oci_reference(text.substr(kOciScheme.size()));
  if (!reference)
    return bad_source(text, reference.error().reason,
                      "`oci://HOST/REPOSITORY`, then `:TAG` or `@sha256:DIGEST`, such as "
                      "`oci://registry.example/acme/math:1.2.0`");
  return Source(*std::move(reference));
}

Result<Source> parse_registry_source(std::string_view text) {
  constexpr std::string_view kForm =
      "a package such as `acme:math@^1.2`, a path such as `./math.wasm`, "
      "`oci://registry.example/acme/math:1.2.0` or `https://example.org/math.wasm`";
  RegistrySource source;
  const std::size_t at = text.find('@');
  const std::string_view package = text.substr(0, at);
  const std::size_t colon = package.find(':');
  if (colon != package.npos) source.space = std::string(package.substr(0, colon));
  source.name = package.substr(colon == package.npos ? 0 : colon + 1);
  if (!is_label(source.name) || (source.space && !is_label(*source.space)))
    return bad_source(text, fmt::format("is not a path, and names of packages are {}", kLabelRule),
                      kForm);
  source.range_text = at == text.npos ? "" : text.substr(at + 1);
  // As for `cargo install` and npm, a version is that version. Elsewhere it is short for its track.
  const bool is_version = parse_version(source.range_text).has_value();
  Result<VersionRange, VersionError> range =
      parse_version_range(at == text.npos ? "*" : (is_version ? "=" : "") + source.range_text);
  if (!range)
    return bad_source(text, fmt::format("has an invalid version range: {}", range.error().reason),
                      fmt::format("`{}@^1.2`, `{}@1.2.3` or `{}`", package, package, package));
  source.range = *std::move(range);
  return Source(std::move(source));
}

}  // namespace

bool is_label(std::string_view text) {
  constexpr std::size_t kMaxLength = 64;
  if (text.size() > kMaxLength) return false;
  bool begins_word = true;
  for (const char c : text) {
    const bool is_letter = c >= 'a' && c <= 'z';
    const bool is_inner = !begins_word && ((c >= '0' && c <= '9') || c == '-');
    if (!is_letter && !is_inner) return false;
    begins_word = c == '-';
  }
  return !begins_word;
}

std::optional<PackageName> parse_package_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const std::string_view space = text.substr(0, colon);
  const std::string_view name = text.substr(colon + 1);
  if (!is_label(space) || !is_label(name)) return std::nullopt;
  return PackageName{.space = std::string(space), .name = std::string(name)};
}

std::string print_package_name(const PackageName& package) {
  return package.space + ':' + package.name;
}

bool is_oci_repository(std::string_view text) {
  constexpr std::size_t kMaxLength = 255;
  if (text.size() > kMaxLength) return false;
  while (true) {
    const std::size_t slash = text.find('/');
    if (!is_path_part(text.substr(0, slash))) return false;
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_oci_tag(std::string_view text) {
  constexpr std::size_t kMaxLength = 128;
  return !text.empty() && text.size() <= kMaxLength && is_tag_character(text.front()) &&
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
  OciReference reference;
  const std::size_t slash = text.find('/');
  reference.registry = text.substr(0, slash);
  if (const auto host = parse_authority(reference.registry, Scheme::Https); !host)
    return OciReferenceError{host.error().reason};
  if (slash == text.npos || slash + 1 == text.size())
    return OciReferenceError{"has no repository after its host"};
  text.remove_prefix(slash + 1);
  if (const std::size_t at = text.find('@'); at != text.npos) {
    reference.digest = text.substr(at + 1);
    text = text.substr(0, at);
    if (!is_oci_digest(reference.digest))
      return OciReferenceError{"has an invalid digest: expected `sha256:` and 64 digits 0-9 a-f"};
  }
  if (const std::size_t colon = text.find(':'); colon != text.npos) {
    reference.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
    if (!is_oci_tag(reference.tag))
      return OciReferenceError{
          "has an invalid tag: expected 1 to 128 characters a-z A-Z 0-9 `_` `.` `-`"};
  }
  reference.repository = text;
  if (!is_oci_repository(text))
    return OciReferenceError{
        "has an invalid repository: expected lower-case names separated by `/`"};
  return reference;
}

std::string print_oci_reference(const OciReference& reference) {
  std::string text = "oci://" + reference.registry + '/' + reference.repository;
  if (!reference.tag.empty()) text.append(":").append(reference.tag);
  if (!reference.digest.empty()) text.append("@").append(reference.digest);
  return text;
}

Result<Source> parse_source(std::string_view text) {
  if (text.starts_with(kOciScheme)) return parse_oci_source(text);
  if (text.find("://") != text.npos) return parse_url_source(text);
  if (is_path(text)) return Source(PathSource{std::string(text)});
  return parse_registry_source(text);
}

}  // namespace tenon::registry
