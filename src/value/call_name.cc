#include <fmt/core.h>

#include "tenon/value_text.h"
#include "types/interface_name.h"

namespace tenon {

std::string print_call_name(std::string_view interface, std::string_view function) {
  std::string name(function);
  const Result<types::ItemName> parsed = types::parse_item_name(function);
  if (parsed && parsed->kind == types::NameKind::Constructor)
    name = fmt::format("[{}]", parsed->resource);
  else if (parsed && parsed->is_resource_function())
    name = fmt::format("[{}.{}]", parsed->resource, parsed->function);
  return interface.empty() ? name : fmt::format("{}.{}", interface, name);
}

}  // namespace tenon
