/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_CERTS_D_H
#define SP_SOURCES_CERTS_D_H

#include "model/reader.h"
#include "util/buf.h"
#include "util/cleanup.h"

/* A client certificate and its key, as PEM files: NAME.cert and NAME.key. */
struct sp_tls_client
{
  char *cert_path, *key_path;
};

/* What a host's directory of containers-certs.d(5) adds to TLS. Empty when there is none. */
struct sp_tls_material
{
  char *directory; /* the one that was read; NULL when there is none */
  char *place;     /* then: the best of those that are searched; or NULL */
  /* The CA files one after the other, each ended by a newline. They add to the system's, and what
   * is no certificate in them does not count. */
  struct sp_buf ca_pem;
  struct sp_tls_client *clients; /* in the order of their names */
  size_t n_clients, clients_capacity;
  struct sp_strv files; /* all that were read, in that order */
};

/*
 * The directory is explicit_dir as it is, when that is given and not empty, or else the first of
 * the reader's that is there, for "host[:port]" to the letter as it stands in the reference. An
 * existing one hides those behind it, even when it is empty. What may not be looked at counts as
 * missing.
 *
 * Failure: CONFIG/config-error with the established texts, CONFIG with reason limit, or USAGE for a
 * host that is none.
 */
int sp_certs_d_load (const struct sp_reader *reader, const char *explicit_dir,
                     const char *host_port, struct sp_tls_material *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_tls_material_clear (struct sp_tls_material *material);

#define cleanup_tls_material SP_CLEANUP (sp_tls_material_clear)

#endif
