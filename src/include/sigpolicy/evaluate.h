/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_EVALUATE_H
#define SIGPOLICY_EVALUATE_H

/** @file May this image be used? A request goes in, a verdict comes out. */

#include <sigpolicy/context.h>
#include <sigpolicy/verdict.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /** What is to be verified. One thread at a time. */
  typedef struct sigpolicy_request sigpolicy_request;

  /** An empty request, freed with sigpolicy_request_free(). Returns 0 or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_request_new (sigpolicy_request **ret_request,
                                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC void sigpolicy_request_free (sigpolicy_request *request);

  /** The image, as containers-transports(5) names it: "dir:/path". It is parsed when it is
   * verified. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_request_set_image (sigpolicy_request *request, const char *name,
                                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * The name that the policy is applied to, "docker://quay.io/ns/app:v1": required with a manifest
   * that is given as bytes; for an image, it replaces the image's own name. A digest in it must be
   * that of the bytes. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_request_set_reference (sigpolicy_request *request,
                                                        const char *name,
                                                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * An image of podman's storage, by a name in the storage: in the image's own record, in that of a
   * manifest list that has the image, or in that of a container that was created from it. Use it
   * instead of sigpolicy_request_set_image() and sigpolicy_request_set_reference(). If the name is
   * invalid, the image is rejected.
   *
   * @param store      as sigpolicy_store_open() takes it, or NULL
   * @param id         of the image, as the store's records have it
   * @param name       any text; NULL for an image without a name, which is verified as it is stored
   * @param as_stored  nonzero: apply the policy to the name in the storage; else to docker://NAME
   * @return 0, E_USAGE for an argument that is NULL, or E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_request_set_stored (sigpolicy_request *request, const char *store,
                                                     const char *id, const char *name,
                                                     int as_stored,
                                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * Require this digest of the manifest. An image on a registry is fetched by it, whatever its tag
   * means by then; the policy is still applied to the image's own name, with its tag. NULL: require
   * none.
   *
   * @return 0, or E_NO_MEMORY; an invalid digest is an error of the verdict. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_request_set_digest (sigpolicy_request *request, const char *digest,
                                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /**
   * A manifest that is given, instead of an image. At most 4 MiB; the bytes are copied. label is
   * for messages. A file is read when the image is verified, so a missing file gives a verdict; "-"
   * is standard input.
   *
   * @return 0; E_REJECTED for more bytes than that; E_NO_MEMORY. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_request_set_manifest (sigpolicy_request *request,
                                                       const void *bytes, size_t size,
                                                       const char *label,
                                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC int
  sigpolicy_request_set_manifest_file (sigpolicy_request *request, const char *path,
                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A stored signature that is given, of any format, at most 4 MiB and 127 of them; otherwise as
   * for the manifest. Since: 0.1. */
  SIGPOLICY_PUBLIC int sigpolicy_request_add_signature (sigpolicy_request *request,
                                                        const void *bytes, size_t size,
                                                        const char *label,
                                                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
  SIGPOLICY_PUBLIC int
  sigpolicy_request_add_signature_file (sigpolicy_request *request, const char *path,
                                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** A directory with signature-1, signature-2, ... until the first that is missing. Since: 0.1. */
  SIGPOLICY_PUBLIC int
  sigpolicy_request_set_signature_dir (sigpolicy_request *request, const char *path,
                                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** On: the signatures in the request, which may be none, are all there are. The library does not
   * search the lookaside, the image or its registry for others. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_request_set_all_signatures (sigpolicy_request *request, int on);

  /**
   * A request that somebody wrote: an image name, or a JSON object of sigpolicy-request/1 with
   * "image" (and perhaps "reference"), or with "manifest", "reference" and "signatures" (a list of
   * files) or "signature_dir"; and "id". Any other text gives a request, too, whose verdict says
   * what is wrong with it. At most 1 MiB.
   *
   * @param ret_request  receives the request, freed with sigpolicy_request_free()
   * @return 0, or E_NO_MEMORY. Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_request_parse (const void *text, size_t size,
                                                sigpolicy_request **ret_request,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** The "id" of a request that was parsed, as JSON that can be written as it is: a string or an
   * integer; NULL where it has none. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_request_id (const sigpolicy_request *request);

  /** On: the caller needs name@digest, so an image without a docker name is a usage error.
   * Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_request_set_needs_pin (sigpolicy_request *request, int on);

  /**
   * Verify an image. The answer is in the verdict, never in the return code: for a policy that
   * cannot be read, or an image that does not exist, there is a verdict, too: rejected, with the
   * reason.
   *
   * @param ret_verdict  receives the verdict, freed with sigpolicy_verdict_free(); untouched on
   * failure
   * @return 0 when there is a verdict; E_NO_MEMORY, or E_USAGE for NULL where something is needed
   *
   * Threads: one per context. Spec: containers-policy.json(5), containers-signature(5). Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_evaluate (sigpolicy_context *context,
                                           const sigpolicy_request *request,
                                           sigpolicy_verdict **ret_verdict,
                                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Receives one of several verdicts, which is valid until the function returns. It must not use
   * the context. If it returns anything but 0, no more verdicts follow. Since: 0.1. */
  typedef int sigpolicy_verdict_function (const sigpolicy_verdict *verdict, void *data);

  /**
   * Verify a manifest list and each image in it: first the list itself
   * (sigpolicy_verdict_is_list()), which other programs than podman verify, then its images in the
   * list's order (sigpolicy_verdict_platform()). An image that is not a list is verified as by
   * sigpolicy_evaluate(). The list is read once; each image has the time limit of one image.
   *
   * @param take  receives each verdict as soon as it is final
   * @return 0 after the last verdict, or when take ended it; E_NO_MEMORY, or E_USAGE for NULL
   *
   * Threads: one per context. Spec: containers-policy.json(5). Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_evaluate_all (sigpolicy_context *context,
                                               const sigpolicy_request *request,
                                               sigpolicy_verdict_function *take, void *data,
                                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
