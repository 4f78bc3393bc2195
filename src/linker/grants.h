// The text forms of grants, one grammar for flags and manifest; `Grants::parse_directory` is here
// too.
#pragma once

#include <string_view>

#include "engine/store.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::linker {

[[nodiscard]] bool is_empty(const Grants& grants);

// `*`, `HOST` or `HOST:PORT`; an IPv6 address with a port stands in brackets.
// Errors: config-value.
[[nodiscard]] Result<engine::NetworkGrant> parse_network_grant(std::string_view text);

// What the engine's store gets. program: args[0].
// Errors: config-value, every bad grant.
[[nodiscard]] Result<engine::Grants> engine_grants(const Grants& grants, std::string_view program);

}  // namespace tenon::linker
