/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"

/* The objects fulcio and pki of sigstoreSigned: which certificates may have signed. Values decide,
 * not presence. */

/* A pair of a path and data: at most one of them names something. */
static int
choose (const struct sp_json *json, sp_json_node node, struct sp_key_field *path,
        struct sp_key_field *data, const char *both, struct sp_key_sources *ret,
        sigpolicy_error **err)
{
  if (path->sources.len && data->sources.len)
    return sp_policy_refuse (json, node, both, err);
  struct sp_key_field *chosen = path->sources.len ? path : data;
  *ret = chosen->sources;
  chosen->sources = (struct sp_key_sources){ 0 };
  return 0;
}

/* NULL for an empty text, which counts as absent. */
static int
take_text (struct sp_view text, char **ret, size_t *ret_len, sigpolicy_error **err)
{
  if (text.len && !(*ret = sp_view_dup (text, err)))
    return SIGPOLICY_E_NO_MEMORY;
  *ret_len = text.len;
  return 0;
}

void
sp_fulcio_free (struct sp_fulcio *fulcio)
{
  if (!fulcio)
    return;
  sp_key_sources_clear (&fulcio->ca);
  free (fulcio->oidc_issuer);
  free (fulcio->subject_email);
  free (fulcio);
}

SP_DEFINE_CLEANUP (struct sp_fulcio *, sp_fulcio_free);

int
sp_fulcio_parse (const struct sp_json *json, sp_json_node node, struct sp_fulcio **ret,
                 sigpolicy_error **err)
{
  SP_CLEANUP (sp_fulcio_free_p) struct sp_fulcio *fulcio = sp_calloc (1, sizeof *fulcio, err);
  SP_CLEANUP (sp_key_field_clear) struct sp_key_field path = { 0 };
  SP_CLEANUP (sp_key_field_clear) struct sp_key_field data = { 0 };
  struct sp_view issuer = { "", 0 }, email = { "", 0 };

  if (!fulcio)
    return SIGPOLICY_E_NO_MEMORY;
  const struct sp_json_field fields[] = {
    { .name = "caPath", .read = sp_policy_read_path, .out = &path },
    { .name = "caData", .read = sp_policy_read_data, .out = &data },
    { .name = "oidcIssuer", .read = sp_policy_read_string, .out = &issuer },
    { .name = "subjectEmail", .read = sp_policy_read_string, .out = &email },
  };
  int rc = sp_json_decode (json, node, fields, sizeof fields / sizeof *fields,
                           SP_JSON_OPTIONAL_FIELDS, &sp_policy_faults, err);
  if (rc == 0)
    rc = choose (json, node, &path, &data, "caPath and caData cannot be used simultaneously",
                 &fulcio->ca, err);
  if (rc == 0 && !fulcio->ca.len)
    rc = sp_policy_refuse (json, node, "At least one of caPath and caData must be specified", err);
  if (rc == 0 && !issuer.len)
    rc = sp_policy_refuse (json, node, "oidcIssuer not specified", err);
  if (rc == 0 && !email.len)
    rc = sp_policy_refuse (json, node, "subjectEmail not specified", err);
  if (rc == 0)
    rc = take_text (issuer, &fulcio->oidc_issuer, &fulcio->oidc_issuer_len, err);
  if (rc == 0)
    rc = take_text (email, &fulcio->subject_email, &fulcio->subject_email_len, err);
  if (rc < 0)
    return rc;
  *ret = steal (&fulcio);
  return 0;
}

void
sp_pki_free (struct sp_pki *pki)
{
  if (!pki)
    return;
  sp_key_sources_clear (&pki->roots);
  sp_key_sources_clear (&pki->intermediates);
  free (pki->subject_email);
  free (pki->subject_hostname);
  free (pki);
}

SP_DEFINE_CLEANUP (struct sp_pki *, sp_pki_free);

int
sp_pki_parse (const struct sp_json *json, sp_json_node node, struct sp_pki **ret,
              sigpolicy_error **err)
{
  SP_CLEANUP (sp_pki_free_p) struct sp_pki *pki = sp_calloc (1, sizeof *pki, err);
  SP_CLEANUP (sp_key_field_clear) struct sp_key_field roots_path = { 0 };
  SP_CLEANUP (sp_key_field_clear) struct sp_key_field roots_data = { 0 };
  SP_CLEANUP (sp_key_field_clear) struct sp_key_field intermediates_path = { 0 };
  SP_CLEANUP (sp_key_field_clear) struct sp_key_field intermediates_data = { 0 };
  struct sp_view email = { "", 0 }, hostname = { "", 0 };

  if (!pki)
    return SIGPOLICY_E_NO_MEMORY;
  const struct sp_json_field fields[] = {
    { .name = "caRootsPath", .read = sp_policy_read_path, .out = &roots_path },
    { .name = "caRootsData", .read = sp_policy_read_data, .out = &roots_data },
    { .name = "caIntermediatesPath", .read = sp_policy_read_path, .out = &intermediates_path },
    { .name = "caIntermediatesData", .read = sp_policy_read_data, .out = &intermediates_data },
    { .name = "subjectEmail", .read = sp_policy_read_string, .out = &email },
    { .name = "subjectHostname", .read = sp_policy_read_string, .out = &hostname },
  };
  int rc = sp_json_decode (json, node, fields, sizeof fields / sizeof *fields,
                           SP_JSON_OPTIONAL_FIELDS, &sp_policy_faults, err);
  if (rc == 0)
    rc = choose (json, node, &roots_path, &roots_data,
                 "caRootsPath and caRootsData cannot be used simultaneously", &pki->roots, err);
  if (rc == 0 && !pki->roots.len)
    rc = sp_policy_refuse (json, node,
                           "At least one of caRootsPath and caRootsData must be specified", err);
  if (rc == 0)
    rc = choose (json, node, &intermediates_path, &intermediates_data,
                 "caIntermediatesPath and caIntermediatesData cannot be used simultaneously",
                 &pki->intermediates, err);
  if (rc == 0 && !email.len && !hostname.len)
    rc = sp_policy_refuse (json, node,
                           "At least one of subjectEmail, subjectHostname must be specified", err);
  if (rc == 0)
    rc = take_text (email, &pki->subject_email, &pki->subject_email_len, err);
  if (rc == 0)
    rc = take_text (hostname, &pki->subject_hostname, &pki->subject_hostname_len, err);
  if (rc < 0)
    return rc;
  *ret = steal (&pki);
  return 0;
}
