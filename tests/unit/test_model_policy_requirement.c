/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"

#include <criterion/criterion.h>

#define SEVERAL \
  "Exactly one of keyPath, keyPaths and keyData must be specified, more than one present"
#define NONE    "Exactly one of keyPath, keyPaths and keyData must be specified, none of them present"
#define EXACTLY "exactly one of keyPath, keyPaths and keyData must be specified"
#define RULE1 \
  "exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified"
#define RULE2                                                                       \
  "at most one of rekorPublickeyPath, rekorPublicKeyPaths, rekorPublickeyData and " \
  "rekorPublicKeyDatas can be used simultaneously"
#define RULE3                                                                        \
  "At least one of rekorPublickeyPath, rekorPublicKeyPaths, rekorPublickeyData and " \
  "rekorPublicKeyDatas must be specified if fulcio is used"
#define RULE4                                                                                \
  "rekorPublickeyPath, rekorPublicKeyPaths, rekorPublickeyData and rekorPublicKeyDatas are " \
  "not supported for pki"
#define OBJECT     "JSON object expected, got <nil>"
#define NO_PATHS   "\"keyPaths\" contains no entries"
#define NO_DATAS   "\"keyDatas\" contains no entries"
#define NO_REKORS  "\"rekorPublickeyPaths\" contains no entries"
#define NO_REKORDS "\"rekorPublickeyDatas\" contains no entries"

struct row
{
  const char *members;
  const char *message; /* NULL: accepted */
  size_t keys, rekor;  /* how many sources, when it is accepted */
};

/* The members behind a type, in a policy of their own. */
static int
parse (const char *type, const char *members, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (65536);
  sp_buf_printf (&text, "{\"default\":[{\"type\":\"%s\"%s%s}]}", type, members[0] ? "," : "",
                 members);
  cr_assert (!text.failed);
  return sp_policy_parse (sp_buf_view (&text), NULL, ret, err);
}

static void
check_rows (const char *type, const struct row *rows, size_t n_rows)
{
  for (size_t i = 0; i < n_rows; i++)
    {
      cleanup_policy struct sp_policy *policy = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      int rc = parse (type, rows[i].members, &policy, &err);
      if (rows[i].message)
        {
          cr_assert (rc == SIGPOLICY_E_CONFIG && !policy, "%s is accepted", rows[i].members);
          cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message, "%s: %s",
                            rows[i].members, sigpolicy_error_message (err));
          continue;
        }
      cr_assert (rc == 0, "%s: %s", rows[i].members, sigpolicy_error_text (err));
      const struct sp_requirement *requirement = sp_policy_default (policy)->requirements.items;
      cr_expect_str_eq (sp_requirement_type_name (requirement->type), type);
      cr_expect (requirement->keys.len == rows[i].keys, "%s: %zu keys", rows[i].members,
                 requirement->keys.len);
      cr_expect (requirement->rekor_keys.len == rows[i].rekor, "%s: %zu logs", rows[i].members,
                 requirement->rekor_keys.len);
    }
}

#define CHECK_ROWS(type, rows) check_rows (type, rows, sizeof (rows) / sizeof *(rows))

#define GPG "\"keyType\":\"GPGKeys\","

static const struct row signed_by[] = {
  { GPG "\"keyPath\":\"/k\"", NULL, 1, 0 },
  { GPG "\"keyPath\":\"relative\\u0000\"", NULL, 1, 0 },
  { "\"keyPath\":\"/k\",\"keyType\":\"signedByGPGKeys\"", NULL, 1, 0 },
  { "\"keyPath\":\"/k\",\"keyType\":\"X509Certificates\"", NULL, 1, 0 },
  { "\"keyPath\":\"/k\",\"keyType\":\"signedByX509CAs\"", NULL, 1, 0 },
  { GPG "\"keyPath\":\"/k\",\"signedIdentity\":{\"type\":\"matchExact\"}", NULL, 1, 0 },

  { "", NONE, 0, 0 },
  { "\"keyPath\":\"/k\"", "invalid keyType \"\"", 0, 0 },
  { "\"keyPath\":\"\"", "invalid keyType \"\"", 0, 0 },
  { "\"keyType\":\"\"", "Unrecognized keyType value \"\"", 0, 0 },
  { "\"keyType\":null", "Unrecognized keyType value \"\"", 0, 0 },
  { "\"keyType\":\"X.509Certificates\"", "Unrecognized keyType value \"X.509Certificates\"", 0, 0 },
  { "\"keyType\":\"GPGKeys\\u0000\"", "Unrecognized keyType value \"GPGKeys\\x00\"", 0, 0 },
  { "\"keyType\":1", "expected a string, found a number", 0, 0 },
  { GPG GPG "\"keyPath\":\"/k\"", "Duplicate key \"keyType\"", 0, 0 },
  { GPG "\"keyPath\":\"/k\",\"signedIdentity\":null", "Unknown policy reference match type \"\"", 0,
    0 },
  { GPG "\"keyDatas\":[\"YQ==\"]", "Unknown key \"keyDatas\"", 0, 0 },
  { GPG "\"keypath\":\"/k\"", "Unknown key \"keypath\"", 0, 0 },

  /* Presence decides, whatever the value. */
  { GPG "\"keyPath\":\"/k\",\"keyPaths\":[\"/k\"]", SEVERAL, 0, 0 },
  { GPG "\"keyPath\":\"\",\"keyData\":\"YQ==\"", SEVERAL, 0, 0 },
  { GPG "\"keyPath\":\"/k\",\"keyData\":null", SEVERAL, 0, 0 },
  { GPG "\"keyPaths\":[],\"keyData\":null", SEVERAL, 0, 0 },
  { GPG "\"keyPath\":null,\"keyPaths\":null,\"keyData\":null", SEVERAL, 0, 0 },
  { GPG "\"signedIdentity\":{\"type\":\"matchExact\"}", NONE, 0, 0 },

  /* Then the one that is there needs a value. */
  { GPG "\"keyPath\":\"\"", EXACTLY, 0, 0 },
  { GPG "\"keyPath\":null", EXACTLY, 0, 0 },
  { GPG "\"keyPaths\":null", EXACTLY, 0, 0 },
  { GPG "\"keyData\":null", EXACTLY, 0, 0 },
  { GPG "\"keyPaths\":[\"/a\",\"/b\"]", NULL, 2, 0 },
  { GPG "\"keyPaths\":[\"\"]", NULL, 1, 0 },
  { GPG "\"keyPaths\":[null]", NULL, 1, 0 },
  { GPG "\"keyPaths\":[\"/a\",null]", NULL, 2, 0 },
  { GPG "\"keyPaths\":[]", NULL, 0, 0 },
  { GPG "\"keyData\":\"YWJj\"", NULL, 1, 0 },
  { GPG "\"keyData\":[97]", NULL, 1, 0 },
  { GPG "\"keyData\":\"\"", NULL, 1, 0 },
  { GPG "\"keyData\":[]", NULL, 1, 0 },
  { GPG "\"keyData\":\"\\n\"", NULL, 1, 0 },

  { GPG "\"keyPath\":1", "expected a string, found a number", 0, 0 },
  { GPG "\"keyPaths\":\"/k\"", "expected an array, found a string", 0, 0 },
  { GPG "\"keyPaths\":{}", "expected an array, found an object", 0, 0 },
  { GPG "\"keyPaths\":[[]]", "expected a string, found an array", 0, 0 },
  { GPG "\"keyData\":{}", "expected a string with base64, found an object", 0, 0 },
  { GPG "\"keyData\":true", "expected a string with base64, found a boolean", 0, 0 },
};

Test (model_policy_requirement, signed_by) { CHECK_ROWS ("signedBy", signed_by); }

#define K "\"keyPath\":\"/k\""
#define F "\"fulcio\":{\"caPath\":\"/c\",\"oidcIssuer\":\"https://i\",\"subjectEmail\":\"e@f\"}"
#define P "\"pki\":{\"caRootsPath\":\"/c\",\"subjectEmail\":\"e@f\"}"
#define R "\"rekorPublicKeyPath\":\"/r\""

static const struct row sigstore_signed[] = {
  { "", RULE1, 0, 0 },
  { R, RULE1, 0, 0 },
  { K, NULL, 1, 0 },
  { "\"keyPath\":\"\"", RULE1, 0, 0 },
  { "\"keyPath\":null", RULE1, 0, 0 },
  { "\"keyPath\":\"\",\"keyData\":\"YWJj\"", NULL, 1, 0 },
  { "\"keyPath\":\"\",\"keyData\":\"\"", NULL, 1, 0 },
  { "\"keyPath\":\"\",\"keyPaths\":[\"/a\"]", NULL, 1, 0 },
  { "\"keyPath\":\"\",\"keyData\":null", RULE1, 0, 0 },
  { K ",\"keyData\":\"YQ==\"", RULE1, 0, 0 },
  { K ",\"keyData\":\"\"", RULE1, 0, 0 },
  { K ",\"keyData\":null", NULL, 1, 0 },
  { K ",\"keyPaths\":null", NO_PATHS, 0, 0 },
  { K ",\"keyPaths\":[]", NO_PATHS, 0, 0 },
  { "\"keyDatas\":[]", NO_DATAS, 0, 0 },
  { "\"keyDatas\":null", NO_DATAS, 0, 0 },
  { "\"keyDatas\":[],\"keyPaths\":[]", NO_PATHS, 0, 0 },
  { "\"keyData\":\"\"", NULL, 1, 0 },
  { "\"keyData\":[]", NULL, 1, 0 },
  { "\"keyData\":null", RULE1, 0, 0 },
  { "\"keyData\":null,\"keyDatas\":[\"YQ==\"]", NULL, 1, 0 },
  { "\"keyDatas\":[\"\"]", NULL, 1, 0 },
  { "\"keyDatas\":[null,\"YQ==\"]", NULL, 2, 0 },
  { "\"keyDatas\":[[97]]", NULL, 1, 0 },
  { "\"keyPaths\":[\"\"]", NULL, 1, 0 },
  { "\"keyPaths\":[null]", NULL, 1, 0 },
  { "\"keyPaths\":[\"/a\",\"/a\"]", NULL, 2, 0 },
  { "\"keyDatas\":\"YQ==\"", "expected an array, found a string", 0, 0 },
  { "\"keyDatas\":{}", "expected an array, found an object", 0, 0 },

  { F, RULE3, 0, 0 },
  { F "," R, NULL, 0, 1 },
  { F ",\"rekorPublicKeyPath\":\"\"", RULE3, 0, 0 },
  { F ",\"rekorPublicKeyData\":\"\"", NULL, 0, 1 },
  { F ",\"rekorPublicKeyData\":null", RULE3, 0, 0 },
  { F ",\"rekorPublicKeyDatas\":[\"YQ==\",null]", NULL, 0, 2 },
  { F "," R "," K, RULE1, 0, 0 },
  { F "," R ",\"keyPath\":\"\"", NULL, 0, 1 },
  { F "," R ",\"keyData\":null", NULL, 0, 1 },
  { F "," P, RULE1, 0, 0 },
  { P, NULL, 0, 0 },
  { P "," R, RULE4, 0, 0 },
  { P ",\"rekorPublicKeyPath\":\"\"", NULL, 0, 0 },
  { P ",\"rekorPublicKeyData\":\"\"", RULE4, 0, 0 },
  { P ",\"rekorPublicKeyData\":null", NULL, 0, 0 },
  { P "," K, RULE1, 0, 0 },
  { P ",\"keyPath\":\"\"", NULL, 0, 0 },
  { K "," R, NULL, 1, 1 },
  { K ",\"rekorPublicKeyPath\":\"\"", NULL, 1, 0 },
  { K ",\"rekorPublicKeyPath\":null", NULL, 1, 0 },
  { K ",\"rekorPublicKeyData\":null", NULL, 1, 0 },
  { K ",\"rekorPublicKeyData\":\"\"", NULL, 1, 1 },
  { K "," R ",\"rekorPublicKeyData\":\"YQ==\"", RULE2, 0, 0 },
  { K "," R ",\"rekorPublicKeyData\":null", NULL, 1, 1 },
  { K "," R ",\"rekorPublicKeyPaths\":[\"/r\"]", RULE2, 0, 0 },
  { K ",\"rekorPublicKeyPath\":\"\",\"rekorPublicKeyData\":\"YQ==\"", NULL, 1, 1 },
  { K ",\"rekorPublicKeyPaths\":[]", NO_REKORS, 0, 0 },
  { K ",\"rekorPublicKeyPaths\":null", NO_REKORS, 0, 0 },
  { K ",\"rekorPublicKeyDatas\":[]", NO_REKORDS, 0, 0 },
  { K ",\"rekorPublicKeyDatas\":null,\"rekorPublicKeyPaths\":null", NO_REKORS, 0, 0 },
  { K ",\"rekorPublickeyPath\":\"/r\"", "Unknown key \"rekorPublickeyPath\"", 0, 0 },
  { "\"fulcio\":null", OBJECT, 0, 0 },
  { "\"pki\":null", OBJECT, 0, 0 },
  { K ",\"signedIdentity\":null", "Unknown policy reference match type \"\"", 0, 0 },
  { K "," GPG "\"x\":1", "Unknown key \"keyType\"", 0, 0 },
  { F "," F "," R, "Duplicate key \"fulcio\"", 0, 0 },
};

Test (model_policy_requirement, sigstore_signed) { CHECK_ROWS ("sigstoreSigned", sigstore_signed); }

#define FULCIO(in) "\"fulcio\":{" in "}," R
#define ISSUER     "\"oidcIssuer\":\"https://i\""
#define EMAIL      "\"subjectEmail\":\"e@f\""
#define PKI(in)    "\"pki\":{" in "}"
#define ROOTS      "\"caRootsPath\":\"/c\""
#define NO_CA      "At least one of caPath and caData must be specified"
#define BOTH_CA    "caPath and caData cannot be used simultaneously"
#define NO_ROOTS   "At least one of caRootsPath and caRootsData must be specified"

static const struct row certificates[] = {
  { FULCIO ("\"caPath\":\"/c\"," ISSUER "," EMAIL), NULL, 0, 1 },
  { FULCIO ("\"caData\":\"YQ==\"," ISSUER "," EMAIL), NULL, 0, 1 },
  { FULCIO ("\"caPath\":\"\",\"caData\":\"YQ==\"," ISSUER "," EMAIL), NULL, 0, 1 },
  { FULCIO ("\"caPath\":\"/c\",\"caData\":null," ISSUER "," EMAIL), NULL, 0, 1 },
  { FULCIO ("\"caData\":\"\"," ISSUER "," EMAIL), NULL, 0, 1 },
  { FULCIO ("\"caPath\":\"/c\",\"caData\":\"\"," ISSUER "," EMAIL), BOTH_CA, 0, 0 },
  { FULCIO ("\"caPath\":\"/c\",\"caData\":\"\""), BOTH_CA, 0, 0 },
  { FULCIO (""), NO_CA, 0, 0 },
  { FULCIO ("\"caPath\":null," ISSUER "," EMAIL), NO_CA, 0, 0 },
  { FULCIO ("\"caData\":null"), NO_CA, 0, 0 },
  { FULCIO ("\"caPath\":\"/c\"," EMAIL), "oidcIssuer not specified", 0, 0 },
  { FULCIO ("\"caPath\":\"/c\",\"oidcIssuer\":\"\""), "oidcIssuer not specified", 0, 0 },
  { FULCIO ("\"caPath\":\"/c\"," ISSUER), "subjectEmail not specified", 0, 0 },
  { FULCIO ("\"caPath\":\"/c\"," ISSUER ",\"subjectEmail\":null"), "subjectEmail not specified", 0,
    0 },
  { FULCIO ("\"caPath\":\"/c\"," ISSUER ",\"subjectEmail\":1"), "expected a string, found a number",
    0, 0 },
  { FULCIO ("\"subjectHostname\":\"h\""), "Unknown key \"subjectHostname\"", 0, 0 },
  { FULCIO ("\"caPath\":\"/c\",\"caPath\":\"/c\""), "Duplicate key \"caPath\"", 0, 0 },
  { FULCIO ("\"caData\":\"YQ\""), "illegal base64 data at input byte 0", 0, 0 },

  { PKI (ROOTS "," EMAIL), NULL, 0, 0 },
  { PKI (ROOTS ",\"subjectHostname\":\"h\""), NULL, 0, 0 },
  { PKI (ROOTS "," EMAIL ",\"subjectHostname\":\"h\""), NULL, 0, 0 },
  { PKI (ROOTS "," EMAIL ",\"subjectHostname\":\"\""), NULL, 0, 0 },
  { PKI ("\"caRootsData\":\"\"," EMAIL), NULL, 0, 0 },
  { PKI (ROOTS ",\"caIntermediatesPath\":\"\",\"caIntermediatesData\":\"\"," EMAIL), NULL, 0, 0 },
  { PKI (ROOTS ",\"caIntermediatesPath\":\"/i\",\"caIntermediatesData\":null," EMAIL), NULL, 0, 0 },
  { PKI (""), NO_ROOTS, 0, 0 },
  { PKI ("\"caRootsPath\":\"\"," EMAIL), NO_ROOTS, 0, 0 },
  { PKI (ROOTS ",\"caRootsData\":\"\""),
    "caRootsPath and caRootsData cannot be used simultaneously", 0, 0 },
  { PKI (ROOTS ",\"caIntermediatesPath\":\"/i\",\"caIntermediatesData\":\"\""),
    "caIntermediatesPath and caIntermediatesData cannot be used simultaneously", 0, 0 },
  { PKI (ROOTS), "At least one of subjectEmail, subjectHostname must be specified", 0, 0 },
  { PKI (ROOTS ",\"subjectEmail\":\"\",\"subjectHostname\":null"),
    "At least one of subjectEmail, subjectHostname must be specified", 0, 0 },
  { PKI (ROOTS "," EMAIL "," ISSUER), "Unknown key \"oidcIssuer\"", 0, 0 },
};

Test (model_policy_requirement, certificates) { CHECK_ROWS ("sigstoreSigned", certificates); }

static const struct row base_layer[] = {
  { "\"baseLayerIdentity\":{\"type\":\"matchExact\"}", NULL, 0, 0 },
  { "\"baseLayerIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"a\",\"signedPrefix\":\"b\"}",
    NULL, 0, 0 },
  { "", "Key \"baseLayerIdentity\" missing in a JSON object", 0, 0 },
  { "\"baseLayerIdentity\":null", "Unknown policy reference match type \"\"", 0, 0 },
  { "\"baseLayerIdentity\":{\"type\":\"exactReference\"}",
    "Key \"dockerReference\" missing in a JSON object", 0, 0 },
  { "\"signedIdentity\":{\"type\":\"matchExact\"}", "Unknown key \"signedIdentity\"", 0, 0 },
};

Test (model_policy_requirement, base_layer) { CHECK_ROWS ("signedBaseLayer", base_layer); }

/* Base64 as it is written in a policy, and what it holds. */
static const struct
{
  const char *json;
  const char *data; /* NULL: refused */
} binary[] = {
  { "\"YWJj\"", "abc" },
  { "\"YWI=\"", "ab" },
  { "\"YQ==\"", "a" },
  { "\"+/+/\"", "\xfb\xff\xbf" },
  { "\"\"", "" },
  { "\"YWJj\\n\"", "abc" },
  { "\"YW\\nJj\"", "abc" },
  { "\"Y\\r\\nWJj\"", "abc" },
  { "\"YWI\\n=\"", "ab" },
  { "\"YQ=\\n=\"", "a" },
  { "\"YQ==\\n\\n\"", "a" },
  { "\"\\n\"", "" },
  { "\"YR==\"", "a" },
  { "\"YWL=\"", "ab" },
  { "[97,98]", "ab" },
  { "[]", "" },
  { "[97,255]", "a\xff" },
  { "\"YW\\u004aj\"", "abc" },
  { "\"YWI\"", NULL },
  { "\"YQ\"", NULL },
  { "\"YQ=\"", NULL },
  { "\"YQ===\"", NULL },
  { "\"YWJjYQ\"", NULL },
  { "\"=\"", NULL },
  { "\"====\"", NULL },
  { "\"Y\"", NULL },
  { "\"YWJj====\"", NULL },
  { "\"YQ==YQ==\"", NULL },
  { "\"YW Jj\"", NULL },
  { "\"YW\\tJj\"", NULL },
  { "\" YWJj\"", NULL },
  { "\"YWJj\\u0000\"", NULL },
  { "\"-_-_\"", NULL },
  { "\"YWJ*\"", NULL },
  { "\"YWJj\xc3\xa9\"", NULL },
  { "[256]", NULL },
  { "[-1]", NULL },
  { "[-0]", NULL },
  { "[1.0]", NULL },
  { "[1e0]", NULL },
  { "[\"a\"]", NULL },
  { "[[]]", NULL },
};

Test (model_policy_requirement, binary)
{
  for (size_t i = 0; i < sizeof binary / sizeof *binary; i++)
    {
      cleanup_policy struct sp_policy *policy = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf members = SP_BUF (4096);
      sp_buf_printf (&members, GPG "\"keyData\":%s", binary[i].json);
      int rc = parse ("signedBy", members.data, &policy, &err);
      if (!binary[i].data)
        {
          cr_expect (rc == SIGPOLICY_E_CONFIG && !policy, "%s is accepted", binary[i].json);
          continue;
        }
      cr_assert (rc == 0, "%s: %s", binary[i].json, sigpolicy_error_text (err));
      const struct sp_key_source *source
          = sp_policy_default (policy)->requirements.items[0].keys.items;
      cr_expect (!source->path && sp_view_is (sp_buf_view (&source->data), binary[i].data), "%s",
                 binary[i].json);
    }
}

static const struct sp_requirement *
requirement_of (const struct sp_policy *policy)
{
  return &sp_policy_default (policy)->requirements.items[0];
}

/* What a requirement says ends up where it belongs. */
Test (model_policy_requirement, contents)
{
  cleanup_policy struct sp_policy *by = NULL, *fulcio = NULL, *pki = NULL, *datas = NULL;
  sigpolicy_error *err = NULL;

  cr_assert (parse ("signedBy",
                    "\"keyPaths\":[\"/a\",\"b\\u0000c\",null],\"keyType\":\"GPGKeys\","
                    "\"signedIdentity\":{\"type\":\"matchRepository\"}",
                    &by, &err)
             == 0);
  const struct sp_requirement *it = requirement_of (by);
  cr_expect (it->key_type == SP_KEY_TYPE_GPG && it->keys.len == 3 && !it->fulcio && !it->pki);
  cr_expect_str_eq (it->keys.items[0].path, "/a");
  cr_expect (it->keys.items[1].path_len == 3 && memcmp (it->keys.items[1].path, "b\0c", 4) == 0);
  cr_expect (it->keys.items[2].path && it->keys.items[2].path_len == 0);
  cr_expect (it->identity.type == SP_IDENTITY_MATCH_REPOSITORY);
  cr_expect (it->line == 1 && it->column == 13);

  cr_assert (parse ("sigstoreSigned",
                    "\"fulcio\":{\"caData\":\"YQ==\",\"oidcIssuer\":\"https://i\",\"subjectEmail\":"
                    "\"e\\u0000@f\"},\"rekorPublicKeyPaths\":[\"/r\",\"/s\"]",
                    &fulcio, &err)
             == 0);
  it = requirement_of (fulcio);
  cr_expect (it->keys.len == 0 && it->rekor_keys.len == 2 && !it->rekor_dropped);
  cr_expect (!it->fulcio->ca.items[0].path && it->fulcio->ca.items[0].data.len == 1);
  cr_expect_str_eq (it->fulcio->oidc_issuer, "https://i");
  cr_expect (it->fulcio->oidc_issuer_len == 9 && it->fulcio->subject_email_len == 4
             && memcmp (it->fulcio->subject_email, "e\0@f", 5) == 0);
  cr_expect_str_eq (it->rekor_keys.items[1].path, "/s");
  cr_expect (it->identity.type == SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT);

  cr_assert (parse ("sigstoreSigned",
                    PKI ("\"caRootsPath\":\"/c\",\"caIntermediatesData\":\"YWI=\","
                         "\"subjectEmail\":\"\",\"subjectHostname\":\"h\\u0000\""),
                    &pki, &err)
             == 0);
  it = requirement_of (pki);
  cr_expect (it->pki->roots.len == 1 && it->pki->intermediates.len == 1 && !it->rekor_dropped);
  cr_expect (it->pki->intermediates.items[0].data.len == 2 && !it->pki->subject_email
             && it->pki->subject_email_len == 0 && it->pki->subject_hostname_len == 2);

  cr_assert (parse ("sigstoreSigned",
                    "\"keyDatas\":[\"YQ==\",null,[98]],\"rekorPublicKeyPath\":\"\"", &datas, &err)
             == 0);
  it = requirement_of (datas);
  cr_expect (it->keys.len == 3 && it->rekor_dropped);
  cr_expect_str_eq (it->keys.items[2].data.data, "b");
  cr_expect (!it->keys.items[1].path && it->keys.items[1].data.len == 0);
}

Test (model_policy_requirement, names)
{
  cr_expect_str_eq (sp_requirement_type_name (SP_REQUIREMENT_ACCEPT), "insecureAcceptAnything");
  cr_expect_str_eq (sp_requirement_type_name (SP_REQUIREMENT_SIGSTORE_SIGNED), "sigstoreSigned");
  cr_expect_str_eq (sp_key_type_name (SP_KEY_TYPE_X509), "X509Certificates");
}
