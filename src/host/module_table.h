// Matches the table of a native library against its WIT.
//
// The WIT has the types, the table only names. All differences are reported together, before any
// function of the library is called.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/bundle_world.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

// A native function, and its first argument.
struct NativeFunction {
  tenon_fn fn = nullptr;
  void* self = nullptr;
};

// The destructor of a resource type, and its first argument.
struct NativeResource {
  void (*drop)(void* self, void* rep) = nullptr;  // null: resources need no destructor
  void* self = nullptr;
};

// Items by interface and name (see RequiredItem).
template <class Item>
using NativeItems = std::map<std::pair<std::string, std::string>, Item>;

// Lifetime: the process, like that of the library.
class ModuleTable final {
 public:
  // Matches a table. host: the name of the instance; file, wit: paths of the library and the WIT.
  // Errors: host-abi-version; host-wit-mismatch, once, with all differences.
  [[nodiscard]] static Result<ModuleTable> bind(const std::string& host, const std::string& file,
                                                const std::string& wit,
                                                const tenon_host_module& module,
                                                const RequiredItems& required);

  // Makes the table for a library without one. module: static, its own tables are ignored. keeps:
  // owns what the functions refer to.
  [[nodiscard]] static ModuleTable make(const tenon_host_module& module,
                                        NativeItems<NativeFunction> functions,
                                        NativeItems<NativeResource> resources,
                                        std::vector<std::shared_ptr<const void>> keeps);

  // Sets the first argument, the object that `create` returned, of all items that have none yet.
  void set_self(void* self);

  [[nodiscard]] const tenon_host_module& module() const { return *module_; }
  // REQUIRES of both: the item is in the table
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
