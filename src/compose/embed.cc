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
    problem.hints.push_back("`tenon run` links it, and so does `build`");
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

// Where the components of the composition's levels stand, by what they are.
class SpanIndex {
 public:
  explicit SpanIndex(const Context& context) : context_(context) {}

  // One level's; base: where its bytes stand in the composed ones.
  void add(std::span<const NestedUnit> units, std::span<const NestedStub> stubs,
           std::span<const binary::NestedBinary> components, std::uint64_t base) {
    std::unordered_map<std::uint32_t, binary::ByteSpan> by_index;
    for (const binary::NestedBinary& component : components)
      by_index.emplace(component.index,
                       binary::ByteSpan{base + component.span.begin, base + component.span.end});
    for (const NestedUnit& one : units)
      by_key_.try_emplace(context_.keys[one.unit], by_index.at(one.component));
    for (const NestedStub& one : stubs)
      stubs_.push_back({context_.plan.imports[one.import].name, by_index.at(one.component)});
  }

  [[nodiscard]] std::vector<UnitSpan> units() const {
    std::vector<UnitSpan> made;
    for (std::size_t unit = 0; unit < context_.plan.units.size(); ++unit)
      if (const auto span = by_key_.find(context_.keys[unit]); span != by_key_.end())
        made.push_back({context_.plan.units[unit].name, span->second});
    return made;
  }
  [[nodiscard]] std::vector<StubSpan> take_stubs() && { return std::move(stubs_); }

 private:
  const Context& context_;
  std::unordered_map<std::uint32_t, binary::ByteSpan> by_key_;
  std::vector<StubSpan> stubs_;
};

SpanIndex index_spans(const Context& context, const Level& root,
                      const std::vector<WrittenGroup>& groups,
                      const binary::EncodedComponent& encoded) {
  SpanIndex spans(context);
  spans.add(root.nested, root.stubs, encoded.components, 0);
  std::unordered_map<std::uint32_t, std::uint64_t> begins;
  for (const binary::NestedBinary& component : encoded.components)
    begins.emplace(component.index, component.span.begin);
  for (const WrittenGroup& group : groups)
    spans.add(group.units, group.stubs, group.spans, begins.at(group.component));
  return spans;
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
  SpanIndex spans = index_spans(context, root, written, encoded);
  composed.units = spans.units();
  composed.stubs = std::move(spans).take_stubs();
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
