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

/* A location that nothing can be read from is a mistake in its file, and none that goes away by
 * trying again. It is one only when a signature is wanted of it. */
static int
refuse_location (const struct sp_evidence *evidence, const char *fault, sigpolicy_error **err)
{
  const struct sp_lookaside *lookaside = evidence->lookaside;
  cleanup_free char *where = name (evidence, 1, err);

  if (!where)
    return sigpolicy_error_code (*err);
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s from %s", fault,
                      where);
  (void)sp_error_position (err, lookaside->file, lookaside->line, 1, NULL);
  const char *written = lookaside->written;
  if (*lookaside->scheme || !written || written[0] != '/')
    return SIGPOLICY_E_CONFIG;
  cleanup_hint struct sp_hint hint = { 0 };
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_free char *url = sp_asprintf (&no_memory, "file://%s", written);
  if (!url
      || (lookaside->file
          && sp_registries_d_edit_value (lookaside->file, lookaside->line, written, url, &hint,
                                         &no_memory)
                 < 0))
    return sp_error_no_memory (err);
  (void)sp_error_hint (err, "a directory is written as a URL, %s", url);
  return hint.file ? sp_error_hint_edit_at (err, hint.file, hint.line, hint.column, hint.old,
                                            hint.new_text)
                   : SIGPOLICY_E_CONFIG;
}

static int
prepare (struct sp_evidence *evidence, sigpolicy_error **err)
{
  const struct sp_lookaside *lookaside = evidence->lookaside;

  int rc = sp_evidence_know_digest (evidence, err);
  if (rc == 0 && !is_file (lookaside) && !is_server (lookaside))
    return refuse_location (evidence, "Unsupported scheme when reading signature", err);
  /* What follows would be taken for the host. */
  if (rc == 0 && is_server (lookaside) && (!lookaside->host || !*lookaside->host))
    return refuse_location (evidence, "http: no Host in request URL when reading signature", err);
  return rc;
}

static int
read_signature (const struct sp_evidence *evidence, size_t n, const char *where,
                struct sp_buf *bytes, sigpolicy_error **err)
{
  if (is_file (evidence->lookaside))
    return sp_fs_read (where, bytes, err);
  /* What is judged by files alone reaches no server. */
  if (evidence->docker)
    return sp_docker_read_lookaside (evidence, n, where, bytes, err);
  (void)sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                      "the signatures are on a lookaside server, and only files are read here: %s",
                      where);
  return sp_error_hint (err, "fetch the signatures and give them with --signature, or copy the "
                             "image with its signatures to dir:PATH and verify that");
}

const struct sp_location sp_location_lookaside = {
  .prepare = prepare,
  .name = name,
  .read = read_signature,
  .too_many = "server provided 128 signatures, assuming that's unreasonable and a server error",
};
