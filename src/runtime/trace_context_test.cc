// The text of a trace context. Cases: "Trace Context" (W3C), section 3.2, and its conformance tests.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tenon/trace.h"

namespace tenon::trace_context_test {
namespace {

constexpr std::string_view kText = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, IsReadAsItWasWritten) {
  const auto context = parse_traceparent(kText);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace[0], 0x0a);
  EXPECT_EQ(context->trace[15], 0x9c);
  EXPECT_EQ(context->span, 0xb7ad6b7169203331U);
  EXPECT_EQ(print_traceparent(*context), kText);
}

TEST(TraceContext, DiffersFromOthers) {
  std::set<std::uint64_t> spans;
  const TraceContext first = TraceContext::make();
  for (int i = 0; i < 1000; ++i) spans.insert(TraceContext::make(first.trace).span);
  EXPECT_EQ(spans.size(), 1000U);
  EXPECT_EQ(TraceContext::make(first.trace).trace, first.trace);
  EXPECT_NE(TraceContext::make().trace, first.trace);
  EXPECT_EQ(parse_traceparent(print_traceparent(first)), first);
}

TEST(TraceContext, OfALaterVersionIsRead) {
  const std::string later = "cc" + std::string(kText.substr(2));
  EXPECT_EQ(parse_traceparent(later), parse_traceparent(kText));
  EXPECT_EQ(parse_traceparent(later + "-what-the-future-will-be"), parse_traceparent(kText));
}

TEST(TraceContext, OfOtherTextIsRefused) {
  for (std::size_t size = 0; size < kText.size(); ++size)
    EXPECT_FALSE(parse_traceparent(kText.substr(0, size))) << size;
  for (std::size_t i = 0; i < kText.size(); ++i) {
    for (const char other : {'g', 'A', ' ', '\0', '\xff'}) {
      std::string text(kText);
      text[i] = other;
      EXPECT_FALSE(parse_traceparent(text)) << i << " " << other;
    }
  }
  const char* const texts[] = {
      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",   // not a version
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",   // no trace
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",   // no span
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",  // longer than version 0
      "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.x",
      "+0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00--af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  for (const char* const text : texts) EXPECT_FALSE(parse_traceparent(text)) << text;
}

}  // namespace
}  // namespace tenon::trace_context_test
