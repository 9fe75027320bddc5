/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_JSON_JSON_H
#define SP_JSON_JSON_H

#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

/*
 * Strict JSON for what decides: policies, payloads, stored blobs, manifests.
 *
 * A document is checked as a whole first (RFC 8259, nothing more), so one syntax error anywhere is
 * the only thing that is reported; then it is walked. Nothing is merged, dropped or reordered:
 * members keep their document order, duplicates are both there, numbers keep their text, strings
 * their length and their NULs. Invalid UTF-8 and lone surrogates in strings and keys read as
 * U+FFFD, as Go reads them. No recursion.
 *
 * A parsed document never changes, so threads may share it.
 */
struct sp_json;
typedef uint32_t sp_json_node; /* SP_JSON_ROOT, or what iteration gave */
#define SP_JSON_ROOT 0U

enum sp_json_type
{
  SP_JSON_NULL,
  SP_JSON_FALSE,
  SP_JSON_TRUE,
  SP_JSON_NUMBER,
  SP_JSON_STRING,
  SP_JSON_ARRAY,
  SP_JSON_OBJECT,
};

/*
 * Parse text, which must stay as it is until the document is freed. max_depth is the deepest
 * nesting of arrays and objects that is allowed. Failure is of class REJECTED with line and column,
 * reason bad-signature for syntax
 * ("unexpected end of JSON input", "invalid character 'x' ..."), limit for depth or for too many
 * values; the caller re-classes it. What people paste (comments, trailing commas, a byte order
 * mark, single quotes) is named in the message or its hint.
 */
int sp_json_parse (struct sp_view text, unsigned max_depth, struct sp_json **ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_json_free (struct sp_json *json);

/* The text up to the end of its first value, where that is an object or an array, and all of it
 * otherwise: for what Go reads with a decoder, which never looks at what follows. Whether that is
 * well-formed is the parser's matter. */
struct sp_view sp_json_first_value (struct sp_view text);

SP_DEFINE_CLEANUP (struct sp_json *, sp_json_free);
#define cleanup_json SP_CLEANUP (sp_json_free_p)

enum sp_json_type sp_json_type_of (const struct sp_json *json, sp_json_node node);

/* "null", "a boolean", "a number", "a string", "an array", "an object": for messages. */
const char *sp_json_type_words (enum sp_json_type type);

/* Members of an object, elements of an array; 0 for everything else. */
size_t sp_json_count (const struct sp_json *json, sp_json_node node);

/*
 * Walk the members of an object or the elements of an array, in document order:
 *
 *   struct sp_json_iter it = sp_json_iter (json, object);
 *   while (sp_json_next (&it))
 *     use (it.key, it.value);
 *
 * key is decoded, empty for arrays, and borrowed from the document. Over any other type the walk is
 * empty.
 */
struct sp_json_iter
{
  const struct sp_json *json;
  struct sp_view key;
  sp_json_node key_node; /* for positions; the value itself in arrays */
  sp_json_node value;
  size_t index; /* of the current entry, from 0 */
  uint32_t next, left;
  bool object;
};
struct sp_json_iter sp_json_iter (const struct sp_json *json, sp_json_node node);
bool sp_json_next (struct sp_json_iter *it);

/* The decoded string, borrowed; empty for other types. */
struct sp_view sp_json_string (const struct sp_json *json, sp_json_node node);

/* The source text of a value, for numbers and for messages. */
struct sp_view sp_json_source (const struct sp_json *json, sp_json_node node);

/* A number as a double, nearest; false when it is beyond double's range or no number. Locale plays
 * no part. */
bool sp_json_double (const struct sp_json *json, sp_json_node node, double *ret);

/* A number that is written as a plain integer and fits (no fraction, no exponent); false otherwise.
 */
bool sp_json_int64 (const struct sp_json *json, sp_json_node node, int64_t *ret);

/* Is there a number beyond double's range anywhere below node? Go refuses those even where it
 * ignores the member. */
bool sp_json_has_huge_number (const struct sp_json *json, sp_json_node node);

/* Line and column (in bytes), both from 1. */
void sp_json_position (const struct sp_json *json, sp_json_node node, unsigned *ret_line,
                       unsigned *ret_column);

/*
 * Set an error that names the position of a node: line, column and path
 * (transports.docker["quay.io/ns"][0].keyPath; keys that are plain words are written with a dot,
 * others quoted). Returns the code.
 */
int sp_json_error (const struct sp_json *json, sp_json_node node, sigpolicy_error **err, int code,
                   sigpolicy_reason reason, const char *format, ...)
    __attribute__ ((format (printf, 6, 7)));

/* The same position for an error that another module has set. Returns the code. */
int sp_json_error_at (const struct sp_json *json, sp_json_node node, sigpolicy_error **err);

/* Does a key name a field, as Go's lenient decoder folds them: ASCII case is ignored, and U+017F is
 * an s, U+212A a k? */
bool sp_json_folds_to (struct sp_view key, const char *name);

/* The last member of object whose key is name to the letter (or folds to it); false when there is
 * none. */
bool sp_json_find (const struct sp_json *json, sp_json_node object, const char *name,
                   sp_json_node *ret);
bool sp_json_find_folded (const struct sp_json *json, sp_json_node object, const char *name,
                          sp_json_node *ret);

/* The same of n different names in one walk: ret[i] is the value of names[i], or SP_JSON_ROOT,
 * which is nobody's member, where there is none. */
void sp_json_find_all_folded (const struct sp_json *json, sp_json_node object,
                              const char *const *names, size_t n, sp_json_node *ret);

/*
 * Is there a key twice in an object? *ret_second_key is the first key in document order that
 * repeats an earlier one. O(n log n), for objects whose keys are free; sp_json_decode() checks its
 * own.
 */
int sp_json_find_duplicate (const struct sp_json *json, sp_json_node object, bool *ret_found,
                            sp_json_node *ret_second_key,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * An object or array as RFC 8785 writes it (the JSON Canonicalization Scheme), which is what a log
 * signs. Failure: REJECTED/bad-signature, for a key that stands twice, a lone surrogate, a number
 * beyond double's range; limit for more than 16 levels.
 */
int sp_json_canonical (const struct sp_json *json, sp_json_node node, struct sp_buf *out,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Binary values, such as keyData: a base64 string, or an array of integers 0 to 255 in which null
 * is 0. Returns 0, or an error with its position, of class REJECTED/bad-signature.
 */
int sp_json_bytes (const struct sp_json *json, sp_json_node node, struct sp_buf *out,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
