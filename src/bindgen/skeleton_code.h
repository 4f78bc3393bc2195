// The source file of a new bundle: a body for each function, which ends the call and says that it
// is not written yet.
#pragma once

#include <string>

#include "bindgen/host_model.h"

namespace tenon::bindgen {

// Over the headers that host_cpp.h and host_c.h print.
[[nodiscard]] std::string print_cpp_bodies(const HostModel& model);
[[nodiscard]] std::string print_c_bodies(const HostModel& model);
// Over skeleton/tenon_host.rs; with the tables.
[[nodiscard]] std::string print_rust_bodies(const HostModel& model);

}  // namespace tenon::bindgen
