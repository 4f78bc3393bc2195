// teller: exports demo:mix/tell, which prints a line. Built with wasi-libc and the adapter that
// imports WASI 0.2.12.
#include "teller.h"

#include <stdio.h>

uint32_t exports_demo_mix_tell_tell(teller_string_t* line) {
  static uint32_t count;
  printf("teller: %.*s\n", (int)line->len, (char*)line->ptr);
  fflush(stdout);
  teller_string_free(line);
  return ++count;
}
