#include "cli/doc_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tenon::cli::doc_pages_test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(DocPages, EachTopicHasAPageWithoutLinks) {
  std::set<std::string> names;
  for (const TopicGroup& group : list_topics()) {
    EXPECT_FALSE(group.topics.empty()) << group.title;
    for (const Topic& topic : group.topics) {
      EXPECT_TRUE(names.insert(topic.name).second) << topic.name;
      EXPECT_THAT(topic.about, Not(HasSubstr("|")));
      EXPECT_THAT(find_topic_page(topic.name), AllOf(StartsWith("# "), Not(HasSubstr("]("))));
    }
  }
  EXPECT_THAT(names, Contains("wac"));
  EXPECT_THAT(names, Not(Contains("architecture")));
  EXPECT_EQ(find_topic_page("wax"), "");
}

TEST(DocPages, LinksAreTheirText) {
  EXPECT_EQ(strip_links("see [TLS](remote.md#tls), [a] and [`b`](b.md)."), "see TLS, [a] and `b`.");
  EXPECT_EQ(strip_links("ends in [a](b"), "ends in [a](b");
}

}  // namespace

}  // namespace tenon::cli::doc_pages_test
