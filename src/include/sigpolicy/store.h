/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_STORE_H
#define SIGPOLICY_STORE_H

/** @file What is in podman's storage: its images and its containers. Nothing is written there. */

#include <sigpolicy/context.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

/** What is read when a store is opened; or both. */
#define SIGPOLICY_STORE_IMAGES     1U
#define SIGPOLICY_STORE_CONTAINERS 2U

  /** The records of a store as they were when it was opened. Any number of threads may look. */
  typedef struct sigpolicy_store sigpolicy_store;

  /**
   * Open a store and read its records: those of its images as they are at one moment, and those of
   * its containers. A lock is held for as long as that takes, and is waited for up to ten seconds.
   *
   * @param name       which store, as it stands in the name of an image: "[driver@graphroot]",
   *                   "[graphroot]", "[driver@graphroot+runroot:option,option]". NULL or "": the
   * one that podman would use, by containers-storage.conf(5)
   * @param flags      SIGPOLICY_STORE_IMAGES, SIGPOLICY_STORE_CONTAINERS, or both
   * @param ret_store  receives the store, freed with sigpolicy_store_free()
   * @return 0; E_USAGE for another name; E_CONFIG for a storage.conf that cannot be used;
   * E_NOT_FOUND when there is no such directory; E_UNAVAILABLE; E_REJECTED with reason "limit";
   * E_NO_MEMORY
   *
   * Threads: one per context. Spec: containers-storage.conf(5), containers-transports(5). Since:
   * 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_store_open (sigpolicy_context *context, const char *name,
                                             unsigned flags, sigpolicy_store **ret_store,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Release a store with all that was got from it; NULL is allowed. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_store_free (sigpolicy_store *store);

  /** Its driver, its graph root, and the storage.conf that was read to find it, or NULL. Since:
   * 0.1.
   */
  SIGPOLICY_PUBLIC const char *sigpolicy_store_driver (const sigpolicy_store *store);
  SIGPOLICY_PUBLIC const char *sigpolicy_store_root (const sigpolicy_store *store);
  SIGPOLICY_PUBLIC const char *sigpolicy_store_file (const sigpolicy_store *store);

  /** An image. "containers-storage:" and the store's name, "@" and id name it for
   * sigpolicy_request_set_image(). */
  typedef struct
  {
    const char *id;           /* 64 hexadecimal digits */
    const char *digest;       /* of the manifest it was pulled with, as podman noted it; or NULL */
    const char *const *names; /* any text, mostly full references with a tag or a digest */
    size_t n_names;
    const char *const *digests; /* of all its manifests, also of the list it was chosen from */
    size_t n_digests;
    const char *root; /* where it is: the graph root, or an additional store */
    /** A list that was made on this host ("podman manifest create"): nothing of what it names is
     * kept with it. What is started by its names are other images of the store. */
    int is_list;
    const char *const *starts; /* the IDs of those that are there */
    size_t n_starts;
  } sigpolicy_stored_image;

  /** Image number, from 0, in the order of the store; NULL: there is none. An image that is in
   * several directories of a store is there once, unless an additional one has names of its own for
   * it. Since: 0.1. */
  SIGPOLICY_PUBLIC const sigpolicy_stored_image *
  sigpolicy_store_image (const sigpolicy_store *store, size_t number);

  /** A container. */
  typedef struct
  {
    const char *id;
    const char *const *names;
    size_t n_names;
    const char *image_id;   /* NULL: it has no image, but a directory */
    const char *image_name; /* what it was created from, as podman noted it; or NULL */
    int is_build; /* an image is being built in it, of buildah or "podman build": nobody runs it */
    const char *layer; /* the layer that is its root directory, or NULL */
  } sigpolicy_stored_container;

  /** Entries of a store without an image to verify. */
  typedef enum
  {
    SIGPOLICY_STORED_NO_IMAGE, /**< a container without an image: the infra container of a pod, or
                                    one that was made from a directory */
    SIGPOLICY_STORED_BUILD,    /**< a container in which a build is at work */
    SIGPOLICY_STORED_LIST,     /**< a list none of whose images is there */
  } sigpolicy_stored_kind;

  /** "no-image", "build", "list"; and the same in a sentence. Never NULL. Since: 0.1. */
  SIGPOLICY_PUBLIC const char *sigpolicy_stored_kind_name (sigpolicy_stored_kind kind);
  SIGPOLICY_PUBLIC const char *sigpolicy_stored_kind_words (sigpolicy_stored_kind kind);

  /**
   * Write one line of JSON about an entry that was not verified, and why: sigpolicy-stored/1.
   *
   * @param id    as verdicts of the same store have it
   * @param line  its number among them, from 1
   * @param name  its name, any text, or NULL
   * @return 0, or E_NO_MEMORY; *ret_text is to free(). Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_stored_format (sigpolicy_stored_kind kind, const char *id,
                                                size_t line, const char *name, char **ret_text,
                                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Container number, from 0; NULL: there is none. Since: 0.1. */
  SIGPOLICY_PUBLIC const sigpolicy_stored_container *
  sigpolicy_store_container (const sigpolicy_store *store, size_t number);

#ifdef __cplusplus
}
#endif

#endif
