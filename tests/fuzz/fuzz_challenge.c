/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a line of WWW-Authenticate. What is read, written down with every value quoted and
 * read again is the same; keys are tokens in lower case, none twice. Any value as the realm: what
 * may be asked is https, or the registry itself, and put together again it is the text.
 */
#include "fuzz.h"

#include "http/challenge.h"
#include "http/realm.h"
#include "util/buf.h"

#include <stdint.h>

static bool
parse (struct sp_view line, struct sp_challenge *challenge)
{
  cleanup_error sigpolicy_error *err = NULL;
  bool found = false;
  int rc = sp_challenge_parse (line, challenge, &found, &err);
  require ((rc == 0) == !err);
  require (rc == 0
           || (sigpolicy_error_code (err) == SIGPOLICY_E_UNAVAILABLE
               && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT));
  require (rc == 0 || !found);
  return found;
}

static void
write_challenge (const struct sp_challenge *challenge, struct sp_buf *out)
{
  sp_buf_add (out, challenge->scheme);
  for (size_t i = 0; i < challenge->n_params; i++)
    {
      struct sp_view value = challenge->params[i].value;
      sp_buf_str (out, i ? ", " : " ");
      sp_buf_add (out, challenge->params[i].key);
      sp_buf_str (out, "=\"");
      for (size_t k = 0; k < value.len; k++)
        {
          if (value.data[k] == '"' || value.data[k] == '\\')
            sp_buf_byte (out, '\\');
          sp_buf_byte (out, value.data[k]);
        }
      sp_buf_byte (out, '"');
    }
}

static void
check_word (struct sp_view word)
{
  require (word.len > 0);
  for (size_t i = 0; i < word.len; i++)
    require (word.data[i] > ' ' && word.data[i] < 0x7f && !strchr ("\"=,", word.data[i])
             && !(word.data[i] >= 'A' && word.data[i] <= 'Z'));
}

static void
check_again (const struct sp_challenge *challenge)
{
  cleanup_challenge struct sp_challenge again = { .n_params = 0 };
  cleanup_buf struct sp_buf written = SP_BUF (4 * SP_CHALLENGE_BYTES_MAX);

  write_challenge (challenge, &written);
  require (!written.failed);
  if (written.len > SP_CHALLENGE_BYTES_MAX)
    return;
  require (parse (sp_buf_view (&written), &again) && again.n_params == challenge->n_params);
  require (sp_view_equal (again.scheme, challenge->scheme));
  for (size_t i = 0; i < challenge->n_params; i++)
    require (sp_view_equal (again.params[i].key, challenge->params[i].key)
             && sp_view_equal (again.params[i].value, challenge->params[i].value));
}

/* The pieces lie in the text in their order; between them is nothing but what separates them. */
static void
check_url (struct sp_view text, const struct sp_url *url)
{
  struct sp_view rest = text;
  struct sp_view pieces[] = { url->scheme, url->host };
  for (size_t i = 0; i < 2; i++)
    {
      require (pieces[i].len > 0 && pieces[i].data == rest.data);
      rest = sp_view_from (rest, pieces[i].len);
      if (i == 0)
        {
          require (sp_view_starts (rest, sp_view_str ("://")));
          rest = sp_view_from (rest, 3);
        }
    }
  size_t port = 0;
  require (url->port <= 65535);
  if (sp_view_find (sp_view_head (rest, 1), ':') == 0)
    for (port = 1; port < rest.len && rest.data[port] >= '0' && rest.data[port] <= '9';)
      port++;
  rest = sp_view_from (rest, port);
  require (url->path.data == rest.data && (!url->path.len || url->path.data[0] == '/'));
  rest = sp_view_from (rest, url->path.len);
  require (rest.len == (url->has_query ? url->query.len + 1 : 0));
  require (sp_view_find (text, '@') == SP_VIEW_NONE
           || sp_view_find (text, '@') > (size_t)(url->host.data - text.data) + url->host.len);
}

static bool
folds_to (struct sp_view text, const char *lower)
{
  for (size_t i = 0; i < text.len; i++)
    if ((text.data[i] | 0x20) != (lower[i] | 0x20))
      return false;
  return text.len == strlen (lower);
}

static void
check_realm (struct sp_view realm)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_url url;
  if (sp_realm_check ("https", "reg.example:5000", realm, &url, &err) == 0)
    {
      require (folds_to (url.scheme, "https"));
      check_url (realm, &url);
    }
  sp_error_clear (&err);
  if (sp_realm_check ("http", "reg.example:5000", realm, &url, &err) == 0)
    {
      require (folds_to (url.scheme, "http") && folds_to (url.host, "reg.example")
               && url.port == 5000);
      check_url (realm, &url);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view line = sp_view_n ((const char *)data, size);
  cleanup_challenge struct sp_challenge challenge = { .n_params = 0 };
  struct sp_view value;

  check_realm (line);
  if (!parse (line, &challenge))
    return 0;
  check_word (challenge.scheme);
  require (challenge.n_params <= SP_CHALLENGE_PARAMS_MAX);
  for (size_t i = 0; i < challenge.n_params; i++)
    {
      const struct sp_challenge_param *param = &challenge.params[i];
      check_word (param->key);
      require (param->value.len > 0);
      for (size_t k = 0; k < i; k++)
        require (!sp_view_equal (challenge.params[k].key, param->key));
    }
  if (sp_challenge_param (&challenge, "realm", &value))
    check_realm (value);
  check_again (&challenge);
  return 0;
}
