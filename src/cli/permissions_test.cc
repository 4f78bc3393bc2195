#include "cli/permissions.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"

namespace tenon::cli::permissions_test {
namespace {

TEST(JoinNetValues, JoinsOnlyHosts) {
  EXPECT_EQ(join_net_values({"--allow-net", "localhost"}), (Words{"--allow-net=localhost"}));
  EXPECT_EQ(join_net_values({"--allow-net", "db:5432", "x"}), (Words{"--allow-net=db:5432", "x"}));
  EXPECT_EQ(join_net_values({"--allow-net", "a.example.com"}),
            (Words{"--allow-net=a.example.com"}));
  EXPECT_EQ(join_net_values({"--allow-http", "a.example.com", "app.wasm"}),
            (Words{"--allow-http=a.example.com", "app.wasm"}));
  for (const char* word : {"app.wasm", "app.wat", "./app", "parts", "a=b.wasm", "--dir", "*.x"})
    EXPECT_EQ(join_net_values({"--allow-net", word}), (Words{"--allow-net", word}));
}

TEST(AddGrantFlags, NetworkWithoutAValueIsAny) {
  CommandLine line("", "tenon");
  GrantFlags flags;
  std::string target;
  line.add_option("target", target, "");
  add_grant_flags(line, flags);
  ASSERT_TRUE(line.parse({"--allow-net", "--allow-net=db:5432", "app.wasm", "--dir", "ro:a::/b",
                          "--allow-http", "--allow-http=*.example.org"}));
  EXPECT_EQ(flags.http, (Words{"*", "*.example.org"}));
  EXPECT_EQ(flags.net, (Words{"*", "db:5432"}));
  EXPECT_EQ(flags.dirs, (Words{"ro:a::/b"}));
  EXPECT_EQ(target, "app.wasm");
}

TEST(ApplyGrantFlags, VariableIsSetOrPassedOn) {
  const FindVariable find = [](const std::string& name) {
    return name == "HOME" ? std::optional<std::string>("/h") : std::nullopt;
  };
  Grants grants;
  GrantFlags flags;
  flags.env = {"A=1=2", "HOME", "B="};
  ASSERT_TRUE(apply_grant_flags(flags, find, grants).has_value());
  EXPECT_EQ(grants.env, (std::vector<std::pair<std::string, std::string>>{
                            {"A", "1=2"}, {"HOME", "/h"}, {"B", ""}}));
  flags.env = {"NONE", "=x"};
  const Result<void> refused = apply_grant_flags(flags, find, grants);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().size(), 2U);
  EXPECT_EQ(refused.error()[0].hints[0], "`--env NONE=VALUE` sets its value");
}

}  // namespace
}  // namespace tenon::cli::permissions_test
