/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/trial_int.h"

#include "audit/example.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"
#include "yaml/yaml.h"

/*
 * The file of cases. YAML, of which JSON is a part. A field that is not known is an error, and so
 * is one that stands twice: a case that says less than its owner thinks proves nothing.
 */

int
sp_trial_fault (const struct sp_trial *trial, unsigned line, unsigned column, sigpolicy_error **err,
                const char *format, ...)
{
  va_list args;
  va_start (args, format);
  (void)sp_error_vset (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, format, args);
  va_end (args);
  return sp_error_position (err, trial->path, line, column, NULL);
}

static int
fault_at (const struct sp_trial *trial, const struct sp_yaml_node *node, sigpolicy_error **err,
          const char *what)
{
  return sp_trial_fault (trial, node->line, node->column, err, "%s", what);
}

/* Of a field that is text; *slot is set. */
static int
take_text (const struct sp_trial *trial, const struct sp_yaml_node *value, char **slot,
           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_STRING_MAX);
  enum sp_yaml_fit fit = SP_YAML_MISFIT;

  int rc = sp_yaml_string (value, &text, &fit, err);
  if (rc < 0)
    return sp_error_position (err, trial->path, value->line, value->column, NULL);
  if (fit != SP_YAML_FITS || (rc = sp_buf_check (&text, err)) < 0)
    return rc < 0 ? rc : fault_at (trial, value, err, "this must be text");
  if (sp_view_find (sp_buf_view (&text), '\0') != SP_VIEW_NONE)
    return fault_at (trial, value, err, "this text has a NUL in it");
  *slot = sp_buf_steal (&text, err);
  return *slot ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* One field that a mapping may have: text into a slot, or a node for the caller. */
struct field
{
  const char *name;
  char **text;
  const struct sp_yaml_node **node;
};

static int
take_field (const struct sp_trial *trial, const struct sp_yaml_node *key,
            const struct sp_yaml_node *value, const struct field *fields, unsigned *seen,
            const char *what, sigpolicy_error **err)
{
  struct sp_view name = sp_yaml_target (key)->text;

  for (unsigned i = 0; fields[i].name; i++)
    if (sp_yaml_target (key)->type == SP_YAML_SCALAR && sp_view_is (name, fields[i].name))
      {
        if (*seen & 1U << i)
          return sp_trial_fault (trial, key->line, key->column, err, "'%s' is there twice",
                                 fields[i].name);
        *seen |= 1U << i;
        if (fields[i].text)
          return take_text (trial, value, fields[i].text, err);
        *fields[i].node = sp_yaml_target (value);
        return 0;
      }
  cleanup_free char *shown = sp_escape_dup (name, err);
  return shown ? sp_trial_fault (trial, key->line, key->column, err, "%s has no field '%s'", what,
                                 shown)
               : SIGPOLICY_E_NO_MEMORY;
}

static int
take_fields (const struct sp_trial *trial, const struct sp_yaml_node *mapping,
             const struct field *fields, const char *what, sigpolicy_error **err)
{
  unsigned seen = 0;
  int rc = 0;

  if (mapping->type != SP_YAML_MAPPING)
    return sp_trial_fault (trial, mapping->line, mapping->column, err, "%s must be a mapping",
                           what);
  for (size_t i = 0; rc == 0 && i + 1 < mapping->n_children; i += 2)
    rc = take_field (trial, mapping->children[i], mapping->children[i + 1], fields, &seen, what,
                     err);
  return rc;
}

/* A file that is named here stands beside this file, unless its path is absolute. */
static int
settle_path (const struct sp_trial *trial, char **path, sigpolicy_error **err)
{
  const char *slash = strrchr (trial->path, '/');

  if (!*path || **path == '/' || !slash)
    return 0;
  char *whole = sp_asprintf (err, "%.*s/%s", (int)(slash - trial->path), trial->path, *path);
  if (!whole)
    return SIGPOLICY_E_NO_MEMORY;
  free (*path);
  *path = whole;
  return 0;
}

/* --- signatures ------------------------------------------------------------------------------- */

void
sp_trial_signature_clear (struct sp_trial_signature *signature)
{
  free (signature->file);
  free (signature->fingerprint);
  free (signature->email);
  free (signature->hostname);
  free (signature->issuer);
  free (signature->log);
  free (signature->as);
}

/* What a signature needs, and what it cannot have. */
static const char *
find_nonsense (const struct sp_trial_signature *signature, int n_makers)
{
  bool certified = signature->kind != SP_TRIAL_KEY;

  if (n_makers != 1)
    return "a signature has one of key, fulcio and pki";
  if (!certified && (signature->email || signature->issuer || signature->hostname))
    return "email, hostname and issuer need fulcio or pki";
  if (certified && signature->fingerprint)
    return "a fingerprint needs a key";
  if (signature->kind == SP_TRIAL_FULCIO
      && (!signature->email || !signature->issuer || signature->hostname))
    return "fulcio needs email and issuer, and takes no hostname";
  if (signature->kind == SP_TRIAL_PKI
      && ((!signature->email && !signature->hostname) || signature->issuer))
    return "pki needs email or hostname, and takes no issuer";
  return NULL;
}

static int
read_signature (const struct sp_trial *trial, const struct sp_yaml_node *node,
                struct sp_trial_signature *ret, sigpolicy_error **err)
{
  cleanup_free char *fulcio = NULL, *pki = NULL;
  const struct field fields[] = {
    { "key", &ret->file, NULL },
    { "fulcio", &fulcio, NULL },
    { "pki", &pki, NULL },
    { "fingerprint", &ret->fingerprint, NULL },
    { "email", &ret->email, NULL },
    { "hostname", &ret->hostname, NULL },
    { "issuer", &ret->issuer, NULL },
    { "log", &ret->log, NULL },
    { "as", &ret->as, NULL },
    { NULL, NULL, NULL },
  };

  ret->line = node->line;
  ret->column = node->column;
  int rc = take_fields (trial, node, fields, "a signature", err);
  if (rc < 0)
    return rc;
  int n_makers = !!ret->file + !!fulcio + !!pki;
  ret->kind = fulcio ? SP_TRIAL_FULCIO : pki ? SP_TRIAL_PKI : SP_TRIAL_KEY;
  const char *nonsense = find_nonsense (ret, n_makers);
  if (nonsense)
    return fault_at (trial, node, err, nonsense);
  if (!ret->file)
    ret->file = fulcio ? steal (&fulcio) : steal (&pki);
  rc = settle_path (trial, &ret->file, err);
  return rc == 0 ? settle_path (trial, &ret->log, err) : rc;
}

static int
read_signatures (const struct sp_trial *trial, const struct sp_yaml_node *node,
                 struct sp_trial_case *ret, sigpolicy_error **err)
{
  int rc = 0;

  if (!node || sp_yaml_is_null (node))
    return 0;
  if (node->type != SP_YAML_SEQUENCE)
    return fault_at (trial, node, err, "'signed' must be a list of signatures; [] for none");
  if (node->n_children > SP_SIGNATURES_MAX)
    return fault_at (trial, node, err, "these are more signatures than one image can have");
  for (size_t i = 0; rc == 0 && i < node->n_children; i++)
    {
      rc = sp_grow (&ret->signatures, &ret->signatures_capacity, ret->n_signatures,
                    sizeof *ret->signatures, err);
      if (rc == 0)
        rc = read_signature (trial, sp_yaml_target (node->children[i]),
                             &ret->signatures[ret->n_signatures++], err);
    }
  return rc;
}

/* --- cases ------------------------------------------------------------------------------------ */

static bool
find_reason (const char *slug, sigpolicy_reason *ret)
{
  for (int i = 0; i <= SIGPOLICY_REASON_USAGE; i++)
    if (strcmp (slug, sigpolicy_reason_slug ((sigpolicy_reason)i)) == 0)
      {
        *ret = (sigpolicy_reason)i;
        return *ret != SIGPOLICY_REASON_INTERNAL && *ret != SIGPOLICY_REASON_ACCEPTED;
      }
  return false;
}

static int
take_expectation (const struct sp_trial *trial, const struct sp_yaml_node *node, const char *expect,
                  const char *reason, struct sp_trial_case *ret, sigpolicy_error **err)
{
  if (!expect || (strcmp (expect, "accepted") != 0 && strcmp (expect, "rejected") != 0))
    return fault_at (trial, node, err, "expect must be 'accepted' or 'rejected'");
  ret->accepted = strcmp (expect, "accepted") == 0;
  if (!reason)
    return 0;
  if (ret->accepted)
    return fault_at (trial, node, err, "an accepted image has no reason");
  return find_reason (reason, &ret->reason)
             ? 0
             : fault_at (
                 trial, node, err,
                 "unknown reason: sigpolicy-verdict(5) lists the reasons, such as 'no-signature'");
}

static int
take_scope (const struct sp_trial *trial, const struct sp_yaml_node *node, const char *transport,
            struct sp_trial_case *ret, sigpolicy_error **err)
{
  ret->transport = SP_TRANSPORT_DOCKER;
  if (transport && !sp_transport_find (sp_view_str (transport), &ret->transport))
    return fault_at (trial, node, err, "unknown transport");
  if (!*ret->scope || ret->transport != SP_TRANSPORT_DOCKER)
    return 0;
  cleanup_free char *example = sp_example_image (sp_view_str (ret->scope), err);
  if (*err)
    return sigpolicy_error_code (*err);
  return example ? 0
                 : fault_at (trial, node, err,
                             "no image has this scope, so the test would always pass");
}

static char *
name_case (const struct sp_trial_case *it, sigpolicy_error **err)
{
  return it->kind == SP_TRIAL_IMAGE
             ? sp_asprintf (err, "%s, %s", it->image,
                            it->n_signatures ? "signed" : "without a signature")
             : sp_asprintf (err, "%s \"%s\" is %s", sp_transport_name (it->transport), it->scope,
                            it->kind == SP_TRIAL_NEVER_UNSIGNED ? "never accepted unsigned"
                                                                : "always rejected");
}

static int
read_case (const struct sp_trial *trial, const struct sp_yaml_node *node, struct sp_trial_case *ret,
           sigpolicy_error **err)
{
  cleanup_free char *expect = NULL, *reason = NULL, *transport = NULL, *never = NULL,
                    *always = NULL;
  const struct sp_yaml_node *list = NULL;
  const struct field fields[] = {
    { "name", &ret->name, NULL },
    { "image", &ret->image, NULL },
    { "signed", NULL, &list },
    { "expect", &expect, NULL },
    { "reason", &reason, NULL },
    { "never-unsigned", &never, NULL },
    { "always-rejected", &always, NULL },
    { "transport", &transport, NULL },
    { NULL, NULL, NULL },
  };

  ret->line = node->line;
  int rc = take_fields (trial, node, fields, "a case", err);
  if (rc < 0)
    return rc;
  if (!!ret->image + !!never + !!always != 1)
    return fault_at (trial, node, err,
                     "a case needs one of image, never-unsigned and always-rejected");
  if (ret->image && transport)
    return fault_at (trial, node, err,
                     "transport is only for never-unsigned and always-rejected: an image name "
                     "includes its transport");
  if (!ret->image && (list || expect || reason))
    return fault_at (trial, node, err, "signed, expect and reason need image");
  ret->kind = never ? SP_TRIAL_NEVER_UNSIGNED : always ? SP_TRIAL_ALWAYS_REJECTED : SP_TRIAL_IMAGE;
  if (ret->image)
    {
      rc = take_expectation (trial, node, expect, reason, ret, err);
      if (rc == 0)
        rc = read_signatures (trial, list, ret, err);
    }
  else
    {
      ret->scope = never ? steal (&never) : steal (&always);
      rc = take_scope (trial, node, transport, ret, err);
    }
  if (rc < 0)
    return rc;
  if (!ret->name)
    ret->name = name_case (ret, err);
  return !ret->name                        ? sigpolicy_error_code (*err)
         : !sp_make_printable (&ret->name) ? sp_error_no_memory (err)
                                           : 0;
}

static int
read_cases (struct sp_trial *trial, const struct sp_yaml_node *root,
            const struct sp_yaml_node *list, sigpolicy_error **err)
{
  int rc = 0;

  if (!list || list->type != SP_YAML_SEQUENCE || !list->n_children)
    return fault_at (trial, list ? list : root, err,
                     "'tests' must be a list of cases, and not empty");
  for (size_t i = 0; rc == 0 && i < list->n_children; i++)
    {
      rc = sp_grow (&trial->cases, &trial->capacity, trial->n_cases, sizeof *trial->cases, err);
      if (rc == 0)
        rc = read_case (trial, sp_yaml_target (list->children[i]), &trial->cases[trial->n_cases++],
                        err);
    }
  return rc;
}

int
sp_trial_parse (struct sp_trial *trial, struct sp_view text, char **ret_policy, char **ret_clock,
                sigpolicy_error **err)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_free char *policy = NULL, *clock = NULL;
  const struct sp_yaml_node *list = NULL;
  const struct field fields[] = {
    { "policy", &policy, NULL },
    { "clock", &clock, NULL },
    { "tests", NULL, &list },
    { NULL, NULL, NULL },
  };

  int rc = sp_yaml_parse (text, &yaml, err);
  if (rc < 0)
    return sp_error_position (err, trial->path, 0, 0, NULL);
  const struct sp_yaml_node *root = sp_yaml_root (yaml);
  if (!root)
    return sp_trial_fault (trial, 1, 1, err, "the file is empty");
  rc = take_fields (trial, sp_yaml_target (root), fields, "the file", err);
  if (rc == 0)
    rc = read_cases (trial, root, list, err);
  if (rc == 0)
    rc = settle_path (trial, &policy, err);
  if (rc < 0)
    return rc;
  *ret_policy = steal (&policy);
  *ret_clock = steal (&clock);
  return 0;
}

int
sp_trial_read (struct sp_trial *trial, char **ret_policy, char **ret_clock, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TRIAL_BYTES_MAX);

  int rc = sp_fs_read (trial->path, &text, err);
  if (rc == SIGPOLICY_E_REJECTED) /* it is too large */
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  return rc < 0 ? rc : sp_trial_parse (trial, sp_buf_view (&text), ret_policy, ret_clock, err);
}
