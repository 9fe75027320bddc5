/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_EVIDENCE_H
#define SP_SOURCES_EVIDENCE_H

#include "model/lookaside.h"
#include "model/manifest.h"
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

/* A manifest in hand. */
int sp_evidence_set_manifest (struct sp_evidence *evidence, struct sp_view manifest,
                              const char *label, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A manifest file that is read now; "-" is standard input. */
int sp_evidence_read_manifest (struct sp_evidence *evidence, const char *path,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A stored signature in hand, recognised when the signatures are asked for; bytes are copied. */
int sp_evidence_add_signature (struct sp_evidence *evidence, struct sp_view bytes,
                               const char *label, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A signature file that is read now; "-" is standard input. */
int sp_evidence_read_signature (struct sp_evidence *evidence, const char *path,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* signature-1, signature-2, ... of a directory, until the first that is missing. */
int sp_evidence_set_signature_dir (struct sp_evidence *evidence, const char *path,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * A dir: image. Its manifest and signatures are those of the directory; for a list, of the instance
 * that platform chooses (platform is copied by value; its strings are borrowed).
 */
int sp_evidence_set_dir (struct sp_evidence *evidence, const char *path,
                         const struct sp_platform *platform,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * An image of an OCI layout, or of an archive of one: the one that selector means, which is a name,
 * "@N", or NULL for the only one; of a list, the instance that platform chooses. It has no
 * signatures.
 */
int sp_evidence_set_oci (struct sp_evidence *evidence, const char *path, const char *selector,
                         const struct sp_platform *platform,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_evidence_set_oci_archive (struct sp_evidence *evidence, const char *path,
                                 const char *selector, const struct sp_platform *platform,
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
  const char *home; /* or NULL */
  int64_t limit_ms; /* for all servers of the image; 0 or less: the ceiling */
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

/* The name that attached signatures were not looked for under, as registries.d does not say so;
 * NULL when nothing was left out. Borrowed. */
const struct sp_reference *sp_evidence_left_out (const struct sp_evidence *evidence);

/* Look for further signatures in a lookaside, under the digest of the manifest that is judged,
 * after those in hand. Taken over. Only file: can be read here; anything else is
 * UNAVAILABLE/could-not-look when the signatures are asked for. */
void sp_evidence_set_lookaside (struct sp_evidence *evidence, struct sp_lookaside *lookaside);

/*
 * A digest that the top-level manifest must have. It is checked whenever the manifest is read:
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

/* What the top-level manifest names, where it is a list that stands for its images; else nothing.
 */
int sp_evidence_instances (struct sp_evidence *evidence, struct sp_instances *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * From now on judge this instance of the list, by its digest, or with NULL the list itself, in
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
 * What refers to the judged image where it was found, a registry, and is no signature that is read;
 * nothing elsewhere. It costs a request or two, and decides nothing: what cannot be found out is
 * noted and no failure but for want of memory.
 */
int sp_evidence_referrers (struct sp_evidence *evidence, struct sp_referrers *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The name of the repository that the image was found in, such as a mirror's; NULL elsewhere than
 * in a registry. Borrowed. */
const char *sp_evidence_repository (const struct sp_evidence *evidence);

/* The digest of the chosen instance, or NULL where the top level is judged (or nothing was read
 * yet). */
const char *sp_evidence_instance (const struct sp_evidence *evidence);

/* "sha256:..." of the manifest that is judged, once it was read; else NULL. */
const char *sp_evidence_digest (const struct sp_evidence *evidence);

const struct sp_looked_at *sp_evidence_looked_at (const struct sp_evidence *evidence,
                                                  size_t *ret_len);

/* What a person should know although it changes no answer: of credentials, for example. Borrowed.
 */
const struct sp_strv *sp_evidence_warnings (const struct sp_evidence *evidence);

void sp_evidence_free (struct sp_evidence *evidence);

SP_DEFINE_CLEANUP (struct sp_evidence *, sp_evidence_free);
#define cleanup_evidence SP_CLEANUP (sp_evidence_free_p)

#endif
