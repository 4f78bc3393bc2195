// The configuration of an instance of a host bundle: the keys that its manifest declares, with
// values from a file, the program or the command line.
#pragma once

#include <string>
#include <vector>

#include "host/bundle_unit.h"
#include "host/manifest.h"
#include "host/native_call.h"
#include "tenon/result.h"

namespace tenon::host {

// The configuration of the instance `request`. Values of type path are relative to the file that
// has them.
// Errors: host-config; all problems are reported.
[[nodiscard]] Result<tenon_config> make_bundle_config(const BundleRequest& request,
                                                      const HostSettings& settings,
                                                      const Manifest& manifest);

// Reports configuration for names that do not belong to a host bundle. bundles: the names of those of
// the request; offers of `settings` are known too. Errors: host-config.
[[nodiscard]] Diagnostics check_host_config(const HostSettings& settings,
                                            const std::vector<std::string>& bundles);

}  // namespace tenon::host
