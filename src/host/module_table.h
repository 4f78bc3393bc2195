// What the table of a native library has for what its WIT says.
//
// The WIT has the types; a table has names alone. All that one has and the other has not is told at
// once, before anything of the library but its table is used.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

// A function or a resource of a WIT.
struct WantedItem {
  std::string interface;        // "tenon:duckdb/sql", without version
  std::string name;             // "query", "[method]connection.query"; of a resource: "connection"
  std::uint64_t signature = 0;  // of a function
  Location where = {};          // in the WIT; no file: it is no text
};

struct WantedItems {
  std::vector<WantedItem> functions;
  std::vector<WantedItem> resources;
};

// Lifetime: that of the library, which is the process's.
class ModuleTable final {
 public:
  // host: the instance's name; file: the library's, as the user wrote it; wit: the WIT's.
  // Errors: host-abi-version; host-wit-mismatch: one, with all that differs.
  [[nodiscard]] static Result<ModuleTable> bind(const std::string& host, const std::string& file,
                                                const std::string& wit,
                                                const tenon_host_module& module,
                                                const WantedItems& wanted);

  [[nodiscard]] const tenon_host_module& module() const { return *module_; }
  // REQUIRES of both: it was wanted
  [[nodiscard]] const tenon_func_def& function(std::string_view interface,
                                               std::string_view name) const;
  [[nodiscard]] const tenon_resource_def& resource(std::string_view interface,
                                                   std::string_view name) const;

 private:
  using Key = std::pair<std::string, std::string>;

  const tenon_host_module* module_ = nullptr;
  std::map<Key, const tenon_func_def*> functions_;
  std::map<Key, const tenon_resource_def*> resources_;
};

}  // namespace tenon::host
