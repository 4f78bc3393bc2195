#include "linker/link.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/code.h"
#include "engine/code_cache.h"
#include "linker/domain_settings.h"
#include "linker/grants.h"
#include "linker/known_link.h"
#include "linker/lock_file.h"
#include "linker/place_problems.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/uses.h"

namespace tenon::linker {

namespace {

// Each unit alone, so that the message names the file.
Result<void> validate_units(const PlannedLink& planned, const resolve::LinkPlan& part) {
  Diagnostics problems;
  std::unordered_set<std::string_view> digests;
  for (const resolve::Unit& unit : part.units) {
    if (!digests.insert(unit.digest).second) continue;
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

constexpr std::string_view kOneDomainHint =
    "place every unit in one domain: leave out `domain`, `isolated` and `--isolate`, and `place`, "
    "`isolate` and `isolate_all` in a program";

constexpr std::string_view kNoPackageHint =
    "a component cannot contain packr packages: use `tenon run`, `tenon call` or "
    "`CompositionBuilder::build` to link them";

Result<void> check_one_component(const Plan& plan) {
  if (plan.domains.size() < 2) return {};
  Diagnostic problem = make_diagnostic(
      Code::ComposeNotOneDomain, "`{}` has {} domains ({}), but a component is a single domain",
      plan.name, plan.domains.size(), list_domains(plan));
  const bool has_package = std::ranges::any_of(
      plan.units, [](const PlanUnit& unit) { return unit.kind == UnitKind::Package; });
  problem.hints.emplace_back(has_package ? kNoPackageHint : kOneDomainHint);
  return problem;
}

}  // namespace

void PhaseClock::end_phase(std::string_view phase) {
  const auto now = std::chrono::steady_clock::now();
  times_.push_back(
      {std::string(phase), std::chrono::duration<double, std::milli>(now - start_).count()});
  start_ = now;
}

Diagnostics explain_invalid(const PlannedLink& planned, const resolve::LinkPlan& part,
                            const Diagnostics& found) {
  Result<void> valid = validate_units(planned, part);
  if (!valid) return std::move(valid).error();
  // Our bug, or a rule that resolve does not know.
  Diagnostic problem =
      make_diagnostic(Code::ComposeInvalid, "the engine rejected the composed component: {}",
                      found.front().message);
  problem.where.offset = found.front().where.offset;
  problem.hints.emplace_back(
      "please report this with the components; `--no-validate` writes it anyway, "
      "`ComposeOptions::Validate::No` in a program");
  return {std::move(problem)};
}

Result<compose::Composed> embed_part(const PlannedLink& planned, const resolve::LinkPlan& part,
                                     const compose::EmbedOptions& options) {
  Result<compose::Composed> composed = compose::embed(part, unit_bytes(planned, part), options);
  if (!composed) TENON_TRY_VOID(validate_units(planned, part));
  return composed;
}

Result<PlannedLink> plan_link(const Request& request, const Files& files, PhaseClock& clock) {
  TENON_TRY(Inputs inputs, read_inputs(request, files));
  clock.end_phase("read");
  TENON_TRY_VOID(check_deadline(request));
  // From here no file is opened.
  PlannedLink planned;
  planned.foreign = std::move(inputs.foreign);
  planned.binaries = std::move(inputs.binaries);
  planned.taken_offers = std::move(inputs.taken_offers);
  planned.looks_at_offers = inputs.looks_at_offers;
  for (const auto& [name, binary] : planned.binaries)
    if (binary.concurrency == Concurrency::Yes) planned.concurrency = Concurrency::Yes;
  Result<resolve::LinkPlan> resolved = resolve::resolve_units(std::move(inputs.units));
  if (!resolved) {
    // What nobody imports may be what an import lacks.
    Diagnostics problems = std::move(resolved).error();
    std::ranges::move(inputs.notes, std::back_inserter(problems));
    return problems;
  }
  planned.plan = *std::move(resolved);
  Diagnostics& notes = planned.plan.shown.notes;
  notes.insert(notes.begin(), request.notes.begin(), request.notes.end());
  std::ranges::move(inputs.notes, std::back_inserter(notes));
  TENON_TRY_VOID(check_settings(request, planned.plan.shown));
  show_settings(request, planned.plan.shown);
  if (request.lock != nullptr) {
    TENON_TRY(const LockFile found, make_lock(planned, request.lock->file));
    TENON_TRY_VOID(check_lock(*request.lock, found));
  }
  clock.end_phase("resolve");
  TENON_TRY_VOID(check_deadline(request));
  // From here no choice is made: the plan says who provides what, in which domain, in which order.
  return planned;
}

Result<compose::Composed> compose_link(const PlannedLink& planned, const ComposeOptions& options,
                                       PhaseClock& clock) {
  TENON_TRY_VOID(check_one_component(planned.plan.shown));
  compose::EmbedOptions embed;
  embed.version = version();
  const bool strips = options.sections == ComposeOptions::Sections::Strip;
  if (strips) embed.sections = compose::Sections::Strip;
  const bool validates = options.validate == ComposeOptions::Validate::Yes;
  // What is stripped may be what is invalid.
  if (strips || !validates) TENON_TRY_VOID(validate_units(planned, planned.plan));
  TENON_TRY(compose::Composed composed, embed_part(planned, planned.plan, embed));
  if (validates) {
    const Result<void> valid = engine::validate_component(composed.bytes);
    if (!valid) return explain_invalid(planned, planned.plan, valid.error());
  }
  clock.end_phase("compose");
  return composed;
}

}  // namespace tenon::linker
