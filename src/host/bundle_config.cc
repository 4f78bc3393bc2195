// The configuration of host bundles.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "host/bundle_unit.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

template <class T>
bool is_number(std::string_view text) {
  T number = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_value(ConfigKind kind, const std::string& text) {
  switch (kind) {
    case ConfigKind::Text:
    case ConfigKind::Path:
      return text.find('\0') == std::string::npos;
    case ConfigKind::Integer:
      return is_number<std::int64_t>(text);
    case ConfigKind::Float:
      return is_number<double>(text);
    case ConfigKind::Flag:
      return text == "true" || text == "false";
  }
  return false;
}

std::string list_keys(const Manifest& manifest) {
  std::string text;
  for (const ConfigKey& key : manifest.config)
    text += fmt::format("{}`{}` ({})", text.empty() ? "" : ", ", key.name, kind_name(key.kind));
  return text.empty() ? "none" : text;
}

// A value. A path is relative to `folder`.
struct ConfigText {
  std::string text;
  std::string folder;
  Location where;
};

class ConfigMaker final {
 public:
  ConfigMaker(const BundleRequest& request, const Manifest& manifest)
      : request_(request), manifest_(manifest) {}

  Result<tenon_config> make(const std::map<std::string, ConfigText>& values) {
    for (const auto& [name, value] : values) take(name, value);
    for (const ConfigKey& key : manifest_.config)
      if (!values.contains(key.name)) take_default(key);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(config_);
  }

 private:
  Diagnostic& complain(const Location& where, std::string_view key, const std::string& message) {
    Diagnostic problem = make_diagnostic(Code::HostConfig, "{}", message);
    problem.where = where;
    if (where.file.empty() && request_.where) problem.where = *request_.where;
    problem.where.unit = request_.name;
    problem.where.item = std::string(key);
    return problems_.emplace_back(std::move(problem));
  }

  void take(const std::string& name, const ConfigText& value) {
    const auto key = std::ranges::find(manifest_.config, name, &ConfigKey::name);
    if (key == manifest_.config.end() && manifest_.takes_any_config) {
      config_.values.emplace(name, value.text);
    } else if (key == manifest_.config.end()) {
      Diagnostic& problem = complain(
          value.where, name,
          fmt::format("`{}` has no configuration key `{}`", request_.name, sanitize_text(name)));
      std::vector<std::string> names;
      for (const ConfigKey& known : manifest_.config) names.push_back(known.name);
      problem.notes.push_back({fmt::format("known keys: {}", list_keys(manifest_)), {}, {}});
      problem.hints.push_back(suggest_name(name, std::move(names), "keys"));
    } else if (!is_value(key->kind, value.text)) {
      complain(value.where, name,
               fmt::format("expected a value of type {2} for the key `{0}` of `{1}`, found `{3}`",
                           name, request_.name, kind_name(key->kind), sanitize_text(value.text)))
          .hints.push_back(fmt::format("write it like `{} = {}`", name, example_of(key->kind)));
    } else {
      add(*key, value.text, value.folder);
    }
  }

  void take_default(const ConfigKey& key) {
    if (key.default_value) {
      add(key, *key.default_value, manifest_.folder);
    } else if (key.is_required) {
      Diagnostic& problem = complain(
          {}, key.name,
          fmt::format("`{}` requires the configuration key `{}`", request_.name, key.name));
      if (!key.help.empty())
        problem.notes.push_back(
            {fmt::format("`{}`: {}", key.name, sanitize_text(key.help)), {}, {}});
      problem.hints.push_back(
          fmt::format("set it, for example `{} = {}`", key.name, example_of(key.kind)));
    }
  }

  void add(const ConfigKey& key, const std::string& text, const std::string& folder) {
    const bool is_path = key.kind == ConfigKind::Path && !text.empty();
    config_.values.emplace(key.name, is_path ? join_path(folder, text) : text);
  }

  const BundleRequest& request_;
  const Manifest& manifest_;
  tenon_config config_;
  Diagnostics problems_;
};

}  // namespace

Result<tenon_config> make_bundle_config(const BundleRequest& request, const HostSettings& settings,
                                        const Manifest& manifest) {
  std::map<std::string, ConfigText> values;
  if (request.entry != nullptr)
    for (const TomlScalar& scalar : request.entry->config)
      values.insert_or_assign(scalar.name,
                              ConfigText{scalar.text, request.entry->folder, scalar.where});
  const auto set = settings.config.find(request.name);
  if (set != settings.config.end())
    for (const auto& [name, text] : set->second)
      values.insert_or_assign(name, ConfigText{text, {}, {}});
  return ConfigMaker(request, manifest).make(values);
}

Diagnostics check_host_config(const HostSettings& settings,
                              const std::vector<std::string>& bundles) {
  Diagnostics problems;
  std::vector<std::string> hosts = bundles;
  for (const auto& offer : settings.offers) hosts.push_back(offer->name);
  const auto check = [&](const std::string& name, const std::string& item, std::string message) {
    if (std::ranges::find(hosts, name) != hosts.end()) return;
    Diagnostic problem = make_diagnostic(Code::HostConfig, "{}", message);
    problem.where.item = item;
    if (hosts.empty())
      problem.hints.emplace_back("add the bundle",
                                 HintWays{.program = "`add_host_bundle`",
                                          .command = "--host-bundle DIR",
                                          .manifest = {"[hosts.NAME]", "bundle = \"DIR\""}});
    else
      problem.hints.push_back(suggest_name(name, hosts, "host bundles"));
    problems.push_back(std::move(problem));
  };
  for (const auto& [name, config] : settings.config) {
    const std::string item = fmt::format("{}.{}", name, config.begin()->first);
    check(name, item,
          fmt::format("`{}` configures the host bundle `{}`, which does not exist",
                      sanitize_text(item), sanitize_text(name)));
  }
  for (const auto& [name, process] : settings.processes)
    check(
        name, name,
        fmt::format("the host bundle `{}`, which is to run in a process of its own, does not exist",
                    sanitize_text(name)));
  return problems;
}

}  // namespace tenon::host
