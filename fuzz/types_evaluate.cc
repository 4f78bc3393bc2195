// Property: a component that the engine accepts can be evaluated. A component that was evaluated
// can be walked and printed, and fits itself. Everything else is rejected with an offset inside the
// input.
#include <cstddef>
#include <cstdint>
#include <span>

#include "binary/read_component.h"
#include "engine/code.h"
#include "require.h"
#include "support/limits.h"
#include "types/evaluate.h"
#include "types/print_type.h"
#include "types/subtype.h"
#include "types/uses.h"

namespace {

using namespace tenon;
using namespace tenon::types;

void walk(const Types& types, const ComponentType& component) {
  const UseIndex index(types, component);
  Subtyping relation(types);
  const auto visit = [&](RootRef ref) {
    const RootItem& item = root_item(component, ref);
    for (const std::string& line : print_item(types, {}, item.name, item.item))
      require(line.find('\x1b') == line.npos && line.find('\n') == line.npos);
    const std::vector<ResourceId> mentioned = mentioned_resources(types, item.item);
    require(mentioned.empty() != has_resources(types, item.item));
    for (const Use& use : index.uses_of(ref)) require(use.from != ref);
    if (std::holds_alternative<Unsupported>(item.item)) return;
    for (const Difference& difference : relation.compare(item.item, item.item).differences)
      require(difference.kind == DifferenceKind::UnsupportedItem);
  };
  for (std::uint32_t i = 0; i < component.imports.size(); ++i) visit({Side::Import, i});
  for (std::uint32_t i = 0; i < component.exports.size(); ++i) visit({Side::Export, i});
}

bool is_by_limit(const Diagnostics& problems) { return problems[0].code == "type-too-large"; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const Result<binary::Component> component = binary::read_component(bytes);
  if (!component) return 0;
  Types types;
  const Result<ComponentType> type = evaluate_component(*component, types);
  if (type) {
    walk(types, *type);
    require(types.types.size() < 4 * limits::kTypeNodes);
    Types others;
    (void)evaluate_wit_package(*component, others);
    return 0;
  }
  require(type.error().size() == 1 && type.error()[0].where.offset.value() <= size);
  require(is_by_limit(type.error()) || !engine::validate_component(bytes));
  return 0;
}
