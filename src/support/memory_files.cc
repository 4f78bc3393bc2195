#include "support/memory_files.h"

#include <algorithm>
#include <utility>

#include "support/diagnostics.h"

namespace tenon {

namespace {

Diagnostic make_memory_problem(Code code, std::string_view verb, const std::string& path,
                               std::string_view reason) {
  Diagnostic problem = make_diagnostic(code, "cannot {} `{}`: {}", verb, path, reason);
  problem.where.file = path;
  return problem;
}

// Turns "a/b/" and "./a/b" into "a/b"; "." becomes "", the root.
std::string normal(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path == "." ? std::string() : std::string(path);
}

}  // namespace

void MemoryFiles::add(std::string_view path, std::string_view content) {
  contents_[normal(path)] = Bytes(content.begin(), content.end());
}

void MemoryFiles::add(std::string_view path, std::span<const std::uint8_t> content) {
  contents_[normal(path)] = Bytes(content.begin(), content.end());
}

void MemoryFiles::fail(std::string_view path, std::string reason) {
  failures_[normal(path)] = std::move(reason);
}

std::optional<FileState> MemoryFiles::find_state(const std::string& /*path*/) const {
  return std::nullopt;
}

FileKind MemoryFiles::find_kind(const std::string& path) const {
  const std::string name = normal(path);
  if (name.empty()) return FileKind::Folder;
  if (contents_.contains(name)) return FileKind::File;
  const std::string inside = join_path(name, "");
  const auto first = contents_.lower_bound(inside);
  return first != contents_.end() && first->first.starts_with(inside) ? FileKind::Folder
                                                                      : FileKind::Missing;
}

Result<Bytes> MemoryFiles::read(const std::string& path, std::uint64_t max_bytes,
                                NamedBy /*named_by*/) const {
  const std::string name = normal(path);
  if (const auto failure = failures_.find(name); failure != failures_.end())
    return make_memory_problem(Code::ReadFile, "read", path, failure->second);
  const auto file = contents_.find(name);
  if (file == contents_.end())
    return make_memory_problem(
        Code::ReadFile, "read", path,
        find_kind(path) == FileKind::Folder ? "it is a folder" : "there is no such file");
  if (file->second.size() > max_bytes)
    return make_memory_problem(Code::ReadLimit, "read", path,
                               fmt::format("it is larger than {} bytes", max_bytes));
  return file->second;
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& folder) const {
  const std::string name = normal(folder);
  if (const auto failure = failures_.find(name); failure != failures_.end())
    return make_memory_problem(Code::ReadFile, "list", folder, failure->second);
  if (find_kind(folder) != FileKind::Folder)
    return make_memory_problem(Code::ReadFile, "list", folder, "there is no such folder");
  const std::string inside = name.empty() ? "" : join_path(name, "");
  std::vector<std::string> names;
  for (auto at = contents_.lower_bound(inside);
       at != contents_.end() && at->first.starts_with(inside); ++at) {
    const std::string_view rest = std::string_view(at->first).substr(inside.size());
    names.emplace_back(rest.substr(0, rest.find('/')));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<void> MemoryFiles::write(const std::string& path, std::span<const std::uint8_t> content,
                                Access) {
  const std::string name = normal(path);
  if (const auto failure = failures_.find(name); failure != failures_.end())
    return make_memory_problem(Code::WriteFile, "write", path, failure->second);
  if (find_kind(path) == FileKind::Folder)
    return make_memory_problem(Code::WriteFile, "write", path, "it is a folder");
  add(name, content);
  return {};
}

}  // namespace tenon
