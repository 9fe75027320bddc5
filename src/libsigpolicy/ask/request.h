/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_REQUEST_H
#define SP_ASK_REQUEST_H

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

/* A manifest or a stored signature: bytes under a label, or a file that is read when the
 * image is judged ("-" is standard input). */
struct sp_request_file
{
  char *label; /* the path, for a file */
  bool is_given;
  struct sp_buf bytes;
};

/* One image to be judged: a name to gather evidence from, or the evidence itself. */
struct sp_request
{
  char *id;               /* what its sender calls it, as JSON: a string or an integer; or NULL */
  sigpolicy_error *fault; /* what is wrong with the request itself: the whole answer */
  char *image;            /* "dir:PATH"; NULL when manifest and signatures are given */
  char *reference; /* "docker://NAME" it is judged by; needed without image, optional with it */
  enum sp_request_stored
  {
    SP_REQUEST_NOT_STORED,
    SP_REQUEST_AS_PULLED, /* the image is one of podman's storage, and the reference a name there */
    SP_REQUEST_AS_STORED,
  } stored;
  char *digest;   /* that the manifest must have; an image on a registry is fetched by it */
  bool needs_pin; /* the answer must be a name with a digest: an image without a docker name is a
                     usage error */
  bool has_manifest;
  struct sp_request_file manifest;
  struct sp_request_file *signatures;
  size_t n_signatures, signatures_capacity;
  char *signature_dir;
  bool has_all_signatures; /* none is looked for beside these */
};

int sp_request_new (struct sp_request **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_request_free (struct sp_request *request);

SP_DEFINE_CLEANUP (struct sp_request *, sp_request_free);
#define cleanup_request SP_CLEANUP (sp_request_free_p)

/* An image of podman's storage under a name there, which may be NULL. */
int sp_request_set_stored (struct sp_request *request, const char *store, const char *id,
                           const char *name, bool as_stored,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Set the manifest, or add a signature, under a label or path. bytes are taken over, NULL makes it
 * a file that is read later. Failure: NO_MEMORY, what sticks to the buffer, REJECTED/limit. */
int sp_request_set_manifest (struct sp_request *request, const char *label, struct sp_buf *bytes,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_request_add_signature (struct sp_request *request, const char *label, struct sp_buf *bytes,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What somebody wrote: an image name, or a JSON object of
 *   id         a string or an integer
 *   image      an image name, and perhaps reference, the docker:// name that it is judged by
 *   manifest   a file, signatures, a list of files, or signature_dir, and reference
 * What is none of these becomes a request with a fault, which is the answer to it: a request comes
 * of any bytes. Negative is returned only for NO_MEMORY.
 */
int sp_request_parse (struct sp_view text, struct sp_request **ret,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
