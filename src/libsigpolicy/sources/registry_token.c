/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "http/challenge.h"
#include "http/realm.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * Who we are to a registry: what its first answer asked for, in the order in which it did. Basic
 * authentication goes to the registry itself. A bearer token comes from the server that the
 * registry names, by the credentials for the registry, where these may go there (S6).
 */

/* One name=value of a form or a query, percent-encoded. */
static void
add_pair (struct sp_buf *out, const char *name, struct sp_view value)
{
  if (out->len && out->data[out->len - 1] != '?' && out->data[out->len - 1] != '&')
    sp_buf_byte (out, '&');
  sp_buf_str (out, name);
  sp_buf_byte (out, '=');
  for (size_t i = 0; i < value.len; i++)
    {
      char c = value.data[i];
      bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                   || (c && strchr ("-_.~", c));
      if (plain)
        sp_buf_byte (out, c);
      else
        sp_buf_printf (out, "%%%02X", (unsigned char)c);
    }
}

/* Everything that is asked of the token server, but for who asks. */
static int
add_scopes (const struct sp_repository *repository, const struct sp_challenge *challenge,
            struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_free char *scope = sp_asprintf (err, "repository:%s:pull", repository->path);
  struct sp_view service;

  if (!scope)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_challenge_param (challenge, "service", &service))
    add_pair (out, "service", service);
  add_pair (out, "scope", sp_view_str (scope));
  return sp_buf_check (out, err);
}

/* A header value of our own making: what a server chose must not begin another header. */
static bool
is_header_safe (struct sp_view text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= 0x20 || text.data[i] > 0x7e)
      return false;
  return text.len > 0;
}

static int
read_token (const struct sp_http_response *response, struct sp_repository *repository,
            sigpolicy_error **err)
{
  cleanup_free char *text = NULL;

  int rc = sp_token_answer_read (sp_buf_view (&response->body), &text, err);
  if (rc < 0)
    return rc;
  struct sp_view token = sp_view_str (text);
  if (token.len > SP_HTTP_HEADER_BYTES_MAX)
    rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                       "the token exceeded maximum allowed size of %lu bytes",
                       SP_HTTP_HEADER_BYTES_MAX);
  else if (!is_header_safe (token))
    rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "the token server's answer holds no token");
  else
    {
      repository->authorization = sp_asprintf (err, "Bearer %s", text);
      rc = repository->authorization ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  explicit_bzero (text, token.len);
  return rc;
}

static int
check_token_answer (const struct sp_repository *repository, const struct sp_http_response *response,
                    sigpolicy_error **err)
{
  cleanup_refusal struct sp_refusal refusal = { 0 };

  if (response->status == 200)
    return 0;
  int rc = sp_refusal_read (response, &refusal, err);
  if (rc < 0)
    return rc;
  if (response->status == 429)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "too many requests to registry");
  if (response->status == 401)
    {
      (void)sp_refusal_error (&refusal, response, err);
      (void)sp_repository_advise_login (repository, err);
      return sp_error_prefix (err, "unable to retrieve auth token: invalid username/password");
    }
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "Requesting bearer token: received unexpected HTTP status: %s",
                       response->status_line);
}

static int
ask_token (struct sp_repository *repository, const struct sp_http_request *request,
           sigpolicy_error **err)
{
  cleanup_http_response struct sp_http_response response = { 0 };
  int rc = sp_http_perform (repository->registry->http, request, &response, err);
  if (rc == 0)
    rc = check_token_answer (repository, &response, err);
  if (rc == 0)
    rc = read_token (&response, repository, err);
  if (response.body.data)
    explicit_bzero (response.body.data, response.body.len);
  return rc;
}

/* By an identity token: a form, with what the realm's own query asks. */
static int
post_form (struct sp_repository *repository, const struct sp_challenge *challenge,
           const struct sp_url *realm, struct sp_view realm_text, sigpolicy_error **err)
{
  static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded", NULL };
  cleanup_buf struct sp_buf form = SP_BUF (SP_HTTP_TOKEN_BYTES_MAX);
  size_t end = sp_view_find (realm_text, '?');
  cleanup_free char *url = sp_view_dup (sp_view_head (realm_text, end), err);

  if (!url)
    return SIGPOLICY_E_NO_MEMORY;
  if (realm->has_query)
    sp_buf_add (&form, realm->query);
  int rc = add_scopes (repository, challenge, &form, err);
  if (rc < 0)
    return rc;
  add_pair (&form, "grant_type", sp_view_str ("refresh_token"));
  add_pair (&form, "refresh_token", sp_view_str (repository->credentials.identity_token));
  add_pair (&form, "client_id", sp_view_str ("containers/image"));
  rc = sp_buf_check (&form, err);
  if (rc == 0)
    rc = ask_token (repository,
                    &(struct sp_http_request){ .method = "POST",
                                               .url = url,
                                               .headers = headers,
                                               .body = sp_buf_view (&form),
                                               .limit = SP_HTTP_TOKEN_BYTES_MAX,
                                               .what = "token" },
                    err);
  if (form.data)
    explicit_bzero (form.data, form.len);
  return rc;
}

/* By user and password, or as anybody. */
static int
get_token (struct sp_repository *repository, const struct sp_challenge *challenge,
           const struct sp_url *realm, struct sp_view realm_text, sigpolicy_error **err)
{
  const struct sp_credentials *credentials = &repository->credentials;
  bool has_user = credentials->user && *credentials->user;
  bool has_password = credentials->password && *credentials->password;
  cleanup_buf struct sp_buf url = SP_BUF (SP_HTTP_TOKEN_BYTES_MAX);
  cleanup_free char *basic = NULL;

  sp_buf_add (&url, realm_text);
  sp_buf_byte (&url, realm->has_query ? '&' : '?');
  if (has_user)
    add_pair (&url, "account", sp_view_str (credentials->user));
  int rc = add_scopes (repository, challenge, &url, err);
  if (rc == 0 && has_user && has_password)
    {
      basic = sp_http_basic (credentials->user, credentials->password, err);
      rc = basic ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  if (rc == 0)
    rc = ask_token (repository,
                    &(struct sp_http_request){ .method = "GET",
                                               .url = url.data,
                                               .authorization = basic,
                                               .limit = SP_HTTP_TOKEN_BYTES_MAX,
                                               .what = "token" },
                    err);
  if (basic)
    explicit_bzero (basic, strlen (basic));
  return rc;
}

static int
note_server (struct sp_repository *repository, const struct sp_url *realm, sigpolicy_error **err)
{
  if (repository->token_server)
    return 0;
  repository->token_server
      = sp_asprintf (err, "%.*s://%.*s:%u", (int)realm->scheme.len, realm->scheme.data,
                     (int)realm->host.len, realm->host.data, realm->port);
  return repository->token_server ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
be_bearer (struct sp_repository *repository, const struct sp_challenge *challenge,
           sigpolicy_error **err)
{
  const struct sp_registry *registry = repository->registry;
  struct sp_view text, scheme = sp_view_str (registry->base);
  struct sp_url realm;

  if (!sp_challenge_param (challenge, "realm", &text))
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "missing realm in bearer auth challenge");
  cleanup_free char *scheme_text
      = sp_view_dup (sp_view_head (scheme, sp_view_find (scheme, ':')), err);
  if (!scheme_text)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_realm_check (scheme_text, sp_registry_server (registry->host), text, &realm, err);
  if (rc == 0)
    rc = note_server (repository, &realm, err);
  if (rc < 0)
    return rc;
  return repository->credentials.identity_token
             ? post_form (repository, challenge, &realm, text, err)
             : get_token (repository, challenge, &realm, text, err);
}

static int
be_basic (struct sp_repository *repository, sigpolicy_error **err)
{
  const struct sp_credentials *credentials = &repository->credentials;
  repository->authorization
      = sp_http_basic (credentials->user ? credentials->user : "",
                       credentials->password ? credentials->password : "", err);
  return repository->authorization ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_repository_authorize (struct sp_repository *repository, sigpolicy_error **err)
{
  const struct sp_strv *lines = &repository->registry->challenges;
  int rc = 0;

  if (repository->authorization)
    explicit_bzero (repository->authorization, strlen (repository->authorization));
  free (repository->authorization);
  repository->authorization = NULL;
  for (size_t i = 0; rc == 0 && !repository->authorization && i < lines->len; i++)
    {
      cleanup_challenge struct sp_challenge challenge = { 0 };
      bool found = false;
      rc = sp_challenge_parse (sp_view_str (lines->items[i]), &challenge, &found, err);
      if (rc == 0 && found && sp_view_is (challenge.scheme, "basic"))
        rc = be_basic (repository, err);
      else if (rc == 0 && found && sp_view_is (challenge.scheme, "bearer"))
        rc = be_bearer (repository, &challenge, err);
    }
  repository->authorized = rc == 0;
  return rc;
}
