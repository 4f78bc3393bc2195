/* A SQLite extension: functions of components as SQL functions.
 *
 *   SELECT load_extension('./tenon_functions');
 *   SELECT tenon_load('words', 'words.wasm');   -- each function f becomes words_f
 *   SELECT words_count('two words');
 *
 * Each component is linked alone, in a domain of its own, with a limit of a second for a call. SQL has integers, reals,
 * texts, blobs and NULL: a function can be used whose parameters are numbers, booleans, strings and list<u8>, and
 * whose result is one of these, an option of one, or nothing. An option that is `none` is NULL. */
#include <sqlite3ext.h>
#include <string.h>
#include <tenon/tenon_c.h>
SQLITE_EXTENSION_INIT1

enum { kMostParams = 16 };

/* A component, with a count of the SQL functions that use it. */
typedef struct {
  tenon_composition* composition;
  int users;
} plugin;

typedef struct {
  plugin* from;
  tenon_function* function;
  tenon_arena* arena;
} sql_function;

static void release(plugin* from) {
  if (--from->users > 0) return;
  tenon_composition_delete(from->composition);
  sqlite3_free(from);
}

static void drop_function(void* data) {
  sql_function* const function = data;
  tenon_arena_delete(function->arena);
  tenon_function_delete(function->function);
  release(function->from);
  sqlite3_free(function);
}

static void fail(sqlite3_context* context, tenon_error* error) {
  sqlite3_result_error(context, tenon_error_message(error), -1);
  tenon_error_delete(error);
}

/* A value of SQL as a parameter of the kind. Returns 0 if it is not one. */
static int read_value(const tenon_type* type, sqlite3_value* from, tenon_value* to) {
  const int kind = tenon_type_kind(type);
  memset(to, 0, sizeof *to);
  to->kind = (uint8_t)kind;
  if (kind == TENON_F32) {
    to->of.f32 = (float)sqlite3_value_double(from);
  } else if (kind == TENON_F64) {
    to->of.f64 = sqlite3_value_double(from);
  } else if (kind >= TENON_BOOL && kind <= TENON_U64) {
    to->of.s = sqlite3_value_int64(from);
  } else if (kind == TENON_STRING) {
    to->of.str.ptr = (const char*)sqlite3_value_text(from);
    to->of.str.len = (size_t)sqlite3_value_bytes(from);
  } else if (kind == TENON_LIST && tenon_type_kind(tenon_type_part(type, 0)) == TENON_U8) {
    const void* const bytes = sqlite3_value_blob(from);
    *to = tenon_value_packed(TENON_U8, bytes, (size_t)sqlite3_value_bytes(from));
  } else {
    return 0;
  }
  return 1;
}

static void give_result(sqlite3_context* context, const tenon_value* value) {
  switch (value->kind) {
    case TENON_F32:
      sqlite3_result_double(context, value->of.f32);
      break;
    case TENON_F64:
      sqlite3_result_double(context, value->of.f64);
      break;
    case TENON_STRING:
      sqlite3_result_text64(context, value->of.str.ptr, value->of.str.len, SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    case TENON_PACKED:
      sqlite3_result_blob64(context, value->of.packed.ptr, value->of.packed.len, SQLITE_TRANSIENT);
      break;
    case TENON_OPTION:
      if (value->of.payload != NULL) give_result(context, value->of.payload);
      break;
    default:
      if (value->kind >= TENON_BOOL && value->kind <= TENON_U64)
        sqlite3_result_int64(context, value->of.s);
      else
        sqlite3_result_error(context, "the function returns a value that SQL does not have", -1);
  }
}

static void call_function(sqlite3_context* context, int nargs, sqlite3_value** args) {
  sql_function* const function = sqlite3_user_data(context);
  tenon_value values[kMostParams];
  for (int i = 0; i < nargs; ++i)
    if (!read_value(tenon_function_param_type(function->function, (size_t)i), args[i], &values[i])) {
      sqlite3_result_error(context, "the function has a parameter that SQL does not have", -1);
      return;
    }
  tenon_value result;
  tenon_arena_reset(function->arena);
  tenon_error* const error =
      tenon_function_call(function->function, values, (size_t)nargs, function->arena, &result);
  if (error != NULL)
    fail(context, error);
  else if (tenon_function_result_type(function->function) != NULL)
    give_result(context, &result);
}

/* tenon_load(NAME, PATH): the number of functions. */
static void load(sqlite3_context* context, int nargs, sqlite3_value** args) {
  (void)nargs;
  const char* const name = (const char*)sqlite3_value_text(args[0]);
  const char* const path = (const char*)sqlite3_value_text(args[1]);
  tenon_builder* const builder = tenon_builder_new();
  tenon_builder_add_component(builder, name, path, NULL);
  tenon_builder_set_limit(builder, NULL, "call-timeout", "1s");
  tenon_builder_restart(builder, NULL, UINT32_MAX, 0);
  tenon_composition* composition = NULL;
  tenon_error* error = tenon_builder_build(builder, &composition);
  tenon_builder_delete(builder);
  if (error != NULL) {
    fail(context, error);
    return;
  }
  plugin* const from = sqlite3_malloc(sizeof *from);
  *from = (plugin){composition, 1};
  const size_t count = tenon_composition_function_count(composition);
  for (size_t i = 0; i < count && error == NULL; ++i) {
    sql_function* const function = sqlite3_malloc(sizeof *function);
    *function = (sql_function){from, NULL, tenon_arena_new()};
    ++from->users;
    error = tenon_composition_function_at(composition, i, &function->function);
    char* const sql_name = sqlite3_mprintf("%s_%s", name, tenon_function_name(function->function));
    for (char* at = sql_name; *at != '\0'; ++at)
      if (*at == '-') *at = '_';
    const size_t params = tenon_function_param_count(function->function);
    if (error != NULL || params > kMostParams)
      drop_function(function);
    else
      sqlite3_create_function_v2(sqlite3_context_db_handle(context), sql_name, (int)params, SQLITE_UTF8,
                                 function, call_function, NULL, NULL, drop_function);
    sqlite3_free(sql_name);
  }
  release(from);
  if (error != NULL)
    fail(context, error);
  else
    sqlite3_result_int64(context, (sqlite3_int64)count);
}

TENON_EXPORT int sqlite3_tenonfunctions_init(sqlite3* db, char** message, const sqlite3_api_routines* api) {
  (void)message;
  SQLITE_EXTENSION_INIT2(api);
  return sqlite3_create_function_v2(db, "tenon_load", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, load, NULL,
                                    NULL, NULL);
}
