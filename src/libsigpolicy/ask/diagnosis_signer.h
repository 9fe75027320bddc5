/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_DIAGNOSIS_SIGNER_H
#define SP_ASK_DIAGNOSIS_SIGNER_H

#include "ask/diagnosis.h"
#include "ask/key_files.h"
#include "openpgp/key_facts.h"

/* Within the diagnosis: the policy's keys, for diagnosis_signer.c and diagnosis_signature.c. */

/* The keys of a requirement as their files are now; what cannot be read is not there. */
int sp_diagnosis_read_keys (const struct sp_requirement *requirement, struct sp_key_files *files,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What a file says of its keys; one that cannot be read says nothing. */
int sp_diagnosis_key_facts (struct sp_view file, struct sp_key_facts_list *facts,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* In a file, by itself or by a subkey: the primary key; NULL where it is not there. */
const struct sp_primary_key *sp_diagnosis_find_key (const struct sp_key_facts_list *facts,
                                                    const char *name,
                                                    const struct sp_key_fact **ret);

/* A source in words. */
const char *sp_diagnosis_label (const struct sp_key_source *source);

/*
 * The key from the user's keyring, into a file beside the first that the policy names, and the
 * policy trusts it, too. Where the keyring has no such key, the policy stays as it is.
 */
int sp_diagnosis_offer_export (struct sp_diagnosis *it, const char *fingerprint,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
