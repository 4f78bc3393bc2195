// Metadata as a text of an interface language.
#pragma once

#include "packr/package_type.h"
#include "pact/tree.h"

namespace tenon::pact {

// A file that says the same: `describe_package` makes equal metadata of it. Records and variants
// become definitions in the group of their interface; those of one name that differ, or that have
// none, are numbered. What metadata does not know is missing: a `value` may have been `self`, and
// `flags` have no labels unless the types know them.
[[nodiscard]] Scope make_pact(const packr::PackageTypes& types);

}  // namespace tenon::pact
