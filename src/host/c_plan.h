// What a plain C library has to have for its WIT: a symbol for each function and for the destructor
// of each resource, and how they are called. Made without the library.
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/c_signature.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::host {

struct CFunctionPlan {
  std::string interface;  // as WantedItem has it
  std::string name;
  std::string symbol;
  Location where;  // who says so: the entry, or the WIT
  CSignature signature;
};

struct CResourcePlan {
  std::string interface;
  std::string name;
  types::ResourceId resource;
  std::string symbol;  // void SYMBOL(void *)
  Location where;
};

struct CPlan {
  std::vector<CFunctionPlan> functions;
  std::vector<CResourcePlan> resources;
};

// "example:zlib/checksum" and "[method]stream.read-all":
// "example_zlib_checksum_method_stream_read_all".
[[nodiscard]] std::string default_symbol(std::string_view interface, std::string_view name);

// The entry of a destructor: "[resource-drop]stream".
[[nodiscard]] std::string drop_name(std::string_view resource);

// wit: as it is opened. Errors: those of make_c_signature for each; config-value (an entry for
// what the WIT has not, or a second one); host-wit-mismatch (two functions with one symbol by
// default). All of them.
[[nodiscard]] Result<CPlan> plan_c_library(const Manifest& manifest, const WantedItems& wanted,
                                           const types::Types& types, const std::string& wit);

}  // namespace tenon::host
