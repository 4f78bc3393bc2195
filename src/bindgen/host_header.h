// The headers that host bundles are written with: `tenon bindgen host-cpp` and `host-c`.
//
// The C++ header has the types of the WIT, an abstract class for each resource and interface, and
// the table of the library; what does not depend on the WIT is in tenon/host_glue.h, which it
// includes. The C header has a prototype for each function, and the table.
//
// Both are deterministic: the same model gives the same text.
#pragma once

#include <string>
#include <vector>

#include "bindgen/host_model.h"
#include "tenon/result.h"

namespace tenon::bindgen {

// Errors: host-wit-mismatch: types that C++ cannot spell.
[[nodiscard]] Result<std::string> print_host_cpp(const HostModel& model);

[[nodiscard]] std::string print_host_c(const HostModel& model);

// A row of the table, with the name of its C function.
struct CFunction {
  const HostInterface* interface = nullptr;
  const HostFunction* function = nullptr;
  std::string name;  // "sql_connection_query"
};
struct CResource {
  const HostInterface* interface = nullptr;
  const HostResource* resource = nullptr;
  std::string drop;  // "sql_connection_drop"
};

// Lifetime: the model's.
struct CNames {
  std::vector<CFunction> functions;
  std::vector<CResource> resources;
};

// In WIT order: for each interface its functions, then the methods of its resources.
[[nodiscard]] CNames name_c_functions(const HostModel& model);

}  // namespace tenon::bindgen
