// A plan as text.
//
//   shop: 3 units, 1 domain
//   ├─ cart 1.4.0                                               domain main
//   │  ├─ acme:tax/lib@1.2.0   <- tax  acme:tax/lib@1.3.1       direct  (newer in track 1)
//   │  └─ wasi:cli/*@0.2.6     <- wasi
//   └─ tax 1.3.1                                                domain main
//   exports: acme:cart/api@1.0.0 (cart)
//
// Consumers stand before their providers, the root first. An export is shown where its name is not
// the import's. Interfaces of one WASI package are one line.
#pragma once

#include <string>

#include "cli/session.h"
#include "cli/style.h"
#include "tenon/plan.h"

namespace tenon::cli {

// verbosity: Normal counts the notes of a code that has many; Quiet shows only warnings.
[[nodiscard]] std::string render_plan(const Plan& plan, const Style& style,
                                      Verbosity verbosity = Verbosity::Normal);

}  // namespace tenon::cli
