#include "host/hosts_file.h"

#include <fmt/core.h>

#include <algorithm>

#include "support/names.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "wit/settings.h"

namespace tenon::host {

namespace {

// The process itself needs the first number; Linux allows the second by default (fs.nr_open).
constexpr std::int64_t kMostDescriptors = 1 << 20;

struct Expanded {
  std::string path;
  std::string unset;  // the name of a variable without a value; or empty
};

// Replaces `~` at the beginning and `${NAME}` anywhere.
Expanded expand_path(std::string_view text, const Variables& variables) {
  Expanded expanded;
  const auto add_variable = [&](std::string_view name) {
    const auto variable = variables.find(name);
    if (variable == variables.end())
      expanded.unset = name;
    else
      expanded.path += variable->second;
  };
  if (text == "~" || text.starts_with("~/")) {
    add_variable("HOME");
    text.remove_prefix(1);
  }
  while (!text.empty()) {
    const std::size_t open = text.find("${");
    const std::size_t close = open == text.npos ? open : text.find('}', open);
    expanded.path += text.substr(0, close == text.npos ? close : open);
    if (close == text.npos) break;
    add_variable(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 1);
  }
  return expanded;
}

// Expands a path that the user wrote under `key`, relative to `folder`.
std::string read_path(const std::string& folder, const std::string& text, std::string_view key,
                      const Variables& variables, TomlTable& table) {
  const Expanded expanded = expand_path(text, variables);
  if (!expanded.unset.empty())
    table.complain_value(
        key, fmt::format("uses `${{{}}}`, which is not set", sanitize_text(expanded.unset)),
        fmt::format("{} = \"/a/path\"", key));
  return join_path(folder, expanded.path);
}

// The process of a host, if it has one of its own.
std::optional<HostProcess> take_process(TomlTable& table) {
  const std::optional<std::string> isolation = table.take_text("isolation");
  if (isolation && *isolation != "process" && *isolation != "none")
    table.complain_value("isolation", "must be \"process\" or \"none\"", "isolation = \"process\"");
  if (isolation != "process") {
    for (const std::string_view key :
         {"files", "network", "memory", "cpu", "descriptors", "restart"}) {
      if (!table.has(key)) continue;
      table.complain_value(key, "has an effect only with `isolation = \"process\"`",
                           "isolation = \"process\"");
    }
  }
  HostProcess process;
  process.files = table.take_flag("files").value_or(true);
  process.network = table.take_flag("network").value_or(true);
  process.memory = table.take_size("memory", "512MiB");
  process.cpu = table.take_duration("cpu");
  process.descriptors = table.take_count("descriptors", kLeastDescriptors, kMostDescriptors);
  table.take_table("restart", [&](TomlTable& restart) {
    process.restarts =
        static_cast<std::uint32_t>(restart.take_count("max", 1, UINT32_MAX).value_or(1));
    process.within = restart.take_duration("within");
  });
  return isolation == "process" ? std::optional(process) : std::nullopt;
}

class HostsReader final {
 public:
  HostsReader(const std::string& file, const Variables& variables)
      : file_(file), variables_(variables) {}

  Result<HostsFile> read(const TomlDocument& root) {
    TomlTable file(file_, root, problems_);
    folders_.push_back(folder_of(file_));
    if (folders_.front().empty()) folders_.front() = ".";
    file.take_table("global", [this](TomlTable& table) { read_global(table); });
    file.take_rows("host", [this](TomlTable& table) { read_host(table); });
    file.finish();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(hosts_file_);
  }

 private:
  void read_global(TomlTable& table) {
    for (const auto& [text, where] : table.take_texts("search_paths"))
      folders_.push_back(read_path(folder_of(file_), text, "search_paths", variables_, table));
    hosts_file_.require_pins = table.take_flag("require_pins").value_or(false);
  }

  void read_host(TomlTable& table) {
    const std::string name = table.take_text("name", Presence::Required).value_or("");
    if (!name.empty() && !is_unit_name(name))
      table.complain_value("name", fmt::format("is `{}`: {}", sanitize_text(name), kUnitNameRule),
                           "name = \"db\"");
    const auto same =
        std::ranges::find(hosts_file_.hosts, name, [](const auto& host) { return host->name; });
    if (!name.empty() && same != hosts_file_.hosts.end())
      table.complain_value(
          "name", fmt::format("is `{}`, which line {} already uses", name, (*same)->where.line),
          fmt::format("name = \"{}-second\"", name));
    hosts_file_.hosts.push_back(std::make_shared<const HostEntry>(
        read_host_entry(file_, name, variables_, folders_, table)));
  }

  const std::string& file_;
  const Variables& variables_;
  std::vector<std::string> folders_;
  HostsFile hosts_file_;
  Diagnostics problems_;
};

}  // namespace

std::string folder_of(std::string_view file) {
  const std::size_t slash = file.find_last_of('/');
  if (slash == 0) return "/";
  return std::string(slash == file.npos ? std::string_view() : file.substr(0, slash));
}

HostEntry read_host_entry(const std::string& file, const std::string& name,
                          const Variables& variables, const std::vector<std::string>& folders,
                          TomlTable& table) {
  HostEntry entry;
  entry.name = name;
  entry.file = file;
  entry.folder = folder_of(file);
  entry.folders = folders;
  entry.where = table.where();
  const auto take_path = [&](std::string_view key) {
    const std::string text = table.take_text(key).value_or("");
    return text.empty() ? text : read_path(entry.folder, text, key, variables, table);
  };
  const std::optional<std::string> bundle = table.take_text("bundle");
  entry.wit = take_path("wit");
  entry.library = take_path("lib");
  entry.world = table.take_text("world");
  const bool has_choices = entry.world || table.has("offers") || table.has("features");
  entry.offers = take_offers(table);
  entry.features = wit::take_features(table);
  if (bundle)
    // A name is searched for later; a path is expanded now.
    entry.bundle =
        bundle->find_first_of("/~$") == std::string::npos && *bundle != "." && *bundle != ".."
            ? *bundle
            : read_path(entry.folder, *bundle, "bundle", variables, table);
  const bool is_explicit = !entry.wit.empty() && !entry.library.empty();
  if (bundle && (!entry.wit.empty() || !entry.library.empty() || has_choices))
    table.complain_value("bundle",
                         "cannot be combined with `wit`, `lib`, `world`, `features` or `offers`: "
                         "its host.toml has them",
                         fmt::format("bundle = \"{}\"", sanitize_text(*bundle)));
  else if (!bundle && !is_explicit)
    table.complain_value("bundle", "is missing: write it, or `wit` and `lib`",
                         "bundle = \"sqlite\"");
  entry.pin_where = table.where("sha256");
  entry.sha256 = take_digest(table);
  entry.needed = take_needed_digests(table);
  entry.process = take_process(table);
  entry.config = table.take_scalars("config");
  entry.interfaces = table.take_texts("interfaces");
  return entry;
}

Manifest make_bundle_manifest(const HostEntry& entry) {
  Manifest manifest;
  manifest.file = entry.file;
  manifest.name = entry.name;
  manifest.wit = entry.wit;
  manifest.world = entry.world;
  manifest.features = entry.features;
  manifest.offers = entry.offers;
  manifest.library = LibraryFile{.path = entry.library};
  manifest.library_where = entry.where;
  manifest.takes_any_config = true;
  return manifest;
}

Result<HostsFile> parse_hosts_file(std::string_view text, const std::string& file,
                                   const Variables& variables) {
  TENON_TRY(const TomlDocument root, parse_toml(text, file));
  return HostsReader(file, variables).read(root);
}

Result<HostsFile> read_hosts_file(const Files& files, const std::string& file,
                                  const Variables& variables) {
  TENON_TRY(const std::string text, read_text_file(files, file, NamedBy::User));
  return parse_hosts_file(text, file, variables);
}

}  // namespace tenon::host
