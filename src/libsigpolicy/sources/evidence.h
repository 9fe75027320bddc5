/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_EVIDENCE_H
#define SP_SOURCES_EVIDENCE_H

#include "model/bundle.h"
#include "model/lookaside.h"
#include "model/manifest.h"
#include "model/reader.h"
#include "model/referrers.h"
#include "model/signature_blob.h"

/*
 * What one image has to show: its manifest and its stored signatures, each read at most once and
 * only when it is asked for. Gathering judges nothing; it labels each thing with where it came from
 * and keeps a list of where it looked.
 */
struct sp_evidence;

/* Where it was looked and what came of it: "found", "none", "error", "not asked"; and "token" for a
 * server that was asked for one. */
struct sp_looked_at
{
  char *where;
  const char *result;
};

/* What an evidence may be given, instead of fetching it. All views are borrowed until the evidence
 * is freed. */

/* Start from nothing: no manifest, no signatures. */
int sp_evidence_new (struct sp_evidence **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A manifest that is given. */
int sp_evidence_set_manifest (struct sp_evidence *evidence, struct sp_view manifest,
                              const char *label, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A manifest file that is read now; "-" is standard input. */
int sp_evidence_read_manifest (struct sp_evidence *evidence, const char *path,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A stored signature that is given, recognised when the signatures are asked for; bytes are copied.
 */
int sp_evidence_add_signature (struct sp_evidence *evidence, struct sp_view bytes,
                               const char *label, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A signature file that is read now; "-" is standard input. */
int sp_evidence_read_signature (struct sp_evidence *evidence, const char *path,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What a Sigstore bundle may do here: where that is anything, bundles are signatures, too, where
 * they are given or stored as files; sp_docker_setup says whether a registry is searched for them.
 */
void sp_evidence_set_bundles (struct sp_evidence *evidence, enum sp_bundle_mode mode);
enum sp_bundle_mode sp_evidence_bundles (const struct sp_evidence *evidence);

/* Does a signature that is given look like a bundle? */
bool sp_evidence_is_given_bundle (const struct sp_evidence *evidence);

/* signature-1, signature-2, ... of a directory, until the first that is missing. */
int sp_evidence_set_signature_dir (struct sp_evidence *evidence, const char *path,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * A dir: image. Its manifest and signatures are those of the directory; for a list, of the instance
 * that platform chooses (platform is copied by value; its strings are borrowed). What its version
 * file says counts for readers of the generation 5.40, and is a warning for others.
 */
int sp_evidence_set_dir (struct sp_evidence *evidence, const char *path,
                         const struct sp_platform *platform, enum sp_generation generation,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * An image of an OCI layout, or of an archive of one: the one that selector means, which is a name,
 * "@N", or NULL for the only one; of a list, the instance that platform chooses. It has no
 * signatures, but those that sp_evidence_search_oci() finds.
 */
int sp_evidence_set_oci (struct sp_evidence *evidence, const char *path, const char *selector,
                         const struct sp_platform *platform,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_evidence_set_oci_archive (struct sp_evidence *evidence, const char *path,
                                 const char *selector, const struct sp_platform *platform,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Look for signatures among the blobs of that layout: bundles, those of the older form, or both. */
int sp_evidence_search_oci (struct sp_evidence *evidence, bool bundles, bool referrers,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * An image of a docker archive: the one with this tag, else the one at place "@N", else the only
 * one. Its manifest is made from the archive, and it has no signatures.
 */
int sp_evidence_set_docker_archive (struct sp_evidence *evidence, const char *path,
                                    const struct sp_reference *tag, const char *place,
                                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What reading an image of a registry needs. All is borrowed until the evidence is freed. */
struct sp_registries;
struct sp_registries_conf;
struct sp_docker_setup
{
  struct sp_registries *registries;
  const struct sp_registries_conf *conf;
  const struct sp_registries_d *registries_d;
  unsigned euid;
  const char *home;        /* or NULL */
  bool attachments;        /* look for attached signatures, whatever registries.d says */
  bool bundles, referrers; /* bundles, and signatures of the older form, are read as referrers */
  int64_t limit_ms;        /* for all servers of the image; 0 or less: the limit */
};

/*
 * An image of a registry: its manifest, of a list that of the instance that platform chooses, and
 * the signatures that the registry serves, or a lookaside has, and those that are attached where
 * registries.d says so. logical has a tag or a digest; mirrors and other names of it are
 * registries.conf's matter.
 */
int sp_evidence_set_docker (struct sp_evidence *evidence, const struct sp_docker_setup *setup,
                            const struct sp_reference *logical, const struct sp_platform *platform,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* An image in podman's storage, resolved already; image is taken over, store borrowed until the
 * evidence is freed. label is for messages. Only what is stored with the image is looked at. */
struct sp_store;
struct sp_store_image;
int sp_evidence_set_storage (struct sp_evidence *evidence, struct sp_store *store,
                             struct sp_store_image *image, const char *label,
                             const struct sp_platform *platform,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Look for no signatures but those that were given, and those of a directory that was. */
void sp_evidence_close (struct sp_evidence *evidence);

/* The name that attached signatures were not looked for under, as registries.d does not say so;
 * NULL when nothing was left out. Borrowed. */
const struct sp_reference *sp_evidence_left_out (const struct sp_evidence *evidence);

/* Look for further signatures in a lookaside, under the digest of the manifest that is judged,
 * after those that are given. Taken over. Only file: can be read here; anything else is
 * UNAVAILABLE/could-not-look when the signatures are asked for. */
void sp_evidence_set_lookaside (struct sp_evidence *evidence, struct sp_lookaside *lookaside);

/*
 * One more digest that the top-level manifest must have. All are checked whenever it is read:
 * REJECTED/digest-mismatch "Manifest does not match provided manifest digest %s".
 */
int sp_evidence_expect_digest (struct sp_evidence *evidence, const char *digest,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The manifest that is judged (of the instance, for a list in a dir: image). Borrowed. The same
 * failure is given each time. */
int sp_evidence_manifest (struct sp_evidence *evidence, struct sp_view *ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The top-level manifest, which an instance was chosen from; the same as above where there is no
 * list. Borrowed. */
int sp_evidence_top_manifest (struct sp_evidence *evidence, struct sp_view *ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "sha256:..." of that. Borrowed. */
int sp_evidence_top_digest (struct sp_evidence *evidence, const char **ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What the top-level manifest names, where it is a list that stands for its images; else nothing.
 */
int sp_evidence_instances (struct sp_evidence *evidence, struct sp_instances *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * From now on judge this instance of the list, by its digest, or with NULL the manifest list, in
 * place of what the platform chooses: its manifest and its signatures are read anew, and nothing
 * of what came before it. What was handed out of that is gone.
 */
int sp_evidence_select (struct sp_evidence *evidence, const char *digest,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* All signatures, in order; one that cannot be read or recognised fails them all ("parsing
 * signature %q: ..."). Borrowed. */
int sp_evidence_signatures (struct sp_evidence *evidence, struct sp_signature_blob *const **ret,
                            size_t *ret_len, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What refers to the judged image where it was found, a registry, also what is a signature that was
 * read; nothing elsewhere. It is given once: what is asked for again is empty. It costs a request
 * or two, and decides nothing: what cannot be found out is noted and no failure but for want of
 * memory.
 */
int sp_evidence_referrers (struct sp_evidence *evidence, struct sp_referrers *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * How many signatures the list has that the judged image was chosen from by its platform; 0 where
 * it was not. The image is forgotten for it: this comes last. Failure: as of the signatures
 * themselves.
 */
int sp_evidence_list_signatures (struct sp_evidence *evidence, size_t *ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A blob from the registry where the manifest was found, which has this digest; no more than limit
 * bytes. */
int sp_evidence_blob (struct sp_evidence *evidence, const char *digest, size_t limit,
                      struct sp_buf *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where simple signatures are looked for, or NULL. Borrowed. */
const struct sp_lookaside *sp_evidence_lookaside (const struct sp_evidence *evidence);

/* The name of the repository that the image was found in, such as a mirror's; NULL elsewhere than
 * in a registry. Borrowed. */
const char *sp_evidence_repository (const struct sp_evidence *evidence);

/* The digest of the chosen instance, or NULL where the top level is judged (or nothing was read
 * yet). */
const char *sp_evidence_instance (const struct sp_evidence *evidence);

/* The type of the manifest that is judged, once it was read: what it is said to be where it comes
 * from, else what its bytes say. NULL for one that is given. Borrowed. */
const char *sp_evidence_type (const struct sp_evidence *evidence);

/* "sha256:..." of the manifest that is judged, once it was read; else NULL. */
const char *sp_evidence_digest (const struct sp_evidence *evidence);

const struct sp_looked_at *sp_evidence_looked_at (const struct sp_evidence *evidence,
                                                  size_t *ret_len);

/* The files of certs.d by which the registry was reached; NULL where none was. Borrowed. */
const struct sp_strv *sp_evidence_certs (const struct sp_evidence *evidence);

/* What a person should know although it changes no answer: of credentials, for example. Borrowed.
 */
const struct sp_strv *sp_evidence_warnings (const struct sp_evidence *evidence);

void sp_evidence_free (struct sp_evidence *evidence);

SP_DEFINE_CLEANUP (struct sp_evidence *, sp_evidence_free);
#define cleanup_evidence SP_CLEANUP (sp_evidence_free_p)

#endif
