#include "host/search.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/memory_files.h"

namespace tenon::host::search_test {
namespace {

MemoryFiles make_files(const std::vector<std::string>& bundles) {
  MemoryFiles files;
  for (const std::string& bundle : bundles)
    EXPECT_TRUE(files.write(bundle + "/host.toml", Bytes(), Access::Shared));
  return files;
}

std::string find(const Files& files, const std::string& bundle,
                 const std::vector<std::string>& folders) {
  const Result<std::string> found = find_bundle(files, bundle, folders);
  if (found) return *found;
  const Diagnostic& problem = found.error().front();
  std::string text = fmt::format("{}: {}", problem.code, problem.message);
  for (const Note& note : problem.notes) text += "; " + note.text;
  for (const std::string& hint : problem.hints) text += "; " + hint;
  return text;
}

TEST(FindBundle, TheFirstFolderThatHasItWins) {
  const MemoryFiles files = make_files({"a/sqlite", "b/sqlite", "b/duckdb"});
  EXPECT_EQ(find(files, "sqlite", {"a", "b"}), "a/sqlite");
  EXPECT_EQ(find(files, "sqlite", {"b", "a"}), "b/sqlite");
  EXPECT_EQ(find(files, "duckdb", {"a", "b"}), "b/duckdb");
}

TEST(FindBundle, APathIsNotSearched) {
  const MemoryFiles files;
  EXPECT_EQ(find(files, "./x", {"a"}), "./x");
  EXPECT_EQ(find(files, "x/y", {}), "x/y");
  EXPECT_EQ(find(files, ".", {}), ".");
}

TEST(FindBundle, AMissingBundleIsReportedWithSimilarNames) {
  const MemoryFiles files = make_files({"hosts/duckdb-host", "here"});
  EXPECT_EQ(
      find(files, "duckdb_host", {"none", "hosts"}),
      "host-bundle-not-found: no bundle named 'duckdb_host'; looked in none; looked in hosts; "
      "found `duckdb-host` in hosts; did you mean that?");
  EXPECT_EQ(find(files, "here", {"hosts"}),
            "host-bundle-not-found: no bundle named 'here'; looked in hosts; to use the "
            "bundle in the working folder, write `./here`");
  EXPECT_EQ(
      find(files, "other", {}),
      "host-bundle-not-found: no bundle named 'other'; no search folders are configured; give "
      "the path of its folder, such as `./bundles/sqlite`, or copy it to one of these folders");
}

}  // namespace
}  // namespace tenon::host::search_test
