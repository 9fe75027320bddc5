/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as what a registry, its token server and its lookaside answer, one response after the
 * other, through everything that asks them. A manifest that is taken has the digest that it was
 * asked by. The password goes to the registry, and to a token server only over TLS where the
 * registry has it; a token goes to the registry alone. What is asked is bounded, and each of its
 * lines is one line.
 *
 * The first byte chooses the scheme, whether the image is named by digest, and what else is there.
 * Responses follow, as they stand on the wire, apart by lines "%%"; one that does not begin with a
 * status line is a failure of the connection.
 */
#include "fuzz.h"

#include "http/http_int.h"
#include "model/manifest.h"
#include "crypto/digest.h"
#include "sources/evidence.h"
#include "sources/registry.h"
#include "util/cleanup.h"
#include "util/limits.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

#define SECRET           "dTpnZWhlaW0=" /* u:geheim */
#define NOBODY           "Og=="         /* an empty name, an empty password */
#define LOOKASIDE_SECRET "dXNlcjp3b3Jk" /* user:word */
#define OCI_DIGEST       "sha256:f20c43161d73848408ef247f0ec7111b19fe58ffebc0cbcaa0d2c8bda4967268"
#define EXCHANGES_MAX    4096

/* What curl makes of URLs is curl's; of the exchanges, nothing leaves this process. */
extern const struct sp_http_module sp_http_module;

static struct
{
  struct sp_view rest;
  bool http; /* is allowed */
  bool tls;  /* is what the registry answered by */
  size_t exchanges;
} play;

static bool
is_at (const char *url, const char *origin)
{
  size_t len = strlen (origin);
  return strncasecmp (url, origin, len) == 0 && (url[len] == '/' || url[len] == '\0');
}

static bool
is_registry (const char *url)
{
  return play.tls ? is_at (url, "https://r.example") || is_at (url, "https://r.example:443")
                  : is_at (url, "http://r.example") || is_at (url, "http://r.example:80");
}

/* The password is for the registry, and over TLS for whom it names; that of the lookaside, for
 * that; a token is for the registry. */
static void
check_authorization (const char *url, const char *line)
{
  if (strstr (line, SECRET))
    require (is_registry (url) || (play.tls && strncasecmp (url, "https://", 8) == 0));
  else if (strncmp (line, "Authorization: Basic ", 21) == 0 && strcmp (line + 21, NOBODY) != 0)
    require (strcmp (line + 21, LOOKASIDE_SECRET) == 0 && is_at (url, "http://l.example"));
  else
    require (is_registry (url));
}

static void
check_request (const struct sp_http_exchange *exchange)
{
  require (++play.exchanges <= EXCHANGES_MAX);
  require (strncmp (exchange->url, "http://", 7) == 0
           || strncmp (exchange->url, "https://", 8) == 0);
  for (const char *at = exchange->url; *at; at++)
    require ((unsigned char)*at > ' ' && *at != 0x7f);
  require (!strstr (exchange->url, "geheim") && !exchange->body);
  for (const char *const *line = exchange->headers; *line; line++)
    {
      require (!strpbrk (*line, "\r\n"));
      if (strncmp (*line, "Authorization: ", 15) == 0)
        check_authorization (exchange->url, *line);
      else
        require (!strstr (*line, SECRET));
    }
}

/* The next response; a line at a time, as the module gives it. */
static struct sp_view
next_response (void)
{
  static const char mark[] = "\n%%\n";
  const char *end
      = play.rest.len ? memmem (play.rest.data, play.rest.len, mark, sizeof mark - 1) : NULL;
  size_t len = end ? (size_t)(end - play.rest.data) : play.rest.len;
  struct sp_view response = sp_view_head (play.rest, len);
  play.rest = sp_view_from (play.rest, end ? len + sizeof mark - 1 : len);
  return response;
}

static bool
is_status_line (struct sp_view response)
{
  static const struct sp_view version = SP_VIEW ("HTTP/1.1 ");
  struct sp_view status = sp_view_from (response, version.len);
  return sp_view_starts (response, version) && status.len >= 3
         && isdigit ((unsigned char)status.data[0]) && isdigit ((unsigned char)status.data[1])
         && isdigit ((unsigned char)status.data[2]);
}

static void
perform (void *session, struct sp_http_exchange *exchange)
{
  struct sp_view response = next_response ();
  bool more = true, headed = false;

  (void)session;
  check_request (exchange);
  if (!is_status_line (response))
    {
      exchange->failure
          = response.len && response.data[0] == 'T' ? SP_HTTP_TIMEOUT : SP_HTTP_UNREACHABLE;
      return;
    }
  while (more && response.len && !headed)
    {
      size_t end = sp_view_find (response, '\n');
      struct sp_view line = sp_view_head (response, end);
      response = end < response.len ? sp_view_from (response, end + 1)
                                    : sp_view_from (response, response.len);
      headed = line.len == 0;
      more = exchange->take_header (exchange->sink, line.data, line.len);
    }
  /* In two pieces, as it may come. */
  size_t half = response.len / 2;
  if (more && headed && half)
    more = exchange->take_body (exchange->sink, response.data, half);
  if (more && headed && response.len)
    more = exchange->take_body (exchange->sink, response.data + half, response.len - half);
  exchange->failure = more ? SP_HTTP_ANSWERED : SP_HTTP_REFUSED;
  /* Where http may be, https is asked first. */
  if (strcmp (exchange->url, "https://r.example/v2/") == 0 && headed && more)
    play.tls = true;
}

static void *
open_session (const struct sp_http_tls *tls)
{
  (void)tls;
  return &play;
}

static void
close_session (void *session)
{
  require (session == &play);
}

/* --- what is the same for every input --------------------------------------------------------- */

static struct
{
  struct sp_registries_conf *conf;
  struct sp_registries_d *registries_d[2];
} world;

static struct sp_registries_d *
registries_d (const char *text)
{
  struct sp_registries_d *ret = NULL;
  sigpolicy_error *err = NULL;
  require (sp_registries_d_new ("DIR", &ret, &err) == 0);
  require (sp_registries_d_parse_file (ret, sp_view_str (text), "DIR/a.yaml", &err) == 0);
  return ret;
}

static void
begin (void)
{
  static struct sp_http_module fake;
  struct sp_reader_choice paths = { .file = (char[]){ "main.conf" } };
  sigpolicy_error *err = NULL;

  if (world.conf)
    return;
  fake = sp_http_module;
  fake.open = open_session;
  fake.close = close_session;
  fake.perform = perform;
  sp_http_use_module (&fake);
  require (sp_registries_conf_new (&paths, &world.conf, &err) == 0);
  require (sp_registries_conf_parse_file (
               world.conf,
               sp_view_str ("[[registry]]\nlocation='r.example'\n[[registry]]\nprefix='m.example'\n"
                            "location='r.example'\n[[registry.mirror]]\nlocation='r.example/m'\n"),
               "main.conf", SP_REGISTRIES_CONF_MAIN, &err)
           == 0);
  world.registries_d[0] = registries_d (
      "default-docker:\n  lookaside: https://l.example/s\n  use-sigstore-attachments: true\n");
  world.registries_d[1]
      = registries_d ("default-docker:\n  lookaside: http://user:word@l.example/s?q\n");
}

static struct sp_registries *
new_registries (void)
{
  struct sp_registry_options options = {
    .cert_dir = "/nonexistent",
    .tls_verify = play.http ? SP_TLS_DO_NOT_VERIFY : SP_TLS_VERIFY,
  };
  struct sp_registries *registries = NULL;
  sigpolicy_error *err = NULL;

  options.auth.creds = sp_strdup ("u:geheim", &err);
  options.auth.authfile = sp_strdup ("/nonexistent", &err);
  require (options.auth.creds && options.auth.authfile);
  require (sp_registries_new (&options, &registries, &err) == 0);
  return registries;
}

static void
check_image (struct sp_registries *registries, const char *name, const struct sp_registries_d *d)
{
  static const struct sp_platform platform = { "amd64", "linux", NULL };
  const struct sp_docker_setup setup
      = { .registries = registries, .conf = world.conf, .registries_d = d, .limit_ms = 900 };
  cleanup_evidence struct sp_evidence *evidence = NULL;
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_signature_blob *const *signatures = NULL;
  struct sp_view manifest = sp_view_n ("", 0);
  char digest[SP_SHA256_TEXT_SIZE];
  size_t n = 0;

  require (sp_reference_parse (sp_view_str (name), &reference, &err) == 0);
  require (sp_evidence_new (&evidence, &err) == 0);
  require (sp_evidence_set_docker (evidence, &setup, reference, &platform, &err) == 0);
  if (reference->digest)
    require (sp_evidence_expect_digest (evidence, reference->digest, &err) == 0);
  int rc = sp_evidence_top_manifest (evidence, &manifest, &err);
  if (rc == 0 && reference->digest)
    require (sp_manifest_digest (manifest, digest, &err) == 0
             && strcmp (digest, reference->digest) == 0);
  require ((rc == 0) == !err);
  sp_error_clear (&err);
  rc = sp_evidence_manifest (evidence, &manifest, &err);
  require ((rc == 0) == !err);
  if (rc == 0 && sp_evidence_instance (evidence))
    require (sp_manifest_digest (manifest, digest, &err) == 0
             && strcmp (digest, sp_evidence_instance (evidence)) == 0);
  sp_error_clear (&err);
  rc = sp_evidence_signatures (evidence, &signatures, &n, &err);
  require ((rc == 0) == !err && n <= SP_SIGNATURES_MAX);
  require (rc < 0 || sp_evidence_digest (evidence));
  require (!err || sigpolicy_error_code (err) != SIGPOLICY_E_NO_MEMORY);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const images[]
      = { "r.example/ns/app:v1", ("r.example/ns/app@" OCI_DIGEST), "m.example/app:v1" };
  /* A server that knows the password may say it. */
  if (!size || memmem (data, size, "geheim", 6) || memmem (data, size, SECRET, strlen (SECRET)))
    return 0;
  begin ();
  play.rest = sp_view_n ((const char *)data + 1, size - 1);
  play.http = data[0] & 1;
  play.tls = !play.http;
  play.exchanges = 0;
  cleanup_registries struct sp_registries *registries = new_registries ();
  const struct sp_registries_d *d = world.registries_d[data[0] >> 1 & 1];
  check_image (registries, images[(data[0] >> 2 & 3) % 3], d);
  /* Another one, with what is kept of the first. */
  check_image (registries, images[0], d);
  return 0;
}
