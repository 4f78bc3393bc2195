// A link request as given by the user: units, policy and grants. No unit has been read yet. The
// builder, the command line and tenon.toml all fill in a Request.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/cache_folder.h"
#include "host/bundle_unit.h"
#include "middleware/middleware_unit.h"
#include "program/program_unit.h"
#include "remote/remote_unit.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/rare.h"
#include "tenon/builder.h"
#include "tenon/http.h"
#include "tenon/result.h"

namespace tenon::wac {
struct Target;
}

namespace tenon::link {

struct LockFile;
struct RunningUnit;

// The part of a request that depends on the kind of the unit: the unit of another composition, the settings of a
// remote unit, or the entry of a host bundle in a file. Other units have none.
using KindPart = std::variant<std::monostate, std::shared_ptr<const RunningUnit>,
                              std::shared_ptr<const remote::RemoteSettings>,
                              std::shared_ptr<const host::HostEntry>>;

struct UnitRequest {
  std::string name;
  UnitKind kind = UnitKind::Component;             // or Composition, Package, HostBundle, Remote
  bool has_explicit_kind = true;                   // false: the bytes say whether it is a package
  std::string path;                                // empty: the component was given from memory
  std::shared_ptr<const Bytes> bytes = {};         // of the component; null: not read yet
  std::shared_ptr<const std::string> digest = {};  // SHA-256 of `bytes`; null: not read yet
  bool is_late = false;  // read when its types or its code are needed: `digest` is known before
  // The unit record of a late unit, which takes the place of `bytes` in a plan. Null: there is none.
  std::shared_ptr<const Bytes> record = {};
  UnitOrigin origin = UnitOrigin::Listed;
  Rare<std::string> sha256 = {};  // pin: 64 hexadecimal digits
  std::string domain = "main";
  bool is_isolated = false;             // in a domain of its own with the unit's name
  PackageAbi abi = PackageAbi::Detect;  // of a package
  std::uint32_t pool = 0;               // instances for single calls; 0: one for all calls
  bool is_reachable = false;            // the program calls its exports, too
  bool must_be_file = false;            // `path` may not be a pipe or a device, as for a swap
  std::shared_ptr<const Location> where = {};  // in a manifest; null: in none
  KindPart kind_part = {};

  // `kind_part` as a T; null if it is something else.
  template <class T>
  [[nodiscard]] const T* as() const {
    const auto* const held = std::get_if<std::shared_ptr<const T>>(&kind_part);
    return held == nullptr ? nullptr : held->get();
  }
};

// The grants, limits and restarts of one domain: `[domains.NAME]`.
struct DomainSettings {
  Grants grants;
  std::optional<Stdio> stdio;                        // absent: see `Request::inherit_stdio`
  std::optional<std::uint64_t> memory;               // bytes, of all memories together
  std::optional<std::uint64_t> tables;               // elements, of each table
  std::optional<std::uint64_t> instances;            // core instances
  std::uint64_t fuel = 0;                            // 0: not metered
  std::optional<std::chrono::milliseconds> timeout;  // of the whole run; the root's domain only
  std::optional<std::chrono::milliseconds> call_timeout;  // of one call from outside
  std::optional<Restart> restart;                         // absent: it is not restarted
  bool owns_thread = false;                               // thread = "own"
  Location where;
};

// The configuration of one unit, which it reads as `wasi:config`: `[components.NAME.config]`.
struct UnitConfig {
  std::map<std::string, std::string, std::less<>> values;  // by key; not empty
  Location where;
};

// Settings of one domain that the program sets; they override those of the manifest.
struct DomainOverrides {
  Limits limits;
  std::optional<Restart> restart;
};

// The network, the HTTP requests and the folders that a manifest grants to one domain. They need the user's consent,
// like native code, which is in `units`.
struct ManifestGrants {
  std::string domain;
  std::vector<Grants::Directory> dirs;
  std::vector<std::string> net;
  std::vector<std::string> http;
  Location where;
};

struct Request {
  std::string name;
  std::vector<UnitRequest> units;
  resolve::Policy policy;
  program::HostParts host;
  middleware::Settings middleware;
  host::HostSettings hosts;
  std::shared_ptr<const LockFile> lock;  // the plan must match it; null: any plan is accepted
  std::shared_ptr<const wac::Target> target = {};  // the world that it must fit; null: any
  // When the run began, if its `timeout` includes the link; and when the link must be done, which the
  // request of a running composition does not say.
  std::optional<std::chrono::steady_clock::time_point> start;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  // Becomes true when nobody needs the link any more; null: somebody always does.
  const std::atomic<bool>* abandoned = nullptr;
  std::vector<ManifestGrants> manifest_grants;
  // Where the folders of all grants led when the user agreed to them (`note_folders`), by `Grants::Directory::host`.
  std::map<std::string, std::string> folders = {};
  bool trusts_manifests = false;                // manifests need no consent
  std::vector<std::string> program_texts = {};  // names of manifests that the program has written
  bool has_built_in = true;                     // tenon provides its own interfaces
  Grants grants;                                // of the root's domain, in addition to `domains`
  Limits limits;                                // of the root's domain; they override `domains`
  // Whether domains inherit the standard streams by default; only the root's domain gets standard
  // input.
  bool inherit_stdio = false;
  bool can_interrupt = false;                         // the program may interrupt calls
  std::size_t stream_buffer = limits::kStreamBuffer;  // bytes, of each stream between domains
  // How many domains compute at the same time. 0: as many as there are processors.
  std::size_t threads = 0;
  bool is_shared = false;            // several threads of the program use the composition
  std::uint32_t http_instances = 0;  // that answer HTTP requests; 0: none are answered
  HttpInstances http_use = {};       // how they do
  // What manifests say about HTTP; and the routes, whose units `policy.handlers` lists.
  HttpOptions http = {};
  std::vector<HttpRoute> http_routes = {};
  std::optional<Restart> restart_all;  // of every domain; overrides its settings
  std::map<std::string, DomainSettings> domains;
  std::map<std::string, DomainOverrides> domain_overrides;
  std::map<std::string, UnitConfig> config = {};          // by unit
  std::shared_ptr<const engine::CacheFolder> cache = {};  // of units that were read before, or null
  Diagnostics notes;     // inputs that were skipped; part of the plan's notes
  Diagnostics problems;  // invalid inputs; errors of the plan
};

// The `timeout` of the root's domain, as far as it is known before units are read. No other domain
// can have one.
[[nodiscard]] std::optional<std::chrono::milliseconds> find_timeout(const Request& request);

// The pool of the unit that has this domain for itself; 0: it has none.
[[nodiscard]] std::uint32_t find_pool(const Request& request, std::string_view domain);

// Adds a route, and lists its unit.
void add_http_route(HttpRoute route, Request& request);
// Adds a handler of the program for imports, and lists the unit behind it.
void add_http_handler(HttpHandlerFunction handler, const HttpHandlerOptions& options,
                      Request& request);
// The same for imports by which units send requests.
void add_http_client(HttpHandlerFunction handler, const HttpHandlerOptions& options,
                     Request& request);

// Sets the deadline of a link that begins at this moment.
void set_deadline(Request& request);

// Whether planning the request again needs nothing but the request, and so cannot fail.
[[nodiscard]] bool can_plan_again(const Request& request);

// Called between files, units and phases. A compilation in progress is not interrupted.
// Errors: run-deadline, for an abandoned link too.
[[nodiscard]] Result<void> check_deadline(const Request& request);

// The units of kind HostBundle, as `host` takes and gives them.
[[nodiscard]] std::vector<host::BundleRequest> list_bundles(const Request& request);
[[nodiscard]] host::BundleRequest make_bundle_request(const UnitRequest& unit);
[[nodiscard]] UnitRequest make_bundle_unit(host::BundleRequest bundle);

// The remote units, as `remote` takes them.
[[nodiscard]] std::vector<remote::RemoteRequest> list_remotes(const Request& request);

// Makes units of the offers that a link used, and drops the others. A plan that is made again later
// does not depend on files of offers.
void adopt_offers(std::vector<UnitRequest> used, Request& request);

// A unit that the program adds.
[[nodiscard]] UnitRequest make_unit(std::string_view name, const UnitOptions& options);

}  // namespace tenon::link
