/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a policy.json. What is refused says so with a place, and leaves nothing behind. What
 * is accepted has at least one requirement for whatever image is asked about, each of its scopes is
 * found by its name, and every requirement can be met or refused in one way only. It is no longer
 * accepted when any member of any of its objects stands there twice, nor when its end is missing.
 */
#include "fuzz.h"

#include "json/json.h"
#include "model/policy.h"
#include "util/limits.h"

/* How many objects of one document get a member twice. */
#define TWICE_MAX 24

static const char *const images[] = {
  "docker://busybox",
  "docker://registry.example:5000/ns/app:v1",
  "atomic:registry.example/ns/stream:tag",
  "docker-daemon:sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "docker-daemon:busybox:1",
  "containers-storage:[overlay@/g+/r]busybox",
  "dir:/",
  "docker-archive:/nowhere.tar",
};

/* --- what is accepted ------------------------------------------------------------------------- */

static void
check_sources (const struct sp_key_sources *sources)
{
  require (sources->len <= SP_POLICY_KEY_SOURCES_MAX && sources->len <= sources->capacity);
  for (size_t i = 0; i < sources->len; i++)
    {
      const struct sp_key_source *source = &sources->items[i];
      require (source->path ? source->path[source->path_len] == '\0' && !source->data.len
                            : source->data.len <= SP_POLICY_STRING_MAX);
    }
}

static void
check_identity (const struct sp_identity *identity)
{
  bool exact = identity->type == SP_IDENTITY_EXACT_REFERENCE
               || identity->type == SP_IDENTITY_EXACT_REPOSITORY;
  bool remap = identity->type == SP_IDENTITY_REMAP;

  require (exact == (identity->reference != NULL) && exact == (identity->configured != NULL));
  require (remap == (identity->prefix != NULL) && remap == (identity->signed_prefix != NULL));
  if (identity->type == SP_IDENTITY_EXACT_REFERENCE)
    require (!sp_reference_is_name_only (identity->reference));
}

static void
check_sigstore (const struct sp_requirement *requirement)
{
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;

  require ((requirement->keys.len > 0) + (fulcio != NULL) + (pki != NULL) == 1);
  require (!requirement->rekor_dropped || !requirement->rekor_keys.len);
  if (fulcio)
    {
      require (requirement->rekor_keys.len && fulcio->ca.len == 1);
      require (fulcio->oidc_issuer_len && fulcio->subject_email_len);
      require (fulcio->oidc_issuer[fulcio->oidc_issuer_len] == '\0'
               && fulcio->subject_email[fulcio->subject_email_len] == '\0');
      check_sources (&fulcio->ca);
    }
  if (pki)
    {
      require (!requirement->rekor_keys.len && pki->roots.len == 1 && pki->intermediates.len <= 1);
      require (pki->subject_email || pki->subject_hostname);
      require (!pki->subject_email == !pki->subject_email_len
               && !pki->subject_hostname == !pki->subject_hostname_len);
      check_sources (&pki->roots);
      check_sources (&pki->intermediates);
    }
}

static void
check_scope (const struct sp_policy_scope *scope)
{
  require (scope->name[scope->name_len] == '\0' && scope->line && scope->column);
  require (scope->requirements.len && scope->requirements.len <= SP_POLICY_REQUIREMENTS_MAX);
  for (size_t i = 0; i < scope->requirements.len; i++)
    {
      const struct sp_requirement *requirement = &scope->requirements.items[i];
      require (requirement->line && requirement->column);
      check_identity (&requirement->identity);
      check_sources (&requirement->keys);
      check_sources (&requirement->rekor_keys);
      if (requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED)
        check_sigstore (requirement);
      else
        require (!requirement->fulcio && !requirement->pki && !requirement->rekor_keys.len);
      if (requirement->type != SP_REQUIREMENT_SIGSTORE_SIGNED
          && requirement->type != SP_REQUIREMENT_SIGNED_BY)
        require (!requirement->keys.len);
    }
}

/* An image whose identity is the scope's name has this scope, unless a NUL cuts the name. */
static void
check_found (const struct sp_policy *policy, const struct sp_policy_transport *transport,
             const struct sp_policy_scope *scope)
{
  struct sp_image_name image = { .identity = scope->name };

  if (!sp_transport_find (sp_view_n (transport->name, transport->name_len), &image.transport))
    return;
  require (transport->known && sp_policy_find_transport (policy, image.transport) == transport);
  if (sp_view_find (sp_view_n (scope->name, scope->name_len), '\0') != SP_VIEW_NONE)
    return;
  struct sp_policy_match match = sp_policy_lookup (policy, &image);
  require (match.scope == scope && match.transport == transport);
}

static void
check_images (const struct sp_policy *policy)
{
  for (size_t i = 0; i < sizeof images / sizeof *images; i++)
    {
      cleanup_image_name struct sp_image_name *image = NULL;
      sigpolicy_error *err = NULL;
      require (sp_image_name_parse (sp_view_str (images[i]), &image, &err) == 0);
      struct sp_policy_match match = sp_policy_lookup (policy, image);
      require (match.scope && match.scope->requirements.len);
      require (match.transport || match.scope == sp_policy_default (policy));
      require (!match.transport
               || match.transport == sp_policy_find_transport (policy, image->transport));
    }
}

static void
check_policy (const struct sp_policy *policy)
{
  require (strlen (sp_policy_sha256 (policy)) == 64);
  check_scope (sp_policy_default (policy));
  for (size_t i = 0; i < sp_policy_n_transports (policy); i++)
    {
      const struct sp_policy_transport *transport = sp_policy_transport (policy, i);
      require (transport->name[transport->name_len] == '\0');
      for (size_t j = 0; j < transport->n_scopes; j++)
        {
          check_scope (&transport->scopes[j]);
          check_found (policy, transport, &transport->scopes[j]);
        }
    }
  check_images (policy);
}

/* --- what must not be ------------------------------------------------------------------------- */

static void
expect_refused (struct sp_view text, const char *beginning)
{
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  require (sp_policy_parse (text, NULL, &policy, &err) == SIGPOLICY_E_CONFIG && !policy);
  require (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
           || strncmp (sigpolicy_error_message (err), beginning, strlen (beginning)) == 0);
}

/* The text once more, with the first member of an object also as its last. */
static void
repeat_member (struct sp_view text, const struct sp_json *json, sp_json_node object)
{
  cleanup_buf struct sp_buf twice = SP_BUF (2 * SP_POLICY_BYTES_MAX + 2);
  struct sp_json_iter it = sp_json_iter (json, object);
  struct sp_view source = sp_json_source (json, object);
  size_t end = (size_t)(source.data - text.data) + source.len - 1;

  if (!sp_json_next (&it))
    return;
  sp_buf_add (&twice, sp_view_head (text, end));
  sp_buf_byte (&twice, ',');
  sp_buf_add (&twice, sp_json_source (json, it.key_node));
  sp_buf_byte (&twice, ':');
  sp_buf_add (&twice, sp_json_source (json, it.value));
  sp_buf_add (&twice, sp_view_from (text, end));
  require (!twice.failed);
  expect_refused (sp_buf_view (&twice), "Duplicate key ");
}

static void
check_duplicates (struct sp_view text)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_json_iter open[SP_POLICY_DEPTH_MAX + 1];
  size_t depth = 1, objects = 0;
  sigpolicy_error *err = NULL;

  require (sp_json_parse (text, SP_POLICY_DEPTH_MAX, &json, &err) == 0);
  repeat_member (text, json, SP_JSON_ROOT);
  open[0] = sp_json_iter (json, SP_JSON_ROOT);
  while (depth && objects < TWICE_MAX)
    {
      if (!sp_json_next (&open[depth - 1]))
        {
          depth--;
          continue;
        }
      sp_json_node value = open[depth - 1].value;
      if (sp_json_type_of (json, value) == SP_JSON_OBJECT)
        {
          repeat_member (text, json, value);
          objects++;
        }
      if (sp_json_count (json, value))
        {
          require (depth <= SP_POLICY_DEPTH_MAX);
          open[depth++] = sp_json_iter (json, value);
        }
    }
  struct sp_view root = sp_json_source (json, SP_JSON_ROOT);
  expect_refused (sp_view_n (text.data, (size_t)(root.data - text.data) + root.len - 1),
                  "unexpected end of JSON input");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = { (const char *)data, size };
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  if (sp_policy_parse (text, "policy.json", &policy, &err) < 0)
    {
      require (!policy && sigpolicy_error_code (err) == SIGPOLICY_E_CONFIG);
      require (sigpolicy_error_message (err)[0] && sigpolicy_error_file (err));
      require (sigpolicy_error_line (err) && sigpolicy_error_column (err));
      return 0;
    }
  require (policy && !err);
  check_policy (policy);
  check_duplicates (text);
  return 0;
}
