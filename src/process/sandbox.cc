#include "process/sandbox.h"

#include <fcntl.h>
#include <fmt/core.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/system_library.h"
#include "support/try.h"

namespace tenon::process {

namespace {

using Names = std::span<const std::string_view>;

// Ways out of the process, whatever else it may do: the memory and the rights of other processes, the
// system itself, and interfaces that make system calls which no filter sees.
constexpr std::string_view kEscapes[] = {"acct",
                                         "add_key",
                                         "adjtimex",
                                         "bpf",
                                         "chroot",
                                         "clock_adjtime",
                                         "clock_settime",
                                         "delete_module",
                                         "fanotify_init",
                                         "finit_module",
                                         "init_module",
                                         "io_uring_enter",
                                         "io_uring_register",
                                         "io_uring_setup",
                                         "ioperm",
                                         "iopl",
                                         "kcmp",
                                         "kexec_file_load",
                                         "kexec_load",
                                         "keyctl",
                                         "listmount",
                                         "lookup_dcookie",
                                         "mbind",
                                         "migrate_pages",
                                         "mount",
                                         "mount_setattr",
                                         "move_mount",
                                         "move_pages",
                                         "name_to_handle_at",
                                         "nfsservctl",
                                         "open_by_handle_at",
                                         "open_tree",
                                         "open_tree_attr",
                                         "perf_event_open",
                                         "pidfd_getfd",
                                         "pidfd_open",
                                         "pidfd_send_signal",
                                         "pivot_root",
                                         "process_madvise",
                                         "process_mrelease",
                                         "process_vm_readv",
                                         "process_vm_writev",
                                         "ptrace",
                                         "quotactl",
                                         "quotactl_fd",
                                         "reboot",
                                         "request_key",
                                         "setdomainname",
                                         "sethostname",
                                         "setns",
                                         "statmount",
                                         "settimeofday",
                                         "swapoff",
                                         "swapon",
                                         "syslog",
                                         "tkill",
                                         "umount",
                                         "umount2",
                                         "unshare",
                                         "uselib",
                                         "userfaultfd",
                                         "vhangup",
                                         "_sysctl",
                                         "fsconfig",
                                         "fsmount",
                                         "fsopen",
                                         "fspick",
                                         "shmat",
                                         "shmctl",
                                         "shmget",
                                         "mq_open",
                                         "mq_unlink",
                                         "msgctl",
                                         "msgget",
                                         "msgrcv",
                                         "msgsnd",
                                         "semctl",
                                         "semget",
                                         "semop",
                                         "semtimedop"};

// Everything that takes a path, and what makes processes: they could run nothing else.
constexpr std::string_view kPaths[] = {"access",        "chdir",
                                       "chmod",         "chown",
                                       "creat",         "execve",
                                       "execveat",      "faccessat",
                                       "faccessat2",    "fchmodat",
                                       "fchownat",      "futimesat",
                                       "getxattr",      "inotify_add_watch",
                                       "lchown",        "lgetxattr",
                                       "link",          "linkat",
                                       "listxattr",     "llistxattr",
                                       "lremovexattr",  "lsetxattr",
                                       "lstat",         "mkdir",
                                       "mkdirat",       "mknod",
                                       "mknodat",       "open",
                                       "openat",        "openat2",
                                       "readlink",      "readlinkat",
                                       "removexattr",   "rename",
                                       "renameat",      "renameat2",
                                       "rmdir",         "setxattr",
                                       "stat",          "statfs",
                                       "statx",         "symlink",
                                       "symlinkat",     "truncate",
                                       "unlink",        "unlinkat",
                                       "utime",         "utimensat",
                                       "utimes",        "fork",
                                       "vfork",         "fchmodat2",
                                       "file_getattr",  "file_setattr",
                                       "getxattrat",    "listxattrat",
                                       "removexattrat", "setxattrat"};

// Those of them that the loader of libraries needs. `open` and `openat` are restricted by their flags.
constexpr std::string_view kLoaderPaths[] = {"access", "faccessat", "faccessat2", "lstat",
                                             "open",   "openat",    "readlink",   "readlinkat",
                                             "stat",   "statfs",    "statx"};

// Calls that make sockets or name peers. Sockets that the process already has can be used.
constexpr std::string_view kSockets[] = {"accept", "accept4", "bind",   "connect",
                                         "listen", "socket",  "sendto", "socketpair"};

// Shared memory does not count towards RLIMIT_DATA.
constexpr std::string_view kSharedMemory[] = {"memfd_create", "memfd_secret", "shmget"};

// Calls whose first argument is a process, for which 0 means the one that calls.
constexpr std::string_view kOfProcess[] = {"prlimit64", "sched_setaffinity", "sched_setattr",
                                           "sched_setparam", "sched_setscheduler"};

// A call that is refused if the bits of an argument that are in the mask have a value.
struct Refusal {
  int number;
  unsigned argument;
  std::uint64_t mask;
  std::uint64_t value;
};

// An argument of 32 bits: the kernel ignores the others.
constexpr std::uint64_t kInt = UINT32_MAX;

// IOPRIO_WHO_PGRP and IOPRIO_WHO_USER, which older headers of Linux do not have.
constexpr std::uint64_t kIoPriorityOfGroup = 2;
constexpr std::uint64_t kIoPriorityOfUser = 3;

constexpr Refusal refuse_flag(int number, unsigned argument, std::uint64_t flag) {
  return {number, argument, flag, flag};
}

constexpr Refusal kRefusals[] = {
    // Signals to any process of the user, when something happens to a descriptor.
    {SYS_fcntl, 1, kInt, F_SETOWN},
    {SYS_fcntl, 1, kInt, F_SETOWN_EX},
    {SYS_fcntl, 1, kInt, F_SETSIG},
    {SYS_ioctl, 1, kInt, FIOSETOWN},
    {SYS_ioctl, 1, kInt, SIOCSPGRP},
    // Input of a terminal.
    {SYS_ioctl, 1, kInt, TIOCSTI},
    {SYS_ioctl, 1, kInt, TIOCLINUX},
    // New namespaces.
    refuse_flag(SYS_clone, 0, CLONE_NEWCGROUP),
    refuse_flag(SYS_clone, 0, CLONE_NEWIPC),
    refuse_flag(SYS_clone, 0, CLONE_NEWNET),
    refuse_flag(SYS_clone, 0, CLONE_NEWNS),
    refuse_flag(SYS_clone, 0, CLONE_NEWPID),
    refuse_flag(SYS_clone, 0, CLONE_NEWUSER),
    refuse_flag(SYS_clone, 0, CLONE_NEWUTS),
    // Priorities of groups and users.
    {SYS_setpriority, 0, kInt, PRIO_PGRP},
    {SYS_setpriority, 0, kInt, PRIO_USER},
    {SYS_ioprio_set, 0, kInt, kIoPriorityOfGroup},
    {SYS_ioprio_set, 0, kInt, kIoPriorityOfUser},
};

// Signals that stop the process: it would not end by itself any more.
constexpr int kStops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

constexpr std::array<Refusal, 4> refuse_signal(int signal) {
  const auto value = static_cast<std::uint64_t>(signal);
  return {{{SYS_kill, 1, kInt, value},
           {SYS_tgkill, 2, kInt, value},
           {SYS_rt_sigqueueinfo, 1, kInt, value},
           {SYS_rt_tgsigqueueinfo, 2, kInt, value}}};
}

// Memory that grows like the stack of the first thread counts as that, and not towards RLIMIT_DATA.
constexpr Refusal kGrowingMemory = refuse_flag(SYS_mmap, 3, MAP_GROWSDOWN);

// Empty: it is another C library.
std::string_view glibc_version() {
#ifdef __GLIBC__
  return ::gnu_get_libc_version();
#else
  return {};
#endif
}

bool contains(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

#define TENON_SECCOMP_FUNCTIONS(X) \
  X(seccomp_attr_set)              \
  X(seccomp_init)                  \
  X(seccomp_load)                  \
  X(seccomp_release)               \
  X(seccomp_rule_add_array)        \
  X(seccomp_syscall_resolve_num_arch)

// libseccomp, which only processes with a filter need.
struct SeccompLibrary {
#define TENON_SECCOMP_MEMBER(name) decltype(&::name) name = nullptr;
  TENON_SECCOMP_FUNCTIONS(TENON_SECCOMP_MEMBER)  // NOLINT(readability-identifier-naming)
#undef TENON_SECCOMP_MEMBER
};

Diagnostic refuse(std::string_view what, std::string_view why) {
  return make_diagnostic(Code::HostProcess, "{}: {}", what, why);
}

Result<SeccompLibrary> load_seccomp() {
  const std::array<std::string, 1> names = {"libseccomp.so.2"};
  auto library = SystemLibrary::load(names);
  SeccompLibrary functions;
  Result<void, std::string> checked;
  if (library) {
#define TENON_SECCOMP_FIND(name) library->find(functions.name, #name);
    TENON_SECCOMP_FUNCTIONS(TENON_SECCOMP_FIND)
#undef TENON_SECCOMP_FIND
    checked = library->check();
    if (checked) return functions;
  }
  return refuse("`files = false` and `network = false` need libseccomp (libseccomp2)",
                library ? checked.error() : library.error());
}

// A filter that is being made. Errors of its functions: an errno.
class Filter final {
 public:
  // otherwise: what happens to a call without a rule.
  Filter(const SeccompLibrary& library, std::uint32_t otherwise)
      : library_(library), context_(library.seccomp_init(otherwise), library.seccomp_release) {}

  Result<void, int> add_rule(std::uint32_t action, int number, std::span<const scmp_arg_cmp> args) {
    return check(library_.seccomp_rule_add_array(context_.get(), action, number,
                                                 static_cast<unsigned>(args.size()), args.data()));
  }
  // For calls in which the bits of an argument that are in the mask have this value.
  Result<void, int> add_rule(std::uint32_t action, int number, unsigned argument,
                             std::uint64_t mask, std::uint64_t value) {
    const scmp_arg_cmp compared = {
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
    return add_rule(action, number, {&compared, 1});
  }

  Result<void, int> begin() {
    if (context_ == nullptr) return ENOMEM;
    TENON_TRY_VOID(set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM)));
    TENON_TRY_VOID(set(SCMP_FLTATR_CTL_NNP, 1));
    TENON_TRY_VOID(set(SCMP_FLTATR_CTL_TSYNC, 1));
    // A search tree: a list of all system calls would be slow.
    return set(SCMP_FLTATR_CTL_OPTIMIZE, 2);
  }
  Result<void, int> install() { return check(library_.seccomp_load(context_.get())); }

 private:
  static Result<void, int> check(int result) {
    return result == 0 ? Result<void, int>() : Result<void, int>(-result);
  }
  Result<void, int> set(scmp_filter_attr attribute, std::uint32_t value) {
    return check(library_.seccomp_attr_set(context_.get(), attribute, value));
  }

  const SeccompLibrary& library_;
  const std::unique_ptr<void, decltype(SeccompLibrary::seccomp_release)> context_;
};

// Refuses calls by their arguments. It is a filter of its own, because a rule of libseccomp cannot exclude
// several values of one argument. A call needs the consent of all filters.
Result<void, int> refuse_arguments(const SeccompLibrary& library, const HostProcess& limits) {
  Filter filter(library, SCMP_ACT_ALLOW);
  TENON_TRY_VOID(filter.begin());
  const auto add = [&filter](const Refusal& refusal) {
    return filter.add_rule(SCMP_ACT_ERRNO(EPERM), refusal.number, refusal.argument, refusal.mask,
                           refusal.value);
  };
  for (const Refusal& refusal : kRefusals) TENON_TRY_VOID(add(refusal));
  for (const int signal : kStops)
    for (const Refusal& refusal : refuse_signal(signal)) TENON_TRY_VOID(add(refusal));
  if (limits.memory) TENON_TRY_VOID(add(kGrowingMemory));
  return filter.install();
}

// Allows calls by their names. The others fail with EPERM.
class AllowedCalls final {
 public:
  AllowedCalls(const SeccompLibrary& library, const HostProcess& limits, SandboxStage stage)
      : library_(library),
        limits_(limits),
        is_loading_(stage == SandboxStage::Loading),
        filter_(library, SCMP_ACT_ERRNO(EPERM)) {}

  // Errors: an errno.
  Result<void, int> install() {
    TENON_TRY_VOID(filter_.begin());
    for (int number = 0; number < kMostNumbers; ++number) {
      const std::unique_ptr<char, decltype(&std::free)> name(
          number > kLastNumber
              ? nullptr
              : library_.seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number),
          std::free);
      TENON_TRY_VOID(name != nullptr ? add(number, name.get()) : say_unknown(number));
    }
    return filter_.install();
  }

 private:
  // The newest call that the lists above take into account (Linux 6.17, `file_setattr`). A newer libseccomp
  // knows more, which may belong into them. The numbers are the same for all machines.
  static constexpr int kLastNumber = 469;
  // More than Linux has, without the ranges of other ABIs.
  static constexpr int kMostNumbers = 512;

  Result<void, int> allow(int number) { return filter_.add_rule(SCMP_ACT_ALLOW, number, {}); }
  Result<void, int> say_unknown(int number) {
    return filter_.add_rule(SCMP_ACT_ERRNO(ENOSYS), number, {});
  }
  // Allows a call if the bits of an argument that are in the mask are one of these values.
  Result<void, int> allow_if(int number, unsigned argument, std::uint64_t mask,
                             std::initializer_list<std::uint64_t> values) {
    for (const std::uint64_t value : values)
      TENON_TRY_VOID(filter_.add_rule(SCMP_ACT_ALLOW, number, argument, mask, value));
    return {};
  }

  Result<void, int> add(int number, std::string_view name) {
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    const auto self = static_cast<std::uint64_t>(::getpid());
    // Its flags are in memory. The C library then uses `clone`.
    if (name == "clone3") return say_unknown(number);
    if (contains(kEscapes, name)) return {};
    // Signals to itself, and limits and priorities of itself.
    if (name == "kill" || name == "tgkill" || name == "rt_sigqueueinfo" ||
        name == "rt_tgsigqueueinfo")
      return allow_if(number, 0, kInt, {self});
    if (contains(kOfProcess, name)) return allow_if(number, 0, kInt, {0, self});
    if (name == "setpriority" || name == "ioprio_set") return allow_if(number, 1, kInt, {0, self});
    if (!limits_.files) {
      // Threads, and no processes.
      if (name == "clone") return allow_if(number, 0, CLONE_THREAD, {CLONE_THREAD});
      if (name == "newfstatat" && !is_loading_)
        return reads_state_by_path(glibc_version())
                   ? allow_if(number, 3, AT_EMPTY_PATH, {AT_EMPTY_PATH})
                   : Result<void, int>();
      if (is_loading_ && (name == "open" || name == "openat"))
        return allow_if(number, name == "open" ? 1 : 2, O_ACCMODE | O_CREAT | O_TRUNC, {O_RDONLY});
      if (contains(kPaths, name) && !(is_loading_ && contains(kLoaderPaths, name))) return {};
    }
    if (!limits_.network) {
      // Pairs of connected sockets lead nowhere, unless they can send to others.
      if (name == "socketpair") return allow_if(number, 1, 0xf, {SOCK_STREAM, SOCK_SEQPACKET});
      if (name == "sendto") return allow_if(number, 4, kAll, {0});
      if (contains(kSockets, name)) return {};
    }
    if (limits_.memory) {
      if (contains(kSharedMemory, name)) return {};
      if (name == "mmap")
        return allow_if(number, 3, MAP_SHARED | MAP_ANONYMOUS, {0, MAP_SHARED, MAP_ANONYMOUS});
    }
    return allow(number);
  }

  const SeccompLibrary& library_;
  const HostProcess& limits_;
  const bool is_loading_;
  Filter filter_;
};

Result<void> set_limit(__rlimit_resource resource, std::uint64_t soft, std::uint64_t hard,
                       std::string_view key) {
  // The process may have less already.
  rlimit limit = {};
  if (::getrlimit(resource, &limit) == 0 && limit.rlim_max != RLIM_INFINITY) {
    soft = std::min<std::uint64_t>(soft, limit.rlim_max);
    hard = std::min<std::uint64_t>(hard, limit.rlim_max);
  }
  limit = {.rlim_cur = soft, .rlim_max = hard};
  if (::setrlimit(resource, &limit) == 0) return {};
  return refuse(fmt::format("the limit `{}` cannot be set", key), describe_error(errno));
}

}  // namespace

bool reads_state_by_path(std::string_view version) {
  constexpr std::string_view kMajor = "2.";
  if (!version.starts_with(kMajor)) return false;
  version.remove_prefix(kMajor.size());
  unsigned minor = 0;
  (void)std::from_chars(version.data(), version.data() + version.size(), minor);
  return minor >= 33 && minor <= 38;
}

Result<void> set_limits(const HostProcess& limits) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return refuse("the process would keep rights", describe_error(errno));
  if (limits.memory)
    TENON_TRY_VOID(set_limit(RLIMIT_DATA, *limits.memory, *limits.memory, "memory"));
  if (limits.cpu) {
    const auto seconds =
        static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(*limits.cpu).count());
    // After SIGXCPU, which can be ignored, SIGKILL.
    TENON_TRY_VOID(set_limit(RLIMIT_CPU, seconds, seconds + 1, "cpu"));
  }
  if (limits.descriptors)
    TENON_TRY_VOID(
        set_limit(RLIMIT_NOFILE, *limits.descriptors, *limits.descriptors, "descriptors"));
  return {};
}

Result<void> enter_sandbox(const HostProcess& limits, SandboxStage stage) {
  if (limits.files && limits.network) return {};
  TENON_TRY(const SeccompLibrary library, load_seccomp());
  Result<void, int> installed;
  // The first filter stays when the others come.
  if (stage == SandboxStage::Loading) installed = refuse_arguments(library, limits);
  if (installed) installed = AllowedCalls(library, limits, stage).install();
  if (installed) return {};
  return refuse("the kernel refuses the filter of `files = false` and `network = false` (seccomp)",
                describe_error(installed.error()));
}

}  // namespace tenon::process
