// Remote units: the peers of a composition as typed providers.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "remote/address.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::remote {

// Where a remote unit is, and how it is called.
struct RemoteSettings {
  Address address;
  RemoteOptions options;  // `where` and `must_be_used` are those of the unit
};

// A remote unit of a link request.
struct RemoteRequest {
  std::string name;
  std::shared_ptr<const RemoteSettings> settings;  // not null
  bool must_be_used = false;
  std::shared_ptr<const Location> where = {};  // in a manifest; null: in none
};

// Adds remote units to the other units, which are read. Without WIT, a remote unit exports
// each import of a component or a package that one of its patterns matches, under the name of the
// import. If several remote units match an import, those with the most specific pattern have it.
// Errors: read-, wit-syntax, type-, config-value; remote-type for an import of a package whose metadata
//         does not say enough.
// notes: receives those on WIT.
[[nodiscard]] Result<void> add_remote_units(std::span<const RemoteRequest> requests,
                                            const Files& files, resolve::Inputs& inputs,
                                            Diagnostics& notes);

}  // namespace tenon::remote
