/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/*
 * verify --all-local and verify --containers: what is in podman's storage, each image under each of
 * its names, and the image of each container under the name that it was created from. An image
 * without a name is judged as what is stored there, and a list that was made here as the images
 * that are started by its name. What has no image to be judged is a row of its own kind.
 */

#define WIDEST       64 /* column */
#define SHORT_ID     12
#define NO_ID        "-           "
#define WORD_WIDTH   9 /* "undecided" */
#define DIGEST_WIDTH 19

/* One row of the table: a question, or what cannot be one. */
struct row
{
  char *store;           /* "[...]" or "" */
  const char *container; /* or NULL */
  const char *name, *id; /* of the image; either may be NULL */
  bool passed_over;      /* not judged, as it is of this kind */
  sigpolicy_stored_kind kind;
};

struct local
{
  const struct options *options;
  sigpolicy_context *context;
  sigpolicy_store **stores; /* rows borrow from them */
  size_t n_stores, n_rows, capacity;
  struct row *rows;
  int name_width, container_width;
  int status; /* of what could not even be asked */
};

static void
local_clear (struct local *local)
{
  for (size_t i = 0; i < local->n_rows; i++)
    free (local->rows[i].store);
  free (local->rows);
  for (size_t i = 0; i < local->n_stores; i++)
    sigpolicy_store_free (local->stores[i]);
  free (local->stores);
  sigpolicy_context_free (local->context);
}

/* --- the questions ---------------------------------------------------------------------------- */

static void
widen (int *width, const char *text)
{
  size_t length = strlen (text);
  if (length > (size_t)*width)
    *width = length < WIDEST ? (int)length : WIDEST;
}

static int
add_row (struct local *local, const char *store, struct row row)
{
  if (local->n_rows == local->capacity)
    {
      size_t capacity = local->capacity ? 2 * local->capacity : 64;
      struct row *rows = realloc (local->rows, capacity * sizeof *rows);
      if (!rows)
        return complain_error (NULL);
      local->rows = rows;
      local->capacity = capacity;
    }
  if (!(row.store = strdup (store)))
    return complain_error (NULL);
  local->rows[local->n_rows++] = row;
  widen (&local->name_width, row.name ? row.name : "<none>");
  if (row.container)
    widen (&local->container_width, row.container);
  return 0;
}

/* An image under one of its names: of a list all that it starts. */
static int
add_image (struct local *local, const char *store, const sigpolicy_stored_image *image,
           const char *name)
{
  struct row row = { .name = name, .id = image->id, .kind = SIGPOLICY_STORED_LIST };
  int status = 0;

  row.passed_over = image->is_list && !image->n_starts;
  if (!image->n_starts)
    return add_row (local, store, row);
  for (size_t i = 0; status == 0 && i < image->n_starts; i++)
    {
      row.id = image->starts[i];
      status = add_row (local, store, row);
    }
  return status;
}

static int
add_images (struct local *local, const char *store, const sigpolicy_store *images)
{
  const sigpolicy_stored_image *image;
  int status = 0;

  for (size_t i = 0; status == 0 && (image = sigpolicy_store_image (images, i)); i++)
    {
      if (!image->n_names)
        status = add_image (local, store, image, NULL);
      for (size_t j = 0; status == 0 && j < image->n_names; j++)
        status = add_image (local, store, image, image->names[j]);
    }
  return status;
}

static bool
is_one_of (const char *text, const char *const *list, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (strcmp (text, list[i]) == 0)
      return true;
  return false;
}

/* By a name, or by an ID, which may be shortened to twelve digits or more. */
static bool
is_meant (const sigpolicy_stored_container *container, const char *wanted)
{
  size_t length = strlen (wanted);
  return !length || is_one_of (wanted, container->names, container->n_names)
         || (length >= SHORT_ID && strncmp (container->id, wanted, length) == 0);
}

/* What has no image, or runs none, changes no exit status: unless it was asked for. */
static int
add_container (struct local *local, const char *store, const sigpolicy_stored_container *container,
               bool asked)
{
  struct row row = { .container = container->n_names ? container->names[0] : container->id,
                     .name = container->image_name,
                     .id = container->image_id };

  /* An ID stands there when it was not created from a name. */
  if (row.name && row.id && strncmp (row.id, row.name, strlen (row.name)) == 0)
    row.name = NULL;
  row.passed_over = !row.id || (container->is_build && !asked);
  row.kind = row.id ? SIGPOLICY_STORED_BUILD : SIGPOLICY_STORED_NO_IMAGE;
  if (asked && !row.id)
    {
      complain ("the container '%s' has no image to verify", row.container);
      local->status = worse (local->status, EXIT_NOT_FOUND);
    }
  return add_row (local, store, row);
}

static int
add_containers (struct local *local, const char *store, const char *wanted,
                const sigpolicy_store *records)
{
  const sigpolicy_stored_container *container;
  bool found = !*wanted;
  int status = 0;

  for (size_t i = 0; status == 0 && (container = sigpolicy_store_container (records, i)); i++)
    if (is_meant (container, wanted))
      {
        found = true;
        status = add_container (local, store, container, *wanted);
      }
  if (!found)
    {
      complain ("there is no container '%s' in %s", wanted, sigpolicy_store_root (records));
      local->status = worse (local->status, EXIT_NOT_FOUND);
    }
  return status;
}

/* What one argument means: a store, and perhaps a container in it. */
static int
add_argument (const struct verb *verb, struct local *local, const char *argument)
{
  unsigned flags = SIGPOLICY_STORE_IMAGES;
  sigpolicy_error *error = NULL;
  const char *end = *argument == '[' ? strchr (argument, ']') : NULL;
  const char *wanted = end ? end + 1 : argument;

  if (!local->options->containers && *wanted)
    return complain_usage (verb, "--all-local takes stores, such as [vfs@/srv/store], not '%s'",
                           argument);
  if (local->options->containers)
    flags |= SIGPOLICY_STORE_CONTAINERS;
  char *store = strndup (argument, (size_t)(wanted - argument));
  if (!store)
    return complain_error (NULL);
  sigpolicy_store **opened = &local->stores[local->n_stores];
  int status = sigpolicy_store_open (local->context, store, flags, opened, &error) < 0
                   ? complain_error (error)
                   : 0;
  if (status == 0)
    {
      local->n_stores++;
      status = local->options->containers ? add_containers (local, store, wanted, *opened)
                                          : add_images (local, store, *opened);
    }
  free (store);
  return status;
}

/* --- asked and answered ----------------------------------------------------------------------- */

static int
read_row (void *data, struct question *ret, bool *ret_more)
{
  const struct local *local = data;
  *ret_more = ret->number < local->n_rows;
  *ret = (struct question){ .number = ret->number + 1 };
  return 0;
}

static const char *
row_id (const struct row *row)
{
  return row->container ? row->container : row->id;
}

static int
make_request (const void *data, const struct question *question, sigpolicy_request **ret,
              sigpolicy_error **error)
{
  const struct local *local = data;
  const struct row *row = &local->rows[question->number - 1];

  if (row->passed_over)
    return 0;
  int rc = sigpolicy_request_new (ret, error);
  if (rc == 0)
    rc = sigpolicy_request_set_stored (*ret, row->store, row->id, row->name,
                                       local->options->as_stored, error);
  return rc;
}

/* Names are anybody's bytes. To free(); NULL: no memory. */
static char *
escape (const char *text)
{
  char *escaped = NULL;
  size_t size = 0;
  FILE *out = open_memstream (&escaped, &size);

  if (!out)
    return NULL;
  put_escaped (out, text, "\\x0a");
  bool written = !ferror (out);
  if (fclose (out) == 0 && written)
    return escaped;
  free (escaped);
  return NULL;
}

/* An image that the store had when it was read, and has no longer, is nobody's rejection. */
static bool
is_gone (const sigpolicy_verdict *verdict)
{
  return sigpolicy_verdict_reason (verdict) == SIGPOLICY_REASON_NOT_FOUND
         && !sigpolicy_verdict_reference (verdict);
}

/* A shorter digest is enough for people; --verbose has all of it. */
static int
digest_length (const char *digest)
{
  const char *colon = digest ? strchr (digest, ':') : NULL;
  return colon ? (int)(colon - digest) + 1 + SHORT_ID : 0;
}

/* Who signed, or why not; to free(), NULL: no memory. */
static char *
write_why (const struct row *row, const sigpolicy_verdict *verdict)
{
  sigpolicy_error *error = NULL;
  char *text = NULL;
  int size = 0;

  if (!verdict)
    size = asprintf (&text, "not verified: %s", sigpolicy_stored_kind_words (row->kind));
  else if (sigpolicy_verdict_answer (verdict) != SIGPOLICY_ACCEPTED)
    size = asprintf (&text, "%s: %s", sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)),
                     sigpolicy_verdict_message (verdict));
  else if (strcmp (sigpolicy_verdict_word (verdict), "accepted") != 0)
    text = strdup ("unsigned");
  else if (sigpolicy_verdict_signers (verdict, &text, &error) < 0)
    sigpolicy_error_free (error);
  return size < 0 ? NULL : text;
}

/* "rejected   web  quay.io/ns/app:v1  0123456789ab  sha256:0123456789ab  no-signature: ..."; no
 * verdict: of what is not judged. */
static int
write_row (const struct local *local, const struct row *row, const sigpolicy_verdict *verdict,
           char **ret)
{
  bool accepted = !verdict || sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  bool colour = verdict && has_colour (local->options);
  const char *digest = verdict ? sigpolicy_verdict_digest (verdict) : NULL;
  const char *word = !verdict            ? sigpolicy_stored_kind_name (row->kind)
                     : is_gone (verdict) ? "gone"
                                         : verdict_word (verdict);
  char *name = escape (row->name && *row->name ? row->name : "<none>");
  char *container = escape (row->container ? row->container : "");
  char *why = write_why (row, verdict);
  int size = !name || !container || !why
                 ? -1
                 : asprintf (ret, "%s%-*s%s  %-*s%s%-*s  %.*s  %-*.*s  %s\n",
                             !colour    ? ""
                             : accepted ? COLOUR_GOOD
                                        : COLOUR_BAD,
                             WORD_WIDTH, word, colour ? COLOUR_END : "", local->container_width,
                             container, row->container ? "  " : "", local->name_width, name,
                             SHORT_ID, row->id ? row->id : NO_ID, DIGEST_WIDTH,
                             digest ? digest_length (digest) : 1, digest ? digest : "-", why);
  free (name);
  free (container);
  free (why);
  if (size < 0)
    *ret = NULL;
  return size < 0 ? SIGPOLICY_E_NO_MEMORY : 0;
}

static int
print_heading (const struct local *local)
{
  bool containers = local->options->containers;
  char *text = NULL;

  if (asprintf (&text, "%-*s  %-*s%s%-*s  %-*s  %-*s  %s\n", WORD_WIDTH, "VERDICT",
                containers ? local->container_width : 0, containers ? "CONTAINER" : "",
                containers ? "  " : "", local->name_width, "IMAGE", SHORT_ID, "ID", DIGEST_WIDTH,
                "DIGEST", "SIGNED BY, OR REASON")
      < 0)
    return complain_error (NULL);
  int status = print_result (text);
  free (text);
  return status;
}

/* "7 images: 4 accepted (1 of them unsigned), 2 rejected, 1 undecided" */
static int
print_sum (const struct local *local, const struct tally *tally)
{
  const struct
  {
    size_t n;
    const char *words;
  } parts[] = { { tally->rejected, "rejected" },
                { tally->undecided, "undecided" },
                { tally->errors, "in error" },
                { tally->not_judged, "not verified" } };
  const char *what = local->options->containers ? "container" : "image";
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream (&text, &size);

  if (!out)
    return complain_error (NULL);
  (void)fprintf (out, "%zu %s%s: %zu accepted", tally->all, what, tally->all == 1 ? "" : "s",
                 tally->accepted);
  if (tally->is_unsigned)
    (void)fprintf (out, " (%zu of them unsigned)", tally->is_unsigned);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (parts[i].n)
      (void)fprintf (out, ", %zu %s", parts[i].n, parts[i].words);
  (void)fputc ('\n', out);
  bool written = !ferror (out);
  written = fclose (out) == 0 && written && text;
  int status = written ? print_result (text) : complain_error (NULL);
  free (text);
  return status;
}

static int
write_answer (const void *data, const struct question *question, const sigpolicy_request *request,
              const sigpolicy_verdict *verdict, char **ret, sigpolicy_error **error)
{
  (void)request;
  const struct local *local = data;
  const struct options *options = local->options;
  const struct row *row = &local->rows[question->number - 1];
  bool text = options->format == SIGPOLICY_FORMAT_TEXT;

  if (text && (!options->verbose || !verdict))
    return write_row (local, row, verdict, ret);
  if (!verdict)
    return sigpolicy_stored_format (row->kind, row_id (row), question->number, row->name, ret,
                                    error);
  int rc = sigpolicy_verdict_format (verdict, options->format, format_flags (options), ret, error);
  if (rc < 0 || text)
    return rc < 0 ? rc : paint (options, ret);
  /* An ID is 64 hexadecimal digits. */
  char id[80];
  (void)snprintf (id, sizeof id, "\"%s\"", row_id (row));
  return number_answer (ret, id, question->number);
}

static const char *
find_label (const void *data, const struct question *question)
{
  const struct local *local = data;
  return local->rows[question->number - 1].container;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int
check_combination (const struct verb *verb, const struct options *options)
{
  const char *option = options->containers ? "--containers" : "--all-local";

  if (options->all_local && options->containers)
    return complain_usage (verb, "--all-local and --containers cannot be used together");
  if (!options->all_local && !options->containers)
    return complain_usage (verb, "--as-pulled and --as-stored need --all-local or --containers");
  if (options->as_pulled && options->as_stored)
    return complain_usage (verb, "--as-pulled and --as-stored cannot be used together");
  if (options->batch || options->manifest || options->signatures.len || options->signature_dir
      || options->reference || options->as || options->all_platforms)
    return complain_usage (
        verb,
        "%s verifies stored images under their own names: it cannot be used with image names, "
        "--batch, --manifest, --signature, --as or --all-platforms",
        option);
  if (options->digest)
    return complain_usage (verb, "--digest is for one image: it cannot be used with %s", option);
  if (options->print_ref)
    return complain_usage (
        verb,
        "--print-ref cannot be used with %s: read \"pinned\" from each line of --format jsonl",
        option);
  return options->format == SIGPOLICY_FORMAT_JSON
             ? complain_usage (verb, "%s writes only text or JSON Lines (--format jsonl)", option)
             : 0;
}

static int
read_stores (const struct verb *verb, struct local *local)
{
  const struct options *options = local->options;

  local->stores = calloc ((size_t)options->n_arguments + 1, sizeof (sigpolicy_store *));
  if (!local->stores)
    return complain_error (NULL);
  int status = open_context (options, &local->context);
  if (status == 0 && !options->n_arguments)
    status = add_argument (verb, local, "");
  for (int i = 0; status == 0 && i < options->n_arguments; i++)
    status = add_argument (verb, local, options->arguments[i]);
  if (status == 0 && !local->n_rows && !options->quiet && local->status == 0)
    complain ("there are no %s", options->containers ? "containers" : "images");
  return status;
}

int
verify_local (const struct verb *verb, const struct options *options)
{
  struct local local = { .options = options,
                         .name_width = (int)strlen ("IMAGE"),
                         .container_width = options->containers ? (int)strlen ("CONTAINER") : 0 };
  struct tally tally = { 0 };
  struct questions questions = { .data = &local,
                                 .tally = &tally,
                                 .read = read_row,
                                 .make = make_request,
                                 .write = write_answer,
                                 .label = find_label };

  int status = check_combination (verb, options);
  if (status == 0)
    status = read_stores (verb, &local);
  questions.context = local.context;
  questions.total = local.n_rows;
  bool table = status == 0 && local.n_rows && options->format == SIGPOLICY_FORMAT_TEXT
               && !options->quiet && !options->document;
  if (table && !options->verbose)
    status = print_heading (&local);
  if (status == 0)
    status = worse (local.status, judge_many (verb, options, &questions));
  if (tally.all && table && !output_is_closed ())
    status = worse (status, print_sum (&local, &tally));
  local_clear (&local);
  return status;
}
