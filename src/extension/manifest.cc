#include "extension/manifest.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "support/diagnostics.h"
#include "support/semver.h"
#include "support/stays_inside.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/unit_name.h"
#include "support/version_range.h"
#include "tenon/composition.h"

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
    made_.file = file;
  }

  Result<Manifest> read(const TomlDocument& root) {
    TomlTable file(made_.file, root, problems_);
    const std::optional<std::int64_t> schema = file.take_number("schema");
    if (schema.value_or(1) != 1)
      file.complain_value("schema", "must be 1, which is all that this tenon knows", "schema = 1");
    if (!file.has_table("extension"))
      file.complain_value("extension", "is missing: it is what the file is about", "[extension]");
    file.take_table("extension", [this](TomlTable& table) { read_extension(table); });
    file.take_table("command", [this](TomlTable& table) { read_command(table); });
    file.take_table("libraries",
                    [this](TomlTable& table) { made_.provides = take_placed(table, "provides"); });
    file.take_table("dependencies", [this](TomlTable& table) { read_dependencies(table); });
    file.take_table("permissions", [this](TomlTable& table) { read_permissions(table); });
    file.take_table("limits", [this](TomlTable& table) { read_limits(table); });
    file.finish();
    if (!problems_.empty()) return std::move(problems_);
    std::ranges::sort(made_.dependencies, {}, &ExtensionDependency::name);
    return std::move(made_);
  }

 private:
  void read_extension(TomlTable& table) {
    if (std::optional<std::string> name = table.take_text("name", Presence::Required)) {
      if (!is_extension_name(*name))
        table.complain_value("name",
                             fmt::format("is `{}`: {}", sanitize_text(*name), kExtensionNameRule),
                             "name = \"square\"");
      made_.name = *std::move(name);
    }
    if (const std::optional<std::string> text = table.take_text("version", Presence::Required)) {
      if (const auto version = parse_version(*text); !version)
        table.complain_value("version", fmt::format("is no version: {}", version.error().reason),
                             "version = \"0.1.0\"");
      made_.version = *text;
    }
    made_.component = table.take_text("component").value_or("");
    if (!made_.component.empty() && !stays_inside(made_.component))
      table.complain_value("component",
                           fmt::format("is `{}`, which is no path within the folder",
                                       sanitize_text(made_.component)),
                           "component = \"square.wasm\"");
    read_tenon(table);
    made_.description = table.take_text("description").value_or("");
    made_.license = table.take_text("license").value_or("");
    made_.repository = table.take_text("repository").value_or("");
    made_.authors = take_plain(table, "authors");
  }

  void read_tenon(TomlTable& table) {
    const std::optional<VersionRange> wanted = take_range(table, "tenon", ">=0.1");
    const Result<Version, VersionError> own = parse_version(tenon_version_);
    if (wanted && own && !matches_range(*wanted, *own))
      table.complain_value("tenon", fmt::format("leaves out this tenon, {}", tenon_version_),
                           fmt::format("tenon = \"{}\"", tenon_version_));
  }

  static std::optional<VersionRange> take_range(TomlTable& table, std::string_view key,
                                                std::string_view example) {
    const std::optional<std::string> text = table.take_text(key);
    if (!text) return std::nullopt;
    Result<VersionRange, VersionError> range = parse_version_range(*text);
    if (range) return *std::move(range);
    table.complain_value(key, fmt::format("is no range of versions: {}", range.error().reason),
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
    made_.command = std::move(command);
  }

  static std::vector<std::string> take_plain(TomlTable& table, std::string_view key) {
    std::vector<std::string> made;
    for (auto& [text, where] : table.take_texts(key)) made.push_back(std::move(text));
    return made;
  }

  static std::vector<PlacedText> take_placed(TomlTable& table, std::string_view key) {
    std::vector<PlacedText> made;
    for (auto& [text, where] : table.take_texts(key)) made.push_back({std::move(text), where});
    return made;
  }

  void read_dependencies(TomlTable& table) {
    for (const std::string& key : table.keys()) {
      ExtensionDependency wanted;
      wanted.name = key;
      const bool is_interface = key.find(':') != key.npos;
      if (is_interface ? !is_interface_name(key) : !is_extension_name(key))
        table.complain_value(key,
                             "is neither an extension nor an interface; its version is the value",
                             "\"acme:math/lib\" = \"^1.2\"");
      if (table.has_table(key))
        table.take_table(key, [&](TomlTable& inner) { read_dependency(inner, wanted); });
      else
        take_version(table, key, wanted);
      made_.dependencies.push_back(std::move(wanted));
    }
  }

  static void take_version(TomlTable& table, std::string_view key, ExtensionDependency& wanted) {
    const std::optional<std::string> text = table.take_text(key);
    if (!text) return;
    if (const auto range = parse_version_range(*text); !range)
      return table.complain_value(key,
                                  fmt::format("is no range of versions: {}", range.error().reason),
                                  fmt::format("\"{}\" = \"^1.2\"", key));
    wanted.range = *text;
  }

  static void read_dependency(TomlTable& table, ExtensionDependency& wanted) {
    take_version(table, "version", wanted);
    wanted.from = table.take_text("from").value_or("");
    const bool is_interface = wanted.name.find(':') != wanted.name.npos;
    if (!wanted.from.empty() && (!is_interface || !is_extension_name(wanted.from)))
      table.complain_value("from",
                           is_interface ? "must be the name of an extension"
                                        : "is of interfaces: this is an extension by itself",
                           "\"acme:math/lib\" = { version = \"^1\", from = \"multiply\" }");
    wanted.is_optional = table.take_flag("optional").value_or(false);
    wanted.is_lazy = table.take_flag("lazy").value_or(false);
    // Each extension has a domain of its own as it is.
    if (!table.take_flag("isolated").value_or(true))
      table.complain_value("isolated", "must be true, as it is for all", "isolated = true");
  }

  void read_permissions(TomlTable& table) {
    made_.wants.fs = take_plain(table, "fs");
    made_.wants.net = take_plain(table, "net");
    made_.wants.env = take_plain(table, "env");
    made_.wants.host = take_plain(table, "host");
    if (table.take_flag("exec").value_or(false))
      table.complain_value("exec", "must be false: a component starts no programs", "exec = false");
    for (const std::string& net : made_.wants.net)
      if (!Grants::check_network(net))
        table.complain_value(
            "net", fmt::format("has `{}`, which is no place in a network", sanitize_text(net)),
            "net = [\"api.example.com:443\"]");
  }

  void read_limits(TomlTable& table) {
    if (const std::optional<std::string> text = table.take_text("memory")) {
      const Result<std::uint64_t> size = Limits::parse_size(*text);
      if (size) made_.limits.memory = *size;
      if (!size)
        table.complain_value("memory", "must be a number of B, KiB, MiB or GiB",
                             "memory = \"256MiB\"");
    }
    if (const std::optional<std::string> text = table.take_text("timeout")) {
      const Result<std::chrono::milliseconds> time = Limits::parse_duration(*text);
      if (time) made_.limits.call_timeout = *time;
      if (!time)
        table.complain_value("timeout", "must be a number of ms, s, m or h", "timeout = \"30s\"");
    }
    made_.limits.fuel = take_count(table, "fuel");
    made_.limits.instances = take_count(table, "instances");
  }

  static std::optional<std::uint64_t> take_count(TomlTable& table, std::string_view key) {
    const std::optional<std::int64_t> number = table.take_number(key);
    if (number && *number < 0)
      table.complain_value(key, "must not be negative", fmt::format("{} = 16", key));
    if (!number || *number <= 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  }

  Manifest made_;
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
