/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_TRUSTED_ROOT_H
#define SP_MODEL_TRUSTED_ROOT_H

#include "crypto/chain.h"
#include "util/buf.h"

/*
 * trusted_root.json: the transparency logs, certificate authorities and timestamp authorities that
 * somebody trusts, each with the time for which it is trusted, both ends included. It never changes
 * once it is read, so threads may share it.
 */
struct sp_period
{
  sp_time start, end;
  bool has_start, has_end;
};

/* late: the time is within its second, but after its start. */
bool sp_period_holds (const struct sp_period *period, sp_time at, bool late);

/* A log of signatures (Rekor), or of certificates (CT). */
struct sp_trusted_log
{
  char *base_url;
  char *name; /* the host of the URL with its path, which checkpoints are signed by; or NULL */
  struct sp_buf id;
  struct sp_public_key *key;
  struct sp_period period;
};

/* Who issues certificates, or timestamps. */
struct sp_trusted_authority
{
  char *uri;
  struct sp_certificates chain;      /* the root last */
  size_t n_intermediates;            /* how many of the chain may be in the middle of a path */
  struct sp_certificate_pool *roots; /* of those who issue certificates: that root */
  struct sp_period period;
};

struct sp_trusted_root
{
  struct sp_trusted_log *logs, *ct_logs;
  size_t n_logs, n_ct_logs;
  struct sp_trusted_authority *authorities, *timestamp_authorities;
  size_t n_authorities, n_timestamp_authorities;
};

/* Read one. One log or authority that cannot be used makes the whole file useless. Failure:
 * KEY/key-unusable with its position; limit. */
int sp_trusted_root_parse (struct sp_view text, struct sp_trusted_root **ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The same from a file. Failure: the same; KEY/key-unusable also for one that cannot be read. */
int sp_trusted_root_load (const char *path, struct sp_trusted_root **ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_trusted_root_free (struct sp_trusted_root *root);

SP_DEFINE_CLEANUP (struct sp_trusted_root *, sp_trusted_root_free);
#define cleanup_trusted_root SP_CLEANUP (sp_trusted_root_free_p)

/* The last log of that id, which is the one that counts; or NULL. */
const struct sp_trusted_log *sp_trusted_log_find (const struct sp_trusted_log *logs, size_t n_logs,
                                                  struct sp_view id);

#endif
