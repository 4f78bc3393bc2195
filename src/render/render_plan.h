// A plan as text: `tenon plan` and `tenon plan --why`.
//
//   shop: 3 units, 1 domain
//   ├─ cart 1.4.0                                               domain main
//   │  ├─ acme:tax/lib@1.2.0   <- tax  acme:tax/lib@1.3.1       direct  (newer in track 1)
//   │  └─ wasi:cli/*@0.2.6     <- wasi
//   └─ tax 1.3.1                                                domain main
//   exports: acme:cart/api@1.0.0 (cart)
//
// Consumers come before their providers, the root first. The name of an export is shown where it
// differs from the import's. Interfaces of one WASI package share a line.
#pragma once

#include <string>
#include <vector>

#include "render/style.h"
#include "tenon/plan.h"

namespace tenon::render {

enum class Verbosity { Quiet, Normal, Verbose };

// verbosity: Normal summarizes codes with many notes; Quiet shows only warnings.
[[nodiscard]] std::string render_plan(const Plan& plan, const Style& style,
                                      Verbosity verbosity = Verbosity::Normal);

// Why imports got their providers:
//
//   chosen:   tax (acme:tax/lib@1.3.1)       only candidate in track 1
//   rejected: tax-old (acme:tax/lib@0.9.0)   another track
[[nodiscard]] std::string render_choices(const std::vector<PlanChoice>& choices,
                                         const Style& style);

}  // namespace tenon::render
