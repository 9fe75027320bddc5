/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_REGISTRIES_CONF_H
#define SP_MODEL_REGISTRIES_CONF_H

#include "model/reader.h"
#include "reference/reference.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/*
 * Where the bytes of an image are really fetched from: containers-registries.conf(5), a main file
 * and its drop-ins. Immutable once loaded.
 *
 * Keys fit in any case of their letters, as the containers image library reads them; two spellings
 * of one setting in one table are refused, as there either may win. Keys that are unknown are
 * ignored, whatever their value is.
 */
struct sp_registries_conf;

/*
 * Read all that the reader chose. A main file that need not be there and is missing is empty.
 *
 * Failure: CONFIG/config-error with file and mostly line, column and hint, and the established
 * texts ("loading registries configuration "FILE": ...", "loading drop-in registries configuration
 * ..."), or CONFIG/limit. Every docker: access fails by it, before anything is asked of a registry;
 * users know it with "loading registries configuration: " in front.
 */
int sp_registries_conf_load (const struct sp_reader *reader, const struct sp_reader_choice *choice,
                             struct sp_registries_conf **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The files that it is made of; borrowed. */
const struct sp_strv *sp_registries_conf_files (const struct sp_registries_conf *conf);

/* Another owner, and one owner less; NULL is allowed. Threads: any. */
struct sp_registries_conf *sp_registries_conf_ref (struct sp_registries_conf *conf);
void sp_registries_conf_free (struct sp_registries_conf *conf);

SP_DEFINE_CLEANUP (struct sp_registries_conf *, sp_registries_conf_free);
#define cleanup_registries_conf SP_CLEANUP (sp_registries_conf_free_p)

enum sp_registries_conf_role
{
  SP_REGISTRIES_CONF_MAIN,    /* may be of version 1, to readers before 5.40 */
  SP_REGISTRIES_CONF_DROP_IN, /* overrides what was read before, setting by setting */
};

/* The same from memory: an empty configuration, which says that it was loaded by this choice, and
 * the content of one more file. After a failure the configuration can only be freed. */
int sp_registries_conf_new (const struct sp_reader_choice *choice, struct sp_registries_conf **ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_registries_conf_parse_file (struct sp_registries_conf *conf, struct sp_view text,
                                   const char *path, enum sp_registries_conf_role role,
                                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- where to ask for an image ---------------------------------------------------------------- */

/*
 * One place, which is tried as a whole: credentials, certificates, the registry, the manifest. The
 * first whose manifest is there is used for everything that follows, signatures too. Names of files
 * are borrowed from the configuration.
 */
struct sp_endpoint
{
  struct sp_reference *reference; /* the physical name, canonical; registries.d, credentials and
                                     certificates go by it, the policy by the logical one */
  bool insecure;                  /* without verification of TLS, or without TLS */
  bool mirror;                    /* else the entry itself, or what no entry speaks of; the last */

  /* Why it must fail without being asked, as users know it: the physical name is of a registry that
   * is blocked ("registry PREFIX is blocked in FILE or DIRECTORY"), or has a tag and a digest.
   * NULL: ask. A mirror may answer all the same where the entry itself is blocked. */
  char *refusal;
  bool blocked;             /* it is the former, */
  const char *blocked_file; /* by this entry; else NULL and 0 */
  unsigned blocked_line;

  const char
      *file;     /* what gave the endpoint, its [[registry]] or [[registry.mirror]]; NULL and 0 */
  unsigned line; /* when no entry speaks of the image */
};

/* At least one. Start from {0}. */
struct sp_endpoints
{
  struct sp_endpoint *items;
  size_t len, capacity;
};
void sp_endpoints_clear (struct sp_endpoints *endpoints);

#define cleanup_endpoints SP_CLEANUP (sp_endpoints_clear)

/*
 * The endpoints of an image, in the order in which they are to be tried. logical has a tag or a
 * digest. The entry is chosen by the repository, longest prefix first; a plain prefix ends where
 * the name ends or has ':', '/' or '@'.
 *
 * One endpoint that makes no canonical name fails the whole: CONFIG/config-error with its file and
 * line ("rewriting reference: ...").
 */
int sp_registries_conf_endpoints (const struct sp_registries_conf *conf,
                                  const struct sp_reference *logical, struct sp_endpoints *ret,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- the rest -------------------------------------------------------------------------------- */

/* Where credentials are looked for, in order: names of helper programs, and "containers-auth.json"
 * for the files of containers-auth.json(5), which stands alone by default. */
const struct sp_strv *sp_registries_conf_credential_helpers (const struct sp_registries_conf *conf);

/*
 * What a name may stand for that people type without a registry: the value of its alias, else the
 * name in each of the unqualified-search registries, in their order; in full, with ":latest" when
 * nothing else is said. A name that has a registry stands for itself. None: there is no alias and
 * no registry to search.
 *
 * *ret_file, if not NULL, is the file that has the alias or the list; borrowed, NULL for a name
 * with a registry. Failure: USAGE for what is no name.
 *
 * For suggestions: aliases that an engine recorded itself play no part here, nor does
 * short-name-mode.
 */
int sp_registries_conf_expand (const struct sp_registries_conf *conf, struct sp_view name,
                               struct sp_strv *ret, const char **ret_file,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
