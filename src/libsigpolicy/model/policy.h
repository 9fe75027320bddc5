/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_POLICY_H
#define SP_MODEL_POLICY_H

#include "model/reader.h"
#include "model/identity.h"
#include "reference/image_name.h"

/* A policy.json: containers-policy.json(5). Immutable once built; share it between threads. */

enum sp_requirement_type
{
  SP_REQUIREMENT_ACCEPT, /* insecureAcceptAnything */
  SP_REQUIREMENT_REJECT,
  SP_REQUIREMENT_SIGNED_BY,
  SP_REQUIREMENT_SIGNED_BASE_LAYER,
  SP_REQUIREMENT_SIGSTORE_SIGNED,
};

const char *sp_requirement_type_name (enum sp_requirement_type type);

/* signedBy and sigstoreSigned. */
bool sp_requirement_type_is_signed (enum sp_requirement_type type);

/* signedBy's keyType; only GPGKeys is implemented. */
enum sp_key_type
{
  SP_KEY_TYPE_GPG,
  SP_KEY_TYPE_SIGNED_BY_GPG,
  SP_KEY_TYPE_X509,
  SP_KEY_TYPE_SIGNED_BY_X509_CAS,
};

const char *sp_key_type_name (enum sp_key_type type);

/* Key material as the policy names it: a path that is opened when needed, or the bytes themselves.
 */
struct sp_key_source
{
  char
      *path; /* NUL-terminated; path_len counts, a NUL inside makes it unusable when it is opened */
  size_t path_len;
  struct sp_buf data; /* when path is NULL */
};

struct sp_key_sources
{
  struct sp_key_source *items;
  size_t len, capacity;
};

/* The fulcio and pki objects of sigstoreSigned. Strings are NULL where absent or empty, else
 * NUL-terminated; the lengths count, they may hold NUL. */
struct sp_fulcio
{
  struct sp_key_sources ca; /* one */
  char *oidc_issuer, *subject_email;
  size_t oidc_issuer_len, subject_email_len;
};

struct sp_pki
{
  struct sp_key_sources roots;         /* one */
  struct sp_key_sources intermediates; /* none or one */
  char *subject_email, *subject_hostname;
  size_t subject_email_len, subject_hostname_len;
};

struct sp_requirement
{
  enum sp_requirement_type type;
  enum sp_key_type key_type;  /* signedBy */
  struct sp_key_sources keys; /* signedBy, sigstoreSigned with keys */
  struct sp_fulcio *fulcio;   /* sigstoreSigned: at most one of these two */
  struct sp_pki *pki;
  struct sp_key_sources rekor_keys;
  bool rekor_dropped;          /* a Rekor field is there but says nothing, so no log is required */
  struct sp_identity identity; /* signedBy, sigstoreSigned; signedBaseLayer's base identity */
  unsigned line, column;       /* of its object */
};

/* Does it look at signatures? Not where its keyType was never implemented. */
bool sp_requirement_needs_signature (const struct sp_requirement *requirement);

struct sp_requirements
{
  struct sp_requirement *items;
  size_t len, capacity;
};

/* One scope and what it requires. */
struct sp_policy_scope
{
  char *name; /* NUL-terminated; name_len counts, it may hold NUL */
  size_t name_len;
  unsigned line, column;
  struct sp_requirements requirements;
};

struct sp_policy_transport
{
  char *name;
  size_t name_len;
  bool known;                     /* an unknown transport never matches an image */
  struct sp_policy_scope *scopes; /* in document order */
  size_t n_scopes, scopes_capacity;
};

struct sp_policy;

/* Parse the text of a policy; path is for messages, or NULL. Failure: CONFIG/config-error with
 * line, column and JSON path; over a limit: CONFIG/limit. */
int sp_policy_parse (struct sp_view text, const char *path, struct sp_policy **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Read and parse a file. The message begins "invalid policy in %q: " when it cannot be parsed.
 * Every failure is CONFIG. */
int sp_policy_load (const char *path, struct sp_policy **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* {"default":[{"type":"insecureAcceptAnything"}]}, for --insecure-policy; has no path. */
int sp_policy_insecure (struct sp_policy **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Policies are shared: every ref needs its free. Threads: any. */
struct sp_policy *sp_policy_ref (struct sp_policy *policy);
void sp_policy_free (struct sp_policy *policy);

SP_DEFINE_CLEANUP (struct sp_policy *, sp_policy_free);
#define cleanup_policy SP_CLEANUP (sp_policy_free_p)

const char *sp_policy_path (const struct sp_policy *policy);   /* NULL for one from memory */
const char *sp_policy_sha256 (const struct sp_policy *policy); /* 64 hex digits, of the text */
const struct sp_policy_scope *
sp_policy_default (const struct sp_policy *policy); /* its name is "" */
size_t sp_policy_n_transports (const struct sp_policy *policy);
const struct sp_policy_transport *sp_policy_transport (const struct sp_policy *policy,
                                                       size_t index);
const struct sp_policy_transport *sp_policy_find_transport (const struct sp_policy *policy,
                                                            enum sp_transport transport);

/* The scope of exactly this name, or NULL. */
const struct sp_policy_scope *sp_policy_find_scope (const struct sp_policy *policy,
                                                    enum sp_transport transport,
                                                    struct sp_view name);

/*
 * What applies to an image: the first of its identity, its namespaces and "" that is a scope of its
 * transport, else the default. Names are compared bytewise, and only that one list applies. A
 * binary search for each of the candidates.
 */
struct sp_policy_match
{
  const struct sp_policy_scope *scope; /* never NULL */
  const struct sp_policy_transport
      *transport; /* NULL when the default of the whole policy applies */
};
struct sp_policy_match sp_policy_lookup (const struct sp_policy *policy,
                                         const struct sp_image_name *image);

/* Which file: explicit_path when it is given (as it is), else the one that the reader finds.
 * Failure: CONFIG, with the established text "no policy.json file found ...". To free(). */
char *sp_policy_choose (const struct sp_reader *reader, const char *explicit_path,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The system's, whether it is there or not; static. */
const char *sp_policy_system_path (void);

#endif
