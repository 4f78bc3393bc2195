// keeper: exports demo:note/keep, which appends to a file. wasi-libc makes it import most of
// wasi:filesystem and wasi:io/streams; the resource `output-stream` is used by both.
#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool exports_demo_note_keep_keep(keeper_string_t* path, keeper_string_t* line, uint64_t* ret,
                                 keeper_string_t* err) {
  char name[256];
  snprintf(name, sizeof name, "%.*s", (int)path->len, (char*)path->ptr);
  FILE* file = fopen(name, "a");
  bool fine = file != NULL;
  if (fine) {
    fprintf(file, "%.*s\n", (int)line->len, (char*)line->ptr);
    fine = fclose(file) == 0;
  }
  struct stat found;
  if (fine && stat(name, &found) == 0) {
    *ret = (uint64_t)found.st_size;
  } else {
    keeper_string_dup(err, strerror(errno));
    fine = false;
  }
  keeper_string_free(path);
  keeper_string_free(line);
  return fine;
}
