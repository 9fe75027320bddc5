/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Landlock makes the file system read-only and lets nothing be executed but the library's own
 * programs; a filter of system calls takes away what no verification needs. Either may be missing
 * from a kernel: the other one is used then. What they need is asked of the kernel directly: a
 * filter by libseccomp (2.5) alone costs a start 0.37 ms of CPU, all of this 0.3.
 */

/* --- Landlock --------------------------------------------------------------------------------- */

/* As in linux/landlock.h, of which a system may have an older one than its kernel. */
#ifndef SYS_landlock_create_ruleset
#  define SYS_landlock_create_ruleset 444
#  define SYS_landlock_add_rule       445
#  define SYS_landlock_restrict_self  446
#endif
#define VERSION_FLAG 1U
#define PATH_BENEATH 1
#define ABI_MAX      7

enum
{
  FS_EXECUTE = 1U << 0,
  FS_WRITE_FILE = 1U << 1,
  FS_REMOVE_DIR = 1U << 4,
  FS_REMOVE_FILE = 1U << 5,
  FS_MAKE_DIR = 1U << 7,
  FS_MAKE_REG = 1U << 8,
  FS_CHANGES = 0x1ff0U, /* with the two that remove, every FS_MAKE_* */
  FS_REFER = 1U << 13,
  FS_TRUNCATE = 1U << 14,
  FS_IOCTL_DEV = 1U << 15,
  NET_BIND_TCP = 1U << 0,
  NET_CONNECT_TCP = 1U << 1,
  SCOPE_ABSTRACT_SOCKETS = 1U << 0,
  SCOPE_SIGNALS = 1U << 1,
};

struct ruleset
{
  uint64_t fs, net, scoped;
};

struct path_beneath
{
  uint64_t allowed;
  int32_t parent;
} __attribute__ ((packed));

/* What this kernel can take away. Reading is left: what is judged, and by what, may be anywhere. */
static struct ruleset
rights_of (int abi, const struct sandbox *wanted)
{
  struct ruleset rights = { .fs = FS_EXECUTE | FS_WRITE_FILE | FS_CHANGES };
  rights.fs |= abi >= 2 ? (uint64_t)FS_REFER : 0;
  rights.fs |= abi >= 3 ? (uint64_t)FS_TRUNCATE : 0;
  rights.fs |= abi >= 5 ? (uint64_t)FS_IOCTL_DEV : 0;
  if (abi >= 4)
    rights.net = wanted->network ? NET_BIND_TCP : NET_BIND_TCP | NET_CONNECT_TCP;
  if (abi >= 6)
    rights.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
  return rights;
}

/* Rights that are being written down. */
struct rules
{
  int fd;
  uint64_t fs; /* those that are taken away */
  int errnum;  /* what kept one from being written down */
};

/* What is no file of a file system needs no right. */
static int
add_rule (const struct rules *rules, const char *path, uint64_t allowed)
{
  int fd = open (path, O_PATH | O_CLOEXEC);
  if (fd < 0)
    return errno;
  struct path_beneath rule = { .allowed = allowed & rules->fs, .parent = fd };
  bool added = syscall (SYS_landlock_add_rule, rules->fd, PATH_BENEATH, &rule, 0) == 0;
  int errnum = added || errno == EBADFD ? 0 : errno;
  (void)close (fd);
  return errnum;
}

/* What is not there, or not for us, will not be used. */
static void
allow (struct rules *rules, const char *path, uint64_t allowed)
{
  int errnum = add_rule (rules, path, allowed);
  if (errnum && errnum != ENOENT && errnum != ENOTDIR && errnum != EACCES)
    rules->errnum = errnum;
}

/* A directory of ours, in which something would stay behind. */
static void
allow_own (struct rules *rules, const char *path, uint64_t allowed)
{
  int errnum = path ? add_rule (rules, path, allowed) : 0;
  if (errnum)
    rules->errnum = errnum;
}

/* The loader of a program, which is executed with it; false where it needs none. */
static bool
find_loader (const char *program, char *path, size_t size)
{
  Elf64_Ehdr header;
  Elf64_Phdr part;
  bool found = false;
  int fd = open (program, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  bool readable = fd >= 0 && pread (fd, &header, sizeof header, 0) == sizeof header
                  && memcmp (header.e_ident, ELFMAG, SELFMAG) == 0
                  && header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_phentsize == sizeof part;
  for (int i = 0; readable && !found && i < header.e_phnum; i++)
    {
      off_t at = (off_t)header.e_phoff + i * (off_t)sizeof part;
      readable = pread (fd, &part, sizeof part, at) == sizeof part;
      found = readable && part.p_type == PT_INTERP && part.p_filesz < size
              && pread (fd, path, part.p_filesz, (off_t)part.p_offset) == (ssize_t)part.p_filesz;
      path[found ? part.p_filesz : 0] = '\0';
    }
  if (fd >= 0)
    (void)close (fd);
  return found;
}

static void
allow_programs (struct rules *rules)
{
  char loader[256];
  for (const char *const *program = sigpolicy_programs (); *program; program++)
    {
      allow (rules, *program, FS_EXECUTE);
      if (find_loader (*program, loader, sizeof loader))
        allow (rules, loader, FS_EXECUTE);
    }
}

/* A file that is there; else its directory, in which it is made. */
static void
allow_file (struct rules *rules, const char *path)
{
  struct stat st;
  bool is_new = stat (path, &st) != 0;
  char *copy = is_new ? strdup (path) : NULL;

  if (!is_new)
    allow (rules, path, FS_WRITE_FILE | FS_TRUNCATE);
  else if (copy)
    allow (rules, dirname (copy), FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG);
  free (copy);
}

static int
enter_landlock (const struct sandbox *wanted, struct sandbox_parts *ret)
{
  long abi = syscall (SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
  if (abi < 1)
    return abi < 0 ? errno : ENOSYS;
  ret->landlock_abi = abi > ABI_MAX ? ABI_MAX : (int)abi;
  struct ruleset rights = rights_of (ret->landlock_abi, wanted);
  size_t size = abi < 4   ? offsetof (struct ruleset, net)
                : abi < 6 ? offsetof (struct ruleset, scoped)
                          : sizeof rights;
  struct rules rules
      = { .fd = (int)syscall (SYS_landlock_create_ruleset, &rights, size, 0), .fs = rights.fs };
  if (rules.fd < 0)
    return errno;
  allow_programs (&rules);
  allow (&rules, "/dev/null", FS_WRITE_FILE | FS_TRUNCATE);
  allow_own (&rules, wanted->private,
             FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG | FS_MAKE_DIR | FS_REMOVE_FILE
                 | FS_REMOVE_DIR);
  allow_own (&rules, wanted->remove, FS_REMOVE_DIR);
  if (wanted->file && strcmp (wanted->file, "-") != 0)
    allow_file (&rules, wanted->file);
  if (!rules.errnum && syscall (SYS_landlock_restrict_self, rules.fd, 0) != 0)
    rules.errnum = errno;
  (void)close (rules.fd);
  return rules.errnum;
}

/* --- the filter ------------------------------------------------------------------------------- */

/* Machines whose system calls are those below, each with the argument where it is looked for. */
#if defined __x86_64__
#  define MACHINE AUDIT_ARCH_X86_64
#elif defined __aarch64__ && !defined __AARCH64EB__
#  define MACHINE AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#  define MACHINE AUDIT_ARCH_RISCV64
#elif defined __powerpc64__ && defined __LITTLE_ENDIAN__
#  define MACHINE AUDIT_ARCH_PPC64LE
#endif

#ifdef MACHINE

#  define END        SECCOMP_RET_TRAP
#  define FAIL(with) (SECCOMP_RET_ERRNO | (unsigned)(with))

#  define NAMESPACES                                                                            \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID \
     | CLONE_NEWNET | 0x80U /* CLONE_NEWTIME */)

/* What becomes of a call. */
enum what_comes
{
  ENDS,
  IS_REFUSED,
  IS_MISSING,
  N_WHAT_COMES,
};
static const uint32_t actions[N_WHAT_COMES]
    = { [ENDS] = END, [IS_REFUSED] = FAIL (EPERM), [IS_MISSING] = FAIL (ENOSYS) };

/* What is taken away. Nothing that is ours, or a library's that we use, makes a call that ends us.
 * What others may try, and can do without, fails. Numbers that a kernel header lacks are those that
 * every machine has in common. */
static const struct
{
  int number;
  enum what_comes what;
} forbidden[] = {
  /* other processes, and this one's memory from outside */
  { SYS_ptrace, ENDS },
  { SYS_process_vm_readv, ENDS },
  { SYS_process_vm_writev, ENDS },
  { SYS_kcmp, ENDS },
  { SYS_move_pages, ENDS },
  { SYS_migrate_pages, ENDS },
  { 440 /* process_madvise */, ENDS },
  { 438 /* pidfd_getfd */, ENDS },
  { 424 /* pidfd_send_signal */, ENDS },
  { SYS_rt_sigqueueinfo, ENDS },
  { SYS_rt_tgsigqueueinfo, ENDS },
  /* mounting */
  { SYS_mount, ENDS },
  { SYS_umount2, ENDS },
  { SYS_pivot_root, ENDS },
  { SYS_chroot, ENDS },
  { SYS_swapon, ENDS },
  { SYS_swapoff, ENDS },
  { 428 /* open_tree */, ENDS },
  { 429 /* move_mount */, ENDS },
  { 430 /* fsopen */, ENDS },
  { 431 /* fsconfig */, ENDS },
  { 432 /* fsmount */, ENDS },
  { 433 /* fspick */, ENDS },
  { 442 /* mount_setattr */, ENDS },
  { 467 /* open_tree_attr */, ENDS },
  { SYS_open_by_handle_at, ENDS },
  { SYS_fanotify_init, ENDS },
  /* keyrings */
  { SYS_add_key, ENDS },
  { SYS_request_key, ENDS },
  { SYS_keyctl, ENDS },
  /* what else a kernel has to be attacked by */
  { SYS_bpf, ENDS },
  { SYS_perf_event_open, ENDS },
  { SYS_userfaultfd, ENDS },
  { 425 /* io_uring_setup */, ENDS },
  { 426 /* io_uring_enter */, ENDS },
  { 427 /* io_uring_register */, ENDS },
  /* the machine */
  { SYS_init_module, ENDS },
  { SYS_finit_module, ENDS },
  { SYS_delete_module, ENDS },
  { SYS_kexec_load, ENDS },
#  ifdef SYS_kexec_file_load
  { SYS_kexec_file_load, ENDS },
#  endif
  { SYS_reboot, ENDS },
  { SYS_syslog, ENDS },
  { SYS_acct, ENDS },
  { SYS_quotactl, ENDS },
  { 443 /* quotactl_fd */, ENDS },
  { SYS_settimeofday, ENDS },
  { SYS_clock_settime, ENDS },
  { SYS_adjtimex, ENDS },
  { SYS_clock_adjtime, ENDS },
  { SYS_sethostname, ENDS },
  { SYS_setdomainname, ENDS },
#  ifdef __x86_64__
  { SYS_iopl, ENDS },
  { SYS_ioperm, ENDS },
  /* the attributes of files, which Landlock leaves */
  { SYS_chmod, IS_REFUSED },
  { SYS_chown, IS_REFUSED },
  { SYS_lchown, IS_REFUSED },
  { SYS_utime, IS_REFUSED },
  { SYS_utimes, IS_REFUSED },
  { SYS_futimesat, IS_REFUSED },
#  endif
  { SYS_fchmod, IS_REFUSED },
  { SYS_fchmodat, IS_REFUSED },
  { 452 /* fchmodat2 */, IS_REFUSED },
  { SYS_fchown, IS_REFUSED },
  { SYS_fchownat, IS_REFUSED },
  { SYS_utimensat, IS_REFUSED },
  { SYS_setxattr, IS_REFUSED },
  { SYS_lsetxattr, IS_REFUSED },
  { SYS_fsetxattr, IS_REFUSED },
  { SYS_removexattr, IS_REFUSED },
  { SYS_lremovexattr, IS_REFUSED },
  { SYS_fremovexattr, IS_REFUSED },
  { 463 /* setxattrat */, IS_REFUSED },
  { 466 /* removexattrat */, IS_REFUSED },
  { 469 /* file_setattr */, IS_REFUSED },
  { SYS_truncate, IS_REFUSED }, /* by name: the first kernels with Landlock leave that, too */
/* what programs of the user's share, and who comes first among them */
#  ifdef SYS_shmget /* on PowerPC since 5.1 */
  { SYS_shmget, IS_REFUSED },
  { SYS_shmat, IS_REFUSED },
  { SYS_shmctl, IS_REFUSED },
  { SYS_semget, IS_REFUSED },
  { SYS_semctl, IS_REFUSED },
  { SYS_semtimedop, IS_REFUSED },
  { SYS_msgget, IS_REFUSED },
  { SYS_msgsnd, IS_REFUSED },
  { SYS_msgrcv, IS_REFUSED },
  { SYS_msgctl, IS_REFUSED },
#  endif
#  ifdef SYS_semop
  { SYS_semop, IS_REFUSED },
#  endif
#  ifdef SYS_ipc
  { SYS_ipc, IS_REFUSED },
#  endif
  { SYS_mq_open, IS_REFUSED },
  { SYS_mq_unlink, IS_REFUSED },
  { SYS_setpriority, IS_REFUSED },
  { SYS_ioprio_set, IS_REFUSED },
  { SYS_sched_setparam, IS_REFUSED },
  { SYS_sched_setscheduler, IS_REFUSED },
  { SYS_sched_setattr, IS_REFUSED },
  { SYS_sched_setaffinity, IS_REFUSED },
  /* programs that are no files of this host */
  { SYS_memfd_create, IS_REFUSED },
  { SYS_execveat, IS_REFUSED },
  /* namespaces; clone() is looked at below, and the arguments of clone3() cannot be */
  { SYS_unshare, IS_REFUSED },
  { SYS_setns, IS_REFUSED },
  { 435 /* clone3 */, IS_MISSING },
};
#  define N_FORBIDDEN ((unsigned)(sizeof forbidden / sizeof *forbidden))
_Static_assert(N_FORBIDDEN <= 250, "a jump of the filter goes over 255 instructions");

struct program
{
  struct sock_filter code[512];
  unsigned short len;
};

static void
add (struct program *program, unsigned code, uint32_t k, unsigned hit, unsigned miss)
{
  program->code[program->len++]
      = (struct sock_filter){ (uint16_t)code, (uint8_t)hit, (uint8_t)miss, k };
}

static void
load (struct program *program, size_t offset)
{
  add (program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void
say (struct program *program, uint32_t action)
{
  add (program, BPF_RET | BPF_K, action, 0, 0);
}

/* For one call, what follows. */
static void
of_call (struct program *program, int number, unsigned len)
{
  add (program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, len);
}

/* The lower half of an argument: all that the kernel looks at of these. */
static size_t
argument (int i)
{
  return offsetof (struct seccomp_data, args) + 8 * (size_t)i;
}

/* A call is left for these values of its first argument; n may be 0. */
static void
only (struct program *program, int number, const uint32_t *values, unsigned n)
{
  of_call (program, number, 2 * n + 2);
  load (program, argument (0));
  for (unsigned j = 0; j < n; j++)
    {
      add (program, BPF_JMP | BPF_JEQ | BPF_K, values[j], 0, 1);
      say (program, SECCOMP_RET_ALLOW);
    }
  say (program, FAIL (EPERM));
}

static void
forbid_all (struct program *program)
{
  load (program, offsetof (struct seccomp_data, arch));
  add (program, BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
  say (program, END);
  load (program, offsetof (struct seccomp_data, nr));
#  ifdef __x86_64__
  add (program, BPF_JMP | BPF_JGE | BPF_K, 0x40000000U /* of x32 */, 0, 1);
  say (program, END);
#  endif
  /* Each is one instruction, which leads behind all of them: the kernel goes through the filter for
   * every number that there is when it takes it. */
  for (unsigned i = 0; i < N_FORBIDDEN; i++)
    add (program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)forbidden[i].number,
         N_FORBIDDEN - i + forbidden[i].what, 0);
  add (program, BPF_JMP | BPF_JA, N_WHAT_COMES, 0, 0);
  for (unsigned i = 0; i < N_WHAT_COMES; i++)
    say (program, actions[i]);
}

/* A call is taken away for these values of an argument. */
static void
never (struct program *program, int number, int i, const uint32_t *values, unsigned n)
{
  of_call (program, number, 2 * n + 2);
  load (program, argument (i));
  for (unsigned j = 0; j < n; j++)
    {
      add (program, BPF_JMP | BPF_JEQ | BPF_K, values[j], 0, 1);
      say (program, FAIL (EPERM));
    }
  say (program, SECCOMP_RET_ALLOW);
}

static void
write_filter (const struct sandbox *wanted, bool scoped, struct program *program)
{
  /* Local sockets are for the name service alone: daemons that have them start programs. */
  static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK }, itself[] = { 0 };
  /* Keys that are pressed for the user on a terminal that we may share, flags of files, and whom
   * the kernel signals in our name. */
  static const uint32_t requests[]
      = { TIOCSTI, TIOCLINUX, FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FIOSETOWN, SIOCSPGRP };
  static const uint32_t commands[] = { F_SETOWN, F_SETOWN_EX };
  const uint32_t own = (uint32_t)getpid ();

  forbid_all (program);
  only (program, SYS_socket, families, wanted->network ? 4 : 0);
  only (program, SYS_prlimit64, itself, 1);
  never (program, SYS_ioctl, 1, requests, sizeof requests / sizeof *requests);
  never (program, SYS_fcntl, 1, commands, sizeof commands / sizeof *commands);
  of_call (program, SYS_clone, 4);
  load (program, argument (0));
  add (program, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
  say (program, FAIL (EPERM));
  say (program, SECCOMP_RET_ALLOW);
  /* Landlock knows which processes are ours to signal; where it does not, none is but this one. */
  if (!scoped)
    {
      only (program, SYS_kill, &own, 1);
      only (program, SYS_tkill, &own, 1);
      only (program, SYS_tgkill, &own, 1);
    }
  say (program, SECCOMP_RET_ALLOW);
}

static int
enter_filter (const struct sandbox *wanted, bool scoped)
{
  struct program program = { .len = 0 };

  write_filter (wanted, scoped, &program);
  struct sock_fprog whole = { program.len, program.code };
  return syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) == 0 ? 0 : errno;
}

#else

static int
enter_filter (const struct sandbox *wanted, bool scoped)
{
  (void)wanted;
  (void)scoped;
  return ENOTSUP;
}

#endif

/* --- both ------------------------------------------------------------------------------------- */

static int status_when_ended;
static const char *directory_when_ended; /* that is removed, if nothing is in it; or NULL */

/* Whoever made the call is not to be trusted with more than this. */
static void
on_forbidden (int number)
{
  static const char words[] = "sigpolicy: the sandbox ended this process, because it made a system "
                              "call that verification does not need\n";
  ssize_t ignored = write (STDERR_FILENO, words, sizeof words - 1);
  (void)ignored;
  (void)number;
  if (directory_when_ended)
    (void)rmdir (directory_when_ended);
  _exit (status_when_ended);
}

void
sandbox_enter (const struct sandbox *wanted, int exit_status, struct sandbox_parts *ret)
{
  const struct sigaction action = { .sa_handler = on_forbidden };

  status_when_ended = exit_status;
  directory_when_ended = wanted->remove ? wanted->private : NULL;
  *ret = (struct sandbox_parts){ 0 };
  /* Neither is to be had without: no program that is started gains rights. */
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || sigaction (SIGSYS, &action, NULL) != 0)
    {
      ret->landlock = ret->filter = errno;
      return;
    }
  ret->landlock = enter_landlock (wanted, ret);
  if (ret->landlock)
    ret->landlock_abi = 0;
  ret->filter = enter_filter (wanted, ret->landlock_abi >= 6);
}
