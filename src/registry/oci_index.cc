#include "registry/oci_index.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/sha256.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kIndexType = "application/vnd.tenon.index.v1+json";
constexpr std::string_view kLatest = "latest";
constexpr std::string_view kEntryPrefix = "entry-";
// The most entries that a reader fetches one by one.
constexpr std::size_t kMostFetched = 200;

std::string show_entry(const IndexEntry& entry) {
  return fmt::format("{}@{}", print_package_name(entry.package), print_version(entry.version));
}

std::string tag_of(const IndexEntry& entry) {
  return fmt::format("{}{}", kEntryPrefix, engine::sha256_hex(as_bytes(show_entry(entry))));
}

// By package and version; of equal ones, the first stays.
void sort_entries(std::vector<IndexEntry>& entries) {
  const auto compare = [](const IndexEntry& a, const IndexEntry& b) {
    if (a.package != b.package) return a.package <=> b.package;
    const auto by_version = compare_versions(a.version, b.version);
    return by_version < 0   ? std::strong_ordering::less
           : by_version > 0 ? std::strong_ordering::greater
                            : std::strong_ordering::equal;
  };
  std::ranges::stable_sort(
      entries, [&](const IndexEntry& a, const IndexEntry& b) { return compare(a, b) < 0; });
  const auto rest = std::ranges::unique(
      entries, [&](const IndexEntry& a, const IndexEntry& b) { return compare(a, b) == 0; });
  entries.erase(rest.begin(), rest.end());
}

std::optional<std::string> find_text(const Json& object, const char* key) {
  const auto match = object.find(key);
  if (match == object.end() || !match->is_string()) return std::nullopt;
  return match->get<std::string>();
}

// Strings under `key`; other values are left out.
std::vector<std::string> find_texts(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const auto list = object.find(key);
  if (list == object.end() || !list->is_array()) return texts;
  for (const Json& item : *list)
    if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

Result<IndexEntry, ManifestError> parse_entry(const Json& object) {
  if (!object.is_object()) return ManifestError{"an entry is not a JSON object"};
  IndexEntry entry;
  const std::string name = find_text(object, "name").value_or("");
  const std::optional<PackageName> package = parse_package_name(name);
  if (!package)
    return ManifestError{fmt::format("`{}` is not a package name", sanitize_text(name))};
  const std::string text = find_text(object, "version").value_or("");
  const Result<Version, VersionError> version = parse_version(text);
  if (!version)
    return ManifestError{fmt::format("the version `{}` of `{}` {}", sanitize_text(text), name,
                                     version.error().reason)};
  entry.package = *package;
  entry.version = *version;
  entry.digest = find_text(object, "digest").value_or("");
  if (!is_oci_digest(entry.digest))
    return ManifestError{fmt::format("`{}` has no digest", show_entry(entry))};
  entry.description = find_text(object, "description").value_or("");
  entry.imports = find_texts(object, "imports");
  entry.exports = find_texts(object, "exports");
  return entry;
}

// Repeats a request for a tag that another publisher may be replacing. Registries can fail at that
// moment: docker-registry reads a tag that is half written and answers 400 or 500.
template <class Request>
auto try_again(Request request) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    auto result = request();
    if (result || attempt == kAttempts || result.error().front().code != code_text(Code::ExtFetch))
      return result;
  }
}

// Adds the entries of the document under a tag. A document that cannot be used becomes a note.
Result<void> read_document(OciClient& client, const std::string& repository, const std::string& tag,
                           Intent intent, std::vector<IndexEntry>& entries, Diagnostics& notes) {
  TENON_TRY(const std::optional<Bytes> text, try_again([&] {
              return client.pull_document(repository, tag, kIndexType, intent, notes);
            }));
  if (!text) return {};
  Result<std::vector<IndexEntry>, ManifestError> parsed = parse_index(*text);
  if (parsed)
    std::ranges::move(*parsed, std::back_inserter(entries));
  else
    notes.push_back(fetch_note(fmt::format("`{}/{}:{}` is not an index: {}", client.registry(),
                                           repository, tag, parsed.error().reason)));
  return {};
}

}  // namespace

Bytes print_index(std::vector<IndexEntry> entries) {
  sort_entries(entries);
  Json rows = Json::array();
  for (const IndexEntry& entry : entries)
    rows.push_back({{"name", print_package_name(entry.package)},
                    {"version", print_version(entry.version)},
                    {"description", entry.description},
                    {"imports", entry.imports},
                    {"exports", entry.exports},
                    {"digest", entry.digest}});
  const std::string text = Json({{"schema", 1}, {"packages", std::move(rows)}})
                               .dump(-1, ' ', false, Json::error_handler_t::replace);
  return Bytes(text.begin(), text.end());
}

Result<std::vector<IndexEntry>, ManifestError> parse_index(std::span<const std::uint8_t> text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return ManifestError{"it is not a JSON object"};
  const auto schema = json.find("schema");
  if (schema == json.end() || *schema != 1)
    return ManifestError{"its `schema` is not 1: a newer tenon may have written it"};
  const auto packages = json.find("packages");
  if (packages == json.end() || !packages->is_array())
    return ManifestError{"it has no list `packages`"};
  if (packages->size() > limits::kRegistryNames)
    return ManifestError{fmt::format("it has more than {} entries", limits::kRegistryNames)};
  std::vector<IndexEntry> entries;
  for (const Json& object : *packages) {
    TENON_TRY(IndexEntry entry, parse_entry(object));
    entries.push_back(std::move(entry));
  }
  sort_entries(entries);
  return entries;
}

Result<std::vector<IndexEntry>> read_index(OciClient& client, const std::string& repository,
                                           Intent intent, Diagnostics& notes) {
  std::vector<IndexEntry> entries;
  TENON_TRY(const auto tags, client.list_tags(repository, intent));
  if (!tags) return entries;
  if (std::ranges::find(*tags, kLatest) != tags->end())
    TENON_TRY_VOID(read_document(client, repository, std::string(kLatest), intent, entries, notes));
  std::set<std::string> missing;
  for (const std::string& tag : *tags)
    if (tag.starts_with(kEntryPrefix)) missing.insert(tag);
  for (const IndexEntry& entry : entries) missing.erase(tag_of(entry));
  if (missing.size() > kMostFetched)
    notes.push_back(fetch_note(
        fmt::format("`{}/{}` has {} entries that are not in its `latest`, and only {} of them "
                    "were read; the next publication adds as many",
                    client.registry(), repository, missing.size(), kMostFetched)));
  std::size_t count = 0;
  for (const std::string& tag : missing) {
    if (++count > kMostFetched) break;
    TENON_TRY_VOID(read_document(client, repository, tag, intent, entries, notes));
  }
  sort_entries(entries);
  return entries;
}

Result<void> add_to_index(OciClient& client, const std::string& repository,
                          const IndexEntry& entry) {
  const auto push = [&](const std::string& tag, const std::string& title, const Bytes& document) {
    return try_again(
        [&] { return client.push_document(repository, tag, kIndexType, title, document); });
  };
  TENON_TRY_VOID(push(tag_of(entry), show_entry(entry), print_index({entry})));
  // From here on, the entry cannot be lost. If `latest` cannot be replaced, which only saves
  // requests, the next publisher does so.
  Diagnostics notes;
  Result<std::vector<IndexEntry>> entries = read_index(client, repository, Intent::Push, notes);
  if (!entries) return {};
  const Bytes merged = print_index(*std::move(entries));
  // Beyond the limit, readers use the entries themselves.
  if (merged.size() <= limits::kRegistryAnswerBytes)
    (void)push(std::string(kLatest), "tenon index", merged);
  return {};
}

}  // namespace tenon::registry
