/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/suggest.h"

#include "util/limits.h"

#include <sys/stat.h>

/*
 * What people write for the name of an image: without its transport, with a misspelt one, the
 * address of a web page, a path. The name that was meant is said, and never taken.
 */

#define SUGGESTIONS_SHOWN 3

bool
sp_transport_of (const char *text, enum sp_transport *ret)
{
  const char *colon = strchr (text, ':');
  return colon && sp_transport_find (sp_view_n (text, (size_t)(colon - text)), ret);
}

/* Is it the name of an image on a registry that it names? */
static bool
is_on_registry (const char *text, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  size_t host = strcspn (text, "/");
  bool has_host = text[host] == '/'
                  && (memchr (text, '.', host) || memchr (text, ':', host)
                      || (host == strlen ("localhost") && strncmp (text, "localhost", host) == 0));
  return has_host && sp_reference_parse (sp_view_str (text), &reference, err) == 0;
}

/* --- web pages -------------------------------------------------------------------------------- */

/* Where the pages of a registry's images are, and what their names begin with. */
static const struct
{
  const char *page, *name;
} pages[] = {
  { "hub.docker.com/r/", "docker.io/" },
  { "hub.docker.com/_/", "docker.io/library/" },
  { "quay.io/repository/", "quay.io/" },
};

static const char *
without_scheme (const char *text)
{
  static const char *const schemes[] = { "https://", "http://" };
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (strncmp (text, schemes[i], strlen (schemes[i])) == 0)
      return text + strlen (schemes[i]);
  return NULL;
}

static int
suggest_of_url (const char *rest, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_free char *name = NULL;

  for (size_t i = 0; i < sizeof pages / sizeof *pages && !name; i++)
    if (strncmp (rest, pages[i].page, strlen (pages[i].page)) == 0)
      name = sp_asprintf (&ignored, "%s%s", pages[i].name, rest + strlen (pages[i].page));
  if (!name && !ignored)
    name = sp_strdup (rest, &ignored);
  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  size_t length = strlen (name);
  if (length && name[length - 1] == '/')
    name[length - 1] = '\0';
  if (!is_on_registry (name, &ignored))
    return sigpolicy_error_code (ignored) == SIGPOLICY_E_NO_MEMORY ? SIGPOLICY_E_NO_MEMORY
                                                                   : sigpolicy_error_code (*err);
  return sp_error_hint (err,
                        "an image name is not a URL: did you mean "
                        "docker://%s?",
                        name);
}

/* --- misspelt transports ---------------------------------------------------------------------- */

#define NAME_MAX_LENGTH 32

static unsigned
lower (char byte)
{
  return byte >= 'A' && byte <= 'Z' ? (unsigned char)byte + 32U : (unsigned char)byte;
}

/* How many letters must be inserted, removed, changed or swapped with the next; case counts for
 * nothing. */
static size_t
distance (struct sp_view a, const char *b)
{
  size_t rows[3][NAME_MAX_LENGTH + 1], length = strlen (b);

  if (a.len > NAME_MAX_LENGTH)
    return NAME_MAX_LENGTH;
  for (size_t j = 0; j <= length; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= a.len; i++)
    {
      size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
      row[0] = i;
      for (size_t j = 1; j <= length; j++)
        {
          unsigned ours = lower (a.data[i - 1]), theirs = lower (b[j - 1]);
          size_t least = above[j - 1] + (ours != theirs);
          if (above[j] + 1 < least)
            least = above[j] + 1;
          if (row[j - 1] + 1 < least)
            least = row[j - 1] + 1;
          if (i > 1 && j > 1 && ours == lower (b[j - 2]) && lower (a.data[i - 2]) == theirs
              && rows[(i - 2) % 3][j - 2] + 1 < least)
            least = rows[(i - 2) % 3][j - 2] + 1;
          row[j] = least;
        }
    }
  return rows[a.len % 3][length];
}

/* The transport that was meant, or NULL. What a short one is near to may be the name of an image
 * with its tag: there a path must follow. */
static const char *
nearest_transport (struct sp_view word, const char *details)
{
  const char *best = NULL;
  size_t least = word.len < 5 ? 2 : 3;

  if (word.len < 5 && *details != '/' && *details != '.')
    return NULL;
  for (int i = 0; i < SP_TRANSPORTS; i++)
    {
      const char *name = sp_transport_name ((enum sp_transport)i);
      size_t steps = distance (word, name);
      if (steps < least)
        {
          least = steps;
          best = name;
        }
    }
  return best;
}

/* "dcoker://...", and "ostree-image-signed:docker://...", which other tools have. */
static int
suggest_of_transport (const char *text, bool *ret_done, sigpolicy_error **err)
{
  const char *colon = strchr (text, ':');
  const char *inner = colon ? strstr (colon + 1, "docker://") : NULL;

  *ret_done = colon != NULL;
  if (!colon)
    return 0;
  if (inner == colon + 1)
    return sp_error_hint (err, "the image is named %s", inner);
  const char *meant = nearest_transport (sp_view_n (text, (size_t)(colon - text)), colon + 1);
  if (meant)
    return sp_error_hint (err, "did you mean %s%s?", meant, colon);
  *ret_done = false;
  return 0;
}

/* --- paths ------------------------------------------------------------------------------------ */

static bool
exists_in (const char *directory, const char *name, sigpolicy_error **err)
{
  cleanup_free char *path = sp_asprintf (err, "%s/%s", directory, name);
  return path && access (path, F_OK) == 0;
}

/* A path that is there is meant before an image of that name is. */
static int
suggest_of_path (const char *text, bool *ret_done, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  bool is_path = *text == '/' || *text == '.' || *text == '~';
  struct stat st;

  *ret_done = true;
  if (stat (text, &st) == 0 && S_ISREG (st.st_mode))
    return sp_error_hint (err,
                          "a path needs its transport: docker-archive:%s, or oci-archive:%s for an "
                          "archive that has a file oci-layout",
                          text, text);
  bool is_directory = stat (text, &st) == 0 && S_ISDIR (st.st_mode);
  if (is_directory && exists_in (text, "oci-layout", &ignored))
    return sp_error_hint (err, "a path needs its transport: oci:%s", text);
  if (is_directory && (is_path || exists_in (text, "manifest.json", &ignored)))
    return sp_error_hint (err, "a path needs its transport: dir:%s", text);
  if (is_path)
    return sp_error_hint (err, "a path needs its transport, such as dir:%s or oci:%s", text, text);
  *ret_done = false;
  return sigpolicy_error_code (ignored) == SIGPOLICY_E_NO_MEMORY ? SIGPOLICY_E_NO_MEMORY : 0;
}

/* --- names without a transport ---------------------------------------------------------------- */

/* "quay.io/ns/app", "docker:quay.io/ns/app" and "app" are what people write. What the last stands
 * for is registries.conf's matter, and never ours to choose. A configuration that cannot be read
 * has its own error where it is needed. */
static int
suggest_of_name (struct sp_context *context, const char *text, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_strv struct sp_strv candidates = { 0 };
  cleanup_buf struct sp_buf words = SP_BUF (SP_MIB);
  const struct sp_registries_conf *conf = NULL;
  const char *file = NULL;

  int rc = sp_reference_parse (sp_view_str (text), &reference, &ignored);
  if (rc == 0)
    rc = sp_context_registries_conf (context, &conf, &ignored);
  if (rc == 0)
    rc = sp_registries_conf_expand (conf, sp_view_str (text), &candidates, &file, &ignored);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  if (!reference)
    return sigpolicy_error_code (*err);
  if (!file && candidates.len == 1)
    return sp_error_hint (err, "write an image name on a registry as docker://%s", text);
  if (!candidates.len)
    return sp_error_hint (err, "add the registry, for example docker://%s", reference->string);
  for (size_t i = 0; i < candidates.len && i < SUGGESTIONS_SHOWN; i++)
    sp_buf_printf (&words, "%sdocker://%s", i ? " or " : "", candidates.items[i]);
  rc = sp_buf_check (&words, &ignored);
  return rc < 0 ? rc : sp_error_hint (err, "add the registry: %s, by %s", words.data, file);
}

/* Of a name whose transport is known. */
static int
suggest_of_details (struct sp_context *context, enum sp_transport transport, const char *details,
                    sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  const char *name = details + strspn (details, "/"), *url = without_scheme (name);

  if (transport == SP_TRANSPORT_DOCKER && url)
    return suggest_of_url (url, err);
  if (transport == SP_TRANSPORT_DOCKER && strncmp (details, "//", 2) != 0)
    return suggest_of_name (context, name, err);
  if (transport == SP_TRANSPORT_OCI && strncmp (details, "//", 2) == 0
      && is_on_registry (name, &ignored))
    return sp_error_hint (err, "oci: names a directory; the image on a registry is docker://%s",
                          name);
  return sigpolicy_error_code (ignored) == SIGPOLICY_E_NO_MEMORY ? SIGPOLICY_E_NO_MEMORY
                                                                 : sigpolicy_error_code (*err);
}

int
sp_suggest_name (struct sp_context *context, const char *text, sigpolicy_error **err)
{
  const char *url = without_scheme (text);
  enum sp_transport transport;
  bool done = false;
  int rc = 0;

  if (sp_transport_of (text, &transport))
    rc = suggest_of_details (context, transport, strchr (text, ':') + 1, err);
  else if (url)
    rc = suggest_of_url (url, err);
  else
    {
      rc = suggest_of_path (text, &done, err);
      if (rc == 0 && !done)
        rc = suggest_of_transport (text, &done, err);
      if (rc == 0 && !done)
        rc = suggest_of_name (context, text, err);
    }
  if (rc != SIGPOLICY_E_NO_MEMORY)
    return sigpolicy_error_code (*err);
  sp_error_clear (err);
  return sp_error_no_memory (err);
}
