// How a plan becomes one component.
//
//   imports of the composition -> units, in plan order -> exports of the composition
//
// Every argument of a unit is an import or an export of an earlier unit, so one pass over the
// plan's order is enough. The work is in the types at the root. The type of an import or export can
// only refer to types that have a name there: those of earlier imports and, in an export, of
// earlier exports. A table of named types grows with every item that is written, and the plan lists
// imports and exports in an order in which each finds its types (docs/resolve.md, "What makes a
// composed component valid").
//
// If the units do not fit one level, `divide` makes groups of them, and each group is a level
// again.
#include "compose/embed.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "binary/opcodes.h"
#include "compose/groups.h"
#include "compose/root_exports.h"
#include "compose/trap_stub.h"
#include "support/byte_reader.h"
#include "support/byte_writer.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/rare.h"
#include "support/try.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

binary::SortIndex written_item(const types::Item& item, std::uint32_t index) {
  if (std::holds_alternative<types::FunctionId>(item)) return {binary::Sort::Func, index};
  if (std::holds_alternative<types::InstanceId>(item)) return {binary::Sort::Instance, index};
  return {binary::Sort::Type, index};
}

// The unit that makes the resources of each class.
using Makers = std::unordered_map<types::ResourceId, resolve::UnitIndex>;

Makers find_makers(const Context& context) {
  Makers makers;
  for (resolve::UnitIndex unit = 0; unit < context.plan.units.size(); ++unit)
    for (const types::ResourceId resource : context.plan.units[unit].type.defined)
      makers.try_emplace(context.classes.of(resource), unit);
  return makers;
}

void check_resources(Level& root, const resolve::CompositionImport& import,
                     const TypeEncoder& encoder, const Makers& makers) {
  for (const types::ResourceId resource : encoder.introduced()) {
    const auto maker = makers.find(resource);
    if (maker == makers.end()) continue;
    root.problems.push_back(
        make_diagnostic(Code::ComposeNotOneDomain,
                        "the import `{}` needs the resource `{}`, which the unit `{}` makes",
                        import.name, root.context.plan.types->resources[resource].name,
                        root.context.plan.units[maker->second].name));
  }
  for (const types::ResourceId resource : encoder.unnamed())
    root.problems.push_back(make_diagnostic(
        Code::ComposeNotOneDomain,
        "the import `{}` mentions the resource `{}`, which no import before it names", import.name,
        root.context.plan.types->resources[resource].name));
}

// A stub is written where it is needed, except for one that defines resources: it is written once,
// in the root, because each copy would define resources of its own. If it mentions resources of units, it is written
// when it is needed all the same: before, they have no definition.
void write_stub(Level& root, std::uint32_t position, const Makers& makers) {
  const resolve::CompositionImport& import = root.context.plan.imports[position];
  std::vector<types::ResourceId> stub_made = mentioned_classes(root, import.item);
  const bool uses_units = std::erase_if(stub_made, [&](types::ResourceId resource) {
                            return makers.contains(resource);
                          }) != 0;
  std::erase_if(stub_made, [&](types::ResourceId resource) {
    return root.defined.resources.contains(resource);
  });
  if (stub_made.empty()) return;
  root.stubbed.insert(stub_made.begin(), stub_made.end());
  root.late_stubs.push_back({position, std::move(stub_made)});
  if (!uses_units) (void)root.find_import(position);
}

// Writes every import of the plan except those that trap, in the order of the plan. Afterwards
// `root.imports` and `root.defined` hold them.
// Problems: compose-not-one-domain, for an import that mentions a resource which a unit makes.
void write_imports(Level& root) {
  const resolve::LinkPlan& plan = root.context.plan;
  const Makers makers = find_makers(root.context);
  for (std::uint32_t position = 0; position < plan.imports.size(); ++position) {
    const resolve::CompositionImport& import = plan.imports[position];
    if (import.binding == resolve::CompositionImport::Binding::Trap) {
      write_stub(root, position, makers);
      continue;
    }
    TypeEncoder encoder = root.encoder({&root.defined});
    const binary::ExternDesc desc = encoder.bound(import.item);
    check_resources(root, import, encoder, makers);
    const std::uint32_t index =
        root.out.import_item(root_name(import.name, import.implements), desc);
    const binary::SortIndex written = written_item(import.item, index);
    if (root.context.sections == Sections::Keep) root.out.set_debug_name(written, import.name);
    const PlaceId place = root.places.at(written);
    root.imports.emplace(position, place);
    root.name_types(place, import.name, import.item, root.defined);
  }
}

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
    if (resolve::is_made_of_components(unit.kind)) continue;
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

// By unit, the position of the first unit with the same digest.
std::vector<std::uint32_t> binary_keys(const resolve::LinkPlan& plan) {
  std::unordered_map<std::string_view, std::uint32_t> first;
  std::vector<std::uint32_t> keys;
  for (const resolve::Unit& unit : plan.units) {
    const auto position = static_cast<std::uint32_t>(keys.size());
    keys.push_back(unit.digest ? first.try_emplace(*unit.digest, position).first->second
                               : position);
  }
  return keys;
}

// The core modules of a composed component by reference.
struct CoreModules {
  std::vector<std::string> digests;      // by index in the root
  std::vector<const CoreModule*> first;  // the same; the first unit's
  std::vector<UnitModule> places;
};

// Gives each distinct core module its index in the root, in the order of use.
// REQUIRES: `context.forms` has the reference forms of all units
CoreModules number_modules(Context& context) {
  CoreModules modules;
  std::unordered_map<std::string_view, std::uint32_t> known;
  for (resolve::UnitIndex unit = 0; unit < context.forms.size(); ++unit) {
    NestedForm& form = context.forms[unit];
    for (const CoreModule& module : form.reference->modules) {
      const auto count = static_cast<std::uint32_t>(modules.digests.size());
      const auto [index, is_new] = known.try_emplace(module.digest, count);
      if (is_new) {
        modules.digests.push_back(module.digest);
        modules.first.push_back(&module);
      }
      form.root_modules.push_back(index->second);
      modules.places.push_back({context.plan.units[unit].name, index->second, module.bytes});
    }
  }
  return modules;
}

// Writes the imports of core modules, which are the first modules of the root.
void write_modules(Level& root, const CoreModules& modules) {
  for (std::size_t i = 0; i < modules.first.size(); ++i) {
    const std::uint32_t type = root.out.add_core_type(modules.first[i]->type);
    const std::string name = module_import_name(i);
    root.out.import_item({.text = name},
                         {.kind = binary::ExternDesc::Kind::CoreModule, .index = type});
  }
}

Result<void> check_count(const CoreModules& modules, const LevelLimits& limits) {
  if (modules.digests.size() <= limits.components) return {};
  return make_diagnostic(Code::ComposeNotOneDomain,
                         "the units have {} distinct core modules, but a component can import {}",
                         modules.digests.size(), limits.components);
}

// The positions of the units and stubs of all levels in the composed bytes.
class SpanIndex {
 public:
  explicit SpanIndex(const Context& context) : context_(context) {}

  // Adds one level. base: the offset of its bytes in the composed bytes.
  void add(std::span<const NestedUnit> units, std::span<const NestedStub> stubs,
           std::span<const binary::NestedBinary> components, std::uint64_t base) {
    std::unordered_map<std::uint32_t, binary::ByteSpan> by_index;
    for (const binary::NestedBinary& component : components)
      by_index.emplace(component.index,
                       binary::ByteSpan{base + component.span.begin, base + component.span.end});
    for (const NestedUnit& unit : units)
      by_key_.try_emplace(context_.keys[unit.unit], by_index.at(unit.component));
    for (const NestedStub& stub : stubs) {
      const resolve::CompositionImport& import = context_.plan.imports[stub.import];
      stubs_.push_back({import.name, by_index.at(stub.component), import.trap_wires});
    }
  }

  [[nodiscard]] std::vector<UnitSpan> units() const {
    std::vector<UnitSpan> spans;
    for (std::size_t unit = 0; unit < context_.plan.units.size(); ++unit)
      if (const auto span = by_key_.find(context_.keys[unit]); span != by_key_.end())
        spans.push_back({context_.plan.units[unit].name, span->second});
    return spans;
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

Result<Composed> write(const Context& context, CoreModules modules, const EmbedOptions& options) {
  TENON_TRY(const std::vector<Group> groups, divide(context, options.limits));
  Level root(context);
  write_modules(root, modules);
  write_imports(root);
  const TypeTable imported = root.defined;
  std::vector<WrittenGroup> written;
  if (groups.size() == 1)
    for (const resolve::UnitIndex unit : groups.front()) root.instantiate(unit);
  else
    written = write_groups(root, groups);
  RootExports(root, imported).write();
  if (!root.problems.empty()) return std::move(root.problems);

  if (options.sections == Sections::Keep) {
    root.out.set_debug_name(context.plan.shown.name);
    root.out.set_producers({{"processed-by", {{"tenon", options.version}}}});
  }
  binary::EncodedComponent encoded = std::move(root.out).finish();
  Composed composed;
  composed.modules = std::move(modules.digests);
  composed.unit_modules = std::move(modules.places);
  SpanIndex spans = index_spans(context, root, written, encoded);
  composed.units = spans.units();
  composed.stubs = std::move(spans).take_stubs();
  if (options.labels == KeepLabels::Yes) composed.dump = dump(encoded.bytes, encoded.labels);
  composed.bytes = std::move(encoded.bytes);
  return composed;
}

}  // namespace

std::string module_import_name(std::size_t module) { return fmt::format("tenon-m{}", module); }

Result<Composed> embed(const resolve::LinkPlan& plan, const UnitBytes& bytes,
                       const EmbedOptions& options) {
  TENON_CHECK(bytes.size() == plan.units.size());
  TENON_TRY_VOID(check_units(plan));
  const TypeClasses classes(plan);
  Context context{plan, classes, {}, binary_keys(plan), options.sections, options.labels};
  std::vector<std::vector<std::uint8_t>> stripped(bytes.size());
  for (std::size_t unit = 0; unit < bytes.size(); ++unit) {
    context.forms.push_back({.bytes = bytes[unit]});
    if (options.sections != Sections::Strip || context.keys[unit] != unit) continue;
    TENON_TRY(stripped[unit], strip_custom_sections(bytes[unit]));
    context.forms.back().bytes = stripped[unit];
  }
  return write(context, {}, options);
}

Result<Composed> refer(const resolve::LinkPlan& plan, const UnitForms& forms,
                       const EmbedOptions& options) {
  TENON_CHECK(forms.size() == plan.units.size());
  TENON_TRY_VOID(check_units(plan));
  const TypeClasses classes(plan);
  Context context{plan, classes, {}, binary_keys(plan), options.sections, options.labels};
  for (const ReferenceForm* form : forms) context.forms.push_back({.reference = form});
  CoreModules modules = number_modules(context);
  TENON_TRY_VOID(check_count(modules, options.limits));
  TENON_TRY(Composed composed, write(context, std::move(modules), options));
  composed.form = Form::Reference;
  return composed;
}

}  // namespace tenon::compose
