// How a layout is made: boxes and edges are written in the DOT language without any text, `dot`
// places them, and the JSON that it prints is read back. A pixel is a point of Graphviz, 1/72 inch.
// Box i is the node `bi`, frame i the cluster `cluster_i`, edge i has the id `ei`. Answers have
// positions as text, "x,y", with y upwards; ours have y downwards. The layout is made in both
// directions if the first one is wide, and the more compact one is used.
//
// The standard streams of the program are files in memory. Unlike with pipes, neither side ever
// waits for the other to read, and no write can raise SIGPIPE.
#include "render/graphviz.h"

#include <fmt/core.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "render/json.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"

namespace tenon::render {

namespace {

constexpr std::chrono::seconds kMostTime{60};
constexpr double kMostCoordinate = 1e6;
constexpr int kFramePad = 18;

std::string in_inches(int pixels) {
  return fmt::format("{}.{:04}", pixels / 72, pixels % 72 * 10000 / 72);
}

void write_box(const LayoutRequest& request, std::size_t box, std::string& text) {
  const Size& size = request.boxes[box].size;
  text += fmt::format("  b{} [width={}, height={}];\n", box, in_inches(size.width),
                      in_inches(size.height));
}

// The title is an empty table, which reserves its size.
void write_cluster(const LayoutRequest& request, std::size_t frame, std::string& text) {
  const Size& title = request.frames[frame];
  text += fmt::format(
      "  subgraph cluster_{} {{\n  graph [margin={}, labeljust=l, label=<<table border=\"0\" "
      "fixedsize=\"true\" width=\"{}\" height=\"{}\"><tr><td></td></tr></table>>];\n",
      frame, kFramePad, title.width, title.height);
  for (std::size_t box = 0; box < request.boxes.size(); ++box)
    if (request.boxes[box].frame == frame) write_box(request, box, text);
  text += "  }\n";
}

Hint hint_at_text() {
  return {"write text for other programs",
          {.program = {}, .command = "--format mermaid", .manifest = {}}};
}

Diagnostic make_missing_problem() {
  Diagnostic problem = make_diagnostic(
      Code::ConfigUsage, "an SVG needs Graphviz, but its program `dot` is not in PATH");
  problem.hints = {"install it: `apt-get install graphviz`", hint_at_text()};
  return problem;
}

Diagnostic make_layout_problem(std::string_view reason) {
  Diagnostic problem =
      make_diagnostic(Code::ConfigUsage, "`dot` of Graphviz, which an SVG needs, {}", reason);
  problem.hints = {Hint("draw only the units near the root",
                        {.program = {}, .command = "--depth N", .manifest = {}}),
                   hint_at_text()};
  return problem;
}

// The sides of a rectangle in the order of Graphviz: left, bottom, right, top.
bool is_rectangle(const std::vector<double>& sides) {
  return sides.size() == 4 && sides[0] <= sides[2] && sides[1] <= sides[3];
}

// Numbers separated by commas or spaces; nothing if the text has anything else.
std::optional<std::vector<double>> read_numbers(std::string_view text) {
  std::vector<double> numbers;
  while (!text.empty()) {
    double number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    // The comparison is false for NaN, too.
    if (failed != std::errc() || !(std::abs(number) <= kMostCoordinate)) return std::nullopt;
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != ',' && text.front() != ' ') return std::nullopt;
    text.remove_prefix(1);
  }
  return numbers;
}

// The text of a member; empty if there is no such member, or it is not text.
std::string_view find_text(const JsonValue& object, const char* key) {
  if (!object.is_object()) return {};
  const auto member = object.find(key);
  if (member == object.end() || !member->is_string()) return {};
  return member->get_ref<const std::string&>();
}

class LayoutReader {
 public:
  LayoutReader(const LayoutRequest& request, const JsonValue& json)
      : request_(request), json_(json) {}

  Result<Layout> read() {
    const auto page = read_numbers(find_text(json_, "bb"));
    if (!page || !is_rectangle(*page)) return make_layout_problem("returned no bounding box");
    left_ = (*page)[0];
    top_ = (*page)[3];
    layout_.size = get_size(*page);
    index("objects", "name");
    index("edges", "id");
    for (std::size_t i = 0; i < request_.boxes.size(); ++i)
      if (!add_box(i)) return make_layout_problem(fmt::format("returned no position of box {}", i));
    for (std::size_t i = 0; i < request_.edges.size(); ++i)
      if (!add_curve(i)) return make_layout_problem(fmt::format("returned no curve of edge {}", i));
    for (std::size_t i = 0; i < request_.frames.size(); ++i)
      if (!add_frame(i))
        return make_layout_problem(fmt::format("returned no position of frame {}", i));
    return std::move(layout_);
  }

 private:
  static Size get_size(const std::vector<double>& bounds) {
    return {static_cast<int>(std::ceil(bounds[2] - bounds[0])),
            static_cast<int>(std::ceil(bounds[3] - bounds[1]))};
  }

  [[nodiscard]] Point turn(double x, double y) const { return {x - left_, top_ - y}; }

  // Indexes the members of a list by their text under `key`.
  void index(const char* list, const char* key) {
    if (!json_.is_object() || !json_.contains(list)) return;
    for (const JsonValue& member : json_[list]) members_.emplace(find_text(member, key), &member);
  }

  // The numbers of a member; empty if there is no such member, or it has anything else.
  std::vector<double> find_numbers(const std::string& name, const char* key) const {
    const auto member = members_.find(name);
    if (member == members_.end()) return {};
    return read_numbers(find_text(*member->second, key)).value_or(std::vector<double>());
  }

  bool add_box(std::size_t box) {
    const std::vector<double> at = find_numbers(fmt::format("b{}", box), "pos");
    if (at.size() != 2) return false;
    const Size& size = request_.boxes[box].size;
    const Point middle = turn(at[0], at[1]);
    layout_.boxes.push_back({static_cast<int>(std::lround(middle.x - size.width / 2.0)),
                             static_cast<int>(std::lround(middle.y - size.height / 2.0)),
                             size.width, size.height});
    return true;
  }

  // "e,x,y x,y x,y ...": the tip of the arrow, if any, then the curve up to the arrow.
  bool add_curve(std::size_t edge) {
    const auto member = members_.find(fmt::format("e{}", edge));
    if (member == members_.end()) return false;
    std::string_view text = find_text(*member->second, "pos");
    const bool has_tip = text.starts_with("e,");
    if (has_tip) text.remove_prefix(2);
    const std::vector<double> at = read_numbers(text).value_or(std::vector<double>());
    const std::size_t first = has_tip ? 2 : 0;
    if (at.size() < first + 8 || (at.size() - first) % 6 != 2) return false;
    Curve curve;
    for (std::size_t i = first; i < at.size(); i += 2) curve.push_back(turn(at[i], at[i + 1]));
    if (has_tip) {
      const Point end = curve.back();
      const Point tip = turn(at[0], at[1]);
      curve.insert(curve.end(), {end, end, tip});
    }
    layout_.curves.push_back(std::move(curve));
    return true;
  }

  bool add_frame(std::size_t frame) {
    const std::vector<double> at = find_numbers(fmt::format("cluster_{}", frame), "bb");
    if (!is_rectangle(at)) return false;
    const Point corner = turn(at[0], at[3]);
    const Size size = get_size(at);
    layout_.frames.push_back(
        {static_cast<int>(corner.x), static_cast<int>(corner.y), size.width, size.height});
    return true;
  }

  const LayoutRequest& request_;
  const JsonValue& json_;
  double left_ = 0;
  double top_ = 0;
  std::unordered_map<std::string_view, const JsonValue*> members_;
  Layout layout_;
};

Result<Layout> lay_out(const LayoutRequest& request, Direction direction, const std::string& dot) {
  const auto answer = run_program({dot, {"-Tjson0"}, write_dot(request, direction), kMostTime});
  if (!answer) return make_layout_problem(answer.error().reason);
  return read_layout(request, *answer);
}

int get_longest_side(const Layout& layout) {
  return std::max(layout.size.width, layout.size.height);
}

}  // namespace

Point find_point(const Curve& curve, std::size_t first, double t) {
  const double u = 1 - t;
  const auto mix = [&](double Point::* axis) {
    return u * u * u * curve[first].*axis + 3 * u * u * t * curve[first + 1].*axis +
           3 * u * t * t * curve[first + 2].*axis + t * t * t * curve[first + 3].*axis;
  };
  return {mix(&Point::x), mix(&Point::y)};
}

std::string write_dot(const LayoutRequest& request, Direction direction) {
  std::string text = "digraph {\n";
  text += direction == Direction::Down ? "  graph [rankdir=TB, nodesep=0.28, ranksep=0.4];\n"
                                       : "  graph [rankdir=LR, nodesep=0.2, ranksep=0.5];\n";
  text +=
      "  node [shape=box, fixedsize=true, label=\"\"];\n"
      "  edge [arrowsize=0.8];\n";
  for (std::size_t frame = 0; frame < request.frames.size(); ++frame)
    write_cluster(request, frame, text);
  for (std::size_t box = 0; box < request.boxes.size(); ++box)
    if (request.boxes[box].frame == kNoFrame) write_box(request, box, text);
  for (std::size_t i = 0; i < request.edges.size(); ++i) {
    const LayoutEdge& edge = request.edges[i];
    text += fmt::format("  b{} -> b{} [id=e{}{}];\n", edge.from, edge.to, i,
                        edge.has_arrow ? "" : ", arrowhead=none");
  }
  return text + "}\n";
}

Result<Layout> read_layout(const LayoutRequest& request, std::string_view json) {
  const JsonValue value = JsonValue::parse(json, nullptr, false);
  return LayoutReader(request, value).read();
}

std::string find_program(std::string_view name) {
  const char* const variable = ::secure_getenv("PATH");
  const std::string path = variable != nullptr ? variable : "";
  for (std::string_view list = path; !list.empty();) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    const std::filesystem::path file = std::filesystem::path(list.substr(0, colon)) / name;
    if (file.is_absolute() && ::access(file.c_str(), X_OK) == 0) return file.string();
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
  return {};
}

Result<Layout> lay_out(const LayoutRequest& request) {
  if (request.boxes.empty()) return Layout{};
  const std::string dot = find_program("dot");
  if (dot.empty()) return make_missing_problem();
  Result<Layout> down = lay_out(request, Direction::Down, dot);
  if (!down || down->size.width <= down->size.height) return down;
  Result<Layout> right = lay_out(request, Direction::Right, dot);
  if (!right) return right;
  return get_longest_side(*right) < get_longest_side(*down) ? std::move(right) : std::move(down);
}

namespace {

constexpr std::size_t kMostOutputBytes = std::size_t{64} << 20;
constexpr std::size_t kMostErrorColumns = 200;

// A file in memory. It is written and read without moving its offset, so the program begins at 0.
class MemoryFile final {
 public:
  MemoryFile() : number_(::memfd_create("tenon", MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

  // False on failure; errno says why.
  [[nodiscard]] bool fill(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t count =
          ::pwrite(number_, text.data() + at, text.size() - at, static_cast<off_t>(at));
      if (count < 0) return false;
      at += static_cast<std::size_t>(count);
    }
    return number_ >= 0;
  }

  // Nothing if the file is larger than kMostOutputBytes.
  [[nodiscard]] std::optional<std::string> read() const {
    struct stat status = {};
    if (::fstat(number_, &status) != 0) return std::nullopt;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > kMostOutputBytes) return std::nullopt;
    std::string text(size, '\0');
    const ssize_t count = ::pread(number_, text.data(), size, 0);
    if (count < 0) return std::nullopt;
    text.resize(static_cast<std::size_t>(count));
    return text;
  }

 private:
  int number_;
};

struct Streams {
  MemoryFile input;
  MemoryFile output;
  MemoryFile error;
};

// Returns 0 or an error number.
int spawn(const ProgramCall& call, const Streams& streams, pid_t& id) {
  std::vector<std::string> words{call.path};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, streams.input.number(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, streams.output.number(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, streams.error.number(), STDERR_FILENO);
  const int failed =
      ::posix_spawn(&id, call.path.c_str(), &actions, nullptr, argv.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failed;
}

// The status of the program, as of waitpid(2); nothing if the program had to be killed. If the
// system keeps no status, because the parent of this process ignores SIGCHLD, the status is 0.
std::optional<int> wait_for(pid_t id, std::chrono::milliseconds time) {
  constexpr auto kStep = std::chrono::milliseconds(2);
  const auto end = std::chrono::steady_clock::now() + time;
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(id, &status, WNOHANG);
    if (ended == id) return status;
    if (ended < 0 && errno == ECHILD) return 0;
    if (std::chrono::steady_clock::now() >= end) break;
    std::this_thread::sleep_for(kStep);
  }
  ::kill(id, SIGKILL);
  while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  return std::nullopt;
}

std::string describe_failure(int status, const Streams& streams) {
  std::string text = WIFSIGNALED(status) ? fmt::format("was killed by signal {}", WTERMSIG(status))
                                         : fmt::format("exited with code {}", WEXITSTATUS(status));
  const std::string error = streams.error.read().value_or("");
  if (const std::string line = error.substr(0, error.find('\n')); !line.empty())
    text += ": " + truncate_text(sanitize_text(line), kMostErrorColumns, Charset::Utf8);
  return text;
}

}  // namespace

Result<std::string, ProgramFailure> run_program(const ProgramCall& call) {
  Streams streams;
  pid_t id = 0;
  const bool is_ready =
      streams.input.fill(call.input) && streams.output.fill({}) && streams.error.fill({});
  const int failed = is_ready ? spawn(call, streams, id) : errno;
  if (failed != 0)
    return ProgramFailure{fmt::format("cannot be started: {}", std::strerror(failed))};
  const std::optional<int> status = wait_for(id, call.time);
  if (!status) return ProgramFailure{fmt::format("took longer than {} ms", call.time.count())};
  if (*status != 0) return ProgramFailure{describe_failure(*status, streams)};
  std::optional<std::string> output = streams.output.read();
  if (!output) return ProgramFailure{fmt::format("wrote more than {} bytes", kMostOutputBytes)};
  return *std::move(output);
}

}  // namespace tenon::render
