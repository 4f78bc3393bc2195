// Text files that store decisions of the user, such as the list of trusted folders.
//
// Such a file is used only if no other user can have written it (support/safe_path.h). It is
// written with mode 0600 into a folder with mode 0700. A change takes a lock on a file beside it,
// reads the text, and replaces it atomically, so changes of several processes do not overwrite each
// other.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "support/safe_path.h"
#include "tenon/result.h"

namespace tenon {

// The contents; empty if there is no file. Errors: config-untrusted, read-file, read-limit.
[[nodiscard]] Result<std::string> read_state_file(const std::string& path);

// Replaces the text under the lock.
// change: takes the old text; returns the new one, or nothing to leave the file unchanged.
// Errors: as read_state_file; those of `change`; write-file.
[[nodiscard]] Result<void> change_state_file(
    const std::string& path,
    const std::function<Result<std::optional<std::string>>(std::string_view)>& change);

// The error for a path that is not used: config-untrusted, or read-file if it cannot be opened.
[[nodiscard]] Diagnostic refuse_unsafe_path(const std::string& path, const UnsafePath& fault);

}  // namespace tenon
