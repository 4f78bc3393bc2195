// Each function of the C API is called while its allocations fail, or are counted.
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/failing_memory.h"

namespace tenon::c_api_test::exports_test {
namespace {

using Names = std::set<std::string>;

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Names find_names(const std::string& text, const std::regex& pattern) {
  Names names;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    names.insert((*match)[1]);
  return names;
}

// The names in `CALL(...)` of the tests beside this one. Comments do not count.
Names find_called() {
  Names called;
  for (const auto& file : std::filesystem::directory_iterator(TENON_SOURCE_DIR "/tests/memory"))
    called.merge(find_names(std::regex_replace(read(file.path()), std::regex("//.*"), ""),
                            std::regex(R"(\bCALL\((tenon_\w+)\))")));
  return called;
}

TEST(ExportsInC, AreCalledWithoutMemory) {
  const std::string exports = read(TENON_SOURCE_DIR "/src/capi/exports.txt");
  EXPECT_THAT(find_called(),
              testing::ContainerEq(find_names(exports, std::regex(R"((tenon_\w+))"))));
}

// The test above relies on this: a call outside of an attempt does not count.
TEST(ExportsInC, AreWatched) {
  EXPECT_NONFATAL_FAILURE((void)CALL(tenon_version)(), "no allocation is watched");
}

}  // namespace
}  // namespace tenon::c_api_test::exports_test
