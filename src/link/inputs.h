// Reads the units of a request: bytes, digests, and the types of their imports and exports.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "binary/component.h"
#include "link/call_table.h"
#include "link/request.h"
#include "link/running_unit.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon::link {

// Whether a unit asks for an engine with concurrency support, as its binary says.
enum class Concurrency { No, Yes };

struct UnitBinary {
  std::shared_ptr<const Bytes> bytes;
  Concurrency concurrency = Concurrency::No;
  std::shared_ptr<const packr::Package> package = {};  // of a package
  std::shared_ptr<const host::Bundle> bundle = {};     // of a host bundle, which has no bytes
};

struct Inputs {
  resolve::Inputs units;  // the unit `wasi` included, where an import asks for WASI
  // By unit name, of the units of this composition.
  std::map<std::string, UnitBinary, std::less<>> binaries;
  ForeignKinds foreign;                        // of `units`
  Diagnostics notes;                           // missing-export, unused-host-function
  std::vector<UnitRequest> taken_offers = {};  // that became units
  bool looks_at_offers = false;                // what these say decides
};

// Reads the files of the units that have no bytes yet, and computes their digests. Pipes and files
// that cannot be read are skipped: `read_inputs` reads them later, or reports why it cannot.
void load_units(Request& request, const Files& files);

// Reads every unit, or lists the problems of every one, after those of the request.
// Errors: read-, type-, config-value (a pin that does not fit), resolve-unit-name.
[[nodiscard]] Result<Inputs> read_inputs(const Request& request, const Files& files);

// The bytes of a component file; text in the `.wat` format is assembled.
// Errors: read-file, read-limit, read-malformed.
[[nodiscard]] Result<Bytes> read_component_file(const Files& files, const std::string& path,
                                                NamedBy named_by);

// Problems found in the bytes of a file: where they were found, and what can be done.

// Names file and unit in every problem that names none, and adds what can be done about a file that
// is damaged, where the problem has no hint of its own.
[[nodiscard]] Diagnostics place_problems(Diagnostics problems, const std::string& file,
                                         const std::string& unit = {});

// Functions that packages export by themselves, for a component that imports them in an interface.

// A wire may name one function of what a component imports, `math.double`, and a function of a
// package. A component takes an interface from one unit: the package gets an export that has the
// functions of all such wires, and one wire takes the place of them.
// Errors: resolve-ambiguous, for functions of one import that are wired to several packages.
// What fits nothing is left as it is, for the resolver to say why.
[[nodiscard]] Diagnostics join_lone_functions(Inputs& inputs);

// The engine's WASI as a typed provider.

// The unit `wasi`, with the exports of the tracks that some import of `units` asks for, evaluated
// into `types`. Interfaces of one package that use each other's resources share them. Errors: none
// for units that were read; type- if the engine's own WIT does not evaluate.
[[nodiscard]] Result<resolve::Unit> make_wasi_unit(std::span<const resolve::Unit> units,
                                                   types::Types& types);

// Whether any import of any unit is of WASI.
[[nodiscard]] bool wants_wasi(std::span<const resolve::Unit> units);

// Whether a component needs an engine with concurrency support.

// Judged by the whole binary, nested components included: an async lift or lower, a stream, future,
// task or error-context built-in, `async` or `stream<T>` in any type.
// Source: docs/resolve.md, section 9.
[[nodiscard]] Concurrency find_async_need(const binary::Component& component);

}  // namespace tenon::link
