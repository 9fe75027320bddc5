/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_TRIAL_INT_H
#define SP_AUDIT_TRIAL_INT_H

#include "audit/trial.h"

#include "openpgp/key_facts.h"

/* A signature as a case has it. Files are as they are to be opened. */
struct sp_trial_signature
{
  enum
  {
    SP_TRIAL_KEY,
    SP_TRIAL_FULCIO,
    SP_TRIAL_PKI,
  } kind;
  char *file;        /* the key, or the CA that issued the certificate */
  char *fingerprint; /* which key of the file; NULL: its only one */
  char *email, *hostname, *issuer;
  char *log; /* the key of the log that recorded it; NULL: none did */
  char *as;  /* the name that is signed; NULL: the image's */
  unsigned line, column;
};
void sp_trial_signature_clear (struct sp_trial_signature *signature);

/* What a key file holds. One that is not here is what its path says: it holds what any other file
 * of that path does. */
struct sp_material
{
  const char *path; /* NULL for key data */
  char *path_memory;
  bool is_here;
  struct sp_key_facts_list openpgp;
  char public_key[80];         /* the fingerprint of a key in PEM; "" for none */
  struct sp_strv certificates; /* SHA-256 of each */
  sp_time *expiries;           /* of each of those */
};

/* trial_keys.c. Of a file, borrowed; a file that cannot be read for another reason than that it is
 * not there is a failure. */
int sp_trial_material (struct sp_trial *trial, const char *path, const struct sp_material **ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* The same of what a policy names. *scratch holds key data. */
int sp_trial_material_of (struct sp_trial *trial, const struct sp_key_source *source,
                          struct sp_material *scratch, const struct sp_material **ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_material_clear (struct sp_material *material);
void sp_material_free (void *material);

/* trial_file.c. The cases of a file; *ret_policy and *ret_clock are its own, or NULL. */
int sp_trial_read (struct sp_trial *trial, char **ret_policy, char **ret_clock,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* The same of its text. */
int sp_trial_parse (struct sp_trial *trial, struct sp_view text, char **ret_policy,
                    char **ret_clock, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* A fault of the file, with its position. */
int sp_trial_fault (const struct sp_trial *trial, unsigned line, unsigned column,
                    sigpolicy_error **err, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

/* trial_judge.c, trial_scopes.c: fill in what came of a case. */
int sp_trial_judge (struct sp_trial *trial, struct sp_trial_case *it,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_trial_prove (struct sp_trial *trial, struct sp_trial_case *it,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* What decided. */
int sp_trial_blame (struct sp_trial_case *it, const struct sp_policy_match *match,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
