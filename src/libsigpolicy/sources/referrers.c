/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "util/cleanup.h"
#include "util/limits.h"

/* Asks the registry for what refers to the judged image. */
static int
fetch (const struct sp_evidence *evidence, struct sp_referrers *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf index = SP_BUF (SP_MANIFEST_BYTES_MAX);
  bool absent = false;

  int rc = sp_repository_referrers (evidence->docker->repository, evidence->digest, &index, &absent,
                                    err);
  if (rc < 0 && absent)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc < 0 ? rc : sp_referrers_parse (sp_buf_view (&index), ret, err);
}

int
sp_evidence_referrers (struct sp_evidence *evidence, struct sp_referrers *ret,
                       sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;

  if (!evidence->docker || !evidence->docker->repository || !evidence->digest[0])
    return 0;
  cleanup_free char *rest = sp_asprintf (err, "referrers/%s", evidence->digest);
  cleanup_free char *where
      = rest ? sp_repository_url (evidence->docker->repository, rest, err) : NULL;
  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = fetch (evidence, ret, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  return sp_evidence_note (evidence, where, rc < 0 ? "error" : ret->len ? "found" : "none", err);
}

const char *
sp_evidence_repository (const struct sp_evidence *evidence)
{
  return evidence->docker && evidence->docker->physical ? evidence->docker->physical->name : NULL;
}
