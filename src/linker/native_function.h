// Native edges: an import of a domain, met by a function or a resource of the program.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/linker.h"
#include "runtime/bridge.h"
#include "runtime/domain.h"
#include "tenon/host_function.h"
#include "tenon/result.h"
#include "tenon/type.h"

namespace tenon::linker {

struct Running;

struct NativeFunctionParts {
  std::shared_ptr<const runtime::FunctionShape> shape;
  HostFunction function;
  std::optional<FunctionType> type;  // of a function with values
  std::weak_ptr<Running> running;    // whose domain calls
  runtime::Domain* caller = nullptr;
  std::string name;  // for people: "acme:log/log@1.0.0#write"
};

// interface: of the import in the caller's component; empty: a function imported by itself.
// Errors: run-engine (defined twice).
Result<void> define_native_function(engine::Linker& linker, std::string_view interface,
                                    std::string_view name, NativeFunctionParts parts);

}  // namespace tenon::linker
