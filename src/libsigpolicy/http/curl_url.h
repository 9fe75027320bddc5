/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_HTTP_CURL_URL_H
#define SP_HTTP_CURL_URL_H

#include "http/module.h"

/* A URL as curl reads it, which is who connects: parse_url() of the private module. */
int sp_curl_parse_url (const char *base, const char *location, struct sp_http_url *ret);

#endif
