#include "support/socket_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "tests/support/temporary_folder.h"

namespace tenon {
namespace {

TEST(SocketFile, IsRemovedWithItsOwner) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.sock", "");
  {
    SocketFile made(path);
    const SocketFile owner(std::move(made));
    EXPECT_EQ(owner.path(), path);
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

// A service that is ending and the next one at the same address.
TEST(SocketFile, StaysIfItIsThatOfAnotherProcess) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.sock", "");
  {
    const SocketFile file(path);
    // Made before the old one is gone, so that it is another node.
    const std::string next = folder.write("next", "");
    std::filesystem::rename(next, path);
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace tenon
