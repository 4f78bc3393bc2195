// Plans and compositions of the C API.
#pragma once

#include <utility>

#include "capi/builder.h"
#include "capi/object.h"
#include "tenon/composition.h"
#include "tenon/plan.h"
#include "tenon/tenon_c.h"

struct tenon_plan final : tenon::capi::Object<tenon::capi::Mark::Plan> {
  explicit tenon_plan(tenon::Plan made) : plan(std::move(made)) {}

  tenon::Plan plan;
};

struct tenon_composition final : tenon::capi::Object<tenon::capi::Mark::Composition> {
  tenon_composition(tenon::capi::Kept needed, tenon::Composition made)
      : kept(std::move(needed)), composition(std::move(made)) {}

  tenon::capi::Kept kept;  // outlives the composition
  tenon::Composition composition;
};
