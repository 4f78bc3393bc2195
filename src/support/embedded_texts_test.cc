#include "support/embedded_texts.h"

#include <gtest/gtest.h>

namespace tenon::embedded_texts_test {
namespace {

TEST(FillTemplate, ReplacesPlaceholders) {
  EXPECT_EQ(fill_template("@A@ and @B@@A@, @C@", {{"@A@", "one"}, {"@B@", "@@"}}),
            "one and @@one, @C@");
  // A value may contain a placeholder that comes later.
  EXPECT_EQ(fill_template("@A@", {{"@A@", "-@B@-"}, {"@B@", "b"}}), "-b-");
  EXPECT_EQ(fill_template("", {{"@A@", "one"}}), "");
}

TEST(EmbeddedText, IsTheContentsOfTheFile) {
  EXPECT_TRUE(embedded_text("src/bindgen/skeleton/README.md.in").starts_with("# @NAME@\n"));
}

}  // namespace
}  // namespace tenon::embedded_texts_test
