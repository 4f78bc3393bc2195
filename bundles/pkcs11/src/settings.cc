#include "settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;

// PINs are shorter; a longer file is not a PIN file.
constexpr std::size_t kMaxFileBytes = 1024;

// A file descriptor. std::ifstream would leave the PIN in its buffer.
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
    return refuse(
        Kind::denied,
        "`pin-file` of the bundle can be read or written by others; run `chmod 600` on it");
  std::array<char, kMaxFileBytes> bytes = {};
  const ssize_t size = ::read(file.descriptor(), bytes.data(), bytes.size());
  const std::string_view all(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  std::string_view line = all.substr(0, all.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool is_usable = !line.empty() && all.size() < bytes.size();
  Pin pin(is_usable ? line : std::string_view());
  explicit_bzero(bytes.data(), bytes.size());
  if (!is_usable)
    return refuse(Kind::denied,
                  "`pin-file` of the bundle has no PIN in its first line, or is too long");
  return pin;
}

}  // namespace

Settings read_settings(const tenon::host_config& config) {
  Settings settings;
  settings.module = config.text("module").value_or("");
  settings.token = config.text("token");
  settings.pin.file = config.text("pin-file");
  settings.pin.variable = config.text("pin-env");
  if (settings.pin.file && settings.pin.variable)
    throw std::runtime_error("`pin-file` and `pin-env` are both given: remove one of them");
  if (config.flag("allow-guest-pin").value_or(false)) settings.guest_pin = GuestPin::Allowed;
  if (!config.flag("read-only").value_or(true)) settings.access = TokenAccess::ReadWrite;
  settings.max_sessions = config.integer("max-sessions").value_or(settings.max_sessions);
  if (settings.max_sessions < 1) throw std::runtime_error("`max-sessions` must be at least 1");
  return settings;
}

void Pin::wipe() {
  // The whole capacity: a moved-from or shortened string can still hold the bytes.
  text_.resize(text_.capacity());
  explicit_bzero(text_.data(), text_.size());
  text_.clear();
}

Expected<Pin> read_pin(const PinPlace& place) {
  if (place.file) return read_file(*place.file);
  if (!place.variable)
    return refuse(Kind::denied, "no PIN is configured for the bundle: set `pin-file` or `pin-env`");
  const char* const text = std::getenv(place.variable->c_str());
  if (text == nullptr || *text == '\0')
    return refuse(Kind::denied,
                  "the environment variable named by `pin-env` of the bundle is not set");
  return Pin(text);
}

}  // namespace pkcs11_adapter
