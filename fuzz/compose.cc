// Property: what compose writes is valid to the engine if every unit is, only then if it keeps them
// whole, and the same bytes again when it is asked again.
//
// The input makes the choices: which of four interfaces each unit imports and exports, what types
// these share, which byte of a unit is another, who provides for whom, what is hidden, exported or
// left open, and how much a level may hold.
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
#include "engine/validate.h"
#include "engine/wat.h"
#include "require.h"
#include "resolve/plan.h"
#include "types/evaluate.h"

namespace {

using namespace tenon;

constexpr unsigned kInterfaces = 4;

// An interface: a resource and an enum of its own or those of the interface before it, a record.
struct Shape {
  bool own_resource = true;
  bool own_enum = true;
};
using Shapes = std::vector<Shape>;

std::string interface_name(unsigned i) { return fmt::format("f:z/i{}@1.0.0", i); }

// Text of a unit. `$r{i}` and `$e{i}` are the types that interface i has, imported or its own.
class UnitText {
 public:
  explicit UnitText(const Shapes& shapes) : shapes_(shapes) {}

  std::string text(unsigned imports, unsigned exports) {
    for (unsigned i = kInterfaces; i-- > 1;)
      if (((imports | exports) >> i & 1) != 0 && uses_last(i)) imports |= 1U << (i - 1);
    out_ = "(component\n";
    for (unsigned i = 0; i < kInterfaces; ++i)
      if ((imports >> i & 1) != 0) import_interface(i);
    if (exports != 0)
      out_ += R"((core module $m (func (export "make") (result i32) unreachable)
        (func (export "see") (param i32 i32) unreachable)
        (func (export "take") (param i32) (result i32) unreachable))
        (core instance $c (instantiate $m)))";
    for (unsigned i = 0; i < kInterfaces; ++i)
      if ((exports >> i & 1) != 0) export_interface(i);
    return out_ + ")";
  }

 private:
  bool uses_last(unsigned i) const {
    return i > 0 && (!shapes_[i].own_resource || !shapes_[i].own_enum);
  }

  void import_interface(unsigned i) {
    const bool new_resource = shapes_[i].own_resource || i == 0;
    const bool new_enum = shapes_[i].own_enum || i == 0;
    out_ += fmt::format("(import \"{}\" (instance $in{}\n", interface_name(i), i);
    out_ += new_resource ? R"((export "r" (type $r (sub resource))))"
                         : fmt::format("(export \"r\" (type $r (eq $r{})))", i - 1);
    out_ += new_enum ? R"((type $n (enum "a" "b")) (export "e" (type $e (eq $n))))"
                     : fmt::format("(export \"e\" (type $e (eq $e{})))", i - 1);
    out_ += R"((type $s (record (field "e" $e) (field "n" u32))) (export "v" (type $v (eq $s)))
      (export "make" (func (result (own $r)))) (export "see" (func (param "v" $v)))
      (export "take" (func (param "r" (borrow $r)) (result $e)))))
)";
    out_ += fmt::format(R"((alias export $in{0} "r" (type $r{0}))
      (alias export $in{0} "e" (type $e{0}))
)",
                        i);
  }

  void export_interface(unsigned i) {
    const bool new_resource = shapes_[i].own_resource || i == 0;
    const bool new_enum = shapes_[i].own_enum || i == 0;
    out_ += new_resource ? fmt::format("(type $xr{} (resource (rep i32)))", i)
                         : fmt::format("(alias outer 0 $r{} (type $xr{}))", i - 1, i);
    out_ += new_enum ? fmt::format("(type $xe{} (enum \"a\" \"b\"))", i)
                     : fmt::format("(alias outer 0 $e{} (type $xe{}))", i - 1, i);
    out_ += fmt::format(R"((type $xv{0} (record (field "e" $xe{0}) (field "n" u32)))
      (func $make{0} (result (own $xr{0})) (canon lift (core func $c "make")))
      (func $see{0} (param "v" $xv{0}) (canon lift (core func $c "see")))
      (func $take{0} (param "r" (borrow $xr{0})) (result $xe{0}) (canon lift (core func $c "take")))
      (instance $out{0} (export "r" (type $xr{0})) (export "e" (type $xe{0}))
        (export "v" (type $xv{0})) (export "make" (func $make{0})) (export "see" (func $see{0}))
        (export "take" (func $take{0})))
      (export "{1}" (instance $out{0}))
)",
                        i, interface_name(i));
  }

  const Shapes& shapes_;
  std::string out_;
};

bool has_item(const std::vector<types::RootItem>& items, unsigned interface) {
  return std::any_of(items.begin(), items.end(), [interface](const types::RootItem& item) {
    return item.name == interface_name(interface);
  });
}

// Wires to a unit before, so that no plan has a cycle; where none exports it, to nothing or a stub.
void add_wire(Choices& choices, unsigned unit, unsigned interface, resolve::Inputs& inputs) {
  resolve::Wire wire;
  wire.consumer = inputs.units[unit].name;
  wire.import = interface_name(interface);
  wire.target = choices.below(8) == 0 ? resolve::Wire::Target::Trap : resolve::Wire::Target::Open;
  std::vector<std::string> providers;
  for (unsigned before = 0; before < unit; ++before)
    if (has_item(inputs.units[before].type.exports, interface))
      providers.push_back(inputs.units[before].name);
  if (!providers.empty() && choices.below(8) != 0) {
    wire.provider = providers[choices.below(static_cast<unsigned>(providers.size()))];
    wire.target = resolve::Wire::Target::Provider;
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Shapes shapes(kInterfaces);
  for (Shape& shape : shapes) shape = {choices.below(2) == 0, choices.below(2) == 0};
  resolve::Inputs inputs;
  Diagnostics problems;  // of the units, as the engine says
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
    // What the reader or the evaluator refuses never comes to compose.
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
  if (compose::embed(*plan, bytes, options)->bytes != composed->bytes)
    fail("other bytes", {{.code = "", .message = "the second time"}});
  return 0;
}
