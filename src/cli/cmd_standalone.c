/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <time.h>

/* skopeo's standalone verbs: its arguments, its texts, its exit statuses (0, and 1 for every
 * error). */

#define FILE_LIMIT (4UL * 1024 * 1024)
#define KEYS_LIMIT (1UL * 1024 * 1024)

struct bytes
{
  void *data;
  size_t size;
};

static void
bytes_free (struct bytes *bytes)
{
  free (bytes->data);
}

#define cleanup_bytes __attribute__ ((cleanup (bytes_free)))

static void
text_free (char **text)
{
  free (*text);
}

#define cleanup_text __attribute__ ((cleanup (text_free)))

static void
context_free (sigpolicy_context **context)
{
  sigpolicy_context_free (*context);
}

#define cleanup_context __attribute__ ((cleanup (context_free)))

/* skopeo's end, with why a file could not be read or written; takes that over. */
static int
fatal_file (const char *doing, const char *path, char *why)
{
  int status = fatal (NULL, "Error %s%s: %s", doing, path, why ? why : "out of memory");
  free (why);
  return status;
}

static int
take_file (const char *path, size_t limit, const char *doing, struct bytes *ret)
{
  char *why = NULL;
  return read_file (path, limit, &ret->data, &ret->size, &why) != 0 ? fatal_file (doing, path, why)
                                                                    : 0;
}

int
cmd_manifest_digest (const struct verb *verb, struct options *options)
{
  cleanup_bytes struct bytes manifest = { 0 };
  sigpolicy_error *error = NULL;
  char digest[SIGPOLICY_DIGEST_SIZE], line[SIGPOLICY_DIGEST_SIZE + 1];
  (void)verb;

  if (options->n_arguments != 1)
    return fatal (NULL, "Usage: skopeo manifest-digest manifest");
  if (take_file (options->arguments[0], FILE_LIMIT, "reading manifest from ", &manifest) != 0)
    return 1;
  if (sigpolicy_manifest_digest (manifest.data, manifest.size, digest, &error) < 0)
    return fatal (error, "Error computing digest: ");
  (void)snprintf (line, sizeof line, "%s\n", digest);
  return print_result (line) ? 1 : 0;
}

/* Cuts text at commas in place; the list ends with NULL. */
static char **
split (char *text)
{
  size_t n = 2;
  for (const char *at = text; *at; at++)
    n += *at == ',';
  char **list = calloc (n, sizeof *list);
  if (!list)
    return NULL;
  n = 0;
  for (char *next; text; text = next)
    {
      next = strchr (text, ',');
      if (next)
        *next++ = '\0';
      list[n++] = text;
    }
  return list;
}

static int
verify (sigpolicy_context *context, const struct options *options, const struct bytes *manifest,
        const struct bytes *signature, const struct bytes *keys, const char *const *fingerprints)
{
  cleanup_text char *fingerprint = NULL, *digest = NULL, *line = NULL;
  sigpolicy_signature_verifier *verifier = NULL;
  sigpolicy_error *error = NULL;

  int rc = sigpolicy_signature_verifier_new (&verifier, &error);
  if (rc == 0)
    rc = sigpolicy_signature_verifier_set_manifest (verifier, manifest->data, manifest->size,
                                                    &error);
  if (rc == 0)
    rc = sigpolicy_signature_verifier_set_reference (verifier, options->arguments[1], &error);
  for (size_t i = 0; rc == 0 && fingerprints[i]; i++)
    rc = sigpolicy_signature_verifier_add_fingerprint (verifier, fingerprints[i], &error);
  if (rc == 0 && options->public_key_file)
    rc = sigpolicy_signature_verifier_set_public_keys (verifier, keys->data, keys->size, &error);
  if (rc == 0)
    rc = sigpolicy_signature_verify (context, verifier, signature->data, signature->size,
                                     &fingerprint, &digest, &error);
  sigpolicy_signature_verifier_free (verifier);
  if (rc < 0)
    return fatal (error, "Error verifying signature: ");
  if (asprintf (&line, "Signature verified using fingerprint %s, digest %s\n", fingerprint, digest)
      < 0)
    {
      line = NULL;
      return fatal (NULL, "out of memory");
    }
  return print_result (line) ? 1 : 0;
}

int
cmd_standalone_verify (const struct verb *verb, struct options *options)
{
  cleanup_bytes struct bytes manifest = { 0 }, signature = { 0 }, keys = { 0 };
  cleanup_context sigpolicy_context *context = NULL;
  cleanup_text char *wanted = NULL;
  sigpolicy_error *error = NULL;
  char **listed = NULL, **found = NULL;
  (void)verb;

  if (options->n_arguments != 4)
    return fatal (NULL, "Usage: skopeo standalone-verify manifest docker-reference key-fingerprint "
                        "signature");
  bool any = strcmp (options->arguments[2], "any") == 0;
  if (any && !options->public_key_file)
    return fatal (NULL, "Cannot use any fingerprint without a public key file");
  if (take_file (options->arguments[0], FILE_LIMIT, "reading manifest from ", &manifest) != 0
      || take_file (options->arguments[3], FILE_LIMIT, "reading signature from ", &signature) != 0
      || (options->public_key_file
          && take_file (options->public_key_file, KEYS_LIMIT, "reading public keys from ", &keys)
                 != 0)
      || open_context (options, &context) != 0)
    return 1;
  if (any && sigpolicy_fingerprints (context, keys.data, keys.size, &found, &error) < 0)
    return fatal (error, "Error verifying signature: ");
  wanted = strdup (options->arguments[2]);
  listed = wanted && !any ? split (wanted) : NULL;
  int status = 1;
  if (!found && !listed)
    (void)fatal (NULL, "out of memory");
  else
    status = verify (context, options, &manifest, &signature, &keys,
                     (const char *const *)(any ? found : listed));
  sigpolicy_fingerprints_free (found);
  free (listed);
  return status;
}

/* A passphrase is the file's one line. */
static int
read_passphrase (const char *path, char **ret)
{
  cleanup_bytes struct bytes file = { 0 };

  if (!path)
    return 0;
  if (take_file (path, 4096, "reading passphrase from ", &file) != 0)
    return 1;
  char *text = file.data;
  if (file.size && text[file.size - 1] == '\n')
    text[--file.size] = '\0';
  if (memchr (text, '\n', file.size) || memchr (text, '\0', file.size))
    return fatal (NULL,
                  "Error creating signature: invalid passphrase: must not contain a line break");
  *ret = text;
  file.data = NULL;
  return 0;
}

int
cmd_standalone_sign (const struct verb *verb, struct options *options)
{
  cleanup_bytes struct bytes manifest = { 0 }, signature = { 0 };
  cleanup_text char *passphrase = NULL;
  sigpolicy_error *error = NULL;
  char *why = NULL;
  (void)verb;

  if (options->n_arguments != 3 || !options->output)
    return fatal (NULL,
                  "Usage: skopeo standalone-sign manifest docker-reference key-fingerprint -o "
                  "signature");
  if (take_file (options->arguments[0], FILE_LIMIT, "reading ", &manifest) != 0
      || read_passphrase (options->passphrase_file, &passphrase) != 0)
    return 1;
  if (sigpolicy_signature_sign (manifest.data, manifest.size, options->arguments[1],
                                options->arguments[2], passphrase, "sigpolicy " PACKAGE_VERSION,
                                (int64_t)time (NULL), &signature.data, &signature.size, &error)
      < 0)
    return fatal (error, "Error creating signature: ");
  if (write_file (options->output, signature.data, signature.size, &why) != 0)
    return fatal_file ("writing signature to ", options->output, why);
  return 0;
}

/* The input is UTF-8 by the strict parse of the payload. */
static void
put_json (FILE *out, const char *text, size_t size)
{
  put_go_json (out, text, size, "\n\r\t\b\f");
}

/* RFC 3339 in the local zone; false for a year that Go refuses to write. */
static bool
put_time (FILE *out, int64_t seconds)
{
  time_t stamp = (time_t)seconds;
  struct tm tm;
  char text[64];

  if (!localtime_r (&stamp, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
    return false;
  (void)strftime (text, sizeof text, "T%H:%M:%S", &tm);
  (void)fprintf (out, "\"%04d-%02d-%02d%s", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, text);
  if (tm.tm_gmtoff == 0)
    (void)fputs ("Z\"", out);
  else
    {
      long minutes = labs (tm.tm_gmtoff) / 60;
      (void)fprintf (out, "%c%02ld:%02ld\"", tm.tm_gmtoff < 0 ? '-' : '+', minutes / 60,
                     minutes % 60);
    }
  return true;
}

static bool
put_claims (FILE *out, const sigpolicy_untrusted *claims)
{
  bool fine = true;
  (void)fputs ("{\n    \"UntrustedDockerManifestDigest\": ", out);
  put_json (out, claims->digest, strlen (claims->digest));
  (void)fputs (",\n    \"UntrustedDockerReference\": ", out);
  put_json (out, claims->reference, claims->reference_size);
  (void)fputs (",\n    \"UntrustedCreatorID\": ", out);
  if (claims->creator)
    put_json (out, claims->creator, claims->creator_size);
  else
    (void)fputs ("null", out);
  (void)fputs (",\n    \"UntrustedTimestamp\": ", out);
  if (claims->has_timestamp)
    fine = put_time (out, claims->timestamp);
  else
    (void)fputs ("null", out);
  (void)fputs (",\n    \"UntrustedShortKeyIdentifier\": ", out);
  put_json (out, claims->key_id, strlen (claims->key_id));
  (void)fputs ("\n}\n", out);
  return fine;
}

int
cmd_untrusted_dump (const struct verb *verb, struct options *options)
{
  cleanup_bytes struct bytes signature = { 0 }, text = { 0 };
  sigpolicy_untrusted *claims = NULL;
  sigpolicy_error *error = NULL;
  (void)verb;

  if (options->n_arguments != 1)
    return fatal (NULL, "Usage: skopeo untrusted-signature-dump-without-verification signature");
  if (take_file (options->arguments[0], FILE_LIMIT, "reading untrusted signature from ", &signature)
      != 0)
    return 1;
  if (sigpolicy_signature_dump_untrusted (signature.data, signature.size, &claims, &error) < 0)
    return fatal (error, "Error decoding untrusted signature: ");

  char *written = NULL;
  FILE *out = open_memstream (&written, &text.size);
  bool fine = out && put_claims (out, claims);
  /* fclose() alone tells nothing of what found no memory before. */
  bool whole = out && !ferror (out);
  if (out)
    whole = fclose (out) == 0 && whole && written;
  text.data = written;
  sigpolicy_untrusted_free (claims);
  if (!whole)
    return fatal (NULL, "out of memory");
  if (!fine)
    return fatal (NULL, "Time.MarshalJSON: year outside of range [0,9999]");
  return print_bytes (text.data, text.size) ? 1 : 0;
}
