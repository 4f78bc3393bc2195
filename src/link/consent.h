// The requests of manifests, and whether the user agreed to them (tenon/trust.h).
#pragma once

#include <vector>

#include "link/request.h"
#include "support/files.h"
#include "tenon/result.h"
#include "tenon/trust.h"

namespace tenon::link {

// Lists the requests of the manifests, in their order: native code of `[hosts]`, network, HTTP requests and addresses of
// `[remotes]`, and paths outside of the manifest's own folder. Grants of the program are not listed.
[[nodiscard]] std::vector<ManifestRequest> find_manifest_requests(const Request& request,
                                                                  const Files& files);

// Notes where the folders of the request's grants lead (`Request::folders`), before guests can put links there.
void note_folders(Request& request);

// Errors: config-untrusted (one diagnostic that lists everything).
[[nodiscard]] Result<void> check_consent(const Request& request, const Files& files);

}  // namespace tenon::link
