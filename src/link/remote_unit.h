// Remote units: the peers of a request as typed providers.
#pragma once

#include "remote/address.h"
#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::link {

struct Inputs;
struct Request;

// Where a remote unit is, and how it is called.
struct RemoteRequest {
  remote::Address address;
  RemoteOptions options;  // `where` and `must_be_used` are those of the unit
};

// Adds the remote units of a request, whose other units are read. Without WIT, a remote unit exports
// each import of a component or a package that one of its patterns matches, under the name of the
// import. If several remote units match an import, those with the most specific pattern have it.
// Errors: read-, wit-syntax, type-, config-value; remote-type for an import of a package whose metadata
//         does not say enough.
[[nodiscard]] Result<void> add_remote_units(const Request& request, const Files& files,
                                            Inputs& inputs);

}  // namespace tenon::link
