/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REFERENCE_REFERENCE_H
#define SP_REFERENCE_REFERENCE_H

#include "reference/grammar.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/view.h"

/*
 * A docker reference in its full form, immutable: name [":" tag] ["@" digest].
 * All strings are NUL-terminated and hold no NUL; tag and digest are NULL where absent.
 */
struct sp_reference
{
  char *string; /* name:tag@digest; parses to itself */
  char *name;   /* domain/path, or the path alone where there is no domain (a_b.c/d) */
  char *domain; /* "" where there is none */
  char *path;
  char *tag;
  char *digest;
};

/*
 * Parse and normalise: docker.io/library/ is added, index.docker.io folded, no
 * tag is added. Bytes may be anything. Failures are of class USAGE/usage with the established
 * texts, or the digest's own error.
 */
int sp_reference_parse (struct sp_view text, struct sp_reference **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* As above, and the full form must be the text itself: "repository name must be canonical". */
int sp_reference_parse_canonical (struct sp_view text, struct sp_reference **ret,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Take a text apart as it stands, without normalising it: what registries.conf(5) does with
 * aliases. Failures as above, in the texts of that: "invalid reference format", "repository name
 * must be lowercase", "repository name must have at least one component". */
int sp_reference_split (struct sp_view text, struct sp_grammar_parts *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Neither tag nor digest. */
static inline bool
sp_reference_is_name_only (const struct sp_reference *reference)
{
  return !reference->tag && !reference->digest;
}

/* A copy with ":latest" when it is name-only; otherwise a plain copy. */
int sp_reference_with_default_tag (const struct sp_reference *reference, struct sp_reference **ret,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A copy without its tag (where it has a digest too), or with another digest in place of tag and
 * digest. */
int sp_reference_without_tag (const struct sp_reference *reference, struct sp_reference **ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_reference_with_digest (const struct sp_reference *reference, const char *digest,
                              struct sp_reference **ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The short spelling: without docker.io/, and without library/ where that leaves one component. To
 * free(). */
char *sp_reference_familiar (const struct sp_reference *reference,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is this a domain, or a domain and path components: what remapIdentity takes as a prefix? */
bool sp_reference_is_prefix (struct sp_view text);

void sp_reference_free (struct sp_reference *reference);

SP_DEFINE_CLEANUP (struct sp_reference *, sp_reference_free);
#define cleanup_reference SP_CLEANUP (sp_reference_free_p)

#endif
