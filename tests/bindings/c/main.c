#include "checks.h"

static const char* own_folder;
static const char* guests_folder;
static int failed;

void check_that(bool condition, const char* text, const char* file, int line) {
  if (condition) return;
  fprintf(stderr, "%s:%d: %s\n", file, line, text);
  ++failed;
}

void check_error(tenon_error* error, const char* code, const char* file, int line) {
  const char* const found = error != NULL ? tenon_error_code(error) : "";
  if (strcmp(found, code) != 0) {
    fprintf(stderr, "%s:%d: expected `%s`, found `%s`\n%s", file, line, code, found,
            error != NULL ? tenon_error_text(error) : "");
    ++failed;
  }
  tenon_error_delete(error);
}

static void add(tenon_builder* builder, const char* name, const char* folder, const char* suffix) {
  char path[1000];
  snprintf(path, sizeof(path), "%s/%s.%s", folder, name, suffix);
  tenon_builder_add_component(builder, name, path, NULL);
}
void add_component(tenon_builder* builder, const char* name) {
  add(builder, name, own_folder, "wat");
}
void add_guest(tenon_builder* builder, const char* name) {
  add(builder, name, guests_folder, "wasm");
}

tenon_composition* build(tenon_builder* builder) {
  tenon_composition* composition = NULL;
  CHECK_OK(tenon_builder_build(builder, &composition));
  tenon_builder_delete(builder);
  return composition;
}

void collect(void* user, const char* text) {
  char* const all = (char*)user;
  const size_t used = strlen(all);
  snprintf(all + used, 65536 - used, "%s", text);
}

void report_failure(void* user, const char* text) {
  (void)user;
  check_that(false, text, "look-up", 0);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fputs("usage: bindings_c FOLDER GUESTS\n", stderr);
    return 2;
  }
  own_folder = argv[1];
  guests_folder = argv[2];
  check_values();
  check_resources();
  check_tasks();
  check_problems();
  return failed != 0;
}
