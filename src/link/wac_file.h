// A `.wac` file as a request. Each `new` is a unit, its arguments are wires, and the exports of the
// file are those of the composition. Every import that is not an argument comes from outside
// (resolve::Policy::Unresolved::Outside).
//
// What a unit takes that is not an export of another unit is passed on by a small component
// (compose/passage.h), which is a unit too: explicit imports of the file, parts of instances, and
// whole instances of units.
//
// Docs: docs/wac.md.
#pragma once

#include <string>

#include "link/request.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/result.h"

namespace tenon::link {

// Errors: wac-, wit-, read-, type-.
[[nodiscard]] Result<Request> read_wac(const std::string& path, const WacOptions& options,
                                       const Files& files);

}  // namespace tenon::link
