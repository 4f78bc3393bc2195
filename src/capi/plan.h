// Plans of the C API.
#pragma once

#include <utility>

#include "capi/object.h"
#include "tenon/plan.h"
#include "tenon/tenon_c.h"

struct tenon_plan final : tenon::capi::Object<tenon::capi::Mark::Plan> {
  explicit tenon_plan(tenon::Plan made) : plan(std::move(made)) {}
  tenon::Plan plan;
};
