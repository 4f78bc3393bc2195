// Links units that were built apart into one running composition.
//
//   tenon::CompositionBuilder builder;
//   builder.add_component("cart", "cart.wasm");
//   builder.add_component("tax", "tax.wasm");
//   builder.wire({.consumer = "cart", .import = "acme:tax/lib", .provider = "tax"});
//   tenon::Result<tenon::Plan> plan = builder.plan();       // decide: nothing is compiled
//   tenon::Result<tenon::Composition> shop = builder.build();  // then do
//   tenon::CallResult<int> exit_code = shop->run_command();
//
// Thread: a builder and a composition are used by one thread at a time; different ones by different
// threads. Of two compositions of which one has a unit of the other (`add_unit`), each is entered
// by the threads of both: a call waits until no other thread is in, nor waits that came before. It
// does not wait for a thread that waits for its own: such a call is refused (Reentrance). One that
// waits in a call has no more time than that; one that is in no other waits as long as it takes,
// and its own time begins when it is in. What is looked up waits for no call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/call_failure.h"
#include "tenon/function.h"
#include "tenon/plan.h"
#include "tenon/result.h"
#include "tenon/trace_call.h"
#include "tenon/trust.h"
#include "tenon/unit.h"

// Of tenon/tenon_host.h.
struct tenon_host_module;

namespace tenon {

struct HostFunction;
struct HostResourceParts;
struct WaveCall;
template <class Signature>
class TypedFunction;

// A hint for the resolver. One that matches nothing is an error (resolve-wire-unused).
struct Wire {
  std::string consumer = {};          // empty: every unit but the provider
  std::string import = {};            // any form of the name; a glob is allowed
  std::string provider = {};          // empty: chosen by the rules
  std::string export_name = {};       // the provider's export under another name; empty: the same
  std::vector<std::string> via = {};  // middleware, consumer's side first
  enum class Target : std::uint8_t {
    Provider,
    Open,  // leave it an import of the composition
    Trap,  // a stub whose functions trap
  } target = Target::Provider;
  bool lazy = false;  // start the provider's domain at its first call; bridged edges only
  std::string on_failure =
      {};               // the case of the error type that a consumer gets when that domain dies
  Location where = {};  // where the user wrote it, for messages
};

// What a domain may do. Nothing is open by default.
struct Grants {
  struct Directory {
    std::string host;
    std::string guest;
    bool writable = true;
  };
  std::vector<Directory> dirs;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<std::string> net;   // "*", "host" or "host:port"
  std::vector<std::string> args;  // without the program's name
  Stdio stdio = Stdio::None;

  // `[ro:|rw:]HOST[::GUEST]`; rw is the default, and GUEST is HOST where it is absent.
  // Errors: config-value.
  static Result<Directory> parse_directory(std::string_view text);
  // Whether `text` can stand in `net`. Errors: config-value.
  static Result<void> check_network(std::string_view text);
};

// What a domain may use, in one life. Nothing is limited by default.
struct Limits {
  std::optional<std::uint64_t> memory;     // bytes, of all memories together
  std::optional<std::uint64_t> tables;     // elements, of each table
  std::optional<std::uint64_t> instances;  // core instances
  std::optional<std::uint64_t> fuel;       // about one for each instruction; 0: not metered
  // How long a whole run may take: reading, planning and compiling, and then everything that its
  // guests do, including start functions and destructors. Only the root's domain can have one. A
  // guest is interrupted wherever it is; a compilation is not, so the limit is checked before each.
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> call_timeout;  // of one call from outside the domain

  // "256MiB": a whole number and B, KiB, MiB or GiB. Errors: config-value.
  static Result<std::uint64_t> parse_size(std::string_view text);
  // "500ms", "30s", "5m", "1h": a whole number, not 0, and a unit, of a hundred years at most.
  // Errors: config-value.
  static Result<std::chrono::milliseconds> parse_duration(std::string_view text);
  // "1000000": a whole number. Errors: config-value.
  static Result<std::uint64_t> parse_count(std::string_view text);
};

// Fresh lives of a domain that a trap or a deadline ended.
struct Restart {
  std::uint32_t max = 1;                                 // how many
  std::optional<std::chrono::milliseconds> within = {};  // in this time; absent: ever

  bool operator==(const Restart&) const = default;
};

// A kind of access that a domain asked for without a grant of it. Output: it wrote to standard
// output or error, and both are closed to it.
struct Denial {
  enum class Kind : std::uint8_t { Directory, Network, Environment, Output };
  std::string domain = {};
  Kind kind = Kind::Directory;

  bool operator==(const Denial&) const = default;
};

// Whether the program calls what a unit exports to others.
enum class Reachable : std::uint8_t { No, Yes };

enum class UnitOrigin : std::uint8_t {
  Listed,  // one of several; unused is a note
  ByHand,  // named as a helper of another (--with); unused is an error
};

struct UnitOptions {
  UnitOrigin origin = UnitOrigin::Listed;
  // Yes: `Composition::unit` finds it. An isolated unit is found without.
  Reachable reachable = Reachable::No;
  std::string sha256 = {};  // the digest that its bytes must have, in lower-case hex; empty: any
};

struct ComposeOptions {
  // Drop custom sections (names, producers, debug information) of units and result.
  enum class Sections : std::uint8_t { Keep, Strip } sections = Sections::Keep;
  // Let the engine validate the result; inputs are always validated.
  enum class Validate : std::uint8_t { Yes, No } validate = Validate::Yes;
};

// A phase of a link and what it took, for progress and `-v`.
struct PhaseTime {
  std::string phase;  // "read", "resolve", "compose", "load", "instantiate"
  double milliseconds = 0;
};

struct BuildOptions {
  // Folder of compiled code; empty: no cache. Made owner-only if it is absent.
  std::string cache_dir;
  // Told of each call from domain to domain, in the call, on the thread that makes it. Must neither
  // throw nor use the composition. Empty: calls are not traced, and cost nothing more.
  std::function<void(const TraceCall&)> trace_calls = {};
};

// What becomes of resources that live when their unit is swapped.
enum class SwapHandles : std::uint8_t {
  Refuse,     // there must be none
  MakeStale,  // a call with one traps from then on
};

// A linked, running composition. Owns everything it runs on.
class Composition final {
 public:
  Composition(Composition&&) noexcept;
  Composition& operator=(Composition&&) noexcept;
  ~Composition();

  // The plan. Made now if the same units ran before with the same policy: then the link was not
  // planned again. Lifetime: until the next swap or `trim`.
  [[nodiscard]] const Plan& plan() const;
  // The notes of the plan, without making it. Lifetime: until the next swap.
  [[nodiscard]] std::span<const Diagnostic> notes() const;

  // Frees the plan and all that is only there to be looked up: of a small unit, more than half of
  // what it takes. What is asked next plans again, without compiling; functions that were found are
  // called as before. For a composition of many units that wait for calls. Nothing is freed if a
  // component was read from a pipe.
  void trim();

  // Calls `wasi:cli/run` and returns the exit code: the guest's own, or 0 and 1 for ok and err.
  // Errors: CallFailure: BadCall with run-no-command; Trap, OpenImport, Deadline, Interrupted,
  //         Ended, Reentrance, Engine.
  [[nodiscard]] CallResult<int> run_command();

  // The first failure, since this was called last, of a guest's destructor that ran when nobody was
  // waiting for it: the program destroyed a value, or another guest had dropped a handle while the
  // resource's domain was busy.
  [[nodiscard]] std::optional<CallFailure> take_drop_failure() const;

  // Ends the calls that are in progress: each fails (Interrupted), and so do the domains in which
  // guests run for it. A guest that waits in the host (a sleep, a read) ends when that is over.
  // Does nothing without `CompositionBuilder::allow_interrupt`. Thread: any; async-signal-safe.
  void interrupt() noexcept;

  // Whether the resource that a handle names is gone because its domain ended or was swapped.
  // handle: of this composition.
  [[nodiscard]] bool is_stale(const ValueHandle& handle) const;

  // What a run may take, that is `run_command` or one call of a function; absent: any time. A guest
  // that waits in the host (a sleep, a read) is stopped when that is over.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const;

  // What its domains asked WASI for so far and have no grant of, each once, by domain: directories
  // (which C libraries ask for when a first file is opened), the environment (at a first variable;
  // Rust asks at a panic, too), a network. A domain that was swapped begins
  // again. Not while a unit is swapped.
  [[nodiscard]] std::vector<Denial> denials() const;

  // The functions that it exports, in the order of its exports, each interface's as it lists them.
  [[nodiscard]] std::vector<Function> functions() const;
  // interface: any form of an export's name, such as "acme:shop/api" or "api"; empty: a function
  // that is exported by itself, or else one of any interface. name: as in WIT's binary form:
  // "total", "[method]account.close".
  // Errors: run-no-function (with what is near), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(std::string_view interface,
                                               std::string_view name) const;
  // The same, to be called with C++ types: `function<double(std::vector<Item>)>(...)`. Include
  // tenon/typed_function.h. Errors: as find_function; type-signature, type-unsupported-value,
  // type-too-large.
  template <class Signature>
  [[nodiscard]] Result<TypedFunction<Signature>> function(std::string_view interface,
                                                          std::string_view name) const;
  // The function that a call as text names (tenon/value_text.h): in its interface, where `lib` and
  // "acme:shop/lib" do for "acme:shop/lib@1.0.0"; if it names none, in all exports.
  // Errors: run-no-function (with what is near), run-ambiguous-function.
  [[nodiscard]] Result<Function> find_function(const WaveCall& call) const;
  // Finds a function by interface and name, and calls it. Errors: as both.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::string_view interface,
                                                      std::string_view name,
                                                      std::span<const Value> arguments) const;

  // A unit with all that it exports: one that is isolated, or was added with Reachable::Yes.
  // Errors: run-no-unit (with what is near).
  [[nodiscard]] Result<Unit> unit(std::string_view name) const;
  // Those that `unit` finds, sorted by name.
  [[nodiscard]] std::vector<Unit> units() const;

  // Gives a unit that has a domain of its own another component, or a packr package another
  // package, while the others run on. Everything else has to stay linked as it is: the new one
  // exports what is in use of the old one with types that fit, the same types if a package uses
  // it, and finds what it imports. A fresh life begins; on errors the old one goes
  // on. Functions that `Unit` found are called in the new one if that exports all that the old one
  // did, with equal types and in the same places; else they are refused (run-no-function) and can
  // be found again. While the new one is read and compiled, other threads may be in the
  // composition; then it waits for them. path: as for CompositionBuilder::add_component.
  // Errors: those of planning with the new component; run-swap, also if another swap is in
  //         progress; run-reentrance and run-deadline, of the wait; run- of its start.
  [[nodiscard]] Result<void> swap(std::string_view unit, std::string_view path,
                                  SwapHandles handles = SwapHandles::Refuse);
  // The same from memory; the bytes are copied.
  [[nodiscard]] Result<void> swap(std::string_view unit, std::span<const std::uint8_t> bytes,
                                  SwapHandles handles = SwapHandles::Refuse);

  // What each phase of the link took.
  [[nodiscard]] std::span<const PhaseTime> times() const;

 private:
  friend class CompositionBuilder;
  struct State;
  explicit Composition(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Values of the environment by name.
using HostVariables = std::map<std::string, std::string, std::less<>>;

// A host bundle that is part of the program: an adapter that was compiled with
// -DTENON_HOST_STATIC, and what a bundle's folder has beside its library.
struct HostModule {
  const tenon_host_module* module = nullptr;  // of `tenon_host_module_NAME()`
  std::string folder = {};                    // with host.toml and WIT; or their texts:
  std::string manifest = {};
  std::string wit = {};
};

// Collects units and wishes; `plan`, `compose` and `build` answer with a product or every problem,
// those of the calls before included. Calls can come in any order: the result does not depend on
// it.
class CompositionBuilder final {
 public:
  CompositionBuilder();
  CompositionBuilder(CompositionBuilder&&) noexcept;
  CompositionBuilder& operator=(CompositionBuilder&&) noexcept;
  ~CompositionBuilder();

  // What plans and messages call the composition; if it is not said, the root's name.
  CompositionBuilder& set_name(std::string_view name);

  // A component file (binary, or text in the `.wat` format). Errors at plan(): read-, type-,
  // resolve-unit-name.
  CompositionBuilder& add_component(std::string_view name, std::string_view path,
                                    const UnitOptions& options = {});
  // The same from memory; the bytes are copied.
  CompositionBuilder& add_component(std::string_view name, std::span<const std::uint8_t> bytes,
                                    const UnitOptions& options = {});
  // A packr package: a core module with the Graph ABI. It has a domain of its own, named like the
  // unit, and the program can call all that it exports. Its imports are interfaces; a wire may name
  // one function of them, as in "math.double", and then one of the provider's.
  // Errors at plan(): read-, pack-, resolve-unit-name.
  CompositionBuilder& add_package(std::string_view name, std::string_view path);
  // The same from memory; the bytes are copied.
  CompositionBuilder& add_package(std::string_view name, std::span<const std::uint8_t> bytes);
  // A host bundle: a folder with `host.toml`, WIT and a native library, whose functions units
  // import. path: with a `/`, the folder; else its name in one of `set_host_folders`.
  // Its code is outside of the sandbox: what it does, the process does. It is loaded when
  // the composition is built and an import is met by it. name: empty: as host.toml calls it.
  // Errors at plan(): host-bundle-not-found, read-file, config-, wit-, type-, host-config,
  //                   host-library (none for this machine), host-wit-mismatch; at build(): host-.
  CompositionBuilder& add_host_bundle(std::string_view name, std::string_view path);
  // The same with code of the program: nothing is loaded, and pins mean nothing. Its instances are
  // configured as others are. Errors at plan(): as of `add_host_bundle`; at build(): host-.
  CompositionBuilder& add_host_module(std::string_view name, const HostModule& module);
  // Where bundles are looked for that are called by their folders' names, in this order.
  CompositionBuilder& set_host_folders(std::span<const std::string> folders);
  // A key of the `[config]` of a host bundle, those of inner tables with dots: "pool.size".
  // Errors at plan(): host-config (no such key or bundle, a value of another type).
  CompositionBuilder& set_host_config(std::string_view host, std::string_view key,
                                      std::string_view value);
  // A hosts.toml: bundles with names, configuration and pins. Each is a unit if something imports
  // what it has and no component or package does, or if a wire or a filter names it. Of two of one
  // name, that of the file that is read last counts, and a unit that is added here before both.
  // variables: for `${NAME}` and `~` (HOME) in its paths; the library reads no environment.
  // Errors: config-syntax, config-unknown-key, config-value, read-file; at plan(): as of
  // `add_host_bundle`.
  Result<void> read_hosts(std::string_view path, const HostVariables& variables = {});
  // A file or folder that may be owned and changed by whomever: native code in it is loaded.
  CompositionBuilder& trust_path(std::string_view path);
  // Bundles without a pin of the user are errors at plan(): host-pin. One in host.toml is the
  // author's, and does not count.
  CompositionBuilder& require_pins();
  // Lets host bundles set the variables of their `[host.env]` in this process, which `build` does
  // before it compiles. A program must not read its environment in another thread at that time.
  // Without this, a variable that is not set already is an error of build(): host-config.
  CompositionBuilder& allow_setenv();
  // Host bundles are errors at plan(): host-forbidden; those of hosts.toml are passed over.
  CompositionBuilder& forbid_native();
  // What a command line takes for components and packages: FILE, NAME=FILE, a folder or a glob
  // (every component in it, by name). Returns the names of the units it added. A folder with a
  // tenon.toml is read as that manifest by read_manifest, not here. Errors: read-; what else is
  // wrong with a unit, at plan().
  Result<std::vector<std::string>> add_argument(std::string_view argument,
                                                UnitOrigin origin = UnitOrigin::Listed);

  // A composition that is not built yet, as a unit: what it exports the unit exports, and what it
  // leaves open the unit imports, if it says `allow_unresolved` or a wire leaves it open. `nested`
  // is used up. It has one domain, and its wires and filters are its own: grants, limits, settings
  // of domains, functions of the program, host bundles, a lock and units of other compositions are
  // given here. Its notes are notes of the plan. Errors at plan(): those of its plan and of
  // `compose`, each with the unit's name; config-value, if it has what is to be given here.
  CompositionBuilder& add_composition(std::string_view name, CompositionBuilder&& nested,
                                      const UnitOptions& options = {});

  // A unit of a composition that runs, also as the provider of others here. Calls of it are
  // bridged, and enter the composition that it is of, on the thread of the caller. Its resources
  // stay there, and are one type here whichever units of that composition pass them; those of WASI
  // cannot be passed (resolve-placement). What is held here when this composition ends is dropped
  // there. That composition runs as long as this builder and what it builds; a swap there leaves
  // the unit's functions as they are. What `compose` writes leaves those imports open. Thread: that
  // of the other composition; host functions of either are called on the threads of both. Errors at
  // plan(): resolve-unit-name; run-no-unit, if its composition is gone or its component was read
  // from a pipe; run-swap, in the middle of its own swap; run-reentrance and run-deadline, of the
  // wait for other threads; config-value, if this composition has a deadline and the other, which
  // has none, could not be interrupted.
  CompositionBuilder& add_unit(std::string_view name, const Unit& running);

  // Functions and resources of the program (tenon/host.h): the provider `program`. It meets every
  // import of these names before any unit does, unless a wire says otherwise; it is in no domain.
  // What `compose` writes leaves those imports open.
  // Of two that mean one import, the one that says more is taken; of two globs, the first by its
  // text. Errors at plan(): config-value, for a name that is none and for two of one name;
  // type-signature, for each place where a function does not fit its import.
  CompositionBuilder& add_host_function(HostFunction function);
  // function: as for `host_function`. Include tenon/host.h.
  template <class F>
  CompositionBuilder& add_host_function(std::string_view interface, std::string_view name,
                                        F&& function);
  CompositionBuilder& add_host_resource(HostResourceParts resource);
  // The interfaces that the program and host bundles provide something of, each as it is written in
  // a wire: "acme:log/log", "acme:sql/database@^0.1.0", "acme:log/*". Sorted. A bundle that cannot
  // be read has none here; `plan` tells of it where it is needed.
  [[nodiscard]] std::vector<std::string> host_interfaces() const;

  // Everything that a tenon.toml declares: units, wires, exports, grants, policy. Paths are
  // relative to the manifest. Errors: config-syntax, config-unknown-key, config-value, read-file.
  Result<void> read_manifest(std::string_view path);

  // Lists what the manifests that were read ask for beyond their own folders (tenon/trust.h). Left
  // out is what this builder grants itself, what `trust_path` names, and bundles found in the
  // folders of `set_host_folders`, which are the user's own.
  [[nodiscard]] std::vector<ManifestRequest> manifest_requests() const;
  // Gives the manifests all that they ask for. Without this, `build` fails if `manifest_requests`
  // lists anything.
  CompositionBuilder& trust();

  // The files that it was told to read, components and manifests, by the paths that it opens: for
  // who writes files and must spare these.
  [[nodiscard]] std::span<const std::string> files() const;

  // Says who provides an import, or what else becomes of it.
  CompositionBuilder& wire(Wire wire);
  // Keeps an export from all consumers. item: an interface in any form of its name, `iface.func`,
  // `iface.resource.f`, or a plain name; one that matches nothing is an error of `plan`.
  // where, here and below: the place to show in messages.
  CompositionBuilder& hide(std::string_view unit, std::string_view item, Location where = {});
  // Hides all exports of the unit but those that are exposed. item: as for `hide`.
  CompositionBuilder& expose(std::string_view unit, std::string_view item, Location where = {});
  // Makes an export of a unit one of the composition. item: as for `hide`; as: its name there,
  // empty: its own.
  CompositionBuilder& export_item(std::string_view unit, std::string_view item,
                                  std::string_view as = {}, Location where = {});
  // The composition exports all that no unit consumes.
  CompositionBuilder& export_all();
  // The unit whose exports are those of the composition; docs/resolve.md has the default.
  CompositionBuilder& set_root(std::string_view unit, Location where = {});
  // Imports that nothing meets become the composition's; in a run they trap when called.
  CompositionBuilder& allow_unresolved();

  // Places a unit in a domain. Units are in the domain `main` if nothing else is said; an edge
  // between two domains is bridged. A placement decides over a manifest's.
  CompositionBuilder& place(std::string_view unit, std::string_view domain);
  // Gives a unit a domain of its own, named like the unit.
  CompositionBuilder& isolate(std::string_view unit, Location where = {});
  // The same for every unit that is not placed by `place`.
  CompositionBuilder& isolate_all();

  // Opens standard output and error to every domain, and standard input to the root's, unless a
  // manifest sets `stdio`. Reading a manifest does the same.
  CompositionBuilder& inherit_stdio();
  // What the root's domain may do; starts closed.
  Grants& grants();
  // What a domain may do; starts closed. One that no unit is in is an error (resolve-placement).
  // Lifetime: of the builder.
  Grants& grants(std::string_view domain);

  // What the root's domain may use. What is set here decides over a manifest.
  Limits& limits();
  // What another domain may use; `timeout` is for the root's alone. What is set here decides over a
  // manifest. A domain that no unit is in is an error (resolve-placement). Lifetime: of the
  // builder.
  Limits& limits(std::string_view domain);
  // The `timeout` of a run that these limits or a manifest set; absent: there is none.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const;
  // Makes `timeout` one limit that counts from `start`: for reading, planning and compiling, and
  // for everything that guests of the built composition do. Without this, each `plan`, `compose`
  // and `build`, and each call into the composition, has the whole `timeout` for itself.
  CompositionBuilder& count_time_from(std::chrono::steady_clock::time_point start);
  // Gives a domain fresh lives; without, one that has ended stays so. Decides over a manifest.
  CompositionBuilder& restart(std::string_view domain, const Restart& policy);
  // The same for every domain, also those of which `restart` or a manifest says otherwise.
  CompositionBuilder& restart_all(const Restart& policy);
  // Lets `Composition::interrupt` end calls. Guests then look for interrupts at each loop and
  // function, as they do if there is a deadline: a call between units of one domain takes several
  // times as long (docs/adr/0006-interruption.md).
  CompositionBuilder& allow_interrupt();

  // Decides who provides what. Reads files; compiles and runs nothing.
  // Errors: read-, type-, config-, resolve-; compose-, of nested compositions; run-, of units of
  // other ones.
  [[nodiscard]] Result<Plan> plan();

  // The plan as the text of a lock: units with digests, those of native libraries too, and who
  // provides what. path: of the file that it is for, which its sources are relative to.
  // Errors: as plan(); host-library, host-untrusted.
  [[nodiscard]] Result<std::string> make_lock(std::string_view path);
  // Every plan from here on has to be the one of this file: config-locked. Its digests are pins of
  // native libraries. Errors: read-file, config-.
  [[nodiscard]] Result<void> require_lock(std::string_view path);

  // Why an import got its provider, for each import that the name means: every candidate and what
  // became of it. import: any form of the name, with or without `consumer:` in front. Errors: as
  // plan(), and resolve-wire-unused if no unit imports it.
  [[nodiscard]] Result<std::vector<PlanChoice>> explain_import(std::string_view import);

  // The composition as one component. Valid in any runtime that takes the features of its units;
  // the same units give the same bytes.
  // Errors: as plan(), read-invalid, compose-.
  [[nodiscard]] Result<std::vector<std::uint8_t>> compose(const ComposeOptions& options = {});

  // Links and starts it. Imports that are left open trap when they are called.
  // Errors: as compose(), run-; config-untrusted (a manifest asks for more than was granted).
  [[nodiscard]] Result<Composition> build(const BuildOptions& options = {});

  // Does what `build` does but for the start: nothing of the units runs. What is compiled is kept
  // in `cache_dir`, so that a `build` with equal wishes is fast. Errors: as build(), without those
  // of a start.
  [[nodiscard]] Result<void> prepare(const BuildOptions& options);

  // What each phase of the last plan, compose or build took.
  [[nodiscard]] std::span<const PhaseTime> times() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenon
