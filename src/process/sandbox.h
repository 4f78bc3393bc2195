// Takes rights away from this process, for good: resource limits, and system calls that it does not need.
//
// A filter of seccomp decides by the number of a system call, and by arguments that are numbers. It
// cannot see paths, so `files` is all or nothing. A call that is refused fails with EPERM, as in services of
// systemd with `SystemCallErrorNumber=EPERM`: libraries handle that as any missing right. One that libseccomp
// does not know fails with ENOSYS, so that newer kernels offer no way around.
#pragma once

#include <string_view>

#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon::process {

// Memory, processor time and descriptors. Errors: host-process.
[[nodiscard]] Result<void> set_limits(const HostProcess& limits);

// Whether the C library asks for the state of an open file by a call that takes a path: glibc from 2.33 to 2.38. Only
// then that call must be allowed, by which metadata of paths can be read. version: of glibc, such as "2.36"
[[nodiscard]] bool reads_state_by_path(std::string_view version);

// Loading: the library is loaded next, so files can be opened to read them. Running: it has been loaded.
enum class SandboxStage { Loading, Running };

// Installs the filter of a stage, for all threads, on top of earlier ones. Does nothing if the settings allow
// all. Errors: host-process, if libseccomp or the kernel refuses.
[[nodiscard]] Result<void> enter_sandbox(const HostProcess& limits, SandboxStage stage);

}  // namespace tenon::process
