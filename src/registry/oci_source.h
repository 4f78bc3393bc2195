// Packages of an OCI registry, as wkg lays them down: `<prefix><namespace>/<name>`, with versions
// as tags. And what `oci://` sources name.
//
// A tag that is no version is passed over. A version with build metadata cannot be a tag.
#pragma once

#include <memory>
#include <string>

#include "registry/http.h"
#include "registry/oci_client.h"
#include "registry/package_source.h"
#include "registry/source.h"
#include "tenon/result.h"

namespace tenon::registry {

// http must outlive it. prefix: before the namespace, with its `/`; empty: none.
// publish looks whether a version is there and then sends it: of two who publish one version at the
// same moment, the registry keeps the later.
// Errors: ext-source: the registry is no host, or the prefix breaks the rules for repositories.
[[nodiscard]] Result<std::unique_ptr<PackageSource>> make_oci_source(HttpClient& http,
                                                                     OciSettings settings,
                                                                     std::string prefix);

// A reference without tag and digest is the greatest version that is no prerelease.
// Errors: ext-not-found, ext-fetch, ext-auth, ext-digest; ext-source: the registry is no host.
[[nodiscard]] Result<FetchedPackage> fetch_oci(HttpClient& http, OciSettings settings,
                                               const OciReference& reference);

}  // namespace tenon::registry
