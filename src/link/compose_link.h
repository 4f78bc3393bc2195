// The third step of a link: a plan to one component for each domain, or to one component to be
// written to a file.
#pragma once

#include <string>
#include <vector>

#include "compose/embed.h"
#include "link/call_table.h"
#include "link/plan_link.h"
#include "link/request.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::link {

// A plan and the component of each of its domains.
struct ComposedLink {
  PlannedLink planned;
  resolve::SplitPlan split;
  // By domain; a package is not composed. By reference, unless that is not possible.
  std::vector<compose::Composed> composed;
};

// Reads the late units of a part of the plan that have no bytes yet. Errors: those of `read_late`.
[[nodiscard]] Result<void> read_late_units(PlannedLink& planned, const resolve::LinkPlan& part);

// Open imports become stubs, which trap when they are called.
// Errors: compose-, those of invalid units first; run-deadline.
[[nodiscard]] Result<ComposedLink> compose_domains(const Request& request, PlannedLink planned);

// The component of one domain with its units embedded. Errors: as compose_domains.
[[nodiscard]] Result<compose::Composed> embed_domain(ComposedLink& link, std::size_t domain);

// A component can contain neither middleware nor conversions. plan: of the request.
// Errors: compose-not-one-domain.
[[nodiscard]] Result<void> check_composable(const Request& request, const Plan& plan);

// The plan as one component, which imports what is open.
// Errors: read-invalid (a unit that the engine rejects), compose-.
[[nodiscard]] Result<compose::Composed> compose_component(PlannedLink& planned,
                                                          const ComposeOptions& options);

// A plan of several domains as units of another composition: one for each domain.
struct ComposedParts {
  struct Part {
    std::string domain;
    bool is_package = false;
    Bytes bytes;  // of a component, which imports what is open, or of a package
  };
  std::vector<Part> parts;
  std::vector<Wire> wires;  // between them; consumers and providers are domains
};
// Errors: as compose_component.
[[nodiscard]] Result<ComposedParts> compose_parts(PlannedLink& planned);

// Explains why the engine rejected a composed component. The component contains its units
// unchanged, so one validation covers all of them and the output of compose. The units are
// validated one by one only after that validation failed.
[[nodiscard]] Diagnostics explain_invalid(const PlannedLink& planned, const resolve::LinkPlan& part,
                                          const Diagnostics& found);

// Whether the domain of this part runs a packr package, which is the module of the unit itself.
[[nodiscard]] bool is_package(const PlannedLink& planned, const resolve::LinkPlan& part);

[[nodiscard]] KnownUnits known_units_of(const PlannedLink& planned);

}  // namespace tenon::link
