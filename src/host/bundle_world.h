// What a bundle's WIT says that its library provides.
#pragma once

#include <string>
#include <string_view>

#include "host/module_table.h"
#include "tenon/result.h"
#include "types/type.h"
#include "wit/read_wit.h"

namespace tenon::host {

struct BundleWorld {
  std::string name;           // "tenon:duckdb/host@0.1.0"; empty: the WIT has no world
  types::ComponentType type;  // its imports are types alone
  WantedItems wanted;
};

// Which world of a WIT, and who asks.
struct BundleWorldRequest {
  std::string host;   // the bundle's name, for messages
  std::string world;  // empty: the only one; of a WIT without any, every interface is provided
  std::string file;   // that asks for it, for messages
};

// Errors: wit-world-missing; host-wit-mismatch: what native code cannot have (functions that are
// async or have streams, futures or error contexts; imports that are not types), all of it.
[[nodiscard]] Result<BundleWorld> read_bundle_world(const wit::WitPackage& package,
                                                    const types::Types& types,
                                                    const BundleWorldRequest& request);

// "tenon:duckdb/sql": an interface's name without version, as tables have it.
[[nodiscard]] std::string table_name(std::string_view interface);

}  // namespace tenon::host
