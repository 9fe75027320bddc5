/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

/*
 * Many images at once, such as the lines of verify --batch (batch.c) and podman's storage
 * (local.c). The main thread reads questions into a ring; workers, each with a context of its own,
 * take the next one, judge it, and write whatever answers are due, in the order of the questions.
 * The ring bounds what is in memory.
 */

#define JOBS_MAX    64L
#define AHEAD       128 /* slots for each worker: a hand-off is of half of them */
#define AHEAD_BYTES (32UL * 1024UL * 1024UL)
#define HOSTS       1024
#define REAP_AFTER  512
#define PROGRESS_NS 100000000L
#define SPARE_SIZE  768 /* an answer that needs no memory */

/* Where images are. Two hosts may share a place: then one waits for the other at first. */
struct host
{
  bool known; /* an image of it was judged */
  bool asked; /* the first one is being judged */
};

struct slot
{
  struct question question;
  struct host *host; /* NULL: none, or none that matters */
  bool taken;
  char *answer; /* NULL until all else is there, under the lock; to free() unless it is spare */
  char spare[SPARE_SIZE];
  sigpolicy_verdict *verdict; /* where a document of all is asked for: it is taken in order, too */
  int status;
  bool accepted;
  const char *word; /* of the verdict, static; NULL where there is none */
};

struct batch
{
  const struct options *options;
  const struct questions *questions;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_cond_t room; /* half the ring is free, or nobody reads the answers: read on */
  struct slot *ring;
  /* Counted without end: ring[n % size]. written <= next <= read; all before next are taken. */
  size_t size, written, next, read;
  size_t bytes; /* of the questions in the ring */
  struct host hosts[HOSTS];
  bool ended;  /* no more questions come */
  bool broken; /* nobody reads the answers */
  /* Nobody judges while ended gpg processes are forgotten. */
  unsigned judging, judged_since;
  bool reaping;
  int status;
  struct tally tally;
  bool progress, is_shown; /* a line on standard error */
  struct timespec shown;
};

/* --- one question ----------------------------------------------------------------------------- */

static void
slot_clear (struct slot *slot)
{
  free (slot->question.text);
  if (slot->answer != slot->spare)
    free (slot->answer);
  sigpolicy_verdict_free (slot->verdict);
}

/* What is written for a question that there was no memory for: all that sigpolicy-verdict(5)
 * promises, without the library. */
static char *
fail_slot (struct slot *slot, sigpolicy_error *error)
{
  char now[sizeof "YYYYYYYYYYY-MM-DDTHH:MM:SSZ"] = "1970-01-01T00:00:00Z";
  time_t seconds = time (NULL);
  struct tm tm;

  if (gmtime_r (&seconds, &tm))
    (void)strftime (now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &tm);
  slot->status = complain_error (error);
  (void)snprintf (slot->spare, sizeof slot->spare,
                  "{\"id\":null,\"line\":%zu,\"schema\":\"sigpolicy-verdict/1\","
                  "\"tool\":\"sigpolicy " PACKAGE_VERSION "\",\"image\":null,\"reference\":null,"
                  "\"identity\":null,\"digest\":null,\"list_digest\":null,\"pinned\":null,"
                  "\"allowed\":false,\"exit_status\":%d,\"reason\":\"internal\","
                  "\"message\":\"out of memory\",\"hint\":null,\"policy\":null,"
                  "\"reader\":null,\"requirements\":[],\"looked_at\":[],\"warnings\":[],"
                  "\"not_checked\":[\"layers\"],\"time\":\"%s\"}\n",
                  slot->question.number, slot->status, now);
  return slot->spare;
}

/* The answer. It is not yet the slot's: the one who writes would take it before all else is there.
 */
static char *
judge (const struct batch *batch, sigpolicy_context *context, struct slot *slot)
{
  const struct questions *questions = batch->questions;
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  int64_t began = record_begin ();
  sigpolicy_error *error = NULL;
  char *answer = NULL;

  if (questions->make (questions->data, &slot->question, &request, &error) < 0
      || (request && sigpolicy_evaluate (context, request, &verdict, &error) < 0)
      || (!batch->options->document
          && questions->write (questions->data, &slot->question, request, verdict, &answer, &error)
                 < 0))
    {
      free (answer); /* that of a verdict, which could not be finished */
      answer = fail_slot (slot, error);
    }
  else if (!verdict)
    slot->accepted = true;
  else
    {
      slot->status = verdict_status (batch->options, verdict);
      record_verdict (batch->options, verdict, began);
      slot->accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
      slot->word = sigpolicy_verdict_word (verdict);
      if (batch->options->document)
        {
          answer = slot->spare;
          slot->verdict = verdict;
          verdict = NULL;
        }
    }
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return answer;
}

/* --- the workers ------------------------------------------------------------------------------ */

/* The line is our own, and goes before anything else is written: answers may be on the same
 * terminal. */
static void
hide_progress (struct batch *batch)
{
  if (!batch->is_shown)
    return;
  process_speak ();
  (void)fputs ("\r\033[K", stderr);
  process_spoken ();
  batch->is_shown = false;
}

static void
show_progress (struct batch *batch)
{
  const struct tally *tally = &batch->tally;
  size_t not_accepted = tally->rejected + tally->undecided + tally->errors;
  struct timespec now;

  if (!batch->progress || clock_gettime (CLOCK_MONOTONIC, &now) != 0)
    return;
  long elapsed
      = (now.tv_sec - batch->shown.tv_sec) * 1000000000L + now.tv_nsec - batch->shown.tv_nsec;
  if (elapsed < PROGRESS_NS)
    return;
  batch->shown = now;
  batch->is_shown = true;
  process_speak ();
  if (batch->questions->total)
    (void)fprintf (stderr, "\r\033[K%zu of %zu verified, %zu not accepted", batch->written,
                   batch->questions->total, not_accepted);
  else
    (void)fprintf (stderr, "\r\033[K%zu verified, %zu not accepted", batch->written, not_accepted);
  process_spoken ();
}

/* What is left of it, unless a table on the same terminal ends in its own sum. */
static void
end_progress (struct batch *batch)
{
  const struct tally *tally = &batch->tally;

  hide_progress (batch);
  if (!batch->progress || isatty (STDOUT_FILENO))
    return;
  process_speak ();
  (void)fprintf (stderr, "%zu verified, %zu not accepted\n", batch->written,
                 tally->rejected + tally->undecided + tally->errors);
  process_spoken ();
}

static void
count (struct tally *tally, const struct slot *slot)
{
  tally->all++;
  if (!slot->word && slot->accepted)
    tally->not_judged++;
  else if (slot->accepted)
    {
      tally->accepted++;
      tally->is_unsigned += strcmp (slot->word, "accepted") != 0;
    }
  else if (slot->word && strcmp (slot->word, "rejected") == 0)
    tally->rejected++;
  else if (slot->word && strcmp (slot->word, "undecided") == 0)
    tally->undecided++;
  else
    tally->errors++;
}

/* What is taken into a document. A line without a name is called by its number. */
static int
take_slot (const struct batch *batch, const struct slot *slot)
{
  const struct questions *questions = batch->questions;
  const char *label = questions->label ? questions->label (questions->data, &slot->question) : NULL;
  char line[64];

  (void)snprintf (line, sizeof line, "line %zu of the batch", slot->question.number);
  if (!label && !sigpolicy_verdict_reference (slot->verdict)
      && !sigpolicy_verdict_image (slot->verdict))
    label = line;
  return take_result (batch->options, slot->verdict, label);
}

/* Write the answers that are due, under the lock. When they cannot be written, nothing more is
 * read. */
static void
write_due (struct batch *batch)
{
  for (; batch->written < batch->next; batch->written++)
    {
      struct slot *slot = &batch->ring[batch->written % batch->size];
      if (!slot->answer)
        break;
      batch->bytes -= slot->question.size;
      batch->status = worse (batch->status, slot->status);
      count (&batch->tally, slot);
      hide_progress (batch);
      if (slot->verdict)
        batch->status = worse (batch->status, take_slot (batch, slot));
      else if (!batch->options->document && !batch->options->quiet && !batch->broken
               && print_result (slot->answer) != 0)
        {
          batch->status = worse (batch->status, EXIT_UNAVAILABLE);
          batch->broken = true;
        }
      batch->broken = batch->broken || output_is_closed ();
      slot_clear (slot);
      *slot = (struct slot){ 0 };
    }
  show_progress (batch);
}

/* Ended gpg processes are ours to wait for, but not while GPGME waits for others. Where there are
 * none, nobody is held up: one of the others may wait for a host that hangs. */
static void
reap (struct batch *batch)
{
  if (batch->judged_since < REAP_AFTER || batch->reaping)
    return;
  batch->judged_since = 0;
  if (!process_has_ended_children ())
    return;
  batch->reaping = true;
  while (batch->judging > 0)
    (void)pthread_cond_wait (&batch->changed, &batch->mutex);
  process_reap ();
  batch->reaping = false;
}

/* The host of a line is what stands after the first "docker://" in it. */
static struct host *
host_of (struct batch *batch, const struct question *question)
{
  static const char scheme[] = "docker://";
  const char *name
      = question->text ? memmem (question->text, question->size, scheme, sizeof scheme - 1) : NULL;
  uint32_t hash = 2166136261;

  if (!name)
    return NULL;
  const char *end = question->text + question->size;
  for (name += sizeof scheme - 1; name < end && *name != '/' && *name != '"'; name++)
    hash = (hash ^ (unsigned char)*name) * 16777619;
  return &batch->hosts[hash % HOSTS];
}

/* The next question, or NULL. While the first one of a host is judged the others of that host are
 * passed over: if it hangs, one worker waits, and the others get its answer. */
static struct slot *
take (struct batch *batch)
{
  for (size_t n = batch->next; n < batch->read; n++)
    {
      struct slot *slot = &batch->ring[n % batch->size];
      if (slot->taken || (slot->host && !slot->host->known && slot->host->asked))
        continue;
      slot->taken = true;
      if (slot->host)
        slot->host->asked = true;
      while (batch->next < batch->read && batch->ring[batch->next % batch->size].taken)
        batch->next++;
      return slot;
    }
  return NULL;
}

struct worker
{
  struct batch *batch;
  sigpolicy_context *context;
  pthread_t thread;
};

static void *
work (void *argument)
{
  struct worker *worker = argument;
  struct batch *batch = worker->batch;

  (void)pthread_mutex_lock (&batch->mutex);
  for (;;)
    {
      struct slot *slot = NULL;
      while (batch->reaping
             || (!(slot = take (batch)) && !(batch->ended && batch->next == batch->read)))
        (void)pthread_cond_wait (&batch->changed, &batch->mutex);
      if (!slot)
        break;
      batch->judging++;
      (void)pthread_mutex_unlock (&batch->mutex);
      char *answer = judge (batch, worker->context, slot);
      (void)pthread_mutex_lock (&batch->mutex);
      slot->answer = answer;
      batch->judging--;
      batch->judged_since++;
      if (slot->host)
        slot->host->known = true;
      write_due (batch);
      reap (batch);
      if (batch->read - batch->written <= batch->size / 2 || batch->broken)
        (void)pthread_cond_signal (&batch->room);
      (void)pthread_cond_broadcast (&batch->changed);
    }
  (void)pthread_mutex_unlock (&batch->mutex);
  return NULL;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Hands every question to the workers, as there is room. */
static int
read_questions (struct batch *batch)
{
  struct question question = { 0 };
  bool broken = false, more = true;
  int status = 0;

  while (!broken
         && (status = batch->questions->read (batch->questions->data, &question, &more)) == 0
         && more)
    {
      (void)pthread_mutex_lock (&batch->mutex);
      while ((batch->read - batch->written == batch->size || batch->bytes > AHEAD_BYTES)
             && !batch->broken)
        (void)pthread_cond_wait (&batch->room, &batch->mutex);
      broken = batch->broken;
      if (!broken)
        {
          batch->ring[batch->read++ % batch->size]
              = (struct slot){ .question = question, .host = host_of (batch, &question) };
          batch->bytes += question.size;
          question.text = NULL;
        }
      (void)pthread_cond_broadcast (&batch->changed);
      (void)pthread_mutex_unlock (&batch->mutex);
    }
  free (question.text);
  return status;
}

/* All before the first is used: what one loads, the others share. */
static int
open_contexts (const struct batch *batch, struct worker *workers, size_t jobs)
{
  sigpolicy_context *first = batch->questions->context;
  sigpolicy_error *error = NULL;
  int status = first ? 0 : open_context (batch->options, &workers[0].context);
  for (size_t i = first ? 0 : 1; status == 0 && i < jobs; i++)
    if (sigpolicy_context_share (first ? first : workers[0].context, &workers[i].context, &error)
        < 0)
      status = complain_error (error);
  return status;
}

/* As many as the system allows; the first is needed. */
static size_t
start (struct batch *batch, struct worker *workers, size_t jobs)
{
  size_t started = 0;
  for (bool more = true; more && started < jobs; started += more)
    {
      workers[started].batch = batch;
      more = pthread_create (&workers[started].thread, NULL, work, &workers[started]) == 0;
    }
  return started;
}

static int
judge_questions (struct batch *batch, struct worker *workers, size_t jobs)
{
  int status = open_contexts (batch, workers, jobs);
  size_t started = status == 0 ? start (batch, workers, jobs) : 0;

  if (status == 0 && !started)
    {
      complain ("cannot start a thread");
      status = EXIT_INTERNAL;
    }
  if (status == 0)
    status = read_questions (batch);
  (void)pthread_mutex_lock (&batch->mutex);
  batch->ended = true;
  (void)pthread_cond_broadcast (&batch->changed);
  (void)pthread_mutex_unlock (&batch->mutex);
  for (size_t i = 0; i < started; i++)
    (void)pthread_join (workers[i].thread, NULL);
  for (size_t i = 0; i < jobs; i++)
    sigpolicy_context_free (workers[i].context);
  end_progress (batch);
  if (batch->questions->tally)
    *batch->questions->tally = batch->tally;
  /* What nobody wanted to hear was not judged: that is no acceptance. */
  if (batch->broken)
    status = worse (status, EXIT_UNAVAILABLE);
  return worse (status, batch->status);
}

/* --jobs, or as many as there are processors; 0 for something else. */
static size_t
count_jobs (const struct options *options)
{
  long jobs = sysconf (_SC_NPROCESSORS_ONLN);
  char *end = NULL;

  if (options->jobs)
    {
      jobs = *options->jobs >= '0' && *options->jobs <= '9' ? strtol (options->jobs, &end, 10) : 0;
      return end && *end == '\0' && jobs >= 1 && jobs <= JOBS_MAX ? (size_t)jobs : 0;
    }
  return jobs < 1 ? 1 : jobs > JOBS_MAX ? (size_t)JOBS_MAX : (size_t)jobs;
}

int
judge_many (const struct verb *verb, const struct options *options,
            const struct questions *questions)
{
  size_t jobs = count_jobs (options);
  if (!jobs)
    return complain_usage (verb, "--jobs takes a number from 1 to %ld, not '%s'", JOBS_MAX,
                           options->jobs);
  /* Whose registry is the first must not depend on who is faster. */
  if (options->creds)
    jobs = 1;
  struct worker *workers = calloc (jobs, sizeof *workers);
  struct batch batch = {
    .options = options,
    .questions = questions,
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER,
    .room = PTHREAD_COND_INITIALIZER,
    .size = jobs * AHEAD,
    .ring = calloc (jobs * AHEAD, sizeof *batch.ring),
    .progress = !options->quiet && isatty (STDERR_FILENO),
  };
  int status
      = workers && batch.ring ? judge_questions (&batch, workers, jobs) : complain_error (NULL);
  for (size_t i = 0; batch.ring && i < batch.size; i++)
    slot_clear (&batch.ring[i]);
  free (batch.ring);
  free (workers);
  return status;
}
