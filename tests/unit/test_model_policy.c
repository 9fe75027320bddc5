/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NO  "[{\"type\":\"reject\"}]"

static struct sp_policy *
parse (const char *text)
{
  struct sp_policy *policy = NULL;
  sigpolicy_error *err = NULL;
  cr_assert (sp_policy_parse (sp_view_str (text), NULL, &policy, &err) == 0, "%s: %s", text,
             sigpolicy_error_text (err));
  return policy;
}

static struct sp_policy_match
look_up (const struct sp_policy *policy, const char *name)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  sigpolicy_error *err = NULL;
  cr_assert (sp_image_name_parse (sp_view_str (name), &image, &err) == 0, "%s: %s", name,
             sigpolicy_error_text (err));
  return sp_policy_lookup (policy, image);
}

#define DOCKER                                                                                 \
  "{\"default\":" NO ",\"transports\":{\"Docker\":{\"docker.io\":" NO "},\"docker\":{"         \
  "\"docker.io/library/busybox:latest\":" NO ",\"docker.io/library\":" NO ",\"docker.io\":" NO \
  ",\"busybox\":" NO ",\"example.com\":" NO ",\"*.example.com\":" NO ",\"*.com\":" NO          \
  ",\"deep.example.com/a\\u0000\":" NO ",\"deep.example.com:8443/a/b\":" NO ",\"*\":" NO       \
  ",\"h.example.org@sha256:" HEX "\":" NO ",\"h.example.org/x@sha256:" HEX "\":" NO "},"       \
  "\"docker-daemon\":{\"\":" NO ",\"sha256:0123\":" NO "},\"tarball\":{},\"atomic\":{\"\":" NO \
  "}}}"

static const struct
{
  const char *image;
  const char *scope; /* NULL: the default */
} lookups[] = {
  { "docker://busybox", "docker.io/library/busybox:latest" },
  { "docker://busybox:1", "docker.io/library" },
  { "docker://docker.io/ns/img", "docker.io" },
  { "docker://example.com/img", "example.com" },
  { "docker://example.com:8443/img", "*.com" },
  { "docker://sub.example.com/img", "*.example.com" },
  { "docker://sub.example.com:8443/img", "*.example.com" },
  { "docker://deep.example.com/a", "*.example.com" },
  { "docker://deep.example.com:8443/a/b:1", "deep.example.com:8443/a/b" },
  { "docker://deep.example.com:8443/a/bc:1", "*.example.com" },
  { "docker://EXAMPLE.com/img", "*.com" },
  { "docker://example.COM/img", NULL },
  { "docker://example.org/img", NULL },
  { "docker://h.example.org/x@sha256:" HEX, "h.example.org/x@sha256:" HEX },
  { "docker://h.example.org/x:1", NULL },
  { "docker-daemon:sha256:" HEX, "" },
  { "docker-daemon:busybox:1", "" },
  { "docker-archive:/nowhere.tar", NULL },
  { "atomic:example.com/ns/stream:tag", "" },
};

Test (model_policy, lookups)
{
  cleanup_policy struct sp_policy *policy = parse (DOCKER);

  for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++)
    {
      struct sp_policy_match match = look_up (policy, lookups[i].image);
      if (!lookups[i].scope)
        {
          cr_expect (!match.transport && match.scope == sp_policy_default (policy), "%s: %s",
                     lookups[i].image, match.scope->name);
          continue;
        }
      cr_expect_str_eq (match.scope->name, lookups[i].scope, "%s: %s", lookups[i].image,
                        match.scope->name);
      cr_expect (match.transport && match.transport->known && match.scope >= match.transport->scopes
                 && match.scope < match.transport->scopes + match.transport->n_scopes);
    }
}

/* Everything stands in the order of the document, with its place. */
Test (model_policy, contents)
{
  cleanup_policy struct sp_policy *policy
      = parse ("{\"transports\": {\n"
               "  \"zzz\": {\"b\": " NO ", \"a\": " NO "},\n"
               "  \"docker\": {\n"
               "    \"c\": [{\"type\": \"reject\"},\n"
               "          {\"type\": \"insecureAcceptAnything\"}"
               "],\n"
               "    \"\": " NO "},\n"
               "  \"dir\": {}},\n"
               " \"default\": " NO "}");
  const struct sp_policy_scope *fallback = sp_policy_default (policy);

  cr_assert (sp_policy_n_transports (policy) == 3);
  const struct sp_policy_transport *unknown = sp_policy_transport (policy, 0);
  const struct sp_policy_transport *docker = sp_policy_transport (policy, 1);
  cr_expect_str_eq (unknown->name, "zzz");
  cr_expect (!unknown->known && unknown->n_scopes == 2);
  cr_expect_str_eq (unknown->scopes[0].name, "b");
  cr_expect_str_eq (unknown->scopes[1].name, "a");

  cr_expect (docker->known && docker->n_scopes == 2 && docker->name_len == 6);
  cr_expect (docker == sp_policy_find_transport (policy, SP_TRANSPORT_DOCKER));
  cr_expect (sp_policy_find_transport (policy, SP_TRANSPORT_DIR)->n_scopes == 0);
  cr_expect (!sp_policy_find_transport (policy, SP_TRANSPORT_OCI));
  cr_expect (docker->scopes[0].line == 4 && docker->scopes[0].column == 5);
  cr_expect (docker->scopes[0].requirements.len == 2);
  cr_expect (docker->scopes[0].requirements.items[1].type == SP_REQUIREMENT_ACCEPT);
  cr_expect (docker->scopes[0].requirements.items[1].line == 5
             && docker->scopes[0].requirements.items[1].column == 11);
  cr_expect (docker->scopes[1].name_len == 0 && docker->scopes[1].line == 6);

  cr_expect_str_eq (fallback->name, "");
  cr_expect (fallback->line == 8 && fallback->column == 13 && fallback->requirements.len == 1);
  cr_expect (!sp_policy_path (policy));
}

Test (model_policy, references)
{
  struct sp_policy *policy = parse ("{\"default\":" NO "}");
  struct sp_policy *second = sp_policy_ref (policy);

  cr_expect (second == policy);
  sp_policy_free (policy);
  cr_expect_str_eq (sp_policy_sha256 (second),
                    "20e8f8b595fb933723507c58838ee13ff50869eb7ae4ecaaec9476c214321c16");
  sp_policy_free (second);
  sp_policy_free (NULL);
}

Test (model_policy, insecure)
{
  cleanup_policy struct sp_policy *policy = NULL;
  sigpolicy_error *err = NULL;

  cr_assert (sp_policy_insecure (&policy, &err) == 0);
  struct sp_policy_match match = look_up (policy, "docker://busybox");
  cr_expect (!match.transport && match.scope->requirements.len == 1
             && match.scope->requirements.items[0].type == SP_REQUIREMENT_ACCEPT);
  cr_expect (!sp_policy_path (policy) && sp_policy_n_transports (policy) == 0);
}

/* As many scopes as there may be: each is found, and its neighbours are not taken for it. */
Test (model_policy, many_scopes)
{
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  sigpolicy_error *err = NULL;

  sp_buf_str (&text, "{\"default\":" NO ",\"transports\":{\"docker\":{");
  for (size_t i = 0; i < SP_POLICY_SCOPES_MAX; i++)
    sp_buf_printf (&text, "%s\"quay.io/%zu\":" NO, i ? "," : "", i * 2);
  sp_buf_str (&text, "}}}");
  cr_assert (sp_policy_parse (sp_buf_view (&text), NULL, &policy, &err) == 0);
  for (size_t i = 0; i < SP_POLICY_SCOPES_MAX * 2; i += 997)
    {
      char name[64], scope[64];
      (void)snprintf (name, sizeof name, "docker://quay.io/%zu/img:1", i);
      (void)snprintf (scope, sizeof scope, "quay.io/%zu", i);
      struct sp_policy_match match = look_up (policy, name);
      cr_expect_str_eq (match.scope->name, i % 2 ? "" : scope, "%s", name);
      cr_expect ((match.transport == NULL) == (i % 2 != 0));
    }
}
