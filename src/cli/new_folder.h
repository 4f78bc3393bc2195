// Folders that the command makes: `tenon host new`, `tenon ext new`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/bindgen.h"
#include "tenon/result.h"

namespace tenon::cli {

// Writes the files below the folder and prints their paths. Where one of them is, nothing is
// written. action: as the user called it: "host new". Errors: write-file.
[[nodiscard]] Result<void> write_new_folder(const std::string& folder,
                                            const std::vector<GeneratedFile>& files,
                                            std::string_view action);

}  // namespace tenon::cli
