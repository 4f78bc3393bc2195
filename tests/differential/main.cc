// Runs random worlds in every way, until one gives other answers than it should.
//
//   differential [--seed N] [--worlds N] [--seconds N] [--way NAME] [--out DIR] [--text] [--reasons]
//
// Starts with the world of a seed (default: 1) and goes on with the next ones. Without --worlds and --seconds, it does so
// without end. What is found is made smaller and written to DIR, with the command that shows it. --text only prints
// the units of the first world. `WAC` names a `wac` to compose with, too.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "tests/differential/search.h"

namespace {

using namespace tenon::differential;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t worlds = UINT64_MAX;
  std::optional<std::uint64_t> seconds = {};
  const Way* way = nullptr;
  std::string out = "differential";
  bool only_text = false;
  bool with_reasons = false;
};

[[noreturn]] void refuse(const std::string& message) {
  fmt::print(stderr, "differential: {}\n", message);
  std::exit(2);
}

Options read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const auto value = [&] {
      if (++i == count) refuse(fmt::format("`{}` needs a value", word));
      return std::string(words[i]);
    };
    const auto number = [&] {
      const std::string text = value();
      char* end = nullptr;
      const std::uint64_t read = std::strtoull(text.c_str(), &end, 10);
      if (text.empty() || *end != 0) refuse(fmt::format("`{}` is not a number", text));
      return read;
    };
    if (word == "--seed") {
      options.seed = number();
    } else if (word == "--worlds") {
      options.worlds = number();
    } else if (word == "--seconds") {
      options.seconds = number();
    } else if (word == "--out") {
      options.out = value();
    } else if (word == "--text") {
      options.only_text = true;
    } else if (word == "--reasons") {
      options.with_reasons = true;
    } else if (word == "--way") {
      const std::string name = value();
      std::string known;
      for (const Way& way : all_ways()) {
        if (way.name == name) options.way = &way;
        known += fmt::format(" {}", way.name);
      }
      if (options.way == nullptr) refuse(fmt::format("unknown way `{}`; known:{}", name, known));
    } else {
      refuse(fmt::format("unknown option `{}`", word));
    }
  }
  return options;
}

void print_counts(const Counts& counts, bool with_reasons) {
  for (const auto& [name, count] : counts) {
    fmt::print(
        "  {:<16}{:>8} runs{}\n", name, count.runs,
        count.obstacles == 0 ? "" : fmt::format(", {} worlds that it cannot run", count.obstacles));
    if (!with_reasons) continue;
    for (const auto& [reason, times] : count.reasons)
      fmt::print("    {} times: {}\n", times, reason);
  }
}

int search(const Options& options, const std::string& folder) {
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() -
                                                            begin)
        .count();
  };
  Counts counts;
  std::uint64_t worlds = 0;
  for (; worlds < options.worlds; ++worlds) {
    if (options.seconds && static_cast<std::uint64_t>(seconds()) >= *options.seconds) break;
    const std::uint64_t seed = options.seed + worlds;
    World world = make_world(seed);
    std::optional<Finding> finding = check_world(world, folder, options.way, &counts);
    if (!finding) continue;
    fmt::print(
        "seed {}: `{}` gives other answers\n  wanted: {}\n  found:  {}\nmaking the world smaller\n",
        seed, finding->way->name, finding->wanted, finding->found);
    std::fflush(stdout);
    world = shrink(std::move(world), *finding, folder);
    const std::string command =
        write_case(world, *finding, fmt::format("{}/{}", options.out, seed));
    fmt::print(
        "FAILED   differential --seed {} --worlds 1 --way {}\n  wanted: {}\n  found:  {}\n  {}\n",
        seed, finding->way->name, finding->wanted, finding->found, command);
    return 1;
  }
  fmt::print("ok       {} worlds from seed {} in {} s\n", worlds, options.seed, seconds());
  print_counts(counts, options.with_reasons);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const Options options = read_options(count, words);
  if (options.only_text) {
    const World world = make_world(options.seed);
    for (std::size_t unit = 0; unit < world.units.size(); ++unit)
      fmt::print(";; {}{}\n{}", unit_name(world, unit),
                 world.units[unit].is_exported ? ", exported" : "", unit_text(world, unit));
    return 0;
  }
  std::string folder =
      (std::filesystem::temp_directory_path() / "tenon_differential_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) refuse("a temporary folder cannot be made");
  const int code = search(options, folder);
  std::filesystem::remove_all(folder);
  return code;
}
