/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "model/manifest.h"
#include "util/codec.h"
#include "util/limits.h"

/* What is asked of one repository: manifests, blobs, signatures and referrers. */

/* What every request to a registry carries. */

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
  static const char *const headers[] = { SP_REGISTRY_API,
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
  static const char *const headers[] = { SP_REGISTRY_API, NULL };
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
  static const char *const headers[] = { SP_REGISTRY_API, NULL };
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
  static const char *const headers[] = { SP_REGISTRY_API, "Accept: " SP_MIME_OCI_INDEX, NULL };
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
