// What a domain may do and use: the text forms of limits, and what the request gives each domain.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/store.h"
#include "link/request.h"
#include "tenon/composition.h"
#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon::link {

// "256MiB": a whole number and B, KiB, MiB or GiB. Nothing: it has another form, or is too large.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

// "500ms", "30s", "5m", "1h": a whole number and a unit. Nothing: it has another form, or is too
// large.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// The domain that gets `Request::grants`: that of the root; without a root `main`, or else the last
// to start.
[[nodiscard]] std::string find_root_domain(const Plan& plan);

// The settings of one domain with all that it is granted; `grants.stdio` is decided, and `stdio`
// says the same. root_domain: of find_root_domain.
[[nodiscard]] DomainSettings settings_of(const Request& request, const std::string& domain,
                                         const std::string& root_domain);

// Says in a plan what each domain may do and use, and which edges lead to one that restarts.
void show_settings(const Request& request, Plan& plan);

// Errors: config-value, for a limit on the whole run in another domain than the root's.
[[nodiscard]] Result<void> check_settings(const Request& request, const Plan& plan);

// The text forms of grants, one grammar for flags and manifest; `Grants::parse_directory` is here
// too.

[[nodiscard]] bool is_empty(const Grants& grants);

// `*`, `HOST` or `HOST:PORT`; an IPv6 address with a port stands in brackets.
// Errors: config-value.
[[nodiscard]] Result<engine::NetworkGrant> parse_network_grant(std::string_view text);

// What the engine's store gets. program: args[0].
// Errors: config-value, every bad grant.
[[nodiscard]] Result<engine::Grants> engine_grants(const Grants& grants, std::string_view program);

}  // namespace tenon::link
