#include "extension/manifest.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "support/files.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "tenon/builder.h"

namespace tenon::extension {

namespace {

constexpr std::size_t kNameBytes = 64;

// "acme:math/lib"
bool is_interface_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::size_t slash = name.find('/');
  return colon != name.npos && slash != name.npos && colon > 0 && slash > colon + 1 &&
         slash + 1 < name.size() && name.find('@') == name.npos;
}

class ManifestReader final {
 public:
  ManifestReader(const std::string& file, std::string_view tenon_version)
      : tenon_version_(tenon_version) {
    manifest_.file = file;
  }

  Result<Manifest> read(const TomlDocument& root) {
    TomlTable file(manifest_.file, root, problems_);
    const std::optional<std::int64_t> schema = file.take_number("schema");
    if (schema.value_or(1) != 1)
      file.complain_value("schema", "must be 1, the only schema that this tenon supports",
                          "schema = 1");
    if (!file.has_table("extension"))
      file.complain_value("extension", "is missing: it names the extension", "[extension]");
    file.take_table("extension", [this](TomlTable& table) { read_extension(table); });
    file.take_table("command", [this](TomlTable& table) { read_command(table); });
    file.take_table("libraries", [this](TomlTable& table) {
      manifest_.provides = take_placed(table, "provides");
    });
    file.take_table("dependencies", [this](TomlTable& table) { read_dependencies(table); });
    file.take_table("permissions", [this](TomlTable& table) { read_permissions(table); });
    file.take_table("limits", [this](TomlTable& table) { read_limits(table); });
    file.finish();
    if (!problems_.empty()) return std::move(problems_);
    std::ranges::sort(manifest_.dependencies, {}, &ExtensionDependency::name);
    return std::move(manifest_);
  }

 private:
  void read_extension(TomlTable& table) {
    if (std::optional<std::string> name = table.take_text("name", Presence::Required)) {
      if (!is_extension_name(*name))
        table.complain_value("name",
                             fmt::format("is `{}`: {}", sanitize_text(*name), kExtensionNameRule),
                             "name = \"square\"");
      manifest_.name = *std::move(name);
    }
    if (const std::optional<std::string> text = table.take_text("version", Presence::Required)) {
      if (const auto version = parse_version(*text); !version)
        table.complain_value("version", fmt::format("is not a version: {}", version.error().reason),
                             "version = \"0.1.0\"");
      manifest_.version = *text;
    }
    manifest_.component = table.take_text("component").value_or("");
    if (!manifest_.component.empty() && !stays_inside(manifest_.component))
      table.complain_value("component",
                           fmt::format("is `{}`, which is not a path inside the folder",
                                       sanitize_text(manifest_.component)),
                           "component = \"square.wasm\"");
    read_tenon(table);
    manifest_.description = table.take_text("description").value_or("");
    manifest_.license = table.take_text("license").value_or("");
    manifest_.repository = table.take_text("repository").value_or("");
    manifest_.authors = take_plain(table, "authors");
  }

  void read_tenon(TomlTable& table) {
    const std::optional<VersionRange> range = take_range(table, "tenon", ">=0.1");
    const Result<Version, VersionError> own = parse_version(tenon_version_);
    if (range && own && !matches_range(*range, *own))
      table.complain_value("tenon", fmt::format("excludes this tenon, {}", tenon_version_),
                           fmt::format("tenon = \"{}\"", tenon_version_));
  }

  static std::optional<VersionRange> take_range(TomlTable& table, std::string_view key,
                                                std::string_view example) {
    const std::optional<std::string> text = table.take_text(key);
    if (!text) return std::nullopt;
    Result<VersionRange, VersionError> range = parse_version_range(*text);
    if (range) return *std::move(range);
    table.complain_value(key, fmt::format("is not a version range: {}", range.error().reason),
                         fmt::format("{} = \"{}\"", key, example));
    return std::nullopt;
  }

  void read_command(TomlTable& table) {
    ExtensionCommand command;
    if (std::optional<std::string> name = table.take_text("export"))
      command.exported = *std::move(name);
    for (auto& [alias, where] : table.take_texts("aliases")) {
      if (!is_extension_name(alias))
        table.complain_value("aliases",
                             fmt::format("has `{}`: {}", sanitize_text(alias), kExtensionNameRule),
                             "aliases = [\"sq\"]");
      command.aliases.push_back(std::move(alias));
    }
    manifest_.command = std::move(command);
  }

  static std::vector<std::string> take_plain(TomlTable& table, std::string_view key) {
    std::vector<std::string> texts;
    for (auto& [text, where] : table.take_texts(key)) texts.push_back(std::move(text));
    return texts;
  }

  static std::vector<PlacedText> take_placed(TomlTable& table, std::string_view key) {
    std::vector<PlacedText> texts;
    for (auto& [text, where] : table.take_texts(key)) texts.push_back({std::move(text), where});
    return texts;
  }

  void read_dependencies(TomlTable& table) {
    for (const std::string& key : table.keys()) {
      ExtensionDependency dependency;
      dependency.name = key;
      const bool is_interface = key.find(':') != key.npos;
      if (is_interface ? !is_interface_name(key) : !is_extension_name(key))
        table.complain_value(key, "is neither an extension nor an interface without version",
                             "\"acme:math/lib\" = \"^1.2\"");
      if (table.has_table(key))
        table.take_table(key, [&](TomlTable& inner) { read_dependency(inner, dependency); });
      else
        take_version(table, key, dependency);
      manifest_.dependencies.push_back(std::move(dependency));
    }
  }

  static void take_version(TomlTable& table, std::string_view key,
                           ExtensionDependency& dependency) {
    const std::optional<std::string> text = table.take_text(key);
    if (!text) return;
    if (const auto range = parse_version_range(*text); !range)
      return table.complain_value(key,
                                  fmt::format("is not a version range: {}", range.error().reason),
                                  fmt::format("\"{}\" = \"^1.2\"", key));
    dependency.range = *text;
  }

  static void read_dependency(TomlTable& table, ExtensionDependency& dependency) {
    take_version(table, "version", dependency);
    dependency.from = table.take_text("from").value_or("");
    const bool is_interface = dependency.name.find(':') != dependency.name.npos;
    if (!dependency.from.empty() && (!is_interface || !is_extension_name(dependency.from)))
      table.complain_value("from",
                           is_interface ? "must be the name of an extension"
                                        : "applies to interfaces, and this key names an extension",
                           "\"acme:math/lib\" = { version = \"^1\", from = \"multiply\" }");
    dependency.is_optional = table.take_flag("optional").value_or(false);
    dependency.is_lazy = table.take_flag("lazy").value_or(false);
    // Each extension always has a domain of its own.
    if (!table.take_flag("isolated").value_or(true))
      table.complain_value("isolated", "must be true: extensions are always isolated",
                           "isolated = true");
  }

  void read_permissions(TomlTable& table) {
    manifest_.wants.fs = take_plain(table, "fs");
    manifest_.wants.net = take_plain(table, "net");
    manifest_.wants.http = take_plain(table, "http");
    manifest_.wants.env = take_plain(table, "env");
    manifest_.wants.host = take_plain(table, "host");
    if (table.take_flag("exec").value_or(false))
      table.complain_value("exec", "must be false: a component cannot start programs",
                           "exec = false");
    for (const std::string& net : manifest_.wants.net)
      if (!Grants::check_network(net))
        table.complain_value(
            "net", fmt::format("has `{}`, which is not HOST or HOST:PORT", sanitize_text(net)),
            "net = [\"api.example.com:443\"]");
    for (const std::string& http : manifest_.wants.http)
      if (!Grants::check_http(http))
        table.complain_value(
            "http",
            fmt::format("has `{}`, which is not [SCHEME://]HOST[:PORT]", sanitize_text(http)),
            "http = [\"api.example.com\"]");
  }

  void read_limits(TomlTable& table) {
    if (const std::optional<std::string> text = table.take_text("memory")) {
      const Result<std::uint64_t> size = Limits::parse_size(*text);
      if (size) manifest_.limits.memory = *size;
      if (!size)
        table.complain_value("memory", "must be a number with a unit: B, KiB, MiB or GiB",
                             "memory = \"256MiB\"");
    }
    if (const std::optional<std::string> text = table.take_text("timeout")) {
      const Result<std::chrono::milliseconds> time = Limits::parse_duration(*text);
      if (time) manifest_.limits.call_timeout = *time;
      if (!time)
        table.complain_value("timeout", "must be a number with a unit: ms, s, m or h",
                             "timeout = \"30s\"");
    }
    manifest_.limits.fuel = take_count(table, "fuel");
    manifest_.limits.instances = take_count(table, "instances");
  }

  static std::optional<std::uint64_t> take_count(TomlTable& table, std::string_view key) {
    const std::optional<std::int64_t> number = table.take_number(key);
    if (number && *number < 0)
      table.complain_value(key, "must not be negative", fmt::format("{} = 16", key));
    if (!number || *number <= 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  }

  Manifest manifest_;
  std::string_view tenon_version_;
  Diagnostics problems_;
};

}  // namespace

bool is_extension_name(std::string_view name) {
  return name.size() <= kNameBytes && is_unit_name(name) && name != "program";
}

Result<Manifest> parse_extension_manifest(std::string_view text, const std::string& file,
                                          std::string_view tenon_version) {
  const Result<TomlDocument> root = parse_toml(text, file);
  if (!root) return root.error();
  return ManifestReader(file, tenon_version).read(*root);
}

}  // namespace tenon::extension
