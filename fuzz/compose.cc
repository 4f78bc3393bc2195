// Property: a composed component is valid, embedded and by reference, if every unit is valid. If the
// units are kept whole, the embedded one is valid only then. Composing again gives the same bytes.
//
// The input chooses which of four interfaces each unit imports and exports, which types these
// share, which byte of a unit is changed, the wires, what is hidden, exported or left open, and how
// many instances one level can hold.
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "binary/read_component.h"
#include "compose/embed.h"
#include "engine/code.h"
#include "engine/wat.h"
#include "require.h"
#include "resolve/plan.h"
#include "types/evaluate.h"
#include "unit_text.h"

namespace {

using namespace tenon;

bool has_item(const std::vector<types::RootItem>& items, unsigned interface) {
  return std::any_of(items.begin(), items.end(), [interface](const types::RootItem& item) {
    return item.name == interface_name(interface);
  });
}

// Wires an import to an earlier unit, so that no plan has a cycle. If no earlier unit exports it,
// the import is left open or becomes a stub.
void add_wire(Choices& choices, unsigned unit, unsigned interface, resolve::Inputs& inputs) {
  Wire wire;
  wire.consumer = inputs.units[unit].name;
  wire.import = interface_name(interface);
  wire.target = choices.below(8) == 0 ? Wire::Target::Trap : Wire::Target::Open;
  std::vector<std::string> providers;
  for (unsigned before = 0; before < unit; ++before)
    if (has_item(inputs.units[before].type.exports, interface))
      providers.push_back(inputs.units[before].name);
  if (!providers.empty() && choices.below(8) != 0) {
    wire.provider = providers[choices.below(static_cast<unsigned>(providers.size()))];
    wire.target = Wire::Target::Provider;
  }
  inputs.policy.wires.push_back(wire);
}

void make_policy(Choices& choices, resolve::Inputs& inputs) {
  inputs.policy.unresolved = resolve::Policy::Unresolved::Open;
  for (unsigned unit = 0; unit < inputs.units.size(); ++unit)
    for (unsigned i = 0; i < kInterfaces; ++i)
      if (has_item(inputs.units[unit].type.imports, i)) add_wire(choices, unit, i, inputs);
  if (choices.below(4) == 1) inputs.policy.export_mode = resolve::Policy::Exports::All;
  const resolve::Unit& root = inputs.units.back();
  inputs.policy.root = root.name;
  if (has_item(root.type.exports, 0) && choices.below(4) == 1)
    inputs.policy.filters.push_back(
        {root.name, resolve::Filter::Kind::Hide, interface_name(0) + ".make", {}});
}

void fail(const char* what, const Diagnostics& problems) {
  std::fprintf(stderr, "%s: %s\n", what, problems.front().message.c_str());
  std::abort();
}

// Whether the plan can be composed by reference. Fails if the result is not valid.
bool refer(const resolve::LinkPlan& plan, const std::vector<std::vector<std::uint8_t>>& files,
           const Diagnostics& problems, compose::EmbedOptions options) {
  std::vector<compose::ReferenceForm> forms;
  compose::UnitForms pointers;
  for (const std::vector<std::uint8_t>& file : files) {
    Result<compose::ReferenceForm> form = compose::make_reference_form(file);
    if (!form) return false;
    forms.push_back(*std::move(form));
  }
  for (const compose::ReferenceForm& form : forms) pointers.push_back(&form);
  options.sections = compose::Sections::Keep;
  options.limits.components = compose::LevelLimits().components;  // enough for all core modules
  const Result<compose::Composed> composed = compose::refer(plan, pointers, options);
  if (!composed) return false;
  const Result<void> valid = engine::validate_component(composed->bytes);
  if (!valid && problems.empty()) fail("not valid by reference", valid.error());
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Shapes shapes(kInterfaces);
  for (Shape& shape : shapes) shape = {choices.below(2) == 0, choices.below(2) == 0};
  resolve::Inputs inputs;
  Diagnostics problems;  // the engine's problems with the units
  std::vector<std::vector<std::uint8_t>> files(2 + choices.below(6));
  for (std::size_t unit = 0; unit < files.size(); ++unit) {
    const unsigned imports = choices.below(1U << kInterfaces);
    const unsigned exports = choices.below(1U << kInterfaces);
    files[unit] = *engine::wat_to_wasm("unit.wat", UnitText(shapes).text(imports, exports));
    if (choices.below(3) == 0) {
      const std::size_t at = 256 * choices.below(256) + choices.below(256);
      files[unit][at % files[unit].size()] = static_cast<std::uint8_t>(choices.below(256));
    }
    const Result<void> unit_valid = engine::validate_component(files[unit]);
    if (!unit_valid) problems.push_back(unit_valid.error().front());
    // Components that the reader or the evaluator refuses never reach compose.
    const Result<binary::Component> component = binary::read_component(files[unit]);
    if (!component) return 0;
    Result<types::ComponentType> type = types::evaluate_component(*component, inputs.types);
    if (!type) return 0;
    resolve::Unit added;
    added.name = fmt::format("u{}", unit);
    added.type = *std::move(type);
    inputs.units.push_back(std::move(added));
  }
  make_policy(choices, inputs);
  const Result<resolve::LinkPlan> plan = resolve::resolve_units(std::move(inputs));
  if (!plan) return 0;

  compose::EmbedOptions options;
  if (choices.below(2) == 0) options.limits = {2 + choices.below(8), 12 + choices.below(40)};
  if (choices.below(2) == 0) options.sections = compose::Sections::Strip;
  const compose::UnitBytes bytes(files.begin(), files.end());
  const Result<compose::Composed> composed = compose::embed(*plan, bytes, options);
  if (!composed) return 0;
  const Result<void> valid = engine::validate_component(composed->bytes);
  if (!valid && problems.empty()) fail("not valid", valid.error());
  if (valid && !problems.empty() && options.sections == compose::Sections::Keep)
    fail("valid, though a unit is not", problems);
  if (!refer(*plan, files, problems, options) && problems.empty())
    fail("not composed by reference", {{.code = "", .message = "it is composed embedded"}});
  if (compose::embed(*plan, bytes, options)->bytes != composed->bytes)
    fail("other bytes", {{.code = "", .message = "the second time"}});
  return 0;
}
