// The part of a C library that wit-bindgen's bindings need, so that the guest imports nothing.
//
// The allocator rounds sizes up to powers of two, at least 16 bytes, and keeps a free list for each
// size. A block starts with 8 bytes for its size class; the caller's memory follows, aligned to 8.
#include <stdlib.h>
#include <string.h>

enum { HEADER = 8, SMALLEST_CLASS = 4, CLASSES = 28 };
enum { LARGEST_REQUEST = 1 << 26 };

extern unsigned char __heap_base;  // set by the linker: the first byte after the data
static unsigned char* top;         // the first byte behind all blocks
static void* free_lists[CLASSES];

static unsigned class_of(size_t size) {
  unsigned c = SMALLEST_CLASS;
  while (((size_t)1 << c) < size + HEADER) ++c;
  return c;
}

_Noreturn void abort(void) { __builtin_trap(); }

void* malloc(size_t size) {
  if (size > LARGEST_REQUEST) return NULL;
  unsigned c = class_of(size);
  void** head = &free_lists[c];
  if (*head) {
    void* p = *head;
    *head = *(void**)p;
    return p;
  }
  if (!top) top = (unsigned char*)(((size_t)&__heap_base + 15) & ~(size_t)15);
  unsigned char* end = top + ((size_t)1 << c);
  size_t have = __builtin_wasm_memory_size(0) << 16;
  if ((size_t)end > have) {
    size_t pages = ((size_t)end - have + 0xffff) >> 16;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return NULL;
  }
  *(unsigned*)top = c;
  void* p = top + HEADER;
  top = end;
  return p;
}

void free(void* p) {
  if (!p) return;
  unsigned c = *(unsigned*)((unsigned char*)p - HEADER);
  *(void**)p = free_lists[c];
  free_lists[c] = p;
}

void* calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void* p = malloc(bytes);
  return p ? memset(p, 0, bytes) : NULL;
}

void* realloc(void* p, size_t size) {
  if (!p) return malloc(size);
  unsigned c = *(unsigned*)((unsigned char*)p - HEADER);
  size_t had = ((size_t)1 << c) - HEADER;
  if (size <= had) return p;
  void* moved = malloc(size);
  if (!moved) return NULL;
  memcpy(moved, p, had);
  free(p);
  return moved;
}

void* memcpy(void* to, const void* from, size_t n) {
  unsigned char* a = to;
  const unsigned char* b = from;
  while (n--) *a++ = *b++;
  return to;
}

void* memmove(void* to, const void* from, size_t n) {
  unsigned char* a = to;
  const unsigned char* b = from;
  if (a < b) {
    while (n--) *a++ = *b++;
  } else {
    while (n--) a[n] = b[n];
  }
  return to;
}

void* memset(void* to, int c, size_t n) {
  unsigned char* a = to;
  while (n--) *a++ = (unsigned char)c;
  return to;
}

int memcmp(const void* x, const void* y, size_t n) {
  const unsigned char *a = x, *b = y;
  for (; n--; ++a, ++b) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

size_t strlen(const char* s) {
  const char* end = s;
  while (*end) ++end;
  return (size_t)(end - s);
}
