// The file operations of a store, as an interface, so that tests can simulate a crash.
//
// Two things have to become durable separately: the content of a file, by `sync` of the file, and
// its name, by `sync` of the folder. A crash can lose whatever was not synced. Tests record the
// operations of a change, run every prefix of them, and drop what was not synced.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::extension {

// Paths are relative to the folder of the store. An empty path is the folder itself.
class Disk {
 public:
  virtual ~Disk() = default;

  // Nothing if there is no such file. Errors: read-file, read-limit, config-untrusted.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(const std::string& path) const = 0;
  // The names in a folder, sorted; none if there is no such folder. Errors: read-file,
  // config-untrusted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) const = 0;

  // Errors of each of these: write-file, config-untrusted.

  // Creates or replaces a file.
  [[nodiscard]] virtual Result<void> write(const std::string& path, std::string_view content) = 0;
  // Makes the content of a file, or the names in a folder, durable.
  [[nodiscard]] virtual Result<void> sync(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  // Succeeds if there is no such file.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  // Creates a folder and its parents.
  [[nodiscard]] virtual Result<void> make_folder(const std::string& path) = 0;

  enum class Sharing { Shared, Exclusive };
  // Waits for other processes. The lock is released when the result is destroyed. A shared lock is
  // null if the folder is not writable: then no change can be going on.
  [[nodiscard]] virtual Result<std::shared_ptr<void>> lock(const std::string& path,
                                                           Sharing sharing) = 0;
};

// Whether to use files that other users can change. A store that the user named explicitly is
// accepted as it is; a store that was found by searching is not.
enum class OthersFiles { Accept, Reject };

// A store in the file system. The folder is opened on first use, and all later operations go
// through its descriptor, so no one can exchange the folder in between. Symbolic links inside of
// the folder are not followed.
[[nodiscard]] std::unique_ptr<Disk> open_real_disk(std::string folder, OthersFiles others);

}  // namespace tenon::extension
