// A text file in which decisions of the user are kept, such as what a folder is trusted with.
//
// Only the user can have written it: it is read if support/safe_path.h allows it, and written with
// mode 0600 into a folder of mode 0700. A change is read, made and written while other processes
// wait for a lock beside it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon {

// Empty if there is no file. Errors: config-untrusted, read-file, read-limit.
[[nodiscard]] Result<std::string> read_state_file(const std::string& path);

// change: makes the new text of the old one; nothing: it stays as it is, and nothing is written.
// Errors: as read_state_file; those of `change`; write-file.
[[nodiscard]] Result<void> change_state_file(
    const std::string& path,
    const std::function<Result<std::optional<std::string>>(std::string_view)>& change);

// Whether only root and the effective user can change a file or folder.
// Errors: config-untrusted; read-file (it cannot be opened).
[[nodiscard]] Result<void> check_owned_path(const std::string& path);

}  // namespace tenon
