// `tenon trust`: the user's consent to the requests of manifests.
#include "tenon/trust.h"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/permissions.h"
#include "render/json.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

struct TrustFlags {
  std::string folder;  // empty: the folder of the nearest manifest
  bool list = false;
  bool remove = false;
  OutputFormat format = OutputFormat::Human;
};

std::string_view name_kind(ManifestRequest::Kind kind) {
  switch (kind) {
    case ManifestRequest::Kind::NativeCode:
      return "native";
    case ManifestRequest::Kind::Network:
      return "net";
    case ManifestRequest::Kind::HttpRequests:
      return "http";
    case ManifestRequest::Kind::Directory:
      return "dir";
  }
  return {};
}

int list_folders(const Session& session, const TrustFlags& flags, const TrustFile& file) {
  const Result<std::vector<TrustedFolder>> folders = file.list();
  if (!folders) return report(session, folders.error());
  if (flags.format == OutputFormat::Json) {
    JsonValue rows = JsonValue::array();
    for (const TrustedFolder& folder : *folders) {
      JsonValue requests = JsonValue::array();
      for (const ManifestRequest& request : folder.requests)
        requests.push_back({{"kind", name_kind(request.kind)}, {"text", request.text}});
      rows.push_back({{"folder", folder.folder}, {"requests", std::move(requests)}});
    }
    print_result(dump_json({{"schema", 1}, {"folders", std::move(rows)}}));
    return to_int(ExitCode::Fine);
  }
  std::string text;
  for (const TrustedFolder& folder : *folders)
    text += fmt::format("{}\n{}", sanitize_text(folder.folder), render_requests(folder.requests));
  if (folders->empty()) text = "no folders are trusted\n";
  print_result(text);
  return to_int(ExitCode::Fine);
}

int remove_folder(const Session& session, const TrustFlags& flags, const TrustFile& file) {
  std::error_code failed;
  // A folder that no longer exists can still be removed.
  const fs::path folder =
      fs::weakly_canonical(flags.folder.empty() ? fs::path(".") : fs::path(flags.folder), failed);
  const Result<bool> removed = file.remove(failed ? flags.folder : folder.string());
  if (!removed) return report(session, removed.error());
  if (*removed) return to_int(ExitCode::Fine);
  return report(session, {make_usage_problem(
                             fmt::format("`{}` is not trusted", sanitize_text(folder.string())),
                             {"`tenon trust --list` shows the trusted folders"})});
}

int add_folder(const Session& session, const TrustFlags& flags, const TrustFile& file) {
  LinkRequest request;
  if (!flags.folder.empty()) {
    std::error_code failed;
    if (!fs::is_regular_file(fs::path(flags.folder) / "tenon.toml", failed))
      return report(session,
                    {make_usage_problem(fmt::format("`{}` is not a folder with a `tenon.toml`",
                                                    sanitize_text(flags.folder)),
                                        {"name the folder of the manifest, not the file"})});
    request.components = {flags.folder};
  }
  const Result<CompositionBuilder> builder = make_builder(request);
  if (!builder) return report(session, builder.error());
  const std::vector<ManifestRequest> requests = builder->manifest_requests();
  if (requests.empty()) {
    print_result("nothing to trust: the manifest requests nothing outside of its folder\n");
    return to_int(ExitCode::Fine);
  }
  const Result<void> added = file.add(requests);
  if (!added) return report(session, added.error());
  print_result(fmt::format("trusted {} with\n{}", sanitize_text(requests.front().folder),
                           render_requests(requests)));
  return to_int(ExitCode::Fine);
}

}  // namespace

int trust_command(Session& session, Words words) {
  CommandLine line(
      "Trust a tenon.toml with native code, the network and folders outside of its own",
      "tenon trust");
  TrustFlags flags;
  line.add_option("folder", flags.folder, "Folder of the tenon.toml (default: the nearest one)")
      .type_name("DIR");
  line.add_flag("--list", flags.list, "List the trusted folders");
  line.add_flag("--remove", flags.remove, "Stop trusting the folder");
  add_format_flags(line, flags.format);
  line.set_footer(
      "Examples:\n"
      "  tenon trust .\n"
      "  tenon trust --list");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const std::string path = find_trust_file();
  if (path.empty())
    return report(session,
                  {make_usage_problem("cannot locate the file of trusted folders: HOME is not set",
                                      {"set HOME, or XDG_STATE_HOME"})});
  const TrustFile file(path);
  if (flags.list) return list_folders(session, flags, file);
  return flags.remove ? remove_folder(session, flags, file) : add_folder(session, flags, file);
}

}  // namespace tenon::cli
