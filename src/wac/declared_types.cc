// Types in a `.wac` file are WIT, and the reader of WIT evaluates them. It gets a text that has the
// declarations of the file at their places and blanks for everything else, followed by a world with
// the types and imports of the file, and by the packages that these use. So most positions in its
// messages are those of the file; the others are mapped back.
#include "wac/declared_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/wit_text.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/names.h"
#include "support/try.h"
#include "wit/read_wit.h"

namespace tenon::wac {

namespace {

// The world that has the imports of a file. WIT refuses a declaration with the same name.
constexpr std::string_view kImportsWorld = "tenon-imports-of-the-composition";

// The names of the imports that only check types of functions are this and a number. WIT refuses
// another import with the same name.
constexpr std::string_view kFunctionType = "tenon-function-type-of-the-composition-";

// The text for the reader of WIT, in the making. It ends at limits::kTextBytes: types of functions are
// copied to each use.
class WitText final {
 public:
  explicit WitText(const Source& source) : source_(source) {}

  // Replaces a part of the file wherever it is kept.
  // by: a text, or another part with the edits in it, which is before `at`.
  void edit(Span at, std::variant<std::string, Span> by) {
    edits_.insert_or_assign(at.begin, Edit{at, std::move(by)});
  }

  // Keeps a part of the file at its place. REQUIRES: parts are kept in their order.
  void keep(Span span) {
    blank_to(span.begin);
    append(span);
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
  void add(std::string_view before, Span span, std::string_view after) {
    parts_.push_back({line_, before.size(), span});
    append(before);
    append(span);
    add(after);
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  // Whether it would be longer.
  [[nodiscard]] bool is_too_large() const { return is_too_large_; }

  // Moves the place of an item that is left out to the file.
  [[nodiscard]] engine::LeftOutItem place(engine::LeftOutItem item) const {
    Diagnostic at;
    at.where = std::move(item.where);
    item.where = place(std::move(at)).where;
    return item;
  }

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
    Span span;
  };

  struct Edit {
    Span at;
    std::variant<std::string, Span> by;
  };

  // Whether line breaks become blanks.
  enum class Lines : std::uint8_t { Kept, Joined };

  void append(std::string_view more, Lines lines = Lines::Kept) {
    if (is_too_large_ || more.size() > limits::kTextBytes - text_.size()) {
      is_too_large_ = true;
      return;
    }
    const std::size_t begin = text_.size();
    text_ += more;
    if (lines == Lines::Joined)
      std::replace(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(), '\n', ' ');
    else
      line_ += static_cast<std::size_t>(std::ranges::count(more, '\n'));
  }

  void blank_to(std::size_t end) {
    for (; at_ < end; ++at_) append(source_.text[at_] == '\n' ? "\n" : " ");
  }

  // A part of the file with the edits in it. An edit has the line breaks of what it replaces, so that
  // lines keep their numbers.
  void append(Span span, Lines lines = Lines::Kept) {
    const std::string_view file = source_.text;
    std::size_t at = span.begin;
    for (auto edit = edits_.lower_bound(span.begin);
         edit != edits_.end() && edit->second.at.end <= span.end && !is_too_large_; ++edit) {
      const auto& [place, by] = edit->second;
      if (place.begin < at) continue;
      append(file.substr(at, place.begin - at), lines);
      std::visit([&](const auto& replacement) { append(replacement, Lines::Joined); }, by);
      const auto breaks =
          std::ranges::count(file.substr(place.begin, place.end - place.begin), '\n');
      append(std::string(static_cast<std::size_t>(breaks), '\n'), lines);
      at = place.end;
    }
    append(file.substr(at, span.end - at), lines);
  }

  const Source& source_;
  std::string text_;
  bool is_too_large_ = false;
  std::size_t at_ = 0;                 // in the file
  std::size_t line_ = 0;               // of the end of `text_`, from 0
  std::size_t lines_ = 0;              // those that are lines of the file
  std::map<std::size_t, Edit> edits_;  // by begin
  std::vector<Part> parts_;
};

// Whether a printed line is the gate of the item below it.
bool is_gate(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  constexpr std::string_view kGates[] = {"@since(", "@unstable(", "@deprecated("};
  return std::ranges::any_of(kGates, [&](std::string_view gate) { return line.starts_with(gate); });
}

// Adds a printed package as a block, and the blocks of the packages that it contains, once each.
// Gates are dropped: features were chosen when the package was read, or encoded if it is a binary.
// Returns its name.
std::string add_package(std::string_view printed, std::map<std::string, std::string>& blocks) {
  std::string own_name;
  std::string own;
  std::string* block = nullptr;
  while (!printed.empty()) {
    const std::size_t end = std::min(printed.find('\n'), printed.size() - 1);
    std::string_view line = printed.substr(0, end);
    printed.remove_prefix(end + 1);
    if (is_gate(line)) continue;
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

std::string local_name(const Document& document, std::string_view name) {
  PackagePath path{.package = document.package, .item = std::string(name)};
  return path.text();
}

class TypesReader final {
 public:
  TypesReader(const Document& document, const Source& source, Packages& packages,
              types::Types& types)
      : document_(document), source_(source), packages_(packages), types_(types), text_(source) {}

  Result<DeclaredTypes> read() {
    if (!write_text() || !problems_.empty()) {
      if (!problems_.empty()) return std::move(problems_);
      return std::move(result_);
    }
    Result<engine::EncodedWit> encoded = packages_.encode_wit(text_.text());
    if (!encoded) {
      for (Diagnostic& problem : encoded.error())
        problems_.push_back(text_.place(std::move(problem)));
      return std::move(problems_);
    }
    encoded->keyword_names.clear();  // `.wac` files have no others
    for (engine::LeftOutItem& item : encoded->left_out) item = text_.place(std::move(item));
    TENON_TRY(result_.wit.package, wit::evaluate_wit(source_.file, *encoded, types_));
    add_notes(wit::make_notes(source_.file, *encoded));
    result_.wit.binary = std::move(encoded->binary);
    if (const types::NamedWorld* world = result_.wit.package.types.find_world(kImportsWorld))
      take_imports(*world);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(result_);
  }

 private:
  // False if the file declares nothing.
  bool write_text() {
    bool has_types = false;
    for (const Statement& statement : document_.statements) {
      const auto* declared = std::get_if<TypeStatement>(&statement);
      has_types |= declared != nullptr || std::holds_alternative<ImportStatement>(statement);
      if (declared != nullptr &&
          (declared->kind == TypeStatement::Kind::Interface || declared->function != Span{}))
        local_types_.emplace(declared->id.text, declared);
    }
    if (!has_types) return false;
    // `package a:b@1.0.0;` without a `targets` clause.
    read_packages();
    for (const Edit& edit : document_.edits) {
      if (edit.by == Span{})
        text_.edit(edit.at, std::string());
      else
        text_.edit(edit.at, edit.by);
    }
    text_.keep({document_.directive.begin, document_.package.span.end});
    text_.keep({document_.directive.end - 1, document_.directive.end});
    for (const Statement& statement : document_.statements)
      if (const auto* declared = std::get_if<TypeStatement>(&statement);
          declared != nullptr && declared->kind != TypeStatement::Kind::Type)
        text_.keep(declared->span);
    text_.end_file();
    text_.add(fmt::format("world {} {{", kImportsWorld));
    for (const Statement& statement : document_.statements)
      if (const auto* declared = std::get_if<TypeStatement>(&statement);
          declared != nullptr && declared->kind == TypeStatement::Kind::Type &&
          declared->function == Span{})
        text_.add("  ", declared->span, "");
    for (std::size_t i = 0; i < document_.statements.size(); ++i)
      if (const auto* import = std::get_if<ImportStatement>(&document_.statements[i]))
        write_import(i, *import);
    write_functions();
    text_.add("}");
    for (const auto& [name, block] : blocks_) {
      text_.add(fmt::format("package {} {{", name));
      text_.add(block);
      text_.add("}");
    }
    if (text_.is_too_large()) {
      problems_.push_back(source_.place(
          make_diagnostic(Code::WacSyntax,
                          "the declarations are too large: with types of functions written out at "
                          "each use, they have more than {} bytes",
                          limits::kTextBytes),
          document_.directive));
      problems_.back().hints.emplace_back(
          "use long types of functions in fewer places, or group their parameters in records");
    }
    return true;
  }

  // Types of functions are checked as imports, which the composition does not get.
  void write_functions() {
    for (std::size_t i = 0; i < document_.statements.size(); ++i)
      if (const auto* declared = std::get_if<TypeStatement>(&document_.statements[i]);
          declared != nullptr && declared->function != Span{})
        text_.add(fmt::format("  import {}{}: ", kFunctionType, i), declared->function, ";");
  }

  void write_import(std::size_t position, const ImportStatement& import) {
    const ImportType& type = import.type;
    switch (type.kind) {
      case ImportType::Kind::Function:
      case ImportType::Kind::Interface:
        names_[position] = import.id.text;
        text_.add(fmt::format("  import %{}: ", import.id.text), type.span,
                  type.kind == ImportType::Kind::Function ? ";" : "");
        return;
      case ImportType::Kind::Path:
        write_path(position, full_text(type.path), type.span);
        return;
      case ImportType::Kind::Local:
        write_local(position, import);
        return;
    }
  }

  // Two statements can import one interface under two names.
  void write_path(std::size_t position, const std::string& path, Span span) {
    names_[position] = path;
    result_.interfaces[position] = path;
    if (paths_.insert(path).second) text_.add("  import ", span, ";");
  }

  void write_local(std::size_t position, const ImportStatement& import) {
    const Name& local = import.type.local;
    const auto declared = local_types_.find(local.text);
    if (declared != local_types_.end()) {
      if (declared->second->kind == TypeStatement::Kind::Interface)
        return write_path(position, local_name(document_, local.text), local.span);
      names_[position] = import.id.text;
      text_.add(fmt::format("  import %{}: ", import.id.text), declared->second->function, ";");
      return;
    }
    if (problems_.size() >= kMostProblems) return;
    std::vector<std::string> known;
    for (const auto& [name, statement] : local_types_) known.emplace_back(name);
    problems_.push_back(source_.place(
        make_diagnostic(Code::WacName, "`{}` is not an interface or a function type of this file",
                        local.text),
        local.span));
    problems_.back().hints.push_back(
        suggest_name(local.text, std::move(known), "interfaces and function types"));
  }

  // A path without a version means the version that the package has.
  [[nodiscard]] std::string full_text(const PackagePath& path) const {
    PackagePath full = path;
    const auto version = versions_.find(path.package.text());
    if (version != versions_.end()) full.package.version = version->second;
    return full.text();
  }

  void read_packages() {
    std::vector<Use> used = document_.used;
    for (const Statement& statement : document_.statements)
      if (const auto* import = std::get_if<ImportStatement>(&statement);
          import != nullptr && import->type.kind == ImportType::Kind::Path)
        used.push_back({import->type.path, {}});
    std::set<std::string> read;
    for (const Use& use : used) {
      const PackageName& package = use.path.package;
      if (package.name == document_.package.name || !read.insert(package.text()).second) continue;
      const Result<const Wit*> wit = packages_.find_wit(package);
      const Result<std::string> printed =
          wit ? engine::print_wit((*wit)->binary) : Result<std::string>(wit.error());
      if (!printed) {
        problems_.insert(problems_.end(), printed.error().begin(), printed.error().end());
        continue;
      }
      add_notes(wit::make_notes((*wit)->package, nullptr));
      const std::string name = add_package(*printed, blocks_);
      const std::size_t at = name.find('@');
      if (package.version.empty() && at != std::string::npos)
        versions_.emplace(package.text(), name.substr(at + 1));
    }
    for (const Use& use : used) {
      if (versions_.contains(use.path.package.text()))
        text_.edit(use.path.package.span, full_text(use.path));
      if (use.path.package.name != document_.package.name) check_gates(use);
    }
  }

  // The reader of WIT does not see the gates of other packages.
  void check_gates(const Use& use) {
    const Result<const Wit*> wit = packages_.find_wit(use.path.package);
    if (!wit) return;  // reported
    const wit::WitPackage& package = (*wit)->package;
    const std::string path = full_text(use.path);
    const auto report = [&](std::string_view name, Span span, const engine::LeftOutItem* gated) {
      if (gated == nullptr) return;
      problems_.push_back(
          source_.place(make_diagnostic(Code::WitSyntax,
                                        "`{}` is left out, because it is `@unstable(feature = {})`",
                                        name, gated->feature),
                        span));
      wit::explain_gate(problems_.back(), *gated, package.set_by);
    };
    report(path, use.path.package.span, package.find_left_out(path));
    for (const Name& type : use.types)
      report(type.text, type.span, package.find_left_out(fmt::format("{}#{}", path, type.text)));
  }

  void add_notes(Diagnostics notes) {
    for (Diagnostic& note : notes) result_.notes.push_back(std::move(note));
  }

  void take_imports(const types::NamedWorld& world) {
    std::set<std::string> names;
    for (const auto& [position, name] : names_) names.insert(name);
    std::map<std::string, std::uint32_t> by_name;
    for (const types::RootItem& item : world.type.imports) {
      if (std::holds_alternative<types::FunctionId>(item.item) && !names.contains(item.name))
        continue;
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
      const auto& import = std::get<ImportStatement>(document_.statements[position]);
      if (import.as) result_.imports[at].name = import.as->text;
      result_.by_statement.emplace(position, at);
    }
  }

  const Document& document_;
  const Source& source_;
  Packages& packages_;
  types::Types& types_;
  WitText text_;
  // The interfaces and types of functions of the file, by name.
  std::map<std::string_view, const TypeStatement*> local_types_;
  std::map<std::size_t, std::string> names_;  // in the world, by statement
  std::set<std::string> paths_;
  std::map<std::string, std::string> blocks_;    // of packages, by name
  std::map<std::string, std::string> versions_;  // of packages that are named without one
  DeclaredTypes result_;
  Diagnostics problems_;
};

}  // namespace

Result<DeclaredTypes> read_declared_types(const Document& document, const Source& source,
                                          Packages& packages, types::Types& types) {
  return TypesReader(document, source, packages, types).read();
}

}  // namespace tenon::wac
