// The world that a composition must fit: `package demo:shop targets wasi:cli/command@0.2.6;`.
#pragma once

#include <memory>
#include <string>

#include "resolve/plan.h"
#include "tenon/result.h"
#include "wac/packages.h"
#include "wac/syntax.h"

namespace tenon::wac {

struct Target {
  Wit wit;
  std::string world;  // its full name
  Location where;
  Excerpt excerpt;
};

// declared: the WIT package of the file itself, in which its own worlds are.
// notes: receives those on the WIT of another package.
// REQUIRES: the document has a target.  Errors: wac-target (there is no such world), wac-package, read-,
// wit-, type-.
[[nodiscard]] Result<std::shared_ptr<const Target>> find_target(const Document& document,
                                                                const Wit& declared,
                                                                const Source& source,
                                                                Packages& packages,
                                                                Diagnostics& notes);

// Errors: wac-target, with all differences; type-.
[[nodiscard]] Result<void> check_target(const Target& target, const resolve::LinkPlan& plan);

}  // namespace tenon::wac
