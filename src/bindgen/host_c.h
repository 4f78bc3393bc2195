// The C header that a host bundle is written over, and the names that its functions have.
#pragma once

#include <string>
#include <vector>

#include "bindgen/host_model.h"

namespace tenon::bindgen {

// A function of the table as C has it.
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

// Lifetime: of the model.
struct CNames {
  std::vector<CFunction> functions;
  std::vector<CResource> resources;
};

// In the order of the WIT: what an interface has, its resources with their methods last.
[[nodiscard]] CNames name_c_functions(const HostModel& model);

// Deterministic.
[[nodiscard]] std::string print_host_c(const HostModel& model);

}  // namespace tenon::bindgen
