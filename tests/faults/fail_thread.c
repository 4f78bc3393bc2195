/* Makes threads fail to start. For LD_PRELOAD.
 *
 * The thread with the number FAULT_AT, from 1, of a process cannot be made (EAGAIN, as at a limit of processes or without
 * memory), and with FAULT_KIND=limit none after it either. This is then written to the file FAULT_REPORT. A process that
 * ends before that writes how many threads there were: "threads 12". Only the processes whose name is FAULT_PROCESS count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long count;

static const char* setting(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

static int is_counted(void) { return !strcmp(setting("FAULT_PROCESS"), program_invocation_short_name); }

static void report(const char* text) {
  const int file = open(setting("FAULT_REPORT"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text)) abort();
  close(file);
}

__attribute__((destructor)) static void report_count(void) {
  char text[64];
  if (!is_counted() || atomic_load(&count) >= atol(setting("FAULT_AT"))) return;
  snprintf(text, sizeof text, "threads %ld\n", atomic_load(&count));
  report(text);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  static __typeof__(&pthread_create) real;
  if (!real) real = (__typeof__(&pthread_create))dlsym(RTLD_NEXT, "pthread_create");
  if (is_counted()) {
    const long number = atomic_fetch_add(&count, 1) + 1;
    const long at = atol(setting("FAULT_AT"));
    if (number == at) report("failed\n");
    if (number == at || (number > at && !strcmp(setting("FAULT_KIND"), "limit"))) return EAGAIN;
  }
  return real(thread, attributes, start, argument);
}
