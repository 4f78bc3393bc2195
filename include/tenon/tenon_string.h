/* Text in code of `tenon bindgen c` (docs/bindgen.md).
 *
 * For C11 and C++.
 */
#ifndef TENON_STRING_H
#define TENON_STRING_H

#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* UTF-8 that does not end with NUL. */
typedef struct tenon_string {
  const char* ptr;
  size_t len; /* bytes */
} tenon_string;

/* The text up to NUL, which stays where it is. */
static inline tenon_string tenon_string_of(const char* text) {
  const tenon_string string = {text, strlen(text)};
  return string;
}

#ifdef __cplusplus
}
#endif
#endif
