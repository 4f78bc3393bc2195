#include "registry/json_member.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace tenon::registry::json_member_test {
namespace {

using nlohmann::json;

TEST(JsonMember, AreFoundByTheirPath) {
  const json document = {{"a", {{"b", "Zm9v"}, {"list", {1, 2}}, {"none", nullptr}}}};
  EXPECT_EQ(find_text_at(document, {"a", "b"}), "Zm9v");
  EXPECT_EQ(find_bytes_at(document, {"a", "b"}), (Bytes{'f', 'o', 'o'}));
  EXPECT_EQ(find_member(document, {}), &document);
  EXPECT_EQ(find_member(document, {"a", "none"}), nullptr);
  EXPECT_EQ(find_member(document, {"a", "b", "c"}), nullptr);
  EXPECT_EQ(find_member(document, {"a", "list", "0"}), nullptr);
  EXPECT_EQ(find_text_at(document, {"a"}), "");
  EXPECT_EQ(find_bytes_at(document, {"a"}), std::nullopt);
  EXPECT_EQ(find_bytes_at({{"a", "Zm9"}}, {"a"}), std::nullopt);
}

TEST(JsonMember, NumbersCanBeTexts) {
  const auto count = [](const json& value) { return find_count_at({{"n", value}}, {"n"}); };
  EXPECT_EQ(count(12U), 12U);
  EXPECT_EQ(count("12"), 12U);
  EXPECT_EQ(count("18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(count(nullptr), 0U);
  EXPECT_EQ(find_count_at(json::object(), {"n"}), 0U);
  for (const json& value : {json(-1), json("-1"), json(""), json("1 "), json("+1"), json(1.5),
                            json("18446744073709551616"), json::array({1}), json(true)})
    EXPECT_EQ(count(value), std::nullopt) << value;
}

}  // namespace
}  // namespace tenon::registry::json_member_test
