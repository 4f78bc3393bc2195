#include "compose/embed.h"

#include <unordered_map>
#include <utility>

#include "compose/nest.h"
#include "compose/root_items.h"
#include "compose/strip.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::compose {

namespace {

void check_name(const resolve::Unit& unit, const types::RootItem& item, std::string_view side,
                Diagnostics& problems) {
  if (!item.version_suffix) return;
  Diagnostic problem =
      make_diagnostic(Code::ComposeUnsupportedName,
                      "`{}` {} `{}` with the version suffix `{}`, which the engine cannot read",
                      unit.name, side, item.name, *item.version_suffix);
  problem.where = {
      .file = unit.file, .unit = unit.name, .item = item.name, .offset = item.span.begin};
  problem.hints.push_back("build the component with its full version in the name");
  problems.push_back(std::move(problem));
}

Result<void> check_units(const resolve::LinkPlan& plan) {
  Diagnostics problems;
  for (const resolve::Unit& unit : plan.units) {
    for (const types::RootItem& item : unit.type.imports)
      check_name(unit, item, "imports", problems);
    for (const types::RootItem& item : unit.type.exports)
      check_name(unit, item, "exports", problems);
    if (unit.kind == UnitKind::Component || unit.kind == UnitKind::Composition) continue;
    Diagnostic problem =
        make_diagnostic(Code::ComposeNotOneDomain,
                        "`{}` is not a component, so it cannot be nested in one", unit.name);
    problem.where.unit = unit.name;
    problem.hints.push_back("`tenon run` links it");
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return {};
}

// Units of one digest have one key: the first unit's position.
std::vector<std::uint32_t> binary_keys(const resolve::LinkPlan& plan) {
  std::unordered_map<std::string_view, std::uint32_t> first;
  std::vector<std::uint32_t> keys;
  for (const resolve::Unit& unit : plan.units) {
    const auto position = static_cast<std::uint32_t>(keys.size());
    keys.push_back(unit.digest.empty() ? position
                                       : first.try_emplace(unit.digest, position).first->second);
  }
  return keys;
}

Result<UnitBytes> strip_units(const UnitBytes& bytes, const std::vector<std::uint32_t>& keys,
                              std::vector<std::vector<std::uint8_t>>& stripped) {
  stripped.resize(bytes.size());
  UnitBytes forms;
  for (std::size_t unit = 0; unit < bytes.size(); ++unit) {
    if (keys[unit] == unit) {
      TENON_TRY(stripped[unit], strip_custom_sections(bytes[unit]));
    }
    forms.push_back(stripped[keys[unit]]);
  }
  return forms;
}

// Spans by key, from the components of one level.
void find_spans(const Context& context, std::span<const NestedUnit> nested,
                std::span<const binary::NestedBinary> components, std::uint64_t base,
                std::unordered_map<std::uint32_t, binary::ByteSpan>& spans) {
  std::unordered_map<std::uint32_t, binary::ByteSpan> by_index;
  for (const binary::NestedBinary& component : components)
    by_index.emplace(component.index, component.span);
  for (const NestedUnit& one : nested) {
    const binary::ByteSpan span = by_index.at(one.component);
    spans.try_emplace(context.keys[one.unit], binary::ByteSpan{base + span.begin, base + span.end});
  }
}

std::vector<UnitSpan> unit_spans(const Context& context, const Level& root,
                                 const std::vector<WrittenGroup>& groups,
                                 const binary::EncodedComponent& encoded) {
  std::unordered_map<std::uint32_t, binary::ByteSpan> spans;
  find_spans(context, root.nested, encoded.components, 0, spans);
  std::unordered_map<std::uint32_t, std::uint64_t> begins;
  for (const binary::NestedBinary& component : encoded.components)
    begins.emplace(component.index, component.span.begin);
  for (const WrittenGroup& group : groups)
    find_spans(context, group.units, group.spans, begins.at(group.component), spans);
  std::vector<UnitSpan> made;
  for (std::size_t unit = 0; unit < context.plan.units.size(); ++unit)
    if (const auto span = spans.find(context.keys[unit]); span != spans.end())
      made.push_back({context.plan.units[unit].name, span->second});
  return made;
}

Result<Composed> write(const Context& context, const EmbedOptions& options) {
  TENON_TRY(const std::vector<Group> groups, divide(context, options.limits));
  Level root(context);
  write_imports(root);
  const TypeTable imported = root.defined;
  std::vector<WrittenGroup> written;
  if (groups.size() == 1)
    for (const resolve::UnitIndex unit : groups.front()) root.instantiate(unit);
  else
    written = write_groups(root, groups);
  write_exports(root, imported);
  if (!root.problems.empty()) return std::move(root.problems);

  if (options.sections == Sections::Keep) {
    root.out.set_debug_name(context.plan.shown.name);
    root.out.set_producers({{"processed-by", {{"tenon", options.version}}}});
  }
  binary::EncodedComponent encoded = std::move(root.out).finish();
  Composed composed;
  composed.units = unit_spans(context, root, written, encoded);
  if (options.labels == KeepLabels::Yes) composed.dump = dump(encoded.bytes, encoded.labels);
  composed.bytes = std::move(encoded.bytes);
  return composed;
}

}  // namespace

Result<Composed> embed(const resolve::LinkPlan& plan, const UnitBytes& bytes,
                       const EmbedOptions& options) {
  TENON_CHECK(bytes.size() == plan.units.size());
  TENON_TRY_VOID(check_units(plan));
  const TypeClasses classes(plan);
  const std::vector<std::uint32_t> keys = binary_keys(plan);
  std::vector<std::vector<std::uint8_t>> stripped;
  UnitBytes forms = bytes;
  if (options.sections == Sections::Strip) {
    TENON_TRY(forms, strip_units(bytes, keys, stripped));
  }
  return write({plan, classes, forms, keys, options.sections, options.labels}, options);
}

}  // namespace tenon::compose
