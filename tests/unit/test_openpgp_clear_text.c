/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include <criterion/criterion.h>

#define BEGIN         "-----BEGIN PGP SIGNED MESSAGE-----\n"
#define HASH          "Hash: SHA512\n\n"
#define SIGNATURE     "-----BEGIN PGP SIGNATURE-----\n\n"
#define ONE           "wgEA\n" /* a packet that says it is a signature */
#define END           "-----END PGP SIGNATURE-----\n"
#define WHOLE         BEGIN HASH "text\n" SIGNATURE ONE "=AAAA\n" END
#define NOT_ONE       "the clear-signed text has no signature, or more than one"
#define NOT_BASE64    "the armor of the signature is not base64"
#define NO_HASH(line) "line " line ": a hash that is not SHA256, SHA384 or SHA512"

static const struct
{
  const char *text, *message; /* NULL: it is framed as it must be */
} cases[] = {
  { WHOLE, NULL },
  { "\n\r\n" WHOLE "\n \n", NULL },
  { "", "it is not a clear-signed text" },
  { "before\n" WHOLE, "line 1: text before the signed block" },
  { WHOLE "behind", "line 10: text after the signed block" },
  { WHOLE WHOLE, "line 10: a second block" },

  { BEGIN "\ntext\n" SIGNATURE ONE END, NULL },
  { BEGIN "Hash: SHA256,SHA384,SHA512\n\n" SIGNATURE ONE END, NULL },
  { BEGIN "Hash: SHA256\nHash: SHA384\n\n" SIGNATURE ONE END, NULL },
  { BEGIN "Hash: SHA256,SHA1\n\n" SIGNATURE ONE END, NO_HASH ("2") },
  { BEGIN "Hash: SHA256,\n\n" SIGNATURE ONE END, NO_HASH ("2") },
  { BEGIN "Hash: SHA256, SHA512\n\n" SIGNATURE ONE END, NO_HASH ("2") },
  { BEGIN "Hash: MD5\n\n" SIGNATURE ONE END, NO_HASH ("2") },
  { BEGIN "Comment: x\n\n" SIGNATURE ONE END,
    "line 2: a header of the signed text that is not \"Hash\"" },
  { BEGIN "text\n" SIGNATURE ONE END, "line 2: a header of the signed text that is not \"Hash\"" },

  { BEGIN HASH "- -----\n- - x\n-\n" SIGNATURE ONE END, NULL },
  { BEGIN HASH "-x\n" SIGNATURE ONE END,
    "line 4: a dash within the signed text that is not escaped" },
  { BEGIN HASH BEGIN SIGNATURE ONE END,
    "line 4: a dash within the signed text that is not escaped" },
  { BEGIN HASH "text\n", "the clear-signed text has no end" },
  { BEGIN, "the clear-signed text has no end" },
  { BEGIN HASH "text\n" SIGNATURE ONE, "the clear-signed text has no end" },

  { BEGIN HASH SIGNATURE SIGNATURE ONE END,
    "line 6: something else within the armor of the signature" },
  { BEGIN HASH "-----BEGIN PGP SIGNATURE-----\nVersion: x\n\n" ONE END, NULL },
  { BEGIN HASH SIGNATURE "wg\nEA\n" END, NULL },
  { BEGIN HASH SIGNATURE END, NOT_ONE },
  { BEGIN HASH "-----BEGIN PGP SIGNATURE-----\n" ONE END, NOT_ONE },
  { BEGIN HASH SIGNATURE "wgEAwgEA\n" END, NOT_ONE },
  { BEGIN HASH SIGNATURE "ywEA\n" END, NOT_ONE },
  { BEGIN HASH SIGNATURE "wgIA\n" END, NOT_ONE },
  { BEGIN HASH SIGNATURE "wgEA*\n" END, NOT_BASE64 },
  { BEGIN HASH SIGNATURE "wgE\n" END, NOT_BASE64 },
};

Test (openpgp_clear_text, frames)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_clear_text_check (sp_view_str (cases[i].text), &err);
      cr_expect (rc == (cases[i].message ? SIGPOLICY_E_REJECTED : 0), "%s: %d, %s", cases[i].text,
                 rc, err ? sigpolicy_error_message (err) : "framed");
      if (rc < 0 && cases[i].message)
        cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: '%s'",
                          cases[i].text, sigpolicy_error_message (err));
    }
}

Test (openpgp_clear_text, a_nul)
{
  cleanup_error sigpolicy_error *err = NULL;
  static const char text[] = BEGIN HASH "te\0xt\n" SIGNATURE ONE END;
  cr_expect (sp_clear_text_check (sp_view_n (text, sizeof text - 1), &err) == SIGPOLICY_E_REJECTED);
  cr_expect_str_eq (sigpolicy_error_message (err), "a NUL within the clear-signed text");
}
