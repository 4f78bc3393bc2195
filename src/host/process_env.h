// Sets the environment variables of `[host.env]`, for libraries that are configured by them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/manifest.h"
#include "host/native_call.h"
#include "tenon/result.h"

namespace tenon::host {

// Whether the environment can be changed. `setenv` while another thread calls `getenv` is a data
// race, so only a program that has one thread, or that knows its threads, can allow it.
enum class EnvAccess { ReadOnly, MayChange };

// The variables of a manifest, without those whose `${config.KEY}` has no value.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> expand_env(
    const Manifest& manifest, const tenon_config& config);

// Sets the variables of a manifest. A variable that the user or another host has set to another
// value is an error and keeps its value. A variable whose `${config.KEY}` has no value is not set.
//
// host: the name of the instance. Thread: one at a time. Errors: host-config (also for a variable
// that is not set, if the environment is read-only).
[[nodiscard]] Result<void> set_process_env(const std::string& host, const Manifest& manifest,
                                           const tenon_config& config, EnvAccess access);

}  // namespace tenon::host
