// The folder of a store: what is written, what is made durable, in which order.
//
// A write is not durable until its file is synced, a name not until its folder is. Tests record
// these steps and play every prefix of them, with what was not synced left out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::extension {

// Paths are relative to the folder; an empty one is the folder itself.
class Disk {
 public:
  virtual ~Disk() = default;

  // Nothing: there is no such file. Errors: read-file, read-limit, config-untrusted.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(const std::string& path) const = 0;
  // Names, sorted; none of a folder that is not there. Errors: read-file, config-untrusted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) const = 0;

  // Errors of each: write-file, config-untrusted.
  // A file with this content, new or in the place of an old one.
  [[nodiscard]] virtual Result<void> write(const std::string& path, std::string_view content) = 0;
  // Makes the content of a file, or the names in a folder, durable.
  [[nodiscard]] virtual Result<void> sync(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  // A file that is not there is removed.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  // With those around it.
  [[nodiscard]] virtual Result<void> make_folder(const std::string& path) = 0;

  enum class Sharing { Shared, Exclusive };
  // Ends with what is returned; other processes wait. Null, of a shared one: the folder cannot be
  // written to, so nobody changes it.
  [[nodiscard]] virtual Result<std::shared_ptr<void>> lock(const std::string& path,
                                                           Sharing sharing) = 0;
};

// How files that other users can change are treated. They are accepted in a store that the user
// named, and refused in one that was found.
enum class OthersFiles { Taken, Refused };

// The folder is opened once, when it is used first, and all that follows works below its
// descriptor: nobody can put another in its place. Links in it are not followed.
[[nodiscard]] std::unique_ptr<Disk> open_real_disk(std::string folder, OthersFiles others);

}  // namespace tenon::extension
