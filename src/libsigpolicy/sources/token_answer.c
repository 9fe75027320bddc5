/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "json/json.h"
#include "util/limits.h"

/*
 * What a token server answers, decoded as Go's encoding/json decodes it for the image library: keys
 * in any case, the last of several members counting, null as good as absent. A member of the wrong
 * type makes the whole answer useless, also where another one of its name follows.
 *
 *   token, access_token  strings; the second where the first is empty
 *   expires_in           an integer
 *   issued_at            a time
 */

/* So many digits at least and at most; moves on past them. */
static bool
take_number (struct sp_view *text, size_t least, size_t most, unsigned high, unsigned *ret)
{
  unsigned value = 0;
  size_t digits = 0;

  while (digits < most && digits < text->len && text->data[digits] >= '0'
         && text->data[digits] <= '9')
    value = value * 10 + (unsigned)(text->data[digits++] - '0');
  *text = sp_view_from (*text, digits);
  *ret = value;
  return digits >= least && value <= high;
}

static bool
take (struct sp_view *text, const char *literal)
{
  if (!sp_view_starts (*text, sp_view_str (literal)))
    return false;
  *text = sp_view_from (*text, strlen (literal));
  return true;
}

static unsigned
days_of (unsigned year, unsigned month)
{
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 ? 28 + leap : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* As Go's time.Parse() is lenient: an hour may have one digit, a fraction may begin with a comma,
 * and an offset may be of 24 hours and of 60 minutes. */
static bool
is_time (struct sp_view text)
{
  unsigned year, month, day, ignored;
  bool good = take_number (&text, 4, 4, 9999, &year) && take (&text, "-")
              && take_number (&text, 2, 2, 12, &month) && take (&text, "-")
              && take_number (&text, 2, 2, 31, &day) && take (&text, "T")
              && take_number (&text, 1, 2, 23, &ignored) && take (&text, ":")
              && take_number (&text, 2, 2, 59, &ignored) && take (&text, ":")
              && take_number (&text, 2, 2, 59, &ignored);

  if (!good || !month || !day || day > days_of (year, month))
    return false;
  if (text.len > 1 && (text.data[0] == '.' || text.data[0] == ',') && text.data[1] >= '0'
      && text.data[1] <= '9')
    for (text = sp_view_from (text, 1); text.len && text.data[0] >= '0' && text.data[0] <= '9';)
      text = sp_view_from (text, 1);
  if (!take (&text, "Z"))
    good = (take (&text, "+") || take (&text, "-")) && take_number (&text, 2, 2, 24, &ignored)
           && take (&text, ":") && take_number (&text, 2, 2, 60, &ignored);
  return good && !text.len;
}

static bool
take_text (const struct sp_json *json, sp_json_node node, struct sp_view *ret)
{
  if (sp_json_type_of (json, node) != SP_JSON_STRING)
    return false;
  *ret = sp_json_string (json, node);
  return true;
}

/* One member that is not null; the fault, or NULL. */
static const char *
read_member (const struct sp_json *json, struct sp_view key, sp_json_node value,
             struct sp_view *token, struct sp_view *access_token)
{
  int64_t number;

  if (sp_json_folds_to (key, "token"))
    return take_text (json, value, token) ? NULL : "\"token\" is no string";
  if (sp_json_folds_to (key, "access_token"))
    return take_text (json, value, access_token) ? NULL : "\"access_token\" is no string";
  if (sp_json_folds_to (key, "expires_in"))
    return sp_json_int64 (json, value, &number) ? NULL : "\"expires_in\" is no integer";
  if (sp_json_folds_to (key, "issued_at"))
    return sp_json_type_of (json, value) == SP_JSON_STRING && is_time (sp_json_string (json, value))
               ? NULL
               : "\"issued_at\" is no time";
  return NULL;
}

static int
refuse (sigpolicy_error **err, const char *fault)
{
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "decoding the token server's answer: %s", fault);
}

int
sp_token_answer_read (struct sp_view body, char **ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_view token = SP_VIEW (""), access_token = SP_VIEW ("");

  int rc = sp_json_parse (body, SP_REGISTRY_DEPTH_MAX, &json, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  enum sp_json_type type = rc == 0 ? sp_json_type_of (json, SP_JSON_ROOT) : SP_JSON_STRING;
  if (rc < 0 || (type != SP_JSON_OBJECT && type != SP_JSON_NULL))
    return refuse (err, "it is no JSON object");
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (sp_json_next (&it))
    {
      const char *wrong = sp_json_type_of (json, it.value) == SP_JSON_NULL
                              ? NULL
                              : read_member (json, it.key, it.value, &token, &access_token);
      if (wrong)
        return refuse (err, wrong);
    }
  *ret = sp_view_dup (token.len ? token : access_token, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}
