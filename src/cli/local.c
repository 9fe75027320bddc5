/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/*
 * verify --all-local and verify --containers: what is in podman's storage, each image under each of
 * its names, and the image of each container under the name that it was created from. An image
 * without a name is judged as what is stored there.
 */

#define WIDEST   64 /* column */
#define SHORT_ID 12

/* One row of the table: a question. */
struct row
{
  char *image;           /* how the library finds it */
  char *reference;       /* the name that it is judged by, or NULL: as it is stored */
  const char *container; /* or NULL */
  const char *name, *id; /* of the image; name may be NULL */
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
    {
      free (local->rows[i].image);
      free (local->rows[i].reference);
    }
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

/* An image under a name, which may be NULL. store is "[...]" or "". */
static int
add_row (struct local *local, const char *store, const char *container, const char *name,
         bool is_stored_name, const char *id)
{
  bool by_name = name && local->options->as_stored && is_stored_name;
  struct row row = { .container = container, .name = name, .id = id };

  if (local->n_rows == local->capacity)
    {
      size_t capacity = local->capacity ? 2 * local->capacity : 64;
      struct row *rows = realloc (local->rows, capacity * sizeof *rows);
      if (!rows)
        return complain_error (NULL);
      local->rows = rows;
      local->capacity = capacity;
    }
  if (asprintf (&row.image, "containers-storage:%s%s@%s", store, by_name ? name : "", id) < 0)
    return complain_error (NULL);
  if (name && !local->options->as_stored && asprintf (&row.reference, "docker://%s", name) < 0)
    {
      free (row.image);
      return complain_error (NULL);
    }
  local->rows[local->n_rows++] = row;
  widen (&local->name_width, name ? name : "<none>");
  if (container)
    widen (&local->container_width, container);
  return 0;
}

static int
add_images (struct local *local, const char *store, const sigpolicy_store *images)
{
  const sigpolicy_stored_image *image;
  int status = 0;

  for (size_t i = 0; status == 0 && (image = sigpolicy_store_image (images, i)); i++)
    {
      if (!image->n_names)
        status = add_row (local, store, NULL, NULL, false, image->id);
      for (size_t j = 0; status == 0 && j < image->n_names; j++)
        status = add_row (local, store, NULL, image->names[j], true, image->id);
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

/* Does the image still have the name that a container was created from? */
static bool
still_has_name (const sigpolicy_store *store, const char *id, const char *name)
{
  const sigpolicy_stored_image *image;
  for (size_t i = 0; (image = sigpolicy_store_image (store, i)); i++)
    if (strcmp (image->id, id) == 0)
      return is_one_of (name, image->names, image->n_names);
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

static int
add_container (struct local *local, const char *store, const sigpolicy_store *records,
               const sigpolicy_stored_container *container)
{
  const char *shown = container->n_names ? container->names[0] : container->id;
  const char *name = container->image_name;

  if (!container->image_id)
    {
      complain ("the container '%s' has no image: there is nothing to judge it by", shown);
      local->status = worse (local->status, EXIT_NOT_FOUND);
      return 0;
    }
  /* An ID stands there when it was not created from a name. */
  if (name && strncmp (container->image_id, name, strlen (name)) == 0)
    name = NULL;
  return add_row (local, store, shown, name,
                  name && still_has_name (records, container->image_id, name), container->image_id);
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
        status = add_container (local, store, records, container);
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

static int
make_request (const void *data, const struct question *question, sigpolicy_request **ret,
              sigpolicy_error **error)
{
  const struct local *local = data;
  const struct row *row = &local->rows[question->number - 1];
  int rc = sigpolicy_request_new (ret, error);
  if (rc == 0)
    rc = sigpolicy_request_set_id (*ret, row->container ? row->container : row->id,
                                   question->number, error);
  if (rc == 0)
    rc = sigpolicy_request_set_image (*ret, row->image, error);
  return rc == 0 ? sigpolicy_request_set_reference (*ret, row->reference, error) : rc;
}

/* Names are anybody's bytes. NULL: no memory. */
static char *
escape (const char *text)
{
  char *out = malloc (4 * strlen (text) + 1), *at = out;
  for (const unsigned char *byte = (const unsigned char *)text; out && *byte; byte++)
    if (*byte < 0x20 || *byte > 0x7e)
      at += snprintf (at, 5, "\\x%02x", *byte);
    else
      *at++ = (char)*byte;
  if (out)
    *at = '\0';
  return out;
}

static int
write_row (const struct local *local, const struct row *row, const sigpolicy_verdict *verdict,
           char **ret)
{
  bool accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  const char *digest = sigpolicy_verdict_digest (verdict);
  char *name = escape (row->name ? row->name : "<none>");
  char *container = escape (row->container ? row->container : "");
  const char *gap = row->container ? "  " : "";
  int size
      = !name || !container
            ? -1
            : asprintf (ret, "%s  %-*s%s%-*s  %.*s  %s%s%s\n", accepted ? "accepted" : "rejected",
                        local->container_width, container, gap, local->name_width, name, SHORT_ID,
                        row->id,
                        accepted ? (digest ? digest : "")
                                 : sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)),
                        accepted ? "" : ": ", accepted ? "" : sigpolicy_verdict_message (verdict));
  free (name);
  free (container);
  if (size < 0)
    *ret = NULL;
  return size < 0 ? SIGPOLICY_E_NO_MEMORY : 0;
}

static int
write_answer (const void *data, const struct question *question, const sigpolicy_verdict *verdict,
              char **ret, sigpolicy_error **error)
{
  const struct local *local = data;
  const struct options *options = local->options;
  if (options->format == SIGPOLICY_FORMAT_TEXT && !options->verbose)
    return write_row (local, &local->rows[question->number - 1], verdict, ret);
  return sigpolicy_verdict_format (verdict, options->format, format_flags (options), ret, error);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int
check_combination (const struct verb *verb, const struct options *options)
{
  const char *option = options->containers ? "--containers" : "--all-local";

  if (options->all_local && options->containers)
    return complain_usage (verb, "--all-local and --containers: give one of them");
  if (!options->all_local && !options->containers)
    return complain_usage (verb, "--as-pulled and --as-stored go with --all-local or --containers");
  if (options->as_pulled && options->as_stored)
    return complain_usage (verb, "--as-pulled and --as-stored exclude each other");
  if (options->batch || options->manifest || options->signatures.len || options->signature_dir
      || options->reference || options->as || options->all_platforms)
    return complain_usage (verb, "%s judges what is stored, by its own names: give no other",
                           option);
  if (options->print_ref)
    return complain_usage (verb, "%s judges many images: --format jsonl has \"pinned\" of each",
                           option);
  return options->format == SIGPOLICY_FORMAT_JSON
             ? complain_usage (verb, "%s writes text or JSON Lines (--format jsonl)", option)
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
  struct local local = { .options = options };
  struct questions questions
      = { .data = &local, .read = read_row, .make = make_request, .write = write_answer };

  int status = check_combination (verb, options);
  if (status == 0)
    status = read_stores (verb, &local);
  questions.context = local.context;
  if (status == 0)
    status = worse (local.status, judge_many (verb, options, &questions));
  local_clear (&local);
  return status;
}
