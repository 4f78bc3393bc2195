/* Lets the clock of the wall jump back and forth by up to ten years, by the seed CLOCK_SEED. For LD_PRELOAD. The monotonic
 * clock goes on. A process that ends writes to the file CLOCK_REPORT how often it asked for the time: "asked 12". */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const long long kMost = 10LL * 365 * 24 * 3600;

static atomic_long asked;

/* The distance to the real time: another one for each question (splitmix64). */
static long long jump(void) {
  const char* seed = getenv("CLOCK_SEED");
  const uint64_t number = (uint64_t)atomic_fetch_add(&asked, 1);
  uint64_t x = ((uint64_t)atoll(seed ? seed : "0") << 32) + number * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return (long long)(x % (2 * (uint64_t)kMost)) - kMost;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  const long result = syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += jump();
  return (int)result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* at) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}

__attribute__((destructor)) static void report(void) {
  const char* path = getenv("CLOCK_REPORT");
  FILE* file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "asked %ld\n", atomic_load(&asked));
  fclose(file);
}
