/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_CHART_CHECK_H
#define SP_ASK_CHART_CHECK_H

#include "ask/context.h"
#include "evaluate/trace.h"
#include "model/provenance.h"

/* By whom charts must be signed, without a policy. */
struct sp_chart_verifier
{
  struct sp_strv keyrings; /* files of OpenPGP keys, binary or armored */
  struct sp_strv signers;  /* fingerprints, upper-case hex; none: every key of the keyrings */
  char *provenance;        /* the file; NULL: the chart's name with ".prov" */
};
void sp_chart_verifier_free (struct sp_chart_verifier *verifier);

/* A fingerprint as people write it, with spaces or in lower case. USAGE for what is none. */
int sp_chart_verifier_add_signer (struct sp_chart_verifier *verifier, const char *fingerprint,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The answer about one chart. */
struct sp_chart_answer
{
  struct sp_outcome outcome;
  char *chart;                 /* as it was asked for */
  char *reference;             /* of one on a registry: its docker name; else NULL */
  char *manifest_digest;       /* of one on a registry, once it was read */
  char *digest;                /* of the archive, once it is known */
  char *provenance;            /* where it was read; NULL until then */
  struct sp_provenance stated; /* once the signature was verified */
  char *key, *primary;         /* of the signer; the same */
  char *claimed_key;           /* the signer of a signature that is rejected, as it says; or NULL */
  struct sp_strv user_ids;     /* of the primary key */
  struct sp_strv warnings;
  sp_time time;
};
void sp_chart_answer_free (struct sp_chart_answer *answer);

SP_DEFINE_CLEANUP (struct sp_chart_answer *, sp_chart_answer_free);
#define cleanup_chart_answer SP_CLEANUP (sp_chart_answer_free_p)

/*
 * Verify a chart by its provenance: an archive in a file, or "oci://REGISTRY/NAME:VERSION", of
 * which the manifest, the configuration and the provenance are read, and not the archive: its
 * digest is compared. Returns 0 with an answer, whatever it is, or an error where there is none:
 * USAGE, or no memory.
 */
int sp_chart_check (struct sp_context *context, const struct sp_chart_verifier *verifier,
                    const char *chart, struct sp_chart_answer **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
