#include "packr/wire_names.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tenon::packr::wire_names_test {
namespace {

TEST(WireNames, FieldsAreInSnakeAndLabelsInKebab) {
  EXPECT_EQ(wire_field("last-msg"), "last_msg");
  EXPECT_EQ(wire_field("a"), "a");
  EXPECT_EQ(wire_field(""), "");
  EXPECT_EQ(wire_field("x-42-2A-5d"), "x_42_2A_5d");
  EXPECT_EQ(label_of_field("last_msg"), "last-msg");
  EXPECT_EQ(label_of_field("last-msg"), "last-msg");
  EXPECT_EQ(label_of_field("_"), "-");
}

TEST(WireNames, CasesAreInCamelAndLabelsInKebab) {
  struct Row {
    std::string_view label;
    std::string_view wire;
  };
  for (const auto& [label, wire] :
       {Row{"forever", "Forever"}, Row{"http-error", "HttpError"}, Row{"a-b-c", "ABC"},
        Row{"x", "X"}, Row{"", ""}, Row{"v2-beta", "V2Beta"}})
    EXPECT_EQ(wire_case(label), wire);
  for (const auto& [label, wire] :
       {Row{"forever", "Forever"}, Row{"http-error", "HttpError"}, Row{"http-error", "HTTPError"},
        Row{"http-error", "http_error"}, Row{"http-error", "http-error"}, Row{"x", "X"},
        Row{"", ""}, Row{"v2-beta", "V2Beta"}, Row{"is-ok", "isOk"}})
    EXPECT_EQ(label_of_case(wire), label);
}

}  // namespace
}  // namespace tenon::packr::wire_names_test
