#include "rules.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sqlite_adapter {

namespace {

// Pragmas that read what is a guest's to know, or that change its database or its connection alone.
// Not among them: those of the process (soft_heap_limit), of what the bundle is configured with
// (busy_timeout, max_page_count), that tell paths (database_list), or that let a database be
// written around its rules (writable_schema).
constexpr std::array<std::string_view, 37> kPragmas = {
    "analysis_limit",     "application_id",   "auto_vacuum",        "case_sensitive_like",
    "cell_size_check",    "collation_list",   "compile_options",    "data_version",
    "defer_foreign_keys", "encoding",         "foreign_key_check",  "foreign_key_list",
    "foreign_keys",       "freelist_count",   "function_list",      "ignore_check_constraints",
    "incremental_vacuum", "index_info",       "index_list",         "index_xinfo",
    "integrity_check",    "journal_mode",     "legacy_alter_table", "module_list",
    "optimize",           "page_count",       "pragma_list",        "query_only",
    "quick_check",        "read_uncommitted", "recursive_triggers", "reverse_unordered_selects",
    "table_info",         "table_list",       "table_xinfo",        "user_version",
    "wal_checkpoint",
};

// These may be read: what they set is the bundle's.
constexpr std::array<std::string_view, 4> kPragmasToRead = {"busy_timeout", "max_page_count",
                                                            "page_size", "schema_version"};

// Modules of virtual tables that keep what they have in the database.
constexpr std::array<std::string_view, 7> kModules = {"fts3",      "fts4",  "fts4aux",  "fts5",
                                                      "fts5vocab", "rtree", "rtree_i32"};

constexpr std::array<std::string_view, 2> kRefusedFunctions = {"fts3_tokenizer", "load_extension"};

std::string_view view_of(const char* text) { return text == nullptr ? "" : text; }

bool is_one_of(std::string_view name, const auto& names) {
  return std::ranges::any_of(names, [&](std::string_view one) {
    return one.size() == name.size() &&
           sqlite3_strnicmp(one.data(), name.data(), static_cast<int>(name.size())) == 0;
  });
}

int refuse(std::string& refusal, std::string_view what, std::string_view name,
           std::string_view why) {
  refusal = std::string(what) + " `" + std::string(name) + "` is refused: " + std::string(why);
  return SQLITE_DENY;
}

// Source: https://www.sqlite.org/c3ref/c_alter_table.html, which says what `first` and `second`
// are.
int on_action(void* user, int action, const char* first, const char* second, const char* /*name*/,
              const char* /*trigger*/) {
  std::string& refusal = *static_cast<std::string*>(user);
  switch (action) {
    case SQLITE_ATTACH: {
      // NULL: it is an expression, whose value is not known here. VACUUM attaches "".
      const std::string_view file = view_of(first);
      if (first != nullptr && (file.empty() || file == ":memory:")) return SQLITE_OK;
      return refuse(refusal, "the file", first == nullptr ? "?" : file,
                    "ATTACH and VACUUM INTO are for \":memory:\" alone; a file is opened with "
                    "`connection.open`");
    }
    case SQLITE_PRAGMA: {
      const std::string_view pragma = view_of(first);
      if (is_one_of(pragma, kPragmas)) return SQLITE_OK;
      if (second == nullptr && is_one_of(pragma, kPragmasToRead)) return SQLITE_OK;
      return refuse(refusal, "the pragma", pragma, "it is not for guests");
    }
    case SQLITE_FUNCTION:
      if (!is_one_of(view_of(second), kRefusedFunctions)) return SQLITE_OK;
      return refuse(refusal, "the function", view_of(second), "it is not for guests");
    case SQLITE_CREATE_VTABLE:
      if (is_one_of(view_of(second), kModules)) return SQLITE_OK;
      return refuse(refusal, "the module", view_of(second),
                    "virtual tables are of fts3, fts4, fts5 and rtree");
    default:
      return SQLITE_OK;
  }
}

}  // namespace

void set_rules(sqlite3& connection, std::string& refusal) {
  // A database that refuses one of these lacks what it switches off.
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, nullptr);
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Schemas may come from files of others.
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_set_authorizer(&connection, on_action, &refusal);
}

}  // namespace sqlite_adapter
