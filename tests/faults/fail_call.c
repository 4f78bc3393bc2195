/* Makes one system call on files fail, or ends the process after it. For LD_PRELOAD.
 *
 * Calls count that are for files in the folder FAULT_ROOT, and that the fault can happen to. The one with the number
 * FAULT_AT, from 1, gets the fault FAULT_KIND:
 *   enospc  no space is left on the device: writes, and calls that make names or change sizes
 *   eio     an error of the device: these, reads, and `fsync`
 *   eintr   a signal came in between, before anything was done: reads, writes, locks
 *   short   reads and writes of more than one byte do only half
 *   kill    the call is made, and then the process is killed
 * It is then written to the file FAULT_REPORT: "write /folder/file". Later calls are as usual. A process that ends
 * before that call writes how many there were: "calls 12". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CHANGES = 1, WRITES = 2, READS = 4, SYNCS = 8, LOCKS = 16, OPENS = 32 };

static atomic_long count;

static const char* setting(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

/* The name of what a descriptor refers to. */
static void name_descriptor(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const long size = syscall(SYS_readlink, link, path, PATH_MAX - 1);
  path[size > 0 ? size : 0] = 0;
}

static void name_path(int folder, const char* name, char* path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return;
  }
  char at[PATH_MAX];
  if (folder == AT_FDCWD) {
    if (syscall(SYS_getcwd, at, sizeof at) < 0) at[0] = 0;
  } else {
    name_descriptor(folder, at);
  }
  const size_t size = strlen(at);
  snprintf(path, PATH_MAX, "%s", at);
  snprintf(path + size, PATH_MAX - size, "/%s", name);
}

static int can_fail(const char* kind, int sort) {
  if (!strcmp(kind, "enospc")) return sort & (CHANGES | WRITES);
  if (!strcmp(kind, "eio")) return sort & (CHANGES | WRITES | READS | SYNCS | OPENS);
  if (!strcmp(kind, "eintr")) return sort & (WRITES | READS | LOCKS);
  if (!strcmp(kind, "short")) return sort & (WRITES | READS);
  return sort & (CHANGES | WRITES | SYNCS | LOCKS);
}

static void report(const char* text) {
  const long size = (long)strlen(text);
  const long file = syscall(SYS_open, setting("FAULT_REPORT"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || syscall(SYS_write, file, text, size) != size) abort();
  syscall(SYS_close, file);
}

/* Is this the call that gets the fault? Then it is reported. */
static int is_chosen(const char* call, int sort, const char* path) {
  const char* const root = setting("FAULT_ROOT");
  if (!root[0] || strncmp(path, root, strlen(root)) != 0) return 0;
  if (!can_fail(setting("FAULT_KIND"), sort)) return 0;
  if (atomic_fetch_add(&count, 1) + 1 != atol(setting("FAULT_AT"))) return 0;
  char text[PATH_MAX + 32];
  snprintf(text, sizeof text, "%s %s\n", call, path);
  report(text);
  return 1;
}

__attribute__((destructor)) static void report_count(void) {
  char text[64];
  snprintf(text, sizeof text, "calls %ld\n", atomic_load(&count));
  if (atomic_load(&count) < atol(setting("FAULT_AT"))) report(text);
}

/* The fault of a call: 0 if there is none. */
static int fault_of(void) {
  const char* const kind = setting("FAULT_KIND");
  if (!strcmp(kind, "enospc")) return ENOSPC;
  if (!strcmp(kind, "eio")) return EIO;
  if (!strcmp(kind, "eintr")) return EINTR;
  return 0;
}

static long end_of(int chosen, long result) {
  if (chosen && !strcmp(setting("FAULT_KIND"), "kill")) {
    kill(getpid(), SIGKILL);
    pause();
  }
  return result;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A call that does all or nothing. */
#define WHOLE(call, sort, path, real)                  \
  do {                                                 \
    const int chosen = is_chosen(call, sort, path);    \
    if (chosen && fault_of()) {                        \
      errno = fault_of();                              \
      return -1;                                       \
    }                                                  \
    return (__typeof__(real))end_of(chosen, (long)(real)); \
  } while (0)

#define BY_DESCRIPTOR(call, sort, real) \
  do {                                  \
    char path[PATH_MAX];                \
    const int before = errno;           \
    name_descriptor(fd, path);          \
    errno = before;                     \
    WHOLE(call, sort, path, real);      \
  } while (0)

#define BY_NAME(call, sort, folder, name, real) \
  do {                                          \
    char path[PATH_MAX];                        \
    name_path(folder, name, path);              \
    WHOLE(call, sort, path, real);              \
  } while (0)

/* A call that moves bytes. */
#define BYTES(call, sort, whole, half)                  \
  do {                                                  \
    char path[PATH_MAX];                                \
    const int before = errno;                           \
    name_descriptor(fd, path);                          \
    errno = before;                                     \
    const int chosen = is_chosen(call, sort, path);     \
    if (chosen && fault_of()) {                         \
      errno = fault_of();                               \
      return -1;                                        \
    }                                                   \
    if (chosen && !strcmp(setting("FAULT_KIND"), "short")) return half; \
    return end_of(chosen, whole);                       \
  } while (0)

static size_t half_of(size_t size) { return size > 1 ? size / 2 : size; }

ssize_t read(int fd, void* data, size_t size) {
  BYTES("read", READS, REAL(read)(fd, data, size), REAL(read)(fd, data, half_of(size)));
}
ssize_t write(int fd, const void* data, size_t size) {
  BYTES("write", WRITES, REAL(write)(fd, data, size), REAL(write)(fd, data, half_of(size)));
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  BYTES("pwrite", WRITES, REAL(pwrite64)(fd, data, size, at), REAL(pwrite64)(fd, data, half_of(size), at));
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  BYTES("pwrite", WRITES, REAL(pwrite)(fd, data, size, at), REAL(pwrite)(fd, data, half_of(size), at));
}
ssize_t writev(int fd, const struct iovec* parts, int number) {
  BYTES("writev", WRITES, REAL(writev)(fd, parts, number), REAL(writev)(fd, parts, number > 1 ? number / 2 : number));
}

int fsync(int fd) { BY_DESCRIPTOR("fsync", SYNCS, REAL(fsync)(fd)); }
int fdatasync(int fd) { BY_DESCRIPTOR("fdatasync", SYNCS, REAL(fdatasync)(fd)); }
int ftruncate(int fd, off_t size) { BY_DESCRIPTOR("ftruncate", CHANGES, REAL(ftruncate)(fd, size)); }
int ftruncate64(int fd, off64_t size) { BY_DESCRIPTOR("ftruncate", CHANGES, REAL(ftruncate64)(fd, size)); }
int fchmod(int fd, mode_t mode) { BY_DESCRIPTOR("fchmod", SYNCS, REAL(fchmod)(fd, mode)); }
int flock(int fd, int operation) { BY_DESCRIPTOR("flock", LOCKS, REAL(flock)(fd, operation)); }

int rename(const char* from, const char* to) { BY_NAME("rename", CHANGES, AT_FDCWD, to, REAL(rename)(from, to)); }
int renameat(int source, const char* from, int target, const char* to) {
  BY_NAME("renameat", CHANGES, target, to, REAL(renameat)(source, from, target, to));
}
int link(const char* from, const char* to) { BY_NAME("link", CHANGES, AT_FDCWD, to, REAL(link)(from, to)); }
int unlink(const char* name) { BY_NAME("unlink", CHANGES, AT_FDCWD, name, REAL(unlink)(name)); }
int unlinkat(int folder, const char* name, int flags) {
  BY_NAME("unlinkat", CHANGES, folder, name, REAL(unlinkat)(folder, name, flags));
}
int mkdir(const char* name, mode_t mode) { BY_NAME("mkdir", CHANGES, AT_FDCWD, name, REAL(mkdir)(name, mode)); }
int mkdirat(int folder, const char* name, mode_t mode) {
  BY_NAME("mkdirat", CHANGES, folder, name, REAL(mkdirat)(folder, name, mode));
}
int rmdir(const char* name) { BY_NAME("rmdir", CHANGES, AT_FDCWD, name, REAL(rmdir)(name)); }

static mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

#define OPEN(folder, real)                                                     \
  do {                                                                         \
    va_list rest;                                                              \
    va_start(rest, flags);                                                     \
    const mode_t mode = mode_of(flags, rest);                                  \
    va_end(rest);                                                              \
    BY_NAME("open", flags & O_CREAT ? CHANGES : OPENS, folder, name, real); \
  } while (0)

int open(const char* name, int flags, ...) { OPEN(AT_FDCWD, REAL(open)(name, flags, mode)); }
int open64(const char* name, int flags, ...) { OPEN(AT_FDCWD, REAL(open64)(name, flags, mode)); }
int openat(int folder, const char* name, int flags, ...) { OPEN(folder, REAL(openat)(folder, name, flags, mode)); }
int openat64(int folder, const char* name, int flags, ...) { OPEN(folder, REAL(openat64)(folder, name, flags, mode)); }
