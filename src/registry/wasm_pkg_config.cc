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
    made_.file = file;
  }

  Result<WasmPkgConfig> read() {
    TomlTable file(made_.file, root_, problems_);
    made_.default_registry = take_registry(file, "default_registry");
    read_mappings(file, "namespace_registries", made_.namespaces);
    read_mappings(file, "package_registry_overrides", made_.packages);
    file.take_named_tables("registry", [this](const std::string& name, TomlTable& table) {
      read_registry(name, table);
    });
    file.finish();
    return sort_problems();
  }

 private:
  using Mappings = std::map<std::string, RegistryMapping, std::less<>>;

  // What is unknown to us may be known to wkg: a note.
  Result<WasmPkgConfig> sort_problems() {
    const auto unknown =
        std::stable_partition(problems_.begin(), problems_.end(), [](const Diagnostic& problem) {
          return problem.code != code_text(Code::ConfigUnknownKey);
        });
    for (auto note = unknown; note != problems_.end(); ++note) {
      note->severity = Severity::Note;
      note->hints.clear();
    }
    made_.notes.insert(made_.notes.end(), std::make_move_iterator(unknown),
                       std::make_move_iterator(problems_.end()));
    problems_.erase(unknown, problems_.end());
    if (!problems_.empty()) return std::move(problems_);
    return std::move(made_);
  }

  static std::optional<std::string> take_registry(TomlTable& table, std::string_view key) {
    std::optional<std::string> text = table.take_text(key);
    if (!text || parse_authority(*text, Scheme::Https)) return text;
    table.complain_value(
        key, fmt::format("is `{}`, which is no HOST or HOST:PORT", sanitize_text(*text)),
        fmt::format("{} = \"registry.example\"", key));
    return std::nullopt;
  }

  void read_mappings(TomlTable& file, const std::string& key, Mappings& mappings) {
    file.take_table(key, [&](TomlTable& table) {
      const bool is_packages = &mappings == &made_.packages;
      for (const std::string& name : table.keys()) {
        if (is_packages ? !parse_package_name(name) : !is_label(name))
          table.complain_value(
              name, fmt::format("is no {}", is_packages ? "package" : "namespace"),
              is_packages ? "\"acme:math\" = \"registry.example\"" : "acme = \"registry.example\"");
        mappings.insert_or_assign(name, read_mapping(table, name));
      }
    });
  }

  static RegistryMapping read_mapping(TomlTable& table, const std::string& name) {
    RegistryMapping made;
    if (!table.has_table(name)) {
      made.registry = take_registry(table, name).value_or("");
      return made;
    }
    table.take_table(name, [&](TomlTable& custom) {
      made.registry = take_registry(custom, "registry").value_or("");
      if (made.registry.empty() && !custom.has("registry"))
        custom.complain_value("registry", "is missing", "registry = \"registry.example\"");
      custom.take_table("metadata",
                        [&](TomlTable& metadata) { made.metadata = read_metadata(metadata); });
    });
    return made;
  }

  static RegistryMetadata read_metadata(TomlTable& table) {
    RegistryMetadata made;
    made.preferred = table.take_text("preferredProtocol").value_or("");
    // Older names.
    made.oci_registry = table.take_text("ociRegistry");
    made.oci_prefix = table.take_text("ociNamespacePrefix").value_or("");
    for (const std::string protocol : {"oci", "local"})
      if (table.has_table(protocol)) made.protocols.push_back(protocol);
    table.take_table("oci", [&](TomlTable& oci) {
      if (auto registry = oci.take_text("registry")) made.oci_registry = std::move(registry);
      made.oci_prefix = oci.take_text("namespacePrefix").value_or(made.oci_prefix);
    });
    return made;
  }

  void read_registry(const std::string& name, TomlTable& table) {
    RegistryConfig made;
    made.where = table.where();
    made.type = table.take_text("type").value_or("");
    if (made.type.empty()) made.type = table.take_text("default").value_or("");
    for (const std::string& key : table.keys())
      if (table.has_table(key)) made.backends.push_back(key);
    table.take_table("local", [&](TomlTable& local) {
      made.local_root = local.take_text("root", Presence::Required);
    });
    table.take_table("oci", [&](TomlTable& oci) { read_oci(oci, made); });
    made_.registries.insert_or_assign(name, std::move(made));
  }

  void read_oci(TomlTable& table, RegistryConfig& made) {
    made.auth = read_auth(table);
    if (const std::optional<std::string> protocol = table.take_text("protocol")) {
      if (*protocol != "http" && *protocol != "https")
        table.complain_value("protocol", "is neither `http` nor `https`", "protocol = \"https\"");
      made.scheme = *protocol == "http" ? Scheme::Http : Scheme::Https;
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
      std::optional<BasicCredentials> made = decode_basic(table.take_text("auth").value_or(""));
      if (!made) table.complain_value("auth", "is no base64 of `user:password`", kForm);
      return made;
    }
    BasicCredentials made;
    table.take_table("auth", [&](TomlTable& auth) {
      made.user = auth.take_text("username", Presence::Required).value_or("");
      made.password = auth.take_text("password", Presence::Required).value_or("");
    });
    return made;
  }

  void note(const TomlTable& table, std::string_view key) {
    Diagnostic made = make_diagnostic(
        Code::ConfigUnknownKey,
        "`{}` counts for nothing: tenon takes the certificates that this machine trusts", key);
    made.severity = Severity::Note;
    made.where = table.where(key);
    made_.notes.push_back(std::move(made));
  }

  const TomlDocument& root_;
  WasmPkgConfig made_;
  Diagnostics problems_;
};

}  // namespace

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
    WasmPkgConfig nothing;
    nothing.file = file;
    return nothing;
  }
  TENON_TRY(const std::string text, read_text_file(files, file, NamedBy::File));
  return parse_wasm_pkg_config(text, file);
}

}  // namespace tenon::registry
