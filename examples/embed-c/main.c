/* A host of plugins in C: links the components given, each in a domain of its own, and calls one function
 * in all of them.
 *
 *   embed_c echo tea lib.wasm front.wasm ...
 *
 * A plugin that traps ends alone. Lines that plugins write by `acme:log/log` are printed. */
#include <stdio.h>
#include <string.h>
#include <tenon/tenon_c.h>

static int report(tenon_error* error) {
  fputs(tenon_error_text(error), stderr);
  tenon_error_delete(error);
  return 1;
}

/* `write: func(line: string)` of the interface `acme:log/log`. user: where to. */
static int32_t write_line(void* user, tenon_call* call, const tenon_value* args, size_t nargs,
                          tenon_value* result) {
  (void)call, (void)nargs, (void)result;
  fprintf((FILE*)user, "log: %.*s\n", (int)args[0].of.str.len, args[0].of.str.ptr);
  return 0;
}

/* The name of a plugin: that of its file, without folder and extension. */
static void name_plugin(const char* path, char* name, size_t size) {
  const char* const slash = strrchr(path, '/');
  snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
  char* const dot = strchr(name, '.');
  if (dot != NULL) *dot = '\0';
}

/* Calls a function of a plugin that takes a string and returns one. */
static tenon_error* call_plugin(tenon_unit* plugin, const char* name, const char* text) {
  tenon_function* function = NULL;
  tenon_error* error = tenon_unit_function(plugin, NULL, name, &function);
  if (error != NULL) return error;
  tenon_arena* const arena = tenon_arena_new();
  const tenon_value argument = tenon_value_string(text, strlen(text));
  tenon_value result;
  error = tenon_function_call(function, &argument, 1, arena, &result);
  if (error == NULL)
    printf("%s: %.*s\n", tenon_unit_name(plugin), (int)result.of.str.len, result.of.str.ptr);
  tenon_arena_delete(arena);
  tenon_function_delete(function);
  return error;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s FUNCTION TEXT PLUGIN...\n", argv[0]);
    return 2;
  }
  tenon_builder* const builder = tenon_builder_new();
  for (int i = 3; i < argc; ++i) {
    char name[100];
    name_plugin(argv[i], name, sizeof name);
    tenon_builder_add_component(builder, name, argv[i], NULL);
  }
  tenon_builder_isolate_all(builder);
  tenon_builder_add_function(builder, "acme:log/log", "write", write_line, stdout, NULL);
  tenon_composition* composition = NULL;
  tenon_error* error = tenon_builder_build(builder, &composition);
  tenon_builder_delete(builder);
  if (error != NULL) return report(error);
  int failures = 0;
  for (size_t i = 0; i < tenon_composition_unit_count(composition); ++i) {
    tenon_unit* plugin = NULL;
    error = tenon_composition_unit_at(composition, i, &plugin);
    if (error == NULL) error = call_plugin(plugin, argv[1], argv[2]);
    if (error != NULL) failures += report(error);
    tenon_unit_delete(plugin);
  }
  tenon_composition_delete(composition);
  return failures == 0 ? 0 : 1;
}
