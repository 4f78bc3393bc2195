// Links separately built units into one running composition.
//
// A `CompositionBuilder` collects units (components, packages, host bundles) and the user's
// choices: wires, filters, domains and grants. `plan` then decides which export satisfies which
// import, `compose` writes the result as one component, and `build` starts it as a `Composition`
// whose functions the program calls.
//
//   tenon::CompositionBuilder builder;
//   builder.add_component("cart", "cart.wasm");
//   builder.add_component("tax", "tax.wasm");
//   builder.wire({.consumer = "cart", .import = "acme:tax/lib", .provider = "tax"});
//   tenon::Result<tenon::Plan> plan = builder.plan();          // decides; compiles nothing
//   tenon::Result<tenon::Composition> shop = builder.build();  // compiles and starts
//   tenon::CallResult<int> exit_code = shop->run_command();
//
// Thread: use a builder from one thread at a time. Different builders can be used from different
// threads.
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

#include "tenon/composition.h"
#include "tenon/host.h"
#include "tenon/middleware.h"
#include "tenon/plan.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/trace.h"
#include "tenon/trust.h"
#include "tenon/wire.h"
#include "tenon/wit.h"

// Declared in tenon/tenon_host.h.
struct tenon_host_module;

namespace tenon {

// Where the packages of a `.wac` file are.
struct WacOptions {
  // A folder with `ns/name.wasm` for each package `ns:name`, and `ns/name/1.2.0.wasm` if it has a
  // version; WIT packages can be folders. Empty: `deps` beside the file, or else in the working folder.
  std::string folder = {};
  // Names of packages, and their files. These come first.
  std::vector<std::pair<std::string, std::string>> packages = {};
  // Enabled in the WIT of the file and of the packages that it uses. Each must gate something there.
  WitFeatures features = {};
};

// Access of a domain to the outside. Nothing is granted by default.
struct Grants {
  struct Directory {
    std::string host;
    std::string guest;
    bool writable = true;
  };
  std::vector<Directory> dirs;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<std::string> net;  // "*", "host" or "host:port"
  // Where guests can send requests by wasi:http: "[SCHEME://]HOST[:PORT]" with a name, "*.NAME", an IP
  // address, a range such as "10.0.0.0/8", or "*" (docs/http.md).
  std::vector<std::string> http;
  // Whether they go through the proxies that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name. A proxy looks up
  // the names of servers itself, so their addresses are not checked.
  bool http_proxy = false;
  std::vector<std::string> args;  // without the program name
  Stdio stdio = Stdio::None;

  // Parses `[ro:|rw:]HOST[::GUEST]`. The default mode is rw, and GUEST defaults to HOST.
  // Errors: config-value.
  static Result<Directory> parse_directory(std::string_view text);
  // Checks that `text` is a valid entry of `net`.
  // Errors: config-value.
  static Result<void> check_network(std::string_view text);
  // Checks that `text` is a valid entry of `http`.
  // Errors: config-value.
  static Result<void> check_http(std::string_view text);
};

// Resource limits of a domain, for each of its lives. Nothing is limited by default.
struct Limits {
  std::optional<std::uint64_t> memory;     // bytes, for all memories together
  std::optional<std::uint64_t> tables;     // elements, for each table
  std::optional<std::uint64_t> instances;  // core instances
  std::optional<std::uint64_t> fuel;       // about one unit per instruction; 0: not metered
  // Time limit of a whole run: reading, planning and compiling, then everything that guests do,
  // including start functions and destructors. Only the root's domain can have one. Guests are
  // interrupted wherever they are. Compilation cannot be interrupted, so the limit is checked
  // before each step of it.
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> call_timeout;  // for one call from outside the domain

  // Parses a size such as "256MiB": a whole number and B, KiB, MiB or GiB.
  // Errors: config-value.
  static Result<std::uint64_t> parse_size(std::string_view text);
  // Parses a duration such as "500ms", "30s", "5m" or "1h": a whole number greater than 0 and a
  // unit. The maximum is a hundred years.
  // Errors: config-value.
  static Result<std::chrono::milliseconds> parse_duration(std::string_view text);
  // Parses a whole number such as "1000000".
  // Errors: config-value.
  static Result<std::uint64_t> parse_count(std::string_view text);
};

// How often a domain is restarted after a trap or a deadline has ended it. Each restart begins a
// new life with fresh instances.
struct Restart {
  std::uint32_t max = 1;  // maximum number of restarts
  // counted within this time; absent: in total
  std::optional<std::chrono::milliseconds> within = {};

  bool operator==(const Restart&) const = default;
};

// Whether the program can call a unit's exports directly, even if only other units import them.
enum class Reachable : std::uint8_t { No, Yes };

enum class UnitOrigin : std::uint8_t {
  Listed,  // one of several units; a note is added if it is unused
  ByHand,  // named explicitly (--with); it is an error if it is unused
};

// How the functions of a packr package return their results (docs/packr.md, "Calls").
enum class PackageAbi : std::uint8_t {
  Detect,        // by its metadata or its allocator; an error if it has neither
  CalleeBuffer,  // in memory of the callee, whose address and size it stores
  CallerBuffer,  // in a buffer of the caller; they return the size: the original form
};

struct UnitOptions {
  UnitOrigin origin = UnitOrigin::Listed;
  // With `Yes`, `Composition::unit` finds the unit. Isolated units are always found.
  Reachable reachable = Reachable::No;
  std::string sha256 = {};  // expected SHA-256 in lower-case hex; empty: not checked
  // When the file of a component is read. `WhenNeeded` has an effect only together with `sha256`: the
  // file is then opened only if the cache does not have the types of the component, or when its code
  // must be compiled. A unit that only lazy wires lead to is compiled at its first call. That call
  // fails if the file is gone by then, or has other content.
  enum class Reading : std::uint8_t { AtLink, WhenNeeded } reading = Reading::AtLink;
  // If it is not 0, the unit is isolated, and each call of it gets a fresh instance; so many can exist at
  // once, and further calls wait (docs/domains.md, "Pools"). At most 1024.
  // Errors at plan(): config-value, if its functions pass resources of its own, or return streams.
  std::uint32_t pool = 0;
  // Of a package only. Errors at plan(): config-value, for other units; pack-module, if it cannot be
  // detected.
  PackageAbi abi = PackageAbi::Detect;
};

struct ComposeOptions {
  // Whether to remove custom sections (names, producers, debug information) from units and result.
  enum class Sections : std::uint8_t { Keep, Strip } sections = Sections::Keep;
  // Whether the engine validates the result. Inputs are always validated.
  enum class Validate : std::uint8_t { Yes, No } validate = Validate::Yes;
  // If not null, gets the warnings and notes of a successful call.
  Diagnostics* notes = nullptr;
};

// A function that a unit of a builder imports.
struct UnitImport {
  std::string unit;  // its name
  UnitFunction function;
};

// Environment variables: values by name.
using HostVariables = std::map<std::string, std::string, std::less<>>;

// A host bundle that is compiled into the program: an adapter built with -DTENON_HOST_STATIC, and
// the files that a bundle's folder has besides its library.
struct HostModule {
  const tenon_host_module* module = nullptr;  // returned by `tenon_host_module_NAME()`
  std::string folder = {};                    // folder with host.toml and WIT; or set both texts:
  std::string manifest = {};
  std::string wit = {};
};

// How the code of the units of a domain is joined.
enum class LinkForm : std::uint8_t {
  // The embedded code, if it is in the cache. Otherwise by reference, and the embedded code is
  // compiled in the background, for the next start. Without a cache: embedded.
  Auto,
  // The units are compiled together. Calls between them cost least; a change of one unit compiles
  // all of them again.
  Embedded,
  // Each core module is compiled once and kept, and only the adapters between the units are compiled
  // for a new composition.
  Reference,
};

// A compilation that begins.
struct CompileStep {
  std::string unit;        // or a domain, if its units are compiled together
  std::size_t bytes = 0;   // of wasm
  std::size_t number = 0;  // from 1
  std::size_t count = 0;   // of those that are compiled together
};

struct BuildOptions {
  // Folder for compiled code, created with access for the owner only; empty: no cache.
  std::string cache_dir;
  LinkForm link_form = LinkForm::Auto;
  // Called before each compilation, on the thread that compiles. It must not throw or use the
  // composition. Compilations in the background are not reported.
  std::function<void(const CompileStep&)> on_compile = {};
  // Receives the lines of middleware that logs without a file, and remarks of other middleware: that a
  // record cannot be written, or that recorded calls were not made, which it learns when the composition is
  // destroyed. It must not throw or use the composition. Empty: they are dropped.
  // Also receives what units log through `wasi:logging`, if their domain is granted standard error
  // (`Grants::stdio`): "info: UNIT: CONTEXT: MESSAGE". Empty: these lines go to standard error.
  // Also receives why a handler of the program has failed (`CompositionBuilder::add_http_client`), if no server does.
  std::function<void(std::string_view line)> on_log = {};
  // Called for each call between domains, during the call and on its thread. It must not throw or
  // use the composition. If it is empty, calls are not traced and tracing costs nothing.
  std::function<void(const TraceCall&)> trace_calls = {};
  // The same for each stream between domains. A composition that is destroyed ends its streams.
  std::function<void(const TraceStream&)> trace_streams = {};
  // The span that causes the calls of the program. Without one, each of them begins a new trace. A call of
  // a peer names its own cause, and begins a new trace if it does not.
  TraceContext trace_parent = {};
};

// Runs this process for a host bundle, if a composition started it for that; returns its exit code, or nothing
// if it is an ordinary process. A program calls it first in `main`, to be the program of its own bundles:
//
//   int main(int argc, char** argv) {
//     if (const auto code = tenon::run_bundle_process(argc, argv)) return *code;
//     ...
//     builder.run_in_process("codec").set_process_program("/proc/self/exe");
//
// The command `tenon` does the same.
[[nodiscard]] std::optional<int> run_bundle_process(int argc, const char* const* argv);

// Collects the units and settings of a composition. Setters do not fail: `plan`, `compose` and
// `build` report all problems of the earlier calls together. The order of calls does not affect the
// result.
class CompositionBuilder final {
 public:
  CompositionBuilder();
  CompositionBuilder(CompositionBuilder&&) noexcept;
  CompositionBuilder& operator=(CompositionBuilder&&) noexcept;
  ~CompositionBuilder();

  // Sets the name of the composition in plans and messages. The default is the root's name.
  CompositionBuilder& set_name(std::string_view name);

  // Adds a component from a file, binary or text (`.wat`).
  // Errors at plan(): read-, type-, resolve-unit-name.
  CompositionBuilder& add_component(std::string_view name, std::string_view path,
                                    const UnitOptions& options = {});
  // The same from memory. The bytes are copied.
  CompositionBuilder& add_component(std::string_view name, std::span<const std::uint8_t> bytes,
                                    const UnitOptions& options = {});
  // Adds a packr package: a core module with the Graph ABI. It gets a domain of its own, named like
  // the unit, and the program can call all its exports. Its imports are interfaces. A wire can also
  // select a single function of one, as in "math.double", together with a single function of the
  // provider.
  // Errors at plan(): read-, pack-, resolve-unit-name.
  CompositionBuilder& add_package(std::string_view name, std::string_view path,
                                  const UnitOptions& options = {});
  // The same from memory. The bytes are copied.
  CompositionBuilder& add_package(std::string_view name, std::span<const std::uint8_t> bytes,
                                  const UnitOptions& options = {});
  // Sets a value of a unit's configuration, which it reads as `wasi:config/store` (or `runtime`).
  // Overrides a manifest. A unit also reads the variables that its domain is granted
  // (`Grants::env`), unless its configuration has the key.
  // Errors at plan(): config-value (no such unit, or one that does not import `wasi:config`).
  CompositionBuilder& set_config(std::string_view unit, std::string_view key,
                                 std::string_view value);
  // Adds a host bundle: a folder with `host.toml`, WIT and a native library whose functions units
  // import. The library is loaded by `build`, if it provides an import. Native code runs outside
  // the sandbox, with all rights of the process.
  // name: empty: the name in host.toml. path: a folder if it contains a `/`; otherwise the name of
  // a bundle in one of `set_host_folders`.
  // Errors at plan(): host-bundle-not-found, read-file, config-, wit-, type-, host-config,
  // host-library (no library for this platform), host-wit-mismatch; at build(): host-.
  CompositionBuilder& add_host_bundle(std::string_view name, std::string_view path);
  // Adds a host bundle and a unit `exports`, the root, that exports what the bundle provides, so that
  // the bundle can be called without a component that uses it.
  // name, path: as for add_host_bundle. Errors: those of add_host_bundle at plan().
  Result<void> export_host_bundle(std::string_view name, std::string_view path);
  // Adds a host bundle that is compiled into the program. No library is loaded and pins are
  // ignored. It is configured like other bundles.
  // Errors at plan(): as add_host_bundle; at build(): host-.
  CompositionBuilder& add_host_module(std::string_view name, const HostModule& module);
  // Sets the folders in which bundles are searched by name, in this order.
  CompositionBuilder& set_host_folders(std::span<const std::string> folders);
  // Sets a key of a host bundle's `[config]`. Keys of inner tables are written with dots:
  // "pool.size".
  // Errors at plan(): host-config (unknown key or bundle, or a value of the wrong type).
  CompositionBuilder& set_host_config(std::string_view host, std::string_view key,
                                      std::string_view value);
  // Reads a hosts.toml: bundles with names, configuration and pins. A bundle becomes a unit if it
  // provides an import that no component or package provides, or if a wire or filter names it. If
  // two files define the same name, the file that is read last wins; a unit that is added to this
  // builder wins over both.
  // variables: for `${NAME}` and `~` (HOME) in paths; the library does not read the environment.
  // Errors: config-syntax, config-unknown-key, config-value, read-file; at plan(): as
  // add_host_bundle.
  Result<void> read_hosts(std::string_view path, const HostVariables& variables = {});
  // Allows native code from a file or folder that other users own or can write to.
  CompositionBuilder& trust_path(std::string_view path);
  // Requires that the user has pinned the digest of each host bundle. A pin in host.toml does not
  // count, since it comes from the bundle's author.
  // Errors at plan(): host-pin.
  CompositionBuilder& require_pins();
  // Runs a host bundle in a process of its own, which its first call starts (docs/host-process.md).
  // Overrides the files. host: the name of the unit.
  // Errors at plan(): host-config (no such bundle, or one that is linked into the program); at build():
  // host-process (the program of the process is not installed).
  CompositionBuilder& run_in_process(std::string_view host, const HostProcess& process = {});
  // Sets the program of these processes, which calls `run_bundle_process`. Default: the command `tenon`, beside
  // the file that contains this library, or in `bin` of its prefix.
  CompositionBuilder& set_process_program(std::string_view path);
  // Allows host bundles to set the environment variables in their `[host.env]`. `build` sets them
  // in this process before it compiles; no other thread may read the environment at that time.
  // Without this call, a variable that is not already set is an error of build(): host-config.
  CompositionBuilder& allow_setenv();
  // Rejects host bundles at plan() with host-forbidden, and ignores those of hosts.toml.
  CompositionBuilder& forbid_native();
  // Adds units as the command line does: FILE, NAME=FILE, or a folder or glob of components and
  // packages, each named after its file. A folder that contains a tenon.toml is a manifest; use
  // `read_manifest` for it. Returns the names of the added units.
  // Errors: read-; other problems of a unit are reported at plan().
  Result<std::vector<std::string>> add_argument(std::string_view argument,
                                                UnitOrigin origin = UnitOrigin::Listed);

  // Adds a composition that is not built yet as a unit. The unit has the exports of that
  // composition, and its open imports as imports (they must be allowed there by `allow_unresolved`
  // or a wire). `nested` is consumed. If there is no memory, both builders can only be destroyed.
  //
  // Each domain of the nested composition is a unit in a domain of its own: that of its root has the
  // name `name`, and others `name-DOMAIN`, also for `Composition::unit`. If it has one domain, the unit
  // can be placed like others. Its wires and filters stay its own, but grants, limits, domain settings,
  // host functions, host bundles, middleware, locks and units of other compositions must be set on this
  // builder. Notes of its plan are added to this plan.
  // Errors at plan(): those of the nested plan and of `compose`, each with the unit's name;
  // config-value if it has settings that belong on this builder.
  CompositionBuilder& add_composition(std::string_view name, CompositionBuilder&& nested,
                                      const UnitOptions& options = {});

  // Adds a unit of a running composition. It can satisfy imports of other units here, and calls of
  // it are bridged: they enter the running composition on the thread of the caller.
  //
  // Its resources stay in that composition. They count as one type here, whichever of its units
  // pass them; resources of WASI cannot be passed (resolve-placement). Handles that are held here
  // are dropped when this composition ends. The running composition stays alive as long as this
  // builder and everything that is built from it. After a swap over there, the unit keeps its
  // current functions. `compose` leaves these imports open.
  //
  // Thread: call this on the thread of the running composition. Host functions of either
  // composition are then called on the threads of both.
  // Errors at plan(): resolve-unit-name; run-no-unit if its composition is gone or its component
  // was read from a pipe; run-swap during a swap of the unit; run-reentrance and run-deadline from
  // waiting for other threads; config-value if this composition has a deadline and the other, which
  // has none, cannot be interrupted.
  CompositionBuilder& add_unit(std::string_view name, const Unit& running);

  // Adds a unit on another machine (tenon/remote.h): calls of what it provides go to its address. It provides
  // imports that no other unit provides, unless a wire says otherwise. `compose` leaves these imports open.
  // url: "tcp://host:port" or "unix:PATH", perhaps with options (docs/formats/wrpc.md).
  // Errors at plan(): remote-address, resolve-unit-name, config-value; for its WIT: read-, wit-syntax,
  // type-.
  CompositionBuilder& add_remote(std::string_view name, std::string_view url,
                                 const RemoteOptions& options);

  // Adds a function of the program (tenon/host.h). Functions and resources of the program form the
  // provider `program`, which belongs to no domain. It satisfies each import of these names before
  // any unit does, unless a wire says otherwise. If two names match the same import, the more
  // specific one wins; of two globs, the first in alphabetical order. `compose` leaves these
  // imports open.
  // Errors at plan(): config-value for an invalid or duplicate name; type-signature for each place
  // where a function does not match its import.
  CompositionBuilder& add_host_function(HostFunction function);
  // The same from a lambda, a function object or a function.
  template <class F>
  CompositionBuilder& add_host_function(std::string_view interface, std::string_view name,
                                        F&& function);
  // Adds a resource of the program. Create `resource` with HostResource (tenon/host.h).
  CompositionBuilder& add_host_resource(HostResourceParts resource);
  // Returns the interfaces that the program and the host bundles provide at least partly, in the
  // form that wires use: "acme:log/log", "acme:sql/database@^0.1.0", "acme:log/*". Sorted. Bundles
  // that cannot be read are skipped; `plan` reports them if they are needed.
  [[nodiscard]] std::vector<std::string> host_interfaces() const;

  // Adds middleware, which `Wire::via` can name like a unit. `tenon:log` and `tenon:cache` need not be added:
  // they are middleware of these kinds without settings. Middleware with a file reads or makes it in `build`.
  // Errors at plan(): config-value (a name of a unit, settings that do not fit the kind, or no
  // wire names it), resolve-chain; at build(): read-file, write-file, config-syntax, config-value.
  CompositionBuilder& add_middleware(std::string_view name, const Middleware& middleware);

  // Reads a composition in the language of wac: each `new` becomes a unit, each argument a wire, and the
  // composition exports what the file exports. Units get nothing else from each other: every other
  // import comes from the program, host bundles, remote units or WASI, or stays open.
  // Errors: wac-, wit-, read-, type-; at plan() also wac-target, for a world that the composition
  // does not fit.
  // Docs: docs/wac.md.
  Result<void> read_wac(std::string_view path, const WacOptions& options = {});

  // Reads a tenon.toml: its units, wires, exports, grants and policies. Paths in it are relative to
  // the manifest.
  // Errors: config-syntax, config-unknown-key, config-value, read-file.
  Result<void> read_manifest(std::string_view path);
  // The same from text that the program has written: it needs no consent (`manifest_requests`).
  // folder: paths in the text are relative to it.
  Result<void> read_manifest_text(std::string_view text, std::string_view folder);

  // Returns what the manifests request outside their own folders (tenon/trust.h). Not included are
  // grants that this builder sets itself, paths of `trust_path`, and bundles in folders of
  // `set_host_folders`, which belong to the user.
  [[nodiscard]] std::vector<ManifestRequest> manifest_requests() const;
  // Grants everything that the manifests request. Without this call, `build` fails if
  // `manifest_requests` is not empty.
  CompositionBuilder& trust();

  // Returns the paths of all input files, components and manifests, so that a caller that writes
  // files can avoid overwriting them.
  [[nodiscard]] std::span<const std::string> files() const;

  // Sets the provider of an import, leaves it open, or makes it trap.
  CompositionBuilder& wire(Wire wire);
  // Hides an export from all consumers. An `item` that matches nothing is an error of `plan`.
  // item: an interface in any form of its name, `iface.func`, `iface.resource.f`, or a plain name.
  // where, here and below: the source location to show in messages.
  CompositionBuilder& hide(std::string_view unit, std::string_view item, Location where = {});
  // Hides all exports of the unit except the exposed ones.
  // item: as for `hide`.
  CompositionBuilder& expose(std::string_view unit, std::string_view item, Location where = {});
  // Exports an item of a unit from the composition.
  // item: as for `hide`. as: the exported name; empty: unchanged.
  CompositionBuilder& export_item(std::string_view unit, std::string_view item,
                                  std::string_view as = {}, Location where = {});
  // Exports every item that no unit imports.
  CompositionBuilder& export_all();
  // Sets the unit whose exports become the exports of the composition; docs/resolve.md describes
  // the default.
  CompositionBuilder& set_root(std::string_view unit, Location where = {});
  // Leaves unsatisfied imports open instead of failing. They become imports of the composition;
  // when it runs here, a call of one traps.
  CompositionBuilder& allow_unresolved();

  // Places a unit in a domain. The default is the domain `main`. An edge between two domains is
  // bridged. Overrides a manifest.
  CompositionBuilder& place(std::string_view unit, std::string_view domain);
  // Places a unit in a domain of its own, named like the unit.
  CompositionBuilder& isolate(std::string_view unit, Location where = {});
  // Does the same for every unit that `place` does not place elsewhere.
  CompositionBuilder& isolate_all();

  // Opens standard output and error to every domain and standard input to the root's domain, unless
  // a manifest sets `stdio`. `read_manifest` does the same.
  CompositionBuilder& inherit_stdio();
  // Returns the grants of the root's domain, which start empty.
  // Lifetime: the builder's.
  Grants& grants();
  // Returns the grants of a domain, which start empty. A domain without units is an error at
  // plan(): resolve-placement.
  // Lifetime: the builder's.
  Grants& grants(std::string_view domain);

  // Returns the limits of the root's domain. They override a manifest.
  // Lifetime: the builder's.
  Limits& limits();
  // Returns the limits of another domain, which override a manifest. Only the root's domain can
  // have a `timeout`. A domain without units is an error at plan(): resolve-placement.
  // Lifetime: the builder's.
  Limits& limits(std::string_view domain);
  // Returns the `timeout` of a run from these limits or from a manifest; absent: no limit.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const;
  // Makes `timeout` a single limit that starts at `start` and covers reading, planning, compiling
  // and everything that guests of the built composition do. Without this call, each `plan`,
  // `compose`, `build` and call into the composition has the whole `timeout`.
  CompositionBuilder& count_time_from(std::chrono::steady_clock::time_point start);
  // Restarts a domain after it has ended. Without this call, it is not restarted. Overrides a
  // manifest.
  CompositionBuilder& restart(std::string_view domain, const Restart& policy);
  // The same for every domain; overrides `restart` and manifests.
  CompositionBuilder& restart_all(const Restart& policy);
  // Allows `Composition::interrupt` to end calls. Guests then check for interrupts at each loop and
  // function entry, as with a deadline, which makes calls between units of one domain several times
  // slower (docs/adr/0006-interruption.md).
  CompositionBuilder& allow_interrupt();

  // Sets where the composition and the continuations of its calls run. Without an executor, they
  // run while the program waits: in a blocking call, in `Task::wait` or in `Composition::poll`.
  // Lifetime: the executor must outlive the composition.
  CompositionBuilder& set_executor(Executor& executor);

  // Sets how many bytes of items a stream between two domains holds until they are read, unless its
  // wire sets it; the default is 256 KiB. Only items without strings, lists and handles are held,
  // so that a writer of many small items need not wait for their reader. With 0, a write ends when
  // its items are read, as inside a domain.
  CompositionBuilder& set_stream_buffer(std::size_t bytes);

  // Sets how many domains can compute at the same time, on threads of the composition; the default is
  // the number of processors that the process may use. A domain that computes, in runs of several
  // milliseconds, is moved to such a thread, and the functions of the program that it calls are
  // called there, still one at a time. With 1, everything runs on the threads that call and wait,
  // except domains with `thread = "own"`.
  CompositionBuilder& set_threads(std::size_t count);
  // Lets other threads call, or swap units, while one thread is in `Composition::run_command`. (They wait for
  // its calls in any case, but a command can run as long as the composition exists.)
  CompositionBuilder& allow_threads();
  // Lets the composition answer HTTP requests (`ServeOptions::http`): the domain that exports the handler gets
  // instances for requests, and for calls of its other exports. Each ends with its request, unless
  // `http_instances` says otherwise. instances: at once, at most 1024; further requests wait.
  CompositionBuilder& prepare_http(std::size_t instances = 64);
  // Lets a unit or a folder answer some of these requests, in place of the root. Each such unit is in a domain of
  // its own, or with units that no route names. Errors of routes are those of plan(): http-route, http-handler.
  CompositionBuilder& add_http_route(HttpRoute route);
  // Answers requests of units that import `wasi:http/incoming-handler` of WASI 0.2 or `wasi:http/handler` of 0.3,
  // unless a unit provides it. With `next`, requires `prepare_http`.
  // Errors at plan(): http-handler (`next` cannot be used), config-value (no such consumer).
  CompositionBuilder& add_http_handler(HttpHandlerFunction handler,
                                       const HttpHandlerOptions& options = {});
  // Answers requests that units send by `wasi:http/outgoing-handler` of WASI 0.2 or `wasi:http/client` of 0.3, in place
  // of the network: a mock, or an API that the program provides. No grant is needed. If the handler fails or throws, the
  // unit gets `internal-error`, or `HTTP-response-timeout` after a deadline, without the reason. That goes to
  // `HttpOptions::on_failure` of a server of the composition, or without one to `BuildOptions::on_log`. With `next`,
  // requires `prepare_http`.
  // Errors at plan(): as `add_http_handler`.
  CompositionBuilder& add_http_client(HttpHandlerFunction handler,
                                      const HttpHandlerOptions& options = {});
  // Returns what manifests say about HTTP (`[http]`), for `ServeOptions::http`. Lifetime: the builder's.
  [[nodiscard]] const HttpOptions& http() const;
  // Returns how instances answer HTTP requests, as manifests say that were read before.
  // Lifetime: the builder's.
  HttpInstances& http_instances();

  // Returns the functions that the units import, whoever provides them, in the order of the units and of
  // their imports: what functions of the program can be added for. Reads files, and decides nothing.
  // Errors: read-, type-; those of settings, as plan().
  [[nodiscard]] Result<std::vector<UnitImport>> imports();

  // Decides which export satisfies each import. Reads files, but compiles and runs nothing.
  // Errors: read-, type-, config-, resolve-; compose- from nested compositions; run- from units of
  // other compositions.
  [[nodiscard]] Result<Plan> plan();
  // Keeps what `plan` learns of components in the cache of compiled code, so that components that were
  // planned or built before are not parsed again. folder: as BuildOptions::cache_dir.
  CompositionBuilder& set_plan_cache(std::string_view folder);

  // Returns the text of a lock file: units with their digests, including those of native libraries,
  // and the provider of each import.
  // path: the future path of the lock file; sources in it are relative to that.
  // Errors: as plan(); host-library, host-untrusted.
  [[nodiscard]] Result<std::string> make_lock(std::string_view path);
  // Requires that each later plan equals the plan in a lock file; otherwise plan() fails with
  // config-locked. Its digests act as pins of native libraries.
  // Errors: read-file, config-.
  [[nodiscard]] Result<void> require_lock(std::string_view path);

  // Explains the choice of a provider for each import that matches a name: every candidate, and why
  // it was chosen or not.
  // import: any form of the name, optionally with `consumer:` in front.
  // Errors: as plan(); resolve-wire-unused if no unit imports it.
  [[nodiscard]] Result<std::vector<PlanChoice>> explain_import(std::string_view import);

  // Writes the composition as one component. It is valid in any runtime that supports the features
  // of its units. The same units always give the same bytes.
  // Errors: as plan(); read-invalid, compose-.
  [[nodiscard]] Result<std::vector<std::uint8_t>> compose(const ComposeOptions& options = {});

  // Links, compiles and starts the composition. A call of an open import traps.
  // Errors: as compose(); run-; config-untrusted (a manifest requests more than was granted).
  [[nodiscard]] Result<Composition> build(const BuildOptions& options = {});

  // Does everything that `build` does except starting the units. Compiled code is kept in
  // `cache_dir`, which makes a later `build` with the same settings fast.
  // Errors: as build(), without those of starting.
  [[nodiscard]] Result<void> prepare(const BuildOptions& options);

  // Returns the duration of each phase of the last plan, compose or build.
  [[nodiscard]] std::span<const PhaseTime> times() const;
  // Returns the steps of these phases that belong to one unit, in the order of the phases.
  [[nodiscard]] std::span<const UnitTime> unit_times() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <class F>
CompositionBuilder& CompositionBuilder::add_host_function(std::string_view interface,
                                                          std::string_view name, F&& function) {
  return add_host_function(host_function(interface, name, std::forward<F>(function)));
}

}  // namespace tenon
