// The flags that open something to the guest. Nothing is open without one but the standard streams.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

// As written; `apply_grant_flags` reads them.
struct GrantFlags {
  std::vector<std::string> dirs;  // --dir [ro:|rw:]HOST[::GUEST]
  std::vector<std::string> env;   // --env K[=V]
  std::vector<std::string> net;   // --allow-net[=HOST[:PORT]]; bare is "*"
};

void add_grant_flags(CommandLine& line, GrantFlags& flags);

// `--allow-net HOST` as `--allow-net=HOST`: a parser cannot tell a flag's optional value from the
// argument behind it. A word is taken for a host if it is `localhost`, or has a dot or a port, and
// is no path and no component file.
[[nodiscard]] std::vector<std::string> join_net_values(std::vector<std::string> words);

using FindVariable = std::function<std::optional<std::string>(const std::string&)>;

// Adds what the flags open to `grants`. find_variable: the value of `--env K`.
// Errors: config-usage and those of Grants, one for each flag that cannot be read.
[[nodiscard]] Result<void> apply_grant_flags(const GrantFlags& flags,
                                             const FindVariable& find_variable, Grants& grants);

}  // namespace tenon::cli
