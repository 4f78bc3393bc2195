// The symbols that a plain C library must have for its WIT: one for each function and for the
// destructor of each resource, and how they are called. The plan is made without the library.
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
  std::string interface;  // see WantedItem
  std::string name;
  std::string symbol;
  Location where;  // the entry, or else the place in the WIT
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

// The name of a destructor in an entry: "[resource-drop]stream".
[[nodiscard]] std::string drop_name(std::string_view resource);

// wit: its path. Errors: those of make_c_signature for each function; config-value (an entry for an
// unknown function, or a duplicate entry); host-wit-mismatch (two functions with the same default
// symbol). All problems are reported.
[[nodiscard]] Result<CPlan> plan_c_library(const Manifest& manifest, const WantedItems& wanted,
                                           const types::Types& types, const std::string& wit);

}  // namespace tenon::host
