// What the table of a native library has for what its WIT says.
//
// The WIT has the types; a table has names alone. All that one has and the other has not is told at
// once, before anything of the library but its table is used.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"
#include "types/type.h"

namespace tenon::host {

// A function of native code, and what it is given first.
struct NativeFunction {
  tenon_fn fn = nullptr;
  void* self = nullptr;
};

// What destroys resources of a kind, and what that is given first.
struct NativeResource {
  void (*drop)(void* self, void* rep) = nullptr;  // null: there is nothing to do
  void* self = nullptr;
};

// A function or a resource of a WIT.
struct WantedItem {
  std::string interface;        // "tenon:duckdb/sql", without version
  std::string name;             // "query", "[method]connection.query"; of a resource: "connection"
  std::uint64_t signature = 0;  // of a function
  Location where = {};          // in the WIT; without a file if the WIT is binary
  types::FunctionId function = {};
  types::ResourceId resource = {};
};

struct WantedItems {
  std::vector<WantedItem> functions;
  std::vector<WantedItem> resources;
};

// By interface and name, as WantedItem has them.
template <class Item>
using NativeItems = std::map<std::pair<std::string, std::string>, Item>;

// Lifetime: that of the library, which is the process's.
class ModuleTable final {
 public:
  // host: the instance's name; file: the library's, as the user wrote it; wit: the WIT's.
  // Errors: host-abi-version; host-wit-mismatch: one, with all that differs.
  [[nodiscard]] static Result<ModuleTable> bind(const std::string& host, const std::string& file,
                                                const std::string& wit,
                                                const tenon_host_module& module,
                                                const WantedItems& wanted);

  // Of a library without one. module: static; its own functions are not looked at. keeps: what they
  // need.
  [[nodiscard]] static ModuleTable make(const tenon_host_module& module,
                                        NativeItems<NativeFunction> functions,
                                        NativeItems<NativeResource> resources,
                                        std::vector<std::shared_ptr<const void>> keeps);

  // What `create` made is what those are given first that nothing else was said of.
  void set_self(void* self);

  [[nodiscard]] const tenon_host_module& module() const { return *module_; }
  // REQUIRES of both: it was wanted
  [[nodiscard]] const NativeFunction& function(std::string_view interface,
                                               std::string_view name) const;
  [[nodiscard]] const NativeResource& resource(std::string_view interface,
                                               std::string_view name) const;

 private:
  const tenon_host_module* module_ = nullptr;
  NativeItems<NativeFunction> functions_;
  NativeItems<NativeResource> resources_;
  std::vector<std::shared_ptr<const void>> keeps_;
};

}  // namespace tenon::host
