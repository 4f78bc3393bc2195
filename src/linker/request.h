// What a user asked for, before any unit is read: the units' names and places, the policy, the
// grants. The builder, the command line and tenon.toml all fill in one of these.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/composition.h"

namespace tenon::linker {

struct UnitRequest {
  std::string name;
  std::string path;                    // empty: the component was given from memory
  std::shared_ptr<const Bytes> bytes;  // of the component; null: not read yet
  std::string digest;                  // SHA-256 of `bytes`; empty: not read yet
  UnitOrigin origin = UnitOrigin::Listed;
  std::optional<std::string> sha256;  // pin: 64 hexadecimal digits
  std::string domain = "main";
  Location where;  // where the unit was declared; empty on a command line
};

struct Request {
  std::string name;
  std::vector<UnitRequest> units;
  resolve::Policy policy;
  Grants grants;      // of the domain `main`
  Diagnostics notes;  // what was passed over while the request was made; part of the plan's notes
  Diagnostics problems;  // units that were asked for in a way that cannot be; errors of the plan
};

// The unit name that a file gives: its stem in lower case, every other character than a-z, 0-9 and
// `-` replaced by `-`. Starts with a letter: "7zip.wasm" gives "u7zip".
[[nodiscard]] std::string unit_name_of(std::string_view path);

// A unit name like `name`, which is none.
[[nodiscard]] std::string propose_unit_name(std::string_view name);

// Whether `name` is a unit name: `[a-z][a-z0-9-]*` and not `wasi`.
[[nodiscard]] bool is_unit_name(std::string_view name);

}  // namespace tenon::linker
