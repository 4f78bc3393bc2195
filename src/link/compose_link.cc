#include "link/compose_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/code.h"
#include "engine/core_module.h"
#include "resolve/component_types.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/uses.h"

namespace tenon::link {

namespace {

// Validates each unit separately, so that the message names the file.
Result<void> validate_units(const PlannedLink& planned, const resolve::LinkPlan& part) {
  Diagnostics problems;
  std::unordered_set<std::string_view> digests;
  for (const resolve::Unit& unit : part.units) {
    if (!digests.insert(*unit.digest).second) continue;
    const UnitBinary& binary = planned.binaries.find(unit.name)->second;
    const Result<void> valid = binary.package != nullptr
                                   ? engine::validate_module(*binary.bytes)
                                   : engine::validate_component(*binary.bytes);
    if (valid) continue;
    std::ranges::move(place_problems(valid.error(), unit.file, unit.name),
                      std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  return {};
}

compose::UnitBytes unit_bytes(const PlannedLink& planned, const resolve::LinkPlan& part) {
  compose::UnitBytes bytes;
  for (const resolve::Unit& unit : part.units)
    bytes.push_back(*planned.binaries.find(unit.name)->second.bytes);
  return bytes;
}

std::string list_domains(const Plan& plan) {
  std::string names;
  for (const PlanDomain& domain : plan.domains)
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", domain.name);
  return names;
}

Result<void> check_one_component(const Plan& plan) {
  if (plan.domains.size() < 2) return {};
  Diagnostic problem = make_diagnostic(
      Code::ComposeNotOneDomain, "`{}` has {} domains ({}), but a component is a single domain",
      plan.name, plan.domains.size(), list_domains(plan));
  const bool has_package = std::ranges::any_of(
      plan.units, [](const PlanUnit& unit) { return resolve::has_packr_types(unit.kind); });
  if (has_package)
    problem.hints.emplace_back(
        "a component cannot contain packr packages; link and run them in one step",
        HintWays{.program = "`CompositionBuilder::build`", .command = "tenon run", .manifest = {}});
  else
    problem.hints.emplace_back("place every unit in one domain");
  return problem;
}

// A part of the plan, or all of it, as one component. Errors: those of invalid units first; compose-.
Result<compose::Composed> embed_part(PlannedLink& planned, const resolve::LinkPlan& part,
                                     const compose::EmbedOptions& options) {
  TENON_TRY_VOID(read_late_units(planned, part));
  Result<compose::Composed> composed = compose::embed(part, unit_bytes(planned, part), options);
  if (!composed) TENON_TRY_VOID(validate_units(planned, part));
  return composed;
}

// Makes the reference forms that unit records did not have. Units with the same bytes share one.
void make_forms(PlannedLink& planned) {
  std::unordered_map<const Bytes*, std::shared_ptr<const compose::ReferenceForm>> forms;
  for (auto& [name, binary] : planned.binaries) {
    if (binary.bytes == nullptr || binary.package != nullptr || binary.form != nullptr) continue;
    const auto [known, is_new] = forms.try_emplace(binary.bytes.get());
    if (is_new)
      if (Result<compose::ReferenceForm> form = compose::make_reference_form(*binary.bytes))
        known->second = std::make_shared<const compose::ReferenceForm>(*std::move(form));
    binary.form = known->second;  // null if the binary is malformed, which the engine reports
  }
}

// A part of the plan by reference, or embedded if that is not possible. Errors: as embed_part.
Result<compose::Composed> refer_part(PlannedLink& planned, const resolve::LinkPlan& part,
                                     const compose::EmbedOptions& options) {
  compose::UnitForms forms;
  for (const resolve::Unit& unit : part.units)
    forms.push_back(planned.binaries.find(unit.name)->second.form.get());
  if (std::ranges::find(forms, nullptr) == forms.end())
    if (Result<compose::Composed> composed = compose::refer(part, forms, options)) return composed;
  return embed_part(planned, part, options);
}

using Binding = resolve::CompositionImport::Binding;

// An open import traps when it is called in a run; compose writes a stub for it. A resource needs a
// stub as well, because the engine requires its type. So do types with parts that another stub names.
void stub_open_imports(resolve::LinkPlan& plan) {
  const types::Types& types = *plan.types;
  for (resolve::CompositionImport& import : plan.imports)
    if (import.binding == Binding::Open &&
        (!types::is_value_types_only(types, import.item) ||
         !resolve::find_unnamed_types(types, import.item).empty()))
      import.binding = Binding::Trap;
}

// Domains of equal units have one component.
compose::EmbedOptions options_for(const resolve::SplitPlan& split) {
  compose::EmbedOptions options;
  if (split.domains.size() > 1) options.sections = compose::Sections::KeepUnits;
  return options;
}

// A package runs as its own module, so its bytes are used unchanged.
compose::Composed take_package(const PlannedLink& planned, const resolve::Unit& unit) {
  const Bytes& bytes = *planned.binaries.find(unit.name)->second.bytes;
  compose::Composed composed;
  composed.bytes = bytes;
  composed.units.push_back({unit.name, {0, bytes.size()}});
  return composed;
}

}  // namespace

bool is_package(const PlannedLink& planned, const resolve::LinkPlan& part) {
  const auto binary = planned.binaries.find(part.units.front().name);
  return binary != planned.binaries.end() && binary->second.package != nullptr;
}

Result<void> read_late_units(PlannedLink& planned, const resolve::LinkPlan& part) {
  for (const resolve::Unit& unit : part.units) {
    const auto binary = planned.binaries.find(unit.name);
    if (binary == planned.binaries.end() || !binary->second.read_late) continue;
    TENON_TRY(binary->second.bytes, binary->second.read_late());
    binary->second.read_late = {};
  }
  return {};
}

Diagnostics explain_invalid(const PlannedLink& planned, const resolve::LinkPlan& part,
                            const Diagnostics& found) {
  Result<void> valid = validate_units(planned, part);
  if (!valid) return std::move(valid).error();
  // A bug of tenon, or a rule of the engine that resolve does not know.
  Diagnostic problem =
      make_diagnostic(Code::ComposeInvalid, "the engine rejected the composed component: {}",
                      found.front().message);
  problem.where.offset = found.front().where.offset;
  problem.hints.emplace_back("please report this with the components");
  problem.hints.emplace_back(
      "or write it anyway",
      HintWays{
          .program = "`ComposeOptions::Validate::No`", .command = "--no-validate", .manifest = {}});
  return {std::move(problem)};
}

Result<ComposedLink> compose_domains(const Request& request, PlannedLink planned) {
  ComposedLink link{.planned = std::move(planned), .split = {}, .composed = {}};
  stub_open_imports(link.planned.plan);
  link.split = resolve::split_domains(link.planned.plan);
  make_forms(link.planned);
  for (const resolve::DomainPlan& domain : link.split.domains) {
    TENON_TRY_VOID(check_deadline(request));
    if (is_package(link.planned, *domain.link)) {
      link.composed.push_back(take_package(link.planned, domain.link->units.front()));
      continue;
    }
    TENON_TRY(compose::Composed composed,
              refer_part(link.planned, *domain.link, options_for(link.split)));
    link.composed.push_back(std::move(composed));
  }
  return link;
}

Result<compose::Composed> embed_domain(ComposedLink& link, std::size_t domain) {
  return embed_part(link.planned, *link.split.domains[domain].link, options_for(link.split));
}

KnownUnits known_units_of(const PlannedLink& planned) {
  KnownUnits units;
  units.packages = planned.running_packages;
  for (const auto& [name, binary] : planned.binaries) {
    if (binary.package != nullptr) units.packages.emplace(name, binary.package);
    if (binary.bundle != nullptr) units.bundles.emplace(name, binary.bundle);
  }
  return units;
}

Result<compose::Composed> compose_component(PlannedLink& planned, const ComposeOptions& options) {
  TENON_TRY_VOID(check_one_component(planned.plan.shown));
  compose::EmbedOptions embed;
  embed.version = version();
  const bool strips = options.sections == ComposeOptions::Sections::Strip;
  if (strips) embed.sections = compose::Sections::Strip;
  const bool validates = options.validate == ComposeOptions::Validate::Yes;
  TENON_TRY_VOID(read_late_units(planned, planned.plan));
  // Stripping could remove the invalid part.
  if (strips || !validates) TENON_TRY_VOID(validate_units(planned, planned.plan));
  TENON_TRY(compose::Composed composed, embed_part(planned, planned.plan, embed));
  if (validates) {
    const Result<void> valid = engine::validate_component(composed.bytes);
    if (!valid) return explain_invalid(planned, planned.plan, valid.error());
  }
  return composed;
}

Result<void> check_composable(const Request& request, const Plan& plan) {
  const auto refuse = [&](const Location& where, const std::string& what) {
    Diagnostic problem =
        make_diagnostic(Code::ComposeNotOneDomain,
                        "`{}` has {}, and a component cannot contain that", request.name, what);
    problem.where = where;
    problem.hints.emplace_back(
        "link it when it runs, with `tenon run` or `CompositionBuilder::build`");
    return problem;
  };
  if (!request.middleware.empty()) {
    const auto& [name, settings] = *request.middleware.begin();
    return refuse(settings.where, fmt::format("the middleware `{}`", name));
  }
  const auto adapted = std::ranges::find_if(plan.edges, &PlanEdge::is_adapted);
  if (adapted != plan.edges.end())
    return refuse({}, fmt::format("calls of `{}` by `{}` that are converted (`adapt = true`)",
                                  adapted->import, adapted->consumer));
  return {};
}

Result<ComposedParts> compose_parts(PlannedLink& planned) {
  ComposedParts parts;
  const resolve::SplitPlan split = resolve::split_domains(planned.plan);
  for (const resolve::DomainPlan& domain : split.domains) {
    TENON_TRY_VOID(read_late_units(planned, *domain.link));
    TENON_TRY_VOID(validate_units(planned, *domain.link));
    const bool packaged = is_package(planned, *domain.link);
    compose::Composed composed;
    if (packaged) {
      composed = take_package(planned, domain.link->units.front());
    } else {
      TENON_TRY(composed, embed_part(planned, *domain.link, options_for(split)));
    }
    parts.parts.push_back({domain.name, packaged, std::move(composed.bytes)});
    for (const resolve::BridgedImport& import : domain.imports) {
      // A resource alone is tied to its unit by the functions that pass it.
      if (import.export_name.empty()) continue;
      Wire wire;
      wire.consumer = domain.name;
      wire.import = import.name;
      wire.provider = split.domains[import.provider].name;
      wire.export_name = import.export_name;
      wire.lazy = import.options.lazy;
      wire.on_failure = import.options.on_failure;
      wire.stream_buffer = import.options.stream_buffer;
      wire.adapt = import.options.is_adapted;
      parts.wires.push_back(std::move(wire));
    }
  }
  return parts;
}

}  // namespace tenon::link
