/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_IMAGE_H
#define SP_EVALUATE_IMAGE_H

#include "evaluate/evaluate.h"
#include "evaluate/host.h"
#include "evaluate/request.h"

/* Everything that is said about one image. Owns its trace. */
struct sp_verdict
{
  struct sp_outcome outcome;
  struct sp_request_id id; /* of the line of a batch */
  char *image; /* the name that was asked for, in its canonical spelling where it could be parsed */
  char *reference;   /* the name it was judged by */
  char *identity;    /* "docker:quay.io/ns/app:v1": what scopes were compared with */
  char *digest;      /* of the manifest that was judged */
  char *list_digest; /* of the list it was chosen from, or NULL */
  char *pinned;      /* name@digest; set only when accepted */
  enum sp_role
  {
    SP_ROLE_IMAGE, /* what the name stands for here */
    SP_ROLE_LIST,  /* one of all that a list names: the list itself, */
    SP_ROLE_INSTANCE,
  } role;
  char *platform; /* of an instance: "linux/arm64/v8", "" where the list does not say; else NULL */
  struct sp_policy
      *policy; /* a reference; NULL when it could not be loaded, or for --insecure-policy */
  struct sp_trace *trace; /* NULL when it did not come to an evaluation */
  struct
  {
    char *where;
    const char *result;
  } * looked_at;
  size_t n_looked_at;
  struct sp_strv warnings;
  sp_time time;
};

void sp_verdict_free (struct sp_verdict *verdict);

SP_DEFINE_CLEANUP (struct sp_verdict *, sp_verdict_free);
#define cleanup_verdict SP_CLEANUP (sp_verdict_free_p)

/*
 * Judge one image, start to finish. A digest in the name is checked against the bytes before
 * anything else, whatever the policy says. Every failure is an answer, "no"; negative is returned
 * only for NO_MEMORY.
 */
int sp_image_judge (struct sp_host *host, const struct sp_request *request, struct sp_verdict **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is given a verdict; anything but 0 ends the rest. */
typedef int sp_verdict_function (const struct sp_verdict *verdict, void *data);

/* The same for a list and for each image that it names, in its order, one by one; where it is no
 * list, for the image. The list is read once, and all that comes with it is shared. */
int sp_image_judge_all (struct sp_host *host, const struct sp_request *request,
                        sp_verdict_function *take, void *data,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The evidence for a request without judging it, and the names: what `signatures` lists. ret_image
 * is the name it goes by. Warnings about the name are added to warnings.
 */
int sp_image_gather (struct sp_host *host, const struct sp_request *request,
                     struct sp_image_name **ret_image, struct sp_evidence **ret_evidence,
                     struct sp_strv *warnings, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Parse an image name as the verbs take it: of a docker:// name with tag and digest the tag is
 * dropped, with a warning, as podman does. A name without a transport is refused with the spelling
 * that was probably meant; one without a registry, with those that registries.conf has for it.
 */
int sp_image_parse (struct sp_host *host, const char *text, struct sp_image_name **ret,
                    struct sp_strv *warnings, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
