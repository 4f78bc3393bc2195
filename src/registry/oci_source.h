// Packages in an OCI registry, in wkg's layout: the repository is `<prefix><namespace>/<name>`, and
// the tags are versions. Also downloads a single `oci://` reference.
//
// Tags that are not versions are ignored. A version with build metadata cannot be a tag.
#pragma once

#include <memory>
#include <string>

#include "registry/http.h"
#include "registry/oci_client.h"
#include "registry/package_source.h"
#include "registry/source.h"
#include "tenon/result.h"

namespace tenon::registry {

// `publish` checks whether a version exists before it uploads it. If two users publish the same
// version at the same time, the registry keeps the later one.
// http must outlive the source.
// prefix: of repositories, including its `/`; can be empty.
// Errors: ext-source (the registry is not a host, or the prefix cannot begin a repository's name).
[[nodiscard]] Result<std::unique_ptr<PackageSource>> make_oci_source(HttpClient& http,
                                                                     OciSettings settings,
                                                                     std::string prefix);

// Downloads a reference. Without tag and digest it means the greatest version that is not a
// prerelease.
// Errors: ext-not-found, ext-fetch, ext-auth, ext-digest, ext-source (the registry is not a host).
[[nodiscard]] Result<FetchedPackage> fetch_oci(HttpClient& http, OciSettings settings,
                                               const OciReference& reference);

}  // namespace tenon::registry
