/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"
#include "sandbox.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * The child asks, one question at a time, and the parent does what is asked if the verb has it. The
 * parent believes nothing of what the child says but where that can do no more than the child's own
 * verdict: it chooses the program itself, by the command line, the environment and PATH.
 */

#define QUESTION_BYTES  8192U    /* at most */
#define ANSWER_BYTES    4194304U /* at most */
#define REFERENCE_BYTES 4096U
#define END_TRIES       2000 /* of a millisecond, until a child that was asked to end is ended */

enum question_kind
{
  ASK_HELPER = 1, /* NAME, NUL, HOST, NUL: run docker-credential-NAME */
  ASK_NAME,       /* the image that Kamal deploys */
  ASK_HOSTS,      /* the digests that Kamal's hosts have */
  GO_ON,          /* with this reference, when the child has ended well; no answer */
};

struct message
{
  uint32_t kind, size, milliseconds;
  int32_t status, wait_status;
  uint32_t output_size;
};

static int channel = -1;
static bool is_asking; /* at the other end is who starts programs */
static atomic_int
    child; /* its process ID; 0 in every process but its parent, and once it has ended */
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

static bool
put (const void *bytes, size_t size)
{
  for (const char *at = bytes; size;)
    {
      ssize_t done = send (channel, at, size, MSG_NOSIGNAL);
      if (done < 0 && errno != EINTR)
        return false;
      at += done > 0 ? done : 0;
      size -= done > 0 ? (size_t)done : 0;
    }
  return true;
}

static bool
get (void *bytes, size_t size)
{
  for (char *at = bytes; size;)
    {
      ssize_t done = recv (channel, at, size, 0);
      if (done == 0 || (done < 0 && errno != EINTR))
        return false;
      at += done > 0 ? done : 0;
      size -= done > 0 ? (size_t)done : 0;
    }
  return true;
}

/* What follows a message, with a NUL behind it; NULL: more than is allowed, or it does not come. */
static char *
get_text (const struct message *message, size_t limit)
{
  char *text = message->size <= limit ? calloc ((size_t)message->size + 1, 1) : NULL;
  if (text && !get (text, message->size))
    {
      free (text);
      text = NULL;
    }
  return text;
}

/* --- the child -------------------------------------------------------------------------------- */

bool
parent_is_there (void)
{
  return is_asking;
}

static bool
ask (struct message *message, const void *bytes, char **ret)
{
  (void)pthread_mutex_lock (&asking);
  bool answered = put (message, sizeof *message) && put (bytes, message->size)
                  && get (message, sizeof *message)
                  && (*ret = get_text (message, ANSWER_BYTES)) != NULL;
  (void)pthread_mutex_unlock (&asking);
  return answered;
}

static int
complain_of_parent (void)
{
  complain ("the helper process of sigpolicy does not answer");
  return EXIT_INTERNAL;
}

static int
ask_for_text (enum question_kind kind, char **ret)
{
  struct message message = { .kind = kind };

  if (!ask (&message, "", ret))
    return complain_of_parent ();
  if (message.status == 0)
    return 0;
  free (*ret);
  *ret = NULL;
  return message.status;
}

int
parent_kamal_name (char **ret)
{
  return ask_for_text (ASK_NAME, ret);
}

int
parent_kamal_hosts (char **ret)
{
  return ask_for_text (ASK_HOSTS, ret);
}

int
parent_helper (void *data, const char *name, const char *host, unsigned milliseconds,
               sigpolicy_helper_answer *ret_answer)
{
  char words[QUESTION_BYTES], *text = NULL;
  size_t name_size = strlen (name) + 1, size = name_size + strlen (host) + 1;

  (void)data;
  if (size > sizeof words)
    return SIGPOLICY_E_UNAVAILABLE;
  memcpy (words, name, name_size);
  memcpy (words + name_size, host, size - name_size);
  struct message message
      = { .kind = ASK_HELPER, .size = (uint32_t)size, .milliseconds = milliseconds };
  if (!ask (&message, words, &text))
    return SIGPOLICY_E_NO_MEMORY;
  size_t output = message.output_size < message.size ? message.output_size : message.size;
  ret_answer->complaints = strdup (text + output);
  ret_answer->wait_status = message.wait_status;
  ret_answer->output = text;
  ret_answer->output_size = output;
  return ret_answer->complaints ? message.status : SIGPOLICY_E_NO_MEMORY;
}

int
parent_go_on (const char *reference)
{
  const struct message message = { .kind = GO_ON, .size = (uint32_t)strlen (reference) };
  return put (&message, sizeof message) && put (reference, message.size) ? 0
                                                                         : complain_of_parent ();
}

/* --- the parent ------------------------------------------------------------------------------- */

/* Makes the channel, and a process at its other end. */
static int
fork_with_channel (pid_t *ret)
{
  int ends[2] = { -1, -1 };
  pid_t pid = socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? fork () : -1;

  if (pid < 0)
    {
      complain ("cannot start another process: %s", strerror (errno));
      for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
          (void)close (ends[i]);
      return EXIT_INTERNAL;
    }
  channel = ends[pid == 0];
  (void)close (ends[pid != 0]);
  *ret = pid;
  return 0;
}

/* A child ends with its parent, however that ends. */
static void
end_with (pid_t parent)
{
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid () != parent)
    _exit (EXIT_INTERNAL);
}

int
parent_fork (enum side *ret_side)
{
  pid_t parent = getpid (), pid = 0;

  int status = fork_with_channel (&pid);
  if (status != 0)
    return status;
  *ret_side = pid ? SIDE_PARENT : SIDE_CONFINED;
  child = pid;
  is_asking = pid == 0;
  if (!pid)
    end_with (parent);
  return 0;
}

static void
answer (struct message *message, const char *text, size_t size)
{
  message->size = (uint32_t)size;
  (void)(put (message, sizeof *message) && put (text, size));
}

static void
run_helper (struct message *message, const char *words)
{
  sigpolicy_helper_answer said = { 0 };
  sigpolicy_error *error = NULL;
  size_t name_size = strlen (words) + 1;
  char *text = NULL;

  message->status
      = name_size < message->size
            ? sigpolicy_helper_run (words, words + name_size, message->milliseconds, &said, &error)
            : SIGPOLICY_E_USAGE;
  const char *rest = message->status == 0 ? said.complaints : sigpolicy_error_message (error);
  size_t rest_size = rest ? strlen (rest) : 0, size = said.output_size + rest_size;
  text = malloc (size + 1);
  if (text)
    {
      memcpy (text, said.output ? said.output : "", said.output_size);
      memcpy (text + said.output_size, rest ? rest : "", rest_size);
    }
  else
    message->status = SIGPOLICY_E_NO_MEMORY;
  message->wait_status = said.wait_status;
  message->output_size = text ? (uint32_t)said.output_size : 0;
  answer (message, text, text ? size : 0);
  if (text)
    explicit_bzero (text, size);
  free (text);
  sigpolicy_helper_answer_clear (&said);
  sigpolicy_error_free (error);
}

static void
run_kamal (const struct options *options, struct message *message)
{
  static char *name; /* as it was told, once */
  char *text = NULL;

  if (!name)
    message->status = hook_kamal_name (options, &name);
  if (name)
    message->status = message->kind == ASK_NAME ? 0 : hook_kamal_hosts (name, &text);
  const char *said = !name || message->status != 0 ? "" : message->kind == ASK_NAME ? name : text;
  answer (message, said, strlen (said));
  free (text);
}

/* What follows a text, or NULL where that does not stand in front. */
static const char *
behind (const char *text, const char *before)
{
  return strncmp (text, before, strlen (before)) == 0 ? text + strlen (before) : NULL;
}

/* The docker name that was asked about, from where it begins. */
static const char *
asked_name (const struct options *options)
{
  static const char *const transports[]
      = { "docker://", "docker-daemon:", "containers-storage:", "atomic:" };
  const char *text = options->as            ? options->as
                     : options->reference   ? options->reference
                     : options->n_arguments ? options->arguments[0]
                                            : "";
  const char *path = behind (text, "docker-archive:");
  const char *name = path ? strchr (path, ':') : NULL;

  if (path)
    return name ? name + 1 : "";
  for (size_t i = 0; i < sizeof transports / sizeof *transports && !name; i++)
    name = behind (text, transports[i]);
  const char *store = name && *name == '[' ? strchr (name, ']') : NULL;
  return store ? store + 1 : name ? name : "";
}

/* Is it what people write of this name: that itself, or without what is left out of Docker Hub's?
 * Behind it may stand a tag and a digest. */
static bool
is_name_of (const char *name, size_t length, const char *text)
{
  return strlen (text) >= length && strncmp (text, name, length) == 0
         && (!text[length] || text[length] == ':' || text[length] == '@');
}

static bool
is_asked (const char *name, size_t length, const char *asked)
{
  static const char hub[] = "docker.io/", library[] = "library/";
  const char *text, *path = behind (name, hub);

  if (is_name_of (name, length, asked))
    return true;
  if (!path || (size_t)(path - name) > length)
    return false;
  text = behind (asked, hub);
  text = text ? text : behind (asked, "index.docker.io/");
  text = text ? text : asked;
  size_t rest = length - (size_t)(path - name);
  if (is_name_of (path, rest, text))
    return true;
  return behind (path, library) && rest > strlen (library)
         && is_name_of (path + strlen (library), rest - strlen (library), text);
}

/* A verified reference, NAME@DIGEST, of the name that was asked about: nothing in it is an option,
 * or a shell's. */
static bool
is_reference (const struct options *options, const char *text)
{
  static const char letters[]
      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:@[]";
  const char *at = strchr (text, '@');
  return at && at > text && *text != '-' && !text[strspn (text, letters)]
         && is_asked (text, (size_t)(at - text), asked_name (options));
}

/* False: there is nothing more to be done for this child. */
static bool
serve_one (const struct verb *verb, const struct options *options, char **ret_reference)
{
  struct message message;
  bool runs = verb->verbs & V_RUN, served = true;
  bool is_kamal = verb->verbs & V_HOOK && options->n_arguments
                  && strcmp (options->arguments[0], "kamal") == 0;

  if (!get (&message, sizeof message))
    return false;
  char *text = get_text (&message, QUESTION_BYTES);
  if (!text)
    return false;
  if (message.kind == ASK_HELPER)
    run_helper (&message, text);
  else if (is_kamal && (message.kind == ASK_NAME || message.kind == ASK_HOSTS))
    run_kamal (options, &message);
  else if (runs && message.kind == GO_ON && message.size < REFERENCE_BYTES && !*ret_reference
           && is_reference (options, text))
    {
      *ret_reference = text;
      return true;
    }
  else
    served = false;
  free (text);
  return served;
}

int
parent_fork_starter (const struct verb *verb, const struct options *options)
{
  pid_t parent = getpid (), pid = 0;
  char *none = NULL;

  int status = fork_with_channel (&pid);
  if (status != 0)
    return status;
  is_asking = pid != 0;
  if (pid)
    return 0;
  end_with (parent);
  /* What a helper leaves behind is this process's to end. */
  (void)prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  while (serve_one (verb, options, &none))
    continue;
  _exit (0);
}

void
parent_let_go (void)
{
  if (is_asking && channel >= 0)
    (void)close (channel);
  channel = is_asking ? -1 : channel;
}

int
parent_serve (const struct verb *verb, const struct options *options, char **ret_reference)
{
  char *reference = NULL;
  int wait_status = 0;
  pid_t ended;

  while (serve_one (verb, options, &reference))
    continue;
  (void)close (channel);
  channel = -1;
  do
    ended = waitpid (child, &wait_status, 0);
  while (ended < 0 && errno == EINTR);
  child = 0;
  int status = ended > 0 && WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : EXIT_INTERNAL;
  if (ended > 0 && WIFSIGNALED (wait_status))
    {
      complain ("the confined process was killed by signal %d: %s", WTERMSIG (wait_status),
                strsignal (WTERMSIG (wait_status)));
      /* What it started is ours now, and ends with it. */
      if (sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, NULL) == 0)
        sigpolicy_global_cleanup ();
    }
  if (status == 0)
    *ret_reference = reference;
  else
    free (reference);
  return status;
}

void
parent_end_child (int number)
{
  siginfo_t info = { .si_pid = 0 };
  pid_t pid = child;

  if (!pid)
    return;
  (void)kill (pid, number);
  for (int tries = 0; tries < END_TRIES && !info.si_pid; tries++)
    {
      if (waitid (P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) != 0)
        info.si_pid = pid; /* it has been waited for */
      if (!info.si_pid)
        (void)nanosleep (&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
  if (!info.si_pid)
    (void)kill (pid, SIGKILL);
  if (sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, NULL) == 0)
    sigpolicy_global_cleanup ();
}
