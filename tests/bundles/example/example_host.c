/* A plain C library. The world of its WIT imports its functions. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  char *ptr;
  size_t len;
  void (*free)(void *);
} text_out;

__attribute__((visibility("default"))) void hello(const char *name, size_t size, text_out *out) {
  const size_t room = size + sizeof "Hello, !";
  out->ptr = malloc(room);
  if (out->ptr == NULL) abort();
  out->len = (size_t)snprintf(out->ptr, room, "Hello, %.*s!", (int)size, name);
  out->free = free;
}

struct point {
  int16_t x;
  double y;
};
enum shape_kind { SHAPE_NOTHING, SHAPE_CIRCLE, SHAPE_AT };
struct shape {
  enum shape_kind kind;
  union {
    double circle;
    struct point at;
  } of;
};
typedef struct {
  struct shape *ptr;
  size_t len;
  void (*free)(void *);
} shapes_out;

/* The negative shapes, last one first. */
__attribute__((visibility("default"))) void example_host_shapes_turn(const struct shape *shapes,
                                                                     size_t count,
                                                                     shapes_out *out) {
  out->ptr = malloc(count * sizeof(struct shape) + 1);
  if (out->ptr == NULL) abort();
  out->len = count;
  out->free = free;
  for (size_t i = 0; i < count; ++i) {
    struct shape *to = &out->ptr[count - 1 - i];
    *to = shapes[i];
    if (to->kind == SHAPE_CIRCLE) to->of.circle = -to->of.circle;
    if (to->kind == SHAPE_AT) to->of.at = (struct point){(int16_t)-to->of.at.x, -to->of.at.y};
  }
}
