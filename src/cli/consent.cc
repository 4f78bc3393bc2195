#include "cli/consent.h"

#include <fmt/core.h>

#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/environment.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

// The rest of the line; an empty one at the end of the input.
std::string read_answer() {
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
    answer += static_cast<char>(c);
  return answer;
}

bool asks_user(std::span<const ManifestRequest> requests) {
  if (get_stream_kind(Stream::Input) != StreamKind::Terminal ||
      get_stream_kind(Stream::Error) != StreamKind::Terminal)
    return false;
  fmt::print(stderr, "`{}` asks for\n{}Do you trust it with that? [y/N] ",
             sanitize_text(requests.front().where.file), render_requests(requests));
  std::fflush(stderr);
  const std::string answer = read_answer();
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

std::string render_requests(std::span<const ManifestRequest> requests) {
  std::string text;
  for (const ManifestRequest& request : requests)
    text += fmt::format("  - {}\n", describe_request(request));
  return text;
}

Result<void> ask_for_consent(CompositionBuilder& builder) {
  // Whoever started a command with raised rights is not the one who owns them.
  if (has_raised_rights()) return {};
  const std::vector<ManifestRequest> requests = builder.manifest_requests();
  if (requests.empty()) return {};
  const std::string path = find_trust_file();
  const TrustFile file(path);
  std::vector<ManifestRequest> unknown = requests;
  if (!path.empty()) {
    Result<std::vector<ManifestRequest>> found = file.find_new(requests);
    if (!found) return std::move(found).error();
    unknown = *std::move(found);
  }
  if (unknown.empty()) {
    builder.trust();
  } else if (asks_user(unknown)) {
    builder.trust();
    if (!path.empty()) return file.add(unknown);
  }
  return {};
}

}  // namespace tenon::cli
