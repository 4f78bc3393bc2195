/* demo:plain/lib as a C library that knows nothing of tenon. Symbols follow from the names in the WIT, and
 * types from docs/host-bundles-c.md. It behaves as tests/guests/plain/lib does. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct {
  uint8_t a;
  double b;
} inner;
typedef struct {
  bool flag;
  inner inner;
  uint32_t color;
  uint32_t marks;
} outer;
typedef struct {
  uint8_t first;
  int64_t second;
} byte_and_long;
typedef struct {
  int64_t first;
  uint8_t second;
} long_and_byte;
typedef struct {
  char *ptr;
  size_t len;
  void (*free)(void *);
} text_out;
typedef struct {
  double *ptr;
  size_t len;
  void (*free)(void *);
} doubles_out;
typedef struct {
  uint32_t value;
} counter;

static uint32_t live_buffers = 0;
static uint32_t live_counters = 0;

/* Memory that the caller frees with free_buffer. */
static void *make_buffer(size_t size) {
  void *buffer = malloc(size + 1);
  if (buffer == NULL) abort();
  ++live_buffers;
  return buffer;
}
static void free_buffer(void *buffer) {
  --live_buffers;
  free(buffer);
}
static void set_text(text_out *out, const char *text, size_t size) {
  out->ptr = make_buffer(size);
  memcpy(out->ptr, text, size);
  out->len = size;
  out->free = free_buffer;
}

EXPORT double demo_plain_lib_mix(bool a, int8_t b, uint16_t c, int32_t d, uint64_t e, float f,
                                 double g, uint32_t h) {
  return a + b + c + d + (double)e + f + g + h;
}
EXPORT uint32_t demo_plain_lib_next_char(uint32_t c) { return c + 1; }
EXPORT uint32_t demo_plain_lib_turn(uint32_t color) { return color + 1; }
EXPORT uint32_t demo_plain_lib_toggle(uint32_t marks) { return marks ^ 3U; }

EXPORT void demo_plain_lib_echo(const char *text, size_t size, text_out *out) {
  if (size == 3 && memcmp(text, "bad", 3) == 0) text = "\xff\xfe\xfd";
  set_text(out, text, size);
}
EXPORT void demo_plain_lib_scale(const double *numbers, size_t count, double by, doubles_out *out) {
  out->ptr = make_buffer(count * sizeof(double));
  out->len = count;
  out->free = free_buffer;
  for (size_t i = 0; i < count; ++i) out->ptr[i] = numbers[i] * by;
}
EXPORT void demo_plain_lib_change(const outer *x, outer *out) {
  *out = *x;
  out->flag = !x->flag;
  out->inner.a = (uint8_t)(x->inner.a + 1);
  out->inner.b = -x->inner.b;
}
EXPORT void demo_plain_lib_swap(const byte_and_long *x, long_and_byte *out) {
  out->first = x->second;
  out->second = x->first;
}
EXPORT int32_t demo_plain_lib_either(const int32_t *a, int32_t b) { return a != NULL ? *a : b; }
EXPORT void demo_plain_lib_longer(const char *a, size_t a_size, const char *b, size_t b_size,
                                  text_out *out) {
  if (a != NULL && a_size > b_size)
    set_text(out, a, a_size);
  else
    set_text(out, b, b_size);
}
EXPORT bool demo_plain_lib_find(uint32_t x, text_out *out) {
  if (x == 0) return false;
  out->ptr = make_buffer(x);
  memset(out->ptr, 'x', x);
  out->len = x;
  out->free = free_buffer;
  return true;
}
EXPORT int32_t demo_plain_lib_divide(int32_t a, int32_t b, int32_t *ok, text_out *err) {
  if (b == 0) {
    set_text(err, "division by zero", 16);
    return 1;
  }
  *ok = a / b;
  return 0;
}
EXPORT int32_t demo_plain_lib_check(uint32_t x, uint32_t *err) {
  *err = 1;
  return x == 0 ? 0 : -1;
}

EXPORT counter *demo_plain_lib_constructor_counter(uint32_t start) {
  counter *created = malloc(sizeof(counter));
  if (created == NULL) abort();
  created->value = start;
  ++live_counters;
  return created;
}
EXPORT void demo_plain_lib_counter_drop(counter *self) {
  --live_counters;
  free(self);
}
EXPORT uint32_t demo_plain_lib_method_counter_next(counter *self) { return ++self->value; }
EXPORT counter *demo_plain_lib_static_counter_add(counter *a, const counter *b) {
  counter *sum = demo_plain_lib_constructor_counter(a->value + b->value);
  demo_plain_lib_counter_drop(a);
  return sum;
}
EXPORT uint32_t demo_plain_lib_consume(counter *c) {
  const uint32_t value = c->value;
  demo_plain_lib_counter_drop(c);
  return value;
}
EXPORT bool demo_plain_lib_make(uint32_t start, counter **out) {
  if (start == 0) return false;
  *out = demo_plain_lib_constructor_counter(start);
  return true;
}
EXPORT uint32_t demo_plain_lib_alive(void) { return live_counters; }
EXPORT uint32_t demo_plain_lib_lent(void) { return live_buffers; }
