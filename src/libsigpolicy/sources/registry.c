/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "model/manifest.h"
#include "reference/digest.h"
#include "util/codec.h"
#include "util/limits.h"

#include <strings.h>

struct sp_registries
{
  struct sp_registry_options options; /* the strings are ours */
  struct sp_registry *kept;
};

/* --- what is kept ----------------------------------------------------------------------------- */

static int
copy (const char **slot, const char *text, sigpolicy_error **err)
{
  *slot = text ? sp_strdup (text, err) : NULL;
  return text && !*slot ? SIGPOLICY_E_NO_MEMORY : 0;
}

int
sp_registries_new (struct sp_registry_options *options, struct sp_registries **ret,
                   sigpolicy_error **err)
{
  cleanup_auth_options struct sp_auth_options auth = options->auth;
  cleanup_registries struct sp_registries *registries = NULL;

  options->auth = (struct sp_auth_options){ 0 };
  registries = sp_calloc (1, sizeof *registries, err);
  if (!registries)
    return SIGPOLICY_E_NO_MEMORY;
  registries->options.tls_verify = options->tls_verify;
  registries->options.cancelled = options->cancelled;
  registries->options.creds_owner = sp_creds_owner_ref (options->creds_owner);
  registries->options.hung = sp_http_hung_ref (options->hung);
  registries->options.reader = options->reader;
  registries->options.reader.home = registries->options.reader.root = NULL;
  registries->options.auth = auth;
  auth = (struct sp_auth_options){ 0 };
  int rc = copy (&registries->options.cert_dir, options->cert_dir, err);
  if (rc == 0)
    rc = copy (&registries->options.conf_file, options->conf_file, err);
  if (rc == 0)
    rc = copy (&registries->options.reader.home, options->reader.home, err);
  if (rc == 0)
    rc = copy (&registries->options.reader.root, options->reader.root, err);
  if (rc == 0)
    *ret = steal (&registries);
  return rc;
}

static void
repository_free (struct sp_repository *repository)
{
  if (!repository)
    return;
  sp_credentials_clear (&repository->credentials);
  if (repository->authorization)
    explicit_bzero (repository->authorization, strlen (repository->authorization));
  free (repository->authorization);
  free (repository->token_server);
  free (repository->path);
  free (repository->name);
  free (repository);
}

static void
registry_free (struct sp_registry *registry)
{
  if (!registry)
    return;
  sp_http_free (registry->http);
  sp_tls_material_clear (&registry->material);
  sp_strv_clear (&registry->challenges);
  repository_free (registry->authorized);
  free (registry->host);
  free (registry->base);
  free (registry);
}

SP_DEFINE_CLEANUP (struct sp_registry *, registry_free);

void
sp_registries_free (struct sp_registries *registries)
{
  if (!registries)
    return;
  while (registries->kept)
    {
      struct sp_registry *first = registries->kept;
      registries->kept = first->next;
      registry_free (first);
    }
  sp_auth_options_clear (&registries->options.auth);
  sp_creds_owner_free (registries->options.creds_owner);
  sp_http_hung_free (registries->options.hung);
  free ((char *)(size_t)registries->options.cert_dir);
  free ((char *)(size_t)registries->options.conf_file);
  free ((char *)(size_t)registries->options.reader.home);
  free ((char *)(size_t)registries->options.reader.root);
  free (registries);
}

const char *
sp_registries_conf_file (const struct sp_registries *registries)
{
  return registries->options.conf_file;
}

/* --- one host --------------------------------------------------------------------------------- */

const char *
sp_registry_server (const char *host)
{
  return strcmp (host, "docker.io") == 0 ? "registry-1.docker.io" : host;
}

static int
registry_new (struct sp_registries *registries, const char *host, bool insecure, int64_t deadline,
              struct sp_registry **ret, sigpolicy_error **err)
{
  const struct sp_registry_options *options = &registries->options;
  SP_CLEANUP (registry_free_p) struct sp_registry *registry = sp_calloc (1, sizeof *registry, err);
  struct sp_http_tls tls = { .insecure = insecure };

  if (!registry)
    return SIGPOLICY_E_NO_MEMORY;
  registry->insecure = insecure;
  registry->host = sp_strdup (host, err);
  if (!registry->host)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_certs_d_load (&options->reader, options->cert_dir, host, &registry->material, err);
  if (rc < 0)
    return rc;
  if (registry->material.ca_pem.len)
    tls.ca_pem = registry->material.ca_pem.data;
  if (registry->material.n_clients)
    {
      tls.cert_path = registry->material.clients[0].cert_path;
      tls.key_path = registry->material.clients[0].key_path;
    }
  rc = sp_http_new (&tls, options->hung, deadline, &registry->http, err);
  if (rc < 0)
    return rc;
  sp_http_set_cancelled (registry->http, options->cancelled);
  *ret = steal (&registry);
  return 0;
}

/* The kept one, or a new one in front; the oldest of too many goes. */
static int
keep_registry (struct sp_registries *registries, const char *host, bool insecure, int64_t deadline,
               struct sp_registry **ret, sigpolicy_error **err)
{
  struct sp_registry *found = NULL;
  size_t n = 0;

  for (struct sp_registry **at = &registries->kept; *at; at = &(*at)->next)
    {
      if ((*at)->insecure == insecure && strcmp ((*at)->host, host) == 0)
        {
          *ret = *at;
          sp_http_set_deadline ((*ret)->http, deadline);
          return 0;
        }
      if (++n == SP_REGISTRIES_KEPT_MAX && (*at)->next)
        {
          struct sp_registry *oldest = (*at)->next;
          (*at)->next = oldest->next;
          registry_free (oldest);
        }
    }
  int rc = registry_new (registries, host, insecure, deadline, &found, err);
  if (rc < 0)
    return rc;
  found->next = registries->kept;
  registries->kept = found;
  *ret = found;
  return 0;
}

/* --- the first question ----------------------------------------------------------------------- */

/* What every request to a registry carries. */
#define API_VERSION "Docker-Distribution-Api-Version: registry/2.0"

static int
ping_at (struct sp_registry *registry, const char *scheme, sigpolicy_error **err)
{
  static const char *const headers[] = { API_VERSION, NULL };
  cleanup_http_response struct sp_http_response response = { 0 };
  cleanup_free char *base
      = sp_asprintf (err, "%s://%s", scheme, sp_registry_server (registry->host));
  cleanup_free char *url = base ? sp_asprintf (err, "%s/v2/", base) : NULL;
  const char *line;

  if (!url)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_http_perform (
      registry->http,
      &(struct sp_http_request){
          .method = "GET", .url = url, .headers = headers, .limit = SP_HTTP_ERROR_BYTES_MAX },
      &response, err);
  if (rc < 0)
    return rc;
  if (response.status != 200 && response.status != 401)
    {
      cleanup_refusal struct sp_refusal refusal = { 0 };
      rc = sp_refusal_read (&response, &refusal, err);
      if (rc == 0)
        rc = sp_refusal_error (&refusal, &response, err);
      return sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
    }
  sp_strv_clear (&registry->challenges);
  for (size_t i = 0; rc == 0 && (line = sp_http_header (&response, "WWW-Authenticate", i)); i++)
    rc = sp_strv_add (&registry->challenges, sp_view_str (line), err);
  if (rc < 0)
    return rc;
  line = sp_http_header (&response, "X-Registry-Supports-Signatures", 0);
  registry->has_signatures = line && strcmp (line, "1") == 0;
  registry->base = steal (&base);
  registry->pinged = true;
  return 0;
}

static int
ping (struct sp_registry *registry, sigpolicy_error **err)
{
  if (registry->pinged)
    return 0;
  int rc = ping_at (registry, "https", err);
  if (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY && registry->insecure)
    {
      sp_error_clear (err);
      rc = ping_at (registry, "http", err);
    }
  return rc < 0 ? sp_error_prefix (err, "pinging container registry %s",
                                   sp_registry_server (registry->host))
                : 0;
}

/* --- one repository --------------------------------------------------------------------------- */

/* A token serves all images of a repository: it is kept until another one has a token. */
void
sp_repository_free (struct sp_repository *repository)
{
  if (repository && repository->authorized && repository->authorization && repository->token_server)
    {
      struct sp_repository *former = repository->registry->authorized;
      repository->registry->authorized = repository;
      repository = former;
    }
  repository_free (repository);
}

static bool
same (const char *a, const char *b)
{
  return a && b ? strcmp (a, b) == 0 : a == b;
}

/* By whom and for what a token was asked has to be the same. One that has run out is renewed, as
 * the registry refuses it. */
static void
take_token (struct sp_repository *repository)
{
  struct sp_repository *kept = repository->registry->authorized;
  const struct sp_credentials *ours = &repository->credentials;

  if (!kept || strcmp (kept->path, repository->path) != 0
      || !same (kept->credentials.user, ours->user)
      || !same (kept->credentials.password, ours->password)
      || !same (kept->credentials.identity_token, ours->identity_token))
    return;
  repository->authorized = true;
  repository->authorization = steal (&kept->authorization);
  repository->token_server = steal (&kept->token_server);
  repository->registry->authorized = NULL;
  repository_free (kept);
}

/* Explicit credentials are for the host that was asked for first, and not for its mirrors. */
static int
find_credentials (struct sp_registries *registries, const struct sp_endpoint *endpoint,
                  const char *logical_host, const struct sp_strv *helpers,
                  struct sp_credentials *ret, sigpolicy_error **err)
{
  struct sp_auth_options auth = registries->options.auth; /* borrowed, and so is the host */
  auth.creds_host = (char *)(size_t)logical_host;
  int rc = auth.creds && *auth.creds && registries->options.creds_owner
               ? sp_creds_owner_claim (registries->options.creds_owner, logical_host, err)
               : 0;
  if (rc < 0)
    return rc;
  return sp_credentials_find (&auth, helpers, endpoint->reference, ret, err);
}

/* What registries.conf forbids is somebody's decision; a name that it makes and that cannot be
 * asked for is somebody's mistake. Neither goes away by trying again. */
static int
refuse (const struct sp_endpoint *endpoint, sigpolicy_error **err)
{
  if (!endpoint->blocked)
    {
      (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s",
                          endpoint->refusal);
      return sp_error_position (err, endpoint->file, endpoint->line, 0, NULL);
    }
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_REJECTED_BY_RULE, "%s",
                      endpoint->refusal);
  (void)sp_error_position (err, endpoint->blocked_file, endpoint->blocked_line, 0, NULL);
  return sp_error_hint (err, "nothing may be fetched from there: that is line %u of %s",
                        endpoint->blocked_line, endpoint->blocked_file);
}

int
sp_repository_open (struct sp_registries *registries, const struct sp_endpoint *endpoint,
                    const char *logical_host, const struct sp_strv *helpers, int64_t deadline,
                    struct sp_strv *warnings, struct sp_repository **ret, sigpolicy_error **err)
{
  const struct sp_reference *reference = endpoint->reference;
  enum sp_tls_verify verify = registries->options.tls_verify;
  bool insecure
      = verify == SP_TLS_AS_CONFIGURED ? endpoint->insecure : verify == SP_TLS_DO_NOT_VERIFY;
  cleanup_repository struct sp_repository *repository = sp_calloc (1, sizeof *repository, err);

  if (!repository)
    return SIGPOLICY_E_NO_MEMORY;
  repository->path = sp_strdup (reference->path, err);
  repository->name = repository->path ? sp_strdup (reference->name, err) : NULL;
  if (!repository->name)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = find_credentials (registries, endpoint, logical_host, helpers, &repository->credentials,
                             err);
  for (size_t i = 0; rc == 0 && i < repository->credentials.warnings.len; i++)
    rc = sp_strv_add (warnings, sp_view_str (repository->credentials.warnings.items[i]), err);
  if (rc == 0)
    rc = keep_registry (registries, reference->domain, insecure, deadline, &repository->registry,
                        err);
  if (rc == 0 && endpoint->refusal)
    rc = refuse (endpoint, err);
  if (rc == 0)
    {
      rc = ping (repository->registry, err);
      if (rc < 0)
        rc = sp_registry_advise (registries, endpoint, repository->registry, err);
    }
  if (rc < 0)
    return rc;
  take_token (repository);
  *ret = steal (&repository);
  return 0;
}

void
sp_repository_set_deadline (struct sp_repository *repository, int64_t deadline)
{
  sp_http_set_deadline (repository->registry->http, deadline);
}

bool
sp_repository_has_signatures (const struct sp_repository *repository)
{
  return repository->registry->has_signatures;
}

const struct sp_strv *
sp_repository_certs (const struct sp_repository *repository)
{
  return &repository->registry->material.files;
}

const char *
sp_repository_token_server (const struct sp_repository *repository)
{
  return repository->token_server;
}

char *
sp_repository_url (const struct sp_repository *repository, const char *rest, sigpolicy_error **err)
{
  return sp_asprintf (err, "%s/v2/%s/%s", repository->registry->base, repository->path, rest);
}

/* --- requests --------------------------------------------------------------------------------- */

/* What one request may still do. */
struct attempts
{
  unsigned waited;
  bool renewed;
};

/* After a 401 a token is asked for once more: it may have run out. */
static int
ask_again (struct sp_repository *repository, struct attempts *attempts, bool *ret_again,
           sigpolicy_error **err)
{
  *ret_again = !attempts->renewed && repository->token_server;
  attempts->renewed = true;
  return *ret_again ? sp_repository_authorize (repository, err) : 0;
}

/* A GET within the registry's API, with who we are; tried again where that may help. */
static int
get (struct sp_repository *repository, const char *url, const char *const *headers, size_t limit,
     int too_long, struct sp_http_response *ret, sigpolicy_error **err)
{
  struct attempts attempts = { 0 };
  bool again = true;
  int rc = repository->authorized ? 0 : sp_repository_authorize (repository, err);

  while (rc == 0 && again)
    {
      again = false;
      rc = sp_http_perform (repository->registry->http,
                            &(struct sp_http_request){ .method = "GET",
                                                       .url = url,
                                                       .headers = headers,
                                                       .authorization = repository->authorization,
                                                       .limit = limit,
                                                       .too_long = too_long },
                            ret, err);
      if (rc == 0 && ret->status == 401)
        rc = ask_again (repository, &attempts, &again, err);
      else if (rc == 0 && (ret->status == 429 || ret->status >= 500))
        again = sp_http_wait (repository->registry->http, ret, attempts.waited++);
    }
  return rc;
}

/* The body of a 200, or what the refusal says. */
static int
take_body (const struct sp_repository *repository, struct sp_http_response *response,
           const char *what, struct sp_buf *ret, bool *ret_absent, sigpolicy_error **err)
{
  cleanup_refusal struct sp_refusal refusal = { 0 };

  if (response->status == 200)
    {
      sp_buf_clear (ret);
      *ret = response->body;
      response->body = (struct sp_buf)SP_BUF (0);
      return sp_buf_check (ret, err);
    }
  int rc = sp_refusal_read (response, &refusal, err);
  if (rc < 0)
    return rc;
  if (ret_absent)
    *ret_absent = sp_refusal_is_absence (&refusal, response->status);
  (void)sp_refusal_error (&refusal, response, err);
  if (response->status == 401 || response->status == 403)
    (void)sp_repository_advise_login (repository, err);
  return sp_error_prefix (err, "%s", what);
}

int
sp_repository_manifest (struct sp_repository *repository, const char *tag_or_digest,
                        struct sp_buf *ret, char **ret_mime, bool *ret_absent,
                        sigpolicy_error **err)
{
  /* One line for each, in this order: some registries read only the first, and some all. */
  static const char *const headers[] = { API_VERSION,
                                         "Accept: " SP_MIME_OCI_MANIFEST,
                                         "Accept: " SP_MIME_V2S2,
                                         "Accept: " SP_MIME_V2S1_SIGNED,
                                         "Accept: " SP_MIME_V2S1,
                                         "Accept: " SP_MIME_V2_LIST,
                                         "Accept: " SP_MIME_OCI_INDEX,
                                         NULL };
  cleanup_http_response struct sp_http_response response = { 0 };
  cleanup_free char *rest = sp_asprintf (err, "manifests/%s", tag_or_digest);
  cleanup_free char *url = rest ? sp_repository_url (repository, rest, err) : NULL;
  cleanup_free char *what
      = url ? sp_asprintf (err, "reading manifest %s in %s", tag_or_digest, repository->name)
            : NULL;

  *ret_absent = false;
  if (!what)
    return SIGPOLICY_E_NO_MEMORY;
  int rc
      = get (repository, url, headers, SP_MANIFEST_BYTES_MAX, SIGPOLICY_E_REJECTED, &response, err);
  if (rc < 0)
    return sp_error_prefix (err, "%s", what);
  rc = take_body (repository, &response, what, ret, ret_absent, err);
  if (rc < 0)
    return rc;
  *ret_mime = sp_media_type (sp_http_header (&response, "Content-Type", 0), err);
  return *ret_mime ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_repository_blob (struct sp_repository *repository, const char *digest, size_t limit,
                    struct sp_buf *ret, sigpolicy_error **err)
{
  static const char *const headers[] = { API_VERSION, NULL };
  cleanup_http_response struct sp_http_response response = { 0 };
  cleanup_free char *rest = sp_asprintf (err, "blobs/%s", digest);
  cleanup_free char *url = rest ? sp_repository_url (repository, rest, err) : NULL;
  cleanup_free char *what
      = url ? sp_asprintf (err, "reading blob %s in %s", digest, repository->name) : NULL;

  if (!what)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = get (repository, url, headers, limit, 0, &response, err);
  return rc < 0 ? sp_error_prefix (err, "%s", what)
                : take_body (repository, &response, what, ret, NULL, err);
}

int
sp_repository_signatures (struct sp_repository *repository, const char *digest, struct sp_buf *ret,
                          sigpolicy_error **err)
{
  static const char *const headers[] = { API_VERSION, NULL };
  cleanup_http_response struct sp_http_response response = { 0 };
  cleanup_free char *url = sp_asprintf (err, "%s/extensions/v2/%s/signatures/%s",
                                        repository->registry->base, repository->path, digest);
  cleanup_free char *what
      = url ? sp_asprintf (err, "downloading signatures for %s in %s", digest, repository->name)
            : NULL;

  if (!what)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = get (repository, url, headers, SP_SIGNATURE_BYTES_MAX, 0, &response, err);
  rc = rc < 0 ? sp_error_prefix (err, "%s", what)
              : take_body (repository, &response, what, ret, NULL, err);
  /* Whatever the status: a registry that says it has this list and does not give it leaves it open.
   */
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK)
                : 0;
}

/* Is the URL within the registry itself? A page that is elsewhere is not followed. */
static bool
is_within (const struct sp_repository *repository, struct sp_view url)
{
  struct sp_view base = sp_view_str (repository->registry->base);
  return sp_view_starts (url, base) && url.len > base.len && url.data[base.len] == '/';
}

static int
refuse_page (const char *url, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_quote_dup (sp_view_str (url), err);
  return shown
             ? sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                             "the index of referrers goes on at %s, which is not on this registry",
                             shown)
             : SIGPOLICY_E_NO_MEMORY;
}

/* The URL of the next page, which a Link of this page names, wherever it is. */
static int
next_page (const struct sp_repository *repository, const struct sp_http_response *response,
           char **ret, sigpolicy_error **err)
{
  const char *base = repository->registry->base, *line;

  for (size_t i = 0; (line = sp_http_header (response, "Link", i)); i++)
    {
      struct sp_view text = sp_view_str (line);
      size_t end = sp_view_find (text, '>');
      if (text.data[0] != '<' || end == SP_VIEW_NONE || !strstr (line + end, "rel=\"next\""))
        continue;
      text = sp_view_from (sp_view_head (text, end), 1);
      bool relative = text.len >= 2 && text.data[0] == '/' && text.data[1] != '/';
      *ret = sp_asprintf (err, "%s%.*s", relative ? base : "", (int)text.len, text.data);
      return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

/* Some registries answer what they do not know with other words than "not found", or with a page.
 */
static bool
knows_no_referrers (unsigned status)
{
  return status == 400 || status == 404 || status == 405 || status == 406 || status == 501;
}

int
sp_repository_referrers (struct sp_repository *repository, const char *url, struct sp_buf *ret,
                         char **ret_next, bool *ret_unknown, sigpolicy_error **err)
{
  static const char *const headers[] = { API_VERSION, "Accept: " SP_MIME_OCI_INDEX, NULL };
  cleanup_http_response struct sp_http_response response = { 0 };

  if (!is_within (repository, sp_view_str (url)))
    return refuse_page (url, err);
  int rc
      = get (repository, url, headers, SP_MANIFEST_BYTES_MAX, SIGPOLICY_E_REJECTED, &response, err);
  if (rc < 0)
    return rc;
  *ret_unknown = knows_no_referrers (response.status);
  if (*ret_unknown)
    return 0;
  rc = next_page (repository, &response, ret_next, err);
  return rc < 0 ? rc : take_body (repository, &response, "reading referrers", ret, NULL, err);
}

int
sp_repository_fetch (struct sp_repository *repository, const char *url, size_t limit,
                     struct sp_http_response *ret, sigpolicy_error **err)
{
  return sp_http_perform (repository->registry->http,
                          &(struct sp_http_request){ .method = "GET", .url = url, .limit = limit },
                          ret, err);
}
