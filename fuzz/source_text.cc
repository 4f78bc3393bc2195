// Property: any text is either rejected or read as a source, as wkg's configuration, as an OCI
// manifest and config, and as the index of a registry. Results are within the limits, and a URL, an
// OCI reference or an index is printed as a text that is read as an equal one. Headers that ask for
// credentials are read completely.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "registry/backend.h"
#include "registry/oci_auth.h"
#include "registry/oci_index.h"
#include "registry/oci_manifest.h"
#include "registry/source.h"
#include "registry/wasm_pkg_config.h"
#include "require.h"
#include "support/limits.h"

namespace {

using namespace tenon::registry;

template <class T>
void require_reasons(const tenon::Result<T>& result) {
  if (result) return;
  require(!result.error().empty());
  for (const tenon::Diagnostic& problem : result.error()) require(!problem.message.empty());
}

void check_source(std::string_view text) {
  const tenon::Result<Source> source = parse_source(text);
  require_reasons(source);
  if (!source) return;
  if (const auto* const url = std::get_if<UrlSource>(&*source)) {
    require(url->url.scheme == Scheme::Https || is_loopback(url->url.host));
    require(*parse_url(print_url(url->url)) == url->url);
  }
  if (const auto* const reference = std::get_if<OciReference>(&*source))
    require(*parse_source(print_oci_reference(*reference)) == Source(*reference));
}

void check_location(std::string_view text) {
  const Url base = *parse_url("https://registry.example:5000/v2/a/b?n=1");
  const tenon::Result<Url, UrlError> url = resolve_location(base, text);
  if (url)
    require(*parse_url(print_url(*url)) == *url);
  else
    require(!url.error().reason.empty());
}

void check_manifest(std::span<const std::uint8_t> text) {
  const tenon::Result<OciManifest, ManifestError> manifest = parse_oci_manifest(text);
  if (!manifest) {
    require(!manifest.error().reason.empty());
    return;
  }
  require(is_oci_digest(manifest->component.digest) && is_oci_digest(manifest->config.digest));
  require(manifest->component.size <= tenon::limits::kPackageBytes);
  require(manifest->config.size <= tenon::limits::kRegistryAnswerBytes);
  const auto fine = check_wasm_config(text, manifest->component);
  require(fine || !fine.error().reason.empty());
}

void check_index(std::span<const std::uint8_t> text) {
  const tenon::Result<std::vector<IndexEntry>, ManifestError> index = parse_index(text);
  if (index)
    require(*parse_index(print_index(*index)) == *index);
  else
    require(!index.error().reason.empty());
  const auto artifact = parse_oci_artifact(text, "application/vnd.tenon.index.v1+json");
  require(artifact ? is_oci_digest(artifact->digest) : !artifact.error().reason.empty());
  (void)find_wasm_interfaces(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_source(text);
  check_location(text);
  // toml++ 3.3 reaches code that it marks unreachable if a key begins with other letters.
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    require_reasons(parse_wasm_pkg_config(text, "config.toml"));
  check_manifest({data, size});
  check_index({data, size});
  for (const Challenge& challenge : parse_challenges(text)) require(!challenge.scheme.empty());
  return 0;
}
