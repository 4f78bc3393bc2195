// Native edges to host bundles: an import of a domain, met by a function of a native library.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/linker.h"
#include "host/instance.h"
#include "runtime/domain.h"
#include "runtime/function_shape.h"
#include "tenon/result.h"
#include "tenon/type.h"

namespace tenon::linker {

struct BundleFunctionParts {
  std::shared_ptr<const runtime::FunctionShape> shape;
  FunctionType type;
  std::shared_ptr<host::HostInstance> instance;
  const host::NativeFunction* function = nullptr;
  // Of the handles of its result, by number.
  std::vector<const host::NativeResource*> resources;
  runtime::Domain* caller = nullptr;
  std::string name;  // for people: "tenon:duckdb/sql@0.1.0#query"
};

// interface: of the import in the caller's component; empty: a function imported by itself.
// Errors: run-engine (defined twice).
Result<void> define_bundle_function(engine::Linker& linker, std::string_view interface,
                                    std::string_view name, BundleFunctionParts parts);

}  // namespace tenon::linker
