// The output of `tenon host`: places of host bundles, bundles, and packages of bundles.
//
//   db      1.0.0  bundles/sqlite        hosts.toml            SQL on a file
//   duckdb  0.1.0  bundles/duckdb        /usr/lib/tenon/hosts
#pragma once

#include <string>
#include <vector>

#include "render/json.h"
#include "render/style.h"
#include "tenon/inspect.h"

namespace tenon::cli {

using namespace render;

// Show: also list bundles that another bundle of the same name hides.
enum class ShowShadowed { No, Yes };

[[nodiscard]] std::string render_host_places(const std::vector<HostPlace>& places,
                                             ShowShadowed shadowed, const Style& style);
[[nodiscard]] std::string render_host_places_json(const std::vector<HostPlace>& places);

// All facts about one bundle.
[[nodiscard]] std::string render_host_bundle(const HostBundle& bundle, const Style& style);
[[nodiscard]] JsonValue make_host_bundle_json(const HostBundle& bundle);

// The files of a package with sizes and digests, and the files that were left out.
[[nodiscard]] std::string render_host_package(const HostPackage& package);
[[nodiscard]] std::string render_host_package_json(const HostPackage& package);

// "sqlite 0.1.0: ok; 14 functions, 3 resources, one call at a time per instance"
[[nodiscard]] std::string render_host_verdict(const HostBundle& bundle);

}  // namespace tenon::cli
