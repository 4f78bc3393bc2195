#include "link/consent.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "host/bundle_unit.h"
#include "host/hosts_file.h"
#include "middleware/middleware.h"
#include "support/diagnostics.h"
#include "support/safe_path.h"

namespace tenon::link {

namespace {

namespace fs = std::filesystem;

// The absolute path, with links resolved as far as it exists.
std::string resolve_path(const std::string& path) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path.empty() ? "." : path, failed);
  const fs::path resolved = fs::weakly_canonical(absolute, failed);
  std::string text = failed ? absolute.lexically_normal().string() : resolved.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

// The domain that gets `Request::grants`, as far as it is known before units are read.
std::string find_root_domain(const Request& request) {
  for (const UnitRequest& unit : request.units)
    if (unit.name == request.policy.root) return unit.is_isolated ? unit.name : unit.domain;
  return "main";
}

class ManifestRequestCollector final {
 public:
  ManifestRequestCollector(const Request& request, const Files& files)
      : request_(request), files_(files) {
    for (const std::string& path : request.hosts.trusted) trusted_.push_back(resolve_path(path));
  }

  std::vector<ManifestRequest> collect() {
    for (const UnitRequest& unit : request_.units)
      if (const auto* const entry = unit.as<host::HostEntry>(); entry != nullptr && !entry->linked)
        add_bundle(unit, *entry);
      else if (const auto* const remote = unit.as<remote::RemoteSettings>();
               remote != nullptr && unit.where != nullptr && !unit.where->file.empty())
        add_remote(*remote, *unit.where);
    for (const ManifestGrants& ask : request_.manifest_grants) add_grants(ask);
    for (const auto& [name, middleware] : request_.middleware) add_file(middleware);
    for (const HttpRoute& route : request_.http_routes)
      if (!route.folder.empty()) add_path("ro:", route.folder, route.where);
    const HttpOptions& http = request_.http;
    if (!http.access_log_file.empty()) add_path("rw:", http.access_log_file, http.where);
    if (!http.tls.key.empty()) add_path("ro:", http.tls.key, http.where);
    return std::move(requests_);
  }

 private:
  using Kind = ManifestRequest::Kind;

  void add(Kind kind, std::string text, const Location& where) {
    const auto& own = request_.program_texts;
    if (std::ranges::find(own, where.file) != own.end()) return;
    ManifestRequest request{kind, std::move(text), resolve_path(host::folder_of(where.file)),
                            where};
    const auto is_same = [&](const ManifestRequest& other) { return other.is_same(request); };
    if (std::ranges::none_of(requests_, is_same)) requests_.push_back(std::move(request));
  }

  void add_bundle(const UnitRequest& unit, const host::HostEntry& entry) {
    const Result<host::Manifest> manifest =
        host::find_manifest_of(request_.hosts, make_bundle_request(unit), files_);
    // A bundle that cannot be read is not loaded; the plan reports the reason.
    if (!manifest) return;
    const bool has_folder = entry.library.empty();
    const std::string code = resolve_path(has_folder ? manifest->folder : entry.library);
    const bool is_named = std::ranges::any_of(
        trusted_, [&](const std::string& path) { return is_in_folder(code, path); });
    if (!is_named && !is_of_user(entry, code)) add(Kind::NativeCode, code, entry.where);
    add_paths(entry, *manifest);
  }

  // Its address, and the files with which it proves an identity of the user there.
  void add_remote(const remote::RemoteSettings& settings, const Location& where) {
    const remote::Address& address = settings.address;
    if (address.transport != remote::Address::Transport::Unix ||
        !is_own(resolve_path(address.path), where))
      add(Kind::Network, remote::print_address(address), where);
    for (const std::string& file : {settings.options.credentials, settings.options.tls.key})
      if (!file.empty()) add_path("ro:", file, where);
  }

  void add_path(std::string_view mode, const std::string& file, const Location& where) {
    if (where.file.empty()) return;
    const std::string path = resolve_path(file);
    if (!is_own(path, where)) add(Kind::Directory, std::string(mode) + path, where);
  }

  void add_file(const Middleware& middleware) {
    if (middleware.file.empty() || middleware.where.file.empty()) return;
    const std::string path = resolve_path(middleware.file);
    const bool is_read = middleware::answers(middleware.kind);
    if (!is_own(path, middleware.where))
      add(Kind::Directory, (is_read ? "ro:" : "rw:") + path, middleware.where);
  }

  // Whether a bundle was found by its name in the user's or the system's folders.
  [[nodiscard]] bool is_of_user(const host::HostEntry& entry, const std::string& folder) const {
    if (entry.bundle.empty() || entry.bundle.find('/') != std::string::npos) return false;
    return std::ranges::any_of(request_.hosts.folders, [&](const std::string& known) {
      return resolve_path(join_path(known, entry.bundle)) == folder;
    });
  }

  // Like `dirs`, paths in its configuration can be outside of the manifest's folder.
  void add_paths(const host::HostEntry& entry, const host::Manifest& manifest) {
    for (const TomlScalar& value : entry.config) {
      const auto key = std::ranges::find(manifest.config, value.name, &host::ConfigKey::name);
      if (key == manifest.config.end() || key->kind != host::ConfigKind::Path) continue;
      const std::string path = resolve_path(join_path(entry.folder, value.text));
      if (!is_own(path, entry.where)) add(Kind::Directory, "rw:" + path, value.where);
    }
  }

  void add_grants(const ManifestGrants& ask) {
    const bool is_root = ask.domain == find_root_domain(request_);
    for (const std::string& text : ask.net)
      if (!is_root || !is_granted(text, request_.grants.net)) add(Kind::Network, text, ask.where);
    for (const std::string& text : ask.http)
      if (!is_root || !is_granted(text, request_.grants.http))
        add(Kind::HttpRequests, text, ask.where);
    for (const Grants::Directory& dir : ask.dirs) {
      const auto noted = request_.folders.find(dir.host);
      const std::string path =
          noted != request_.folders.end() ? noted->second : resolve_path(dir.host);
      if (is_own(path, ask.where) || (is_root && is_granted(path, dir.writable))) continue;
      add(Kind::Directory, (dir.writable ? "rw:" : "ro:") + path, ask.where);
    }
  }

  [[nodiscard]] static bool is_own(const std::string& path, const Location& where) {
    return is_in_folder(path, resolve_path(host::folder_of(where.file)));
  }

  [[nodiscard]] static bool is_granted(const std::string& text,
                                       const std::vector<std::string>& granted) {
    return std::ranges::find(granted, text) != granted.end() ||
           std::ranges::find(granted, "*") != granted.end();
  }

  [[nodiscard]] bool is_granted(const std::string& path, bool writable) const {
    return std::ranges::any_of(request_.grants.dirs, [&](const Grants::Directory& dir) {
      return (dir.writable || !writable) && is_in_folder(path, resolve_path(dir.host));
    });
  }

  const Request& request_;
  const Files& files_;
  std::vector<std::string> trusted_;
  std::vector<ManifestRequest> requests_;
};

}  // namespace

std::vector<ManifestRequest> find_manifest_requests(const Request& request, const Files& files) {
  return ManifestRequestCollector(request, files).collect();
}

void note_folders(Request& request) {
  request.folders.clear();
  const auto note = [&](const std::vector<Grants::Directory>& dirs) {
    for (const Grants::Directory& dir : dirs)
      request.folders.try_emplace(dir.host, resolve_path(dir.host));
  };
  note(request.grants.dirs);
  for (const ManifestGrants& ask : request.manifest_grants) note(ask.dirs);
  for (const auto& [name, domain] : request.domains) note(domain.grants.dirs);
}

Result<void> check_consent(const Request& request, const Files& files) {
  if (request.trusts_manifests) return {};
  const std::vector<ManifestRequest> requests = find_manifest_requests(request, files);
  if (requests.empty()) return {};
  Diagnostic problem =
      make_diagnostic(Code::ConfigUntrusted, "`{}` requests access that you have not agreed to",
                      requests.front().where.file);
  problem.where = requests.front().where;
  for (const ManifestRequest& manifest_request : requests)
    problem.notes.push_back({describe_request(manifest_request), {}, manifest_request.where});
  problem.hints.emplace_back(
      "if you trust its author, say so",
      HintWays{.program = "`trust()`",
               .command = fmt::format("tenon trust {}", requests.front().folder),
               .manifest = {}});
  return problem;
}

}  // namespace tenon::link
