// A tar archive is a sequence of 512-byte blocks. Each file is a header and its content, padded
// with zeros to whole blocks; two blocks of zeros end the archive. zlib writes the gzip header and
// compresses the stream as it is made.
#include "cli/tar_file.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "cli/input_output.h"

namespace tenon::cli {

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::int64_t kTime = 315'532'800;  // 1980-01-01; archivers warn about older files

// The header of a file. Numbers are octal digits; texts end with a zero or fill their field.
struct Header {
  std::array<char, 100> name;
  std::array<char, 8> mode;
  std::array<char, 8> uid;
  std::array<char, 8> gid;
  std::array<char, 12> size;
  std::array<char, 12> mtime;
  std::array<char, 8> checksum;
  char type;
  std::array<char, 100> linked;
  std::array<char, 6> magic;
  std::array<char, 2> version;
  std::array<char, 32> user;
  std::array<char, 32> group;
  std::array<char, 8> major;
  std::array<char, 8> minor;
  std::array<char, 155> prefix;
  std::array<char, 12> unused;
};
static_assert(sizeof(Header) == kBlock);

template <std::size_t N>
void put(std::array<char, N>& field, std::string_view text) {
  std::ranges::copy(text.substr(0, N), field.begin());
}

template <std::size_t N>
void put_number(std::array<char, N>& field, std::uint64_t number) {
  put(field, fmt::format("{:0{}o}", number, N - 1));
}

// The position of the `/` that divides a long path into the fields prefix and name; nothing if the
// parts do not fit.
std::optional<std::size_t> find_split(std::string_view path) {
  constexpr std::size_t kName = sizeof(Header::name);
  constexpr std::size_t kPrefix = sizeof(Header::prefix);
  const std::size_t split = path.rfind('/', kPrefix);
  if (split == path.npos || path.size() - split - 1 > kName) return std::nullopt;
  return split;
}

Result<Header> make_header(const TarFile& file) {
  Header header = {};
  if (file.path.size() <= header.name.size()) {
    put(header.name, file.path);
  } else {
    const std::optional<std::size_t> split = find_split(file.path);
    if (!split) return make_write_problem(file.path, "its path is too long for a tar archive", "");
    put(header.prefix, std::string_view(file.path).substr(0, *split));
    put(header.name, std::string_view(file.path).substr(*split + 1));
  }
  put_number(header.mode, 0644);
  put_number(header.uid, 0);
  put_number(header.gid, 0);
  put_number(header.size, file.content.size());
  put_number(header.mtime, kTime);
  header.type = '0';
  put(header.magic, std::string_view("ustar\0", 6));
  put(header.version, "00");
  // The checksum is the sum of all bytes, with spaces in place of its own.
  header.checksum.fill(' ');
  std::array<unsigned char, kBlock> bytes;
  std::memcpy(bytes.data(), &header, kBlock);
  std::uint64_t sum = 0;
  for (const unsigned char byte : bytes) sum += byte;
  put(header.checksum, fmt::format("{:06o}", sum) + std::string(1, '\0') + ' ');
  return header;
}

class Gzip final {
 public:
  Gzip() {
    constexpr int kWithGzipHeader = 15 + 16;
    if (deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, kWithGzipHeader, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { deflateEnd(&stream_); }

  void add(std::string_view bytes) { run(bytes, Z_NO_FLUSH); }
  std::string finish() {
    run({}, Z_FINISH);
    return std::move(output_);
  }

 private:
  // REQUIRES: fewer than 4 GiB of bytes.
  void run(std::string_view bytes, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, flush);
      output_.append(reinterpret_cast<const char*>(buffer_.data()),
                     buffer_.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_ = {};
  std::array<Bytef, 1 << 16> buffer_;
  std::string output_;
};

}  // namespace

Result<std::string> make_tar_gz(std::span<const TarFile> files) {
  Gzip gzip;
  for (const TarFile& file : files) {
    const Result<Header> header = make_header(file);
    if (!header) return header.error();
    gzip.add({reinterpret_cast<const char*>(&*header), kBlock});
    gzip.add(file.content);
    gzip.add(std::string((kBlock - file.content.size() % kBlock) % kBlock, '\0'));
  }
  gzip.add(std::string(2 * kBlock, '\0'));
  return gzip.finish();
}

}  // namespace tenon::cli
