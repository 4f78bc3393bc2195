#include <algorithm>
#include <string_view>

#include "binary/read_component.h"
#include "engine/wit_text.h"
#include "link/inputs.h"
#include "support/check.h"
#include "support/try.h"
#include "types/evaluate.h"
#include "types/uses.h"

namespace tenon::link {

namespace {

constexpr std::string_view kWasi = "wasi:";
constexpr std::string_view kHttp = "wasi:http/";
// The packages with a world that imports every interface of a track, so that their resources are shared:
// without wasi:http, which few units import, and with it.
constexpr std::string_view kPackage = "wasi:cli@";
constexpr std::string_view kPackageWithHttp = "tenon:wasi@";
constexpr std::string_view kWorld = "imports";

bool is_of_track(std::string_view import, std::string_view track) {
  const std::size_t at = import.find('@');
  return import.starts_with(kWasi) && at != import.npos && import.substr(at + 1).starts_with(track);
}

// prefix: of the imports.
bool any_import(std::span<const resolve::Unit> units, std::string_view track,
                std::string_view prefix = kWasi) {
  return std::any_of(units.begin(), units.end(), [&](const resolve::Unit& unit) {
    return std::any_of(unit.type.imports.begin(), unit.type.imports.end(), [&](const auto& import) {
      return is_of_track(import.name, track) && import.name.starts_with(prefix);
    });
  });
}

Result<void> add_track(engine::WasiTrack track, std::string_view name, resolve::Unit& wasi,
                       types::Types& types) {
  for (const engine::WasiPackage& package : engine::wasi_packages(track)) {
    if (!package.name.starts_with(name)) continue;
    TENON_TRY(const binary::Component component, binary::read_component(package.binary));
    TENON_TRY(const types::WitPackageTypes wit, types::evaluate_wit_package(component, types));
    const types::NamedWorld* world = wit.find_world(kWorld);
    TENON_CHECK(world != nullptr);
    for (const types::RootItem& item : world->type.imports) wasi.type.exports.push_back(item);
    for (const types::RootItem& item : world->type.imports)
      for (const types::ResourceId id : types::mentioned_resources(types, item.item))
        wasi.type.defined.push_back(id);
  }
  return {};
}

}  // namespace

bool wants_wasi(std::span<const resolve::Unit> units) { return any_import(units, ""); }

Result<resolve::Unit> make_wasi_unit(std::span<const resolve::Unit> units, types::Types& types) {
  resolve::Unit wasi;
  wasi.name = "wasi";
  wasi.kind = UnitKind::Wasi;
  // A canonical version may be shorter than the track (`@0.2` with a suffix), never longer.
  const auto add = [&](engine::WasiTrack track, std::string_view version) -> Result<void> {
    if (!any_import(units, version)) return {};
    const bool has_http = any_import(units, version, kHttp);
    return add_track(track, has_http ? kPackageWithHttp : kPackage, wasi, types);
  };
  TENON_TRY_VOID(add(engine::WasiTrack::Wasi02, "0.2"));
  TENON_TRY_VOID(add(engine::WasiTrack::Wasi03, "0.3"));
  auto& defined = wasi.type.defined;
  std::sort(defined.begin(), defined.end());
  defined.erase(std::unique(defined.begin(), defined.end()), defined.end());
  return wasi;
}

}  // namespace tenon::link
