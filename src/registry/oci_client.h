// A client of one OCI registry: tags, manifests and blobs. Content is addressed by its SHA-256
// digest, and everything that is downloaded is checked against the digest that it was requested by.
//
// Source: OCI distribution specification 1.1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/credentials.h"
#include "registry/http.h"
#include "registry/oci_auth.h"
#include "registry/oci_manifest.h"
#include "tenon/result.h"

namespace tenon::registry {

struct OciSettings {
  std::string registry;  // HOST or HOST:PORT
  // Of the registry's URL. None: https, or http for a registry on this machine.
  std::optional<Scheme> scheme = {};
  PlainHttp plain_http = PlainHttp::LoopbackOnly;
  FoundCredentials credentials = {};
};

// The rights to request from a token server. Requesting `Push` fails for users who can only read.
enum class Intent { Pull, Push };

struct OciPulled {
  OciManifest manifest;
  std::string digest;  // of the manifest itself
};

// Thread: one at a time.
class OciClient final {
 public:
  // http must outlive the client. Errors: ext-source (`registry` is not a host).
  [[nodiscard]] static Result<OciClient> open(HttpClient& http, OciSettings settings);

  [[nodiscard]] const std::string& registry() const { return registry_; }

  // The tags of a repository, in the registry's order; none if the repository does not exist.
  // Errors: ext-fetch, also if the list does not end; ext-auth.
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> list_tags(
      const std::string& repository, Intent intent = Intent::Pull);

  // The repositories of the registry. Errors: ext-fetch, also if it does not list them; ext-auth.
  [[nodiscard]] Result<std::vector<std::string>> list_repositories();

  // The manifest for a tag or digest; none if the repository does not have it.
  // Errors: ext-fetch, also if the manifest does not describe a component; ext-digest, ext-auth.
  [[nodiscard]] Result<std::optional<OciPulled>> pull_manifest(const std::string& repository,
                                                               const std::string& reference,
                                                               Intent intent);

  // The text of a manifest or an index, of which nothing but the digest was checked. None if the
  // repository does not have it. type: the media type. Errors: ext-fetch, ext-digest, ext-auth.
  [[nodiscard]] Result<std::optional<Bytes>> pull_text(const std::string& repository,
                                                       const std::string& reference,
                                                       std::string_view type);
  // The index of the artifacts that refer to a manifest; none if there is none. Artifacts of other
  // types can be among them. A registry without an API for this has the index under a tag.
  // digest: of the manifest. Errors: ext-fetch, ext-digest, ext-auth.
  [[nodiscard]] Result<std::optional<Bytes>> list_referrers(const std::string& repository,
                                                            const std::string& digest,
                                                            std::string_view artifact_type);

  // Errors: ext-fetch, ext-digest, ext-auth.
  [[nodiscard]] Result<Bytes> pull_blob(const std::string& repository,
                                        const OciDescriptor& descriptor, Intent intent);

  // The document of an artifact of this type. None if the repository does not have the tag, or if
  // the tag is something else, for which a note (ext-fetch) is added.
  // Errors: ext-fetch, ext-digest, ext-auth.
  [[nodiscard]] Result<std::optional<Bytes>> pull_document(const std::string& repository,
                                                           const std::string& tag,
                                                           std::string_view type, Intent intent,
                                                           Diagnostics& notes);
  // Uploads a document as an artifact; see make_oci_artifact. Errors: ext-fetch, ext-auth.
  [[nodiscard]] Result<void> push_document(const std::string& repository, const std::string& tag,
                                           std::string_view type, std::string_view title,
                                           std::span<const std::uint8_t> document);

  // Uploads a blob, unless the repository has it already. Errors: ext-fetch, ext-auth.
  [[nodiscard]] Result<void> push_blob(const std::string& repository,
                                       const OciDescriptor& descriptor,
                                       std::span<const std::uint8_t> bytes);
  [[nodiscard]] Result<void> push_manifest(const std::string& repository, const std::string& tag,
                                           std::span<const std::uint8_t> manifest,
                                           std::string_view type = kManifestType);

 private:
  OciClient(HttpClient& http, Url root, OciSettings settings);

  [[nodiscard]] HttpRequest make_request(const std::string& path, std::uint64_t max_bytes) const;
  [[nodiscard]] Result<HttpResponse> send(HttpRequest request, const std::string& scope);
  // Collects the strings under `key` from all pages of a list, following `Link` headers. None if
  // the first page does not exist (404).
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> list_pages(
      const std::string& path, const char* key, const std::string& scope);
  // A manifest whose digest was checked. None if the repository does not have it.
  [[nodiscard]] Result<std::optional<HttpResponse>> get_manifest(
      const std::string& repository, const std::string& reference, Intent intent,
      std::string_view type = kManifestType);
  [[nodiscard]] Result<HttpRequest> start_upload(const std::string& repository);

  HttpClient& http_;
  std::string registry_;
  Url root_;
  PlainHttp plain_http_;
  OciAuthorizer authorizer_;
};

}  // namespace tenon::registry
