/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_EDIT_H
#define SIGPOLICY_EDIT_H

/**
 * @file
 * Change a policy safely. trust.h shows one.
 *
 * Set up a change, preview it, and commit it. Only the changed entry is rewritten: order,
 * layout and everything else of a file stay. What comes out is read again by the policy's own
 * reader before it takes the place of the old file, at once and whole, with the old one's owner,
 * mode and extended attributes; the old one stays as FILE.bak. Editors that use this library wait
 * for one another.
 */

#include <sigpolicy/policy.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** What a scope shall require: containers-policy.json(5), "POLICY REQUIREMENTS". */
  typedef struct sigpolicy_rule sigpolicy_rule;

  /** The parts of a rule. Those of files may be given as relative paths. */
  typedef enum sigpolicy_rule_part
  {
    SIGPOLICY_RULE_KEY,               /**< a key file; may be added more than once */
    SIGPOLICY_RULE_REKOR_KEY,         /**< a key file of a log; may be added more than once */
    SIGPOLICY_RULE_FULCIO_CA,         /**< certificates of a Fulcio, in PEM */
    SIGPOLICY_RULE_FULCIO_ISSUER,     /**< who vouched for the signer: a URL */
    SIGPOLICY_RULE_FULCIO_EMAIL,      /**< the signer */
    SIGPOLICY_RULE_PKI_ROOTS,         /**< certificates of a CA, in PEM */
    SIGPOLICY_RULE_PKI_INTERMEDIATES, /**< more certificates, in PEM */
    SIGPOLICY_RULE_PKI_EMAIL,         /**< the signer */
    SIGPOLICY_RULE_PKI_HOSTNAME,      /**< the signer */
    SIGPOLICY_RULE_IDENTITY,          /**< "matchRepository", "exactRepository=quay.io/ns/app" */
    SIGPOLICY_RULE_KEY_INLINE, /**< a key file, or "-" for standard input: it is read now, and its
                                    content stands in the policy itself; one */
  } sigpolicy_rule_part;

  /**
   * Begin a rule.
   *
   * @param type      "accept" or "insecureAcceptAnything", "reject", "signedBy", "sigstoreSigned"
   * @param ret_rule  receives a rule, freed with sigpolicy_rule_free(); untouched on failure
   * @return 0, E_USAGE for another type, E_NO_MEMORY
   *
   * Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_rule_new (const char *type, sigpolicy_rule **ret_rule,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a rule; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_rule_free (sigpolicy_rule *rule);

  /**
   * Add a part. Whether the parts make a rule is seen when it is used.
   *
   * @return 0, E_USAGE for an identity that is none, E_KEY for an inline key that cannot be read,
   * E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_rule_add (sigpolicy_rule *rule, sigpolicy_rule_part part,
                                           const char *value,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** How a rule is meant. */
  enum
  {
    SIGPOLICY_RULE_ALL_KEYS = 1, /**< of several key files: each must have signed, and not any */
    SIGPOLICY_RULE_VERBATIM = 2, /**< as podman-image-trust(1) sets one: see sigpolicy_edit_set() */
  };

  /** Say how a rule is meant: SIGPOLICY_RULE_*, in place of what was said. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_rule_set_flags (sigpolicy_rule *rule, unsigned flags);

  /** One change of a policy, and of what belongs to it. */
  typedef struct sigpolicy_edit sigpolicy_edit;

  /** Whose files are changed. */
  typedef enum sigpolicy_edit_place
  {
    SIGPOLICY_EDIT_HOST = 0, /**< what verification on this host reads; the context may name it */
    SIGPOLICY_EDIT_USER,     /**< ~/.config/containers/policy.json */
    SIGPOLICY_EDIT_SYSTEM,   /**< /etc/containers/policy.json */
  } sigpolicy_edit_place;

  /**
   * Begin a change.
   *
   * @param context   names the policy and the directory of registries.d, where it does; not kept
   * @param ret_edit  receives an edit, freed with sigpolicy_edit_free(); untouched on failure
   * @return 0, E_CONFIG where there is no policy to be changed, E_NO_MEMORY
   *
   * Threads: one per context. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_edit_new (sigpolicy_context *context, sigpolicy_edit_place place,
                                           sigpolicy_edit **ret_edit,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release an edit; NULL is allowed. Nothing is undone. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_edit_free (sigpolicy_edit *edit);

  /**
   * Ask that a scope require what a rule says. Where the scope has requirements of that type, they
   * are changed in what the rule says (a rule may then lack keys), and keep the rest; requirements
   * of other types stay, too. Else the rule takes the place of what the scope requires, and a
   * signed identity is chosen where the rule has none. Relative paths are made absolute, and key
   * files must be usable.
   *
   * A rule with SIGPOLICY_RULE_VERBATIM always takes the place of what the scope requires, as it
   * is: no identity is chosen, paths stay, and keys are not looked at. Its scope may come without a
   * transport: it is replaced where it stands, else added to docker's. A default makes the file.
   *
   * @param transport  "docker" and so on; NULL for the policy's default
   * @param scope      "" for the transport's own default; NULL for the policy's
   * @param rule       not kept
   * @return 0, E_USAGE for a rule that contradicts itself, E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_edit_set (sigpolicy_edit *edit, const char *transport,
                                           const char *scope, const sigpolicy_rule *rule,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Ask that a scope be removed, so that a wider one or the default applies. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_unset (sigpolicy_edit *edit, const char *transport,
                                             const char *scope,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Ask that a scope trust other keys, as sigpolicy_edit_add_key() and sigpolicy_edit_remove_key()
   * say; all else of its requirements stays. Added keys go to the requirement that one is removed
   * from, else to the only one of their kind (GPG or PEM), where a signature by any key is enough.
   * The preview refuses (E_USAGE) to leave a requirement without keys.
   *
   * @param transport, scope  as for sigpolicy_edit_set()
   * @return 0, E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_edit_rotate (sigpolicy_edit *edit, const char *transport,
                                              const char *scope,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Of a rotation: a key file to be trusted, too. May be called more than once. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_add_key (sigpolicy_edit *edit, const char *path,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Of a rotation: a key to be trusted no more, by its file or its full fingerprint. May be called
   * more than once. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_remove_key (sigpolicy_edit *edit, const char *key,
                                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Policies to begin with. */
  typedef enum sigpolicy_start
  {
    SIGPOLICY_START_SIGNED,     /**< registries are rejected until trusted; local images are used */
    SIGPOLICY_START_REJECT_ALL, /**< everything is rejected until trusted */
    SIGPOLICY_START_ACCEPT_ALL, /**< everything is accepted, as without any policy */
  } sigpolicy_start;

  /** Ask for a new policy, where there is none. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_init (sigpolicy_edit *edit, sigpolicy_start start,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Ask that registries.d say where the signatures of the same scope are, too: docker's scopes, or
   * the default.
   *
   * @param lookaside    a URL of http, https or file, or NULL
   * @param attachments  not 0: look for sigstore attachments in the registry
   * @return 0, E_USAGE for another URL or transport, and where the context names a policy and no
   * directory: the host's is not changed for a policy that is not the host's; E_NO_MEMORY.
   * Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_edit_set_storage (sigpolicy_edit *edit, const char *lookaside,
                                                   int attachments,
                                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * What the change would be; nothing is written.
   *
   * @return 0, E_USAGE, E_CONFIG for a policy that is missing or broken, E_KEY for keys that cannot
   * be used, E_NOT_FOUND for a scope to be removed that is not there, E_UNAVAILABLE, E_NO_MEMORY
   *
   * Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_edit_preview (sigpolicy_edit *edit,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Make the change, from the files as they are now; fails as the preview does, and then the
   * policy is the old one. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_commit (sigpolicy_edit *edit,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The policy that is changed. Borrowed. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_edit_path (const sigpolicy_edit *edit);

  /** After a preview or commit: the change as a unified diff, to free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_diff (const sigpolicy_edit *edit, char **ret_text,
                                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** After a preview or commit: the files that change, where the old ones are, and why a signed
   * identity was chosen, in lines for people; to free(). Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_edit_files (const sigpolicy_edit *edit, char **ret_text,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** After a commit: what is not as it was of the files, such as their group. Borrowed; NULL when
   * there are no more; from 0. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_edit_warning (const sigpolicy_edit *edit, size_t number);

  /**
   * After a preview or commit: the policy as it was, or as it is after the change, for diff.h.
   *
   * @return 0, E_CONFIG where there was none or it could not be used, E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_edit_policy (const sigpolicy_edit *edit, int after,
                                              sigpolicy_policy **ret_policy,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
