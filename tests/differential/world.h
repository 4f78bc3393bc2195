// Random worlds: interfaces, and the units that provide them and pass them on.
//
// Units are components with core code of their own. A provider answers a call with its arguments, so that
// whoever calls knows the answer; a relay imports an interface and exports the same; a pass does so without
// code. The last unit, the root, exports every interface. Equal seeds give equal worlds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "abi/guest.h"
#include "tenon/value.h"
#include "tenon/wire.h"
#include "types/type.h"

namespace tenon::differential {

struct Function {
  enum class Role : std::uint8_t {
    Echo,
    Make,     // the constructor of the resource, with a number
    Get,      // a method that returns the number
    Dropped,  // how many resources were dropped
    Which,    // what `which_instance` says of the instance
    Known,    // a function of WASI
  };
  // A borrow in an answer is the number of its resource.
  enum class Answer : std::uint8_t { Nothing, Last, All };
  enum class Fault : std::uint8_t {
    None,
    Unreachable,
    BadAddress,  // of the result
    BadValue,  // the first answer: a case that there is not, a surrogate, or a list that is too long
    KeptBorrow,  // it does not drop a borrowed handle
  };

  Role role = Role::Echo;
  Answer answer = Answer::All;
  Fault fault = Fault::None;
  unsigned resource = 0;  // of the roles Make, Get and Dropped
  std::string name = {};
  types::Function type = {};  // `settle` sets its result
  // The arguments of a function of WASI, and its answer to them without grants.
  std::vector<Value> known_arguments = {};
  std::optional<Value> known_answer = {};

  // Whether a script calls it for its answer.
  [[nodiscard]] bool is_called() const {
    return role == Role::Echo || role == Role::Which || known_answer;
  }
};

struct Interface {
  bool is_open = false;   // no unit provides it, but the program does
  std::string wasi = {};  // "wasi:io/poll": no unit provides it, but the engine does
  std::vector<unsigned> resources = {};
  bool has_alias = false;        // of the first resource: a second name
  bool has_types_alone = false;  // no functions, and `settle` keeps its types
  bool lists_parts = false;  // if it uses a type of another one, also those that this is made of
  std::vector<types::TypeId> named = {};  // the types that it defines
  std::vector<Function> functions = {};

  [[nodiscard]] bool is_of_units() const { return !is_open && wasi.empty(); }
  // Without functions, nobody can make one of its resources.
  [[nodiscard]] bool makes_resources() const { return !resources.empty() && !functions.empty(); }
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
  std::vector<unsigned> passed = {};   // of a relay: exports that are its imports
  bool renames_wasi = false;           // it passes interfaces of WASI on by names of its own
  unsigned minor = 0;                  // of the versions that it imports and exports
  bool has_labels = false;             // its exports are labels
  bool labels_imports = false;
  bool has_spares = false;  // of a provider: its exports are there twice, as instances of their own
  bool uses_spares = false;      // of a relay: it imports both
  bool has_bare = false;         // it exports plain functions without an interface, too
  bool uses_bare = false;        // of a relay: it calls those of its providers
  bool exports_others = false;   // a core module and a type
  bool is_exported = false;      // a composition exports its interfaces beside those of the root
  bool has_start = false;        // its code has a start function, without which its functions trap
  bool has_post_return = false;  // its functions trap if they were called without one
  bool repeats_types =
      false;  // if one of its exports uses types of another one, it defines equal ones
  bool lists_backwards = false;  // the types that an interface uses of others
  abi::Encoding encoding = abi::Encoding::Utf8;
  bool lifts_with_callback = false;  // its async functions
  bool suspends = false;        // with a callback, it returns to the event loop before it answers
  bool copies_streams = false;  // with a callback, it copies the streams among its parameters
  bool lowers_async = false;    // the async functions that it imports
  // Whether the functions that a relay exports are async: as those that it imports, never or always.
  enum class Asyncness : std::uint8_t { Same, Never, Always };
  Asyncness asyncness = Asyncness::Same;

  [[nodiscard]] bool has_export(unsigned interface) const {
    return std::ranges::find(exports, interface) != exports.end();
  }
  [[nodiscard]] bool passes(unsigned interface) const {
    return kind == Kind::Pass || std::ranges::find(passed, interface) != passed.end();
  }
  [[nodiscard]] bool provides() const { return kind == Kind::Provider || kind == Kind::Decoy; }
};

struct World {
  std::uint64_t seed = 0;
  types::Types types = {};  // with a resource for each interface, which need not define it
  std::map<types::TypeId, unsigned> owners = {};  // the interface that defines a type with a name
  std::map<types::TypeId, std::string> wasi_names = {};  // of the types of WASI
  std::vector<Interface> interfaces = {};
  std::vector<Unit> units = {};  // providers come first, the root last
  // A resource whose destructor traps if its number is 0.
  std::optional<unsigned> trapping_resource = {};
  unsigned calls = 3;  // of each function
  bool smallest_values = false;

  [[nodiscard]] std::size_t root() const { return units.size() - 1; }
  // Whether it has async functions, streams or futures.
  [[nodiscard]] bool has_async() const;
  [[nodiscard]] bool has_open() const;
  [[nodiscard]] bool has_resource_of_program() const;
  // Whether WASI has it.
  [[nodiscard]] bool has_wasi(std::string_view interface) const;
  // The interface that defines a resource.
  [[nodiscard]] unsigned resource_owner(unsigned resource) const;
  [[nodiscard]] bool is_of_wasi(unsigned resource) const;
  // Whether a trap in another domain or a remote unit can become the result of its function: a `result` with a string as
  // its error.
  [[nodiscard]] bool has_trap_with_result() const;
};

[[nodiscard]] World make_world(std::uint64_t seed);
// What the root of a world expects, although the units behind it differ in one function or type.
struct Misfit {
  World expected;
  bool keeps_types =
      false;  // only interfaces of types alone differ: without wires, the root has its own
};
// Nothing if the root needs nothing of a unit.
[[nodiscard]] std::optional<Misfit> make_misfit(const World& world);
// To be called after a change of functions.
void settle(World& world);
// Interfaces of WASI become those in front of the others, and units pass some of them on. `settle` is to be called.
void add_wasi(World& world, std::mt19937_64& random);
// Whether it can be borrowed by another domain, and by the program.
[[nodiscard]] bool can_be_lent(const World& world, unsigned resource);
// Whether units of two domains can share an interface of one of them: all of its handles can be in both.
[[nodiscard]] bool can_cross(const World& world, unsigned interface);

[[nodiscard]] std::string unit_name(const World& world, std::size_t unit);
// The name of what a unit exports for an interface, or imports for it.
[[nodiscard]] std::string export_name(const World& world, std::size_t unit, unsigned interface);
[[nodiscard]] std::string import_name(const World& world, std::size_t unit, unsigned interface);
[[nodiscard]] std::vector<unsigned> imports_of(const World& world, std::size_t unit);
// The unit that provides an import; nothing if the program or WASI does.
[[nodiscard]] std::optional<std::size_t> provider_of(const World& world, std::size_t unit,
                                                     unsigned interface);
// The unit that makes an interface; nothing if the program or WASI does.
[[nodiscard]] std::optional<std::size_t> origin_of(const World& world, unsigned interface);
// An import of a unit.
struct Link {
  std::string import;
  std::optional<std::size_t> provider;  // absent: the program or WASI
  unsigned interface = 0;
  std::string export_name = {};
  bool is_bare = false;  // a function
};
[[nodiscard]] std::vector<Link> links_of(const World& world, std::size_t unit);
// Nothing if the program provides it.
[[nodiscard]] std::optional<Wire> wire_of(const World& world, std::size_t unit, const Link& link);
[[nodiscard]] std::vector<Wire> wires_of(const World& world, std::size_t unit);

// Whether a unit exports the same value types as the root, which a composition exports once.
[[nodiscard]] bool has_same_export(const World& world, std::size_t unit, unsigned interface);

// The answer of a second instance to a function with the role Which.
inline constexpr std::uint32_t kSpare = 2;

// Whether a unit exports, or imports, a function with `async`.
[[nodiscard]] bool is_async_export(const World& world, std::size_t unit, unsigned interface,
                                   const Function& function);
[[nodiscard]] bool is_async_import(const World& world, std::size_t unit, unsigned interface,
                                   const Function& function);
// The units whose functions without `async` call functions with it, and the callees. A call between
// two domains takes time, and these functions cannot wait.
[[nodiscard]] std::set<std::size_t> units_in_one_domain(const World& world);

// The unit whose second export of an interface a unit imports.
[[nodiscard]] std::optional<std::size_t> spare_provider_of(const World& world, std::size_t unit,
                                                           unsigned interface);
// The name of the second export, and of its import; and of the interface that this implements.
[[nodiscard]] std::string spare_name(unsigned interface);
[[nodiscard]] std::string spare_interface(const World& world, std::size_t unit, unsigned interface);
// The answer of a function with this role: it says which instances were called for it.
[[nodiscard]] std::uint32_t which_instance(const World& world, std::size_t unit,
                                           unsigned interface);

// Whether a function has no types with names, and no resources.
[[nodiscard]] bool is_plain(const World& world, const Function& function);
// Whether a unit exports the plain functions of an interface without it, or imports them so.
[[nodiscard]] bool has_bare_exports(const World& world, std::size_t unit, unsigned interface);
[[nodiscard]] bool has_bare_imports(const World& world, std::size_t unit, unsigned interface);
[[nodiscard]] std::string bare_name(unsigned interface, const Function& function);
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
// The number of the resource that a handle is of; nothing if it is another type.
[[nodiscard]] std::optional<unsigned> resource_of(const types::Types& types, types::TypeId id);
// Whether a type, or one that it mentions, is wanted.
[[nodiscard]] bool has_part(const types::Types& types, types::TypeId id,
                            const std::function<bool(types::TypeId part)>& is_wanted);
// Calls a function with each type that is a handle, and with its resource, which can be changed.
void for_each_handle(types::Types& types,
                     const std::function<void(types::TypeId, types::ResourceId&)>& act);

// The name of the interface that an export or import has or implements. A root that calls others has interfaces of its
// own: a composition exports those whose types it uses, too. So has a relay whose functions differ in `async`.
[[nodiscard]] std::string exported_interface(const World& world, std::size_t unit,
                                             unsigned interface);
[[nodiscard]] std::string imported_interface(const World& world, std::size_t unit,
                                             unsigned interface);
// The resources that can be made, without those of WASI.
[[nodiscard]] std::vector<unsigned> made_resources(const World& world);
// The interfaces whose types or resources an interface mentions, but not those that these mention.
[[nodiscard]] std::set<unsigned> used_by(const World& world, unsigned interface);
// The types of other interfaces that an interface mentions.
[[nodiscard]] std::set<types::TypeId> used_types(const World& world, unsigned interface);
// The types with names and the resources that an interface has or mentions, directly or not.
struct Mentioned {
  std::set<types::TypeId> types = {};
  std::set<unsigned> resources = {};
};
[[nodiscard]] Mentioned mentioned_by(const World& world, unsigned interface);
[[nodiscard]] std::string type_name(const World& world, types::TypeId type);
[[nodiscard]] const std::string& resource_name(const World& world, unsigned resource);
// The function of a role for a resource; nothing if it has none.
struct Found {
  unsigned interface = 0;
  std::size_t function = 0;
};
[[nodiscard]] std::optional<Found> find_function(const World& world, Function::Role role,
                                                 unsigned resource);
// The number of a resource of WASI, which all of them have.
inline constexpr std::uint32_t kWasiNumber = 1;
// Whether a type has no parts that have a name.
[[nodiscard]] bool is_alone(const World& world, types::TypeId type);

[[nodiscard]] std::string unit_text(const World& world, std::size_t unit);

}  // namespace tenon::differential
