#include "support/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <string_view>

namespace tenon {

namespace {

// Reads until `buffer` is full or the file ends. Returns the number of bytes; on failure nothing,
// and sets errno.
std::optional<std::size_t> read_some(int file, std::span<std::uint8_t> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::read(file, buffer.data() + filled, buffer.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> read_all(int file, std::uint64_t max_bytes) {
  struct stat status = {};
  if (::fstat(file, &status) != 0) return std::nullopt;
  const std::uint64_t size =
      S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  const auto refuse = [] {
    errno = EFBIG;
    return std::nullopt;
  };
  if (size > max_bytes) return refuse();
  // One byte more than the size, so that one read sees the end of a regular file. Pipes, and files
  // that grow while they are read, take more rounds.
  constexpr std::size_t kStep = std::size_t{1} << 16;
  std::vector<std::uint8_t> content(static_cast<std::size_t>(size) + 1);
  std::size_t filled = 0;
  while (true) {
    const std::optional<std::size_t> count = read_some(file, std::span(content).subspan(filled));
    if (!count) return std::nullopt;
    filled += *count;
    if (filled > max_bytes) return refuse();
    if (filled < content.size()) break;
    content.resize(content.size() + std::max(kStep, content.size() / 2));
  }
  content.resize(filled);
  return content;
}

bool write_all(int file, std::span<const std::uint8_t> content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content = content.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<std::vector<std::string>> list_names(int folder) {
  // Open the folder again: reading entries would move the position of `folder`.
  Descriptor list(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!list.is_open()) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(list.number()), &::closedir);
  if (entries == nullptr) return std::nullopt;
  list.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return std::nullopt;
  std::ranges::sort(names);
  return names;
}

std::string describe_error(int error) {
  std::string text = std::system_category().message(error);
  // An abbreviation keeps its capitals.
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace tenon
