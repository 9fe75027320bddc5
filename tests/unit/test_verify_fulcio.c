/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/certificate_signer.h"

#include "support/certificates.h"
#include "util/alloc.h"

#include <criterion/criterion.h>

#define V1(hex) "1.3.6.1.4.1.57264.1.1=DER:" hex "\n"
#define V2(hex) "1.3.6.1.4.1.57264.1.8=DER:" hex "\n"

#define NO_STRING "invalid ASN.1 in OIDC issuer v2 extension: not a string in DER"

/* The older extension is text as it is; the newer one any string of DER that Go reads into one. */
static const struct
{
  const char *name, *extensions;
  const char *issuer; /* NULL: there is none */
  const char *message;
} cases[] = {
  { "none", "", NULL, "Fulcio certificate is missing the issuer extension" },
  { "v1", V1 ("6173"), "as", NULL },
  { "UTF-8", V2 ("0c03613ac3") V1 ("613ac3"), NULL, NO_STRING },
  { "both", V1 ("6173") V2 ("0c026173"), "as", NULL },
  { "both, which differ", V1 ("6173") V2 ("0c026174"), NULL,
    "inconsistent OIDC issuer extension values: v1 \"as\", v2 \"at\"" },
  { "UTF-8 of two bytes", V2 ("0c02c3a9"), "\xc3\xa9", NULL },
  { "UTF-8 that is cut", V2 ("0c01c3"), NULL, NO_STRING },
  { "printable", V2 ("1303612e2a"), "a.*", NULL },
  { "not printable", V2 ("1303612e40"), NULL, NO_STRING },
  { "zero in a printable one",
    V2 ("13036100"
        "62"),
    NULL, NO_STRING },
  { "numeric", V2 ("1203312032"), "1 2", NULL },
  { "not numeric", V2 ("1203312d32"), NULL, NO_STRING },
  { "IA5", V2 ("160361407e"), "a@~", NULL },
  { "not IA5", V2 ("160361407f") V1 ("61"), NULL,
    "inconsistent OIDC issuer extension values: v1 \"a\", v2 \"a@\\x7f\"" },
  { "IA5 beyond ASCII", V2 ("1603614080"), NULL, NO_STRING },
  { "T61", V2 ("1402e941"),
    "\xc3\xa9"
    "A",
    NULL },
  { "general", V2 ("1b02e941"),
    "\xc3\xa9"
    "A",
    NULL },
  { "BMP", V2 ("1e04006120ac"), "a\xe2\x82\xac", NULL },
  { "BMP with an end", V2 ("1e0400610000"), "a", NULL },
  { "BMP of nothing", V2 ("1e00"), "", NULL },
  { "BMP with half a character", V2 ("1e03006100"), NULL, NO_STRING },
  { "BMP with a surrogate", V2 ("1e04d83ddc00"), NULL, NO_STRING },
  { "BMP with what is no character", V2 ("1e020061"), "a", NULL },
  { "BMP with U+FFFE", V2 ("1e02fffe"), NULL, NO_STRING },
  { "BMP with U+FDD0", V2 ("1e02fdd0"), NULL, NO_STRING },
  { "BMP with U+FDEF", V2 ("1e02fdef"), NULL, NO_STRING },
  { "BMP with U+FDF0", V2 ("1e02fdf0"), "\xef\xb7\xb0", NULL },
  { "visible", V2 ("1a0161"), NULL, NO_STRING },
  { "octets", V2 ("040161"), NULL, NO_STRING },
  { "cut", V2 ("0c0261"), NULL, NO_STRING },
  { "more behind", V2 ("0c01610500"), NULL,
    "invalid ASN.1 in OIDC issuer v2 extension, trailing data" },
};

Test (verify_fulcio, issuers)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      const struct recipe recipe = { .extensions = cases[i].extensions };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *leaf = NULL;
      cleanup_buf struct sp_buf issuer = SP_BUF (1000);
      unsigned char *der = NULL;
      X509 *made = make_certificate (&recipe, NULL, NULL);
      int length = i2d_X509 (made, &der);
      cr_assert (sp_certificate_parse (sp_view_n ((const char *)der, (size_t)length), &leaf, &err)
                     == 0,
                 "%s", cases[i].name);
      int rc = sp_signer_read_issuer (leaf, &issuer, &err);
      cr_expect (rc == (cases[i].issuer ? 0 : SIGPOLICY_E_REJECTED), "%s: %d", cases[i].name, rc);
      if (rc == 0 && cases[i].issuer)
        cr_expect (sp_view_is (sp_buf_view (&issuer), cases[i].issuer), "%s", cases[i].name);
      if (rc < 0 && cases[i].message)
        {
          cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: '%s'",
                            cases[i].name, sigpolicy_error_message (err));
          cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_ISSUER_MISMATCH, "%s",
                     cases[i].name);
        }
      OPENSSL_free (der);
      X509_free (made);
    }
}
