// Reads the WIT of a bundle: the functions and resources that its library must provide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest.h"
#include "tenon/result.h"
#include "types/type.h"
#include "wit/read_wit.h"

namespace tenon::host {

// A function or resource that the WIT requires from the library.
struct RequiredItem {
  std::string interface;        // "tenon:duckdb/sql", without version
  std::string name;             // "query", "[method]connection.query"; of a resource: "connection"
  std::uint64_t signature = 0;  // of a function
  Location where = {};          // in the WIT; without a file if the WIT is binary
  types::FunctionId function = {};
  types::ResourceId resource = {};
};

struct RequiredItems {
  std::vector<RequiredItem> functions;
  std::vector<RequiredItem> resources;
};

struct BundleWorld {
  std::string name;  // "tenon:duckdb/host@0.1.0"; empty: the WIT has no world
  // Its exports are what the bundle provides, and its imports are only types.
  types::ComponentType type;
  RequiredItems required;
};

// Selects a world of a WIT.
struct BundleWorldRequest {
  std::string host;   // the bundle's name, for messages
  std::string world;  // empty: the only world; without worlds, every interface is provided
  WorldSide offers = WorldSide::Auto;
  std::string file;  // the file that selects the world, for messages
  // What a user writes to select the imports, for hints: "`offers = \"imports\"` in `[host]`".
  std::string_view offers_imports;
};

// Decides what a bundle provides. Every reader of a bundle's world calls this function.
// Errors: wit-world-missing; host-wit-mismatch for error contexts, if a bundle that provides the
// exports of its world also imports more than types, and if there are no imports to provide.
[[nodiscard]] Result<BundleWorld> read_bundle_world(const wit::WitPackage& package,
                                                    types::Types& types,
                                                    const BundleWorldRequest& request);

// The flags of `tenon bindgen` for these choices: " --world shop --offers imports".
[[nodiscard]] std::string print_world_flags(std::string_view world, WorldSide offers,
                                            const WitFeatures& features);
// The value of the key `offers`. REQUIRES: side is not Auto.
[[nodiscard]] std::string_view side_name(WorldSide side);

// The name of an interface without its version, as in tables: "tenon:duckdb/sql".
[[nodiscard]] std::string table_name(std::string_view interface);

}  // namespace tenon::host
