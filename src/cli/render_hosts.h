// What `tenon host` prints.
//
//   db      1.0.0  bundles/sqlite        hosts.toml            SQL on a file
//   duckdb  0.1.0  bundles/duckdb        /usr/lib/tenon/hosts
#pragma once

#include <string>
#include <vector>

#include "cli/diagnostics_json.h"
#include "cli/style.h"
#include "tenon/host_bundle.h"

namespace tenon::cli {

enum class Shadowed { Hide, Show };

[[nodiscard]] std::string render_host_places(const std::vector<HostPlace>& places,
                                             Shadowed shadowed, const Style& style);
[[nodiscard]] std::string render_host_places_json(const std::vector<HostPlace>& places);

// What one provides, takes and is made of.
[[nodiscard]] std::string render_host_bundle(const HostBundle& bundle, const Style& style);
[[nodiscard]] JsonValue make_host_bundle_json(const HostBundle& bundle);

// The files of a package with sizes and digests, and what is not in it.
[[nodiscard]] std::string render_host_package(const HostPackage& package);
[[nodiscard]] std::string render_host_package_json(const HostPackage& package);

// "sqlite 0.1.0: fine; 14 functions, 3 resources, one call at a time of an instance"
[[nodiscard]] std::string render_host_verdict(const HostBundle& bundle);

}  // namespace tenon::cli
