#include "resolve/unprovided_wasi.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace tenon::resolve {

namespace {

struct WasiPackage {
  std::string_view name;
  std::string_view command;  // of an engine that provides the package to a composition
  std::string_view instead;  // what tenon has for a similar purpose; can be empty
};

constexpr std::array kWasiPackages{
    WasiPackage{"keyvalue", "`wasmtime run -S keyvalue`, which has `0.2.0-draft`",
                "the host bundles `keyvalue-sqlite` and `keyvalue-nats` provide "
                "`wasi:keyvalue@0.2.0-draft2`, of which `keyvalue-draft.wasm` makes `0.2.0-draft`"},
    WasiPackage{"nn", "`wasmtime run -S nn`", ""},
    WasiPackage{"tls", "`wasmtime run -S tls`", ""},
};

}  // namespace

std::optional<UnprovidedWasi> find_unprovided_wasi(const types::ItemName& import,
                                                   const Unit& wasi) {
  if (import.ns != "wasi") return std::nullopt;
  // Those that tenon provides itself.
  std::set<std::string> provided = {"config", "http", "logging"};
  for (const types::RootItem& exported : wasi.type.exports)
    if (const auto name = types::parse_item_name(exported.name)) provided.insert(name->package);
  if (provided.contains(import.package)) return std::nullopt;
  UnprovidedWasi missing;
  missing.package = "wasi:" + import.package;
  missing.provided = fmt::format("`wasi:{}`", fmt::join(provided, "`, `wasi:"));
  missing.hints.emplace_back(
      "or let calls of it trap, if it is not needed",
      HintWays{.program = "`wire` with `Wire::optional`",
               .command = fmt::format("--optional '{}/*'", missing.package),
               .manifest = {"[[wire]]", fmt::format("import = \"{}/*\"", missing.package),
                            "optional = true"}});
  const auto* const row = std::ranges::find(kWasiPackages, import.package, &WasiPackage::name);
  std::string elsewhere =
      "or run the composition in an engine that provides it: `tenon compose --allow-unresolved`";
  if (row != kWasiPackages.end()) elsewhere += fmt::format(", then {}", row->command);
  missing.hints.push_back(std::move(elsewhere));
  if (row != kWasiPackages.end() && !row->instead.empty()) missing.hints.emplace_back(row->instead);
  return missing;
}

}  // namespace tenon::resolve
