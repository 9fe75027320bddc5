/* SPDX-License-Identifier: Apache-2.0 */
#include "model/signature_blob.h"

#include "json/json.h"
#include "model/attachment.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/hint.h"
#include "util/limits.h"

static const char *const format_names[] = {
  [SP_SIGNATURE_SIMPLE_SIGNING] = "simple-signing",
  [SP_SIGNATURE_SIGSTORE_JSON] = "sigstore-json",
  [SP_SIGNATURE_BUNDLE] = "sigstore-bundle",
};

const char *
sp_signature_format_name (enum sp_signature_format format)
{
  return format_names[format];
}

void
sp_signature_blob_free (struct sp_signature_blob *blob)
{
  if (!blob)
    return;
  free (blob->source);
  sp_buf_clear (&blob->bytes);
  sp_buf_clear (&blob->mime_type);
  sp_buf_clear (&blob->payload);
  free (blob->annotations);
  free (blob->annotation_text);
  free (blob);
}

/* Bytewise, a prefix before what it begins. */
static int
compare_views (struct sp_view a, struct sp_view b)
{
  size_t common = a.len < b.len ? a.len : b.len;
  int order = common ? memcmp (a.data, b.data, common) : 0;
  return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

bool
sp_signature_blob_annotation (const struct sp_signature_blob *blob, const char *key,
                              struct sp_view *ret)
{
  for (size_t i = 0; i < blob->n_annotations; i++)
    if (sp_view_is (blob->annotations[i].key, key))
      {
        *ret = blob->annotations[i].value;
        return true;
      }
  return false;
}

/* --- sigstore-json ---------------------------------------------------------------------------- */

/* An annotation as the document has it; its views are the document's. */
struct member
{
  struct sp_view key, value;
  size_t position;
};

struct members
{
  struct member *items;
  size_t len, capacity;
};

static void
members_clear (struct members *members)
{
  free (members->items);
}

static int
wrong_type (const struct sp_json *json, sp_json_node node, const char *field, const char *expected,
            sigpolicy_error **err)
{
  return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                        "%s of a stored signature: expected %s, got %s", field, expected,
                        sp_json_type_words (sp_json_type_of (json, node)));
}

/* null leaves a string as it is. */
static int
read_mime_type (const struct sp_json *json, sp_json_node node, struct sp_signature_blob *blob,
                sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  if (type == SP_JSON_NULL)
    return 0;
  if (type != SP_JSON_STRING)
    return wrong_type (json, node, "\"mimeType\"", "a string", err);
  sp_buf_clear (&blob->mime_type);
  sp_buf_add (&blob->mime_type, sp_json_string (json, node));
  return sp_buf_check (&blob->mime_type, err);
}

/* null takes a payload away that stood before it. */
static int
read_payload (const struct sp_json *json, sp_json_node node, struct sp_signature_blob *blob,
              sigpolicy_error **err)
{
  sp_buf_clear (&blob->payload);
  if (sp_json_type_of (json, node) == SP_JSON_NULL)
    return 0;
  return sp_json_bytes (json, node, &blob->payload, err);
}

/* A second object adds to the first, and null takes all of them away; null as a value is "". */
static int
read_annotations (const struct sp_json *json, sp_json_node node, struct members *members,
                  sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  if (type == SP_JSON_NULL)
    members->len = 0;
  else if (type != SP_JSON_OBJECT)
    return wrong_type (json, node, "\"annotations\"", "an object", err);

  struct sp_json_iter it = sp_json_iter (json, node);
  while (sp_json_next (&it))
    {
      type = sp_json_type_of (json, it.value);
      if (type != SP_JSON_STRING && type != SP_JSON_NULL)
        return wrong_type (json, it.value, "an annotation", "a string", err);
      int rc = sp_grow (&members->items, &members->capacity, members->len, sizeof *members->items,
                        err);
      if (rc < 0)
        return rc;
      struct member member = { it.key, sp_json_string (json, it.value), members->len };
      members->items[members->len++] = member;
    }
  return 0;
}

static int
compare_members (const void *left, const void *right)
{
  const struct member *a = left, *b = right;
  int order = compare_views (a->key, b->key);
  return order ? order : a->position < b->position ? -1 : 1;
}

static void
copy_text (char **at, struct sp_view from, struct sp_view *to)
{
  if (from.len)
    memcpy (*at, from.data, from.len);
  *to = sp_view_n (*at, from.len);
  *at += from.len;
}

/* Copies the last value of each key, all of them into one piece of memory: a hostile blob can hold
 * half a million. */
static int
keep_annotations (struct members *members, struct sp_signature_blob *blob, sigpolicy_error **err)
{
  size_t kept = 0, bytes = 0;

  if (!members->len)
    return 0;
  qsort (members->items, members->len, sizeof *members->items, compare_members);
  for (size_t i = 0; i < members->len; i++)
    {
      if (i + 1 < members->len && sp_view_equal (members->items[i].key, members->items[i + 1].key))
        continue;
      members->items[kept++] = members->items[i];
      bytes += members->items[i].key.len + members->items[i].value.len;
    }

  blob->annotations = sp_calloc (kept, sizeof *blob->annotations, err);
  blob->annotation_text = blob->annotations ? sp_calloc (bytes, 1, err) : NULL;
  if (!blob->annotation_text)
    return SIGPOLICY_E_NO_MEMORY;
  char *at = blob->annotation_text;
  for (; blob->n_annotations < kept; blob->n_annotations++)
    {
      const struct member *member = &members->items[blob->n_annotations];
      struct sp_annotation *annotation = &blob->annotations[blob->n_annotations];
      copy_text (&at, member->key, &annotation->key);
      copy_text (&at, member->value, &annotation->value);
    }
  return 0;
}

/*
 * Read as the writers of this format read it: keys in any case, unknown ones ignored, the last of
 * several counting, everything optional; "null" is an empty signature. But a value of another type
 * is an error wherever it stands.
 */
static int
read_sigstore (struct sp_view text, struct sp_signature_blob *blob, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  SP_CLEANUP (members_clear) struct members members = { 0 };

  int rc = sp_json_parse (text, SP_JSON_DEPTH_MAX, &json, err);
  if (rc < 0)
    return rc;
  enum sp_json_type type = sp_json_type_of (json, SP_JSON_ROOT);
  if (type != SP_JSON_OBJECT && type != SP_JSON_NULL)
    return wrong_type (json, SP_JSON_ROOT, "the document", "an object", err);

  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    {
      if (sp_json_folds_to (it.key, "mimeType"))
        rc = read_mime_type (json, it.value, blob, err);
      else if (sp_json_folds_to (it.key, "payload"))
        rc = read_payload (json, it.value, blob, err);
      else if (sp_json_folds_to (it.key, "annotations"))
        rc = read_annotations (json, it.value, &members, err);
    }
  return rc < 0 ? rc : keep_annotations (&members, blob, err);
}

/* --- recognition ------------------------------------------------------------------------------ */

static int
bad_signature (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE, "%s", text);
}

/* NUL, name, newline, data. */
static int
read_framed (struct sp_signature_blob *blob, sigpolicy_error **err)
{
  struct sp_view rest = sp_view_from (sp_buf_view (&blob->bytes), 1);
  size_t newline = sp_view_find (rest, '\n');
  if (newline == SP_VIEW_NONE)
    return bad_signature (err, "invalid signature format, missing newline");

  struct sp_view name = sp_view_head (rest, newline), data = sp_view_from (rest, newline + 1);
  for (size_t i = 0; i < name.len; i++)
    {
      unsigned char byte = (unsigned char)name.data[i];
      if (byte < 0x20 || byte >= 0x7f)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                             "invalid signature format, non-ASCII byte 0x%x", byte);
    }
  if (sp_view_is (name, format_names[SP_SIGNATURE_SIMPLE_SIGNING]))
    {
      blob->message = data;
      return 0;
    }
  if (sp_view_is (name, format_names[SP_SIGNATURE_SIGSTORE_JSON]))
    {
      blob->format = SP_SIGNATURE_SIGSTORE_JSON;
      return read_sigstore (data, blob, err);
    }
  cleanup_free char *quoted = sp_quote_dup (name, err);
  return quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                                "unrecognized signature format %s", quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

/*
 * The first byte of an OpenPGP packet that can begin a signed message: compressed data, one-pass
 * signature, signature, in the old packet format with any length type or in the new one. Two are
 * not what the rule would give, and stay so because images are judged alike everywhere: 0x93 is not
 * taken, and 0x3d is.
 */
static bool
begins_message (unsigned char byte)
{
  static const char first[] = "\xa0\xa1\xa2\xa3\xc8"
                              "\x90\x91\x92\x3d\xc4"
                              "\x88\x89\x8a\x8b\xc2";
  return memchr (first, byte, sizeof first - 1) != NULL;
}

/* The binary message in place of an armored file. */
static void
offer_dearmor (const char *path, sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_free char *made = sp_asprintf (&no_memory, "%s.new", path);

  if (!made)
    {
      (void)sp_error_no_memory (err);
      return;
    }
  sp_shell_raw (&shell, "gpg --batch --yes --output");
  sp_shell_word (&shell, made);
  sp_shell_raw (&shell, "--dearmor");
  sp_shell_word (&shell, path);
  sp_shell_raw (&shell, "&& mv");
  sp_shell_word (&shell, made);
  sp_shell_word (&shell, path);
  (void)sp_error_hint_command (err, &shell);
}

/* What people store by mistake. */
static void
hint_at (struct sp_view bytes, const char *source, sigpolicy_error **err)
{
  static const struct sp_view armor = SP_VIEW ("-----BEGIN PGP"),
                              message = SP_VIEW ("-----BEGIN PGP MESSAGE");

  if (sp_view_starts (bytes, armor))
    (void)sp_error_hint (err, "this is ASCII armor: store the binary message (gpg --dearmor)");
  if (sp_view_starts (bytes, message) && !strstr (source, "://"))
    offer_dearmor (source, err);
  else if (sp_view_starts (bytes, armor))
    return;
  else if (bytes.data[0] == '-')
    (void)sp_error_hint (err,
                         "this looks like PEM or ASCII armor: store the binary OpenPGP message");
  else if (bytes.data[0] == '{')
    (void)sp_error_hint (err, "this looks like JSON, which is not a format of stored signatures");
  else if (bytes.data[0] == '<')
    (void)sp_error_hint (err, "this looks like a web page, not a signature");
}

static int
recognize (struct sp_signature_blob *blob, sigpolicy_error **err)
{
  struct sp_view bytes = sp_buf_view (&blob->bytes);
  if (!bytes.len)
    return bad_signature (err, "empty signature blob");
  if (bytes.len > SP_SIGNATURE_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "exceeded maximum allowed size of %lu bytes", SP_SIGNATURE_BYTES_MAX);
  unsigned char first = (unsigned char)bytes.data[0];
  if (first == 0)
    return read_framed (blob, err);
  if (begins_message (first))
    {
      blob->message = bytes;
      return 0;
    }
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                      "unrecognized signature format, starting with binary 0x%x", first);
  const struct sp_attachment *attachment = first == '{' ? sp_attachment_of_text (bytes) : NULL;
  if (attachment)
    {
      (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
      return sp_error_hint (err, "this is %s; %s", attachment->words, attachment->needs);
    }
  hint_at (bytes, blob->source, err);
  return sigpolicy_error_code (*err);
}

/* An empty one, which has taken bytes over. */
static int
begin (struct sp_buf *bytes, const char *source, struct sp_signature_blob **ret,
       sigpolicy_error **err)
{
  static const struct sp_buf empty = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_signature_blob struct sp_signature_blob *blob = sp_calloc (1, sizeof *blob, err);

  if (!blob)
    {
      sp_buf_clear (bytes);
      return SIGPOLICY_E_NO_MEMORY;
    }
  blob->bytes = *bytes;
  blob->mime_type = blob->payload = *bytes = empty;
  blob->source = sp_strdup (source, err);
  if (!blob->source)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&blob);
  return 0;
}

int
sp_signature_blob_parse (struct sp_buf *bytes, const char *source, struct sp_signature_blob **ret,
                         sigpolicy_error **err)
{
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  int rc = begin (bytes, source, &blob, err);
  if (rc == 0)
    rc = recognize (blob, err);
  if (rc == 0)
    *ret = steal (&blob);
  return rc;
}

int
sp_signature_blob_of_message (struct sp_buf *message, const char *source,
                              struct sp_signature_blob **ret, sigpolicy_error **err)
{
  int rc = begin (message, source, ret, err);
  if (rc == 0)
    (*ret)->message = sp_buf_view (&(*ret)->bytes);
  return rc;
}

bool
sp_signature_bytes_are_bundle (struct sp_view bytes)
{
  while (bytes.len && memchr (" \t\r\n", bytes.data[0], 4))
    bytes = sp_view_from (bytes, 1);
  return bytes.len && bytes.data[0] == '{';
}

int
sp_signature_blob_of_bundle (struct sp_buf *bytes, const char *source,
                             struct sp_signature_blob **ret, sigpolicy_error **err)
{
  int rc = begin (bytes, source, ret, err);
  if (rc == 0)
    (*ret)->format = SP_SIGNATURE_BUNDLE;
  return rc;
}

int
sp_signature_blob_of_attachment (const struct sp_json *json, uint32_t descriptor,
                                 struct sp_buf *payload, const char *source,
                                 struct sp_signature_blob **ret, sigpolicy_error **err)
{
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  SP_CLEANUP (members_clear) struct members members = { 0 };
  sp_json_node node;

  int rc = begin (payload, source, &blob, err);
  if (rc < 0)
    return rc;
  blob->format = SP_SIGNATURE_SIGSTORE_JSON;
  blob->payload = blob->bytes;
  blob->bytes = (struct sp_buf)SP_BUF (0);
  if (sp_json_find_folded (json, descriptor, "mediaType", &node))
    rc = read_mime_type (json, node, blob, err);
  if (rc == 0 && sp_json_find_folded (json, descriptor, "annotations", &node))
    rc = read_annotations (json, node, &members, err);
  if (rc == 0)
    rc = keep_annotations (&members, blob, err);
  if (rc == 0)
    *ret = steal (&blob);
  return rc;
}
