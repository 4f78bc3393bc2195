// Reads a TOML file table by table. Every mistake is reported with its line: unknown keys, missing
// keys, values of the wrong kind.
//
//   TENON_TRY(const TomlDocument document, parse_toml(text, file));
//   TomlTable table(file, document, problems);
//   settings.name = table.take_text("name", Presence::Required);
//   table.take_rows("wire", [&](TomlTable& wire) { ... });   // each [[wire]]
//   table.finish();   // reports every key that was not taken
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/result.h"

// Only toml_table.cc includes toml++, which is slow to compile.
namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

namespace tenon {

// A parsed file. Lifetime: must outlive its tables.
class TomlDocument final {
 public:
  explicit TomlDocument(toml::table root);
  TomlDocument(TomlDocument&& other) noexcept;
  ~TomlDocument();

  [[nodiscard]] const toml::table& root() const { return *root_; }

 private:
  std::unique_ptr<const toml::table> root_;
};

// file: the path as the user wrote it, for messages.
// Errors: config-syntax, with line, column and an excerpt.
[[nodiscard]] Result<TomlDocument> parse_toml(std::string_view text, const std::string& file);

// A TOML string for `text`, with quotes and escapes.
[[nodiscard]] std::string quote_toml(std::string_view text);
// A list of such strings: `["a", "b"]`.
[[nodiscard]] std::string quote_toml(const std::vector<std::string>& texts);

enum class Presence { Optional, Required };

enum class TomlKind { Text, Integer, Float, Flag };

// A value that is neither a list nor a table.
struct TomlScalar {
  std::string name;
  TomlKind kind = TomlKind::Text;
  std::string text;  // as in TOML; strings without quotes
  Location where;
};

// One table. Lifetime: `file`, the table and `problems` must outlive it.
class TomlTable final {
 public:
  // title: the name of the table in messages, such as "[project]"; empty for the whole file.
  TomlTable(const std::string& file, const toml::table& table, std::string title,
            Diagnostics& problems);
  // The whole file.
  TomlTable(const std::string& file, const TomlDocument& document, Diagnostics& problems);

  // Each function reads one key. A value of the wrong kind is reported and counts as absent.
  std::optional<std::string> take_text(std::string_view key,
                                       Presence presence = Presence::Optional);
  // A string that is not empty. Empty: the key is absent.
  std::string take_name(std::string_view key);
  std::optional<bool> take_flag(std::string_view key);
  std::optional<std::int64_t> take_number(std::string_view key);
  // A number from `least` to `most`.
  std::optional<std::uint64_t> take_count(std::string_view key, std::int64_t least,
                                          std::int64_t most = INT64_MAX);
  // Bytes, such as "256MiB". example: of a valid value, for messages.
  std::optional<std::uint64_t> take_size(std::string_view key, std::string_view example);
  // A time that is not zero, such as "30s".
  std::optional<std::chrono::milliseconds> take_duration(std::string_view key);
  std::vector<std::pair<std::string, Location>> take_texts(std::string_view key);
  std::vector<std::pair<std::string, std::string>> take_text_map(std::string_view key);
  // A string, a number or a boolean.
  std::optional<TomlScalar> take_scalar(std::string_view key);
  // Every string, number and boolean in a table and its inner tables, with dotted names.
  std::vector<TomlScalar> take_scalars(std::string_view key);
  // True if `key` has a value, or a table. The key does not count as taken.
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool has_table(std::string_view key) const;
  // All keys, sorted by name.
  [[nodiscard]] std::vector<std::string> keys() const;
  // Calls `visit` for the table `key`, for each table inside of it, or for each table of an array.
  void take_table(std::string_view key, const std::function<void(TomlTable&)>& visit);
  void take_named_tables(std::string_view key,
                         const std::function<void(const std::string&, TomlTable&)>& visit);
  void take_rows(std::string_view key, const std::function<void(TomlTable&)>& visit);

  // Reports every key that was not taken.
  void finish();

  // The position of the table, or of one of its keys, in the file.
  [[nodiscard]] Location where() const;
  [[nodiscard]] Location where(std::string_view key) const;

  // Reports a problem with the value of `key`.
  // rule: the rest of the message, such as "must be an integer". hint: a valid line, such as
  // `schema = 1`.
  void complain_value(std::string_view key, const std::string& rule, std::string_view hint);

 private:
  const toml::node* take(std::string_view key);
  [[nodiscard]] Location locate(const toml::node& node) const;
  [[nodiscard]] std::string describe(std::string_view key) const;

  const std::string& file_;
  const toml::table& table_;
  std::string title_;
  Diagnostics& problems_;
  std::vector<std::string> known_;
};

}  // namespace tenon
