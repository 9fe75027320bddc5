/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jose_key.h"

#include <criterion/criterion.h>

#define X32                                                          \
  "\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2" \
  "\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96"
#define Y31                                                          \
  "\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16" \
  "\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51"

/* The generator of P-256, and its twin one bit away. */
Test (crypto_jose_key, ec)
{
  static const struct sp_view curve = SP_VIEW ("P-256"), x = SP_VIEW (X32),
                              y = SP_VIEW (Y31 "\xf5"), off = SP_VIEW (Y31 "\xf4");
  cleanup_error sigpolicy_error *err = NULL;
  char id[SP_JOSE_KEY_ID_SIZE];

  cr_assert (sp_jose_ec_key_id (curve, x, y, id, &err) == 0);
  cr_expect_str_eq (id, "LTJF:F6YM:5CJS:INX2:7DGN:CBAJ:QG4J:5ZFN:NOP6:TYVC:W7TR:VLFS");
  cr_assert (sp_jose_ec_key_id (curve, x, off, id, &err) == 0);
  cr_expect_str_eq (id, "");
  cr_expect (sp_jose_ec_key_id (curve, sp_view_head (x, 31), y, id, &err) < 0);
}

Test (crypto_jose_key, curves)
{
  cr_expect (sp_jose_ec_length (sp_view_str ("P-256")) == 32);
  cr_expect (sp_jose_ec_length (sp_view_str ("P-384")) == 48);
  cr_expect (sp_jose_ec_length (sp_view_str ("P-521")) == 66);
  cr_expect (sp_jose_ec_length (sp_view_str ("P-224")) == 0);
  cr_expect (sp_jose_ec_length (sp_view_str ("p-256")) == 0);
  cr_expect (sp_jose_ec_length (sp_view_n ("P-256", 6)) == 0);
  cr_expect (sp_jose_ec_length (sp_view_str ("")) == 0);
}

Test (crypto_jose_key, rsa)
{
  static const struct
  {
    struct sp_view modulus, exponent;
    const char *id;
  } cases[] = {
    { SP_VIEW (""), SP_VIEW (""), "YDHL:ZALK:H6FA:KEPY:6HAP:2EN6:AKLN:CUMO:VMOF:6DH6:TLPH:BEKQ" },
    { SP_VIEW ("\0"), SP_VIEW ("\0\0"),
      "YDHL:ZALK:H6FA:KEPY:6HAP:2EN6:AKLN:CUMO:VMOF:6DH6:TLPH:BEKQ" },
    { SP_VIEW ("\1"), SP_VIEW ("\0"),
      "OZKZ:HHYR:SZW5:JDLM:IL3Z:PBKK:2IP5:I53A:HVCF:UM5J:UP7R:YCMJ" },
    { SP_VIEW ("\x80"), SP_VIEW ("\xff\xff\xff\xff"),
      "3CUL:NAAM:MQS4:GXZS:2YDX:FGME:WE6B:CAQP:53SN:BATE:GSJR:B7OB" },
    { SP_VIEW ("\0\0\2"), SP_VIEW ("\0\0\3"),
      "EH3W:MRN6:EZRH:L2JQ:OVSK:SLTK:QATH:F2FP:7XNL:LFGE:I57Y:N5FA" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      char id[SP_JOSE_KEY_ID_SIZE];
      cr_assert (sp_jose_rsa_key_id (cases[i].modulus, cases[i].exponent, id, &err) == 0);
      cr_expect_str_eq (id, cases[i].id, "row %zu", i);
    }
}
