#include "registry/wasm_pkg_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "registry/source.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

class ConfigReader final {
 public:
  ConfigReader(const std::string& file, const TomlDocument& root) : root_(root) {
    config_.file = file;
  }

  Result<WasmPkgConfig> read() {
    TomlTable file(config_.file, root_, problems_);
    config_.default_registry = take_registry(file, "default_registry");
    read_mappings(file, "namespace_registries", config_.namespaces);
    read_mappings(file, "package_registry_overrides", config_.packages);
    file.take_named_tables("registry", [this](const std::string& name, TomlTable& table) {
      read_registry(name, table);
    });
    file.finish();
    return sort_problems();
  }

 private:
  using Mappings = std::map<std::string, RegistryMapping, std::less<>>;

  // Unknown keys become notes, because wkg may know them.
  Result<WasmPkgConfig> sort_problems() {
    const auto unknown =
        std::stable_partition(problems_.begin(), problems_.end(), [](const Diagnostic& problem) {
          return problem.code != code_text(Code::ConfigUnknownKey);
        });
    for (auto note = unknown; note != problems_.end(); ++note) {
      note->severity = Severity::Note;
      note->hints.clear();
    }
    config_.notes.insert(config_.notes.end(), std::make_move_iterator(unknown),
                         std::make_move_iterator(problems_.end()));
    problems_.erase(unknown, problems_.end());
    if (!problems_.empty()) return std::move(problems_);
    return std::move(config_);
  }

  static std::optional<std::string> take_registry(TomlTable& table, std::string_view key) {
    std::optional<std::string> text = table.take_text(key);
    if (!text || parse_authority(*text, Scheme::Https)) return text;
    table.complain_value(key,
                         fmt::format("is `{}`; expected HOST or HOST:PORT", sanitize_text(*text)),
                         fmt::format("{} = \"registry.example\"", key));
    return std::nullopt;
  }

  void read_mappings(TomlTable& file, const std::string& key, Mappings& mappings) {
    file.take_table(key, [&](TomlTable& table) {
      const bool is_packages = &mappings == &config_.packages;
      for (const std::string& name : table.keys()) {
        if (is_packages ? !parse_package_name(name) : !is_label(name))
          table.complain_value(
              name, fmt::format("is not a valid {}", is_packages ? "package name" : "namespace"),
              is_packages ? "\"acme:math\" = \"registry.example\"" : "acme = \"registry.example\"");
        mappings.insert_or_assign(name, read_mapping(table, name));
      }
    });
  }

  static RegistryMapping read_mapping(TomlTable& table, const std::string& name) {
    RegistryMapping mapping;
    if (!table.has_table(name)) {
      mapping.registry = take_registry(table, name).value_or("");
      return mapping;
    }
    table.take_table(name, [&](TomlTable& custom) {
      mapping.registry = take_registry(custom, "registry").value_or("");
      if (mapping.registry.empty() && !custom.has("registry"))
        custom.complain_value("registry", "is missing", "registry = \"registry.example\"");
      custom.take_table("metadata",
                        [&](TomlTable& metadata) { mapping.metadata = read_metadata(metadata); });
    });
    return mapping;
  }

  static RegistryMetadata read_metadata(TomlTable& table) {
    RegistryMetadata metadata;
    metadata.preferred = table.take_text("preferredProtocol").value_or("");
    metadata.add_oci(table.take_text("ociRegistry"), table.take_text("ociNamespacePrefix"));
    for (const std::string protocol : {"oci", "local"})
      if (table.has_table(protocol)) metadata.protocols.push_back(protocol);
    table.take_table("oci", [&](TomlTable& oci) {
      metadata.add_oci(oci.take_text("registry"), oci.take_text("namespacePrefix"));
    });
    return metadata;
  }

  void read_registry(const std::string& name, TomlTable& table) {
    RegistryConfig registry;
    registry.where = table.where();
    registry.type = table.take_text("type").value_or("");
    if (registry.type.empty()) registry.type = table.take_text("default").value_or("");
    for (const std::string& key : table.keys())
      if (table.has_table(key)) registry.backends.push_back(key);
    table.take_table("local", [&](TomlTable& local) {
      registry.local_root = local.take_text("root", Presence::Required);
    });
    table.take_table("oci", [&](TomlTable& oci) { read_oci(oci, registry); });
    config_.registries.insert_or_assign(name, std::move(registry));
  }

  void read_oci(TomlTable& table, RegistryConfig& registry) {
    registry.auth = read_auth(table);
    if (const std::optional<std::string> protocol = table.take_text("protocol")) {
      if (*protocol != "http" && *protocol != "https")
        table.complain_value("protocol", "is neither `http` nor `https`", "protocol = \"https\"");
      registry.scheme = *protocol == "http" ? Scheme::Http : Scheme::Https;
    }
    if (table.take_flag("accept_invalid_certificates").value_or(false))
      note(table, "accept_invalid_certificates");
    if (table.has("extra_root_certificates")) note(table, "extra_root_certificates");
    table.take_rows("extra_root_certificates", [](TomlTable& row) {
      row.take_text("encoding");
      row.take_text("data");
    });
  }

  static std::optional<BasicCredentials> read_auth(TomlTable& table) {
    constexpr std::string_view kForm = "auth = { username = \"me\", password = \"...\" }";
    if (!table.has("auth")) return std::nullopt;
    if (!table.has_table("auth")) {
      std::optional<BasicCredentials> decoded = decode_basic(table.take_text("auth").value_or(""));
      if (!decoded) table.complain_value("auth", "is not `user:password` in base64", kForm);
      return decoded;
    }
    BasicCredentials credentials;
    table.take_table("auth", [&](TomlTable& auth) {
      credentials.user = auth.take_text("username", Presence::Required).value_or("");
      credentials.password = auth.take_text("password", Presence::Required).value_or("");
    });
    return credentials;
  }

  void note(const TomlTable& table, std::string_view key) {
    Diagnostic note = make_diagnostic(
        Code::ConfigUnknownKey,
        "`{}` is ignored: tenon uses the certificates that this machine trusts", key);
    note.severity = Severity::Note;
    note.where = table.where(key);
    config_.notes.push_back(std::move(note));
  }

  const TomlDocument& root_;
  WasmPkgConfig config_;
  Diagnostics problems_;
};

}  // namespace

void RegistryMetadata::add_oci(std::optional<std::string> registry,
                               std::optional<std::string> prefix) {
  if (!oci_registry) oci_registry = std::move(registry);
  if (oci_prefix.empty()) oci_prefix = std::move(prefix).value_or("");
}

std::string wasm_pkg_config_path(const Variables& variables) {
  constexpr std::string_view kFile = "wasm-pkg/config.toml";
  const auto config = variables.find("XDG_CONFIG_HOME");
  if (config != variables.end() && !config->second.empty()) return join_path(config->second, kFile);
  const auto home = variables.find("HOME");
  if (home == variables.end() || home->second.empty()) return {};
  return join_path(join_path(home->second, ".config"), kFile);
}

Result<WasmPkgConfig> parse_wasm_pkg_config(std::string_view text, const std::string& file) {
  TENON_TRY(const TomlDocument root, parse_toml(text, file));
  return ConfigReader(file, root).read();
}

Result<WasmPkgConfig> read_wasm_pkg_config(const Files& files, const std::string& file) {
  if (file.empty() || files.find_kind(file) == FileKind::Missing) {
    WasmPkgConfig config;
    config.file = file;
    return config;
  }
  TENON_TRY(const std::string text, read_text_file(files, file, NamedBy::File));
  return parse_wasm_pkg_config(text, file);
}

}  // namespace tenon::registry
