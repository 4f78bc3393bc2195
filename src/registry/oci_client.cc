#include "registry/oci_client.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/source.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

// Each request is sent with the Authorization that worked before for its scope. If the registry
// refuses it (401), the challenge is answered and the request sent again, once. Registries often
// redirect downloads to a storage service; `send_request` follows, and does not send credentials to
// another origin. A refusal by such a server is not answered.
//
// A push uploads the blobs first and the manifest last, because a registry rejects a manifest whose
// blobs it does not have. An upload has two steps: POST returns a URL, and PUT sends the bytes to
// it.

namespace tenon::registry {

namespace {

std::string scope_of(const std::string& repository, Intent intent) {
  return fmt::format("repository:{}:{}", repository, intent == Intent::Pull ? "pull" : "pull,push");
}

Diagnostic wrong_digest(const Url& url, std::string_view expected, std::string_view actual) {
  Diagnostic problem =
      make_diagnostic(Code::ExtDigest, "the digest of `{}` does not match", show_url(url));
  problem.notes.push_back({fmt::format("expected {}", sanitize_text(expected)), {}, {}});
  problem.notes.push_back({fmt::format("found    {}", sanitize_text(actual)), {}, {}});
  problem.hints.emplace_back(
      "try again; if it still fails, the registry sends other content than it announces, or "
      "somebody "
      "changes it on the way");
  return problem;
}

// The URL of the next page, from a header such as `Link: </v2/x/tags/list?last=b&n=2>; rel="next"`.
std::optional<std::string_view> find_next_page(const HttpResponse& response) {
  for (const std::string_view link : find_headers(response, "Link")) {
    const std::size_t end = link.find('>');
    if (!link.starts_with('<') || end == link.npos) continue;
    const std::string_view rest = link.substr(end);
    if (rest.find("rel=\"next\"") != rest.npos || rest.find("rel=next") != rest.npos)
      return link.substr(1, end - 1);
  }
  return std::nullopt;
}

// Appends the strings under `key`. Some registries write null for an empty list.
Result<void> read_page(const HttpResponse& response, const char* key,
                       std::vector<std::string>& texts) {
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  const auto list = json.is_object() ? json.find(key) : json.end();
  const bool is_list = list != json.end() && (list->is_null() || list->is_array());
  if (!is_list || !std::ranges::all_of(*list, [](const auto& item) { return item.is_string(); }))
    return fetch_problem(response.url,
                         fmt::format("the response is not JSON with a list `{}`", key));
  for (const auto& item : *list) texts.push_back(item.template get<std::string>());
  if (texts.size() <= limits::kRegistryNames) return {};
  return fetch_problem(response.url,
                       fmt::format("the list has more than {} names", limits::kRegistryNames));
}

}  // namespace

Result<OciClient> OciClient::open(HttpClient& http, OciSettings settings) {
  Result<Url, UrlError> root = parse_authority(settings.registry, Scheme::Https);
  if (root) {
    const bool is_plain =
        settings.scheme.value_or(is_loopback(root->host) ? Scheme::Http : Scheme::Https) ==
        Scheme::Http;
    if (is_plain) root = parse_authority(settings.registry, Scheme::Http);
  }
  if (!root) {
    Diagnostic problem = make_diagnostic(Code::ExtSource, "invalid registry `{}`: it {}",
                                         sanitize_text(settings.registry), root.error().reason);
    problem.hints.emplace_back("write HOST or HOST:PORT, such as `registry.example`");
    return problem;
  }
  return OciClient(http, *std::move(root), std::move(settings));
}

OciClient::OciClient(HttpClient& http, Url root, OciSettings settings)
    : http_(http),
      registry_(settings.registry),
      root_(std::move(root)),
      plain_http_(settings.plain_http),
      authorizer_(http, settings.registry, std::move(settings.credentials), settings.plain_http) {}

HttpRequest OciClient::make_request(const std::string& path, std::uint64_t max_bytes) const {
  HttpRequest request;
  request.url = root_;
  request.url.path = "/v2/" + path;
  request.max_bytes = max_bytes;
  request.plain_http = plain_http_;
  return request;
}

Result<HttpResponse> OciClient::send(HttpRequest request, const std::string& scope) {
  // Credentials are only for the registry itself, not for upload URLs on another server.
  const bool is_ours = is_same_origin(request.url, root_);
  if (is_ours) request.authorization = authorizer_.find_header(scope);
  TENON_TRY(HttpResponse response, send_request(http_, request));
  if (response.status == 401 && is_ours && is_same_origin(response.url, root_)) {
    TENON_TRY(request.authorization, authorizer_.answer(response, scope));
    TENON_TRY(response, send_request(http_, request));
  }
  if ((response.status == 401 || response.status == 403) && is_same_origin(response.url, root_))
    return authorizer_.refused(response);
  return response;
}

Result<std::optional<std::vector<std::string>>> OciClient::list_pages(const std::string& path,
                                                                      const char* key,
                                                                      const std::string& scope) {
  std::vector<std::string> texts;
  HttpRequest request = make_request(path, limits::kRegistryAnswerBytes);
  request.url.query = "n=1000";
  for (std::size_t pages = 0; pages < limits::kRegistryPages; ++pages) {
    TENON_TRY(const HttpResponse response, send(request, scope));
    if (response.status == 404 && pages == 0) return std::optional<std::vector<std::string>>();
    if (response.status != 200) return status_problem(response);
    TENON_TRY_VOID(read_page(response, key, texts));
    const std::optional<std::string_view> next = find_next_page(response);
    if (!next) return std::optional(std::move(texts));
    Result<Url, UrlError> url = resolve_location(response.url, *next);
    if (!url || !is_same_origin(*url, root_))
      return fetch_problem(
          response.url,
          fmt::format("the URL of the next page is `{}`, which {}", sanitize_text(*next),
                      url ? "is on another server" : url.error().reason));
    request.url = *std::move(url);
  }
  return fetch_problem(request.url,
                       fmt::format("the list has more than {} pages", limits::kRegistryPages));
}

Result<std::optional<std::vector<std::string>>> OciClient::list_tags(const std::string& repository,
                                                                     Intent intent) {
  return list_pages(repository + "/tags/list", "tags", scope_of(repository, intent));
}

Result<std::vector<std::string>> OciClient::list_repositories() {
  auto names = list_pages("_catalog", "repositories", "registry:catalog:*");
  if (names && *names) return **std::move(names);
  if (!names && names.error().front().code != code_text(Code::ExtAuth))
    return std::move(names).error();
  Diagnostic problem = names ? fetch_problem(make_request("_catalog", 0).url,
                                             "the registry does not list its repositories")
                             : std::move(names).error().front();
  problem.hints.assign(1,
                       "many registries do not list their repositories: name the package, as in "
                       "`tenon ext add acme:math`");
  return problem;
}

Result<std::optional<HttpResponse>> OciClient::get_manifest(const std::string& repository,
                                                            const std::string& reference,
                                                            Intent intent, std::string_view type) {
  HttpRequest request =
      make_request(repository + "/manifests/" + reference, limits::kRegistryAnswerBytes);
  request.headers.push_back({"Accept", std::string(type)});
  TENON_TRY(HttpResponse response, send(request, scope_of(repository, intent)));
  if (response.status == 404) return std::optional<HttpResponse>();
  if (response.status != 200) return status_problem(response);
  const std::string digest = digest_of(response.body);
  // For a tag, the digest that the registry announces is the only one to compare with.
  const std::string* const header = find_header(response, "Docker-Content-Digest");
  const bool is_announced = header != nullptr && is_oci_digest(*header);
  const std::string& expected = is_oci_digest(reference) ? reference
                                : is_announced           ? *header
                                                         : digest;
  if (expected != digest) return wrong_digest(response.url, expected, digest);
  return std::optional(std::move(response));
}

Result<std::optional<OciPulled>> OciClient::pull_manifest(const std::string& repository,
                                                          const std::string& reference,
                                                          Intent intent) {
  TENON_TRY(const std::optional<HttpResponse> response,
            get_manifest(repository, reference, intent));
  if (!response) return std::optional<OciPulled>();
  Result<OciManifest, ManifestError> manifest = parse_oci_manifest(response->body);
  if (!manifest) {
    Diagnostic problem = fetch_problem(
        response->url, fmt::format("it is not a component: {}", manifest.error().reason));
    problem.hints.emplace_back(
        "check the name; components are published with `tenon ext publish` or `wkg`");
    return problem;
  }
  return std::optional(OciPulled{*std::move(manifest), digest_of(response->body)});
}

Result<std::optional<Bytes>> OciClient::pull_document(const std::string& repository,
                                                      const std::string& tag, std::string_view type,
                                                      Intent intent, Diagnostics& notes) {
  TENON_TRY(const std::optional<HttpResponse> response, get_manifest(repository, tag, intent));
  if (!response) return std::optional<Bytes>();
  const Result<OciDescriptor, ManifestError> document = parse_oci_artifact(response->body, type);
  if (!document) {
    notes.push_back(fetch_note(
        fmt::format("`{}` is not used: {}", show_url(response->url), document.error().reason)));
    return std::optional<Bytes>();
  }
  TENON_TRY(Bytes bytes, pull_blob(repository, *document, intent));
  return std::optional(std::move(bytes));
}

Result<std::optional<Bytes>> OciClient::pull_text(const std::string& repository,
                                                  const std::string& reference,
                                                  std::string_view type) {
  TENON_TRY(std::optional<HttpResponse> response,
            get_manifest(repository, reference, Intent::Pull, type));
  if (!response) return std::optional<Bytes>();
  return std::optional(std::move(response->body));
}

Result<std::optional<Bytes>> OciClient::list_referrers(const std::string& repository,
                                                       const std::string& digest,
                                                       std::string_view artifact_type) {
  HttpRequest request =
      make_request(repository + "/referrers/" + digest, limits::kRegistryAnswerBytes);
  add_query(request.url, "artifactType", artifact_type);
  TENON_TRY(HttpResponse response, send(request, scope_of(repository, Intent::Pull)));
  if (response.status == 200) return std::optional(std::move(response.body));
  // Registries without this API answer 404; some answer 400 or 405.
  if (response.status != 404 && response.status != 400 && response.status != 405)
    return status_problem(response);
  std::string tag = digest;
  tag.replace(tag.find(':'), 1, "-");
  return pull_text(repository, tag, kIndexManifestType);
}

Result<void> OciClient::push_document(const std::string& repository, const std::string& tag,
                                      std::string_view type, std::string_view title,
                                      std::span<const std::uint8_t> document) {
  const OciArtifact artifact = make_oci_artifact(type, title, document);
  TENON_TRY_VOID(push_blob(repository, artifact.document, document));
  TENON_TRY_VOID(push_blob(repository, artifact.config_descriptor, artifact.config));
  return push_manifest(repository, tag, artifact.manifest);
}

Result<Bytes> OciClient::pull_blob(const std::string& repository, const OciDescriptor& descriptor,
                                   Intent intent) {
  const HttpRequest request =
      make_request(repository + "/blobs/" + descriptor.digest, descriptor.size);
  TENON_TRY(HttpResponse response, send(request, scope_of(repository, intent)));
  if (response.status != 200) return status_problem(response);
  const std::string digest = digest_of(response.body);
  if (digest != descriptor.digest) {
    Diagnostic problem = wrong_digest(response.url, descriptor.digest, digest);
    if (response.body.size() != descriptor.size)
      problem.notes.push_back({fmt::format("received {} bytes, but the manifest says {}",
                                           response.body.size(), descriptor.size),
                               {},
                               {}});
    return problem;
  }
  return std::move(response.body);
}

// Starts an upload. Returns the request that will send the bytes, still without them.
Result<HttpRequest> OciClient::start_upload(const std::string& repository) {
  HttpRequest request = make_request(repository + "/blobs/uploads/", limits::kRegistryAnswerBytes);
  request.method = "POST";
  TENON_TRY(const HttpResponse response, send(request, scope_of(repository, Intent::Push)));
  const std::string* const location = find_header(response, "Location");
  if (response.status != 202 || location == nullptr) return status_problem(response);
  Result<Url, UrlError> url = resolve_location(response.url, *location);
  if (!url || (root_.scheme == Scheme::Https && url->scheme == Scheme::Http))
    return fetch_problem(response.url,
                         fmt::format("the upload URL is `{}`, which {}", sanitize_text(*location),
                                     url ? "is not https" : url.error().reason));
  request.url = *std::move(url);
  request.method = "PUT";
  request.headers.push_back({"Content-Type", "application/octet-stream"});
  return request;
}

Result<void> OciClient::push_blob(const std::string& repository, const OciDescriptor& descriptor,
                                  std::span<const std::uint8_t> bytes) {
  HttpRequest head =
      make_request(repository + "/blobs/" + descriptor.digest, limits::kRegistryAnswerBytes);
  head.method = "HEAD";
  TENON_TRY(const HttpResponse existing, send(head, scope_of(repository, Intent::Push)));
  if (existing.status == 200) return {};
  TENON_TRY(HttpRequest request, start_upload(repository));
  add_query(request.url, "digest", descriptor.digest);
  request.body = bytes;
  TENON_TRY(const HttpResponse response, send(request, scope_of(repository, Intent::Push)));
  if (response.status != 201) return status_problem(response);
  return {};
}

Result<void> OciClient::push_manifest(const std::string& repository, const std::string& tag,
                                      std::span<const std::uint8_t> manifest,
                                      std::string_view type) {
  HttpRequest request =
      make_request(repository + "/manifests/" + tag, limits::kRegistryAnswerBytes);
  request.method = "PUT";
  request.headers.push_back({"Content-Type", std::string(type)});
  request.body = manifest;
  TENON_TRY(const HttpResponse response, send(request, scope_of(repository, Intent::Push)));
  if (response.status != 201) return status_problem(response);
  const std::string digest = digest_of(manifest);
  const std::string* const stored = find_header(response, "Docker-Content-Digest");
  if (stored != nullptr && is_oci_digest(*stored) && *stored != digest)
    return wrong_digest(response.url, digest, *stored);
  return {};
}

}  // namespace tenon::registry
