/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EVALUATE_REQUEST_H
#define SP_EVALUATE_REQUEST_H

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

/* A manifest or a stored signature: bytes in hand under a label, or a file that is read when the
 * image is judged ("-" is standard input). */
struct sp_request_file
{
  char *label; /* the path, for a file */
  bool in_hand;
  struct sp_buf bytes;
};

/* What the sender of a batch calls one of its lines, given back with the answer. */
struct sp_request_id
{
  enum sp_request_id_type
  {
    SP_REQUEST_ID_NONE,
    SP_REQUEST_ID_TEXT,
    SP_REQUEST_ID_NUMBER,
  } type;
  char *text;
  size_t text_len;
  int64_t number;
  size_t line; /* from 1; 0 where there is no batch */
};

int sp_request_id_copy (struct sp_request_id *to, const struct sp_request_id *from,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_request_id_clear (struct sp_request_id *id);

/* One image to be judged: a name to gather evidence from, or the evidence itself. */
struct sp_request
{
  struct sp_request_id id;
  sigpolicy_error *fault; /* what is wrong with the request itself: the whole answer */
  char *image;            /* "dir:PATH"; NULL when manifest and signatures are in hand */
  char *reference; /* "docker://NAME" it is judged by; needed without image, optional with it */
  bool needs_pin;  /* the answer must be a name with a digest: an image without a docker name is a
                      usage error */
  bool has_manifest;
  struct sp_request_file manifest;
  struct sp_request_file *signatures;
  size_t n_signatures, signatures_capacity;
  char *signature_dir;
};

int sp_request_new (struct sp_request **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_request_free (struct sp_request *request);

SP_DEFINE_CLEANUP (struct sp_request *, sp_request_free);
#define cleanup_request SP_CLEANUP (sp_request_free_p)

/* Set the manifest, or add a signature, under a label or path. bytes are taken over, NULL makes it
 * a file that is read later. Failure: NO_MEMORY, what sticks to the buffer, REJECTED/limit. */
int sp_request_set_manifest (struct sp_request *request, const char *label, struct sp_buf *bytes,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_request_add_signature (struct sp_request *request, const char *label, struct sp_buf *bytes,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * One line of a batch: an image name, or a JSON object of
 *   id         a string or an integer
 *   image      an image name, and perhaps reference, the docker:// name that it is judged by
 *   manifest   a file, signatures, a list of files, or signature_dir, and reference
 * A line that is none of these becomes a request with a fault, which is the answer to it: a request
 * comes of any bytes. Negative is returned only for NO_MEMORY.
 */
int sp_request_parse_line (struct sp_view text, size_t line, struct sp_request **ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
