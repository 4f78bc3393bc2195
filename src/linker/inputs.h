// Reads the units of a request: bytes, digests, and the types of their imports and exports.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "linker/foreign_resources.h"
#include "linker/known_units.h"
#include "linker/request.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::linker {

// Whether a unit asks for an engine with concurrency support, as its binary says.
enum class Concurrency { No, Yes };

struct UnitBinary {
  std::shared_ptr<const Bytes> bytes;
  Concurrency concurrency = Concurrency::No;
  std::shared_ptr<const Package> package = {};  // of a package
  std::shared_ptr<const Bundle> bundle = {};    // of a host bundle, which has no bytes
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

}  // namespace tenon::linker
