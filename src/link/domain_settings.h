// The grants and limits of domains: the settings that a request gives each domain.
#pragma once

#include <memory>
#include <string_view>

#include "engine/http_client.h"
#include "engine/store.h"
#include "link/request.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon::link {

// The domain whose settings a domain of the plan has: itself, or the one that it is a part of.
[[nodiscard]] std::string find_declared_domain(const Plan& plan, const std::string& name);

// The domain that gets `Request::grants`: that in which the root is placed; without a root, `main` or
// else the last domain to start.
[[nodiscard]] std::string find_root_domain(const Plan& plan);

// The settings of one domain, including everything that it is granted. `grants.stdio` and `stdio`
// are equal.
// root_domain: the result of find_root_domain.
[[nodiscard]] DomainSettings settings_of(const Request& request, const std::string& domain,
                                         const std::string& root_domain);

// Adds the grants and limits of each domain and the configuration of each unit to a plan, and notes on
// edges to domains that restart.
void show_settings(const Request& request, Plan& plan);

// Errors: config-value, for a limit on the whole run in a domain other than the root's.
[[nodiscard]] Result<void> check_settings(const Request& request, const Plan& plan);

// The text forms of grants, in one grammar for flags and manifests. Implements
// `Grants::parse_directory`.

[[nodiscard]] bool is_empty(const Grants& grants);

// `*`, `HOST` or `HOST:PORT`; an IPv6 address with a port is written in brackets.
// Errors: config-value.
[[nodiscard]] Result<engine::NetworkGrant> parse_network_grant(std::string_view text);

// What sends the requests of guests with wasi:http. Errors: config-value, for every invalid grant.
[[nodiscard]] Result<std::shared_ptr<const engine::HttpClient>> make_http_client(
    const Grants& grants, std::shared_ptr<const engine::Denials> denials);

// The grants in the form that the engine takes, without `http`. program: args[0]. folders: `Request::folders`.
// Errors: config-value, for every invalid grant.
[[nodiscard]] Result<engine::Grants> engine_grants(
    const Grants& grants, std::string_view program,
    const std::map<std::string, std::string>& folders);

}  // namespace tenon::link
