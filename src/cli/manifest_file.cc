#include "cli/manifest_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/input_output.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "tenon/builder.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

void add_key(std::string& table, std::string_view key, std::string_view text) {
  if (!text.empty()) table += fmt::format("{} = {}\n", key, quote_toml(text));
}

// The items of `--hide` or `--expose` that belong to a unit.
std::vector<std::string> items_of(const std::string& unit, const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts)
    if (text.starts_with(unit + ":")) items.push_back(text.substr(unit.size() + 1));
  return items;
}

// Whether `--isolate`, or `--isolate=A,B`, names a unit.
bool is_isolated(const std::string& unit, const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [&](const std::string& text) {
    return text == "*" || fmt::format(",{},", text).find(fmt::format(",{},", unit)) != text.npos;
  });
}

std::string render_wire(const Wire& wire) {
  std::string row = "\n[[wire]]\n";
  add_key(row, "consumer", wire.consumer);
  add_key(row, "import", wire.import);
  add_key(row, "provider", wire.provider);
  add_key(row, "export", wire.export_name);
  if (!wire.via.empty()) row += fmt::format("via = {}\n", quote_toml(wire.via));
  if (wire.optional) row += "optional = true\n";
  return row;
}

// UNIT:ITEM[=NAME]
std::string render_export(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t mark = std::min(text.find('=', colon), text.size());
  std::string row = "\n[[export]]\n";
  add_key(row, "unit", text.substr(0, colon));
  add_key(row, "item", text.substr(colon + 1, mark - colon - 1));
  add_key(row, "as", text.substr(std::min(mark + 1, text.size())));
  return row;
}

// A file beside the manifest, with its next text. It is removed in the end.
class NewManifest final {
 public:
  explicit NewManifest(std::string path)
      : path_(std::move(path)), temporary_(fmt::format("{}.{}.new", path_, ::getpid())) {}
  NewManifest(const NewManifest&) = delete;
  NewManifest& operator=(const NewManifest&) = delete;
  ~NewManifest() {
    std::error_code failed;
    fs::remove(temporary_, failed);
  }

  // Reads the text as a link would.
  Result<CompositionBuilder> read(std::string_view text) const {
    TENON_TRY_VOID(write_output(temporary_, text, Content::Text));
    CompositionBuilder builder;
    if (Result<void> read = builder.read_manifest(temporary_); !read)
      return rename_file(std::move(read).error());
    return builder;
  }
  // Problems of the temporary file, as those of the manifest.
  [[nodiscard]] Diagnostics rename_file(Diagnostics problems) const {
    for (Diagnostic& problem : problems)
      if (problem.where.file == temporary_) problem.where.file = path_;
    return problems;
  }

 private:
  std::string path_;
  std::string temporary_;
};

// Those problems that the manifest does not have as it is. One of the root does not count: other problems
// hide it.
Diagnostics list_new_problems(const std::string& path, const Diagnostics& problems) {
  CompositionBuilder builder;
  Diagnostics known;
  if (const Result<void> read = builder.read_manifest(path); !read)
    known = read.error();
  else if (const Result<Plan> plan = builder.plan(); !plan)
    known = plan.error();
  Diagnostics added;
  std::ranges::copy_if(problems, std::back_inserter(added), [&](const Diagnostic& problem) {
    return problem.code != "resolve-root" &&
           std::ranges::none_of(known, [&](const Diagnostic& other) {
             return other.code == problem.code && other.message == problem.message;
           });
  });
  return added;
}

// The first flag that has no row of its own in a manifest.
std::string_view find_unsaved(const LinkFlags& flags) {
  if (!flags.hides.empty()) return "--hide";
  if (!flags.exposes.empty()) return "--expose";
  if (!flags.isolated.empty()) return "--isolate";
  if (!flags.root.empty()) return "--root";
  if (!flags.bundles.empty()) return "--host-bundle";
  if (!flags.remotes.empty()) return "--connect";
  if (flags.export_all) return "--export-all";
  if (flags.allow_unresolved) return "--allow-unresolved";
  return {};
}

}  // namespace

Result<std::vector<ManifestUnit>> list_units(const std::vector<std::string>& arguments) {
  std::vector<ManifestUnit> units;
  Diagnostics problems;
  for (const std::string& argument : arguments) {
    CompositionBuilder builder;
    const Result<std::vector<std::string>> names = builder.add_argument(argument);
    if (!names) {
      problems.insert(problems.end(), names.error().begin(), names.error().end());
      continue;
    }
    for (std::size_t i = 0; i < names->size(); ++i) {
      const std::string& file = builder.files()[i];
      const Result<Inspection> inspection = inspect_file(file);
      if (inspection)
        units.push_back({(*names)[i], file, inspection->kind == Inspection::Kind::Package});
      else
        problems.insert(problems.end(), inspection.error().begin(), inspection.error().end());
    }
  }
  if (!problems.empty()) return problems;
  return units;
}

Result<std::vector<std::string>> list_unit_names(const std::string& path) {
  TENON_TRY(const std::string text, read_input(path));
  TENON_TRY(const TomlDocument document, parse_toml(text, path));
  std::vector<std::string> names;
  Diagnostics problems;  // those of values are reported when the manifest is read
  TomlTable file(path, document, problems);
  for (const std::string_view kind : {"components", "packages", "hosts", "remotes"})
    file.take_named_tables(kind,
                           [&](const std::string& name, TomlTable&) { names.push_back(name); });
  return names;
}

std::string render_units(const std::vector<ManifestUnit>& units, const LinkFlags& flags,
                         const std::string& folder) {
  std::string text;
  for (const ManifestUnit& unit : units) {
    std::error_code failed;
    fs::path path = unit.path;
    if (path.is_relative() && !folder.empty() && folder != ".")
      path = fs::proximate(path, folder, failed);
    text += fmt::format("\n[{}.{}]\n", unit.is_package ? "packages" : "components", unit.name);
    add_key(text, "path", path.lexically_normal().string());
    if (!unit.is_package && is_isolated(unit.name, flags.isolated)) text += "isolated = true\n";
    if (const auto items = items_of(unit.name, flags.exposes); !items.empty())
      text += fmt::format("expose = {}\n", quote_toml(items));
    if (const auto items = items_of(unit.name, flags.hides); !items.empty())
      text += fmt::format("hide = {}\n", quote_toml(items));
  }
  return text;
}

std::vector<std::pair<std::string_view, std::string>> list_unit_flags(const LinkFlags& flags) {
  std::vector<std::pair<std::string_view, std::string>> named;
  for (std::string_view text : flags.isolated)
    while (text != "*" && !text.empty()) {
      const std::size_t comma = std::min(text.find(','), text.size());
      named.emplace_back("--isolate", text.substr(0, comma));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
  for (const std::string& text : flags.hides)
    named.emplace_back("--hide", text.substr(0, text.find(':')));
  for (const std::string& text : flags.exposes)
    named.emplace_back("--expose", text.substr(0, text.find(':')));
  return named;
}

std::string render_choices(const LinkFlags& flags) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& texts,
                       Result<Wire> (*parse)(std::string_view)) {
    for (const std::string& each : texts)
      if (const Result<Wire> wire = parse(each)) text += render_wire(*wire);
  };
  add(flags.wires, parse_wire);
  add(flags.vias, parse_via);
  add(flags.optional, parse_optional);
  for (const std::string& each : flags.exports) text += render_export(each);
  return text;
}

Result<void> write_manifest(const std::string& path, std::string_view text) {
  TENON_TRY(const CompositionBuilder builder, NewManifest(path).read(text));
  return write_output(path, text, Content::Text);
}

Result<void> check_choices(const LinkFlags& flags) {
  if (const std::string_view flag = find_unsaved(flags); !flag.empty())
    return make_usage_problem(fmt::format("`--save` does not write `{}` to a tenon.toml", flag),
                              {"it writes `--wire`, `--via`, `--optional` and `--export`; "
                               "`tenon help manifest` has the keys of the others"});
  if (flags.wires.empty() && flags.vias.empty() && flags.optional.empty() && flags.exports.empty())
    return make_usage_problem("`--save` needs a choice to write",
                              {"`--wire`, `--via`, `--optional` or `--export`"});
  return {};
}

Result<void> save_choices(const std::string& path, const LinkFlags& flags) {
  TENON_TRY(std::string text, read_input(path));
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += render_choices(flags);
  const NewManifest file(path);
  TENON_TRY(CompositionBuilder builder, file.read(text));
  if (const Result<Plan> plan = builder.plan(); !plan) {
    const Diagnostics caused = list_new_problems(path, file.rename_file(plan.error()));
    if (!caused.empty()) return caused;
  }
  return write_output(path, text, Content::Text);
}

}  // namespace tenon::cli
