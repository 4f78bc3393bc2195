#include "linker/request.h"

#include "support/unit_name.h"

namespace tenon::linker {

namespace {

std::string_view stem_of(std::string_view path) {
  if (const std::size_t slash = path.find_last_of('/'); slash != path.npos)
    path.remove_prefix(slash + 1);
  const std::size_t dot = path.find_last_of('.');
  return dot == path.npos || dot == 0 ? path : path.substr(0, dot);
}

}  // namespace

UnitRequest make_unit(std::string_view name, const UnitOptions& options) {
  UnitRequest unit;
  unit.name = name;
  unit.origin = options.origin;
  unit.is_reachable = options.reachable == Reachable::Yes;
  if (!options.sha256.empty()) unit.sha256 = options.sha256;
  return unit;
}

std::string unit_name_of(std::string_view path) {
  return tenon::propose_unit_name(stem_of(path), "u");
}

std::string propose_unit_name(std::string_view name) {
  std::string proposed = unit_name_of(name);
  if (!is_unit_name(proposed)) proposed += "-unit";
  return proposed;
}

}  // namespace tenon::linker
