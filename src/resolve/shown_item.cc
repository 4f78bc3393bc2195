#include "resolve/shown_item.h"

namespace tenon::resolve {

PlanItem shown_item(const types::Types& types, const types::NamedItem& item) {
  PlanItem shown;
  shown.name = item.name;
  if (const auto* instance = std::get_if<types::InstanceId>(&item.item)) {
    shown.kind = PlanItemKind::Instance;
    for (const types::NamedItem& exported : types.instances[*instance].exports)
      if (std::holds_alternative<types::FunctionId>(exported.item))
        shown.functions.push_back(exported.name);
  } else if (const auto* bound = std::get_if<types::TypeBound>(&item.item)) {
    const bool is_resource = std::holds_alternative<types::ResourceId>(bound->type);
    shown.kind = is_resource ? PlanItemKind::Resource : PlanItemKind::ValueType;
  } else {
    shown.kind = PlanItemKind::Function;
  }
  return shown;
}

}  // namespace tenon::resolve
