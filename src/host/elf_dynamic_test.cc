#include "host/elf_dynamic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "host/library.h"

namespace tenon::host::elf_dynamic_test {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ElfDynamic, ReadsNeededLibraries) {
  const auto dynamic = read_elf_dynamic(read(find_system_library("libcurl.so.4").value_or("")));
  ASSERT_TRUE(dynamic);
  EXPECT_EQ(dynamic->soname, "libcurl.so.4");
  EXPECT_THAT(dynamic->needed, testing::Contains("libc.so.6"));
  EXPECT_THAT(dynamic->folders, testing::IsEmpty());
}

TEST(ElfDynamic, TruncatedAndDamagedFilesAreReadInBounds) {
  const std::vector<std::uint8_t> whole =
      read(fs::path(TENON_BINARY_DIR) / "bundles/plain/lib/libplain_host.so");
  ASSERT_TRUE(read_elf_dynamic(whole));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    // On the heap, where the sanitizer sees a read behind the end.
    const std::vector<std::uint8_t> part(whole.begin(),
                                         whole.begin() + static_cast<std::ptrdiff_t>(size));
    (void)read_elf_dynamic(part);
  }
  for (std::size_t at = 0; at < whole.size(); at += at < 4096 ? 1 : 61) {
    std::vector<std::uint8_t> damaged = whole;
    damaged[at] ^= 0xff;
    (void)read_elf_dynamic(damaged);
  }
}

TEST(ElfDynamic, OtherFilesAreRejected) {
  EXPECT_FALSE(read_elf_dynamic({}));
  const std::vector<std::uint8_t> text(100, 'x');
  EXPECT_FALSE(read_elf_dynamic(text));
}

}  // namespace
}  // namespace tenon::host::elf_dynamic_test
