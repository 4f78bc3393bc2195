// A plain C library: the symbols that it must have for its WIT, one for each function and for the
// destructor of each resource, and how they are called. The plan is made without the library;
// binding then finds its symbols.
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/bundle_world.h"
#include "host/c_signature.h"
#include "host/library.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::host {

struct CFunctionPlan {
  std::string interface;  // see RequiredItem
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
[[nodiscard]] Result<CPlan> plan_c_library(const Manifest& manifest, const RequiredItems& required,
                                           const types::Types& types, const std::string& wit);

// Names for messages.
struct CBundleNames {
  std::string host;  // the instance
  std::string wit;   // its path
};

// Finds the symbols of the plan in the library.
// Errors: host-wit-mismatch, once, with every symbol that is missing or not a function.
[[nodiscard]] Result<ModuleTable> bind_c_library(const CBundleNames& names, const Library& library,
                                                 const CPlan& plan, const Manifest& manifest);

}  // namespace tenon::host
