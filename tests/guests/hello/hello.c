// hello: a command that shows what it was given and does what its arguments say, for tests of
// `tenon run`: grants, exit codes, standard streams, traps and interruption.
//
// It prints every argument and every environment variable, then follows its arguments in order:
//   read:PATH         prints a file
//   write:PATH=TEXT   writes a file
//   stdin             copies standard input to standard output
//   stderr:TEXT       prints a line to standard error
//   exit:N            exits with N
//   trap              traps three calls down, in `fall_over`
//   loop              loops for ever
//   sleep:SECONDS     waits inside the host
// Anything else is only printed. A file that cannot be opened is a line on standard error and exit
// code 3.
//
// The C library can exit with 0 and 1 only. Other codes are a function that wasi:cli/exit has since
// 0.2.12, so hello calls that, and is built with an adapter of the same version.
#include "hello.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char** environ;

enum { CANNOT_OPEN = 3 };

static void copy(FILE* from, FILE* to) {
  char buffer[4096];
  size_t n;
  while ((n = fread(buffer, 1, sizeof buffer, from)) > 0) fwrite(buffer, 1, n, to);
}

static _Noreturn void leave(int code) {
  fflush(stdout);
  wasi_cli_exit_exit_with_code((uint8_t)code);
  __builtin_unreachable();
}

static FILE* open_or_exit(const char* path, const char* mode) {
  FILE* file = fopen(path, mode);
  if (!file) {
    fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
    leave(CANNOT_OPEN);
  }
  return file;
}

static void read_file(const char* path) {
  FILE* file = open_or_exit(path, "r");
  copy(file, stdout);
  fclose(file);
}

static void write_file(char* path_and_text) {
  char* text = strchr(path_and_text, '=');
  if (!text) text = path_and_text + strlen(path_and_text);
  if (*text) *text++ = '\0';
  FILE* file = open_or_exit(path_and_text, "w");
  fputs(text, file);
  fclose(file);
}

// Three named functions, so that a test can look for them in the backtrace.
__attribute__((noinline)) static void fall_over(volatile int* depth) {
  *depth += 1;
  __builtin_trap();
}
__attribute__((noinline)) static void lean(volatile int* depth) {
  *depth += 1;
  fall_over(depth);
  *depth -= 1;
}
__attribute__((noinline)) static void stumble(volatile int* depth) {
  *depth += 1;
  lean(depth);
  *depth -= 1;
}

static void loop_for_ever(void) {
  for (volatile unsigned i = 0;; ++i) {
  }
}

// The rest of `argument` after `order`, or NULL if it does not start with it.
static char* after(char* argument, const char* order) {
  size_t n = strlen(order);
  return strncmp(argument, order, n) == 0 ? argument + n : NULL;
}

static void follow(char* argument) {
  char* rest;
  volatile int depth = 0;
  if ((rest = after(argument, "read:"))) {
    read_file(rest);
  } else if ((rest = after(argument, "write:"))) {
    write_file(rest);
  } else if (strcmp(argument, "stdin") == 0) {
    copy(stdin, stdout);
  } else if ((rest = after(argument, "stderr:"))) {
    fprintf(stderr, "%s\n", rest);
  } else if ((rest = after(argument, "exit:"))) {
    leave(atoi(rest));
  } else if (strcmp(argument, "trap") == 0) {
    fflush(stdout);
    stumble(&depth);
  } else if (strcmp(argument, "loop") == 0) {
    fflush(stdout);
    loop_for_ever();
  } else if ((rest = after(argument, "sleep:"))) {
    fflush(stdout);
    sleep((unsigned)atoi(rest));
  }
}

int main(int argc, char** argv) {
  printf("hello\n");
  for (int i = 1; i < argc; ++i) printf("argument %d: %s\n", i, argv[i]);
  for (char** variable = environ; *variable; ++variable) printf("environment: %s\n", *variable);
  for (int i = 1; i < argc; ++i) follow(argv[i]);
  return 0;
}
