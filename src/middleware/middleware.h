// Middleware: wrappers around the callees of edges, made from a plan.
//
//   TENON_TRY(const auto limit, middleware::make("few", settings, report));
//   TENON_TRY(callee, limit->wrap(edge, std::move(callee)));
//
// Source: docs/middleware.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "call/call.h"
#include "call/function_shape.h"
#include "call/value_form.h"
#include "tenon/middleware.h"
#include "tenon/result.h"

namespace tenon::middleware {

// One function of an edge.
struct Edge {
  std::string consumer;  // a unit, or a domain if several of its units share the edge
  std::string provider;  // a unit
  std::string function;  // as the consumer imports it: "acme:tax/lib@1.0.0#rate"
  std::shared_ptr<const call::FunctionShape> shape;
  std::shared_ptr<const call::ValueForm> values;
};

// Receives lines of `log`, and remarks of other middleware.
using Report = std::function<void(std::string_view line)>;

// Lives as long as the callees that it makes.
// Thread: that of the composition.
class Middleware {
 public:
  Middleware() = default;
  Middleware(const Middleware&) = delete;
  Middleware& operator=(const Middleware&) = delete;
  virtual ~Middleware() = default;

  // Returns a callee that passes calls on to `callee`.
  // callee: null if the middleware answers calls itself (`answers`).
  // Errors: config-value, if the file of the middleware does not fit the function.
  [[nodiscard]] virtual Result<std::unique_ptr<call::Callee>> wrap(
      Edge edge, std::unique_ptr<call::Callee> callee) = 0;
};

// Whether middleware of a kind answers calls itself, in place of a provider.
[[nodiscard]] bool answers(tenon::Middleware::Kind kind);
// Whether a kind works on functions with handles and streams.
[[nodiscard]] bool passes_handles(tenon::Middleware::Kind kind);

// Errors: config-value, for settings that do not fit the kind.
[[nodiscard]] Result<void> check_settings(const std::string& name,
                                          const tenon::Middleware& settings);

// Opens or reads the file. report: may be empty.
// Errors: as check_settings; read-file, write-file, config-syntax.
[[nodiscard]] Result<std::unique_ptr<Middleware>> make(const std::string& name,
                                                       const tenon::Middleware& settings,
                                                       Report report);

}  // namespace tenon::middleware
