/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers recorded questions, one JSON object a line on standard input, one answer a line on
 * standard output: the protocol of tests/conformance/README.md. It has no policy logic of its own;
 * each question is one call of the room that knows.
 */
#include "ask/ask.h"
#include "ask/context.h"
#include "json/json.h"
#include "json/write.h"
#include "model/scope.h"
#include "../support/put_file.h"
#include "util/codec.h"
#include "util/limits.h"
#include "verify/payload.h"

#include <errno.h>

/* The time at which the recorded answers hold. */
#define RECORDED_AT "2026-11-21T00:30:00Z"

#define INPUT_MAX (64 * SP_MIB)

struct question
{
  struct sp_json *json;
  struct sp_json_out *answer;
  struct sp_context *context;
};

static struct sp_view
text_field (const struct question *q, const char *name)
{
  sp_json_node node;
  return sp_json_find (q->json, SP_JSON_ROOT, name, &node) ? sp_json_string (q->json, node)
                                                           : sp_view_str ("");
}

static bool
has_field (const struct question *q, const char *name)
{
  sp_json_node node;
  return sp_json_find (q->json, SP_JSON_ROOT, name, &node);
}

static int
bytes_field (const struct question *q, const char *name, struct sp_buf *out, sigpolicy_error **err)
{
  return sp_base64_decode (text_field (q, name), out, err);
}

/* --- one function for each kind of question; each writes its answer's members, or fails
 * ------------------------------- */

static int
ask_ref (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  (void)stage;

  int rc = sp_reference_parse (text_field (q, "input"), &reference, err);
  if (rc < 0)
    return rc;
  cleanup_free char *familiar = sp_reference_familiar (reference, err);
  if (!familiar)
    return SIGPOLICY_E_NO_MEMORY;
  sp_json_write_str (q->answer, "string", reference->string);
  sp_json_write_str (q->answer, "name", reference->name);
  sp_json_write_str (q->answer, "domain", reference->domain);
  sp_json_write_str (q->answer, "path", reference->path);
  sp_json_write_str (q->answer, "familiar", familiar);
  sp_json_write_bool (q->answer, "name_only", sp_reference_is_name_only (reference));
  if (reference->tag)
    sp_json_write_str (q->answer, "tag", reference->tag);
  if (reference->digest)
    sp_json_write_str (q->answer, "digest", reference->digest);
  return 0;
}

static int
ask_image (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  (void)stage;

  int rc = sp_image_name_parse (text_field (q, "input"), &image, err);
  if (rc < 0)
    return rc;
  sp_json_write_str (q->answer, "transport", sp_transport_name (image->transport));
  sp_json_write_str (q->answer, "name", image->text);
  sp_json_write_str (q->answer, "identity", image->identity);
  sp_json_write_open (q->answer, "namespaces", true);
  for (size_t i = 0; i < image->namespaces.len; i++)
    sp_json_write_str (q->answer, NULL, image->namespaces.items[i]);
  sp_json_write_close (q->answer);
  if (image->reference)
    sp_json_write_str (q->answer, "docker_reference", image->reference->string);
  return 0;
}

static int
ask_scope (const struct question *q, const char **stage, sigpolicy_error **err)
{
  enum sp_transport transport;
  (void)stage;

  if (!sp_transport_find (text_field (q, "transport"), &transport))
    {
      sp_json_write_bool (q->answer, "unknown_transport", true);
      return 0;
    }
  return sp_scope_check (transport, text_field (q, "scope"), err);
}

static int
ask_policy (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (INPUT_MAX);
  (void)stage;

  int rc = bytes_field (q, "policy", &text, err);
  return rc < 0 ? rc : sp_policy_parse (sp_buf_view (&text), NULL, &policy, err);
}

static int
ask_match (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_json struct sp_json *json = NULL;
  SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
  bool matches = false;

  *stage = "reference";
  int rc = sp_image_name_parse (text_field (q, "reference"), &image, err);
  if (rc < 0)
    return rc;
  *stage = "match";
  rc = sp_json_parse (text_field (q, "match"), SP_POLICY_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_identity_parse (json, SP_JSON_ROOT, &identity, err);
  if (rc == 0)
    rc = sp_identity_matches (&identity, image->reference, text_field (q, "signed"), &matches, NULL,
                              err);
  if (rc == 0)
    sp_json_write_bool (q->answer, "match", matches);
  return rc;
}

static int
payload (const struct question *q, enum sp_payload_kind kind, sigpolicy_error **err)
{
  cleanup_payload struct sp_untrusted_payload untrusted = { 0 };
  cleanup_buf struct sp_buf text = SP_BUF (INPUT_MAX);

  int rc = bytes_field (q, "payload", &text, err);
  if (rc == 0)
    rc = sp_untrusted_payload_parse (sp_buf_view (&text), kind, &untrusted, err);
  if (rc < 0)
    return rc;
  sp_json_write_str (q->answer, "digest", untrusted.digest);
  sp_json_write_view (q->answer, "reference",
                      sp_view_n (untrusted.reference, untrusted.reference_len));
  if (kind == SP_PAYLOAD_SIGSTORE)
    return 0;
  if (untrusted.creator)
    sp_json_write_view (q->answer, "creator", sp_view_n (untrusted.creator, untrusted.creator_len));
  if (untrusted.has_timestamp)
    sp_json_write_int (q->answer, "timestamp", untrusted.timestamp);
  return 0;
}

static int
ask_payload (const struct question *q, const char **stage, sigpolicy_error **err)
{
  (void)stage;
  return payload (q, SP_PAYLOAD_SIMPLE_SIGNING, err);
}

static int
ask_sigstore_payload (const struct question *q, const char **stage, sigpolicy_error **err)
{
  (void)stage;
  return payload (q, SP_PAYLOAD_SIGSTORE, err);
}

/* A failure that is part of the answer. */
static void
write_failure (const struct question *q, const char *name, sigpolicy_error **err)
{
  sp_json_write_str (q->answer, name, sigpolicy_error_message (*err));
  sp_error_clear (err);
}

static int
ask_digest (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf manifest = SP_BUF (INPUT_MAX);
  cleanup_free char *mime = NULL;
  char digest[SP_SHA256_TEXT_SIZE];
  bool matches = false;
  (void)stage;

  int rc = bytes_field (q, "manifest", &manifest, err);
  if (rc == 0)
    rc = sp_manifest_guess (sp_buf_view (&manifest), &mime, err);
  if (rc < 0)
    return rc;
  sp_json_write_str (q->answer, "mime", mime);
  if (sp_manifest_digest (sp_buf_view (&manifest), digest, err) < 0)
    write_failure (q, "digest_error", err);
  else
    sp_json_write_str (q->answer, "digest", digest);
  if (!has_field (q, "digest"))
    return 0;
  if (sp_manifest_matches (sp_buf_view (&manifest), text_field (q, "digest"), &matches, err) < 0)
    write_failure (q, "matches_error", err);
  sp_json_write_bool (q->answer, "matches", matches);
  return 0;
}

static int
ask_blob (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  cleanup_buf struct sp_buf bytes = SP_BUF (INPUT_MAX);
  (void)stage;

  int rc = bytes_field (q, "input", &bytes, err);
  if (rc == 0)
    rc = sp_signature_blob_parse (&bytes, "input", &blob, err);
  if (rc == 0)
    sp_json_write_str (q->answer, "format", sp_signature_format_name (blob->format));
  return rc;
}

/* Writes the files of a question into a directory. */
static int
write_files (const struct question *q, const char *directory, sigpolicy_error **err)
{
  sp_json_node files;
  if (!sp_json_find (q->json, SP_JSON_ROOT, "files", &files))
    return 0;
  struct sp_json_iter it = sp_json_iter (q->json, files);
  while (sp_json_next (&it))
    {
      cleanup_buf struct sp_buf content = SP_BUF (INPUT_MAX);
      cleanup_free char *name = sp_view_dup (it.key, err);
      cleanup_free char *path = name ? sp_asprintf (err, "%s/%s", directory, name) : NULL;
      if (!path)
        return SIGPOLICY_E_NO_MEMORY;
      int rc = sp_base64_decode (sp_json_string (q->json, it.value), &content, err);
      if (rc == 0)
        rc = put_file (path, sp_buf_view (&content), err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

static void
remove_files (const struct question *q, const char *directory)
{
  sp_json_node files;
  if (sp_json_find (q->json, SP_JSON_ROOT, "files", &files))
    {
      struct sp_json_iter it = sp_json_iter (q->json, files);
      while (sp_json_next (&it))
        {
          char *path = NULL;
          if (asprintf (&path, "%s/%.*s", directory, (int)it.key.len, it.key.data) >= 0)
            {
              (void)unlink (path);
              free (path);
            }
        }
    }
  (void)rmdir (directory);
}

static int
registries_d (const struct question *q, const char *directory, sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *configuration = NULL;
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_lookaside struct sp_lookaside *lookaside = NULL;
  const struct sp_reader reader = { .generation = SP_GENERATION_OLD };
  struct sp_registries_d_answer answer;
  sp_json_node node;
  bool attachments = false;
  int64_t index = 0;
  bool write = sp_json_find (q->json, SP_JSON_ROOT, "write", &node)
               && sp_json_type_of (q->json, node) == SP_JSON_TRUE;

  int rc = write_files (q, directory, err);
  if (rc == 0)
    rc = sp_registries_d_load (&reader, directory, &configuration, err);
  if (rc == 0)
    rc = sp_image_name_parse (text_field (q, "reference"), &image, err);
  if (rc == 0)
    rc = sp_lookaside_find (configuration, image->reference,
                            write ? SP_LOOKASIDE_WRITE : SP_LOOKASIDE_READ, 0, "/root", &lookaside,
                            &answer, err);
  if (rc == 0)
    rc = sp_registries_d_attachments (configuration, image->reference, &attachments, &answer, err);
  if (rc < 0)
    return rc;
  sp_json_write_str (q->answer, "base", lookaside->url);
  sp_json_write_bool (q->answer, "attachments", attachments);
  if (!text_field (q, "digest").len)
    return 0;
  if (sp_json_find (q->json, SP_JSON_ROOT, "index", &node))
    (void)sp_json_int64 (q->json, node, &index);
  cleanup_free char *digest = sp_view_dup (text_field (q, "digest"), err);
  if (!digest)
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_free char *url = sp_lookaside_url (lookaside, digest, (size_t)index + 1, err);
  if (url)
    sp_json_write_str (q->answer, "url", url);
  else
    write_failure (q, "url_error", err);
  return 0;
}

static int
ask_registries_d (const struct question *q, const char **stage, sigpolicy_error **err)
{
  char directory[] = "/tmp/conformance-driver.XXXXXX";

  *stage = "config";
  if (!mkdtemp (directory))
    return sp_error_errno (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL, errno, "mkdtemp");
  int rc = registries_d (q, directory, err);
  remove_files (q, directory);
  return rc;
}

static int
add_signatures (const struct question *q, struct sp_evidence *evidence, sigpolicy_error **err)
{
  sp_json_node list;
  if (!sp_json_find (q->json, SP_JSON_ROOT, "signatures", &list))
    return 0;
  struct sp_json_iter it = sp_json_iter (q->json, list);
  while (sp_json_next (&it))
    {
      cleanup_buf struct sp_buf bytes = SP_BUF (INPUT_MAX), copy = SP_BUF (INPUT_MAX);
      cleanup_signature_blob struct sp_signature_blob *blob = NULL;
      int rc = sp_base64_decode (sp_json_string (q->json, it.value), &bytes, err);
      sp_buf_add (&copy, sp_buf_view (&bytes));
      if (rc == 0)
        rc = sp_signature_blob_parse (&copy, "signature", &blob, err);
      if (rc == 0)
        rc = sp_evidence_add_signature (evidence, sp_buf_view (&bytes), "signature", err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

static int
ask_eval (const struct question *q, const char **stage, sigpolicy_error **err)
{
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_evidence struct sp_evidence *evidence = NULL;
  cleanup_trace struct sp_trace *trace = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (INPUT_MAX), manifest = SP_BUF (INPUT_MAX);
  struct sp_asked question = { 0 };
  struct sp_signature_blob *const *blobs;
  size_t n_blobs;

  *stage = "policy";
  int rc = bytes_field (q, "policy", &text, err);
  if (rc == 0)
    rc = sp_policy_parse (sp_buf_view (&text), NULL, &policy, err);
  if (rc < 0)
    return rc;
  *stage = "reference";
  rc = sp_image_name_parse (text_field (q, "reference"), &image, err);
  if (rc < 0)
    return rc;
  *stage = "signature";
  rc = bytes_field (q, "manifest", &manifest, err);
  if (rc == 0)
    rc = sp_evidence_new (&evidence, err);
  if (rc == 0)
    rc = sp_evidence_set_manifest (evidence, sp_buf_view (&manifest), "manifest", err);
  if (rc == 0)
    rc = add_signatures (q, evidence, err);
  if (rc == 0)
    rc = sp_evidence_signatures (evidence, &blobs, &n_blobs, err);
  if (rc == 0 && image->reference && image->reference->digest)
    rc = sp_evidence_expect_digest (evidence, image->reference->digest, err);
  if (rc == 0)
    rc = sp_context_trust (q->context, &question.trust, err);
  if (rc < 0)
    return rc;
  *stage = "evaluate";
  question.now = sp_context_now (q->context);
  question.policy = policy;
  question.image = image;
  question.evidence = evidence;
  rc = sp_ask (&question, &trace, err);
  if (rc < 0)
    return rc;
  sp_json_write_bool (q->answer, "allowed", trace->outcome.answer == SP_ANSWER_ACCEPTED);
  if (trace->outcome.message)
    sp_json_write_str (q->answer, "error", trace->outcome.message);
  if (trace->outcome.stricter)
    sp_json_write_str (q->answer, "stricter", trace->outcome.stricter);
  return 0;
}

static const struct
{
  const char *op;
  int (*ask) (const struct question *q, const char **stage, sigpolicy_error **err);
} kinds[] = {
  { "ref", ask_ref },
  { "image", ask_image },
  { "scope", ask_scope },
  { "policy", ask_policy },
  { "match", ask_match },
  { "payload", ask_payload },
  { "sigstore-payload", ask_sigstore_payload },
  { "digest", ask_digest },
  { "blob", ask_blob },
  { "registriesd", ask_registries_d },
  { "eval", ask_eval },
};

static int
ask (const struct question *q, const char **stage, sigpolicy_error **err)
{
  struct sp_view op = text_field (q, "op");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (sp_view_is (op, kinds[i].op))
      return kinds[i].ask (q, stage, err);
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "unknown op");
}

/* Answers one line; what cannot be answered is an answer too. */
static char *
answer_line (struct sp_view line, struct sp_context *context, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_json_out struct sp_json_out *whole = sp_json_write_new (false, err);
  cleanup_json_out struct sp_json_out *failed = NULL;
  cleanup_free char *id = NULL;
  const char *stage = NULL;
  sp_json_node node;

  if (!whole)
    return NULL;
  int rc = sp_json_parse (line, SP_JSON_DEPTH_MAX, &json, err);
  if (rc == 0 && sp_json_find (json, SP_JSON_ROOT, "id", &node))
    id = sp_view_dup (sp_json_string (json, node), err);
  struct question question = { json, whole, context };
  sp_json_write_str (whole, "id", id);
  if (rc == 0)
    rc = ask (&question, &stage, err);
  if (rc == 0)
    {
      sp_json_write_bool (whole, "ok", true);
      return sp_json_write_text (whole, SP_JSON_ONE_LINE, err);
    }
  cleanup_error sigpolicy_error *why = steal (err);
  failed = sp_json_write_new (false, err);
  if (!failed)
    return NULL;
  sp_json_write_str (failed, "id", id);
  sp_json_write_bool (failed, "ok", false);
  sp_json_write_str (failed, "error", sigpolicy_error_message (why));
  if (stage)
    sp_json_write_str (failed, "stage", stage);
  return sp_json_write_text (failed, SP_JSON_ONE_LINE, err);
}

int
main (void)
{
  struct sp_context context = { .has_clock = true };
  sigpolicy_error *error = NULL;
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;

  if (sp_openpgp_init (true, &error) < 0 || sp_time_parse (RECORDED_AT, &context.clock, &error) < 0)
    {
      (void)fprintf (stderr, "%s\n", sigpolicy_error_text (error));
      return 1;
    }
  while ((length = getline (&line, &capacity, stdin)) > 0)
    {
      char *answer = answer_line (sp_view_n (line, (size_t)length), &context, &error);
      (void)fputs (answer ? answer : "{\"ok\": false, \"error\": \"out of memory\"}\n", stdout);
      free (answer);
      sp_error_clear (&error);
    }
  free (line);
  sp_context_clear (&context);
  sp_openpgp_remove_homes ();
  return 0;
}
