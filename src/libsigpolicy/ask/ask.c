/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask.h"

#include "ask/trust.h"

/* What was loaded for a question. */
struct loaded
{
  struct sp_trusted *trusted;
  size_t n_trusted;
  sigpolicy_error *no_manifest, *no_signatures;
};

static void
loaded_clear (struct loaded *loaded)
{
  for (size_t i = 0; i < loaded->n_trusted; i++)
    sigpolicy_error_free (loaded->trusted[i].fault);
  free (loaded->trusted);
  sigpolicy_error_free (loaded->no_manifest);
  sigpolicy_error_free (loaded->no_signatures);
}

/* The trust of each requirement in front of one that never holds: those behind it are not asked.
 * *ret_looks tells that one of them looks at signatures. */
static int
load_trust (const struct sp_requirements *list, struct sp_trust_cache *cache, struct loaded *loaded,
            bool *ret_looks, sigpolicy_error **err)
{
  loaded->trusted = sp_calloc (list->len, sizeof *loaded->trusted, err);
  if (!loaded->trusted)
    return SIGPOLICY_E_NO_MEMORY;
  loaded->n_trusted = list->len;
  for (size_t i = 0; i < list->len; i++)
    switch (list->items[i].type)
      {
      case SP_REQUIREMENT_ACCEPT:
        break;
      case SP_REQUIREMENT_REJECT:
      case SP_REQUIREMENT_SIGNED_BASE_LAYER:
        return 0;
      case SP_REQUIREMENT_SIGNED_BY:
      case SP_REQUIREMENT_SIGSTORE_SIGNED:
        *ret_looks = true;
        if (sp_trust_load (cache, &list->items[i], &loaded->trusted[i].trust,
                           &loaded->trusted[i].fault)
            == SIGPOLICY_E_NO_MEMORY)
          return sp_error_no_memory (err);
        break;
      }
  return 0;
}

static int
load_evidence (struct sp_evidence *evidence, struct loaded *loaded, struct sp_image_evidence *ret,
               sigpolicy_error **err)
{
  if (sp_evidence_signatures (evidence, &ret->signatures, &ret->n_signatures,
                              &loaded->no_signatures)
          == SIGPOLICY_E_NO_MEMORY
      || sp_evidence_manifest (evidence, &ret->manifest, &loaded->no_manifest)
             == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  ret->no_signatures = loaded->no_signatures;
  ret->no_manifest = loaded->no_manifest;
  return 0;
}

int
sp_ask (const struct sp_asked *asked, struct sp_trace **ret, sigpolicy_error **err)
{
  SP_CLEANUP (loaded_clear) struct loaded loaded = { 0 };
  struct sp_question question = { .policy = asked->policy,
                                  .match = sp_policy_lookup (asked->policy, asked->image),
                                  .image = asked->image,
                                  .now = asked->now,
                                  .require_signed = asked->require_signed,
                                  .bundles = asked->bundles,
                                  .trusted_root = asked->trusted_root };
  bool looks = false;

  int rc = load_trust (&question.match.scope->requirements, asked->trust, &loaded, &looks, err);
  if (rc == 0 && looks)
    rc = load_evidence (asked->evidence, &loaded, &question.evidence, err);
  question.trusted = loaded.trusted;
  return rc < 0 ? rc : sp_evaluate (&question, ret, err);
}
