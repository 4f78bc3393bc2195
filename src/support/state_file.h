// A text file that stores decisions of the user, such as which folders are trusted.
//
// It is read only if no other user can have written it (support/safe_path.h), and written with mode
// 0600 into a folder of mode 0700. A lock file beside it makes changes of several processes take
// turns.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "support/safe_path.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// Empty if there is no file. Errors: config-untrusted, read-file, read-limit.
[[nodiscard]] Result<std::string> read_state_file(const std::string& path);

// change: returns the new text for the old one, or nothing to leave the file alone.
// Errors: as read_state_file; those of `change`; write-file.
[[nodiscard]] Result<void> change_state_file(
    const std::string& path,
    const std::function<Result<std::optional<std::string>>(std::string_view)>& change);

// Why `path` is not used: config-untrusted, or read-file if it cannot be opened.
[[nodiscard]] Diagnostic refuse_unsafe_path(const std::string& path, const UnsafePath& fault);

}  // namespace tenon
