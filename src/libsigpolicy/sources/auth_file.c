/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/credentials_int.h"

#include "json/json.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * A file of containers-auth.json(5), or the older .dockercfg, in which the whole document is what
 * "auths" is here:
 *
 *   { "auths": { "HOST[:PORT][/PATH]": { "auth": BASE64, "identitytoken": TEXT } },
 *     "credHelpers": { "HOST[:PORT]": NAME } }
 *
 * It is read as its writers read it: members by their names in any case, unknown ones ignored, of
 * several the last, "auths" that stand twice together, and null as if nothing stood there; but keys
 * of hosts to the letter. A value of another type is an error wherever it stands.
 */

/* --- types ------------------------------------------------------------------------------------ */

static int
expect_type (const struct sp_json *json, sp_json_node node, enum sp_json_type expected,
             sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  if (type == expected || type == SP_JSON_NULL)
    return 0;
  return sp_json_error (json, node, err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                        "expected %s, found %s", sp_json_type_words (expected),
                        sp_json_type_words (type));
}

static int
check_entry (const struct sp_json *json, sp_json_node entry, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, entry);

  int rc = expect_type (json, entry, SP_JSON_OBJECT, err);
  while (rc == 0 && sp_json_next (&it))
    if (sp_json_folds_to (it.key, "auth") || sp_json_folds_to (it.key, "identitytoken"))
      rc = expect_type (json, it.value, SP_JSON_STRING, err);
  return rc;
}

static int
check_helper (const struct sp_json *json, sp_json_node name, sigpolicy_error **err)
{
  return expect_type (json, name, SP_JSON_STRING, err);
}

static int
check_map (const struct sp_json *json, sp_json_node map,
           int (*check_value) (const struct sp_json *json, sp_json_node value,
                               sigpolicy_error **err),
           sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, map);

  int rc = expect_type (json, map, SP_JSON_OBJECT, err);
  while (rc == 0 && sp_json_next (&it))
    rc = check_value (json, it.value, err);
  return rc;
}

static int
check_document (const struct sp_json *json, bool legacy, sigpolicy_error **err)
{
  if (legacy)
    return check_map (json, SP_JSON_ROOT, check_entry, err);

  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  int rc = expect_type (json, SP_JSON_ROOT, SP_JSON_OBJECT, err);
  while (rc == 0 && sp_json_next (&it))
    {
      if (sp_json_folds_to (it.key, "auths"))
        rc = check_map (json, it.value, check_entry, err);
      else if (sp_json_folds_to (it.key, "credHelpers"))
        rc = check_map (json, it.value, check_helper, err);
    }
  return rc;
}

/* --- looking up ------------------------------------------------------------------------------- */

/* What a key is compared with, and how. */
struct wanted
{
  struct sp_view text;
  bool legacy;
  bool (*matches) (const struct wanted *wanted, struct sp_view key);
  struct sp_view found; /* the key that did */
};

static bool
equals (const struct wanted *wanted, struct sp_view key)
{
  return sp_view_equal (key, wanted->text);
}

/* The name under which Docker Hub has always been logged in to. */
static struct sp_view
canonical_host (struct sp_view host)
{
  static const struct sp_view hub = SP_VIEW ("index.docker.io");
  return sp_view_is (host, "docker.io") || sp_view_is (host, "registry-1.docker.io") ? hub : host;
}

/* Keys have been URLs, some with a path. */
static bool
equals_normalised (const struct wanted *wanted, struct sp_view key)
{
  static const struct sp_view schemes[] = { SP_VIEW ("http://"), SP_VIEW ("https://") };
  bool cut = wanted->legacy;

  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (sp_view_starts (key, schemes[i]))
      {
        key = sp_view_from (key, schemes[i].len);
        cut = true;
      }
  if (cut)
    key = sp_view_head (key, sp_view_find (key, '/'));
  return sp_view_equal (canonical_host (key), canonical_host (wanted->text));
}

/* The last that matches in one map; what is found stays where none does. */
static void
find_in_map (const struct sp_json *json, sp_json_node map, struct wanted *wanted, bool *found,
             sp_json_node *value)
{
  struct sp_json_iter it = sp_json_iter (json, map);

  if (sp_json_type_of (json, map) == SP_JSON_NULL)
    *found = false;
  while (sp_json_next (&it))
    if (wanted->matches (wanted, it.key))
      {
        *found = true;
        *value = it.value;
        wanted->found = it.key;
      }
}

/* The same in all maps of a name, which add up until a null takes them away. */
static bool
find (const struct sp_json *json, const char *name, struct wanted *wanted, sp_json_node *value)
{
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  bool found = false;

  if (!name)
    find_in_map (json, SP_JSON_ROOT, wanted, &found, value);
  while (name && sp_json_next (&it))
    if (sp_json_folds_to (it.key, name))
      find_in_map (json, it.value, wanted, &found, value);
  return found;
}

/* The repository, its parents and the host to the letter, and then the host by other spellings. The
 * first that is there ends the search, whatever it holds. */
static bool
find_entry (const struct sp_json *json, bool legacy, const char *repository, const char *host,
            struct sp_view *ret_key, sp_json_node *entry)
{
  const char *map = legacy ? NULL : "auths";
  struct wanted wanted
      = { .text = sp_view_str (legacy ? host : repository), .legacy = legacy, .matches = equals };
  bool found = false;

  for (;;)
    {
      found = find (json, map, &wanted, entry);
      if (found)
        break;
      size_t slash = sp_view_find_last (wanted.text, '/');
      if (slash == SP_VIEW_NONE)
        break;
      wanted.text = sp_view_head (wanted.text, slash);
    }
  if (!found)
    {
      wanted.text = sp_view_str (host);
      wanted.matches = equals_normalised;
      found = find (json, map, &wanted, entry);
    }
  *ret_key = wanted.found;
  return found;
}

/* --- one entry -------------------------------------------------------------------------------- */

static struct sp_view
trim_nuls (struct sp_view text)
{
  while (text.len && !text.data[0])
    text = sp_view_from (text, 1);
  while (text.len && !text.data[text.len - 1])
    text.len--;
  return text;
}

/* The last string of a name; null leaves what was there before. */
static struct sp_view
last_string (const struct sp_json *json, sp_json_node entry, const char *name,
             sp_json_node *ret_node)
{
  struct sp_json_iter it = sp_json_iter (json, entry);
  struct sp_view text = sp_view_n ("", 0);

  while (sp_json_next (&it))
    if (sp_json_folds_to (it.key, name) && sp_json_type_of (json, it.value) == SP_JSON_STRING)
      {
        text = sp_json_string (json, it.value);
        *ret_node = it.value;
      }
  return text;
}

static int
copy_secrets (struct sp_view user, struct sp_view password, struct sp_view token,
              struct sp_credentials *ret, sigpolicy_error **err)
{
  cleanup_credentials struct sp_credentials found = { 0 };

  if (!user.len && !password.len && !token.len)
    return 0;
  if (!(found.user = sp_secret_dup (user, "user name", err))
      || !(found.password = sp_secret_dup (password, "password", err))
      || (token.len && !(found.identity_token = sp_secret_dup (token, "identity token", err))))
    return sigpolicy_error_code (*err);
  *ret = found;
  found = (struct sp_credentials){ 0 };
  return 0;
}

static int
decode_entry (const struct sp_json *json, sp_json_node entry, struct sp_auth_file_answer *answer,
              sigpolicy_error **err)
{
  cleanup_secret_buf struct sp_buf decoded = SP_BUF (SP_AUTH_FILE_BYTES_MAX);
  sp_json_node auth_node = entry, token_node = entry;
  struct sp_view auth = last_string (json, entry, "auth", &auth_node);
  struct sp_view token = last_string (json, entry, "identitytoken", &token_node);
  size_t room;

  /* All the room at once, so that no copy is left behind. */
  (void)sp_buf_room (&decoded, auth.len, &room);
  int rc = sp_base64_decode (auth, &decoded, err);
  if (rc < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_json_error_at (json, auth_node, err);
    }
  struct sp_view text = sp_buf_view (&decoded);
  size_t colon = sp_view_find (text, ':');
  if (colon == SP_VIEW_NONE)
    {
      answer->no_colon = text.len > 0;
      return 0;
    }
  rc = copy_secrets (sp_view_head (text, colon), trim_nuls (sp_view_from (text, colon + 1)), token,
                     &answer->credentials, err);
  return rc < 0 ? sp_json_error_at (json, entry, err) : 0;
}

/* --- a file ----------------------------------------------------------------------------------- */

void
sp_auth_file_answer_clear (struct sp_auth_file_answer *answer)
{
  free (answer->helper);
  free (answer->key);
  sp_credentials_clear (&answer->credentials);
  *answer = (struct sp_auth_file_answer){ 0 };
}

static int
look_up (const struct sp_json *json, bool legacy, const char *repository, const char *host,
         struct sp_auth_file_answer *ret, sigpolicy_error **err)
{
  struct wanted helper = { .text = sp_view_str (host), .legacy = legacy, .matches = equals };
  struct sp_view key = sp_view_n ("", 0), ignored;
  sp_json_node node = SP_JSON_ROOT;

  int rc = check_document (json, legacy, err);
  if (rc < 0)
    return rc;
  if (!legacy && find (json, "credHelpers", &helper, &node))
    {
      ret->helper = sp_secret_dup (sp_json_string (json, node), "name of the helper", err);
      return ret->helper ? 0 : sp_json_error_at (json, node, err);
    }
  if (!find_entry (json, legacy, repository, host, &key, &node))
    {
      bool has_auths = legacy || sp_json_find_folded (json, SP_JSON_ROOT, "auths", &node);
      ret->why = has_auths ? NULL : ", as it has no \"auths\"";
      return 0;
    }
  ret->key = sp_escape_dup (key, err);
  rc = ret->key ? decode_entry (json, node, ret, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && !ret->credentials.user && !ret->credentials.identity_token)
    {
      ignored = last_string (json, node, "auth", &node);
      ret->why = ignored.len ? " has an \"auth\" that is no base64 of user:password"
                             : " has no \"auth\", which is base64 of user:password, and counts as "
                               "none";
    }
  return rc;
}

int
sp_auth_file_look_up (struct sp_view text, bool legacy, const char *repository, const char *host,
                      struct sp_auth_file_answer *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  SP_CLEANUP (sp_auth_file_answer_clear) struct sp_auth_file_answer answer = { 0 };

  int rc = sp_json_parse (text, SP_AUTH_DEPTH_MAX, &json, err);
  if (rc < 0)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  rc = look_up (json, legacy, repository, host, &answer, err);
  if (rc < 0)
    return rc;
  if (answer.credentials.user)
    answer.credentials.key = answer.key ? sp_strdup (answer.key, err) : NULL;
  if (answer.credentials.user && answer.key && !answer.credentials.key)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = answer;
  answer = (struct sp_auth_file_answer){ 0 };
  return 0;
}
