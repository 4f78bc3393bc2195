#include "cli/render_hosts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "render/json.h"
#include "render/style.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

std::string_view describe_threading(std::string_view threading) {
  if (threading == "any") return "any number of calls at a time";
  return threading == "instance" ? "one call at a time per instance"
                                 : "one call at a time per library";
}

std::string describe_function(const HostBundleFunction& function) {
  std::string text = sanitize_text(function.type);
  if (function.may_block) text += "  (may block)";
  if (function.is_pure) text += "  (pure)";
  return text;
}

std::string describe_default(const HostBundleKey& key) {
  if (key.is_required) return "required";
  if (!key.default_value) return "";
  return fmt::format("default {}",
                     key.default_value->empty() ? "\"\"" : sanitize_text(*key.default_value));
}

std::string title_of(const HostBundle& bundle) {
  return sanitize_text(bundle.name) + (bundle.version.empty() ? "" : " " + bundle.version);
}

}  // namespace

std::string render_host_places(const std::vector<HostPlace>& places, ShowShadowed shadowed,
                               const Style& style) {
  std::vector<Row> rows;
  for (const HostPlace& place : places) {
    if (!place.shadowed_by.empty() && shadowed == ShowShadowed::No) continue;
    std::string last = sanitize_text(place.description);
    if (!place.problems.empty())
      last = style.paint(Ink::Error, "error: ") + sanitize_text(place.problems.front().message);
    else if (!place.shadowed_by.empty())
      last = fmt::format("shadowed by {}", sanitize_text(place.shadowed_by));
    rows.push_back({sanitize_text(place.name), place.version.empty() ? "-" : place.version,
                    sanitize_text(place.bundle), sanitize_text(place.source), std::move(last)});
  }
  return rows.empty() ? "no host bundles found; `tenon help host-bundles` says in which folders "
                        "they are looked for\n"
                      : render_rows(rows, "");
}

std::string render_host_places_json(const std::vector<HostPlace>& places) {
  JsonValue rows = JsonValue::array();
  for (const HostPlace& place : places) {
    JsonValue problems = JsonValue::array();
    for (const Diagnostic& problem : place.problems)
      problems.push_back(make_diagnostic_json(problem));
    rows.push_back({{"name", place.name},
                    {"version", text_or_null(place.version)},
                    {"bundle", place.bundle},
                    {"source", place.source},
                    {"shadowed_by", text_or_null(place.shadowed_by)},
                    {"description", text_or_null(place.description)},
                    {"problems", std::move(problems)}});
  }
  return dump_json({{"schema", 1}, {"hosts", std::move(rows)}});
}

std::string render_host_bundle(const HostBundle& bundle, const Style& style) {
  std::string text = fmt::format("{}: host bundle, native code outside of the sandbox\n",
                                 style.paint(Ink::Name, title_of(bundle)));
  std::vector<Row> facts;
  const auto add = [&facts](std::string_view name, const std::string& value) {
    if (!value.empty()) facts.push_back({std::string(name), sanitize_text(value)});
  };
  add("about", bundle.description);
  add("license", bundle.license);
  add("file", bundle.file);
  add("wit", bundle.wit);
  add("library", bundle.library.empty() ? fmt::format("none for this machine; available for {}",
                                                      fmt::join(bundle.platforms, ", "))
                                        : bundle.library);
  add("sha256", bundle.digest);
  add("abi", bundle.abi);
  if (!bundle.threading.empty()) add("threads", std::string(describe_threading(bundle.threading)));
  text += render_rows(facts, "  ");
  std::vector<Row> rows;
  for (const std::string& name : bundle.exports) rows.push_back({sanitize_text(name)});
  add_section(text, "exports", rows);
  rows.clear();
  for (const HostBundleFunction& function : bundle.functions)
    rows.push_back({sanitize_text(function.name), describe_function(function)});
  add_section(text, "functions", rows);
  rows.clear();
  for (const HostBundleKey& key : bundle.config)
    rows.push_back(
        {sanitize_text(key.name), key.type, describe_default(key), sanitize_text(key.help)});
  add_section(text, "config", rows);
  rows.clear();
  for (const std::string& name : bundle.env) rows.push_back({sanitize_text(name)});
  add_section(text, "environment", rows);
  return text;
}

JsonValue make_host_bundle_json(const HostBundle& bundle) {
  JsonValue functions = JsonValue::array();
  const bool is_checked = !bundle.abi.empty();
  for (const HostBundleFunction& function : bundle.functions) {
    JsonValue row = {{"name", function.name}, {"type", function.type}};
    if (is_checked) {
      row["may_block"] = function.may_block;
      row["pure"] = function.is_pure;
    }
    functions.push_back(std::move(row));
  }
  JsonValue config = JsonValue::array();
  for (const HostBundleKey& key : bundle.config)
    config.push_back({{"name", key.name},
                      {"type", key.type},
                      {"default", key.default_value ? JsonValue(*key.default_value) : JsonValue()},
                      {"required", key.is_required},
                      {"help", text_or_null(key.help)}});
  return {{"schema", 1},
          {"name", bundle.name},
          {"version", text_or_null(bundle.version)},
          {"description", text_or_null(bundle.description)},
          {"license", text_or_null(bundle.license)},
          {"file", bundle.file},
          {"wit", bundle.wit},
          {"library", text_or_null(bundle.library)},
          {"platforms", bundle.platforms},
          {"sha256", text_or_null(bundle.digest)},
          {"abi", text_or_null(bundle.abi)},
          {"threading", text_or_null(bundle.threading)},
          {"exports", bundle.exports},
          {"functions", std::move(functions)},
          {"resources", bundle.resources},
          {"config", std::move(config)},
          {"env", bundle.env}};
}

std::string render_host_package(const HostPackage& package) {
  std::vector<Row> rows;
  for (const HostPackageFile& file : package.files)
    rows.push_back({sanitize_text(file.path), pluralize(file.content.size(), "byte"), file.digest});
  std::string text = fmt::format("{}\n{}", title_of(package.bundle), render_rows(rows, "  "));
  if (!package.left_out.empty())
    text += fmt::format("not packed (see `--add`): {}\n",
                        sanitize_text(fmt::format("{}", fmt::join(package.left_out, ", "))));
  return text;
}

std::string render_host_package_json(const HostPackage& package) {
  JsonValue files = JsonValue::array();
  for (const HostPackageFile& file : package.files)
    files.push_back({{"path", file.path}, {"bytes", file.content.size()}, {"sha256", file.digest}});
  return dump_json({{"schema", 1},
                    {"bundle", make_host_bundle_json(package.bundle)},
                    {"files", std::move(files)},
                    {"left_out", package.left_out}});
}

std::string render_host_verdict(const HostBundle& bundle) {
  return fmt::format(
      "{}: ok; {}, {}, {}\n", title_of(bundle), pluralize(bundle.functions.size(), "function"),
      pluralize(bundle.resources.size(), "resource"), describe_threading(bundle.threading));
}

}  // namespace tenon::cli
