/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_int.h"

#include "util/limits.h"

#include <pthread.h>
#include <string.h>

/*
 * Servers that did not answer in time. Whoever shares the table does not wait for such a server
 * again, but gets the answer of the one who did. When the pause is over, one asks, for a short
 * time, and the others still do not wait.
 */
struct server
{
  char *origin;
  sigpolicy_error *why;
  int64_t pause, until; /* milliseconds; sp_http_clock() */
};

struct sp_http_hung
{
  pthread_mutex_t mutex;
  unsigned refs;
  size_t len;
  struct server servers[SP_HTTP_HUNG_MAX];
};

int
sp_http_hung_new (struct sp_http_hung **ret, sigpolicy_error **err)
{
  struct sp_http_hung *hung = sp_calloc (1, sizeof *hung, err);
  if (!hung)
    return SIGPOLICY_E_NO_MEMORY;
  hung->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  hung->refs = 1;
  *ret = hung;
  return 0;
}

struct sp_http_hung *
sp_http_hung_ref (struct sp_http_hung *hung)
{
  if (hung)
    (void)__atomic_add_fetch (&hung->refs, 1, __ATOMIC_RELAXED);
  return hung;
}

static void
server_clear (struct server *server)
{
  free (server->origin);
  sigpolicy_error_free (server->why);
  *server = (struct server){ 0 };
}

void
sp_http_hung_free (struct sp_http_hung *hung)
{
  if (!hung || __atomic_sub_fetch (&hung->refs, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  for (size_t i = 0; i < hung->len; i++)
    server_clear (&hung->servers[i]);
  free (hung);
}

static struct server *
find (struct sp_http_hung *hung, const char *origin)
{
  for (size_t i = 0; i < hung->len; i++)
    if (strcmp (hung->servers[i].origin, origin) == 0)
      return &hung->servers[i];
  return NULL;
}

int
sp_http_hung_check (struct sp_http_hung *hung, const char *origin, int64_t now, long *patience,
                    sigpolicy_error **err)
{
  int rc = 0;

  if (!hung)
    return 0;
  (void)pthread_mutex_lock (&hung->mutex);
  struct server *server = find (hung, origin);
  if (server && now < server->until)
    {
      (void)sp_error_copy (server->why, err);
      rc = sp_error_prefix (err, "not contacted again after the last failure");
    }
  else if (server)
    {
      if (*patience > (long)SP_HTTP_HUNG_PROBE_MS)
        *patience = (long)SP_HTTP_HUNG_PROBE_MS;
      server->until = now + *patience;
    }
  (void)pthread_mutex_unlock (&hung->mutex);
  return rc;
}

/* The place of one more; of too many, the one whose pause ends first goes. */
static struct server *
make_room (struct sp_http_hung *hung)
{
  struct server *first = &hung->servers[0];

  if (hung->len < SP_HTTP_HUNG_MAX)
    return &hung->servers[hung->len++];
  for (size_t i = 1; i < hung->len; i++)
    if (hung->servers[i].until < first->until)
      first = &hung->servers[i];
  server_clear (first);
  return first;
}

/* Little of the time of one is spent on waiting: the pause is four times as long as it was waited,
 * and twice as long as the one before. */
static int64_t
pause_of (int64_t waited, int64_t former)
{
  int64_t pause = (int64_t)SP_HTTP_HUNG_MS;
  if (pause < waited * 4)
    pause = waited * 4;
  if (pause < former * 2)
    pause = former * 2;
  return pause < (int64_t)SP_HTTP_HUNG_PAUSE_MS ? pause : (int64_t)SP_HTTP_HUNG_PAUSE_MS;
}

void
sp_http_hung_add (struct sp_http_hung *hung, const char *origin, int64_t now, int64_t waited,
                  const sigpolicy_error *why)
{
  cleanup_error sigpolicy_error *no_memory = NULL;
  struct server server = { 0 };

  if (!hung || sp_error_copy (why, &server.why) == SIGPOLICY_E_NO_MEMORY)
    return;
  server.origin = sp_strdup (origin, &no_memory);
  if (!server.origin)
    {
      server_clear (&server);
      return;
    }
  (void)pthread_mutex_lock (&hung->mutex);
  struct server *place = find (hung, origin);
  server.pause = pause_of (waited, place ? place->pause : 0);
  server.until = now + server.pause;
  if (place)
    server_clear (place);
  else
    place = make_room (hung);
  *place = server;
  (void)pthread_mutex_unlock (&hung->mutex);
}

void
sp_http_hung_remove (struct sp_http_hung *hung, const char *origin)
{
  if (!hung)
    return;
  (void)pthread_mutex_lock (&hung->mutex);
  struct server *server = find (hung, origin);
  if (server)
    {
      server_clear (server);
      *server = hung->servers[--hung->len];
      hung->servers[hung->len] = (struct server){ 0 };
    }
  (void)pthread_mutex_unlock (&hung->mutex);
}
