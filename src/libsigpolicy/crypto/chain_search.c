/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * The search for a path, step by step as Go's: depth first, anchors before the middle, those whose
 * key identifier matches before the rest, by names that are equal to the byte, and at most so many
 * candidates. So what bounds one bounds the other, and the words for why there is no path are the
 * established ones.
 */
#define CANDIDATES_MAX 100

/* What an authority is called: its common name, its organization, or its serial number. */
static char *
name_of (const struct sp_certificate *certificate, sigpolicy_error **err)
{
  char serial[2 * 32 + 1] = "";
  struct sp_view name
      = certificate->common_name.len ? certificate->common_name : certificate->organization;
  if (name.len)
    return sp_quote_dup (name, err);
  struct sp_view number = sp_view_head (certificate->serial, 32);
  sp_hex ((const unsigned char *)number.data, number.len, serial);
  return sp_asprintf (err, "\"serial:0x%s\"", serial);
}

/* One step up from the end of the path. */
struct step
{
  const struct sp_certificate *child;
  const struct sp_certificate *hint; /* the first candidate that could not be taken, and why */
  sigpolicy_error *hint_why;
  sigpolicy_error *last; /* why the last that has issued the child leads nowhere */
  bool complete;         /* a path was completed from here */
};

static void
step_clear (struct step *step)
{
  sp_error_clear (&step->hint_why);
  sp_error_clear (&step->last);
}

static int
unknown_authority (const struct step *step, sigpolicy_error **err)
{
  static const char text[] = "x509: certificate signed by unknown authority";
  if (!step->hint)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED, "%s", text);
  cleanup_free char *name = name_of (step->hint, err);
  cleanup_free char *quoted
      = name ? sp_quote_dup (sp_view_str (sigpolicy_error_message (step->hint_why)), err) : NULL;
  return quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                                "%s (possibly because of %s while trying to verify candidate "
                                "authority certificate %s)",
                                text, quoted, name)
                : SIGPOLICY_E_NO_MEMORY;
}

/* Everything that is held of a whole path. What the containers image library holds comes first. */
static int
judge (struct sp_path *path, const struct sp_chain_question *question, sigpolicy_error **err)
{
  int rc = sp_path_check_whole (path, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < path->len; i++)
    {
      const char *odd = sp_certificate_odd (path->items[i]);
      if (odd)
        return sp_certificate_stricter (err, odd);
    }
  if (path->len > SP_CERTIFICATE_INTERMEDIATES_MAX + 2)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "a certificate path with more than %d intermediates",
                         SP_CERTIFICATE_INTERMEDIATES_MAX);
  return sp_path_check_by_openssl (path, question->at, err);
}

static int
complete (struct sp_chain_search *search, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *failure = NULL;
  int rc = judge (&search->path, search->question, &failure);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  search->found = rc == 0;
  sigpolicy_error **slot = sp_error_stricter_id (failure) ? &search->stricter : &search->refusal;
  if (rc < 0 && !*slot)
    *slot = steal (&failure);
  return 0;
}

static int climb (struct sp_chain_search *search, bool *ret_complete, sigpolicy_error **ret_why,
                  sigpolicy_error **err);

/* The candidate has issued the last of the path: go on from there. */
static int
follow (struct sp_chain_search *search, struct step *step, const struct sp_certificate *candidate,
        enum sp_path_place place, sigpolicy_error **err)
{
  bool whole = true;

  search->path.items[search->path.len++] = candidate;
  sp_error_clear (&step->last);
  int rc
      = place == SP_PATH_ANCHOR ? complete (search, err) : climb (search, &whole, &step->last, err);
  search->path.len--;
  step->complete = step->complete || whole;
  return rc;
}

static bool
is_over (const struct sp_chain_search *search)
{
  return search->found || search->checks > CANDIDATES_MAX;
}

static int
consider (struct sp_chain_search *search, struct step *step, const struct sp_certificate *candidate,
          enum sp_path_place place, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *failure = NULL;

  if (++search->checks > CANDIDATES_MAX)
    {
      sp_error_clear (&step->last);
      (void)sp_error_set (&step->last, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                          "x509: signature check attempts limit reached while verifying "
                          "certificate chain");
      return 0;
    }
  /* What the key of an odd one may have signed is nothing that we can tell; no path with it is
   * accepted. */
  bool is_unknown = sp_public_key_kind (candidate->key) == SP_KEY_UNKNOWN;
  if ((is_unknown && !sp_certificate_odd (candidate)) || sp_path_has (&search->path, candidate))
    return 0;
  int rc = is_unknown ? 0 : sp_path_check_issuing (step->child, candidate, &failure);
  bool issued = rc == 0;
  if (issued)
    rc = sp_path_check_certificate (candidate, place, search->path.len, search->question, &failure);
  if (rc == 0)
    return follow (search, step, candidate, place, err);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (issued)
    {
      sp_error_clear (&step->last);
      if (sp_error_copy (failure, &step->last) == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
    }
  if (!step->hint)
    {
      step->hint = candidate;
      step->hint_why = steal (&failure);
    }
  return 0;
}

/* How well the key identifiers go together: 0 is best. */
static unsigned
rank (const struct sp_certificate *child, const struct sp_certificate *candidate)
{
  struct sp_view wanted = child->authority_key_id, have = candidate->subject_key_id;
  return sp_view_equal (wanted, have) ? 0 : !wanted.len != !have.len ? 1 : 2;
}

/* The certificates of one kind, as if they were one list. */
static const struct sp_certificate *
candidate_at (const struct sp_chain_question *question, enum sp_path_place place, size_t i)
{
  if (place == SP_PATH_ANCHOR)
    return i < question->anchors->anchors.len ? question->anchors->anchors.items[i] : NULL;
  for (size_t list = 0; list < 2; i -= question->n_intermediates[list++])
    if (i < question->n_intermediates[list])
      return question->intermediates[list]->items[i];
  return NULL;
}

/* Did the same bytes stand there before? */
static bool
is_again (const struct sp_chain_question *question, enum sp_path_place place, size_t i)
{
  struct sp_view der = sp_buf_view (&candidate_at (question, place, i)->der);
  for (size_t j = 0; j < i; j++)
    if (sp_view_equal (sp_buf_view (&candidate_at (question, place, j)->der), der))
      return true;
  return false;
}

static int
climb (struct sp_chain_search *search, bool *ret_complete, sigpolicy_error **ret_why,
       sigpolicy_error **err)
{
  static const enum sp_path_place places[] = { SP_PATH_ANCHOR, SP_PATH_MIDDLE };
  SP_CLEANUP (step_clear)
  struct step step = { .child = search->path.items[search->path.len - 1] };
  const struct sp_certificate *candidate;

  for (size_t p = 0; p < 2; p++)
    for (unsigned wanted = 0; wanted < 3; wanted++)
      for (size_t i = 0; (candidate = candidate_at (search->question, places[p], i)); i++)
        {
          if (!sp_view_equal (candidate->subject, step.child->issuer)
              || rank (step.child, candidate) != wanted || is_again (search->question, places[p], i)
              || is_over (search))
            continue;
          int rc = consider (search, &step, candidate, places[p], err);
          if (rc < 0)
            return rc;
        }
  *ret_complete = step.complete;
  if (step.complete)
    return 0;
  if (!step.last)
    return unknown_authority (&step, ret_why) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err)
                                                                       : 0;
  *ret_why = steal (&step.last);
  return 0;
}

int
sp_chain_search (struct sp_chain_search *search, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *why = NULL;
  bool whole;

  int rc = climb (search, &whole, &why, err);
  if (rc < 0 || search->found)
    return rc;
  *err = steal (search->stricter ? &search->stricter : search->refusal ? &search->refusal : &why);
  return sigpolicy_error_code (*err);
}
