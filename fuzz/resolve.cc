// Property: units, wires and filters in any order give equal plans or equal problems.
//
// The input chooses which of a few interfaces each of up to eight units imports and exports, with
// which versions and types, and the wires and filters. Its last bytes choose the order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "resolve/plan.h"
#include "resolve/unit_text_test_support.h"

namespace {

using namespace tenon::resolve;

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  // A number below `bound`; 0 when the input is used up.
  std::uint32_t take(std::uint32_t bound) { return at_ < size_ ? data_[at_++] % bound : 0; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

std::string interface_name(std::uint32_t which) { return "a:b/i" + std::to_string(which); }

std::string item(Bytes& bytes, bool is_import, std::string& store) {
  const std::string side = is_import ? " import " : " export ";
  const std::string version = std::string("@1.") + std::to_string(bytes.take(3)) + ".0";
  switch (bytes.take(6)) {
    case 0:
      store = "a:b/store" + version;
      return side + store + " { resource r  open() -> r }";
    case 1:
      if (store.empty()) return "";
      return side + "a:b/use" + version + " { use r from " + store + "  f(r: borrow<r>) }";
    case 2:
      return side + "f" + std::to_string(bytes.take(2)) + "(a: u32)";
    case 3:
      return side + "a:b/types" + version + " { record v { a: u32 } }";
    case 4:
      return side + "a:b/only" + version + " { resource r }";
    default:
      return side + interface_name(bytes.take(4)) + version +
             " { f(a: " + (bytes.take(4) == 0 ? "u64" : "u32") + ") }";
  }
}

// Names are unique among the imports of a unit, and among its exports.
bool has_repeats(const Unit& unit) {
  for (const auto* side : {&unit.type.imports, &unit.type.exports})
    for (std::size_t i = 0; i < side->size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if ((*side)[i].name == (*side)[k].name) return true;
  return false;
}

tenon::Wire make_wire(Bytes& bytes) {
  tenon::Wire made;
  if (bytes.take(2) == 0) made.consumer = "u" + std::to_string(bytes.take(9));
  const std::string names[] = {"a:b/store", "a:b/*", interface_name(bytes.take(4)), "a:b/use@^1",
                               "f0"};
  made.import = names[bytes.take(5)];
  switch (bytes.take(5)) {
    case 0:
      made.target = tenon::Wire::Target::Open;
      break;
    case 1:
      made.target = tenon::Wire::Target::Trap;
      break;
    case 2:
      made.via = {"u" + std::to_string(bytes.take(8))};
      break;
    default:
      made.provider = "u" + std::to_string(bytes.take(8));
      break;
  }
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const std::uint32_t count = 1 + bytes.take(8);
  std::string text;
  for (std::uint32_t u = 0; u < count; ++u) {
    text += "unit u" + std::to_string(u) + " {";
    std::string store;
    for (std::uint32_t i = bytes.take(4); i > 0; --i) text += item(bytes, true, store);
    for (std::uint32_t i = bytes.take(4); i > 0; --i) text += item(bytes, false, store);
    text += " }\n";
  }
  Inputs inputs = read_units(text);
  if (std::any_of(inputs.units.begin(), inputs.units.end(), has_repeats)) return -1;
  for (std::uint32_t i = bytes.take(4); i > 0; --i) inputs.policy.wires.push_back(make_wire(bytes));
  if (bytes.take(3) == 0)
    inputs.policy.filters = {{"u0", Filter::Kind::Hide, interface_name(bytes.take(4)), {}}};
  if (bytes.take(2) == 0) inputs.policy.unresolved = Policy::Unresolved::Open;
  if (bytes.take(2) == 0) inputs.policy.export_mode = Policy::Exports::All;
  if (bytes.take(2) == 0) inputs.policy.root = "u" + std::to_string(bytes.take(8));

  Inputs other = inputs;
  const auto mix = [&bytes](auto& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[bytes.take(static_cast<std::uint32_t>(i))]);
  };
  mix(other.units);
  std::reverse(other.policy.wires.begin(), other.policy.wires.end());
  const tenon::Result<LinkPlan> first = resolve_units(std::move(inputs));
  const tenon::Result<LinkPlan> second = resolve_units(std::move(other));
  if (first.has_value() != second.has_value()) std::abort();
  if (first ? first->shown != second->shown : first.error() != second.error()) std::abort();
  return 0;
}
