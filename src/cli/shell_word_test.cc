#include "cli/shell_word.h"

#include <gtest/gtest.h>

namespace tenon::cli::shell_word_test {
namespace {

TEST(ShellWord, IsQuotedWhereAShellWouldReadIt) {
  EXPECT_EQ(quote_shell_word("acme:tax/lib@1.2.0.rate"), "acme:tax/lib@1.2.0.rate");
  EXPECT_EQ(quote_shell_word("-5"), "-5");
  EXPECT_EQ(quote_shell_word(""), "''");
  EXPECT_EQ(quote_shell_word("\"tea\""), "'\"tea\"'");
  EXPECT_EQ(quote_shell_word("add(1, 2)"), "'add(1, 2)'");
  EXPECT_EQ(quote_shell_word("it's $HOME"), "'it'\\''s $HOME'");
}

}  // namespace
}  // namespace tenon::cli::shell_word_test
