// A host bundle as a unit: what its manifest and its WIT say. Its library is not touched.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "host/c_plan.h"
#include "host/instance.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "linker/request.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::linker {

// What making an instance of a bundle needs to know.
struct Bundle {
  host::Manifest manifest;
  host::WantedItems wanted;
  // How its library is called if it has no table; absent: it has to have one. Problems of a library
  // that may have one are told when it has none.
  std::optional<Result<host::CPlan>> c_plan = {};
  std::string wit;  // as it is opened
  tenon_config config;
};

// By unit name.
using Bundles = std::map<std::string, std::shared_ptr<const Bundle>, std::less<>>;

struct BundleUnit {
  resolve::Unit unit;  // its type and version alone
  std::shared_ptr<const Bundle> bundle;
};

// Errors: host-bundle-not-found, read-file, config-.
[[nodiscard]] Result<host::Manifest> find_manifest_of(const Request& all,
                                                      const UnitRequest& request,
                                                      const Files& files);

// all: what `request` is of. Errors: as `find_manifest_of`, wit-, type-, host-config; host-library
// (none for this machine), host-wit-mismatch (what native code cannot provide).
[[nodiscard]] Result<BundleUnit> read_bundle_unit(const Request& all, const UnitRequest& request,
                                                  const Files& files, types::Types& types);

// Configurations of what is no host bundle. Errors: host-config.
[[nodiscard]] Diagnostics check_host_config(const Request& request);

// The instances of a composition, by unit name. Thread: that of the composition.
class HostInstances final {
 public:
  // Loads the library, or finds the instance that was made. Lifetime: of the composition.
  // Errors: host-.
  [[nodiscard]] Result<std::shared_ptr<host::HostInstance>> get(const std::string& unit,
                                                                const Bundle& bundle);

 private:
  std::map<std::string, std::shared_ptr<host::HostInstance>, std::less<>> made_;
};

// "tenon:duckdb/sql": an interface's name without version, as tables have it.
[[nodiscard]] std::string table_name(std::string_view interface);

}  // namespace tenon::linker
