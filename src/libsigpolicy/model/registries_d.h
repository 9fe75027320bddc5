/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_REGISTRIES_D_H
#define SP_MODEL_REGISTRIES_D_H

#include "model/bundle.h"
#include "model/reader.h"
#include "reference/image_name.h"
#include "util/cleanup.h"
#include "util/hint.h"

/* Where signatures of docker images are stored: containers-registries.d(5), merged from the
 * files of one or more directories. Immutable once loaded. */
struct sp_registries_d;

/*
 * Read the files that the reader finds, or every *.yaml of explicit_dir, in the order of their
 * names; a missing directory is an empty configuration. Failure: CONFIG/config-error, with file,
 * line and column, and the established texts ("parsing FILE: yaml: ...", "Error parsing signature
 * storage configuration: ..."); CONFIG with reason limit for what is too large.
 */
int sp_registries_d_load (const struct sp_reader *reader, const char *explicit_dir,
                          struct sp_registries_d **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The directory that a file of it would be put into: explicit_dir, or one that the reader reads. To
 * free(). */
char *sp_registries_d_choose (const struct sp_reader *reader, const char *explicit_dir,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The files of one directory that are read, in the order of reading; none where it is missing.
 * Failure as above. */
int sp_registries_d_list (const char *directory, struct sp_strv *files,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Another owner, and one owner less; NULL is allowed. Threads: any. */
struct sp_registries_d *sp_registries_d_ref (struct sp_registries_d *configuration);
void sp_registries_d_free (struct sp_registries_d *configuration);

SP_DEFINE_CLEANUP (struct sp_registries_d *, sp_registries_d_free);
#define cleanup_registries_d SP_CLEANUP (sp_registries_d_free_p)

/* The same from memory: an empty configuration, and the content of one more file. After a failure
 * the configuration can only be freed. */
int sp_registries_d_new (const char *directory, struct sp_registries_d **ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_registries_d_parse_file (struct sp_registries_d *configuration, struct sp_view text,
                                const char *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Where a file of it may be put; and the files that it is made of. Borrowed. */
const char *sp_registries_d_directory (const struct sp_registries_d *configuration);
const struct sp_strv *sp_registries_d_files (const struct sp_registries_d *configuration);

/* One answer, and what gave it. All strings are borrowed from the configuration. */
struct sp_registries_d_answer
{
  const char
      *value; /* the configured location; NULL: none configured, the built-in default applies */
  size_t value_len;  /* it may hold NUL */
  const char *scope; /* the key that answered: a scope, "default-docker", or NULL for the built-in
                        default */
  const char *file;  /* where that stands, and the line; NULL and 0 for the built-in default */
  unsigned line;
};

enum sp_lookaside_use
{
  SP_LOOKASIDE_READ,
  SP_LOOKASIDE_WRITE, /* staging first */
};

/*
 * Three questions, the reading and the writing location and whether attachments are looked for.
 * Each is answered by itself, by the first candidate scope that has an answer: the reference, its
 * repository, the parents of that down to the host, the wildcards of the host without its port,
 * and default-docker. A scope that is there without an answer does not end the search. reference
 * must have a tag or a digest.
 */
int sp_registries_d_lookaside (const struct sp_registries_d *configuration,
                               const struct sp_reference *reference, enum sp_lookaside_use use,
                               struct sp_registries_d_answer *ret,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_registries_d_attachments (const struct sp_registries_d *configuration,
                                 const struct sp_reference *reference, bool *ret_enabled,
                                 struct sp_registries_d_answer *ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The edit that puts another value in place of one in a line of a file, into the hint; none where
 * the line does not have it as it is. */
int sp_registries_d_edit_value (const char *path, unsigned number, const char *value,
                                const char *instead, struct sp_hint *hint,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Two more, which no other reader of these files knows: what a Sigstore bundle may do for a
 * requirement (x-sigpolicy-bundles: off, digest or identity), and whether signatures that are
 * stored as referrers of an image are looked for (x-sigpolicy-referrers). Where nothing answers,
 * neither.
 */
int sp_registries_d_bundles (const struct sp_registries_d *configuration,
                             const struct sp_reference *reference, enum sp_bundle_mode *ret_mode,
                             struct sp_registries_d_answer *ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_registries_d_referrers (const struct sp_registries_d *configuration,
                               const struct sp_reference *reference, bool *ret_enabled,
                               struct sp_registries_d_answer *ret,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* That nothing says where simple signatures are, and what would, or that a
 * file or a key that would say it is misnamed; *ret stays empty where all is said. */
int sp_registries_d_advise_lookaside (const struct sp_registries_d *configuration,
                                      const struct sp_reference *reference, struct sp_hint *ret,
                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Which lines would have attachments looked for, of this repository and no other: "in FILE, put
 * under "docker:" the lines ...", with the edit. *ret stays empty where they are looked for. */
int sp_registries_d_advise_attachments (const struct sp_registries_d *configuration,
                                        const struct sp_reference *reference, struct sp_hint *ret,
                                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
