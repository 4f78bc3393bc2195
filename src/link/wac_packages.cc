// Types in a `.wac` file are WIT, and the reader of WIT evaluates them. It gets a text that has the
// declarations of the file at their places and blanks for everything else, followed by a world with
// the types and imports of the file, and by the packages that these use. So most positions in its
// messages are those of the file; the others are mapped back.
#include "link/wac_packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "binary/read_component.h"
#include "engine/wit_text.h"
#include "link/inputs.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/evaluate.h"
#include "wit/read_wit.h"

namespace tenon::link {

namespace {

// The folder of packages beside the file, or else in the working folder.
constexpr std::string_view kPackageFolder = "deps";

// The world that has the imports of a file. Declarations cannot have its name, since no name of WIT
// ends so.
constexpr std::string_view kImportsWorld = "tenon-imports-of-the-composition";

}  // namespace

// The number of characters is counted in parts of this many bytes.
static constexpr std::size_t kPartBytes = 4096;

// Whether a byte begins a character of UTF-8.
static bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

WacSource::WacSource(std::string path, std::string content)
    : file(std::move(path)), text(std::move(content)), lines_{0} {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % kPartBytes == 0) characters_.push_back(characters);
    if (begins_character(text[i])) ++characters;
    if (text[i] == '\n') lines_.push_back(i + 1);
  }
}

std::size_t WacSource::count_characters(std::size_t end) const {
  if (end >= text.size() && end % kPartBytes == 0)
    return end == 0 ? 0 : count_characters(end - 1) + 1;
  const std::size_t part = end / kPartBytes;
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(part * kPartBytes);
  return characters_[part] +
         static_cast<std::size_t>(std::count_if(
             begin, text.begin() + static_cast<std::ptrdiff_t>(end), begins_character));
}

Location WacSource::where(wac::Span span) const {
  const std::size_t begin = std::min(span.begin, text.size());
  const auto line = std::ranges::upper_bound(lines_, begin) - 1;
  Location location;
  location.file = file;
  location.line = static_cast<std::uint32_t>(line - lines_.begin() + 1);
  location.column =
      static_cast<std::uint32_t>(count_characters(begin) - count_characters(*line) + 1);
  return location;
}

Diagnostic WacSource::place(Diagnostic problem, wac::Span span) const {
  problem.where.file = file;
  show_place(problem, text, span.begin, span.end);
  return problem;
}

WacPackages::WacPackages(const Files& files, const WacOptions& options, const WacSource& source,
                         types::Types& types)
    : files_(files), source_(source), types_(types) {
  const std::string beside = std::filesystem::path(source.file).parent_path().string();
  folders_ = options.folder.empty() ? std::vector<std::string>{join_path(beside, kPackageFolder)}
                                    : std::vector<std::string>{options.folder};
  if (options.folder.empty() && !beside.empty()) folders_.emplace_back(kPackageFolder);
  for (const auto& [package, path] : options.packages) given_.insert_or_assign(package, path);
}

std::optional<std::string> WacPackages::find_path(const wac::PackageName& package) const {
  if (const auto given = given_.find(package.text()); given != given_.end()) return given->second;
  std::string name = package.name;
  std::ranges::replace(name, ':', '/');
  if (!package.version.empty()) name += "/" + package.version;
  for (const std::string& folder : folders_) {
    const std::string path = join_path(folder, name);
    if (files_.find_kind(path) == FileKind::Folder) return path;
    for (const std::string_view extension : {".wat", ".wasm"})
      if (files_.find_kind(path + std::string(extension)) != FileKind::Missing)
        return path + std::string(extension);
  }
  return std::nullopt;
}

NamedBy WacPackages::named_by(const wac::PackageName& package) const {
  return given_.contains(package.text()) ? NamedBy::User : NamedBy::File;
}

Diagnostic WacPackages::missing(const wac::PackageName& package) const {
  Diagnostic problem = source_.place(
      make_diagnostic(Code::WacPackage, "there is no package `{}`", package.text()), package.span);
  std::string name = package.name;
  std::ranges::replace(name, ':', '/');
  if (!package.version.empty()) name += "/" + package.version;
  for (const std::string& folder : folders_)
    problem.notes.push_back(
        {fmt::format("`{}.wasm` does not exist", join_path(folder, name)), {}, {}});
  std::vector<std::string> names;
  for (const auto& [given, path] : given_) names.push_back(given);
  std::string near = did_you_mean(near_misses(package.text(), names));
  if (!near.empty()) problem.hints.push_back(std::move(near));
  problem.hints.push_back(fmt::format("name its file: `--dep {}=FILE`", package.text()));
  return problem;
}

Result<const WacComponent*> WacPackages::find_component(const wac::PackageName& package) {
  const auto known = components_.find(package.text());
  if (known != components_.end()) return &known->second;
  const std::optional<std::string> path = find_path(package);
  if (!path) return missing(package);
  WacComponent component{.path = *path, .bytes = {}, .type = {}};
  const auto read = [&]() -> Result<bool> {
    if (wit::is_wit_text(files_, *path)) return false;
    TENON_TRY(Bytes bytes, read_component_file(files_, *path, named_by(package)));
    component.bytes = std::make_shared<const Bytes>(std::move(bytes));
    TENON_TRY(const binary::Component content, binary::read_component(*component.bytes));
    if (types::is_wit_package(content)) return false;
    TENON_TRY(component.type, types::evaluate_component(content, types_));
    return true;
  };
  const Result<bool> is_component = read();
  if (!is_component) {
    Diagnostics problems = place_problems(is_component.error(), *path);
    const Location where = source_.where(package.span);
    problems.front().notes.push_back({.text = fmt::format("`{}` is instantiated in {}:{}",
                                                          package.text(), where.file, where.line),
                                      .excerpt = {},
                                      .related = where});
    return problems;
  }
  if (!*is_component) {
    Diagnostic problem = source_.place(
        make_diagnostic(Code::WacPackage,
                        "`{}` is a WIT package and not a component, so it has no instances",
                        package.text()),
        package.span);
    problem.notes.push_back({fmt::format("it is read from `{}`", *path), {}, {}});
    problem.hints.push_back(fmt::format("name a component: `--dep {}=FILE`", package.text()));
    return problem;
  }
  return &components_.emplace(package.text(), std::move(component)).first->second;
}

Result<std::vector<std::uint8_t>> WacPackages::read_wit(const wac::PackageName& package) {
  const std::optional<std::string> path = find_path(package);
  if (!path) {
    for (const engine::WasiTrack track : {engine::WasiTrack::Wasi02, engine::WasiTrack::Wasi03})
      for (const engine::WasiPackage& wasi : engine::wasi_packages(track))
        if (wasi.name == package.text())
          return std::vector<std::uint8_t>(wasi.binary.begin(), wasi.binary.end());
    return missing(package);
  }
  if (wit::is_wit_text(files_, *path)) {
    TENON_TRY(engine::EncodedWit encoded, wit::encode_wit(files_, *path));
    return std::move(encoded.binary);
  }
  Result<Bytes> bytes = read_component_file(files_, *path, named_by(package));
  if (!bytes) return place_problems(std::move(bytes).error(), *path);
  const Result<binary::Component> content = binary::read_component(*bytes);
  if (!content) return place_problems(content.error(), *path);
  if (types::is_wit_package(*content)) return *std::move(bytes);
  Diagnostic problem = source_.place(
      make_diagnostic(Code::WacPackage,
                      "`{}` is a component, and only a WIT package has interfaces and worlds of "
                      "its own",
                      package.text()),
      package.span);
  problem.notes.push_back({fmt::format("it is read from `{}`", *path), {}, {}});
  problem.hints.emplace_back("name an interface of a WIT package, or write the type in place");
  return problem;
}

namespace {

// The text for the reader of WIT, in the making.
class WitText final {
 public:
  explicit WitText(const WacSource& source) : source_(source) {}

  // Replaces a part of the file wherever it is kept.
  void edit(wac::Span at, std::string by) { edits_.insert_or_assign(at.begin, Edit{at, by}); }

  // Keeps a part of the file at its place. REQUIRES: parts are kept in their order.
  void keep(wac::Span span) {
    blank_to(span.begin);
    append(render(span));
    at_ = span.end;
  }

  // Ends the part that has the file at its places.
  void end_file() {
    blank_to(source_.text.size());
    append("\n");
    lines_ = line_;
  }

  void add(std::string_view line) {
    append(line);
    append("\n");
  }

  // Adds a line that contains a part of the file.
  void add(std::string_view before, wac::Span span, std::string_view after) {
    parts_.push_back({line_, before.size(), span});
    append(before);
    append(render(span));
    add(after);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

  // Moves a problem of the text to the file.
  [[nodiscard]] Diagnostic place(Diagnostic problem) const {
    const std::size_t line = problem.where.line;
    problem.where.file = source_.file;
    if (line == 0 || line <= lines_) return problem;
    const auto part = std::ranges::find_if(parts_, [&](const Part& candidate) {
      const auto [first, column, span] = candidate;
      const std::string_view kept =
          std::string_view(source_.text).substr(span.begin, span.end - span.begin);
      const auto more = static_cast<std::size_t>(std::ranges::count(kept, '\n'));
      return line > first && line <= first + 1 + more;
    });
    if (part == parts_.end()) {
      problem.where = {};
      problem.where.file = source_.file;
      return problem;
    }
    const std::size_t column = problem.where.column == 0 ? 0 : problem.where.column - 1;
    std::size_t at = part->span.begin;
    if (line == part->line + 1) {
      at += column > part->column ? column - part->column : 0;
    } else {
      for (std::size_t i = part->line + 1; i < line; ++i) at = source_.text.find('\n', at) + 1;
      at += column;
    }
    at = std::min(at, part->span.end);
    return source_.place(std::move(problem), {at, std::min(at + 1, part->span.end)});
  }

 private:
  struct Part {
    std::size_t line;    // of its beginning, from 0
    std::size_t column;  // the same
    wac::Span span;
  };

  void append(std::string_view more) {
    text_ += more;
    line_ += static_cast<std::size_t>(std::ranges::count(more, '\n'));
  }

  struct Edit {
    wac::Span at;
    std::string by;
  };

  void blank_to(std::size_t end) {
    for (; at_ < end; ++at_) append(source_.text[at_] == '\n' ? "\n" : " ");
  }

  // A part of the file with the edits in it. Line breaks stay, so that lines keep their numbers.
  [[nodiscard]] std::string render(wac::Span span) const {
    std::string rendered;
    std::size_t at = span.begin;
    for (auto edit = edits_.lower_bound(span.begin);
         edit != edits_.end() && edit->second.at.end <= span.end; ++edit) {
      const auto& [place, by] = edit->second;
      if (place.begin < at) continue;
      rendered.append(source_.text, at, place.begin - at);
      for (const char c : by) rendered += c == '\n' ? ' ' : c;
      rendered.append(static_cast<std::size_t>(std::count(
                          source_.text.begin() + static_cast<std::ptrdiff_t>(place.begin),
                          source_.text.begin() + static_cast<std::ptrdiff_t>(place.end), '\n')),
                      '\n');
      at = place.end;
    }
    return rendered.append(source_.text, at, span.end - at);
  }

  const WacSource& source_;
  std::string text_;
  std::size_t at_ = 0;                 // in the file
  std::size_t line_ = 0;               // of the end of `text_`, from 0
  std::size_t lines_ = 0;              // those that are lines of the file
  std::map<std::size_t, Edit> edits_;  // by begin
  std::vector<Part> parts_;
};

// Adds a printed package as a block, and the blocks of the packages that it contains, once each.
// Returns its name.
std::string add_package(std::string_view printed, std::map<std::string, std::string>& blocks) {
  std::string own_name;
  std::string own;
  std::string* block = nullptr;
  while (!printed.empty()) {
    const std::size_t end = std::min(printed.find('\n'), printed.size() - 1);
    std::string_view line = printed.substr(0, end);
    printed.remove_prefix(end + 1);
    constexpr std::string_view kPackage = "package ";
    if (line.starts_with(kPackage) && line.ends_with(";")) {
      own_name = line.substr(kPackage.size(), line.size() - kPackage.size() - 1);
      block = &own;
    } else if (line.starts_with(kPackage) && line.ends_with(" {")) {
      block = &blocks[std::string(line.substr(kPackage.size(), line.size() - kPackage.size() - 2))];
      block->clear();
    } else if (line == "}" && block != nullptr && block != &own) {
      block = nullptr;
    } else if (block != nullptr) {
      *block += line;
      *block += '\n';
    }
  }
  // A package that another one contains has only the parts that are used there.
  if (!own_name.empty()) blocks[own_name] = own;
  return own_name;
}

std::string local_name(const wac::Document& document, std::string_view name) {
  wac::PackagePath path{.package = document.package, .item = std::string(name)};
  return path.text();
}

class TypesReader final {
 public:
  TypesReader(const wac::Document& document, const WacSource& source, WacPackages& packages,
              types::Types& types)
      : document_(document), source_(source), packages_(packages), types_(types), text_(source) {}

  Result<WacTypes> read() {
    if (!write_text() || !problems_.empty()) {
      if (!problems_.empty()) return std::move(problems_);
      return std::move(result_);
    }
    Result<engine::EncodedWit> encoded = engine::encode_wit_text(source_.file, text_.text());
    if (!encoded) {
      for (Diagnostic& problem : encoded.error())
        problems_.push_back(text_.place(std::move(problem)));
      return std::move(problems_);
    }
    TENON_TRY(const binary::Component component, binary::read_component(encoded->binary));
    TENON_TRY(const types::WitPackageTypes package, types::evaluate_wit_package(component, types_));
    result_.wit = std::move(encoded->binary);
    if (const types::NamedWorld* world = package.find_world(kImportsWorld)) take_imports(*world);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(result_);
  }

 private:
  // False if the file declares nothing.
  bool write_text() {
    bool has_types = false;
    for (const wac::Statement& statement : document_.statements)
      has_types |= std::holds_alternative<wac::ImportStatement>(statement) ||
                   std::holds_alternative<wac::TypeStatement>(statement);
    if (!has_types) return false;
    // `package a:b@1.0.0;` without a `targets` clause.
    read_packages();
    for (const wac::Edit& edit : document_.edits)
      text_.edit(edit.at, source_.text.substr(edit.by.begin, edit.by.end - edit.by.begin));
    text_.keep({document_.directive.begin, document_.package.span.end});
    text_.keep({document_.directive.end - 1, document_.directive.end});
    for (const wac::Statement& statement : document_.statements)
      if (const auto* declared = std::get_if<wac::TypeStatement>(&statement);
          declared != nullptr && declared->kind != wac::TypeStatement::Kind::Type)
        text_.keep(declared->span);
    text_.end_file();
    text_.add(fmt::format("world {} {{", kImportsWorld));
    for (const wac::Statement& statement : document_.statements)
      if (const auto* declared = std::get_if<wac::TypeStatement>(&statement);
          declared != nullptr && declared->kind == wac::TypeStatement::Kind::Type &&
          declared->function == wac::Span{})
        text_.add("  ", declared->span, "");
    for (std::size_t i = 0; i < document_.statements.size(); ++i)
      if (const auto* import = std::get_if<wac::ImportStatement>(&document_.statements[i]))
        write_import(i, *import);
    text_.add("}");
    for (const auto& [name, block] : blocks_) {
      text_.add(fmt::format("package {} {{", name));
      text_.add(block);
      text_.add("}");
    }
    return true;
  }

  void write_import(std::size_t position, const wac::ImportStatement& import) {
    const wac::ImportType& type = import.type;
    switch (type.kind) {
      case wac::ImportType::Kind::Function:
      case wac::ImportType::Kind::Interface:
        names_[position] = import.id.text;
        text_.add(fmt::format("  import %{}: ", import.id.text), type.span,
                  type.kind == wac::ImportType::Kind::Function ? ";" : "");
        return;
      case wac::ImportType::Kind::Path:
        write_path(position, full_text(type.path), type.span);
        return;
      case wac::ImportType::Kind::Local:
        write_local(position, import);
        return;
    }
  }

  // Two statements can import one interface under two names.
  void write_path(std::size_t position, const std::string& path, wac::Span span) {
    names_[position] = path;
    result_.interfaces[position] = path;
    if (paths_.insert(path).second) text_.add("  import ", span, ";");
  }

  void write_local(std::size_t position, const wac::ImportStatement& import) {
    const wac::Name& local = import.type.local;
    std::vector<std::string> known;
    for (const wac::Statement& statement : document_.statements) {
      const auto* declared = std::get_if<wac::TypeStatement>(&statement);
      if (declared == nullptr) continue;
      if (declared->kind == wac::TypeStatement::Kind::Interface ||
          declared->function != wac::Span{})
        known.push_back(declared->id.text);
      if (declared->id.text != local.text) continue;
      if (declared->kind == wac::TypeStatement::Kind::Interface)
        return write_path(position, local_name(document_, local.text), local.span);
      if (declared->function == wac::Span{}) continue;
      names_[position] = import.id.text;
      text_.add(fmt::format("  import %{}: ", import.id.text), declared->function, ";");
      return;
    }
    problems_.push_back(source_.place(
        make_diagnostic(Code::WacName, "`{}` is not an interface or a function type of this file",
                        local.text),
        local.span));
    problems_.back().hints.push_back(
        suggest_name(local.text, std::move(known), "interfaces and function types"));
  }

  // A path without a version means the version that the package has.
  [[nodiscard]] std::string full_text(const wac::PackagePath& path) const {
    wac::PackagePath full = path;
    const auto version = versions_.find(path.package.text());
    if (version != versions_.end()) full.package.version = version->second;
    return full.text();
  }

  void read_packages() {
    std::vector<const wac::PackagePath*> used;
    for (const wac::PackagePath& path : document_.used) used.push_back(&path);
    for (const wac::Statement& statement : document_.statements)
      if (const auto* import = std::get_if<wac::ImportStatement>(&statement);
          import != nullptr && import->type.kind == wac::ImportType::Kind::Path)
        used.push_back(&import->type.path);
    std::set<std::string> read;
    for (const wac::PackagePath* const path : used) {
      const wac::PackageName& package = path->package;
      if (package.name == document_.package.name || !read.insert(package.text()).second) continue;
      Result<std::vector<std::uint8_t>> wit = packages_.read_wit(package);
      const Result<std::string> printed =
          wit ? engine::print_wit(*wit) : Result<std::string>(std::move(wit).error());
      if (!printed) {
        problems_.insert(problems_.end(), printed.error().begin(), printed.error().end());
        continue;
      }
      const std::string name = add_package(*printed, blocks_);
      const std::size_t at = name.find('@');
      if (package.version.empty() && at != std::string::npos)
        versions_.emplace(package.text(), name.substr(at + 1));
    }
    for (const wac::PackagePath* const path : used)
      if (versions_.contains(path->package.text()))
        text_.edit(path->package.span, full_text(*path));
  }

  void take_imports(const types::NamedWorld& world) {
    std::map<std::string, std::uint32_t> by_name;
    for (const types::RootItem& item : world.type.imports) {
      by_name.emplace(item.name, static_cast<std::uint32_t>(result_.imports.size()));
      result_.imports.push_back({item.name, item.item});
    }
    std::set<std::uint32_t> taken;
    for (const auto& [position, name] : names_) {
      const auto found = by_name.find(name);
      if (found == by_name.end()) continue;  // a type of this name stands in the world
      std::uint32_t at = found->second;
      if (!taken.insert(at).second) {
        result_.imports.push_back(result_.imports[at]);
        at = static_cast<std::uint32_t>(result_.imports.size() - 1);
      }
      const auto& import = std::get<wac::ImportStatement>(document_.statements[position]);
      if (import.as) result_.imports[at].name = import.as->text;
      result_.by_statement.emplace(position, at);
    }
  }

  const wac::Document& document_;
  const WacSource& source_;
  WacPackages& packages_;
  types::Types& types_;
  WitText text_;
  std::map<std::size_t, std::string> names_;  // in the world, by statement
  std::set<std::string> paths_;
  std::map<std::string, std::string> blocks_;    // of packages, by name
  std::map<std::string, std::string> versions_;  // of packages that are named without one
  WacTypes result_;
  Diagnostics problems_;
};

}  // namespace

Result<WacTypes> read_wac_types(const wac::Document& document, const WacSource& source,
                                WacPackages& packages, types::Types& types) {
  return TypesReader(document, source, packages, types).read();
}

}  // namespace tenon::link
