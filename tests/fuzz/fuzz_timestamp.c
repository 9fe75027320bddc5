/* SPDX-License-Identifier: Apache-2.0 */

/* A response of a timestamp authority: none of an authority whose key nobody has is accepted. */
#include "fuzz.h"

#include "crypto/timestamp.h"

#include <stdint.h>

static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBcjCCARegAwIBAgIUYVAdJNwy+7z2u7wfZlnxmlbPvZMwCgYIKoZIzj0EAwIw\n"
                                "JjEkMCIGA1UEAwwbaXNzdWVyIG9mIGNlcnRpZmljYXRlcyByb290MB4XDTI2MDEw\n"
                                "MTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFowJjEkMCIGA1UEAwwbaXNzdWVyIG9mIGNl\n"
                                "cnRpZmljYXRlcyByb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvlCO4JtQ\n"
                                "sr8HaRLDcOP69tKOzEnCxPnAOsIfcBJJ8Qx3827Q99v2IDIeCXR7UOP3pwWcsojR\n"
                                "mM7ODsFa3mDs0aMjMCEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYw\n"
                                "CgYIKoZIzj0EAwIDSQAwRgIhAJpPpt3gFyTvfYqcWZIckuObGycfA4LyyCNLph/u\n"
                                "pRCPAiEAuTM5UxB5ELR8xDcxwStQ80cq5/sAw0FNiKV9I6ZHknA=\n"
                                "-----END CERTIFICATE-----\n";

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static struct sp_certificates chain;
  cleanup_error sigpolicy_error *err = NULL;
  sp_time time = 0;
  bool late = false;

  if (!chain.len)
    require (sp_certificates_scan (sp_view_str (authority), &chain, &err) == 0 && chain.len == 1);
  require (sp_timestamp_verify (sp_view_n ((const char *)data, size), sp_view_str ("signature"),
                                &chain, &time, &late, &err)
           < 0);
  return 0;
}
