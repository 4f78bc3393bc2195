// A linked, running composition, whose functions the program calls, and its units. A
// `CompositionBuilder` builds one (tenon/builder.h).
//
//   tenon::Result<tenon::Composition> shop = builder.build();
//   auto total = shop->function<double(std::vector<Item>)>("acme:shop/api", "total");
//   tenon::CallResult<double> sum = (*total)(items);
//
//   tenon::Result<tenon::Unit> legacy = shop->unit("legacy");
//   tenon::CallResult<std::optional<tenon::Value>> answer =
//       legacy->call("process", tenon::Value::s64(5));
//
// Thread: any number of threads use a composition, its units and its functions; a task or a stream belongs
// to one thread at a time. A blocking call of a domain in which another thread is waits for it, and
// fails with Reentrance if that thread waits for this one. Domains that compute run on threads of the
// composition, and call the functions of the program there, one at a time. Different compositions can
// always be used from different threads.
//
// Two compositions are connected if one has a unit of the other (`add_unit`). Each of them can be
// entered by the threads of both. A call waits until no other thread is inside the composition and
// all earlier waiters have had their turn. Two threads never wait for each other: the call that
// would complete such a cycle fails with Reentrance. A wait inside another call counts against that
// call's deadline. A wait outside of any call has no limit, and the deadline of the call starts
// once it has entered. Lookups never wait for calls.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/function.h"
#include "tenon/plan.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

class Unit;

// A kind of access that a domain requested but was not granted. `Output` means that it wrote to
// standard output or error while both were closed to it, and `Http` that it sent a request by wasi:http.
struct Denial {
  enum class Kind : std::uint8_t { Directory, Network, Environment, Output, Http };
  std::string domain = {};
  Kind kind = Kind::Directory;
  // Http: where the request was to go, "https://api.example.com:443"; there is one denial for each target.
  std::string target = {};
  // Http: the address of the target, if that is the reason: it is not public, and no grant names it.
  std::string address = {};
  // Http: an entry of `Grants::http` that grants it: "https://api.example.com".
  std::string grant = {};

  bool operator==(const Denial&) const = default;
};

// How a swap treats handles that would be lost: of resources that the replaced units made and others
// hold, and of streams between them and others.
enum class SwapHandles : std::uint8_t {
  Refuse,     // fail
  MakeStale,  // continue; later calls that use such a resource trap, and such a stream ends
};

// The state that is lost in a swap. A unit loses its memory, unless it hands its state over.
struct SwapLosses {
  std::vector<std::string> units;        // that lose their state, sorted
  std::vector<std::string> handed_over;  // units that hand it over, sorted
  struct Handles {
    std::string type;    // "acme:db/sql.connection", "stream<u8>"
    std::string holder;  // a domain, or "the program", "a call", "another composition"
    std::size_t count = 0;

    bool operator==(const Handles&) const = default;
  };
  std::vector<Handles> handles;  // sorted
};

// A unit and the file or the bytes that are to replace it.
struct SwapUnit {
  std::string name;
  std::string path = {};                 // as for CompositionBuilder::add_component
  std::vector<std::uint8_t> bytes = {};  // used if `path` is empty
};

struct SwapOptions {
  SwapHandles handles = SwapHandles::Refuse;
  // Whether other units in the domains of the replaced ones may lose their state, too. Otherwise these
  // domains must have no other units than replaced ones.
  bool whole_domains = false;
  // Whether to check everything and to find what would be lost, and to change nothing.
  bool is_trial = false;
  // Called with what is lost, directly before the swap, while calls of the units wait. It must not use
  // the composition.
  std::function<void(const SwapLosses&)> on_losses = {};
};

// The duration of one phase of a link, for progress displays and `-v`.
struct PhaseTime {
  std::string phase;  // "read", "resolve", "compose", "load", "instantiate"
  double milliseconds = 0;
};

// The duration of one step for one unit. Steps of different units can run at the same time.
struct UnitTime {
  std::string unit;  // or a domain, if its units are compiled together
  // "read": the file; "types": what the unit imports and exports; "known types": the same from the cache;
  // "compile".
  std::string step;
  double milliseconds = 0;
};

// A linked, running composition. It owns its instances, stores and compiled code, and keeps the
// host functions alive.
class Composition final {
 public:
  Composition(Composition&&) noexcept;
  Composition& operator=(Composition&&) noexcept;
  ~Composition();

  // Returns the plan, which is made at the first call: no call of a guest needs it.
  // Lifetime: until the next swap.
  [[nodiscard]] const Plan& plan() const;
  // Returns the notes of the plan without computing the plan.
  // Lifetime: until the next swap.
  [[nodiscard]] std::span<const Diagnostic> notes() const;

  // Calls `wasi:cli/run` and returns the exit code: the code that the guest exits with, or 0 for ok
  // and 1 for err.
  // Errors: CallFailure: BadCall with run-no-command; Trap, OpenImport, Deadline, Interrupted,
  // Ended, Reentrance, Engine.
  [[nodiscard]] CallResult<int> run_command();

  // Returns and clears the first failure of a guest's destructor that ran without a caller to
  // report it to: because the program destroyed a value, or because another guest dropped a handle
  // while the resource's domain was busy.
  [[nodiscard]] std::optional<CallFailure> take_drop_failure() const;

  // Lets guests run that have something to do, until all of them wait. For programs that start calls,
  // and neither wait for them nor have an executor. Throws what a continuation has thrown (`Task::then`).
  void poll() { (void)run_for({}); }
  // The same until the time has passed: guests go on when what they wait for has happened. It does not
  // return early when a call ends; `Task::wait` does.
  // Returns early, and false, if nothing more can happen before the program does something: each call
  // in progress waits, and not for the host, or no call is left, because all of them have ended. So
  // false does not mean that a call failed to end. `Task::is_done` says whether it did, and
  // `Task::wait` without a time ends a call that cannot end by itself, with the reason (Deadlock).
  bool run_for(std::chrono::nanoseconds time);
  // Ends the calls that the program has started, if none of them can go on before the program does
  // something: each fails with Deadlock. `Task::wait` without a time does the same. This is for event loops:
  // nobody waits for them in the library, and only the program knows that it has nothing else to do.
  void end_deadlock();

  // Ends the calls in progress: each fails with Interrupted, and the domains whose guests run for
  // it end. So do calls that a function of the program makes for a guest of another composition. A
  // guest that waits in the host (a sleep, a read) ends when that wait is over. Has no effect without
  // `CompositionBuilder::allow_interrupt`.
  // Thread: any; async-signal-safe.
  void interrupt() noexcept;

  // Returns true if the resource behind a handle no longer exists because its domain ended or was
  // swapped.
  // handle: a handle of this composition.
  [[nodiscard]] bool is_stale(const ValueHandle& handle) const;

  // Returns the time limit of one run, which is a call of `run_command` or of a function; absent:
  // no limit. A guest that waits in the host (a sleep, a read) is stopped when that wait is over.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const;

  // Returns what the domains requested from WASI without a grant, each kind once, sorted by domain:
  // directories (C libraries request them when the first file is opened), the environment (at the
  // first variable; Rust also reads it on a panic) and the network. A swapped domain starts with an
  // empty record. Do not call this during a swap.
  [[nodiscard]] std::vector<Denial> denials() const;

  // Returns the exported functions, in the order of the exports; functions of an interface are in
  // the order of its declaration.
  [[nodiscard]] std::vector<Function> functions() const;
  // Finds an exported function by name.
  // interface: any form of an export's name, such as "acme:shop/api" or "api". If it is empty, a
  // bare exported function is found first, then one in any interface.
  // name: as in WIT's binary form: "total", "[method]account.close".
  // Errors: run-no-function (with similar names), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(std::string_view interface,
                                               std::string_view name) const;
  // Finds a function to be called with C++ types, such as
  // `function<double(std::vector<Item>)>(...)`.
  // Errors: as find_function; type-signature, type-unsupported-value, type-too-large.
  template <class Signature>
  [[nodiscard]] Result<TypedFunction<Signature>> function(std::string_view interface,
                                                          std::string_view name) const;
  // Finds the function that a call in text form names. An interface can be abbreviated: `lib` and
  // "acme:shop/lib" both match "acme:shop/lib@1.0.0". Without an interface, all exports are
  // searched.
  // Errors: run-no-function (with similar names), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(const WaveCall& call) const;
  // Finds a function by interface and name, and calls it.
  // Errors: as find_function and Function::call.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view interface,
                                                      std::string_view name,
                                                      std::span<const Value> arguments) const;

  // Returns a unit, whose exports can then be called even if only other units import them. The unit
  // must be isolated or added with Reachable::Yes.
  // Errors: run-no-unit (with similar names).
  [[nodiscard]] Result<Unit> unit(std::string_view name) const;
  // Returns all units that `unit` finds, sorted by name.
  [[nodiscard]] std::vector<Unit> units() const;

  // Replaces the component or package of one unit while the others keep running. A package can only be
  // replaced by a package. All other edges must stay the same: the new component must export everything
  // that others use of the old one, with compatible types (equal types if a package uses them), and its
  // imports must be satisfied.
  //
  // The unit starts a new life. If it exports `tenon:state/handover` and its replacement does too, its
  // state is handed over (docs/domains.md, "Swaps"). If the swap fails, the old unit keeps running. A
  // `Function` that was found through `Unit` then calls the new component, provided that it has all
  // exports of the old one, with equal types and in the same order. Otherwise calls of it fail with
  // run-no-function, and the function must be found again.
  //
  // Other threads can use the composition while the new component is read and compiled. After that,
  // calls in progress end in the old unit, for at most ten seconds, and new calls of the unit wait
  // for the new one.
  // path: as for CompositionBuilder::add_component.
  // Errors: those of planning with the new component; run-swap, also if another swap is in
  // progress or calls do not end; run-reentrance and run-deadline from waiting; run- errors from
  // starting it and from handing its state over.
  [[nodiscard]] Result<void> swap(std::string_view unit, std::string_view path,
                                  const SwapOptions& options = {});
  // The same from memory. The bytes are copied.
  [[nodiscard]] Result<void> swap(std::string_view unit, std::span<const std::uint8_t> bytes,
                                  const SwapOptions& options = {});
  // Replaces several units at once: all of them, or none. Types that only these units share can change.
  // units: of different names.
  [[nodiscard]] Result<void> swap(std::span<const SwapUnit> units, const SwapOptions& options = {});

  // Serves exports to peers (tenon/remote.h).
  // Errors: remote-address, remote-listen, remote-type, config-value.
  [[nodiscard]] Result<Server> serve(const ServeOptions& options);
  // Returns the state of each remote unit, sorted by name.
  [[nodiscard]] std::vector<RemoteState> remotes() const;

  // Returns the duration of each phase of the link.
  [[nodiscard]] std::span<const PhaseTime> times() const;

 private:
  friend class CompositionBuilder;
  struct State;
  explicit Composition(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A function that a unit imports or exports.
struct UnitFunction {
  std::string interface;  // as written in the unit; empty: a bare function
  std::string name;
  FunctionType type;

  // Returns the function as "acme:tax/lib#rate: func(country: string) -> f64;".
  [[nodiscard]] std::string wit() const;
};

// The type of a unit: its functions. Functions of an interface are in the order of its declaration.
struct UnitType {
  std::vector<UnitFunction> imports;
  std::vector<UnitFunction> exports;
  std::vector<PlanHash> import_hashes;  // for a package, by name
  std::vector<PlanHash> export_hashes;
};

// One unit of a running composition. Through it a program can call all exports of the unit,
// including those that only other units import. A unit can also be added to another composition:
// `CompositionBuilder::add_unit`.
//
// This is a reference to the unit; copies refer to the same one. It stays valid after a swap.
// Lifetime: can outlive its composition, but has no functions once the composition and everything
// that uses its units are gone.
class Unit final {
 public:
  // Returns the name of the unit in its composition.
  [[nodiscard]] const std::string& name() const;

  // Returns the exported functions, in the order of the exports; functions of an interface are in
  // the order of its declaration.
  [[nodiscard]] std::vector<Function> functions() const;
  // Finds an exported function by name.
  // interface: any form of an export's name, such as "acme:shop/api" or "api". If it is empty, a
  // bare exported function is found first, then one in any interface.
  // name: as in WIT's binary form: "total", "[method]account.close".
  // Errors: run-no-function (with similar names), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(std::string_view interface,
                                               std::string_view name) const;
  // Finds the function that a call in text form names.
  // Errors: run-no-function (with similar names), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(const WaveCall& call) const;
  // Finds a function to be called with C++ types, as `Composition::function` does.
  // Errors: as find_function; type-signature, type-unsupported-value, type-too-large.
  template <class Signature>
  [[nodiscard]] Result<TypedFunction<Signature>> function(std::string_view interface,
                                                          std::string_view name) const;
  // Finds a function by interface and name, and calls it.
  // Errors: as find_function and Function::call.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view interface,
                                                      std::string_view name,
                                                      std::span<const Value> arguments) const;
  // The same with separate arguments.
  // function: "process", or with its interface: "acme:shop/api#total".
  template <std::same_as<Value>... Arguments>
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view function,
                                                      const Arguments&... arguments) const {
    const std::array<Value, sizeof...(Arguments)> values = {arguments...};
    return call_by_name(function, values);
  }

  // Returns the imports and exports of the unit; empty if the composition is gone.
  [[nodiscard]] UnitType type() const;

  struct Impl;
  // Created by a composition.
  explicit Unit(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  friend class CompositionBuilder;
  [[nodiscard]] CallResult<std::optional<Value>> call_by_name(
      std::string_view function, std::span<const Value> arguments) const;

  std::shared_ptr<const Impl> impl_;
};

template <class Signature>
Result<TypedFunction<Signature>> Composition::function(std::string_view interface,
                                                       std::string_view name) const {
  Result<Function> found = find_function(interface, name);
  if (!found) return std::move(found).error();
  return TypedFunction<Signature>::make(*found);
}

template <class Signature>
Result<TypedFunction<Signature>> Unit::function(std::string_view interface,
                                                std::string_view name) const {
  Result<Function> found = find_function(interface, name);
  if (!found) return std::move(found).error();
  return TypedFunction<Signature>::make(*found);
}

}  // namespace tenon
