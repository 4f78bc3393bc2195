#include "tenon/plan_names.h"

namespace tenon {

std::string_view get_name(UnitKind kind) {
  switch (kind) {
    case UnitKind::HostFunctions:
      return "host-functions";
    case UnitKind::Component:
      return "component";
    case UnitKind::Composition:
      return "composition";
    case UnitKind::Package:
      return "package";
    case UnitKind::HostBundle:
      return "host-bundle";
    case UnitKind::Remote:
      return "remote";
    case UnitKind::Wasi:
      return "wasi";
  }
  return {};
}

std::string_view get_name(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::Direct:
      return "direct";
    case EdgeKind::Bridged:
      return "bridged";
    case EdgeKind::Native:
      return "native";
    case EdgeKind::Remote:
      return "remote";
    case EdgeKind::Packr:
      return "packr";
    case EdgeKind::Wasi:
      return "wasi";
  }
  return {};
}

std::string_view get_name(Stdio stdio) {
  switch (stdio) {
    case Stdio::None:
      return "none";
    case Stdio::Output:
      return "output";
    case Stdio::Inherit:
      return "inherit";
  }
  return {};
}

}  // namespace tenon
