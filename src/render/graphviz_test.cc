#include "render/graphviz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::render::graphviz_test {

using testing::HasSubstr;

namespace {

// A box in a frame, a label, and a box outside.
LayoutRequest make_request() {
  LayoutRequest request;
  request.frames = {{60, 18}};
  request.boxes = {{{92, 38}, 0}, {{120, 21}, kNoFrame}, {{92, 53}, kNoFrame}};
  request.edges = {{0, 1, false}, {1, 2, true}};
  return request;
}

// A possible answer of `dot` to make_request().
std::string make_answer() {
  return R"({"bb": "0,0,140,300",
    "objects": [
      {"name": "cluster_0", "bb": "10,200,130,290"},
      {"name": "b0", "pos": "70,240"}, {"name": "b1", "pos": "70,150.4"},
      {"name": "b2", "pos": "70,40"}],
    "edges": [
      {"id": "e1", "pos": "e,70,66.5 70,140 70,120 70,100 70,74.5"},
      {"id": "e0", "pos": "70,221 70,210 70,180 70,161"}]})";
}

std::string replace(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

void expect_rejected(const std::string& answer) {
  const Result<Layout> layout = read_layout(make_request(), answer);
  ASSERT_FALSE(layout) << answer;
  EXPECT_EQ(layout.error()[0].code, "config-usage");
}

}  // namespace

TEST(Graphviz, WritesBoxesEdgesAndFrames) {
  EXPECT_EQ(write_dot(make_request(), Direction::Down),
            "digraph {\n"
            "  graph [rankdir=TB, nodesep=0.28, ranksep=0.4];\n"
            "  node [shape=box, fixedsize=true, label=\"\"];\n"
            "  edge [arrowsize=0.8];\n"
            "  subgraph cluster_0 {\n"
            "  graph [margin=18, labeljust=l, label=<<table border=\"0\" fixedsize=\"true\" "
            "width=\"60\" height=\"18\"><tr><td></td></tr></table>>];\n"
            "  b0 [width=1.2777, height=0.5277];\n"
            "  }\n"
            "  b1 [width=1.6666, height=0.2916];\n"
            "  b2 [width=1.2777, height=0.7361];\n"
            "  b0 -> b1 [id=e0, arrowhead=none];\n"
            "  b1 -> b2 [id=e1];\n"
            "}\n");
  EXPECT_THAT(write_dot(make_request(), Direction::Right), HasSubstr("rankdir=LR"));
}

TEST(Graphviz, ReadsPositionsWithYDownwards) {
  const Result<Layout> layout = read_layout(make_request(), make_answer());
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->size.width, 140);
  EXPECT_EQ(layout->size.height, 300);
  EXPECT_EQ(layout->boxes[0].x, 24);
  EXPECT_EQ(layout->boxes[0].y, 41);
  EXPECT_EQ(layout->boxes[0].width, 92);
  EXPECT_EQ(layout->frames[0].x, 10);
  EXPECT_EQ(layout->frames[0].y, 10);
  EXPECT_EQ(layout->frames[0].height, 90);
  ASSERT_EQ(layout->curves[0].size(), 4U);
  EXPECT_EQ(layout->curves[0].front().y, 79);
  ASSERT_EQ(layout->curves[1].size(), 7U) << "the arrow is part of the curve";
  EXPECT_EQ(layout->curves[1].back().y, 233.5);
}

TEST(Graphviz, RejectsInvalidAnswers) {
  for (const char* answer :
       {"", "x", "null", "7", "[]", "{}", "[[[[", "{\"bb\": 3}", "\"bb\"", "{\"bb\": \"0,0,1,1\"}",
        "{\"bb\": \"0,0,1,1\", \"objects\": 1, \"edges\": \"x\"}",
        "{\"bb\": \"0,0,1,1\", \"objects\": [1, [], null, {\"name\": 4}]}",
        "{\"bb\": \"0,0,1,1\", \"objects\": {\"b0\": {\"pos\": \"1,1\"}}}"})
    expect_rejected(answer);
  const std::string answer = make_answer();
  for (const char* page : {"", "0,0", "0,0,140", "0,0,140,300,1", "0,0,nan,300", "0,0,inf,300",
                           "0,0,1e7,300", "0,0,1e999,300", "140,0,0,300", "a,b,c,d", "0;0;140;300"})
    expect_rejected(replace(answer, "0,0,140,300", page));
  for (const char* place :
       {"", "70", "70,240,1", "nan,240", "70,-inf", "1e300,240", "70,240x", ",70,240", "70 ,240"})
    expect_rejected(replace(answer, "70,240", place));
  expect_rejected(replace(answer, "\"pos\": \"70,240\"", "\"pos\": [70, 240]"));
  expect_rejected(replace(answer, "\"name\": \"b0\"", "\"name\": \"b9\""));
  for (const char* curve :
       {"", "e,", "e,70,66.5", "70,140", "s,70,66.5 70,140 70,120 70,100 70,74.5",
        "e,70,66.5 70,140 70,120 70,100", "e,70,66.5 70,140 70,120 70,100 70,74.5 70,70",
        "e,70,66.5 70,140 70,120 70,100 70,nan", "70,1 70,2 70,3 70,4;70,1 70,2 70,3 70,4"})
    expect_rejected(replace(answer, "e,70,66.5 70,140 70,120 70,100 70,74.5", curve));
  expect_rejected(replace(answer, "\"id\": \"e1\"", "\"id\": 1"));
  expect_rejected(replace(answer, "10,200,130,290", "10,200,130"));
  expect_rejected(replace(answer, "10,200,130,290", "130,200,10,290"));
}

TEST(Graphviz, LaysOutInTheMoreCompactDirection) {
  LayoutRequest wide;
  wide.boxes.assign(31, {{200, 21}, kNoFrame});
  for (std::size_t i = 1; i < wide.boxes.size(); ++i) wide.edges.push_back({0, i, true});
  const Result<Layout> layout = lay_out(wide);
  ASSERT_TRUE(layout) << layout.error()[0].message;
  EXPECT_LT(layout->size.width, layout->size.height)
      << "a layout from left to right has a shorter longest side";
  EXPECT_LT(layout->boxes[0].right(), layout->boxes[1].x);

  LayoutRequest chain;
  chain.boxes.assign(4, {{92, 38}, kNoFrame});
  chain.edges = {{0, 1, true}, {1, 2, true}, {2, 3, true}};
  const Result<Layout> down = lay_out(chain);
  ASSERT_TRUE(down);
  EXPECT_LT(down->boxes[0].bottom(), down->boxes[1].y);
}

TEST(Graphviz, EmptyRequestNeedsNoProgram) {
  const Result<Layout> layout = lay_out({});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->size.width, 0);
}

namespace {

ProgramCall call_shell(std::string script, std::string input = {}) {
  return {"/bin/sh", {"-c", std::move(script)}, std::move(input), std::chrono::seconds(20)};
}

std::string get_reason(const ProgramCall& call) {
  const auto output = run_program(call);
  return output ? "none" : output.error().reason;
}

}  // namespace

TEST(Program, PassesLargeInputAndOutput) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "\n";
  const auto output = run_program(call_shell("exec cat", text));
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, text);
}

TEST(Program, InputCanStayUnread) {
  const auto output = run_program(call_shell("echo done", std::string(1 << 20, 'x')));
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, "done\n");
}

TEST(Program, FailureShowsTheFirstLineOfStandardError) {
  EXPECT_EQ(get_reason(call_shell("printf 'bad\\033 thing\\nmore' >&2; exit 3")),
            "exited with code 3: bad\\x1b thing");
  EXPECT_EQ(get_reason(call_shell("exit 1")), "exited with code 1");
  EXPECT_EQ(get_reason(call_shell("kill -9 $$")), "was killed by signal 9");
}

TEST(Program, ArgumentsAreNotInterpretedByAShell) {
  const auto output =
      run_program({"/bin/echo", {"$HOME", "a b", ";"}, {}, std::chrono::seconds(20)});
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, "$HOME a b ;\n");
}

TEST(Program, IsKilledAfterItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get_reason({"/bin/sleep", {"60"}, {}, std::chrono::milliseconds(5)}),
            "took longer than 5 ms");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Program, MissingProgramIsAFailure) {
  EXPECT_EQ(get_reason({"/no/such/program", {}, {}, std::chrono::seconds(20)}),
            "cannot be started: No such file or directory");
}

TEST(Program, TooMuchOutputIsAFailure) {
  EXPECT_EQ(get_reason(call_shell("exec head -c 67108865 /dev/zero")),
            "wrote more than 67108864 bytes");
}

TEST(Program, IsFoundInPath) {
  EXPECT_TRUE(find_program("sh").ends_with("/sh"));
  EXPECT_EQ(find_program("no-such-program"), "");
}

}  // namespace tenon::render::graphviz_test
