// A small local OCI registry for tests. It stores what is pushed, and can be told to give false
// answers.
//
//   FakeRegistry registry;
//   registry.lie("GET /v2/acme/math/tags/list", make_reply(200, "{}"));
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "engine/sha256.h"
#include "tests/support/loopback_server.h"

namespace tenon {

class FakeRegistry final {
 public:
  // Called before the registry answers. If it returns an answer, that one is sent instead.
  using Gate = std::function<std::optional<Reply>(const ServedRequest&)>;

  explicit FakeRegistry(Gate gate = {})
      : gate_(std::move(gate)),
        server_([this](const ServedRequest& request) { return answer(request); }) {}

  [[nodiscard]] const LoopbackServer& server() const { return server_; }
  [[nodiscard]] std::string host() const { return server_.host(); }

  // request: method and path, without query.
  void lie(const std::string& request, Reply reply) {
    const std::scoped_lock lock(mutex_);
    lies_.insert_or_assign(request, std::move(reply));
  }

  void tell_truth(const std::string& request) {
    const std::scoped_lock lock(mutex_);
    lies_.erase(request);
  }
  // Removes tags that begin with `prefix` from a repository.
  void forget_tags(const std::string& repository, std::string_view prefix) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(tags_[repository],
                  [&](const std::string& tag) { return tag.starts_with(prefix); });
  }
  // Removes the manifest with a tag.
  void forget(const std::string& repository, const std::string& tag) {
    const std::scoped_lock lock(mutex_);
    tags_[repository].erase(tag);
    manifests_.erase(repository + '/' + tag);
  }
  [[nodiscard]] std::string find_manifest(const std::string& repository, const std::string& tag) {
    const std::scoped_lock lock(mutex_);
    return manifests_[repository + '/' + tag];
  }

  // Stores a manifest as a push would, and returns its digest.
  std::string add_manifest(const std::string& repository, const std::string& tag,
                           const std::string& manifest) {
    const std::scoped_lock lock(mutex_);
    tags_[repository].insert(tag);
    manifests_[repository + '/' + tag] = manifest;
    manifests_[repository + '/' + digest(manifest)] = manifest;
    return digest(manifest);
  }
  std::string add_blob(const std::string& repository, const std::string& blob) {
    const std::scoped_lock lock(mutex_);
    blobs_[repository + '/' + digest(blob)] = blob;
    return digest(blob);
  }

  static std::string digest(std::string_view text) {
    return "sha256:" +
           engine::sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

 private:
  Reply answer(const ServedRequest& request) {
    if (gate_)
      if (std::optional<Reply> reply = gate_(request)) return *std::move(reply);
    const std::scoped_lock lock(mutex_);
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (const auto lie = lies_.find(request.method + ' ' + path); lie != lies_.end())
      return lie->second;
    if (path == "/v2/_catalog") return catalog();
    for (const std::string part : {"/tags/list", "/manifests/", "/blobs/"}) {
      const std::size_t at = path.find(part);
      if (!path.starts_with("/v2/") || at == std::string::npos) continue;
      const std::string repository = path.substr(4, at - 4);
      const std::string rest = path.substr(at + part.size());
      if (part == "/tags/list") return tags(repository);
      return part == "/blobs/" ? blob(request, repository, rest)
                               : manifest(request, repository, rest);
    }
    return make_reply(404, "");
  }

  Reply catalog() const {
    std::vector<std::string> names;
    for (const auto& [repository, tags] : tags_) names.push_back('"' + repository + '"');
    return make_reply(200, fmt::format("{{\"repositories\":[{}]}}", fmt::join(names, ",")));
  }

  Reply tags(const std::string& repository) const {
    const auto found = tags_.find(repository);
    if (found == tags_.end()) return make_reply(404, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}");
    std::vector<std::string> names;
    for (const std::string& tag : found->second) names.push_back('"' + tag + '"');
    return make_reply(
        200, fmt::format("{{\"name\":\"{}\",\"tags\":[{}]}}", repository, fmt::join(names, ",")));
  }

  Reply manifest(const ServedRequest& request, const std::string& repository,
                 const std::string& reference) {
    const std::string key = repository + '/' + reference;
    if (request.method == "PUT") {
      tags_[repository].insert(reference);
      manifests_[key] = manifests_[repository + '/' + digest(request.body)] = request.body;
      return make_reply(201, "", "Docker-Content-Digest: " + digest(request.body) + "\r\n");
    }
    const auto found = manifests_.find(key);
    if (found == manifests_.end()) return make_reply(404, "");
    return make_reply(200, found->second,
                      "Docker-Content-Digest: " + digest(found->second) + "\r\n");
  }

  Reply blob(const ServedRequest& request, const std::string& repository, const std::string& name) {
    if (request.method == "POST")
      return make_reply(202, "", "Location: /v2/" + repository + "/blobs/up?state=1\r\n");
    if (request.method == "PUT") {
      blobs_[repository + '/' + digest(request.body)] = request.body;
      return make_reply(201, "");
    }
    const auto found = blobs_.find(repository + '/' + name);
    if (found == blobs_.end()) return make_reply(404, "");
    if (request.method == "HEAD") return Reply{"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n"};
    return make_reply(200, found->second);
  }

  Gate gate_;
  std::mutex mutex_;
  std::map<std::string, Reply> lies_;
  std::map<std::string, std::set<std::string>> tags_;
  std::map<std::string, std::string> manifests_;
  std::map<std::string, std::string> blobs_;
  LoopbackServer server_;
};

}  // namespace tenon
