/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_READER_H
#define SP_MODEL_READER_H

#include "util/alloc.h"
#include "util/buf.h"
#include "util/cleanup.h"

/*
 * Where the containers image library finds its configuration. Release 5.40 of it (podman 6, skopeo
 * 1.23, buildah 1.44) searches other directories than the releases before, merges files by another
 * rule, and counts other failures as absence. A generation of readers is one table, which policy,
 * registries.d, registries.conf and certs.d are all found by.
 */
enum sp_generation
{
  SP_GENERATION_OLD, /* up to 5.39 */
  SP_GENERATION_5_40,
  SP_GENERATIONS,
};

const char *sp_generation_name (enum sp_generation generation); /* "old", "5.40" */
bool sp_generation_find (struct sp_view name, enum sp_generation *ret);

/* The administrator's directory, and the one for what comes with the system. */
#ifdef __FreeBSD__
#  define SP_READER_ADMIN  "/usr/local/etc/containers"
#  define SP_READER_VENDOR "/usr/local/share/containers"
#else
#  define SP_READER_ADMIN  "/etc/containers"
#  define SP_READER_VENDOR "/usr/share/containers"
#endif

enum sp_config
{
  SP_CONFIG_POLICY,
  SP_CONFIG_REGISTRIES_D,
  SP_CONFIG_REGISTRIES_CONF,
  SP_CONFIG_CERTS_D,
  SP_CONFIGS,
};

/* Who reads. Strings are borrowed. */
struct sp_reader
{
  enum sp_generation generation;
  const char *root;       /* the directory that is "/" to it; NULL or "": none but "/" */
  const char *home;       /* NULL or "": there is none, and no file of the user's */
  unsigned uid;           /* of the user, seen from outside of a user namespace of podman's */
  bool knows_environment; /* whether variables count */
};

/* A path as the system calls want it, with the root in front. To free(). */
char *sp_reader_path (const struct sp_reader *reader, const char *path,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What of a kind of configuration takes part, before any of it is read. Start from {0}. */
struct sp_reader_choice
{
  enum sp_generation generation;
  char *file;                 /* the main file; NULL: there is none */
  bool is_required;           /* it was named, so it must be there */
  bool has_variable;          /* and it was a variable of the environment that named it */
  struct sp_strv searched;    /* where the main file was searched, best first */
  struct sp_strv directories; /* that take part, whether they are there or not; best first */
  char *last;                 /* one more file, which is read after all others and must be there */
};
void sp_reader_choice_clear (struct sp_reader_choice *choice);

#define cleanup_reader_choice SP_CLEANUP (sp_reader_choice_clear)

/*
 * named is what an option names, as it is: a directory of registries.d, else a main file; NULL or
 * "" for none. Failure: CONFIG/config-error with the established text, for a place that can neither
 * be used nor counts as absent; for a fault of the machine, UNAVAILABLE.
 */
int sp_reader_choose (const struct sp_reader *reader, enum sp_config config, const char *named,
                      struct sp_reader_choice *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The first of these that is there; *ret stays NULL where none is. Failure as above. */
int sp_reader_first (const struct sp_reader *reader, enum sp_config config,
                     const struct sp_strv *places, char **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The files of directories (best first) that are read, in the order of reading: of all of them, or
 * of the files with one name only the one in the best directory, as the generation has it. A
 * directory that is missing has no files. Failure: CONFIG/config-error, or CONFIG/limit for more
 * than limit files.
 */
int sp_reader_list (const struct sp_reader *reader, enum sp_config config,
                    const struct sp_strv *directories, size_t limit, struct sp_strv *ret,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Read such a file. One that is gone by now, or is a link that leads nowhere, is absent. Failure:
 * CONFIG/config-error with the path as its file, or CONFIG/limit. */
int sp_reader_read (const struct sp_reader *reader, const char *path, struct sp_buf *buf,
                    bool *ret_absent, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
