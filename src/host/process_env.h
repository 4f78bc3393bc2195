// `[host.env]`: variables of the process, for libraries that are configured by them.
#pragma once

#include "host/manifest.h"
#include "host/native_call.h"
#include "tenon/result.h"

namespace tenon::host {

// Whether the environment may be changed. `setenv` while another thread calls `getenv` is a data
// race, so only a program that has one thread, or that knows its threads, can allow it.
enum class EnvAccess { ReadOnly, MayChange };

// Sets the variables of a manifest, each once in a process: what another host, or the user, has set
// to something else stays, and is an error. One whose `${config.KEY}` has no value is not set.
//
// host: the instance's name. Thread: one at a time. Errors: host-config (also for a variable that
// is not set, if the environment is read-only).
[[nodiscard]] Result<void> set_process_env(const std::string& host, const Manifest& manifest,
                                           const tenon_config& config, EnvAccess access);

}  // namespace tenon::host
