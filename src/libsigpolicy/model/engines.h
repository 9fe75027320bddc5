/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_ENGINES_H
#define SP_MODEL_ENGINES_H

#include "model/reader.h"

/* The programs of a host that read this configuration, and how each reads it. */
struct sp_engine
{
  const char *name; /* "podman", "skopeo", "cri-o", "buildah"; lives for ever */
  char version[32]; /* "5.8.6" */
  enum sp_generation generation;
  bool is_packaged; /* by dpkg, which says what its distribution made of it */
};

#define SP_ENGINES_MAX 4

struct sp_engines
{
  struct sp_engine items[SP_ENGINES_MAX]; /* podman before skopeo before CRI-O before buildah */
  size_t len;
};

/* The program that is asked for its version where dpkg has no record. */
#define SP_ENGINE_ASKED "/usr/bin/podman"

/*
 * By dpkg's record of what is installed; where there is no such record, by what the host's own
 * /usr/bin/podman says of itself, which is asked once in a process. No program of another root is
 * run. Failure: memory, and UNAVAILABLE for a record that cannot be read.
 */
int sp_engines_find (const char *root, struct sp_engines *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The version of the first of these packages (NULL behind the last) that dpkg has as installed; ""
 * for none. Failure as above. */
int sp_engines_version (const char *root, const char *const *packages, char ret[32],
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- which generation is wanted ----------------------------------------------------------------
 */

struct sp_reader_setting
{
  enum sp_generation generation;
  bool is_auto;
  const char *by;            /* what said so: "--reader", "SIGPOLICY_READER", a file, "default" */
  struct sp_engines engines; /* of auto */
};

/*
 * named ("old", "5.40", "auto", NULL for nothing), else $SIGPOLICY_READER, else reader= in
 * /etc/sigpolicy/sigpolicy.conf, else old. auto goes by the first engine that is installed.
 * Failure: USAGE for a value that is none, CONFIG for that file.
 */
int sp_reader_settle (const char *root, const char *named, struct sp_reader_setting *ret,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
