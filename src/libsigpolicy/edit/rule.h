/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EDIT_RULE_H
#define SP_EDIT_RULE_H

#include "model/policy.h"
#include "util/alloc.h"

/* What a scope shall require, as somebody asks for it; containers-policy.json(5), "POLICY
 * REQUIREMENTS". Start from {0}. */
struct sp_rule
{
  enum sp_requirement_type type;
  struct sp_strv keys; /* paths */
  char *key_data;      /* in base64: a key in the policy itself; or NULL */
  bool all;            /* each key file must have signed: a requirement each, instead of keyPaths */
  bool is_verbatim;    /* podman's way: a scope is replaced wherever it stands, keys are not looked
                          at, no identity is chosen */
  struct sp_strv rekor_keys;
  char *fulcio_ca, *fulcio_issuer, *fulcio_email;
  char *pki_roots, *pki_intermediates, *pki_email, *pki_hostname;
  bool has_identity;
  enum sp_identity_type identity;
  char *identity_value; /* exactReference, exactRepository; the prefix of remapIdentity */
  char *signed_prefix;
};
void sp_rule_clear (struct sp_rule *rule);
#define cleanup_rule SP_CLEANUP (sp_rule_clear)

/* One of insecureAcceptAnything (also: accept), reject, signedBy, sigstoreSigned. Failure: USAGE.
 */
int sp_rule_set_type (struct sp_rule *rule, const char *name,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "matchRepository", "exactReference=REF", "exactRepository=REPO",
 * "remapIdentity=PREFIX,SIGNED-PREFIX". Failure: USAGE; whether the names are any is seen when the
 * policy is read again. */
int sp_rule_set_identity (struct sp_rule *rule, const char *text,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Read a key, of a file or of standard input ("-"), that is to stand in the policy itself. Failure:
 * USAGE for a second one, KEY for what cannot be read. */
int sp_rule_read_key (struct sp_rule *rule, const char *path,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Does it say who signs: keys, a Fulcio CA or a PKI? */
bool sp_rule_has_signer (const struct sp_rule *rule);

/* Do the parts contradict each other or the type? Who signs may be left out. Failure: USAGE. */
int sp_rule_check (const struct sp_rule *rule, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same of a rule that must say all. */
int sp_rule_check_whole (const struct sp_rule *rule, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Into one that is empty, or is emptied. */
int sp_rule_copy (const struct sp_rule *from, struct sp_rule *to,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Make a path, or those of all files, absolute: a relative one would depend on where a verifier is
 * started. */
int sp_rule_absolute (char **path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_rule_make_absolute (struct sp_rule *rule, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Choose the signed identity where none was asked for. simple signatures name the image with its
 * tag, and nothing needs to be said. sigstore signatures commonly name the repository alone, which
 * only matchRepository accepts. Images of files have no name to compare with: there the rule must
 * say one, and USAGE says so. *ret_why (may be NULL) is a sentence for people; static.
 */
int sp_rule_choose_identity (struct sp_rule *rule, const char *transport, const char **ret_why,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The list of requirements, in JSON. */
int sp_rule_write (const struct sp_rule *rule, struct sp_buf *out,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
