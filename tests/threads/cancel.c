/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A question is given up from another thread: one whose registry does not answer, one that has not
 * been asked yet, and none of another context. Nothing here waits for a time: the registry says
 * when the request has come, and the one who asks ends because of the cancellation alone.
 * contrib/check also builds it with ThreadSanitizer.
 */
#include <sigpolicy/sigpolicy.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIXTURES ABS_SRCDIR "/tests/fixtures/"

static const char policy_text[]
    = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"transports\":{}}";

static unsigned number, failed;

static void
report (bool good, const char *name, const char *detail)
{
  number++;
  failed += !good;
  printf ("%s %u - %s\n", good ? "ok" : "not ok", number, name);
  if (!good)
    printf ("# %s\n", detail ? detail : "");
}

static _Noreturn void
bail_out (const char *what)
{
  printf ("Bail out! %s\n", what);
  exit (99);
}

/* --- a registry that hears and does not answer ------------------------------------------------ */

struct stalled
{
  int listener, port;
  int connection;
};

static void
listen_somewhere (struct stalled *server)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;

  server->connection = -1;
  server->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (server->listener < 0 || bind (server->listener, (struct sockaddr *)&address, size) < 0
      || listen (server->listener, 8) < 0
      || getsockname (server->listener, (struct sockaddr *)&address, &size) < 0)
    bail_out ("no socket");
  server->port = ntohs (address.sin_port);
}

/* Returns when a request has begun to come; or when the one who asks has ended, and writes that. */
static void
hear (struct stalled *server, int ended)
{
  struct pollfd either[]
      = { { .fd = server->listener, .events = POLLIN }, { .fd = ended, .events = POLLIN } };
  char byte;

  if (poll (either, 2, -1) < 1 || !(either[0].revents & POLLIN))
    return;
  server->connection = accept (server->listener, NULL, NULL);
  if (server->connection < 0 || recv (server->connection, &byte, 1, MSG_PEEK) != 1)
    bail_out ("nobody asks");
}

/* --- who asks --------------------------------------------------------------------------------- */

struct question
{
  sigpolicy_context *context;
  char image[64];
  int ended; /* is written to at the end */
  sigpolicy_verdict *verdict;
  sigpolicy_error *error;
};

static sigpolicy_context *
make_context (const char *conf)
{
  sigpolicy_context *context = NULL;
  sigpolicy_policy *policy = NULL;

  if (sigpolicy_policy_parse (policy_text, sizeof policy_text - 1, "the policy", &policy, NULL) < 0
      || sigpolicy_context_new (&context, NULL) < 0
      || sigpolicy_context_set_registries_d (context, FIXTURES "none.d", NULL) < 0
      || sigpolicy_context_set_registries_conf (context, conf, NULL) < 0)
    bail_out ("no context");
  sigpolicy_context_set_policy (context, policy);
  sigpolicy_context_set_tls_verify (context, 0);
  sigpolicy_policy_free (policy);
  return context;
}

static void *
ask (void *argument)
{
  struct question *question = argument;
  sigpolicy_request *request = NULL;

  if (sigpolicy_request_new (&request, &question->error) == 0
      && sigpolicy_request_set_image (request, question->image, &question->error) == 0)
    (void)!sigpolicy_evaluate (question->context, request, &question->verdict, &question->error);
  sigpolicy_request_free (request);
  if (write (question->ended, "", 1) != 1)
    bail_out ("no pipe");
  return NULL;
}

static bool
is_cancelled (const struct question *question)
{
  const sigpolicy_verdict *verdict = question->verdict;
  return verdict && sigpolicy_verdict_answer (verdict) == SIGPOLICY_REJECTED
         && sigpolicy_verdict_code (verdict) == SIGPOLICY_E_UNAVAILABLE
         && sigpolicy_verdict_reason (verdict) == SIGPOLICY_REASON_COULD_NOT_LOOK
         && strstr (sigpolicy_verdict_message (verdict), "cancelled");
}

static const char *
said (const struct question *question)
{
  return question->error     ? sigpolicy_error_text (question->error)
         : question->verdict ? sigpolicy_verdict_message (question->verdict)
                             : "no verdict";
}

static void
clear (struct question *question)
{
  sigpolicy_verdict_free (question->verdict);
  sigpolicy_error_free (question->error);
  question->verdict = NULL;
  question->error = NULL;
}

int
main (void)
{
  char conf[] = "/tmp/sigpolicy-cancel.XXXXXX";
  int empty = mkstemp (conf), ends[2];
  struct stalled server;
  pthread_t thread;

  if (empty < 0 || close (empty) < 0 || pipe (ends) < 0)
    bail_out ("no file or pipe");
  struct question question = { .context = make_context (conf), .ended = ends[1] };
  struct question other
      = { .context = make_context (conf), .image = "dir:/nowhere", .ended = ends[1] };

  listen_somewhere (&server);
  (void)snprintf (question.image, sizeof question.image, "docker://127.0.0.1:%d/ns/app:v1",
                  server.port);
  if (pthread_create (&thread, NULL, ask, &question) != 0)
    bail_out ("no thread");
  hear (&server, ends[0]);
  sigpolicy_context_cancel (question.context);
  (void)pthread_join (thread, NULL);
  report (is_cancelled (&question), "a registry does not answer: the question is cancelled",
          said (&question));
  clear (&question);

  /* No connection is made: the next one would be to nobody. */
  (void)close (server.listener);
  ask (&question);
  report (is_cancelled (&question), "what is asked after it is cancelled, too", said (&question));
  clear (&question);
  (void)snprintf (question.image, sizeof question.image, "dir:/");
  ask (&question);
  report (is_cancelled (&question), "also of an image in files", said (&question));
  clear (&question);

  ask (&other);
  report (other.verdict && !is_cancelled (&other), "another context goes on", said (&other));
  clear (&other);

  sigpolicy_context_cancel (NULL);
  if (server.connection >= 0)
    (void)close (server.connection);
  (void)unlink (conf);
  sigpolicy_context_free (question.context);
  sigpolicy_context_free (other.context);
  printf ("1..%u\n", number);
  return failed ? 1 : 0;
}
