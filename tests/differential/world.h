// Random worlds: interfaces, and the units that provide them and pass them on.
//
// Units are components with core code of their own. A provider answers a call with its arguments, so that
// whoever calls knows the answer; a relay imports an interface and exports the same; a pass does so without
// code. The last unit, the root, exports every interface. Equal seeds give equal worlds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "abi/guest.h"
#include "tenon/wire.h"
#include "types/type.h"

namespace tenon::differential {

struct Function {
  enum class Role : std::uint8_t {
    Echo,
    Make,     // the constructor of the resource, with a number
    Get,      // a method that returns the number
    Dropped,  // how many resources were dropped
  };
  // A borrow in an answer is the number of its resource.
  enum class Answer : std::uint8_t { Nothing, Last, All };
  enum class Fault : std::uint8_t { None, Unreachable, BadAddress };

  Role role = Role::Echo;
  Answer answer = Answer::All;
  Fault fault = Fault::None;
  std::string name = {};
  types::Function type = {};  // `settle` sets its result
};

struct Interface {
  bool is_open = false;  // no unit provides it, but the program does
  bool has_resource = false;
  bool has_alias = false;                 // of the resource: a second name
  bool has_types_alone = false;           // no functions, and `settle` keeps its types
  std::vector<types::TypeId> named = {};  // the types that it defines
  std::vector<Function> functions = {};
};

struct Unit {
  enum class Kind : std::uint8_t {
    Provider,
    Decoy,  // a provider that no wire leads to, and whose functions trap
    Relay,
    Pass,
  };
  Kind kind = Kind::Provider;
  std::vector<unsigned> exports = {};  // interfaces, ascending
  unsigned minor = 0;                  // of the versions that it imports and exports
  bool has_labels = false;             // its exports are labels
  bool repeats_types =
      false;  // if one of its exports uses types of another one, it defines equal ones
  bool lists_backwards = false;  // the types that an interface uses of others
  abi::Encoding encoding = abi::Encoding::Utf8;
  bool lifts_with_callback = false;  // its async functions
  bool suspends = false;        // with a callback, it returns to the event loop before it answers
  bool copies_streams = false;  // with a callback, it copies the streams among its parameters
  bool lowers_async = false;    // the async functions that it imports

  [[nodiscard]] bool has_export(unsigned interface) const {
    return std::ranges::find(exports, interface) != exports.end();
  }
  [[nodiscard]] bool provides() const { return kind == Kind::Provider || kind == Kind::Decoy; }
};

struct World {
  std::uint64_t seed = 0;
  types::Types types = {};                        // with a resource for each interface
  std::map<types::TypeId, unsigned> owners = {};  // the interface that defines a type with a name
  std::vector<Interface> interfaces = {};
  std::vector<Unit> units = {};  // providers come first, the root last
  unsigned calls = 3;            // of each function
  bool smallest_values = false;

  [[nodiscard]] std::size_t root() const { return units.size() - 1; }
  // Whether it has async functions, streams or futures.
  [[nodiscard]] bool has_async() const;
  [[nodiscard]] bool has_open() const;
  // Whether a trap in another domain or a remote unit can become the result of its function: a `result` with a string as
  // its error.
  [[nodiscard]] bool has_trap_with_result() const;
};

[[nodiscard]] World make_world(std::uint64_t seed);
// To be called after a change of functions.
void settle(World& world);

[[nodiscard]] std::string unit_name(const World& world, std::size_t unit);
// The name of what a unit exports for an interface, or imports for it.
[[nodiscard]] std::string export_name(const World& world, std::size_t unit, unsigned interface);
[[nodiscard]] std::string import_name(const World& world, std::size_t unit, unsigned interface);
[[nodiscard]] std::vector<unsigned> imports_of(const World& world, std::size_t unit);
// The unit that provides an import; nothing if the program does.
[[nodiscard]] std::optional<std::size_t> provider_of(const World& world, std::size_t unit,
                                                     unsigned interface);
[[nodiscard]] std::vector<Wire> wires_of(const World& world, std::size_t unit);
[[nodiscard]] bool is_future(const types::Types& types, types::TypeId id);
// Whether it is a stream or a future.
[[nodiscard]] bool is_stream(const types::Types& types, types::TypeId id);
// Whether a value of a type has handles, such as streams.
[[nodiscard]] bool has_handles(const types::Types& types, types::TypeId id);
[[nodiscard]] bool has_handles(const types::Types& types, const Function& function);
[[nodiscard]] bool has_resources(const types::Types& types, types::TypeId id);
[[nodiscard]] bool has_streams(const types::Types& types, types::TypeId id);

// Calls a function with each type that a type mentions, but not with the parts of those for which it returns false.
template <class F>
void visit_types(const types::Types& types, types::TypeId id, F&& visit) {
  if (!visit(id)) return;
  for (const std::optional<types::TypeId>& part : types::parts_of(types.types[id]))
    if (part) visit_types(types, *part, visit);
}
// Null if it is another type.
[[nodiscard]] const types::Borrow* as_borrow(const types::Types& types, types::TypeId id);

// The name of the interface that an export has or implements. A root that calls others has interfaces of its own: a
// composition exports those whose types it uses, too.
[[nodiscard]] std::string exported_interface(const World& world, std::size_t unit,
                                             unsigned interface);
// The interfaces whose types or resources an interface mentions, but not those that these mention.
[[nodiscard]] std::set<unsigned> used_by(const World& world, unsigned interface);

[[nodiscard]] std::string unit_text(const World& world, std::size_t unit);

}  // namespace tenon::differential
