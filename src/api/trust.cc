// trust.toml: the requests that the user agreed to.
//
//   schema = 1
//
//   [[folder]]
//   path = "/srv/shop"
//   native = ["/srv/shop/bundles/sqlite"]
//   net = ["api.example.com:443"]
//   allow-http = ["api.example.com"]
//   dirs = ["rw:/srv/data"]
#include "tenon/trust.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "support/state_file.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"

namespace tenon {

namespace {

using RequestKind = ManifestRequest::Kind;

struct KindKey {
  RequestKind kind;
  std::string_view key;
};

constexpr std::array<KindKey, 4> kKeys = {{{RequestKind::NativeCode, "native"},
                                           {RequestKind::Network, "net"},
                                           {RequestKind::HttpRequests, "allow-http"},
                                           {RequestKind::Directory, "dirs"}}};

Result<std::vector<TrustedFolder>> parse(std::string_view text, const std::string& file) {
  if (text.empty()) return std::vector<TrustedFolder>();
  TENON_TRY(const TomlDocument document, parse_toml(text, file));
  Diagnostics problems;
  std::vector<TrustedFolder> folders;
  TomlTable table(file, document, problems);
  if (table.take_number("schema") != 1)
    table.complain_value("schema", "must be 1, which this version of tenon reads", "schema = 1");
  table.take_rows("folder", [&](TomlTable& row) {
    TrustedFolder folder;
    folder.folder = row.take_text("path", Presence::Required).value_or("");
    for (const KindKey& kind : kKeys)
      for (auto& [request, where] : row.take_texts(kind.key))
        folder.requests.push_back({kind.kind, std::move(request), folder.folder, where});
    folders.push_back(std::move(folder));
  });
  table.finish();
  if (!problems.empty()) return problems;
  std::ranges::sort(folders, {}, &TrustedFolder::folder);
  return folders;
}

std::string print(const std::vector<TrustedFolder>& folders) {
  std::string text =
      "# Access that the owner of this file agreed to: `tenon trust --list` shows it.\nschema = "
      "1\n";
  for (const TrustedFolder& folder : folders) {
    text += fmt::format("\n[[folder]]\npath = {}\n", quote_toml(folder.folder));
    for (const KindKey& kind : kKeys) {
      std::string row;
      for (const ManifestRequest& request : folder.requests)
        if (request.kind == kind.kind)
          row += fmt::format("{}{}", row.empty() ? "" : ", ", quote_toml(request.text));
      if (!row.empty()) text += fmt::format("{} = [{}]\n", kind.key, row);
    }
  }
  return text;
}

TrustedFolder& find_or_add(std::vector<TrustedFolder>& folders, const std::string& path) {
  const auto at = std::ranges::lower_bound(folders, path, {}, &TrustedFolder::folder);
  if (at != folders.end() && at->folder == path) return *at;
  return *folders.insert(at, TrustedFolder{path, {}});
}

bool has(const std::vector<ManifestRequest>& requests, const ManifestRequest& request) {
  return std::ranges::any_of(requests,
                             [&](const ManifestRequest& other) { return other.is_same(request); });
}

}  // namespace

std::string describe_request(const ManifestRequest& request) {
  const std::string text = sanitize_text(request.text);
  switch (request.kind) {
    case RequestKind::NativeCode:
      return fmt::format("native code, which is not sandboxed: {}", text);
    case RequestKind::Network:
      return text == "*" ? "the whole network" : fmt::format("the network: {}", text);
    case RequestKind::HttpRequests:
      return text == "*" ? "HTTP requests to any host" : fmt::format("HTTP requests to {}", text);
    case RequestKind::Directory:
      return fmt::format("a path outside its folder: {}", text);
  }
  return {};
}

Result<std::vector<TrustedFolder>> TrustFile::list() const {
  TENON_TRY(const std::string text, read_state_file(path_));
  return parse(text, path_);
}

Result<std::vector<ManifestRequest>> TrustFile::find_new(
    std::span<const ManifestRequest> requests) const {
  TENON_TRY(const std::vector<TrustedFolder> folders, list());
  std::vector<ManifestRequest> untrusted;
  for (const ManifestRequest& request : requests) {
    const auto folder = std::ranges::find(folders, request.folder, &TrustedFolder::folder);
    if (folder == folders.end() || !has(folder->requests, request)) untrusted.push_back(request);
  }
  return untrusted;
}

Result<void> TrustFile::add(std::span<const ManifestRequest> requests) const {
  return change_state_file(path_,
                           [&](std::string_view before) -> Result<std::optional<std::string>> {
                             TENON_TRY(std::vector<TrustedFolder> folders, parse(before, path_));
                             for (const ManifestRequest& request : requests) {
                               TrustedFolder& folder = find_or_add(folders, request.folder);
                               if (!has(folder.requests, request))
                                 folder.requests.push_back(request);
                             }
                             return std::optional(print(folders));
                           });
}

Result<bool> TrustFile::remove(std::string_view folder) const {
  bool is_removed = false;
  TENON_TRY_VOID(
      change_state_file(path_, [&](std::string_view before) -> Result<std::optional<std::string>> {
        TENON_TRY(std::vector<TrustedFolder> folders, parse(before, path_));
        is_removed = std::erase_if(folders, [&](const TrustedFolder& known) {
                       return known.folder == folder;
                     }) != 0;
        return is_removed ? std::optional(print(folders)) : std::nullopt;
      }));
  return is_removed;
}

}  // namespace tenon
