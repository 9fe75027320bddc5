/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The command with a planted mistake: the first time that its JSON parser is called, it does what
 * $PLANTED says, with $VICTIM, and says on standard error what came of that. What a parser can be
 * made to do by its input, it could do so.
 *
 * planted probe                        what the kernel itself has: "landlock" with its ABI,
 * "seccomp" planted without PART... -- COMMAND...   runs a command in a container that lets nobody
 * use a part
 */
#include "cli.h"
#include "json/json.h"
#include "sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

extern char **environ;
const bool sandbox_by_default = true;

/* --- what it tries: 0 when it could ----------------------------------------------------------- */

static long
try_connect (const char *port)
{
  struct sockaddr_in there = { .sin_family = AF_INET,
                               .sin_port = htons ((uint16_t)strtoul (port, NULL, 10)),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect (fd, (struct sockaddr *)&there, sizeof there);
}

static long
try_packet (const char *unused)
{
  (void)unused;
  return socket (AF_PACKET, SOCK_RAW, 0) < 0 ? -1 : 0;
}

static long
try_write (const char *path)
{
  int fd = open (path, O_WRONLY | O_APPEND);
  return fd < 0 || write (fd, "!", 1) != 1 ? -1 : 0;
}

static long
try_create (const char *path)
{
  char other[4096];
  (void)snprintf (other, sizeof other, "%s.new", path);
  return open (other, O_WRONLY | O_CREAT | O_EXCL, 0600) < 0 ? -1 : 0;
}

static long
try_truncate (const char *path)
{
  return truncate (path, 0);
}

static long
try_unlink (const char *path)
{
  return unlink (path);
}

static long
try_rename (const char *path)
{
  char other[4096];
  (void)snprintf (other, sizeof other, "%s.other", path);
  return rename (path, other);
}

static long
try_link (const char *path)
{
  char other[4096];
  (void)snprintf (other, sizeof other, "%s.link", path);
  return symlink (path, other);
}

static long
try_mkdir (const char *path)
{
  char other[4096];
  (void)snprintf (other, sizeof other, "%s.d", path);
  return mkdir (other, 0700);
}

static long
try_chmod (const char *path)
{
  return chmod (path, 0777);
}

static long
try_times (const char *path)
{
  const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
  return utimensat (AT_FDCWD, path, times, 0);
}

static long
try_xattr (const char *path)
{
  return setxattr (path, "user.planted", "1", 1, 0);
}

/* The same by a call of newer kernels (6.13), which take the value in a struct. */
static long
try_attribute (const char *path)
{
  static const char value[] = "1";
  struct
  {
    uint64_t value;
    uint32_t size, flags;
  } arguments = { .value = (uintptr_t)value, .size = 1 };
  return syscall (463 /* setxattrat */, AT_FDCWD, path, 0, "user.planted", &arguments,
                  sizeof arguments);
}

static long
try_flags (const char *path)
{
  int flags = 0, fd = open (path, O_RDONLY);
  if (fd < 0 || ioctl (fd, FS_IOC_GETFLAGS, &flags) != 0)
    return -1;
  flags ^= FS_NODUMP_FL;
  return ioctl (fd, FS_IOC_SETFLAGS, &flags);
}

static void *
write_in_thread (void *path)
{
  return (void *)try_write (path);
}

static long
try_thread (const char *path)
{
  pthread_t thread;
  void *result = NULL;
  char *copy = strdup (path);
  if (!copy || pthread_create (&thread, NULL, write_in_thread, copy) != 0)
    return -1;
  (void)pthread_join (thread, &result);
  return (long)result;
}

/* A program that is not gpg, which would write. */
static long
try_execve (const char *path)
{
  char shell[] = "/bin/sh", option[] = "-c", script[] = "printf ! >>\"$0\"";
  char *copy = strdup (path), *const words[] = { shell, option, script, copy, NULL };
  int status = 0;
  pid_t child = fork ();
  if (child == 0)
    {
      (void)execve (shell, words, environ);
      _exit (errno == EACCES ? 111 : 112);
    }
  if (child < 0 || waitpid (child, &status, 0) != child)
    return -1;
  errno = WIFEXITED (status) && WEXITSTATUS (status) == 111 ? EACCES : ENOEXEC;
  return status == 0 ? 0 : -1;
}

/* One that is no file of this host. */
static long
try_memory (const char *unused)
{
  (void)unused;
  return memfd_create ("planted", 0) < 0 ? -1 : 0;
}

static pid_t
pid_of (const char *text)
{
  return (pid_t)strtol (text, NULL, 10);
}

static long
try_kill (const char *pid)
{
  return kill (pid_of (pid), SIGKILL);
}

static long
try_tgkill (const char *pid)
{
  return syscall (SYS_tgkill, pid_of (pid), pid_of (pid), SIGKILL);
}

/* What the kernel would signal in our name. */
static long
try_owner (const char *pid)
{
  int ends[2];
  return pipe (ends) == 0 ? fcntl (ends[0], F_SETOWN, pid_of (pid)) : -1;
}

static long
try_socket_owner (const char *pid)
{
  int ends[2], owner = pid_of (pid);
  return socketpair (AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? ioctl (ends[0], FIOSETOWN, &owner) : -1;
}

static long
try_priority (const char *pid)
{
  return setpriority (PRIO_PROCESS, (id_t)pid_of (pid), 19);
}

/* What programs of the same user share by a number. */
static long
try_segment (const char *unused)
{
  (void)unused;
  int segment = shmget (IPC_PRIVATE, 4096, 0600);
  return segment < 0 ? -1 : shmctl (segment, IPC_RMID, NULL);
}

/* By a local socket, daemons can be told to start programs. */
static long
try_local (const char *unused)
{
  (void)unused;
  return socket (AF_UNIX, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

static long
try_tree (const char *path)
{
  return syscall (467 /* open_tree_attr */, AT_FDCWD, path, 0, NULL, (size_t)0) < 0 ? -1 : 0;
}

static long
try_ptrace (const char *pid)
{
  return ptrace (PTRACE_ATTACH, pid_of (pid), NULL, NULL);
}

static long
try_memory_of (const char *pid)
{
  char byte;
  struct iovec here = { &byte, 1 }, there = { (void *)(uintptr_t)4096, 1 };
  return process_vm_readv (pid_of (pid), &here, 1, &there, 1, 0) < 0 ? -1 : 0;
}

static long
try_mount (const char *path)
{
  return mount ("none", path, "tmpfs", 0, NULL);
}

static long
try_namespace (const char *unused)
{
  (void)unused;
  return unshare (CLONE_NEWUSER);
}

static long
try_clone (const char *unused)
{
  (void)unused;
  long child = syscall (SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0)
    _exit (0);
  return child < 0 ? -1 : 0;
}

static long
try_keyring (const char *unused)
{
  (void)unused;
  return syscall (SYS_add_key, "user", "planted", "1", 1, -2 /* of the process */) < 0 ? -1 : 0;
}

static long
try_bpf (const char *unused)
{
  char attributes[128] = { 2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1 };
  (void)unused;
  return syscall (SYS_bpf, 0, attributes, sizeof attributes) < 0 ? -1 : 0;
}

static long
try_ring (const char *unused)
{
  char parameters[256] = { 0 };
  (void)unused;
  return syscall (425 /* io_uring_setup */, 1, parameters) < 0 ? -1 : 0;
}

static long
try_module (const char *unused)
{
  (void)unused;
  return syscall (SYS_init_module, "", 0, "");
}

/* It would not be told. */
static long
try_unheard (const char *pid)
{
  sigset_t sys;
  (void)sigemptyset (&sys);
  (void)sigaddset (&sys, SIGSYS);
  (void)sigprocmask (SIG_BLOCK, &sys, NULL);
  return try_ptrace (pid);
}

/* An answer of its own: this is what was verified. */
static long
try_other (const char *reference)
{
  (void)parent_go_on (reference);
  _exit (0);
}

static const struct
{
  const char *name;
  long (*function) (const char *victim);
} tries[] = {
  { "connect", try_connect }, { "packet", try_packet },     { "write", try_write },
  { "create", try_create },   { "truncate", try_truncate }, { "unlink", try_unlink },
  { "rename", try_rename },   { "link", try_link },         { "mkdir", try_mkdir },
  { "chmod", try_chmod },     { "times", try_times },       { "xattr", try_xattr },
  { "thread", try_thread },   { "execve", try_execve },     { "memory", try_memory },
  { "kill", try_kill },       { "tgkill", try_tgkill },     { "ptrace", try_ptrace },
  { "read", try_memory_of },  { "mount", try_mount },       { "namespace", try_namespace },
  { "clone", try_clone },     { "keyring", try_keyring },   { "bpf", try_bpf },
  { "ring", try_ring },       { "module", try_module },     { "unheard", try_unheard },
  { "flags", try_flags },     { "owner", try_owner },       { "socket-owner", try_socket_owner },
  { "local", try_local },     { "tree", try_tree },         { "attribute", try_attribute },
  { "segment", try_segment }, { "priority", try_priority }, { "other", try_other },
};

static void
plant (void)
{
  const char *what = getenv ("PLANTED"), *victim = getenv ("VICTIM");
  static bool done;

  for (size_t i = 0; !done && what && i < sizeof tries / sizeof *tries; i++)
    if (strcmp (tries[i].name, what) == 0)
      {
        done = true;
        long result = tries[i].function (victim ? victim : "");
        (void)dprintf (STDERR_FILENO, "planted: %s %s\n", what,
                       result == 0 ? "succeeded" : strerror (errno));
      }
}

/* --- where it is planted ---------------------------------------------------------------------- */

__typeof__ (sp_json_parse) __real_sp_json_parse, __wrap_sp_json_parse;

int
__wrap_sp_json_parse (struct sp_view text, unsigned max_depth, struct sp_json **ret,
                      sigpolicy_error **err)
{
  plant ();
  return __real_sp_json_parse (text, max_depth, ret, err);
}

/* --- what the kernel has ---------------------------------------------------------------------- */

static int
probe (void)
{
  struct sock_filter allow = BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = { 1, &allow };
  long abi = syscall (444 /* landlock_create_ruleset */, NULL, 0, 1);

  if (abi > 0)
    (void)printf ("landlock %ld\n", abi);
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
      && syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
    (void)printf ("seccomp\n");
  return 0;
}

/* As a container does whose filter does not know the calls. */
static int
without (char **words)
{
  struct sock_filter code[16] = { BPF_STMT (BPF_LD | BPF_W | BPF_ABS, 0 /* the number */) };
  unsigned short n = 1;

  for (; *words && strcmp (*words, "--") != 0; words++)
    {
      bool landlock = strcmp (*words, "landlock") == 0;
      for (unsigned call = landlock ? 444 : SYS_seccomp; call <= (landlock ? 446 : SYS_seccomp);
           call++)
        {
          code[n++] = (struct sock_filter)BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
          code[n++] = (struct sock_filter)BPF_STMT (
              BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (landlock ? ENOSYS : EINVAL));
        }
    }
  code[n++] = (struct sock_filter)BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = { n, code };
  if (!words[0] || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
      || syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
    return 99;
  (void)execvp (words[1], words + 1);
  return 99;
}

int
main (int argc, char **argv)
{
  if (argc > 3 && strcmp (argv[1], "without") == 0)
    return without (argv + 2);
  return argc == 2 && strcmp (argv[1], "probe") == 0 ? probe () : command_main (argc, argv);
}
