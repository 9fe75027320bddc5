/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "util/limits.h"

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

static int
ping_at (struct sp_registry *registry, const char *scheme, sigpolicy_error **err)
{
  static const char *const headers[] = { SP_REGISTRY_API, NULL };
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

/* By whom and for what a token was asked has to be the same. One that has run out is renewed, as
 * the registry refuses it. */
static void
take_token (struct sp_repository *repository)
{
  struct sp_repository *kept = repository->registry->authorized;
  const struct sp_credentials *ours = &repository->credentials;

  if (!kept || strcmp (kept->path, repository->path) != 0
      || !sp_text_equal (kept->credentials.user, ours->user)
      || !sp_text_equal (kept->credentials.password, ours->password)
      || !sp_text_equal (kept->credentials.identity_token, ours->identity_token))
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
  return sp_error_hint (err, "the registry is blocked in line %u of %s", endpoint->blocked_line,
                        endpoint->blocked_file);
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
