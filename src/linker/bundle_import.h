// Imports of packr packages that are met by functions of native libraries.
#pragma once

#include <memory>
#include <string>

#include "host/instance.h"
#include "linker/package_call.h"
#include "packr/package_body.h"
#include "runtime/function_shape.h"
#include "tenon/call_failure.h"
#include "tenon/type.h"

namespace tenon::linker {

struct BundleImportParts {
  FunctionType type;                       // as the bundle has it
  std::shared_ptr<const Package> package;  // that imports it
  std::shared_ptr<const runtime::FunctionShape> shape;
  std::shared_ptr<host::HostInstance> instance;
  const host::NativeFunction* function = nullptr;
  std::string name;  // for people: "acme:zlib/checksum@1.0.0#crc32"
};

[[nodiscard]] std::shared_ptr<packr::PackageImport> import_from_bundle(BundleImportParts parts);

// That a call of a native function ran into the deadline that it has. unit: of the bundle.
// REQUIRES: there is a deadline
[[nodiscard]] CallFailure overrun_failure(const std::string& unit, const std::string& function,
                                          std::string why);

}  // namespace tenon::linker
