#include "link/lock_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "host/hosts_file.h"
#include "host/library.h"
#include "link/plan_link.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "tenon/plan.h"

namespace tenon::link {

namespace {

// `path` relative to `folder`, if it is inside of it.
std::string relative_to(const std::string& folder, const std::string& path) {
  namespace fs = std::filesystem;
  if (path.empty()) return path;
  // Paths from a manifest begin with its folder as the user wrote it.
  if (!folder.empty() && path.starts_with(folder + "/"))
    return fs::path(path.substr(folder.size() + 1)).lexically_normal().generic_string();
  const fs::path base(folder.empty() ? "." : folder);
  if (fs::path(path).is_relative() && base.is_relative())
    return fs::path(path).lexically_proximate(base).generic_string();
  std::error_code failed;
  const fs::path below = fs::absolute(path, failed).lexically_relative(fs::absolute(base, failed));
  return failed || below.empty() || *below.begin() == ".." ? path : below.generic_string();
}

class LockReader final {
 public:
  explicit LockReader(const std::string& file) { lock_.file = file; }

  Result<LockFile> read(const TomlDocument& root) {
    TomlTable file(lock_.file, root, problems_);
    const std::optional<std::int64_t> schema = file.take_number("schema");
    if (schema != 1)
      file.complain_value("schema", "must be 1, which this version of tenon reads", "schema = 1");
    file.take_rows("unit", [this](TomlTable& table) {
      LockedUnit unit;
      unit.where = table.where();
      unit.name = table.take_text("name", Presence::Required).value_or("");
      unit.kind = table.take_text("kind", Presence::Required).value_or("");
      unit.source = table.take_text("source").value_or("");
      unit.version = table.take_text("version").value_or("");
      unit.sha256 = host::take_digest(table).value_or("");
      unit.needed = host::take_needed_digests(table);
      lock_.units.push_back(std::move(unit));
    });
    file.take_rows("edge", [this](TomlTable& table) {
      const auto take = [&table](std::string_view key) {
        return table.take_text(key, Presence::Required).value_or("");
      };
      lock_.edges.push_back(
          {take("consumer"), take("import"), take("provider"), take("export"), take("kind")});
    });
    file.finish();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(lock_);
  }

 private:
  LockFile lock_;
  Diagnostics problems_;
};

auto key_of(const LockedUnit& unit) { return std::tie(unit.name); }
auto key_of(const LockedEdge& edge) { return std::tie(edge.consumer, edge.import); }

std::string show(const LockedUnit& unit) { return fmt::format("`{}`", sanitize_text(unit.name)); }
std::string show(const LockedEdge& edge) {
  return fmt::format("`{}` of `{}`", sanitize_text(edge.import), sanitize_text(edge.consumer));
}

std::string show(const std::string& value) {
  return value.empty() ? "(none)" : fmt::format("`{}`", sanitize_text(value));
}

// An inline table of TOML; empty if no library is needed.
std::string print_needed(const LockedUnit& unit) {
  std::string rows;
  for (const auto& [library, digest] : unit.needed)
    rows +=
        fmt::format("{}{} = {}", rows.empty() ? "" : ", ", quote_toml(library), quote_toml(digest));
  return rows.empty() ? rows : fmt::format("{{ {} }}", rows);
}

using Fact = std::pair<std::string_view, std::string>;

std::vector<Fact> facts_of(const LockedUnit& unit) {
  return {{"kind", unit.kind},
          {"source", unit.source},
          {"version", unit.version},
          {"sha256", unit.sha256},
          {"needed", print_needed(unit)}};
}

std::vector<Fact> facts_of(const LockedEdge& edge) {
  return {{"provider", edge.provider}, {"export", edge.export_name}, {"kind", edge.kind}};
}

// Adds a line for each difference.
template <class T>
void compare(const std::vector<T>& locked, const std::vector<T>& actual, std::string_view what,
             std::vector<Note>& notes) {
  const auto find = [](const std::vector<T>& all, const T& item) {
    return std::ranges::find_if(all, [&](const T& other) { return key_of(other) == key_of(item); });
  };
  for (const T& item : locked) {
    const auto same = find(actual, item);
    if (same == actual.end()) {
      notes.push_back(
          {fmt::format("the {} {} is locked, but no longer in the plan", what, show(item)),
           {},
           {}});
      continue;
    }
    const std::vector<Fact> locked_facts = facts_of(item);
    const std::vector<Fact> actual_facts = facts_of(*same);
    for (std::size_t i = 0; i < locked_facts.size(); ++i)
      if (locked_facts[i].second != actual_facts[i].second)
        notes.push_back({fmt::format("the {} {} has the {} {}, but {} is locked", what, show(item),
                                     locked_facts[i].first, show(actual_facts[i].second),
                                     show(locked_facts[i].second)),
                         {},
                         {}});
  }
  for (const T& item : actual)
    if (find(locked, item) == locked.end())
      notes.push_back(
          {fmt::format("the {} {} is in the plan, but not locked", what, show(item)), {}, {}});
}

}  // namespace

const LockedUnit* LockFile::find_unit(std::string_view name) const {
  const auto unit = std::ranges::find(units, name, &LockedUnit::name);
  return unit == units.end() ? nullptr : &*unit;
}

Result<LockFile> parse_lock(std::string_view text, const std::string& file) {
  TENON_TRY(const TomlDocument root, parse_toml(text, file));
  return LockReader(file).read(root);
}

Result<LockFile> make_lock(const PlannedLink& planned, const std::string& file) {
  LockFile lock;
  lock.file = file;
  const std::string folder = host::folder_of(file);
  for (const PlanUnit& unit : planned.plan.shown.units) {
    // WASI is a part of the engine, and the functions of the program are a part of the program.
    const resolve::UnitKindRow& kind = resolve::row_of(unit.kind);
    if (kind.runs_in == resolve::RunsIn::Engine || kind.types == resolve::TypesOf::Consumer)
      continue;
    LockedUnit locked;
    locked.name = unit.name;
    locked.kind = get_name(unit.kind);
    locked.source = resolve::is_remote(unit.kind) ? unit.file : relative_to(folder, unit.file);
    locked.version = unit.version.value_or("");
    locked.sha256 = unit.digest;
    const auto binary = planned.binaries.find(unit.name);
    if (binary != planned.binaries.end() && binary->second.bundle != nullptr) {
      const host::Bundle& bundle = *binary->second.bundle;
      locked.source = relative_to(folder, bundle.manifest.file);
      if (bundle.library.module == nullptr) {
        TENON_TRY(host::LibraryDigests digests, host::digest_library(bundle.library));
        locked.sha256 = std::move(digests.sha256);
        locked.needed = std::move(digests.needed);
      }
    }
    lock.units.push_back(std::move(locked));
  }
  for (const PlanEdge& edge : planned.plan.shown.edges)
    lock.edges.push_back({edge.consumer, edge.import, edge.provider, edge.export_name,
                          std::string(get_name(edge.kind))});
  std::ranges::sort(lock.units, {}, [](const LockedUnit& unit) { return key_of(unit); });
  std::ranges::sort(lock.edges, {}, [](const LockedEdge& edge) { return key_of(edge); });
  return lock;
}

std::string print_lock(const LockFile& lock) {
  std::string text =
      "# A locked plan: `tenon plan --lock` writes it, `--locked` enforces it.\nschema = 1\n";
  const auto add = [&text](std::string_view key, const std::string& value) {
    if (!value.empty())
      text += fmt::format("{} = {}\n", key, key == "needed" ? value : quote_toml(value));
  };
  for (const LockedUnit& unit : lock.units) {
    text += "\n[[unit]]\n";
    add("name", unit.name);
    for (const auto& [key, value] : facts_of(unit)) add(key, value);
  }
  for (const LockedEdge& edge : lock.edges) {
    text += "\n[[edge]]\n";
    add("consumer", edge.consumer);
    add("import", edge.import);
    for (const auto& [key, value] : facts_of(edge)) add(key, value);
  }
  return text;
}

Result<void> check_lock(const LockFile& locked, const LockFile& actual) {
  Diagnostic problem =
      make_diagnostic(Code::ConfigLocked, "the plan differs from `{}`", sanitize_text(locked.file));
  problem.where.file = locked.file;
  compare(locked.units, actual.units, "unit", problem.notes);
  compare(locked.edges, actual.edges, "import", problem.notes);
  if (problem.notes.empty()) return {};
  problem.hints.emplace_back(
      "if the changes are intended, update the lock file with `tenon plan --lock`");
  return problem;
}

}  // namespace tenon::link
