#include "resolve/name_pattern.h"

#include "support/names.h"

namespace tenon::resolve {

Result<NamePattern, VersionError> parse_name_pattern(std::string_view written) {
  if (written.empty()) return VersionError{"it is empty"};
  const std::string text = types::strip_escapes(written);
  NamePattern pattern;
  pattern.text = text;
  pattern.path = text;
  pattern.is_glob = has_wildcard(text);
  if (pattern.is_glob) pattern.precision = Precision::Glob;

  const std::size_t at = text.find('@');
  const bool is_interface = text.find('/') != std::string_view::npos;
  const std::string_view version =
      at == std::string_view::npos ? std::string_view() : std::string_view(text).substr(at + 1);
  if (!is_interface || at == std::string_view::npos || has_wildcard(version)) {
    if (is_interface && !pattern.is_glob) pattern.precision = Precision::EveryVersion;
    return pattern;
  }

  pattern.path = text.substr(0, at);
  pattern.is_glob = has_wildcard(pattern.path);
  if (version.starts_with('^')) {
    Result<std::string, VersionError> track = parse_track(version.substr(1));
    if (!track) return std::move(track).error();
    pattern.track = *std::move(track);
    if (!pattern.is_glob) pattern.precision = Precision::Track;
    return pattern;
  }
  Result<Version, VersionError> exact = parse_interface_version(version, std::nullopt);
  if (!exact) return std::move(exact).error();
  pattern.version = *std::move(exact);
  return pattern;
}

bool matches_name(const NamePattern& pattern, const types::ItemName& name) {
  const std::string_view path =
      name.kind == types::NameKind::Interface ? std::string_view(name.path) : name.text;
  if (pattern.track && (!name.version || name.track != *pattern.track)) return false;
  // By precedence, which ignores build metadata.
  if (pattern.version &&
      (!name.version || compare_precedence(*name.version, *pattern.version) != 0))
    return false;
  if (!pattern.is_glob) return path == pattern.path;
  return matches_glob(pattern.path, path) || matches_glob(pattern.path, name.full_text());
}

}  // namespace tenon::resolve
