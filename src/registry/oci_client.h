// One OCI registry: its tags, manifests and blobs. Each byte that it gives is held against the
// digest that it is asked by.
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
  // Of the registry's own URL; nothing: https, and http on this machine.
  std::optional<Scheme> scheme = {};
  PlainHttp plain_http = PlainHttp::LoopbackOnly;
  FoundCredentials credentials = {};
};

// What the rights of a request are asked for: who may only read is refused rights to write.
enum class Intent { Pull, Push };

struct OciPulled {
  OciManifest manifest;
  std::string digest;  // of the manifest
};

// Thread: one at a time.
class OciClient final {
 public:
  // http must outlive it. Errors: ext-source: `registry` is no host.
  [[nodiscard]] static Result<OciClient> open(HttpClient& http, OciSettings settings);

  [[nodiscard]] const std::string& registry() const { return registry_; }

  // The tags of a repository, in the registry's order; nothing if it has no such repository.
  // Errors: ext-fetch, also where the list does not end; ext-auth.
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> list_tags(
      const std::string& repository);

  // The repositories of the registry. Errors: ext-fetch, also where it lists none; ext-auth.
  [[nodiscard]] Result<std::vector<std::string>> list_repositories();

  // reference: a tag or a digest. Nothing if the repository has no such manifest.
  // Errors: ext-fetch, also for a manifest that is of no component; ext-digest, ext-auth.
  [[nodiscard]] Result<std::optional<OciPulled>> pull_manifest(const std::string& repository,
                                                               const std::string& reference,
                                                               Intent intent);

  // Errors: ext-fetch, ext-digest, ext-auth.
  [[nodiscard]] Result<Bytes> pull_blob(const std::string& repository,
                                        const OciDescriptor& descriptor, Intent intent);

  // What the repository has already is not sent again. Errors: ext-fetch, ext-auth.
  [[nodiscard]] Result<void> push_blob(const std::string& repository,
                                       const OciDescriptor& descriptor,
                                       std::span<const std::uint8_t> bytes);
  [[nodiscard]] Result<void> push_manifest(const std::string& repository, const std::string& tag,
                                           std::span<const std::uint8_t> manifest);

 private:
  OciClient(HttpClient& http, Url root, OciSettings settings);

  [[nodiscard]] HttpRequest make_request(const std::string& path, std::uint64_t max_bytes) const;
  [[nodiscard]] Result<HttpResponse> send(HttpRequest request, const std::string& scope);
  // The texts of a list in pages: under `key`, of each page that a `Link` leads to. Nothing: the
  // first page is not there (404).
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> list_pages(
      const std::string& path, const char* key, const std::string& scope);
  [[nodiscard]] Result<HttpRequest> start_upload(const std::string& repository);

  HttpClient& http_;
  std::string registry_;
  Url root_;
  PlainHttp plain_http_;
  OciAuthorizer authorizer_;
};

}  // namespace tenon::registry
