/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a file of registries.d. Once it is read, no lookup fails, whatever it says, and a
 * location that is a URL has signatures where its path is; what only this reader knows
 * (x-sigpolicy-bundles, x-sigpolicy-referrers) has a value of its own. Beside itself it conflicts
 * as soon as it has a section; a second file without any changes no answer.
 */
#include "fuzz.h"

#include "model/lookaside.h"

#include <stdint.h>
#include <stdlib.h>

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *const names[] = {
  "quay.io/ns/app:v1",
  ("quay.io/ns/app@" DIGEST),
  "busybox",
  "registry.example:5000/a/b:c",
  "reg.example.com/a:b",
  "a_b.c/d:e",
  "1.5/x:y",
};

static struct sp_registries_d *
parse (struct sp_view text)
{
  struct sp_registries_d *configuration = NULL;
  sigpolicy_error *err = NULL;

  require (sp_registries_d_new ("DIR", &configuration, &err) == 0);
  int rc = sp_registries_d_parse_file (configuration, text, "DIR/a.yaml", &err);
  require ((rc == 0) == !err);
  if (rc == 0)
    return configuration;
  require (sigpolicy_error_code (err) == SIGPOLICY_E_CONFIG);
  require (strstr (sigpolicy_error_message (err), "parsing DIR/a.yaml: yaml: "));
  sigpolicy_error_free (err);
  sp_registries_d_free (configuration);
  return NULL;
}

static void
check_answer (const struct sp_registries_d_answer *answer)
{
  require (!answer->file == !answer->line && !answer->file == !answer->scope);
  require (!answer->value || (answer->file && answer->value_len > 0));
  require (!answer->value || answer->value[answer->value_len] == '\0');
}

static void
check_place (const struct sp_lookaside *lookaside)
{
  sigpolicy_error *err = NULL;
  struct sp_view path = sp_view_n (lookaside->path, lookaside->path_len);

  require (lookaside->path[lookaside->path_len] == '\0');
  require (lookaside->url && lookaside->base);
  char *url = sp_lookaside_url (lookaside, DIGEST, 1, &err);
  char *shown = sp_lookaside_show (lookaside, DIGEST, 1, &err);
  require (url && shown && !err);
  /* What is sent is printable ASCII but for what was a query or follows a scheme as it is. */
  for (const char *c = lookaside->opaque || lookaside->query ? "" : url; *c; c++)
    require (*c > ' ' && *c < 0x7f);
  require (lookaside->userinfo || strcmp (url, shown) == 0);

  char *file = sp_lookaside_path (lookaside, DIGEST, 1, &err);
  require (!file == (sp_view_find (path, '\0') != SP_VIEW_NONE));
  require (!file || (strlen (file) > path.len && sp_view_starts (sp_view_str (file), path)));
  sp_error_clear (&err);
  free (file);
  free (shown);
  free (url);
}

/* What only this reader knows; it has a line where it has a file. */
static void
check_own (const struct sp_registries_d *configuration, const struct sp_reference *reference,
           struct sp_registries_d_answer *answers)
{
  enum sp_bundle_mode mode = SP_BUNDLES_OFF, again;
  bool referrers = false;
  sigpolicy_error *err = NULL;

  require (sp_registries_d_bundles (configuration, reference, &mode, &answers[0], &err) == 0);
  require (mode <= SP_BUNDLES_IDENTITY && (mode == SP_BUNDLES_OFF || answers[0].file));
  require (sp_bundle_mode_find (sp_view_str (sp_bundle_mode_name (mode)), &again) && again == mode);
  require (sp_registries_d_referrers (configuration, reference, &referrers, &answers[1], &err)
           == 0);
  require (!referrers || answers[1].file);
  check_answer (&answers[0]);
  check_answer (&answers[1]);
}

static void
check_lookups (const struct sp_registries_d *configuration, struct sp_registries_d_answer *answers)
{
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      struct sp_reference *bare = NULL, *reference = NULL;
      sigpolicy_error *err = NULL;
      bool attachments = false;
      require (sp_reference_parse (sp_view_str (names[i]), &bare, &err) == 0);
      require (sp_reference_with_default_tag (bare, &reference, &err) == 0);
      require (sp_registries_d_attachments (configuration, reference, &attachments, answers, &err)
               == 0);
      check_answer (answers++);
      check_own (configuration, reference, answers);
      answers += 2;
      for (int use = SP_LOOKASIDE_READ; use <= SP_LOOKASIDE_WRITE; use++)
        {
          struct sp_lookaside *lookaside = NULL;
          struct sp_registries_d_answer again;
          require (sp_registries_d_lookaside (configuration, reference, (enum sp_lookaside_use)use,
                                              answers, &err)
                   == 0);
          check_answer (answers);
          int rc = sp_lookaside_find (configuration, reference, (enum sp_lookaside_use)use, 0, NULL,
                                      &lookaside, &again, &err);
          require (rc == 0 || (answers->value && sigpolicy_error_code (err) == SIGPOLICY_E_CONFIG));
          if (rc == 0)
            check_place (lookaside);
          answers++;
          sp_error_clear (&err);
          sp_lookaside_free (lookaside);
        }
      sp_reference_free (bare);
      sp_reference_free (reference);
    }
}

#define ANSWERS (5 * sizeof names / sizeof *names)

static bool
any_section (const struct sp_registries_d_answer *answers)
{
  for (size_t i = 0; i < ANSWERS; i++)
    if (answers[i].file)
      return true;
  return false;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);
  struct sp_registries_d_answer answers[ANSWERS], again[ANSWERS];
  sigpolicy_error *err = NULL;

  struct sp_registries_d *configuration = parse (text);
  if (!configuration)
    return 0;
  check_lookups (configuration, answers);
  require (sp_registries_d_parse_file (configuration, sp_view_str ("a: b"), "DIR/b.yaml", &err)
           == 0);
  check_lookups (configuration, again);
  for (size_t i = 0; i < ANSWERS; i++)
    require (answers[i].value == again[i].value && answers[i].line == again[i].line);
  if (sp_registries_d_parse_file (configuration, text, "DIR/c.yaml", &err) == 0)
    require (!any_section (answers));
  else
    require (strstr (sigpolicy_error_message (err), "defined both in \"DIR/a.yaml\" and"));
  sp_error_clear (&err);
  sp_registries_d_free (configuration);
  return 0;
}
