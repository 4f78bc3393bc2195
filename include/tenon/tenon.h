// The C++ library of tenon: everything that a program needs to link units into compositions and run
// them.
//
//   #include <tenon/tenon.h>
//
//   tenon::CompositionBuilder builder;
//   builder.add_component("cart", "cart.wasm");
//   builder.add_component("tax", "tax.wasm");
//   tenon::Result<tenon::Composition> shop = builder.build();  // or every problem
//   auto total = shop->function<std::uint32_t(std::uint32_t)>("", "total");
//   tenon::CallResult<std::uint32_t> price = (*total)(200);    // or why the call failed
//
// Not included are tenon/tenon_host.h and tenon/host_glue.h, with which host bundles are written.
#pragma once

#include "tenon/buffer.h"       // IWYU pragma: export
#include "tenon/builder.h"      // IWYU pragma: export
#include "tenon/cache.h"        // IWYU pragma: export
#include "tenon/composition.h"  // IWYU pragma: export
#include "tenon/extension.h"    // IWYU pragma: export
#include "tenon/function.h"     // IWYU pragma: export
#include "tenon/host.h"         // IWYU pragma: export
#include "tenon/http.h"         // IWYU pragma: export
#include "tenon/inspect.h"      // IWYU pragma: export
#include "tenon/packr.h"        // IWYU pragma: export
#include "tenon/plan.h"         // IWYU pragma: export
#include "tenon/record.h"       // IWYU pragma: export
#include "tenon/remote.h"       // IWYU pragma: export
#include "tenon/result.h"       // IWYU pragma: export
#include "tenon/stream.h"       // IWYU pragma: export
#include "tenon/task.h"         // IWYU pragma: export
#include "tenon/trust.h"        // IWYU pragma: export
#include "tenon/type.h"         // IWYU pragma: export
#include "tenon/value.h"        // IWYU pragma: export
#include "tenon/wit.h"          // IWYU pragma: export
