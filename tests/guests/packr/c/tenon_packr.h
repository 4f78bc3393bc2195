// A packr package in C, without a library: its allocator, its metadata, and the shape of what it
// exports and imports. graph.h reads and writes the values.
//
//   #include "tenon_packr.h"
//   IMPORT("next", "pass") Status next_pass(PACKR_PARAMETERS);
//   EXPORT("pass") Status pass(PACKR_PARAMETERS) { return next_pass(bytes, size, result, result_size); }
//
// A guest is one translation unit: what the host calls is defined here. A guest that defines
// NO_ALLOCATOR or NO_METADATA before it has none, or its own.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

// What a function returns: 0, or -1 if its result is a text that says why there is none.
typedef int32_t Status;

// The arguments of every function: where its value lies, and the two words for its result. What
// the words name is freed by the caller.
#define PACKR_PARAMETERS const uint8_t *bytes, uint32_t size, uint8_t **result, uint32_t *result_size

// --- Memory ---------------------------------------------------------------------------------

#ifndef NO_ALLOCATOR

// Blocks of 16 bytes times a power of two. Those of one size that are free are a list; new ones are
// taken from the end of the memory.
enum { kSmallest = 4, kSizes = 28 };
static uint8_t* free_blocks[kSizes];
static uintptr_t unused_at;
static uint32_t live;
extern uint8_t __heap_base;

static inline uint32_t block_of(uint32_t size) {
  const uint32_t bits = size <= 1 ? 0 : 32 - (uint32_t)__builtin_clz(size - 1);
  return bits <= kSmallest ? 0 : bits - kSmallest;
}

// Null: there is no memory.
EXPORT("__pack_alloc")
uint8_t* allocate(uint32_t size) {
  const uint32_t block = block_of(size);
  if ((int32_t)size <= 0 || block >= kSizes) return NULL;
  uint8_t* found = free_blocks[block];
  if (found != NULL) {
    free_blocks[block] = *(uint8_t**)found;
  } else {
    if (unused_at == 0) unused_at = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    const uint64_t end = (uint64_t)unused_at + ((uint64_t)1 << (block + kSmallest));
    const uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535) >> 16) == (size_t)-1)
      return NULL;
    found = (uint8_t*)unused_at;
    unused_at = (uintptr_t)end;
  }
  ++live;
  return found;
}

// size: what it was allocated with.
EXPORT("__pack_free")
void release(uint8_t* bytes, uint32_t size) {
  if (bytes == NULL || size == 0) return;
  const uint32_t block = block_of(size);
  *(uint8_t**)bytes = free_blocks[block];
  free_blocks[block] = bytes;
  --live;
}

// How many blocks are allocated and not freed: a test of the host asks this after its calls.
EXPORT("live_allocations") uint32_t live_allocations(void) { return live; }

#endif

// --- Metadata -------------------------------------------------------------------------------

// tools/packr_metadata.py makes the bytes of NAME.types; the build defines METADATA as the file with
// them, and METADATA_SIZE.
#if defined(METADATA) && !defined(NO_METADATA)
static const uint8_t metadata[] = {
#include METADATA
};

EXPORT("__pack_types") Status pack_types(const uint8_t** at, uint32_t* size) {
  *at = metadata;
  *size = sizeof metadata;
  return 0;
}
#endif

// The names that the compiler gives to what it makes of loops and assignments.
void* memcpy(void* restrict to, const void* restrict from, size_t size) {
  return __builtin_memcpy(to, from, size);
}
void* memset(void* to, int byte, size_t size) { return __builtin_memset(to, byte, size); }
