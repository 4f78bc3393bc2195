#include "duckdb_api.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "utf8.h"

namespace duckdb_adapter {

namespace {

constexpr const char* kDefaultLibrary = "libduckdb.so";

std::shared_ptr<const Api> make_api(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr)
    throw std::runtime_error(
        "libduckdb cannot be loaded: " + std::string(dlerror()) +
        "; `libduckdb` of the bundle's configuration is the path of the library");
  auto api = std::make_unique<Api>();
  std::string missing;
  const auto find = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
    if (function == nullptr) missing.append(missing.empty() ? "`" : ", `").append(name).append("`");
  };
#define DUCKDB_FIND(result, name, parameters) find(api->name, "duckdb_" #name);
  DUCKDB_FUNCTIONS(DUCKDB_FIND)
#undef DUCKDB_FIND
  if (!missing.empty()) {
    std::string message = "`";
    message.append(path).append("` is not libduckdb 1.3 or newer: it lacks ").append(missing);
    throw std::runtime_error(message);
  }
  api->cache = api->create_instance_cache();
  return {api.release(), [](Api* owned) {
            owned->destroy_instance_cache(&owned->cache);
            delete owned;
          }};
}

using Kind = sql::error_kind;

struct ErrorType {
  int type;               // DUCKDB_ERROR_..
  std::string_view name;  // the beginning of its messages
  Kind kind;
};

constexpr auto kErrorTypes = std::to_array<ErrorType>({
    {1, "Out of Range", Kind::conversion},
    {2, "Conversion", Kind::conversion},
    {3, "Unknown Type", Kind::conversion},
    {4, "Decimal", Kind::conversion},
    {5, "Mismatch Type", Kind::conversion},
    {6, "Divide by Zero", Kind::conversion},
    {7, "Object Size", Kind::limit},
    {8, "Invalid type", Kind::conversion},
    {10, "TransactionContext", Kind::busy},
    {11, "Not implemented", Kind::unsupported},
    {12, "Expression", Kind::sql},
    {13, "Catalog", Kind::sql},
    {14, "Parser", Kind::sql},
    {15, "Planner", Kind::sql},
    {18, "Constraint", Kind::constraint},
    {22, "Syntax", Kind::sql},
    {24, "Binder", Kind::sql},
    {28, "IO", Kind::storage},
    {29, "INTERRUPT", Kind::interrupted},
    {32, "Invalid Input", Kind::other},
    {33, "Out of Memory", Kind::limit},
    {34, "Permission", Kind::denied},
    {35, "Parameter Not Resolved", Kind::parameters},
    {36, "Parameter Not Allowed", Kind::parameters},
    {37, "Dependency", Kind::constraint},
    {39, "Missing Extension", Kind::unsupported},
    {40, "Extension Autoloading", Kind::unsupported},
    {42, "Invalid Configuration", Kind::denied},
    {43, "Data Corruption", Kind::storage},
    {44, "Resource In Use", Kind::busy},
});

// The line of `text` with a number, counted from 1.
std::optional<std::string_view> find_line(std::string_view text, std::size_t number) {
  while (--number > 0) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// The position that a message points at. Messages end with the line and a mark below it:
//   LINE 1: SELECT * FRM t
//                    ^
// DuckDB shortens long lines, and a wide character takes two columns of the mark. If the quoted
// line is not exactly that line of `text`, or is not ASCII up to the mark, there is no position.
std::optional<std::uint32_t> find_position(std::string_view message, std::string_view text) {
  constexpr std::string_view kLine = "\nLINE ";
  const std::size_t at = message.rfind(kLine);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view quoted = message.substr(at + 1);
  const std::string_view shown = quoted.substr(0, quoted.find('\n'));
  const std::size_t colon = shown.find(": ");
  if (colon == std::string_view::npos || shown.size() == quoted.size()) return std::nullopt;
  std::size_t number = 0;
  const char* const digits = shown.data() + kLine.size() - 1;
  if (std::from_chars(digits, shown.data() + colon, number).ptr != shown.data() + colon ||
      number == 0)
    return std::nullopt;
  const std::size_t mark = quoted.substr(shown.size() + 1).find('^');
  const std::optional<std::string_view> line = find_line(text, number);
  const std::string_view line_text = shown.substr(colon + 2);
  if (!line || *line != line_text || mark == std::string_view::npos || mark < colon + 2)
    return std::nullopt;
  const std::size_t column = mark - colon - 2;
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (column > line_text.size() || !std::ranges::all_of(line_text.substr(0, column), is_ascii))
    return std::nullopt;
  return static_cast<std::uint32_t>(line->data() - text.data()) +
         static_cast<std::uint32_t>(column);
}

}  // namespace

std::shared_ptr<const Api> load_api(const std::string& path) {
  // Shared by the whole process, because Api::cache must know every open database.
  static std::mutex loading;
  static std::map<std::string, std::weak_ptr<const Api>> loaded;

  const std::scoped_lock lock(loading);
  std::weak_ptr<const Api>& known = loaded[path.empty() ? kDefaultLibrary : path];
  if (auto api = known.lock()) return api;
  const std::shared_ptr<const Api> api = make_api(path.empty() ? kDefaultLibrary : path);
  known = api;
  return api;
}

sql::error read_error(const char* message, int type, std::string_view sql_text) {
  const std::string_view text = message == nullptr ? "DuckDB reported no reason" : message;
  const auto known = std::ranges::find(kErrorTypes, type, &ErrorType::type);
  sql::error error =
      sql_adapter::make_error(known == kErrorTypes.end() ? Kind::other : known->kind, {});
  error.code = type;
  error.message = bundle_text::make_utf8(text);
  error.position = find_position(text, sql_text);
  return error;
}

sql::error read_error(const char* message, std::string_view sql_text) {
  const std::string_view text = message == nullptr ? "" : message;
  const std::string_view name = text.substr(0, text.find(" Error: "));
  const auto known = std::ranges::find(kErrorTypes, name, &ErrorType::name);
  return read_error(message, known == kErrorTypes.end() ? 0 : known->type, sql_text);
}

}  // namespace duckdb_adapter
