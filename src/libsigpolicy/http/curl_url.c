/* SPDX-License-Identifier: Apache-2.0 */
#include "http/curl_url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One part, as curl gives it, in memory of our own; *ret stays NULL where there is none. */
static int
take_part (CURLU *url, CURLUPart part, unsigned flags, char **ret)
{
  char *text = NULL;
  CURLUcode code = curl_url_get (url, part, &text, flags);
  if (code == CURLUE_OUT_OF_MEMORY)
    return -1;
  if (code != CURLUE_OK)
    return 0;
  *ret = strdup (text);
  curl_free (text);
  return *ret ? 0 : -1;
}

static int
take_origin (struct sp_http_url *url, const char *port)
{
  size_t size = strlen (url->scheme) + strlen (url->host) + strlen (port) + sizeof "://:";
  char *at = url->origin = malloc (size);
  if (!at)
    return -1;
  at = stpcpy (at, url->scheme);
  at = stpcpy (at, "://");
  at = stpcpy (at, url->host);
  at = stpcpy (at, ":");
  (void)stpcpy (at, port);
  return 0;
}

static void
lower (char *text)
{
  for (; *text; text++)
    if (*text >= 'A' && *text <= 'Z')
      *text = (char)(*text - 'A' + 'a');
}

static int
take_apart (CURLU *url, struct sp_http_url *ret)
{
  char *port = NULL;
  int rc = take_part (url, CURLUPART_SCHEME, 0, &ret->scheme);

  if (rc == 0
      && (!ret->scheme
          || (strcasecmp (ret->scheme, "http") != 0 && strcasecmp (ret->scheme, "https") != 0)))
    return 1;
  if (rc == 0)
    rc = take_part (url, CURLUPART_HOST, 0, &ret->host);
  if (rc == 0 && !ret->host)
    return 1;
  if (rc == 0)
    rc = take_part (url, CURLUPART_USER, CURLU_URLDECODE, &ret->user);
  if (rc == 0)
    rc = take_part (url, CURLUPART_PASSWORD, CURLU_URLDECODE, &ret->password);
  if (rc == 0)
    rc = take_part (url, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port);
  if (rc == 0
      && (curl_url_set (url, CURLUPART_USER, NULL, 0) != CURLUE_OK
          || curl_url_set (url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK
          || curl_url_set (url, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK))
    rc = -1;
  if (rc == 0)
    rc = take_part (url, CURLUPART_URL, 0, &ret->text);
  if (rc == 0 && (!port || !ret->text))
    rc = 1;
  if (rc == 0)
    {
      lower (ret->scheme);
      lower (ret->host);
      rc = take_origin (ret, port);
    }
  free (port);
  return rc;
}

static void
clear_url (struct sp_http_url *url)
{
  free (url->text);
  free (url->scheme);
  free (url->host);
  free (url->origin);
  free (url->user);
  free (url->password);
  memset (url, 0, sizeof *url);
}

/* "https:///x", which curl would take for the host x. */
static bool
has_no_host (const char *location)
{
  size_t scheme = strcspn (location, ":/?#");
  return strncmp (location + scheme, ":///", 4) == 0;
}

int
sp_curl_parse_url (const char *base, const char *location, struct sp_http_url *ret)
{
  CURLU *url = curl_url ();
  CURLUcode code = url ? CURLUE_OK : CURLUE_OUT_OF_MEMORY;

  memset (ret, 0, sizeof *ret);
  if (code == CURLUE_OK && has_no_host (location))
    code = CURLUE_NO_HOST;
  /* What is configured is sent as it is written; what a server says is resolved. */
  if (code == CURLUE_OK && base)
    code = curl_url_set (url, CURLUPART_URL, base, 0);
  if (code == CURLUE_OK)
    code = curl_url_set (url, CURLUPART_URL, location, base ? 0 : CURLU_PATH_AS_IS);
  int rc = code == CURLUE_OK ? take_apart (url, ret) : code == CURLUE_OUT_OF_MEMORY ? -1 : 1;
  if (rc != 0)
    clear_url (ret);
  curl_url_cleanup (url);
  return rc;
}
