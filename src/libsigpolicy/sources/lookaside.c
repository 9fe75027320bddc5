/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/docker.h"

#include "util/fs.h"

/*
 * A lookaside, containers-registries.d(5): under the name of the repository and the digest of the
 * manifest stand signature-1, signature-2, ... In a directory of this machine, which is the
 * administrator's own, links are followed. Only a file that does not exist ends the signatures;
 * one that cannot be read leaves open whether there is one.
 */

static bool
is_file (const struct sp_lookaside *lookaside)
{
  return sp_view_is (sp_view_str (lookaside->scheme), "file");
}

static bool
is_server (const struct sp_lookaside *lookaside)
{
  return sp_view_is (sp_view_str (lookaside->scheme), "http")
         || sp_view_is (sp_view_str (lookaside->scheme), "https");
}

/* The path of a file; else the URL, as people may see it. */
static char *
name (const struct sp_evidence *evidence, size_t n, sigpolicy_error **err)
{
  return is_file (evidence->lookaside)
             ? sp_lookaside_path (evidence->lookaside, evidence->digest, n, err)
             : sp_lookaside_show (evidence->lookaside, evidence->digest, n, err);
}

static int
prepare (struct sp_evidence *evidence, sigpolicy_error **err)
{
  return sp_evidence_know_digest (evidence, err);
}

static int
read_signature (const struct sp_evidence *evidence, size_t n, const char *where,
                struct sp_buf *bytes, sigpolicy_error **err)
{
  if (is_file (evidence->lookaside))
    return sp_fs_read (where, bytes, err);
  if (!is_server (evidence->lookaside))
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "Unsupported scheme when reading signature from %s", where);
  /* What is judged by files alone reaches no server. */
  if (evidence->docker)
    return sp_docker_read_lookaside (evidence, n, where, bytes, err);
  (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                      "the signatures are on a server, and only files are read here: %s", where);
  return sp_error_hint (err, "fetch them and give them as files, or copy the image with its "
                             "signatures to a directory first");
}

const struct sp_place sp_place_lookaside = {
  .prepare = prepare,
  .name = name,
  .read = read_signature,
  .too_many = "server provided 128 signatures, assuming that's unreasonable and a server error",
};
