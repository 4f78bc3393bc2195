#include "cli/new_folder.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/output.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

Diagnostics find_files_in_the_way(const fs::path& folder, const std::vector<GeneratedFile>& files,
                                  std::string_view action) {
  Diagnostic problem =
      make_write_problem(folder, fmt::format("it has what `{}` would replace", action), "");
  problem.hints = {"name another folder: `-o DIR`; or move them away"};
  for (const GeneratedFile& file : files) {
    const fs::path path = folder / file.path;
    std::error_code failed;
    if (fs::exists(fs::symlink_status(path, failed)))
      problem.notes.push_back({fmt::format("`{}` is there", sanitize_text(path.string())), {}, {}});
  }
  if (problem.notes.empty()) return {};
  return {std::move(problem)};
}

}  // namespace

Result<void> write_new_folder(const std::string& folder, const std::vector<GeneratedFile>& files,
                              std::string_view action) {
  const fs::path to = folder;
  if (Diagnostics problems = find_files_in_the_way(to, files, action); !problems.empty())
    return problems;
  for (const GeneratedFile& file : files) {
    const fs::path path = to / file.path;
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    Result<void> written = write_output(path, file.text, Content::Text);
    if (!written) return written;
    print_result(fmt::format("wrote {}\n", sanitize_text(path.string())));
  }
  return {};
}

}  // namespace tenon::cli
