/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/implies.h"

#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "openpgp/key_facts.h"
#include "util/alloc.h"
#include "util/fs.h"
#include "util/limits.h"

#include <search.h>

/* --- what key files hold ---------------------------------------------------------------------- */

struct key_content
{
  const struct sp_key_source *source;
  char digest[72];                        /* "" for a file that cannot be read */
  bool is_gpg, is_public, is_certificate; /* what it can be used as */
};

/* A tree of them, by path; sources are borrowed from the policies. */
struct sp_key_contents
{
  void *root;
};

int
sp_key_contents_new (struct sp_key_contents **ret, sigpolicy_error **err)
{
  *ret = sp_calloc (1, sizeof **ret, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

void
sp_key_contents_free (struct sp_key_contents *contents)
{
  if (!contents)
    return;
  tdestroy (contents->root, free);
  free (contents);
}

static struct sp_view
path_of (const struct sp_key_source *source)
{
  return sp_view_n (source->path, source->path_len);
}

static int
by_path (const void *one, const void *other)
{
  const struct key_content *a = one, *b = other;
  return sp_view_compare (path_of (a->source), path_of (b->source));
}

/* What bytes can be used as. */
static int
find_uses (struct sp_view bytes, struct key_content *content, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_gpg = NULL, *no_key = NULL, *no_certificates = NULL;
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  cleanup_public_key struct sp_public_key *key = NULL;
  cleanup_certificates struct sp_certificates certificates = { 0 };

  int rc = sp_openpgp_key_facts (bytes, &facts, &no_gpg);
  content->is_gpg = rc == 0 && facts.len > 0;
  if (rc != SIGPOLICY_E_NO_MEMORY)
    rc = sp_public_key_from_pem (bytes, &key, &no_key);
  content->is_public = rc == 0;
  if (rc != SIGPOLICY_E_NO_MEMORY)
    rc = sp_certificates_scan (bytes, &certificates, &no_certificates);
  content->is_certificate = rc == 0 && certificates.len > 0;
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* What a file holds, borrowed. */
static int
content_of (struct sp_key_contents *contents, const struct sp_key_source *source,
            const struct key_content **ret, sigpolicy_error **err)
{
  struct key_content sought = { .source = source };
  struct key_content *const *found = tfind (&sought, &contents->root, by_path);

  if (!found)
    {
      cleanup_error sigpolicy_error *unreadable = NULL;
      cleanup_buf struct sp_buf bytes = SP_BUF (SP_KEY_BYTES_MAX);
      cleanup_free struct key_content *content = sp_calloc (1, sizeof *content, err);
      if (!content)
        return SIGPOLICY_E_NO_MEMORY;
      content->source = source;
      if (strlen (source->path) == source->path_len
          && sp_fs_read (source->path, &bytes, &unreadable) == 0)
        {
          int rc = sp_sha256_text (sp_buf_view (&bytes), content->digest, err);
          if (rc == 0)
            rc = find_uses (sp_buf_view (&bytes), content, err);
          if (rc < 0)
            return rc;
        }
      found = tsearch (content, &contents->root, by_path);
      if (!found)
        return sp_error_no_memory (err);
      (void)steal (&content);
    }
  *ret = *found;
  return 0;
}

static int
same_key (const struct sp_key_source *one, const struct sp_key_source *other,
          struct sp_key_contents *contents, bool *ret, sigpolicy_error **err)
{
  char digests[2][72] = { "", "" };
  const struct sp_key_source *sources[2] = { one, other };

  *ret = one->path && other->path ? sp_view_equal (path_of (one), path_of (other))
         : !one->path && !other->path
             ? sp_view_equal (sp_buf_view (&one->data), sp_buf_view (&other->data))
             : false;
  if (*ret || (!one->path && !other->path))
    return 0;
  for (size_t i = 0; i < 2; i++)
    {
      const struct key_content *content = NULL;
      int rc = sources[i]->path ? content_of (contents, sources[i], &content, err)
                                : sp_sha256_text (sp_buf_view (&sources[i]->data), digests[i], err);
      if (rc < 0)
        return rc;
      if (content)
        memcpy (digests[i], content->digest, sizeof digests[i]);
    }
  *ret = digests[0][0] && strcmp (digests[0], digests[1]) == 0;
  return 0;
}

/* Is each of these keys one of those? */
static int
are_keys_of (const struct sp_key_sources *these, const struct sp_key_sources *those,
             struct sp_key_contents *contents, bool *ret, sigpolicy_error **err)
{
  for (size_t i = 0; i < these->len; i++)
    {
      bool found = false;
      for (size_t j = 0; j < those->len && !found; j++)
        {
          int rc = same_key (&these->items[i], &those->items[j], contents, &found, err);
          if (rc < 0)
            return rc;
        }
      if (!found)
        {
          *ret = false;
          return 0;
        }
    }
  *ret = true;
  return 0;
}

/* --- keys as they are ------------------------------------------------------------------------- */

enum use
{
  GPG,
  PUBLIC_KEY,
  CERTIFICATES,
};

/* One that cannot be read is not usable; of those by GPG, one that holds keys is enough. */
static int
are_usable (const struct sp_key_sources *sources, enum use use, struct sp_key_contents *contents,
            bool *ret, sigpolicy_error **err)
{
  bool any = use != GPG || !sources->len;

  for (size_t i = 0; *ret && i < sources->len; i++)
    {
      const struct key_content *content = NULL;
      struct key_content inline_content = { .digest = "-" };
      int rc = sources->items[i].path
                   ? content_of (contents, &sources->items[i], &content, err)
                   : find_uses (sp_buf_view (&sources->items[i].data), &inline_content, err);
      if (rc < 0)
        return rc;
      content = content ? content : &inline_content;
      any = any || content->is_gpg;
      *ret = content->digest[0]
             && (use == GPG          ? true
                 : use == PUBLIC_KEY ? content->is_public
                                     : content->is_certificate);
    }
  *ret = *ret && any;
  return 0;
}

static int
has_usable_keys (const struct sp_requirement *requirement, struct sp_key_contents *contents,
                 bool *ret, sigpolicy_error **err)
{
  const struct
  {
    const struct sp_key_sources *sources;
    enum use use;
  } all[] = {
    { &requirement->keys, requirement->type == SP_REQUIREMENT_SIGNED_BY ? GPG : PUBLIC_KEY },
    { &requirement->rekor_keys, PUBLIC_KEY },
    { requirement->fulcio ? &requirement->fulcio->ca : NULL, CERTIFICATES },
    { requirement->pki ? &requirement->pki->roots : NULL, CERTIFICATES },
    { requirement->pki ? &requirement->pki->intermediates : NULL, CERTIFICATES },
  };
  int rc = 0;

  *ret = true;
  for (size_t i = 0; rc == 0 && *ret && i < sizeof all / sizeof *all; i++)
    if (all[i].sources)
      rc = are_usable (all[i].sources, all[i].use, contents, ret, err);
  return rc;
}

/* --- requirements ----------------------------------------------------------------------------- */

static bool
same_text (const char *one, const char *other)
{
  return strcmp (one ? one : "", other ? other : "") == 0;
}

static bool
identity_implies (const struct sp_identity *one, const struct sp_identity *other)
{
  if (one->type == other->type)
    switch (one->type)
      {
      case SP_IDENTITY_MATCH_EXACT:
      case SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT:
      case SP_IDENTITY_MATCH_REPOSITORY:
        return true;
      case SP_IDENTITY_EXACT_REFERENCE:
      case SP_IDENTITY_EXACT_REPOSITORY:
        return strcmp (one->reference->string, other->reference->string) == 0;
      case SP_IDENTITY_REMAP:
        return same_text (one->prefix, other->prefix)
               && same_text (one->signed_prefix, other->signed_prefix);
      }
  /* The three that go by the image's own name, from strict to lenient. */
  if (one->type <= SP_IDENTITY_MATCH_REPOSITORY && other->type <= SP_IDENTITY_MATCH_REPOSITORY)
    return one->type < other->type;
  return one->type == SP_IDENTITY_EXACT_REFERENCE && other->type == SP_IDENTITY_EXACT_REPOSITORY
         && strcmp (one->reference->name, other->reference->name) == 0;
}

static int
fulcio_implies (const struct sp_fulcio *one, const struct sp_fulcio *other,
                struct sp_key_contents *contents, bool *ret, sigpolicy_error **err)
{
  *ret = same_text (one->oidc_issuer, other->oidc_issuer)
         && same_text (one->subject_email, other->subject_email);
  return *ret ? are_keys_of (&one->ca, &other->ca, contents, ret, err) : 0;
}

/* One that names e-mail and host name is stricter than one that names either. */
static int
pki_implies (const struct sp_pki *one, const struct sp_pki *other, struct sp_key_contents *contents,
             bool *ret, sigpolicy_error **err)
{
  *ret
      = (!other->subject_email || same_text (one->subject_email, other->subject_email))
        && (!other->subject_hostname || same_text (one->subject_hostname, other->subject_hostname));
  int rc = *ret ? are_keys_of (&one->roots, &other->roots, contents, ret, err) : 0;
  return rc == 0 && *ret
             ? are_keys_of (&one->intermediates, &other->intermediates, contents, ret, err)
             : rc;
}

static int
signer_implies (const struct sp_requirement *one, const struct sp_requirement *other,
                struct sp_key_contents *contents, bool *ret, sigpolicy_error **err)
{
  *ret = false;
  if (!one->fulcio != !other->fulcio || !one->pki != !other->pki)
    return 0;
  if (one->fulcio)
    return fulcio_implies (one->fulcio, other->fulcio, contents, ret, err);
  if (one->pki)
    return pki_implies (one->pki, other->pki, contents, ret, err);
  return are_keys_of (&one->keys, &other->keys, contents, ret, err);
}

/* Both ask for a signature. */
static int
requirement_implies (const struct sp_requirement *one, const struct sp_requirement *other,
                     struct sp_key_contents *contents, bool *ret, sigpolicy_error **err)
{
  *ret = one->type == other->type && identity_implies (&one->identity, &other->identity)
         && (!other->rekor_keys.len || one->rekor_keys.len);
  int rc = *ret ? signer_implies (one, other, contents, ret, err) : 0;
  return rc == 0 && *ret && other->rekor_keys.len
             ? are_keys_of (&one->rekor_keys, &other->rekor_keys, contents, ret, err)
             : rc;
}

bool
sp_requirements_accept_anything (const struct sp_requirements *requirements)
{
  for (size_t i = 0; i < requirements->len; i++)
    if (requirements->items[i].type != SP_REQUIREMENT_ACCEPT)
      return false;
  return requirements->len > 0;
}

/* One requirement that lets nothing through is enough. */
bool
sp_requirements_always_reject (const struct sp_requirements *requirements)
{
  for (size_t i = 0; i < requirements->len; i++)
    if (requirements->items[i].type != SP_REQUIREMENT_ACCEPT
        && !sp_requirement_needs_signature (&requirements->items[i]))
      return true;
  return false;
}

static int
imply (const struct sp_requirements *one, const struct sp_requirements *other,
       struct sp_key_contents *contents, bool *ret, sigpolicy_error **err)
{
  *ret = sp_requirements_always_reject (one);
  if (*ret || sp_requirements_always_reject (other))
    return 0;
  for (size_t i = 0; i < other->len; i++)
    {
      bool implied = other->items[i].type == SP_REQUIREMENT_ACCEPT;
      for (size_t j = 0; j < one->len && !implied; j++)
        {
          int rc = one->items[j].type == SP_REQUIREMENT_ACCEPT
                       ? 0
                       : requirement_implies (&one->items[j], &other->items[i], contents, &implied,
                                              err);
          if (rc < 0)
            return rc;
        }
      if (!implied)
        return 0;
    }
  *ret = true;
  return 0;
}

/* Does a requirement let nothing through for a key that is missing or no key? */
static int
lacks_keys (const struct sp_requirements *requirements, struct sp_key_contents *contents, bool *ret,
            sigpolicy_error **err)
{
  bool usable = true;
  int rc = 0;

  for (size_t i = 0; rc == 0 && usable && i < requirements->len; i++)
    if (sp_requirement_needs_signature (&requirements->items[i]))
      rc = has_usable_keys (&requirements->items[i], contents, &usable, err);
  *ret = !usable;
  return rc;
}

/* Where a key is missing on one side alone, that side lets nothing through. Where one is on both,
 * as on a host that has none of the keys, or the other side rejects whatever the keys are, the two
 * are compared as if they were there: what changes once they are is not to be missed. */
int
sp_requirements_compare (const struct sp_requirements *before, const struct sp_requirements *after,
                         struct sp_key_contents *contents, sigpolicy_change *ret,
                         sigpolicy_error **err)
{
  bool no_looser = false, no_stricter = false, was_dead = false, is_dead = false;

  int rc = lacks_keys (before, contents, &was_dead, err);
  if (rc == 0)
    rc = lacks_keys (after, contents, &is_dead, err);
  if (rc == 0)
    rc = imply (after, before, contents, &no_looser, err);
  if (rc == 0)
    rc = imply (before, after, contents, &no_stricter, err);
  if (rc == 0 && was_dead != is_dead && !sp_requirements_always_reject (was_dead ? after : before))
    {
      no_looser = is_dead;
      no_stricter = was_dead;
    }
  *ret = no_looser ? (no_stricter ? SIGPOLICY_CHANGE_NONE : SIGPOLICY_CHANGE_STRICTER)
                   : (no_stricter ? SIGPOLICY_CHANGE_LOOSER : SIGPOLICY_CHANGE_DIFFERENT);
  return rc;
}
