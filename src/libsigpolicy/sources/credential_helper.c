/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/credentials_int.h"

#include "json/json.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/*
 * docker-credential-NAME get: the host on its standard input, and on its standard output
 *
 *   { "ServerURL": TEXT, "Username": TEXT, "Secret": TEXT }
 *
 * or, failing, the words for "none". What it prints may be a secret and is shown in no message
 * unless it failed and there is no answer in it.
 */

#define PREFIX   "docker-credential-"
#define NONE     "credentials not found in native keychain"
#define TOKEN    "<token>"
#define SAID_MAX 512UL
#define NOT_FOUND \
  "error getting credentials - err: exec: %s: executable file not found in $PATH, out: ``"

/* --- the program ------------------------------------------------------------------------------ */

/* A name becomes a part of a file's name: it must not lead elsewhere. */
static int
check_name (const char *name, sigpolicy_error **err)
{
  if (name[0] && name[0] != '-' && !strchr (name, '/'))
    return 0;
  cleanup_free char *quoted = sp_quote_dup (sp_view_str (name), err);
  return quoted ? sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                                "%s cannot be the name of a credential helper", quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

static bool
is_program (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0 && S_ISREG (st.st_mode)
         && faccessat (AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* On the path, of which only absolute directories count: never what lies in the working one. */
static int
find_program (const char *name, const char *path, char **ret, sigpolicy_error **err)
{
  struct sp_view rest = sp_view_str (path);

  while (rest.len)
    {
      size_t colon = sp_view_find (rest, ':');
      struct sp_view directory = sp_view_head (rest, colon);
      rest = sp_view_from (rest, colon == SP_VIEW_NONE ? rest.len : colon + 1);
      if (!directory.len || directory.data[0] != '/')
        continue;
      cleanup_free char *file
          = sp_asprintf (err, "%.*s/" PREFIX "%s", (int)directory.len, directory.data, name);
      if (!file)
        return SIGPOLICY_E_NO_MEMORY;
      if (is_program (file))
        {
          *ret = steal (&file);
          return 0;
        }
    }
  cleanup_free char *program = sp_asprintf (err, PREFIX "%s", name);
  cleanup_free char *quoted = program ? sp_quote_dup (sp_view_str (program), err) : NULL;
  return quoted ? sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, NOT_FOUND,
                                quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

/* --- its answer ------------------------------------------------------------------------------- */

static int
wrong_type (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  return sp_json_error (json, node, err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                        "unexpected %s", sp_json_type_words (sp_json_type_of (json, node)));
}

struct answer
{
  struct sp_view server, user, secret;
};

/* Names in any case, of several the last; null leaves what was there before. */
static int
read_answer (const struct sp_json *json, struct answer *ret, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  enum sp_json_type type = sp_json_type_of (json, SP_JSON_ROOT);

  if (type != SP_JSON_OBJECT && type != SP_JSON_NULL)
    return wrong_type (json, SP_JSON_ROOT, err);
  while (sp_json_next (&it))
    {
      struct sp_view *field = sp_json_folds_to (it.key, "ServerURL")  ? &ret->server
                              : sp_json_folds_to (it.key, "Username") ? &ret->user
                              : sp_json_folds_to (it.key, "Secret")   ? &ret->secret
                                                                      : NULL;
      type = sp_json_type_of (json, it.value);
      if (!field || type == SP_JSON_NULL)
        continue;
      if (type != SP_JSON_STRING)
        return wrong_type (json, it.value, err);
      *field = sp_json_string (json, it.value);
    }
  return 0;
}

static int
keep_answer (const struct answer *answer, struct sp_credentials *ret, sigpolicy_error **err)
{
  cleanup_credentials struct sp_credentials found = { 0 };
  const struct sp_view none = SP_VIEW ("");
  bool is_token = sp_view_is (answer->user, TOKEN);

  if (!answer->secret.len && (is_token || !answer->user.len))
    return 0;
  if (!(found.user = sp_secret_dup (is_token ? none : answer->user, "user name", err))
      || !(found.password = sp_secret_dup (is_token ? none : answer->secret, "password", err))
      || (is_token
          && !(found.identity_token = sp_secret_dup (answer->secret, "identity token", err))))
    return sigpolicy_error_code (*err);
  *ret = found;
  found = (struct sp_credentials){ 0 };
  return 0;
}

static int
parse_answer (struct sp_view text, struct sp_credentials *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct answer answer = { .user = sp_view_n ("", 0), .secret = sp_view_n ("", 0) };

  int rc
      = sp_json_parse (sp_json_first_value (sp_view_trim (text)), SP_HELPER_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = read_answer (json, &answer, err);
  if (rc == 0)
    rc = keep_answer (&answer, ret, err);
  if (rc == 0)
    return 0;
  (void)sp_error_class (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK);
  return sp_error_prefix (err, "its answer cannot be read");
}

/* --- its failure ------------------------------------------------------------------------------ */

/* Words in it are for people; what looks like an answer may be one. */
static struct sp_view
what_may_be_shown (struct sp_view out)
{
  return sp_view_find (out, '{') == SP_VIEW_NONE ? out : sp_view_n ("{...}", 5);
}

static int
failed (int status, struct sp_view out, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_escape_dup (what_may_be_shown (out), err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  bool ended = WIFEXITED (status);
  return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                       "error getting credentials - err: %s %d, out: `%s`",
                       ended ? "exit status" : "signal",
                       ended ? WEXITSTATUS (status) : WTERMSIG (status), shown);
}

/* --- running it ------------------------------------------------------------------------------- */

int
sp_credential_helper_run (const char *name, const char *path, const char *host, unsigned ms,
                          struct sp_buf *out, struct sp_buf *complaints, int *ret_status,
                          sigpolicy_error **err)
{
  cleanup_free char *program = NULL;

  int rc = check_name (name, err);
  if (rc == 0)
    rc = find_program (name, path ? path : "", &program, err);
  return rc < 0 ? rc
                : sp_helper_run (program, sp_view_str (host), ms ? ms : SP_HELPER_SECONDS * 1000,
                                 out, complaints, ret_status, err);
}

/* By somebody who was set to do it, of whom no more is taken than of a helper. */
static int
have_run (const struct sp_auth_options *options, const char *name, const char *host,
          struct sp_buf *out, struct sp_buf *complaints, int *ret_status, sigpolicy_error **err)
{
  sigpolicy_helper_answer answer = { .wait_status = -1 };

  int rc = options->helper (options->helper_data, name, host, options->helper_ms, &answer);
  struct sp_view said = sp_view_str (answer.complaints ? answer.complaints : "it was not run");
  if (rc < 0)
    rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, "%.*s",
                       (int)sp_view_head (said, SAID_MAX).len, said.data);
  else if (answer.output_size > out->max - out->len)
    rc = sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                       "it answers with more than %zu bytes", out->max);
  else
    {
      sp_buf_add (out, sp_view_n (answer.output ? answer.output : "", answer.output_size));
      if (answer.complaints)
        sp_buf_add (complaints, sp_view_head (said, complaints->max - complaints->len));
      *ret_status = answer.wait_status;
    }
  sigpolicy_helper_answer_clear (&answer);
  return rc;
}

static int
ask (const struct sp_auth_options *options, const char *name, const char *program, const char *host,
     struct sp_buf *complaints, struct sp_credentials *ret, sigpolicy_error **err)
{
  cleanup_secret_buf struct sp_buf out = SP_BUF (SP_HELPER_BYTES_MAX);
  size_t room;
  int status = -1;

  /* All the room at once, so that no copy is left behind. */
  (void)sp_buf_room (&out, SP_HELPER_BYTES_MAX, &room);
  int rc = options->helper
               ? have_run (options, name, host, &out, complaints, &status, err)
               : sp_helper_run (program, sp_view_str (host),
                                options->helper_ms ? options->helper_ms : SP_HELPER_SECONDS * 1000,
                                &out, complaints, &status, err);
  if (rc < 0)
    return rc;
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    return parse_answer (sp_buf_view (&out), ret, err);
  struct sp_view words = sp_view_trim (sp_buf_view (&out));
  return sp_view_is (words, NONE) ? 0 : failed (status, words, err);
}

int
sp_credential_helper_get (const struct sp_auth_options *options, const char *name, const char *host,
                          struct sp_credentials *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf complaints = SP_BUF (SAID_MAX);
  cleanup_free char *program = NULL;

  int rc = check_name (name, err);
  if (rc == 0)
    rc = find_program (name, options->path ? options->path : "", &program, err);
  if (rc < 0)
    return sp_error_hint (err,
                          "the credentials for %s are kept by the helper " PREFIX
                          "%s: install it, or remove it from the configuration",
                          host, name);
  rc = ask (options, name, program, host, &complaints, ret, err);
  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  cleanup_free char *shown = sp_escape_dup (sp_view_trim (sp_buf_view (&complaints)), err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_hint (err, "%s failed when it was asked for the credentials for %s%s%s%s", program,
                       host, shown[0] ? ", and said '" : "", shown, shown[0] ? "'" : "");
  return sp_error_while (err, "asking '%s' for credentials for '%s'%s%s%s", program, host,
                         shown[0] ? ", which complained '" : "", shown, shown[0] ? "'" : "");
}
