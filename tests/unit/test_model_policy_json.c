/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define DAEMON         "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define ANY            "{\"type\":\"insecureAcceptAnything\"}"
#define NO             "{\"type\":\"reject\"}"
#define KEY            "\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\""
#define DEFAULT        "\"default\":[" NO "]"
#define TRANSPORTS(in) "{" DEFAULT ",\"transports\":{" in "}}"
#define ONE(in)        "{\"default\":[" in "]}"
#define EMPTY          "List of verification policy requirements must not be empty"

/* A message of NULL means "accepted". */
static void
check (struct sp_view in, const char *message)
{
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  int rc = sp_policy_parse (in, NULL, &policy, &err);

  if (!message)
    {
      cr_expect (rc == 0 && policy && !err, "%.*s: %s", (int)in.len, in.data,
                 err ? sigpolicy_error_text (err) : "");
      return;
    }
  cr_assert (rc == SIGPOLICY_E_CONFIG && !policy, "%.*s is accepted", (int)in.len, in.data);
  cr_expect_str_eq (sigpolicy_error_message (err), message, "%.*s: %s", (int)in.len, in.data,
                    sigpolicy_error_message (err));
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_CONFIG_ERROR);
}

static const struct
{
  struct sp_view in;
  const char *message;
} documents[] = {
  { SP_VIEW ("{" DEFAULT "}"), NULL },
  { SP_VIEW (" \t\r\n{" DEFAULT "}\n "), NULL },
  { SP_VIEW (TRANSPORTS ("")), NULL },
  { SP_VIEW ("{\"transports\":{}," DEFAULT "}"), NULL },
  { SP_VIEW (ONE (ANY "," NO "," ANY)), NULL },
  { SP_VIEW ("{\"def\\u0061ult\":[{\"\\u0074ype\":\"\\u0072eject\"}]}"), NULL },

  { SP_VIEW (""), "unexpected end of JSON input" },
  { SP_VIEW (" \n"), "unexpected end of JSON input" },
  { SP_VIEW ("{" DEFAULT), "unexpected end of JSON input" },
  { SP_VIEW ("null"), "JSON object expected, got <nil>" },
  { SP_VIEW ("[]"), "JSON object expected, got 91" },
  { SP_VIEW ("1"), "JSON object expected, got 1" },
  { SP_VIEW ("true"), "JSON object expected, got true" },
  { SP_VIEW ("\"x\""), "JSON object expected, got \"x\"" },
  { SP_VIEW ("{" DEFAULT "}{}"), "invalid character '{' after top-level value" },
  { SP_VIEW ("{" DEFAULT "}\0"), "invalid character '\\x00' after top-level value" },
  { SP_VIEW ("\xef\xbb\xbf{" DEFAULT "}"),
    "invalid character '\\ufeff' looking for beginning of value" },
  { SP_VIEW ("{" DEFAULT ",}"),
    "invalid character '}' looking for beginning of object key string" },

  { SP_VIEW ("{}"), "Default policy is missing" },
  { SP_VIEW ("{\"transports\":{}}"), "Default policy is missing" },
  { SP_VIEW ("{\"Default\":[" NO "]}"), "Unknown key \"Default\"" },
  { SP_VIEW ("{\"default\\u0000\":[" NO "]}"), "Unknown key \"default\\x00\"" },
  { SP_VIEW ("{" DEFAULT "," DEFAULT "}"), "Duplicate key \"default\"" },
  { SP_VIEW ("{" DEFAULT ",\"d\\u0065fault\":[" NO "]}"), "Duplicate key \"default\"" },
  { SP_VIEW ("{\"transports\":{}," DEFAULT ",\"transports\":{}}"), "Duplicate key \"transports\"" },
  { SP_VIEW ("{\"default\":null}"), EMPTY },
  { SP_VIEW ("{\"default\":[]}"), EMPTY },
  { SP_VIEW ("{\"default\":{}}"), "expected an array of requirements, found an object" },
  { SP_VIEW ("{\"default\":\"reject\"}"), "expected an array of requirements, found a string" },
  { SP_VIEW ("{" DEFAULT ",\"transports\":null}"), "JSON object expected, got <nil>" },
  { SP_VIEW ("{" DEFAULT ",\"transports\":[]}"), "JSON object expected, got 91" },
};

Test (model_policy_json, documents)
{
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    check (documents[i].in, documents[i].message);
}

static const struct
{
  struct sp_view in;
  const char *message;
} scopes[] = {
  { SP_VIEW (TRANSPORTS ("\"docker\":{}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"a\":[" NO "],\"a\\u0000b\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"any thing\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a/b\":[" NO "],\"\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a\\u0000b\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"tarball\":{\"\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"ostree\":{\"any thing\":[" NO "]}")), NULL },
  /* Transports that nobody knows: any scope, but requirements as everywhere. */
  { SP_VIEW (TRANSPORTS ("\"Docker\":{\"x\":[" NO "]},\"docker:\":{},\"\":{\"//\":[" ANY "]}")),
    NULL },
  { SP_VIEW (TRANSPORTS ("\"dir\\u0000\":{\"relative\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"foo\":{\"x\":[{\"type\":\"x\"}]}")),
    "Unknown policy requirement type \"x\"" },
  { SP_VIEW (TRANSPORTS ("\"foo\":{\"x\":[" NO "],\"x\":[" NO "]}")), "Duplicate key \"x\"" },

  { SP_VIEW (TRANSPORTS ("\"docker\":null")), "JSON object expected, got <nil>" },
  { SP_VIEW (TRANSPORTS ("\"docker\":[" NO "]")), "JSON object expected, got 91" },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\":null}")), EMPTY },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\":[]}")), EMPTY },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\":" NO "}")),
    "expected an array of requirements, found an object" },
  { SP_VIEW (TRANSPORTS ("\"docker\":{},\"\\u0064ocker\":{}")), "Duplicate key \"docker\"" },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"a\":[" NO "],\"b\":[" NO "],\"a\":[" NO "]}")),
    "Duplicate key \"a\"" },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"a\":[" NO "]}")), "Unknown key \"a\"" },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a/\":[" NO "]}")), "Unknown key \"/a/\"" },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a\\u0000/../b\":[" NO "]}")),
    "Unknown key \"/a\\x00/../b\"" },
  { SP_VIEW (TRANSPORTS ("\"sif\":{\"/\":[" NO "]}")), "Unknown key \"/\"" },
  { SP_VIEW (TRANSPORTS ("\"oci\":{\"/a//b\":[" NO "]}")), "Unknown key \"/a//b\"" },
  { SP_VIEW (TRANSPORTS ("\"oci-archive\":{\"/a/./b\":[" NO "]}")), "Unknown key \"/a/./b\"" },
  { SP_VIEW (TRANSPORTS ("\"tarball\":{\"x\":[" NO "]}")), "Unknown key \"x\"" },
  { SP_VIEW (TRANSPORTS ("\"docker-daemon\":{\"" DAEMON "\":[" NO "]}")),
    "Unknown key \"" DAEMON "\"" },
  { SP_VIEW (TRANSPORTS ("\"docker-archive\":{\"x\":[" NO "]}")), "Unknown key \"x\"" },
  { SP_VIEW (TRANSPORTS ("\"atomic\":{\"a/b:t\":[" NO "]}")), "Unknown key \"a/b:t\"" },
  { SP_VIEW (TRANSPORTS ("\"containers-storage\":{\"[rel]\":[" NO "]}")), "Unknown key \"[rel]\"" },

  /* Bytes that are no UTF-8, and half surrogates, are one and the same replacement character. */
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\xff\":[" NO "]}")), NULL },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\xff\":[" NO "],\"\xfe\":[" NO "]}")),
    "Duplicate key \"\xef\xbf\xbd\"" },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\\ud800\":[" NO "],\"\\udc00\":[" NO "]}")),
    "Duplicate key \"\xef\xbf\xbd\"" },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"\xff\":[" NO "],\"\xff\xff\":[" NO "]}")), NULL },
};

Test (model_policy_json, scopes)
{
  for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
    check (scopes[i].in, scopes[i].message);
}

/* Which of two faults is reported. */
static const struct
{
  struct sp_view in;
  const char *message;
} orders[] = {
  { SP_VIEW ("{\"x\":1," DEFAULT ",,}"),
    "invalid character ',' looking for beginning of object key string" },
  { SP_VIEW ("{\"transports\":{\"docker\":{\"a\":[]}},\"default\":[]}"), EMPTY },
  { SP_VIEW ("{\"x\":1,\"default\":[]}"), "Unknown key \"x\"" },
  { SP_VIEW ("{\"default\":[],\"x\":1}"), EMPTY },
  { SP_VIEW ("{\"transports\":{\"docker\":1}}"), "JSON object expected, got 1" },
  /* Scopes in document order: duplicates, scopes that are none, requirements. */
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a\":[" NO "],\"/a\":[],\"x\":[]}")), "Duplicate key \"/a\"" },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a\":[" NO "],\"x\":[],\"/a\":[]}")), "Unknown key \"x\"" },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"/a\":[],\"x\":[" NO "],\"/a\":[]}")), EMPTY },
  { SP_VIEW (TRANSPORTS ("\"dir\":{\"x\":[" NO "],\"x\":[" NO "]}")), "Unknown key \"x\"" },
  { SP_VIEW (TRANSPORTS ("\"docker\":{\"a\":[]},\"docker\":{}")), EMPTY },
  { SP_VIEW (TRANSPORTS ("\"docker\":{},\"docker\":{\"a\":[]}")), "Duplicate key \"docker\"" },
  { SP_VIEW (ONE (NO ",{\"type\":\"a\"},{\"type\":\"b\"}")),
    "Unknown policy requirement type \"a\"" },

  /* Within an object: its type, then its members. */
  { SP_VIEW (ONE ("{\"x\":1,\"type\":\"bad\"}")), "Unknown policy requirement type \"bad\"" },
  { SP_VIEW (ONE ("{\"x\":1,\"x\":2}")), "Unknown policy requirement type \"\"" },
  { SP_VIEW (ONE ("{\"type\":\"signedBy\",\"signedIdentity\":{\"type\":\"bad\"},\"zz\":1}")),
    "Unknown key \"zz\"" },
  { SP_VIEW (ONE ("{\"type\":\"signedBy\",\"y\":1,\"keyType\":\"x\"}")), "Unknown key \"y\"" },
  { SP_VIEW (ONE ("{\"type\":\"signedBy\",\"keyType\":\"x\",\"y\":1}")),
    "Unrecognized keyType value \"x\"" },
  { SP_VIEW (ONE ("{\"type\":\"sigstoreSigned\",\"keyPaths\":[],\"signedIdentity\":{\"type\":"
                  "\"bad\"}}")),
    "Unknown policy reference match type \"bad\"" },
  { SP_VIEW (ONE ("{\"type\":\"sigstoreSigned\",\"keyPaths\":[],\"fulcio\":{\"zz\":1}}")),
    "Unknown key \"zz\"" },
  { SP_VIEW (ONE ("{\"type\":\"sigstoreSigned\",\"fulcio\":{},\"pki\":1,\"x\":1}")),
    "At least one of caPath and caData must be specified" },
  { SP_VIEW (ONE ("{\"type\":\"signedBy\",\"signedIdentity\":null}")),
    "Unknown policy reference match type \"\"" },
  { SP_VIEW (ONE ("{\"type\":\"signedBy\",\"keyPath\":\"/k\"}")), "invalid keyType \"\"" },
  { SP_VIEW (ONE ("{\"type\":\"signedBy\",\"keyPath\":\"\",\"keyData\":\"\"}")),
    "Exactly one of keyPath, keyPaths and keyData must be specified, more than one present" },
};

Test (model_policy_json, orders)
{
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
    check (orders[i].in, orders[i].message);
}

/* The type of a requirement: exactly one, of that spelling, a string, a known word. */
static const struct
{
  struct sp_view in;
  const char *message;
} types[] = {
  { SP_VIEW ("{\"Type\":\"reject\"}"), "Unknown key \"Type\"" },
  { SP_VIEW ("{\"type\":\"reject\",\"Type\":\"reject\"}"), "Unknown key \"Type\"" },
  { SP_VIEW ("{\"type\":\"reject\",\"TYPE\":\"bad\"}"), "Unknown policy requirement type \"bad\"" },
  { SP_VIEW ("{\"type\":\"insecureAcceptAnything\",\"type\":\"reject\"}"),
    "Duplicate key \"type\"" },
  { SP_VIEW ("{\"type\":\"reject\",\"type\":null}"), "Duplicate key \"type\"" },
  { SP_VIEW ("{\"type\":null,\"type\":\"reject\"}"), "Duplicate key \"type\"" },
  { SP_VIEW ("{}"), "Unknown policy requirement type \"\"" },
  { SP_VIEW ("{\"type\":null}"), "Unknown policy requirement type \"\"" },
  { SP_VIEW ("{\"type\":\"\"}"), "Unknown policy requirement type \"\"" },
  { SP_VIEW ("null"), "Unknown policy requirement type \"\"" },
  { SP_VIEW ("{\"type\":1}"), "expected a string, found a number" },
  { SP_VIEW ("{\"type\":1,\"type\":\"reject\"}"), "expected a string, found a number" },
  { SP_VIEW ("{\"type\":[\"reject\"]}"), "expected a string, found an array" },
  { SP_VIEW ("1"), "expected an object, found a number" },
  { SP_VIEW ("\"reject\""), "expected an object, found a string" },
  { SP_VIEW ("[]"), "expected an object, found an array" },
  { SP_VIEW ("{\"type\":\"Reject\"}"), "Unknown policy requirement type \"Reject\"" },
  { SP_VIEW ("{\"type\":\"reject \"}"), "Unknown policy requirement type \"reject \"" },
  { SP_VIEW ("{\"type\":\"reject\\u0000\"}"), "Unknown policy requirement type \"reject\\x00\"" },
  { SP_VIEW ("{\"type\":\"reject\",\"x\":1e999}"), "Unknown key \"x\"" },
  { SP_VIEW ("{\"type\":\"reject\",\"keyPath\":\"/k\"}"), "Unknown key \"keyPath\"" },
  { SP_VIEW ("{\"type\":\"insecureAcceptAnything\",\"\":1}"), "Unknown key \"\"" },
};

Test (model_policy_json, types)
{
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (4096);
      sp_buf_str (&text, "{\"default\":[");
      sp_buf_add (&text, types[i].in);
      sp_buf_str (&text, "]}");
      check (sp_buf_view (&text), types[i].message);
    }
}

/* Where a fault is, and what is to be done about it. */
static const struct
{
  const char *name, *in;
  unsigned line, column;
  const char *path, *hint;
} places[] = {
  { "syntax", "{\n  \"default\": [\n    {\"type\": \"reject\"},\n  ]\n}", 4, 3, NULL,
    "JSON has no comma after the last entry: remove it" },
  { "comment", "{\n  // ours\n  \"default\": []}", 2, 3, NULL, "JSON has no comments: remove it" },
  { "cut off", "{\"default\":\n[", 2, 2, NULL, "the text ends too early: was the file cut off?" },
  { "no default", "\n {\"transports\":{}}", 2, 2, NULL,
    "add \"default\": [{\"type\": \"reject\"}]" },
  { "not an object", "\n\n  []", 3, 3, NULL, NULL },
  { "unknown key", "{\n \"Default\":[" NO "]}", 2, 2, "Default", "did you mean \"default\"?" },
  { "unknown key, unlike any", "{\n \"frobnicate\":1}", 2, 2, "frobnicate",
    "the keys here are default and transports" },
  { "duplicate key", "{" DEFAULT ",\n" DEFAULT "}", 2, 1, "default", NULL },
  { "empty list", "{\"default\":\n []}", 2, 2, "default",
    "to reject everything, write [{\"type\": \"reject\"}]" },
  { "requirement", "{\"default\":[" NO ",\n 7]}", 2, 2, "default[1]", NULL },
  { "unknown type", "{\"default\":[\n{\"type\":\n \"Reject\"}]}", 3, 2, "default[0].type",
    "did you mean \"reject\"?" },
  { "unknown type, unlike any", "{\"default\":[\n{\"type\":\n \"allow\"}]}", 3, 2,
    "default[0].type", "it is insecureAcceptAnything, reject, signedBy or sigstoreSigned" },
  { "no type", "{\"default\":[\n {}]}", 2, 2, "default[0]",
    "it is insecureAcceptAnything, reject, signedBy or sigstoreSigned" },
  { "misspelt type", "{\"default\":[\n {\"tpye\":\"reject\"}]}", 2, 2, "default[0]",
    "did you mean \"type\" instead of \"tpye\"?" },
  { "case of type", "{\"default\":[\n {\"Type\":\"reject\"}]}", 2, 3, "default[0].Type",
    "did you mean \"type\"?" },
  { "bad scope", TRANSPORTS ("\"dir\":{\n  \"rel/path\":[" NO "]}"), 2, 3,
    "transports.dir[\"rel/path\"]", "Invalid scope rel/path: Must be an absolute path" },
  { "scope that is not clean", TRANSPORTS ("\"oci\":{\n  \"/a/../b\":[" NO "]}"), 2, 3,
    "transports.oci[\"/a/../b\"]",
    "Invalid scope /a/../b: Uses non-canonical path format, perhaps try with path /b" },
  { "duplicate scope", TRANSPORTS ("\"docker\":{\"quay.io\":[" NO "],\n\"quay.io\":[" NO "]}"), 2,
    1, "transports.docker[\"quay.io\"]", NULL },
  { "in a scope",
    TRANSPORTS ("\"docker\":{\"quay.io/ns\":[" NO ",\n{\"type\":\"signedBy\"," KEY
                ",\n \"keypaths\":[]}]}"),
    3, 2, "transports.docker[\"quay.io/ns\"][1].keypaths", "did you mean \"keyPaths\"?" },
  { "scope with a NUL", TRANSPORTS ("\"docker\":{\"a\\u0000\":[\n1]}"), 2, 1,
    "transports.docker[\"a\\x00\"][0]", NULL },
  { "key type", ONE ("{\"type\":\"signedBy\",\n\"keyType\":\"GPGkeys\"}"), 2, 11,
    "default[0].keyType", "did you mean \"GPGKeys\"?" },
  { "no key type", ONE ("\n{\"type\":\"signedBy\",\"keyPath\":\"/k\"}"), 2, 1, "default[0]",
    "add \"keyType\": \"GPGKeys\"" },
  { "no key", ONE ("\n{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"}"), 2, 1, "default[0]",
    "add the file of the public key as \"keyPath\"" },
  { "two ways of naming keys", ONE ("\n{\"type\":\"signedBy\"," KEY ",\"keyData\":\"YQ==\"}"), 2, 1,
    "default[0]", "keep only one of \"keyPath\" and \"keyData\"" },
  { "key without a value",
    ONE ("{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\n\"keyPath\":\"\"}"), 2, 11,
    "default[0].keyPath", "\"keyPath\" has no value" },
  { "type of a field", ONE ("{\"type\":\"signedBy\",\n\"keyPath\":{}}"), 2, 11,
    "default[0].keyPath", NULL },
  { "type in a list", ONE ("{\"type\":\"signedBy\",\n\"keyPaths\":[\"/a\",\n 1]}"), 3, 2,
    "default[0].keyPaths[1]", NULL },
  { "base64", ONE ("{\"type\":\"signedBy\",\n\"keyData\":\"YWJ\"}"), 2, 11, "default[0].keyData",
    NULL },
  { "byte of an array", ONE ("{\"type\":\"signedBy\",\n\"keyData\":[1,\n256]}"), 3, 1,
    "default[0].keyData[1]", NULL },
  { "empty list of keys", ONE ("{\"type\":\"sigstoreSigned\",\n\"keyPaths\":\n []}"), 3, 2,
    "default[0].keyPaths", NULL },
  { "no log",
    ONE ("\n {\"type\":\"sigstoreSigned\",\"fulcio\":{\"caPath\":\"/c\",\"oidcIssuer\":"
         "\"i\",\"subjectEmail\":\"e\"}}"),
    2, 2, "default[0]", "add the file of the log's public key as \"rekorPublicKeyPath\"" },
  { "rekor's spelling", ONE ("{\"type\":\"sigstoreSigned\",\n\"rekorPublickeyPath\":\"/r\"}"), 2, 1,
    "default[0].rekorPublickeyPath", "did you mean \"rekorPublicKeyPath\"?" },
  { "within fulcio", ONE ("{\"type\":\"sigstoreSigned\",\n\"fulcio\":\n  {\"caPath\":\"/c\"}}"), 3,
    3, "default[0].fulcio", NULL },
  { "key of fulcio", ONE ("{\"type\":\"sigstoreSigned\",\n\"fulcio\":{\"oidcissuer\":\"i\"}}"), 2,
    11, "default[0].fulcio.oidcissuer", "did you mean \"oidcIssuer\"?" },
  { "identity type",
    ONE ("{\"type\":\"signedBy\"," KEY ",\n\"signedIdentity\":{\"type\":\n"
         "\"matchrepository\"}}"),
    3, 1, "default[0].signedIdentity.type", "did you mean \"matchRepository\"?" },
  { "no identity", ONE ("{\"type\":\"signedBy\"," KEY ",\n\"signedIdentity\":null}"), 2, 18,
    "default[0].signedIdentity",
    "it is matchExact, matchRepoDigestOrExact, matchRepository, exactReference, exactRepository or "
    "remapIdentity" },
  { "name only",
    ONE ("{\"type\":\"signedBy\"," KEY ",\n\"signedIdentity\":{\"type\":"
         "\"exactReference\",\n\"dockerReference\":\"busybox\"}}"),
    3, 19, "default[0].signedIdentity.dockerReference",
    "add the tag, or allow every tag with exactRepository" },
  { "missing member",
    ONE ("{\"type\":\"signedBy\"," KEY ",\n\"signedIdentity\":\n{\"type\":"
         "\"exactReference\"}}"),
    3, 1, "default[0].signedIdentity", NULL },
};

Test (model_policy_json, places)
{
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    {
      cleanup_policy struct sp_policy *policy = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      const char *name = places[i].name;
      cr_assert (sp_policy_parse (sp_view_str (places[i].in), "p.json", &policy, &err)
                     == SIGPOLICY_E_CONFIG,
                 "%s is accepted", name);
      cr_expect (sigpolicy_error_line (err) == places[i].line
                     && sigpolicy_error_column (err) == places[i].column,
                 "%s: %s", name, sigpolicy_error_text (err));
      cr_expect_str_eq (sigpolicy_error_file (err), "p.json", "%s", name);
      const char *path = sigpolicy_error_json_path (err), *hint = sigpolicy_error_hint (err);
      cr_expect ((!path && !places[i].path)
                     || (path && places[i].path && strcmp (path, places[i].path) == 0),
                 "%s: at %s", name, path ? path : "(null)");
      cr_expect ((!hint && !places[i].hint)
                     || (hint && places[i].hint && strcmp (hint, places[i].hint) == 0),
                 "%s: %s", name, hint ? hint : "(null)");
    }
}

/* --- ceilings: at the limit, and one beyond --------------------------------------------------- */

static void
repeat (struct sp_buf *buf, const char *text, size_t count)
{
  while (count--)
    sp_buf_str (buf, text);
}

static void
check_limit (struct sp_buf *text, bool beyond, const char *name)
{
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (!text->failed);
  int rc = sp_policy_parse (sp_buf_view (text), NULL, &policy, &err);
  if (!beyond)
    cr_expect (rc == 0, "%s: %s", name, sigpolicy_error_text (err));
  else
    cr_expect (rc == SIGPOLICY_E_CONFIG && !policy
                   && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT,
               "%s is accepted, or refused for another reason", name);
  sp_buf_clear (text);
}

Test (model_policy_json, limits_of_size)
{
  struct sp_buf text = SP_BUF (2 * SP_POLICY_BYTES_MAX);

  for (size_t beyond = 0; beyond < 2; beyond++)
    {
      sp_buf_str (&text, "{" DEFAULT "}");
      repeat (&text, " ", SP_POLICY_BYTES_MAX + beyond - text.len);
      check_limit (&text, beyond, "bytes");

      sp_buf_str (&text, "{" DEFAULT ",\"transports\":{\"docker\":{\"");
      repeat (&text, "a", SP_POLICY_STRING_MAX + beyond);
      sp_buf_str (&text, "\":[" NO "]}}}");
      check_limit (&text, beyond, "name of a scope");

      sp_buf_str (&text, "{" DEFAULT ",\"transports\":{\"");
      repeat (&text, "a", SP_POLICY_STRING_MAX + beyond);
      sp_buf_str (&text, "\":{}}}");
      check_limit (&text, beyond, "name of a transport");

      sp_buf_str (&text,
                  "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"");
      repeat (&text, "a", SP_POLICY_STRING_MAX + beyond);
      sp_buf_str (&text, "\"}]}");
      check_limit (&text, beyond, "string");

      sp_buf_str (&text,
                  "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"");
      repeat (&text, "YWJj", SP_POLICY_STRING_MAX / 4 + beyond);
      sp_buf_str (&text, "\"}]}");
      check_limit (&text, beyond, "base64");

      sp_buf_str (&text,
                  "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":[0");
      repeat (&text, ",0", SP_POLICY_STRING_MAX + beyond - 1);
      sp_buf_str (&text, "]}]}");
      check_limit (&text, beyond, "array of bytes");
    }
}

Test (model_policy_json, limits_of_number)
{
  struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);

  for (size_t beyond = 0; beyond < 2; beyond++)
    {
      sp_buf_str (&text, "{" DEFAULT ",\"transports\":{\"docker\":{\"\":[" NO
                         "]},\"atomic\":{\"\":[" NO "]");
      for (size_t i = 2; i < SP_POLICY_SCOPES_MAX + beyond; i++)
        sp_buf_printf (&text, ",\"%zu\":[" NO "]", i);
      sp_buf_str (&text, "}}}");
      check_limit (&text, beyond, "scopes");

      sp_buf_str (&text, "{\"default\":[" NO);
      repeat (&text, "," NO, SP_POLICY_REQUIREMENTS_MAX + beyond - 1);
      sp_buf_str (&text, "]}");
      check_limit (&text, beyond, "requirements");

      sp_buf_str (&text, "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\","
                         "\"keyPaths\":[\"/k\"");
      repeat (&text, ",\"/k\"", SP_POLICY_KEY_SOURCES_MAX + beyond - 1);
      sp_buf_str (&text, "]}]}");
      check_limit (&text, beyond, "keys");

      sp_buf_str (&text, "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\","
                         "\"rekorPublicKeyDatas\":[\"\"");
      repeat (&text, ",null", SP_POLICY_KEY_SOURCES_MAX + beyond - 2);
      sp_buf_str (&text, "]}]}");
      check_limit (&text, beyond, "keys of two kinds");
    }
}

/* What is too deep is no policy anyway, but is refused before it is read. */
Test (model_policy_json, limit_of_depth)
{
  for (size_t beyond = 0; beyond < 2; beyond++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (4096);
      cleanup_policy struct sp_policy *policy = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      sp_buf_str (&text, "{\"default\":");
      repeat (&text, "[", SP_POLICY_DEPTH_MAX - 1 + beyond);
      repeat (&text, "]", SP_POLICY_DEPTH_MAX - 1 + beyond);
      sp_buf_str (&text, "}");
      cr_assert (sp_policy_parse (sp_buf_view (&text), NULL, &policy, &err) == SIGPOLICY_E_CONFIG);
      cr_expect_str_eq (sigpolicy_error_message (err),
                        beyond ? "exceeded max depth" : "expected an object, found an array");
      cr_expect (sigpolicy_error_reason (err)
                 == (beyond ? SIGPOLICY_REASON_LIMIT : SIGPOLICY_REASON_CONFIG_ERROR));
    }
}
