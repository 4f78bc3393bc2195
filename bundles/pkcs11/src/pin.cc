#include "pin.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;

// Tokens take fewer; what is longer is no file of a PIN.
constexpr std::size_t kMostBytes = 1024;

class File final {
 public:
  explicit File(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

Expected<Pin> read_file(const std::string& path) {
  const File file(path);
  if (file.descriptor() < 0)
    return refuse(Kind::denied, "`pin-file` of the bundle cannot be opened");
  struct stat status = {};
  if (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode))
    return refuse(Kind::denied, "`pin-file` of the bundle is not a file");
  if ((status.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH)) != 0)
    return refuse(Kind::denied,
                  "`pin-file` of the bundle may be read or written by others: `chmod 600` it");
  std::array<char, kMostBytes> bytes = {};
  const ssize_t size = ::read(file.descriptor(), bytes.data(), bytes.size());
  const std::string_view all(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  std::string_view line = all.substr(0, all.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool is_usable = !line.empty() && all.size() < bytes.size();
  Pin made(is_usable ? line : std::string_view());
  explicit_bzero(bytes.data(), bytes.size());
  if (!is_usable) return refuse(Kind::denied, "`pin-file` of the bundle has no line with a PIN");
  return made;
}

}  // namespace

void Pin::wipe() {
  // What a move leaves in it as well, up to where it had bytes.
  text_.resize(text_.capacity());
  explicit_bzero(text_.data(), text_.size());
  text_.clear();
}

Expected<Pin> read_pin(const PinPlace& place) {
  if (place.file) return read_file(*place.file);
  if (!place.variable)
    return refuse(Kind::denied, "the bundle is configured with no PIN: `pin-file` or `pin-env`");
  const char* const text = std::getenv(place.variable->c_str());
  if (text == nullptr || *text == '\0')
    return refuse(Kind::denied, "the variable that `pin-env` of the bundle names is not set");
  return Pin(text);
}

}  // namespace pkcs11_adapter
