/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

/*
 * Many images at once, such as the lines of verify --batch. The main thread reads questions into a
 * ring; workers, each with a context of its own, take the next one, judge it, and write whatever
 * answers are due, in the order of the questions. The ring bounds what is in memory.
 */

#define LINE_MAX_KEPT (1024UL * 1024UL + 1) /* one byte more than is allowed, to be told apart */
#define JOBS_MAX      64L
#define AHEAD         4 /* slots for each worker */
#define REAP_AFTER    512
#define PROGRESS_NS   100000000L
#define SPARE_SIZE    768 /* an answer that needs no memory */

struct slot
{
  struct question question;
  char *answer; /* NULL until it is judged; to free() unless it is spare */
  char spare[SPARE_SIZE];
  int status;
  bool accepted;
};

struct batch
{
  const struct options *options;
  const struct questions *questions;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_cond_t room; /* half the ring is free, or nobody reads the answers: read on */
  struct slot *ring;
  /* Counted without end: ring[n % size]. written <= taken <= read. */
  size_t size, written, taken, read;
  bool ended;  /* no more questions come */
  bool broken; /* nobody reads the answers */
  /* Nobody judges while ended gpg processes are forgotten. */
  unsigned judging, judged_since;
  bool reaping;
  int status;
  size_t rejected;
  bool progress;
  struct timespec shown;
};

/* --- one question ----------------------------------------------------------------------------- */

static void
slot_clear (struct slot *slot)
{
  free (slot->question.text);
  if (slot->answer != slot->spare)
    free (slot->answer);
}

/* What is written for a question that there was no memory for: all that sigpolicy-verdict(5)
 * promises, without the library. */
static void
fail_slot (struct slot *slot, sigpolicy_error *error)
{
  char now[sizeof "YYYYYYYYYYY-MM-DDTHH:MM:SSZ"] = "1970-01-01T00:00:00Z";
  time_t seconds = time (NULL);
  struct tm tm;

  if (gmtime_r (&seconds, &tm))
    (void)strftime (now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &tm);
  slot->status = complain_error (error);
  (void)snprintf (slot->spare, sizeof slot->spare,
                  "{\"schema\":\"sigpolicy-verdict/1\",\"tool\":\"sigpolicy " PACKAGE_VERSION
                  "\",\"id\":null,\"line\":%zu,\"image\":null,\"reference\":null,"
                  "\"identity\":null,\"digest\":null,\"list_digest\":null,\"pinned\":null,"
                  "\"allowed\":false,\"exit_status\":%d,\"reason\":\"internal\","
                  "\"message\":\"out of memory\",\"hint\":null,\"policy\":null,"
                  "\"requirements\":[],\"looked_at\":[],\"warnings\":[],"
                  "\"not_checked\":[\"layers\"],\"time\":\"%s\"}\n",
                  slot->question.number, slot->status, now);
  slot->answer = slot->spare;
}

static void
judge (const struct batch *batch, sigpolicy_context *context, struct slot *slot)
{
  const struct questions *questions = batch->questions;
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  sigpolicy_error *error = NULL;

  if (questions->make (questions->data, &slot->question, &request, &error) < 0
      || sigpolicy_evaluate (context, request, &verdict, &error) < 0
      || questions->write (questions->data, &slot->question, verdict, &slot->answer, &error) < 0)
    fail_slot (slot, error);
  else
    {
      slot->status = verdict_status (batch->options, verdict);
      slot->accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
    }
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
}

/* --- the workers ------------------------------------------------------------------------------ */

static void
show_progress (struct batch *batch, bool last)
{
  struct timespec now;

  if (!batch->progress || clock_gettime (CLOCK_MONOTONIC, &now) != 0)
    return;
  long elapsed
      = (now.tv_sec - batch->shown.tv_sec) * 1000000000L + now.tv_nsec - batch->shown.tv_nsec;
  if (!last && elapsed < PROGRESS_NS)
    return;
  batch->shown = now;
  process_speak ();
  (void)fprintf (stderr, "\r%zu judged, %zu not accepted%s", batch->written, batch->rejected,
                 last ? "\n" : "");
  process_spoken ();
}

/* Write the answers that are due, under the lock. When they cannot be written, nothing more is
 * read. */
static void
write_due (struct batch *batch)
{
  for (; batch->written < batch->taken; batch->written++)
    {
      struct slot *slot = &batch->ring[batch->written % batch->size];
      if (!slot->answer)
        break;
      batch->status = worse (batch->status, slot->status);
      batch->rejected += !slot->accepted;
      if (!batch->options->quiet && !batch->broken && print_result (slot->answer) != 0)
        {
          batch->status = worse (batch->status, EXIT_UNAVAILABLE);
          batch->broken = true;
        }
      slot_clear (slot);
      *slot = (struct slot){ 0 };
    }
  show_progress (batch, false);
}

/* Ended gpg processes are ours to wait for, but not while GPGME waits for others. */
static void
reap (struct batch *batch)
{
  if (batch->judged_since < REAP_AFTER || batch->reaping)
    return;
  batch->reaping = true;
  while (batch->judging > 0)
    (void)pthread_cond_wait (&batch->changed, &batch->mutex);
  process_reap ();
  batch->judged_since = 0;
  batch->reaping = false;
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
      while ((batch->taken == batch->read && !batch->ended) || batch->reaping)
        (void)pthread_cond_wait (&batch->changed, &batch->mutex);
      if (batch->taken == batch->read)
        break;
      struct slot *slot = &batch->ring[batch->taken++ % batch->size];
      batch->judging++;
      (void)pthread_mutex_unlock (&batch->mutex);
      judge (batch, worker->context, slot);
      (void)pthread_mutex_lock (&batch->mutex);
      batch->judging--;
      batch->judged_since++;
      write_due (batch);
      reap (batch);
      if (batch->read - batch->written <= batch->size / 2 || batch->broken)
        (void)pthread_cond_signal (&batch->room);
      (void)pthread_cond_broadcast (&batch->changed);
    }
  (void)pthread_mutex_unlock (&batch->mutex);
  return NULL;
}

/* --- the lines of a file ---------------------------------------------------------------------- */

/* The next line that is not blank; of a line that is too long, as much as shows that. */
static int
read_text (FILE *file, struct question *ret)
{
  size_t capacity = 0;
  bool blank = true;
  int byte = 0;

  *ret = (struct question){ .number = ret->number + 1 };
  while ((byte = getc_unlocked (file)) != EOF)
    {
      if (byte == '\n' && !blank)
        return 0;
      if (byte == '\n')
        {
          ret->number++;
          ret->size = 0;
          continue;
        }
      blank = blank && (byte == ' ' || byte == '\t' || byte == '\r');
      if (ret->size == LINE_MAX_KEPT)
        continue;
      if (ret->size == capacity)
        {
          capacity = capacity ? capacity * 2 : 256;
          char *text = realloc (ret->text, capacity);
          if (!text)
            return complain_error (NULL);
          ret->text = text;
        }
      ret->text[ret->size++] = (char)byte;
    }
  if (!blank && !ferror (file))
    return 0;
  free (ret->text);
  ret->text = NULL;
  return 0;
}

static int
read_line (void *data, struct question *ret, bool *ret_more)
{
  int status = read_text (data, ret);
  *ret_more = ret->text;
  if (status == 0 && ferror ((FILE *)data))
    {
      complain ("cannot read the batch: %s", strerror (errno));
      status = EXIT_UNAVAILABLE;
    }
  return status;
}

static int
make_of_line (const void *data, const struct question *question, sigpolicy_request **ret,
              sigpolicy_error **error)
{
  (void)data;
  return sigpolicy_request_parse_line (question->text, question->size, question->number, ret,
                                       error);
}

static int
write_line (const void *data, const struct question *question, const sigpolicy_verdict *verdict,
            char **ret, sigpolicy_error **error)
{
  (void)data;
  (void)question;
  return sigpolicy_verdict_format (verdict, SIGPOLICY_FORMAT_JSONL, 0, ret, error);
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
      while (batch->read - batch->written == batch->size && !batch->broken)
        (void)pthread_cond_wait (&batch->room, &batch->mutex);
      broken = batch->broken;
      if (!broken)
        {
          batch->ring[batch->read++ % batch->size] = (struct slot){ .question = question };
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
  show_progress (batch, true);
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

/* A batch brings its images and names with it. */
static int
check_combination (const struct verb *verb, const struct options *options)
{
  if (options->n_arguments || options->manifest || options->signatures.len || options->signature_dir
      || options->reference || options->as)
    return complain_usage (verb, "--batch names the images: give no other");
  if (options->print_ref)
    return complain_usage (verb, "--batch writes JSON Lines: each has \"pinned\"");
  if (options->format_name && options->format != SIGPOLICY_FORMAT_JSONL)
    return complain_usage (verb, "--batch writes JSON Lines, and not --format %s",
                           options->format_name);
  return 0;
}

int
verify_batch (const struct verb *verb, const struct options *options)
{
  bool standard_input = strcmp (options->batch, "-") == 0;
  struct questions lines = { .read = read_line, .make = make_of_line, .write = write_line };

  int status = check_combination (verb, options);
  if (status != 0)
    return status;
  FILE *file = standard_input ? stdin : fopen (options->batch, "re");
  if (!file)
    {
      complain ("cannot open the batch '%s': %s", options->batch, strerror (errno));
      return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_UNAVAILABLE;
    }
  lines.data = file;
  status = judge_many (verb, options, &lines);
  if (!standard_input)
    (void)fclose (file);
  return status;
}
