// The configuration of an instance of a host bundle: what its manifest lets be configured, and what
// a file, the program or the command line say.
#pragma once

#include "host/manifest.h"
#include "host/native_call.h"
#include "linker/request.h"
#include "tenon/result.h"

namespace tenon::linker {

// Of the instance `request`. Values of type path are relative to the file that has them.
// Errors: host-config, all at once.
[[nodiscard]] Result<tenon_config> make_bundle_config(const UnitRequest& request,
                                                      const HostSettings& settings,
                                                      const host::Manifest& manifest);

// Reports configuration for names that do not belong to a host bundle. Errors: host-config.
[[nodiscard]] Diagnostics check_host_config(const Request& request);

}  // namespace tenon::linker
