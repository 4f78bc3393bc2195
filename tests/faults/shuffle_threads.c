/* Lets threads be slow where they meet: before locks are taken, after they are released, before waits and wake-ups, and when a
 * thread begins. By the seed SHUFFLE_SEED, and for LD_PRELOAD.
 *
 * Each thread has a pace, which it draws again from time to time. A slow one sleeps at many of these points, so that others
 * overtake it by far; most sleeps are short, so that they fall between two steps of another thread. The draws of a thread
 * depend on the seed, its number and what it did. The kernel still decides what runs, so the same seed does not always
 * make the same order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PACES = 3, POINTS_OF_PACE = 512 };

/* Of the points of a thread, one in so many is slow: for a fast, a usual and a slow one. */
static const uint64_t kOneIn[PACES] = {256, 32, 4};
static const long kMostNanoseconds = 200 * 1000;

static int (*real_lock)(pthread_mutex_t*);
static int (*real_unlock)(pthread_mutex_t*);
static int (*real_create)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
static long (*real_syscall)(long, ...);

static uint64_t seed;
static atomic_uint threads;
static _Thread_local uint64_t state __attribute__((tls_model("initial-exec")));
static _Thread_local unsigned points __attribute__((tls_model("initial-exec")));
static _Thread_local unsigned pace __attribute__((tls_model("initial-exec")));

__attribute__((constructor)) static void begin(void) {
  const char* text = getenv("SHUFFLE_SEED");
  seed = text ? strtoull(text, NULL, 10) : 0;
  real_lock = (int (*)(pthread_mutex_t*))dlsym(RTLD_NEXT, "pthread_mutex_lock");
  real_unlock = (int (*)(pthread_mutex_t*))dlsym(RTLD_NEXT, "pthread_mutex_unlock");
  real_create = (int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*))dlsym(RTLD_NEXT, "pthread_create");
  real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
}

/* splitmix64 */
static uint64_t draw(void) {
  if (state == 0) state = seed * 0x9e3779b97f4a7c15ULL + atomic_fetch_add(&threads, 1) + 1;
  uint64_t x = state += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

static void meet(void) {
  if (seed == 0) return;
  const int kept = errno;
  if (points++ % POINTS_OF_PACE == 0) pace = (unsigned)(draw() % PACES);
  if (draw() % kOneIn[pace] == 0) {
    /* Short ones are as frequent as long ones: half of them are below a thousandth of the longest. */
    const long most = kMostNanoseconds >> (draw() % 20);
    const struct timespec pause = {0, most};
    if (most < 1000)
      sched_yield();
    else
      nanosleep(&pause, NULL);
  }
  errno = kept;
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  if (real_lock == NULL) begin();
  meet();
  return real_lock(mutex);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  if (real_unlock == NULL) begin();
  const int result = real_unlock(mutex);
  meet();
  return result;
}

struct start {
  void* (*run)(void*);
  void* argument;
};

static void* run(void* given) {
  const struct start start = *(struct start*)given;
  free(given);
  meet();
  return start.run(start.argument);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*), void* argument) {
  if (real_create == NULL) begin();
  struct start* start = malloc(sizeof *start);
  if (start == NULL) return EAGAIN;
  *start = (struct start){function, argument};
  const int result = real_create(thread, attributes, run, start);
  if (result != 0) free(start);
  meet();
  return result;
}

/* Waits and wake-ups of `std::atomic`, and all of Rust's. */
long syscall(long number, ...) {
  if (real_syscall == NULL) begin();
  va_list given;
  va_start(given, number);
  long a[6];
  for (int i = 0; i < 6; ++i) a[i] = va_arg(given, long);
  va_end(given);
  if (number == SYS_futex) meet();
  return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
