/* What programs that were compiled for a newer glibc need of one of 2.28: functions that were not exported then.
 * tools/portable_link.py links it into portable programs. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* Files: the functions had a parameter with the version of the struct. */
#if defined(__x86_64__)
#define STAT_VERSION 1
#else
#define STAT_VERSION 0
#endif
extern int __xstat64(int version, const char *path, void *status);
extern int __fxstat64(int version, int file, void *status);
extern int __lxstat64(int version, const char *path, void *status);
extern int __fxstatat64(int version, int folder, const char *path, void *status, int flags);

HIDDEN int stat64(const char *path, void *status) { return __xstat64(STAT_VERSION, path, status); }
HIDDEN int fstat64(int file, void *status) { return __fxstat64(STAT_VERSION, file, status); }
HIDDEN int lstat64(const char *path, void *status) { return __lxstat64(STAT_VERSION, path, status); }
HIDDEN int fstatat64(int folder, const char *path, void *status, int flags) {
  return __fxstatat64(STAT_VERSION, folder, path, status, flags);
}
HIDDEN int stat(const char *path, void *status) { return stat64(path, status); }
HIDDEN int fstat(int file, void *status) { return fstat64(file, status); }
HIDDEN int lstat(const char *path, void *status) { return lstat64(path, status); }
HIDDEN int fstatat(int folder, const char *path, void *status, int flags) {
  return fstatat64(folder, path, status, flags);
}

/* Threads. libstdc++ counts references without atomics if this is set, which it never is here. */
HIDDEN char __libc_single_threaded = 0;
HIDDEN pid_t gettid(void) { return (pid_t)syscall(SYS_gettid); }

/* A time of another clock as one of the clock that waits could use. */
static struct timespec wall_time(clockid_t clock, const struct timespec *at) {
  struct timespec now, wall;
  if (clock == CLOCK_REALTIME) return *at;
  clock_gettime(clock, &now);
  clock_gettime(CLOCK_REALTIME, &wall);
  wall.tv_sec += at->tv_sec - now.tv_sec;
  wall.tv_nsec += at->tv_nsec - now.tv_nsec;
  if (wall.tv_nsec < 0) {
    wall.tv_nsec += 1000000000;
    --wall.tv_sec;
  } else if (wall.tv_nsec >= 1000000000) {
    wall.tv_nsec -= 1000000000;
    ++wall.tv_sec;
  }
  return wall;
}
HIDDEN int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                  const struct timespec *at) {
  const struct timespec wall = wall_time(clock, at);
  return pthread_cond_timedwait(condition, mutex, &wall);
}
HIDDEN int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *at) {
  const struct timespec wall = wall_time(clock, at);
  return pthread_mutex_timedlock(mutex, &wall);
}
