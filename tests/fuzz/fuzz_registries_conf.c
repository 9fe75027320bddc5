/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a registries.conf. Once it is read, every endpoint of an image is a canonical name,
 * in order mirrors and then one that is none; what short names stand for is canonical too. Read
 * once more as a drop-in it replaces itself: no answer changes, but for what gave it.
 */
#include "fuzz.h"

#include "model/registries_conf.h"

#include <stdint.h>
#include <stdlib.h>

#define DIGEST "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *const names[] = {
  "a.b/c:v1",  ("a.b/c" DIGEST), "busybox", "reg.example:5000/a/b:c", "reg.example.com/a:b",
  "a_b.c/d:e", "1.5/x:y",
};

static struct sp_registries_conf *
parse (struct sp_view text)
{
  struct sp_reader_choice paths = { .file = (char[]){ "main.conf" } };
  struct sp_registries_conf *conf = NULL;
  sigpolicy_error *err = NULL;

  require (sp_registries_conf_new (&paths, &conf, &err) == 0);
  int rc = sp_registries_conf_parse_file (conf, text, "main.conf", SP_REGISTRIES_CONF_MAIN, &err);
  require ((rc == 0) == !err);
  if (rc == 0)
    return conf;
  require (sigpolicy_error_code (err) == SIGPOLICY_E_CONFIG);
  require (
      strstr (sigpolicy_error_message (err), "loading registries configuration \"main.conf\": "));
  require (strcmp (sigpolicy_error_file (err), "main.conf") == 0);
  sigpolicy_error_free (err);
  sp_registries_conf_free (conf);
  return NULL;
}

static void
check_canonical (const char *text)
{
  struct sp_reference *reference = NULL;
  sigpolicy_error *err = NULL;
  require (sp_reference_parse_canonical (sp_view_str (text), &reference, &err) == 0);
  require (!sp_reference_is_name_only (reference));
  sp_reference_free (reference);
}

static void
check_endpoints (const struct sp_endpoints *endpoints, const struct sp_reference *logical)
{
  require (endpoints->len > 0);
  for (size_t i = 0; i < endpoints->len; i++)
    {
      const struct sp_endpoint *it = &endpoints->items[i];
      check_canonical (it->reference->string);
      require (it->mirror == (i + 1 < endpoints->len));
      require (!it->file == !it->line && !it->blocked_file == !it->blocked_line);
      require (it->blocked == !!it->blocked_file && (!it->blocked || it->refusal));
      require (it->file || (endpoints->len == 1 && !it->insecure));
      require (it->file || strcmp (it->reference->string, logical->string) == 0);
      /* Rewriting never loses what was asked for. */
      require (!logical->digest || strcmp (it->reference->digest, logical->digest) == 0);
      require (!logical->tag || strcmp (it->reference->tag, logical->tag) == 0);
    }
}

static void
check_same (const struct sp_endpoints *one, const struct sp_endpoints *other)
{
  require (one->len == other->len);
  for (size_t i = 0; i < one->len; i++)
    {
      const struct sp_endpoint *left = &one->items[i], *right = &other->items[i];
      require (strcmp (left->reference->string, right->reference->string) == 0);
      require (left->insecure == right->insecure && left->blocked == right->blocked);
      require (left->line == right->line && left->blocked_line == right->blocked_line);
    }
}

/* Endpoints, or none with an error. */
static void
ask (const struct sp_registries_conf *conf, const char *name, struct sp_endpoints *ret)
{
  struct sp_reference *bare = NULL, *reference = NULL;
  sigpolicy_error *err = NULL;

  require (sp_reference_parse (sp_view_str (name), &bare, &err) == 0);
  require (sp_reference_with_default_tag (bare, &reference, &err) == 0);
  int rc = sp_registries_conf_endpoints (conf, reference, ret, &err);
  if (rc == 0)
    check_endpoints (ret, reference);
  else
    require (rc == SIGPOLICY_E_CONFIG && ret->len == 0 && sigpolicy_error_line (err) > 0
             && strstr (sigpolicy_error_message (err), "rewriting reference: "));
  sp_error_clear (&err);
  sp_reference_free (reference);
  sp_reference_free (bare);
}

static void
check_expansion (const struct sp_registries_conf *conf, const char *name)
{
  struct sp_strv found = { 0 };
  sigpolicy_error *err = NULL;
  const char *file = NULL;

  /* A registry to search may be too long, or none that a name can have. */
  int rc = sp_registries_conf_expand (conf, sp_view_str (name), &found, &file, &err);
  require ((rc == 0) == !err && (rc == 0 || found.len == 0));
  for (size_t i = 0; i < found.len; i++)
    check_canonical (found.items[i]);
  sp_error_clear (&err);
  sp_strv_clear (&found);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);
  struct sp_endpoints first[sizeof names / sizeof *names] = { { 0 } };
  sigpolicy_error *err = NULL;

  struct sp_registries_conf *conf = parse (text);
  if (!conf)
    return 0;
  require (sp_registries_conf_credential_helpers (conf)->len > 0);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      ask (conf, names[i], &first[i]);
      check_expansion (conf, names[i]);
    }
  check_expansion (conf, "ns/x");
  /* But version 1 is for main files. */
  int rc = sp_registries_conf_parse_file (conf, text, "a.conf", SP_REGISTRIES_CONF_DROP_IN, &err);
  require (rc == 0 || strstr (sigpolicy_error_message (err), "must be in v2 format but is in v1"));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      struct sp_endpoints again = { 0 };
      if (rc == 0)
        {
          ask (conf, names[i], &again);
          check_same (&first[i], &again);
        }
      sp_endpoints_clear (&again);
      sp_endpoints_clear (&first[i]);
    }
  sp_error_clear (&err);
  sp_registries_conf_free (conf);
  return 0;
}
