/* A program in C that uses code of `tenon bindgen c` (gen), in both directions: it is compiled as C11 and as
 * C++. Its arguments are the folders of its components: this one, and tests/guests/domains/wasm. */
#ifndef TENON_TESTS_CHECKS_H
#define TENON_TESTS_CHECKS_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
/* A function that must not fail. */
#define CHECK_OK(error) check_error((error), "", __FILE__, __LINE__)
/* A function that must fail. code: "run-trap" */
#define CHECK_FAILS(error, code) check_error((error), (code), __FILE__, __LINE__)

void check_that(bool condition, const char* text, const char* file, int line);
/* Deletes the error. */
void check_error(tenon_error* error, const char* code, const char* file, int line);

static inline bool is_text(tenon_string text, const char* expected) {
  return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

/* Adds a component of this folder, or of tests/guests/domains. name: "house", for house.wat */
void add_component(tenon_builder* builder, const char* name);
void add_guest(tenon_builder* builder, const char* name);
/* Builds, and deletes the builder. */
tenon_composition* build(tenon_builder* builder);
/* A `report` of generated functions: appends to the text at `user`, which has 65536 bytes. */
void collect(void* user, const char* text);
/* The same for look-ups that must not fail. */
void report_failure(void* user, const char* text);

void check_values(void);
void check_resources(void);
void check_tasks(void);
void check_problems(void);

#ifdef __cplusplus
}
#endif
#endif
