/* SPDX-License-Identifier: Apache-2.0 */
#include "http/challenge.h"

#include "util/alloc.h"

/* RFC 7230, "token": ASCII without controls and separators. */
static bool
is_token_byte (char c)
{
  return c > ' ' && c < 0x7f && !strchr ("\"(),/:;<=>?@[]\\{}", c);
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The line is read where it stands: what is taken from it is never longer than what it was. */
struct cursor
{
  char *at, *end;
};

static void
skip_space (struct cursor *line)
{
  while (line->at < line->end && is_space (*line->at))
    line->at++;
}

static bool
take (struct cursor *line, char byte)
{
  if (line->at == line->end || *line->at != byte)
    return false;
  line->at++;
  return true;
}

/* Empty when there is none. */
static struct sp_view
take_token (struct cursor *line)
{
  const char *start = line->at;
  while (line->at < line->end && is_token_byte (*line->at))
    line->at++;
  return sp_view_n (start, (size_t)(line->at - start));
}

static struct sp_view
take_word (struct cursor *line)
{
  char *start = line->at;
  struct sp_view word = take_token (line);
  for (char *c = start; c < line->at; c++)
    if (*c >= 'A' && *c <= 'Z')
      *c = (char)(*c - 'A' + 'a');
  return word;
}

/* Behind the opening quote; a backslash stands for the byte behind it. Empty when it does not end.
 */
static struct sp_view
take_quoted (struct cursor *line)
{
  char *start = line->at, *out = line->at;

  while (line->at < line->end)
    {
      char c = *line->at++;
      if (c == '"')
        return sp_view_n (start, (size_t)(out - start));
      if (c == '\\' && line->at < line->end)
        c = *line->at++;
      else if (c == '\\')
        break;
      *out++ = c;
    }
  return sp_view_n (start, 0);
}

static int
keep (struct sp_challenge *challenge, struct sp_view key, struct sp_view value,
      sigpolicy_error **err)
{
  size_t i = 0;
  while (i < challenge->n_params && !sp_view_equal (challenge->params[i].key, key))
    i++;
  if (i == SP_CHALLENGE_PARAMS_MAX)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                         "a challenge of the registry has more than %lu parameters",
                         SP_CHALLENGE_PARAMS_MAX);
  challenge->params[i] = (struct sp_challenge_param){ key, value };
  if (i == challenge->n_params)
    challenge->n_params++;
  return 0;
}

static int
read_params (struct cursor *line, struct sp_challenge *challenge, sigpolicy_error **err)
{
  do
    {
      skip_space (line);
      struct sp_view key = take_word (line);
      if (!key.len || !take (line, '='))
        return 0;
      struct sp_view value = take (line, '"') ? take_quoted (line) : take_token (line);
      if (!value.len)
        return 0;
      int rc = keep (challenge, key, value, err);
      if (rc < 0)
        return rc;
      skip_space (line);
    }
  while (take (line, ','));
  return 0;
}

int
sp_challenge_parse (struct sp_view line, struct sp_challenge *ret, bool *ret_found,
                    sigpolicy_error **err)
{
  cleanup_challenge struct sp_challenge challenge = { .scheme = sp_view_n ("", 0) };

  if (line.len > SP_CHALLENGE_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                         "a challenge of the registry has more than %lu bytes",
                         SP_CHALLENGE_BYTES_MAX);
  challenge.text = sp_view_dup (line, err);
  if (!challenge.text)
    return SIGPOLICY_E_NO_MEMORY;
  struct cursor cursor = { challenge.text, challenge.text + line.len };
  challenge.scheme = take_word (&cursor);
  int rc = challenge.scheme.len ? read_params (&cursor, &challenge, err) : 0;
  if (rc < 0)
    return rc;
  *ret_found = challenge.scheme.len > 0;
  *ret = challenge;
  challenge.text = NULL;
  return 0;
}

bool
sp_challenge_param (const struct sp_challenge *challenge, const char *key, struct sp_view *ret)
{
  for (size_t i = 0; i < challenge->n_params; i++)
    if (sp_view_is (challenge->params[i].key, key))
      {
        *ret = challenge->params[i].value;
        return true;
      }
  return false;
}

void
sp_challenge_clear (struct sp_challenge *challenge)
{
  free (challenge->text);
  *challenge = (struct sp_challenge){ .scheme = sp_view_n ("", 0) };
}
