/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_STATEMENT_H
#define SP_MODEL_STATEMENT_H

#include "crypto/hash.h"
#include "json/json.h"

/* An in-toto statement: what the payload of an envelope says of which subjects. It is a claim only
 * when the envelope was verified. */
#define SP_STATEMENT_PAYLOAD_TYPE "application/vnd.in-toto+json"

/* The predicate type with which cosign signs images. All others are attestations. */
#define SP_PREDICATE_COSIGN_SIGN "https://sigstore.dev/cosign/sign/v1"

struct sp_statement
{
  struct sp_json *json;
  struct sp_view predicate_type;
  sp_json_node subjects;
  size_t n_subjects;
};

/* Read one. text must stay as it is until the statement is cleared. Failure: REJECTED/bad-signature
 * with its position; limit. */
int sp_statement_parse (struct sp_view text, struct sp_statement *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_statement_clear (struct sp_statement *statement);

#define cleanup_statement SP_CLEANUP (sp_statement_clear)

/* Is it about something that has one of these digests? */
bool sp_statement_is_about (const struct sp_statement *statement, const struct sp_digests *digests);

/* The digests of a subject as "sha256:..."; the first of an algorithm that is known. False when
 * there is none. */
bool sp_statement_subject_digest (const struct sp_statement *statement, size_t subject,
                                  char ret[8 + 2 * SP_HASH_BYTES_MAX]);

/* An annotation of a subject that is a string. */
bool sp_statement_annotation (const struct sp_statement *statement, size_t subject, const char *key,
                              struct sp_view *ret);

#endif
