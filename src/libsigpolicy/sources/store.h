/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_STORE_H
#define SP_SOURCES_STORE_H

#include "reference/image_name.h"
#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>
#include <sys/stat.h>

/*
 * podman's storage, containers-storage.conf(5), read without podman: where it is, and which images
 * and containers it has. Nothing is ever written into it, not even a lock file.
 *
 *   DRIVER-images/images.lock            locked by who writes, and rewritten before each change
 *   DRIVER-images/images.json            the records of all images, replaced as a whole
 *   DRIVER-images/ID/FILE                what is kept with an image, under keys
 *   DRIVER-containers/containers.json    the records of all containers
 *   DRIVER-layers/layers.json            those of layers, which podman must be able to read
 */

/* --- where: store_conf.c
 * -------------------------------------------------------------------------------------- */

struct sp_store_location
{
  struct sp_store_name name; /* as an image name writes it; run_root may be NULL */
  struct sp_strv roots;      /* which directories have images, the store's own first */
  char *file;                /* the storage.conf that was read, or NULL */
  bool transient;            /* containers do not outlive the host's run */
};

/* Whose store: the effective user, root or not, and the home, which may be NULL. */
struct sp_store_setup
{
  unsigned euid;
  const char *home;
};

/*
 * The store that a name says (driver or all of it may be missing), else the one that podman would
 * use here. Failure: CONFIG/config-error for a storage.conf that cannot be read, or that leaves
 * open which driver is meant.
 */
int sp_store_find (const struct sp_store_name *said, const struct sp_store_setup *setup,
                   struct sp_store_location *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_store_location_clear (struct sp_store_location *location);

/* What a storage.conf says; for tests of its parser, too. Views and lists are owned. */
struct sp_store_conf
{
  char *driver, *graph_root, *run_root, *rootless_path, *image_store; /* or NULL */
  struct sp_strv additional;
  bool transient;
};
int sp_store_conf_parse (struct sp_view text, struct sp_store_conf *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_store_conf_clear (struct sp_store_conf *conf);

/* --- looking into it: store_look.c
 * -------------------------------------------------------------------------------------- */

/* How a directory of a store was when it was read: what its lock file said and which files had the
 * records. Equal states, equal records. */
struct sp_store_state
{
  unsigned char lock[64];
  size_t lock_len;
  struct
  {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified, changed;
  } files[2]; /* all zero: there is none */
};

bool sp_store_state_equal (const struct sp_store_state *a, const struct sp_store_state *b);

/* One of the two directories of a store. */
struct sp_store_directory
{
  const char *root;
  char *name;           /* "overlay-images" */
  const char *lock;     /* NULL: each file is replaced as a whole, and read by itself */
  const char *files[2]; /* of records; the second may be NULL */
};

/* What is done while nobody changes the directory; fd is the root's. */
struct sp_store_look
{
  int fd;
  const struct sp_store_directory *directory;
  const struct sp_store_state *state;
};
typedef int sp_store_read_function (const struct sp_store_look *look, void *data,
                                    sigpolicy_error **err);

/*
 * Read what belongs together: under the shared lock of the directory, where it may be had; else, of
 * a store that cannot be locked by us, again until nothing changed meanwhile. UNAVAILABLE/
 * could-not-look when the lock cannot be had in time (lock_ms), or when there is no end of changes.
 * read may be called more than once, and starts afresh each time.
 */
int sp_store_look (const struct sp_store_directory *directory, unsigned lock_ms,
                   sp_store_read_function *read, void *data,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A file of that directory, which no link may leave the root for. ENOENT is told by
 * sp_error_errnum(). */
int sp_store_look_read (const struct sp_store_look *look, const char *name, struct sp_buf *buf,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- images: store_images.c
 * -------------------------------------------------------------------------------------- */

/* The members of a record that would change with the stored bytes, as they stand in the file. */
#define SP_STORE_CONTENT 4

/* The record of an image. */
struct sp_stored_image
{
  char *id; /* 64 hex digits */
  struct sp_strv names;
  struct sp_strv digests; /* of its manifests, each once; the one that counts first */
  char *metadata;
  size_t metadata_len;
  bool has_instances; /* manifests are kept under their digests, too, as with all that is pulled */
  struct sp_view content[SP_STORE_CONTENT]; /* what the record says of the stored bytes */
};

/* The images of one directory, immutable and shared between threads. */
struct sp_stored_images
{
  unsigned references;
  struct sp_store_state state;
  struct sp_buf text;            /* the file, which content lies in */
  struct sp_stored_image *items; /* in the order of the file */
  size_t len, capacity;
  const struct sp_stored_image **by_id; /* sorted by ID */
  struct sp_stored_name
  {
    const char *name;
    const struct sp_stored_image *image;
  } * by_name; /* sorted by name, and then by place in the file */
  size_t n_names;
  bool shares_names;                /* two of them claimed a name, which the last has now */
  struct sp_stored_name *by_digest; /* the same of digests */
  size_t n_digests;
};

/* images.json, which the records keep; it is left empty, also on failure. An empty text has no
 * images. Failure: REJECTED/bad-signature or limit, for the caller to class. */
int sp_stored_images_parse (struct sp_buf *text, struct sp_stored_images **ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Are two records of one stored content? */
bool sp_stored_image_same_content (const struct sp_stored_image *a,
                                   const struct sp_stored_image *b);
struct sp_stored_images *sp_stored_images_ref (struct sp_stored_images *images);
void sp_stored_images_free (struct sp_stored_images *images);

SP_DEFINE_CLEANUP (struct sp_stored_images *, sp_stored_images_free);
#define cleanup_stored_images SP_CLEANUP (sp_stored_images_free_p)

/* By its ID; by a name to the letter (the last that has it); by the unique beginning of an ID.
 * NULL: none. */
const struct sp_stored_image *sp_stored_images_by_id (const struct sp_stored_images *images,
                                                      struct sp_view id);
const struct sp_stored_image *sp_stored_images_by_name (const struct sp_stored_images *images,
                                                        struct sp_view name);
const struct sp_stored_image *sp_stored_images_by_prefix (const struct sp_stored_images *images,
                                                          struct sp_view prefix);

/* By the digest of a manifest: the first of them all that has it. */
const struct sp_stored_image *sp_stored_images_by_digest (const struct sp_stored_images *images,
                                                          struct sp_view digest);

/* The file that a key's data is in. */
char *sp_store_file_name (struct sp_view key, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* How long the signatures are that stand one behind the other under "signatures" (digest is NULL),
 * or under "signature-HEX" of an instance. A size below 0 is no fault of a record whose signatures
 * nobody asks for. To free(); NULL with *ret_len 0 when there are none. */
int sp_stored_image_signature_sizes (const struct sp_stored_image *image, const char *digest,
                                     int64_t **ret, size_t *ret_len,
                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- containers: store_containers.c
 * -------------------------------------------------------------------------------------- */

struct sp_stored_container
{
  char *id;
  struct sp_strv names;
  char *image;      /* the ID of its image, "" where it has none */
  char *image_name; /* what it was created from, or NULL */
  bool is_build;    /* no engine has noted anything about it: an image is being built in it */
  char *layer;      /* its own layer, or NULL */
};

struct sp_stored_containers
{
  struct sp_stored_container *items;
  size_t len, capacity;
};

/* containers.json, added to what is there; otherwise as for images. */
int sp_stored_containers_parse (struct sp_view text, struct sp_stored_containers *containers,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_stored_containers_clear (struct sp_stored_containers *containers);

/* --- a store that is open: store.c
 * -------------------------------------------------------------------------------------- */

/*
 * A store with the records that were last read. One thread at a time; sp_store_share() gives
 * another thread a store of its own over the same records.
 */
struct sp_store
{
  struct sp_store_name said; /* what it was opened for */
  struct sp_store_location location;
  unsigned lock_ms;
  struct sp_stored_images **images; /* one for each root; NULL: not read yet */
  struct sp_store_state *sound;     /* the records that podman was found to be able to read */
};

int sp_store_open (const struct sp_store_name *said, const struct sp_store_setup *setup,
                   struct sp_store **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_store_share (const struct sp_store *store, struct sp_store **ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_store_free (struct sp_store *store);

SP_DEFINE_CLEANUP (struct sp_store *, sp_store_free);
#define cleanup_store SP_CLEANUP (sp_store_free_p)

/* Was it opened for this name's store? */
bool sp_store_is (const struct sp_store *store, const struct sp_store_name *said);

/* The records of all its images as they are now, or of its containers. A store that is not there
 * has none; its root must be, and no root without any driver's directory is a store, or it is
 * NOT_FOUND. CONFIG/config-error where the driver has no
 * images there, and another has: podman goes by the driver that a store was made with.
 * UNAVAILABLE/could-not-look where podman can use no image, as it cannot read other records. */
int sp_store_refresh (struct sp_store *store, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_store_containers (const struct sp_store *store, struct sp_stored_containers *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * An image of a store whose records were read: those are kept as long as it is used.
 */
struct sp_store_image
{
  struct sp_stored_images *images; /* a reference */
  const struct sp_stored_image *record;
  size_t root;
};
void sp_store_image_clear (struct sp_store_image *image);

/*
 * The data under a key. If the store has changed since the record was read, its image must still be
 * there with the same content: else it is UNAVAILABLE/could-not-look. No data under that key:
 * ENOENT by sp_error_errnum().
 */
int sp_store_read_data (struct sp_store *store, struct sp_store_image *image, struct sp_view key,
                        struct sp_buf *buf, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * A list that was made on this host, as "podman manifest create" does: nothing of what it names is
 * kept with it, and what is started by its name are other images of the store. *ret_is_list is
 * false for any other image. ret_ids: those that are there, each once, in the order of the list.
 */
int sp_store_list_starts (struct sp_store *store, size_t root, const struct sp_stored_image *record,
                          bool *ret_is_list, struct sp_strv *ret_ids,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Resolve what stands behind the store in a name: NAME[:TAG][@DIGEST], NAME@ID, @ID or ID, where an
 * ID may be shortened to three digits or more. The record, and the name with its full ID. Failure:
 * USAGE, or NOT_FOUND/not-found "reference ... does not resolve to an image ID".
 */
struct sp_platform;
int sp_store_resolve (struct sp_store *store, struct sp_view rest,
                      const struct sp_platform *platform, struct sp_store_image *ret_image,
                      struct sp_image_name **ret_name, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
