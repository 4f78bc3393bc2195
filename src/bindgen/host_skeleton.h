// The folder that `tenon host new` writes: a host bundle that builds, in which every function ends
// the call with a message that it is not written yet.
#pragma once

#include <vector>

#include "bindgen/host_model.h"
#include "support/files.h"
#include "tenon/bindgen.h"
#include "tenon/result.h"

namespace tenon::bindgen {

// Errors: as make_host_skeleton.
[[nodiscard]] Result<std::vector<GeneratedFile>> print_host_skeleton(const HostModel& model,
                                                                     const BindgenOptions& options,
                                                                     HostLanguage language,
                                                                     const Files& files);

}  // namespace tenon::bindgen
