// Reads the units of a request: bytes, digests, and the types of their imports and exports.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compose/unit_form.h"
#include "host/bundle_unit.h"
#include "link/request.h"
#include "link/running_unit.h"
#include "packr/package_unit.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::link {

// Whether the binary of a unit needs an engine with concurrency support.
enum class Concurrency { No, Yes };

struct UnitBinary {
  std::shared_ptr<const Bytes> bytes;  // null for a late unit that is not read yet
  // Reads the bytes of a late unit. Empty for others. Errors: read-, config-value (the file changed).
  std::function<Result<std::shared_ptr<const Bytes>>()> read_late = {};
  std::shared_ptr<const compose::ReferenceForm> form = {};  // of a component, null until needed
  Concurrency concurrency = Concurrency::No;
  std::shared_ptr<const packr::Package> package = {};  // of a package
  std::shared_ptr<const host::Bundle> bundle = {};     // of a host bundle, which has no bytes
};

struct Inputs {
  resolve::Inputs units;  // including the unit `wasi` if a unit imports WASI
  // By unit name, of the units of this composition.
  std::map<std::string, UnitBinary, std::less<>> binaries;
  packr::Packages running_packages;            // of `units`, in other compositions
  ForeignKinds foreign;                        // of `units`
  Diagnostics notes;                           // missing-export, unused-host-function
  std::vector<UnitRequest> taken_offers = {};  // that became units
  bool looks_at_offers = false;                // whether the plan depends on them
  std::vector<UnitTime> times = {};            // of reading, and of types
};

// What the bytes of a component or a package say about it.
struct UnitContent {
  resolve::Unit unit;                                       // its type, version and hashes alone
  std::shared_ptr<const packr::Package> package = {};       // null for a component
  std::shared_ptr<const compose::ReferenceForm> form = {};  // of a known component
  Concurrency concurrency = Concurrency::No;
  Diagnostics notes = {};
};

// The kind of unit in a file: a package or a component; nothing if it is neither.
[[nodiscard]] std::optional<UnitKind> find_kind(std::span<const std::uint8_t> bytes);

// name, file: of the unit, for wires and messages. abi: of a package. Errors: read-, type-, pack-.
[[nodiscard]] Result<UnitContent> read_unit_content(UnitKind kind, const std::string& name,
                                                    const std::string& file,
                                                    std::span<const std::uint8_t> bytes,
                                                    std::span<const Wire> wires, PackageAbi abi,
                                                    types::Types& types);

// Reads the bytes of a late unit, whose digest is known. Errors: read-, config-value (the file has
// another digest).
[[nodiscard]] Result<std::shared_ptr<const Bytes>> read_late_unit(const UnitRequest& request,
                                                                  const Files& files);

// Reads the files of the units that have no bytes yet, and computes their digests. For late units, it
// reads the unit records instead, if the cache has them. Files that cannot be read are skipped:
// `read_inputs` reports why they cannot. Returns how long each took.
std::vector<UnitTime> load_units(Request& request, const Files& files);

// Reads every unit, or lists the problems of every one, after those of the request.
// Errors: read-, type-, config-value (a pin that does not fit), resolve-unit-name.
[[nodiscard]] Result<Inputs> read_inputs(const Request& request, const Files& files);

// Joins wires of single functions. A wire may name one function of an interface that a component
// imports, `math.double`, and a function that a package exports. Because a component takes an
// interface from one unit, the package gets an export that has the functions of all such wires, and
// one wire replaces them. Wires that fit nothing are left for the resolver to report.
// Errors: resolve-ambiguous, for functions of one import that are wired to several packages.
[[nodiscard]] Diagnostics join_lone_functions(Inputs& inputs);

// The unit `wasi`, the engine's WASI as a typed provider, with the exports of the tracks that some
// import of `units` asks for, evaluated into `types`. Interfaces of one package that use each
// other's resources share them. Errors: none for units that were read; type- if the engine's own
// WIT does not evaluate.
[[nodiscard]] Result<resolve::Unit> make_wasi_unit(std::span<const resolve::Unit> units,
                                                   types::Types& types);

// Whether any unit imports WASI.
[[nodiscard]] bool wants_wasi(std::span<const resolve::Unit> units);

}  // namespace tenon::link
