#include "registry/source.h"

#include <utility>

#include "registry/package_name.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

constexpr std::string_view kOciScheme = "oci://";

Diagnostic bad_source(std::string_view text, std::string_view reason, std::string_view form) {
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "`{}` is no source: it {}", sanitize_text(text), reason);
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
    return bad_source(text, "is fetched in clear, where anybody on the way can change it", kForm);
  return Source(UrlSource{*url});
}

Result<Source> parse_oci_source(std::string_view text) {
  Result<OciReference, OciReferenceError> made =
      parse_oci_reference(text.substr(kOciScheme.size()));
  if (!made)
    return bad_source(text, made.error().reason,
                      "`oci://HOST/REPOSITORY`, then `:TAG` or `@sha256:DIGEST`, such as "
                      "`oci://registry.example/acme/math:1.2.0`");
  return Source(*std::move(made));
}

Result<Source> parse_registry_source(std::string_view text) {
  constexpr std::string_view kForm =
      "a package such as `acme:math@^1.2`, a path such as `./math.wasm`, "
      "`oci://registry.example/acme/math:1.2.0` or `https://example.org/math.wasm`";
  RegistrySource made;
  const std::size_t at = text.find('@');
  const std::string_view package = text.substr(0, at);
  const std::size_t colon = package.find(':');
  if (colon != package.npos) made.space = std::string(package.substr(0, colon));
  made.name = package.substr(colon == package.npos ? 0 : colon + 1);
  if (!is_label(made.name) || (made.space && !is_label(*made.space)))
    return bad_source(text, fmt::format("is no path, and names of packages are {}", kLabelRule),
                      kForm);
  made.range_text = at == text.npos ? "" : text.substr(at + 1);
  Result<VersionRange, VersionError> range =
      parse_version_range(at == text.npos ? "*" : made.range_text);
  if (!range)
    return bad_source(text, fmt::format("asks for no range of versions: {}", range.error().reason),
                      fmt::format("`{}@^1.2`, `{}@=1.2.3` or `{}`", package, package, package));
  made.range = *std::move(range);
  return Source(std::move(made));
}

}  // namespace

Result<Source> parse_source(std::string_view text) {
  if (text.starts_with(kOciScheme)) return parse_oci_source(text);
  if (text.find("://") != text.npos) return parse_url_source(text);
  if (is_path(text)) return Source(PathSource{std::string(text)});
  return parse_registry_source(text);
}

}  // namespace tenon::registry
