/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_AUTHORITIES_H
#define SP_HTTP_AUTHORITIES_H

/*
 * The system's certificate authorities, read once for all sessions of the process, of whichever
 * thread: of the private module. They are read again when the directory or the file has changed.
 */

/* Is curl's TLS the OpenSSL that we are linked with? Nothing else here may be called where not. */
int sp_authorities_are_ours (const char *tls_of_curl);

/* Was the certificate of the other side verified, and has it an alternative name of a host? Of a
 * connection of OpenSSL (SSL *), which keeps it in a session that is resumed, too. */
int sp_authorities_name (const void *connection);

/* Give them to a context of OpenSSL (SSL_CTX *). Either path may be NULL. 0, or -1 where they
 * cannot be read. */
int sp_authorities_give (void *context, const char *directory, const char *file);

#endif
