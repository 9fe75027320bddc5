/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_VERDICT_H
#define SP_ASK_VERDICT_H

#include "ask/facts.h"
#include "ask/reading.h"
#include "ask/request.h"
#include "evaluate/trace.h"

/* Everything that is said about one image. Owns its trace. */
struct sp_verdict
{
  struct sp_outcome outcome;
  char *image; /* the name that was asked for, in its canonical spelling where it could be parsed */
  char *reference;     /* the name it was judged by */
  char *identity;      /* "docker:quay.io/ns/app:v1": what scopes were compared with */
  char *digest;        /* of the manifest that was judged */
  char *artifact_type; /* of what is no image; else NULL */
  char *list_digest;   /* of the list it was chosen from, or NULL */
  char *pinned;        /* name@digest; set only when accepted */
  enum sp_role
  {
    SP_ROLE_IMAGE, /* what the name stands for here */
    SP_ROLE_LIST,  /* one of all that a list names: the manifest list, */
    SP_ROLE_INSTANCE,
  } role;
  char *platform; /* of an instance: "linux/arm64/v8", "" where the list does not say; else NULL */
  struct sp_policy
      *policy;    /* a reference; NULL when it could not be loaded, or for --insecure-policy */
  char *key_path; /* the policy asks for this one key alone, and is in no file; or NULL */
  struct sp_reading reading; /* how it was found, with what goes with it */
  char *sandbox;             /* what confined this process, words; NULL: not said */
  struct sp_trace *trace;    /* NULL when it did not come to an evaluation */
  struct
  {
    char *where;
    const char *result;
  } * looked_at;
  size_t n_looked_at;
  struct sp_strv warnings;
  struct sp_facts facts; /* where the answer is that there is no signature */
  sp_time time;
};

void sp_verdict_free (struct sp_verdict *verdict);

SP_DEFINE_CLEANUP (struct sp_verdict *, sp_verdict_free);
#define cleanup_verdict SP_CLEANUP (sp_verdict_free_p)

#endif
