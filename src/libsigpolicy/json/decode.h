/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_JSON_DECODE_H
#define SP_JSON_DECODE_H

#include "json/json.h"

/*
 * Strict objects from tables of fields, at most 64 of them: keys match to the letter; a key twice
 * is "Duplicate key %q", a key that is not in the table "Unknown key %q"; members are taken in
 * document order and the first fault is the one reported. A table row says where a field goes and
 * how it is read.
 */
struct sp_json_field
{
  const char *name;
  /* Reads the value into out; sets an error with its position and returns its code on failure.
   * NULL: take note only. */
  int (*read) (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err);
  void *out;
  bool *present;      /* set to true when the key is there, whatever its value; may be NULL */
  sp_json_node *node; /* receives the value's node; may be NULL */
};

enum sp_json_exactness
{
  SP_JSON_OPTIONAL_FIELDS,
  SP_JSON_EXACT, /* every field of the table must be there: "Key %q missing in a JSON object" */
};

/* What class and reason the faults of this document have: CONFIG/config-error for a policy,
 * REJECTED/bad-signature for a payload. */
struct sp_json_faults
{
  int code;
  sigpolicy_reason reason;
};

/* "JSON object expected, got %s" for anything else than an object. An unknown key gets a "did you
 * mean" hint where one of the table is near. */
int sp_json_decode (const struct sp_json *json, sp_json_node object,
                    const struct sp_json_field *fields, size_t n_fields,
                    enum sp_json_exactness exactness, const struct sp_json_faults *faults,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The nearest of the words to what was written (small edit distance, case ignored), or NULL; for
 * "did you mean". */
/* Another word in place of a key or a string, as the edit of a hint that says so. */
int sp_json_hint_word (const struct sp_json *json, sp_json_node node, const char *word,
                       sigpolicy_error **err);

const char *sp_json_nearest (struct sp_view written, const char *const *words, size_t n_words);

#endif
