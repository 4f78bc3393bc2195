/* A plain C library whose WIT is a guest's, in a package that is named by a keyword. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  char *ptr;
  size_t len;
  void (*free)(void *);
} text_out;

__attribute__((visibility("default"))) void example_interface_runtime_greet(const char *name,
                                                                            size_t size,
                                                                            text_out *out) {
  const size_t room = size + sizeof "Hello, !";
  out->ptr = malloc(room);
  if (out->ptr == NULL) abort();
  out->len = (size_t)snprintf(out->ptr, room, "Hello, %.*s!", (int)size, name);
  out->free = free;
}
