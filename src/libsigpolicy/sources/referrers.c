/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "crypto/digest.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * What a registry stores beside an image: what refers to the image by the registry's own index or,
 * where it keeps none, by the index under the tag that stands for it; and attestations under a tag
 * of their own, as cosign 2 left them. Signatures among it are read where somebody said so
 * (referrer_signatures.c); here it is found, and named.
 */

static char *
tag_of (const char *digest, const char *suffix, sigpolicy_error **err)
{
  char *tag = sp_asprintf (err, "%s%s", digest, suffix);
  if (tag)
    tag[strcspn (tag, ":")] = '-';
  return tag;
}

static const char *
result_of (int rc, size_t found)
{
  return rc < 0 ? "error" : found ? "found" : "none";
}

/* --- the indexes ------------------------------------------------------------------------------ */

char *
sp_docker_index_url (const struct sp_evidence *evidence, sigpolicy_error **err)
{
  cleanup_free char *rest = sp_asprintf (err, "referrers/%s", evidence->digest);
  return rest ? sp_repository_url (evidence->docker->repository, rest, err) : NULL;
}

/* All pages of the registry's own. An answer that is none is that of a registry without. */
static int
read_pages (struct sp_evidence *evidence, struct sp_referrers *ret, bool *ret_unknown,
            sigpolicy_error **err)
{
  cleanup_free char *url = sp_docker_index_url (evidence, err);
  int rc = url ? 0 : SIGPOLICY_E_NO_MEMORY;

  *ret_unknown = false;
  for (size_t page = 0; rc == 0 && url && page < SP_REFERRERS_PAGES_MAX; page++)
    {
      cleanup_buf struct sp_buf index = SP_BUF (SP_MANIFEST_BYTES_MAX);
      cleanup_free char *next = NULL;
      rc = sp_repository_referrers (evidence->docker->repository, url, &index, &next, ret_unknown,
                                    err);
      if (rc < 0 || *ret_unknown)
        break;
      rc = sp_referrers_parse (sp_buf_view (&index), ret, err);
      if (rc == SIGPOLICY_E_REJECTED && !page)
        {
          sp_error_clear (err);
          *ret_unknown = true;
          return 0;
        }
      free (url);
      url = steal (&next);
    }
  ret->more = ret->more || (rc == 0 && url && !*ret_unknown);
  return rc;
}

/* A manifest of the repository, or nothing where there is none. */
static int
read_tag (struct sp_evidence *evidence, const char *tag, struct sp_buf *ret, sigpolicy_error **err)
{
  cleanup_free char *mime = NULL;
  bool absent = false;

  int rc = sp_repository_manifest (evidence->docker->repository, tag, ret, &mime, &absent, err);
  if (rc < 0 && absent)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc;
}

static int
read_tag_index (struct sp_evidence *evidence, struct sp_referrers *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf index = SP_BUF (SP_MANIFEST_BYTES_MAX);
  struct sp_docker *docker = evidence->docker;

  docker->index_tag = tag_of (evidence->digest, "", err);
  int rc = docker->index_tag ? read_tag (evidence, docker->index_tag, &index, err)
                             : SIGPOLICY_E_NO_MEMORY;
  return rc == 0 && index.len ? sp_referrers_parse (sp_buf_view (&index), ret, err) : rc;
}

static int
read_indexes (struct sp_evidence *evidence, struct sp_referrers *ret, sigpolicy_error **err)
{
  bool unknown = false;

  int rc = read_pages (evidence, ret, &unknown, err);
  if (rc == 0 && unknown)
    rc = read_tag_index (evidence, ret, err);
  if (rc == 0 && ret->more)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                       "more than %lu objects, or %lu pages of them, refer to the image",
                       SP_REFERRERS_MAX, SP_REFERRERS_PAGES_MAX);
  return rc < 0 ? sp_error_while (err, "reading what refers to %s", evidence->digest) : 0;
}

int
sp_docker_index (struct sp_evidence *evidence, struct sp_referrers **ret, sigpolicy_error **err)
{
  struct sp_docker *docker = evidence->docker;

  if (!docker->index_once.done)
    {
      docker->index_once.done = true;
      (void)read_indexes (evidence, &docker->index, &docker->index_once.error);
    }
  *ret = &docker->index;
  return docker->index_once.error ? sp_error_copy (docker->index_once.error, err) : 0;
}

int
sp_docker_note_index_tag (struct sp_evidence *evidence, bool failed, sigpolicy_error **err)
{
  const struct sp_docker *docker = evidence->docker;
  if (!docker->index_tag)
    return 0;
  cleanup_free char *where = sp_asprintf (err, "%s:%s", docker->physical->name, docker->index_tag);
  return where ? sp_evidence_note (evidence, where, result_of (failed ? -1 : 0, docker->index.len),
                                   err)
               : SIGPOLICY_E_NO_MEMORY;
}

/* Where it was looked, unless the signatures among it were searched, which is noted already. */
static int
note_indexes (struct sp_evidence *evidence, bool failed, sigpolicy_error **err)
{
  const struct sp_docker *docker = evidence->docker;
  if (docker->setup.bundles || docker->setup.referrers)
    return 0;
  cleanup_free char *where = sp_docker_index_url (evidence, err);
  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  bool by_tag = docker->index_tag;
  int rc = sp_evidence_note (
      evidence, where, result_of (failed && !by_tag ? -1 : 0, by_tag ? 0 : docker->index.len), err);
  return rc < 0 ? rc : sp_docker_note_index_tag (evidence, failed, err);
}

/* --- what they name --------------------------------------------------------------------------- */

/* Some who write an index say of an entry less than its manifest does, or something else. */
static int
look_into (struct sp_evidence *evidence, struct sp_referrer *referrer, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_REFERRER_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_free char *mime = NULL;
  char found[SP_DIGEST_TEXT_SIZE];
  bool absent = false;

  int rc = sp_repository_manifest (evidence->docker->repository, referrer->digest, &manifest, &mime,
                                   &absent, &fault);
  if (rc == 0 && manifest.len <= SP_REFERRER_BYTES_MAX)
    rc = sp_digest_text_like (sp_buf_view (&manifest), sp_view_str (referrer->digest), found,
                              &fault);
  else if (rc == 0)
    rc = SIGPOLICY_E_REJECTED;
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc == 0 && strcmp (found, referrer->digest) == 0)
    return sp_referrer_read_manifest (referrer, sp_buf_view (&manifest), evidence->digest, err);

  if (absent)
    return 0;
  /* What it is stays unknown, and that is told. */
  cleanup_free char *where
      = sp_asprintf (err, "%s@%s", evidence->docker->physical->name, referrer->digest);
  return where ? sp_evidence_note (evidence, where, result_of (-1, 0), err) : SIGPOLICY_E_NO_MEMORY;
}

static int
classify (struct sp_evidence *evidence, struct sp_referrers *referrers, sigpolicy_error **err)
{
  size_t read = 0;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < referrers->len && read < SP_REFERRERS_READ_MAX; i++)
    if (sp_referrer_is_vague (&referrers->items[i]))
      {
        read++;
        rc = look_into (evidence, &referrers->items[i], err);
      }
  return rc;
}

static bool
says_something (const struct sp_referrers *referrers)
{
  for (size_t i = 0; i < referrers->len; i++)
    if (referrers->items[i].known && referrers->items[i].known->needs)
      return true;
  return false;
}

/* Attestations under a tag, which no index names. */
static int
read_attestations (struct sp_evidence *evidence, struct sp_referrers *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  char digest[SP_SHA256_TEXT_SIZE];
  cleanup_free char *tag = tag_of (evidence->digest, ".att", err);
  cleanup_free char *where
      = tag ? sp_asprintf (err, "%s:%s", evidence->docker->physical->name, tag) : NULL;

  if (!where)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = read_tag (evidence, tag, &manifest, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc == 0 && manifest.len)
    {
      rc = sp_sha256_text (sp_buf_view (&manifest), digest, err);
      if (rc == 0)
        rc = sp_referrers_add (ret, sp_view_str (digest),
                               sp_view_str ("application/vnd.dsse.envelope.v1+json"),
                               sp_view_str (""), err);
      if (rc < 0)
        return rc;
    }
  return sp_evidence_note (evidence, where, result_of (rc, manifest.len), err);
}

int
sp_evidence_referrers (struct sp_evidence *evidence, struct sp_referrers *ret,
                       sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_referrers *found = NULL;

  if (!evidence->docker || !evidence->docker->repository || !evidence->digest[0])
    return 0;
  int rc = sp_docker_index (evidence, &found, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  rc = note_indexes (evidence, rc < 0, err);
  if (rc == 0)
    rc = classify (evidence, found, err);
  if (rc == 0 && !says_something (found))
    rc = read_attestations (evidence, found, err);
  if (rc < 0)
    return rc;
  *ret = *found;
  *found = (struct sp_referrers){ 0 };
  return 0;
}

const char *
sp_evidence_repository (const struct sp_evidence *evidence)
{
  return evidence->docker && evidence->docker->physical ? evidence->docker->physical->name : NULL;
}
