/* SPDX-License-Identifier: Apache-2.0 */
#include "model/lookaside_int.h"

#include "reference/digest.h"
#include "util/codec.h"
#include "util/fs.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#define SYSTEM_DEFAULT "/var/lib/containers/sigstore"
#define USER_DEFAULT   ".local/share/containers/sigstore"

void
sp_lookaside_free (struct sp_lookaside *lookaside)
{
  if (!lookaside)
    return;
  free (lookaside->scheme);
  free (lookaside->opaque);
  free (lookaside->userinfo);
  free (lookaside->host);
  free (lookaside->path);
  free (lookaside->query);
  free (lookaside->fragment);
  free (lookaside->url);
  free (lookaside->base);
  free (lookaside->written);
  free (lookaside->file);
  free (lookaside);
}

/* No number is 0, and one beyond all user IDs is an ordinary user. */
unsigned
sp_lookaside_euid (void)
{
  const char *text = secure_getenv ("_CONTAINERS_ROOTLESS_UID");
  unsigned value = 0;

  if (!text || !text[0])
    return (unsigned)geteuid ();
  if (text[0] == '+' || text[0] == '-')
    text++;
  for (const char *c = text; *c; c++)
    {
      if (*c < '0' || *c > '9')
        return 0;
      if (__builtin_mul_overflow (value, 10U, &value)
          || __builtin_add_overflow (value, (unsigned)(*c - '0'), &value))
        value = UINT_MAX;
    }
  return value;
}

/* A directory of this machine, even where nothing is configured. */
static int
use_default (unsigned euid, const char *home, struct sp_lookaside *lookaside, sigpolicy_error **err)
{
  lookaside->scheme = sp_strdup ("file", err);
  if (lookaside->scheme)
    lookaside->host = sp_strdup ("", err);
  if (!lookaside->host)
    return SIGPOLICY_E_NO_MEMORY;
  if (euid == 0)
    lookaside->path = sp_strdup (SYSTEM_DEFAULT, err);
  else
    {
      bool known = home && home[0];
      cleanup_free char *joined
          = sp_asprintf (err, "%s%s" USER_DEFAULT, known ? home : "", known ? "/" : "");
      lookaside->path = joined ? sp_fs_clean (joined, err) : NULL;
    }
  lookaside->path_len = lookaside->path ? strlen (lookaside->path) : 0;
  return lookaside->path ? 0 : sigpolicy_error_code (*err);
}

static int
use_configured (const struct sp_registries_d_answer *answer, struct sp_lookaside *lookaside,
                sigpolicy_error **err)
{
  struct sp_view text = sp_view_n (answer->value, answer->value_len);
  cleanup_buf struct sp_buf shown = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  cleanup_error sigpolicy_error *no_memory = NULL;

  if (sp_lookaside_parse (text, lookaside, err) == 0)
    {
      lookaside->line = answer->line;
      lookaside->file = answer->file ? sp_strdup (answer->file, err) : NULL;
      bool shows = !lookaside->userinfo && sp_view_find (text, '\0') == SP_VIEW_NONE;
      lookaside->written = shows && !*err ? sp_view_dup (text, err) : NULL;
      return *err ? SIGPOLICY_E_NO_MEMORY : 0;
    }
  sp_lookaside_hide (text, &shown);
  cleanup_free char *escaped = sp_escape_dup (sp_buf_view (&shown), &no_memory);
  if (!escaped)
    return sp_error_no_memory (err);
  (void)sp_error_prefix (err, "Invalid signature storage URL %s", escaped);
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  return sp_error_position (err, answer->file, answer->line, 1, NULL);
}

static char *
compose (const struct sp_lookaside *lookaside, struct sp_view path, bool with_password,
         sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  sp_lookaside_compose (lookaside, path, with_password, &out);
  return sp_buf_steal (&out, err);
}

/* The repository's path behind that of the location: literally, so a slash at its end is doubled.
 */
static int
append_repository (struct sp_lookaside *lookaside, const struct sp_reference *reference,
                   sigpolicy_error **err)
{
  cleanup_buf struct sp_buf path = SP_BUF (SP_LOOKASIDE_BYTES_MAX);

  sp_buf_add (&path, sp_view_n (lookaside->path, lookaside->path_len));
  sp_buf_byte (&path, '/');
  sp_buf_str (&path, reference->path);
  lookaside->url = compose (lookaside, sp_buf_view (&path), true, err);
  if (lookaside->url)
    lookaside->base = compose (lookaside, sp_buf_view (&path), false, err);
  size_t length = path.len;
  char *whole = lookaside->base ? sp_buf_steal (&path, err) : NULL;
  if (!whole)
    return sigpolicy_error_code (*err);
  free (lookaside->path);
  lookaside->path = whole;
  lookaside->path_len = length;
  return 0;
}

int
sp_lookaside_find (const struct sp_registries_d *configuration,
                   const struct sp_reference *reference, enum sp_lookaside_use use, unsigned euid,
                   const char *home, struct sp_lookaside **ret,
                   struct sp_registries_d_answer *ret_answer, sigpolicy_error **err)
{
  cleanup_lookaside struct sp_lookaside *lookaside = NULL;
  struct sp_registries_d_answer answer;

  int rc = sp_registries_d_lookaside (configuration, reference, use, &answer, err);
  if (rc < 0)
    return rc;
  lookaside = sp_calloc (1, sizeof *lookaside, err);
  if (!lookaside)
    return SIGPOLICY_E_NO_MEMORY;
  rc = answer.value ? use_configured (&answer, lookaside, err)
                    : use_default (euid, home, lookaside, err);
  if (rc == 0)
    rc = append_repository (lookaside, reference, err);
  if (rc < 0)
    return rc;
  *ret = steal (&lookaside);
  *ret_answer = answer;
  return 0;
}

/* PATH@ALGORITHM=HEX/signature-N, of a digest that is one: so it leads nowhere else. */
static int
signature_path (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                struct sp_buf *out, sigpolicy_error **err)
{
  int rc = sp_digest_check (sp_view_str (digest), err);
  if (rc < 0)
    return rc;
  size_t colon = sp_view_find (sp_view_str (digest), ':');
  sp_buf_add (out, sp_view_n (lookaside->path, lookaside->path_len));
  sp_buf_printf (out, "@%.*s=%s/signature-%zu", (int)colon, digest, digest + colon + 1, n);
  return sp_buf_check (out, err);
}

static char *
signature_url (const struct sp_lookaside *lookaside, const char *digest, size_t n,
               bool with_password, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf path = SP_BUF (SP_LOOKASIDE_BYTES_MAX);
  return signature_path (lookaside, digest, n, &path, err) < 0
             ? NULL
             : compose (lookaside, sp_buf_view (&path), with_password, err);
}

char *
sp_lookaside_url (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                  sigpolicy_error **err)
{
  return signature_url (lookaside, digest, n, true, err);
}

char *
sp_lookaside_show (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                   sigpolicy_error **err)
{
  return signature_url (lookaside, digest, n, false, err);
}

/* A NUL would cut the path short, and lead elsewhere. */
char *
sp_lookaside_path (const struct sp_lookaside *lookaside, const char *digest, size_t n,
                   sigpolicy_error **err)
{
  cleanup_buf struct sp_buf path = SP_BUF (SP_LOOKASIDE_BYTES_MAX);

  if (signature_path (lookaside, digest, n, &path, err) < 0)
    return NULL;
  if (sp_view_find (sp_buf_view (&path), '\0') != SP_VIEW_NONE)
    {
      (void)sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, EINVAL,
                            "open %s", lookaside->base);
      return NULL;
    }
  return sp_buf_steal (&path, err);
}
