/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "util/codec.h"
#include "util/fs.h"
#include "util/hint.h"
#include "util/limits.h"

#include <errno.h>

/* What to do about a registry that cannot be talked to, or that wants to know who asks. */

/* --- registries.conf ---------------------------------------------------------------------------
 */

static const char *
skip_blanks (const char *at)
{
  return at + strspn (at, " \t");
}

/* In the table that begins at a line: the line that says insecure, or the one after the header. */
static int
edit_table (const char *path, unsigned header, char *text, struct sp_hint *hint,
            sigpolicy_error **err)
{
  unsigned number = 1;

  for (char *line = text, *end; *line; line = end, number++)
    {
      end = line + strcspn (line, "\n");
      end += *end == '\n';
      const char *at = skip_blanks (line);
      if (number > header && *at == '[')
        break;
      if (number <= header || strncmp (at, "insecure", 8) != 0)
        continue;
      at = skip_blanks (at + 8);
      at = *at == '=' ? skip_blanks (at + 1) : "";
      return strncmp (at, "false", 5) == 0 ? sp_hint_set_edit (
                 hint, path, number, (unsigned)(at - line) + 1, "false", "true", err)
                                           : 0;
    }
  return sp_hint_set_edit (hint, path, header + 1, 1, "", "insecure = true\n", err);
}

/* A table of its own for the host, at the end of a file that has none, or makes the file. */
static int
edit_end (const char *path, const char *host, const char *text, struct sp_hint *hint,
          sigpolicy_error **err)
{
  unsigned lines = 1;
  size_t last = 0, len = strlen (text);

  for (size_t i = 0; i < len; i++)
    if (text[i] == '\n')
      {
        lines++;
        last = i + 1;
      }
  cleanup_free char *made = sp_asprintf (
      err, "%s[[registry]]\nlocation = \"%s\"\ninsecure = true\n", last == len ? "" : "\n", host);
  return made ? sp_hint_set_edit (hint, path, lines, (unsigned)(len - last) + 1, "", made, err)
              : SIGPOLICY_E_NO_MEMORY;
}

/* The edit that lets a registry do without TLS. */
static int
edit_insecure (const struct sp_registries *registries, const struct sp_endpoint *endpoint,
               struct sp_hint *hint, sigpolicy_error **err)
{
  const char *path = endpoint->file ? endpoint->file : sp_registries_conf_file (registries);
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  cleanup_error sigpolicy_error *fault = NULL;

  if (!path)
    return 0;
  if (sp_fs_read (path, &text, &fault) < 0 && sp_error_errnum (fault) != ENOENT)
    return sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  /* A file of the first version takes no table of the second. */
  if (strlen (text.data) != text.len || strstr (text.data, "[registries."))
    return 0;
  return endpoint->file ? edit_table (path, endpoint->line, text.data, hint, err)
                        : edit_end (path, endpoint->reference->domain, text.data, hint, err);
}

static int
say_insecure (const struct sp_registries *registries, const struct sp_endpoint *endpoint,
              sigpolicy_error **err)
{
  cleanup_hint struct sp_hint hint = { 0 };
  cleanup_error sigpolicy_error *no_memory = NULL;
  const char *host = endpoint->reference->domain;

  if (edit_insecure (registries, endpoint, &hint, &no_memory) < 0)
    return sp_error_no_memory (err);
  (void)sp_error_hint (
      err,
      "%s does not use TLS on this port: if the registry has no TLS and you trust the network to "
      "it, set \"insecure = true\" for it in registries.conf, or use --tls-verify=false",
      host);
  return hint.file ? sp_error_hint_edit_at (err, hint.file, hint.line, hint.column, hint.old,
                                            hint.new_text)
                   : sigpolicy_error_code (*err);
}

/* --- certificates ------------------------------------------------------------------------------
 */

int
sp_registry_advise (const struct sp_registries *registries, const struct sp_endpoint *endpoint,
                    const struct sp_registry *registry, sigpolicy_error **err)
{
  const struct sp_tls_material *material = &registry->material;
  const char *host = endpoint->reference->domain;
  const char *directory = material->directory ? material->directory : material->place;
  bool has_ca = material->ca_pem.len;

  switch (sp_http_trouble (registry->http))
    {
    case SP_TROUBLE_NO_TLS:
      return say_insecure (registries, endpoint, err);
    case SP_TROUBLE_AUTHORITY:
      return sp_error_hint (
          err,
          "no CA that this host trusts issued the certificate of %s (the system's CAs%s%s were "
          "tried): if its operator uses a private CA, store that CA's certificate as %s/ca.crt",
          host, has_ca ? ", and the .crt files of " : "", has_ca ? directory : "",
          directory ? directory : "CERTS.D/HOST");
    case SP_TROUBLE_NAME:
      return sp_error_hint (err,
                            "the certificate is for another name than %s: use a name in the "
                            "certificate, or ask the operator for a certificate with this name",
                            host);
    case SP_TROUBLE_EXPIRED:
      return sp_error_hint (err,
                            "the certificate of %s has expired, or the clock of this host is "
                            "wrong: if the clock is right, the operator must renew the certificate",
                            host);
    case SP_TROUBLE_CLIENT:
      return material->n_clients
                 ? sp_error_hint (
                     err, "%s refused the client certificate %s: get a valid one from the operator",
                     host, material->clients[0].cert_path)
                 : sp_error_hint (
                     err,
                     "%s requires a client certificate, and %s has none: get one from the "
                     "operator, and store it there as client.cert, with its key as client.key",
                     host, directory ? directory : "CERTS.D/HOST");
    case SP_TROUBLE_CLOSED:
      return material->n_clients
                 ? sp_error_hint (err,
                                  "%s closed the connection after the TLS handshake, as registries "
                                  "do that refuse a client certificate (here %s): try again later; "
                                  "if it still fails, get a valid certificate from the operator",
                                  host, material->clients[0].cert_path)
                 : sp_error_hint (err,
                                  "%s closed the connection after the TLS handshake, as registries "
                                  "do that require a client certificate, and %s has none: try "
                                  "again later; if it still fails, get one from the operator, and "
                                  "store it there as client.cert, with its key as client.key",
                                  host, directory ? directory : "CERTS.D/HOST");
    case SP_TROUBLE_KEY:
      return sp_error_hint (err,
                            "%s and %s must belong together: 'openssl x509 -noout -pubkey' of the "
                            "first and 'openssl pkey -pubout' of the second print the same",
                            material->n_clients ? material->clients[0].cert_path : "NAME.cert",
                            material->n_clients ? material->clients[0].key_path : "NAME.key");
    case SP_TROUBLE_NONE:
      break;
    }
  return sigpolicy_error_code (*err);
}

/* --- credentials -------------------------------------------------------------------------------
 */

#define PLACES_SHOWN 6

int
sp_repository_advise_login (const struct sp_repository *repository, sigpolicy_error **err)
{
  const struct sp_credentials *credentials = &repository->credentials;
  const char *host = repository->registry->host;
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (credentials->from && credentials->user && *credentials->user)
    return sp_error_hint (err,
                          "%s refused the user %s from %s%s%s: log in again ('podman login %s'), "
                          "or ask the operator for the right to pull %s",
                          host, credentials->user, credentials->from,
                          credentials->key ? ", entry " : "",
                          credentials->key ? credentials->key : "", host, repository->path);
  if (credentials->from)
    return sp_error_hint (err, "%s refused the token from %s%s%s: log in again ('podman login %s')",
                          host, credentials->from, credentials->key ? ", entry " : "",
                          credentials->key ? credentials->key : "", host);
  for (size_t i = 0; i < credentials->searched.len && i < PLACES_SHOWN; i++)
    sp_buf_printf (&words, "%s%s", i ? "; " : "", credentials->searched.items[i]);
  return sp_error_hint (
      err, "%s requires credentials, and there are none for it (%s): log in ('podman login %s')",
      host, words.failed ? "" : words.data, host);
}
