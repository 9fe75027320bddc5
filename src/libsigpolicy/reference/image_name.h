/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REFERENCE_IMAGE_NAME_H
#define SP_REFERENCE_IMAGE_NAME_H

#include "reference/reference.h"
#include "util/alloc.h"

/* In the order of their names; sp_transport_name() gives those. */
enum sp_transport
{
  SP_TRANSPORT_ATOMIC,
  SP_TRANSPORT_CONTAINERS_STORAGE,
  SP_TRANSPORT_DIR,
  SP_TRANSPORT_DOCKER,
  SP_TRANSPORT_DOCKER_ARCHIVE,
  SP_TRANSPORT_DOCKER_DAEMON,
  SP_TRANSPORT_OCI,
  SP_TRANSPORT_OCI_ARCHIVE,
  SP_TRANSPORT_OSTREE,
  SP_TRANSPORT_SIF,
  SP_TRANSPORT_TARBALL,
};
#define SP_TRANSPORTS 11

/* "docker", "dir" ...: as policy.json spells it. */
const char *sp_transport_name (enum sp_transport transport);

/* Finds a transport by its exact name. */
bool sp_transport_find (struct sp_view name, enum sp_transport *ret);

/*
 * An image name, transport:details of containers-transports(5), immutable, with all that a policy
 * asks of it: the identity and the namespaces in search order of containers-policy.json(5), most
 * specific first, without "".
 */
struct sp_image_name
{
  enum sp_transport transport;
  char *text;     /* canonical spelling, "docker://busybox:latest" */
  char *identity; /* "" where the transport has none */
  struct sp_strv namespaces;
  struct sp_reference *reference; /* the docker reference, with default tag, or NULL */
  char *path;                     /* the path as it was given, for transports of files, else NULL */
  char *selector;                 /* image name or "@N" within an oci layout or archive, or NULL */
};

/*
 * Parse a name. Relative paths are resolved against the working directory; symlinks are followed on
 * disk (dir, sif, oci, oci-archive); tarball files must be openable. Failures: USAGE/usage with the
 * established texts; NOT_FOUND or UNAVAILABLE where a path cannot be resolved.
 */
int sp_image_name_parse (struct sp_view text, struct sp_image_name **ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The index-th scope of a policy's search, from 0: the identity, the namespaces, "" for the whole
 * transport; NULL behind the last. This is the order, for whoever searches or shows the search. */
const char *sp_image_name_scope (const struct sp_image_name *name, size_t index);

/* A docker:// name for a reference that has a tag or a digest, not both. */
int sp_image_name_from_reference (const struct sp_reference *reference, struct sp_image_name **ret,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The identity and namespaces of a docker reference by themselves, for registries.d too: identity
 * is written to the front of the list. */
int sp_image_name_scopes (const struct sp_reference *reference, struct sp_strv *ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The scopes that are searched after this one, for every image that it applies to: nearest first,
 * without "". scope is one of a policy, of any bytes.
 */
int sp_scope_parents (enum sp_transport transport, struct sp_view scope, struct sp_strv *ret,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where the name of an image in podman's storage says that its store is, [driver@graphroot+runroot:
 * options]; members are NULL where it says nothing. */
struct sp_store_name
{
  char *driver, *graph_root, *run_root, *options;
};

/* The drivers that there are, by the names of their directories. */
extern const char *const sp_store_drivers[];
extern const size_t sp_n_store_drivers;
bool sp_store_driver_is_known (const char *driver);

/*
 * The options of a store, with commas between: each must be one that the storage library takes,
 * with such a value, or the name is none (USAGE). take, which may be NULL, is given those that are
 * for this driver; a key is in any case.
 */
typedef int sp_store_option_function (struct sp_view key, struct sp_view value, void *data,
                                      sigpolicy_error **err);
int sp_store_options_walk (const char *options, const char *driver, sp_store_option_function *take,
                           void *data, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Take the store off the front of what stands behind "containers-storage:". */
int sp_store_name_parse (struct sp_view *details, struct sp_store_name *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_store_name_clear (struct sp_store_name *store);

/* Take what stands behind the last "@" off a name, unless that is a digest: an image ID, perhaps a
 * shortened one. Empty where there is none. */
int sp_store_name_take_id (struct sp_view *name, struct sp_view *ret_id,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The name of an image in a store whose driver and graph root are known: a reference with a tag or
 * a digest, which may be NULL, and the image's ID, which may be empty. */
int sp_image_name_in_store (const struct sp_store_name *store, const struct sp_reference *reference,
                            struct sp_view id, struct sp_image_name **ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_image_name_free (struct sp_image_name *name);

SP_DEFINE_CLEANUP (struct sp_image_name *, sp_image_name_free);
#define cleanup_image_name SP_CLEANUP (sp_image_name_free_p)

#endif
