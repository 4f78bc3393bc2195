// `[host.env]`: variables of the process, for libraries that are configured by them.
#pragma once

#include "host/manifest.h"
#include "host/native_call.h"
#include "tenon/result.h"

namespace tenon::host {

// Sets the variables of a manifest, each once in a process: what another host, or the user, has set
// to something else stays, and is an error. One whose `${config.KEY}` has no value is not set.
//
// host: the instance's name. Thread: one at a time; none of the process reads its environment
// meanwhile. Errors: host-config.
[[nodiscard]] Result<void> set_process_env(const std::string& host, const Manifest& manifest,
                                           const tenon_config& config);

}  // namespace tenon::host
